//! What a script printed as one text: stdout and stderr in the order in which they were read.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

use cgi_engine::exchange::CapturedBody;

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
    pub(super) bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

impl OutputText {
    /// What came from the two streams.
    pub(super) fn of(stdout: &CapturedBody, stderr: &CapturedBody, show: Show) -> Self {
        let mut text = Self::default();
        let mut parts = Vec::new();
        if show != Show::Err {
            parts.extend(parts_of(stdout, Stream::Out));
        }
        if show != Show::Out {
            parts.extend(parts_of(stderr, Stream::Err));
        }
        // A stable sort: what was read at one time stays in the order of its stream.
        parts.sort_by_key(|part| part.at);
        let (out, err) = (stdout.head(), stderr.head());
        for part in parts {
            let bytes: Cow<'_, [u8]> = match part.stream {
                Stream::Out => slice(&out, &part.range).into(),
                Stream::Err => slice(&err, &part.range).into(),
                Stream::Cut => Cow::Borrowed(&[]),
            };
            text.push(part.stream, part.at, part.range.start as u64, &bytes);
        }
        for (body, stream, shown) in [
            (stdout, Stream::Out, show != Show::Err),
            (stderr, Stream::Err, show != Show::Out),
        ] {
            if shown {
                text.push_end(body, stream);
            }
        }
        text
    }

    fn push(&mut self, stream: Stream, at: Option<Duration>, offset: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        // A line of one stream must not run on in the other's line.
        let changes = self.pieces.last().is_some_and(|last| last.stream != stream);
        if changes && self.bytes.last().is_some_and(|&byte| byte != b'\n') {
            self.bytes.push(b'\n');
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.pieces.push(Piece {
            text: start..self.bytes.len(),
            stream,
            at,
            offset,
        });
    }

    /// The kept end of a stream that was cut, after a sentence that says so.
    fn push_end(&mut self, body: &CapturedBody, stream: Stream) {
        if let Some(sentence) = super::bytes_view::cut_sentence(body.cut_bytes()) {
            self.push(Stream::Cut, None, 0, format!("… {sentence} …\n").as_bytes());
        }
        let tail = body.tail();
        self.push(stream, None, body.len() - tail.len() as u64, &tail);
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

fn slice<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    bytes.get(range.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn stream(cap: usize, writes: &[(u64, &'static [u8])]) -> CapturedBody {
        let mut body = CapturedBody::new(cap);
        for (millis, bytes) in writes {
            body.push(&Bytes::from_static(bytes), Duration::from_millis(*millis));
        }
        body
    }

    /// Each piece as its stream, its time and its bytes.
    fn pieces(text: &OutputText) -> Vec<(Stream, Option<u128>, &[u8])> {
        let bytes = |piece: &Piece| &text.bytes[piece.text.clone()];
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

    #[test]
    fn writes_stand_in_the_order_in_which_they_were_read() {
        let out = stream(100, &[(1, b"A: b\n"), (5, b"\nbody\n")]);
        let err = stream(100, &[(3, b"oh\n")]);
        let text = OutputText::of(&out, &err, Show::Both);
        assert_eq!(text.bytes, b"A: b\noh\n\nbody\n");
        assert_eq!(
            text.tag_at(6),
            (Stream::Err, Some(Duration::from_millis(3)))
        );
        assert_eq!(text.place_of(Stream::Out, 5), Some(8));
        assert_eq!(text.place_of(Stream::Out, 99), None);
        let text = OutputText::of(&out, &err, Show::Err);
        assert_eq!(text.bytes, b"oh\n");
    }

    #[test]
    fn a_line_does_not_run_on_in_the_line_of_the_other_stream() {
        let text = OutputText::of(
            &stream(100, &[(1, b"half")]),
            &stream(100, &[(2, b"err")]),
            Show::Both,
        );
        assert_eq!(text.bytes, b"half\nerr");
    }

    #[test]
    fn what_was_not_kept_is_said_between_beginning_and_end() {
        let mut out = stream(3, &[(1, b"abcd")]);
        out.push(&Bytes::from(vec![b'x'; 200_000]), Duration::from_millis(2));
        let cut = out.cut_bytes();
        let text = OutputText::of(&out, &stream(0, &[]), Show::Both);
        let shown = pieces(&text);
        let sentence = super::super::bytes_view::cut_sentence(cut).unwrap();
        assert_eq!(shown[0], (Stream::Out, Some(1), &b"abc"[..]));
        assert_eq!(shown[1].2, format!("… {sentence} …\n").as_bytes());
        assert_eq!(shown[2].2.len() as u64, out.len() - cut - 3);
        assert_eq!(
            text.place_of(Stream::Out, out.len() - 1),
            Some(text.bytes.len() - 1)
        );
    }

    #[test]
    fn nothing_printed_is_no_text() {
        let text = OutputText::of(&stream(9, &[]), &stream(9, &[]), Show::Both);
        assert!(text.bytes.is_empty() && text.piece_at(0).is_none());
    }
}
