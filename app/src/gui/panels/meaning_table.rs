//! Names with their values and what they mean, as a table; the selected row is told in full below it.

use std::collections::HashSet;

use eframe::egui::{
    Align, Event, Label, Layout, Popup, Rangef, Rect, RichText, ScrollArea, Ui, UiBuilder, Vec2,
};

use super::room;
use crate::gui::command::Command;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::rows::{Row, Rows};
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::table::{self, Column, Width};
use crate::gui::widgets::{button, tag};

const ROW: f32 = 26.0;
/// The height of what is told of the selected row.
const LOWER: f32 = 128.0;
/// Below this height it takes a part of the place instead.
const LOW: f32 = 300.0;
/// Below this width meanings are read below only.
const WITH_MEANINGS: f32 = 460.0;
/// Below this width so are the rules that they come from.
const WITH_AUTHORITIES: f32 = 700.0;

/// A tip shows no more of a value, in bytes.
const LONGEST_TIP: usize = 400;

/// A name with its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NamedRow {
    pub(super) name: String,
    pub(super) value: String,
    /// The value with its secrets hidden, where it has some.
    pub(super) masked: Option<String>,
    /// A word about it: who wrote it, in which line it stands.
    pub(super) tag: String,
    /// One sentence; empty where nobody knows.
    pub(super) meaning: String,
    /// Where that is laid down.
    pub(super) authority: String,
    /// What is wrong with it.
    pub(super) problem: Option<String>,
}

/// What a table is called.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    /// For a screen reader.
    pub(super) table: &'a str,
    /// The title of the first column.
    pub(super) name: &'a str,
    /// The title of the column of tags; empty: there is none.
    pub(super) tag: &'a str,
}

/// What the table remembers.
#[derive(Default)]
pub(super) struct State {
    selected: Option<usize>,
    scroll: Scroll,
    revealed: HashSet<usize>,
}

impl NamedRow {
    /// The row in one line, parted by tabs as spreadsheets take them.
    fn line(&self, is_revealed: bool) -> String {
        let value = self.shown(is_revealed);
        let parts = [&self.name, value, &self.tag, &self.meaning, &self.authority];
        let parts = parts.map(|part| part.replace(['\t', '\r', '\n'], " "));
        parts.join("\t")
    }

    fn shown(&self, is_revealed: bool) -> &String {
        match &self.masked {
            Some(masked) if !is_revealed => masked,
            _ => &self.value,
        }
    }
}

/// All rows as lines, with secrets hidden that are not shown.
fn all_lines(rows: &[NamedRow], state: &State) -> String {
    let lines = rows.iter().enumerate().map(|(index, row)| {
        let mut line = row.line(state.revealed.contains(&index));
        line.push('\n');
        line
    });
    lines.collect()
}

/// Draws the table over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    names: Names<'_>,
    rows: &[NamedRow],
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let place = ui.available_rect_before_wrap();
    let selected = state.selected.filter(|index| *index < rows.len());
    let lower = match selected {
        None => 0.0,
        Some(_) if place.height() < LOW => place.height() * 0.45,
        Some(_) => LOWER,
    };
    let (upper, lower) = place.split_top_bottom_at_y(place.bottom() - lower);
    let ground = Theme::of(ui).base;
    room(ui, names.table, upper, ground, |ui| {
        rows_ui(ui, names, rows, state, commands);
    });
    let told = selected.and_then(|index| Some((index, rows.get(index)?)));
    if let Some((index, row)) = told {
        room(ui, "told in full", lower, ground, |ui| {
            let place = ui.available_rect_before_wrap();
            let line = Theme::of(ui).separator();
            ui.painter().hline(place.x_range(), place.top() + 0.5, line);
            told_ui(ui, index, row, state, commands);
        });
    }
}

