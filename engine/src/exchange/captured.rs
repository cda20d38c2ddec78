//! A stream as it was captured: every byte up to a cap, after that its tail and its length, and when it came.
//!
//! What is longer than a mebibyte is in a file while it flows and ever after, and is looked at through a map.

use super::spill::{IN_MEMORY, Spill, SpillFile, SpillFolder};
use bytes::{Bytes, BytesMut};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, OnceLock};
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

/// Why bytes that were captured once are not there any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// The store gave them up to stay within its bounds.
    Evicted,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Evicted => f.write_str("evicted"),
        }
    }
}

/// All that a captured stream is, for whoever kept it elsewhere and makes it again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CapturedParts {
    /// The kept beginning.
    pub head: Bytes,
    /// The kept end of a stream that was longer than its cap.
    pub tail: Bytes,
    /// The length of the whole stream in bytes.
    pub length: u64,
    /// Line feeds in the whole stream.
    pub line_feeds: u64,
    /// The last byte was no line feed.
    pub ends_open: bool,
    /// So many bytes of the beginning were to be kept.
    pub cap: usize,
    /// When the bytes came.
    pub marks: Vec<Mark>,
    /// Why less is kept than the cap allows.
    pub cut_reason: Option<Arc<str>>,
    /// Why bytes that were kept are gone: then `head` or `tail` lack them.
    pub missing: Option<Missing>,
}

/// A captured stream. Nothing is cut silently: [`CapturedBody::cut_bytes`] says how much is missing, and where.
#[derive(Clone)]
pub struct CapturedBody {
    beginning: Beginning,
    kept: usize,
    tail: VecDeque<Bytes>,
    tail_kept: usize,
    length: u64,
    line_ends: u64,
    /// The last byte was no line feed.
    ends_open: bool,
    cap: usize,
    marks: Vec<Mark>,
    /// Where it goes on when it grows long; none: in memory.
    spills: Option<Arc<SpillFolder>>,
    cut_reason: Option<Arc<str>>,
    missing: Option<Missing>,
}

/// The kept beginning.
#[derive(Clone)]
enum Beginning {
    Memory(Vec<Bytes>),
    File {
        spill: Arc<Spill>,
        /// All that is kept, once somebody has looked.
        seen: OnceLock<Bytes>,
    },
}

impl CapturedBody {
    /// An empty stream that will keep `cap` bytes from its beginning, in memory.
    #[must_use]
    pub fn new(cap: usize) -> Self {
        Self {
            beginning: Beginning::Memory(Vec::new()),
            kept: 0,
            tail: VecDeque::new(),
            tail_kept: 0,
            length: 0,
            line_ends: 0,
            ends_open: false,
            cap,
            marks: Vec::new(),
            spills: None,
            cut_reason: None,
            missing: None,
        }
    }

    /// Makes a stream again of what was kept of it; none where the parts cannot belong together, because more
    /// is kept, or more is counted, than ever came.
    #[must_use]
    pub fn restore(parts: CapturedParts) -> Option<Self> {
        let (kept, tail_kept) = (parts.head.len(), parts.tail.len());
        let held = (kept as u64).checked_add(tail_kept as u64)?;
        if held > parts.length || kept > parts.cap || parts.line_feeds > parts.length {
            return None;
        }
        let offsets = parts.marks.iter().map(|mark| mark.offset);
        if !offsets.is_sorted() || parts.marks.iter().any(|mark| mark.offset > parts.length) {
            return None;
        }
        let piece = |bytes: Bytes| (!bytes.is_empty()).then_some(bytes);
        Some(Self {
            beginning: Beginning::Memory(piece(parts.head).into_iter().collect()),
            kept,
            tail: piece(parts.tail).into_iter().collect(),
            tail_kept,
            length: parts.length,
            line_ends: parts.line_feeds,
            ends_open: parts.ends_open,
            cap: parts.cap,
            marks: parts.marks,
            spills: None,
            cut_reason: parts.cut_reason,
            missing: parts.missing,
        })
    }

