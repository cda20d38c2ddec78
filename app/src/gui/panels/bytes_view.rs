//! Bytes as text or as hexadecimal, with the switch between the two.

use eframe::egui::{Align, Layout, Ui};

use super::words;
use crate::gui::theme::Theme;
use crate::gui::widgets::hex_view::{self, HexViewState};
use crate::gui::widgets::text_view::{Highlight, TextView, TextViewState};
use crate::gui::widgets::{chip, line};

/// What a view remembers.
#[derive(Default)]
pub(super) struct State {
    /// Hexadecimal instead of text; none until the user chose, then binary bytes are shown as such.
    hex: Option<bool>,
    text: TextViewState,
    digits: HexViewState,
}

impl State {
    /// Whether hexadecimal is shown.
    pub(super) fn is_hex(&self, bytes: &[u8]) -> bool {
        self.hex.unwrap_or_else(|| looks_binary(bytes))
    }
}

/// Shows a title with the switch at its right.
pub(super) fn header_ui(ui: &mut Ui, title: &str, bytes: &[u8], state: &mut State) {
    ui.horizontal(|ui| {
        ui.label(crate::gui::theme::strong_text(title));
        ui.label(Theme::of(ui).weak(words::size(bytes.len() as u64)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            switch_ui(ui, bytes, state);
        });
    });
}

/// The switch alone.
pub(super) fn switch_ui(ui: &mut Ui, bytes: &[u8], state: &mut State) {
    let hex = state.is_hex(bytes);
    if chip::ui_with_state(ui, hex, "Hex", None)
        .on_hover_text("Show the bytes as hexadecimal digits")
        .clicked()
    {
        state.hex = Some(!hex);
    }
}

/// Shows the bytes over the place that is left; `version` changes when they are other bytes.
pub(super) fn ui(
    ui: &mut Ui,
    name: &str,
    bytes: &[u8],
    highlights: &[Highlight<'_>],
    version: u64,
    state: &mut State,
) {
    if state.is_hex(bytes) {
        hex_view::ui(ui, name, bytes, highlights, &mut state.digits);
    } else {
        TextView::new(name, bytes)
            .highlights(highlights)
            .revision(version)
            .show(ui, &mut state.text);
    }
}

/// Bytes of which many are no text are shown as digits at first: a picture, a zip file.
fn looks_binary(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(2048)).unwrap_or_default();
    let odd = start
        .iter()
        .filter(|&&byte| byte == 0 || (byte < 0x20 && !b"\t\n\r\x0c\x1b".contains(&byte)))
        .count();
    odd * 10 > start.len()
}

/// What stands where bytes were not kept: a sentence between two lines.
pub(super) fn cut_sentence(cut: u64) -> Option<String> {
    (cut > 0).then(|| {
        format!(
            "{} bytes between here and the end were not kept",
            words::count(cut)
        )
    })
}

/// A line over the view that says something about it.
pub(super) fn note_ui(ui: &mut Ui, text: &str) {
    let theme = Theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(
        eframe::egui::Vec2::new(ui.available_width(), 24.0),
        eframe::egui::Sense::hover(),
    );
    ui.painter().rect_filled(rect, 0.0, theme.warn_ground);
    let place = rect.shrink2(eframe::egui::Vec2::new(8.0, 0.0));
    line::paint(
        ui.painter(),
        place,
        Align::Min,
        text,
        crate::gui::theme::body(),
        theme.warn,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_any_encoding_is_text_and_a_picture_is_not() {
        assert!(!looks_binary(b""));
        assert!(!looks_binary(b"S\xe3o Paulo\r\n\tname"));
        assert!(!looks_binary("留言簿".as_bytes()));
        assert!(looks_binary(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10"));
    }

    #[test]
    fn a_cut_is_stated_in_bytes() {
        assert_eq!(cut_sentence(0), None);
        let sentence = cut_sentence(12_345).unwrap();
        assert_eq!(
            sentence,
            "12,345 bytes between here and the end were not kept"
        );
    }
}