/// The columns at this width.
fn columns<'a>(names: Names<'a>, width: f32) -> Vec<Column<'a>> {
    let share = |title, parts| Column {
        title,
        width: Width::Share { parts, min: 60.0 },
        align: Align::Min,
    };
    let mut columns = vec![
        Column::fixed(names.name, (width * 0.26).clamp(110.0, 210.0)),
        share("Value", 1.2),
    ];
    if !names.tag.is_empty() {
        columns.push(Column::fixed(names.tag, 108.0));
    }
    if width >= WITH_MEANINGS {
        columns.push(share("Meaning", 1.0));
    }
    if width >= WITH_AUTHORITIES {
        columns.push(Column::fixed("Defined in", 140.0));
    }
    columns
}

fn rows_ui(
    ui: &mut Ui,
    names: Names<'_>,
    rows: &[NamedRow],
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let place = ui.available_rect_before_wrap().shrink2(Vec2::new(8.0, 0.0));
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place));
    let ui = &mut inner;
    let places = table::header_ui(ui, &columns(names, place.width()));
    let whole = all_lines(rows, state);
    let revealed = &state.revealed;
    let answer = Rows::new(names.table, rows.len())
        .row_height(ROW)
        .selected(state.selected)
        .show(
            ui,
            &mut state.scroll,
            |index| index as u64,
            |row| {
                let Some(named) = rows.get(row.index) else {
                    return String::new();
                };
                let is_revealed = revealed.contains(&row.index);
                paint(row, names, named, is_revealed, &places);
                let tip = row.response.clone();
                tip.on_hover_ui(|ui| tip_ui(ui, named, is_revealed));
                row.response
                    .context_menu(|ui| menu_ui(ui, named, &whole, commands));
                let problem = named.problem.as_deref().unwrap_or_default();
                let value = named.shown(is_revealed);
                format!("{}, {value}, {} {problem}", named.name, named.tag)
            },
        );
    if let Some(chosen) = answer.chosen {
        // A second click on the same row gives the table its place back.
        let again = state.selected == Some(chosen) && answer.response.clicked();
        state.selected = (!again).then_some(chosen);
    }
    let copies = ui.input(|input| input.events.contains(&Event::Copy));
    if copies
        && answer.response.has_focus()
        && let Some((index, row)) = state
            .selected
            .and_then(|index| Some((index, rows.get(index)?)))
    {
        commands.push(copy("Row", row.line(state.revealed.contains(&index))));
    }
}

/// What may be cut in the row.
fn tip_ui(ui: &mut Ui, row: &NamedRow, is_revealed: bool) {
    let value = row.shown(is_revealed);
    let cut = value
        .get(..value.floor_char_boundary(LONGEST_TIP))
        .unwrap_or(value);
    ui.label(RichText::new(cut).font(theme::mono()));
    let words = row.problem.as_ref().unwrap_or(&row.meaning);
    if !words.is_empty() {
        ui.label(words);
    }
}

fn copy(what: &str, text: String) -> Command {
    Command::Copy {
        what: what.to_owned(),
        text,
    }
}

fn menu_ui(ui: &mut Ui, row: &NamedRow, whole: &str, commands: &mut Vec<Command>) {
    if ui.button("Copy value").clicked() {
        commands.push(copy(&format!("Value of {}", row.name), row.value.clone()));
    }
    if ui.button("Copy name").clicked() {
        commands.push(copy("Name", row.name.clone()));
    }
    if ui.button("Copy row").clicked() {
        commands.push(copy("Row", row.line(false)));
    }
    if ui.button("Copy the whole table").clicked() {
        commands.push(copy("Table", whole.to_owned()));
    }
}

fn paint(row: &Row<'_>, names: Names<'_>, named: &NamedRow, is_revealed: bool, columns: &[Rangef]) {
    let mut columns = columns.iter();
    let mut next = || columns.next().copied().unwrap_or(Rangef::NOTHING);
    if named.problem.is_some() {
        row.painter
            .rect_filled(row.rect, 0.0, Tone::Warn.ground(row.theme));
    }
    row.text(next(), Align::Min, &named.name, theme::mono(), row.weak());
    let value = named.shown(is_revealed);
    if value.is_empty() {
        row.text(next(), Align::Min, "(empty)", theme::body(), row.weak());
    } else {
        row.text(next(), Align::Min, value, theme::mono(), row.theme.text);
    }
    if !names.tag.is_empty() {
        let place = Rect::from_x_y_ranges(next(), row.rect.y_range());
        if !named.tag.is_empty() {
            tag::paint(row.painter, place, &named.tag, row.theme, row.weak());
        }
    }
    let (meaning, authority) = (next(), next());
    let (words, color) = match &named.problem {
        Some(problem) => (problem, row.theme.warn),
        None => (&named.meaning, row.weak()),
    };
    for (place, text, color) in [
        (meaning, words, color),
        (authority, &named.authority, row.weak()),
    ] {
        if place.min <= place.max {
            row.text(place, Align::Min, text, theme::body(), color);
        }
    }
    row.rule();
}

