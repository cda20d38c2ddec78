//! A copy that is too long for a clipboard, refused in words.

use std::ops::Range;

use cgi_engine::diagnosis::units::human_bytes;
use eframe::egui::{Rect, Ui};

use super::paint;
use crate::gui::theme::Theme;

/// A copy that was too long for the clipboard, said for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refused {
    bytes: usize,
    limit: usize,
    /// When it was asked for, in egui's seconds.
    at: f64,
}

impl Refused {
    const SHOWN_SECONDS: f64 = 8.0;

    /// Says so over the lower edge of `place`, as long as it is news.
    pub fn ui(refused: &mut Option<Self>, ui: &Ui, place: Rect) {
        let Some(said) = *refused else { return };
        let left = said.at + Self::SHOWN_SECONDS - ui.input(|input| input.time);
        if left <= 0.0 {
            *refused = None;
            return;
        }
        ui.ctx()
            .request_repaint_after(std::time::Duration::from_secs_f64(left));
        let text = format!(
            "Not copied: {} are selected, and a clipboard takes {} at most; Export (X) writes all of it to a file",
            human_bytes(said.bytes as u64),
            human_bytes(said.limit as u64)
        );
        paint::sentence(ui, place, &text, Theme::of(ui).warn);
    }

    /// Says from now on that these bytes are more than `limit`.
    pub fn now(ui: &Ui, range: &Range<usize>, limit: usize) -> Option<Self> {
        Some(Self {
            bytes: range.len(),
            limit,
            at: ui.input(|input| input.time),
        })
    }
}
