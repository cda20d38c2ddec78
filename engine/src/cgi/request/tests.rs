//! Requests and the environments they give.
use bytes::Bytes;

use super::*;
use crate::cgi::meta_variable::{AbsenceReason, Provenance};
use crate::cgi::request_head::{HeadLimits, parse};

mod extensions;
mod fields;
mod properties;

/// What a test changes of an otherwise plain request for `/cgi-bin/a.cgi`.
struct Given<'a> {
    target: Option<&'a str>,
    body: BodyFacts,
    local: &'a str,
    peer: &'a str,
    https: bool,
    authentication: Option<Authentication<'a>>,
    pass_authorization: bool,
    site: Vec<(String, Option<Vec<u8>>)>,
    trailers: Vec<Trailer>,
    redirect: Option<RedirectFacts<'a>>,
    php: bool,
}

impl Default for Given<'_> {
    fn default() -> Self {
        Self {
            target: None,
            body: BodyFacts::None,
            local: "127.0.0.1:8000",
            peer: "192.0.2.7:51234",
            https: false,
            authentication: None,
            pass_authorization: false,
            site: Vec::new(),
            trailers: Vec::new(),
            redirect: None,
            php: false,
        }
    }
}

const SCRIPT: &str = "/cgi-bin/a.cgi";

fn build(head: &str, given: &Given<'_>) -> CgiRequest {
    let head = parse(
        Bytes::copy_from_slice(head.as_bytes()),
        &HeadLimits::default(),
    )
    .unwrap();
    build_from(&head, given)
}

fn build_from(head: &RequestHead, given: &Given<'_>) -> CgiRequest {
    let target = given.target.map_or(head.target(), str::as_bytes);
    let target = RequestTarget::parse(target).unwrap();
    let path = target.decode_path().unwrap();
    let connection = ConnectionFacts {
        local: given.local.parse().unwrap(),
        peer: given.peer.parse().unwrap(),
        https: given.https,
        synthetic: false,
    };
    CgiRequest::build(&RequestFacts {
        head,
        target: &target,
        path: &path,
        script_name_length: SCRIPT.len(),
        script_filename: b"/site/cgi-bin/a.cgi",
        document_root: b"/site/",
        path_translated: None,
        body: given.body,
        trailers: &given.trailers,
        connection: &connection,
        authentication: given.authentication,
        pass_authorization: given.pass_authorization,
        server_software: "cgi-studio/0.1",
        path_variable: b"/usr/bin",
        site_variables: &given.site,
        redirect: given.redirect,
        php: given.php,
    })
}

#[track_caller]
fn value(request: &CgiRequest, name: &str, expected: Option<&str>) {
    let found = request
        .get(name)
        .map(|variable| variable.value.escape_ascii().to_string());
    assert_eq!(found.as_deref(), expected, "{name}");
}

/// Checks variables of a GET with that target and those header lines; `None` is absent.
#[track_caller]
fn check(target: &str, lines: &str, expected: &[(&str, Option<&str>)]) {
    let request = build(
        &format!("GET {target} HTTP/1.1\r\nHost: h\r\n{lines}\r\n"),
        &Given::default(),
    );
    for (name, expected) in expected {
        value(&request, name, *expected);
    }
}

fn reason(request: &CgiRequest, name: &str) -> Option<AbsenceReason> {
    request
        .absent
        .iter()
        .find(|absent| absent.name == name)
        .map(|absent| absent.reason.clone())
}

