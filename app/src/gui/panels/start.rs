//! The first screen: open a folder, start with an example, go on where you were.

use std::path::Path;

use cgi_engine::interpreters::Interpreter;
use eframe::egui::{
    Align, Layout, Rect, RichText, Role, ScrollArea, Sense, StrokeKind, Ui, UiBuilder, Vec2,
    WidgetInfo,
};

use super::{path_field, words};
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::{button, key_cap, line};
use crate::preferences::RecentFolder;
use crate::samples::{Group, Sample, samples};

const WIDTH: f32 = 980.0;
const CARD_HEIGHT: f32 = 92.0;
const CARD_GAP: f32 = 12.0;

/// What the first screen remembers.
#[derive(Default)]
pub(super) struct State {
    path: path_field::Typed,
}

/// Draws the screen over the whole window.
pub(super) fn ui(ui: &mut Ui, model: &Model, state: &mut State, commands: &mut Vec<Command>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let width = (ui.available_width() - 64.0).min(WIDTH);
        let left = (ui.available_width() - width) / 2.0;
        let top = ((ui.available_height() - 640.0) * 0.35).clamp(24.0, 96.0);
        ui.add_space(top);
        ui.horizontal_top(|ui| {
            ui.add_space(left);
            ui.vertical(|ui| {
                ui.set_width(width);
                contents_ui(ui, model, state, commands);
            });
        });
        ui.add_space(24.0);
    });
}

fn contents_ui(ui: &mut Ui, model: &Model, state: &mut State, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.label(RichText::new("CGI Studio").text_style(theme::display_style()));
    let claim = "Run, see and understand CGI scripts. No account; nothing leaves this computer.";
    ui.label(theme.weak(claim).size(15.0));
    ui.add_space(24.0);
    open_ui(ui, model, state, commands);
    progress_ui(ui, model);
    ui.add_space(28.0);
    ui.label(theme::strong_text("Start with an example"));
    ui.add_space(2.0);
    examples_ui(ui, Group::Start, commands);
    ui.add_space(16.0);
    ui.label(theme::strong_text("See what goes wrong, and why"));
    ui.add_space(2.0);
    examples_ui(ui, Group::Broken, commands);
    ui.add_space(28.0);
    recent_ui(ui, model, commands);
    found_ui(ui, model);
}

fn open_ui(ui: &mut Ui, model: &Model, state: &mut State, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        if ui.add(button::primary("Open a folder…").large()).clicked() {
            commands.push(Command::ChooseFolder);
        }
        ui.add_space(4.0);
        key_cap::ui(ui, "Ctrl O");
        ui.add_space(4.0);
        let drop = if cfg!(target_os = "linux") && std::env::var_os("WAYLAND_DISPLAY").is_some() {
            "or type its path"
        } else {
            "or drop a folder here, or type its path"
        };
        ui.label(theme.weak(drop));
        path_ui(ui, model, state, commands);
    });
}

/// The dialog of the system may be missing without a word; a typed path always works.
fn path_ui(ui: &mut Ui, model: &Model, state: &mut State, commands: &mut Vec<Command>) {
    let field = path_field::Field {
        name: "Path of a folder",
        hint: "~/path/to/folder",
        note: "Tab completes, Enter opens",
        width: ui.available_width().clamp(160.0, 420.0),
    };
    if path_field::ui(ui, model, &mut state.path, &field, commands) {
        commands.extend(state.path.path().map(Command::Open));
    }
}

fn progress_ui(ui: &mut Ui, model: &Model) {
    if let Some(folder) = &model.opening {
        ui.add_space(8.0);
        mark::ui(
            ui,
            Mark::Running,
            &format!("Opening {}…", words::path(folder)),
        );
    }
    if let Some(problem) = &model.problem {
        ui.add_space(8.0);
        mark::ui(
            ui,
            Mark::Failed,
            &format!("{} was not opened", words::path(&problem.folder)),
        );
        ui.label(&problem.text);
    }
}

fn examples_ui(ui: &mut Ui, group: Group, commands: &mut Vec<Command>) {
    let offered: Vec<&Sample> = samples()
        .iter()
        .filter(|sample| sample.group == group)
        .collect();
    let width = ui.available_width();
    let columns = ((width + CARD_GAP) / (180.0 + CARD_GAP))
        .floor()
        .clamp(1.0, 5.0);
    let card = (width - CARD_GAP * (columns - 1.0)) / columns;
    ui.spacing_mut().item_spacing.y = CARD_GAP;
    for row in offered.chunks(columns as usize) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = CARD_GAP;
            for sample in row {
                if example_ui(ui, sample, card.floor()) {
                    commands.push(Command::OpenSample(sample.name));
                }
            }
        });
    }
    ui.spacing_mut().item_spacing.y = theme::GRID;
}

fn example_ui(ui: &mut Ui, sample: &Sample, width: f32) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, CARD_HEIGHT), Sense::click());
    let name = format!("{}: {}", sample.title, sample.description);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let stroke = if response.has_focus() {
        theme.focus()
    } else if response.hovered() {
        eframe::egui::Stroke::new(1.0, theme.border_strong)
    } else {
        theme.separator()
    };
    let fill = if response.hovered() {
        theme.raised
    } else {
        theme.panel
    };
    ui.painter().rect(
        rect,
        f32::from(theme::RADIUS),
        fill,
        stroke,
        StrokeKind::Inside,
    );
    let inner = rect.shrink2(Vec2::new(16.0, 14.0));
    let title = Rect::from_min_size(inner.min, Vec2::new(inner.width(), 20.0));
    line::paint(
        ui.painter(),
        title,
        Align::Min,
        &sample.title,
        theme::strong(),
        theme.text,
    );
    let text = ui.painter().layout(
        sample.description.clone(),
        theme::body(),
        theme.weak,
        inner.width(),
    );
    let painter = ui.painter_at(inner);
    painter.galley(inner.min + Vec2::new(0.0, 24.0), text, theme.weak);
    response.clicked()
}

