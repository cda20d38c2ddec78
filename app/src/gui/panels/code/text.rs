//! The text that is edited, with its colours, its marks and the numbers of its lines.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::text::{CCursor, CCursorRange, CharIndex, LayoutJob, LayoutSection, TextFormat};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{
    Align, Color32, EventFilter, FontSelection, Frame, Galley, Id, Key, Margin, Modifiers, Pos2,
    Rect, ScrollArea, Shape, TextEdit, Ui, UiBuilder, Vec2,
};

use super::buffer::Buffer;
use super::gutter;
use crate::gui::command::{Command, EditorCommand};
use crate::gui::model::editor::document::Document;
use crate::gui::model::editor::history::Change;
use crate::gui::panels::log;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::highlight::Highlighter;

/// So long a frame may be kept from the screen by the colours.
const COLORS: Duration = Duration::from_millis(6);
/// How often new colours of a long text are seen.
const COLORS_SEEN: Duration = Duration::from_millis(400);
/// So many texts keep their colours.
const COLORED: usize = 16;

/// What the view remembers of each text.
#[derive(Default)]
pub(super) struct State {
    shown: HashMap<PathBuf, Shown>,
    last: Option<PathBuf>,
}

#[derive(Default)]
struct Shown {
    highlighter: Highlighter,
    laid_out: Option<LaidOut>,
    moved: Option<u64>,
    called: Option<u64>,
}

/// A text as it was laid out last; laying out a long one takes longer than a frame may.
struct LaidOut {
    galley: Arc<Galley>,
    version: u64,
    at: Instant,
    dark: bool,
    /// A galley of one letter that the context keeps as long as it keeps its glyphs.
    witness: Arc<Galley>,
    /// Where each line begins, in bytes.
    starts: Vec<usize>,
}

/// Where the lines in sight are.
pub(super) struct Sight<'a> {
    pub(super) galley: &'a Galley,
    pub(super) origin: Pos2,
    /// The lines in sight, from 0.
    pub(super) lines: Range<usize>,
}

impl Sight<'_> {
    /// The place of a line on the screen; as wide as its text.
    pub(super) fn line(&self, line: usize) -> Option<Rect> {
        let row = self.galley.rows.get(line)?;
        Some(row.rect().translate(self.origin.to_vec2()))
    }

    /// The place of bytes of a line.
    fn piece(&self, line: usize, text: &str, piece: Range<usize>) -> Option<Rect> {
        let row = self.galley.rows.get(line)?;
        let at = |byte: usize| {
            let before = text.get(..byte).unwrap_or(text).chars().count();
            let glyph = row.row.glyphs.get(before);
            glyph.map_or(row.rect().right(), |glyph| row.pos.x + glyph.pos.x)
        };
        let rect = row.rect();
        let rect = Rect::from_x_y_ranges(at(piece.start)..=at(piece.end), rect.y_range());
        Some(rect.translate(self.origin.to_vec2()))
    }
}

/// The id of the text field of a file.
pub(super) fn id_of(document: &Document) -> Id {
    Id::unique(("editor", &document.path))
}

