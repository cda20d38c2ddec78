//! The request log: the filter, and a row for every request and every save.

use std::time::Duration;

use cgi_engine::exchange::{Debugger, ExchangeId, Progress, RowKind, RowRef};
use cgi_engine::history::cell::Cell;
use eframe::egui::{
    Align, Button, Color32, Frame, Layout, Margin, Rangef, Rect, Response, Ui, UiBuilder, Vec2,
    pos2,
};

use super::filter_box;
use super::log_columns;
use super::log_row::{RowWords, news_line};
use super::regions::{Region, Regions};
use super::words;
use crate::gui::command::{Command, DebugCommand, LoopCommand, Verb, verb_of};
use crate::gui::model::Model;
use crate::gui::model::filter_words;
use crate::gui::model::site::{Line, SiteModel};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::{self, Icon};
use crate::gui::widgets::mark::Mark;
use crate::gui::widgets::rows::{Row, Rows};
use crate::gui::widgets::scroll::{Extent, Scroll};
use crate::gui::widgets::{button, empty};
use crate::preferences::columns::ColumnKind;

/// The text of a running row changes four times a second.
const TICK: Duration = Duration::from_millis(250);
/// How long ago rows began changes so often where that is a column.
const AGE_TICK: Duration = Duration::from_secs(30);

/// What the list remembers.
#[derive(Default)]
pub(super) struct State {
    scroll: Scroll,
    came_in: u64,
    rebuilt: u64,
    unseen: u64,
    selected: Option<ExchangeId>,
    /// The name of a column that is being typed.
    new_column: String,
}

/// Draws the log over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    state: &mut State,
    regions: &mut Regions,
    commands: &mut Vec<Command>,
) {
    let margin = Margin {
        left: 12,
        right: 12,
        top: 10,
        bottom: 4,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        filter_box::ui(ui, site, regions, commands);
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    if site.rows_shown() == 0 && !site.is_listing() {
        empty_ui(ui, model, site, commands);
        return;
    }
    let columns = log_columns::header_ui(ui, model, site, &mut state.new_column, commands);
    rows_ui(ui, model, site, state, regions, &columns, commands);
}

fn empty_ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    if site.can_unhide(model.now).is_some() {
        if empty::ui(
            ui,
            "The list is empty",
            "It can be brought back for ten seconds",
            &["Bring it back"],
        )
        .is_some()
        {
            commands.push(Command::UndoClear);
        }
    } else if site.row_count() > 0 && !site.filter().is_empty() {
        let title = format!("0 of {} match", words::count(site.row_count() as u64));
        let why = site
            .strictest_clause()
            .map_or_else(String::new, |clause| format!("Most are hidden by {clause}"));
        if empty::ui(ui, &title, &why, &["Show all requests"]).is_some() {
            commands.push(Command::ClearFilter);
        }
    } else {
        waiting_ui(ui, model, site, commands);
    }
}

fn waiting_ui(ui: &mut Ui, model: &Model, site: &SiteModel, commands: &mut Vec<Command>) {
    let url = model.site_url();
    let sentence = url.as_ref().map_or_else(
        || "Requests appear here as they come".to_owned(),
        |url| format!("Open {url} in a browser, or send a request from here"),
    );
    match empty::ui(
        ui,
        "Waiting for the first request",
        &sentence,
        &["Send one", "Open in browser", "Copy as curl"],
    ) {
        Some(0) => {
            let first = site
                .scripts
                .first()
                .map_or_else(|| "/".to_owned(), crate::gui::model::site::url_path);
            commands.push(Command::Send(first));
        }
        Some(1) => commands.push(Command::OpenInBrowser),
        Some(_) => {
            let text = format!("curl -i {}", url.unwrap_or_default());
            commands.push(Command::Copy {
                what: "Command".to_owned(),
                text,
            });
        }
        None => {}
    }
}

