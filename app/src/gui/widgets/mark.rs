//! The marks that say how something went: glyph, word and colour always together.

use eframe::egui::{Align, Color32, Painter, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};

use super::{icon, icon::Icon, line};
use crate::gui::theme::{self, Theme};

/// How something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// It went well.
    Ok,
    /// It sends the client elsewhere.
    Redirect,
    /// It worked, but look.
    Warning,
    /// It broke.
    Failed,
    /// It goes on.
    Running,
    /// It never began.
    NotReached,
}

impl Mark {
    /// What a screen reader says.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Redirect => "redirect",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Running => "running",
            Self::NotReached => "not reached",
        }
    }

    /// The painted glyph.
    pub fn icon(self) -> Icon {
        match self {
            Self::Ok => Icon::Check,
            Self::Redirect => Icon::Arrow,
            Self::Warning => Icon::Bang,
            Self::Failed => Icon::Cross,
            Self::Running => Icon::Dots,
            Self::NotReached => Icon::Ring,
        }
    }

    /// The colour of glyph and text.
    pub fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Ok => theme.ok,
            Self::Redirect => theme.redirect,
            Self::Warning => theme.warn,
            Self::Failed => theme.fail,
            Self::Running => theme.running,
            Self::NotReached => theme.weak,
        }
    }
}

/// The side of a mark's glyph in a row of text, in points.
pub const SIZE: f32 = 10.0;
/// From the glyph to its text, in points.
const GAP: f32 = 5.0;

/// Paints glyph and text at the left of `place`; `text_color` is the mark's own unless a row is selected.
pub fn paint(
    painter: &Painter,
    place: Rect,
    mark: Mark,
    text: &str,
    theme: &Theme,
    text_color: Option<Color32>,
) {
    let color = mark.color(theme);
    let glyph = Rect::from_center_size(
        place.left_center() + Vec2::new(SIZE / 2.0, 0.0),
        Vec2::splat(SIZE),
    );
    icon::paint(painter, glyph, mark.icon(), color);
    let rest = place.with_min_x(glyph.right() + GAP);
    line::paint(
        painter,
        rest,
        Align::Min,
        text,
        theme::strong(),
        text_color.unwrap_or(color),
    );
}

/// Shows glyph and text as a label.
pub fn ui(ui: &mut Ui, mark: Mark, text: &str) -> Response {
    let theme = Theme::of(ui);
    let width = (ui.available_width() - SIZE - GAP).max(0.0);
    let galley = line::galley(
        ui.painter(),
        text,
        theme::strong(),
        mark.color(theme),
        width,
    );
    let size = Vec2::new(SIZE + GAP + galley.size().x, galley.size().y.max(SIZE));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{text}, {}", mark.word())));
    paint(ui.painter(), rect, mark, text, theme, None);
    response
}
