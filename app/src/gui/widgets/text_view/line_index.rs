//! Where the lines of a long text start, found piece by piece and kept at every 32nd line.
//!
//! A line of more than a kibibyte is cut into several, so that one that fills a megabyte costs no
//! more to show than many short ones.

use std::ops::Range;

use super::source::Source;

/// The most bytes of one line; the rest goes on in the next.
const LONGEST_LINE: usize = 1024;
/// How many lines stand between two that are remembered.
const STRIDE: usize = 32;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its bytes, with the line ending.
    pub range: Range<usize>,
    /// Its number in the text, counted from 1; parts of a cut line have the same.
    pub number: u64,
    /// Whether it goes on with the line before.
    pub continued: bool,
}

/// Knows where each line starts.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    checkpoints: Vec<Cursor>,
    walk: Walk,
}

/// How far the search for line ends has come; a copy can go on elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Lines whose end is known.
    closed: usize,
    /// Lines that are remembered.
    marked: usize,
    cursor: Cursor,
    seen: usize,
}

/// Places to remember, and where the search stands after them.
#[derive(Debug)]
pub struct Stretch {
    checkpoints: Vec<Cursor>,
    walk: Walk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    start: usize,
    number: u64,
    continued: bool,
}

impl Default for Cursor {
    fn default() -> Self {
        Self {
            start: 0,
            number: 1,
            continued: false,
        }
    }
}

impl Cursor {
    /// The start of the next line; `None` when this one reaches to the end of what there is.
    fn next(self, bytes: Source<'_>) -> Option<Self> {
        let end = self.start.saturating_add(LONGEST_LINE).min(bytes.len());
        let window = bytes.slice(self.start..end);
        if let Some(at) = memchr::memchr(b'\n', &window) {
            return Some(Self {
                start: self.start + at + 1,
                number: self.number + 1,
                continued: false,
            });
        }
        (end < bytes.len()).then(|| Self {
            start: cut_before(bytes, end),
            number: self.number,
            continued: true,
        })
    }

    fn line(self, end: usize) -> Line {
        Line {
            range: self.start..end,
            number: self.number,
            continued: self.continued,
        }
    }
}

/// Where to cut near `end`: not within a character, nor between CR and LF.
fn cut_before(bytes: Source<'_>, end: usize) -> usize {
    let byte = |at: usize| bytes.byte(at);
    if byte(end) == b'\n' && byte(end - 1) == b'\r' {
        return end - 1;
    }
    // A character has at most three bytes after its first.
    (end - 3..=end)
        .rev()
        .find(|&at| byte(at) & 0xc0 != 0x80)
        .unwrap_or(end)
}

impl Walk {
    /// Looks at no more than about `budget` further bytes.
    pub fn advance(&mut self, bytes: Source<'_>, budget: usize) -> Stretch {
        let mut checkpoints = Vec::new();
        let stop = self.cursor.start.saturating_add(budget);
        while self.cursor.start < stop.min(bytes.len()) {
            if self.closed == self.marked * STRIDE {
                checkpoints.push(self.cursor);
                self.marked += 1;
            }
            let Some(next) = self.cursor.next(bytes) else {
                break;
            };
            self.closed += 1;
            self.cursor = next;
        }
        self.seen = bytes.len();
        Stretch {
            checkpoints,
            walk: *self,
        }
    }

    /// Whether nothing is left to look at.
    pub fn is_over(&self, bytes: Source<'_>) -> bool {
        self.seen == bytes.len() && self.cursor.next(bytes).is_none()
    }

    /// How many bytes there were.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// How many bytes were looked at, but for the open last line.
    pub fn looked_at(&self) -> usize {
        self.cursor.start
    }
}

