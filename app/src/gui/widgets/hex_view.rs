//! Bytes in rows of sixteen: where, as hexadecimal, and as the characters they may be.
//!
//! With the keyboard: arrows, Page Up and Down, Home and End scroll, Ctrl+A selects all, Ctrl+C
//! copies the selected bytes as hexadecimal.

use std::{fmt::Write as _, ops::Range};

use eframe::egui::{
    Align, Event, EventFilter, FontId, Key, Modifiers, Painter, Pos2, Rangef, Rect, Response, Role,
    Sense, StrokeKind, Ui, WidgetInfo,
};

use super::{
    find::{self, Find},
    line,
    scroll::{self, Extent, Scroll},
    text_view::{
        Highlight,
        refused::Refused,
        selection::{LONGEST_COPY, Selection},
        source::Source,
    },
};
use crate::gui::theme::{self, Theme};

const COLUMNS: usize = 16;
/// Characters before the hexadecimal pane: eight digits and two spaces.
const HEX_AT: usize = 10;
/// Characters before the last pane: sixteen times three, a gap in the middle and one before it.
const ASCII_AT: usize = HEX_AT + 3 * COLUMNS + 2;

/// What a viewer remembers from frame to frame.
#[derive(Debug, Default)]
pub struct HexViewState {
    scroll: Scroll,
    selection: Option<Selection>,
    wanted: Option<usize>,
    refused: Option<Refused>,
    find: Find,
}

impl HexViewState {
    /// Brings the byte at `offset` into sight.
    pub fn reveal(&mut self, offset: usize) {
        self.wanted = Some(offset);
    }

    /// The selected bytes.
    pub fn selection(&self) -> Option<Range<usize>> {
        self.selection
            .map(Selection::range)
            .filter(|range| !range.is_empty())
    }
}

/// What the user did with a viewer.
#[derive(Debug)]
pub struct HexViewResponse {
    /// The viewer as a whole.
    pub response: Response,
    /// A copy was asked for that is too long for the clipboard: offer a file.
    pub too_long_to_copy: Option<Range<usize>>,
}

/// Shows `bytes` over the place that is left; a screen reader calls them `name`.
pub fn ui<'a>(
    ui: &mut Ui,
    name: &str,
    bytes: impl Into<Source<'a>>,
    highlights: &[Highlight<'_>],
    state: &mut HexViewState,
) -> HexViewResponse {
    let bytes = bytes.into();
    let (bar, place) = find::split(ui.available_rect_before_wrap(), &state.find);
    let response = ui.allocate_rect(place, Sense::click_and_drag());
    let extent = Extent {
        count: bytes.len().div_ceil(COLUMNS),
        row_height: theme::LINE_HEIGHT,
        view_height: place.height(),
    };
    state.find.take_wish(ui, response.id, response.has_focus());
    let seen = state.scroll.visible(extent).start * COLUMNS;
    if let Some(found) = state.find.keep_on(ui, bytes, 0, seen) {
        state.wanted = Some(found.start);
        state.selection = Some(Selection::of(found));
    }
    if let Some(offset) = state.wanted.take() {
        state.scroll.center_on(extent, offset / COLUMNS);
    }
    state.scroll.take_wheel(ui, place, extent);
    state.scroll.clamp(extent);
    let mut answer = HexViewResponse {
        response,
        too_long_to_copy: None,
    };
    take_keys(ui, bytes, state, extent, &mut answer);
    let grid = Grid::new(ui, place);
    take_pointer(ui, bytes, &grid, extent, state, &answer.response);
    paint(ui, place, bytes, highlights, state, extent, &grid);
    answer
        .response
        .widget_info(|| WidgetInfo::labeled(Role::Document, ui.is_enabled(), name));
    Refused::ui(&mut state.refused, ui, place);
    scroll::bar_ui(ui, place, &mut state.scroll, extent);
    if answer.response.has_focus() {
        let stroke = Theme::of(ui).focus();
        ui.painter()
            .rect_stroke(place, 0.0, stroke, StrokeKind::Inside);
    }
    if let Some(bar) = bar {
        state.find.bar_ui(ui, bar, answer.response.id);
    }
    answer
}

/// Where the characters of a row stand.
struct Grid {
    font: FontId,
    left: f32,
    top: f32,
    character: f32,
}

