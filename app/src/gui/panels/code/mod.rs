//! The Code workspace: the source of a script, what is wrong with it, and what its runs say.

mod banner;
mod buffer;
pub(super) mod dialogs;
mod editor;
mod find_bar;
mod gutter;
mod pages;
mod problems;
mod text;

use eframe::egui::{Rect, Ui};

use super::room;
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::model::site::SiteModel;
use crate::gui::theme::Theme;

/// What the workspace remembers.
#[derive(Default)]
pub(super) struct State {
    editor: editor::State,
}

/// Draws the workspace in `place`.
pub(super) fn ui(
    ui: &mut Ui,
    place: Rect,
    model: &Model,
    site: &SiteModel,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    room(ui, "editor", place, Theme::of(ui).base, |ui| {
        editor::ui(ui, model, site, &mut state.editor, commands);
    });
}
