//! A stream as it was captured: every byte up to a cap, after that its tail and its length, and when it came.

use bytes::{Bytes, BytesMut};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

/// Pieces up to this size are joined, so that a script that writes byte by byte does not cost an allocation a byte.
const JOIN_BYTES: usize = 4096;
/// So many bytes of the end are kept when a stream is longer than its cap.
const TAIL_BYTES: usize = 64 * 1024;
/// More marks than this are thinned out: every second one goes.
const MARKS: usize = 4096;

/// One arrival: the bytes from `offset` on came at `at`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Offset in the stream, in bytes.
    pub offset: u64,
    /// Time since the first byte of the request.
    pub at: Duration,
}

/// A captured stream. Nothing is cut silently: [`CapturedBody::cut_bytes`] says how much is missing, and where.
#[derive(Clone, Debug)]
pub struct CapturedBody {
    pieces: Vec<Bytes>,
    kept: usize,
    tail: VecDeque<Bytes>,
    tail_kept: usize,
    length: u64,
    line_ends: u64,
    /// The last byte was no line feed.
    ends_open: bool,
    cap: usize,
    marks: Vec<Mark>,
}

impl CapturedBody {
    /// An empty stream that will keep `cap` bytes from its beginning.
    #[must_use]
    pub fn new(cap: usize) -> Self {
        Self {
            pieces: Vec::new(),
            kept: 0,
            tail: VecDeque::new(),
            tail_kept: 0,
            length: 0,
            line_ends: 0,
            ends_open: false,
            cap,
            marks: Vec::new(),
        }
    }

    /// Takes the next bytes of the stream, which came at `at`.
    pub fn push(&mut self, bytes: &Bytes, at: Duration) {
        if bytes.is_empty() {
            return;
        }
        self.mark(at);
        self.line_ends += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.ends_open = !bytes.ends_with(b"\n");
        let room = (self.cap - self.kept).min(bytes.len());
        if room > 0 {
            self.keep(&bytes[..room]);
        }
        if room < bytes.len() {
            self.keep_tail(&bytes.slice(room..));
        }
        self.length += bytes.len() as u64;
    }

    /// The length of the whole stream in bytes, kept or not.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Nothing came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Bytes between the kept beginning and the kept end that were counted, passed on and not kept.
    #[must_use]
    pub fn cut_bytes(&self) -> u64 {
        self.length - self.kept as u64 - self.tail_kept as u64
    }

