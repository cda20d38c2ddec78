//! Which save broke it: the versions of a script between a good run and one that failed, and what the first bad one changed.

use std::sync::Arc;

use cgi_engine::compare::versions::{Culprit, Version, Versions};
use eframe::egui::{Align, Layout, Rangef, RichText, Ui};

use super::{compare, padded, words};
use crate::gui::command::Command;
use crate::gui::model::versions::Between;
use crate::gui::theme;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::mark::Mark;
use crate::gui::widgets::rows::{Row, Rows};
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::{button, empty};

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    scroll: Scroll,
    selected: Option<usize>,
    /// The version whose changes are listed; that of the culprit until another is chosen.
    open: Option<Option<usize>>,
}

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Item {
    Version(usize),
    Change(usize, usize),
}

/// Draws the view over the place that is left.
pub(super) fn ui(ui: &mut Ui, between: &Between, state: &mut State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    padded(ui, 16, 10, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        title_ui(ui, between, commands);
        if let Some(Ok(versions)) = &between.outcome {
            verdict_ui(ui, between, versions, commands);
        }
    });
    match &between.outcome {
        None => {
            let why = "The runs between the two are read; Esc gives it up";
            empty::ui(ui, "Looking…", why, &[]);
        }
        Some(Err(why)) => {
            empty::ui(ui, "There is nothing to find", why, &[]);
        }
        Some(Ok(versions)) => list_ui(ui, versions, state, commands),
    }
}

fn title_ui(ui: &mut Ui, between: &Between, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button::icon_ui(ui, Icon::Cross, "Back to the details (Esc)").clicked() {
                commands.push(Command::EndVersions);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let line = format!(
                    "Which save broke it: #{} was good, #{} failed",
                    between.good, between.bad
                );
                let text = RichText::new(line).font(theme::heading());
                ui.add(eframe::egui::Label::new(text).truncate());
            });
        });
    });
}

/// The verdict, and the way to a better one.
fn verdict_ui(ui: &mut Ui, between: &Between, versions: &Versions, commands: &mut Vec<Command>) {
    ui.label(sentence(versions));
    let untried = versions
        .versions
        .iter()
        .filter(|version| version.is_untried());
    let sources: Vec<_> = untried.filter_map(Version::any_run).collect();
    if sources.is_empty() {
        return;
    }
    let name = match sources.len() {
        1 => "Run this version".to_owned(),
        count => format!("Run these {count} versions"),
    };
    let hint = "Sends the request of the failed run to copies of the script as it was; your file is not touched";
    if ui.add(button::quiet(&name)).on_hover_text(hint).clicked() {
        let request = between.bad;
        let run = |source| Command::RunVersion { request, source };
        commands.extend(sources.into_iter().map(run));
    }
}

/// What the versions say, in a sentence.
fn sentence(versions: &Versions) -> String {
    let count = words::counted(versions.versions.len() as u64, "version", "versions");
    match versions.culprit {
        Culprit::Version(at) => format!(
            "{count} of the script were run. Version {} broke it: version {at} was still good",
            at + 1
        ),
        Culprit::OneOf(first, last) => format!(
            "{count} of the script were run. One of versions {} to {} broke it: the others were never run with this request",
            first + 1,
            last + 1
        ),
        Culprit::NotTheSource => "The same source was good and failed, so it is not a save of this script that broke it: compare the two runs".to_owned(),
    }
}

/// The version to look at first.
fn blamed(versions: &Versions) -> Option<usize> {
    match versions.culprit {
        Culprit::Version(at) | Culprit::OneOf(_, at) => Some(at),
        Culprit::NotTheSource => None,
    }
}

fn items(versions: &Versions, open: Option<usize>) -> Vec<Item> {
    let all = versions.versions.iter().enumerate();
    let listed = all.flat_map(|(at, version)| {
        let changes = if open == Some(at) {
            version.changes.len()
        } else {
            0
        };
        let changes = (0..changes).map(move |index| Item::Change(at, index));
        std::iter::once(Item::Version(at)).chain(changes)
    });
    listed.collect()
}

