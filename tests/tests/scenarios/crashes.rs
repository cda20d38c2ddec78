//! Half a page never looks whole.

use crate::{get, serve, url};
use cgi_engine::exchange::{End, EndCause};
use cgi_engine::process::{Exit, Signal};
use cgi_tests::Ending;

const TRACEBACK: &str = "err=Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\n    1/0\nZeroDivisionError: division by zero\n";

#[test]
fn a_crash_after_the_headers_leaves_the_chunks_without_their_last() {
    let engine = serve();
    let go = engine.site.path("go");
    let mut client = engine.connect();
    let wait = format!("when={}", go.display());
    client.send(get(&url(&["text", "out=half", &wait, "die=9"])));
    let head = client.head();
    assert_eq!(client.chunk().unwrap(), b"half");
    std::fs::write(go, "").unwrap();
    assert_eq!(
        client.body(&head, |bytes| panic!("{bytes:?}")),
        Ending::Short
    );
    let exchange = engine.ended(1);
    assert_eq!(exchange.end, Some(End::CutOff(EndCause::ScriptFailed)));
    let exit = exchange.invocation().unwrap().exit;
    assert!(
        matches!(exit, Some(Exit::Signal { number, .. }) if number == Signal::KILL.number()),
        "{exit:?}"
    );
}

#[test]
fn a_crash_at_once_loses_neither_the_head_nor_what_was_printed() {
    let engine = serve();
    let answer = engine.get(&url(&["text", "out=half", "crash"]));
    assert_eq!((answer.status(), answer.text().as_str()), (200, "half"));
    assert_eq!(answer.ending, Ending::Short);
    assert_eq!(
        engine.ended(1).end,
        Some(End::CutOff(EndCause::ScriptFailed))
    );
}

#[test]
fn a_crash_right_after_the_headers_does_not_lose_them() {
    let engine = serve();
    // Whether the end comes before hyper has written the head is a matter of luck.
    for id in 1..=30 {
        let answer = engine.get(&url(&["text", "crash"]));
        assert_eq!((answer.status(), answer.text().as_str()), (200, ""));
        assert_eq!(answer.ending, Ending::Short);
        let response = engine.ended(id).response.clone().unwrap();
        assert!(response.sent_head.starts_with(b"HTTP/1.1 200"));
    }
}

#[test]
fn a_crash_after_the_headers_resets_the_connection_of_an_old_client() {
    let engine = serve();
    let go = engine.site.path("go");
    let mut client = engine.connect();
    let wait = format!("when={}", go.display());
    let target = url(&["text", "out=half", &wait, "die=9"]);
    client.send(format!("GET {target} HTTP/1.0\r\n\r\n"));
    let head = client.head();
    std::fs::write(go, "").unwrap();
    let mut body = Vec::new();
    let ending = client.body(&head, |bytes| body.extend_from_slice(bytes));
    assert_eq!((body.as_slice(), ending), (&b"half"[..], Ending::Reset));
    assert_eq!(
        engine.ended(1).end,
        Some(End::CutOff(EndCause::ScriptFailed))
    );
}

#[test]
fn an_old_client_gets_all_that_was_printed_before_its_connection_is_reset() {
    let engine = serve();
    let mut client = engine.connect();
    let target = url(&["text", "stdout=5000000", "die=9"]);
    client.send(format!("GET {target} HTTP/1.0\r\n\r\n"));
    // Much is on its way before the client begins to read.
    engine.run_when(1, |run| run.stdout.len() > 1_000_000);
    let head = client.head();
    let mut length = 0;
    let ending = client.body(&head, |bytes| length += bytes.len());
    assert_eq!((length, ending), (5_000_000, Ending::Reset));
}

#[test]
fn a_client_that_is_slow_to_read_gets_all_before_the_reset() {
    let engine = serve();
    let mut client = engine.connect();
    let target = url(&["text", "stdout=200000", "die=9"]);
    client.send(format!("GET {target} HTTP/1.0\r\n\r\n"));
    // The script is over, and all that it printed waits in the system's queues.
    engine.run_when(1, |run| run.exit.is_some() && run.stdout_ended);
    let head = client.head();
    let mut length = 0;
    let ending = client.body(&head, |bytes| length += bytes.len());
    assert_eq!((length, ending), (200_000, Ending::Reset));
}

#[test]
fn a_traceback_and_a_failing_exit_after_the_headers_cut_the_page_off() {
    let engine = serve();
    let answer = engine.get(&url(&["text", "out=half", TRACEBACK, "exit=1"]));
    assert_eq!(answer.ending, Ending::Short);
    assert_eq!(
        engine.ended(1).end,
        Some(End::CutOff(EndCause::ScriptFailed))
    );
}

#[test]
fn a_page_in_a_browser_says_itself_what_a_crash_cut_it_short_by() {
    let engine = serve();
    let html = "out=Content-Type: text/html; charset=utf-8\n\n<table><tr><td>half";
    let target = url(&[html, TRACEBACK, "exit=1"]);
    let from_browser =
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html,*/*\r\n\r\n");
    let answer = engine.ask(from_browser);
    assert!(answer.ending.is_whole());
    let page = answer.text();
    assert!(page.starts_with("<table><tr><td>half"), "{page}");
    assert!(
        page.contains("ZeroDivisionError: division by zero"),
        "{page}"
    );
    assert!(page.is_ascii());
    let exchange = engine.ended(1);
    assert_eq!(exchange.end, Some(End::CutOff(EndCause::ScriptFailed)));
    assert_eq!(exchange.response.as_ref().unwrap().body_bytes, 19);
    // What asks for no page gets what the script printed, cut off.
    let answer = engine.get(&target);
    assert_eq!(answer.text(), "<table><tr><td>half");
    assert_eq!(answer.ending, Ending::Short);
}

#[test]
fn a_failing_exit_alone_does_not_spoil_a_page() {
    let engine = serve();
    let answer = engine.get(&url(&["text", "out=whole", "err=a warning\n", "exit=3"]));
    assert_eq!(
        (answer.text().as_str(), answer.ending.is_whole()),
        ("whole", true)
    );
    let exchange = engine.ended(1);
    assert_eq!(exchange.end, Some(End::Answered));
    assert_eq!(exchange.invocation().unwrap().exit, Some(Exit::Code(3)));
}

#[test]
fn a_script_that_says_nothing_is_a_failure_of_the_script() {
    let engine = serve();
    for commands in [
        &["exit=0"][..],
        &["exit=1"],
        &["crash"],
        &["out=Content-Type: text/plain\n"],
        &["out=hello"],
    ] {
        let answer = engine.get(&url(commands));
        assert_eq!(
            (answer.status(), answer.ending.is_whole()),
            (500, true),
            "{commands:?}"
        );
    }
}

#[test]
fn the_connection_of_a_failed_script_goes_on() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["crash"])) + &get(&url(&["text", "out=next"])));
    assert_eq!(client.answer().status(), 500);
    assert_eq!(client.answer().text(), "next");
}
