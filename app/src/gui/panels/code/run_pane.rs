//! What came of the last save: the request that runs, its runs, and what the last one changed.

use eframe::egui::{Align, Color32, Label, Layout, RichText, ScrollArea, Ui};

use crate::gui::command::{Command, LoopCommand, Verb, verb_of};
use crate::gui::model::Model;
use crate::gui::model::looping::{ChangeLine, Changed, Excerpt, Side, Tone};
use crate::gui::model::site::SiteModel;
use crate::gui::panels::inspector::stages_of;
use crate::gui::panels::log_row::outcome;
use crate::gui::panels::{padded, room};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::{button, card, chip, empty, strip, tag};

/// Nothing was saved yet.
const BEFORE_A_SAVE: &str =
    "Save the script, here or in any editor, and what changed is shown here.";
/// So many of the newest runs are offered.
const RUNS: usize = 6;
/// A pane that is lower than this and at least so wide has what changed beside all else, in points.
const LOW: f32 = 320.0;
const BESIDE: f32 = 600.0;
/// Below this width the request needs the place more than the name of a key does.
const WITH_KEY: f32 = 400.0;
/// The share of the width that what changed has there.
const CHANGES: f32 = 0.55;

/// Draws the pane over the place that is left.
pub(in crate::gui::panels) fn ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    commands: &mut Vec<Command>,
) {
    let looping = &site.looping;
    if looping.script().is_none() {
        let sentence = "Choose a script, or save one: what its runs change is shown here";
        empty::ui(ui, "No script is looked at", sentence, &[]);
        return;
    }
    let room = ui.available_size();
    if room.y < LOW && room.x >= BESIDE {
        return beside_ui(ui, model, site, commands);
    }
    column_ui(ui, "run pane", 10, |ui| {
        request_ui(ui, model, site, commands);
        switches_ui(ui, model, site, commands);
        tests_ui(ui, site, commands);
        problem_ui(ui, site);
        let Some(changed) = looping.changed() else {
            return first_ui(ui, site);
        };
        runs_ui(ui, model, site, commands);
        shown_ui(ui, site, changed, |ui| {
            strip_ui(ui, changed, commands);
            changes_ui(ui, changed, commands);
        });
    });
}

/// In a low pane what changed is beside all else, so that it is what is seen first.
fn beside_ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    let place = ui.available_rect_before_wrap();
    let (changes, rest) = place.split_left_right_at_x(place.left() + place.width() * CHANGES);
    ui.painter()
        .vline(rest.left(), place.y_range(), Theme::of(ui).separator());
    let base = Theme::of(ui).base;
    room(ui, "changes", changes, base, |ui| {
        column_ui(ui, "changes", 8, |ui| {
            problem_ui(ui, site);
            let Some(changed) = site.looping.changed() else {
                return first_ui(ui, site);
            };
            shown_ui(ui, site, changed, |ui| {
                changes_ui(ui, changed, commands);
                strip_ui(ui, changed, commands);
            });
        });
    });
    room(
        ui,
        "request",
        rest.with_min_x(rest.left() + 1.0),
        base,
        |ui| {
            column_ui(ui, "request", 8, |ui| {
                request_ui(ui, model, site, commands);
                runs_ui(ui, model, site, commands);
                switches_ui(ui, model, site, commands);
                tests_ui(ui, site, commands);
            });
        },
    );
}

fn column_ui(ui: &mut Ui, name: &str, space: i8, contents: impl FnOnce(&mut Ui)) {
    let area = ScrollArea::vertical().id_salt(name).auto_shrink(false);
    area.show(ui, |ui| {
        padded(ui, 16, space, |ui| {
            ui.spacing_mut().item_spacing.y = f32::from(space);
            contents(ui);
        });
    });
}

fn problem_ui(ui: &mut Ui, site: &SiteModel) {
    if let Some(why) = site.looping.problem() {
        let words = format!("The last save ran nothing: {why}");
        ui.add(Label::new(RichText::new(words).color(Theme::of(ui).warn)).wrap());
    }
}

