//! What stands where there is nothing yet: a title, one sentence, and what to do next.

use eframe::egui::{Align, Layout, Ui, Vec2};

use super::button;
use crate::gui::theme::Theme;

/// Shows the state in the middle of the place; the first of `actions` is the primary one.
///
/// Returns the action that was clicked.
pub fn ui(ui: &mut Ui, title: &str, sentence: &str, actions: &[&str]) -> Option<usize> {
    let theme = Theme::of(ui);
    let above = (ui.available_height() * 0.36 - 40.0).clamp(24.0, 240.0);
    let mut clicked = None;
    ui.vertical_centered(|ui| {
        ui.add_space(above);
        ui.heading(title);
        ui.label(theme.weak(sentence));
        if actions.is_empty() {
            return;
        }
        ui.add_space(8.0);
        // A row has no natural width before it is drawn, so it is centred by the width of last time.
        let id = ui.scope_id().with(("empty actions", title));
        let width = ui.data(|data| data.get_temp::<f32>(id)).unwrap_or_default();
        let size = Vec2::new(ui.available_width(), 28.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(((ui.available_width() - width) / 2.0).max(0.0));
            let row = ui.horizontal(|ui| {
                for (index, action) in actions.iter().enumerate() {
                    let shown = if index == 0 {
                        button::primary(action)
                    } else {
                        button::quiet(action)
                    };
                    if ui.add(shown).clicked() {
                        clicked = Some(index);
                    }
                }
            });
            let found = row.response.rect.width();
            if (found - width).abs() > 0.5 {
                ui.data_mut(|data| data.insert_temp(id, found));
                ui.ctx()
                    .request_discard("the width of the actions was not known");
            }
        });
    });
    clicked
}
