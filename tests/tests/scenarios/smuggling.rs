//! Requests whose end two programs could see at different places: no script hears of them, nor of what follows.

use crate::{get, serve, url};
use cgi_engine::exchange::{End, Exchange};
use cgi_tests::{Ending, TestEngine};
use std::sync::Arc;

/// The request line and the host of a request for a script that leaves a mark.
fn head(engine: &TestEngine, version: &str) -> String {
    let mark = format!("mark={}", engine.site.path("mark").display());
    let target = url(&["text", &mark]);
    format!("POST {target} HTTP/{version}\r\nHost: localhost\r\n")
}

/// Each of these after the request line and the host, with a part of the reason on record.
#[track_caller]
fn check(cases: &[(&str, u16, &str)]) {
    check_version("1.1", cases);
}

#[track_caller]
fn check_version(version: &str, cases: &[(&str, u16, &str)]) {
    let engine = serve();
    for (number, (rest, status, reason)) in (1..).zip(cases) {
        let request = head(&engine, version) + rest;
        let exchange = refused(&engine, number, request.as_bytes(), *status);
        let refusal = exchange.request.refusal.as_ref().unwrap();
        assert!(
            refusal.reason.contains(reason) && !refusal.authority.is_empty(),
            "{rest:?}: {refusal:?}"
        );
    }
}

/// Sends the request and a good one behind it: one answer of that status, and nothing runs.
#[track_caller]
fn refused(engine: &TestEngine, number: u64, request: &[u8], status: u16) -> Arc<Exchange> {
    let shown = request.escape_ascii().to_string();
    let mut client = engine.connect();
    client.send([request, get("/cgi-bin/child").as_bytes()].concat());
    client.finish();
    let answer = client.answer();
    assert_eq!(answer.status(), status, "{shown}");
    assert_eq!(answer.head.value("connection"), Some("close"), "{shown}");
    let (more, ending) = client.rest();
    assert_eq!((more.len(), ending), (0, Ending::Closed), "{shown}");
    let exchange = engine.ended(number);
    assert_eq!(exchange.end, Some(End::Answered), "{shown}");
    assert!(exchange.invocations.is_empty(), "{shown}");
    assert_eq!(
        exchange
            .request
            .refusal
            .as_ref()
            .map(|refusal| refusal.status),
        Some(status),
        "{shown}"
    );
    assert!(!engine.site.path("mark").exists(), "{shown}");
    let rows = engine.engine.snapshot().rows.len() as u64;
    assert_eq!(rows, number, "nothing but it is on record: {shown}");
    exchange
}

#[test]
fn a_length_beside_a_coding() {
    let both = "both Content-Length and Transfer-Encoding";
    check(&[
        (
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            both,
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            400,
            both,
        ),
        (
            "Content-Length: 0\r\ntransfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n",
            400,
            both,
        ),
        (
            "Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\nhello",
            400,
            both,
        ),
    ]);
}

#[test]
fn a_length_that_is_not_one_number() {
    let several = "Content-Length more than once";
    let no_number = "not a decimal number";
    check(&[
        (
            "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            400,
            several,
        ),
        (
            "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            400,
            several,
        ),
        (
            "Content-Length: 5\r\nX: y\r\ncontent-length: 0\r\n\r\nhello",
            400,
            several,
        ),
        ("Content-Length: 5, 5\r\n\r\nhello", 400, several),
        ("Content-Length: 5,6\r\n\r\nhello", 400, several),
        ("Content-Length: +5\r\n\r\nhello", 400, no_number),
        ("Content-Length: -5\r\n\r\nhello", 400, no_number),
        ("Content-Length: 0x5\r\n\r\nhello", 400, no_number),
        ("Content-Length: 5 5\r\n\r\nhello", 400, no_number),
        ("Content-Length: 5;\r\n\r\nhello", 400, no_number),
        ("Content-Length: five\r\n\r\nhello", 400, no_number),
        ("Content-Length: \u{ff15}\r\n\r\nhello", 400, no_number),
        (
            "Content-Length: 18446744073709551616\r\n\r\nhello",
            400,
            no_number,
        ),
        ("Content-Length:\r\n\r\nhello", 400, no_number),
    ]);
}

