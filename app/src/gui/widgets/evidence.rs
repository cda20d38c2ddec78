//! A block of evidence: numbered lines of bytes, with the ones that matter marked and named.

use eframe::egui::{Align, FontId, Rect, Response, Role, Sense, StrokeKind, Ui, Vec2, WidgetInfo};

use super::{
    line,
    text_view::visible::{self, VisibleLine},
};
use crate::gui::theme::{self, Theme};

/// How loud a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// This is what broke it.
    Fail,
    /// This may surprise.
    Warn,
    /// This was added.
    Added,
    /// This is what is talked about.
    Pointed,
}

impl Tone {
    /// The ground behind what is marked.
    pub fn ground(self, theme: &Theme) -> eframe::egui::Color32 {
        match self {
            Self::Fail => theme.fail_ground,
            Self::Warn => theme.warn_ground,
            Self::Added => theme.ok_ground,
            Self::Pointed => theme.mark_ground,
        }
    }

    /// The colour of the note beside it.
    pub fn text(self, theme: &Theme) -> eframe::egui::Color32 {
        match self {
            Self::Fail => theme.fail,
            Self::Warn | Self::Pointed => theme.warn,
            Self::Added => theme.ok,
        }
    }
}

/// One line of the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceLine<'a> {
    /// Its number, if it has one.
    pub number: Option<u64>,
    /// Its bytes, with the line ending.
    pub bytes: &'a [u8],
    /// How it is marked, and what is said of it at the right.
    pub mark: Option<(Tone, &'a str)>,
}

const PADDING: f32 = 8.0;
const GUTTER: f32 = 48.0;
/// No finding needs more of one line to be understood.
const LONGEST: usize = 400;

/// Shows the lines over the whole width.
pub fn ui(ui: &mut Ui, lines: &[EvidenceLine<'_>]) -> Response {
    let theme = Theme::of(ui);
    let height = lines.len() as f32 * theme::LINE_HEIGHT + 2.0 * PADDING;
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    ui.painter().rect(
        rect,
        2.0,
        theme.evidence,
        theme.separator(),
        StrokeKind::Inside,
    );
    for (index, evidence) in lines.iter().enumerate() {
        let top = rect.top() + PADDING + index as f32 * theme::LINE_HEIGHT;
        let row = Rect::from_x_y_ranges(rect.shrink(1.0).x_range(), top..=top + theme::LINE_HEIGHT);
        line_ui(ui, row, index, evidence, theme);
    }
    response
}

fn line_ui(ui: &Ui, row: Rect, index: usize, evidence: &EvidenceLine<'_>, theme: &Theme) {
    let painter = ui.painter_at(row);
    let mut rest = row
        .with_min_x(row.left() + GUTTER)
        .with_max_x(row.right() - 12.0);
    if let Some((tone, note)) = evidence.mark {
        painter.rect_filled(row, 0.0, tone.ground(theme));
        let place = rest.with_min_x(rest.center().x);
        let note = line::paint(
            &painter,
            place,
            Align::Max,
            note,
            FontId::monospace(12.0),
            tone.text(theme),
        );
        rest.max.x = note.left() - PADDING;
    }
    if let Some(number) = evidence.number {
        let place = row.with_max_x(rest.left() - 12.0);
        line::paint(
            &painter,
            place,
            Align::Max,
            &number.to_string(),
            theme::mono(),
            theme.weak,
        );
    }
    let shown = evidence.bytes.get(..LONGEST).unwrap_or(evidence.bytes);
    let visible = VisibleLine::new(shown);
    let mut job = visible.layout(&theme::mono(), theme);
    job.wrap.max_width = rest.width();
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = painter.layout_job(job);
    let top = row.center().y - galley.size().y / 2.0;
    painter.galley(eframe::egui::pos2(rest.left(), top), galley, theme.text);
    let response = ui.interact(row, ui.scope_id().with(("evidence", index)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken(evidence)));
}

/// What a screen reader says of a line.
fn spoken(evidence: &EvidenceLine<'_>) -> String {
    let number = evidence
        .number
        .map_or_else(String::new, |number| format!("line {number}, "));
    let note = evidence
        .mark
        .map_or_else(String::new, |(_, note)| format!(", {note}"));
    format!("{number}{}{note}", visible::spoken(evidence.bytes))
}