fn rows_ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    state: &mut State,
    regions: &mut Regions,
    columns: &[(&ColumnKind, Rangef)],
    commands: &mut Vec<Command>,
) {
    let place = ui.available_rect_before_wrap();
    follow(site, state, place.height());
    let selected = site.selected().and_then(|id| site.place_of(id));
    let mut ticks = false;
    let id_of = |index: usize| match site.line(index) {
        Some(Line::Row(id)) => id.0 << 1,
        Some(Line::News(number)) => number << 1 | 1,
        None => u64::MAX,
    };
    let id_at = |index: usize| match site.line(index) {
        Some(Line::Row(id)) => Some(id),
        _ => None,
    };
    let also_selected = |index: usize| id_at(index).is_some_and(|id| site.is_selected(id));
    let mut lacking = Vec::new();
    let answer = Rows::new("Requests", site.line_count())
        .selected(selected)
        .also_selected(&also_selected)
        .keys(!model.palette && !model.cheat_sheet)
        .show(ui, &mut state.scroll, id_of, |row| {
            match site.line(row.index) {
                Some(Line::Row(id)) => {
                    let Some(exchange) = site.row(id) else {
                        return String::new();
                    };
                    ticks |= exchange.progress == Progress::Running;
                    row.response
                        .context_menu(|ui| menu_ui(ui, exchange, commands));
                    if site.cells.lacks(id) {
                        lacking.push(id);
                    }
                    let cell = |cell: &Cell| site.cells.value(id, cell).map(str::to_owned);
                    let words = RowWords::of(exchange, model.now);
                    paint(row, &words, columns, cell)
                }
                Some(Line::News(number)) => {
                    let Some(news) = site.news(number) else {
                        return String::new();
                    };
                    let line = news_line(news, &site.state.folder);
                    row.note(&line);
                    line
                }
                None => String::new(),
            }
        });
    regions.note(Region::List, answer.response.id);
    let ages = columns.iter().any(|(kind, _)| **kind == ColumnKind::Age);
    if ticks {
        ui.ctx().request_repaint_after(TICK);
    } else if ages {
        ui.ctx().request_repaint_after(AGE_TICK);
    }
    if let Some(chosen) = answer.chosen {
        let down = selected.is_none_or(|selected| chosen >= selected);
        let id = site
            .row_near(chosen, down)
            .or_else(|| site.row_near(chosen, !down));
        commands.extend(id.map(Command::Select));
    }
    let id_of_row = |index: Option<usize>| index.and_then(id_at);
    commands.extend(id_of_row(answer.toggled).map(Command::ToggleSelected));
    commands.extend(id_of_row(answer.extended).map(Command::SelectUpTo));
    if !lacking.is_empty() && !site.cells.is_busy() {
        commands.push(Command::FetchCells(lacking));
    }
    if answer.opened.is_some() {
        commands.push(Command::OpenDetail);
    }
    pill_ui(ui, place, state);
}

/// What can be done with a row, and with rows like it.
fn menu_ui(ui: &mut Ui, row: RowRef<'_>, commands: &mut Vec<Command>) {
    let under = |debugger| Command::Debug(DebugCommand::Begin(debugger));
    let verbs = [
        Command::Replay,
        Command::EditAndResend,
        Command::StepThrough,
        under(Debugger::Pdb),
        under(Debugger::Debugpy),
        Command::Compare,
        Command::MarkToCompare,
        Command::Loop(LoopCommand::PinSelected),
        Command::TogglePin,
        Command::EditComment,
        Command::CopyAsCurl,
        Command::Export,
    ];
    // Nothing runs for a file.
    let can =
        |verb: &&Verb| row.kind == RowKind::Script || !matches!(verb.command, Command::Debug(_));
    for verb in verbs.iter().filter_map(verb_of).filter(can) {
        let item = Button::new(verb.label).right_text(Theme::of(ui).weak(verb.key_text()));
        if ui.add(item).clicked() {
            commands.push(Command::Select(row.id));
            commands.push(verb.command.clone());
        }
    }
    ui.separator();
    let path = row.target.split('?').next().unwrap_or_default();
    let mut values = vec![("method", row.method.to_owned()), ("path", path.to_owned())];
    values.extend(row.status.map(|status| ("status", status.to_string())));
    let code = row.headline.map(|(code, _)| format!("CGI{code:03}"));
    values.extend(code.map(|code| ("finding", code)));
    for (field, value) in values {
        let clause = filter_words::clause(field, &value);
        ui.menu_button(format!("{field} {value}"), |ui| {
            if ui.button("Show only these").clicked() {
                commands.push(Command::Narrow(clause.clone()));
            }
            if ui.button("Hide these").clicked() {
                commands.push(Command::Narrow(format!("-{clause}")));
            }
        });
    }
}

/// New rows come at the top: who looks further down keeps what is in sight, and is told.
fn follow(site: &SiteModel, state: &mut State, view_height: f32) {
    let came_in = site.came_in().saturating_sub(state.came_in);
    if state.rebuilt != site.rebuilt() {
        state.unseen = 0;
    } else if !state.scroll.at_start() {
        state.unseen += came_in;
        state
            .scroll
            .came_before(usize::try_from(came_in).unwrap_or_default());
    }
    if state.scroll.at_start() {
        state.unseen = 0;
    }
    (state.came_in, state.rebuilt) = (site.came_in(), site.rebuilt());
    // A selection made elsewhere comes into sight once, not for as long as it lasts.
    if site.selected() != state.selected {
        state.selected = site.selected();
        if let Some(place) = site.selected().and_then(|id| site.place_of(id)) {
            let extent = Extent {
                count: site.line_count(),
                row_height: theme::ROW_HEIGHT,
                view_height,
            };
            state.scroll.reveal(extent, place);
        }
    }
}

