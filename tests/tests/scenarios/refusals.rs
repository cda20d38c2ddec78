//! Requests that reach no script, with the reason on record.

use crate::{serve, serve_configured};
use cgi_engine::exchange::{End, Exchange};
use cgi_tests::{Ending, eventually};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Sends the bytes to a server of its own: one answer of that status, the reason on record, and no run.
#[track_caller]
fn check(request: impl AsRef<[u8]>, status: u16) -> Arc<Exchange> {
    let engine = serve();
    let mut client = engine.connect();
    client.send(request);
    let answer = client.answer();
    assert_eq!(answer.status(), status);
    assert!(answer.ending.is_whole());
    let (more, _) = client.rest();
    assert_eq!(
        String::from_utf8_lossy(&more),
        "",
        "one answer and no other"
    );
    let exchange = engine.ended(1);
    let refusal = exchange
        .request
        .refusal
        .as_ref()
        .expect("the reason is on record");
    assert_eq!(refusal.status, status);
    assert!(!refusal.reason.is_empty());
    assert!(exchange.invocations.is_empty());
    let response = exchange.response.as_ref().unwrap();
    assert_eq!(
        (response.status, response.sent_head.as_ref()),
        (status, answer.head.raw.as_slice())
    );
    assert_eq!(exchange.end, Some(End::Answered));
    assert_eq!(engine.engine.snapshot().rows.len(), 1);
    exchange
}

