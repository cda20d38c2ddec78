//! How the lines of a comparison are painted, and what a screen reader says of them.

use std::ops::Range;

use cgi_engine::compare::{Comparison, Content, FieldChange, Likeness, Line, Side, TextLine};
use eframe::egui::{Align, Color32, Rangef};

use super::super::words;
use super::items::{Item, Shape};
use crate::gui::theme;
use crate::gui::widgets::mark::Mark;
use crate::gui::widgets::rows::Row;

const LABEL: f32 = 104.0;
const NUMBER: f32 = 44.0;
/// Bytes of a row.
const ROW: usize = 16;

/// Paints one line and says it in words.
pub(super) fn paint(row: &Row<'_>, item: &Item, comparison: &Comparison, shape: &Shape) -> String {
    let section = |at: usize| comparison.sections.get(at);
    match item {
        Item::Section(at) => section(*at).map_or_else(String::new, |section| {
            let label = section.part.label();
            section_line(
                row,
                label,
                section.likeness,
                &section.summary,
                shape.open.contains(at),
            );
            format!("{label}: {}", section.summary)
        }),
        Item::Field(at, index) => change(comparison, *at, *index)
            .map_or_else(String::new, |change| field_line(row, change)),
        Item::Old(at, index) => change(comparison, *at, *index)
            .map_or_else(String::new, |change| value_line(row, change, Side::Before)),
        Item::New(at, index) => change(comparison, *at, *index)
            .map_or_else(String::new, |change| value_line(row, change, Side::After)),
        Item::Text(at, index) => {
            text(comparison, *at, *index).map_or_else(String::new, |line| text_line(row, line))
        }
        Item::Pair(at, old, new) => {
            let of = |index: &Option<usize>| match text(comparison, *at, (*index)?) {
                Some(TextLine::Line(line)) => Some(line),
                _ => None,
            };
            pair_line(row, of(old), of(new))
        }
        Item::Bytes(at, down) => match section(*at).map(|section| &section.content) {
            Some(Content::Bytes { at, old, new, .. }) => bytes_line(row, *at, *down, old, new),
            _ => String::new(),
        },
        Item::Hidden(count) => {
            let place = Rangef::new(row.rect.left() + 40.0, row.rect.right() - 12.0);
            let what = if *count == 1 {
                "value that always differs"
            } else {
                "values that always differ"
            };
            let text = format!("{count} {what}: show");
            row.text(place, Align::Min, &text, theme::small(), row.theme.accent);
            text
        }
        Item::Note(text) => {
            let place = Rangef::new(row.rect.left() + 40.0, row.rect.right() - 12.0);
            row.text(place, Align::Min, text, theme::small(), row.weak());
            text.clone()
        }
    }
}

fn change(comparison: &Comparison, at: usize, index: usize) -> Option<&FieldChange> {
    match &comparison.sections.get(at)?.content {
        Content::Fields(changes) => changes.get(index),
        _ => None,
    }
}

fn text(comparison: &Comparison, at: usize, index: usize) -> Option<&TextLine> {
    match &comparison.sections.get(at)?.content {
        Content::Text(lines) => lines.get(index),
        _ => None,
    }
}

fn section_line(row: &Row<'_>, label: &str, likeness: Likeness, summary: &str, open: bool) {
    let left = row.rect.left();
    row.rule();
    let arrow = if open { "▾" } else { "▸" };
    row.text(
        Rangef::new(left + 12.0, left + 24.0),
        Align::Min,
        arrow,
        theme::small(),
        row.weak(),
    );
    let name = Rangef::new(left + 28.0, left + 28.0 + LABEL);
    row.text(name, Align::Min, label, theme::strong(), row.theme.text);
    let rest = Rangef::new(left + 28.0 + LABEL, row.rect.right() - 12.0);
    if likeness == Likeness::Different {
        row.status(rest, Mark::Warning, summary);
    } else {
        row.text(rest, Align::Min, summary, theme::body(), row.weak());
    }
}

