//! Dialogs: the interpreters of this computer, and the terminal against a run.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use cgi_engine::interpreters::Interpreter;
use cgi_engine::terminal::{Difference, Weight};
use eframe::egui::{Frame, Id, Label, Modal, RichText, ScrollArea, Ui};

use crate::gui::command::{Command, SurroundingsCommand};
use crate::gui::model::secret;
use crate::gui::model::surroundings::{Asked, Dialog};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::{button, card};

const WIDTH: f32 = 760.0;
const MOST_HEIGHT: f32 = 440.0;

/// Draws the dialog that is open, if one is.
pub(super) fn ui(ui: &mut Ui, dialog: &Dialog, commands: &mut Vec<Command>) {
    if *dialog == Dialog::Closed {
        return;
    }
    let frame = Frame::popup(ui.style()).inner_margin(24);
    let modal = Modal::new(Id::unique("surroundings")).frame(frame);
    let room = ui.ctx().content_rect();
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(WIDTH.min(room.width() - 80.0));
        ui.spacing_mut().item_spacing.y = 10.0;
        let height = MOST_HEIGHT.min(room.height() - 220.0);
        match dialog {
            Dialog::Closed => {}
            Dialog::Interpreters(found) => interpreters_ui(ui, found.as_ref(), height, commands),
            Dialog::Terminal(_, asked) => terminal_ui(ui, asked, height, commands),
        }
        if ui.add(button::quiet("Close")).clicked() {
            commands.push(Command::Surroundings(SurroundingsCommand::Close));
        }
    });
    if shown.should_close() {
        commands.push(Command::Surroundings(SurroundingsCommand::Close));
    }
}

fn interpreters_ui(
    ui: &mut Ui,
    found: Option<&Result<Vec<Interpreter>, String>>,
    height: f32,
    commands: &mut Vec<Command>,
) {
    ui.label(theme::title_text("Interpreters"));
    let sentence = "A choice is written into cgi-studio.toml and wins over the #! line of every script with the suffix.";
    ui.add(Label::new(Theme::of(ui).weak(sentence)).wrap());
    match found {
        None => {
            mark::ui(
                ui,
                Mark::Running,
                "Looking for interpreters, and asking each what it lacks",
            );
        }
        Some(Err(why)) => {
            mark::ui(ui, Mark::Failed, why);
        }
        Some(Ok(found)) => {
            ScrollArea::vertical()
                .max_height(height)
                .min_scrolled_height(height)
                .show(ui, |ui| {
                    for one in found {
                        interpreter_ui(ui, one, commands);
                    }
                });
        }
    }
}

fn interpreter_ui(ui: &mut Ui, one: &Interpreter, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    card::ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.horizontal_wrapped(|ui| {
            let version = one.version.as_deref().unwrap_or_default();
            let name = format!("{} {version}", one.name);
            ui.label(theme::strong_text(name.trim_end()));
            let path = RichText::new(one.path.display().to_string()).font(theme::mono());
            ui.add(Label::new(path).selectable(true));
            ui.label(theme.weak(one.origin.words()));
        });
        if one.first {
            ui.label(theme.weak(format!("#!/usr/bin/env {} finds this one", one.name)));
        }
        if one.unasked {
            ui.label(theme.weak(
                "It lies in the site or around it, so it was not started: this stands in its files",
            ));
        }
        if !one.lacks.is_empty() {
            mark::ui(
                ui,
                Mark::Warning,
                &format!("Lacks {}", one.lacks.join(", ")),
            );
        }
        let suffix = suffix_of(&one.name);
        ui.horizontal(|ui| {
            if one.chosen_for.iter().any(|chosen| chosen == suffix) {
                mark::ui(ui, Mark::Ok, &format!("Chosen for {suffix}"));
            } else {
                let label = format!("Use for {suffix}");
                let hint = format!("{} runs every script with {suffix}", one.path.display());
                if ui.add(button::quiet(&label)).on_hover_text(hint).clicked() {
                    commands.push(Command::Surroundings(SurroundingsCommand::Choose {
                        suffix: suffix.to_owned(),
                        path: one.path.clone(),
                    }));
                }
            }
        });
    });
}

/// The suffix that such scripts usually have.
fn suffix_of(name: &str) -> &'static str {
    match name {
        "perl" => ".pl",
        "ruby" => ".rb",
        "php" | "php-cgi" => ".php",
        "node" => ".js",
        "lua" => ".lua",
        "tclsh" => ".tcl",
        "gawk" => ".awk",
        "sh" | "bash" | "dash" | "zsh" => ".sh",
        _ => ".py",
    }
}

