//! Columns of a list: their widths, and the row of titles above it.

use eframe::egui::{
    Align, CursorIcon, FontId, Rangef, Rect, Response, Role, Sense, StrokeKind, Ui, Vec2,
    WidgetInfo,
};

use super::{line, scroll};
use crate::gui::theme::{self, Theme};

const HEIGHT: f32 = 28.0;
/// The space at each side of a column's text, in points.
const PADDING: f32 = 8.0;
/// Half the width of the place between two columns that can be pulled, in points.
const GRIP: f32 = 3.0;

/// A column is not made narrower than this for the others' sake, in points.
const LEAST_SHRUNK: f32 = 76.0;

/// How wide a column is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    /// Always this many points.
    Fixed(f32),
    /// A share of what the fixed columns leave, at least `min` points.
    Share {
        /// The parts of the whole that this column gets.
        parts: f32,
        /// The least width in points.
        min: f32,
    },
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column<'a> {
    /// The title above it.
    pub title: &'a str,
    /// How wide it is.
    pub width: Width,
    /// Where its text stands; numbers at the right.
    pub align: Align,
}

impl<'a> Column<'a> {
    /// A column of fixed width with its text at the left.
    pub const fn fixed(title: &'a str, points: f32) -> Self {
        Self {
            title,
            width: Width::Fixed(points),
            align: Align::Min,
        }
    }

    /// A column of fixed width with its text at the right.
    pub const fn number(title: &'a str, points: f32) -> Self {
        Self {
            title,
            width: Width::Fixed(points),
            align: Align::Max,
        }
    }

    /// A column that takes what is left, at least `min` points.
    pub const fn rest(title: &'a str, min: f32) -> Self {
        Self {
            title,
            width: Width::Share { parts: 1.0, min },
            align: Align::Min,
        }
    }
}

/// How wide a column may be at most so that all have room; those that are narrow anyway keep their widths.
fn widest(widths: &mut [f32], room: f32) -> f32 {
    widths.sort_by(f32::total_cmp);
    let (mut left, mut count) = (room, widths.len() as f32);
    for width in widths.iter() {
        let share = left / count;
        if *width > share {
            return share.max(LEAST_SHRUNK);
        }
        (left, count) = (left - width, count - 1.0);
    }
    f32::INFINITY
}

/// Where the text of each column stands, from `left` over `width` points.
pub fn lay_out(columns: &[Column<'_>], left: f32, width: f32) -> Vec<Rangef> {
    let (mut parts, mut least) = (0.0, 0.0);
    let mut widths = Vec::new();
    for column in columns {
        match column.width {
            Width::Fixed(points) => widths.push(points),
            Width::Share { parts: share, min } => {
                parts += share;
                least += min;
            }
        }
    }
    let most = widest(&mut widths, width - least);
    let fixed: f32 = widths.iter().map(|width| width.min(most)).sum();
    let rest = (width - fixed).max(0.0);
    let mut x = left;
    let place = |column: &Column<'_>| {
        let width = match column.width {
            Width::Fixed(points) => points.min(most),
            Width::Share { parts: share, min } => (rest * share / parts).max(min),
        };
        let range = Rangef::new(x + PADDING, (x + width - PADDING).max(x + PADDING));
        x += width;
        range
    };
    columns.iter().map(place).collect()
}

/// What the user did with the titles of a list that can be ordered and whose columns can be sized.
#[derive(Debug)]
pub struct Header {
    /// Where the text of each column stands.
    pub ranges: Vec<Rangef>,
    /// The title that was clicked.
    pub clicked: Option<usize>,
    /// The column of fixed width that was pulled, and its new width in points.
    pub sized: Option<(usize, f32)>,
    /// All titles, for a menu.
    pub response: Response,
}

