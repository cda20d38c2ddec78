//! The tables applied, without any host: what the live hosts confirm stands in `tests/tests/profiles`.
use super::*;
use crate::cgi::request::{BodyFacts, ConnectionFacts};
use crate::cgi::request_head::{HeadLimits, parse};
use crate::cgi::script_uri::RequestTarget;

const LENGTH: usize = "/cgi-bin/x".len();

/// The request of this head for `/cgi-bin/x`, received on port 8000.
fn profiled(profile: HostProfile, head: &str, body: BodyFacts) -> ProfiledRequest {
    let head = format!("{}\r\n\r\n", head.replace('\n', "\r\n"));
    let head = parse(head.into_bytes().into(), &HeadLimits::default()).unwrap();
    let target = RequestTarget::parse(head.target()).unwrap();
    let path = target.decode_path().unwrap();
    let connection = ConnectionFacts {
        local: "127.0.0.1:8000".parse().unwrap(),
        peer: "127.0.0.1:50000".parse().unwrap(),
        https: false,
        synthetic: true,
    };
    let facts = RequestFacts {
        head: &head,
        target: &target,
        path: &path,
        script_name_length: LENGTH,
        script_filename: b"/srv/cgi-bin/x",
        document_root: b"/srv",
        path_translated: None,
        body,
        trailers: &[],
        connection: &connection,
        authentication: None,
        pass_authorization: false,
        server_software: "CGI-Studio/1",
        path_variable: b"/bin",
        site_variables: &[],
        redirect: None,
        php: false,
    };
    profile.request(&facts, &Surroundings::default())
}

/// The variable in a GET with these further lines of the head.
#[track_caller]
fn check(profile: HostProfile, target: &str, fields: &str, name: &str, expected: Option<&str>) {
    let head = format!("GET {target} HTTP/1.1\nHost: Example.org:99{fields}");
    let request = profiled(profile, &head, BodyFacts::None).request;
    let value = request
        .get(name)
        .map(|variable| variable.value.escape_ascii().to_string());
    assert_eq!(value.as_deref(), expected, "{profile}: {name}");
}

#[track_caller]
fn check_answer(profile: HostProfile, output: &str, status: u16, body: &str) {
    let HostVerdict::Answer(answer) = read(profile, output.as_bytes(), usize::MAX) else {
        panic!("{profile} gives no answer to {output:?}");
    };
    assert_eq!(answer.status, status, "{profile}: {output:?}");
    let sent = answer.body_of(output.as_bytes());
    assert_eq!(
        String::from_utf8_lossy(&sent),
        body,
        "{profile}: {output:?}"
    );
}

fn read(profile: HostProfile, output: &[u8], piece: usize) -> HostVerdict {
    let mut reader = HostReader::new(profile, false);
    for bytes in output.chunks(piece) {
        if let Some(verdict) = reader.feed(bytes) {
            return verdict;
        }
    }
    reader.finish()
}

#[test]
fn names_are_read_back() {
    for profile in HostProfile::ALL {
        assert_eq!(HostProfile::parse(profile.name()), Some(profile));
        assert!(profile.label().bytes().any(|byte| byte.is_ascii_digit()));
    }
    assert_eq!(HostProfile::parse("APACHE"), Some(HostProfile::Apache));
    assert_eq!(HostProfile::parse("iis"), None);
}

#[test]
fn each_host_has_its_own_idea_of_the_server() {
    for (profile, name, port) in [
        (HostProfile::Apache, Some("example.org"), Some("99")),
        (HostProfile::Lighttpd, Some("example.org"), Some("8000")),
        (HostProfile::NginxFcgiwrap, Some(""), Some("8000")),
        (HostProfile::Cpython, Some("localhost"), Some("8000")),
        (HostProfile::Go, Some("Example.org:99"), Some("99")),
        (HostProfile::Busybox, None, None),
    ] {
        check(profile, "/cgi-bin/x", "", "SERVER_NAME", name);
        check(profile, "/cgi-bin/x", "", "SERVER_PORT", port);
    }
}

#[test]
fn repeated_cookies_are_joined_lost_or_spoilt() {
    let fields = "\nCookie: a=1\nCookie: b=2";
    for (profile, cookie) in [
        (HostProfile::Apache, "a=1, b=2"),
        (HostProfile::Lighttpd, "a=1; b=2"),
        (HostProfile::NginxFcgiwrap, "a=1"),
        (HostProfile::Cpython, "a=1, b=2"),
        (HostProfile::Go, "a=1; b=2"),
        (HostProfile::Busybox, "b=2"),
    ] {
        check(profile, "/cgi-bin/x", fields, "HTTP_COOKIE", Some(cookie));
    }
}

#[test]
fn httpoxy_reaches_scripts_of_two_hosts() {
    for profile in HostProfile::ALL {
        let passes = matches!(profile, HostProfile::NginxFcgiwrap | HostProfile::Busybox);
        let value = passes.then_some("http://evil/");
        check(
            profile,
            "/cgi-bin/x",
            "\nProxy: http://evil/",
            "HTTP_PROXY",
            value,
        );
    }
}

