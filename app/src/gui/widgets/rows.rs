//! A list of up to a million rows, of which only those in sight are drawn.
//!
//! The caller owns the order, the selection and what a row looks like. Keys, when the list has
//! the keyboard (or nothing has it and [`Rows::keys`] is on): Up/k and Down/j move by one, Page
//! Up and Page Down by a page, Home/g and End/G to the first and last row, Enter opens.

use std::ops::Range;

use eframe::egui::{
    Align, Color32, EventFilter, FontId, Key, Modifiers, Painter, Rangef, Rect, Response, Role,
    Sense, Shape, StrokeKind, Ui, Vec2, WidgetInfo,
};

use super::{
    line,
    mark::{self, Mark},
    scroll::{self, Extent, Scroll},
};
use crate::gui::theme::{self, Theme};

/// A list that is about to be shown.
#[must_use = "a list is shown by `show`"]
pub struct Rows<'a> {
    name: &'a str,
    count: usize,
    selected: Option<usize>,
    also_selected: Option<&'a dyn Fn(usize) -> bool>,
    row_height: f32,
    keys: bool,
    follow_end: bool,
}

/// What the user did with a list.
#[derive(Debug)]
pub struct RowsResponse {
    /// The row that shall be the selected one now, by click or key.
    pub chosen: Option<usize>,
    /// The row that shall be selected with the others, or no more: by click with Ctrl.
    pub toggled: Option<usize>,
    /// The row up to which all shall be selected: by click with Shift.
    pub extended: Option<usize>,
    /// The row that was opened, by double click or Enter.
    pub opened: Option<usize>,
    /// The rows in sight.
    pub visible: Range<usize>,
    /// The list as a whole.
    pub response: Response,
}

/// One row in sight, to be painted by the caller.
pub struct Row<'a> {
    /// Its place in the list.
    pub index: usize,
    /// Where it is.
    pub rect: Rect,
    /// Whether it is the selected one.
    pub selected: bool,
    /// For tooltips and context menus.
    pub response: Response,
    /// Cut to the list.
    pub painter: &'a Painter,
    /// The colours.
    pub theme: &'static Theme,
}

impl<'a> Rows<'a> {
    /// A list of `count` rows that a screen reader calls `name`.
    pub fn new(name: &'a str, count: usize) -> Self {
        Self {
            name,
            count,
            selected: None,
            also_selected: None,
            row_height: theme::ROW_HEIGHT,
            keys: false,
            follow_end: false,
        }
    }

    /// The selected row.
    pub fn selected(mut self, row: Option<usize>) -> Self {
        self.selected = row;
        self
    }

    /// Rows that are selected with the selected one.
    pub fn also_selected(mut self, is_selected: &'a dyn Fn(usize) -> bool) -> Self {
        self.also_selected = Some(is_selected);
        self
    }

    /// The height of every row, in points.
    pub fn row_height(mut self, points: f32) -> Self {
        self.row_height = points;
        self
    }

    /// Takes keys even while nothing has the keyboard: for the main list of a view.
    pub fn keys(mut self, on: bool) -> Self {
        self.keys = on;
        self
    }

    /// Keeps the last row in sight until the user scrolls away: for logs with the newest below.
    pub fn follow_end(mut self) -> Self {
        self.follow_end = true;
        self
    }

    /// Shows the list over the place that is left.
    ///
    /// `id_of` names a row by something that stays when others come, such as a run's number.
    /// `paint` draws a row and returns what a screen reader says of it.
    pub fn show(
        self,
        ui: &mut Ui,
        scroll: &mut Scroll,
        id_of: impl Fn(usize) -> u64,
        mut paint: impl FnMut(&Row<'_>) -> String,
    ) -> RowsResponse {
        let place = ui.available_rect_before_wrap();
        let response = ui.allocate_rect(place, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::ListBox, ui.is_enabled(), self.name));
        let extent = Extent {
            count: self.count,
            row_height: self.row_height,
            view_height: place.height(),
        };
        let mut answer = RowsResponse {
            chosen: None,
            toggled: None,
            extended: None,
            opened: None,
            visible: 0..0,
            response,
        };
        self.take_keys(ui, &mut answer, scroll, extent);
        scroll.take_wanted(extent);
        scroll.take_wheel(ui, place, extent);
        scroll.clamp(extent);
        if self.follow_end {
            scroll.follow_end(extent);
        }
        answer.visible = scroll.visible(extent);
        let painter = ui.painter_at(place);
        for index in answer.visible.clone() {
            let top = place.top() + scroll.top_of(extent, index);
            let rect = Rect::from_min_size(
                eframe::egui::pos2(place.left(), top),
                Vec2::new(place.width(), self.row_height),
            );
            let id = answer.response.id.with(id_of(index));
            let row = ui.interact(rect.intersect(place), id, Sense::CLICK);
            let row = Row {
                index,
                rect,
                selected: self.selected == Some(index)
                    || self.also_selected.is_some_and(|also| also(index)),
                response: row,
                painter: &painter,
                theme: Theme::of(ui),
            };
            row.paint_ground();
            let name = paint(&row);
            self.name_row(ui, &row, &name);
            self.take_click(ui, &row, &mut answer);
        }
        scroll::bar_ui(ui, place, scroll, extent);
        if answer.response.has_focus() {
            let stroke = Theme::of(ui).focus();
            ui.painter()
                .rect_stroke(place.shrink(1.0), 2.0, stroke, StrokeKind::Inside);
        }
        answer
    }

