//! A row of tabs with a line under the open one.

use eframe::egui::{Rect, Role, Sense, Ui, Vec2, WidgetInfo};

use super::line;
use crate::gui::theme::{self, Theme};

const HEIGHT: f32 = 36.0;
const PADDING: f32 = 12.0;

/// Shows `names`, of which `open` is the open one; returns the one that was clicked.
pub fn ui(ui: &mut Ui, names: &[&str], open: usize) -> Option<usize> {
    let theme = Theme::of(ui);
    let mut clicked = None;
    let width = ui.available_width();
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (index, name) in names.iter().enumerate() {
            if tab_ui(ui, name, index == open, theme) {
                clicked = Some(index);
            }
        }
    });
    let bottom = row.response.rect.bottom() - 0.5;
    let left = row.response.rect.left();
    ui.painter()
        .hline(left..=left + width, bottom, theme.separator());
    clicked
}

fn tab_ui(ui: &mut Ui, name: &str, open: bool, theme: &Theme) -> bool {
    // The strong face keeps the width of a tab the same whether it is open or not.
    let strong = line::galley(
        ui.painter(),
        name,
        theme::strong(),
        theme.text,
        f32::INFINITY,
    );
    let size = Vec2::new((strong.size().x + 2.0 * PADDING).ceil(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), open, name));
    let galley = if open {
        strong
    } else {
        let color = if response.hovered() {
            theme.text
        } else {
            theme.weak
        };
        line::galley(ui.painter(), name, theme::body(), color, f32::INFINITY)
    };
    ui.painter()
        .galley(rect.center() - galley.size() / 2.0, galley, theme.text);
    if open {
        let under = Rect::from_min_max(
            rect.left_bottom() - Vec2::new(0.0, 2.0),
            rect.right_bottom(),
        );
        ui.painter().rect_filled(under, 0.0, theme.accent);
    }
    if response.has_focus() {
        let place = rect.shrink2(Vec2::new(2.0, 5.0));
        ui.painter().rect_stroke(
            place,
            f32::from(theme::RADIUS),
            theme.focus(),
            eframe::egui::StrokeKind::Inside,
        );
    }
    response.clicked()
}
