//! What is selected in a run of bytes, and what of it goes to the clipboard.

use std::ops::Range;

use super::source::Source;

/// Beyond this a clipboard stalls the desktop; the caller offers a file instead.
pub const LONGEST_COPY: usize = 10 * 1024 * 1024;

/// A selection from where the pointer went down to where it is now, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Where it began.
    pub anchor: usize,
    /// Where it ends, before or after the anchor.
    pub head: usize,
}

impl Selection {
    /// The selected bytes, in order.
    pub fn range(self) -> Range<usize> {
        self.anchor.min(self.head)..self.anchor.max(self.head)
    }

    /// A selection of exactly `range`.
    pub fn of(range: Range<usize>) -> Self {
        Self {
            anchor: range.start,
            head: range.end,
        }
    }

    /// The part of `line` that is selected; the same part when nothing is.
    pub fn within(self, line: &Range<usize>) -> Option<Range<usize>> {
        let range = self.range();
        let part = range.start.max(line.start)..range.end.min(line.end);
        (part.start < part.end).then_some(part)
    }
}

/// What a copy gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The text for the clipboard. Bytes that are no UTF-8 are replaced, as it takes only text.
    Text(String),
    /// It is too long for a clipboard.
    TooLong(Range<usize>),
    /// Nothing is selected.
    Nothing,
}

/// What of `bytes` a copy of `selection` gives.
pub fn copied<'a>(bytes: impl Into<Source<'a>>, selection: Option<Selection>) -> Copied {
    let bytes = bytes.into();
    let range = selection.map(Selection::range).unwrap_or_default();
    if range.is_empty() || range.end > bytes.len() {
        Copied::Nothing
    } else if range.len() > LONGEST_COPY {
        Copied::TooLong(range)
    } else {
        Copied::Text(String::from_utf8_lossy(&bytes.slice(range)).into_owned())
    }
}

/// The word around `offset` in `line`: letters, digits, `_`, `-` and all that is not ASCII.
pub fn word_at<'a>(
    bytes: impl Into<Source<'a>>,
    line: &Range<usize>,
    offset: usize,
) -> Range<usize> {
    let bytes = bytes.into();
    let in_word = |at: &usize| {
        let byte = bytes.byte(*at);
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || !byte.is_ascii()
    };
    let start = (line.start..offset)
        .rev()
        .take_while(in_word)
        .last()
        .unwrap_or(offset);
    let end = (offset..line.end)
        .take_while(in_word)
        .last()
        .map_or(offset, |at| at + 1);
    if start == end {
        offset..(offset + 1).min(line.end)
    } else {
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_word(text: &str, offset: usize, expected: &str) {
        let range = word_at(text.as_bytes(), &(0..text.len()), offset);
        assert_eq!(&text[range], expected);
    }

    #[test]
    fn a_word_is_what_a_header_name_is_made_of() {
        check_word("Content-Type: text/html", 3, "Content-Type");
        check_word("Content-Type: text/html", 16, "text");
        check_word("Content-Type: text/html", 12, "Content-Type");
        check_word("a = b", 2, "=");
        check_word("name=Zoë&x", 6, "Zoë");
        check_word("", 0, "");
    }

    #[test]
    fn a_selection_made_upwards_is_the_same() {
        let bytes = b"one two";
        let up = Selection { anchor: 7, head: 4 };
        assert_eq!(copied(&bytes[..], Some(up)), Copied::Text("two".to_owned()));
        assert_eq!(up.within(&(0..5)), Some(4..5));
        assert_eq!(up.within(&(0..4)), None);
    }

    #[test]
    fn nothing_is_copied_of_nothing() {
        assert_eq!(copied(&b"abc"[..], None), Copied::Nothing);
        assert_eq!(
            copied(&b"abc"[..], Some(Selection::of(1..1))),
            Copied::Nothing
        );
        assert_eq!(copied(&b""[..], Some(Selection::of(0..9))), Copied::Nothing);
    }

    #[test]
    fn what_no_clipboard_bears_is_not_copied() {
        let bytes = vec![b'x'; LONGEST_COPY + 1];
        let all = Selection::of(0..bytes.len());
        assert_eq!(copied(&bytes, Some(all)), Copied::TooLong(0..bytes.len()));
    }
}
