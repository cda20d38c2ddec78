//! When the bytes of each stream came, read by read: a lane a stream, and the reads as a table.

use std::time::Duration;

use cgi_engine::exchange::{CapturedBody, Exchange, Invocation};
use eframe::egui::{
    Align, Color32, Key, Modifiers, Pos2, Rangef, Rect, Response, Role, Sense, Stroke, StrokeKind,
    Ui, UiBuilder, Vec2, WidgetInfo,
};

use super::words;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::line;
use crate::gui::widgets::rows::Rows;
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::table::{self, Column};

const LANE: f32 = 34.0;
const NAME: f32 = 84.0;
const TOTAL: f32 = 84.0;
const ROW: f32 = 22.0;
/// So many rows of the table are in sight.
const ROWS: usize = 9;
/// Reads closer than this are one bar, in points.
const NEAR: f32 = 2.5;

/// Which stream a read is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Stdin,
    Stdout,
    Stderr,
}

impl Lane {
    fn label(self) -> &'static str {
        match self {
            Self::Stdin => "stdin",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Stdin => "The request body as it came from the client",
            Self::Stdout => "Standard output as it was read",
            Self::Stderr => "Standard error as it was read",
        }
    }

    fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Stdin => theme.teach,
            Self::Stdout => theme.accent,
            Self::Stderr => theme.warn,
        }
    }
}

/// One read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) lane: Lane,
    pub(super) offset: u64,
    pub(super) bytes: u64,
    pub(super) at: Duration,
}

/// What the lanes and the table remember.
#[derive(Default)]
pub(super) struct State {
    selected: Option<usize>,
    scroll: Scroll,
}

/// The reads of all streams in the order of their times.
pub(super) fn chunks(exchange: &Exchange, run: Option<&Invocation>) -> Vec<Chunk> {
    let mut chunks = of_stream(Lane::Stdin, &exchange.request.body);
    if let Some(run) = run {
        chunks.extend(of_stream(Lane::Stdout, &run.stdout));
        chunks.extend(of_stream(Lane::Stderr, &run.stderr));
    }
    chunks.sort_by_key(|chunk| chunk.at);
    chunks
}

fn of_stream(lane: Lane, stream: &CapturedBody) -> Vec<Chunk> {
    let marks = stream.marks();
    let ends = marks
        .iter()
        .skip(1)
        .map(|mark| mark.offset)
        .chain([stream.len()]);
    marks
        .iter()
        .zip(ends)
        .map(|(mark, end)| Chunk {
            lane,
            offset: mark.offset,
            bytes: end.saturating_sub(mark.offset),
            at: mark.at,
        })
        .collect()
}

/// Draws lanes and table; returns the read whose bytes are wanted.
pub(super) fn ui(
    ui: &mut Ui,
    chunks: &[Chunk],
    total: Duration,
    state: &mut State,
) -> Option<Chunk> {
    ui.label(theme::strong_text("Streams, read by read"));
    ui.add_space(6.0);
    if chunks.is_empty() {
        ui.label(Theme::of(ui).weak("No byte came on any stream"));
        return None;
    }
    let mut wanted = None;
    for lane in [Lane::Stdin, Lane::Stdout, Lane::Stderr] {
        if chunks.iter().any(|chunk| chunk.lane == lane) {
            wanted = wanted.or(lane_ui(ui, lane, chunks, total, state));
        }
    }
    axis_ui(ui, total);
    ui.add_space(8.0);
    wanted.or(table_ui(ui, chunks, state))
}

/// Some reads that stand so near to each other that they are one bar.
#[derive(Clone, Debug, PartialEq)]
struct Bar {
    x: Rangef,
    /// The first of them, in the whole list.
    first: usize,
    reads: u64,
    from: Chunk,
    to: Chunk,
    bytes: u64,
}

fn bars(chunks: &[Chunk], lane: Lane, x_of: impl Fn(Duration) -> f32) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        if chunk.lane != lane {
            continue;
        }
        let x = x_of(chunk.at);
        match bars.last_mut().filter(|bar| x - bar.x.max < NEAR) {
            Some(bar) => {
                bar.x.max = x.max(bar.x.max);
                bar.reads += 1;
                bar.bytes += chunk.bytes;
                bar.to = *chunk;
            }
            None => bars.push(Bar {
                x: Rangef::new(x, x),
                first: index,
                reads: 1,
                from: *chunk,
                to: *chunk,
                bytes: chunk.bytes,
            }),
        }
    }
    bars
}

impl Bar {
    fn told(&self) -> String {
        let end = (self.to.offset + self.to.bytes).saturating_sub(1);
        let (first, last) = (words::count(self.from.offset), words::count(end));
        let bytes = words::counted(self.bytes, "byte", "bytes");
        let lane = self.from.lane.label();
        if self.reads == 1 {
            let at = words::duration(self.from.at);
            return format!("{lane}, {bytes} ({first} to {last}) at +{at}");
        }
        let (from, to) = (words::duration(self.from.at), words::duration(self.to.at));
        let reads = words::count(self.reads);
        format!("{lane}, {reads} reads, {bytes} ({first} to {last}), from +{from} to +{to}")
    }
}

