//! What a request carries, as a table beside the bytes that it was read from.

use bytes::Bytes;
use cgi_engine::exchange::ExchangeId;
use eframe::egui::{Align, Layout, Popup, Rangef, Rect, StrokeKind, Ui, UiBuilder, Vec2};

use super::{bytes_view, padded, room, words};
use crate::gui::command::Command;
use crate::gui::model::carried::{Carried, Item, Kind, Source};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::rows::{Row, Rows};
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::table::{self, Column};
use crate::gui::widgets::text_view::selection::LONGEST_COPY;
use crate::gui::widgets::text_view::{Gutter, Highlight, TextView, TextViewState};
use crate::gui::widgets::{button, chip, empty, tag};

const ROW: f32 = 26.0;
/// Below this height the switches go, and the value stands beside the table.
const LOW: f32 = 260.0;
/// Below this width media types have no column.
const WITH_TYPES: f32 = 560.0;
/// Below this width sizes have none either.
const WITH_SIZES: f32 = 420.0;
/// A row of hexadecimal digits is this wide; it is not cut to stand beside something else.
const WITH_DIGITS: f32 = 620.0;

/// What the table and the views below it remember.
pub(super) struct State {
    kinds: [bool; 4],
    selected: Option<usize>,
    scroll: Scroll,
    raw: TextViewState,
    revealed: Option<usize>,
    value: bytes_view::State,
    decoded: bytes_view::Joined,
}

impl Default for State {
    fn default() -> Self {
        Self {
            kinds: [true; 4],
            selected: None,
            scroll: Scroll::default(),
            raw: TextViewState::default(),
            revealed: None,
            value: bytes_view::State::default(),
            decoded: bytes_view::Joined::default(),
        }
    }
}

/// Draws table and bytes over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    id: ExchangeId,
    carried: &Carried,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    if let Some(sentence) = problem_sentence(carried) {
        bytes_view::note_ui(ui, &sentence);
    }
    if carried.body_is_cut {
        let sentence = "The body was not kept whole, so what stood at its end is missing here";
        bytes_view::note_ui(ui, sentence);
    }
    if carried.items.is_empty() {
        let sentence = "No query, no cookies, and no form in the body";
        empty::ui(ui, "Nothing for the script to decode", sentence, &[]);
        return;
    }
    let low = ui.available_height() < LOW;
    if !low {
        padded(ui, 16, 8, |ui| tools_ui(ui, carried, state, commands));
    }
    let shown: Vec<usize> = (0..carried.items.len())
        .filter(|index| {
            let item = carried.items.get(*index);
            item.is_some_and(|item| low || is_on(state, item.kind))
        })
        .collect();
    let place = ui.available_rect_before_wrap();
    let selected = state
        .selected
        .and_then(|index| Some((index, carried.items.get(index)?)));
    let (table, bytes) = match (low, selected) {
        (true, None) => place.split_top_bottom_at_fraction(1.0),
        (true, Some(_)) => place.split_left_right_at_fraction(0.5),
        (false, _) => place.split_top_bottom_at_fraction(0.55),
    };
    let ground = Theme::of(ui).base;
    room(ui, "carried", table, ground, |ui| {
        table_ui(ui, carried, &shown, state, commands);
    });
    let line = Theme::of(ui).separator();
    room(ui, "bytes of what is carried", bytes, ground, |ui| {
        match (low, selected) {
            (true, None) => {}
            (true, Some((index, item))) => {
                ui.painter()
                    .vline(bytes.left() + 0.5, bytes.y_range(), line);
                padded(ui, 12, 4, |ui| {
                    value_ui(ui, id, carried, index, item, state);
                });
            }
            (false, _) => {
                ui.painter().hline(bytes.x_range(), bytes.top() + 0.5, line);
                lower_ui(ui, id, carried, selected, state);
            }
        }
    });
}

fn is_on(state: &State, kind: Kind) -> bool {
    Kind::ALL
        .iter()
        .zip(state.kinds)
        .any(|(other, on)| *other == kind && on)
}

