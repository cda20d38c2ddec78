//! Two requests part by part, in the place of the inspector: a summary first, then what differs.

use std::collections::BTreeSet;
use std::sync::Arc;

use cgi_engine::compare::{Comparison, Content, FieldChange, Likeness, Line, Part, Side, TextLine};
use cgi_engine::exchange::ExchangeRow;
use eframe::egui::{Align, Color32, Layout, Rangef, RichText, Ui};

use super::{padded, words};
use crate::gui::command::Command;
use crate::gui::model::comparison::Compared;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::mark::Mark;
use crate::gui::widgets::rows::{Row, Rows};
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::{button, chip, empty};

const LABEL: f32 = 104.0;
const NUMBER: f32 = 44.0;

/// What the comparison remembers.
#[derive(Default)]
pub(super) struct State {
    scroll: Scroll,
    selected: Option<usize>,
    /// The parts that are open; none until the first difference was looked for.
    open: Option<BTreeSet<usize>>,
    volatile: bool,
    /// What is listed, for this comparison.
    listed: Option<(Arc<Comparison>, Vec<Item>)>,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    Section(usize),
    Field(usize, usize),
    Text(usize, usize),
    Note(String),
}

/// Draws the comparison over the place that is left.
pub(super) fn ui(ui: &mut Ui, compared: &Compared, state: &mut State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    padded(ui, 16, 10, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        title_ui(ui, compared, state, commands);
    });
    match &compared.outcome {
        // It takes a moment; a spinner would only flicker.
        None => {}
        Some(Err(why)) => {
            empty::ui(ui, "These two cannot be compared", why, &[]);
        }
        Some(Ok(comparison)) => list_ui(ui, comparison, state),
    }
}

fn title_ui(ui: &mut Ui, compared: &Compared, state: &mut State, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button::icon_ui(ui, Icon::Cross, "End the comparison (Esc)").clicked() {
                commands.push(Command::EndCompare);
            }
            let hidden = fleeting(compared.outcome.as_ref());
            let text = "What always differs";
            if chip::toggle_ui(ui, &mut state.volatile, text, Some(hidden)).changed() {
                state.listed = None;
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let line = format!(
                    "{}   ↔   {}",
                    words_of(&compared.before),
                    words_of(&compared.after)
                );
                let text = RichText::new(line.as_str()).font(theme::heading());
                ui.add(eframe::egui::Label::new(text).truncate())
                    .on_hover_text(line);
            });
        });
    });
    ui.label(theme.weak(format!(
        "{} {}",
        compared.after.method, compared.after.target
    )));
}

fn words_of(row: &ExchangeRow) -> String {
    let status = row
        .status
        .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let took = row
        .duration
        .map_or_else(String::new, |took| format!("  {}", words::duration(took)));
    format!("#{}  {}  {status}{took}", row.id, row.started.time_of_day())
}

fn fleeting(outcome: Option<&Result<Arc<Comparison>, String>>) -> u64 {
    let Some(Ok(comparison)) = outcome else {
        return 0;
    };
    comparison
        .sections
        .iter()
        .map(|section| match &section.content {
            Content::Fields(changes) => {
                changes.iter().filter(|change| change.volatile).count() as u64
            }
            _ => 0,
        })
        .sum()
}

fn list_ui(ui: &mut Ui, comparison: &Arc<Comparison>, state: &mut State) {
    let open = state.open.get_or_insert_with(|| {
        let first = comparison.first_difference();
        let at = first.and_then(|first| Part::ALL.iter().position(|part| *part == first));
        at.into_iter().collect()
    });
    let fresh = state
        .listed
        .as_ref()
        .is_some_and(|(listed, _)| Arc::ptr_eq(listed, comparison));
    if !fresh {
        state.listed = Some((
            Arc::clone(comparison),
            items(comparison, open, state.volatile),
        ));
    }
    let Some((_, items)) = &state.listed else {
        return;
    };
    let answer = Rows::new("Comparison", items.len())
        .selected(state.selected)
        .show(
            ui,
            &mut state.scroll,
            |index| index as u64,
            |row| {
                items
                    .get(row.index)
                    .map_or_else(String::new, |item| paint(row, item, comparison, open))
            },
        );
    if let Some(chosen) = answer.chosen {
        state.selected = Some(chosen);
    }
    let clicked = answer.opened.or(answer
        .chosen
        .filter(|_| ui.input(|input| input.pointer.primary_clicked())));
    if let Some(Item::Section(at)) = clicked.and_then(|index| items.get(index)) {
        if !open.remove(at) {
            open.insert(*at);
        }
        state.listed = None;
    }
}

fn items(comparison: &Comparison, open: &BTreeSet<usize>, volatile: bool) -> Vec<Item> {
    let mut items = Vec::new();
    for (at, section) in comparison.sections.iter().enumerate() {
        items.push(Item::Section(at));
        if !open.contains(&at) {
            continue;
        }
        match &section.content {
            Content::Nothing => items.push(Item::Note("nothing differs".to_owned())),
            Content::Fields(changes) => {
                let shown = |change: &FieldChange| volatile || !change.volatile;
                let fields = changes.iter().enumerate();
                let fields = fields.filter(|(_, change)| shown(change));
                let before = items.len();
                items.extend(fields.map(|(index, _)| Item::Field(at, index)));
                if items.len() == before {
                    items.push(Item::Note("only what always differs".to_owned()));
                }
            }
            Content::Text(lines) => {
                items.extend((0..lines.len()).map(|index| Item::Text(at, index)));
            }
            Content::Bytes { .. } => items.push(Item::Note(section.summary.clone())),
        }
    }
    items
}

/// Paints one line and says it in words.
fn paint(row: &Row<'_>, item: &Item, comparison: &Comparison, open: &BTreeSet<usize>) -> String {
    let section = |at: usize| comparison.sections.get(at);
    match item {
        Item::Section(at) => section(*at).map_or_else(String::new, |section| {
            let label = section.part.label();
            section_line(
                row,
                label,
                section.likeness,
                &section.summary,
                open.contains(at),
            );
            format!("{label}: {}", section.summary)
        }),
        Item::Field(at, index) => match section(*at).map(|section| &section.content) {
            Some(Content::Fields(changes)) => changes
                .get(*index)
                .map_or_else(String::new, |change| field_line(row, change)),
            _ => String::new(),
        },
        Item::Text(at, index) => match section(*at).map(|section| &section.content) {
            Some(Content::Text(lines)) => lines
                .get(*index)
                .map_or_else(String::new, |line| text_line(row, line)),
            _ => String::new(),
        },
        Item::Note(text) => {
            let place = Rangef::new(row.rect.left() + 40.0, row.rect.right() - 12.0);
            row.text(place, Align::Min, text, theme::small(), row.weak());
            text.clone()
        }
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
    let value = |value: &Option<Vec<u8>>| {
        value.as_ref().map_or_else(
            || "absent".to_owned(),
            |value| {
                if value.is_empty() {
                    "(empty)".to_owned()
                } else {
                    words::text(value)
                }
            },
        )
    };
    let (before, after) = (value(&change.before), value(&change.after));
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

fn text_line(row: &Row<'_>, line: &TextLine) -> String {
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
    let cut =
        |range: std::ops::Range<usize>| line.bytes.get(range).map_or_else(String::new, words::text);
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
