//! The language in which a host's reading of a script's output is described.
use crate::cgi::violation::ViolationKind;

/// What a host makes of a script's output.
pub(super) struct OutputRules {
    /// How it reads the beginning.
    pub reading: Reading,
    /// Longest line of the header block without its line feed, in bytes.
    pub line_bytes: usize,
    /// Largest header block, in bytes.
    pub block_bytes: usize,
    /// What it does where the output breaks a rule; where nothing is said, the line is kept.
    pub acts: &'static [(ViolationKind, Act)],
    /// What it does where a value holds a NUL.
    pub nul: Act,
    pub status: StatusRules,
    pub fields: FieldRules,
    pub redirects: RedirectRules,
}

/// How a host reads the beginning of the output.
#[derive(Clone, Copy)]
pub(super) enum Reading {
    /// Line by line, up to an empty one.
    Parsed,
    /// Not at all: all of it goes to the client behind these bytes.
    AsPrinted(&'static str),
    /// Only whether it begins with `Status: ` or `HTTP`; all of it goes to the client.
    AsPrintedAfterStatus,
}

/// What a host does about a breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// An error page with that status.
    Refuse(u16),
    /// The line is left out.
    Drop,
    /// The line is a field like any other, as it stands.
    Keep,
    /// The whole output is the body of a page with status 200.
    AllBody,
    /// A field of that name without a value.
    BareName,
    /// The value ends at its NUL.
    CutAtNul,
    /// A status line of HTTP is obeyed.
    StatusLine,
    /// The header block ends here, whatever it holds.
    EndHeaders,
    /// The connection is closed without a byte.
    Silence,
}

impl Act {
    /// In words, after the host's name.
    pub(super) fn words(self) -> String {
        match self {
            Self::Refuse(status) => format!("answers {status}"),
            Self::Drop => "leaves the line out".to_owned(),
            Self::Keep => "sends the line on as it stands".to_owned(),
            Self::AllBody => "takes the whole output for the page, with status 200".to_owned(),
            Self::BareName => "makes of the line a field without a value".to_owned(),
            Self::CutAtNul => "cuts the value at its NUL".to_owned(),
            Self::StatusLine => "takes its status".to_owned(),
            Self::EndHeaders => "sends a page without headers".to_owned(),
            Self::Silence => "closes the connection without a byte".to_owned(),
        }
    }
}

/// How Status is read.
pub(super) struct StatusRules {
    /// Only in this spelling.
    pub exact: bool,
    /// What counts as a number.
    pub form: StatusForm,
    /// What becomes of another.
    pub bad: BadStatus,
    /// Of several the last counts, else the first.
    pub last: bool,
    pub phrase: Phrase,
}

/// What counts as a status.
#[derive(Clone, Copy)]
pub(super) enum StatusForm {
    /// A number from 100 to 999 at the beginning.
    Number,
    /// Three digits, then a blank or the end.
    ThreeDigits,
    /// The first three bytes are digits, whatever follows.
    FirstThree,
}

/// What a Status without a number brings.
#[derive(Clone, Copy)]
pub(super) enum BadStatus {
    /// An error page.
    Refuse(u16),
    /// This status with the script's own page.
    WithBody(u16),
    /// Status 200 and nothing else.
    Empty,
}

/// Where the reason phrase comes from.
#[derive(Clone, Copy)]
pub(super) enum Phrase {
    /// From the script, the usual one where it wrote none.
    Script,
    /// From the script as it stands, number and all.
    Verbatim,
    /// The usual one, and this for a number without: `#` stands for it.
    Own(&'static str),
}

/// What becomes of the script's fields.
pub(super) struct FieldRules {
    /// Not sent on, in lower case.
    pub dropped: &'static [&'static str],
    /// Several of one name become one value, but for cookies.
    pub merged: bool,
    /// Of several Content-Type fields only the last is sent.
    pub last_type: bool,
    /// Fields without a value are not sent on.
    pub empty_dropped: bool,
    /// Names are written as `Like-This`.
    pub canonical: bool,
    pub length: LengthField,
    /// A chunked body of the script is taken apart.
    pub unchunked: bool,
    /// Answers with these statuses lose their Content-Type.
    pub typeless: &'static [u16],
    /// Without Content-Type, Status and Location the script is refused with this.
    pub type_needed: Option<u16>,
    /// A page without a type is given one by its first bytes.
    pub sniffed: bool,
}

/// What becomes of the script's Content-Length.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LengthField {
    /// It is not sent on.
    Dropped,
    /// The first is sent on and cuts the body, even where it is no number.
    FirstCuts,
    /// The last number is sent on and cuts the body.
    LastCuts,
    /// Numbers are sent on; a write that passes the first is lost.
    LosesWrites,
}

/// What becomes of a Location.
pub(super) struct RedirectRules {
    /// A path without a Status, or with 200, is followed by the server.
    pub internal: bool,
    /// Status 200 beside a Location becomes 302, too.
    pub even_200: bool,
    /// A redirect without a Status gets a page of the host's own.
    pub own_page: bool,
    /// A Location without a value redirects as well.
    pub empty_counts: bool,
    /// The phrase of 302 where the script wrote none.
    pub phrase: &'static str,
}

/// The row of the behaviour matrix that speaks of a breach.
pub(super) const fn row(kind: ViolationKind) -> u8 {
    use ViolationKind as Kind;
    match kind {
        Kind::BareCarriageReturn => 67,
        Kind::LineTooLong | Kind::BlockTooLarge => 68,
        Kind::TooManyFields => 69,
        Kind::SpaceBeforeColon => 71,
        Kind::ContinuationLine | Kind::IndentedFirstLine => 72,
        Kind::LineWithoutColon | Kind::PageInsideHeaders => 73,
        Kind::PageBeforeHeaders | Kind::TextBeforeHeaders | Kind::TracebackInHeaders => 74,
        Kind::EmptyOutput => 75,
        Kind::NoBlankLine | Kind::BlankLineNotEmpty => 76,
        Kind::BlankLineFirst => 77,
        Kind::NoContentType | Kind::NoContentTypeBesideStatus => 78,
        Kind::BadStatus => 81,
        Kind::InterimStatus => 82,
        Kind::DuplicateCgiField => 84,
        Kind::LengthTooShort | Kind::BadContentLength => 87,
        Kind::LengthTooLong => 88,
        Kind::TransferEncoding => 89,
        Kind::ConnectionField => 90,
        Kind::ServerField => 91,
        Kind::UnknownExtension => 92,
        Kind::BadFieldName | Kind::ByteOrderMark => 93,
        Kind::ControlInValue => 94,
        Kind::LocalRedirectWithFields => 97,
        Kind::NetworkPathLocation => 100,
        Kind::RelativeLocation | Kind::BadLocation => 104,
        Kind::LocalFragment => 95,
        Kind::RedirectWithoutStatus => 102,
        Kind::ClientRedirectWithFields => 101,
        Kind::LocationWithoutRedirect => 103,
        Kind::HttpStatusLine => 108,
        Kind::BodyForHead => 109,
        Kind::BodyNotAllowed => 110,
    }
}
