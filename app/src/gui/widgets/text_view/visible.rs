//! Bytes made visible: what of a line is text, what is a symbol and what is neither.

use std::ops::Range;

use eframe::egui::{FontId, TextFormat, text::LayoutJob};

use crate::gui::theme::Theme;

/// What a part of a shown line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The characters themselves.
    Text,
    /// A tab and the room it takes.
    Symbol,
    /// Part of a line ending: a small CR, a small arrow for LF.
    Ending,
    /// A byte or character that does not: NUL, ESC, invalid UTF-8, a BOM.
    Chip,
}

/// One line of bytes as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisibleLine {
    /// What is shown.
    pub text: String,
    /// Ranges of `text` and what they stand for, one after the other.
    pub spans: Vec<(Range<usize>, Kind)>,
    /// For each character of `text` the byte of the line it stands for; one more for the end.
    byte_of_character: Vec<u32>,
}

impl VisibleLine {
    /// Makes the bytes of one line visible.
    pub fn new(bytes: &[u8]) -> Self {
        let mut line = Self::default();
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            for character in chunk.valid().chars() {
                line.push_character(character, at);
                at += character.len_utf8();
            }
            for byte in chunk.invalid() {
                line.push(&format!("\\x{byte:02X}"), Kind::Chip, at);
                at += 1;
            }
        }
        line.byte_of_character.push(offset(at));
        line
    }

    fn push_character(&mut self, character: char, at: usize) {
        match character {
            '\r' => self.push("CR", Kind::Ending, at),
            '\n' => self.push("↵", Kind::Ending, at),
            '\t' => self.push_tab(at),
            '\0' => self.push("NUL", Kind::Chip, at),
            '\x1b' => self.push("ESC", Kind::Chip, at),
            '\u{feff}' => self.push("BOM", Kind::Chip, at),
            '\x01'..='\x1f' | '\x7f' => {
                self.push(&format!("\\x{:02X}", character as u32), Kind::Chip, at);
            }
            _ if is_unseen(character) => {
                self.push(&format!("U+{:04X}", character as u32), Kind::Chip, at);
            }
            _ => {
                let mut buffer = [0; 4];
                self.push(character.encode_utf8(&mut buffer), Kind::Text, at);
            }
        }
    }

    /// A tab reaches to the next multiple of eight, as terminals have it.
    fn push_tab(&mut self, at: usize) {
        let column = self.byte_of_character.len();
        self.push("→", Kind::Symbol, at);
        for _ in column % 8 + 1..8 {
            self.push(" ", Kind::Symbol, at);
        }
    }

    fn push(&mut self, shown: &str, kind: Kind, at: usize) {
        let start = self.text.len();
        self.text.push_str(shown);
        self.byte_of_character
            .extend(shown.chars().map(|_| offset(at)));
        // Neighbouring chips stay apart: each is one byte of its own.
        match self.spans.last_mut() {
            Some((range, last)) if *last == kind && kind != Kind::Chip => {
                range.end = self.text.len();
            }
            _ => self.spans.push((start..self.text.len(), kind)),
        }
    }

    /// The byte that the character at `index` stands for; past the end, the end of the line.
    pub fn byte_at(&self, index: usize) -> usize {
        let byte = self
            .byte_of_character
            .get(index)
            .or(self.byte_of_character.last());
        byte.map_or(0, |&byte| byte as usize)
    }

    /// The first character that stands for `byte` or a later one.
    pub fn character_at(&self, byte: usize) -> usize {
        self.byte_of_character
            .partition_point(|&start| (start as usize) < byte)
    }

    /// The line as a galley's job, in the theme's colours.
    pub fn layout(&self, font: &FontId, theme: &Theme) -> LayoutJob {
        let mut job = LayoutJob {
            break_on_newline: false,
            ..LayoutJob::default()
        };
        job.wrap.max_width = f32::INFINITY;
        let mut after_chip = false;
        for (range, kind) in &self.spans {
            let part = self.text.get(range.clone()).unwrap_or_default();
            // Air on both sides, so that a chip is not read as part of the word it stands in.
            let chip = *kind == Kind::Chip;
            let leading = if chip || after_chip {
                3.0
            } else if *kind == Kind::Ending {
                1.5
            } else {
                0.0
            };
            job.append(part, leading, format_of(*kind, font, theme));
            after_chip = chip;
        }
        job
    }
}

