//! A request sent many times: how often, how far, and what came of it.

use cgi_engine::diagnosis::units::human_duration;
use cgi_engine::{RepeatPlan, RepeatSummary};
use eframe::egui::{Frame, Grid, Id, Key, Label, Modal, ProgressBar, Ui};

use super::compose::field_ui;
use crate::gui::command::{Command, RepeatCommand};
use crate::gui::model::repeating::{Repeating, Stage, filter_of};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::button;
use crate::gui::widgets::mark::{self, Mark};

/// Draws the dialog over the window.
pub(super) fn ui(ui: &mut Ui, repeating: &Repeating, commands: &mut Vec<Command>) {
    let frame = Frame::popup(ui.style()).inner_margin(24);
    let modal = Modal::new(Id::unique("repeat")).frame(frame);
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(460.0);
        ui.spacing_mut().item_spacing.y = 10.0;
        ui.label(theme::title_text("Repeat"));
        ui.add(Label::new(Theme::of(ui).weak(repeating.in_words())).truncate());
        match &repeating.stage {
            Stage::Asking => asking_ui(ui, repeating, commands),
            Stage::Running {
                planned, control, ..
            } => running_ui(ui, control.done(), *planned, commands),
            Stage::Done(Ok(summary)) => summary_ui(ui, summary, commands),
            Stage::Done(Err(why)) => {
                mark::ui(ui, Mark::Failed, why);
                close_ui(ui, commands);
            }
        }
    });
    if shown.should_close() {
        commands.push(Command::Repeat(RepeatCommand::Close));
    }
}

fn close_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    if ui.add(button::quiet("Close")).clicked() {
        commands.push(Command::Repeat(RepeatCommand::Close));
    }
}

fn asking_ui(ui: &mut Ui, repeating: &Repeating, commands: &mut Vec<Command>) {
    let (mut times, mut at_once) = (repeating.times.clone(), repeating.at_once.clone());
    let fields = ui.horizontal(|ui| {
        let first = field_ui(ui, &mut times, "Times", "100", 80.0);
        ui.label("times,");
        let second = field_ui(ui, &mut at_once, "At once", "4", 60.0);
        ui.label("at once");
        [first, second]
    });
    let [first, second] = &fields.inner;
    let is_entered = (first.lost_focus() || second.lost_focus())
        && ui.input(|input| input.key_pressed(Key::Enter));
    let keyboard_is_free = ui.memory(|memory| memory.focused().is_none());
    if keyboard_is_free && !is_entered {
        first.request_focus();
    }
    let is_changed = times != repeating.times || at_once != repeating.at_once;
    if is_changed {
        commands.push(Command::Repeat(RepeatCommand::Type { times, at_once }));
    }
    let plan = repeating.plan();
    match &plan {
        Ok(_) => {
            let (most, at_once) = (RepeatPlan::MOST_TIMES, RepeatPlan::MOST_AT_ONCE);
            let words = format!("Every run is recorded. At most {most} times, {at_once} at once.");
            ui.label(Theme::of(ui).weak(words));
        }
        Err(why) => {
            mark::ui(ui, Mark::Warning, why);
        }
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let can = plan.is_ok() && !is_changed;
        let is_clicked = ui.add(button::primary("Send").enabled(can)).clicked();
        if (is_clicked || is_entered) && can {
            commands.push(Command::Repeat(RepeatCommand::Begin));
        }
        close_ui(ui, commands);
    });
}

fn running_ui(ui: &mut Ui, done: u32, planned: u32, commands: &mut Vec<Command>) {
    let share = f64::from(done) / f64::from(planned.max(1));
    ui.add(ProgressBar::new(share as f32).text(format!("{done} of {planned}")));
    if ui.add(button::quiet("Stop")).clicked() {
        commands.push(Command::Repeat(RepeatCommand::Stop));
    }
    ui.ctx()
        .request_repaint_after(std::time::Duration::from_millis(100));
}

fn summary_ui(ui: &mut Ui, summary: &RepeatSummary, commands: &mut Vec<Command>) {
    Grid::new("summary")
        .num_columns(2)
        .spacing([16.0, 6.0])
        .show(ui, |ui| {
            for (name, value) in lines(summary) {
                ui.label(Theme::of(ui).weak(name));
                ui.add(Label::new(value).wrap());
                ui.end_row();
            }
        });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let is_recorded = filter_of(summary).is_some();
        if ui
            .add(button::primary("Show these runs").enabled(is_recorded))
            .clicked()
            && is_recorded
        {
            commands.push(Command::Repeat(RepeatCommand::Show));
        }
        close_ui(ui, commands);
    });
}

/// The summary by its names.
fn lines(summary: &RepeatSummary) -> Vec<(&'static str, String)> {
    let sent = match summary.done == summary.planned {
        true => format!("{} in {}", summary.done, human_duration(summary.took)),
        false => format!(
            "{} of {} in {}, then stopped",
            summary.done,
            summary.planned,
            human_duration(summary.took)
        ),
    };
    let statuses = summary.statuses.iter().map(|(status, count)| match status {
        Some(status) => format!("{count} × {status}"),
        None => format!("{count} without an answer"),
    });
    let headlines = summary
        .headlines
        .iter()
        .map(|(headline, count)| match headline {
            Some((code, title)) => format!("{count} × {code} {title}"),
            None => format!("{count} without a finding"),
        });
    let mut lines = vec![
        ("Sent", sent),
        ("Status", statuses.collect::<Vec<_>>().join(", ")),
        ("Findings", headlines.collect::<Vec<_>>().join("\n")),
    ];
    if let Some(times) = summary.times {
        let [min, median, p95, max] =
            [times.min, times.median, times.p95, times.max].map(human_duration);
        lines.push((
            "Time",
            format!("shortest {min}, median {median}, 95 of 100 within {p95}, longest {max}"),
        ));
    }
    let outputs = match summary.outputs {
        1 => "always the same".to_owned(),
        many => format!("{many} different ones"),
    };
    lines.push(("Output", outputs));
    if summary.unrecorded > 0 {
        lines.push(("Not recorded", summary.unrecorded.to_string()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_says_what_came_of_it() {
        let summary = RepeatSummary {
            planned: 10,
            done: 4,
            statuses: vec![(Some(200), 3), (None, 1)],
            headlines: vec![(None, 4)],
            outputs: 2,
            unrecorded: 1,
            ..RepeatSummary::default()
        };
        let lines = lines(&summary);
        assert!(
            lines
                .iter()
                .any(|(name, value)| *name == "Sent" && value.contains("4 of 10"))
        );
        assert!(lines.contains(&("Status", "3 × 200, 1 without an answer".to_owned())));
        assert!(lines.contains(&("Output", "2 different ones".to_owned())));
        assert!(lines.contains(&("Not recorded", "1".to_owned())));
    }
}