    fn name_row(&self, ui: &Ui, row: &Row<'_>, name: &str) {
        row.response.widget_info(|| {
            WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), row.selected, name)
        });
        ui.ctx().accesskit_node_builder(row.response.id, |node| {
            node.set_position_in_set(row.index + 1);
            node.set_size_of_set(self.count);
        });
    }

    /// A list that has the keys whenever nobody else has them needs no focus of its own, and no frame for it:
    /// the frame is for those who go from place to place by keyboard.
    fn take_focus(&self, ui: &Ui, list: &Response) {
        if !self.keys {
            list.request_focus();
        } else if let Some(other) = ui.memory(|memory| memory.focused()) {
            ui.memory_mut(|memory| memory.surrender_focus(other));
        }
    }

    fn take_click(&self, ui: &Ui, row: &Row<'_>, answer: &mut RowsResponse) {
        let held = ui.input(|input| input.modifiers);
        if row.response.clicked() {
            let asked = match self.also_selected {
                Some(_) if held.shift => &mut answer.extended,
                Some(_) if held.command => &mut answer.toggled,
                _ => &mut answer.chosen,
            };
            *asked = Some(row.index);
            self.take_focus(ui, &answer.response);
        }
        // What is done to several is asked for over one of them.
        if row.response.secondary_clicked() && !row.selected {
            answer.chosen = Some(row.index);
        }
        if row.response.secondary_clicked() {
            self.take_focus(ui, &answer.response);
        }
        if row.response.double_clicked() {
            answer.opened = Some(row.index);
        }
    }

    fn take_keys(&self, ui: &Ui, answer: &mut RowsResponse, scroll: &mut Scroll, extent: Extent) {
        let id = answer.response.id;
        let focused = answer.response.has_focus();
        let nobody_has_keys = ui.memory(|memory| memory.focused().is_none());
        if self.count == 0 || !(focused || (self.keys && nobody_has_keys)) {
            return;
        }
        if focused {
            let filter = EventFilter {
                vertical_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        }
        if let Some(movement) = ui.input_mut(take_movement) {
            let row = movement.from(self.selected, extent.count, extent.page());
            scroll.reveal(extent, row);
            answer.chosen = Some(row);
        }
        if self.selected.is_some()
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter))
        {
            answer.opened = self.selected;
        }
    }
}

/// A way through the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Movement {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Movement {
    fn from(self, selected: Option<usize>, count: usize, page: usize) -> usize {
        let last = count.saturating_sub(1);
        let Some(row) = selected else {
            return if self == Self::Last { last } else { 0 };
        };
        match self {
            Self::Up => row.saturating_sub(1),
            Self::Down => (row + 1).min(last),
            Self::PageUp => row.saturating_sub(page),
            Self::PageDown => (row + page).min(last),
            Self::First => 0,
            Self::Last => last,
        }
    }
}

fn take_movement(input: &mut eframe::egui::InputState) -> Option<Movement> {
    // A pattern without modifiers also matches with Shift held, so `G` is asked for before `g`.
    const KEYS: [(Modifiers, Key, Movement); 10] = [
        (Modifiers::SHIFT, Key::G, Movement::Last),
        (Modifiers::NONE, Key::G, Movement::First),
        (Modifiers::NONE, Key::ArrowUp, Movement::Up),
        (Modifiers::NONE, Key::K, Movement::Up),
        (Modifiers::NONE, Key::ArrowDown, Movement::Down),
        (Modifiers::NONE, Key::J, Movement::Down),
        (Modifiers::NONE, Key::PageUp, Movement::PageUp),
        (Modifiers::NONE, Key::PageDown, Movement::PageDown),
        (Modifiers::NONE, Key::Home, Movement::First),
        (Modifiers::NONE, Key::End, Movement::Last),
    ];
    KEYS.into_iter()
        .find(|&(modifiers, key, _)| input.consume_key(modifiers, key))
        .map(|(_, _, movement)| movement)
}