/// Shows titles that answer to clicks, with grips between the columns of fixed width. `sorted` is the column that the
/// list is ordered by and whether the smallest is on top.
pub fn sortable_header_ui(
    ui: &mut Ui,
    columns: &[Column<'_>],
    sorted: Option<(usize, bool)>,
) -> Header {
    let titled: Vec<String> = (0..)
        .zip(columns)
        .map(|(index, column)| match sorted {
            Some((by, ascending)) if by == index => {
                let sign = if ascending { "↑" } else { "↓" };
                format!("{} {sign}", column.title)
            }
            _ => column.title.to_owned(),
        })
        .collect();
    let shown: Vec<Column<'_>> = columns
        .iter()
        .zip(&titled)
        .map(|(column, title)| Column { title, ..*column })
        .collect();
    let top = ui.cursor().top();
    let ranges = header_ui(ui, &shown);
    let whole = Rect::from_x_y_ranges(ui.max_rect().x_range(), Rangef::new(top, top + HEIGHT));
    let id = ui.scope_id().with("titles");
    let mut header = Header {
        response: ui.interact(whole, id, Sense::click()),
        ranges,
        clicked: None,
        sized: None,
    };
    for index in 0..columns.len() {
        let Some(range) = header.ranges.get(index) else {
            continue;
        };
        let place = Rect::from_x_y_ranges(range.expand(PADDING - GRIP), whole.y_range());
        let title = ui.interact(place, id.with(("order", index)), Sense::click());
        let name = format!(
            "Order by {}",
            shown.get(index).map_or("", |column| column.title)
        );
        title.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if title.has_focus() {
            let stroke = Theme::of(ui).focus();
            ui.painter()
                .rect_stroke(place.shrink(2.0), 2.0, stroke, StrokeKind::Inside);
        }
        if title.clicked() {
            header.clicked = Some(index);
        }
        header.response |= title;
    }
    grips_ui(ui, columns, whole, &mut header);
    header
}

/// Between two columns the one of fixed width is pulled, on the side that is away from the one that takes the rest.
fn grips_ui(ui: &mut Ui, columns: &[Column<'_>], whole: Rect, header: &mut Header) {
    let is_rest = |column: &Column<'_>| matches!(column.width, Width::Share { .. });
    let rest = columns.iter().position(is_rest).unwrap_or(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let (Width::Fixed(width), Some(range)) = (column.width, header.ranges.get(index)) else {
            continue;
        };
        let (x, sign) = if index < rest {
            (range.max + PADDING, 1.0)
        } else {
            (range.min - PADDING, -1.0)
        };
        let place = Rect::from_x_y_ranges(Rangef::new(x - GRIP, x + GRIP), whole.y_range());
        let id = header.response.id.with(("grip", index));
        let grip = ui.interact(place, id, Sense::drag());
        if grip.hovered() || grip.dragged() {
            ui.painter()
                .vline(x, whole.y_range().shrink(5.0), Theme::of(ui).focus());
        }
        if grip.dragged() && grip.drag_delta().x != 0.0 {
            header.sized = Some((index, width + sign * grip.drag_delta().x));
        }
        grip.on_hover_cursor(CursorIcon::ResizeHorizontal);
    }
}

/// Shows the titles over the whole width; returns where the text of each column stands.
pub fn header_ui(ui: &mut Ui, columns: &[Column<'_>]) -> Vec<Rangef> {
    let theme = Theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), Sense::hover());
    // The scroll bar of the list below lies over its right side.
    let ranges = lay_out(
        columns,
        rect.left(),
        rect.width() - scroll::BAR_WIDTH + PADDING,
    );
    for (index, (column, range)) in columns.iter().zip(&ranges).enumerate() {
        let place = Rect::from_x_y_ranges(*range, rect.y_range());
        let font = FontId::new(11.5, theme::fonts::medium());
        line::paint(
            ui.painter(),
            place,
            column.align,
            column.title,
            font,
            theme.weak,
        );
        let id = ui.scope_id().with(("column", index));
        let title = ui.interact(place, id, Sense::hover());
        title.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, column.title));
    }
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, theme.separator());
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(columns: &[Column<'_>], width: f32, expected: &[(f32, f32)]) {
        let found = lay_out(columns, 0.0, width);
        let found: Vec<(f32, f32)> = found.iter().map(|range| (range.min, range.max)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_fixed_columns_leave_goes_to_the_rest() {
        let columns = [
            Column::number("#", 50.0),
            Column::rest("Script", 60.0),
            Column::fixed("ms", 40.0),
        ];
        check(
            &columns,
            300.0,
            &[(8.0, 42.0), (58.0, 252.0), (268.0, 292.0)],
        );
    }

    #[test]
    fn wide_columns_make_room_for_all() {
        let columns = [
            Column::number("#", 50.0),
            Column::rest("Script", 60.0),
            Column::fixed("Target", 200.0),
            Column::fixed("PATH_INFO", 140.0),
        ];
        check(
            &columns,
            310.0,
            &[(8.0, 42.0), (58.0, 102.0), (118.0, 202.0), (218.0, 302.0)],
        );
    }

    #[test]
    fn a_column_keeps_its_least_width() {
        let columns = [Column::fixed("Time", 100.0), Column::rest("Script", 60.0)];
        check(&columns, 90.0, &[(8.0, 68.0), (84.0, 128.0)]);
    }
}
