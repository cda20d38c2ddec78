//! What is wrong with the file that is edited, line by line.

use std::sync::Arc;

use eframe::egui::{Align, Ui, Vec2};

use super::gutter;
use crate::gui::command::{Command, EditorCommand};
use crate::gui::model::editor::document::Document;
use crate::gui::model::fixing::{Fixing, Question};
use crate::gui::panels::fix_button;
use crate::gui::theme;
use crate::gui::widgets::mark;
use crate::gui::widgets::rows::Rows;
use crate::gui::widgets::scroll::Scroll;

/// The height of the name over the list.
const NAME: f32 = 28.0;
const MOST_ROWS: usize = 6;

/// What the list remembers.
#[derive(Default)]
pub(super) struct State {
    scroll: Scroll,
    selected: Option<usize>,
}

/// How high it is for this text; nothing when nothing is wrong.
pub(super) fn height(document: &Document) -> f32 {
    match document.marks.len() {
        0 => 0.0,
        many => NAME + many.min(MOST_ROWS) as f32 * theme::ROW_HEIGHT + 4.0,
    }
}

/// Draws it over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    document: &Document,
    fixing: &Fixing,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let theme = theme::Theme::of(ui);
    let place = ui.max_rect();
    ui.painter()
        .hline(place.x_range(), place.top() + 0.5, theme.separator());
    let (name, rest) = place.split_top_bottom_at_y(place.top() + NAME);
    let text = format!("Problems {}", document.marks.len());
    let at = name.left_center() + Vec2::new(16.0, 0.0);
    let anchor = eframe::egui::Align2::LEFT_CENTER;
    ui.painter()
        .text(at, anchor, text, theme::strong(), theme.text);
    let mut child = ui.new_child(eframe::egui::UiBuilder::new().max_rect(rest));
    let fixes: Vec<Option<&Arc<Question>>> = document
        .marks
        .iter()
        .map(|mark| mark.question.as_ref())
        .map(|question| question.filter(|question| fixing.is_certain(question)))
        .collect();
    let fix_width = match fixes.iter().any(Option::is_some) {
        true => fix_button::WIDTH,
        false => 0.0,
    };
    let mut drawn = Vec::new();
    let answer = Rows::new("Problems of the file", document.marks.len())
        .selected(state.selected.filter(|at| *at < document.marks.len()))
        .show(
            &mut child,
            &mut state.scroll,
            |index| index as u64,
            |row| {
                let Some(problem) = document.marks.get(row.index) else {
                    return String::new();
                };
                let inner = row.rect.shrink2(Vec2::new(16.0, 0.0));
                let (inner, fix) = inner.split_left_right_at_x(inner.right() - fix_width);
                drawn.push((row.index, fix));
                let number = inner.with_max_x(inner.left() + 40.0);
                let line = problem.line.to_string();
                row.text(
                    number.x_range(),
                    Align::Max,
                    &line,
                    theme::mono(),
                    row.weak(),
                );
                let seen = format!("{}  ·  {}", problem.seen, problem.code);
                let shown = row.text(
                    inner.x_range(),
                    Align::Max,
                    &seen,
                    theme::body(),
                    row.weak(),
                );
                let text = inner
                    .with_min_x(number.right() + 12.0)
                    .with_max_x(shown.left() - 16.0);
                let sign = gutter::mark_of(problem.severity);
                let color = Some(row.theme.text);
                mark::paint(row.painter, text, sign, &problem.title, row.theme, color);
                format!("Line {line}, {}, {}, {seen}", sign.word(), problem.title)
            },
        );
    let clip = answer.response.rect;
    for (index, place) in drawn {
        if let Some(question) = fixes.get(index).copied().flatten() {
            fix_button::link_ui(&mut child, place, clip, question, commands);
        }
    }
    if let Some(chosen) = answer.chosen {
        state.selected = Some(chosen);
        let line = document.marks.get(chosen).map(|mark| mark.line);
        let open = EditorCommand::Open(document.path.clone(), line);
        commands.push(Command::Editor(open));
    }
}
