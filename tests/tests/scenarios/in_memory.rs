//! Requests that the studio itself makes, on no socket at all.

use crate::{child, get, serve, site, url};
use cgi_engine::exchange::{End, EndCause, Origin};
use cgi_engine::history::HistoryLimits;
use cgi_engine::process::Exit;
use cgi_engine::{Listen, Manner};
use cgi_tests::TestEngine;

fn serve_nowhere() -> TestEngine {
    TestEngine::start_with(child(), site(), Listen::Nowhere, HistoryLimits::default())
}

fn submitted(engine: &TestEngine, request: &str) -> String {
    String::from_utf8(engine.engine.submit(request.into()).1).unwrap()
}

#[test]
fn a_request_in_memory_gets_the_same_answer_as_one_on_a_socket() {
    let engine = serve_nowhere();
    let target = url(&["text", "out=hello"]);
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let (id, answer) = engine.engine.submit(request.into_bytes());
    let exchange = engine.ended(id.unwrap().0);
    let text = String::from_utf8(answer).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("hello"),
        "{text}"
    );
    assert_eq!(exchange.end, Some(End::Answered));
    assert_eq!(exchange.origin, Origin::Studio);
    assert!(exchange.connection.synthetic);
    assert_eq!(exchange.invocation().unwrap().exit, Some(Exit::Code(0)));
}

#[test]
fn a_request_in_memory_may_be_wrong_on_purpose() {
    let engine = serve_nowhere();
    let answer = submitted(&engine, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(engine.ended(1).request.refusal.is_some());
}

#[test]
fn a_large_body_in_memory_comes_back_whole() {
    let engine = serve_nowhere();
    let body = "0123456789".repeat(200_000);
    let target = url(&["text", "echo"]);
    let answer = submitted(
        &engine,
        &format!(
            "POST {target} HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    assert!(answer.ends_with(&format!("\r\n\r\n{body}")));
    assert_eq!(engine.ended(1).end, Some(End::Answered));
}

#[test]
fn a_crash_in_memory_is_recorded_as_on_a_socket() {
    let engine = serve_nowhere();
    let target = url(&["text", "out=half", "crash"]);
    let answer = submitted(
        &engine,
        &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    );
    assert!(
        answer.contains("half") && !answer.ends_with("0\r\n\r\n"),
        "{answer}"
    );
    assert!(matches!(engine.ended(1).end, Some(End::CutOff(_))));
}

#[test]
fn a_request_tells_its_number_as_it_begins_and_can_be_stopped_by_it() {
    let engine = serve();
    let (begun, told) = std::sync::mpsc::channel();
    let request = get(&url(&["text", "sleep"])).into_bytes();
    std::thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let tell = move |id| begun.send(id).unwrap();
            engine.engine.submit_telling(request, Manner::Plain, tell)
        });
        let id = told.recv().unwrap();
        engine.pid(id.0);
        engine.engine.command(cgi_engine::Command::Stop(id));
        assert_eq!(sender.join().unwrap().0, Some(id));
    });
}

#[test]
fn a_slow_body_arrives_whole_and_takes_its_time() {
    let engine = serve_nowhere();
    let request = format!(
        "POST {} HTTP/1.0\r\nContent-Length: 16\r\n\r\n0123456789abcdef",
        url(&["text", "echo"])
    );
    let (id, answer) = engine
        .engine
        .submit_telling(request.into_bytes(), Manner::SlowBody, |_| {});
    let exchange = engine.ended(id.unwrap().0);
    assert!(answer.ends_with(b"0123456789abcdef"));
    assert!(exchange.request.body.marks().len() > 3, "it came in pieces");
}

#[test]
fn a_client_in_memory_can_hang_up() {
    let engine = serve_nowhere();
    let request = get(&url(&["text", "out=half", "sleep"]));
    let (id, _) = engine
        .engine
        .submit_telling(request.into_bytes(), Manner::HangUp, |_| {});
    let exchange = engine.ended(id.unwrap().0);
    assert_eq!(exchange.end, Some(End::CutOff(EndCause::ClientGone)));
}
