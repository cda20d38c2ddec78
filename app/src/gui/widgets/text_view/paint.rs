//! How the lines of a viewer are painted: gutter, grounds, text, notes and borders.

use std::ops::Range;

use eframe::egui::{
    Align, Color32, FontId, Painter, Rangef, Rect, Stroke, StrokeKind, Ui, Vec2, pos2,
};

use super::{Gutter, Shown, TextView, TextViewState};
use crate::gui::{
    theme::{self, Theme},
    widgets::{line, scroll::BAR_WIDTH},
};

const AFTER_GUTTER: f32 = 12.0;

/// The ground of a match, and a frame around the one that is shown.
pub(in crate::gui::widgets) fn paint_match(
    painter: &Painter,
    rect: Rect,
    is_current: bool,
    theme: &Theme,
) {
    painter.rect_filled(rect, 2.0, theme.warn_ground);
    if is_current {
        let frame = Stroke::new(1.5, theme.warn);
        painter.rect_stroke(rect, 2.0, frame, StrokeKind::Outside);
    }
}

/// A sentence in the lower right corner, over whatever stands there.
pub(super) fn sentence(ui: &Ui, place: Rect, text: &str, color: Color32) {
    let theme = Theme::of(ui);
    let painter = ui.painter_at(place);
    let width = place.width() - 40.0;
    let galley = line::galley(&painter, text, theme::small(), color, width);
    let corner = place.right_bottom() - Vec2::new(BAR_WIDTH + 4.0, 4.0);
    let ground = Rect::from_min_max(corner - galley.size() - Vec2::new(16.0, 8.0), corner);
    painter.rect(
        ground,
        4.0,
        theme.raised,
        theme.separator(),
        StrokeKind::Inside,
    );
    painter.galley(ground.min + Vec2::new(8.0, 4.0), galley, color);
}

