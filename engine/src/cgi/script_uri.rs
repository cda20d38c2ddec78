//! From a request target to the decoded path that names a script, and back to the Script-URI
//! (RFC 3875 §3.2, §3.3; RFC 9112 §3.2).
use std::fmt;
use std::ops::Range;

use super::authority::Authority;
use super::grammar::{excerpt, octet_from_hex};

/// A request target taken apart; all ranges count in the target as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTarget {
    raw: Vec<u8>,
    /// `http` or `https` in any case, if the client sent the absolute form.
    pub scheme: Option<Range<usize>>,
    /// The host of the absolute form, which wins over the Host field (RFC 9112 §3.2.2).
    pub authority: Option<Range<usize>>,
    /// The path, still encoded; empty only in an absolute target without one.
    pub path: Range<usize>,
    /// What follows the first `?`, still encoded.
    pub query: Option<Range<usize>>,
}

/// A target that names nothing this server can serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct TargetError {
    /// What is wrong.
    pub kind: TargetErrorKind,
    /// Where, counted in bytes from the first byte of the target.
    pub at: usize,
    /// The first bytes of the target.
    pub excerpt: Vec<u8>,
}

/// What can be wrong with a request target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TargetErrorKind {
    /// `OPTIONS *`: the server as a whole is meant, not a resource (RFC 9112 §3.2.4).
    #[error("the target is the server as a whole (*), not a path")]
    Asterisk,
    /// `host:port`, which only CONNECT may send (RFC 9112 §3.2.3).
    #[error("the target is a host and a port, which only CONNECT may send")]
    AuthorityForm,
    /// Neither a path nor a URL.
    #[error("the target does not start with a slash")]
    NoLeadingSlash,
    /// An absolute target of another scheme.
    #[error("the target is a URL of a scheme other than http and https")]
    UnsupportedScheme,
    /// The absolute form names no valid host.
    #[error("the host in the target is not a host name or an address with an optional port")]
    BadAuthority,
    /// A `%` that two hexadecimal digits do not follow.
    #[error("a percent sign in the path is not followed by two hexadecimal digits")]
    BadEscape,
    /// `%00`; no environment variable and no file name can hold it.
    #[error("the path holds an encoded NUL (%00), which no variable or file name can hold")]
    EncodedNul,
    /// More `..` than there are segments before them.
    #[error("the path leads above the root of the site")]
    AboveRoot,
}

impl TargetError {
    fn new(kind: TargetErrorKind, at: usize, target: &[u8]) -> Self {
        Self {
            kind,
            at,
            excerpt: excerpt(target),
        }
    }

    /// The status code that answers such a target.
    #[must_use]
    pub const fn status(&self) -> u16 {
        400
    }

    /// The section that forbids it.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self.kind {
            TargetErrorKind::Asterisk => "RFC 9112 §3.2.4",
            TargetErrorKind::AuthorityForm => "RFC 9112 §3.2.3",
            TargetErrorKind::NoLeadingSlash => "RFC 9112 §3.2.1",
            TargetErrorKind::UnsupportedScheme | TargetErrorKind::BadAuthority => "RFC 9112 §3.2.2",
            TargetErrorKind::BadEscape => "RFC 3986 §2.1",
            TargetErrorKind::EncodedNul => "RFC 3875 §7.2",
            TargetErrorKind::AboveRoot => "RFC 3875 §9.8",
        }
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, at, excerpt) = (self.kind, self.at, self.excerpt.escape_ascii());
        write!(formatter, "{kind} at byte {at}: \"{excerpt}\"")
    }
}