fn lane_ui(
    ui: &mut Ui,
    lane: Lane,
    chunks: &[Chunk],
    total: Duration,
    state: &mut State,
) -> Option<Chunk> {
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width(), LANE);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let own = chunks.iter().filter(|chunk| chunk.lane == lane);
    let (reads, bytes) = own.fold((0, 0), |(reads, bytes), chunk| {
        (reads + 1, bytes + chunk.bytes)
    });
    let counted = words::counted(reads, "read", "reads");
    let size = words::size(bytes);
    response.widget_info(|| {
        let name = format!("{}, {counted}, {size}", lane.label());
        WidgetInfo::labeled(Role::ListBox, true, name)
    });
    let name = rect.with_max_x(rect.left() + NAME);
    let painter = ui.painter();
    line::paint(
        painter,
        name,
        Align::Min,
        lane.label(),
        theme::mono(),
        theme.weak,
    );
    let figure = rect.with_min_x(rect.right() - TOTAL);
    line::paint(
        painter,
        figure,
        Align::Max,
        &size,
        theme::body(),
        theme.text,
    );
    let track = track_of(rect);
    painter.rect_filled(track, 2.0, theme.panel);
    painter.hline(track.x_range(), track.bottom(), theme.separator());
    let bars = bars(chunks, lane, |at| x_at(track, at, total));
    let most = bars.iter().map(|bar| bar.bytes).max().unwrap_or(1);
    let pointed = response.hover_pos().and_then(|at| nearest(&bars, at));
    for (index, bar) in bars.iter().enumerate() {
        let is_lit = pointed == Some(index)
            || state.selected.is_some_and(|selected| {
                let last = bar.first + bar.reads as usize;
                (bar.first..last).contains(&selected)
                    && chunks.get(selected).is_some_and(|chunk| chunk.lane == lane)
            });
        let color = if is_lit {
            theme.text
        } else {
            lane.color(theme)
        };
        painter.rect_filled(place_of(bar, track, most), 1.0, color);
    }
    if response.has_focus() {
        let line = theme.focus();
        painter.rect_stroke(rect.expand(1.0), 2.0, line, StrokeKind::Inside);
    }
    let wanted = take_keys(ui, &response, lane, chunks, state);
    let bar = pointed.and_then(|index| bars.get(index));
    let tip = bar.map_or_else(|| lane.hint().to_owned(), Bar::told);
    let response = response.on_hover_text_at_pointer(tip);
    if response.clicked() {
        response.request_focus();
        state.selected = bar.map(|bar| bar.first).or(state.selected);
        return bar.map(|bar| bar.from);
    }
    wanted
}

fn track_of(rect: Rect) -> Rect {
    Rect::from_min_max(
        Pos2::new(rect.left() + NAME, rect.top() + 4.0),
        Pos2::new(rect.right() - TOTAL, rect.bottom() - 4.0),
    )
}

fn x_at(track: Rect, at: Duration, total: Duration) -> f32 {
    let share = if total.is_zero() {
        0.0
    } else {
        at.as_secs_f32() / total.as_secs_f32()
    };
    track.left() + track.width() * share.clamp(0.0, 1.0)
}

/// Higher bars are more bytes, by powers: a kilobyte and a megabyte are both seen.
fn place_of(bar: &Bar, track: Rect, most: u64) -> Rect {
    let share = (bar.bytes as f32 + 1.0).ln() / (most as f32 + 1.0).ln().max(0.1);
    let height = (track.height() * (0.3 + 0.7 * share)).min(track.height());
    let right = (bar.x.max + 2.0).min(track.right()).max(bar.x.min + 2.0);
    Rect::from_min_max(
        Pos2::new(bar.x.min, track.bottom() - height),
        Pos2::new(right, track.bottom()),
    )
}

fn nearest(bars: &[Bar], at: Pos2) -> Option<usize> {
    let distance = |bar: &Bar| (bar.x.min - at.x).max(at.x - bar.x.max).max(0.0);
    let nearest = bars
        .iter()
        .enumerate()
        .min_by(|(_, one), (_, other)| distance(one).total_cmp(&distance(other)));
    nearest
        .filter(|(_, bar)| distance(bar) < 8.0)
        .map(|(index, _)| index)
}

