//! Scripts whose output is the whole response (RFC 3875 §5).

use crate::{child, serve};
use cgi_engine::exchange::{Author, End, EndCause};
use cgi_tests::{Ending, TestEngine, query};

const RESPONSE: &str =
    "HTTP/1.1 203 Odd\r\nX: \u{e9}\r\nconnection: CLOSE\r\n\r\nbody\u{0}\r\n\r\n";

fn serve_nph() -> TestEngine {
    let engine = serve();
    engine.site.program(child(), "cgi-bin/nph-child");
    engine
}

fn url(commands: &[&str]) -> String {
    format!("/cgi-bin/nph-child?{}", query(commands))
}

#[test]
fn the_output_goes_out_byte_by_byte() {
    let engine = serve_nph();
    let mut client = engine.connect();
    client.send(crate::get(&url(&[&format!("out={RESPONSE}")])));
    let (bytes, ending) = client.rest();
    assert_eq!(
        (bytes.as_slice(), ending),
        (RESPONSE.as_bytes(), Ending::Closed)
    );
    let exchange = engine.ended(1);
    let response = exchange.response.as_ref().unwrap();
    assert_eq!((response.status, response.author), (203, Author::NphScript));
    assert!(
        RESPONSE.as_bytes().starts_with(&response.sent_head)
            && response.sent_head.ends_with(b"\r\n\r\n")
    );
    assert_eq!(
        response.body_bytes + response.sent_head.len() as u64,
        RESPONSE.len() as u64
    );
    assert_eq!(exchange.end, Some(End::Answered));
}

#[test]
fn the_output_goes_out_at_once() {
    let engine = serve_nph();
    let go = engine.site.path("go");
    let mut client = engine.connect();
    let wait = format!("when={}", go.display());
    client.send(crate::get(&url(&[
        "out=HTTP/1.1 200 OK\r\n\r\n",
        &wait,
        "out=late",
    ])));
    assert_eq!(client.head().status, 200);
    std::fs::write(go, "").unwrap();
    assert_eq!(client.rest().0, b"late");
}

#[test]
fn a_client_that_expects_100_continue_gets_it_before_the_output() {
    let engine = serve_nph();
    let mut client = engine.connect();
    let target = url(&["read=4", "out=HTTP/1.1 200 OK\r\n\r\nhello"]);
    client.send(crate::post(
        &target,
        "Content-Length: 4\r\nExpect: 100-continue\r\n",
        "",
    ));
    assert_eq!(client.head().status, 100);
    client.send("four");
    let (bytes, _) = client.rest();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "read-bytes=4\nHTTP/1.1 200 OK\r\n\r\nhello"
    );
}

#[test]
fn a_large_output_arrives_whole() {
    let engine = serve_nph();
    let mut client = engine.connect();
    client.send(crate::get(&url(&[
        "out=HTTP/1.0 200 OK\r\n\r\n",
        "stdout=5000000",
    ])));
    client.head();
    let (bytes, ending) = client.rest();
    assert_eq!((bytes.len(), ending), (5_000_000, Ending::Closed));
}

#[test]
fn a_crash_resets_the_connection() {
    let engine = serve_nph();
    let mut client = engine.connect();
    client.send(crate::get(&url(&[
        "out=HTTP/1.1 200 OK\r\n\r\nhalf",
        "die=9",
    ])));
    let (bytes, ending) = client.rest();
    assert!(
        bytes.ends_with(b"half") && ending == Ending::Reset,
        "{bytes:?} {ending:?}"
    );
    assert_eq!(
        engine.ended(1).end,
        Some(End::CutOff(EndCause::ScriptFailed))
    );
}
