//! A viewer of bytes as lines of text, of any length, of which only what is in sight is laid out.
//!
//! With the keyboard: arrows, Page Up and Down, Home and End scroll, Ctrl+A selects all, Ctrl+C
//! copies, Escape drops the selection.

mod indexer;
pub mod line_index;
mod paint;
pub mod refused;
pub mod selection;
pub mod source;
mod tests;
pub mod visible;

use std::{ops::Range, sync::Arc};

use eframe::egui::{
    CursorIcon, Event, EventFilter, Galley, Key, Modifiers, Pos2, Rect, Response, Role, Sense,
    StrokeKind, Ui, WidgetInfo, text::CCursor,
};

use self::{
    indexer::Indexer,
    line_index::{Line, LineIndex},
    refused::Refused,
    selection::{Copied, Selection},
    source::Source,
    visible::VisibleLine,
};
use super::{
    evidence::Tone,
    find::{self, Find},
    scroll::{self, Extent, Scroll},
};
use crate::gui::theme::{self, Theme};

/// How many bytes are searched for line ends within a frame, a few milliseconds; more are left to a thread.
const INDEXED_PER_FRAME: usize = 1024 * 1024;

/// What stands left of the lines.
#[derive(Clone, Copy)]
pub enum Gutter<'a> {
    /// Nothing.
    None,
    /// The numbers of the lines.
    Numbers,
    /// A word and a time, given for the byte that a line starts with.
    Tags(&'a dyn Fn(usize) -> LineTag<'a>),
}

/// A word and a time beside a line: `ERR +12 ms`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineTag<'a> {
    /// The word.
    pub word: &'a str,
    /// How it stands out, if it does.
    pub tone: Option<Tone>,
    /// The time.
    pub time: String,
}

/// A line across the view with a name: "headers end here, byte 48".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Border<'a> {
    /// It stands above the line that this byte begins.
    pub before: usize,
    /// Its name.
    pub label: &'a str,
}

/// Bytes that stand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Highlight<'a> {
    /// Which.
    pub range: Range<usize>,
    /// How.
    pub tone: Tone,
    /// What is said of them at the right end of the line they begin in.
    pub note: Option<&'a str>,
}

/// What a viewer remembers from frame to frame.
#[derive(Debug, Default)]
pub struct TextViewState {
    index: LineIndex,
    indexer: Option<Indexer>,
    scroll: Scroll,
    selection: Option<Selection>,
    wanted: Option<usize>,
    widest: f32,
    revision: u64,
    refused: Option<Refused>,
    find: Find,
}

impl TextViewState {
    /// Brings the byte at `offset` into sight, as soon as its line is known.
    pub fn reveal(&mut self, offset: usize) {
        self.wanted = Some(offset);
    }

    /// The selected bytes.
    pub fn selection(&self) -> Option<Range<usize>> {
        self.selection
            .map(Selection::range)
            .filter(|range| !range.is_empty())
    }

    /// Selects `range`, for what a search found.
    pub fn select(&mut self, range: Range<usize>) {
        self.selection = Some(Selection::of(range));
    }

    /// Whether all lines are known.
    pub fn is_counted(&self) -> bool {
        self.indexer.is_none()
    }

    /// How many lines are known so far.
    pub fn lines(&self) -> usize {
        self.index.count()
    }
}

/// What the user did with a viewer.
#[derive(Debug)]
pub struct TextViewResponse {
    /// The viewer as a whole.
    pub response: Response,
    /// The byte under the pointer.
    pub hovered: Option<usize>,
    /// The byte that was clicked.
    pub clicked: Option<usize>,
    /// A copy was asked for that is too long for the clipboard: offer a file.
    pub too_long_to_copy: Option<Range<usize>>,
}

/// A viewer that is about to be shown.
#[must_use = "a viewer is shown by `show`"]
pub struct TextView<'a> {
    name: &'a str,
    bytes: Source<'a>,
    revision: u64,
    gutter: Gutter<'a>,
    borders: &'a [Border<'a>],
    highlights: &'a [Highlight<'a>],
    follow_end: bool,
}

