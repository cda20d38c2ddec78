//! The line over a viewer in which the text to find is typed.

use eframe::egui::{
    Align, Id, Key, Layout, Modifiers, Rect, TextEdit, Ui, UiBuilder, text::CCursor,
    text::CCursorRange,
};

use super::Find;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::{button, chip};

/// The height of the line, in points.
pub(super) const HEIGHT: f32 = 34.0;

impl Find {
    /// Shows the line in `place`; `pane` is the viewer that the keyboard goes back to.
    pub fn bar_ui(&mut self, ui: &mut Ui, place: Rect, pane: Id) {
        let theme = Theme::of(ui);
        ui.painter().rect_filled(place, 0.0, theme.panel);
        ui.painter()
            .hline(place.x_range(), place.bottom() - 0.5, theme.separator());
        let layout = Layout::left_to_right(Align::Center);
        let inner = place.shrink2(eframe::egui::vec2(8.0, 4.0));
        let mut line = ui.new_child(UiBuilder::new().max_rect(inner).layout(layout));
        line.spacing_mut().item_spacing.x = 6.0;
        self.field_ui(&mut line);
        let changed = [
            (
                &mut self.case,
                "Aa",
                "Capital and small letters are different",
            ),
            (
                &mut self.escapes,
                "\\x",
                "\\xE9 stands for a byte, \\n and \\t for a line feed and a tab",
            ),
        ]
        .into_iter()
        .any(|(on, text, hint)| {
            chip::toggle_ui(&mut line, on, text, None)
                .on_hover_text(hint)
                .changed()
        });
        if changed {
            self.ask();
        }
        let known = self.query.is_some();
        for (text, hint, on) in [("Previous", "Shift F3", false), ("Next", "F3", true)] {
            let shown = line
                .add(button::bare(text).enabled(known))
                .on_hover_text(hint);
            if shown.clicked() {
                self.go(on);
            }
        }
        line.label(theme.weak(self.in_words()));
        let rest = Layout::right_to_left(Align::Center);
        line.with_layout(rest, |ui| {
            if button::icon_ui(ui, Icon::Cross, "Close the search (Esc)").clicked() {
                self.open = false;
                ui.memory_mut(|memory| memory.request_focus(pane));
            }
        });
    }

    fn field_ui(&mut self, ui: &mut Ui) {
        let width = (ui.available_width() * 0.35).clamp(100.0, 280.0);
        let edit = TextEdit::singleline(&mut self.text)
            .hint_text("Find")
            .font(theme::mono())
            .desired_width(width);
        let mut shown = edit.show(ui);
        let field = &shown.response.response;
        if self.wants_keyboard {
            self.wants_keyboard = false;
            field.request_focus();
            let all = CCursorRange::two(CCursor::new(0), CCursor::new(self.text.chars().count()));
            shown.state.cursor.set_char_range(Some(all));
            shown.state.store(ui.ctx(), field.id);
        }
        if field.changed() {
            self.ask();
        }
        // Enter takes the keyboard from a field of one line; here it goes on to the next match.
        if field.lost_focus() {
            let pressed =
                |modifiers| ui.input_mut(|input| input.consume_key(modifiers, Key::Enter));
            let back = pressed(Modifiers::SHIFT);
            if back || pressed(Modifiers::NONE) {
                field.request_focus();
                self.go(!back);
            }
        }
    }
}
