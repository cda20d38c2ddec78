//! A run under a debugger: where it stands, what its variables are, its console.

use cgi_engine::debugger::{Stop, launch_json};
use cgi_engine::exchange::{Debugger, Local};
use eframe::egui::{
    Align, FontSelection, Key, Label, Layout, RichText, ScrollArea, Sense, TextEdit, Ui,
};

use super::{log, padded, words};
use crate::gui::command::{Command, DebugCommand};
use crate::gui::model::debugging::{Debugging, Phase};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::{button, card};

/// Height of what stands above the console.
const UPPER_SHARE: f32 = 0.45;
/// The buttons of a script that stands: what they say to the console, and what is read beneath the pointer.
const MOVES: [(&str, &str, &str); 5] = [
    (
        "Next",
        "next",
        "Run this line and stop at the next one here (F10)",
    ),
    (
        "Step",
        "step",
        "Run this line and stop wherever the next one is (F11)",
    ),
    (
        "Return",
        "return",
        "Run until this function returns (Shift+F11)",
    ),
    ("Up", "up", "Look at the call that called this one"),
    (
        "Continue",
        "continue",
        "Run on, to the next breakpoint or the end (F9)",
    ),
];

/// Draws the console over the place that is left.
pub(super) fn ui(ui: &mut Ui, debugging: &Debugging, commands: &mut Vec<Command>) {
    padded(ui, 16, 12, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        title_ui(ui, debugging, commands);
        match debugging.debugger {
            Debugger::Debugpy => attach_ui(ui, debugging, commands),
            Debugger::Pdb | Debugger::Locals => pdb_ui(ui, debugging, commands),
        }
    });
}

/// What marks a run that is so far.
pub(super) fn mark_of(phase: &Phase) -> Mark {
    match phase {
        Phase::Over(Some(_)) => Mark::Failed,
        Phase::Over(None) => Mark::Ok,
        Phase::Standing | Phase::Waiting(_) => Mark::Warning,
        Phase::Starting | Phase::Running | Phase::Attached => Mark::Running,
    }
}

fn title_ui(ui: &mut Ui, debugging: &Debugging, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let title = format!(
            "Request {} under {}",
            debugging.of,
            debugging.debugger.name()
        );
        ui.label(theme::title_text(title));
        mark::ui(ui, mark_of(&debugging.phase), &debugging.in_words());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let close = ui.add(button::quiet("Close"));
            if close
                .on_hover_text("Back to the list; a script that still stands goes on by itself")
                .clicked()
            {
                commands.push(Command::Debug(DebugCommand::Close));
            }
            let runs = !matches!(debugging.phase, Phase::Over(_)) && debugging.run.is_some();
            let quit = ui.add(button::quiet("Quit").enabled(runs));
            if quit.on_hover_text("End the script").clicked() && runs {
                commands.push(Command::Debug(DebugCommand::Quit));
            }
        });
    });
}

fn attach_ui(ui: &mut Ui, debugging: &Debugging, commands: &mut Vec<Command>) {
    let Phase::Waiting(port) = debugging.phase else {
        return;
    };
    card::ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        let sentence = format!(
            "The script stands before its first line until an editor attaches to port {port} of this computer. In VS Code: put this into .vscode/launch.json, set a breakpoint, press F5."
        );
        ui.add(Label::new(sentence).wrap());
        let text = launch_json(port);
        ui.add(Label::new(RichText::new(&text).font(theme::mono())).selectable(true));
        if ui.add(button::primary("Copy launch.json")).clicked() {
            let what = "launch.json".to_owned();
            commands.push(Command::Copy { what, text });
        }
    });
}

fn pdb_ui(ui: &mut Ui, debugging: &Debugging, commands: &mut Vec<Command>) {
    let stands = debugging.phase == Phase::Standing;
    if stands {
        take_keys(ui, commands);
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        for (label, command, hint) in MOVES {
            let drawn = ui
                .add(button::quiet(label).enabled(stands))
                .on_hover_text(hint);
            if drawn.clicked() && stands {
                commands.push(say(command));
            }
        }
    });
    let upper = ui.available_height() * UPPER_SHARE;
    if let Some(stop) = &debugging.stop {
        ui.columns_const(|[calls, variables]| {
            stack_ui(calls, stop, stands, upper - 30.0, commands);
            variables.label(theme::strong_text("Variables"));
            match &stop.locals {
                Some(locals) => locals_ui(variables, "debug locals", locals, upper - 30.0),
                None => {
                    variables.label(Theme::of(variables).weak("They could not be read"));
                }
            }
        });
    }
    console_ui(ui, debugging, stands, commands);
}

fn take_keys(ui: &Ui, commands: &mut Vec<Command>) {
    use eframe::egui::Modifiers;
    let keys = [
        (Modifiers::SHIFT, Key::F11, "return"),
        (Modifiers::NONE, Key::F11, "step"),
        (Modifiers::NONE, Key::F10, "next"),
        (Modifiers::NONE, Key::F9, "continue"),
    ];
    for (modifiers, key, command) in keys {
        if ui.input_mut(|input| input.consume_key(modifiers, key)) {
            commands.push(say(command));
        }
    }
}

fn say(command: &str) -> Command {
    Command::Debug(DebugCommand::Say(command.to_owned()))
}