impl TextView<'_> {
    pub(super) fn gutter_width(&self, ui: &Ui, state: &TextViewState) -> f32 {
        let digit = || ui.fonts_mut(|fonts| fonts.glyph_width(&theme::mono(), '0'));
        match self.gutter {
            Gutter::None => theme::GRID,
            Gutter::Numbers => {
                let digits = state.index.last_number().ilog10().max(2) + 1;
                theme::GRID + digits as f32 * digit() + AFTER_GUTTER
            }
            Gutter::Tags(_) => theme::GRID + 13.0 * digit() + AFTER_GUTTER,
        }
    }

    pub(super) fn paint(
        &self,
        ui: &Ui,
        state: &TextViewState,
        place: Rect,
        text_place: Rect,
        shown: &[Shown],
    ) {
        let theme = Theme::of(ui);
        let painter = ui.painter_at(place);
        painter.rect_filled(place, 0.0, theme.evidence);
        let text_painter = ui.painter_at(text_place);
        let left = text_place.left() - state.scroll.sideways();
        // A name on a border would lie half over the notes of the lines it parts.
        let mut above = text_place.right();
        let first = shown.first().map_or(0, |first| first.line.range.start);
        let last = shown.last().map_or(0, |last| last.line.range.end);
        let found = state.find.marks(self.bytes, first..last);
        for shown in shown {
            self.paint_gutter(&painter, place, text_place, shown, theme);
            self.paint_grounds(&text_painter, left, state, shown, theme);
            for part in found
                .iter()
                .filter_map(|found| overlap(found, &shown.line.range))
            {
                let is_current = state
                    .find
                    .current()
                    .is_some_and(|current| overlap(current, &part).is_some());
                paint_match(
                    &text_painter,
                    rect_of(shown, left, &part),
                    is_current,
                    theme,
                );
            }
            let top = shown.rect.center().y - shown.galley.size().y / 2.0;
            text_painter.galley(pos2(left, top), shown.galley.clone(), theme.text);
            let free = self.paint_notes(&text_painter, text_place, shown, theme);
            self.paint_border(&painter, place, shown, free.min(above), theme);
            above = free;
        }
    }

    /// While a thread looks for line ends.
    pub(super) fn paint_progress(&self, ui: &Ui, state: &TextViewState, place: Rect) {
        if state.indexer.is_none() {
            return;
        }
        let done = state.index.walk().looked_at() as f64 / self.bytes.len().max(1) as f64;
        let text = format!("Counting lines: {:.0} %", (done * 100.0).floor());
        sentence(ui, place, &text, Theme::of(ui).weak);
    }

    fn paint_gutter(
        &self,
        painter: &Painter,
        place: Rect,
        text_place: Rect,
        shown: &Shown,
        theme: &Theme,
    ) {
        let x = Rangef::new(place.left() + theme::GRID, text_place.left() - AFTER_GUTTER);
        let gutter = Rect::from_x_y_ranges(x, shown.rect.y_range());
        let font = theme::mono();
        match self.gutter {
            Gutter::None => {}
            Gutter::Numbers if shown.line.continued => {
                line::paint(painter, gutter, Align::Max, "…", font, theme.weak);
            }
            Gutter::Numbers => {
                let number = shown.line.number.to_string();
                line::paint(painter, gutter, Align::Max, &number, font, theme.weak);
            }
            Gutter::Tags(tag_of) => {
                let tag = tag_of(shown.line.range.start);
                let color = tag.tone.map_or(theme.weak, |tone| tone.text(theme));
                let word = line::paint(painter, gutter, Align::Min, tag.word, font.clone(), color);
                let rest = gutter.with_min_x(word.right() + 4.0);
                line::paint(
                    painter,
                    rest,
                    Align::Max,
                    &tag.time,
                    FontId::monospace(11.0),
                    theme.weak,
                );
            }
        }
    }

    fn paint_grounds(
        &self,
        painter: &Painter,
        left: f32,
        state: &TextViewState,
        shown: &Shown,
        theme: &Theme,
    ) {
        for highlight in self.highlights {
            if let Some(part) = overlap(&highlight.range, &shown.line.range) {
                let rect = rect_of(shown, left, &part);
                painter.rect_filled(rect, 2.0, highlight.tone.ground(theme));
            }
        }
        if let Some(part) = state
            .selection
            .and_then(|selection| selection.within(&shown.line.range))
        {
            painter.rect_filled(rect_of(shown, left, &part), 0.0, theme.selection);
        }
    }

    /// Returns the x that is free left of the notes.
    fn paint_notes(
        &self,
        painter: &Painter,
        text_place: Rect,
        shown: &Shown,
        theme: &Theme,
    ) -> f32 {
        let begun = |range: &Range<usize>| shown.line.range.contains(&range.start);
        let mut right = text_place.right() - 16.0;
        for highlight in self
            .highlights
            .iter()
            .filter(|highlight| begun(&highlight.range))
        {
            let Some(note) = highlight.note else { continue };
            let color = highlight.tone.text(theme);
            let galley = line::galley(
                painter,
                note,
                FontId::monospace(12.0),
                color,
                text_place.width() / 2.0,
            );
            let size = galley.size();
            let at = pos2(right - size.x, shown.rect.center().y - size.y / 2.0);
            // The note lies over the text of a long line, so it brings its own ground.
            let ground = Rect::from_min_size(at, size).expand2(Vec2::new(6.0, 0.0));
            painter.rect_filled(ground, 2.0, highlight.tone.ground(theme));
            painter.galley(at, galley, color);
            right = ground.left() - theme::GRID;
        }
        right
    }

    fn paint_border(
        &self,
        painter: &Painter,
        place: Rect,
        shown: &Shown,
        free: f32,
        theme: &Theme,
    ) {
        let above = |before: usize| shown.line.range.contains(&before);
        for border in self.borders.iter().filter(|border| above(border.before)) {
            let y = shown.rect.top();
            let galley = line::galley(
                painter,
                border.label,
                theme::small(),
                theme.teach,
                place.width() / 2.0,
            );
            let size = galley.size();
            let at = pos2(free.min(place.right() - 16.0) - size.x, y - size.y / 2.0);
            let color = theme.teach;
            painter.hline(place.left()..=at.x - 6.0, y, (1.0, color));
            painter.hline(at.x + size.x + 6.0..=place.right(), y, (1.0, color));
            painter.galley(at, galley, color);
        }
    }
}

fn overlap(first: &Range<usize>, second: &Range<usize>) -> Option<Range<usize>> {
    let part = first.start.max(second.start)..first.end.min(second.end);
    (part.start < part.end).then_some(part)
}

fn rect_of(shown: &Shown, left: f32, part: &Range<usize>) -> Rect {
    let x = Rangef::new(left + shown.x_of(part.start), left + shown.x_of(part.end));
    Rect::from_x_y_ranges(x, shown.rect.y_range())
}
