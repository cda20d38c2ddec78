//! Request bodies: each byte arrives, none too many, and nobody waits for ever.

use crate::{post, serve, serve_configured, url};
use cgi_engine::cgi::meta_variable::Provenance;
use cgi_engine::exchange::{BodyEnd, End, Moment};
use std::io::Write as _;

fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

#[test]
fn a_body_of_known_length_arrives_byte_by_byte() {
    let engine = serve();
    let body: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "echo"]),
        "Content-Length: 100000\r\n",
        "",
    ));
    client.send(&body);
    assert!(client.answer().body == body);
    let exchange = engine.ended(1);
    assert_eq!(exchange.request.body.head().as_ref(), body);
    assert_eq!(exchange.request.body_end, Some(BodyEnd::Complete));
    assert_eq!(exchange.invocation().unwrap().stdin_taken, 100_000);
}

#[test]
fn a_chunked_body_is_counted_before_the_script_starts() {
    let engine = serve();
    let answer = engine.ask(post(
        &url(&["text", "env", "echo"]),
        "Transfer-Encoding: chunked\r\n",
        "5;note=x\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: y\r\n\r\n",
    ));
    assert_eq!(
        answer.told("env-CONTENT_LENGTH").as_deref(),
        Some("6"),
        "{}",
        answer.text()
    );
    assert_eq!(answer.told("env-HTTP_TRANSFER_ENCODING"), None);
    assert!(answer.text().ends_with("hello!"));
    let exchange = engine.ended(1);
    let length = exchange
        .invocation()
        .unwrap()
        .request
        .get("CONTENT_LENGTH")
        .unwrap()
        .clone();
    assert_eq!(length.provenance, Provenance::Body);
    let between = exchange.timeline.at(Moment::BodyComplete).unwrap();
    assert!(
        between
            <= exchange
                .invocation()
                .unwrap()
                .timeline
                .at(Moment::Spawned)
                .unwrap()
    );
}

#[test]
fn a_chunked_body_too_large_for_memory_arrives_whole() {
    let engine = serve();
    let body = noise(3 << 20);
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "echo"]),
        "Transfer-Encoding: chunked\r\n",
        "",
    ));
    for chunk in body.chunks(70_000) {
        client.send(format!("{:x}\r\n", chunk.len()));
        client.send(chunk);
        client.send("\r\n");
    }
    client.send("0\r\n\r\n");
    assert!(client.answer().body == body);
    assert_eq!(engine.ended(1).request.body.len(), 3 << 20);
}

#[test]
fn a_script_reads_the_end_of_the_body_though_the_connection_stays_open() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "count"]),
        "Content-Length: 4\r\n",
        "abcd",
    ));
    client.send(crate::get(&url(&["text", "out=next"])));
    assert_eq!(client.answer().told("stdin-bytes").as_deref(), Some("4"));
    assert_eq!(client.answer().text(), "next");
}

#[test]
fn a_request_without_a_body_reads_end_of_file() {
    let engine = serve();
    let answer = engine.get(&url(&["text", "count"]));
    assert_eq!(answer.told("stdin-bytes").as_deref(), Some("0"));
}

#[test]
fn a_script_that_ignores_a_large_body_is_answered_and_the_connection_goes_on() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "out=done"]),
        "Content-Length: 3145728\r\n",
        "",
    ));
    client.send(noise(3 << 20));
    assert_eq!(client.answer().text(), "done");
    client.send(crate::get(&url(&["text", "out=next"])));
    assert_eq!(client.answer().text(), "next");
    let exchange = engine.ended(1);
    assert_eq!(exchange.end, Some(End::Answered));
    assert_eq!(exchange.request.body.len(), 3 << 20);
    let run = exchange.invocation().unwrap();
    assert!(run.stdin_taken < 3 << 20 && run.stdin_refused);
}

#[test]
fn a_script_that_writes_much_before_it_reads_much_does_not_deadlock() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "stdout=3000000", "count"]),
        "Content-Length: 3000000\r\n",
        "",
    ));
    let mut sender = client.sender();
    let sending = std::thread::scope(|scope| {
        let sending = scope.spawn(move || sender.write_all(&noise(3_000_000)));
        let answer = client.answer();
        assert_eq!(answer.told("stdin-bytes").as_deref(), Some("3000000"));
        assert!(answer.body.len() > 3_000_000 && answer.ending.is_whole());
        sending.join().unwrap()
    });
    assert!(sending.is_ok());
}

#[test]
fn a_chunked_body_over_the_limit_is_refused_before_anything_runs() {
    let engine = serve_configured("[limits]\nrequest_body_bytes = 10\n");
    let answer = engine.ask(post(
        &url(&["text"]),
        "Transfer-Encoding: chunked\r\n",
        "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n",
    ));
    assert_eq!(answer.status(), 413);
    let exchange = engine.ended(1);
    assert_eq!(
        exchange.request.body_end,
        Some(BodyEnd::TooLong { limit: 10 })
    );
    assert!(exchange.invocations.is_empty());
}

