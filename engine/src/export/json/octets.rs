//! Bytes and times as JSON: text where the bytes are UTF-8, base64 where not.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::exchange::CapturedBody;

/// Bytes of any kind: a string, or `{"base64": "…"}` where they are not UTF-8.
pub(super) struct Octets<'a>(Cow<'a, [u8]>);

impl<'a> From<&'a [u8]> for Octets<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

impl<'a> From<Cow<'a, [u8]>> for Octets<'a> {
    fn from(bytes: Cow<'a, [u8]>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("base64", &Base64(&self.0))?;
                map.end()
            }
        }
    }
}

struct Base64<'a>(&'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

/// A captured stream with what is missing of it and when it came.
#[derive(serde::Serialize)]
pub(super) struct Stream<'a> {
    bytes: u64,
    lines: u64,
    content: Octets<'a>,
    cut_bytes: u64,
    tail: Octets<'a>,
    missing: Option<String>,
    marks: Vec<MarkView>,
}

#[derive(serde::Serialize)]
struct MarkView {
    offset: u64,
    at_micros: u64,
}

impl<'a> Stream<'a> {
    pub(super) fn of(stream: &'a CapturedBody) -> Self {
        let marks = stream.marks().iter().map(|mark| MarkView {
            offset: mark.offset,
            at_micros: micros(mark.at),
        });
        Self {
            bytes: stream.len(),
            lines: stream.lines(),
            content: stream.head().into(),
            cut_bytes: stream.cut_bytes(),
            tail: Cow::<[u8]>::Owned(stream.tail()).into(),
            missing: stream.missing().map(|missing| missing.to_string()),
            marks: marks.collect(),
        }
    }
}

/// From the first byte to behind the last one.
pub(super) type Span = [usize; 2];

pub(super) fn span(range: &Range<usize>) -> Span {
    [range.start, range.end]
}

pub(super) fn spans(ranges: &[Range<usize>]) -> Vec<Span> {
    ranges.iter().map(span).collect()
}

pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        let written = serde_json::to_string(&Octets::from(bytes)).unwrap();
        assert_eq!(written, expected);
    }

    #[test]
    fn bytes_are_text_where_they_can_be() {
        check(b"", "\"\"");
        check("a\"\u{e9}\0".as_bytes(), "\"a\\\"\u{e9}\\u0000\"");
        check(b"S\xe3o", "{\"base64\":\"U+Nv\"}");
    }
}