fn recent_ui(ui: &mut Ui, model: &Model, commands: &mut Vec<Command>) {
    if model.preferences.recent.is_empty() {
        return;
    }
    ui.label(theme::strong_text("Recent"));
    ui.spacing_mut().item_spacing.y = 0.0;
    for recent in &model.preferences.recent {
        recent_row_ui(ui, model, recent, commands);
    }
    ui.spacing_mut().item_spacing.y = theme::GRID;
    ui.add_space(28.0);
}

fn recent_row_ui(ui: &mut Ui, model: &Model, recent: &RecentFolder, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let width = ui.available_width().min(640.0);
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(width, theme::ROW_HEIGHT), Sense::click());
    let name = words::name_of(&recent.path);
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Button,
            true,
            format!("Open {name}, {}", recent.path.display()),
        )
    });
    if response.hovered() || response.has_focus() {
        ui.painter()
            .rect_filled(rect, f32::from(theme::RADIUS), theme.row_hover);
    }
    let inner = rect.shrink2(Vec2::new(8.0, 0.0));
    let forget = Rect::from_center_size(
        inner.right_center() - Vec2::new(8.0, 0.0),
        Vec2::splat(24.0),
    );
    let when = words::ago(recent.opened, model.now);
    let when = line::paint(
        ui.painter(),
        inner.with_max_x(forget.left() - 8.0),
        Align::Max,
        &when,
        theme::body(),
        theme.weak,
    );
    let title = inner.with_max_x(inner.left() + 150.0);
    line::paint(
        ui.painter(),
        title,
        Align::Min,
        &name,
        theme::body(),
        theme.text,
    );
    let path = inner
        .with_min_x(title.right() + 12.0)
        .with_max_x(when.left() - 12.0);
    line::paint(
        ui.painter(),
        path,
        Align::Min,
        &words::path(&recent.path),
        theme::mono(),
        theme.weak,
    );
    if response.clicked() {
        commands.push(Command::Open(recent.path.clone()));
    }
    let mut corner = ui.new_child(
        UiBuilder::new()
            .max_rect(forget)
            .layout(Layout::left_to_right(Align::Center)),
    );
    if button::icon_ui(
        &mut corner,
        Icon::Cross,
        &format!("Remove {name} from this list"),
    )
    .clicked()
    {
        commands.push(Command::Forget(recent.path.clone()));
    }
}

fn found_ui(ui: &mut Ui, model: &Model) {
    let theme = Theme::of(ui);
    let Some(found) = &model.interpreters else {
        ui.label(theme.weak("Looking for interpreters…"));
        return;
    };
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            mark::ui(ui, Mark::Failed, why);
            return;
        }
    };
    if let Some(lack) = lack_of_python(found) {
        mark::ui(ui, Mark::Warning, &lack);
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for one in found.iter().filter(|one| one.first) {
            crate::gui::widgets::icon::ui(ui, Icon::Check, 10.0, theme.ok);
            let version = one
                .version
                .as_deref()
                .map_or_else(String::new, |version| format!(" {version}"));
            ui.label(theme.weak(format!("{}{version}", one.name)))
                .on_hover_text(path_of(&one.path));
            ui.add_space(12.0);
        }
    });
}

/// What to say where `#!/usr/bin/env python3` finds nothing.
fn lack_of_python(found: &[Interpreter]) -> Option<String> {
    let mut pythons = found.iter().filter(|one| one.name == "python3").peekable();
    let Some(python) = pythons.peek() else {
        let words = "No Python was found; scripts in Python cannot run until it is installed";
        return Some(words.to_owned());
    };
    let path = path_of(&python.path);
    let words = format!("Scripts do not find Python on their PATH; a site can be given {path}");
    (!pythons.any(|one| one.first)).then_some(words)
}

fn path_of(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::interpreters::Origin;

    fn interpreter(name: &str, first: bool) -> Interpreter {
        Interpreter {
            path: format!("/opt/{name}").into(),
            name: name.into(),
            origin: Origin::Pyenv,
            version: None,
            lacks: Vec::new(),
            unasked: false,
            first,
            chosen_for: Vec::new(),
        }
    }

    #[track_caller]
    fn check_lack(found: &[(&str, bool)], expected: Option<&str>) {
        let found: Vec<Interpreter> = found
            .iter()
            .map(|(name, first)| interpreter(name, *first))
            .collect();
        let lack = lack_of_python(&found);
        assert_eq!(lack.is_some(), expected.is_some(), "{lack:?}");
        assert!(
            lack.unwrap_or_default()
                .contains(expected.unwrap_or_default())
        );
    }

    #[test]
    fn a_python_that_scripts_do_not_find_is_told_of() {
        check_lack(&[], Some("No Python was found"));
        check_lack(&[("perl", true)], Some("No Python was found"));
        check_lack(
            &[("perl", true), ("python3", false)],
            Some("given /opt/python3"),
        );
        check_lack(&[("python3", false), ("python3", true)], None);
    }
}
