//! The fields after a chunked body, and which of them reach a script (RFC 9110 §6.5).
//!
//! A trailer comes when everything was decided that a header decides, so a server may merge it into the header
//! section only where its meaning allows that (§6.5.1), and CGI has no place for trailers of their own. Hence:
//! - One that the request announces in its `Trailer` field reaches the script as `HTTP_*`: the client has said
//!   itself that its header section goes on there. The body is read before the script starts, so it is in time.
//! - Where a header field of that name came too, the header stands alone; nothing is merged.
//! - Without any `Trailer` field trailers are read, checked and left out, as §6.5.1 permits.
//! - One that is missing from a `Trailer` field that is there means that somebody on the way added or removed
//!   something, and one that decides about framing, routing, identity or the body's meaning came too late to
//!   decide: both are refused with the request (lighttpd does the same).

use super::grammar::trim;
use super::request_head::RequestHead;

/// One trailer field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// The name as the client wrote it.
    pub name: Vec<u8>,
    /// The value without the white space around it.
    pub value: Vec<u8>,
}

/// Fields that must have been acted on before the body (RFC 9110 §6.5.1): framing, routing, request modifiers,
/// authentication, and what describes the content.
const TOO_LATE: [&[u8]; 25] = [
    b"authorization",
    b"cache-control",
    b"connection",
    b"content-encoding",
    b"content-length",
    b"content-range",
    b"content-type",
    b"cookie",
    b"expect",
    b"host",
    b"if-match",
    b"if-modified-since",
    b"if-none-match",
    b"if-range",
    b"if-unmodified-since",
    b"keep-alive",
    b"max-forwards",
    b"pragma",
    b"proxy-authorization",
    b"proxy-connection",
    b"range",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
];

/// Whether a trailer of that name comes too late to be honest.
#[must_use]
pub fn comes_too_late(name: &[u8]) -> bool {
    TOO_LATE
        .iter()
        .any(|field| name.eq_ignore_ascii_case(field))
}

/// The names in the request's `Trailer` fields; none where it has no such field.
#[must_use]
pub fn announced(head: &RequestHead) -> Option<Vec<Vec<u8>>> {
    head.first("trailer")?;
    let names = head
        .values("trailer")
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(trim)
        .filter(|name| !name.is_empty());
    Some(names.map(<[u8]>::to_vec).collect())
}