impl RequestTarget {
    /// Takes an origin-form or absolute-form target apart.
    ///
    /// # Errors
    /// The target is in another form, or names an impossible host.
    pub fn parse(target: &[u8]) -> Result<Self, TargetError> {
        let fail = |kind, at| Err(TargetError::new(kind, at, target));
        if target.starts_with(b"/") {
            return Ok(Self::from_path(target, None, None, 0));
        }
        if target == b"*" {
            return fail(TargetErrorKind::Asterisk, 0);
        }
        let Some(scheme_end) = memchr::memmem::find(target, b"://") else {
            return match Authority::parse(target) {
                Some(authority) if authority.port.is_some() => {
                    fail(TargetErrorKind::AuthorityForm, 0)
                }
                _ => fail(TargetErrorKind::NoLeadingSlash, 0),
            };
        };
        let scheme = target.get(..scheme_end).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case(b"http") && !scheme.eq_ignore_ascii_case(b"https") {
            return fail(TargetErrorKind::UnsupportedScheme, 0);
        }
        let start = scheme_end + 3;
        let rest = target.get(start..).unwrap_or_default();
        let length = memchr::memchr2(b'/', b'?', rest).unwrap_or(rest.len());
        match Authority::parse(rest.get(..length).unwrap_or_default()) {
            Some(authority) if !authority.host.is_empty() => {}
            _ => return fail(TargetErrorKind::BadAuthority, start),
        }
        let end = start + length;
        Ok(Self::from_path(
            target,
            Some(0..scheme_end),
            Some(start..end),
            end,
        ))
    }

    fn from_path(
        target: &[u8],
        scheme: Option<Range<usize>>,
        authority: Option<Range<usize>>,
        start: usize,
    ) -> Self {
        let rest = target.get(start..).unwrap_or_default();
        // A second question mark belongs to the query.
        let mark = memchr::memchr(b'?', rest).map(|offset| start + offset);
        Self {
            raw: target.to_vec(),
            scheme,
            authority,
            path: start..mark.unwrap_or(target.len()),
            query: mark.map(|mark| mark + 1..target.len()),
        }
    }

    /// The target as it was sent.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The path as it was sent; `/` stands for an empty one (RFC 9110 §4.2.3).
    #[must_use]
    pub fn path(&self) -> &[u8] {
        match self.part(&self.path) {
            b"" => b"/",
            path => path,
        }
    }

    /// The query as it was sent, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&[u8]> {
        self.query.as_ref().map(|range| self.part(range))
    }

    /// The host and port of an absolute target.
    #[must_use]
    pub fn authority(&self) -> Option<&[u8]> {
        self.authority.as_ref().map(|range| self.part(range))
    }

    /// Where the path and the query stand: what REQUEST_URI shows.
    #[must_use]
    pub fn path_and_query(&self) -> Range<usize> {
        self.path.start..self.raw.len()
    }

    /// The path decoded once, its `.` and `..` resolved.
    ///
    /// Everything is decoded before anything is resolved, an encoded slash is a slash then, and the
    /// path is resolved before anybody splits it into script and extra path (RFC 3875 §9.8): no
    /// spelling of `..` reaches the file system. Empty segments and `;parameters` stay.
    ///
    /// # Errors
    /// A bad escape, an encoded NUL, or a path that leads above the root.
    pub fn decode_path(&self) -> Result<DecodedPath, TargetError> {
        let octets = self.decoded_octets()?;
        let encoded_slash = octets.iter().any(|octet| octet.encoded(b'/'));
        let total = octets.len();
        let octets = self.without_dot_segments(&octets)?;
        Ok(DecodedPath {
            bytes: octets.iter().map(|octet| octet.byte).collect(),
            dot_segments: octets.len() != total,
            octets,
            encoded_slash,
        })
    }

    fn decoded_octets(&self) -> Result<Vec<Octet>, TargetError> {
        let path = self.part(&self.path);
        if path.is_empty() {
            let start = self.path.start;
            return Ok(vec![Octet {
                byte: b'/',
                source: start..start,
            }]);
        }
        let mut octets = Vec::with_capacity(path.len());
        let mut at = self.path.start;
        let mut rest = path;
        while let [first, tail @ ..] = rest {
            let fail = |kind| Err(TargetError::new(kind, at, &self.raw));
            let (byte, length) = match (first, tail) {
                (b'%', [high, low, ..]) => match octet_from_hex(*high, *low) {
                    Some(0) => return fail(TargetErrorKind::EncodedNul),
                    Some(byte) => (byte, 3),
                    None => return fail(TargetErrorKind::BadEscape),
                },
                (b'%', _) => return fail(TargetErrorKind::BadEscape),
                (0, _) => return fail(TargetErrorKind::EncodedNul),
                (byte, _) => (*byte, 1),
            };
            octets.push(Octet {
                byte,
                source: at..at + length,
            });
            at += length;
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(octets)
    }

    fn without_dot_segments(&self, octets: &[Octet]) -> Result<Vec<Octet>, TargetError> {
        let mut kept: Vec<Octet> = Vec::with_capacity(octets.len());
        // Where each kept segment starts in `kept`, at its slash.
        let mut starts: Vec<usize> = Vec::new();
        let mut segments = octets.chunk_by(|_, next| next.byte != b'/').peekable();
        while let Some(segment) = segments.next() {
            let name = segment.get(1..).unwrap_or_default();
            let dots = name.len() <= 2 && name.iter().all(|octet| octet.byte == b'.');
            if name.is_empty() || !dots {
                starts.push(kept.len());
                kept.extend_from_slice(segment);
                continue;
            }
            if name.len() == 2 {
                let Some(start) = starts.pop() else {
                    let at = segment.first().map_or(0, |octet| octet.source.start);
                    return Err(TargetError::new(TargetErrorKind::AboveRoot, at, &self.raw));
                };
                kept.truncate(start);
            }
            // What a dot segment at the end leaves is a folder, so its slash stays.
            if segments.peek().is_none() {
                kept.extend(segment.first().cloned());
            }
        }
        Ok(kept)
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.raw.get(range.clone()).unwrap_or_default()
    }
}

