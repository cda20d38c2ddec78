//! A request head is judged the same however it comes, and its parts stand where they say.

use bytes::Bytes;
use cgi_engine::cgi::head_error::HeadErrorKind;
use cgi_engine::cgi::request_head::{HeadLimits, RequestHead, find_end, parse};

use super::in_pieces;

/// A head in pieces of these lengths is what it is in one piece.
#[track_caller]
pub fn request_head(bytes: &[u8], lengths: &[usize]) {
    let tight = HeadLimits {
        head_bytes: 80,
        target_bytes: 20,
        fields: 3,
    };
    // Tight enough that a first line is too long before the head is.
    let long_line = HeadLimits {
        head_bytes: 1500,
        ..tight.clone()
    };
    for limits in [HeadLimits::default(), tight, long_line] {
        let whole = judge([bytes], &limits);
        let pieces = judge(in_pieces(bytes, lengths), &limits);
        assert_eq!(
            pieces
                .as_ref()
                .map(|(head, length)| (head.as_ref(), length)),
            whole.as_ref().map(|(head, length)| (head.as_ref(), length)),
            "in pieces of {lengths:?}: {}",
            bytes.escape_ascii()
        );
        if let Ok((Some(head), length)) = whole {
            assert_eq!(head.raw, bytes[..length]);
            check_parts(&head);
        }
    }
}

type Judged = Result<(Option<RequestHead>, usize), HeadErrorKind>;

/// The head and its length; neither if the bytes are not enough.
fn judge<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limits: &HeadLimits) -> Judged {
    let mut buffer = Vec::new();
    let mut searched = 0;
    for piece in pieces {
        buffer.extend_from_slice(piece);
        let found = find_end(&buffer, searched, limits).map_err(|error| error.kind)?;
        searched = buffer.len();
        if let Some(end) = found {
            let raw = Bytes::copy_from_slice(&buffer[..end]);
            let head = parse(raw, limits).map_err(|error| error.kind)?;
            return Ok((Some(head), end));
        }
    }
    Ok((None, 0))
}

fn check_parts(head: &RequestHead) {
    let raw = head.raw.escape_ascii();
    assert!(
        !head.method().is_empty() && !head.target().is_empty(),
        "{raw}"
    );
    assert!(!head.target().contains(&b'\n'), "{raw}");
    assert!(head.method.end < head.target.start, "{raw}");
    for field in &head.fields {
        assert!(field.line.start == field.name.start, "{raw}");
        assert!(
            field.name.end < field.value.start || field.value.is_empty(),
            "{raw}"
        );
        assert!(field.value.end <= field.line.end, "{raw}");
        let value = head.value(field);
        assert!(value.iter().all(|byte| !b"\r\n\0".contains(byte)), "{raw}");
        assert_eq!(value.trim_ascii(), value, "{raw}");
    }
}
