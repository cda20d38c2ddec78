//! What a script's output can break, and the one table that says what each breach costs.
use std::fmt;
use std::ops::Range;

use super::grammar::excerpt;

/// How much of the RFC the server insists on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Strictness {
    /// Every MUST of the RFC.
    Strict,
    /// What most hosts refuse is refused, the rest is said.
    #[default]
    Default,
    /// What can be repaired is repaired and said.
    Lenient,
}

/// What becomes of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The client gets an error instead of the script's response.
    Refuse,
    /// The response is sent, repaired where needed, and the breach is reported.
    Warn,
    /// Nothing is done and nothing is said.
    Allow,
}

/// One breach, with its place in the script's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What was broken.
    pub kind: ViolationKind,
    /// The line of the output, counted from 1; 0 if it is about the whole.
    pub line: u32,
    /// The bytes of the output that it is about.
    pub span: Range<usize>,
    /// The first of these bytes.
    pub excerpt: Vec<u8>,
}

impl Violation {
    pub(crate) fn new(kind: ViolationKind, line: u32, span: Range<usize>, evidence: &[u8]) -> Self {
        Self {
            kind,
            line,
            span,
            excerpt: excerpt(evidence),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind.title())?;
        if self.line > 0 {
            write!(formatter, " in line {}", self.line)?;
        }
        if !self.excerpt.is_empty() {
            write!(formatter, ": \"{}\"", self.excerpt.escape_ascii())?;
        }
        Ok(())
    }
}

/// What a script's output can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViolationKind {
    /// Nothing was printed.
    EmptyOutput,
    /// The output ended inside the header block.
    NoBlankLine,
    /// Markup follows a header line at once.
    PageInsideHeaders,
    /// The first line is markup.
    PageBeforeHeaders,
    /// The first line is some other text.
    TextBeforeHeaders,
    /// A Python traceback stands where a header should.
    TracebackInHeaders,
    /// No usable Content-Type in a document response, and nothing else that makes it an answer.
    NoContentType,
    /// No usable Content-Type beside a Status: an error without a page has none, as `git http-backend` answers.
    NoContentTypeBesideStatus,
    /// Content-Length and the body differ: the body is longer.
    LengthTooShort,
    /// Content-Length and the body differ: the body is shorter.
    LengthTooLong,
    /// A status line of HTTP where a header should stand.
    HttpStatusLine,
    /// A Status that does not start with a number from 100 to 999.
    BadStatus,
    /// Transfer-Encoding, which the server alone may set.
    TransferEncoding,
    /// Connection, Keep-Alive and the like.
    ConnectionField,
    /// A later line without a colon.
    LineWithoutColon,
    /// A field name that is empty or no token.
    BadFieldName,
    /// A control character in a value.
    ControlInValue,
    /// The first line is empty.
    BlankLineFirst,
    /// `Name : value`.
    SpaceBeforeColon,
    /// A line that starts with white space after a field.
    ContinuationLine,
    /// The first line starts with white space.
    IndentedFirstLine,
    /// The empty line holds white space.
    BlankLineNotEmpty,
    /// A carriage return that no line feed follows.
    BareCarriageReturn,
    /// U+FEFF before the first header.
    ByteOrderMark,
    /// A line passes its limit.
    LineTooLong,
    /// The block passes its limit.
    BlockTooLarge,
    /// Too many fields.
    TooManyFields,
    /// Content-Type, Location or Status more than once.
    DuplicateCgiField,
    /// A status from 100 to 199.
    InterimStatus,
    /// A Content-Length that is no number, or several.
    BadContentLength,
    /// Date or Server, which are the server's to send.
    ServerField,
    /// An `X-CGI-` field that nobody knows.
    UnknownExtension,
    /// Other fields beside a local Location.
    LocalRedirectWithFields,
    /// `Location: //host/path`.
    NetworkPathLocation,
    /// A Location that is neither absolute nor a path from the root.
    RelativeLocation,
    /// A local Location with a fragment.
    LocalFragment,
    /// A Location with bytes that a URI cannot have.
    BadLocation,
    /// A document beside a Location, but no Status.
    RedirectWithoutStatus,
    /// Other fields in a redirect that has no document.
    ClientRedirectWithFields,
    /// A Location with a Status that redirects nobody.
    LocationWithoutRedirect,
    /// A body in a response that cannot have one (204, 304).
    BodyNotAllowed,
    /// A body in the answer to HEAD.
    BodyForHead,
}

