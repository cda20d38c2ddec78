//! Runs that are stopped by hand or with the engine.

use crate::{get, serve, url};
use cgi_engine::exchange::{End, EndCause, ExchangeId, Progress, StopCause};
use cgi_engine::{Command, Event};
use cgi_tests::{Client, Ending, eventually, system};

#[test]
fn a_run_is_stopped_by_hand() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["text", "out=half", "sleep"])));
    let head = client.head();
    engine.engine.command(Command::Stop(ExchangeId(1)));
    assert_eq!(client.body(&head, |_| {}), Ending::Short);
    let exchange = engine.ended(1);
    assert_eq!(
        exchange.end,
        Some(End::CutOff(EndCause::Stopped(StopCause::User)))
    );
    assert!(system::members(engine.pid(1)).is_empty());
}

#[test]
fn a_run_that_is_stopped_before_its_headers_is_answered() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["sleep"])));
    engine.pid(1);
    engine.engine.command(Command::Stop(ExchangeId(1)));
    assert_eq!(client.answer().status(), 500);
    assert_eq!(
        engine.ended(1).invocation().unwrap().stop,
        Some(StopCause::User)
    );
}

#[test]
fn a_shutdown_ends_what_runs_and_tells_the_end_of_each() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&[
        "text",
        "trap-term",
        "background-trap",
        "sleep",
    ])));
    let head = client.head();
    let group = engine.pid(1);
    let address = engine.address();
    let listener = engine.engine.subscribe();
    let told = engine.told_until_the_end(listener);
    assert!(system::members(group).is_empty());
    assert_eq!(client.body(&head, |_| {}), Ending::Short);
    let last = told.iter().rev().find_map(|event| match event {
        Event::Exchange(row) => Some(row.progress),
        _ => None,
    });
    assert_eq!(last, Some(Progress::CutOff));
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_shutdown_lets_a_run_finish_that_is_nearly_done() {
    let engine = serve();
    let (go, address) = (engine.site.path("go"), engine.address());
    let mut client = engine.connect();
    let wait = format!("when={}", go.display());
    client.send(get(&url(&["text", "out=one", &wait, "out=two"])));
    let head = client.head();
    let stopping = std::thread::scope(|scope| {
        let stopping = scope.spawn(move || engine.engine.shut_down());
        eventually("nobody is let in any more", || {
            std::net::TcpStream::connect(address).is_err()
        });
        std::fs::write(go, "").unwrap();
        let mut body = Vec::new();
        let ending = client.body(&head, |bytes| body.extend_from_slice(bytes));
        assert_eq!(
            (body.as_slice(), ending),
            (&b"onetwo"[..], Ending::LastChunk)
        );
        stopping.join()
    });
    assert!(stopping.is_ok());
}

#[test]
fn an_engine_that_is_shared_stops_while_a_request_of_our_own_holds_it() {
    let engine = serve();
    let address = engine.address();
    let request = get(&url(&["text", "sleep"]));
    std::thread::scope(|scope| {
        let request = scope.spawn(|| engine.engine.submit(request.into()));
        let group = engine.pid(1);
        engine.engine.begin_stop();
        eventually("nobody is let in any more", || {
            std::net::TcpStream::connect(address).is_err()
        });
        assert!(request.join().is_ok());
        assert!(system::members(group).is_empty());
    });
    assert_eq!(engine.ended(1).end, Some(End::CutOff(EndCause::Shutdown)));
}

#[test]
fn a_shutdown_does_not_wait_for_idle_clients() {
    let engine = serve();
    let mut idle: Vec<Client> = (0..3).map(|_| engine.connect()).collect();
    idle[0].send(get(&url(&["text"])));
    idle[0].answer();
    idle[1].send("GET / HT");
    eventually("the half head is seen", || engine.exchange(2).is_some());
    engine.engine.shut_down();
    for mut client in idle {
        assert_eq!(client.rest().0, b"");
    }
}

#[test]
fn a_shutdown_does_not_wait_for_a_client_that_does_not_read() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["text", "stdout=100000000"])));
    engine.run_when(1, |run| run.stdout.len() > 1_000_000);
    let group = engine.pid(1);
    let listener = engine.engine.subscribe();
    let told = engine.told_until_the_end(listener);
    assert!(system::members(group).is_empty());
    let ends = told
        .iter()
        .filter(|event| matches!(event, Event::Exchange(row) if row.progress == Progress::CutOff));
    assert_eq!(ends.count(), 1);
}

#[test]
fn an_engine_that_is_dropped_leaves_no_process_behind() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["text", "ids", "sleep"])));
    client.head();
    let told = String::from_utf8(client.chunk().unwrap()).unwrap();
    let spawner = told.lines().find_map(|line| line.strip_prefix("parent="));
    let spawner: u32 = spawner.unwrap().parse().unwrap();
    let group = engine.pid(1);
    drop(engine);
    assert!(system::members(group).is_empty());
    eventually("the spawner is gone", || !system::alive(spawner));
}
