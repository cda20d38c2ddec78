//! Where a list of rows of one height is scrolled to, exact for any number of rows.
//!
//! egui's own scroll area counts points in `f32`, which is off by whole rows beyond some
//! hundred thousand; here the position is a row and the points of it that are hidden.

use std::ops::Range;

use eframe::egui::{CursorIcon, Rect, Sense, Ui, Vec2};

use crate::gui::theme::Theme;

/// The size of what is scrolled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// How many rows there are.
    pub count: usize,
    /// The height of one, in points.
    pub row_height: f32,
    /// The height of the place they are seen through, in points.
    pub view_height: f32,
}

impl Extent {
    /// The position at which the last row ends where the place ends.
    fn end(&self) -> (usize, f32) {
        let rows = f64::from(self.view_height) / f64::from(self.row_height);
        let hidden = self.count as f64 - rows;
        if hidden <= 0.0 {
            return (0, 0.0);
        }
        (
            hidden as usize,
            (hidden.fract() * f64::from(self.row_height)) as f32,
        )
    }

    /// How many whole rows fit, at least one.
    pub fn page(&self) -> usize {
        ((self.view_height / self.row_height) as usize).max(1)
    }
}

/// A position in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scroll {
    first: usize,
    hidden: f32,
    sideways: f32,
    left_end: bool,
    wanted: Option<usize>,
}

impl Scroll {
    /// Brings a row into sight when the list is shown next: only then is known how many fit.
    pub fn want(&mut self, row: usize) {
        self.wanted = Some(row);
    }

    /// Does what [`Self::want`] asked for.
    pub fn take_wanted(&mut self, extent: Extent) {
        if let Some(row) = self.wanted.take() {
            self.center_on(extent, row);
            self.left_end = !self.at_end(extent);
        }
    }

    /// Whether the first row is seen whole.
    pub fn at_start(&self) -> bool {
        self.first == 0 && self.hidden < 0.5
    }

    /// Whether the last row is seen whole.
    pub fn at_end(&self, extent: Extent) -> bool {
        let (first, hidden) = extent.end();
        (self.first, self.hidden + 0.5) >= (first, hidden)
    }

    /// Moves by `points`, down when positive.
    pub fn by(&mut self, extent: Extent, points: f32) {
        let height = f64::from(extent.row_height);
        let hidden = f64::from(self.hidden) + f64::from(points);
        let rows = (hidden / height).floor();
        let first = self.first as f64 + rows;
        if first < 0.0 {
            (self.first, self.hidden) = (0, 0.0);
        } else {
            (self.first, self.hidden) = (first as usize, (hidden - rows * height) as f32);
        }
        self.clamp(extent);
        self.left_end = !self.at_end(extent);
    }

    /// Brings the position back to where there are rows.
    pub fn clamp(&mut self, extent: Extent) {
        let (first, hidden) = extent.end();
        if (self.first, self.hidden) > (first, hidden) {
            (self.first, self.hidden) = (first, hidden);
        }
    }

    /// Goes to the first row.
    pub fn to_start(&mut self) {
        (self.first, self.hidden) = (0, 0.0);
        self.left_end = true;
    }

    /// Goes to the last row, and stays there with [`Self::follow_end`].
    pub fn to_end(&mut self, extent: Extent) {
        (self.first, self.hidden) = extent.end();
        self.left_end = false;
    }

    /// Keeps the last row in sight until the user scrolls away from it.
    pub fn follow_end(&mut self, extent: Extent) {
        if !self.left_end {
            (self.first, self.hidden) = extent.end();
        }
    }

    /// Moves as little as needed for `row` to be seen whole.
    pub fn reveal(&mut self, extent: Extent, row: usize) {
        let row = row.min(extent.count.saturating_sub(1));
        if row < self.first || (row == self.first && self.hidden > 0.0) {
            (self.first, self.hidden) = (row, 0.0);
        } else {
            let below = self.top_of(extent, row) + extent.row_height - extent.view_height;
            if below > 0.0 {
                self.by(extent, below);
            }
        }
        self.left_end = !self.at_end(extent);
    }

    /// Puts `row` a third of the way down, where the eye looks for what was searched.
    pub fn center_on(&mut self, extent: Extent, row: usize) {
        (self.first, self.hidden) = (row.min(extent.count.saturating_sub(1)), 0.0);
        self.by(extent, -extent.view_height / 3.0);
    }

