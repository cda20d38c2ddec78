//! Python's `http.server --cgi`: a few variables, no reading of the output, and one status for everything.
use super::super::output_rules::{
    Act, BadStatus, FieldRules as OutputFields, LengthField, OutputRules, Phrase, Reading,
    RedirectRules, StatusForm, StatusRules,
};
use super::super::rules::{
    CommandLineRule, Condition, DirectoryRule, FieldRules, HostRule, LengthRule, Letters, NameRule,
    OwnName, Reason, Refusal, Repeated, Rules, Trimmed, Value, set, unset,
};
use crate::cgi::violation::ViolationKind as Kind;

pub(crate) const CPYTHON: Rules = Rules {
    name: "cpython",
    label: "CPython 3.11 http.server --cgi",
    short: "CPython's http.server",
    software: "SimpleHTTP/0.6 Python/3.11",
    variables: VARIABLES,
    fields: FieldRules {
        passed: false,
        letters: Letters::Plain,
        dropped: &[],
        withheld: &[],
        basic_dropped: false,
        length_dropped_with_post: false,
        repeated: Repeated::Last,
        empty_dropped: false,
        trimmed: Trimmed::Both,
        host: HostRule::AsSent,
    },
    command_line: CommandLineRule::OneWord,
    own_name: OwnName::Name,
    directory: DirectoryRule::ServerFolder,
    refusals: REFUSALS,
    inherits: true,
    verbatim_path: false,
    endless_input: true,
    reasons: REASONS,
    output: AS_PRINTED,
};

const VARIABLES: &[(&str, Value)] = &[
    ("AUTH_TYPE", Value::ClaimedScheme),
    (
        "CONTENT_LENGTH",
        Value::ContentLength(LengthRule::AsSentOrEmpty),
    ),
    ("CONTENT_TYPE", Value::ContentType(Some("text/plain"))),
    ("GATEWAY_INTERFACE", Value::Fixed("CGI/1.1")),
    (
        "PATH_INFO",
        Value::PathInfo {
            always: true,
            twice: true,
        },
    ),
    (
        "PATH_TRANSLATED",
        Value::PathTranslated {
            always: true,
            twice: true,
        },
    ),
    ("QUERY_STRING", Value::Query),
    ("REMOTE_ADDR", Value::RemoteAddress),
    ("REMOTE_HOST", Value::Fixed("")),
    ("REMOTE_USER", Value::ClaimedUser { always: false }),
    ("REQUEST_METHOD", Value::Method { upper: false }),
    ("SCRIPT_NAME", Value::ScriptName),
    ("SERVER_NAME", Value::ServerName(NameRule::Own)),
    ("SERVER_PORT", Value::RealPort),
    ("SERVER_PROTOCOL", Value::Fixed("HTTP/1.0")),
    (
        "SERVER_SOFTWARE",
        Value::Fixed("SimpleHTTP/0.6 Python/3.11"),
    ),
    (
        "HTTP_ACCEPT",
        Value::Field {
            field: "accept",
            separator: ",",
        },
    ),
    (
        "HTTP_COOKIE",
        Value::Field {
            field: "cookie",
            separator: ", ",
        },
    ),
    (
        "HTTP_REFERER",
        Value::Field {
            field: "referer",
            separator: ", ",
        },
    ),
    (
        "HTTP_USER_AGENT",
        Value::Field {
            field: "user-agent",
            separator: ", ",
        },
    ),
];

const REFUSALS: &[Refusal] = &[
    Refusal {
        when: Condition::MethodOtherThan(&["GET", "HEAD", "POST"]),
        status: 501,
        why: "it knows GET, HEAD and POST only",
        row: 33,
        breaks: None,
    },
    Refusal {
        when: Condition::AbsoluteTarget,
        status: 404,
        why: "it takes an absolute target for a path",
        row: 35,
        breaks: None,
    },
    Refusal {
        when: Condition::Chunked,
        status: 501,
        why: "it would hand the chunks to the script as they came, without an end: a script that reads them hangs",
        row: 58,
        breaks: Some("§4.2"),
    },
];