/// The first problem, and how many more there are.
fn problem_sentence(carried: &Carried) -> Option<String> {
    let first = carried.problems.first()?;
    let source = match first.source {
        Source::Head => "head",
        Source::Body => "body",
    };
    let at = words::count(first.at as u64);
    let mut sentence = format!("{}: byte {at} of the {source}", first.kind);
    if let Some(letter) = sentence.get_mut(..1) {
        letter.make_ascii_uppercase();
    }
    match carried.problem_count {
        0 | 1 => {}
        count => {
            let more = words::counted(count - 1, "more problem", "more problems");
            sentence = format!("{sentence}; {more}");
        }
    }
    Some(sentence)
}

fn tools_ui(ui: &mut Ui, carried: &Carried, state: &mut State, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            copy_ui(ui, carried, state, commands);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                for (kind, on) in Kind::ALL.into_iter().zip(&mut state.kinds) {
                    let of_kind = carried.items.iter().filter(|item| item.kind == kind);
                    let count = of_kind.count();
                    if count > 0 {
                        chip::toggle_ui(ui, on, kind.label(), Some(count as u64));
                    }
                }
            });
        });
    });
}

fn copy_ui(ui: &mut Ui, carried: &Carried, state: &State, commands: &mut Vec<Command>) {
    let response = ui.add(button::quiet("Copy").icon(Icon::Down));
    Popup::menu(&response).show(|ui| {
        let selected = state.selected.and_then(|index| carried.items.get(index));
        if let Some(item) = selected {
            item_menu_ui(ui, carried, item, commands);
        }
        if ui.button("The whole table").clicked() {
            commands.push(Command::Copy {
                what: "Table".to_owned(),
                text: table_text(carried),
            });
        }
    });
}

/// A line a row, parted by tabs as spreadsheets take them.
fn table_text(carried: &Carried) -> String {
    let lines = carried.items.iter().map(|item| {
        let media_type = item.media_type.as_deref().unwrap_or_default();
        format!(
            "{}\t{}\t{}\t{}\t{}\n",
            item.kind.label(),
            one_line(&item.name),
            one_line(&item.shown),
            one_line(media_type),
            item.size
        )
    });
    lines.collect()
}

fn one_line(bytes: &[u8]) -> String {
    words::text(bytes).replace(['\t', '\r', '\n'], " ")
}

fn item_menu_ui(ui: &mut Ui, carried: &Carried, item: &Item, commands: &mut Vec<Command>) {
    let name = one_line(&item.name);
    let mut offer = |ui: &mut Ui, label: &str, what: String, bytes: &[u8]| {
        if bytes.len() <= LONGEST_COPY && ui.button(label).clicked() {
            let text = words::text(bytes);
            commands.push(Command::Copy { what, text });
        }
    };
    // A value that is too long for the clipboard is not decoded to find that out.
    if item.size <= LONGEST_COPY as u64 {
        let value = carried.value(item);
        offer(ui, "Copy value", format!("Value of {name}"), &value);
    }
    offer(ui, "Copy name", "Name".to_owned(), &item.name);
    let written = carried.source(item.source).get(item.written.clone());
    let written = written.unwrap_or_default();
    offer(ui, "Copy as sent", format!("{name} as sent"), written);
}

/// The columns at this width.
fn columns(width: f32, with_types: bool) -> Vec<Column<'static>> {
    let mut columns = vec![
        Column::fixed("Name", (width * 0.26).clamp(110.0, 230.0)),
        Column::rest("Value", 60.0),
        Column::fixed("From", 78.0),
    ];
    if with_types && width >= WITH_TYPES {
        columns.push(Column::fixed("Type", (width * 0.24).clamp(120.0, 200.0)));
    }
    if width >= WITH_SIZES {
        columns.push(Column::number("Size", 78.0));
    }
    columns
}

