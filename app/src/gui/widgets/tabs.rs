//! A row of tabs with a line under the open one.

use std::sync::Arc;

use eframe::egui::{Galley, Rect, Role, Sense, Ui, Vec2, WidgetInfo};

use super::line;
use crate::gui::theme::{self, Theme};

const HEIGHT: f32 = 36.0;
/// Beside a name, where there is room and where there is little, in points.
const PADDING: f32 = 12.0;
const LEAST_PADDING: f32 = 3.0;

/// Shows `names`, of which `open` is the open one; returns the one that was clicked.
pub fn ui(ui: &mut Ui, names: &[&str], open: usize) -> Option<usize> {
    let theme = Theme::of(ui);
    let mut clicked = None;
    let width = ui.available_width();
    let padding = padding(ui, names, width, theme);
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (index, name) in names.iter().enumerate() {
            if tab_ui(ui, name, index == open, padding, theme) {
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

/// What is left for each side of a name, so that the last tab can be clicked, too.
fn padding(ui: &Ui, names: &[&str], width: f32, theme: &Theme) -> f32 {
    let words = names.iter().map(|name| strong(ui, name, theme).size().x);
    // A point each is lost to whole points.
    let left = width - words.map(|words| words + 1.0).sum::<f32>();
    (left / (2.0 * names.len().max(1) as f32)).clamp(LEAST_PADDING, PADDING)
}

/// The strong face keeps the width of a tab the same whether it is open or not.
fn strong(ui: &Ui, name: &str, theme: &Theme) -> Arc<Galley> {
    let font = theme::strong();
    line::galley(ui.painter(), name, font, theme.text, f32::INFINITY)
}

fn tab_ui(ui: &mut Ui, name: &str, open: bool, padding: f32, theme: &Theme) -> bool {
    let strong = strong(ui, name, theme);
    let size = Vec2::new((strong.size().x + 2.0 * padding).ceil(), HEIGHT);
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

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;

    #[test]
    fn the_last_tab_is_in_sight_where_there_is_little_room() {
        let names = [
            "Overview",
            "Request",
            "Environment",
            "Process",
            "Output",
            "Response",
            "Time",
            "Other hosts",
        ];
        let builder = Harness::builder().with_size(Vec2::new(560.0, 60.0));
        let mut window = builder
            .with_context_setup(theme::apply)
            .build_ui(move |ui| {
                super::ui(ui, &names, 0);
            });
        window.run();
        let last = window.get_by_role_and_label(Role::Tab, "Other hosts");
        assert!(last.rect().right() <= 560.0, "{:?}", last.rect());
    }
}
