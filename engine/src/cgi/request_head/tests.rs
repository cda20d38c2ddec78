//! Request heads, most of them hostile.
use super::*;
use crate::cgi::head_rules::BodyFraming;

fn parsed(text: &[u8]) -> Result<RequestHead, HeadError> {
    parse(Bytes::copy_from_slice(text), &HeadLimits::default())
}

#[track_caller]
fn refused(head: &[u8], kind: HeadErrorKind, status: u16) {
    let error = parsed(head).expect_err("the head is refused");
    assert_eq!(
        (error.kind, error.status()),
        (kind, status),
        "{}",
        head.escape_ascii()
    );
    assert!(error.section().starts_with("RFC "));
    assert!(error.at <= head.len(), "{error}");
}

/// A whole HTTP/1.1 head around the lines that matter.
fn with_lines(lines: &str) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n").into_bytes()
}

#[test]
fn every_part_is_found_where_it_stands() {
    let text = b"\r\nPOST /a?b=c HTTP/1.0\r\nX-One:\t two \r\nempty:\r\n\r\n";
    let head = parsed(text).unwrap();
    assert_eq!(
        (head.method(), head.target(), head.version),
        (&b"POST"[..], &b"/a?b=c"[..], (1, 0))
    );
    assert_eq!(&text[head.target.clone()], b"/a?b=c");
    let parts: Vec<_> = head
        .fields
        .iter()
        .map(|field| (head.name(field), head.value(field)))
        .collect();
    assert_eq!(parts, [(&b"X-One"[..], &b"two"[..]), (b"empty", b"")]);
    assert_eq!(&text[head.fields[0].line.clone()], b"X-One:\t two ");
    assert_eq!(head.first("x-oNE"), Some(&b"two"[..]));
    assert_eq!(head.first("x-two"), None);
}

