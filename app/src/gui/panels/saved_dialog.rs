//! The question for the name of a saved request.

use std::path::Path;

use cgi_engine::saved_request::folder::FOLDER;
use eframe::egui::{Frame, Id, Key, Label, Modal, Ui};

use super::compose::field_ui;
use super::words;
use crate::gui::command::{Command, SavedCommand};
use crate::gui::model::saved::{Dialog, Purpose};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::button;
use crate::gui::widgets::mark::{self, Mark};

/// Draws the dialog over the window.
pub(super) fn ui(ui: &mut Ui, site: &Path, dialog: &Dialog, commands: &mut Vec<Command>) {
    let frame = Frame::popup(ui.style()).inner_margin(24);
    let modal = Modal::new(Id::unique("saved request")).frame(frame);
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(420.0);
        ui.spacing_mut().item_spacing.y = 10.0;
        let (title, action) = match dialog.purpose {
            Purpose::Save => ("Save the request", "Save"),
            Purpose::Rename(_) => ("Rename the request", "Rename"),
        };
        ui.label(theme::title_text(title));
        let mut name = dialog.name.clone();
        let width = ui.available_width();
        let field = field_ui(ui, &mut name, "Name", "login, or admin/login", width - 16.0);
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if !is_entered && dialog.problem.is_none() {
            field.request_focus();
        }
        if name != dialog.name {
            commands.push(Command::Saved(SavedCommand::TypeName(name.clone())));
        }
        let file = site.join(FOLDER).join(format!("{}.http", name.trim()));
        let file = format!("A text file, made for git: {}", words::path(&file));
        ui.add(Label::new(Theme::of(ui).weak(file)).wrap());
        if let Some(problem) = &dialog.problem {
            mark::ui(ui, Mark::Warning, problem);
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let is_named = !name.trim().is_empty();
            if (ui.add(button::primary(action).enabled(is_named)).clicked() || is_entered)
                && is_named
            {
                commands.push(Command::Saved(SavedCommand::Confirm { anyway: false }));
            }
            if dialog.can_replace && ui.add(button::quiet("Write over it")).clicked() {
                commands.push(Command::Saved(SavedCommand::Confirm { anyway: true }));
            }
            if ui.add(button::quiet("Cancel")).clicked() {
                commands.push(Command::Saved(SavedCommand::CloseDialog));
            }
        });
    });
    if shown.should_close() {
        commands.push(Command::Saved(SavedCommand::CloseDialog));
    }
}
