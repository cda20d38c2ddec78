//! The editor: the text of the open files.

use eframe::egui::Ui;

use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::model::site::SiteModel;
use crate::gui::widgets::empty;

/// What the editor remembers.
#[derive(Default)]
pub(super) struct State {}

/// Draws the editor over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    _model: &Model,
    _site: &SiteModel,
    _state: &mut State,
    _commands: &mut Vec<Command>,
) {
    empty::ui(ui, "No file is open", "Choose a script in the sidebar", &[]);
}
