//! Clients that go before the answer is out: nothing runs on, and the record says who went.

use crate::{get, post, serve, serve_configured, url};
use cgi_engine::exchange::{BodyEnd, End, EndCause, StopCause};
use cgi_tests::{TestEngine, eventually, system};

/// Waits until the script's whole group is gone and checks what the record says of it.
#[track_caller]
fn check_gone(engine: &TestEngine) {
    let group = engine.pid(1);
    eventually("the group is gone", || system::members(group).is_empty());
    let exchange = engine.ended(1);
    assert_eq!(
        exchange.invocation().unwrap().stop,
        Some(StopCause::ClientGone)
    );
}

#[test]
fn a_client_that_hangs_up_in_the_middle_ends_the_script_and_its_children() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&[
        "text",
        "background",
        "trap-term",
        "out=half",
        "sleep",
    ])));
    client.head();
    client.chunk().unwrap();
    drop(client);
    check_gone(&engine);
    assert_eq!(engine.ended(1).end, Some(End::CutOff(EndCause::ClientGone)));
}

#[test]
fn a_client_that_resets_the_connection_has_gone_too() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["text", "out=half", "sleep"])));
    client.head();
    client.reset();
    check_gone(&engine);
    assert_eq!(engine.ended(1).end, Some(End::CutOff(EndCause::ClientGone)));
}

#[test]
fn a_client_that_goes_before_the_headers_gets_no_answer_and_the_record_says_so() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["sleep"])));
    engine.pid(1);
    drop(client);
    check_gone(&engine);
    let end = engine.ended(1).end.clone();
    assert!(
        matches!(
            end,
            Some(End::Unanswered(EndCause::ClientGone) | End::CutOff(EndCause::ClientGone))
        ),
        "{end:?}"
    );
}

#[test]
fn a_client_that_goes_while_a_flood_waits_for_it_ends_the_script() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["text", "stdout=100000000", "sleep"])));
    client.head();
    drop(client);
    check_gone(&engine);
    assert_eq!(engine.ended(1).end, Some(End::CutOff(EndCause::ClientGone)));
}

#[test]
fn a_client_that_goes_while_it_uploads_is_recorded_with_what_came() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(post(
        &url(&["count", "sleep"]),
        "Content-Length: 100000\r\n",
        "half",
    ));
    engine.run_when(1, |run| run.stdin_taken == 4);
    drop(client);
    check_gone(&engine);
    let exchange = engine.ended(1);
    let short = BodyEnd::Short {
        received: 4,
        announced: Some(100_000),
    };
    assert_eq!(exchange.request.body_end, Some(short));
    assert_ne!(exchange.end, Some(End::Answered));
}

#[test]
fn a_script_whose_body_was_cut_short_is_not_recorded_as_answered() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "count"]),
        "Content-Length: 100000\r\n",
        "half",
    ));
    engine.run_when(1, |run| run.stdin_taken == 4);
    client.reset();
    assert_ne!(engine.ended(1).end, Some(End::Answered));
}

#[test]
fn a_client_that_goes_while_its_chunks_are_kept_starts_nothing() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(post(
        &url(&["text"]),
        "Transfer-Encoding: chunked\r\n",
        "4\r\nhalf\r\n",
    ));
    eventually("a part of the body came", || {
        engine
            .exchange(1)
            .is_some_and(|exchange| exchange.request.body.len() == 4)
    });
    drop(client);
    let exchange = engine.ended(1);
    assert!(exchange.invocations.is_empty());
    let short = BodyEnd::Short {
        received: 4,
        announced: None,
    };
    assert_eq!(exchange.request.body_end, Some(short));
}

#[test]
fn a_client_that_goes_in_the_middle_of_a_head_is_recorded() {
    let engine = serve();
    let mut client = engine.connect();
    client.send("GET /cgi-bin/child HTTP/1.1\r\nHo");
    eventually("the record begins", || engine.exchange(1).is_some());
    drop(client);
    let exchange = engine.ended(1);
    assert_eq!(exchange.end, Some(End::Unanswered(EndCause::ClientGone)));
    assert_eq!(
        exchange.request.raw_head.as_ref(),
        b"GET /cgi-bin/child HTTP/1.1\r\nHo"
    );
    assert!(exchange.response.is_none());
}

#[test]
fn a_client_that_comes_and_goes_without_a_word_leaves_no_record() {
    let engine = serve();
    drop(engine.connect());
    engine.get(&url(&["text"]));
    engine.ended(1);
    assert_eq!(engine.engine.snapshot().rows.len(), 1);
}

#[test]
fn a_script_may_finish_within_the_grace_that_the_site_gives() {
    let engine = serve_configured("[limits]\ngrace_seconds = 600\n");
    let (go, done) = (engine.site.path("go"), engine.site.path("done"));
    let mut client = engine.connect();
    let (wait, mark) = (
        format!("when={}", go.display()),
        format!("mark={}", done.display()),
    );
    client.send(get(&url(&["text", "out=half", &wait, &mark])));
    client.head();
    drop(client);
    std::fs::write(go, "").unwrap();
    eventually("the script has done its work", || done.exists());
    assert_eq!(engine.ended(1).invocation().unwrap().stop, None);
}
