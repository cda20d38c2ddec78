//! The environment tab: every variable with where it came from, and the bytes that it was made of.

use cgi_engine::cgi::request::CgiRequest;
use cgi_engine::exchange::Invocation;
use cgi_engine::export::{python_environ, shell_line};
use eframe::egui::{
    Align, Label, Layout, Popup, Rangef, Rect, RichText, ScrollArea, TextEdit, Ui, Vec2,
};

use super::environment_rows::{Kind, VariableRow, rows};
use super::inspector::Tabbed;
use super::{log, padded, room, words};
use crate::gui::command::Command;
use crate::gui::model::filter_words;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::rows::{Row, Rows};
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::table::{self, Column, Width};
use crate::gui::widgets::text_view::{Gutter, Highlight, TextView, TextViewState};
use crate::gui::widgets::{button, chip, empty, tag};

const ROW: f32 = 26.0;
const LOWER: f32 = 216.0;

/// The columns at this width: names are never cut for long, meanings are read below as well.
fn columns(width: f32) -> [Column<'static>; 5] {
    let share = |title, parts| Column {
        title,
        width: Width::Share { parts, min: 50.0 },
        align: Align::Min,
    };
    [
        Column::fixed("Name", (width * 0.28).clamp(140.0, 230.0)),
        share("Value", 1.1),
        Column::fixed("From", 132.0),
        share("Meaning", 1.0),
        Column::number("RFC", 62.0),
    ]
}

/// What the tab remembers, from request to request.
pub(super) struct State {
    filter: String,
    kinds: [bool; 5],
    selected: Option<String>,
    scroll: Scroll,
    source: TextViewState,
    revealed: Option<(u64, String)>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            filter: String::new(),
            kinds: [true; 5],
            selected: None,
            scroll: Scroll::default(),
            source: TextViewState::default(),
            revealed: None,
        }
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
    let all = rows(&run.request);
    padded(ui, 16, 10, |ui| tools_ui(ui, run, &all, state, commands));
    let shown: Vec<&VariableRow> = all
        .iter()
        .filter(|row| is_on(state, row.kind) && row.matches(&state.filter))
        .collect();
    let place = ui.available_rect_before_wrap();
    // In a low window the lower part comes only when there is something to say in it.
    let low = place.height() < 2.0 * LOWER;
    let lower = match (low, &state.selected) {
        (true, None) => 0.0,
        (true, Some(_)) => place.height() * 0.5,
        (false, _) => LOWER,
    };
    let (upper, lower) = place.split_top_bottom_at_y(place.bottom() - lower);
    let ground = Theme::of(ui).base;
    room(ui, "variables", upper, ground, |ui| {
        table_ui(ui, &shown, state, commands);
    });
    let selected = state
        .selected
        .as_ref()
        .and_then(|name| all.iter().find(|row| row.name == *name));
    room(ui, "where it came from", lower, ground, |ui| {
        lower_ui(ui, tabbed, run, selected, state);
    });
}

fn is_on(state: &State, kind: Kind) -> bool {
    Kind::ALL
        .iter()
        .zip(state.kinds)
        .any(|(other, on)| *other == kind && on)
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
                let width = (ui.available_width() - 400.0).clamp(90.0, 180.0);
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
        if ui.button("Python dict").clicked() {
            copy("Python dict", python_environ(set(all)));
        }
        let selected = state
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

fn table_ui(ui: &mut Ui, shown: &[&VariableRow], state: &mut State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let place = ui.available_rect_before_wrap().shrink2(Vec2::new(8.0, 0.0));
    let mut inner = ui.new_child(eframe::egui::UiBuilder::new().max_rect(place));
    let ui = &mut inner;
    let columns = table::header_ui(ui, &columns(place.width()));
    if shown.is_empty() {
        empty::ui(
            ui,
            "No variable matches",
            "Switch more kinds on, or clear the filter",
            &[],
        );
        return;
    }
    let selected = state
        .selected
        .as_ref()
        .and_then(|name| shown.iter().position(|row| row.name == *name));
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
                paint(row, variable, &columns);
                menu_ui(row, variable, commands);
                format!(
                    "{}, {}, {}",
                    variable.name,
                    variable.shown_value(),
                    variable.from
                )
            },
        );
    if let Some(chosen) = answer.chosen.and_then(|index| shown.get(index)) {
        state.selected = Some(chosen.name.clone());
    }
}

fn menu_ui(row: &Row<'_>, variable: &VariableRow, commands: &mut Vec<Command>) {
    row.response.context_menu(|ui| {
        if let Some(value) = &variable.value
            && ui.button("Copy value").clicked()
        {
            let what = format!("Value of {}", variable.name);
            commands.push(Command::Copy {
                what,
                text: words::text(value),
            });
        }
        if let Some(value) = &variable.value {
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
            commands.push(Command::Copy {
                what: "Name".to_owned(),
                text: variable.name.clone(),
            });
        }
    });
}

