//! The open files as a row of names, and the way to the other editor.

use std::path::PathBuf;

use eframe::egui::{Align, Layout, Rect, Response, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo};

use crate::gui::command::{Command, EditorCommand};
use crate::gui::model::Model;
use crate::gui::model::editor::document::file_name;
use crate::gui::model::editor::{Editor, Page};
use crate::gui::panels::words;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::{self, Icon};
use crate::gui::widgets::{button, line};

/// The height of the row, in points.
pub(super) const HEIGHT: f32 = 36.0;

/// Draws the row over the place that is left.
pub(super) fn ui(ui: &mut Ui, model: &Model, editor: &Editor, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let place = ui.max_rect();
    ui.painter().rect_filled(place, 0.0, theme.panel);
    ui.painter()
        .hline(place.x_range(), place.bottom() - 0.5, theme.separator());
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.add_space(8.0);
        outside_ui(ui, model, commands);
        ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let is_news = is_shown_anew(ui, editor);
            ScrollArea::horizontal().id_salt("pages").show(ui, |ui| {
                ui.horizontal(|ui| {
                    for (at, page) in editor.pages().iter().enumerate() {
                        let tab = page_ui(ui, editor, at, page, commands);
                        if is_news && editor.active() == at {
                            tab.scroll_to_me(None);
                        }
                    }
                });
            });
        });
    });
}

/// Whether another file is shown than in the last frame, so that its name may be out of sight.
fn is_shown_anew(ui: &Ui, editor: &Editor) -> bool {
    let shown = editor.page().map(|page| page.path.clone());
    let place = ui.scope_id().with("shown page");
    ui.data_mut(|data| {
        let before = data.get_temp_mut_or_default::<Option<PathBuf>>(place);
        let is_news = *before != shown;
        *before = shown;
        is_news
    })
}

fn outside_ui(ui: &mut Ui, model: &Model, commands: &mut Vec<Command>) {
    let name = model.outside.first().map(|editor| editor.name.as_str());
    let (text, hint, command) = match name {
        Some(name) => (
            format!("Open in {name}"),
            "Open the file there, at this line; right click for another editor",
            EditorCommand::OpenShownOutside,
        ),
        None => (
            "Open in…".to_owned(),
            "Choose another editor",
            EditorCommand::ChooseOutside,
        ),
    };
    let shown = ui.add(button::quiet(&text).key("Ctrl E"));
    if shown.clicked() {
        commands.push(Command::Editor(command));
    }
    if shown.secondary_clicked() {
        commands.push(Command::Editor(EditorCommand::ChooseOutside));
    }
    shown.on_hover_text(hint);
}

fn page_ui(
    ui: &mut Ui,
    editor: &Editor,
    at: usize,
    page: &Page,
    commands: &mut Vec<Command>,
) -> Response {
    let theme = Theme::of(ui);
    let is_unsaved = editor.has_unsaved(&page.path);
    let name = file_name(&page.path);
    let is_shown = editor.active() == at;
    let font = if is_shown {
        theme::strong()
    } else {
        theme::body()
    };
    let galley = line::galley(ui.painter(), &name, font, theme.text, 220.0);
    let size = Vec2::new(galley.size().x + 54.0, HEIGHT - 1.0);
    let (rect, tab) = ui.allocate_exact_size(size, Sense::click());
    tab.widget_info(|| {
        let state = if is_unsaved { ", not saved" } else { "" };
        WidgetInfo::selected(Role::Tab, true, is_shown, format!("{name}{state}"))
    });
    let ground = match (is_shown, tab.hovered()) {
        (true, _) => theme.base,
        (false, true) => theme.row_hover,
        (false, false) => theme.panel,
    };
    ui.painter().rect_filled(rect, 0.0, ground);
    if is_shown {
        let over = rect.with_max_y(rect.top() + 2.0);
        ui.painter().rect_filled(over, 0.0, theme.accent);
    }
    if tab.has_focus() {
        let inside = eframe::egui::StrokeKind::Inside;
        ui.painter()
            .rect_stroke(rect.shrink(1.0), 2.0, theme.focus(), inside);
    }
    ui.painter()
        .vline(rect.right(), rect.y_range(), theme.separator());
    let left = rect.left_center() + Vec2::new(14.0, -galley.size().y / 2.0);
    ui.painter().galley(left, galley, theme.text);
    close_ui(ui, rect, at, &name, is_unsaved, commands);
    if tab.clicked() {
        commands.push(Command::Editor(EditorCommand::Show(at)));
    }
    if tab.middle_clicked() {
        commands.push(Command::Editor(EditorCommand::Close(at)));
    }
    tab.on_hover_text(words::path(&page.path))
}

/// A dot for unsaved text, which becomes a cross under the pointer.
fn close_ui(
    ui: &mut Ui,
    tab: Rect,
    at: usize,
    name: &str,
    is_unsaved: bool,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let center = tab.right_center() - Vec2::new(18.0, 0.0);
    let place = Rect::from_center_size(center, Vec2::splat(20.0));
    let id = ui.scope_id().with(("close", at));
    let close = ui.interact(place, id, Sense::click());
    close.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Close {name}")));
    let glyph = Rect::from_center_size(center, Vec2::splat(9.0));
    if is_unsaved && !close.hovered() && !close.has_focus() {
        icon::paint(ui.painter(), glyph, Icon::Dot, theme.warn);
    } else {
        if close.hovered() || close.has_focus() {
            ui.painter().rect_filled(place, 4.0, theme.raised_hover);
        }
        icon::paint(ui.painter(), glyph, Icon::Cross, theme.weak);
    }
    if close.clicked() {
        commands.push(Command::Editor(EditorCommand::Close(at)));
    }
}
