//! The bytes that prove a finding, cut out of a stream or a file around the line that is meant.

use super::finding::{Evidence, EvidenceLine, EvidenceSource, StreamName};
use std::ops::Range;
use std::path::Path;

/// Lines shown before the one that is meant, and after it.
const BEFORE: usize = 2;
const AFTER: usize = 3;
/// A longer line is cut.
const LINE_BYTES: usize = 4096;

/// Lines of a recorded stream around `line` (from 1), which is marked with `note`.
pub(super) fn of_stream(
    stream: StreamName,
    bytes: &[u8],
    line: u32,
    note: &str,
) -> Option<Evidence> {
    let (lines, range) = around(bytes, line, note)?;
    Some(Evidence {
        source: EvidenceSource::Stream(stream, range.start as u64..range.end as u64),
        lines,
    })
}

/// Lines of a file around `line` (from 1), which is marked with `note`.
pub(super) fn of_file(file: &Path, bytes: &[u8], line: u32, note: &str) -> Option<Evidence> {
    let (lines, _) = around(bytes, line, note)?;
    Some(Evidence {
        source: EvidenceSource::File(file.to_owned(), line),
        lines,
    })
}

/// The line, from 1, in which the byte at `offset` stands.
pub(super) fn line_at(bytes: &[u8], offset: usize) -> u32 {
    let before = bytes.get(..offset).unwrap_or(bytes);
    u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX)
}

fn around(bytes: &[u8], line: u32, note: &str) -> Option<(Vec<EvidenceLine>, Range<usize>)> {
    let marked = (line as usize).checked_sub(1)?;
    let first = marked.saturating_sub(BEFORE);
    let (mut start, mut end) = (0, 0);
    let mut lines = Vec::new();
    for (index, text) in bytes
        .split_inclusive(|&byte| byte == b'\n')
        .enumerate()
        .take(marked + AFTER + 1)
    {
        if index < first {
            start += text.len();
            continue;
        }
        end = end.max(start) + text.len();
        lines.push(EvidenceLine {
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            bytes: text.get(..LINE_BYTES).unwrap_or(text).to_vec(),
            note: (index == marked).then(|| note.to_owned()),
        });
    }
    lines
        .iter()
        .any(|line| line.note.is_some())
        .then_some((lines, start..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_around_are_shown_with_their_ends_and_numbers() {
        let bytes = b"one\r\ntwo\nthree\nfour\nfive\nsix\nseven\neight";
        let evidence = of_stream(StreamName::Stdout, bytes, 4, "here").unwrap();
        let numbers: Vec<u32> = evidence.lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [2, 3, 4, 5, 6, 7]);
        assert_eq!(evidence.lines[0].bytes, b"two\n");
        assert_eq!(evidence.lines[2].note.as_deref(), Some("here"));
        assert_eq!(
            evidence.source,
            EvidenceSource::Stream(StreamName::Stdout, 5..bytes.len() as u64 - 5)
        );
    }

    #[test]
    fn a_line_that_is_not_there_proves_nothing() {
        assert_eq!(of_stream(StreamName::Stdout, b"one\n", 2, ""), None);
        assert_eq!(of_stream(StreamName::Stdout, b"", 1, ""), None);
        assert_eq!(of_stream(StreamName::Stdout, b"one", 0, ""), None);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let evidence = of_stream(StreamName::Stdout, &vec![b'x'; 1 << 20], 1, "").unwrap();
        assert_eq!(evidence.lines[0].bytes.len(), LINE_BYTES);
    }

    #[test]
    fn an_offset_is_in_a_line() {
        assert_eq!(
            [0, 1, 2, 3, 99].map(|offset| line_at(b"a\nb\n", offset)),
            [1, 1, 2, 2, 3]
        );
    }
}
