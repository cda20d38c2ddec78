//! What a script would be told: its environment before it is started, with what differs from the recorded request.

use std::path::Path;

use cgi_engine::cgi::request::CgiRequest;
use cgi_engine::{PreviewedAnswer, PreviewedRun};
use eframe::egui::{Align, Label, Rangef, Rect, ScrollArea, Ui};

use super::environment_rows::{VariableRow, rows};
use super::words;
use crate::gui::command::Command;
use crate::gui::model::compose::Previewed;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::rows::{Row, Rows};
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::{chip, tag};

const ROW: f32 = 26.0;

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    scroll: Scroll,
    only_changed: bool,
    selected: Option<String>,
}

/// A variable with what it was before.
struct Compared {
    row: VariableRow,
    /// What the recorded request had instead; none where it is the same or nothing is known.
    before: Option<String>,
}

/// Draws the preview over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    previewed: Option<&Previewed>,
    told: Option<&CgiRequest>,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = 8.0;
    let Some(previewed) = previewed else {
        ui.label(theme::strong_text("Environment"));
        ui.label(Theme::of(ui).weak("It is shown as soon as the request can be sent"));
        return;
    };
    match &previewed.preview.answer {
        PreviewedAnswer::Script(run) => environment_ui(ui, run, told, state, commands),
        PreviewedAnswer::Studio { .. } | PreviewedAnswer::Nobody => {
            ui.label(theme::strong_text(
                "No script is asked, so there is no environment",
            ));
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                for step in &previewed.preview.steps {
                    ui.add(Label::new(Theme::of(ui).weak(step.as_str())).wrap());
                }
            });
        }
    }
}

fn environment_ui(
    ui: &mut Ui,
    run: &PreviewedRun,
    told: Option<&CgiRequest>,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let all = compared(&run.request, told);
    let changed = all.iter().filter(|row| row.before.is_some()).count();
    let set = run.request.variables.len() as u64;
    ui.horizontal_wrapped(|ui| {
        ui.set_min_height(28.0);
        ui.label(theme::strong_text("What the script would be told"));
        ui.label(Theme::of(ui).weak(words::counted(set, "variable", "variables")));
        if told.is_some() {
            let chip = chip::ui_with_state(ui, state.only_changed, "Changed", Some(changed as u64));
            if chip.clicked() {
                state.only_changed = !state.only_changed;
            }
        }
    });
    ui.add(Label::new(Theme::of(ui).weak(start_words(run))).truncate());
    let shown: Vec<&Compared> = all
        .iter()
        .filter(|row| !state.only_changed || told.is_none() || row.before.is_some())
        .collect();
    let selected = state
        .selected
        .as_ref()
        .and_then(|name| shown.iter().position(|row| row.row.name == *name));
    let answer = Rows::new("Variables of the draft", shown.len())
        .row_height(ROW)
        .selected(selected)
        .show(
            ui,
            &mut state.scroll,
            |index| index as u64,
            |row| {
                shown.get(row.index).map_or_else(String::new, |variable| {
                    paint(row, variable);
                    menu_ui(row, variable, commands);
                    spoken(variable)
                })
            },
        );
    if let Some(chosen) = answer.chosen.and_then(|index| shown.get(index)) {
        state.selected = Some(chosen.row.name.clone());
    }
}

/// Program, arguments and folder.
fn start_words(run: &PreviewedRun) -> String {
    let Ok(program) = &run.program else {
        return "It cannot be started".to_owned();
    };
    let arguments: Vec<String> = program
        .arguments
        .iter()
        .map(|word| words::path(Path::new(word)))
        .collect();
    let folder = words::path(&program.directory);
    format!("{}  ·  in {folder}", arguments.join(" "))
}

fn compared(request: &CgiRequest, told: Option<&CgiRequest>) -> Vec<Compared> {
    let before = |row: &VariableRow| {
        let told = told?;
        let old = told.get(&row.name).map(|old| &old.value);
        // The port of a request of the studio's own is never the client's.
        let is_same = old == row.value.as_ref() || row.name == "REMOTE_PORT";
        (!is_same).then(|| old.map_or_else(|| "absent".to_owned(), |old| words::text(old)))
    };
    let mut all: Vec<Compared> = rows(request)
        .into_iter()
        .map(|row| Compared {
            before: before(&row),
            row,
        })
        .collect();
    all.extend(told.into_iter().flat_map(|told| gone(request, told)));
    all
}

/// Variables of the recorded request of which the new one says nothing at all.
fn gone(request: &CgiRequest, told: &CgiRequest) -> Vec<Compared> {
    let is_known = |name: &str| {
        request.get(name).is_some() || request.absent.iter().any(|absent| absent.name == name)
    };
    rows(told)
        .into_iter()
        .filter(|row| row.value.is_some() && !is_known(&row.name))
        .map(|row| Compared {
            before: row.value.as_ref().map(|value| words::text(value)),
            row: VariableRow {
                value: None,
                from: String::new(),
                meaning: "The recorded request had it".to_owned(),
                ..row
            },
        })
        .collect()
}

fn spoken(variable: &Compared) -> String {
    let row = &variable.row;
    let value = row.shown_value(true);
    match &variable.before {
        Some(before) => format!("{}, {value}, was {before}", row.name),
        None => format!("{}, {value}, {}", row.name, row.from),
    }
}

fn paint(row: &Row<'_>, variable: &Compared) {
    let (left, right) = (row.rect.left(), row.rect.right());
    let name_end = left + (row.rect.width() * 0.48).clamp(150.0, 210.0);
    let from_width = if row.rect.width() > 460.0 { 120.0 } else { 0.0 };
    let dot = Rect::from_x_y_ranges(Rangef::new(left, left + 12.0), row.rect.y_range());
    if variable.before.is_some() {
        row.painter
            .circle_filled(dot.center(), 3.0, row.theme.accent);
    }
    let absent = variable.row.value.is_none();
    let color = if absent { row.weak() } else { row.theme.text };
    let name = Rangef::new(left + 14.0, name_end);
    row.text(name, Align::Min, &variable.row.name, theme::mono(), color);
    let (font, color) = if variable.row.is_told() {
        (theme::body(), row.weak())
    } else {
        (theme::mono(), row.theme.text)
    };
    let value = Rangef::new(name_end + 8.0, right - from_width - 8.0);
    row.text(
        value,
        Align::Min,
        &variable.row.shown_value(true),
        font,
        color,
    );
    if from_width > 0.0 && !variable.row.from.is_empty() {
        let place = Rect::from_x_y_ranges(
            Rangef::new(right - from_width, right - 4.0),
            row.rect.y_range(),
        );
        tag::paint(
            row.painter,
            place,
            &variable.row.from,
            row.theme,
            row.weak(),
        );
    }
    row.rule();
    let mut hint = format!("{} = {}", variable.row.name, variable.row.shown_value(true));
    if let Some(before) = &variable.before {
        hint.push_str(&format!("\nwas {before}"));
    }
    for words in [&variable.row.from, &variable.row.meaning] {
        if !words.is_empty() {
            hint.push_str(&format!("\n{words}"));
        }
    }
    row.response.clone().on_hover_text(hint);
}

fn menu_ui(row: &Row<'_>, variable: &Compared, commands: &mut Vec<Command>) {
    row.response.context_menu(|ui| {
        if let Some(value) = &variable.row.value
            && ui.button("Copy value").clicked()
        {
            commands.push(Command::Copy {
                what: format!("Value of {}", variable.row.name),
                text: words::text(value),
            });
        }
    });
}
