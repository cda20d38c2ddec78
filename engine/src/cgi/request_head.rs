//! The head of an HTTP/1 request with the place of every part, judged strictly (RFC 9112).
//!
//! It is read before any library normalises it: what a library would drop, merge or answer with a
//! bare 400 is what a person who debugs a script wants to see.
use std::ops::Range;

use bytes::Bytes;

use super::credentials;
use super::grammar::{is_blank, is_token};
use super::head_error::{HeadError, HeadErrorKind};
use super::head_rules::{self, BodyFraming};

/// How large a head may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadLimits {
    /// The whole head with its empty line, in bytes.
    pub head_bytes: usize,
    /// The request target, in bytes.
    pub target_bytes: usize,
    /// How many field lines.
    pub fields: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self {
            head_bytes: 256 * 1024,
            target_bytes: 16 * 1024,
            fields: 1000,
        }
    }
}

/// Empty lines before the request line are ignored (RFC 9112 §2.2), but not without end.
const LEADING_BYTES: usize = 64;

/// What a request line may hold beside its target: the method, the version and two spaces.
const METHOD_AND_VERSION_BYTES: usize = 1024;

/// One field line; all ranges count in [`RequestHead::raw`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadField {
    /// The field name as it was written.
    pub name: Range<usize>,
    /// The value without the white space around it.
    pub value: Range<usize>,
    /// The whole line without its line end.
    pub line: Range<usize>,
}

/// A request head that passed every check of RFC 9112 that decides where the request ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// The bytes as they came, from leading empty lines to the empty line that ends the head.
    pub raw: Bytes,
    /// Where the method stands in `raw`.
    pub method: Range<usize>,
    /// Where the request target stands in `raw`.
    pub target: Range<usize>,
    /// The protocol version: (1, 0) or (1, 1).
    pub version: (u8, u8),
    /// The field lines in the order they came.
    pub fields: Vec<HeadField>,
    /// How the body after it is delimited.
    pub(crate) framing: BodyFraming,
}

impl RequestHead {
    /// The method as sent; methods are case-sensitive.
    #[must_use]
    pub fn method(&self) -> &[u8] {
        self.part(&self.method)
    }

    /// The request target as sent.
    #[must_use]
    pub fn target(&self) -> &[u8] {
        self.part(&self.target)
    }

    /// The name of a field of this head, as it was written.
    #[must_use]
    pub fn name(&self, field: &HeadField) -> &[u8] {
        self.part(&field.name)
    }

    /// The value of a field of this head, without the white space around it.
    #[must_use]
    pub fn value(&self, field: &HeadField) -> &[u8] {
        self.part(&field.value)
    }

    /// The fields of that name in any case, in the order they came.
    pub fn fields_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a HeadField> {
        self.fields
            .iter()
            .filter(move |field| self.name(field).eq_ignore_ascii_case(name.as_bytes()))
    }

    /// The values of all fields of that name in any case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields_named(name).map(|field| self.value(field))
    }

    /// The value of the first field of that name in any case.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.fields_named(name)
            .map(|field| self.value(field))
            .next()
    }

    /// How the body after this head is delimited (RFC 9112 §6.3).
    #[must_use]
    pub fn body_framing(&self) -> BodyFraming {
        self.framing
    }

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    #[must_use]
    pub fn expects_continue(&self) -> bool {
        self.version >= (1, 1)
            && self
                .values("expect")
                .any(|value| value.eq_ignore_ascii_case(b"100-continue"))
    }

    /// The same head with passwords hidden, every other byte in its place; `None` where it has none.
    #[must_use]
    pub fn without_passwords(&self) -> Option<Self> {
        credentials::hidden(&self.raw).map(|raw| Self {
            raw: raw.into(),
            ..self.clone()
        })
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.raw.get(range.clone()).unwrap_or_default()
    }
}

