//! The Code workspace: the source of a script, what is wrong with it, and what its runs say.

mod banner;
mod buffer;
pub(super) mod dialogs;
mod editor;
mod find_bar;
mod gutter;
mod pages;
mod problems;
mod run_pane;
mod text;

use eframe::egui::{Rect, Ui, pos2};

use super::{NARROW, room};
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
    let (place, runs) = parted(ui, place);
    room(ui, "run pane", runs, Theme::of(ui).base, |ui| {
        run_pane::ui(ui, model, site, commands);
    });
    room(ui, "editor", place, Theme::of(ui).base, |ui| {
        editor::ui(ui, model, site, &mut state.editor, commands);
    });
}

/// The share of the workspace that the run pane has, and its least and greatest size in points.
const RUNS: f32 = 0.4;
const LEAST_RUNS: f32 = 200.0;
const MOST_RUNS: f32 = 560.0;
/// The run pane leaves the editor at least so much, in points.
const LEAST_EDITOR: f32 = 160.0;

/// The editor's place, and that of the run pane: beside it, or below it in a narrow window.
fn parted(ui: &Ui, place: Rect) -> (Rect, Rect) {
    let line = Theme::of(ui).separator();
    let size = |length: f32| {
        let wanted = (length * RUNS).clamp(LEAST_RUNS, MOST_RUNS);
        wanted.min((length - LEAST_EDITOR).max(0.0))
    };
    let (editor, runs) = if ui.ctx().content_rect().width() < NARROW {
        place.split_top_bottom_at_y(place.bottom() - size(place.height()))
    } else {
        place.split_left_right_at_x(place.right() - size(place.width()))
    };
    ui.painter()
        .line_segment([runs.left_top(), end_of_edge(place, runs)], line);
    (editor, runs.shrink2(eframe::egui::Vec2::splat(1.0)))
}

/// The other end of the edge that the run pane has in common with the editor.
fn end_of_edge(place: Rect, runs: Rect) -> eframe::egui::Pos2 {
    if runs.top() > place.top() {
        pos2(runs.right(), runs.top())
    } else {
        pos2(runs.left(), runs.bottom())
    }
}
