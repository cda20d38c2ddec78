//! What a script prints goes out at once, and the run is followed to its own end.

use crate::{get, serve, url};
use cgi_engine::exchange::{End, Moment};
use cgi_engine::process::Exit;
use cgi_tests::{Ending, eventually, system};

#[test]
fn the_first_bytes_go_out_while_the_script_goes_on() {
    let engine = serve();
    let go = engine.site.path("go");
    let mut client = engine.connect();
    let wait = format!("when={}", go.display());
    client.send(get(&url(&["text", "out=one", &wait, "out=two"])));
    assert_eq!(client.head().status, 200);
    assert_eq!(client.chunk().unwrap(), b"one");
    assert!(system::alive(engine.pid(1)) && engine.exchange(1).unwrap().end.is_none());
    std::fs::write(go, "").unwrap();
    assert_eq!(client.chunk().unwrap(), b"two");
    assert_eq!(client.chunk().unwrap(), b"");
    assert_eq!(engine.ended(1).end, Some(End::Answered));
}

#[test]
fn the_head_goes_out_as_soon_as_the_header_block_is_complete() {
    let engine = serve();
    let go = engine.site.path("go");
    let mut client = engine.connect();
    client.send(get(&url(&[
        "text",
        &format!("when={}", go.display()),
        "out=late",
    ])));
    assert_eq!(client.head().status, 200);
    std::fs::write(go, "").unwrap();
    assert_eq!(client.chunk().unwrap(), b"late");
}

#[test]
fn a_script_that_closes_its_output_is_answered_and_followed_to_its_end() {
    let engine = serve();
    let go = engine.site.path("go");
    let wait = format!("when={}", go.display());
    let answer = engine.get(&url(&[
        "text",
        "out=hello",
        "close-stdout",
        &wait,
        "exit=3",
    ]));
    assert_eq!(
        (answer.text().as_str(), answer.ending.is_whole()),
        ("hello", true)
    );
    eventually("the response is out", || {
        let exchange = engine.exchange(1).unwrap();
        exchange.timeline.at(Moment::ResponseEnded).is_some()
    });
    assert!(engine.exchange(1).unwrap().end.is_none());
    assert!(system::alive(engine.pid(1)));
    std::fs::write(go, "").unwrap();
    let exchange = engine.ended(1);
    assert_eq!(exchange.end, Some(End::Answered));
    assert_eq!(exchange.invocation().unwrap().exit, Some(Exit::Code(3)));
}

#[test]
fn much_on_standard_error_before_the_headers_holds_nothing_up() {
    let engine = serve();
    let answer = engine.get(&url(&["stderr=200000", "text", "out=hello"]));
    assert_eq!(answer.text(), "hello");
    assert_eq!(engine.ended(1).invocation().unwrap().stderr.len(), 200_000);
}

#[test]
fn a_short_page_goes_out_with_its_length() {
    let engine = serve();
    // The end of the output is there before the script's exit is known, so the length can be told.
    let answer = engine.get(&url(&["out=Content-Type: text/plain\n\nhello"]));
    assert!(answer.ending.is_whole());
    let response = engine.ended(1).response.clone().unwrap();
    assert_eq!((response.body_bytes, answer.body.len()), (5, 5));
    if answer.ending == Ending::Length {
        assert_eq!(answer.head.value("content-length"), Some("5"));
    }
}

#[test]
fn a_wrong_length_of_the_script_does_not_reach_the_client() {
    let engine = serve();
    for declared in ["3", "9999"] {
        let page = format!("out=Content-Type: text/plain\nContent-Length: {declared}\n\nhello");
        let answer = engine.get(&url(&[&page]));
        assert_eq!(
            (answer.text().as_str(), answer.ending.is_whole()),
            ("hello", true)
        );
    }
}

#[test]
fn what_is_said_on_standard_error_after_the_answer_is_kept() {
    let engine = serve();
    let go = engine.site.path("go");
    let wait = format!("when={}", go.display());
    let answer = engine.get(&url(&[
        "text",
        "out=hello",
        "close-stdin",
        "close-stdout",
        &wait,
        "err=late\n",
    ]));
    assert_eq!(
        (answer.text().as_str(), answer.ending.is_whole()),
        ("hello", true)
    );
    std::fs::write(go, "").unwrap();
    let exchange = engine.ended(1);
    let run = exchange.invocation().unwrap();
    assert_eq!(run.stderr.head().as_ref(), b"late\n");
    assert_eq!(exchange.end, Some(End::Answered));
}

#[test]
fn a_script_that_closes_its_standard_error_is_read_to_its_end() {
    let engine = serve();
    let go = engine.site.path("go");
    let mut client = engine.connect();
    let wait = format!("when={}", go.display());
    client.send(get(&url(&[
        "text",
        "close-stderr",
        "stdout=8192",
        &wait,
        "stdout=8192",
    ])));
    let head = client.head();
    std::fs::write(go, "").unwrap();
    let mut length = 0;
    let ending = client.body(&head, |bytes| length += bytes.len());
    assert_eq!((length, ending.is_whole()), (16_384, true));
}
