//! What a script printed as one text: stdout and stderr in the order in which they were read.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use cgi_engine::diagnosis::traceback::{LibraryCalls, library_calls};
use cgi_engine::exchange::CapturedBody;

use crate::gui::widgets::text_view::source::{Source, Text};

/// Which stream a piece is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
    /// A sentence of ours about bytes that were not kept.
    Cut,
}

/// Which streams are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Show {
    #[default]
    Both,
    Out,
    Err,
}

/// A piece of the text: so many bytes of one stream, read at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it is in the text.
    pub(super) text: Range<usize>,
    pub(super) stream: Stream,
    pub(super) at: Option<Duration>,
    /// Where it begins in its stream.
    pub(super) offset: u64,
}

/// The text with its pieces.
#[derive(Debug, Default)]
pub(super) struct OutputText {
    pub(super) bytes: Text,
    pieces: Vec<Piece>,
    runs: Vec<Run>,
}

/// Bytes of one stream that stand in the text without a break; of a long stream no copy.
#[derive(Debug)]
struct Run {
    stream: Stream,
    /// Where they begin in their stream.
    offset: u64,
    bytes: Bytes,
}

impl OutputText {
    /// What came from the two streams.
    ///
    /// With `folds`, calls of libraries in tracebacks on stderr are a line that says how many they are.
    pub(super) fn of(
        stdout: &CapturedBody,
        stderr: &CapturedBody,
        show: Show,
        folds: bool,
    ) -> Self {
        let mut writer = Writer::default();
        let mut parts = Vec::new();
        if show != Show::Err {
            parts.extend(parts_of(stdout, Stream::Out));
        }
        if show != Show::Out {
            parts.extend(parts_of(stderr, Stream::Err));
        }
        // A stable sort: what was read at one time stays in the order of its stream.
        parts.sort_by_key(|part| part.at);
        let (out, err) = (stdout.bytes(), stderr.bytes());
        let folded = if folds { folded(&err) } else { Vec::new() };
        for part in parts {
            if part.stream == Stream::Err && !folded.is_empty() {
                writer.push_folded(&part, &folded, &err);
                continue;
            }
            let of = if part.stream == Stream::Err {
                &err
            } else {
                &out
            };
            let bytes = slice(of, &part.range);
            writer.push(part.stream, part.at, part.range.start as u64, bytes, of);
        }
        for (body, stream, shown) in [
            (stdout, Stream::Out, show != Show::Err),
            (stderr, Stream::Err, show != Show::Out),
        ] {
            if shown {
                writer.push_end(body, stream);
            }
        }
        writer.finish()
    }

    /// Whether this is `old` with more at its end. Both are of the same run, whose streams only grow.
    pub(super) fn has_grown_from(&self, old: &Self) -> bool {
        let Some((last, before)) = old.runs.split_last() else {
            return false;
        };
        let place = |run: &Run| (run.stream, run.offset, run.bytes.len());
        let Some((same, grown)) = self.runs.split_at_checked(before.len()) else {
            return false;
        };
        let grown = grown.first();
        last.stream != Stream::Cut
            && same.iter().map(place).eq(before.iter().map(place))
            && grown.is_some_and(|run| {
                (run.stream, run.offset) == (last.stream, last.offset)
                    && run.bytes.len() >= last.bytes.len()
            })
    }

    /// The piece that a byte of the text is in.
    pub(super) fn piece_at(&self, byte: usize) -> Option<&Piece> {
        let after = self
            .pieces
            .partition_point(|piece| piece.text.start <= byte);
        self.pieces.get(after.checked_sub(1)?)
    }

    /// When the byte was read: a long piece has many times in it, but this is where it begins.
    pub(super) fn tag_at(&self, byte: usize) -> (Stream, Option<Duration>) {
        self.piece_at(byte)
            .map_or((Stream::Cut, None), |piece| (piece.stream, piece.at))
    }

    /// Where a byte of a stream is in the text.
    pub(super) fn place_of(&self, stream: Stream, offset: u64) -> Option<usize> {
        self.pieces
            .iter()
            .filter(|piece| piece.stream == stream)
            .find_map(|piece| {
                let within = usize::try_from(offset.checked_sub(piece.offset)?).ok()?;
                (within < piece.text.len()).then(|| piece.text.start + within)
            })
    }
}

/// Puts the text together.
#[derive(Default)]
struct Writer {
    pieces: Vec<Piece>,
    runs: Vec<Run>,
    length: usize,
    ends_open: bool,
}

