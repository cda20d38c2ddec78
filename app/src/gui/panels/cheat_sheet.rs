//! All keys at a glance.

use eframe::egui::{Frame, Grid, Id, Modal, ScrollArea, Ui};

use crate::gui::command::{Command, Verb, verbs};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::key_cap;

/// Shows the keys over the window.
pub(super) fn ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    let frame = Frame::popup(ui.style()).inner_margin(24);
    let modal = Modal::new(Id::unique("cheat sheet")).frame(frame);
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(680.0);
        ui.spacing_mut().interact_size.y = 18.0;
        ui.label(theme::title_text("Keys"));
        let height = ui.ctx().content_rect().height() - 140.0;
        let area = ScrollArea::vertical()
            .max_height(height)
            .min_scrolled_height(height);
        area.show(ui, |ui| {
            let groups = [&["Folder", "List"][..], &["Request", "Window"][..]];
            ui.columns(2, |columns| {
                for (column, groups) in columns.iter_mut().zip(groups) {
                    groups.iter().for_each(|group| group_ui(column, group));
                }
            });
        });
    });
    if shown.should_close() {
        commands.push(Command::CheatSheet);
    }
}

fn group_ui(ui: &mut Ui, group: &str) {
    ui.add_space(8.0);
    ui.label(Theme::of(ui).weak(group));
    Grid::new(group)
        .num_columns(2)
        .spacing([16.0, 6.0])
        .show(ui, |ui| {
            for verb in verbs().filter(|verb| verb.group == group && !verb.keys.is_empty()) {
                verb_ui(ui, verb);
                ui.end_row();
            }
        });
}

fn verb_ui(ui: &mut Ui, verb: &Verb) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for key in verb.keys {
            key_cap::ui(ui, &key.text());
        }
    });
    ui.label(verb.label);
}
