//! What each breach of RFC 3875 means for the author of a script, and what to do about it.
//!
//! Code, section and verdict are the table's in `cgi::violation`.

use crate::cgi::violation::ViolationKind;

/// What is said of a kind of breach.
pub(super) struct Words {
    /// A headline where the table's own words are too short for one.
    pub(super) title: Option<&'static str>,
    pub(super) explanation: &'static str,
    pub(super) remedy: &'static str,
    /// Beside the line in the evidence.
    pub(super) note: &'static str,
}

const fn words_of(
    title: Option<&'static str>,
    explanation: &'static str,
    remedy: &'static str,
    note: &'static str,
) -> Words {
    Words {
        title,
        explanation,
        remedy,
        note,
    }
}

const NEITHER: &str = "CGI output starts with header lines, then an empty line, then the page. The first line here is neither.";
const NOT_A_FIELD: &str = "not \u{201c}Name: value\u{201d}";

#[rustfmt::skip]
pub(super) fn words(kind: ViolationKind) -> Words {
    use ViolationKind as Kind;
    match kind {
        Kind::EmptyOutput => words_of(Some("The script ended without printing anything"), "A response needs at least one header line.", "Print a Content-Type line, an empty line, and the page.", ""),
        Kind::NoBlankLine => words_of(Some("There is no empty line after the headers"), "The empty line tells where the headers end and the page begins; the output ended before one came.", "Print an empty line after the last header: print()", "the empty line is missing after this"),
        Kind::PageInsideHeaders => words_of(Some("There is no empty line between the headers and the page"), "The empty line tells where the headers end; without it the first line of the page is taken for a header.", "Print an empty line after the last header: print()", "already the page"),
        Kind::PageBeforeHeaders => words_of(Some("The script printed the page before its headers"), NEITHER, "Print a Content-Type line and an empty line first.", NOT_A_FIELD),
        Kind::TextBeforeHeaders => words_of(Some("The script printed text before its headers"), NEITHER, "Send such messages to standard error instead: print(…, file=sys.stderr)", NOT_A_FIELD),
        Kind::TracebackInHeaders => words_of(Some("An exception was printed where the headers should be"), "It went to standard output, as if it were a header.", "Leave sys.stderr as it is, so that tracebacks go to standard error.", "a traceback begins"),
        Kind::NoContentType | Kind::NoContentTypeBesideStatus => words_of(None, "Nobody can know what the page is; browsers guess, and some servers refuse the response.", "Print Content-Type: text/html; charset=utf-8 among the headers.", "no Content-Type up to here"),
        Kind::LengthTooShort => words_of(None, "The whole page was sent with its true length; other servers cut it off at the promised one.", "Leave Content-Length out, or count the bytes after encoding: len(page.encode())", "the promise"),
        Kind::LengthTooLong => words_of(None, "The whole page was sent with its true length; on other servers the client waits for the rest.", "Leave Content-Length out, or count the bytes after encoding: len(page.encode())", "the promise"),
        Kind::HttpStatusLine => words_of(Some("The script printed an HTTP status line"), "The server writes the status line itself. A CGI script names another status in a Status header.", "Print Status: 404 Not Found instead, or let the file's name begin with nph-.", "only the server's to write"),
        Kind::BadStatus => words_of(Some("Status must begin with a three-digit number"), "The value is a number from 100 to 999, then a space and a few words.", "Print for instance Status: 404 Not Found", "no such number"),
        Kind::TransferEncoding => words_of(None, "How the body travels is arranged between server and client.", "Leave Transfer-Encoding out; print the page as it is.", "the server's to set"),
        Kind::ConnectionField => words_of(None, "The connection belongs to the server; the field was dropped.", "Leave it out.", "the server's to set"),
        Kind::LineWithoutColon => words_of(Some("A line among the headers is no header"), "Until an empty line comes every line is a header, \u{201c}Name: value\u{201d}. Either the empty line before the page is missing, or something was printed among the headers.", "Print an empty line after the last header, and messages to standard error.", NOT_A_FIELD),
        Kind::BadFieldName => words_of(None, "This may be text that was printed before the headers and has a colon by chance, or a header's name with a blank in it.", "Check the name; send messages to standard error.", "no header name"),
        Kind::ControlInValue => words_of(None, "A header's value is one line of printable text. What comes from a request must never get into it unchecked.", "Remove control characters from the value.", "control character"),
        Kind::BlankLineFirst => words_of(None, "The empty line ends the headers, so that everything after it is page.", "Remove what prints the empty line, or print the headers before it.", "ends the headers"),
        Kind::SpaceBeforeColon => words_of(None, "The name ends at the colon; white space there is read differently by every server.", "Remove it.", "white space before :"),
        Kind::ContinuationLine => words_of(None, "Each header is one line.", "Print the header in one line.", "begins with white space"),
        Kind::IndentedFirstLine => words_of(None, "A header begins in the first column; an indented text block often causes this.", "Remove the white space, for instance with textwrap.dedent.", "begins with white space"),
        Kind::BlankLineNotEmpty => words_of(None, "Only a line with nothing in it ends the headers; an indented text block often causes this.", "Print a line with nothing in it: print()", "not empty"),
        Kind::BareCarriageReturn => words_of(None, "Lines end with LF, or with CR LF.", "End lines with \\n.", "CR without LF"),
        Kind::ByteOrderMark => words_of(None, "Three invisible bytes make the first header's name another one.", "Write with encoding utf-8, not utf-8-sig; save the script without BOM.", "BOM before the name"),
        Kind::LineTooLong => words_of(None, "Perhaps the page was printed without headers, in one line.", "Print a Content-Type line and an empty line first.", "too long"),
        Kind::BlockTooLarge => words_of(None, "Perhaps the empty line before the page is missing.", "Print an empty line after the last header: print()", "too much"),
        Kind::TooManyFields => words_of(None, "Perhaps the empty line before the page is missing, and its lines have colons.", "Print an empty line after the last header: print()", "one too many"),
        Kind::DuplicateCgiField => words_of(None, "A response has one type, one place and one status.", "Print it once; a library that you use may print it too.", "again"),
        Kind::InterimStatus => words_of(None, "Such a status announces another response, which a CGI script cannot send.", "Use 200 or a higher number.", "not final"),
        Kind::BadContentLength => words_of(None, "It was ignored; the server counts the body itself.", "Leave Content-Length out.", "not a number"),
        Kind::ServerField => words_of(None, "A client must be able to trust the server's own clock and name.", "Leave them out.", "dropped"),
        Kind::UnknownExtension => words_of(None, "Names that begin with X-CGI- are for the server, which does not know this one.", "Give the field another name.", "dropped"),
        Kind::LocalRedirectWithFields => words_of(None, "The page that is named answers, with its own headers.", "Print Location alone, then an empty line.", "not kept"),
        Kind::NetworkPathLocation => words_of(None, "Two slashes at the beginning are followed by a host's name.", "Begin with one slash for a path of this server.", "names a host"),
        Kind::RelativeLocation => words_of(None, "The client was sent there; how it completes the address is up to it.", "Print a path from the root, such as /cgi-bin/next.py, or a full URL.", "neither"),
        Kind::LocalFragment => words_of(None, "Only a browser knows what a fragment is, so the request could not be passed on inside the server.", "Leave the fragment out, or print a full URL.", "has a fragment"),
        Kind::BadLocation => words_of(None, "Blanks, quotes and letters beyond ASCII must be percent-encoded in an address.", "Build it with urllib.parse.quote.", "must be encoded"),
        Kind::RedirectWithoutStatus => words_of(None, "With a page of its own, the script also has to say which redirect it is.", "Print Status: 302 Found too, or leave the page out.", "a page without Status"),
        Kind::ClientRedirectWithFields => words_of(None, "Without Status and a page only Location is allowed.", "Add Status: 302 Found.", "one too many"),
        Kind::LocationWithoutRedirect => words_of(None, "Location means a redirect only beside a Status from 300 to 399 or none.", "Print Status: 303 See Other, or leave one of the two out.", "redirects nobody"),
        Kind::BodyNotAllowed => words_of(None, "After such a status the client expects the next response at once.", "Print nothing after the empty line.", "not sent"),
        Kind::BodyForHead => words_of(None, "HEAD asks for the headers only; the server has thrown the page away.", "A script that makes costly pages can leave when REQUEST_METHOD is HEAD.", "not sent"),
    }
}
