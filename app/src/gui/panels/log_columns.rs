//! The titles over the request log: order by a click, width by a pull, and a menu of what there is.

use cgi_engine::history::cell::Cell;
use eframe::egui::{Align, Button, Key, Popup, PopupCloseBehavior, Rangef, TextEdit, Ui};

use super::log::named;
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::model::site::SiteModel;
use crate::gui::model::site::order::SortBy;
use crate::gui::widgets::table::{self, Width};
use crate::preferences::columns::{Column, ColumnKind};

/// Draws the titles; returns what each column shows and where its text stands.
pub(super) fn header_ui<'m>(
    ui: &mut Ui,
    model: &'m Model,
    site: &SiteModel,
    typed: &mut String,
    commands: &mut Vec<Command>,
) -> Vec<(&'m ColumnKind, Rangef)> {
    let columns = &model.preferences.columns;
    let titles: Vec<String> = columns.iter().map(|column| column.kind.title()).collect();
    let drawn: Vec<table::Column<'_>> = columns.iter().zip(&titles).map(drawn).collect();
    let order = site.order();
    let sorted = columns
        .iter()
        .position(|column| sort_by(&column.kind) == order.by)
        .map(|place| (place, order.ascending));
    let header = table::sortable_header_ui(ui, &drawn, sorted);
    let clicked = header.clicked.and_then(|index| columns.get(index));
    let by = clicked.map(|column| sort_by(&column.kind));
    commands.extend(by.map(Command::SortBy));
    if let Some((index, width)) = header.sized
        && let Some(column) = columns.get(index)
    {
        commands.push(Command::ColumnWidth(column.kind.clone(), width));
    }
    let response = header.response.on_hover_text(
        "Click to order the list, once more for the other way round, a third time for the newest on top\nRight-click to choose columns",
    );
    // Several columns are chosen at once, and one is typed: only a click elsewhere closes it.
    Popup::context_menu(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| menu_ui(ui, columns, typed, commands));
    let kinds = columns.iter().map(|column| &column.kind);
    kinds.zip(header.ranges).collect()
}

fn drawn<'t>((column, title): (&Column, &'t String)) -> table::Column<'t> {
    let is_number = matches!(
        column.kind,
        ColumnKind::Number
            | ColumnKind::Age
            | ColumnKind::Millis
            | ColumnKind::Size
            | ColumnKind::Stderr
    );
    let width = match column.kind {
        ColumnKind::Script => Width::Share {
            parts: 1.0,
            min: 90.0,
        },
        _ => Width::Fixed(column.width),
    };
    table::Column {
        title,
        width,
        align: if is_number { Align::Max } else { Align::Min },
    }
}

/// What a click on the column orders the list by.
fn sort_by(kind: &ColumnKind) -> SortBy {
    match kind {
        ColumnKind::Number | ColumnKind::Time | ColumnKind::Age => SortBy::Number,
        ColumnKind::Method => SortBy::Method,
        ColumnKind::Script => SortBy::Script,
        ColumnKind::Target => SortBy::Target,
        ColumnKind::Status => SortBy::Status,
        ColumnKind::Millis => SortBy::Time,
        ColumnKind::Size => SortBy::Size,
        ColumnKind::Stderr => SortBy::Stderr,
        ColumnKind::Finding => SortBy::Finding,
        ColumnKind::Cell(cell) => SortBy::Cell(cell.clone()),
        ColumnKind::Comment => SortBy::Comment,
    }
}

fn menu_ui(ui: &mut Ui, columns: &[Column], typed: &mut String, commands: &mut Vec<Command>) {
    ui.set_min_width(240.0);
    let cells = columns.iter().map(|column| column.kind.clone());
    let cells = cells.filter(|kind| matches!(kind, ColumnKind::Cell(_)));
    for kind in ColumnKind::known().chain(cells) {
        let is_shown = columns.iter().any(|column| column.kind == kind);
        let name = match kind {
            ColumnKind::Cell(_) => kind.word(),
            _ => kind.title(),
        };
        let mut on = is_shown;
        if ui.checkbox(&mut on, name).changed() {
            commands.push(Command::ToggleColumn(kind));
        }
    }
    ui.separator();
    let hint = "header.User-Agent, env.PATH_INFO …";
    let field = ui.add(
        TextEdit::singleline(typed)
            .hint_text(hint)
            .desired_width(220.0),
    );
    named(ui, &field, "A column for a field or variable");
    let cell = Cell::named(typed.trim());
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let add = ui.add_enabled(cell.is_some(), Button::new("Add this column"));
    let add = add.on_disabled_hover_text(
        "header. or response. and the name of a field, env. and the name of a variable, or cookie. and a name",
    );
    if let Some(cell) = cell.filter(|_| add.clicked() || entered) {
        let kind = ColumnKind::Cell(cell);
        if !columns.iter().any(|column| column.kind == kind) {
            commands.push(Command::ToggleColumn(kind));
        }
        typed.clear();
        ui.close();
    }
    ui.separator();
    if ui.button("Usual columns").clicked() {
        commands.push(Command::UsualColumns);
        ui.close();
    }
}