/// Where the head in `buffer` ends, its empty line included, or `None` as long as it is incomplete.
///
/// `searched_from` is how much of the buffer an earlier call has seen, so that a head which comes
/// byte by byte costs no more than one that comes at once.
///
/// # Errors
/// The limits are passed, or the bytes can never become a request (a TLS handshake, for one), so
/// that nobody waits for an end that will not come.
pub fn find_end(
    buffer: &[u8],
    searched_from: usize,
    limits: &HeadLimits,
) -> Result<Option<usize>, HeadError> {
    let start = skip_empty_lines(buffer)?;
    let head = buffer.get(start..).unwrap_or_default();
    if let Some(byte) = head.first() {
        refuse_what_is_no_method(*byte, head, start)?;
    }
    // Judged before an end is looked for, so that it does not matter whether that has come already.
    // A limit on the head that is tighter still comes first.
    let line_bytes = limits.target_bytes + METHOD_AND_VERSION_BYTES;
    if start + line_bytes < limits.head_bytes
        && head.len() > line_bytes
        && no_line_end(head, limits)
    {
        return Err(HeadError::new(HeadErrorKind::TargetTooLong, start, head));
    }
    let mut at = searched_from.saturating_sub(3).max(start);
    while let Some(offset) = buffer
        .get(at..)
        .and_then(|rest| memchr::memchr(b'\n', rest))
    {
        at += offset + 1;
        let end = match buffer.get(at..) {
            Some([b'\n', ..]) => at + 1,
            Some([b'\r', b'\n', ..]) => at + 2,
            _ => continue,
        };
        return if end > limits.head_bytes {
            Err(too_large(buffer, limits))
        } else {
            Ok(Some(end))
        };
    }
    if buffer.len() >= limits.head_bytes {
        return Err(too_large(buffer, limits));
    }
    Ok(None)
}

fn no_line_end(head: &[u8], limits: &HeadLimits) -> bool {
    let request_line = head
        .get(..limits.target_bytes + METHOD_AND_VERSION_BYTES)
        .unwrap_or(head);
    memchr::memchr(b'\n', request_line).is_none()
}

fn too_large(buffer: &[u8], limits: &HeadLimits) -> HeadError {
    HeadError::new(HeadErrorKind::HeadTooLarge, limits.head_bytes, buffer)
}

/// The length of the empty lines before the request line.
fn skip_empty_lines(buffer: &[u8]) -> Result<usize, HeadError> {
    let mut start = 0;
    loop {
        start += match buffer.get(start..) {
            Some([b'\n', ..]) => 1,
            Some([b'\r', b'\n', ..]) => 2,
            Some([b'\r']) | None | Some([]) => return Ok(start),
            Some([b'\r', ..]) => {
                return Err(HeadError::new(
                    HeadErrorKind::BareCarriageReturn,
                    start,
                    buffer,
                ));
            }
            Some(_) => return Ok(start),
        };
        if start > LEADING_BYTES {
            return Err(HeadError::new(HeadErrorKind::EmptyLines, 0, buffer));
        }
    }
}

fn refuse_what_is_no_method(first: u8, head: &[u8], start: usize) -> Result<(), HeadError> {
    // A TLS record of type 22 (handshake) starts the talk of a browser that was given https://.
    if first == 0x16 {
        return Err(HeadError::new(HeadErrorKind::TlsHandshake, start, head));
    }
    if first != b'\r' && !is_token(&[first]) {
        return Err(HeadError::new(HeadErrorKind::BadMethod, start, head));
    }
    Ok(())
}

/// Reads and judges a whole head, as [`find_end`] delimits it.
///
/// # Errors
/// The first thing that RFC 9112 does not allow, with its place and the bytes.
pub fn parse(raw: Bytes, limits: &HeadLimits) -> Result<RequestHead, HeadError> {
    if raw.len() > limits.head_bytes {
        return Err(too_large(&raw, limits));
    }
    let mut lines = Lines {
        raw: &raw,
        at: skip_empty_lines(&raw)?,
    };
    let request_line = lines.next_line()?;
    let (method, target, version) = parse_request_line(&raw, &request_line, limits)?;
    let fields = parse_fields(&mut lines, limits)?;
    let mut head = RequestHead {
        raw,
        method,
        target,
        version,
        fields,
        framing: BodyFraming::None,
    };
    head_rules::check_host(&head)?;
    head.framing = head_rules::framing(&head)?;
    Ok(head)
}

/// The lines of a head; a line ends with CR LF. RFC 9112 §2.2 permits to read a LF alone as an end, too, but a
/// program in front that does not would see other fields than this one, and that is how requests are smuggled.
struct Lines<'a> {
    raw: &'a [u8],
    at: usize,
}

impl Lines<'_> {
    fn next_line(&mut self) -> Result<Range<usize>, HeadError> {
        let start = self.at;
        let rest = self.raw.get(start..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'\n', rest) else {
            return Err(HeadError::new(HeadErrorKind::Incomplete, start, rest));
        };
        self.at = start + length + 1;
        let line = rest.get(..length).unwrap_or_default();
        let Some(line) = line.strip_suffix(b"\r") else {
            let at = start + line.len();
            return Err(HeadError::new(HeadErrorKind::BareLineFeed, at, line));
        };
        if let Some(offset) = memchr::memchr(b'\r', line) {
            return Err(HeadError::new(
                HeadErrorKind::BareCarriageReturn,
                start + offset,
                line,
            ));
        }
        Ok(start..start + line.len())
    }
}

