//! The bar at the top: which folder, where it is served, what the server does, and the way to all commands.

use cgi_engine::convert::Host;
use cgi_engine::message::Phase;
use eframe::egui::{
    Align, Button, Layout, Popup, Rect, Role, Sense, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo,
};

use super::log::verb_button_ui;
use super::words;
use crate::gui::command::{Command, LoopCommand};
use crate::gui::model::Model;
use crate::gui::model::site::SiteModel;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::chip;
use crate::gui::widgets::icon::{self, Icon};
use crate::gui::widgets::key_cap::KeyCap;
use crate::gui::widgets::line;

const PAUSED: &str = "Not recording";

/// Draws the bar over the place that is left.
pub(super) fn ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    let place = ui.max_rect().shrink2(Vec2::new(12.0, 0.0));
    let mut bar = ui.new_child(
        UiBuilder::new()
            .max_rect(place)
            .layout(Layout::left_to_right(Align::Center)),
    );
    site_menu_ui(&mut bar, model, site, commands);
    state_ui(&mut bar, model, site, commands);
    bar.with_layout(Layout::right_to_left(Align::Center), |ui| {
        palette_field_ui(ui, commands);
    });
}

fn site_menu_ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let galley = line::galley(
        ui.painter(),
        &site.state.name,
        theme::heading(),
        theme.text,
        220.0,
    );
    let size = Vec2::new(galley.size().x + 22.0, 28.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, format!("Folder {}", site.state.name))
    });
    let response = response.on_hover_text(words::path(&site.state.folder));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(
            rect.expand2(Vec2::new(6.0, 0.0)),
            f32::from(theme::RADIUS),
            theme.raised_hover,
        );
    }
    let top = rect.center().y - galley.size().y / 2.0;
    ui.painter()
        .galley(eframe::egui::pos2(rect.left(), top), galley, theme.text);
    let arrow = Rect::from_center_size(rect.right_center() - Vec2::new(6.0, 0.0), Vec2::splat(9.0));
    icon::paint(ui.painter(), arrow, Icon::Down, theme.weak);
    Popup::menu(&response).show(|ui| {
        ui.set_min_width(280.0);
        if ui.button("Open a folder…").clicked() {
            commands.push(Command::ChooseFolder);
        }
        let others = model
            .preferences
            .recent
            .iter()
            .filter(|recent| recent.path != site.state.folder);
        let others: Vec<_> = others.take(8).collect();
        if !others.is_empty() {
            ui.separator();
        }
        for recent in others {
            let button = Button::new(words::name_of(&recent.path))
                .right_text(theme.weak(words::path(&recent.path)));
            if ui.add(button).clicked() {
                commands.push(Command::Open(recent.path.clone()));
            }
        }
        ui.separator();
        if ui.button("Deploy check…").clicked() {
            commands.push(Command::DeployCheck(Host::Apache));
        }
        if ui.button("Import Apache configuration…").clicked() {
            commands.push(Command::ImportApache);
        }
        ui.separator();
        if ui.button("Close this folder").clicked() {
            commands.push(Command::CloseSite);
        }
    });
}

fn state_ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let (color, word) = match site.state.phase {
        Phase::Serving if site.state.address.is_none() => (theme.weak, "Not on the network"),
        Phase::Serving => (theme.ok, "Serving"),
        Phase::Paused => (theme.warn, PAUSED),
        Phase::FolderGone => (theme.fail, "The folder is gone"),
        Phase::Stopping => (theme.weak, "Stopping"),
    };
    ui.add_space(8.0);
    ui.spacing_mut().item_spacing.x = 6.0;
    icon::ui(ui, Icon::Dot, 10.0, color);
    state_word_ui(ui, word);
    if let Some(url) = model.site_url() {
        ui.monospace(url.trim_end_matches('/'));
    }
    ui.add_space(6.0);
    ui.spacing_mut().item_spacing.x = 8.0;
    if site.state.address.is_some() {
        verb_button_as(ui, "Copy", &Command::CopyAddress, commands);
        verb_button_ui(ui, model, &Command::OpenInBrowser, commands);
    }
    let pause = if site.state.phase == Phase::Paused {
        Command::Resume
    } else {
        Command::Pause
    };
    // What changes its words comes last, so that nothing moves away under the pointer.
    verb_button_ui(ui, model, &Command::Restart, commands);
    verb_button_ui(ui, model, &pause, commands);
    if site.looping.reloads_pages
        && chip::ui_with_state(ui, true, "browser reloads", None)
            .on_hover_text("Pages get a small script and reload after a save; click to end that")
            .clicked()
    {
        commands.push(Command::Loop(LoopCommand::SwitchReload));
    }
    if let Some(host) = site.serving_as
        && chip::ui_with_state(ui, true, &format!("as {}", host.short()), None)
            .on_hover_text("Requests are run as this host would run them; click to end that")
            .clicked()
    {
        commands.push(Command::ServeAs(None));
    }
}

/// The state in a place that is wide enough for pausing to move nothing.
fn state_word_ui(ui: &mut Ui, word: &str) {
    let color = Theme::of(ui).text;
    let width = |word: &str| {
        line::galley(ui.painter(), word, theme::body(), color, f32::INFINITY)
            .size()
            .x
    };
    let size = Vec2::new(width(word).max(width(PAUSED)).ceil(), 20.0);
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_width(size.x);
        ui.label(word);
    });
}

/// Beside the address it is plain what is copied.
fn verb_button_as(ui: &mut Ui, label: &str, command: &Command, commands: &mut Vec<Command>) {
    let hint = crate::gui::command::verb_of(command)
        .map(|verb| verb.hint())
        .unwrap_or_default();
    if ui
        .add(crate::gui::widgets::button::quiet(label))
        .on_hover_text(hint)
        .clicked()
    {
        commands.push(command.clone());
    }
}

/// Looks like a field and opens the palette, which has the real one.
fn palette_field_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let width = (ui.available_width() - 24.0).min(420.0);
    if width < 120.0 {
        return;
    }
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 30.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Search or run a command"));
    let stroke = if response.has_focus() {
        theme.focus()
    } else if response.hovered() {
        eframe::egui::Stroke::new(1.0, theme.border_strong)
    } else {
        theme.separator()
    };
    ui.painter().rect(
        rect,
        f32::from(theme::RADIUS),
        theme.base,
        stroke,
        StrokeKind::Inside,
    );
    let key = KeyCap::new(ui.painter(), "Ctrl K", theme.weak);
    let key_place = Rect::from_center_size(
        rect.right_center() - Vec2::new(8.0 + key.size().x / 2.0, 0.0),
        key.size(),
    );
    let text = rect
        .shrink2(Vec2::new(10.0, 0.0))
        .with_max_x(key_place.left() - 8.0);
    line::paint(
        ui.painter(),
        text,
        Align::Min,
        "Search or run a command",
        theme::body(),
        theme.weak,
    );
    key.paint(ui.painter(), key_place, theme, theme.weak);
    if response.clicked() {
        commands.push(Command::Palette);
    }
}