/// One row of the table.
struct Row {
    code: u16,
    section: &'static str,
    title: &'static str,
    verdicts: [Verdict; 3],
}

const fn row(code: u16, section: &'static str, title: &'static str, verdicts: [Verdict; 3]) -> Row {
    Row {
        code,
        section,
        title,
        verdicts,
    }
}

/// Nobody can repair it.
const FATAL: [Verdict; 3] = [Verdict::Refuse, Verdict::Refuse, Verdict::Refuse];
/// Most hosts refuse it, some repair it.
const REPAIRED: [Verdict; 3] = [Verdict::Refuse, Verdict::Refuse, Verdict::Warn];
/// The RFC forbids it, hosts live with it.
const TOLERATED: [Verdict; 3] = [Verdict::Refuse, Verdict::Warn, Verdict::Warn];
/// The server puts it right and says so.
const PUT_RIGHT: [Verdict; 3] = [Verdict::Warn, Verdict::Warn, Verdict::Warn];
/// Only the letter of the RFC minds.
const PEDANTIC: [Verdict; 3] = [Verdict::Warn, Verdict::Allow, Verdict::Allow];

impl ViolationKind {
    /// The table: rule number, section, title, and what strict, default and lenient do.
    ///
    /// Numbers below 100 are those of the catalogue of script failures; from 101 on they are our own.
    #[rustfmt::skip]
    const fn row(self) -> Row {
        match self {
            Self::EmptyOutput => row(22, "§6.1", "the script printed nothing", FATAL),
            Self::NoBlankLine => row(23, "§6.2", "the output ended without the empty line that closes the headers", REPAIRED),
            Self::PageInsideHeaders => row(23, "§6.2", "the page starts right after the headers, without an empty line between", FATAL),
            Self::PageBeforeHeaders => row(24, "§6.2", "the page was printed before the headers", FATAL),
            Self::TextBeforeHeaders => row(25, "§6.3", "text that is no header was printed before the headers", FATAL),
            Self::TracebackInHeaders => row(26, "§6.3", "a Python traceback was printed where the headers should be", FATAL),
            Self::NoContentType => row(31, "§6.3.1", "the headers name no Content-Type", REPAIRED),
            Self::NoContentTypeBesideStatus => row(31, "§6.3.1", "the headers name no Content-Type", TOLERATED),
            Self::LengthTooShort => row(38, "§6.3.4", "the body is longer than the script's Content-Length", PUT_RIGHT),
            Self::LengthTooLong => row(38, "§6.3.4", "the body is shorter than the script's Content-Length", PUT_RIGHT),
            Self::HttpStatusLine => row(39, "§6.3", "the script printed an HTTP status line; CGI has the Status header for that", FATAL),
            Self::BadStatus => row(40, "§6.3.3", "the Status is not a three-digit number from 100 to 999", REPAIRED),
            Self::TransferEncoding => row(45, "§6.3.4", "the script set Transfer-Encoding, which only the server can", REPAIRED),
            Self::ConnectionField => row(45, "§6.3.4", "the script set a field about the connection, which only the server can", TOLERATED),
            Self::LineWithoutColon => row(101, "§6.3", "a line among the headers has no colon", FATAL),
            Self::BadFieldName => row(102, "§6.3", "a header name is not made of letters, digits and hyphens", REPAIRED),
            Self::ControlInValue => row(103, "§6.3", "a header value holds a control character", REPAIRED),
            Self::BlankLineFirst => row(104, "§6.2", "the output starts with an empty line, so it has no headers", REPAIRED),
            Self::SpaceBeforeColon => row(105, "§6.3", "there is white space between a header name and its colon", REPAIRED),
            Self::ContinuationLine => row(106, "§6.3", "a header goes on in the next line, which CGI does not allow", REPAIRED),
            Self::IndentedFirstLine => row(107, "§6.3", "the first header line starts with white space", REPAIRED),
            Self::BlankLineNotEmpty => row(108, "§6.2", "the line that should be empty holds white space", REPAIRED),
            Self::BareCarriageReturn => row(109, "§7.2", "a line ends with a carriage return only, as on the classic Mac", FATAL),
            Self::ByteOrderMark => row(110, "§6.3", "an invisible byte order mark stands before the first header", REPAIRED),
            Self::LineTooLong => row(111, "§9.6", "a header line is longer than this server accepts", FATAL),
            Self::BlockTooLarge => row(112, "§9.6", "the headers are larger than this server accepts", FATAL),
            Self::TooManyFields => row(113, "§9.6", "there are more headers than this server accepts", FATAL),
            Self::DuplicateCgiField => row(114, "§6.3", "Content-Type, Location or Status was given more than once; the first counts", TOLERATED),
            Self::InterimStatus => row(115, "§6.3.3", "a Status from 100 to 199 is no final answer", FATAL),
            Self::BadContentLength => row(116, "§6.3.4", "the Content-Length is not one decimal number", TOLERATED),
            Self::ServerField => row(117, "§6.3.4", "Date and Server are sent by the server; the script's were dropped", PUT_RIGHT),
            Self::UnknownExtension => row(118, "§6.3.5", "an X-CGI- field that this server does not know was dropped", PEDANTIC),
            Self::LocalRedirectWithFields => row(119, "§6.2.2", "a local redirect may have no other header; only cookies were kept", TOLERATED),
            Self::NetworkPathLocation => row(120, "§6.3.2", "a Location that starts with two slashes names another host, so the client is sent there", TOLERATED),
            Self::RelativeLocation => row(121, "§6.3.2", "the Location is neither a full URL nor a path that starts with a slash", TOLERATED),
            Self::LocalFragment => row(122, "§6.3.2", "a local Location cannot have a fragment, so the client was redirected", TOLERATED),
            Self::BadLocation => row(123, "§6.3.2", "the Location holds a character that must be percent-encoded", TOLERATED),
            Self::RedirectWithoutStatus => row(124, "§6.2.4", "a redirect with a page needs a Status; 302 was sent", TOLERATED),
            Self::ClientRedirectWithFields => row(125, "§6.2.3", "a redirect without a page may have no other header", PEDANTIC),
            Self::LocationWithoutRedirect => row(126, "§6.2.4", "the Status beside the Location redirects nobody", TOLERATED),
            Self::BodyNotAllowed => row(127, "§6.4", "a response with this status has no body; the script's was dropped", PUT_RIGHT),
            Self::BodyForHead => row(128, "§4.3.3", "the answer to HEAD has no body; the script's was dropped", PUT_RIGHT),
        }
    }