#[test]
fn a_chunked_body_is_read_whatever_the_form_of_its_sizes() {
    let engine = serve();
    let hello = "0123456789abcdefghij";
    for chunks in [
        "a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n",
        "14\r\n0123456789abcdefghij\r\n0\r\n\r\n",
        "00000014\r\n0123456789abcdefghij\r\n000\r\n\r\n",
        "14; comment\r\n0123456789abcdefghij\r\n0\r\n\r\n",
        "14\r\n0123456789abcdefghij\r\n0;a=\"b c\"\r\n\r\n",
        "14\r\n0123456789abcdefghij\r\n0\r\nTest-Trailer: testing\r\n\r\n",
    ] {
        let answer = engine.ask(post(
            &url(&["text", "env", "echo"]),
            "Transfer-Encoding: chunked\r\n",
            chunks,
        ));
        assert_eq!(answer.status(), 200, "{chunks:?}");
        assert_eq!(answer.told("env-CONTENT_LENGTH").as_deref(), Some("20"));
        assert_eq!(answer.told("env-HTTP_TRANSFER_ENCODING"), None);
        assert_eq!(answer.told("env-HTTP_TEST_TRAILER"), None);
        assert!(answer.text().ends_with(hello), "{chunks:?}");
    }
}

#[test]
fn a_trailer_that_the_request_announces_reaches_the_script() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "env"]),
        "Transfer-Encoding: chunked\r\nTrailer: Test-Trailer\r\n",
        "5\r\nhello\r\n0\r\nTest-Trailer: testing\r\n\r\n",
    ));
    let answer = client.answer();
    assert_eq!(
        answer.told("env-HTTP_TEST_TRAILER").as_deref(),
        Some("testing")
    );
    assert_eq!(answer.told("env-HTTP_TRAILER"), None);
    // The next request on the connection has none of it.
    client.send(post(
        &url(&["text", "env"]),
        "Transfer-Encoding: chunked\r\n",
        "0\r\n\r\n",
    ));
    let answer = client.answer();
    assert_eq!(answer.told("env-HTTP_TEST_TRAILER"), None);
    assert_eq!(answer.told("env-CONTENT_LENGTH").as_deref(), Some("0"));
}

#[test]
fn a_get_may_have_a_body() {
    let engine = serve();
    let target = url(&["text", "env", "echo"]);
    let answer = engine.ask(format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n\r\nbody of a GET\n"
    ));
    assert_eq!(answer.told("env-CONTENT_LENGTH").as_deref(), Some("14"));
    assert!(answer.text().ends_with("body of a GET\n"));
}

#[test]
fn an_old_client_that_names_no_length_has_sent_no_body() {
    let engine = serve();
    let target = url(&["text", "env", "count"]);
    let mut client = engine.connect();
    client.send(format!("POST {target} HTTP/1.0\r\n\r\nlost"));
    client.finish();
    let answer = client.answer();
    assert_eq!(answer.told("stdin-bytes").as_deref(), Some("0"));
    assert_eq!(answer.told("env-CONTENT_LENGTH"), None);
    let findings = cgi_engine::diagnosis::after_run(&engine.ended(1));
    assert!(
        findings
            .iter()
            .any(|finding| finding.title == "The POST names no length"),
        "{findings:?}"
    );
}

#[test]
fn a_client_that_says_zero_is_believed_and_one_that_says_nothing_is_told_nothing() {
    let engine = serve();
    for (fields, length) in [("Content-Length: 0\r\n", Some("0")), ("", None)] {
        let answer = engine.ask(post(&url(&["text", "env", "count"]), fields, ""));
        assert_eq!(answer.told("env-CONTENT_LENGTH").as_deref(), length);
        assert_eq!(answer.told("env-CONTENT_TYPE"), None);
        assert_eq!(answer.told("stdin-bytes").as_deref(), Some("0"));
    }
}

#[test]
fn a_script_reads_the_end_where_the_client_closes_its_side_too_early() {
    let engine = serve_configured("[limits]\ngrace_seconds = 600\n");
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "count"]),
        "Content-Length: 100\r\n",
        "half",
    ));
    client.finish();
    let answer = client.answer();
    assert_eq!(answer.told("stdin-bytes").as_deref(), Some("4"));
    let exchange = engine.ended(1);
    let short = BodyEnd::Short {
        received: 4,
        announced: Some(100),
    };
    assert_eq!(exchange.request.body_end, Some(short));
    let findings = cgi_engine::diagnosis::after_run(&exchange);
    assert!(
        findings[0].title.contains("4 of the 100 bytes"),
        "{findings:?}"
    );
}

#[test]
fn a_chunked_body_that_stops_early_is_refused_before_anything_runs() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(post(
        &url(&["text"]),
        "Transfer-Encoding: chunked\r\n",
        "4\r\nhalf\r\n",
    ));
    client.finish();
    assert_eq!(client.answer().status(), 400);
    let exchange = engine.ended(1);
    assert!(exchange.invocations.is_empty());
    assert!(exchange.request.refusal.is_some());
}