    /// Keeps the same rows in sight when `count` rows came before the first.
    ///
    /// At the very start the new rows are shown instead: there the user follows the newest.
    pub fn came_before(&mut self, count: usize) {
        if !self.at_start() {
            self.first += count;
        }
    }

    /// The rows of which something is seen.
    pub fn visible(&self, extent: Extent) -> Range<usize> {
        let rows = ((extent.view_height + self.hidden) / extent.row_height).ceil();
        let end = self.first.saturating_add(rows as usize).min(extent.count);
        self.first.min(end)..end
    }

    /// From the top of the place to the top of `row`, in points.
    pub fn top_of(&self, extent: Extent, row: usize) -> f32 {
        let rows = row as f64 - self.first as f64;
        (rows * f64::from(extent.row_height) - f64::from(self.hidden)) as f32
    }

    /// The points hidden at the left.
    pub fn sideways(&self) -> f32 {
        self.sideways
    }

    /// Sets the points hidden at the left, no more than hides all.
    pub fn set_sideways(&mut self, points: f32, content_width: f32, view_width: f32) {
        self.sideways = points.clamp(0.0, (content_width - view_width).max(0.0));
    }

    /// How far down this is, 0 at the start and 1 at the end.
    fn fraction(&self, extent: Extent) -> f64 {
        let (first, hidden) = extent.end();
        let height = f64::from(extent.row_height);
        let rows = |first: usize, hidden: f32| first as f64 + f64::from(hidden) / height;
        let end = rows(first, hidden);
        if end <= 0.0 {
            0.0
        } else {
            (rows(self.first, self.hidden) / end).min(1.0)
        }
    }

    fn set_fraction(&mut self, extent: Extent, fraction: f64) {
        let (first, hidden) = extent.end();
        let end = first as f64 + f64::from(hidden / extent.row_height);
        let rows = end * fraction.clamp(0.0, 1.0);
        self.first = rows as usize;
        self.hidden = (rows.fract() * f64::from(extent.row_height)) as f32;
        self.clamp(extent);
        self.left_end = !self.at_end(extent);
    }

    /// Takes what the wheel says while the pointer is over `place`.
    pub fn take_wheel(&mut self, ui: &Ui, place: Rect, extent: Extent) {
        if !ui.rect_contains_pointer(place) {
            return;
        }
        let delta = ui.input(|input| input.smooth_scroll_delta());
        if delta.y != 0.0 && (extent.count as f32) * extent.row_height > extent.view_height {
            self.by(extent, -delta.y);
            ui.input_mut(|input| input.smooth_scroll_delta.y = 0.0);
        }
    }

    /// Takes what the wheel says sideways while the pointer is over `place`.
    pub fn take_wheel_sideways(&mut self, ui: &Ui, place: Rect, content_width: f32) {
        let delta = ui.input(|input| input.smooth_scroll_delta());
        if delta.x != 0.0 && ui.rect_contains_pointer(place) && content_width > place.width() {
            self.set_sideways(self.sideways - delta.x, content_width, place.width());
            ui.input_mut(|input| input.smooth_scroll_delta.x = 0.0);
        }
    }
}

/// The width of the scroll bar, in points.
pub const BAR_WIDTH: f32 = 10.0;
const HANDLE_MIN: f32 = 24.0;