/// The calls, the innermost on top; a click looks at one.
fn stack_ui(ui: &mut Ui, stop: &Stop, stands: bool, height: f32, commands: &mut Vec<Command>) {
    ui.label(theme::strong_text("Calls"));
    let area = ScrollArea::vertical()
        .id_salt("debug calls")
        .max_height(height);
    area.show(ui, |ui| {
        for (index, frame) in stop.stack.iter().enumerate().rev() {
            let file = words::name_of(std::path::Path::new(&frame.file));
            let text = format!("{}  {file}:{}", frame.function, frame.line);
            let mut text = RichText::new(text).font(theme::mono());
            if index == stop.current {
                text = text.color(Theme::of(ui).accent);
            }
            let drawn = ui.add(Label::new(text).truncate().sense(Sense::click()));
            if drawn.on_hover_text(&frame.file).clicked() && stands && index != stop.current {
                let distance = index.abs_diff(stop.current);
                let word = if index < stop.current { "up" } else { "down" };
                commands.push(say(&format!("{word} {distance}")));
            }
        }
    });
}

/// Variables as rows: name, value, type.
pub(super) fn locals_ui(ui: &mut Ui, id: &str, locals: &[Local], height: f32) {
    if locals.is_empty() {
        ui.label(Theme::of(ui).weak("None"));
        return;
    }
    ScrollArea::vertical()
        .id_salt(id)
        .max_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            for Local(name, kind, value) in locals {
                ui.horizontal_top(|ui| {
                    let theme = Theme::of(ui);
                    ui.add(Label::new(
                        RichText::new(name).font(theme::mono()).color(theme.accent),
                    ));
                    ui.label(theme.weak("="));
                    let shown = RichText::new(value).font(theme::mono());
                    ui.add(Label::new(shown).wrap().selectable(true))
                        .on_hover_text(kind);
                });
            }
        });
}

fn console_ui(ui: &mut Ui, debugging: &Debugging, stands: bool, commands: &mut Vec<Command>) {
    ui.label(theme::strong_text("Console"));
    let height = (ui.available_height() - 40.0).max(60.0);
    ScrollArea::vertical()
        .id_salt("debug console")
        .stick_to_bottom(true)
        .auto_shrink([false, false])
        .max_height(height)
        .show(ui, |ui| {
            let text = RichText::new(&debugging.text).font(theme::mono());
            ui.add(Label::new(text).wrap().selectable(true));
        });
    let mut input = debugging.input.clone();
    let field = ui.add_enabled(
        stands,
        TextEdit::singleline(&mut input)
            .font(FontSelection::FontId(theme::mono()))
            .hint_text("p name, b 12, l, w … and Enter")
            .desired_width(f32::INFINITY),
    );
    log::named(ui, &field, "Debugger command");
    if field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) && stands {
        // An empty line repeats the last command, as in pdb.
        let words = match input.trim() {
            "" => debugging.said_last().unwrap_or_default().to_owned(),
            typed => typed.to_owned(),
        };
        commands.push(Command::Debug(DebugCommand::Say(words)));
        field.request_focus();
    } else if input != debugging.input {
        commands.push(Command::Debug(DebugCommand::Type(input)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::debugger::{DebugEvent, Frame};
    use cgi_engine::exchange::ExchangeId;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    fn harness(debugging: Debugging) -> Harness<'static, Vec<Command>> {
        Harness::builder()
            .with_size(eframe::egui::vec2(900.0, 560.0))
            .with_context_setup(theme::apply)
            .build_ui_state(
                move |ui, commands: &mut Vec<Command>| {
                    super::ui(ui, &debugging, commands);
                },
                Vec::new(),
            )
    }

    fn debugging(debugger: Debugger, events: Vec<DebugEvent>) -> Debugging {
        let mut debugging = Debugging::new(1, ExchangeId(7), debugger);
        for event in events {
            debugging.take(event);
        }
        debugging
    }

    fn standing() -> Debugging {
        let frame = |function: &str, line| Frame {
            file: "/srv/cgi-bin/form.py".into(),
            line,
            function: function.into(),
        };
        let stop = Stop {
            stack: vec![frame("<module>", 9), frame("page", 4)],
            current: 1,
            locals: Some(vec![Local("name".into(), "str".into(), "'world'".into())]),
            exception: None,
        };
        debugging(
            Debugger::Pdb,
            vec![DebugEvent::Ready, DebugEvent::Stopped(Box::new(stop))],
        )
    }

    #[test]
    fn a_script_that_stands_shows_its_calls_and_variables_and_takes_commands() {
        let mut harness = harness(standing());
        harness.run();
        harness.get_by_label("name");
        harness.get_by_label("'world'");
        harness.get_by_label("Next").click();
        harness.run();
        assert!(harness.state().contains(&say("next")));
        harness.get_by_label("<module>  form.py:9").click();
        harness.run();
        assert!(harness.state().contains(&say("up 1")));
        harness.key_press(Key::F10);
        harness.run();
        let said = harness.state().iter().filter(|one| **one == say("next"));
        assert_eq!(said.count(), 2);
    }

    #[test]
    fn an_editor_is_told_the_port() {
        let mut harness = harness(debugging(
            Debugger::Debugpy,
            vec![DebugEvent::Ready, DebugEvent::Port(5678)],
        ));
        harness.run();
        harness.get_by_label("Copy launch.json").click();
        harness.run();
        let copied = harness
            .state()
            .iter()
            .any(|command| matches!(command, Command::Copy { text, .. } if text.contains("5678")));
        assert!(copied);
    }

    #[test]
    fn a_script_that_runs_takes_no_commands() {
        let mut harness = harness(debugging(Debugger::Pdb, vec![DebugEvent::Ready]));
        harness.run();
        harness.get_by_label("Next").click();
        harness.run();
        assert!(harness.state().is_empty());
    }
}