/// Draws the text over the place that is left.
pub(super) fn ui(ui: &mut Ui, document: &Document, state: &mut State, commands: &mut Vec<Command>) {
    let id = id_of(document);
    if state.shown.len() > COLORED && !state.shown.contains_key(&document.path) {
        state.shown.clear();
    }
    let is_other = state.last.as_ref() != Some(&document.path);
    if is_other {
        state.last = Some(document.path.clone());
    }
    let shown = state.shown.entry(document.path.clone()).or_default();
    let is_moved = shown.moved.replace(document.moved()) != Some(document.moved());
    if is_moved {
        put_caret(ui, id, document);
    }
    if is_other {
        shown.called = None;
    }
    if ui.memory(|memory| memory.has_focus(id)) {
        shown.called = Some(document.called());
    } else if shown.called != Some(document.called()) && !ui.ctx().text_edit_focused() {
        // A field that has the keyboard, such as that of the search, keeps it until it is closed; and a dialog that
        // was closed just now keeps it for one more frame.
        ui.memory_mut(|memory| memory.request_focus(id));
        ui.ctx().request_repaint();
    }
    take_tabs(ui, id, document, commands);
    let place = ui.available_rect_before_wrap();
    ui.painter().rect_filled(place, 0.0, Theme::of(ui).base);
    let gutter_width = gutter::width(ui, document);
    let (gutter, rest) = place.split_left_right_at_x(place.left() + gutter_width);
    let mut child = ui.new_child(UiBuilder::new().id_salt("text").max_rect(rest));
    child.set_clip_rect(rest.intersect(ui.clip_rect()));
    let origin = scrolled_ui(&mut child, id, document, shown, is_moved, commands);
    if let (Some(laid_out), Some(origin)) = (&shown.laid_out, origin) {
        let sight = Sight {
            lines: lines_in_sight(&laid_out.galley, origin, gutter),
            galley: &laid_out.galley,
            origin,
        };
        gutter::ui(ui, gutter, document, &sight);
    }
    if !shown.highlighter.is_complete() {
        ui.ctx().request_repaint();
    }
}

/// Tab over several lines moves them; the field itself would replace them by a tab.
fn take_tabs(ui: &Ui, id: Id, document: &Document, commands: &mut Vec<Command>) {
    if !ui.memory(|memory| memory.has_focus(id)) {
        return;
    }
    let selected = document.text().get(document.selection().clone());
    let is_many = selected.is_some_and(|text| text.contains('\n'));
    let pressed = |modifiers| ui.input_mut(|input| input.consume_key(modifiers, Key::Tab));
    if pressed(Modifiers::SHIFT) {
        commands.push(Command::Editor(EditorCommand::Outdent));
    } else if is_many && pressed(Modifiers::NONE) {
        commands.push(Command::Editor(EditorCommand::Indent));
    }
}

fn put_caret(ui: &Ui, id: Id, document: &Document) {
    let text = document.text();
    let index = |byte: usize| {
        let before = text.get(..byte).unwrap_or(text);
        CCursor::new(CharIndex(before.chars().count()))
    };
    let selection = document.selection();
    let mut field = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let range = CCursorRange::two(index(selection.start), index(selection.end));
    field.cursor.set_char_range(Some(range));
    field.store(ui.ctx(), id);
}

/// Where the first line begins on the screen.
fn scrolled_ui(
    ui: &mut Ui,
    id: Id,
    document: &Document,
    shown: &mut Shown,
    is_moved: bool,
    commands: &mut Vec<Command>,
) -> Option<Pos2> {
    let area = ScrollArea::both()
        .id_salt(("editor text", &document.path))
        .auto_shrink(false);
    let visible = ui.available_rect_before_wrap();
    area.show(ui, |ui| {
        let behind = ui.painter().add(Shape::Noop);
        let mut buffer = Buffer::new(document.text(), document.language);
        let token = document.language.token();
        let mut layouter = |ui: &Ui, text: &dyn eframe::egui::TextBuffer, _: f32| {
            shown.highlighter.update(token, text.as_str(), COLORS);
            lay_out(ui, text.as_str(), &shown.highlighter, &mut shown.laid_out)
        };
        let field = TextEdit::multiline(&mut buffer)
            .id(id)
            .font(FontSelection::FontId(theme::mono()))
            .frame(Frame::NONE)
            .margin(Margin::symmetric(8, 4))
            .desired_width(f32::INFINITY)
            .min_size(visible.size())
            .event_filter(EventFilter {
                tab: true,
                horizontal_arrows: true,
                vertical_arrows: true,
                escape: true,
            })
            .layouter(&mut layouter)
            .show(ui);
        log::named(
            ui,
            &field.response.response,
            &format!("Source of {}", document.name()),
        );
        let mut kept = field.state.clone();
        // The document has its own memory of changes.
        kept.clear_undoer();
        kept.store(ui.ctx(), id);
        let selected = field.cursor_range;
        let changed = buffer.into_changed();
        tell(document, changed.as_deref(), selected, commands);
        let laid_out = shown.laid_out.as_ref()?;
        let sight = Sight {
            lines: lines_in_sight(&laid_out.galley, field.galley_pos, visible),
            galley: &laid_out.galley,
            origin: field.galley_pos,
        };
        if is_moved {
            show_caret(ui, document, &sight, visible);
        }
        if changed.is_none() {
            let width = ui.clip_rect().x_range();
            let shapes = grounds(
                ui,
                document,
                &laid_out.starts,
                &sight,
                width.min..=width.max,
            );
            ui.painter().set(behind, Shape::Vec(shapes));
        }
        Some(field.galley_pos)
    })
    .inner
}