fn terminal_ui(ui: &mut Ui, asked: &Asked, height: f32, commands: &mut Vec<Command>) {
    ui.label(theme::title_text("Works in the terminal, not here?"));
    match asked {
        Asked::NotYet => {
            let sentence = "Your login shell is started as a terminal starts it, with your own start files, and asked for its environment; that is compared with what this run got. It takes a moment.";
            ui.add(Label::new(sentence).wrap());
            if ui.add(button::primary("Ask my shell")).clicked() {
                commands.push(Command::Surroundings(SurroundingsCommand::AskTerminal));
            }
        }
        Asked::Waiting => {
            mark::ui(
                ui,
                Mark::Running,
                "Asking the shell, for eight seconds at most",
            );
        }
        Asked::Answered(Err(why)) => {
            mark::ui(ui, Mark::Failed, why);
        }
        Asked::Answered(Ok((shell, differences))) => {
            let words = format!("{shell} against this run, what matters first");
            ui.label(Theme::of(ui).weak(words));
            ScrollArea::vertical()
                .max_height(height)
                .min_scrolled_height(height)
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 10.0;
                    for one in differences {
                        difference_ui(ui, one);
                    }
                });
        }
    }
}

/// As the table of variables shows it: no password of the login shell stands on the screen unasked.
fn shown(name: &str, value: &OsStr) -> String {
    let value = value.as_bytes();
    let secrets = secret::in_variable(name, value);
    String::from_utf8_lossy(&secret::masked(value, &secrets)).into_owned()
}

fn difference_ui(ui: &mut Ui, one: &Difference) {
    let theme = Theme::of(ui);
    let color = match one.weight {
        Weight::Matters => theme.warn,
        Weight::May => theme.text,
        Weight::Other => theme.weak,
    };
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.label(RichText::new(&one.name).font(theme::mono()).color(color));
        for (place, value) in [("terminal", &one.terminal), ("here", &one.here)] {
            let value = value.as_deref();
            let value = value.map_or_else(|| "not set".to_owned(), |value| shown(&one.name, value));
            ui.horizontal_top(|ui| {
                ui.set_min_width(ui.available_width());
                ui.label(theme.weak(format!("{place:9}")).font(theme::mono()));
                let value = RichText::new(value).font(theme::mono());
                ui.add(Label::new(value).wrap().selectable(true));
            });
        }
        if !one.sentence.is_empty() {
            ui.add(Label::new(&one.sentence).wrap().selectable(true));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::exchange::ExchangeId;
    use cgi_engine::interpreters::Origin;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    fn harness(dialog: Dialog) -> Harness<'static, Vec<Command>> {
        Harness::builder()
            .with_size(eframe::egui::vec2(960.0, 600.0))
            .with_context_setup(theme::apply)
            .build_ui_state(
                move |ui, commands: &mut Vec<Command>| super::ui(ui, &dialog, commands),
                Vec::new(),
            )
    }

    #[test]
    fn an_interpreter_is_chosen_by_a_click() {
        let one = Interpreter {
            path: "/opt/py/bin/python3".into(),
            name: "python3".into(),
            origin: Origin::Pyenv,
            version: Some("3.13.0".into()),
            lacks: vec!["cgi".into()],
            unasked: false,
            first: false,
            chosen_for: Vec::new(),
        };
        let mut harness = harness(Dialog::Interpreters(Some(Ok(vec![one]))));
        harness.run();
        harness.get_by_label_contains("Lacks cgi");
        harness.get_by_label("Use for .py").click();
        harness.run();
        let chosen = Command::Surroundings(SurroundingsCommand::Choose {
            suffix: ".py".into(),
            path: "/opt/py/bin/python3".into(),
        });
        assert!(harness.state().contains(&chosen));
    }

    #[test]
    fn the_shell_is_asked_only_when_somebody_says_so() {
        let mut harness = harness(Dialog::Terminal(ExchangeId(3), Asked::NotYet));
        harness.run();
        assert!(harness.state().is_empty());
        harness.get_by_label("Ask my shell").click();
        harness.run();
        let asked = Command::Surroundings(SurroundingsCommand::AskTerminal);
        assert!(harness.state().contains(&asked));
    }

    #[test]
    fn secrets_of_the_login_shell_are_hidden() {
        let one = Difference {
            name: "AWS_SECRET_ACCESS_KEY".into(),
            terminal: Some("wJalrXUtnFEMI".into()),
            here: None,
            sentence: String::new(),
            weight: Weight::Other,
        };
        let answered = Asked::Answered(Ok(("/bin/bash".into(), vec![one])));
        let mut harness = harness(Dialog::Terminal(ExchangeId(3), answered));
        harness.run();
        harness.get_by_label("********");
        assert!(harness.query_by_label_contains("wJalr").is_none());
    }

    #[test]
    fn a_difference_is_shown_with_both_values_and_what_comes_of_it() {
        let one = Difference {
            name: "LANG".into(),
            terminal: Some("de_DE.UTF-8".into()),
            here: None,
            sentence: "Encodings differ.".into(),
            weight: Weight::Matters,
        };
        let answered = Asked::Answered(Ok(("/bin/bash".into(), vec![one])));
        let mut harness = harness(Dialog::Terminal(ExchangeId(3), answered));
        harness.run();
        for label in ["LANG", "de_DE.UTF-8", "not set", "Encodings differ."] {
            harness.get_by_label(label);
        }
    }
}
