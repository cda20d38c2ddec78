//! A box around things that belong together, with a coloured edge where it must be seen.

use eframe::egui::{Color32, Frame, InnerResponse, Margin, Rect, Ui};

use crate::gui::theme::Theme;

/// A plain box over the whole width.
pub fn ui<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    framed_ui(ui, None, contents)
}

/// A box whose left edge has a colour: what failed, what is taught.
pub fn edged_ui<R>(
    ui: &mut Ui,
    edge: Color32,
    contents: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    framed_ui(ui, Some(edge), contents)
}

fn framed_ui<R>(
    ui: &mut Ui,
    edge: Option<Color32>,
    contents: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    let theme = Theme::of(ui);
    let left = if edge.is_some() { 18 } else { 16 };
    let frame = Frame::new()
        .fill(theme.panel)
        .stroke(theme.separator())
        .corner_radius(3)
        .inner_margin(Margin {
            left,
            right: 16,
            top: 14,
            bottom: 14,
        });
    let shown = frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        contents(ui)
    });
    if let Some(edge) = edge {
        let rect = shown.response.rect;
        let bar = Rect::from_min_max(rect.min, rect.left_bottom() + eframe::egui::vec2(3.0, 0.0));
        ui.painter().rect_filled(bar, 0.0, edge);
    }
    shown
}
