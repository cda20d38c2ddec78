//! The table of the environment: a row a variable, lit when its bytes are pointed at.

use std::collections::HashSet;

use eframe::egui::{Align, Event, Rangef, Rect, Ui, UiBuilder, Vec2};

use super::environment::Lit;
use super::environment_changes::is_absent;
use super::environment_rows::VariableRow;
use super::words;
use crate::gui::command::Command;
use crate::gui::model::filter_words;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::icon::{self, Icon};
use crate::gui::widgets::rows::{Row, Rows};
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::table::{self, Column, Width};
use crate::gui::widgets::{empty, tag};

const ROW: f32 = 26.0;
/// From here on there is room to say where a variable comes from beside what it means.
const WITH_ORIGINS: f32 = 860.0;
/// Below this width meanings are read below only.
const WITH_MEANINGS: f32 = 480.0;
/// The width of the sign of a change.
const SIGN: f32 = 10.0;
/// The width of the words that reveal a secret.
const REVEAL: f32 = 48.0;

/// What the table remembers.
#[derive(Default)]
pub(super) struct State {
    pub(super) selected: Option<String>,
    scroll: Scroll,
    /// The secrets that are shown.
    pub(super) revealed: HashSet<String>,
}

/// What there is room for at this width: origins go before meanings do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    origins: bool,
    meanings: bool,
}

impl Room {
    fn at(width: f32) -> Self {
        Self {
            origins: width >= WITH_ORIGINS,
            meanings: width >= WITH_MEANINGS,
        }
    }

    fn columns(self, width: f32) -> Vec<Column<'static>> {
        let share = |title, parts| Column {
            title,
            width: Width::Share { parts, min: 50.0 },
            align: Align::Min,
        };
        let mut columns = vec![
            Column::fixed("Name", (width * 0.26).clamp(150.0, 230.0)),
            share("Value", 1.0),
        ];
        if self.origins {
            columns.push(Column::fixed("From", 132.0));
        }
        if self.meanings {
            columns.push(share("Meaning", if self.origins { 1.0 } else { 1.4 }));
        }
        columns.push(Column::number("RFC", 58.0));
        columns
    }
}

/// Draws the table; returns the row under the pointer.
pub(super) fn ui(
    ui: &mut Ui,
    shown: &[&VariableRow],
    lit: &Lit,
    state: &mut State,
    commands: &mut Vec<Command>,
) -> Option<String> {
    ui.spacing_mut().item_spacing.y = 0.0;
    let place = ui.available_rect_before_wrap().shrink2(Vec2::new(8.0, 0.0));
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place));
    let ui = &mut inner;
    let room = Room::at(place.width());
    let columns = table::header_ui(ui, &room.columns(place.width()));
    if shown.is_empty() {
        let sentence = "Switch more kinds on, or clear the filter";
        empty::ui(ui, "No variable matches", sentence, &[]);
        return None;
    }
    let place_of = |name: &String| shown.iter().position(|row| row.name == *name);
    let selected = state.selected.as_ref().and_then(place_of);
    let (mut hovered, mut turned) = (None, None);
    let revealed = &state.revealed;
    let answer = Rows::new("Variables", shown.len())
        .row_height(ROW)
        .selected(selected)
        .show(
            ui,
            &mut state.scroll,
            |index| index as u64,
            |row| {
                let Some(variable) = shown.get(row.index) else {
                    return String::new();
                };
                let is_revealed = revealed.contains(&variable.name);
                let reveal = paint(row, variable, is_revealed, lit, room, &columns);
                let pointer = row.response.interact_pointer_pos();
                let hits = |word: Rect| pointer.is_some_and(|at| word.contains(at));
                if row.response.clicked() && reveal.is_some_and(hits) {
                    turned = Some(variable.name.clone());
                }
                if row.response.hovered() {
                    hovered = Some(variable.name.clone());
                }
                if !variable.meaning.is_empty() {
                    let tip = row.response.clone();
                    tip.on_hover_text(variable.meaning.as_str());
                }
                menu_ui(row, variable, is_revealed, commands);
                spoken(variable, is_revealed)
            },
        );
    if let Some(name) = turned
        && !state.revealed.remove(&name)
    {
        state.revealed.insert(name);
    }
    if let Some(chosen) = answer.chosen.and_then(|index| shown.get(index)) {
        state.selected = Some(chosen.name.clone());
    }
    let copies = ui.input(|input| input.events.contains(&Event::Copy));
    if copies
        && answer.response.has_focus()
        && let Some(row) = selected.and_then(|index| shown.get(index))
    {
        let text = line(row, state.revealed.contains(&row.name));
        commands.push(copy("Row", text));
    }
    hovered
}

fn copy(what: &str, text: String) -> Command {
    Command::Copy {
        what: what.to_owned(),
        text,
    }
}

fn spoken(variable: &VariableRow, is_revealed: bool) -> String {
    let value = variable.shown_value(is_revealed);
    let change = variable
        .change
        .as_ref()
        .map_or_else(String::new, |change| format!(", {}", change.word()));
    format!("{}, {value}, {}{change}", variable.name, variable.from)
}

/// A row in one line, parted by tabs as spreadsheets take them.
pub(super) fn line(row: &VariableRow, is_revealed: bool) -> String {
    let value = row.shown_value(is_revealed);
    let parts = [&row.name, &value, &row.from, &row.meaning];
    let parts = parts.map(|part| part.replace(['\t', '\r', '\n'], " "));
    parts.join("\t")
}