fn told_ui(
    ui: &mut Ui,
    index: usize,
    row: &NamedRow,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let place = ui
        .available_rect_before_wrap()
        .shrink2(Vec2::new(16.0, 8.0));
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place));
    ScrollArea::vertical()
        .id_salt("told in full")
        .auto_shrink(false)
        .show(&mut inner, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            ui.horizontal(|ui| {
                ui.label(theme::strong_text(row.name.as_str()));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui.add(button::bare("Copy value")).clicked() {
                        commands.push(copy(&format!("Value of {}", row.name), row.value.clone()));
                    }
                    if row.masked.is_some() {
                        reveal_ui(ui, index, &mut state.revealed);
                    }
                });
            });
            let value = row.shown(state.revealed.contains(&index));
            if !value.is_empty() {
                let value = RichText::new(value).font(theme::mono());
                ui.add(Label::new(value).wrap().selectable(true));
            }
            if let Some(problem) = &row.problem {
                let problem = RichText::new(problem).color(theme.warn);
                ui.add(Label::new(problem).wrap().selectable(true));
            }
            let known = [&row.meaning, &row.authority];
            let words: Vec<&str> = known
                .into_iter()
                .map(String::as_str)
                .filter(|text| !text.is_empty())
                .collect();
            if !words.is_empty() {
                let words = theme.weak(words.join(" "));
                ui.add(Label::new(words).wrap().selectable(true));
            }
        });
}

fn reveal_ui(ui: &mut Ui, index: usize, revealed: &mut HashSet<usize>) {
    let shown = revealed.contains(&index);
    let word = if shown { "Hide again" } else { "Reveal" };
    if ui.add(button::bare(word)).clicked() && !revealed.remove(&index) {
        revealed.insert(index);
    }
}

/// A button that copies the whole table.
pub(super) fn copy_ui(ui: &mut Ui, rows: &[NamedRow], state: &State, commands: &mut Vec<Command>) {
    let button = ui.add(button::quiet("Copy").icon(Icon::Down));
    Popup::menu(&button).show(|ui| {
        let whole = all_lines(rows, state);
        match state.selected.and_then(|index| rows.get(index)) {
            Some(row) => menu_ui(ui, row, &whole, commands),
            None => {
                if ui.button("Copy the whole table").clicked() {
                    commands.push(copy("Table", whole));
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, value: &str, masked: Option<&str>) -> NamedRow {
        NamedRow {
            name: name.into(),
            value: value.into(),
            masked: masked.map(str::to_owned),
            ..NamedRow::default()
        }
    }

    #[test]
    fn a_table_is_copied_a_line_a_row_and_its_secrets_stay_hidden() {
        let rows = [
            row("Host", "a\tb", None),
            row("Cookie", "s=1", Some("s=********")),
        ];
        let mut state = State::default();
        let expected = "Host\ta b\t\t\t\nCookie\ts=********\t\t\t\n";
        assert_eq!(all_lines(&rows, &state), expected);
        state.revealed.insert(1);
        assert!(all_lines(&rows, &state).contains("s=1"));
    }

    #[test]
    fn columns_that_have_no_room_go() {
        let names = Names {
            table: "Fields",
            name: "Name",
            tag: "From",
        };
        let count = |width| columns(names, width).len();
        assert_eq!([count(400.0), count(500.0), count(800.0)], [3, 4, 5]);
        let names = Names { tag: "", ..names };
        assert_eq!(columns(names, 400.0).len(), 2);
    }
}