impl Grid {
    fn new(ui: &Ui, place: Rect) -> Self {
        let font = theme::mono();
        let character = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
        Self {
            font,
            left: place.left() + theme::GRID,
            top: place.top(),
            character,
        }
    }

    fn x(&self, characters: f32) -> f32 {
        self.left + characters * self.character
    }

    fn hex(&self, column: usize) -> Rangef {
        let at = (HEX_AT + 3 * column + column / 8) as f32;
        Rangef::new(self.x(at), self.x(at + 2.0))
    }

    fn ascii(&self, column: usize) -> Rangef {
        let at = (ASCII_AT + column) as f32;
        Rangef::new(self.x(at), self.x(at + 1.0))
    }

    /// The column under `x`, in whichever pane.
    fn column(&self, x: f32) -> usize {
        let near = |pane: fn(&Self, usize) -> Rangef| {
            let columns = (0..COLUMNS).rev();
            columns
                .into_iter()
                .find(|&column| pane(self, column).min - self.character / 2.0 <= x)
                .unwrap_or(0)
        };
        if x >= self.ascii(0).min - self.character {
            near(Self::ascii)
        } else {
            near(Self::hex)
        }
    }

    fn byte(&self, scroll: &Scroll, extent: Extent, pointer: Pos2) -> usize {
        let first = scroll.visible(extent).start;
        let down = pointer.y - self.top - scroll.top_of(extent, first);
        let row = first as f64 + f64::from((down / extent.row_height).floor());
        row.clamp(0.0, extent.count.saturating_sub(1) as f64) as usize * COLUMNS
            + self.column(pointer.x)
    }
}

fn take_keys(
    ui: &Ui,
    bytes: Source<'_>,
    state: &mut HexViewState,
    extent: Extent,
    answer: &mut HexViewResponse,
) {
    if !answer.response.has_focus() {
        return;
    }
    let filter = EventFilter {
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(answer.response.id, filter));
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let page = extent.view_height - extent.row_height;
    for (key, points) in [
        (Key::ArrowUp, -extent.row_height),
        (Key::ArrowDown, extent.row_height),
        (Key::PageUp, -page),
        (Key::PageDown, page),
    ] {
        if pressed(Modifiers::NONE, key) {
            state.scroll.by(extent, points);
        }
    }
    if pressed(Modifiers::NONE, Key::Home) {
        state.scroll.to_start();
    }
    if pressed(Modifiers::NONE, Key::End) {
        state.scroll.to_end(extent);
    }
    if pressed(Modifiers::COMMAND, Key::A) {
        state.selection = Some(Selection::of(0..bytes.len()));
    }
    if ui.input(|input| {
        input
            .events
            .iter()
            .any(|event| matches!(event, Event::Copy))
    }) && let Some(range) = state.selection()
    {
        // Each byte becomes three characters.
        if range.len() > LONGEST_COPY / 3 {
            state.refused = Refused::now(ui, &range, LONGEST_COPY / 3);
            answer.too_long_to_copy = Some(range);
        } else {
            ui.ctx().copy_text(hexadecimal(&bytes.slice(range)));
        }
    }
}

fn take_pointer(
    ui: &Ui,
    bytes: Source<'_>,
    grid: &Grid,
    extent: Extent,
    state: &mut HexViewState,
    response: &Response,
) {
    let Some(pointer) = response
        .interact_pointer_pos()
        .filter(|_| !bytes.is_empty())
    else {
        return;
    };
    response.request_focus();
    let byte = grid.byte(&state.scroll, extent, pointer);
    let origin = ui
        .input(|input| input.pointer.press_origin())
        .unwrap_or(pointer);
    let anchor = grid.byte(&state.scroll, extent, origin);
    if response.clicked() || response.drag_started() {
        state.selection = Some(selection_of(anchor, byte, bytes.len()));
    } else if response.dragged() {
        // The anchor may have left the view since; what was kept of it counts.
        let kept = state.selection.map_or(anchor, |old| {
            if old.anchor > old.head {
                old.anchor - 1
            } else {
                old.anchor
            }
        });
        state.selection = Some(selection_of(kept, byte, bytes.len()));
        let beyond = (pointer.y - response.rect.bottom()).max(0.0)
            + (pointer.y - response.rect.top()).min(0.0);
        if beyond != 0.0 {
            state.scroll.by(extent, beyond / 4.0);
            ui.ctx().request_repaint();
        }
    }
}