    /// The kept beginning in the pieces in which it is held: nothing is copied, and what is in a file is one piece.
    #[must_use]
    pub fn pieces(&self) -> Cow<'_, [Bytes]> {
        match &self.beginning {
            Beginning::Memory(pieces) => Cow::Borrowed(pieces),
            Beginning::File { .. } => Cow::Owned(vec![self.bytes()]),
        }
    }

    /// Why bytes that were kept once are not there any more; `None` while they are.
    #[must_use]
    pub fn missing(&self) -> Option<Missing> {
        self.missing
    }

    /// So many bytes of the beginning are kept at most.
    #[must_use]
    pub fn cap(&self) -> usize {
        self.cap
    }

    /// Line feeds in the whole stream, kept or not.
    #[must_use]
    pub fn line_feeds(&self) -> u64 {
        self.line_ends
    }

    /// The last line is unfinished.
    #[must_use]
    pub fn ends_open(&self) -> bool {
        self.ends_open
    }

    /// An empty stream that will keep `cap` bytes from its beginning, in a file of this folder when it is longer than
    /// a mebibyte.
    #[must_use]
    pub fn spilling(cap: usize, spills: Arc<SpillFolder>) -> Self {
        Self {
            spills: Some(spills),
            ..Self::new(cap)
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
        let kept = self.keep(&bytes[..room]);
        if kept < bytes.len() {
            self.keep_tail(&bytes.slice(kept..));
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
        match &self.beginning {
            Beginning::Memory(pieces) => match pieces.as_slice() {
                [] => Cow::Borrowed(&[]),
                [piece] => Cow::Borrowed(piece),
                pieces => Cow::Owned(pieces.concat()),
            },
            Beginning::File { spill, seen } => {
                Cow::Borrowed(seen.get_or_init(|| spill.bytes(self.kept)))
            }
        }
    }

    /// The same as [`Self::head`], to be held on to: what is in a file is not copied.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match &self.beginning {
            Beginning::Memory(pieces) => match pieces.as_slice() {
                [] => Bytes::new(),
                [piece] => piece.clone(),
                pieces => pieces.concat().into(),
            },
            Beginning::File { spill, seen } => seen.get_or_init(|| spill.bytes(self.kept)).clone(),
        }
    }

    /// Up to `count` bytes from the beginning, without joining more pieces than that takes.
    #[must_use]
    pub fn first(&self, count: usize) -> Vec<u8> {
        match &self.beginning {
            Beginning::Memory(pieces) => pieces
                .iter()
                .flat_map(|piece| piece.iter().copied())
                .take(count)
                .collect(),
            Beginning::File { .. } => self.head()[..count.min(self.kept)].to_vec(),
        }
    }

    /// The file that a long stream is in, once it is over: only where the engine was given a folder for such files.
    #[must_use]
    pub fn file(&self) -> Option<&SpillFile> {
        match &self.beginning {
            Beginning::Memory(_) => None,
            Beginning::File { spill, .. } => spill.finished(),
        }
    }

    /// Why less is kept than the cap allows: the disk was full, say, or gave an error.
    #[must_use]
    pub fn cut_reason(&self) -> Option<&str> {
        self.cut_reason.as_deref()
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

    /// Bytes of memory held; what is in a file is not among them.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.kept - self.in_file() + self.tail_kept + self.marks.len() * size_of::<Mark>()
    }

    /// Bytes that are in a file.
    #[must_use]
    pub fn in_file(&self) -> usize {
        match &self.beginning {
            Beginning::Memory(_) => 0,
            Beginning::File { .. } => self.kept,
        }
    }

    /// The file of a long stream while it flows. Whoever writes the next bytes to it before they are pushed spares
    /// the readers of the record the wait for the disk.
    pub(crate) fn spill(&self) -> Option<Arc<Spill>> {
        match &self.beginning {
            Beginning::Memory(_) => None,
            Beginning::File { spill, .. } => Some(Arc::clone(spill)),
        }
    }

    /// The stream is over: what is kept of its end no longer keeps the read buffers alive that it was cut from, and
    /// its file can be taken over.
    pub(crate) fn settle(&mut self) {
        // Bytes that were written and never pushed would be a part of what the file is known by.
        if let Beginning::File { spill, .. } = &self.beginning
            && spill.written() == self.kept as u64
        {
            spill.finish();
        }
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

    /// Keeps these bytes of the beginning, and says how many of them it could.
    fn keep(&mut self, bytes: &[u8]) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        if self.kept + bytes.len() > IN_MEMORY {
            self.go_to_file();
        }
        let room = (self.cap - self.kept).min(bytes.len());
        let kept = match &mut self.beginning {
            Beginning::Memory(pieces) => {
                keep_piece(pieces, &bytes[..room]);
                room
            }
            Beginning::File { spill, seen } => {
                *seen = OnceLock::new();
                let ahead =
                    |kept: usize| usize::try_from(spill.written()).map_or(0, |at| at - kept);
                if let Some(rest) = bytes.get(ahead(self.kept)..) {
                    spill.write(rest);
                }
                ahead(self.kept).min(bytes.len())
            }
        };
        self.kept += kept;
        if let Some(failure) = self.spill().and_then(|spill| spill.failure()) {
            self.cut(failure);
        }
        kept
    }

    /// From here on only the end is kept.
    fn cut(&mut self, reason: Arc<str>) {
        self.cap = self.kept;
        self.cut_reason.get_or_insert(reason);
    }

    /// The stream is too long for the memory.
    fn go_to_file(&mut self) {
        let (Beginning::Memory(pieces), Some(folder)) = (&self.beginning, &self.spills) else {
            return;
        };
        let begun = Spill::begin(folder, self.cap as u64);
        if let Ok(spill) = &begun {
            for piece in pieces {
                spill.write(piece);
            }
        }
        let failure = match begun {
            Ok(spill) if spill.failure().is_none() => {
                let seen = OnceLock::new();
                self.beginning = Beginning::File { spill, seen };
                return;
            }
            Ok(spill) => spill.failure().unwrap_or_default(),
            Err(error) => error.to_string().into(),
        };
        self.cut(failure);
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

/// Takes in a piece, joined with the last one if both are small.
fn keep_piece(pieces: &mut Vec<Bytes>, bytes: &[u8]) {
    match pieces.last_mut() {
        Some(last) if last.len() + bytes.len() <= JOIN_BYTES => {
            let mut joined = BytesMut::with_capacity(last.len() + bytes.len());
            joined.extend_from_slice(last);
            joined.extend_from_slice(bytes);
            *last = joined.freeze();
        }
        _ if bytes.is_empty() => {}
        // A copy: what is cut from a read buffer would keep the whole buffer alive.
        _ => pieces.push(Bytes::copy_from_slice(bytes)),
    }
}

/// The content, however it is held; of a long one the beginning.
impl fmt::Debug for CapturedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapturedBody")
            .field("length", &self.length)
            .field("kept", &self.kept)
            .field("first", &Bytes::from(self.first(IN_MEMORY)))
            .field("tail", &Bytes::from(self.tail()))
            .field("line_ends", &self.line_ends)
            .field("ends_open", &self.ends_open)
            .field("cap", &self.cap)
            .field("cut_reason", &self.cut_reason)
            .field("missing", &self.missing)
            .field("marks", &self.marks)
            .finish()
    }
}

#[cfg(test)]
mod tests;