/// Pushes what was typed, or where the caret went.
fn tell(
    document: &Document,
    changed: Option<&str>,
    selected: Option<CCursorRange>,
    commands: &mut Vec<Command>,
) {
    let text = changed.unwrap_or(document.text());
    let selection = selected.map(|selected| {
        let [first, last] = selected.sorted_cursors();
        byte_at(text, first)..byte_at(text, last)
    });
    let path = document.path.clone();
    let change = changed.and_then(|changed| Change::between(document.text(), changed));
    if let Some(change) = change {
        let end = change.at + change.inserted.len();
        let selection = selection.unwrap_or(end..end);
        let typed = EditorCommand::Typed(path, document.revision(), change, selection);
        commands.push(Command::Editor(typed));
    } else if let Some(selection) = selection.filter(|new| new != document.selection()) {
        commands.push(Command::Editor(EditorCommand::Selected(path, selection)));
    }
}

fn byte_at(text: &str, cursor: CCursor) -> usize {
    let CharIndex(index) = cursor.index;
    text.char_indices()
        .nth(index)
        .map_or(text.len(), |(byte, _)| byte)
}

/// The galley of the text; the one of before where nothing is different.
fn lay_out(
    ui: &Ui,
    text: &str,
    highlighter: &Highlighter,
    last: &mut Option<LaidOut>,
) -> Arc<Galley> {
    let dark = ui.visuals().dark_mode;
    let theme = Theme::of(ui);
    let witness = ui.fonts_mut(|fonts| {
        fonts.layout_no_wrap("a".to_owned(), theme::mono(), Color32::PLACEHOLDER)
    });
    if let Some(last) = last
        && is_fresh(last, highlighter)
        && last.dark == dark
        && Arc::ptr_eq(&last.witness, &witness)
        && last.galley.job.text == text
    {
        return Arc::clone(&last.galley);
    }
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job(text, highlighter, theme)));
    let ends = memchr::memchr_iter(b'\n', text.as_bytes());
    *last = Some(LaidOut {
        galley: Arc::clone(&galley),
        version: highlighter.version(),
        at: Instant::now(),
        dark,
        witness,
        starts: std::iter::once(0).chain(ends.map(|end| end + 1)).collect(),
    });
    galley
}

/// While a long text gets its colours bit by bit, it is laid out anew only now and then.
fn is_fresh(last: &LaidOut, highlighter: &Highlighter) -> bool {
    last.version == highlighter.version()
        || !highlighter.is_complete() && last.at.elapsed() < COLORS_SEEN
}

fn job(text: &str, highlighter: &Highlighter, theme: &Theme) -> LayoutJob {
    let mut job = LayoutJob {
        text: text.to_owned(),
        break_on_newline: true,
        ..LayoutJob::default()
    };
    job.wrap.max_width = f32::INFINITY;
    let mut section = |range: Range<usize>, color: Color32| {
        let format = TextFormat {
            line_height: Some(theme::LINE_HEIGHT),
            valign: Align::Center,
            ..TextFormat::simple(theme::mono(), color)
        };
        job.sections.push(LayoutSection {
            leading_space: 0.0,
            byte_range: range.start.into()..range.end.into(),
            format,
        });
    };
    let mut at = 0;
    for span in highlighter.spans() {
        let end = at + span.length;
        if !text.is_char_boundary(end) {
            break;
        }
        section(at..end, span.role.color(theme));
        at = end;
    }
    if at < text.len() || text.is_empty() {
        section(at..text.len(), theme.text);
    }
    job
}