impl Row<'_> {
    /// The weak colour, or the primary one where weak would not be read.
    pub fn weak(&self) -> Color32 {
        if self.selected {
            self.theme.text
        } else {
            self.theme.weak
        }
    }

    /// Paints `text` in the column at `x`.
    pub fn text(&self, x: Rangef, align: Align, text: &str, font: FontId, color: Color32) -> Rect {
        let place = Rect::from_x_y_ranges(x, self.rect.y_range());
        line::paint(self.painter, place, align, text, font, color)
    }

    /// How wide `text` is when it is painted, in points; it is cut beyond `most`.
    pub fn width_of(&self, text: &str, font: FontId, most: f32) -> f32 {
        line::galley(self.painter, text, font, self.theme.text, most)
            .size()
            .x
            .ceil()
    }

    /// Paints how it went in the column at `x`.
    pub fn status(&self, x: Rangef, mark: Mark, text: &str) {
        let place = Rect::from_x_y_ranges(x, self.rect.y_range());
        // Light green on the selected ground is below AA, so there the glyph alone is green.
        let color = (self.selected && mark == Mark::Ok).then_some(self.theme.text);
        mark::paint(self.painter, place, mark, text, self.theme, color);
    }

    /// Paints the whole row as a note between others: "form.py saved 14:02:02".
    pub fn note(&self, text: &str) {
        let place = self.rect.shrink2(Vec2::new(theme::GRID, 0.0));
        line::paint(
            self.painter,
            place,
            Align::Min,
            text,
            FontId::proportional(12.0),
            self.theme.teach,
        );
        for y in [self.rect.top() + 0.5, self.rect.bottom() - 0.5] {
            let ends = [
                eframe::egui::pos2(self.rect.left(), y),
                eframe::egui::pos2(self.rect.right(), y),
            ];
            self.painter
                .extend(Shape::dashed_line(&ends, self.theme.separator(), 3.0, 2.0));
        }
    }

    /// Paints the line under a row, for tables that are read rather than scrolled.
    pub fn rule(&self) {
        self.painter.hline(
            self.rect.x_range(),
            self.rect.bottom() - 0.5,
            self.theme.separator(),
        );
    }

    fn paint_ground(&self) {
        if self.selected {
            self.painter
                .rect_filled(self.rect, 0.0, self.theme.row_selected);
        } else if self.response.hovered() {
            self.painter
                .rect_filled(self.rect, 0.0, self.theme.row_hover);
        }
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::Vec2;
    use egui_kittest::{Harness, kittest::Queryable as _};

    use super::*;

    #[derive(Default)]
    struct List {
        scroll: Scroll,
        selected: Option<usize>,
        opened: Option<usize>,
        drawn: usize,
    }

    fn million() -> Harness<'static, List> {
        let builder = Harness::builder().with_size(Vec2::new(300.0, 240.0));
        builder.with_context_setup(theme::apply).build_ui_state(
            |ui, list| {
                list.drawn = 0;
                let rows = Rows::new("Runs", 1_000_000)
                    .selected(list.selected)
                    .keys(true);
                let drawn = &mut list.drawn;
                let answer = rows.show(
                    ui,
                    &mut list.scroll,
                    |index| index as u64,
                    |row| {
                        *drawn += 1;
                        let text = format!("run {}", row.index);
                        row.text(
                            row.rect.x_range(),
                            Align::Min,
                            &text,
                            theme::body(),
                            row.theme.text,
                        );
                        text
                    },
                );
                list.selected = answer.chosen.or(list.selected);
                list.opened = answer.opened.or(list.opened);
            },
            List::default(),
        )
    }

    #[test]
    fn only_rows_in_sight_are_drawn() {
        let mut harness = million();
        harness.run();
        assert!(
            (5..20).contains(&harness.state().drawn),
            "{}",
            harness.state().drawn
        );
    }

    #[test]
    fn a_click_chooses_and_enter_opens() {
        let mut harness = million();
        harness
            .get_by_role_and_label(Role::ListBoxOption, "run 3")
            .click();
        harness.run();
        assert_eq!(harness.state().selected, Some(3));
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(harness.state().opened, Some(3));
    }

    #[track_caller]
    fn check_keys(keys: &[(Modifiers, Key)], expected: usize) {
        let mut harness = million();
        for &(modifiers, key) in keys {
            harness.key_press_modifiers(modifiers, key);
            harness.run();
        }
        assert_eq!(harness.state().selected, Some(expected));
        harness.get_by_label(&format!("run {expected}"));
    }

    #[test]
    fn keys_move_and_the_row_comes_into_sight() {
        let (plain, shift) = (Modifiers::NONE, Modifiers::SHIFT);
        check_keys(&[(plain, Key::J)], 0);
        check_keys(
            &[(plain, Key::J), (plain, Key::ArrowDown), (plain, Key::J)],
            2,
        );
        check_keys(&[(plain, Key::J), (plain, Key::K)], 0);
        check_keys(&[(shift, Key::G)], 999_999);
        check_keys(&[(shift, Key::G), (plain, Key::ArrowUp)], 999_998);
        check_keys(&[(plain, Key::End), (plain, Key::G)], 0);
        check_keys(&[(plain, Key::End), (plain, Key::Home)], 0);
    }
}