fn list_ui(ui: &mut Ui, versions: &Arc<Versions>, state: &mut State, commands: &mut Vec<Command>) {
    let open = *state.open.get_or_insert_with(|| blamed(versions));
    let items = items(versions, open);
    let rows = Rows::new("Versions", items.len()).selected(state.selected);
    let answer = rows.show(
        ui,
        &mut state.scroll,
        |index| index as u64,
        |row| {
            items
                .get(row.index)
                .map_or_else(String::new, |item| paint(row, *item, versions, open))
        },
    );
    if let Some(chosen) = answer.chosen {
        state.selected = Some(chosen);
    }
    let by_pointer = ui.input(|input| input.pointer.primary_clicked());
    let opened = answer.opened.or(answer.chosen.filter(|_| by_pointer));
    if let Some(Item::Version(at)) = opened.and_then(|index| items.get(index)) {
        let same = open == Some(*at);
        if same && answer.opened.is_some() {
            // A second look is at the run itself.
            let run = versions
                .versions
                .get(*at)
                .and_then(|version| version.runs.last());
            commands.extend(run.map(|run| Command::Select(run.id)));
        }
        state.open = Some(Some(*at).filter(|_| !same));
    }
}

fn paint(row: &Row<'_>, item: Item, versions: &Versions, open: Option<usize>) -> String {
    match item {
        Item::Change(at, index) => {
            let version = versions.versions.get(at);
            let change = version.and_then(|version| version.changes.get(index));
            change.map_or_else(String::new, |change| compare::text_line(row, change))
        }
        Item::Version(at) => versions
            .versions
            .get(at)
            .map_or_else(String::new, |version| {
                version_line(row, at, version, versions.culprit, open == Some(at))
            }),
    }
}

fn version_line(
    row: &Row<'_>,
    at: usize,
    version: &Version,
    culprit: Culprit,
    open: bool,
) -> String {
    row.rule();
    let left = row.rect.left();
    let place = |from: f32, width: f32| Rangef::new(left + from, left + from + width);
    let arrow = if open { "▾" } else { "▸" };
    row.text(
        place(12.0, 12.0),
        Align::Min,
        arrow,
        theme::small(),
        row.weak(),
    );
    let name = format!("Version {}", at + 1);
    row.text(
        place(28.0, 84.0),
        Align::Min,
        &name,
        theme::strong(),
        row.theme.text,
    );
    let time = version.first_run.time_of_day();
    let time = format!("run from {time}");
    row.text(
        place(116.0, 150.0),
        Align::Min,
        &time,
        theme::body(),
        row.weak(),
    );
    let lines = if at == 0 {
        "as it was".to_owned()
    } else {
        format!("+{} −{} lines", version.added, version.removed)
    };
    row.text(
        place(270.0, 110.0),
        Align::Min,
        &lines,
        theme::mono(),
        row.theme.text,
    );
    let tried = version.runs.iter().filter(|run| run.same_request).count();
    let runs = words::counted(version.runs.len() as u64, "run", "runs");
    let runs = format!("{runs}, {tried} of this request");
    row.text(
        place(388.0, 190.0),
        Align::Min,
        &runs,
        theme::body(),
        row.weak(),
    );
    let is_blamed = culprit == Culprit::Version(at);
    let (mark, verdict) = match version.failed() {
        Some(true) if is_blamed => (Mark::Failed, "failed: this save broke it"),
        Some(true) => (Mark::Failed, "failed"),
        Some(false) => (Mark::Ok, "good"),
        None => (Mark::Warning, "not run with this request"),
    };
    let rest = Rangef::new(left + 586.0, row.rect.right() - 12.0);
    row.status(rest, mark, verdict);
    format!("{name}: {verdict}, {lines}, {runs}, {time}")
}