impl LineIndex {
    /// Looks at no more than about `budget` further bytes; call again until [`Self::complete`].
    ///
    /// The bytes may have grown since the last call; when they shrank, all is looked at anew.
    pub fn advance<'a>(&mut self, bytes: impl Into<Source<'a>>, budget: usize) {
        let bytes = bytes.into();
        if bytes.len() < self.walk.seen {
            *self = Self::default();
        }
        let stretch = self.walk.advance(bytes, budget);
        self.take(stretch);
    }

    /// Takes in what a copy of [`Self::walk`] has found.
    pub fn take(&mut self, stretch: Stretch) {
        self.checkpoints.extend(stretch.checkpoints);
        self.walk = stretch.walk;
    }

    /// Where the search stands.
    pub fn walk(&self) -> Walk {
        self.walk
    }

    /// Whether the lines of all `bytes` are known.
    pub fn complete<'a>(&self, bytes: impl Into<Source<'a>>) -> bool {
        self.walk.is_over(bytes.into())
    }

    /// How many lines are known, the last and open one included.
    pub fn count(&self) -> usize {
        self.walk.closed + usize::from(self.walk.cursor.start < self.walk.seen)
    }

    /// The number of the last line.
    pub fn last_number(&self) -> u64 {
        self.walk.cursor.number
    }

    /// The lines from `index` on, as far as they are known.
    pub fn lines_from<'a>(
        &self,
        bytes: Source<'a>,
        index: usize,
    ) -> impl Iterator<Item = Line> + use<'a> {
        let start = self.checkpoints.get(index / STRIDE).copied();
        std::iter::successors(start, move |cursor| cursor.next(bytes))
            .skip(index % STRIDE)
            .map(move |cursor| {
                cursor.line(cursor.next(bytes).map_or(bytes.len(), |next| next.start))
            })
            .take(self.count().saturating_sub(index))
    }

    /// The line that `offset` is in.
    pub fn line_of(&self, bytes: Source<'_>, offset: usize) -> usize {
        let after = self
            .checkpoints
            .partition_point(|cursor| cursor.start <= offset);
        let first = after.saturating_sub(1) * STRIDE;
        let lines = self.lines_from(bytes, first).take(STRIDE);
        let within = lines.take_while(|line| line.range.start <= offset).count();
        first + within.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index_of(bytes: &[u8], budget: usize) -> LineIndex {
        let mut index = LineIndex::default();
        loop {
            index.advance(bytes, budget);
            if index.complete(bytes) {
                return index;
            }
        }
    }

    fn lines(bytes: &[u8]) -> Vec<Line> {
        index_of(bytes, usize::MAX)
            .lines_from(Source::from(bytes), 0)
            .collect()
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&[u8]]) {
        let lines = lines(bytes);
        let found: Vec<&[u8]> = lines
            .iter()
            .map(|line| &bytes[line.range.clone()])
            .collect();
        assert_eq!(found, expected);
        for budget in [1, 7, 4096] {
            assert_eq!(
                index_of(bytes, budget).count(),
                expected.len(),
                "budget {budget}"
            );
        }
    }

    #[test]
    fn a_line_ends_with_its_line_feed() {
        check(b"", &[]);
        check(b"a", &[b"a"]);
        check(b"a\n", &[b"a\n"]);
        check(b"a\r\n\nb", &[b"a\r\n", b"\n", b"b"]);
        check(b"\n\n", &[b"\n", b"\n"]);
    }

    #[test]
    fn a_long_line_is_cut_and_keeps_its_number() {
        let bytes = [vec![b'x'; 2500], b"\ny\n".to_vec()].concat();
        let lines = lines(&bytes);
        let numbers: Vec<(u64, bool)> = lines
            .iter()
            .map(|line| (line.number, line.continued))
            .collect();
        assert_eq!(numbers, [(1, false), (1, true), (1, true), (2, false)]);
    }

    #[test]
    fn a_character_is_not_cut() {
        for shift in 0..4 {
            let bytes = [vec![b'x'; shift], "留".repeat(2000).into_bytes()].concat();
            for line in lines(&bytes) {
                assert!(
                    std::str::from_utf8(&bytes[line.range.clone()]).is_ok(),
                    "{line:?}"
                );
            }
        }
    }

    #[test]
    fn a_line_of_stray_continuation_bytes_still_ends() {
        let bytes = vec![0x80; 5000];
        let lines = lines(&bytes);
        assert_eq!(lines.last().unwrap().range.end, 5000);
        assert!(lines.len() <= 6);
    }

    #[test]
    fn carriage_return_and_line_feed_stay_together() {
        let bytes = [vec![b'x'; LONGEST_LINE - 1], b"\r\nrest".to_vec()].concat();
        assert_eq!(lines(&bytes)[1].range, LONGEST_LINE - 1..LONGEST_LINE + 1);
    }

    #[test]
    fn text_that_grows_is_indexed_as_if_it_had_come_at_once() {
        let whole: Vec<u8> = (0..5000_u32)
            .flat_map(|n| format!("line {n}\n").into_bytes())
            .collect();
        let mut index = LineIndex::default();
        for end in (0..whole.len()).step_by(13) {
            index.advance(&whole[..end], usize::MAX);
        }
        index.advance(&whole, usize::MAX);
        assert_eq!(index.count(), 5000);
        assert!(
            index
                .lines_from(Source::from(&whole), 0)
                .eq(index_of(&whole, usize::MAX).lines_from(Source::from(&whole), 0))
        );
    }

    #[test]
    fn text_that_was_replaced_by_a_shorter_one_is_indexed_anew() {
        let mut index = LineIndex::default();
        index.advance(b"a\nb\nc\n", usize::MAX);
        index.advance(b"a\n", usize::MAX);
        assert_eq!(index.count(), 1);
    }

    #[test]
    fn an_offset_is_found_in_its_line() {
        let bytes: Vec<u8> = (0..1000).flat_map(|_| b"12345678\n".to_vec()).collect();
        let index = index_of(&bytes, usize::MAX);
        for offset in [0, 8, 9, 10, 4500, 8999, 9000, 99_999] {
            assert_eq!(
                index.line_of(Source::from(&bytes), offset),
                (offset / 9).min(999),
                "offset {offset}"
            );
        }
    }

    #[test]
    fn lines_can_be_asked_for_from_the_middle() {
        let bytes: Vec<u8> = (0..100)
            .flat_map(|n| format!("{n}\n").into_bytes())
            .collect();
        let index = index_of(&bytes, usize::MAX);
        let line = index.lines_from(Source::from(&bytes), 70).next().unwrap();
        assert_eq!(
            (&bytes[line.range.clone()], line.number),
            (&b"70\n"[..], 71)
        );
        assert_eq!(index.lines_from(Source::from(&bytes), 98).count(), 2);
        assert_eq!(index.lines_from(Source::from(&bytes), 100).count(), 0);
    }
}