/// The bytes from one to another, both included.
fn selection_of(anchor: usize, head: usize, length: usize) -> Selection {
    let last = length.saturating_sub(1);
    let (anchor, head) = (anchor.min(last), head.min(last));
    if head < anchor {
        Selection {
            anchor: anchor + 1,
            head,
        }
    } else {
        Selection {
            anchor,
            head: (head + 1).min(length),
        }
    }
}

fn paint(
    ui: &Ui,
    place: Rect,
    bytes: Source<'_>,
    highlights: &[Highlight<'_>],
    state: &HexViewState,
    extent: Extent,
    grid: &Grid,
) {
    let theme = Theme::of(ui);
    let painter = ui.painter_at(place);
    painter.rect_filled(place, 0.0, theme.evidence);
    for row in state.scroll.visible(extent) {
        let top = grid.top + state.scroll.top_of(extent, row);
        let y = Rangef::new(top, top + extent.row_height);
        let start = row * COLUMNS;
        let part = bytes.slice(start..start + COLUMNS);
        let cells = start..start + part.len();
        for highlight in highlights {
            paint_ground(
                &painter,
                grid,
                y,
                &cells,
                &highlight.range,
                highlight.tone.ground(theme),
            );
        }
        for found in state.find.marks(bytes, cells.clone()) {
            paint_ground(&painter, grid, y, &cells, &found, theme.warn_ground);
        }
        if let Some(range) = state.selection() {
            paint_ground(&painter, grid, y, &cells, &range, theme.selection);
        }
        let text = |at: usize, text: &str, color| {
            let x = Rangef::new(grid.x(at as f32), f32::INFINITY);
            line::paint(
                &painter,
                Rect::from_x_y_ranges(x, y),
                Align::Min,
                text,
                grid.font.clone(),
                color,
            );
        };
        text(0, &format!("{start:08x}"), theme.weak);
        text(HEX_AT, &hex_pane(&part), theme.text);
        text(ASCII_AT, &ascii_pane(&part), theme.text);
    }
}

fn paint_ground(
    painter: &Painter,
    grid: &Grid,
    y: Rangef,
    cells: &Range<usize>,
    range: &Range<usize>,
    color: eframe::egui::Color32,
) {
    let part = cells.start.max(range.start)..cells.end.min(range.end);
    if part.start >= part.end {
        return;
    }
    let (first, last) = (part.start - cells.start, part.end - 1 - cells.start);
    for pane in [Grid::hex, Grid::ascii] {
        let x = Rangef::new(pane(grid, first).min - 1.0, pane(grid, last).max + 1.0);
        painter.rect_filled(Rect::from_x_y_ranges(x, y), 2.0, color);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for (index, byte) in bytes.iter().enumerate() {
        let before = if index == 0 { "" } else { " " };
        // Writing to a string does not fail.
        let _ = write!(text, "{before}{byte:02x}");
    }
    text
}

fn hex_pane(row: &[u8]) -> String {
    let (left, right) = row.split_at(row.len().min(COLUMNS / 2));
    format!("{}  {}", hexadecimal(left), hexadecimal(right))
}

fn ascii_pane(row: &[u8]) -> String {
    row.iter()
        .map(|&byte| {
            if byte == b' ' || byte.is_ascii_graphic() {
                char::from(byte)
            } else {
                '·'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_gap_in_the_middle() {
        let row: Vec<u8> = (0..16).collect();
        assert_eq!(
            hex_pane(&row),
            "00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f"
        );
        assert_eq!(hex_pane(b"abc"), "61 62 63  ");
    }

    #[test]
    fn what_is_no_character_is_a_dot() {
        assert_eq!(ascii_pane(b"a b\r\n\xc3\xab~"), "a b····~");
    }

    #[test]
    fn both_ends_are_selected_in_either_direction() {
        assert_eq!(selection_of(2, 5, 16).range(), 2..6);
        assert_eq!(selection_of(5, 2, 16).range(), 2..6);
        assert_eq!(selection_of(3, 3, 16).range(), 3..4);
        assert_eq!(selection_of(3, 99, 16).range(), 3..16);
        assert_eq!(selection_of(0, 0, 0).range(), 0..0);
    }
}