fn pill_ui(ui: &mut Ui, place: Rect, state: &mut State) {
    if state.unseen == 0 {
        return;
    }
    let text = format!("{} new ↑", words::count(state.unseen));
    let corner = Rect::from_min_size(
        pos2(place.right() - 136.0, place.bottom() - 40.0),
        Vec2::new(116.0, 28.0),
    );
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(corner)
            .layout(Layout::right_to_left(Align::Center)),
    );
    if child
        .add(button::pill(&text))
        .on_hover_text("Go to the newest")
        .clicked()
    {
        state.scroll.to_start();
        state.unseen = 0;
    }
}

fn paint(
    row: &Row<'_>,
    words: &RowWords,
    columns: &[(&ColumnKind, Rangef)],
    cell: impl Fn(&Cell) -> Option<String>,
) -> String {
    let strong = if words.dimmed {
        row.weak()
    } else {
        row.theme.text
    };
    if words.pinned {
        let place = Rect::from_center_size(
            pos2(row.rect.left() + 8.0, row.rect.center().y),
            Vec2::splat(11.0),
        );
        icon::paint(row.painter, place, Icon::Pin, row.theme.accent);
    }
    let mut spoken = words.spoken();
    for (kind, x) in columns {
        let (body, mono) = (theme::body(), theme::mono());
        let (text, align, font, color) = match kind {
            ColumnKind::Number => (&words.number, Align::Max, body, row.weak()),
            ColumnKind::Time => (&words.time, Align::Min, body, row.weak()),
            ColumnKind::Age => (&words.age, Align::Max, body, row.weak()),
            ColumnKind::Method => (&words.method, Align::Min, body, strong),
            ColumnKind::Target => (&words.target, Align::Min, mono, strong),
            ColumnKind::Millis => (&words.millis, Align::Max, body, strong),
            ColumnKind::Size => (&words.size, Align::Max, body, row.weak()),
            ColumnKind::Stderr => (&words.stderr, Align::Max, body, row.weak()),
            ColumnKind::Finding => (&words.finding, Align::Min, body, strong),
            ColumnKind::Comment => (&words.comment, Align::Min, body, strong),
            ColumnKind::Script => {
                paint_script(row, words, columns, *x, strong);
                continue;
            }
            ColumnKind::Status => {
                paint_status(row, words, *x);
                continue;
            }
            ColumnKind::Cell(name) => {
                if let Some(value) = cell(name) {
                    row.text(*x, Align::Min, &value, mono, row.weak());
                    spoken = format!("{spoken}, {} {value}", name.name());
                }
                continue;
            }
        };
        row.text(*x, align, text, font, color);
    }
    spoken
}

/// The script, and in what is left of the place what else there is to say.
fn paint_script(
    row: &Row<'_>,
    words: &RowWords,
    columns: &[(&ColumnKind, Rangef)],
    x: Rangef,
    color: Color32,
) {
    let painted = row.text(x, Align::Min, &words.script, theme::mono(), color);
    let has_column = columns
        .iter()
        .any(|(kind, _)| **kind == ColumnKind::Comment);
    let comment = Some(&words.comment).filter(|comment| !comment.is_empty() && !has_column);
    let remarks = Some(&words.remarks).filter(|remarks| !remarks.is_empty());
    let parts: Vec<String> = comment
        .map(|comment| format!("“{comment}”"))
        .into_iter()
        .chain(remarks.cloned())
        .collect();
    let rest = Rangef::new(painted.right() + 10.0, x.max);
    if !parts.is_empty() && rest.span() > 24.0 {
        let said = parts.join("  ");
        row.text(rest, Align::Min, &said, theme::small(), row.theme.teach);
    }
}

fn paint_status(row: &Row<'_>, words: &RowWords, x: Rangef) {
    if words.dimmed && words.mark == Mark::Ok {
        let text = format!("    {}", words.status);
        row.text(x, Align::Min, &text, theme::body(), row.weak());
    } else {
        row.status(x, words.mark, &words.status);
    }
}

/// A text field's hint is no name: a screen reader needs one of its own.
pub(super) fn named(ui: &Ui, field: &Response, name: &str) {
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label(name));
}

/// The button of a verb, off when it cannot be done.
pub(super) fn verb_button_ui(
    ui: &mut Ui,
    model: &Model,
    command: &Command,
    commands: &mut Vec<Command>,
) {
    let Some(verb) = verb_of(command) else { return };
    let disabled = (verb.disabled)(model);
    let response = ui.add(button::quiet(verb.label).enabled(disabled.is_none()));
    let response = response.on_hover_text(disabled.map_or_else(|| verb.hint(), str::to_owned));
    if response.clicked() {
        commands.push(command.clone());
    }
}