fn field_line(row: &Row<'_>, change: &FieldChange) -> String {
    let left = row.rect.left() + 40.0;
    let width = (row.rect.right() - 12.0 - left).max(0.0);
    let name = Rangef::new(left, left + width * 0.28);
    row.text(
        name,
        Align::Min,
        &change.name,
        theme::mono(),
        row.theme.text,
    );
    let (before, after) = (shown(&change.before), shown(&change.after));
    let middle = left + width * 0.64;
    let color = |there: bool, color| if there { color } else { row.weak() };
    let old = Rangef::new(left + width * 0.29, middle - 20.0);
    row.text(
        old,
        Align::Min,
        &before,
        theme::mono(),
        color(change.before.is_some(), row.theme.fail),
    );
    let arrow = Rangef::new(middle - 18.0, middle - 2.0);
    row.text(arrow, Align::Min, "→", theme::body(), row.weak());
    let new = Rangef::new(middle, row.rect.right() - 12.0);
    row.text(
        new,
        Align::Min,
        &after,
        theme::mono(),
        color(change.after.is_some(), row.theme.ok),
    );
    format!("{}: {before} became {after}", change.name)
}

fn shown(value: &Option<Vec<u8>>) -> String {
    match value {
        None => "absent".to_owned(),
        Some(value) if value.is_empty() => "(empty)".to_owned(),
        Some(value) => words::text(value),
    }
}

/// One side of a named value, with its sign.
fn value_line(row: &Row<'_>, change: &FieldChange, side: Side) -> String {
    let (sign, value, ground, color) = match side {
        Side::Before => ("−", &change.before, row.theme.fail_ground, row.theme.fail),
        _ => ("+", &change.after, row.theme.ok_ground, row.theme.ok),
    };
    if !row.selected {
        row.painter.rect_filled(row.rect, 0.0, ground);
    }
    let left = row.rect.left() + 24.0;
    let sign_place = Rangef::new(left, left + 14.0);
    row.text(sign_place, Align::Min, sign, theme::mono(), color);
    let place = Rangef::new(left + 16.0, row.rect.right() - 12.0);
    let name = format!("{}: ", change.name);
    let covered = row.text(place, Align::Min, &name, theme::mono(), row.theme.text);
    let rest = Rangef::new(covered.right(), place.max);
    row.text(rest, Align::Min, &shown(value), theme::mono(), color);
    format!("{sign} {name}{}", shown(value))
}

/// A line of each text side by side; the same line on both sides where it did not change.
fn pair_line(row: &Row<'_>, old: Option<&Line>, new: Option<&Line>) -> String {
    let middle = row.rect.center().x;
    let halves = [
        (old, Rangef::new(row.rect.left(), middle), Side::Before),
        (new, Rangef::new(middle, row.rect.right()), Side::After),
    ];
    for (line, half, side) in halves {
        let (ground, color) = match side {
            Side::Before => (row.theme.fail_ground, row.theme.fail),
            _ => (row.theme.ok_ground, row.theme.ok),
        };
        let changed = line.is_none_or(|line| line.side != Side::Both);
        if changed && !row.selected {
            let ground = if line.is_some() {
                ground
            } else {
                row.theme.raised
            };
            let rect = eframe::egui::Rect::from_x_y_ranges(half, row.rect.y_range());
            row.painter.rect_filled(rect, 0.0, ground);
        }
        let Some(line) = line else { continue };
        let number = match side {
            Side::Before => line.before,
            _ => line.after,
        };
        let number = number.map_or_else(String::new, |number| number.to_string());
        let place = Rangef::new(half.min + 8.0, half.min + NUMBER);
        row.text(place, Align::Max, &number, theme::small(), row.weak());
        let place = Rangef::new(half.min + NUMBER + 10.0, half.max - 8.0);
        pieces(row, place, line, color);
    }
    row.painter
        .vline(middle, row.rect.y_range(), row.theme.separator());
    let said = |line: &Line| words::text(line.bytes.trim_ascii_end());
    match (old, new) {
        (Some(old), Some(_)) if old.side == Side::Both => said(old),
        (Some(old), Some(new)) => format!("− {} + {}", said(old), said(new)),
        (Some(old), None) => format!("− {}", said(old)),
        (None, Some(new)) => format!("+ {}", said(new)),
        (None, None) => String::new(),
    }
}

