//! Why a request head was refused, in words, with the status and the section that says so.
use std::fmt;

use super::grammar::excerpt;

/// A refused request head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct HeadError {
    /// What is wrong.
    pub kind: HeadErrorKind,
    /// Where, counted in bytes from the first byte of the head.
    pub at: usize,
    /// The first bytes of the line at fault.
    pub excerpt: Vec<u8>,
}

impl HeadError {
    pub(crate) fn new(kind: HeadErrorKind, at: usize, evidence: &[u8]) -> Self {
        let line = evidence
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        Self {
            kind,
            at,
            excerpt: excerpt(line.strip_suffix(b"\r").unwrap_or(line)),
        }
    }

    /// The status code that answers such a head.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.kind.status()
    }

    /// The section that forbids it.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.kind.section()
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} at byte {}: \"{}\"",
            self.kind,
            self.at,
            self.excerpt.escape_ascii()
        )
    }
}

/// What can be wrong with a request head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum HeadErrorKind {
    /// More empty lines before the request line than anybody sends by mistake.
    #[error("too many empty lines before the request line")]
    EmptyLines,
    /// The first bytes are a TLS handshake.
    #[error("the client spoke TLS to a port that serves plain HTTP; use http:// in the address")]
    TlsHandshake,
    /// Not three words, or the last is no protocol version.
    #[error("the request line is not a method, a target and a version with one space between them")]
    RequestLine,
    /// The method is no token.
    #[error("the method is not made of token characters")]
    BadMethod,
    /// `CONNECT` asks for a tunnel, which only a proxy can give.
    #[error("CONNECT asks for a tunnel, and this server is no proxy")]
    Connect,
    /// A byte that has to be percent-encoded in a request target.
    #[error("the request target holds a byte that must be percent-encoded")]
    BadTargetByte,
    /// The target passes its limit.
    #[error("the request target is longer than this server accepts")]
    TargetTooLong,
    /// A version other than HTTP/1.0 and HTTP/1.1.
    #[error("the protocol version is neither HTTP/1.0 nor HTTP/1.1")]
    UnsupportedVersion,
    /// The head passes its limit.
    #[error("the request head is larger than this server accepts")]
    HeadTooLarge,
    /// More field lines than the limit.
    #[error("the request has more header fields than this server accepts")]
    TooManyFields,
    /// The bytes are not one whole head.
    #[error("the request head does not end where it should")]
    Incomplete,
    /// A line feed without a carriage return before it.
    #[error("a line of the head ends with a line feed alone; HTTP lines end with CR LF")]
    BareLineFeed,
    /// A carriage return without a line feed.
    #[error("a carriage return stands alone, without a line feed after it")]
    BareCarriageReturn,
    /// A field value that goes on in the next line.
    #[error(
        "a line starts with white space, which continues the field before it (obsolete folding)"
    )]
    FoldedField,
    /// `Name : value`.
    #[error("there is white space between a field name and its colon")]
    SpaceBeforeColon,
    /// A header line without a colon.
    #[error("a header line has no colon")]
    NoColon,
    /// A field name that is empty or no token.
    #[error("a field name is not made of token characters")]
    BadName,
    /// NUL or another control character.
    #[error("a field value holds a control character")]
    ControlInValue,
    /// HTTP/1.1 requires a Host field.
    #[error("an HTTP/1.1 request needs a Host field")]
    NoHost,
    /// More than one Host field.
    #[error("the request has more than one Host field")]
    SeveralHosts,
    /// A Host value that is no host.
    #[error("the Host value is not a host name or an address with an optional port")]
    BadHost,
    /// Two ways to tell where the body ends.
    #[error("the request has both Content-Length and Transfer-Encoding, so its end is ambiguous")]
    LengthWithCoding,
    /// Content-Length more than once, even with equal values.
    #[error("the request gives Content-Length more than once")]
    SeveralLengths,
    /// A Content-Length that is no decimal number.
    #[error("the Content-Length is not a decimal number that fits 64 bits")]
    BadLength,
    /// A coding other than chunked.
    #[error("the Transfer-Encoding names a coding other than chunked")]
    UnknownCoding,
    /// Chunked more than once, or an empty Transfer-Encoding.
    #[error("the Transfer-Encoding is not exactly one chunked")]
    BadCoding,
    /// HTTP/1.0 has no transfer-codings.
    #[error("an HTTP/1.0 request cannot have a Transfer-Encoding")]
    CodingInOldVersion,
}

impl HeadErrorKind {
    /// The status code that answers such a head.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::TargetTooLong => 414,
            Self::HeadTooLarge | Self::TooManyFields => 431,
            Self::UnknownCoding | Self::Connect => 501,
            Self::UnsupportedVersion => 505,
            _ => 400,
        }
    }

    /// The section of the HTTP specification that forbids it.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::EmptyLines | Self::BareCarriageReturn | Self::BareLineFeed | Self::Incomplete => {
                "RFC 9112 §2.2"
            }
            Self::TlsHandshake | Self::UnsupportedVersion => "RFC 9112 §2.3",
            Self::RequestLine | Self::TargetTooLong => "RFC 9112 §3",
            Self::BadMethod => "RFC 9112 §3.1",
            Self::BadTargetByte | Self::NoHost | Self::SeveralHosts | Self::BadHost => {
                "RFC 9112 §3.2"
            }
            Self::Connect => "RFC 9110 §9.3.6",
            Self::HeadTooLarge | Self::TooManyFields => "RFC 6585 §5",
            Self::SpaceBeforeColon | Self::NoColon => "RFC 9112 §5.1",
            Self::FoldedField => "RFC 9112 §5.2",
            Self::BadName => "RFC 9110 §5.1",
            Self::ControlInValue => "RFC 9110 §5.5",
            Self::UnknownCoding | Self::BadCoding | Self::CodingInOldVersion => "RFC 9112 §6.1",
            Self::LengthWithCoding | Self::SeveralLengths | Self::BadLength => "RFC 9112 §6.3",
        }
    }
}
