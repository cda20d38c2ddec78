//! The numbers of the lines, and what is wrong with them.

use cgi_engine::diagnosis::Severity;
use eframe::egui::{Align, Color32, Rect, Role, Sense, Ui, Vec2, WidgetInfo};

use super::text::Sight;
use crate::gui::model::editor::document::{Document, LineMark};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::{icon, line, mark::Mark};

const GLYPH: f32 = 10.0;

/// The colour of how bad something is.
pub(super) fn color(severity: Severity, theme: &Theme) -> Color32 {
    mark_of(severity).color(theme)
}

/// The sign of how bad something is.
pub(super) fn mark_of(severity: Severity) -> Mark {
    match severity {
        Severity::Error => Mark::Failed,
        Severity::Warning | Severity::Note => Mark::Warning,
    }
}

/// How wide it has to be for the numbers of this text.
pub(super) fn width(ui: &Ui, document: &Document) -> f32 {
    let lines = 1 + document
        .text()
        .bytes()
        .filter(|byte| *byte == b'\n')
        .count();
    let digits = lines.to_string().len().max(3);
    let digit = ui.fonts_mut(|fonts| fonts.glyph_width(&theme::mono(), '0'));
    (28.0 + digits as f32 * digit + 8.0).ceil()
}

/// Draws it beside the lines in sight.
pub(super) fn ui(ui: &mut Ui, place: Rect, document: &Document, sight: &Sight<'_>) {
    let theme = Theme::of(ui);
    let painter = ui.painter_at(place);
    let here = document.line();
    for number in sight.lines.clone() {
        let Some(text) = sight.line(number) else {
            continue;
        };
        let row = Rect::from_x_y_ranges(place.x_range(), text.y_range());
        let number = number + 1;
        let color = if number == here {
            theme.text
        } else {
            theme.weak
        };
        let numbers = row.with_max_x(row.right() - 8.0);
        let shown = number.to_string();
        line::paint(&painter, numbers, Align::Max, &shown, theme::mono(), color);
        let marks: Vec<&LineMark> = document
            .marks
            .iter()
            .filter(|mark| mark.line == number)
            .collect();
        if !marks.is_empty() {
            mark_ui(ui, row, number, &marks);
        }
    }
}

fn mark_ui(ui: &mut Ui, row: Rect, number: usize, marks: &[&LineMark]) {
    let Some(worst) = marks.iter().map(|mark| mark.severity).min() else {
        return;
    };
    let theme = Theme::of(ui);
    let mark = mark_of(worst);
    let center = row.left_center() + Vec2::new(8.0 + GLYPH / 2.0, 0.0);
    let glyph = Rect::from_center_size(center, Vec2::splat(GLYPH));
    icon::paint(ui.painter(), glyph, mark.icon(), mark.color(theme));
    let told: Vec<String> = marks.iter().map(|mark| told(mark)).collect();
    let told = told.join("\n");
    let id = ui.scope_id().with(("gutter", number));
    let response = ui.interact(row.with_max_x(glyph.right() + 6.0), id, Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Label,
            true,
            format!("Line {number}, {}, {told}", mark.word()),
        )
    });
    response.on_hover_text(told);
}

/// What a mark says.
pub(super) fn told(mark: &LineMark) -> String {
    format!("{} ({}, {})", mark.title, mark.code, mark.seen)
}