/// Sixteen bytes of each side, those that differ in colour.
fn bytes_line(row: &Row<'_>, at: u64, down: usize, old: &[u8], new: &[u8]) -> String {
    let offset = at - at % ROW as u64 + (down * ROW) as u64;
    let left = row.rect.left() + 40.0;
    let label = format!("{offset:08x}");
    let place = Rangef::new(left, left + 76.0);
    row.text(place, Align::Min, &label, theme::mono(), row.weak());
    let middle = (left + 84.0 + row.rect.right()) / 2.0;
    let range = |bytes: &[u8]| {
        let start = (down * ROW).min(bytes.len());
        start..(start + ROW).min(bytes.len())
    };
    let halves = [
        (
            old,
            new,
            Rangef::new(left + 84.0, middle - 8.0),
            row.theme.fail,
        ),
        (
            new,
            old,
            Rangef::new(middle, row.rect.right() - 12.0),
            row.theme.ok,
        ),
    ];
    let mut said = label;
    for (bytes, other, half, color) in halves {
        let mut x = half.min;
        for index in range(bytes) {
            let byte = bytes.get(index).copied().unwrap_or_default();
            let color = if other.get(index) == Some(&byte) {
                row.theme.text
            } else {
                color
            };
            let text = format!("{byte:02x} ");
            let place = Rangef::new(x, half.max.max(x));
            x = row
                .text(place, Align::Min, &text, theme::mono(), color)
                .right();
            said.push_str(&format!(" {byte:02x}"));
        }
        said.push(';');
    }
    said
}

pub(in crate::gui::panels) fn text_line(row: &Row<'_>, line: &TextLine) -> String {
    let left = row.rect.left() + 12.0;
    match line {
        TextLine::Gap(gap) => {
            let lines = words::counted(gap.lines as u64, "line", "lines");
            let text = format!("{lines} unchanged");
            let place = Rangef::new(left + 2.0 * NUMBER + 24.0, row.rect.right() - 12.0);
            row.text(place, Align::Min, &text, theme::small(), row.weak());
            text
        }
        TextLine::Line(line) => source_line(row, line, left),
    }
}

fn source_line(row: &Row<'_>, line: &Line, left: f32) -> String {
    let (sign, ground, color) = match line.side {
        Side::Both => (" ", None, row.theme.text),
        Side::Before => ("−", Some(row.theme.fail_ground), row.theme.fail),
        Side::After => ("+", Some(row.theme.ok_ground), row.theme.ok),
    };
    if let Some(ground) = ground.filter(|_| !row.selected) {
        row.painter.rect_filled(row.rect, 0.0, ground);
    }
    let number = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
    let at = |from: f32, width: f32| Rangef::new(from, from + width);
    row.text(
        at(left, NUMBER - 8.0),
        Align::Max,
        &number(line.before),
        theme::small(),
        row.weak(),
    );
    row.text(
        at(left + NUMBER, NUMBER - 8.0),
        Align::Max,
        &number(line.after),
        theme::small(),
        row.weak(),
    );
    row.text(
        at(left + 2.0 * NUMBER + 4.0, 14.0),
        Align::Min,
        sign,
        theme::mono(),
        color,
    );
    let place = Rangef::new(left + 2.0 * NUMBER + 24.0, row.rect.right() - 12.0);
    pieces(row, place, line, color);
    format!("{sign} {}", words::text(line.bytes.trim_ascii_end()))
}

/// The part of the line that changed stands out from what it has in common with its partner.
fn pieces(row: &Row<'_>, place: Rangef, line: &Line, color: Color32) {
    let end = line.bytes.trim_ascii_end().len();
    let (from, to) = (line.changed.start.min(end), line.changed.end.min(end));
    let cut = |range: Range<usize>| line.bytes.get(range).map_or_else(String::new, words::text);
    let plain = match line.side {
        Side::Both => row.theme.text,
        _ if from == to => color,
        _ => row.theme.text,
    };
    let parts = [
        (cut(0..from), plain),
        (cut(from..to), color),
        (cut(to..end), plain),
    ];
    let mut x = place.min;
    for (text, color) in parts.into_iter().filter(|(text, _)| !text.is_empty()) {
        let rest = Rangef::new(x, place.max.max(x));
        x = row
            .text(rest, Align::Min, &text, theme::mono(), color)
            .right();
    }
}
