//! Bytes as text or as hexadecimal, with the switch between the two.

use bytes::Bytes;
use cgi_engine::exchange::{CapturedBody, ExchangeId};
use eframe::egui::{Align, Ui};

use super::words;
use crate::gui::theme::Theme;
use crate::gui::widgets::hex_view::{self, HexViewState};
use crate::gui::widgets::text_view::source::{Source, Text};
use crate::gui::widgets::text_view::{Highlight, TextView, TextViewState};
use crate::gui::widgets::{chip, line};

/// Below this height a first line above the view gives its place to what stands below it.
pub(super) const LOW: f32 = 200.0;

/// What a view remembers.
#[derive(Default)]
pub(super) struct State {
    /// Hexadecimal instead of text; none until the user chose, then binary bytes are shown as such.
    hex: Option<bool>,
    text: TextViewState,
    digits: HexViewState,
}

impl State {
    /// Shows hexadecimal from now on, or text.
    pub(super) fn show_hex(&mut self, on: bool) {
        self.hex = Some(on);
    }

    /// Whether hexadecimal is shown.
    pub(super) fn is_hex<'a>(&self, bytes: impl Into<Source<'a>>) -> bool {
        let start = || bytes.into().slice(0..LOOKED_AT);
        self.hex.unwrap_or_else(|| looks_binary(&start()))
    }
}

/// The first bytes tell whether all are text.
const LOOKED_AT: usize = 2048;

/// Bytes that were joined from pieces once, and not in every frame; long ones are in a file and only looked at.
#[derive(Default)]
pub(super) struct Joined {
    of: Option<(ExchangeId, usize, u64)>,
    text: Text,
}

impl Joined {
    /// The bytes of this run of this exchange; `length` tells whether more have come since.
    pub(super) fn get(
        &mut self,
        id: ExchangeId,
        run: usize,
        length: u64,
        join: impl FnOnce() -> Bytes,
    ) -> &Text {
        let of = Some((id, run, length));
        if self.of != of {
            self.of = of;
            self.text = join().into();
        }
        &self.text
    }
}

/// Shows the switch.
pub(super) fn switch_ui<'a>(ui: &mut Ui, bytes: impl Into<Source<'a>>, state: &mut State) {
    let hex = state.is_hex(bytes);
    if chip::ui_with_state(ui, hex, "Hex", None)
        .on_hover_text("Show the bytes as hexadecimal digits")
        .clicked()
    {
        state.hex = Some(!hex);
    }
}

/// Shows the bytes over the place that is left; `version` changes when they are other bytes.
pub(super) fn ui<'a>(
    ui: &mut Ui,
    name: &str,
    bytes: impl Into<Source<'a>>,
    highlights: &[Highlight<'_>],
    version: u64,
    state: &mut State,
) {
    let bytes = bytes.into();
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
    let odd = bytes
        .iter()
        .filter(|&&byte| byte == 0 || (byte < 0x20 && !b"\t\n\r\x0c\x1b".contains(&byte)))
        .count();
    odd * 10 > bytes.len()
}

/// What stands where bytes were not kept: a sentence between two lines.
pub(super) fn cut_sentence(body: &CapturedBody) -> Option<String> {
    let cut = body.cut_bytes();
    let why = body.cut_reason().map(|reason| format!(": {reason}"));
    (cut > 0).then(|| {
        format!(
            "{} bytes between here and the end were not kept{}",
            words::count(cut),
            why.unwrap_or_default()
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
    fn joined_bytes_are_joined_again_only_when_there_are_others() {
        let mut joined = Joined::default();
        let one = ExchangeId(1);
        let mut get = |run, length, join: fn() -> Bytes| {
            Source::from(joined.get(one, run, length, join))
                .slice(0..9)
                .into_owned()
        };
        assert_eq!(get(0, 2, || b"ab"[..].into()), b"ab");
        assert_eq!(get(0, 2, || unreachable!()), b"ab");
        assert_eq!(get(0, 3, || b"abc"[..].into()), b"abc");
        assert_eq!(get(1, 3, || b"x"[..].into()), b"x");
    }

    #[test]
    fn a_cut_is_stated_in_bytes() {
        let mut body = CapturedBody::new(1);
        assert_eq!(cut_sentence(&body), None);
        let long = Bytes::from(vec![b'x'; 64 * 1024 + 12_346]);
        body.push(&long, std::time::Duration::ZERO);
        let sentence = cut_sentence(&body).unwrap();
        assert_eq!(
            sentence,
            "12,345 bytes between here and the end were not kept"
        );
    }
}