fn lines_in_sight(galley: &Galley, origin: Pos2, place: Rect) -> Range<usize> {
    let (top, bottom) = (place.top() - origin.y, place.bottom() - origin.y);
    let first = galley
        .rows
        .partition_point(|row| row.rect().bottom() <= top);
    let end = galley.rows.partition_point(|row| row.rect().top() < bottom);
    first..end.max(first)
}

/// Brings the caret into sight, in the middle when it was out of it.
fn show_caret(ui: &Ui, document: &Document, sight: &Sight<'_>, visible: Rect) {
    let line = document.line() - 1;
    let Some(rect) = sight.line(line) else {
        return;
    };
    let column =
        crate::gui::model::editor::lines::column_at(document.text(), document.selection().start);
    let row = sight.galley.rows.get(line);
    let x = row
        .and_then(|row| row.row.glyphs.get(column - 1))
        .map_or(rect.right(), |glyph| rect.left() + glyph.pos.x);
    let caret = Rect::from_x_y_ranges(x..=x + 2.0, rect.y_range());
    let is_seen = visible
        .shrink(theme::LINE_HEIGHT)
        .y_range()
        .contains(rect.center().y);
    let align = (!is_seen).then_some(Align::Center);
    ui.scroll_to_rect(caret.expand2(Vec2::new(40.0, 0.0)), align);
}

/// What stands behind the text: the line of the caret, matches, and lines below what is wrong.
fn grounds(
    ui: &Ui,
    document: &Document,
    starts: &[usize],
    sight: &Sight<'_>,
    width: std::ops::RangeInclusive<f32>,
) -> Vec<Shape> {
    let theme = Theme::of(ui);
    let mut shapes = Vec::new();
    let here = document.line() - 1;
    if document.selection().is_empty()
        && let Some(rect) = sight.line(here)
    {
        let line = Rect::from_x_y_ranges(width, rect.y_range());
        shapes.push(Shape::rect_filled(line, 0.0, theme.row_hover));
    }
    let text = document.text();
    let matches = document
        .search
        .as_ref()
        .map(|search| search.matches.as_slice());
    let matches = matches.unwrap_or_default();
    for line in sight.lines.clone() {
        let Some(start) = starts.get(line).copied() else {
            continue;
        };
        let end = starts.get(line + 1).map_or(text.len(), |next| next - 1);
        let source = text.get(start..end).unwrap_or_default();
        let first = matches.partition_point(|found| found.end <= start);
        let in_line = matches
            .iter()
            .skip(first)
            .take_while(|found| found.start < end.max(start + 1));
        for found in in_line {
            let piece = found.start.max(start) - start..found.end.min(end) - start;
            if let Some(rect) = sight.piece(line, source, piece) {
                shapes.push(Shape::rect_filled(rect, 2.0, theme.mark_ground));
            }
        }
        let marked = document.marks.iter().find(|mark| mark.line == line + 1);
        if let Some(mark) = marked {
            let blanks = source.len() - source.trim_start().len();
            if let Some(rect) = sight.piece(line, source, blanks..source.len()) {
                let color = gutter::color(mark.severity, theme);
                shapes.push(wave(rect, color));
            }
        }
    }
    shapes
}

/// A wavy line below text, so that what is wrong is seen without its colour.
fn wave(rect: Rect, color: Color32) -> Shape {
    let y = rect.bottom() - 3.0;
    let count = (rect.width() / 3.0).ceil().min(400.0) as usize;
    let points = (0..=count).map(|number| {
        let x = (rect.left() + number as f32 * 3.0).min(rect.right());
        Pos2::new(x, y + if number.is_multiple_of(2) { 0.0 } else { 2.0 })
    });
    Shape::line(points.collect(), (1.0, color))
}