    /// The number of the rule; two kinds may share one.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.row().code
    }

    /// The section of RFC 3875 it breaks.
    #[must_use]
    pub const fn section(self) -> &'static str {
        self.row().section
    }

    /// What happened, in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().title
    }

    /// What it costs.
    #[must_use]
    pub const fn verdict(self, strictness: Strictness) -> Verdict {
        let [strict, default, lenient] = self.row().verdicts;
        match strictness {
            Strictness::Strict => strict,
            Strictness::Default => default,
            Strictness::Lenient => lenient,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_told_in_one_line() {
        let violation = Violation::new(ViolationKind::LineWithoutColon, 2, 10..15, b"he\x1bllo");
        assert_eq!(
            violation.to_string(),
            "a line among the headers has no colon in line 2: \"he\\x1bllo\""
        );
    }

    #[test]
    fn what_no_mode_can_repair_is_refused_in_all() {
        for strictness in [Strictness::Strict, Strictness::Default, Strictness::Lenient] {
            assert_eq!(
                ViolationKind::EmptyOutput.verdict(strictness),
                Verdict::Refuse
            );
            assert_eq!(
                ViolationKind::LengthTooShort.verdict(strictness),
                Verdict::Warn
            );
        }
        assert_eq!(
            ViolationKind::NoContentType.verdict(Strictness::Strict),
            Verdict::Refuse
        );
        assert_eq!(
            ViolationKind::NoContentType.verdict(Strictness::default()),
            Verdict::Refuse
        );
        assert_eq!(
            ViolationKind::NoContentTypeBesideStatus.verdict(Strictness::default()),
            Verdict::Warn
        );
        assert_eq!(
            ViolationKind::SpaceBeforeColon.verdict(Strictness::default()),
            Verdict::Refuse
        );
        assert_eq!(
            ViolationKind::SpaceBeforeColon.verdict(Strictness::Lenient),
            Verdict::Warn
        );
    }
}