#[test]
fn a_coding_that_is_not_exactly_one_chunked() {
    let not_one = "not exactly one chunked";
    let unknown = "other than chunked";
    check(&[
        (
            "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            400,
            not_one,
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            not_one,
        ),
        ("Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n", 400, not_one),
        ("Transfer-Encoding:\r\n\r\n0\r\n\r\n", 400, not_one),
        // A coding that a server does not know is 501 (RFC 9112 §6.1).
        ("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501, unknown),
        ("Transfer-Encoding: identity\r\n\r\n0\r\n\r\n", 501, unknown),
        (
            "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            501,
            unknown,
        ),
        (
            "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            501,
            unknown,
        ),
        (
            "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
            501,
            unknown,
        ),
        (
            "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
            501,
            unknown,
        ),
        (
            "Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n",
            400,
            "control character",
        ),
        (
            "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            400,
            "between a field name and its colon",
        ),
        (
            "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
            400,
            "between a field name and its colon",
        ),
        (
            "Transfer-Encoding\0: chunked\r\n\r\n0\r\n\r\n",
            400,
            "token characters",
        ),
    ]);
}

#[test]
fn a_coding_in_an_old_version() {
    check_version(
        "1.0",
        &[
            (
                "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400,
                "HTTP/1.0",
            ),
            (
                "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400,
                "HTTP/1.0",
            ),
        ],
    );
}

#[test]
fn line_ends_that_two_programs_may_read_differently() {
    let feed = "line feed alone";
    let carriage = "carriage return stands alone";
    let folded = "obsolete folding";
    check(&[
        ("X: a\n\r\n", 400, feed),
        ("X: a\r\n\n", 400, feed),
        ("X: a\nContent-Length: 9\r\n\r\n", 400, feed),
        ("X: a\rContent-Length: 9\r\n\r\n", 400, carriage),
        ("X: a\r\r\nY: b\r\n\r\n", 400, carriage),
        ("X: a\r\n\r\r\n\r\n", 400, carriage),
        ("X: a\r\n folded\r\n\r\n", 400, folded),
        ("X: a\r\n\tTransfer-Encoding: chunked\r\n\r\n", 400, folded),
        ("Content-Length:\r\n 5\r\n\r\nhello", 400, folded),
    ]);
}

#[test]
fn names_and_values_that_cannot_be_a_field() {
    check(&[
        ("X\0: a\r\n\r\n", 400, "token characters"),
        ("\0: a\r\n\r\n", 400, "token characters"),
        (": a\r\n\r\n", 400, "token characters"),
        ("X Y: a\r\n\r\n", 400, "token characters"),
        ("X: a\0b\r\n\r\n", 400, "control character"),
        ("X: a\u{1b}b\r\n\r\n", 400, "control character"),
        ("no colon\r\n\r\n", 400, "no colon"),
        ("Host: elsewhere\r\n\r\n", 400, "more than one Host"),
    ]);
}

#[test]
fn chunks_that_do_not_add_up() {
    let chunked = |body: &str| format!("Transfer-Encoding: chunked\r\n\r\n{body}");
    let size = "not a hexadecimal number";
    let cases = [
        ("x\r\nhello\r\n0\r\n\r\n", size),
        ("-5\r\nhello\r\n0\r\n\r\n", size),
        ("+5\r\nhello\r\n0\r\n\r\n", size),
        ("0x5\r\nhello\r\n0\r\n\r\n", size),
        (" 5\r\nhello\r\n0\r\n\r\n", size),
        ("5\t\r\nhello\r\n0\r\n\r\n", size),
        ("\r\nhello\r\n0\r\n\r\n", size),
        ("5_0\r\nhello\r\n0\r\n\r\n", size),
        (
            "10000000000000000\r\nhello\r\n0\r\n\r\n",
            "does not fit 64 bits",
        ),
        (
            "fffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
            "does not fit 64 bits",
        ),
        ("5;\r\nhello\r\n0\r\n\r\n", "extension is malformed"),
        ("5;a=\"b\r\nhello\r\n0\r\n\r\n", "extension is malformed"),
        ("5;a\nhello\r\n0\r\n\r\n", "line feed alone"),
        ("5\nhello\r\n0\r\n\r\n", "line feed alone"),
        ("5\rhello\r\n0\r\n\r\n", "stands alone"),
        ("5\r\nhello0\r\n\r\n", "where its size says"),
        ("5\r\nhelloworld\r\n0\r\n\r\n", "where its size says"),
        ("3\r\nhello\r\n0\r\n\r\n", "where its size says"),
        ("5\r\nhello\n0\r\n\r\n", "line feed alone"),
        ("0\r\n\nGET / HTTP/1.1\r\n\r\n", "line feed alone"),
        ("0\r\nContent-Length: 9\r\n\r\n", "only before the body"),
        (
            "0\r\nTransfer-Encoding: chunked\r\n\r\n",
            "only before the body",
        ),
        ("0\r\nno colon\r\n\r\n", "not a header field"),
        ("0\r\nX : a\r\n\r\n", "not a header field"),
    ];
    let cases = cases.map(|(body, reason)| (chunked(body), reason));
    let cases: Vec<_> = cases
        .iter()
        .map(|(rest, reason)| (rest.as_str(), 400, *reason))
        .collect();
    check(&cases);
    check(&[(
        "Transfer-Encoding: chunked\r\nTrailer: Other\r\n\r\n0\r\nX-Sum: a\r\n\r\n",
        400,
        "does not announce",
    )]);
}

#[test]
fn a_chunk_of_a_huge_size_is_not_waited_for_in_memory() {
    let engine = crate::serve_configured("[limits]\nrequest_body_bytes = 1000\n");
    let request = head(&engine, "1.1") + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n";
    let request = request + &"x".repeat(2000);
    let exchange = refused(&engine, 1, request.as_bytes(), 413);
    assert!(exchange.request.body.len() < 100_000);
}

#[test]
fn request_lines_that_are_none() {
    let engine = serve();
    let cases: [(&[u8], u16, &str); 18] = [
        (b"GET  / HTTP/1.1", 400, "one space between"),
        (b"GET / HTTP/1.1 ", 400, "one space between"),
        (b"GET /\tHTTP/1.1", 400, "one space between"),
        (b"GET /", 400, "one space between"),
        (b"GET / HTTP/1", 400, "one space between"),
        (b"GET / http/1.1", 400, "one space between"),
        (b"GET / HTTP/1.10", 400, "one space between"),
        (b"GET / HTTP/2.0", 505, "neither HTTP/1.0 nor HTTP/1.1"),
        (b"GET /a b HTTP/1.1", 400, "percent-encoded"),
        (b"GET /\0 HTTP/1.1", 400, "percent-encoded"),
        (b"GET /\xff HTTP/1.1", 400, "percent-encoded"),
        (b"G\0T / HTTP/1.1", 400, "token characters"),
        (b"G(T / HTTP/1.1", 400, "token characters"),
        (b"CONNECT localhost:80 HTTP/1.1", 501, "tunnel"),
        (b"GET localhost:80 HTTP/1.1", 400, "only CONNECT"),
        (b"GET cgi-bin/child HTTP/1.1", 400, "start with a slash"),
        (b"GET * HTTP/1.1", 400, "server as a whole"),
        (b"GET ftp://localhost/ HTTP/1.1", 400, "other than http"),
    ];
    for (number, (line, status, reason)) in (1..).zip(cases) {
        let request = [line, b"\r\nHost: localhost\r\n\r\n"].concat();
        let exchange = refused(&engine, number, &request, status);
        let refusal = exchange.request.refusal.as_ref().unwrap();
        assert!(refusal.reason.contains(reason), "{refusal:?}");
    }
}

#[test]
fn heads_over_the_limits() {
    let many = "X: a\r\n".repeat(1001) + "\r\n";
    let large = format!("X: {}\r\n\r\n", "a".repeat(300_000));
    check(&[
        (&many, 431, "more header fields"),
        (&large, 431, "larger than this server accepts"),
    ]);
    let engine = serve();
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "a".repeat(16 * 1024)
    );
    refused(&engine, 1, long.as_bytes(), 414);
    // Even where the line never ends.
    let endless = format!("GET /{}", "a".repeat(50_000));
    refused(&engine, 2, endless.as_bytes(), 414);
}