fn with(fields: &str) -> String {
    format!("POST /cgi-bin/child HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

fn of(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

#[test]
fn a_body_with_two_lengths_is_refused() {
    check(
        with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")
            + "0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        400,
    );
    check(
        with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n",
        400,
    );
    check(
        with("Content-Length: 5\r\nContent-Length: 6\r\n") + "hello",
        400,
    );
    check(
        with("Content-Length: 5\r\nContent-Length: 5\r\n") + "hello",
        400,
    );
    check(with("Content-Length: 5, 5\r\n") + "hello", 400);
    check(with("Content-Length: +5\r\n") + "hello", 400);
    check(with("Content-Length: 99999999999999999999999\r\n"), 400);
}

#[test]
fn a_head_that_another_parser_could_read_differently_is_refused() {
    check(with("X: a\rY: b\r\n"), 400);
    check(with("X: a\r\n folded\r\n"), 400);
    check(with("X : a\r\n"), 400);
    check(with("no colon here\r\n"), 400);
    check(with("X: a\0b\r\n"), 400);
    check("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
    check("GET / HTTP/1.1\r\n\r\n", 400);
    check("hello\r\n\r\n", 400);
}

#[test]
fn the_record_names_the_place_of_what_was_wrong() {
    let exchange = check(with("X: a\r\n folded\r\n"), 400);
    let refusal = exchange.request.refusal.as_ref().unwrap();
    let raw = &exchange.request.raw_head;
    let at = refusal.at.unwrap();
    assert!(raw[at..].starts_with(b" folded"), "{refusal:?}");
    assert!(!refusal.authority.is_empty());
}

#[test]
fn broken_chunks_are_refused() {
    let chunked = with("Transfer-Encoding: chunked\r\n");
    check(chunked.clone() + "xyz\r\nhello\r\n0\r\n\r\n", 400);
    check(chunked.clone() + "5\r\nhelloworld\r\n0\r\n\r\n", 400);
    check(chunked.clone() + "5\nhello\n0\n\n", 400);
    check(chunked.clone() + "fffffffffffffffff\r\nhello", 400);
    check(chunked + "0\r\nContent-Length: 5\r\n\r\n", 400);
}

#[test]
fn too_long_heads_are_refused_by_their_own_status() {
    check(of(&format!("/{}", "a".repeat(100_000))), 414);
    check(with(&format!("X: {}\r\n", "a".repeat(600_000))), 431);
    check(with(&"X: a\r\n".repeat(20_000)), 431);
}

#[test]
fn targets_that_cannot_name_a_file_are_refused() {
    check(of("/cgi-bin/child%00"), 400);
    check(of("/cgi-bin/child%zz"), 400);
}

#[test]
fn a_path_above_the_root_reaches_nothing() {
    let engine = serve();
    for target in [
        "/../../etc/passwd",
        "/cgi-bin/../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
    ] {
        let answer = engine.ask(of(target));
        assert!(
            matches!(answer.status(), 400 | 403 | 404),
            "{target} {}",
            answer.status()
        );
        assert!(!answer.text().contains("root:"), "{target}");
    }
    for number in 1..=4 {
        assert!(engine.ended(number).invocations.is_empty());
    }
}

#[test]
fn a_browser_that_was_led_astray_by_its_names_is_turned_away() {
    let request =
        "GET /cgi-bin/child HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n\r\n";
    let exchange = check(request, 421);
    assert!(
        exchange
            .request
            .refusal
            .as_ref()
            .unwrap()
            .reason
            .contains("evil.example")
    );
    check(
        "GET /cgi-bin/child HTTP/1.1\r\nHost: evil.example\r\nSec-Fetch-Site: none\r\n\r\n",
        421,
    );
}

/// To a plain http:// address that is not this computer's, browsers send neither Origin nor Sec-Fetch-*.
#[test]
fn a_browser_is_known_by_its_name_where_it_sends_no_other_mark() {
    let request = "GET /cgi-bin/child HTTP/1.1\r\nHost: evil.example:8000\r\nUser-Agent: Mozilla/5.0 (X11)\r\n\r\n";
    check(request, 421);
}

#[test]
fn a_name_that_the_site_allows_may_be_asked_for_by_a_browser() {
    let engine = crate::serve_configured("[server]\nhosts = [\"Lab.example\"]");
    let request =
        "GET /cgi-bin/child HTTP/1.1\r\nHost: lab.example\r\nUser-Agent: Mozilla/5.0\r\n\r\n";
    assert_eq!(engine.ask(request).status(), 200);
}

#[test]
fn a_strange_host_without_the_marks_of_a_browser_is_served() {
    let engine = serve();
    let answer = engine.ask("GET /cgi-bin/child HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    assert_eq!((answer.status(), answer.text().as_str()), (200, "hello\n"));
}

#[test]
fn connect_is_refused() {
    let engine = serve();
    let answer = engine.ask("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
    assert!(
        matches!(answer.status(), 400 | 405 | 501),
        "{}",
        answer.status()
    );
    assert!(engine.ended(1).invocations.is_empty());
}

#[test]
fn a_request_that_follows_a_refused_one_is_not_looked_at() {
    check(
        with("Content-Length: 1\r\nContent-Length: 2\r\n")
            + "xGET /cgi-bin/child HTTP/1.1\r\nHost: localhost\r\n\r\n",
        400,
    );
}

#[test]
fn a_length_over_the_limit_of_the_site_is_refused() {
    let engine = serve_configured("[limits]\nrequest_body_bytes = 4\n");
    let answer = engine.ask(with("Content-Length: 5\r\n") + "hello");
    assert_eq!(answer.status(), 413);
    assert!(
        engine
            .ended(1)
            .request
            .refusal
            .as_ref()
            .unwrap()
            .reason
            .contains('4')
    );
    let answer = engine.ask(with("Content-Length: 4\r\n") + "hell");
    assert_eq!(answer.status(), 200);
}

/// A socket that is closed with unread input resets the connection, and the reset destroys the answer on its way.
#[test]
fn a_client_that_goes_on_sending_what_was_refused_can_still_read_why() {
    let engine = serve_configured("[limits]\nrequest_body_bytes = 4\n");
    let refusals = [
        (with("Content-Length: 99999999\r\n"), 413),
        (with("Content-Length: 5, 5\r\n"), 400),
    ];
    let begun = Instant::now();
    let mut clients = refusals.map(|(request, status)| {
        let mut client = engine.connect();
        client.send(request);
        (client, status)
    });
    eventually("the clients have sent for long", || {
        for (client, _) in &mut clients {
            client.send("more");
        }
        begun.elapsed() > Duration::from_millis(2500)
    });
    for (mut client, status) in clients {
        client.finish();
        assert_eq!(client.answer().status(), status);
        assert_eq!(client.rest().1, Ending::Closed);
    }
}