type RequestLine = (Range<usize>, Range<usize>, (u8, u8));

fn parse_request_line(
    raw: &[u8],
    line: &Range<usize>,
    limits: &HeadLimits,
) -> Result<RequestLine, HeadError> {
    let bytes = raw.get(line.clone()).unwrap_or_default();
    let fail = |kind, at: usize| Err(HeadError::new(kind, line.start + at, bytes));
    let Some(method_end) = memchr::memchr(b' ', bytes) else {
        return fail(HeadErrorKind::RequestLine, 0);
    };
    let method = bytes.get(..method_end).unwrap_or_default();
    if !is_token(method) {
        return fail(HeadErrorKind::BadMethod, 0);
    }
    if method == b"CONNECT" {
        return fail(HeadErrorKind::Connect, 0);
    }
    let target_start = method_end + 1;
    let Some(target_end) = memchr::memrchr(b' ', bytes).filter(|end| *end > target_start) else {
        return fail(HeadErrorKind::RequestLine, target_start);
    };
    let target = bytes.get(target_start..target_end).unwrap_or_default();
    if target.starts_with(b" ") {
        return fail(HeadErrorKind::RequestLine, target_start);
    }
    let version = match parse_version(bytes.get(target_end + 1..).unwrap_or_default()) {
        Ok(version) => version,
        Err(kind) => return fail(kind, target_end + 1),
    };
    if target.len() > limits.target_bytes {
        return fail(HeadErrorKind::TargetTooLong, target_start);
    }
    if let Some(offset) = head_rules::first_bad_target_byte(target) {
        return fail(HeadErrorKind::BadTargetByte, target_start + offset);
    }
    let from_line = |range: Range<usize>| line.start + range.start..line.start + range.end;
    Ok((
        from_line(0..method_end),
        from_line(target_start..target_end),
        version,
    ))
}

/// `HTTP/1.0` or `HTTP/1.1`; letters and digits are exact (RFC 9112 §2.3).
fn parse_version(bytes: &[u8]) -> Result<(u8, u8), HeadErrorKind> {
    let digits = bytes.strip_prefix(b"HTTP/").unwrap_or_default();
    match digits {
        b"1.1" => Ok((1, 1)),
        b"1.0" => Ok((1, 0)),
        [major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Err(HeadErrorKind::UnsupportedVersion)
        }
        _ => Err(HeadErrorKind::RequestLine),
    }
}

fn parse_fields(lines: &mut Lines<'_>, limits: &HeadLimits) -> Result<Vec<HeadField>, HeadError> {
    let mut fields = Vec::new();
    loop {
        let line = lines.next_line()?;
        if line.is_empty() {
            break;
        }
        if fields.len() == limits.fields {
            let bytes = lines.raw.get(line.clone()).unwrap_or_default();
            return Err(HeadError::new(
                HeadErrorKind::TooManyFields,
                line.start,
                bytes,
            ));
        }
        fields.push(parse_field(lines.raw, line)?);
    }
    match lines.raw.get(lines.at..) {
        None | Some([]) => Ok(fields),
        Some(rest) => Err(HeadError::new(HeadErrorKind::Incomplete, lines.at, rest)),
    }
}

fn parse_field(raw: &[u8], line: Range<usize>) -> Result<HeadField, HeadError> {
    let bytes = raw.get(line.clone()).unwrap_or_default();
    let fail = |kind, at: usize| Err(HeadError::new(kind, line.start + at, bytes));
    if bytes.first().copied().is_some_and(is_blank) {
        return fail(HeadErrorKind::FoldedField, 0);
    }
    let Some(colon) = memchr::memchr(b':', bytes) else {
        return fail(HeadErrorKind::NoColon, 0);
    };
    let (name, value) = (
        bytes.get(..colon).unwrap_or_default(),
        bytes.get(colon + 1..).unwrap_or_default(),
    );
    if name.last().copied().is_some_and(is_blank) {
        return fail(HeadErrorKind::SpaceBeforeColon, colon - 1);
    }
    if !is_token(name) {
        return fail(HeadErrorKind::BadName, 0);
    }
    if let Some(offset) = value
        .iter()
        .position(|byte| !super::grammar::is_field_value_byte(*byte))
    {
        return fail(HeadErrorKind::ControlInValue, colon + 1 + offset);
    }
    let leading = value.iter().take_while(|byte| is_blank(**byte)).count();
    let start = line.start + colon + 1 + leading;
    let length = super::grammar::trim(value).len();
    Ok(HeadField {
        name: line.start..line.start + colon,
        value: start..start + length,
        line,
    })
}

#[cfg(test)]
mod tests;
