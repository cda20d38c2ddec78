//! The rules about a whole request head: where its body ends, which host it names (RFC 9112 §3.2, §6).
//!
//! Every doubt about the end of a body is refused: two programs that answer it differently see two
//! different requests in the same bytes, and that is how requests are smuggled.
use super::authority::Authority;
use super::grammar::{decimal, trim};
use super::head_error::{HeadError, HeadErrorKind};
use super::request_head::{HeadField, RequestHead};

/// How a request body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFraming {
    /// Neither Content-Length nor Transfer-Encoding: there is no body.
    None,
    /// That many bytes follow the head; zero if the client said so.
    Length(u64),
    /// The body comes in chunks (RFC 9112 §7.1).
    Chunked,
}

/// The place of the first byte that a request target cannot hold.
///
/// These are bytes that RFC 3986 §2 keeps out of every URI and that readers on the way understand in different ways:
/// controls, space, `#`, `<`, `>`, bytes from 0x80 on, a quotation mark in the query and a grave accent in the path.
/// A browser encodes all of them; brackets, braces and the like are let through, as it sends some of those raw.
pub(crate) fn first_bad_target_byte(target: &[u8]) -> Option<usize> {
    let mut query = false;
    target.iter().position(|byte| {
        query |= *byte == b'?';
        match byte {
            b'"' => query,
            b'`' => !query,
            b'#' | b'<' | b'>' => true,
            0x21..=0x7e => false,
            _ => true,
        }
    })
}

/// Exactly one valid Host in HTTP/1.1, at most one in HTTP/1.0.
pub(crate) fn check_host(head: &RequestHead) -> Result<(), HeadError> {
    let mut hosts = head.fields_named("host");
    let first = hosts.next();
    if let Some(second) = hosts.next() {
        return fail(head, HeadErrorKind::SeveralHosts, second);
    }
    match first {
        None if head.version >= (1, 1) => Err(HeadError::new(
            HeadErrorKind::NoHost,
            head.method.start,
            head.raw.get(head.method.start..).unwrap_or_default(),
        )),
        Some(field) if Authority::parse(head.value(field)).is_none() => {
            fail(head, HeadErrorKind::BadHost, field)
        }
        _ => Ok(()),
    }
}

/// Where the body ends, or why that cannot be told.
pub(crate) fn framing(head: &RequestHead) -> Result<BodyFraming, HeadError> {
    let lengths: Vec<_> = head.fields_named("content-length").collect();
    let codings: Vec<_> = head.fields_named("transfer-encoding").collect();
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Ok(BodyFraming::None),
        ([_, ..], [coding, ..]) => fail(head, HeadErrorKind::LengthWithCoding, coding),
        ([length], []) => length_framing(head, length),
        ([_, second, ..], []) => fail(head, HeadErrorKind::SeveralLengths, second),
        ([], codings) => coding_framing(head, codings),
    }
}

fn length_framing(head: &RequestHead, field: &HeadField) -> Result<BodyFraming, HeadError> {
    let value = head.value(field);
    match decimal(value) {
        Some(length) => Ok(BodyFraming::Length(length)),
        None if value.contains(&b',') => fail(head, HeadErrorKind::SeveralLengths, field),
        None => fail(head, HeadErrorKind::BadLength, field),
    }
}

fn coding_framing(head: &RequestHead, fields: &[&HeadField]) -> Result<BodyFraming, HeadError> {
    let mut chunked = 0;
    for field in fields {
        if head.version < (1, 1) {
            return fail(head, HeadErrorKind::CodingInOldVersion, field);
        }
        for coding in head.value(field).split(|byte| *byte == b',').map(trim) {
            match coding {
                b"" => return fail(head, HeadErrorKind::BadCoding, field),
                name if name.eq_ignore_ascii_case(b"chunked") => chunked += 1,
                _ => return fail(head, HeadErrorKind::UnknownCoding, field),
            }
        }
        if chunked > 1 {
            return fail(head, HeadErrorKind::BadCoding, field);
        }
    }
    Ok(BodyFraming::Chunked)
}

fn fail<T>(head: &RequestHead, kind: HeadErrorKind, field: &HeadField) -> Result<T, HeadError> {
    let line = head.raw.get(field.line.clone()).unwrap_or_default();
    Err(HeadError::new(kind, field.line.start, line))
}
