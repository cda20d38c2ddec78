//! The line between two rooms, which can be dragged; a double click puts it back.

use eframe::egui::{CursorIcon, Rangef, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use crate::gui::theme::Theme;

/// How near to the line the pointer has to be, in points.
const REACH: f32 = 4.0;

/// Which way the line runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// From left to right.
    Horizontal,
    /// From top to bottom.
    Vertical,
}

/// What the user did with the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moved {
    By(f32),
    Back,
}

impl Moved {
    /// The new size of a room that grows with the line when `sign` is 1, and against it when it is -1.
    pub(super) fn to(self, size: f32, sign: f32, usual: f32) -> f32 {
        match self {
            Self::By(points) => size + sign * points,
            Self::Back => usual,
        }
    }
}

/// Shows the line at `at`, over `range`.
pub(super) fn ui(ui: &mut Ui, name: &str, at: f32, range: Rangef, axis: Axis) -> Option<Moved> {
    let theme = Theme::of(ui);
    let (place, cursor) = match axis {
        Axis::Horizontal => (
            Rect::from_min_max(pos2(range.min, at - REACH), pos2(range.max, at + REACH)),
            CursorIcon::ResizeVertical,
        ),
        Axis::Vertical => (
            Rect::from_min_max(pos2(at - REACH, range.min), pos2(at + REACH, range.max)),
            CursorIcon::ResizeHorizontal,
        ),
    };
    let response = ui.interact(
        place,
        ui.scope_id().with(("split", name)),
        Sense::CLICK | Sense::DRAG,
    );
    let active = response.hovered() || response.dragged();
    let response = response.on_hover_cursor(cursor);
    response
        .widget_info(|| WidgetInfo::labeled(Role::Splitter, true, format!("edge of the {name}")));
    let stroke = if active {
        eframe::egui::Stroke::new(2.0, theme.accent)
    } else {
        theme.separator()
    };
    match axis {
        Axis::Horizontal => ui.painter().hline(range, at - 0.5, stroke),
        Axis::Vertical => ui.painter().vline(at - 0.5, range, stroke),
    };
    if response.double_clicked() {
        return Some(Moved::Back);
    }
    let delta = response.drag_delta();
    let moved = if axis == Axis::Horizontal {
        delta.y
    } else {
        delta.x
    };
    (moved != 0.0).then_some(Moved::By(moved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_grows_with_its_line_or_against_it() {
        assert_eq!(Moved::By(5.0).to(100.0, 1.0, 220.0), 105.0);
        assert_eq!(Moved::By(5.0).to(100.0, -1.0, 220.0), 95.0);
        assert_eq!(Moved::Back.to(100.0, 1.0, 220.0), 220.0);
    }
}