    /// The kept beginning in one piece: the whole stream unless [`Self::tail`] is not empty.
    #[must_use]
    pub fn head(&self) -> Cow<'_, [u8]> {
        match self.pieces.as_slice() {
            [] => Cow::Borrowed(&[]),
            [piece] => Cow::Borrowed(piece),
            pieces => Cow::Owned(pieces.concat()),
        }
    }

    /// Up to `count` bytes from the beginning, without joining more pieces than that takes.
    #[must_use]
    pub fn first(&self, count: usize) -> Vec<u8> {
        self.pieces
            .iter()
            .flat_map(|piece| piece.iter().copied())
            .take(count)
            .collect()
    }

    /// The kept end of a stream that was longer than its cap.
    #[must_use]
    pub fn tail(&self) -> Vec<u8> {
        self.tail
            .iter()
            .flat_map(|piece| piece.iter().copied())
            .collect()
    }

    /// The kept end of the stream, and the offset at which it begins: all of it, unless it was longer than its cap.
    #[must_use]
    pub fn end(&self) -> (Cow<'_, [u8]>, u64) {
        if self.tail_kept == 0 {
            (self.head(), 0)
        } else {
            (Cow::Owned(self.tail()), self.length - self.tail_kept as u64)
        }
    }

    /// Lines in the whole stream, kept or not; an unfinished last one counts.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.line_ends + u64::from(self.ends_open)
    }

    /// When the bytes came; thinned out for streams with very many small writes.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// When the byte at `offset` came.
    #[must_use]
    pub fn time_of(&self, offset: u64) -> Option<Duration> {
        let after = self.marks.partition_point(|mark| mark.offset <= offset);
        self.marks.get(after.checked_sub(1)?).map(|mark| mark.at)
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.kept + self.tail_kept + self.marks.len() * size_of::<Mark>()
    }

    /// The stream is over: what is kept of its end no longer keeps the read buffers alive that it was cut from.
    pub(crate) fn settle(&mut self) {
        if !self.tail.is_empty() {
            self.tail = VecDeque::from([Bytes::from(self.tail())]);
        }
    }

    fn mark(&mut self, at: Duration) {
        if self.marks.len() >= MARKS {
            let mut keep = false;
            self.marks.retain(|_| {
                keep = !keep;
                keep
            });
        }
        self.marks.push(Mark {
            offset: self.length,
            at,
        });
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.kept += bytes.len();
        match self.pieces.last_mut() {
            Some(last) if last.len() + bytes.len() <= JOIN_BYTES => {
                let mut joined = BytesMut::with_capacity(last.len() + bytes.len());
                joined.extend_from_slice(last);
                joined.extend_from_slice(bytes);
                *last = joined.freeze();
            }
            // A copy: what is cut from a read buffer would keep the whole buffer alive.
            _ => self.pieces.push(Bytes::copy_from_slice(bytes)),
        }
    }

    fn keep_tail(&mut self, bytes: &Bytes) {
        let from = bytes.len().saturating_sub(TAIL_BYTES);
        let bytes = bytes.slice(from..);
        self.tail_kept += bytes.len();
        self.tail.push_back(bytes);
        // Many small pieces are joined, so that their number stays bounded as well as their size.
        if self.tail.len() > 64 {
            let joined: Bytes = self.tail().into();
            self.tail = VecDeque::from([joined]);
        }
        while let Some(first) = self.tail.front_mut() {
            let over = self.tail_kept.saturating_sub(TAIL_BYTES);
            if over == 0 {
                break;
            }
            let cut = over.min(first.len());
            let rest = first.split_off(cut);
            self.tail_kept -= cut;
            if rest.is_empty() {
                self.tail.pop_front();
            } else {
                *first = rest;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(cap: usize, writes: &[&[u8]]) -> CapturedBody {
        let mut body = CapturedBody::new(cap);
        for (index, write) in writes.iter().enumerate() {
            body.push(
                &Bytes::copy_from_slice(write),
                Duration::from_millis(index as u64),
            );
        }
        body
    }

    #[test]
    fn a_stream_under_its_cap_is_kept_whole() {
        let body = captured(100, &[b"ab", b"", b"cd"]);
        assert_eq!(
            (body.head().as_ref(), body.len(), body.cut_bytes()),
            (&b"abcd"[..], 4, 0)
        );
        assert_eq!(body.lines(), 1);
        assert_eq!(body.time_of(0), Some(Duration::ZERO));
        assert_eq!(body.time_of(3), Some(Duration::from_millis(2)));
    }

    #[test]
    fn a_stream_over_its_cap_keeps_beginning_and_end_and_says_what_is_missing() {
        let long = vec![b'x'; 3 * TAIL_BYTES];
        let body = captured(3, &[b"ab", &long, b"END"]);
        assert_eq!(body.head().as_ref(), b"abx");
        assert_eq!(body.tail().len(), TAIL_BYTES);
        assert!(body.tail().ends_with(b"xEND"));
        let (end, offset) = body.end();
        assert_eq!(offset + end.len() as u64, body.len());
        assert_eq!(body.len(), 5 + long.len() as u64);
        assert_eq!(body.cut_bytes(), body.len() - 3 - TAIL_BYTES as u64);
    }

    #[test]
    fn a_million_single_bytes_cost_neither_pieces_nor_marks_without_bound() {
        let mut body = CapturedBody::new(1 << 20);
        let byte = Bytes::from_static(b"x");
        for index in 0..300_000_u64 {
            body.push(&byte, Duration::from_micros(index));
        }
        assert_eq!(body.head().len(), 300_000);
        assert!(body.pieces.len() < 100 && body.marks.len() <= MARKS);
        assert!(body.held_bytes() < 500_000);
    }

    #[test]
    fn small_writes_after_the_cap_stay_bounded() {
        let mut body = CapturedBody::new(0);
        for _ in 0..200_000 {
            body.push(&Bytes::from_static(b"y"), Duration::ZERO);
        }
        assert!(body.tail.len() <= 65);
        assert_eq!(
            (body.tail().len(), body.cut_bytes()),
            (TAIL_BYTES, 200_000 - TAIL_BYTES as u64)
        );
    }
}