const REASONS: &[Reason] = &[
    set(
        "AUTH_TYPE",
        21,
        "it is the scheme that the client claims; no password is checked",
        Some("§4.1.1"),
    ),
    set(
        "REMOTE_USER",
        21,
        "it is the name that the client claims; no password is checked",
        Some("§4.1.11"),
    ),
    set(
        "CONTENT_LENGTH",
        24,
        "it is set to nothing where the client names no length",
        None,
    ),
    set(
        "CONTENT_TYPE",
        25,
        "it invents text/plain where the client names no type",
        Some("§4.1.3"),
    ),
    set(
        "PATH_INFO",
        13,
        "it is always set, decoded twice, made valid UTF-8, with slashes merged",
        None,
    ),
    set(
        "PATH_TRANSLATED",
        17,
        "it is always set, even without an extra path",
        Some("§4.1.6"),
    ),
    set("REMOTE_HOST", 31, "it is set to nothing", None),
    set("SCRIPT_NAME", 12, "it merges slashes", None),
    set(
        "SERVER_NAME",
        35,
        "it is the server's own name, whatever host the client asks for",
        Some("§4.1.14"),
    ),
    set("SERVER_PROTOCOL", 37, "it is constant", Some("§4.1.16")),
    set("SERVER_SOFTWARE", 38, "it is another server", None),
    unset("REQUEST_URI", 39, "it does not set this extension", None),
    unset(
        "SCRIPT_FILENAME",
        40,
        "it does not set this extension",
        None,
    ),
    unset("DOCUMENT_ROOT", 40, "it does not set this extension", None),
    unset("SERVER_ADDR", 32, "it does not set this extension", None),
    unset("REMOTE_PORT", 32, "it does not set this extension", None),
    unset("REQUEST_SCHEME", 41, "it does not set this extension", None),
    set(
        "HTTP_COOKIE",
        45,
        "it sets it to nothing where there is none, and joins several with a comma",
        Some("§4.1.18"),
    ),
    set(
        "HTTP_*",
        43,
        "it is set to nothing where there is no such field; bytes above 127 are taken for ISO-8859-1",
        None,
    ),
    unset(
        "HTTP_*",
        43,
        "it passes Accept, Cookie, Referer and User-Agent only",
        None,
    ),
    set("PATH", 49, "it is that of the server", None),
    unset(
        "REDIRECT_*",
        95,
        "it sends a Location to the client, with status 200",
        Some("§6.2.2"),
    ),
];

const AS_PRINTED: OutputRules = OutputRules {
    reading: Reading::AsPrinted("HTTP/1.0 200 Script output follows"),
    line_bytes: usize::MAX,
    block_bytes: usize::MAX,
    acts: &[(Kind::EmptyOutput, Act::Keep)],
    nul: Act::Keep,
    status: UNREAD_STATUS,
    fields: UNREAD_FIELDS,
    redirects: UNREAD_REDIRECTS,
};

// What is not read needs no rules; these are never asked.
pub(super) const UNREAD_STATUS: StatusRules = StatusRules {
    exact: false,
    form: StatusForm::ThreeDigits,
    bad: BadStatus::Empty,
    last: false,
    phrase: Phrase::Verbatim,
};

pub(super) const UNREAD_FIELDS: OutputFields = OutputFields {
    dropped: &[],
    merged: false,
    last_type: false,
    empty_dropped: false,
    canonical: false,
    length: LengthField::Dropped,
    unchunked: false,
    typeless: &[],
    type_needed: None,
    sniffed: false,
};

pub(super) const UNREAD_REDIRECTS: RedirectRules = RedirectRules {
    internal: false,
    even_200: false,
    own_page: false,
    empty_counts: false,
    phrase: "",
};
