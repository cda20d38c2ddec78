//! How the lines of a file end: told apart when it is read, put back when it is written.
//!
//! In the editor every line ends with a line feed. A file that mixes its endings keeps the ending of every line that
//! was not touched; a new line ends as the one before it does.

use diffy::{DiffOptions, Line};
use serde::{Deserialize, Serialize};

use super::comparable::are_comparable;

/// How one line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineEnd {
    /// A line feed.
    #[default]
    Lf,
    /// A carriage return and a line feed.
    CrLf,
    /// A carriage return alone.
    Cr,
}

impl LineEnd {
    fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }
}

/// How the lines of a file end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineEnds {
    /// All in one way.
    All(LineEnd),
    /// In different ways: of each line.
    Mixed(Vec<LineEnd>),
}

impl Default for LineEnds {
    fn default() -> Self {
        Self::All(LineEnd::Lf)
    }
}

impl LineEnds {
    /// Parts a file's characters into the text of the editor and the ends of its lines.
    #[must_use]
    pub fn part(raw: &str) -> (String, Self) {
        if !raw.contains('\r') {
            return (raw.to_owned(), Self::default());
        }
        if !raw.contains('\n') {
            return (raw.replace('\r', "\n"), Self::All(LineEnd::Cr));
        }
        let mut ends = Vec::new();
        let mut text = String::with_capacity(raw.len());
        for line in raw.split_inclusive('\n') {
            // A return that stands elsewhere is a character like others.
            if let Some(line) = line.strip_suffix("\r\n") {
                text.push_str(line);
                text.push('\n');
                ends.push(LineEnd::CrLf);
            } else {
                text.push_str(line);
                ends.extend(line.ends_with('\n').then_some(LineEnd::Lf));
            }
        }
        let first = ends.first().copied().unwrap_or_default();
        if ends.iter().all(|end| *end == first) {
            (text, Self::All(first))
        } else {
            (text, Self::Mixed(ends))
        }
    }

    /// The file's characters when its text is now `text` and was `base` when it was read.
    #[must_use]
    pub fn join(&self, base: &str, text: &str) -> String {
        match self {
            Self::All(LineEnd::Lf) => text.to_owned(),
            Self::All(end) => text.replace('\n', end.text()),
            Self::Mixed(ends) => {
                let mut raw = String::with_capacity(text.len() + ends.len());
                for (line, end) in text.split_inclusive('\n').zip(carried(ends, base, text)) {
                    match line.strip_suffix('\n') {
                        Some(line) => {
                            raw.push_str(line);
                            raw.push_str(end.text());
                        }
                        None => raw.push_str(line),
                    }
                }
                raw
            }
        }
    }

    /// As it is said of a file.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::All(LineEnd::Lf) => "LF",
            Self::All(LineEnd::CrLf) => "CRLF",
            Self::All(LineEnd::Cr) => "CR",
            Self::Mixed(_) => "mixed line ends",
        }
    }
}

/// The end of every line of `text`.
fn carried(ends: &[LineEnd], base: &str, text: &str) -> Vec<LineEnd> {
    if base == text {
        return whole(ends);
    }
    if !are_comparable(base, text) {
        return by_place(ends, base, text);
    }
    let mut options = DiffOptions::new();
    options.set_context_len(usize::MAX / 4);
    let patch = options.create_patch(base, text);
    let mut old = ends.iter().copied();
    let mut carried: Vec<LineEnd> = Vec::new();
    for line in patch.hunks().iter().flat_map(|hunk| hunk.lines()) {
        match line {
            Line::Context(_) => {
                let end = old.next();
                carried.push(end.or(carried.last().copied()).unwrap_or_default());
            }
            Line::Delete(_) => {
                old.next();
            }
            Line::Insert(_) => {
                let before = carried.last().copied();
                carried.push(before.or(ends.first().copied()).unwrap_or_default());
            }
        }
    }
    carried.push(carried.last().copied().unwrap_or_default());
    carried
}