#[test]
fn a_difference_says_why_and_what_it_breaks() {
    let head = "GET /cgi-bin/x HTTP/1.1\nHost: localhost:99";
    let request = profiled(HostProfile::Apache, head, BodyFacts::None);
    let port = request
        .differences
        .iter()
        .find(|one| one.name == "SERVER_PORT")
        .unwrap();
    assert_eq!((port.row, port.breaks.as_deref()), (36, Some("§4.1.15")));
    assert!(
        port.line()
            .starts_with("SERVER_PORT 99 (here 8000): it takes"),
        "{}",
        port.line()
    );
    assert!(port.line().ends_with("breaks §4.1.15"));
}

#[test]
fn what_a_host_refuses_is_refused() {
    let refused = |profile, head: &str| {
        let request = profiled(profile, head, BodyFacts::None);
        request.refused.map(|refusal| refusal.status)
    };
    let host = "HTTP/1.1\nHost: h";
    assert_eq!(
        refused(HostProfile::Lighttpd, &format!("POST /cgi-bin/x {host}")),
        Some(411)
    );
    assert_eq!(
        refused(HostProfile::Cpython, &format!("PUT /cgi-bin/x {host}")),
        Some(501)
    );
    assert_eq!(
        refused(HostProfile::Apache, &format!("GET /cgi-bin/x/a%2Fb {host}")),
        Some(404)
    );
    assert_eq!(
        refused(
            HostProfile::NginxFcgiwrap,
            &format!("get /cgi-bin/x {host}")
        ),
        Some(400)
    );
    let chunked = format!("POST /cgi-bin/x {host}\nTransfer-Encoding: chunked");
    assert_eq!(refused(HostProfile::Go, &chunked), Some(400));
    assert_eq!(refused(HostProfile::Apache, &chunked), None);
}

#[test]
fn text_without_headers_is_an_error_or_a_page() {
    for (profile, status, body) in [
        (HostProfile::Apache, 500, ""),
        (HostProfile::Lighttpd, 200, "hello\n\nworld\n"),
        (HostProfile::Cpython, 200, "hello\n\nworld\n"),
        (HostProfile::Go, 500, ""),
        (HostProfile::Busybox, 200, "hello\n\nworld\n"),
    ] {
        check_answer(profile, "hello\n\nworld\n", status, body);
    }
}

#[test]
fn a_content_length_is_dropped_or_cuts_the_page() {
    let output = "Content-Type: text/plain\nContent-Length: 3\n\nhello";
    for (profile, body) in [
        (HostProfile::Apache, "hello"),
        (HostProfile::Lighttpd, "hel"),
        (HostProfile::NginxFcgiwrap, "hel"),
        (HostProfile::Go, ""),
    ] {
        check_answer(profile, output, 200, body);
    }
}

#[test]
fn only_apache_follows_a_local_redirect() {
    for profile in HostProfile::ALL {
        let verdict = read(profile, b"Location: /other\n\n", usize::MAX);
        let follows = matches!(verdict, HostVerdict::LocalRedirect { .. });
        assert_eq!(follows, profile == HostProfile::Apache, "{profile}");
    }
}

#[test]
fn silence_is_answered_by_silence_in_busybox() {
    let verdict = read(HostProfile::Busybox, b"", usize::MAX);
    assert!(matches!(verdict, HostVerdict::Silence { .. }));
    let verdict = read(HostProfile::Cpython, b"", usize::MAX);
    assert!(matches!(verdict, HostVerdict::Answer(answer) if answer.status == 200));
}

const PARTS: [&[u8]; 16] = [
    b"Content-Type: text/plain",
    b"Status: 404 Gone",
    b"status: 12",
    b"Location: /x",
    b"Location: http://h/",
    b"Content-Length: 2",
    b"HTTP/1.1 200 OK",
    b"X : y",
    b" folded",
    b"nothing",
    b": z",
    b"X-A: \0\xff",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\xef\xbb\xbf",
];

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_split_anywhere_are_read_the_same(
        parts in proptest::collection::vec(proptest::sample::select(&PARTS[..]), 0..9),
        piece in 1_usize..6,
    ) {
        let output = parts.concat();
        for profile in HostProfile::ALL {
            let whole = read(profile, &output, usize::MAX);
            let pieces = read(profile, &output, piece);
            assert_eq!(seen(whole), seen(pieces), "{profile}: {}", output.escape_ascii());
        }
    }
}

fn seen(verdict: HostVerdict) -> (u16, Vec<u8>, usize, Option<Vec<u8>>) {
    match verdict {
        HostVerdict::Answer(answer) => (answer.status, answer.status_line, answer.taken, None),
        HostVerdict::LocalRedirect { location, .. } => (0, Vec::new(), 0, Some(location)),
        HostVerdict::Silence { .. } => (0, Vec::new(), 0, None),
    }
}
