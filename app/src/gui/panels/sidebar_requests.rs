//! The saved requests in the sidebar.

use eframe::egui::{Label, ScrollArea, Ui};

use super::padded;
use crate::gui::command::{Command, SavedCommand};
use crate::gui::model::saved::{SavedRequests, SavedRow};
use crate::gui::model::site::SiteModel;
use crate::gui::theme::Theme;
use crate::gui::widgets::button;
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::nav::{self, Lead};

const ROW: f32 = 26.0;
/// The name of the group, the line below it, and a little air.
const HEAD: f32 = 36.0 + 30.0 + 8.0;
/// The share of the sidebar that requests take at most.
const SHARE: f32 = 0.45;

/// The height that the section wants of so much.
pub(super) fn height(saved: &SavedRequests, available: f32) -> f32 {
    let rows = saved.rows.len().max(1) as f32;
    (HEAD + rows * ROW).min(available * SHARE)
}

/// Draws the section over the place that is left.
pub(super) fn ui(ui: &mut Ui, site: &SiteModel, commands: &mut Vec<Command>) {
    let saved = &site.saved;
    if nav::group_ui(ui, "Requests", Some("Write a request")) {
        commands.push(Command::Compose);
    }
    if let Some(problem) = &saved.problem {
        padded(ui, 16, 0, |ui| {
            mark::ui(ui, Mark::Warning, problem);
        });
        return;
    }
    if saved.rows.is_empty() {
        padded(ui, 16, 0, |ui| {
            let words = Theme::of(ui)
                .weak("None saved yet. Write one with Ctrl N and save it with Ctrl S.");
            ui.add(Label::new(words).wrap());
        });
        return;
    }
    line_ui(ui, saved, commands);
    let area = ScrollArea::vertical()
        .id_salt("requests")
        .auto_shrink(false);
    area.show_rows(ui, ROW, saved.rows.len(), |ui, range| {
        for row in saved.rows.get(range).unwrap_or_default() {
            row_ui(ui, site, row, commands);
        }
    });
}

/// Run all, and how it went.
fn line_ui(ui: &mut Ui, saved: &SavedRequests, commands: &mut Vec<Command>) {
    padded(ui, 12, 0, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let is_free = saved.to_come == 0;
            let run = ui.add(button::bare("Run all").enabled(is_free));
            let hint = "Send every saved request and hold its run to what is expected";
            if run.on_hover_text(hint).clicked() && is_free {
                commands.push(Command::Saved(SavedCommand::RunAll));
            }
            if let Some((passed, words)) = saved.line() {
                let mark = match (passed, is_free) {
                    (false, _) => Mark::Failed,
                    (true, false) => Mark::Running,
                    (true, true) => Mark::Ok,
                };
                mark::ui(ui, mark, &words);
            }
        });
    });
}

fn row_ui(ui: &mut Ui, site: &SiteModel, row: &SavedRow, commands: &mut Vec<Command>) {
    let saved = &site.saved;
    let verdict = saved.verdict(&row.place);
    let lead = match (&row.request, verdict) {
        (Err(_), _) => Lead::Mark(Mark::Warning),
        (Ok(_), Some(verdict)) if verdict.passed => Lead::Mark(Mark::Ok),
        (Ok(_), Some(_)) => Lead::Mark(Mark::Failed),
        (Ok(_), None) => Lead::Nothing,
    };
    let work = site.composer.work.as_ref().filter(|_| site.composer.open);
    let is_open = work
        .and_then(|work| work.saved.as_ref())
        .is_some_and(|saved| saved.path == row.place.path && saved.index == row.place.index);
    let mut told = row.told();
    for words in verdict.into_iter().flat_map(|verdict| &verdict.words) {
        told.push('\n');
        told.push_str(words);
    }
    let response = nav::row_ui(ui, lead, &row.name, is_open, false).on_hover_text(told);
    let is_readable = row.request.is_ok();
    if response.clicked() {
        match verdict
            .and_then(|verdict| verdict.id)
            .filter(|_| !is_readable)
        {
            Some(id) => commands.push(Command::Select(id)),
            None => commands.push(Command::Saved(SavedCommand::Open(row.place.clone()))),
        }
    }
    response.context_menu(|ui| menu_ui(ui, site, row, commands));
}

fn menu_ui(ui: &mut Ui, site: &SiteModel, row: &SavedRow, commands: &mut Vec<Command>) {
    let place = || row.place.clone();
    if row.request.is_ok() {
        if ui.button("Open").clicked() {
            commands.push(Command::Saved(SavedCommand::Open(place())));
        }
        if ui.button("Send").clicked() {
            commands.push(Command::Saved(SavedCommand::Send(place())));
        }
    }
    let run = site
        .saved
        .verdict(&row.place)
        .and_then(|verdict| verdict.id);
    if let Some(id) = run
        && ui.button("Show its last run").clicked()
    {
        commands.push(Command::EndCompose);
        commands.push(Command::Select(id));
    }
    if ui.button("Rename…").clicked() {
        commands.push(Command::Saved(SavedCommand::Rename(place())));
    }
    if ui.button("Delete").clicked() {
        commands.push(Command::Saved(SavedCommand::Remove(place())));
    }
    if ui.button("Copy file path").clicked() {
        commands.push(Command::Copy {
            what: "Path".to_owned(),
            text: row.place.path.display().to_string(),
        });
    }
}
