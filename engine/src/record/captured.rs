//! Captured streams, packed.

use super::RecordError;
use super::content::{BlobSink, BlobSource, Content};
use super::packed::{Text, nanos, packed};
use crate::exchange::{CapturedBody, CapturedParts, Mark, Missing};
use bytes::Bytes;
use std::borrow::Cow;
use std::time::Duration;

packed! {
    /// A captured stream.
    PackedStream<'a> {
        "b" head: Content<'a>,
        "t" tail: Content<'static>,
        "x" cut: u64,
        "l" line_ends: u64,
        "o" ends_open: bool,
        "c" cap: u64,
        // Offset and nanoseconds in turn, each the difference to the one before, modulo 2^64.
        "m" marks: Vec<u64>,
        "e" evicted: bool,
        "r" cut_reason: Option<Text<'a>>,
    }
}

impl<'a> PackedStream<'a> {
    pub(super) fn of(body: &'a CapturedBody, blobs: &mut dyn BlobSink) -> Self {
        Self {
            head: beginning(body, blobs),
            tail: Content::of(&[Bytes::from(body.tail())], blobs).into_owned(),
            cut: body.cut_bytes(),
            line_ends: body.line_feeds(),
            ends_open: body.ends_open(),
            cap: body.cap() as u64,
            marks: differences(body.marks()),
            evicted: body.missing() == Some(Missing::Evicted),
            cut_reason: body.cut_reason().map(Text::from),
        }
    }

    pub(super) fn restore(
        self,
        what: &'static str,
        blobs: &dyn BlobSource,
    ) -> Result<CapturedBody, RecordError> {
        let impossible = |found: String| RecordError::impossible(what, found);
        let recorded = [
            self.head.recorded_bytes(),
            self.tail.recorded_bytes(),
            self.cut,
        ];
        let length = recorded
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(*part))
            .ok_or_else(|| impossible("longer than any stream".to_owned()))?;
        let head = self.head.restore(what, blobs)?;
        let tail = self.tail.restore(what, blobs)?;
        let gone = head.is_none() || tail.is_none();
        let parts = CapturedParts {
            head: head.unwrap_or_default(),
            tail: tail.unwrap_or_default(),
            length,
            line_feeds: self.line_ends,
            ends_open: self.ends_open,
            cap: usize::try_from(self.cap).unwrap_or(usize::MAX),
            marks: marks(&self.marks),
            cut_reason: self.cut_reason.map(Into::into),
            missing: (gone || self.evicted).then_some(Missing::Evicted),
        };
        CapturedBody::restore(parts)
            .ok_or_else(|| impossible(format!("{length} bytes long, with what was kept of it")))
    }
}

/// A beginning that fills a file is handed over as one.
fn beginning<'a>(body: &'a CapturedBody, blobs: &mut dyn BlobSink) -> Content<'a> {
    if let Some(file) = body.file() {
        let content = body.bytes();
        return Content::outside(blobs.put_file(file, &content), content.len());
    }
    match body.pieces() {
        Cow::Borrowed(pieces) => Content::of(pieces, blobs),
        Cow::Owned(pieces) => Content::of(&pieces, blobs).into_owned(),
    }
}

fn differences(marks: &[Mark]) -> Vec<u64> {
    let mut before = (0, 0);
    let mut numbers = Vec::with_capacity(marks.len() * 2);
    for mark in marks {
        let now = (mark.offset, nanos(mark.at));
        numbers.push(now.0.wrapping_sub(before.0));
        numbers.push(now.1.wrapping_sub(before.1));
        before = now;
    }
    numbers
}

fn marks(differences: &[u64]) -> Vec<Mark> {
    let (mut offset, mut at) = (0_u64, 0_u64);
    let (pairs, _) = differences.as_chunks::<2>();
    pairs
        .iter()
        .map(|[further, later]| {
            offset = offset.wrapping_add(*further);
            at = at.wrapping_add(*later);
            Mark {
                offset,
                at: Duration::from_nanos(at),
            }
        })
        .collect()
}
