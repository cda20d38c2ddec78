//! One line of painted text that ends in an ellipsis where its place ends.

use std::sync::Arc;

use eframe::egui::{Align, Align2, Color32, FontId, Galley, Painter, Pos2, Rect, text::LayoutJob};

/// Lays out `text` in one row no wider than `width` points.
pub fn galley(
    painter: &Painter,
    text: &str,
    font: FontId,
    color: Color32,
    width: f32,
) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(first_line(text).to_owned(), font, color);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    job.wrap.max_width = width.max(0.0);
    painter.layout_job(job)
}

/// Paints `text` in `place`, centred from top to bottom; returns what it covers.
pub fn paint(
    painter: &Painter,
    place: Rect,
    align: Align,
    text: &str,
    font: FontId,
    color: Color32,
) -> Rect {
    let galley = galley(painter, text, font, color, place.width());
    let anchor = Pos2::new(
        align.align_size_within_range(0.0, place.x_range()).min,
        place.center().y,
    );
    let rect = Align2([align, Align::Center]).anchor_size(anchor, galley.size());
    painter.galley(rect.min, galley, color);
    rect
}

/// A row is never more than a line, and a cell of 100 kB is not laid out to be cut.
fn first_line(text: &str) -> &str {
    const LONGEST: usize = 2048;
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    line.get(..line.floor_char_boundary(LONGEST))
        .unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(first_line(text), expected);
    }

    #[test]
    fn only_the_first_line_is_laid_out() {
        check("one", "one");
        check("one\ntwo", "one");
        check("one\r\ntwo", "one");
        check("", "");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "é".repeat(5000);
        check(&text, &"é".repeat(1024));
    }
}