fn format_of(kind: Kind, font: &FontId, theme: &Theme) -> TextFormat {
    match kind {
        Kind::Text => TextFormat::simple(font.clone(), theme.text),
        Kind::Symbol => TextFormat::simple(font.clone(), theme.teach),
        Kind::Ending => TextFormat::simple(
            FontId::new(font.size * 0.72, font.family.clone()),
            theme.teach,
        ),
        Kind::Chip => TextFormat {
            background: theme.fail_ground,
            ..TextFormat::simple(font.clone(), theme.fail)
        },
    }
}

/// Characters that change or hide text without being seen, so that a reader must be told.
fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}')
}

/// Lines are cut at 8 KiB, so an offset in one always fits.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// What a screen reader says of a line: the text, with the names of what is not text.
pub fn spoken(bytes: &[u8]) -> String {
    const LONGEST: usize = 200;
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    VisibleLine::new(line.get(..LONGEST).unwrap_or(line)).text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], shown: &str) {
        let line = VisibleLine::new(bytes);
        assert_eq!(line.text, shown);
        let spans: String = line
            .spans
            .iter()
            .map(|(range, _)| &line.text[range.clone()])
            .collect();
        assert_eq!(spans, shown, "the spans cover the text");
        let characters = line.text.chars().count();
        assert_eq!(line.byte_at(characters), bytes.len());
        for index in 0..characters {
            let byte = line.byte_at(index);
            assert!(line.character_at(byte) <= index && byte < bytes.len());
        }
    }

    #[test]
    fn text_stays_text() {
        check(b"", "");
        check(b"Content-Type: text/html", "Content-Type: text/html");
        check("Zoë 留言簿".as_bytes(), "Zoë 留言簿");
    }

    #[test]
    fn line_ends_are_symbols() {
        check(b"a\r\n", "aCR↵");
        check(b"\n", "↵");
        check(b"a\rb", "aCRb");
    }

    #[test]
    fn a_tab_reaches_the_next_multiple_of_eight() {
        check(b"\tx", "→       x");
        check(b"abc\tx", "abc→    x");
        check(b"1234567\tx", "1234567→x");
    }

    #[test]
    fn control_bytes_are_named() {
        check(b"a\0b", "aNULb");
        check(b"\x1b[31m", "ESC[31m");
        check(b"\x07\x7f", "\\x07\\x7F");
        check(b"\xef\xbb\xbf#!/bin/sh", "BOM#!/bin/sh");
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_shown_one_by_one() {
        check(b"S\xe3o", "S\\xE3o");
        check(b"\xff\xfe", "\\xFF\\xFE");
        check(b"\xe2\x82", "\\xE2\\x82");
    }

    #[test]
    fn characters_that_hide_are_shown() {
        check("a\u{202e}b".as_bytes(), "aU+202Eb");
        check("a\u{200b}b".as_bytes(), "aU+200Bb");
        check("\u{85}".as_bytes(), "U+0085");
    }

    #[test]
    fn a_screen_reader_does_not_read_the_line_ending() {
        assert_eq!(spoken(b"Status: 200\r\n"), "Status: 200");
        assert_eq!(spoken(b"a\rb"), "aCRb");
    }

    #[test]
    fn two_bad_bytes_are_two_chips() {
        let line = VisibleLine::new(b"\xff\xfe");
        assert_eq!(line.spans.len(), 2);
        assert_eq!(line.byte_at(4), 1);
    }
}
