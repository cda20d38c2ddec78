//! The line over the text in which is typed what to find, and what to put in its place.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{Align, Key, Layout, Modifiers, Rect, Response, TextEdit, Ui, UiBuilder, Vec2};

use super::text::id_of;
use crate::gui::command::{Command, EditorCommand};
use crate::gui::model::editor::document::Document;
use crate::gui::model::editor::find::{Question, Search};
use crate::gui::panels::log;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::{button, chip};

const LINE: f32 = 34.0;

/// What the line remembers.
#[derive(Default)]
pub(super) struct State {
    wanted: u64,
}

/// How high it is.
pub(super) fn height(search: &Search) -> f32 {
    if search.question.replaces {
        2.0 * LINE
    } else {
        LINE
    }
}

/// Draws it in `place`.
pub(super) fn ui(
    ui: &mut Ui,
    place: Rect,
    document: &Document,
    search: &Search,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    ui.painter().rect_filled(place, 0.0, theme.panel);
    ui.painter()
        .hline(place.x_range(), place.bottom() - 0.5, theme.separator());
    let mut question = search.question.clone();
    let (first, second) = place.split_top_bottom_at_y(place.top() + LINE);
    find_ui(ui, first, document, search, &mut question, state, commands);
    if search.question.replaces {
        replace_ui(ui, second, search, &mut question, commands);
    }
    if question != search.question {
        commands.push(Command::Editor(EditorCommand::Ask(question)));
    }
}

fn line_ui(ui: &mut Ui, place: Rect, contents: impl FnOnce(&mut Ui)) {
    let layout = Layout::left_to_right(Align::Center);
    let inner = place.shrink2(Vec2::new(8.0, 4.0));
    let mut line = ui.new_child(UiBuilder::new().max_rect(inner).layout(layout));
    line.spacing_mut().item_spacing.x = 6.0;
    contents(&mut line);
}

fn find_ui(
    ui: &mut Ui,
    place: Rect,
    document: &Document,
    search: &Search,
    question: &mut Question,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    line_ui(ui, place, |ui| {
        let field = field_ui(ui, &mut question.text, "Find");
        if state.wanted != search.wanted {
            state.wanted = search.wanted;
            field.request_focus();
            select_all(ui, &field, &question.text);
        }
        if let Some(back) = entered(ui, &field) {
            commands.push(Command::Editor(go(back)));
        }
        chip::toggle_ui(ui, &mut question.case, "Aa", None)
            .on_hover_text("Capital and small letters are different");
        chip::toggle_ui(ui, &mut question.regex, ".*", None)
            .on_hover_text("The text is a regular expression");
        let known = !search.matches.is_empty();
        for (text, hint, back) in [("Previous", "Shift F3", true), ("Next", "F3", false)] {
            let shown = ui.add(button::bare(text).enabled(known));
            if shown.on_hover_text(hint).clicked() {
                commands.push(Command::Editor(go(back)));
            }
        }
        ui.label(Theme::of(ui).weak(search.in_words(document.selection())));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button::icon_ui(ui, Icon::Cross, "Close the search (Esc)").clicked() {
                commands.push(Command::Editor(EditorCommand::CloseFind));
                ui.memory_mut(|memory| memory.request_focus(id_of(document)));
            }
        });
    });
}

fn replace_ui(
    ui: &mut Ui,
    place: Rect,
    search: &Search,
    question: &mut Question,
    commands: &mut Vec<Command>,
) {
    line_ui(ui, place, |ui| {
        let field = field_ui(ui, &mut question.with, "Replace with");
        if entered(ui, &field).is_some() {
            commands.push(Command::Editor(EditorCommand::ReplaceOne));
        }
        let known = !search.matches.is_empty();
        let one = ui.add(button::bare("Replace").enabled(known));
        if one
            .on_hover_text("Replace this match and go to the next")
            .clicked()
        {
            commands.push(Command::Editor(EditorCommand::ReplaceOne));
        }
        let all = ui.add(button::bare("Replace all").enabled(known));
        if all.on_hover_text("One Undo takes it back").clicked() {
            commands.push(Command::Editor(EditorCommand::ReplaceAll));
        }
        if question.regex {
            ui.label(Theme::of(ui).weak("$1 is the first group"));
        }
    });
}

fn field_ui(ui: &mut Ui, text: &mut String, name: &str) -> Response {
    let width = (ui.available_width() * 0.35).clamp(100.0, 280.0);
    let field = TextEdit::singleline(text)
        .hint_text(name)
        .font(theme::mono())
        .desired_width(width)
        .id(ui.scope_id().with(name));
    let field = ui.add(field);
    log::named(ui, &field, name);
    field
}

fn select_all(ui: &Ui, field: &Response, text: &str) {
    let mut kept = TextEdit::load_state(ui.ctx(), field.id).unwrap_or_default();
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
    kept.cursor.set_char_range(Some(all));
    kept.store(ui.ctx(), field.id);
}

/// Enter takes the keyboard from a field of one line; here it goes on. True with Shift held.
fn entered(ui: &Ui, field: &Response) -> Option<bool> {
    if !field.lost_focus() {
        return None;
    }
    let pressed = |modifiers| ui.input_mut(|input| input.consume_key(modifiers, Key::Enter));
    let back = pressed(Modifiers::SHIFT);
    let is_entered = back || pressed(Modifiers::NONE);
    if is_entered {
        field.request_focus();
    }
    is_entered.then_some(back)
}

fn go(back: bool) -> EditorCommand {
    if back {
        EditorCommand::PreviousMatch
    } else {
        EditorCommand::NextMatch
    }
}