/// Left and Right go from read to read, Enter shows the bytes.
fn take_keys(
    ui: &Ui,
    response: &Response,
    lane: Lane,
    chunks: &[Chunk],
    state: &mut State,
) -> Option<Chunk> {
    if !response.has_focus() {
        return None;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let own: Vec<usize> = (0..chunks.len())
        .filter(|index| chunks.get(*index).is_some_and(|chunk| chunk.lane == lane))
        .collect();
    let now = state
        .selected
        .and_then(|selected| own.iter().position(|index| *index == selected));
    let next = if pressed(Key::ArrowRight) {
        now.map_or(Some(0), |now| Some((now + 1).min(own.len() - 1)))
    } else if pressed(Key::ArrowLeft) {
        now.map_or(Some(0), |now| Some(now.saturating_sub(1)))
    } else {
        None
    };
    if let Some(next) = next.and_then(|next| own.get(next)) {
        state.selected = Some(*next);
    }
    let opened = pressed(Key::Enter);
    state
        .selected
        .filter(|_| opened)
        .and_then(|selected| chunks.get(selected).copied())
}

/// Four times along the lanes.
fn axis_ui(ui: &mut Ui, total: Duration) {
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width(), 18.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let track = track_of(rect);
    for quarter in 0..=4_u32 {
        let at = total * quarter / 4;
        let x = x_at(track, at, total);
        let tick = Stroke::new(1.0, theme.border);
        ui.painter().vline(x, rect.top()..=rect.top() + 4.0, tick);
        let place =
            Rect::from_center_size(Pos2::new(x, rect.center().y + 3.0), Vec2::new(90.0, 14.0));
        let time = words::duration(at);
        let font = theme::small();
        line::paint(ui.painter(), place, Align::Center, &time, font, theme.weak);
    }
}

fn table_ui(ui: &mut Ui, chunks: &[Chunk], state: &mut State) -> Option<Chunk> {
    let height = 28.0 + ROW * chunks.len().min(ROWS) as f32;
    let size = Vec2::new(ui.available_width(), height);
    let (place, _) = ui.allocate_exact_size(size, Sense::hover());
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt("reads"));
    child.set_clip_rect(place.intersect(ui.clip_rect()));
    let ui = &mut child;
    ui.spacing_mut().item_spacing.y = 0.0;
    let columns = [
        Column::number("Time", 96.0),
        Column::fixed("Stream", 84.0),
        Column::number("Offset", 110.0),
        Column::number("Bytes", 96.0),
        Column::rest("", 10.0),
    ];
    let columns = table::header_ui(ui, &columns);
    let answer = Rows::new("Reads", chunks.len())
        .row_height(ROW)
        .selected(state.selected)
        .show(
            ui,
            &mut state.scroll,
            |index| index as u64,
            |row| {
                let (Some(chunk), [time, lane, offset, bytes, ..]) =
                    (chunks.get(row.index), columns.as_slice())
                else {
                    return String::new();
                };
                let at = format!("+{}", words::duration(chunk.at));
                let cells = [words::count(chunk.offset), words::count(chunk.bytes)];
                let text = row.theme.text;
                row.text(*time, Align::Max, &at, theme::mono(), row.weak());
                row.text(*lane, Align::Min, chunk.lane.label(), theme::mono(), text);
                row.text(*offset, Align::Max, &cells[0], theme::mono(), text);
                row.text(*bytes, Align::Max, &cells[1], theme::mono(), text);
                row.response
                    .clone()
                    .on_hover_text("Double-click to see the bytes");
                format!(
                    "{at}, {}, offset {}, {} bytes",
                    chunk.lane.label(),
                    cells[0],
                    cells[1]
                )
            },
        );
    state.selected = answer.chosen.or(state.selected);
    answer.opened.and_then(|index| chunks.get(index).copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::testing::ran;

    fn many(count: u64) -> Vec<Chunk> {
        (0..count)
            .map(|index| Chunk {
                lane: Lane::Stdout,
                offset: index * 10,
                bytes: 10,
                at: Duration::from_micros(index * 100),
            })
            .collect()
    }

    #[test]
    fn every_read_has_its_offset_and_size() {
        let exchange = ran(1, b"Content-Type: text/plain\n\nhi", b"oh");
        let chunks = chunks(&exchange, exchange.invocation());
        let told: Vec<(Lane, u64, u64)> = chunks
            .iter()
            .map(|chunk| (chunk.lane, chunk.offset, chunk.bytes))
            .collect();
        assert_eq!(told, [(Lane::Stdout, 0, 28), (Lane::Stderr, 0, 2)]);
    }

    #[test]
    fn reads_that_stand_near_each_other_are_one_bar() {
        let chunks = many(4096);
        let x_of = |at: Duration| at.as_secs_f32() * 1000.0;
        let bars = bars(&chunks, Lane::Stdout, x_of);
        assert_eq!(bars.iter().map(|bar| bar.reads).sum::<u64>(), 4096);
        assert_eq!(bars.iter().map(|bar| bar.bytes).sum::<u64>(), 40_960);
        let one = super::bars(&chunks[..1], Lane::Stdout, x_of);
        assert_eq!(one[0].told(), "stdout, 10 bytes (0 to 9) at +0.00 ms");
        let apart = super::bars(&many(3), Lane::Stdout, |at| at.as_secs_f32() * 1e6);
        assert_eq!(apart.len(), 3);
    }

    #[test]
    fn the_bar_under_the_pointer_is_found() {
        let bars = bars(&many(3), Lane::Stdout, |at| at.as_secs_f32() * 1e6);
        assert_eq!(nearest(&bars, Pos2::new(104.0, 0.0)), Some(1));
        assert_eq!(nearest(&bars, Pos2::new(150.0, 0.0)), None);
    }
}
