//! A field for a path, with the folders that complete it: beside the system's dialog, which may be missing.

use std::path::{Path, PathBuf};

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{Button, Id, Key, Margin, Modifiers, RichText, TextEdit, Ui, Vec2};

use super::{log, words};
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::theme::{self, Theme};
use crate::gui::typed_path::typed_path;

/// What was typed.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) text: String,
    looked_up: String,
}

impl Typed {
    /// The path that it means, if it is one from the root or from the home folder.
    pub(super) fn path(&self) -> Option<PathBuf> {
        typed_path(&self.text, std::env::home_dir().as_deref())
    }
}

/// What the field says of itself.
pub(super) struct Field<'f> {
    /// For those who cannot see it.
    pub(super) name: &'f str,
    pub(super) hint: &'f str,
    /// Below the folders that are offered.
    pub(super) note: &'f str,
    pub(super) width: f32,
}

/// Draws the field; whether Enter was pressed in it.
pub(super) fn ui(
    ui: &mut Ui,
    model: &Model,
    typed: &mut Typed,
    shown: &Field<'_>,
    commands: &mut Vec<Command>,
) -> bool {
    let offered = offered(model, &typed.text);
    let focused_before = ui.ctx().text_edit_focused();
    let tab = focused_before
        && typed.looked_up == typed.text
        && !offered.is_empty()
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab));
    let field = TextEdit::singleline(&mut typed.text)
        .hint_text(shown.hint)
        .font(theme::mono())
        .desired_width(shown.width - 20.0)
        .lock_focus(true)
        .margin(Margin::symmetric(10, 8));
    let field = ui.add(field);
    log::named(ui, &field, shown.name);
    if typed.looked_up != typed.text && (field.has_focus() || field.changed()) {
        typed.looked_up.clone_from(&typed.text);
        commands.push(Command::CompletePath(typed.text.clone()));
    }
    if tab && let Some(first) = offered.first() {
        typed.text = format!("{}/", words::path(first));
        put_cursor_at_end(ui, field.id, &typed.text);
    }
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    // A click on a folder takes the keyboard from the field, and is to be seen all the same.
    if (field.has_focus() || field.lost_focus()) && !offered.is_empty() {
        let popup = eframe::egui::Popup::from_response(&field)
            .open(true)
            .gap(4.0);
        popup.show(|ui| {
            ui.set_min_width(shown.width);
            ui.spacing_mut().item_spacing.y = 0.0;
            for path in offered {
                let name = words::path(path);
                let text = RichText::new(&name).font(theme::mono());
                let button = Button::selectable(false, text).min_size(Vec2::new(shown.width, 24.0));
                if ui.add(button).clicked() {
                    typed.text = format!("{name}/");
                    put_cursor_at_end(ui, field.id, &typed.text);
                    field.request_focus();
                }
            }
            ui.label(Theme::of(ui).weak(shown.note).small());
        });
    }
    entered
}

/// While more is typed, what was found for less of it is narrowed until the worker has looked again.
fn offered<'m>(model: &'m Model, typed: &str) -> Vec<&'m Path> {
    let completion = &model.completion;
    let begins = |path: &Path| {
        let path = words::path(path).to_lowercase();
        path.starts_with(&typed.to_lowercase())
    };
    let is_for_this = completion.typed == typed;
    let is_for_less = !completion.typed.is_empty() && typed.starts_with(&completion.typed);
    let folders = completion.folders.iter().map(PathBuf::as_path);
    folders
        .filter(|path| is_for_this || (is_for_less && begins(path)))
        .collect()
}

/// What is typed next goes on where the completion ended.
fn put_cursor_at_end(ui: &Ui, field: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), field).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    state.store(ui.ctx(), field);
}
