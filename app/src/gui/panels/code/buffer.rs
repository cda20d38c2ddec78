//! The text under the caret while keys are taken: Enter and Tab put in what the place asks for.

use std::any::TypeId;
use std::ops::Range;

use eframe::egui::TextBuffer;
use eframe::egui::text::{ByteIndex, CharIndex};

use crate::gui::model::editor::language::Language;
use crate::gui::model::editor::lines;

/// A text that is copied when it is changed.
pub(super) struct Buffer<'a> {
    shown: &'a str,
    changed: Option<String>,
    language: Language,
}

impl<'a> Buffer<'a> {
    pub(super) fn new(shown: &'a str, language: Language) -> Self {
        Self {
            shown,
            changed: None,
            language,
        }
    }

    /// The text after the keys, if they changed it.
    pub(super) fn into_changed(self) -> Option<String> {
        self.changed
    }

    fn text_mut(&mut self) -> &mut String {
        self.changed.get_or_insert_with(|| self.shown.to_owned())
    }
}

impl TextBuffer for Buffer<'_> {
    fn is_mutable(&self) -> bool {
        true
    }

    fn as_str(&self) -> &str {
        self.changed.as_deref().unwrap_or(self.shown)
    }

    fn insert_text(&mut self, text: &str, char_index: CharIndex) -> usize {
        let ByteIndex(place) = self.byte_index_from_char_index(char_index);
        let put = match text {
            "\n" => lines::new_line(self.as_str(), place, self.language),
            "\t" => lines::tab(self.as_str(), place),
            // What is pasted may come from elsewhere; in the editor a line ends with a line feed.
            text => text.replace("\r\n", "\n").replace('\r', "\n"),
        };
        self.text_mut().insert_str(place, &put);
        put.chars().count()
    }

    fn delete_char_range(&mut self, char_range: Range<CharIndex>) {
        let ByteIndex(start) = self.byte_index_from_char_index(char_range.start);
        let ByteIndex(end) = self.byte_index_from_char_index(char_range.end);
        if start < end {
            self.text_mut().replace_range(start..end, "");
        }
    }

    fn type_id(&self) -> TypeId {
        TypeId::of::<Buffer<'static>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, at: usize, put: &str, expected: &str, moved: usize) {
        let mut buffer = Buffer::new(text, Language::Python);
        assert_eq!(buffer.insert_text(put, CharIndex(at)), moved);
        assert_eq!(buffer.as_str(), expected);
    }

    #[test]
    fn keys_put_in_what_the_place_asks_for() {
        check("if é:", 5, "\n", "if é:\n    ", 5);
        check("éa", 1, "\t", "é   a", 3);
        check("日本", 1, "a\r\nb\rc", "日a\nb\nc本", 5);
        let mut buffer = Buffer::new("日本語", Language::Plain);
        buffer.delete_char_range(CharIndex(1)..CharIndex(2));
        assert_eq!(buffer.into_changed().as_deref(), Some("日語"));
        let mut same = Buffer::new("a", Language::Plain);
        same.delete_char_range(CharIndex(1)..CharIndex(1));
        assert_eq!(same.into_changed(), None);
    }
}
