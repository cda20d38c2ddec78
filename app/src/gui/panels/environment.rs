//! The environment tab: every variable with where it came from, and the bytes that it was made of.

use cgi_engine::exchange::Invocation;
use cgi_engine::export::{python_environ, shell_line};
use eframe::egui::{Align, Layout, Popup, TextEdit, Ui};

use super::environment_changes as changes;
use super::environment_rows::{Kind, VariableRow, rows};
use super::environment_source::{self, Pointed, Shown};
use super::environment_table;
use super::inspector::Tabbed;
use super::{log, padded, room, words};
use crate::gui::command::Command;
use crate::gui::theme::Theme;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::{button, chip, empty};

/// The height of the views below the table.
const LOWER: f32 = 216.0;

/// What the tab remembers, from request to request.
pub(super) struct State {
    filter: String,
    kinds: [bool; 5],
    /// Only what differs from the run before.
    changes: bool,
    table: environment_table::State,
    source: environment_source::State,
    /// The variable under the pointer, and the byte of the head under it.
    hovered: Option<String>,
    pointed: Option<usize>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            filter: String::new(),
            kinds: [true; 5],
            changes: false,
            table: environment_table::State::default(),
            source: environment_source::State::default(),
            hovered: None,
            pointed: None,
        }
    }
}

/// The byte of the request that is pointed at, so that what was made from it stands out.
#[derive(Clone, Copy, Default)]
pub(super) struct Lit(Option<usize>);

impl Lit {
    /// Whether the variable was made from that byte.
    pub(super) fn has(self, variable: &VariableRow) -> bool {
        let at = |byte: usize| variable.sources.iter().any(|range| range.contains(&byte));
        self.0.is_some_and(at)
    }
}

/// Draws the tab over the place that is left.
pub(super) fn ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State, commands: &mut Vec<Command>) {
    let Some(run) = tabbed.detail.run(tabbed.run) else {
        empty::ui(
            ui,
            "No script was started",
            "Only a script is given an environment",
            &[],
        );
        return;
    };
    let id = tabbed.detail.exchange.id;
    if !tabbed.earlier.was_asked(id) {
        commands.push(Command::FindEarlier);
    }
    let mut all = rows(&run.request);
    let before = tabbed.earlier.than(id);
    if let Some(earlier) = before.and_then(|exchange| exchange.invocation()) {
        changes::mark(&mut all, &earlier.request);
    }
    let is_low = ui.available_height() < 2.0 * LOWER;
    let margin = if is_low { 6 } else { 10 };
    padded(ui, 16, margin, |ui| {
        tools_ui(ui, run, &all, state, commands);
    });
    let shown: Vec<&VariableRow> = all
        .iter()
        .filter(|row| is_on(state, row) && row.matches(&state.filter))
        .collect();
    let place = ui.available_rect_before_wrap();
    // In a low window the lower part comes only when there is something to say in it.
    let lower = match (is_low, &state.table.selected) {
        (true, None) => 0.0,
        (true, Some(_)) => place.height() * 0.5,
        (false, _) => LOWER,
    };
    let (upper, lower) = place.split_top_bottom_at_y(place.bottom() - lower);
    let ground = Theme::of(ui).base;
    let lit = Lit(state.pointed);
    room(ui, "variables", upper, ground, |ui| {
        state.hovered = environment_table::ui(ui, &shown, &lit, &mut state.table, commands);
    });
    let named = |name: &Option<String>| {
        let name = name.as_ref()?;
        all.iter().find(|row| row.name == *name)
    };
    let selected = named(&state.table.selected);
    let revealed = &state.table.revealed;
    let told = Shown {
        run,
        lit: named(&state.hovered).or(selected),
        selected,
        is_revealed: selected.is_some_and(|row| revealed.contains(&row.name)),
        reveals_head: !revealed.is_empty(),
        before: before.map(|exchange| exchange.id.0),
    };
    let mut pointed = Pointed::default();
    if lower.height() > 1.0 {
        room(ui, "where it came from", lower, ground, |ui| {
            pointed = environment_source::ui(ui, tabbed, &told, &mut state.source);
        });
    }
    state.take_pointed(ui, pointed, &all);
}