fn menu_ui(row: &Row<'_>, variable: &VariableRow, is_revealed: bool, commands: &mut Vec<Command>) {
    row.response.context_menu(|ui| {
        if let Some(value) = &variable.value {
            if ui.button("Copy value").clicked() {
                let what = format!("Value of {}", variable.name);
                commands.push(copy(&what, words::text(value)));
            }
            let clause = filter_words::clause(
                &format!("env.{}", variable.name),
                &String::from_utf8_lossy(value),
            );
            if ui.button("Show only requests with this value").clicked() {
                commands.push(Command::Narrow(clause.clone()));
            }
            if ui.button("Hide requests with this value").clicked() {
                commands.push(Command::Narrow(format!("-{clause}")));
            }
        }
        if ui.button("Copy name").clicked() {
            commands.push(copy("Name", variable.name.clone()));
        }
        if ui.button("Copy row").clicked() {
            commands.push(copy("Row", line(variable, is_revealed)));
        }
    });
}

/// Paints a row; returns where a secret is revealed.
fn paint(
    row: &Row<'_>,
    variable: &VariableRow,
    is_revealed: bool,
    lit: &Lit,
    room: Room,
    columns: &[Rangef],
) -> Option<Rect> {
    let mut columns = columns.iter();
    let mut next = || columns.next().copied().unwrap_or(Rangef::NOTHING);
    if lit.has(variable) && !row.selected {
        row.painter
            .rect_filled(row.rect, 0.0, row.theme.mark_ground);
    }
    let (name, value) = (next(), next());
    let weak = is_absent(variable);
    let color = if weak { row.weak() } else { row.theme.text };
    let sign = Rangef::new((name.max - SIGN).max(name.min), name.max);
    let text = match variable.change {
        Some(_) => Rangef::new(name.min, (sign.min - 4.0).max(name.min)),
        None => name,
    };
    row.text(text, Align::Min, &variable.name, theme::mono(), color);
    change_sign(row, sign, variable);
    let reveal = value_cell(row, value, variable, is_revealed);
    if room.origins {
        let place = Rect::from_x_y_ranges(next(), row.rect.y_range());
        if !variable.from.is_empty() {
            tag::paint(row.painter, place, &variable.from, row.theme, row.weak());
        }
    }
    if room.meanings {
        row.text(
            next(),
            Align::Min,
            &variable.meaning,
            theme::body(),
            row.weak(),
        );
    }
    row.text(
        next(),
        Align::Max,
        variable.section(),
        theme::body(),
        row.weak(),
    );
    row.rule();
    reveal
}

/// The sign stands at the end of the name's column, and its colour at the edge of the row.
fn change_sign(row: &Row<'_>, place: Rangef, variable: &VariableRow) {
    let Some(change) = &variable.change else {
        return;
    };
    let tone = match change.before() {
        None => Tone::Added,
        Some(_) if is_absent(variable) => Tone::Fail,
        Some(_) => Tone::Warn,
    };
    let ground = Rect::from_x_y_ranges(row.rect.left()..=row.rect.left() + 3.0, row.rect.y_range());
    row.painter.rect_filled(ground, 0.0, tone.text(row.theme));
    row.text(
        place,
        Align::Max,
        change.sign(),
        theme::mono(),
        tone.text(row.theme),
    );
}

/// Set, empty and absent are three different sights.
fn value_cell(
    row: &Row<'_>,
    place: Rangef,
    variable: &VariableRow,
    is_revealed: bool,
) -> Option<Rect> {
    let whole = Rect::from_x_y_ranges(place, row.rect.y_range());
    match &variable.value {
        None => {
            let glyph =
                Rect::from_center_size(whole.left_center() + Vec2::new(5.0, 0.0), Vec2::splat(9.0));
            icon::paint(row.painter, glyph, Icon::Ring, row.weak());
            let words = Rangef::new(place.min + 15.0, place.max);
            row.text(words, Align::Min, "absent", theme::body(), row.weak());
            None
        }
        Some(value) if value.is_empty() => {
            tag::paint(row.painter, whole, "empty", row.theme, row.weak());
            None
        }
        Some(_) if variable.secrets.is_empty() => {
            let value = variable.shown_value(true);
            row.text(place, Align::Min, &value, theme::mono(), row.theme.text);
            None
        }
        Some(_) => {
            let words = Rangef::new((place.max - REVEAL).max(place.min), place.max);
            let value = Rangef::new(place.min, (words.min - 6.0).max(place.min));
            let text = variable.shown_value(is_revealed);
            row.text(value, Align::Min, &text, theme::mono(), row.theme.text);
            let word = if is_revealed { "Hide" } else { "Reveal" };
            let color = accent(row.theme, row.selected);
            row.text(words, Align::Max, word, theme::body(), color);
            Some(Rect::from_x_y_ranges(words, row.rect.y_range()))
        }
    }
}

fn accent(theme: &Theme, is_selected: bool) -> eframe::egui::Color32 {
    if is_selected {
        theme.text
    } else {
        theme.accent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings_keep_their_room_longer_than_origins() {
        let titles = |width| -> Vec<&str> {
            let columns = Room::at(width).columns(width);
            columns.iter().map(|column| column.title).collect()
        };
        assert_eq!(titles(400.0), ["Name", "Value", "RFC"]);
        assert_eq!(titles(730.0), ["Name", "Value", "Meaning", "RFC"]);
        assert_eq!(titles(900.0), ["Name", "Value", "From", "Meaning", "RFC"]);
    }
}
