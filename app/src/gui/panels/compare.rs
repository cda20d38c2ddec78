//! Two requests part by part, in the place of the inspector: a summary first, then what differs.

mod items;
mod lines;

use std::sync::Arc;

use cgi_engine::compare::{Comparison, Content, Part};
use cgi_engine::exchange::ExchangeRow;
use eframe::egui::{Align, Layout, RichText, Ui};

use self::items::{Item, Shape, items, next_difference};
use super::{padded, words};
use crate::gui::command::Command;
use crate::gui::model::comparison::Compared;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::rows::Rows;
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::{button, chip, empty};

pub(super) use self::lines::text_line;

/// What the comparison remembers.
#[derive(Default)]
pub(super) struct State {
    scroll: Scroll,
    selected: Option<usize>,
    /// The first difference was looked for, and its section opened.
    opened: bool,
    shape: Shape,
    /// What is listed, for this comparison in this shape.
    listed: Option<(Arc<Comparison>, Shape, Vec<Item>)>,
    /// How far the differences were walked.
    walked: i64,
}

/// Draws the comparison over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    compared: &Compared,
    unified: bool,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    state.shape.unified = unified;
    ui.spacing_mut().item_spacing.y = 0.0;
    padded(ui, 16, 10, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        title_ui(ui, compared, commands);
        tools_ui(ui, compared, state, commands);
    });
    match &compared.outcome {
        // Mostly it takes a moment; then a sentence would only flicker.
        None if compared.is_slow() => {
            let why = "Long streams are read byte by byte; Esc gives it up";
            empty::ui(ui, "Comparing…", why, &[]);
        }
        None => ui.ctx().request_repaint_after(Compared::SLOW),
        Some(Err(why)) => {
            empty::ui(ui, "These two cannot be compared", why, &[]);
        }
        Some(Ok(comparison)) => list_ui(ui, compared, comparison, state),
    }
}

fn title_ui(ui: &mut Ui, compared: &Compared, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button::icon_ui(ui, Icon::Cross, "End the comparison (Esc)").clicked() {
                commands.push(Command::EndCompare);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let (before, after) = (words_of(&compared.before), words_of(&compared.after));
                let line = format!("{before}   ↔   {after}");
                let text = RichText::new(line.as_str()).font(theme::heading());
                ui.add(eframe::egui::Label::new(text).truncate())
                    .on_hover_text(line);
            });
        });
    });
}

fn tools_ui(ui: &mut Ui, compared: &Compared, state: &mut State, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let hidden = fleeting(compared.outcome.as_ref());
            let text = "What always differs";
            chip::toggle_ui(ui, &mut state.shape.volatile, text, Some(hidden))
                .on_hover_text("Dates, ports and times differ from run to run by their nature");
            for (unified, text) in [(true, "Unified"), (false, "Side by side")] {
                let is_on = state.shape.unified == unified;
                if chip::ui_with_state(ui, is_on, text, None).clicked() {
                    commands.push(Command::CompareUnified(unified));
                }
            }
            let (method, target) = (&compared.after.method, &compared.after.target);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = theme.weak(format!("{method} {target}"));
                ui.add(eframe::egui::Label::new(text).truncate());
            });
        });
    });
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
    let sections = comparison.sections.iter();
    let counts = sections.map(|section| match &section.content {
        Content::Fields(changes) => changes.iter().filter(|change| change.volatile).count() as u64,
        _ => 0,
    });
    counts.sum()
}

fn list_ui(ui: &mut Ui, compared: &Compared, comparison: &Arc<Comparison>, state: &mut State) {
    if !state.opened {
        state.opened = true;
        state.walked = compared.walked;
        let first = comparison.first_difference();
        let at = first.and_then(|first| Part::ALL.iter().position(|part| *part == first));
        state.shape.open = at.into_iter().collect();
    }
    let walked = compared.walked - state.walked;
    state.walked = compared.walked;
    for _ in 0..walked.abs() {
        walk(comparison, state, walked > 0);
    }
    list(comparison, state);
    let Some((_, shape, items)) = &state.listed else {
        return;
    };
    let rows = Rows::new("Comparison", items.len()).selected(state.selected);
    let answer = rows.show(
        ui,
        &mut state.scroll,
        |index| index as u64,
        |row| {
            items.get(row.index).map_or_else(String::new, |item| {
                lines::paint(row, item, comparison, shape)
            })
        },
    );
    if walked != 0 {
        ui.ctx().request_repaint();
    }
    if let Some(chosen) = answer.chosen {
        state.selected = Some(chosen);
    }
    let by_pointer = ui.input(|input| input.pointer.primary_clicked());
    let clicked = answer.opened.or(answer.chosen.filter(|_| by_pointer));
    match clicked.and_then(|index| items.get(index)) {
        Some(Item::Section(at)) if !state.shape.open.remove(at) => {
            state.shape.open.insert(*at);
        }
        Some(Item::Hidden(_)) => state.shape.volatile = true,
        _ => {}
    }
}

/// Lists the comparison anew when it is another, or another shape of it is wanted.
fn list(comparison: &Arc<Comparison>, state: &mut State) {
    let is_fresh = state
        .listed
        .as_ref()
        .is_some_and(|(of, shape, _)| Arc::ptr_eq(of, comparison) && *shape == state.shape);
    if !is_fresh {
        let listed = items(comparison, &state.shape);
        state.listed = Some((Arc::clone(comparison), state.shape.clone(), listed));
    }
}

/// Goes to the next difference, or the one before; a closed section is opened on the way.
fn walk(comparison: &Arc<Comparison>, state: &mut State, on: bool) {
    list(comparison, state);
    let Some((_, shape, items)) = &state.listed else {
        return;
    };
    let Some(mut found) = next_difference(items, comparison, shape, state.selected, on) else {
        return;
    };
    if let Some(Item::Section(at)) = items.get(found) {
        state.shape.open.insert(*at);
        list(comparison, state);
        if let Some((_, shape, items)) = &state.listed {
            let from = if on {
                Some(found)
            } else {
                let end = items.iter().skip(found + 1);
                let rows = end.take_while(|item| !matches!(item, Item::Section(_)));
                Some(found + 1 + rows.count())
            };
            found = next_difference(items, comparison, shape, from, on).unwrap_or(found);
        }
    }
    state.selected = Some(found);
    state.scroll.want(found);
}
