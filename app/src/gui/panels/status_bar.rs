//! The bar at the bottom: what is watched, how much runs and is kept, and what is wrong.

use cgi_engine::history::store::RecordingState;
use cgi_engine::message::Watching;
use eframe::egui::{Align, Layout, Response, Sense, Ui, UiBuilder, Vec2};

use super::drawer::problem_count;
use super::words;
use crate::gui::command::{Command, LoopCommand};
use crate::gui::model::Model;
use crate::gui::model::site::SiteModel;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};

/// Draws the bar over the place that is left.
pub(super) fn ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    let place = ui.max_rect().shrink2(Vec2::new(12.0, 0.0));
    let mut bar = ui.new_child(
        UiBuilder::new()
            .max_rect(place)
            .layout(Layout::left_to_right(Align::Center)),
    );
    let ui = &mut bar;
    ui.spacing_mut().item_spacing.x = 20.0;
    match &site.state.watching {
        Watching::Starting => text(ui, "Reading the folder"),
        Watching::Events => text(
            ui,
            &format!(
                "Watching {}",
                words::counted(site.scripts.len() as u64, "script", "scripts")
            ),
        ),
        Watching::Polling(why) => {
            let shown = mark::ui(ui, Mark::Warning, "Watching slowly");
            shown.on_hover_text(format!("Saved files are noticed late: {why}"));
        }
        Watching::Off(why) => {
            let shown = mark::ui(ui, Mark::Warning, "Not watching");
            shown.on_hover_text(format!("Saved files are not noticed: {why}"));
        }
    }
    text(ui, &format!("{} running", site.counts().running));
    let shown = format!(
        "{} of {} shown",
        words::count(site.rows_shown() as u64),
        words::count(site.row_count() as u64)
    );
    text(ui, &shown);
    recording_ui(ui, site);
    problems_ui(ui, site, commands);
    tests_ui(ui, site, commands);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let mut found = model.interpreters.iter().flatten().flatten();
        if let Some(python) = found.find(|one| one.first && one.name == "python3") {
            let version = python.version.as_deref().unwrap_or("");
            text(ui, &format!("Python {version} · {}", python.path.display()));
        }
    });
}

/// How much is kept, and whether what ends now will be there tomorrow.
fn recording_ui(ui: &mut Ui, site: &SiteModel) {
    let memory = words::size((site.held.bytes + site.held.index_bytes) as u64);
    let held = match site.recording.disk_bytes {
        Some(bytes) => format!("{memory} RAM, {} disk", words::size(bytes)),
        None => format!("{memory} RAM"),
    };
    text(ui, &held);
    match &site.recording.state {
        RecordingState::Disk => {}
        RecordingState::Memory => text(ui, "Kept in memory only"),
        RecordingState::Paused(why) => {
            let shown = mark::ui(ui, Mark::Warning, "Not written to disk");
            shown.on_hover_text(format!(
                "Requests are served and kept in memory, and written as soon as that is possible: {why}"
            ));
        }
    }
}

fn text(ui: &mut Ui, words: &str) {
    let theme = Theme::of(ui);
    ui.label(theme.weak(words).font(theme::small()));
}

/// How the saved requests went: green or red, and the way to them.
fn tests_ui(ui: &mut Ui, site: &SiteModel, commands: &mut Vec<Command>) {
    let Some((passed, words)) = site.saved.line() else {
        return;
    };
    let mark = match (passed, site.saved.to_come) {
        (false, _) => Mark::Failed,
        (true, 0) => Mark::Ok,
        (true, _) => Mark::Running,
    };
    let shown = mark::ui(ui, mark, &format!("Saved requests: {words}"));
    let shown = ui.interact(shown.rect, ui.scope_id().with("tests"), Sense::click());
    shown.widget_info(|| {
        let role = eframe::egui::Role::Button;
        eframe::egui::WidgetInfo::labeled(role, true, "Show how saved requests went")
    });
    if shown
        .on_hover_text("Show how saved requests went")
        .clicked()
    {
        commands.push(Command::Loop(LoopCommand::ShowTests));
    }
}

fn problems_ui(ui: &mut Ui, site: &SiteModel, commands: &mut Vec<Command>) {
    let count = problem_count(site);
    let shown: Response = if count == 0 {
        let theme = Theme::of(ui);
        let label = eframe::egui::Label::new(theme.weak("No problems").font(theme::small()));
        ui.add(label.sense(Sense::click()))
    } else {
        mark::ui(
            ui,
            Mark::Failed,
            &words::counted(count as u64, "problem", "problems"),
        )
    };
    let shown = ui.interact(shown.rect, ui.scope_id().with("problems"), Sense::click());
    shown.widget_info(|| {
        eframe::egui::WidgetInfo::labeled(
            eframe::egui::Role::Button,
            true,
            "Show problems and server log",
        )
    });
    if shown
        .on_hover_text("Show problems and server log (Ctrl J)")
        .clicked()
    {
        commands.push(Command::Drawer);
    }
}
