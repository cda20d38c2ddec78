//! What is looked for in bytes, and where it is.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use crate::gui::widgets::text_view::source::Source;

/// Matches are counted by blocks of this size: where one begins decides which block it is in.
pub const BLOCK: usize = 1 << 20;

/// A text that is looked for.
#[derive(Clone, Debug)]
pub struct Query {
    pattern: Regex,
    /// No match is longer.
    longest: usize,
}

impl Query {
    /// Looks for `text`, whatever the case of its letters unless `case` counts. With `escapes`, `\xE9` stands for
    /// that byte, `\n`, `\r`, `\t` and `\\` for what they do elsewhere. None for an empty text.
    pub fn new(text: &str, case: bool, escapes: bool) -> Option<Self> {
        let pattern = if escapes {
            escaped(text)
        } else {
            regex::escape(text)
        };
        let built = RegexBuilder::new(&pattern).case_insensitive(!case).build();
        Some(Self {
            pattern: built.ok().filter(|_| !text.is_empty())?,
            // A letter may have an equal that takes four bytes.
            longest: 4 * text.chars().count(),
        })
    }

    /// The matches that begin in a range, from its beginning on and without overlap.
    pub fn within(&self, source: Source<'_>, range: Range<usize>) -> Vec<Range<usize>> {
        let bytes = source.slice(range.start..range.end + self.longest - 1);
        let found = self.pattern.find_iter(&bytes);
        let found = found.map(|found| range.start + found.start()..range.start + found.end());
        found.take_while(|found| found.start < range.end).collect()
    }

    /// How many matches begin in a block.
    pub fn count(&self, source: Source<'_>, block: usize) -> usize {
        let range = block_range(source, block);
        let bytes = source.slice(range.start..range.end + self.longest - 1);
        let found = self.pattern.find_iter(&bytes);
        found
            .take_while(|found| range.start + found.start() < range.end)
            .count()
    }

    /// The matches that begin in a block.
    pub fn in_block(&self, source: Source<'_>, block: usize) -> Vec<Range<usize>> {
        self.within(source, block_range(source, block))
    }

    /// No match is longer than so many bytes.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

/// The bytes of a block.
pub fn block_range(source: Source<'_>, block: usize) -> Range<usize> {
    let start = block * BLOCK;
    start..(start + BLOCK).min(source.len())
}

/// An expression for a text with escapes; a backslash before anything else is itself.
fn escaped(text: &str) -> String {
    let mut pattern = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let byte = rest.strip_prefix("\\x").and_then(|hex| hex.get(..2));
        let byte = byte.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let known = [
            ("\\n", "\\n"),
            ("\\r", "\\r"),
            ("\\t", "\\t"),
            ("\\\\", "\\\\"),
        ];
        let known = known.iter().find(|(typed, _)| rest.starts_with(typed));
        let (taken, means) = match (byte, known) {
            (Some(byte), _) => (4, format!("(?-u:\\x{byte:02X})")),
            (None, Some((typed, means))) => (typed.len(), (*means).to_owned()),
            (None, None) => (first.len_utf8(), regex::escape(&first.to_string())),
        };
        pattern.push_str(&means);
        rest = rest.get(taken..).unwrap_or_default();
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: (&str, bool, bool), bytes: &[u8], expected: &[(usize, usize)]) {
        let (text, case, escapes) = query;
        let query = Query::new(text, case, escapes).unwrap();
        let found = query.in_block(Source::from(bytes), 0);
        let found: Vec<_> = found.iter().map(|at| (at.start, at.end)).collect();
        assert_eq!(found, expected);
        assert_eq!(query.count(Source::from(bytes), 0), expected.len());
    }

    #[test]
    fn a_text_is_found_in_any_bytes() {
        check(("o", false, false), b"\xffOo\xfe", &[(1, 2), (2, 3)]);
        check(("o", true, false), b"\xffOo\xfe", &[(2, 3)]);
        check(("É", false, false), "é".as_bytes(), &[(0, 2)]);
        check(("a.b", false, false), b"axb a.b", &[(4, 7)]);
        check(("aa", false, false), b"aaaaa", &[(0, 2), (2, 4)]);
        assert!(Query::new("", false, false).is_none());
    }

    #[test]
    fn escapes_stand_for_bytes() {
        check((r"\xE9", false, true), b"caf\xe9", &[(3, 4)]);
        check((r"\r\n", false, true), b"a\r\nb", &[(1, 3)]);
        check((r"\\x", false, true), br"\x", &[(0, 2)]);
        check((r"\q\x4", false, true), br"\q\x4", &[(0, 5)]);
        check((r"\x41", false, false), br"\x41A", &[(0, 4)]);
    }

    #[test]
    fn a_match_over_the_end_of_a_block_is_counted_once() {
        let mut bytes = vec![b'.'; BLOCK + 10];
        bytes[BLOCK - 2..BLOCK + 2].copy_from_slice(b"here");
        let query = Query::new("here", false, false).unwrap();
        let source = Source::from(&bytes);
        let counts: Vec<usize> = (0..2).map(|block| query.count(source, block)).collect();
        assert_eq!(counts, [1, 0]);
        let found = query.in_block(source, 0).remove(0);
        assert_eq!(found, BLOCK - 2..BLOCK + 2);
    }
}