/// A line in sight, laid out.
struct Shown {
    line: Line,
    visible: VisibleLine,
    galley: Arc<Galley>,
    rect: Rect,
}

impl Shown {
    /// From the start of the line to the character that stands for `byte`, in points.
    fn x_of(&self, byte: usize) -> f32 {
        let within = byte.saturating_sub(self.line.range.start);
        let character = self.visible.character_at(within);
        self.galley.pos_from_cursor(CCursor::new(character)).min.x
    }
}

impl<'a> TextView<'a> {
    /// A viewer of `bytes` that a screen reader calls `name`.
    pub fn new(name: &'a str, bytes: impl Into<Source<'a>>) -> Self {
        Self {
            name,
            bytes: bytes.into(),
            revision: 0,
            gutter: Gutter::Numbers,
            borders: &[],
            highlights: &[],
            follow_end: false,
        }
    }

    /// Another number says that these are other bytes, not the same grown by some.
    pub fn revision(mut self, revision: u64) -> Self {
        self.revision = revision;
        self
    }

    /// What stands left of the lines.
    pub fn gutter(mut self, gutter: Gutter<'a>) -> Self {
        self.gutter = gutter;
        self
    }

    /// Lines across the view, in order of their bytes.
    pub fn borders(mut self, borders: &'a [Border<'a>]) -> Self {
        self.borders = borders;
        self
    }

    /// Bytes that stand out; of those that overlap the last is seen.
    pub fn highlights(mut self, highlights: &'a [Highlight<'a>]) -> Self {
        self.highlights = highlights;
        self
    }

    /// Keeps the last line in sight until the user scrolls away: for output that still comes.
    pub fn follow_end(mut self, on: bool) -> Self {
        self.follow_end = on;
        self
    }

    /// Shows the viewer over the place that is left.
    pub fn show(self, ui: &mut Ui, state: &mut TextViewState) -> TextViewResponse {
        self.index(ui, state);
        let (bar, place) = find::split(ui.available_rect_before_wrap(), &state.find);
        let response = ui.allocate_rect(place, Sense::click_and_drag());
        let extent = Extent {
            count: state.index.count(),
            row_height: theme::LINE_HEIGHT,
            view_height: place.height(),
        };
        let text_place = place.with_min_x(place.left() + self.gutter_width(ui, state));
        let mut answer = TextViewResponse {
            response,
            hovered: None,
            clicked: None,
            too_long_to_copy: None,
        };
        let id = answer.response.id;
        state.find.take_wish(ui, id, answer.response.has_focus());
        self.find(ui, state, extent);
        self.scroll(ui, state, extent, text_place);
        self.take_keys(ui, state, extent, &mut answer);
        let shown = self.lay_out(ui, state, extent, text_place);
        self.take_pointer(ui, state, extent, text_place, &shown, &mut answer);
        self.paint(ui, state, place, text_place, &shown);
        self.name(ui, &answer.response, &shown);
        self.paint_progress(ui, state, place);
        Refused::ui(&mut state.refused, ui, place);
        scroll::bar_ui(ui, place, &mut state.scroll, extent);
        if answer.response.has_focus() {
            let stroke = Theme::of(ui).focus();
            ui.painter()
                .rect_stroke(place, 0.0, stroke, StrokeKind::Inside);
        }
        answer.response = answer.response.on_hover_cursor(CursorIcon::Text);
        if let Some(bar) = bar {
            state.find.bar_ui(ui, bar, id);
        }
        answer
    }

    fn index(&self, ui: &Ui, state: &mut TextViewState) {
        if state.revision != self.revision {
            *state = TextViewState {
                revision: self.revision,
                wanted: state.wanted,
                find: std::mem::take(&mut state.find),
                ..TextViewState::default()
            };
        }
        if self.bytes.len() < state.index.walk().seen() {
            (state.index, state.indexer) = (LineIndex::default(), None);
        }
        if let Some(indexer) = &state.indexer {
            if indexer.take(&mut state.index) {
                return;
            }
            state.indexer = None;
        }
        state.index.advance(self.bytes, INDEXED_PER_FRAME);
        if state.index.complete(self.bytes) {
            return;
        }
        match self.bytes {
            Source::Slice(_) => ui.ctx().request_repaint(),
            Source::Text(text) => {
                state.indexer = Indexer::begin(ui.ctx(), text.clone(), state.index.walk());
            }
        }
    }

    /// Goes to the match that was asked for, and selects it.
    fn find(&self, ui: &Ui, state: &mut TextViewState, extent: Extent) {
        let top = state.scroll.visible(extent).start;
        let top = state.index.lines_from(self.bytes, top).next();
        let seen = top.map_or(0, |line| line.range.start);
        let found = state.find.keep_on(ui, self.bytes, self.revision, seen);
        if let Some(found) = found {
            state.selection = Some(Selection::of(found.clone()));
            state.wanted = Some(found.start);
            ui.ctx().request_repaint();
        }
    }

    fn scroll(&self, ui: &Ui, state: &mut TextViewState, extent: Extent, text_place: Rect) {
        let width = state.widest + theme::GRID + scroll::BAR_WIDTH;
        state
            .scroll
            .take_wheel(ui, text_place.with_min_x(ui.min_rect().left()), extent);
        state.scroll.take_wheel_sideways(ui, text_place, width);
        state.scroll.clamp(extent);
        if self.follow_end {
            state.scroll.follow_end(extent);
        }
        let known = state.index.complete(self.bytes);
        if let Some(offset) = state.wanted
            && (known
                || state
                    .index
                    .lines_from(self.bytes, extent.count.saturating_sub(1))
                    .any(|last| last.range.start > offset))
        {
            state
                .scroll
                .center_on(extent, state.index.line_of(self.bytes, offset));
            state.wanted = None;
        }
    }

    fn lay_out(
        &self,
        ui: &Ui,
        state: &mut TextViewState,
        extent: Extent,
        text_place: Rect,
    ) -> Vec<Shown> {
        let theme = Theme::of(ui);
        let rows = state.scroll.visible(extent);
        let lines = state
            .index
            .lines_from(self.bytes, rows.start)
            .take(rows.len());
        let shown: Vec<Shown> = rows
            .zip(lines)
            .map(|(row, line)| {
                let visible = VisibleLine::new(&self.bytes.slice(line.range.clone()));
                let galley = ui
                    .painter()
                    .layout_job(visible.layout(&theme::mono(), theme));
                let top = text_place.top() + state.scroll.top_of(extent, row);
                let rect =
                    Rect::from_x_y_ranges(text_place.x_range(), top..=top + extent.row_height);
                Shown {
                    line,
                    visible,
                    galley,
                    rect,
                }
            })
            .collect();
        let widest = shown
            .iter()
            .map(|shown| shown.galley.size().x)
            .fold(0.0, f32::max);
        state.widest = state.widest.max(widest);
        shown
    }

    fn take_keys(
        &self,
        ui: &Ui,
        state: &mut TextViewState,
        extent: Extent,
        answer: &mut TextViewResponse,
    ) {
        if !answer.response.has_focus() {
            return;
        }
        let filter = EventFilter {
            horizontal_arrows: true,
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
        for (key, points) in [(Key::ArrowLeft, -64.0), (Key::ArrowRight, 64.0)] {
            if pressed(Modifiers::NONE, key) {
                let sideways = state.scroll.sideways() + points;
                state.scroll.set_sideways(
                    sideways,
                    state.widest,
                    answer.response.rect.width() / 2.0,
                );
            }
        }
        if pressed(Modifiers::NONE, Key::Home) {
            state.scroll.to_start();
        }
        if pressed(Modifiers::NONE, Key::End) {
            state.scroll.to_end(extent);
        }
        if pressed(Modifiers::COMMAND, Key::A) {
            state.selection = Some(Selection::of(0..self.bytes.len()));
        }
        if state.selection().is_some() && pressed(Modifiers::NONE, Key::Escape) {
            state.selection = None;
        }
        if ui.input(|input| {
            input
                .events
                .iter()
                .any(|event| matches!(event, Event::Copy))
        }) {
            match selection::copied(self.bytes, state.selection) {
                Copied::Text(text) => ui.ctx().copy_text(text),
                Copied::TooLong(range) => {
                    state.refused = Refused::now(ui, &range, selection::LONGEST_COPY);
                    answer.too_long_to_copy = Some(range);
                }
                Copied::Nothing => {}
            }
        }
    }

    fn take_pointer(
        &self,
        ui: &Ui,
        state: &mut TextViewState,
        extent: Extent,
        text_place: Rect,
        shown: &[Shown],
        answer: &mut TextViewResponse,
    ) {
        let response = &answer.response;
        if let Some(pointer) = response.hover_pos().filter(|&at| text_place.contains(at)) {
            answer.hovered = self.byte_at(state, text_place, shown, pointer);
        }
        let Some(pointer) = response.interact_pointer_pos() else {
            return;
        };
        let Some(byte) = self.byte_at(state, text_place, shown, pointer) else {
            return;
        };
        response.request_focus();
        if response.clicked() {
            answer.clicked = Some(byte);
        }
        let line = shown
            .iter()
            .map(|shown| &shown.line.range)
            .find(|range| range.contains(&byte));
        if response.triple_clicked() {
            state.selection = line.cloned().map(Selection::of);
        } else if response.double_clicked() {
            state.selection =
                line.map(|line| Selection::of(selection::word_at(self.bytes, line, byte)));
        } else if response.drag_started() || response.clicked() {
            let anchor = state
                .selection
                .filter(|_| ui.input(|input| input.modifiers.shift));
            let anchor = anchor.map_or_else(
                || {
                    self.pressed_at(ui, state, text_place, shown)
                        .unwrap_or(byte)
                },
                |old| old.anchor,
            );
            state.selection = Some(Selection { anchor, head: byte });
        } else if response.dragged()
            && let Some(selection) = &mut state.selection
        {
            selection.head = byte;
            let beyond = (pointer.y - text_place.bottom()).max(0.0)
                + (pointer.y - text_place.top()).min(0.0);
            if beyond != 0.0 {
                state.scroll.by(extent, beyond / 4.0);
                ui.ctx().request_repaint();
            }
        }
    }

    /// A drag is known only some points after the press, but begins where the press was.
    fn pressed_at(
        &self,
        ui: &Ui,
        state: &TextViewState,
        text_place: Rect,
        shown: &[Shown],
    ) -> Option<usize> {
        let origin = ui.input(|input| input.pointer.press_origin())?;
        self.byte_at(state, text_place, shown, origin)
    }

    fn byte_at(
        &self,
        state: &TextViewState,
        text_place: Rect,
        shown: &[Shown],
        pointer: Pos2,
    ) -> Option<usize> {
        let first = shown.first()?;
        let shown = shown
            .iter()
            .rev()
            .find(|shown| shown.rect.top() <= pointer.y)
            .unwrap_or(first);
        let x = pointer.x - text_place.left() + state.scroll.sideways();
        let middle = shown.galley.size().y / 2.0;
        let cursor = shown.galley.cursor_from_pos(eframe::egui::vec2(x, middle));
        Some(shown.line.range.start + shown.visible.byte_at(cursor.index.0))
    }

    /// A screen reader gets the lines in sight as the value.
    fn name(&self, ui: &Ui, response: &Response, shown: &[Shown]) {
        response.widget_info(|| WidgetInfo::labeled(Role::Document, ui.is_enabled(), self.name));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            let lines = shown
                .iter()
                .map(|shown| visible::spoken(&self.bytes.slice(shown.line.range.clone())));
            node.set_value(lines.collect::<Vec<String>>().join("\n"));
        });
    }
}
