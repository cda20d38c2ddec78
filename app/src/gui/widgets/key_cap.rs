//! The name of a key in a small box, as a hint beside what it does.

use std::sync::Arc;

use eframe::egui::{
    Color32, FontId, Galley, Painter, Rect, Response, Role, Sense, StrokeKind, Ui, Vec2, WidgetInfo,
};

use super::line;
use crate::gui::theme::Theme;

/// The height of the box, in points.
pub const HEIGHT: f32 = 17.0;
const PADDING: f32 = 4.5;

/// A key's name, laid out: ask its size, then paint it.
pub struct KeyCap {
    galley: Arc<Galley>,
}

impl KeyCap {
    /// Lays out a name such as "Ctrl K".
    pub fn new(painter: &Painter, key: &str, color: Color32) -> Self {
        let font = FontId::monospace(10.5);
        Self {
            galley: line::galley(painter, key, font, color, f32::INFINITY),
        }
    }

    /// The size of the box.
    pub fn size(&self) -> Vec2 {
        Vec2::new(
            (self.galley.size().x + 2.0 * PADDING).max(HEIGHT).ceil(),
            HEIGHT,
        )
    }

    /// Paints the box with its left side in the middle of `place`'s left side.
    pub fn paint(self, painter: &Painter, place: Rect, theme: &Theme, color: Color32) {
        let center = place.left_center() + Vec2::new(self.size().x / 2.0, 0.0);
        let rect = Rect::from_center_size(center, self.size());
        painter.rect_stroke(rect, 3.0, theme.separator(), StrokeKind::Inside);
        painter.galley(rect.center() - self.galley.size() / 2.0, self.galley, color);
    }
}

/// Shows the name of a key.
pub fn ui(ui: &mut Ui, key: &str) -> Response {
    let theme = Theme::of(ui);
    let cap = KeyCap::new(ui.painter(), key, theme.weak);
    let (rect, response) = ui.allocate_exact_size(cap.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("key {key}")));
    cap.paint(ui.painter(), rect, theme, theme.weak);
    response
}