fn table_ui(
    ui: &mut Ui,
    carried: &Carried,
    shown: &[usize],
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let place = ui.available_rect_before_wrap().shrink2(Vec2::new(8.0, 0.0));
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place));
    let ui = &mut inner;
    let with_types = carried.items.iter().any(|item| item.media_type.is_some());
    let columns = table::header_ui(ui, &columns(place.width(), with_types));
    if shown.is_empty() {
        empty::ui(ui, "All kinds are switched off", "Switch one on above", &[]);
        return;
    }
    let selected = state
        .selected
        .and_then(|selected| shown.iter().position(|index| *index == selected));
    let item_at = |row: usize| shown.get(row).and_then(|index| carried.items.get(*index));
    let answer = Rows::new("What the request carries", shown.len())
        .row_height(ROW)
        .selected(selected)
        .show(
            ui,
            &mut state.scroll,
            |row| shown.get(row).map_or(0, |index| *index as u64),
            |row| {
                let Some(item) = item_at(row.index) else {
                    return String::new();
                };
                paint(row, item, &columns);
                row.response
                    .context_menu(|ui| item_menu_ui(ui, carried, item, commands));
                let (name, value) = (one_line(&item.name), one_line(&item.shown));
                format!("{}, {name}, {value}", item.kind.label())
            },
        );
    if let Some(chosen) = answer.chosen.and_then(|row| shown.get(row)) {
        state.selected = Some(*chosen);
    }
}

fn paint(row: &Row<'_>, item: &Item, columns: &[Rangef]) {
    let [name, value, from, rest @ ..] = columns else {
        return;
    };
    let (types, size) = match rest {
        [types, size] => (Some(types), Some(size)),
        [size] => (None, Some(size)),
        _ => (None, None),
    };
    let cell = |place: &Rangef, bytes: &[u8]| {
        if bytes.is_empty() {
            let color = row.weak();
            row.text(*place, Align::Min, "(empty)", theme::body(), color);
        } else {
            let (font, color) = (theme::mono(), row.theme.text);
            row.text(*place, Align::Min, &one_line(bytes), font, color);
        }
    };
    cell(name, &item.name);
    cell(value, &item.shown);
    let place = Rect::from_x_y_ranges(*from, row.rect.y_range());
    tag::paint(row.painter, place, item.kind.label(), row.theme, row.weak());
    if let (Some(place), Some(media_type)) = (types, &item.media_type) {
        let media_type = one_line(media_type);
        row.text(*place, Align::Min, &media_type, theme::body(), row.weak());
    }
    if let Some(place) = size {
        let bytes = words::size(item.size);
        row.text(*place, Align::Max, &bytes, theme::body(), row.weak());
    }
    row.rule();
}

fn lower_ui(
    ui: &mut Ui,
    id: ExchangeId,
    carried: &Carried,
    selected: Option<(usize, &Item)>,
    state: &mut State,
) {
    let place = ui.available_rect_before_wrap();
    let line = Theme::of(ui).separator();
    ui.painter().hline(place.x_range(), place.top() + 0.5, line);
    let place = place.shrink2(Vec2::new(16.0, 10.0));
    let Some((index, item)) = selected else {
        let mut child = ui.new_child(UiBuilder::new().max_rect(place));
        let sentence = "Select a row to see its value, and the bytes that it was read from";
        child.label(Theme::of(&child).weak(sentence));
        return;
    };
    let ground = Theme::of(ui).base;
    let decode = || Bytes::from(carried.value(item).into_owned());
    let is_hex = {
        let bytes = state.decoded.get(id, index, item.size, decode);
        state.value.is_hex(bytes)
    };
    if is_hex && place.width() < 2.0 * WITH_DIGITS {
        return room(ui, "decoded", place, ground, |ui| {
            value_ui(ui, id, carried, index, item, state);
        });
    }
    let (left, right) = place.split_left_right_at_fraction(0.5);
    let left = left.with_max_x(left.right() - 6.0);
    let right = right.with_min_x(right.left() + 6.0);
    room(ui, "as sent", left, ground, |ui| {
        raw_ui(ui, carried, index, item, state);
    });
    room(ui, "decoded", right, ground, |ui| {
        value_ui(ui, id, carried, index, item, state);
    });
}