impl State {
    /// Bytes that are pointed at light up their variables; a click selects the first of them.
    fn take_pointed(&mut self, ui: &Ui, pointed: Pointed, all: &[VariableRow]) {
        if self.pointed != pointed.hovered {
            self.pointed = pointed.hovered;
            // The table was drawn before.
            ui.ctx().request_repaint();
        }
        let clicked = pointed.clicked.map(|byte| Lit(Some(byte)));
        let made = clicked.and_then(|lit| all.iter().find(|row| lit.has(row)));
        if let Some(row) = made {
            self.table.selected = Some(row.name.clone());
        }
    }
}

fn is_on(state: &State, row: &VariableRow) -> bool {
    let is_kind_on = Kind::ALL
        .iter()
        .zip(state.kinds)
        .any(|(other, on)| *other == row.kind && on);
    is_kind_on && (!state.changes || changes::is_telling(row))
}

fn tools_ui(
    ui: &mut Ui,
    run: &Invocation,
    all: &[VariableRow],
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            copy_ui(ui, run, all, state, commands);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let width = (ui.available_width() - 470.0).clamp(90.0, 180.0);
                let field = TextEdit::singleline(&mut state.filter)
                    .hint_text("Filter variables")
                    .desired_width(width)
                    .margin(eframe::egui::Margin::symmetric(8, 5));
                let field = ui.add(field);
                log::named(ui, &field, "Filter variables");
                for (kind, on) in Kind::ALL.into_iter().zip(&mut state.kinds) {
                    let count = all.iter().filter(|row| row.kind == kind).count();
                    if count > 0 {
                        chip::toggle_ui(ui, on, kind.label(), Some(count as u64));
                    }
                }
                let changed = changes::count(all);
                if changed > 0 {
                    let hint =
                        "Only what differs from the last run with the same method and target";
                    chip::toggle_ui(ui, &mut state.changes, "Changed", Some(changed as u64))
                        .on_hover_text(hint);
                } else {
                    state.changes = false;
                }
            });
        });
    });
}

fn copy_ui(
    ui: &mut Ui,
    run: &Invocation,
    all: &[VariableRow],
    state: &State,
    commands: &mut Vec<Command>,
) {
    let response = ui.add(button::quiet("Copy as").icon(Icon::Down));
    Popup::menu(&response).show(|ui| {
        let mut copy = |what: &str, text: String| {
            commands.push(Command::Copy {
                what: what.to_owned(),
                text,
            });
        };
        if ui.button("Shell command (env -i …)").clicked() {
            copy("Shell command", shell_line(set(all), &command_line(run)));
        }
        if ui.button("Table").clicked() {
            let revealed = &state.table.revealed;
            let line = |row: &VariableRow| {
                let line = environment_table::line(row, revealed.contains(&row.name));
                format!("{line}\n")
            };
            copy("Table", all.iter().map(line).collect());
        }
        if ui.button("Python dict").clicked() {
            copy("Python dict", python_environ(set(all)));
        }
        let selected = state
            .table
            .selected
            .as_ref()
            .and_then(|name| all.iter().find(|row| row.name == *name));
        if let Some((row, value)) = selected.and_then(|row| Some((row, row.value.as_ref()?)))
            && ui.button(format!("Value of {}", row.name)).clicked()
        {
            copy(&format!("Value of {}", row.name), words::text(value));
        }
    });
}

/// The variables that are set.
fn set(rows: &[VariableRow]) -> impl Iterator<Item = (&str, &[u8])> {
    rows.iter()
        .filter_map(|row| Some((row.name.as_str(), row.value.as_deref()?)))
}

fn command_line(run: &Invocation) -> Vec<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt as _;
    let program = run.program.as_ref();
    program.map_or_else(
        || vec![run.script.path.as_os_str().as_bytes().to_vec()],
        |program| {
            program
                .arguments
                .iter()
                .map(|argument| argument.as_bytes().to_vec())
                .collect()
        },
    )
}