impl Writer {
    /// Adds bytes that are a part of `of`, which is the kept beginning of a stream or the bytes themselves.
    fn push(
        &mut self,
        stream: Stream,
        at: Option<Duration>,
        offset: u64,
        bytes: Bytes,
        of: &Bytes,
    ) {
        if bytes.is_empty() {
            return;
        }
        // A line of one stream must not run on in the other's line.
        let changes = self.pieces.last().is_some_and(|last| last.stream != stream);
        if changes && self.ends_open {
            self.length += 1;
            self.runs.push(Run {
                stream: Stream::Cut,
                offset: 0,
                bytes: Bytes::from_static(b"\n"),
            });
        }
        let start = self.length;
        self.length += bytes.len();
        self.ends_open = !bytes.ends_with(b"\n");
        self.pieces.push(Piece {
            text: start..self.length,
            stream,
            at,
            offset,
        });
        match self.runs.last_mut() {
            Some(last)
                if last.stream == stream && last.end() == offset && stream != Stream::Cut =>
            {
                let whole = offset_in(last.offset)..offset_in(offset) + bytes.len();
                last.bytes = slice(of, &whole);
            }
            _ => self.runs.push(Run {
                stream,
                offset,
                bytes,
            }),
        }
    }

    /// Adds a part of stderr without the calls of libraries, each of their places told where it begins.
    fn push_folded(&mut self, part: &Part, folded: &[LibraryCalls], of: &Bytes) {
        let mut at = part.range.start;
        for fold in folded {
            let span = fold.span.start.max(at)..fold.span.end.min(part.range.end);
            if span.is_empty() {
                continue;
            }
            let before = slice(of, &(at..span.start));
            self.push(part.stream, part.at, at as u64, before, of);
            if span.start == fold.span.start {
                let calls = super::words::counted(fold.calls as u64, "call", "calls");
                let told = Bytes::from(format!("  … {calls} in libraries …\n"));
                self.push(Stream::Cut, None, 0, told.clone(), &told);
            }
            at = span.end;
        }
        let rest = slice(of, &(at..part.range.end));
        self.push(part.stream, part.at, at as u64, rest, of);
    }

    /// The kept end of a stream that was cut, after a sentence that says so.
    fn push_end(&mut self, body: &CapturedBody, stream: Stream) {
        if let Some(sentence) = super::bytes_view::cut_sentence(body) {
            let sentence = Bytes::from(format!("… {sentence} …\n"));
            self.push(Stream::Cut, None, 0, sentence.clone(), &sentence);
        }
        let tail = Bytes::from(body.tail());
        if tail.is_empty() {
            return;
        }
        let offset = body.len() - tail.len() as u64;
        // The tail is no part of the beginning, even where nothing is missing between the two.
        self.runs.push(Run {
            stream: Stream::Cut,
            offset,
            bytes: Bytes::new(),
        });
        self.push(stream, None, offset, tail.clone(), &tail);
    }

    fn finish(self) -> OutputText {
        OutputText {
            bytes: Text::of(self.runs.iter().map(|run| run.bytes.clone())),
            pieces: self.pieces,
            runs: self.runs,
        }
    }
}

impl Run {
    fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }
}

impl OutputText {
    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its length in bytes.
    pub(super) fn len(&self) -> usize {
        Source::from(&self.bytes).len()
    }
}

