//! What a fix would change, seen before it is made: the meaning in a sentence, and the lines.

use cgi_engine::fix::{Change, Fix};
use eframe::egui::{Frame, Id, Label, Modal, RichText, ScrollArea, Ui, Vec2};

use super::compare::text_line;
use crate::gui::command::{Command, FixCommand};
use crate::gui::model::fixing::{Dialog, Fixing, Stage, Way};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::rows::Rows;
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::{button, chip};

const WIDTH: f32 = 760.0;
/// No more lines are in sight at once.
const MOST_LINES: usize = 16;

/// What the dialog remembers.
#[derive(Default)]
pub(super) struct State {
    /// Which dialog, and which of its ways.
    shown: Option<(u64, usize)>,
    scroll: Scroll,
}

/// Draws the dialog over the window, if there is one.
pub(super) fn ui(ui: &mut Ui, fixing: &Fixing, state: &mut State, commands: &mut Vec<Command>) {
    let Some(dialog) = &fixing.dialog else {
        state.shown = None;
        return;
    };
    let frame = Frame::popup(ui.style()).inner_margin(24);
    let modal = Modal::new(Id::unique("fix")).frame(frame);
    let room = ui.ctx().content_rect().width() - 96.0;
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(WIDTH.min(room));
        ui.spacing_mut().item_spacing.y = 10.0;
        ui.label(theme::title_text(format!("Fix {}", dialog.question.name())));
        let title = Theme::of(ui).weak(&dialog.question.finding.title);
        ui.add(Label::new(title).wrap());
        stage_ui(ui, dialog, state, commands);
    });
    if shown.should_close() {
        commands.push(Command::Fix(FixCommand::Close));
    }
}

fn stage_ui(ui: &mut Ui, dialog: &Dialog, state: &mut State, commands: &mut Vec<Command>) {
    match &dialog.stage {
        Stage::Looking { .. } | Stage::Writing => {
            ui.spinner();
        }
        Stage::Installing(installing) => {
            output_ui(ui, &installing.output);
            ui.horizontal(|ui| {
                if ui.add(button::quiet("Stop").key("Esc")).clicked() {
                    commands.push(Command::Fix(FixCommand::Close));
                }
                ui.spinner();
            });
        }
        Stage::Refused { why, output } => {
            mark::ui(ui, Mark::Warning, why);
            if !output.is_empty() {
                output_ui(ui, output);
            }
            if ui.add(button::quiet("Close").key("Esc")).clicked() {
                commands.push(Command::Fix(FixCommand::Close));
            }
        }
        Stage::Asking { ways, chosen } => {
            if state.shown != Some((dialog.number, *chosen)) {
                state.shown = Some((dialog.number, *chosen));
                state.scroll = Scroll::default();
            }
            choice_ui(ui, ways, *chosen, commands);
            if let Some(way) = ways.get(*chosen) {
                way_ui(ui, way, state);
            }
            buttons_ui(ui, commands);
        }
    }
}

/// Several ways to mend it stand beside each other; one needs no choice.
fn choice_ui(ui: &mut Ui, ways: &[Way], chosen: usize, commands: &mut Vec<Command>) {
    if let [only] = ways {
        ui.label(theme::strong_text(only.label()));
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for (index, way) in ways.iter().enumerate() {
            let is_on = index == chosen;
            if chip::ui_with_state(ui, is_on, way.label(), None).clicked() {
                commands.push(Command::Fix(FixCommand::Choose(index)));
            }
        }
    });
}

fn way_ui(ui: &mut Ui, way: &Way, state: &mut State) {
    ui.add(Label::new(way.meaning()).wrap().selectable(true));
    let Way::Change { fix, lines } = way else {
        return;
    };
    match lines {
        Some(lines) => {
            let height = lines.len().min(MOST_LINES) as f32 * theme::ROW_HEIGHT;
            let size = Vec2::new(ui.available_width(), height);
            ui.allocate_ui(size, |ui| {
                ui.set_min_size(size);
                ui.set_max_size(size);
                Rows::new("Changes", lines.len()).show(
                    ui,
                    &mut state.scroll,
                    |index| index as u64,
                    |row| {
                        let line = lines.get(row.index);
                        line.map_or_else(String::new, |line| text_line(row, line))
                    },
                );
            });
        }
        None => summary_ui(ui, fix),
    }
}

/// What a program printed, its end in sight.
fn output_ui(ui: &mut Ui, output: &str) {
    let height = MOST_LINES as f32 * theme::ROW_HEIGHT;
    ScrollArea::vertical()
        .max_height(height)
        .stick_to_bottom(true)
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let text = RichText::new(output).font(theme::mono());
            ui.add(Label::new(text).wrap().selectable(true));
        });
}

/// A mode has no lines, and too many lines are only counted.
fn summary_ui(ui: &mut Ui, fix: &Fix) {
    let text = match &fix.change {
        Change::Mode { before, after } => format!(
            "{before:04o} {}  →  {after:04o} {}",
            letters(*before),
            letters(*after)
        ),
        Change::Content { before, after } => {
            format!("{} bytes  →  {} bytes", before.len(), after.len())
        }
    };
    ScrollArea::horizontal().show(ui, |ui| {
        ui.label(RichText::new(text).font(theme::mono()));
    });
}

/// Permission bits as `ls -l` writes them.
fn letters(mode: u32) -> String {
    (0..9)
        .rev()
        .map(|bit| {
            let letter = ['x', 'w', 'r'][bit % 3];
            if mode >> bit & 1 == 1 { letter } else { '-' }
        })
        .collect()
}

fn buttons_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let apply = ui.add(button::primary("Apply").key("Enter"));
        // The keyboard is here, not with the list beneath.
        if ui.memory(|memory| memory.focused().is_none()) {
            apply.request_focus();
        }
        if apply.clicked() {
            commands.push(Command::Fix(FixCommand::Apply));
        }
        if ui.add(button::quiet("Cancel").key("Esc")).clicked() {
            commands.push(Command::Fix(FixCommand::Close));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_told_in_letters() {
        for (mode, expected) in [
            (0o644, "rw-r--r--"),
            (0o755, "rwxr-xr-x"),
            (0o4700, "rwx------"),
        ] {
            assert_eq!(letters(mode), expected);
        }
    }
}