#[test]
fn a_plain_request_has_these_variables_in_this_order() {
    let head = "GET /cgi-bin/a.cgi/x%20y?q=%41 HTTP/1.0\r\nHost: example.com:99\r\nUser-Agent: t\r\nAccept: */*\r\n\r\n";
    let request = build(head, &Given::default());
    let found: Vec<String> = request
        .variables
        .iter()
        .map(|variable| {
            format!(
                "{}={} ({})",
                variable.name,
                variable.value.escape_ascii(),
                variable.provenance.label()
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "GATEWAY_INTERFACE=CGI/1.1 (server)",
            "PATH_INFO=/x y (URL, after script)",
            "PATH_TRANSLATED=/site/x y (URL, after script)",
            "QUERY_STRING=q=%41 (URL, after ?)",
            "REMOTE_ADDR=192.0.2.7 (socket)",
            "REMOTE_HOST=192.0.2.7 (socket)",
            "REQUEST_METHOD=GET (request line)",
            "SCRIPT_NAME=/cgi-bin/a.cgi (URL → script)",
            "SERVER_NAME=example.com (header Host)",
            "SERVER_PORT=8000 (socket)",
            "SERVER_PROTOCOL=HTTP/1.0 (request line)",
            "SERVER_SOFTWARE=cgi-studio/0.1 (server)",
            "HTTP_ACCEPT=*/* (header Accept)",
            "HTTP_HOST=example.com:99 (header Host)",
            "HTTP_USER_AGENT=t (header User-Agent)",
            "DOCUMENT_ROOT=/site/ (server)",
            "PATH=/usr/bin (server)",
            "REMOTE_PORT=51234 (socket)",
            "REQUEST_SCHEME=http (socket)",
            "REQUEST_URI=/cgi-bin/a.cgi/x%20y?q=%41 (request line)",
            "SCRIPT_FILENAME=/site/cgi-bin/a.cgi (URL → script)",
            "SERVER_ADDR=127.0.0.1 (socket)",
        ]
    );
    let absent: Vec<_> = request
        .absent
        .iter()
        .map(|absent| absent.name.as_str())
        .collect();
    assert_eq!(
        absent,
        [
            "AUTH_TYPE",
            "CONTENT_LENGTH",
            "CONTENT_TYPE",
            "REMOTE_IDENT",
            "REMOTE_USER"
        ]
    );
}

#[test]
fn a_variable_points_at_the_bytes_it_came_from() {
    let head = "POST /cgi-bin/a.cgi/x%20y?q=1 HTTP/1.1\r\nHost: h:1\r\nCookie: a=1\r\nContent-Length: 5\r\nCookie:  b=2\r\n\r\n";
    let request = build(
        head,
        &Given {
            body: BodyFacts::Length(5),
            ..Given::default()
        },
    );
    let sources = |name: &str| -> Vec<&str> {
        request
            .get(name)
            .unwrap()
            .sources
            .iter()
            .map(|range| &head[range.clone()])
            .collect()
    };
    assert_eq!(sources("REQUEST_METHOD"), ["POST"]);
    assert_eq!(sources("SCRIPT_NAME"), ["/cgi-bin/a.cgi"]);
    assert_eq!(sources("PATH_INFO"), ["/x%20y"]);
    assert_eq!(sources("QUERY_STRING"), ["q=1"]);
    assert_eq!(sources("SERVER_PROTOCOL"), ["HTTP/1.1"]);
    assert_eq!(sources("SERVER_NAME"), ["h"]);
    assert_eq!(sources("CONTENT_LENGTH"), ["5"]);
    assert_eq!(sources("HTTP_COOKIE"), ["a=1", "b=2"]);
    assert_eq!(sources("REQUEST_URI"), ["/cgi-bin/a.cgi/x%20y?q=1"]);
    assert!(sources("SERVER_PORT").is_empty());
}

#[test]
fn the_extra_path_is_decoded_and_absent_without_one() {
    check(
        SCRIPT,
        "",
        &[("PATH_INFO", None), ("PATH_TRANSLATED", None)],
    );
    check(
        "/cgi-bin/a.cgi/",
        "",
        &[
            ("PATH_INFO", Some("/")),
            ("PATH_TRANSLATED", Some("/site/")),
        ],
    );
    check(
        "/cgi-bin/a.cgi//b/%e4;p=1",
        "",
        &[
            ("PATH_INFO", Some("//b/\\xe4;p=1")),
            ("SCRIPT_NAME", Some(SCRIPT)),
        ],
    );
    check("/cgi-bin/a.cgi/x/../y", "", &[("PATH_INFO", Some("/y"))]);
    check(
        "/cgi%2Dbin/a%2ecgi/This%2eIs",
        "",
        &[
            ("SCRIPT_NAME", Some(SCRIPT)),
            ("PATH_INFO", Some("/This.Is")),
        ],
    );
}

#[test]
fn the_query_is_raw_and_always_set() {
    check(SCRIPT, "", &[("QUERY_STRING", Some(""))]);
    check(
        "/cgi-bin/a.cgi?",
        "",
        &[
            ("QUERY_STRING", Some("")),
            ("REQUEST_URI", Some("/cgi-bin/a.cgi?")),
        ],
    );
    check(
        "/cgi-bin/a.cgi?%6f+%zz?x",
        "",
        &[("QUERY_STRING", Some("%6f+%zz?x"))],
    );
}

#[track_caller]
fn server_name(head: &str, local: &str, expected: &str) {
    let request = build(
        head,
        &Given {
            local,
            ..Given::default()
        },
    );
    value(&request, "SERVER_NAME", Some(expected));
    value(
        &request,
        "SERVER_PORT",
        Some(local.rsplit(':').next().unwrap()),
    );
}

#[test]
fn the_server_name_has_no_port_and_the_port_is_the_sockets() {
    for (host, expected) in [
        ("localhost", "localhost"),
        ("localhost:8000", "localhost"),
        ("fake.com", "fake.com"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[::1]:8000", "[::1]"),
        ("", "127.0.0.1"),
    ] {
        server_name(
            &format!("GET {SCRIPT} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            "127.0.0.1:8000",
            expected,
        );
    }
    server_name(
        &format!("GET {SCRIPT} HTTP/1.0\r\n\r\n"),
        "[2001:db8::1]:80",
        "[2001:db8::1]",
    );
    server_name(
        &format!("GET {SCRIPT} HTTP/1.0\r\n\r\n"),
        "[::ffff:127.0.0.1]:80",
        "127.0.0.1",
    );
    let absolute = format!("GET http://wins.example:1{SCRIPT}?q HTTP/1.1\r\nHost: loses\r\n\r\n");
    server_name(&absolute, "127.0.0.1:80", "wins.example");
    value(
        &build(&absolute, &Given::default()),
        "REQUEST_URI",
        Some("/cgi-bin/a.cgi?q"),
    );
}

#[test]
fn addresses_are_plain() {
    for (peer, expected) in [
        ("[::1]:5", "::1"),
        ("[::ffff:192.0.2.1]:5", "192.0.2.1"),
        ("192.0.2.1:5", "192.0.2.1"),
    ] {
        let request = build(
            &format!("GET {SCRIPT} HTTP/1.0\r\n\r\n"),
            &Given {
                peer,
                ..Given::default()
            },
        );
        value(&request, "REMOTE_ADDR", Some(expected));
        value(&request, "REMOTE_HOST", Some(expected));
        value(&request, "REMOTE_PORT", Some("5"));
    }
}

#[test]
fn every_standard_variable_is_set_or_explained() {
    let request = build(&format!("GET {SCRIPT} HTTP/1.0\r\n\r\n"), &Given::default());
    for name in [
        "AUTH_TYPE",
        "CONTENT_LENGTH",
        "CONTENT_TYPE",
        "GATEWAY_INTERFACE",
        "PATH_INFO",
        "PATH_TRANSLATED",
        "QUERY_STRING",
        "REMOTE_ADDR",
        "REMOTE_HOST",
        "REMOTE_IDENT",
        "REMOTE_USER",
        "REQUEST_METHOD",
        "SCRIPT_NAME",
        "SERVER_NAME",
        "SERVER_PORT",
        "SERVER_PROTOCOL",
        "SERVER_SOFTWARE",
    ] {
        let explained = reason(&request, name).map(|reason| reason.to_string());
        assert_ne!(request.get(name).is_some(), explained.is_some(), "{name}");
        assert!(
            explained.is_none_or(|sentence| sentence.ends_with('.')),
            "{name}"
        );
    }
}
