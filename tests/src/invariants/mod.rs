//! What holds for every input of a parser, whatever the bytes: each function panics where it does not.
//!
//! The property tests (`tests/properties`) and the fuzz targets (`fuzz/run`) ask the same.

mod apache;
mod bundle;
mod chunked;
mod configuration;
mod filter;
mod form;
mod header_block;
mod record;
mod request_head;
mod saved_request;
mod target;

pub use apache::{apache, apache_reads_back};
pub use bundle::bundle;
pub use chunked::chunked;
pub use configuration::configuration;
pub use filter::filter;
pub use form::{content_type, cookies, multipart, urlencoded};
pub use header_block::header_block;
pub use record::{comes_back, record};
pub use request_head::request_head;
pub use saved_request::{expectation, saved_request};
pub use target::{request_target, selects_the_same};

use std::path::Path;

use tempfile::TempDir;

/// What holds for any bytes; it panics where it does not.
pub type Invariant = fn(&[u8]);

/// The invariants by the names of their fuzz targets, fed by bytes alone.
pub const INPUTS: &[(&str, Invariant)] = &[
    ("apache", |bytes| in_own_folder(bytes, apache)),
    ("bundle", bundle),
    ("chunked", |bytes| with_lengths(bytes, chunked)),
    ("configuration", |bytes| in_own_folder(bytes, configuration)),
    ("cookies", cookies),
    ("expectation", |bytes| {
        expectation(&String::from_utf8_lossy(bytes));
    }),
    ("filter", |bytes| filter(&String::from_utf8_lossy(bytes))),
    ("header-block", |bytes| with_lengths(bytes, header_block)),
    ("multipart", with_content_type),
    ("record", record),
    ("request-head", |bytes| with_lengths(bytes, request_head)),
    ("request-target", request_target),
    ("saved-request", saved_request),
    ("urlencoded", urlencoded),
];

/// The first two bytes say how the others come.
fn with_lengths(bytes: &[u8], invariant: fn(&[u8], &[usize])) {
    if let [first, second, input @ ..] = bytes {
        invariant(input, &[usize::from(*first), usize::from(second % 16)]);
    }
}

/// The first line is the Content-Type, the others are the body.
fn with_content_type(bytes: &[u8]) {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let content_type = lines.next().unwrap_or_default();
    multipart(content_type, lines.next().unwrap_or_default());
}

fn in_own_folder(bytes: &[u8], invariant: fn(&Path, &[u8])) {
    thread_local! {
        static FOLDER: TempDir = tempfile::tempdir().unwrap();
    }
    FOLDER.with(|folder| invariant(folder.path(), bytes));
}

/// The bytes in pieces of these lengths, over and over; a length of 0 counts as 1.
pub fn in_pieces<'a>(bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    let mut lengths = lengths.iter().copied().cycle();
    while !rest.is_empty() {
        let length = lengths.next().unwrap_or(rest.len()).clamp(1, rest.len());
        let (piece, tail) = rest.split_at(length);
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_whole_in_order() {
        let pieces = in_pieces(b"abcdefgh", &[1, 0, 3]);
        let expected: [&[u8]; 5] = [b"a", b"b", b"cde", b"f", b"g"];
        assert_eq!(pieces[..5], expected);
        assert_eq!(pieces.concat(), b"abcdefgh");
        assert_eq!(in_pieces(b"ab", &[]), [b"ab"]);
    }
}
