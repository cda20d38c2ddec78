//! What a script printed as one text: stdout and stderr in the order in which they were read.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

use cgi_engine::exchange::{CapturedBody, Invocation};

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
    /// The output of a run.
    pub(super) fn of(run: &Invocation, show: Show) -> Self {
        let mut text = Self::default();
        let mut parts = Vec::new();
        if show != Show::Err {
            parts.extend(parts_of(&run.stdout, Stream::Out));
        }
        if show != Show::Out {
            parts.extend(parts_of(&run.stderr, Stream::Err));
        }
        // A stable sort: what was read at one time stays in the order of its stream.
        parts.sort_by_key(|part| part.at);
        let (out, err) = (run.stdout.head(), run.stderr.head());
        for part in parts {
            let bytes: Cow<'_, [u8]> = match part.stream {
                Stream::Out => slice(&out, &part.range).into(),
                Stream::Err => slice(&err, &part.range).into(),
                Stream::Cut => Cow::Borrowed(&[]),
            };
            text.push(part.stream, part.at, part.range.start as u64, &bytes);
        }
        for (body, stream, shown) in [
            (&run.stdout, Stream::Out, show != Show::Err),
            (&run.stderr, Stream::Err, show != Show::Out),
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