fn offset_in(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Only the end of a long stream is looked at for tracebacks, in bytes.
const LOOKED_AT: usize = 256 * 1024;

/// The calls of libraries in what was kept of stderr.
pub(super) fn folded(err: &Bytes) -> Vec<LibraryCalls> {
    let from = err.len().saturating_sub(LOOKED_AT);
    library_calls(err.get(from..).unwrap_or_default(), from)
}

struct Part {
    stream: Stream,
    range: Range<usize>,
    at: Option<Duration>,
}

/// The kept beginning of a stream, cut where its bytes came at different times.
fn parts_of(body: &CapturedBody, stream: Stream) -> Vec<Part> {
    let kept = usize::try_from(body.len() - body.cut_bytes() - body.tail().len() as u64)
        .unwrap_or(usize::MAX);
    let starts = body
        .marks()
        .iter()
        .map(|mark| usize::try_from(mark.offset).unwrap_or(usize::MAX));
    let ends = starts.clone().skip(1).chain([kept]);
    let parts = starts.zip(ends).zip(body.marks());
    parts
        .filter(|((start, _), _)| *start < kept)
        .map(|((start, end), mark)| Part {
            stream,
            range: start..end.min(kept),
            at: Some(mark.at),
        })
        .collect()
}

fn slice(bytes: &Bytes, range: &Range<usize>) -> Bytes {
    let end = range.end.min(bytes.len());
    bytes.slice(range.start.min(end)..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn stream(cap: usize, writes: &[(u64, &'static [u8])]) -> CapturedBody {
        let mut body = CapturedBody::new(cap);
        for (millis, bytes) in writes {
            body.push(&Bytes::from_static(bytes), Duration::from_millis(*millis));
        }
        body
    }

    /// Each piece as its stream, its time and its bytes.
    fn pieces(text: &OutputText) -> Vec<(Stream, Option<u128>, Cow<'_, [u8]>)> {
        let bytes = |piece: &Piece| Source::from(&text.bytes).slice(piece.text.clone());
        text.pieces
            .iter()
            .map(|piece| {
                (
                    piece.stream,
                    piece.at.map(|at| at.as_millis()),
                    bytes(piece),
                )
            })
            .collect()
    }

    fn whole(text: &OutputText) -> Cow<'_, [u8]> {
        Source::from(&text.bytes).slice(0..text.len())
    }

    #[test]
    fn a_text_that_grew_is_known_from_another() {
        let (err, none) = (stream(100, &[(3, b"oh\n")]), stream(9, &[]));
        let short = OutputText::of(
            &stream(100, &[(1, b"a"), (2, b"b")]),
            &none,
            Show::Both,
            false,
        );
        let long = stream(100, &[(1, b"a"), (2, b"b"), (4, b"c")]);
        assert!(OutputText::of(&long, &none, Show::Both, false).has_grown_from(&short));
        let mixed = OutputText::of(&long, &err, Show::Both, false);
        assert_eq!(*whole(&mixed), *b"ab\noh\nc");
        assert!(!short.has_grown_from(&mixed) && !mixed.has_grown_from(&OutputText::default()));
        let cut = OutputText::of(
            &stream(1, &[(1, b"a"), (2, b"bcd")]),
            &none,
            Show::Both,
            false,
        );
        assert!(!cut.has_grown_from(&short));
    }

    #[test]
    fn writes_stand_in_the_order_in_which_they_were_read() {
        let out = stream(100, &[(1, b"A: b\n"), (5, b"\nbody\n")]);
        let err = stream(100, &[(3, b"oh\n")]);
        let text = OutputText::of(&out, &err, Show::Both, false);
        assert_eq!(*whole(&text), *b"A: b\noh\n\nbody\n");
        assert_eq!(
            text.tag_at(6),
            (Stream::Err, Some(Duration::from_millis(3)))
        );
        assert_eq!(text.place_of(Stream::Out, 5), Some(8));
        assert_eq!(text.place_of(Stream::Out, 99), None);
        let text = OutputText::of(&out, &err, Show::Err, false);
        assert_eq!(*whole(&text), *b"oh\n");
    }

    #[test]
    fn a_line_does_not_run_on_in_the_line_of_the_other_stream() {
        let text = OutputText::of(
            &stream(100, &[(1, b"half")]),
            &stream(100, &[(2, b"err")]),
            Show::Both,
            false,
        );
        assert_eq!(*whole(&text), *b"half\nerr");
    }

    #[test]
    fn what_was_not_kept_is_said_between_beginning_and_end() {
        let mut out = stream(3, &[(1, b"abcd")]);
        out.push(&Bytes::from(vec![b'x'; 200_000]), Duration::from_millis(2));
        let cut = out.cut_bytes();
        let text = OutputText::of(&out, &stream(0, &[]), Show::Both, false);
        let shown = pieces(&text);
        let sentence = super::super::bytes_view::cut_sentence(&out).unwrap();
        assert_eq!(shown[0], (Stream::Out, Some(1), b"abc"[..].into()));
        assert_eq!(*shown[1].2, *format!("… {sentence} …\n").as_bytes());
        assert_eq!(shown[2].2.len() as u64, out.len() - cut - 3);
        assert_eq!(
            text.place_of(Stream::Out, out.len() - 1),
            Some(text.len() - 1)
        );
    }

    #[test]
    fn calls_of_libraries_are_folded_and_the_rest_keeps_its_place() {
        let own = b"  File \"own.py\", line 1, in a\n    f()\n";
        let library = b"  File \"/usr/lib/python3/x.py\", line 1, in f\n    g()\n";
        let mut err = stream(9999, &[(1, own)]);
        // The call comes in two reads.
        err.push(
            &Bytes::copy_from_slice(&library[..9]),
            Duration::from_millis(2),
        );
        err.push(
            &Bytes::copy_from_slice(&library[9..]),
            Duration::from_millis(3),
        );
        err.push(&Bytes::from_static(b"Error: x\n"), Duration::from_millis(4));
        let text = OutputText::of(&stream(9, &[]), &err, Show::Both, true);
        let mut expected = own.to_vec();
        expected.extend_from_slice("  … 1 call in libraries …\nError: x\n".as_bytes());
        assert_eq!(whole(&text), expected);
        let at = (own.len() + library.len()) as u64;
        let place = text.place_of(Stream::Err, at).unwrap();
        assert_eq!(whole(&text).get(place..).unwrap(), b"Error: x\n");
        assert_eq!(text.place_of(Stream::Err, own.len() as u64), None);
    }

    #[test]
    fn nothing_printed_is_no_text() {
        let text = OutputText::of(&stream(9, &[]), &stream(9, &[]), Show::Both, false);
        assert!(text.is_empty() && text.piece_at(0).is_none());
    }
}
