//! A round switch with a count, as stands in rows over a list: "Failed 12".

use eframe::egui::{
    Color32, FontId, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};

use super::line;
use crate::gui::theme::Theme;

const HEIGHT: f32 = 22.0;
const PADDING: f32 = 9.0;

/// Shows the switch and flips `on` when it is clicked.
pub fn toggle_ui(ui: &mut Ui, on: &mut bool, text: &str, count: Option<u64>) -> Response {
    let mut response = ui_with_state(ui, *on, text, count);
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    response
}

/// Shows the switch as it stands; the caller decides what a click means.
pub fn ui_with_state(ui: &mut Ui, on: bool, text: &str, count: Option<u64>) -> Response {
    let theme = Theme::of(ui);
    let caption = count.map_or_else(|| text.to_owned(), |count| format!("{text} {count}"));
    let color = if on { theme.text } else { theme.weak };
    let galley = line::galley(
        ui.painter(),
        &caption,
        FontId::proportional(12.0),
        color,
        f32::INFINITY,
    );
    let size = Vec2::new((galley.size().x + 2.0 * PADDING).ceil(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), on, &caption));
    let fill = match (on, response.hovered()) {
        (true, _) => theme.row_selected,
        (false, true) => theme.raised,
        (false, false) => Color32::TRANSPARENT,
    };
    let stroke = match (response.has_focus(), on) {
        (true, _) => theme.focus(),
        (false, true) => Stroke::new(1.0, theme.accent),
        (false, false) => theme.separator(),
    };
    ui.painter()
        .rect(rect, HEIGHT / 2.0, fill, stroke, StrokeKind::Inside);
    ui.painter()
        .galley(rect.center() - galley.size() / 2.0, galley, color);
    response
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Key, accesskit::Toggled};
    use egui_kittest::{
        Harness,
        kittest::{NodeT as _, Queryable as _},
    };

    use super::*;

    fn chip() -> Harness<'static, bool> {
        let builder = Harness::builder().with_context_setup(crate::gui::theme::apply);
        let show = |ui: &mut Ui, on: &mut bool| {
            toggle_ui(ui, on, "Failed", Some(12));
        };
        builder.build_ui_state(show, false)
    }

    fn toggled(harness: &Harness<'_, bool>) -> Option<Toggled> {
        let chip = harness.get_by_role_and_label(Role::Button, "Failed 12");
        chip.accesskit_node().toggled()
    }

    #[test]
    fn a_click_switches_and_says_so() {
        let mut harness = chip();
        assert_eq!(toggled(&harness), Some(Toggled::False));
        harness.get_by_label("Failed 12").click();
        harness.run();
        assert!(*harness.state());
        assert_eq!(toggled(&harness), Some(Toggled::True));
    }

    #[test]
    fn the_keyboard_switches() {
        let mut harness = chip();
        harness.key_press(Key::Tab);
        harness.run();
        harness.key_press(Key::Space);
        harness.run();
        assert!(*harness.state());
    }
}