/// Shows the scroll bar at the right of `place`; nothing when all rows are seen.
pub fn bar_ui(ui: &Ui, place: Rect, scroll: &mut Scroll, extent: Extent) {
    let content = extent.count as f64 * f64::from(extent.row_height);
    if content <= f64::from(extent.view_height) {
        return;
    }
    let theme = Theme::of(ui);
    let track = place.with_min_x(place.right() - BAR_WIDTH);
    let seen = (f64::from(extent.view_height) / content) as f32;
    let length = (track.height() * seen).max(HANDLE_MIN).min(track.height());
    let way = track.height() - length;
    let response = ui.interact(
        track,
        ui.scope_id().with("scroll bar"),
        Sense::DRAG | Sense::CLICK,
    );
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| way > 0.0) {
        let fraction = (pointer.y - track.top() - length / 2.0) / way;
        scroll.set_fraction(extent, f64::from(fraction));
    }
    let top = track.top() + way * scroll.fraction(extent) as f32;
    let strong = response.hovered() || response.dragged();
    let inset = if strong { 2.0 } else { 3.0 };
    let handle = Rect::from_min_size(
        eframe::egui::pos2(track.left(), top),
        Vec2::new(BAR_WIDTH, length),
    );
    let color = if strong {
        theme.weak
    } else {
        theme.border_strong
    };
    ui.painter()
        .rect_filled(handle.shrink2(Vec2::new(inset, 2.0)), 3.0, color);
    response.on_hover_cursor(CursorIcon::Default);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLION: Extent = Extent {
        count: 1_000_000,
        row_height: 24.0,
        view_height: 600.0,
    };

    #[test]
    fn the_last_row_of_a_million_ends_where_the_place_ends() {
        let mut scroll = Scroll::default();
        scroll.to_end(MILLION);
        assert_eq!(scroll.visible(MILLION), 999_975..1_000_000);
        assert_eq!(scroll.top_of(MILLION, 999_999), 576.0);
        assert!(scroll.at_end(MILLION));
    }

    #[test]
    fn a_row_a_million_rows_down_moves_by_exactly_one_point() {
        let mut scroll = Scroll::default();
        scroll.to_end(MILLION);
        scroll.by(MILLION, -1.0);
        assert_eq!(scroll.top_of(MILLION, 999_999), 577.0);
    }

    #[test]
    fn every_one_of_twenty_million_rows_is_reached_and_moved_by_single_points() {
        const ROWS: Extent = Extent {
            count: 20_000_000,
            row_height: 18.0,
            view_height: 600.0,
        };
        for row in [1_000, 9_999_999, 16_777_217, 19_999_900] {
            let mut scroll = Scroll::default();
            scroll.center_on(ROWS, row);
            assert_eq!(scroll.top_of(ROWS, row), 200.0, "row {row}");
            scroll.by(ROWS, 1.0);
            assert_eq!(scroll.top_of(ROWS, row), 199.0, "row {row}");
        }
    }

    #[test]
    fn the_start_and_the_end_are_not_passed() {
        let mut scroll = Scroll::default();
        scroll.by(MILLION, -1e6);
        assert!(scroll.at_start());
        scroll.by(MILLION, 1e9);
        assert!(scroll.at_end(MILLION));
        scroll.clamp(Extent {
            count: 3,
            ..MILLION
        });
        assert_eq!(
            scroll.visible(Extent {
                count: 3,
                ..MILLION
            }),
            0..3
        );
    }

    #[test]
    fn rows_that_come_first_do_not_move_what_is_read() {
        let mut scroll = Scroll::default();
        scroll.by(MILLION, 2400.0);
        let before = scroll.top_of(MILLION, 110);
        scroll.came_before(7);
        assert_eq!(scroll.top_of(MILLION, 117), before);
    }

    #[test]
    fn rows_that_come_first_are_shown_at_the_start() {
        let mut scroll = Scroll::default();
        scroll.came_before(7);
        assert!(scroll.at_start());
    }

    #[test]
    fn the_end_is_followed_until_the_user_leaves_it() {
        let longer = Extent {
            count: 1_000_100,
            ..MILLION
        };
        let mut scroll = Scroll::default();
        scroll.follow_end(MILLION);
        scroll.follow_end(longer);
        assert!(scroll.at_end(longer));
        scroll.by(longer, -100.0);
        let place = scroll;
        scroll.follow_end(Extent {
            count: 2_000_000,
            ..MILLION
        });
        assert_eq!(scroll, place);
    }

    #[track_caller]
    fn check_reveal(row: usize, expected: Range<usize>) {
        let mut scroll = Scroll::default();
        scroll.by(MILLION, 2400.0);
        scroll.reveal(MILLION, row);
        assert_eq!(scroll.visible(MILLION), expected);
    }

    #[test]
    fn a_row_is_revealed_with_the_least_movement() {
        check_reveal(110, 100..125);
        check_reveal(99, 99..124);
        check_reveal(125, 101..126);
        check_reveal(5_000_000, 999_975..1_000_000);
    }

    #[test]
    fn a_fraction_comes_back_as_it_was_set() {
        let mut scroll = Scroll::default();
        for fraction in [0.0, 0.25, 0.5, 1.0] {
            scroll.set_fraction(MILLION, fraction);
            assert!((scroll.fraction(MILLION) - fraction).abs() < 1e-6);
        }
    }
}
