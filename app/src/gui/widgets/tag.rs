//! A small word in a box: where a value came from, or of what kind it is.

use eframe::egui::{
    Color32, FontId, Painter, Rect, Response, Role, Sense, StrokeKind, Ui, Vec2, WidgetInfo,
};

use super::line;
use crate::gui::theme::Theme;

const HEIGHT: f32 = 18.0;
const PADDING: f32 = 5.0;

fn font() -> FontId {
    FontId::proportional(11.0)
}

/// Paints the tag at the left of `place`, cut at its right; returns what it covers.
pub fn paint(painter: &Painter, place: Rect, text: &str, theme: &Theme, color: Color32) -> Rect {
    let galley = line::galley(painter, text, font(), color, place.width() - 2.0 * PADDING);
    let size = Vec2::new(galley.size().x + 2.0 * PADDING, HEIGHT);
    let rect = Rect::from_min_size(place.left_center() - Vec2::new(0.0, HEIGHT / 2.0), size);
    painter.rect_stroke(rect, 3.0, theme.separator(), StrokeKind::Inside);
    painter.galley(rect.center() - galley.size() / 2.0, galley, color);
    rect
}

/// Shows the tag as a label.
pub fn ui(ui: &mut Ui, text: &str) -> Response {
    let theme = Theme::of(ui);
    let galley = line::galley(ui.painter(), text, font(), theme.weak, ui.available_width());
    let size = Vec2::new(galley.size().x + 2.0 * PADDING, HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    paint(ui.painter(), rect, text, theme, theme.weak);
    response
}