fn paint(row: &Row<'_>, variable: &VariableRow, columns: &[Rangef]) {
    let [name, value, from, meaning, section] = columns else {
        return;
    };
    let absent = variable.value.is_none();
    let color = if absent { row.weak() } else { row.theme.text };
    row.text(*name, Align::Min, &variable.name, theme::mono(), color);
    let told = variable.is_told();
    let (font, color) = if told {
        (theme::body(), row.weak())
    } else {
        (theme::mono(), row.theme.text)
    };
    row.text(*value, Align::Min, &variable.shown_value(), font, color);
    if !variable.from.is_empty() {
        let place = Rect::from_x_y_ranges(*from, row.rect.y_range());
        tag::paint(row.painter, place, &variable.from, row.theme, row.weak());
    }
    row.text(
        *meaning,
        Align::Min,
        &variable.meaning,
        theme::body(),
        row.weak(),
    );
    row.text(
        *section,
        Align::Max,
        variable.section(),
        theme::body(),
        row.weak(),
    );
    row.rule();
}

fn lower_ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    run: &Invocation,
    selected: Option<&VariableRow>,
    state: &mut State,
) {
    let place = ui.available_rect_before_wrap();
    ui.painter().hline(
        place.x_range(),
        place.top() + 0.5,
        Theme::of(ui).separator(),
    );
    let place = place.shrink2(Vec2::new(16.0, 12.0));
    let right = (place.width() * 0.38).clamp(180.0, 300.0);
    let (source, meaning) = place.split_left_right_at_x(place.right() - right);
    let ground = Theme::of(ui).base;
    room(
        ui,
        "source",
        source.with_max_x(source.right() - 16.0),
        ground,
        |ui| source_ui(ui, tabbed, selected, state),
    );
    room(ui, "meaning", meaning, ground, |ui| {
        meaning_ui(ui, run, selected);
    });
}

/// The request head as it came, with the bytes that the variable was made from.
fn source_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, selected: Option<&VariableRow>, state: &mut State) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = theme::GRID;
    ui.label(theme::strong_text("Where it came from"));
    let place = ui.available_rect_before_wrap();
    ui.painter().rect(
        place,
        2.0,
        theme.evidence,
        theme.separator(),
        eframe::egui::StrokeKind::Inside,
    );
    let exchange = &tabbed.detail.exchange;
    let highlights: Vec<Highlight<'_>> = selected
        .into_iter()
        .flat_map(|row| &row.sources)
        .map(|range| Highlight {
            range: range.clone(),
            tone: Tone::Pointed,
            note: None,
        })
        .collect();
    let now = selected.map(|row| (exchange.id.0, row.name.clone()));
    if now.is_some() && state.revealed != now {
        if let Some(first) = highlights.first() {
            state.source.reveal(first.range.start);
        }
        state.revealed = now;
    }
    let inner = place.shrink2(Vec2::new(12.0, 8.0));
    let mut child = ui.new_child(eframe::egui::UiBuilder::new().max_rect(inner));
    child.set_clip_rect(inner.intersect(ui.clip_rect()));
    TextView::new("Request head", &exchange.request.raw_head)
        .gutter(Gutter::None)
        .highlights(&highlights)
        .revision(exchange.id.0)
        .show(&mut child, &mut state.source);
}

fn meaning_ui(ui: &mut Ui, run: &Invocation, selected: Option<&VariableRow>) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = theme::GRID;
    let Some(row) = selected else {
        ui.label(theme.weak(arguments_words(&run.request)));
        ui.label(
            theme.weak(
                "Select a variable to see the bytes that it was made from, and what it means",
            ),
        );
        return;
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.label(theme::strong_text(row.name.as_str()));
        if let Some(value) = row.value.as_ref().filter(|value| !value.is_empty()) {
            let value = RichText::new(words::text(value)).font(theme::mono());
            ui.add(Label::new(value).wrap().selectable(true));
        }
        ui.add(Label::new(row.meaning.as_str()).wrap().selectable(true));
        if let Some(description) = row.description {
            if row.value.is_none() {
                ui.label(description.meaning);
            }
            ui.label(theme.weak(description.trap));
            let authority = match description.section {
                section if section.starts_with('§') => format!("RFC 3875 {section}"),
                section => section.to_owned(),
            };
            ui.label(theme.weak(authority));
        }
        if row.sources.is_empty() && row.value.is_some() {
            ui.label(theme.weak(format!(
                "No byte of the request stands for it, it is from: {}",
                row.from
            )));
        }
    });
}

/// The command line beside the environment: an ISINDEX query gives arguments (§4.4).
fn arguments_words(request: &CgiRequest) -> String {
    match (request.arguments.len(), request.arguments_note.as_deref()) {
        (0, None) => "No command-line arguments".to_owned(),
        (0, Some(note)) => format!("No command-line arguments: {note}"),
        (count, _) => {
            let words: Vec<String> = request
                .arguments
                .iter()
                .map(|argument| words::text(argument))
                .collect();
            format!(
                "{}: {}",
                words::counted(
                    count as u64,
                    "command-line argument",
                    "command-line arguments"
                ),
                words.join(" ")
            )
        }
    }
}
