//! Parts of some bytes replaced, and where every other byte is afterwards.

use std::ops::Range;

/// What stands for a secret where lengths are not kept.
const MASK: &[u8] = b"***";

/// Ranges that are hidden, in order and apart from each other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Edit {
    cuts: Vec<(Range<usize>, Vec<u8>)>,
}

impl Edit {
    /// Hides the ranges, which may overlap; `number` ones stay numbers.
    pub(super) fn new(mut ranges: Vec<(Range<usize>, bool)>, keep_lengths: bool) -> Self {
        ranges.retain(|(range, _)| !range.is_empty());
        ranges.sort_by_key(|(range, _)| (range.start, range.end));
        let mut cuts: Vec<(Range<usize>, bool)> = Vec::with_capacity(ranges.len());
        for (range, number) in ranges {
            match cuts.last_mut() {
                Some((last, last_number)) if range.start < last.end => {
                    last.end = last.end.max(range.end);
                    *last_number |= number;
                }
                _ => cuts.push((range, number)),
            }
        }
        let cuts = cuts.into_iter().map(|(range, number)| {
            let mask = match (keep_lengths, number) {
                (true, true) => vec![b'9'; range.len()],
                (true, false) => vec![b'*'; range.len()],
                (false, true) => b"9".to_vec(),
                (false, false) => MASK.to_vec(),
            };
            (range, mask)
        });
        Self {
            cuts: cuts.collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cuts.is_empty()
    }

    /// The bytes with the ranges hidden.
    pub(super) fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        let mut edited = Vec::with_capacity(bytes.len());
        let mut from = 0;
        for (range, mask) in &self.cuts {
            edited.extend_from_slice(bytes.get(from..range.start).unwrap_or_default());
            edited.extend_from_slice(mask);
            from = range.end;
        }
        edited.extend_from_slice(bytes.get(from..).unwrap_or_default());
        edited
    }

    /// Where the byte at `offset` stands afterwards; within what was hidden, at most at its end.
    pub(super) fn at(&self, offset: usize) -> usize {
        let (mut before, mut after) = (0, 0);
        for (range, mask) in &self.cuts {
            if range.start >= offset {
                break;
            }
            if range.end > offset {
                let within = (offset - range.start).min(mask.len());
                return range.start + within + after - before;
            }
            before += range.len();
            after += mask.len();
        }
        offset + after - before
    }

    pub(super) fn range(&self, range: &Range<usize>) -> Range<usize> {
        self.at(range.start)..self.at(range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(ranges: &[Range<usize>], keep_lengths: bool) -> Edit {
        let ranges = ranges.iter().map(|range| (range.clone(), false));
        Edit::new(ranges.collect(), keep_lengths)
    }

    #[track_caller]
    fn check(ranges: &[Range<usize>], keep_lengths: bool, expected: &str) {
        let edited = hidden(ranges, keep_lengths).apply(b"0123456789");
        assert_eq!(String::from_utf8(edited).unwrap(), expected);
    }

    #[test]
    fn ranges_are_hidden_even_if_they_overlap() {
        check(&[2..4, 3..5, 7..7], true, "01***56789");
        check(&[8..10, 0..1], true, "*1234567**");
        check(&[2..7, 3..4], false, "01***789");
        check(&[0..1, 1..2], false, "******23456789");
        check(&[], false, "0123456789");
    }

    #[test]
    fn every_other_byte_is_found_again() {
        let edit = hidden(&[1..3, 4..9], false);
        let edited = edit.apply(b"0123456789");
        assert_eq!(edited, b"0***3***9");
        for (offset, byte) in [(0, b'0'), (3, b'3'), (9, b'9')] {
            assert_eq!(edited[edit.at(offset)], byte);
        }
        assert_eq!((edit.at(10), edit.range(&(4..9))), (9, 5..8));
    }

    #[test]
    fn numbers_stay_numbers() {
        let edit = Edit::new(vec![(0..2, true)], true);
        assert_eq!(edit.apply(b"12,"), b"99,");
    }
}
