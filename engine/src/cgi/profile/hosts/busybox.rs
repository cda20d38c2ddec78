//! The httpd of busybox: it hands the output on unread but for a Status at its very beginning.
use super::super::output_rules::{Act, OutputRules, Reading};
use super::super::rules::{
    CommandLineRule, Condition, DirectoryRule, FieldRules, HostRule, LengthRule, Letters, OwnName,
    Reason, Refusal, Repeated, Rules, Trimmed, Value, set, unset,
};
use super::cpython::{UNREAD_FIELDS, UNREAD_REDIRECTS, UNREAD_STATUS};
use crate::cgi::violation::ViolationKind as Kind;

pub(crate) const BUSYBOX: Rules = Rules {
    name: "busybox",
    label: "busybox 1.35.0 httpd",
    short: "busybox",
    software: "",
    variables: VARIABLES,
    fields: FieldRules {
        passed: true,
        letters: Letters::Underscore,
        dropped: &["content-type", "range", "if-none-match"],
        withheld: &[],
        basic_dropped: true,
        length_dropped_with_post: true,
        repeated: Repeated::Last,
        empty_dropped: false,
        trimmed: Trimmed::Front,
        host: HostRule::AsSent,
    },
    command_line: CommandLineRule::Never,
    own_name: OwnName::Name,
    directory: DirectoryRule::ScriptFolder,
    refusals: REFUSALS,
    inherits: true,
    verbatim_path: false,
    endless_input: false,
    reasons: REASONS,
    output: OutputRules {
        reading: Reading::AsPrintedAfterStatus,
        line_bytes: usize::MAX,
        block_bytes: usize::MAX,
        acts: &[(Kind::EmptyOutput, Act::Silence)],
        nul: Act::Keep,
        status: UNREAD_STATUS,
        fields: UNREAD_FIELDS,
        redirects: UNREAD_REDIRECTS,
    },
};

const VARIABLES: &[(&str, Value)] = &[
    (
        "CONTENT_LENGTH",
        Value::ContentLength(LengthRule::PositiveOfPost),
    ),
    ("CONTENT_TYPE", Value::ContentType(None)),
    ("GATEWAY_INTERFACE", Value::Fixed("CGI/1.1")),
    (
        "PATH_INFO",
        Value::PathInfo {
            always: true,
            twice: false,
        },
    ),
    ("QUERY_STRING", Value::Query),
    ("REMOTE_ADDR", Value::RemoteAddress),
    ("REMOTE_USER", Value::CheckedUser),
    ("REQUEST_METHOD", Value::Method { upper: true }),
    ("SCRIPT_NAME", Value::ScriptName),
    ("SERVER_PROTOCOL", Value::Fixed("HTTP/1.1")),
    ("SERVER_SOFTWARE", Value::Fixed("busybox httpd/1.35.0")),
    ("REMOTE_PORT", Value::RemotePort),
    ("REQUEST_URI", Value::DecodedUri),
    ("SCRIPT_FILENAME", Value::ScriptFilename),
];

const REFUSALS: &[Refusal] = &[
    Refusal {
        when: Condition::AbsoluteTarget,
        status: 400,
        why: "it does not take an absolute target",
        row: 35,
        breaks: None,
    },
    Refusal {
        when: Condition::EncodedSlash,
        status: 404,
        why: "it finds nothing where a path has %2F",
        row: 10,
        breaks: None,
    },
    Refusal {
        when: Condition::ExtraPathEndsWithSlash,
        status: 404,
        why: "it looks for a folder where the path ends with a slash",
        row: 16,
        breaks: None,
    },
    Refusal {
        when: Condition::Chunked,
        status: 501,
        why: "it would hand the chunks to the script as they came, framing and all",
        row: 58,
        breaks: Some("§4.2"),
    },
];

const REASONS: &[Reason] = &[
    unset(
        "CONTENT_LENGTH",
        24,
        "it sets it with POST only, and only above zero",
        Some("§4.1.2"),
    ),
    set(
        "PATH_INFO",
        15,
        "it is set whether there is an extra path or not, with slashes merged",
        None,
    ),
    unset("PATH_TRANSLATED", 17, "it never sets it", None),
    unset("AUTH_TYPE", 21, "it never sets it", Some("§4.1.1")),
    unset("REMOTE_HOST", 31, "it never sets it", None),
    set(
        "REQUEST_METHOD",
        33,
        "it reads methods without regard to case",
        Some("§4.1.12"),
    ),
    unset("SERVER_NAME", 35, "it never sets it", Some("§4.1.14")),
    unset("SERVER_PORT", 36, "it never sets it", Some("§4.1.15")),
    set("SERVER_PROTOCOL", 37, "it is constant", Some("§4.1.16")),
    set("SERVER_SOFTWARE", 38, "it is another server", None),
    unset("SERVER_ADDR", 32, "it does not set this extension", None),
    unset("REQUEST_SCHEME", 41, "it does not set this extension", None),
    unset("DOCUMENT_ROOT", 40, "it does not set this extension", None),
    set("REQUEST_URI", 39, "it is decoded, but for the query", None),
    set("SCRIPT_NAME", 12, "it merges slashes", None),
    set(
        "HTTP_PROXY",
        23,
        "it passes a Proxy field on, which libraries take for the address of their proxy (httpoxy)",
        None,
    ),
    set(
        "HTTP_AUTHORIZATION",
        22,
        "it passes tokens on, though not passwords",
        None,
    ),
    set(
        "HTTP_PROXY_AUTHORIZATION",
        22,
        "it passes passwords on",
        None,
    ),
    set(
        "HTTP_CONTENT_LENGTH",
        26,
        "it passes the field under this name, except with POST",
        None,
    ),
    set(
        "HTTP_COOKIE",
        45,
        "the last of several fields replaces the others",
        Some("§4.1.18"),
    ),
    unset(
        "HTTP_*",
        43,
        "it keeps Range, If-None-Match and passwords to itself",
        None,
    ),
    set(
        "HTTP_*",
        44,
        "the last of several fields replaces the others; whatever is no letter or digit becomes an underscore",
        Some("§4.1.18"),
    ),
    set("PATH", 49, "it is that of the server", None),
    unset(
        "REDIRECT_*",
        95,
        "it sends a Location to the client, with status 200",
        Some("§6.2.2"),
    ),
];