/// Which request it is, and the button that sends it.
fn request_ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    let looping = &site.looping;
    let choice = looping.choice();
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let verb = verb_of(&Command::Loop(LoopCommand::RunNow));
            let enabled = choice.is_some();
            let mut run = button::quiet("Run again").enabled(enabled);
            if ui.available_width() >= WITH_KEY {
                run = run.key("Ctrl Enter");
            }
            let run = ui.add(run);
            let hint = verb.map(Verb::hint).unwrap_or_default();
            if run.on_hover_text(hint).clicked() && enabled {
                commands.push(Command::Loop(LoopCommand::RunNow));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let words = match choice.and_then(|choice| site.row(choice.request)) {
                    Some(row) => format!("{} {}", row.method, row.target),
                    None if looping.knows_choice() => "No request yet".to_owned(),
                    None => String::new(),
                };
                let text = RichText::new(words.as_str()).font(theme::heading());
                ui.add(Label::new(text).truncate()).on_hover_text(words);
            });
        });
    });
    let Some(choice) = choice else {
        if looping.knows_choice() {
            let words = "Ask for the script once, in a browser or with Ctrl N; from then on each save sends that request again.";
            ui.add(Label::new(Theme::of(ui).weak(words)).wrap());
        }
        return;
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let number = choice.request;
        if choice.pinned {
            ui.label(Theme::of(ui).weak(format!("Chosen: request {number}")));
            let let_go = ui.add(button::bare("Take the last one"));
            let hint = "Run the last request of the script on save, whichever that is";
            if let (true, Some(script)) = (let_go.on_hover_text(hint).clicked(), looping.script()) {
                let unpin = LoopCommand::Unpin(script.to_owned());
                commands.push(Command::Loop(unpin));
            }
        } else {
            ui.label(Theme::of(ui).weak(format!("The last request, {number}")));
            let hold = ui.add(button::bare("Always this one"));
            let hint = "Run this request on save, whatever else is asked";
            if hold.on_hover_text(hint).clicked() {
                commands.push(Command::Loop(LoopCommand::Pin(number)));
            }
        }
    });
    if !choice.runs && model.preferences.run_on_save {
        let words = "It may change something, so it runs by itself only when it is chosen.";
        ui.add(Label::new(Theme::of(ui).weak(words)).wrap());
    }
}

fn switches_ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    let preferences = &model.preferences;
    let switches = [
        (
            preferences.run_on_save,
            "Run on save",
            LoopCommand::SwitchRun,
        ),
        (
            preferences.tests_on_save,
            "Saved requests on save",
            LoopCommand::SwitchTests,
        ),
        (
            site.looping.reloads_pages,
            "Browser reloads",
            LoopCommand::SwitchReload,
        ),
    ];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for (on, text, command) in switches {
            let command = Command::Loop(command);
            let hint = verb_of(&command)
                .map(|verb| verb.tooltip)
                .unwrap_or_default();
            let shown = chip::ui_with_state(ui, on, text, None).on_hover_text(hint);
            if shown.clicked() {
                commands.push(command);
            }
        }
    });
}

/// How the saved requests went, in a line that leads to them.
fn tests_ui(ui: &mut Ui, site: &SiteModel, commands: &mut Vec<Command>) {
    let Some((passed, words)) = site.saved.line() else {
        return;
    };
    let mark = match (passed, site.saved.to_come) {
        (false, _) => Mark::Failed,
        (true, 0) => Mark::Ok,
        (true, _) => Mark::Running,
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        mark::ui(ui, mark, &format!("Saved requests: {words}"));
        if ui.add(button::bare("Show")).clicked() {
            commands.push(Command::Loop(LoopCommand::ShowTests));
        }
    });
}

fn first_ui(ui: &mut Ui, site: &SiteModel) {
    let words = match site.looping.run() {
        Some(id) => format!("Request {id} runs …"),
        None => BEFORE_A_SAVE.to_owned(),
    };
    ui.add(Label::new(Theme::of(ui).weak(words)).wrap());
}

/// Something of the run, which is said to be of an older one while the next goes on.
fn shown_ui(ui: &mut Ui, site: &SiteModel, changed: &Changed, contents: impl FnOnce(&mut Ui)) {
    let is_current = site.looping.run() == Some(changed.after);
    if !is_current {
        let words = match site.looping.run() {
            Some(id) => format!("Request {id} runs … shown is #{}", changed.after),
            None => format!("Shown is #{}", changed.after),
        };
        mark::ui(ui, Mark::Running, &words);
    }
    ui.scope(|ui| {
        if !is_current {
            ui.multiply_opacity(0.55);
        }
        contents(ui);
    });
}