#[test]
fn a_method_is_any_token_and_keeps_its_case() {
    assert_eq!(
        parsed(b"get / HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap()
            .method(),
        b"get"
    );
    assert_eq!(
        parsed(b"M-SEARCH / HTTP/1.0\r\n\r\n").unwrap().method(),
        b"M-SEARCH"
    );
    refused(b"G@T / HTTP/1.0\r\n\r\n", HeadErrorKind::BadMethod, 400);
    refused(b" / HTTP/1.0\r\n\r\n", HeadErrorKind::BadMethod, 400);
    refused(
        b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
        HeadErrorKind::Connect,
        501,
    );
}

#[test]
fn a_request_line_has_three_words() {
    for line in [
        "GET",
        "GET /",
        "GET / ",
        "GET  HTTP/1.1",
        "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET / http/1.1",
        "GET / HTTP/1.10",
        "GET / HTTP/+1.1",
    ] {
        refused(
            format!("{line}\r\nHost: a\r\n\r\n").as_bytes(),
            HeadErrorKind::RequestLine,
            400,
        );
    }
    for version in ["0.9", "1.2", "2.0", "3.0"] {
        refused(
            format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n").as_bytes(),
            HeadErrorKind::UnsupportedVersion,
            505,
        );
    }
}

#[test]
fn a_target_byte_that_must_be_encoded_is_refused() {
    for target in [
        "/a b", "/\u{e9}", "/a\tb", "/a#b", "/<", "/>", "/?\"", "/`", "/\u{7f}", "/a\u{1}",
    ] {
        refused(
            format!("GET {target} HTTP/1.0\r\n\r\n").as_bytes(),
            HeadErrorKind::BadTargetByte,
            400,
        );
    }
    assert!(parsed(b"GET /\"{}|\\^[]'?`{}|\\^ HTTP/1.0\r\n\r\n").is_ok());
}

#[test]
fn the_end_of_a_body_is_never_in_doubt() {
    let framing = |lines: &str| parsed(&with_lines(lines)).map(|head| head.body_framing());
    assert_eq!(framing(""), Ok(BodyFraming::None));
    assert_eq!(framing("Content-Length: 0\r\n"), Ok(BodyFraming::Length(0)));
    assert_eq!(
        framing("content-length:\t0012 \r\n"),
        Ok(BodyFraming::Length(12))
    );
    assert_eq!(
        framing("Transfer-Encoding: Chunked\r\n"),
        Ok(BodyFraming::Chunked)
    );
    let cases = [
        (
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            HeadErrorKind::LengthWithCoding,
            400,
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
            HeadErrorKind::LengthWithCoding,
            400,
        ),
        (
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            HeadErrorKind::SeveralLengths,
            400,
        ),
        (
            "Content-Length: 5\r\nCONTENT-LENGTH: 5\r\n",
            HeadErrorKind::SeveralLengths,
            400,
        ),
        (
            "Content-Length: 5, 5\r\n",
            HeadErrorKind::SeveralLengths,
            400,
        ),
        ("Content-Length: +5\r\n", HeadErrorKind::BadLength, 400),
        ("Content-Length: -5\r\n", HeadErrorKind::BadLength, 400),
        ("Content-Length: 0x5\r\n", HeadErrorKind::BadLength, 400),
        ("Content-Length: 5 5\r\n", HeadErrorKind::BadLength, 400),
        ("Content-Length:\r\n", HeadErrorKind::BadLength, 400),
        (
            "Content-Length: 18446744073709551616\r\n",
            HeadErrorKind::BadLength,
            400,
        ),
        (
            "Transfer-Encoding: gzip, chunked\r\n",
            HeadErrorKind::UnknownCoding,
            501,
        ),
        (
            "Transfer-Encoding: identity\r\n",
            HeadErrorKind::UnknownCoding,
            501,
        ),
        (
            "Transfer-Encoding: xchunked\r\n",
            HeadErrorKind::UnknownCoding,
            501,
        ),
        (
            "Transfer-Encoding: chunked;q=1\r\n",
            HeadErrorKind::UnknownCoding,
            501,
        ),
        (
            "Transfer-Encoding: chunked, chunked\r\n",
            HeadErrorKind::BadCoding,
            400,
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            HeadErrorKind::BadCoding,
            400,
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
            HeadErrorKind::UnknownCoding,
            501,
        ),
        ("Transfer-Encoding:\r\n", HeadErrorKind::BadCoding, 400),
        (
            "Transfer-Encoding: chunked,\r\n",
            HeadErrorKind::BadCoding,
            400,
        ),
    ];
    for (lines, kind, status) in cases {
        refused(&with_lines(lines), kind, status);
    }
    refused(
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        HeadErrorKind::CodingInOldVersion,
        400,
    );
}

#[test]
fn a_field_line_is_a_name_a_colon_and_a_clean_value() {
    let cases = [
        ("X : a\r\n", HeadErrorKind::SpaceBeforeColon),
        ("X\t: a\r\n", HeadErrorKind::SpaceBeforeColon),
        ("X a: b\r\n", HeadErrorKind::BadName),
        (": b\r\n", HeadErrorKind::BadName),
        ("X\u{e9}: b\r\n", HeadErrorKind::BadName),
        ("X\0: b\r\n", HeadErrorKind::BadName),
        ("no colon\r\n", HeadErrorKind::NoColon),
        ("X: a\r\n b\r\n", HeadErrorKind::FoldedField),
        ("X: a\r\n\tb\r\n", HeadErrorKind::FoldedField),
        ("X: a\0b\r\n", HeadErrorKind::ControlInValue),
        ("X: a\u{7f}b\r\n", HeadErrorKind::ControlInValue),
        ("X: a\u{1b}[2Jb\r\n", HeadErrorKind::ControlInValue),
        ("X: a\rb\r\n", HeadErrorKind::BareCarriageReturn),
        ("X: a\r\r\n", HeadErrorKind::BareCarriageReturn),
    ];
    for (lines, kind) in cases {
        refused(&with_lines(lines), kind, 400);
    }
    refused(
        b"GET / HTTP/1.0\r\n X: a\r\n\r\n",
        HeadErrorKind::FoldedField,
        400,
    );
    assert!(parsed(b"GET / HTTP/1.0\r\nX: caf\xe9 \xff\r\n\r\n").is_ok());
}

#[test]
fn a_newer_request_names_one_host() {
    refused(b"GET / HTTP/1.1\r\n\r\n", HeadErrorKind::NoHost, 400);
    refused(
        b"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
        HeadErrorKind::SeveralHosts,
        400,
    );
    refused(
        b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
        HeadErrorKind::SeveralHosts,
        400,
    );
    for host in [
        "a b", "a, b", "u@a", "a/b", "a:99999", "a:x", "::1", "[::1", "<b>",
    ] {
        refused(
            format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes(),
            HeadErrorKind::BadHost,
            400,
        );
    }
    assert!(parsed(b"GET / HTTP/1.0\r\n\r\n").is_ok());
    assert!(parsed(b"GET / HTTP/1.1\r\nHost:\r\n\r\n").is_ok());
}

#[test]
fn only_a_newer_client_can_wait_for_a_continue() {
    let expects = |version: &str, value: &str| {
        let text = format!("PUT / HTTP/{version}\r\nHost: a\r\nExpect: {value}\r\n\r\n");
        parsed(text.as_bytes()).unwrap().expects_continue()
    };
    assert!(expects("1.1", "100-Continue"));
    assert!(!expects("1.0", "100-continue"));
    assert!(!expects("1.1", "200-ok"));
}

#[track_caller]
fn ends_at(buffer: &[u8], expected: Option<usize>) {
    let limits = HeadLimits::default();
    assert_eq!(
        find_end(buffer, 0, &limits),
        Ok(expected),
        "{}",
        buffer.escape_ascii()
    );
    for split in 0..=buffer.len() {
        let early = find_end(&buffer[..split], 0, &limits).unwrap();
        let late = find_end(buffer, split, &limits).unwrap();
        assert_eq!(
            early.or(late),
            expected,
            "split at {split} of {}",
            buffer.escape_ascii()
        );
    }
    for seen in 0..buffer.len() {
        let end = find_end(&buffer[..=seen], seen, &limits).unwrap();
        assert_eq!(
            end,
            expected.filter(|end| *end <= seen + 1),
            "byte {seen} of {}",
            buffer.escape_ascii()
        );
        if end.is_some() {
            break;
        }
    }
}

#[test]
fn the_end_is_found_however_the_bytes_come() {
    ends_at(b"GET / HTTP/1.0\r\n\r\nbody\r\n\r\n", Some(18));
    ends_at(b"GET / HTTP/1.0\n\nbody", Some(16));
    ends_at(b"GET / HTTP/1.0\n\r\nbody", Some(17));
    ends_at(b"GET / HTTP/1.0\r\nA: b\n\nbody", Some(22));
    ends_at(b"\r\n\r\n\nGET / HTTP/1.0\r\n\r\n", Some(23));
    ends_at(b"GET / HTTP/1.0\r\nA: b\r\n", None);
    ends_at(b"GET / HTTP/1.0\r\n\r", None);
    ends_at(b"\r\n\r\n\r", None);
    ends_at(b"", None);
}

#[test]
fn what_can_never_become_a_request_is_refused_at_once() {
    let limits = HeadLimits {
        head_bytes: 4096,
        target_bytes: 100,
        fields: 2,
    };
    let kind = |buffer: &[u8]| find_end(buffer, 0, &limits).map_err(|error| error.kind);
    assert_eq!(
        kind(b"\x16\x03\x01\x02\0"),
        Err(HeadErrorKind::TlsHandshake)
    );
    assert_eq!(kind(b"\x80"), Err(HeadErrorKind::BadMethod));
    assert_eq!(kind(b"\rG"), Err(HeadErrorKind::BareCarriageReturn));
    assert_eq!(kind(&b"\n".repeat(100)), Err(HeadErrorKind::EmptyLines));
    assert_eq!(
        kind(&[b"GET /", "a".repeat(2000).as_bytes()].concat()),
        Err(HeadErrorKind::TargetTooLong)
    );
    assert_eq!(
        kind(&[b"GET / HTTP/1.0\r\nA: ", "a".repeat(4096).as_bytes()].concat()),
        Err(HeadErrorKind::HeadTooLarge)
    );
}

#[test]
fn a_first_line_that_is_too_long_is_so_whether_or_not_its_end_has_come() {
    let limits = HeadLimits {
        head_bytes: 4096,
        target_bytes: 10,
        fields: 2,
    };
    let whole = ["A".repeat(1035), "\n\n".into()].concat();
    for length in [1034, 1035, 1036, 1037] {
        let kind = find_end(&whole.as_bytes()[..length], 0, &limits).map_err(|error| error.kind);
        let early = kind != Err(HeadErrorKind::TargetTooLong);
        assert_eq!(early, length < 1035, "{length}");
    }
}

#[test]
fn limits_are_named_by_their_status() {
    let limits = HeadLimits {
        head_bytes: 4096,
        target_bytes: 10,
        fields: 2,
    };
    let status = |text: String| {
        parse(Bytes::from(text), &limits)
            .map(|_| ())
            .map_err(|error| error.status())
    };
    assert_eq!(status("GET /123456789 HTTP/1.0\r\n\r\n".into()), Ok(()));
    assert_eq!(status("GET /1234567890 HTTP/1.0\r\n\r\n".into()), Err(414));
    assert_eq!(status("GET / HTTP/1.0\r\na:\r\nb:\r\n\r\n".into()), Ok(()));
    assert_eq!(
        status("GET / HTTP/1.0\r\na:\r\nb:\r\nc:\r\n\r\n".into()),
        Err(431)
    );
    assert_eq!(
        status(format!("GET / HTTP/1.0\r\na:{}\r\n\r\n", "x".repeat(5000))),
        Err(431)
    );
}

#[test]
fn bytes_that_are_not_one_whole_head_are_refused() {
    for text in [
        &b""[..],
        b"\r\n",
        b"GET / HTTP/1.0\r\n",
        b"GET / HTTP/1.0\r\n\r\nmore",
    ] {
        refused(text, HeadErrorKind::Incomplete, 400);
    }
}

#[test]
fn an_error_says_what_where_and_quotes_the_line() {
    let error = parsed(b"GET / HTTP/1.0\r\nX : \x1b\r\n\r\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is white space between a field name and its colon at byte 17: \"X : \\x1b\""
    );
}

/// What passes here must pass the library beneath, or the client would get its bare 400 after all.
#[test]
fn every_target_that_is_accepted_suits_the_http_library() {
    for byte in 0..=u8::MAX {
        for start in ["/x", "/?x", "http://h/x", "http://h?x"] {
            let target = [start.as_bytes(), &[byte]].concat();
            if head_rules::first_bad_target_byte(&target).is_none() {
                let uri = hyper::Uri::try_from(target.as_slice()).unwrap();
                let text = uri.path_and_query().map_or("", |text| text.as_str());
                assert!(
                    target.ends_with(text.as_bytes()) && text.len() >= 3,
                    "{} {text}",
                    target.escape_ascii()
                );
            }
        }
    }
    for host in ["a_b", "a~b", "a.b:80", "[::1]", "[::1]:80", "127.0.0.1"] {
        assert!(
            hyper::Uri::try_from(format!("http://{host}/")).is_ok(),
            "{host}"
        );
    }
}

#[test]
fn a_line_feed_alone_ends_no_line() {
    for head in [
        &b"GET / HTTP/1.0\n\n"[..],
        b"GET / HTTP/1.0\n\r\n",
        b"GET / HTTP/1.0\r\nX: a\n\r\n",
        b"GET / HTTP/1.0\r\n\n",
    ] {
        refused(head, HeadErrorKind::BareLineFeed, 400);
    }
}