/// One octet of a decoded path and the bytes of the target that spell it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Octet {
    byte: u8,
    source: Range<usize>,
}

impl Octet {
    fn encoded(&self, byte: u8) -> bool {
        self.byte == byte && self.source.len() == 3
    }
}

/// A path as the file system and PATH_INFO see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedPath {
    /// Starts with a slash; may hold any byte but NUL.
    pub bytes: Vec<u8>,
    /// A slash came as `%2F`, so it can no longer be told from the others (RFC 3875 §4.1.5).
    pub encoded_slash: bool,
    /// The client sent `.` or `..` segments, which are resolved in `bytes`.
    pub dot_segments: bool,
    octets: Vec<Octet>,
}

impl DecodedPath {
    /// Where in the request target a part of the decoded path was written.
    #[must_use]
    pub fn source_range(&self, decoded: Range<usize>) -> Range<usize> {
        let end = self.octets.last().map_or(0, |octet| octet.source.end);
        let Some(first) = self.octets.get(decoded.start) else {
            return end..end;
        };
        let last = decoded
            .end
            .checked_sub(1)
            .and_then(|last| self.octets.get(last));
        let end = last.map_or(first.source.start, |last| last.source.end);
        first.source.start..end.max(first.source.start)
    }
}

/// The Script-URI that the meta-variables describe (RFC 3875 §3.3): asked for again, it selects the
/// same script with the same SCRIPT_NAME, PATH_INFO and QUERY_STRING.
#[must_use]
pub fn script_uri(
    scheme: &str,
    server_name: &[u8],
    server_port: u16,
    script_name: &[u8],
    path_info: &[u8],
    query_string: &[u8],
) -> Vec<u8> {
    let mut uri = format!("{scheme}://").into_bytes();
    uri.extend_from_slice(server_name);
    uri.extend_from_slice(format!(":{server_port}").as_bytes());
    uri.extend(encode_path(script_name));
    uri.extend(encode_path(path_info));
    if !query_string.is_empty() {
        uri.push(b'?');
        uri.extend_from_slice(query_string);
    }
    uri
}

/// A decoded path as a URL spells it: `;`, `=` and `?` reserved, the other reserved characters left
/// as they are, since they must not be encoded (RFC 3875 §2.3).
#[must_use]
pub fn encode_path(path: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(path.len());
    for byte in path {
        if stands_for_itself(*byte) {
            encoded.push(*byte);
        } else {
            encoded.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    encoded
}

const fn stands_for_itself(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            // `mark` of §2.3, then what is drawn from `reserved` but is not reserved here.
            b'-' | b'_'
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
                | b'('
                | b')'
                | b'/'
                | b':'
                | b'@'
                | b'&'
                | b'+'
                | b'$'
                | b','
                | b'['
                | b']'
        )
}

#[cfg(test)]
mod tests;