/// The head or the body as it came, with the bytes of the item.
fn raw_ui(ui: &mut Ui, carried: &Carried, index: usize, item: &Item, state: &mut State) {
    let title = match item.source {
        Source::Head => "As sent, in the head",
        Source::Body => "As sent, in the body",
    };
    ui.spacing_mut().item_spacing.y = theme::GRID;
    ui.horizontal(|ui| {
        ui.set_min_height(22.0);
        ui.label(theme::strong_text(title));
    });
    let written = Highlight {
        range: item.written.clone(),
        tone: Tone::Pointed,
        note: None,
    };
    let within = carried
        .problems
        .iter()
        .filter(|misfit| misfit.source == item.source && item.written.contains(&misfit.at));
    let marked = within.map(|misfit| Highlight {
        range: misfit.at..misfit.at + 1,
        tone: Tone::Warn,
        note: None,
    });
    let highlights: Vec<Highlight<'_>> = std::iter::once(written).chain(marked).collect();
    if state.revealed != Some(index) {
        state.revealed = Some(index);
        state.raw.reveal(item.written.start);
    }
    let revision = match item.source {
        Source::Head => 1,
        Source::Body => 2,
    };
    framed_ui(ui, |ui| {
        TextView::new("As sent", carried.source(item.source))
            .gutter(Gutter::None)
            .highlights(&highlights)
            .revision(revision)
            .show(ui, &mut state.raw);
    });
}

/// The value as a program reads it, as text or as digits.
fn value_ui(
    ui: &mut Ui,
    id: ExchangeId,
    carried: &Carried,
    index: usize,
    item: &Item,
    state: &mut State,
) {
    ui.spacing_mut().item_spacing.y = theme::GRID;
    let decode = || Bytes::from(carried.value(item).into_owned());
    let bytes = state.decoded.get(id, index, item.size, decode);
    ui.horizontal(|ui| {
        ui.set_min_height(22.0);
        ui.label(theme::strong_text("As a program reads it"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            bytes_view::switch_ui(ui, bytes, &mut state.value);
        });
    });
    if bytes.is_empty() {
        ui.label(Theme::of(ui).weak("(empty)"));
        return;
    }
    framed_ui(ui, |ui| {
        let version = index as u64;
        bytes_view::ui(ui, "Decoded value", bytes, &[], version, &mut state.value);
    });
}

fn framed_ui(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui);
    let place = ui.available_rect_before_wrap();
    let (ground, line) = (theme.evidence, theme.separator());
    ui.painter()
        .rect(place, 2.0, ground, line, StrokeKind::Inside);
    let inner = place.shrink2(Vec2::new(8.0, 6.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    child.set_clip_rect(inner.intersect(ui.clip_rect()));
    contents(&mut child);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::testing::asked;

    fn carried(head: &str) -> Carried {
        let exchange = asked(1, head, "");
        Carried::of(exchange.id, &exchange.request, None)
    }

    #[test]
    fn a_problem_is_told_with_its_place_and_how_many_more_there_are() {
        let told = |query: &str| {
            let head = format!("GET /?{query} HTTP/1.1\r\nHost: h\r\n\r\n");
            problem_sentence(&carried(&head))
        };
        assert_eq!(told("a=b"), None);
        let first = "A percent sign is not followed by two hexadecimal digits: byte 8 of the head";
        assert_eq!(told("a=%zz").unwrap(), first);
        let two = told("a=%zz&b=%").unwrap();
        assert_eq!(two, format!("{first}; 1 more problem"));
    }

    #[test]
    fn the_table_is_copied_a_line_a_row() {
        let carried = carried("GET /?a=b%09c HTTP/1.1\r\nHost: h\r\nCookie: s=1\r\n\r\n");
        let expected = "Query\ta\tb c\t\t3\nCookie\ts\t1\t\t1\n";
        assert_eq!(table_text(&carried), expected);
    }

    #[test]
    fn types_have_a_column_where_there_are_some_and_room_for_them() {
        assert_eq!(columns(360.0, true).len(), 3);
        assert_eq!(columns(480.0, true).len(), 4);
        assert_eq!(columns(700.0, true).len(), 5);
        assert_eq!(columns(700.0, false).len(), 4);
    }
}