/// The ends where nearly everything was changed: the lines before and after it keep theirs, and those between have
/// that of the line which stood in their place.
fn by_place(ends: &[LineEnd], base: &str, text: &str) -> Vec<LineEnd> {
    let lines = text.split('\n').count();
    let old = base.split('\n').count();
    let backwards = text.rsplit('\n').zip(base.rsplit('\n'));
    let after = backwards.take_while(|(new, old)| new == old).count();
    let first_after = lines - after;
    let ends = whole(ends);
    let last = ends.last().copied().unwrap_or_default();
    let of_line = |line: usize| {
        let place = if line < first_after {
            line.min(old - after)
        } else {
            line + old - lines
        };
        ends.get(place).copied().unwrap_or(last)
    };
    (0..lines).map(of_line).collect()
}

/// With one more, for a last line that has no end and so needs none.
fn whole(ends: &[LineEnd]) -> Vec<LineEnd> {
    let mut ends = ends.to_vec();
    ends.push(ends.last().copied().unwrap_or_default());
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, label: &str, text: &str) {
        let (parted, ends) = LineEnds::part(raw);
        assert_eq!((ends.label(), parted.as_str()), (label, text));
        assert_eq!(ends.join(&parted, &parted), raw);
    }

    #[test]
    fn every_way_to_end_a_line_comes_back_as_it_was() {
        check("", "LF", "");
        check("a\nb", "LF", "a\nb");
        check("a\r\nb\r\n", "CRLF", "a\nb\n");
        check("a\rb\r", "CR", "a\nb\n");
        check("a\r\nb\nc", "mixed line ends", "a\nb\nc");
        check("a\nb\r\nc", "mixed line ends", "a\nb\nc");
        check("a\r\r\nb\rc\r\n", "CRLF", "a\r\nb\rc\n");
        check("a\rb\n", "LF", "a\rb\n");
    }

    #[track_caller]
    fn check_edited(raw: &str, text: &str, written: &str) {
        let (base, ends) = LineEnds::part(raw);
        assert_eq!(ends.join(&base, text), written);
    }

    #[test]
    fn in_a_mixed_file_only_new_lines_get_an_end_from_their_neighbour() {
        check_edited("a\r\nb\nc\r\n", "a\nb\nnew\nc\n", "a\r\nb\nnew\nc\r\n");
        check_edited("a\r\nb\nc\r\n", "a\nnew\nb\nc\n", "a\r\nnew\r\nb\nc\r\n");
        check_edited("a\r\nb\nc\r\n", "b\nc\n", "b\nc\r\n");
        check_edited("a\r\nb\nc", "a\nb\nc\nd\n", "a\r\nb\nc\nd\n");
        check_edited("a\r\nb\n", "", "");
        check_edited("a\r\nb\n", "x\n", "x\r\n");
    }

    #[test]
    fn where_every_line_was_changed_each_keeps_the_end_of_its_place_and_nobody_waits() {
        let line = |at: usize| format!("{at}{}", if at.is_multiple_of(2) { "\r\n" } else { "\n" });
        let raw: String = (0..60_000).map(line).collect();
        let (base, ends) = LineEnds::part(&raw);
        let indent = |text: &str| -> String {
            let lines = text.split_inclusive('\n').map(|line| format!(" {line}"));
            lines.collect()
        };
        let begun = std::time::Instant::now();
        let written = ends.join(&base, &indent(&base));
        assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
        assert_eq!(written, indent(&raw));
        let longer = format!("new\n{}0\n1", indent(&base));
        let written = ends.join(&base, &longer);
        assert!(written.starts_with("new\r\n 0\n 1\r\n"));
    }

    #[test]
    fn a_file_of_one_kind_stays_of_that_kind() {
        check_edited("a\r\nb\r\n", "a\nx\nb\n", "a\r\nx\r\nb\r\n");
        check_edited("a\rb\r", "a\nx", "a\rx");
    }
}