fn strip_ui(ui: &mut Ui, changed: &Changed, commands: &mut Vec<Command>) {
    let stages = stages_of(&changed.strip);
    if strip::ui(ui, &stages).is_some() {
        commands.push(Command::Loop(LoopCommand::Inspect(changed.after)));
    }
    if changed.is_of_older_source() {
        tag::ui(ui, "older source").on_hover_text("The script was saved while it ran");
    }
}

fn runs_ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    let mut runs: Vec<_> = site.looping.runs().collect();
    if runs.len() < 2 {
        return;
    }
    let looked_at = site.looping.run();
    let end = runs
        .iter()
        .position(|id| Some(*id) == looked_at)
        .map_or(runs.len(), |at| (at + 3).max(RUNS).min(runs.len()));
    runs.truncate(end);
    let first = runs.len().saturating_sub(RUNS);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(Theme::of(ui).weak("Runs"));
        for id in runs.into_iter().skip(first) {
            let row = site.row(id);
            let told = row.map_or_else(
                || format!("#{id}"),
                |row| {
                    let (_, words) = outcome(row, model.now);
                    format!("#{id} {words}")
                },
            );
            if chip::ui_with_state(ui, Some(id) == looked_at, &told, None).clicked() {
                commands.push(Command::Loop(LoopCommand::Show(id)));
            }
        }
        for (name, command) in [
            ("Earlier run", LoopCommand::Earlier),
            ("Later run", LoopCommand::Later),
        ] {
            let sign = if command == LoopCommand::Earlier {
                "←"
            } else {
                "→"
            };
            let step = ui.add(button::bare(sign)).on_hover_text(name);
            if step.clicked() {
                commands.push(Command::Loop(command));
            }
        }
    });
}

fn changes_ui(ui: &mut Ui, changed: &Changed, commands: &mut Vec<Command>) {
    let title = match changed.before {
        Some(before) => format!("#{}: changed since #{before}", changed.after),
        None => format!("#{}", changed.after),
    };
    ui.horizontal(|ui| {
        ui.label(theme::strong_text(title));
        if ui.add(button::bare("Open the run")).clicked() {
            commands.push(Command::Loop(LoopCommand::Inspect(changed.after)));
        }
    });
    let is_same = |line: &&ChangeLine| line.part != "time";
    if changed.before.is_none() {
        ui.add(Label::new(Theme::of(ui).weak(BEFORE_A_SAVE)).wrap());
    } else if !changed.lines.iter().any(|line| is_same(&line)) {
        ui.label(Theme::of(ui).weak("Everything else is the same."));
    }
    if changed.lines.is_empty() {
        return;
    }
    card::ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        for line in &changed.lines {
            line_ui(ui, line);
        }
    });
}

fn line_ui(ui: &mut Ui, line: &ChangeLine) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let name = ui.label(theme.weak(line.part));
        ui.add_space((84.0 - name.rect.width()).max(0.0));
        let color = match line.tone {
            Tone::Other => theme.text,
            Tone::Better => theme.ok,
            Tone::Worse => theme.fail,
        };
        let words = RichText::new(&line.words).color(color);
        ui.add(Label::new(words).wrap().selectable(true));
    });
    if line.excerpt.is_empty() {
        return;
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for excerpt in &line.excerpt {
            excerpt_ui(ui, excerpt, theme);
        }
    });
}

fn excerpt_ui(ui: &mut Ui, excerpt: &Excerpt, theme: &Theme) {
    let (sign, color): (&str, Color32) = match excerpt.side {
        Side::Before => ("−", theme.fail),
        Side::After => ("+", theme.ok),
        Side::Both => (" ", theme.weak),
    };
    let number = excerpt
        .line
        .map_or_else(String::new, |line| format!("{line:>4} "));
    let text = format!("{number}{sign} {}", excerpt.text);
    let text = RichText::new(text).font(theme::mono()).color(color);
    ui.add(Label::new(text).truncate().selectable(true));
}
