//! A recorded request sent again: by the studio itself, and by curl from the command that is exported.

use crate::{child, get, post, serve, site, url};
use cgi_engine::exchange::{Exchange, Origin};
use cgi_engine::{ReplayError, export};
use cgi_tests::{TempSite, TestEngine};
use std::process::Command;
use std::sync::Arc;

/// What the script was given: meta-variables that do not depend on the connection, command line and body.
fn given(exchange: &Exchange) -> (Vec<String>, Vec<Vec<u8>>, Vec<u8>) {
    let run = exchange.invocation().expect("a script ran");
    let of_the_connection = ["REMOTE_PORT"];
    let variables = run
        .request
        .variables
        .iter()
        .filter(|variable| !of_the_connection.contains(&variable.name.as_str()))
        .map(|variable| format!("{}={}", variable.name, variable.value.escape_ascii()))
        .collect();
    (
        variables,
        run.request.arguments.clone(),
        exchange.request.body.head().into_owned(),
    )
}

/// Requests that are hard to say again: odd bytes, absent fields, framing, methods.
fn requests(address: &str) -> Vec<Vec<u8>> {
    let at = |text: String| {
        text.replace("Host: localhost", &format!("Host: {address}"))
            .into_bytes()
    };
    let echo = url(&["text", "echo"]);
    let mut requests = vec![
        at(get("/cgi-bin/child/a%20b/%C3%A9?word+two")),
        at(get("/cgi-bin/child/a%2fb/x;y?a=[1]&b={2}&c=%41'")),
        at(get("/cgi-bin//child/./x//y")),
        at(get(&url(&["text"])).replace("\r\n\r\n", "\r\nCookie: a=1\r\nCookie: b='2'\r\nX-Empty:\r\nAccept: */*\r\nUser-Agent: me/1 (x; y)\r\n\r\n")),
        at(post(&echo, "Content-Type: text/plain\r\nContent-Length: 11\r\n", "@not a file")),
        at(post(&echo, "Content-Length: 6\r\n", "a\r\nb\n%")),
        at(post(&echo, "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")),
        at(get(&url(&["text"])).replacen("GET", "PURGE", 1)),
        at(get(&url(&["text"])).replacen("GET", "HEAD", 1)),
        format!("GET {} HTTP/1.0\r\n\r\n", url(&["text"])).into_bytes(),
        at(get(&url(&["text"])).replace("localhost", "other.example:99")),
    ];
    let mut binary = at(post(&echo, "Content-Length: 256\r\n", ""));
    binary.extend(0..=255_u8);
    requests.push(binary);
    let mut latin = at(get(&url(&["text"])));
    latin.truncate(latin.len() - 2);
    latin.extend_from_slice(b"X-Name: S\xe3o 'Paulo'\r\n\r\n");
    requests.push(latin);
    requests
}

fn last(engine: &TestEngine) -> u64 {
    engine.engine.rows().last_id().map_or(0, |id| id.0)
}

/// Sends the request and waits for its record; what is answered does not matter here.
fn recorded(engine: &TestEngine, request: &[u8]) -> Arc<Exchange> {
    let number = last(engine) + 1;
    let mut client = engine.connect();
    client.send(request);
    engine.ended(number)
}

#[test]
fn a_replay_gives_the_script_the_same_and_says_what_it_is() {
    let engine = serve();
    for request in requests(&engine.address().to_string()) {
        let first = recorded(&engine, &request);
        let again = engine.engine.replay(first.id).unwrap().unwrap();
        let second = engine.ended(again.0);
        assert_eq!(second.request.raw_head, first.request.raw_head);
        assert_eq!(given(&second), given(&first));
        assert_eq!(second.origin, Origin::Replay(first.id));
    }
}

#[test]
fn what_is_not_kept_is_not_replayed() {
    let engine = serve();
    let unknown = cgi_engine::exchange::ExchangeId(99);
    assert_eq!(
        engine.engine.replay(unknown),
        Err(ReplayError::NotKept { id: unknown })
    );
    let small = TempSite::configured(child(), "[limits]\ncapture_bytes = 16\n");
    let engine = TestEngine::start(child(), small);
    let body = "x".repeat(200_000);
    let length = format!("Content-Length: {}\r\n", body.len());
    engine.ask(post(&url(&["text", "count"]), &length, &body));
    let id = engine.ended(1).id;
    assert!(matches!(
        engine.engine.replay(id),
        Err(ReplayError::NotResendable { .. })
    ));
}

#[test]
fn curl_sends_the_very_request_that_was_recorded() {
    // The test runs a program that only tests run.
    #[allow(clippy::disallowed_methods)]
    let curl = |command: &str| Command::new("bash").args(["-c", command]).output();
    if curl("curl --version").is_ok_and(|output| !output.status.success()) {
        assert!(
            std::env::var_os("CGI_STUDIO_CI").is_none(),
            "curl is missing"
        );
        eprintln!("skipped: there is no curl");
        return;
    }
    let engine = TestEngine::start(child(), site());
    let address = engine.address().to_string();
    for request in requests(&address) {
        let first = recorded(&engine, &request);
        let command = export::curl(&first, &address).unwrap();
        let output = curl(&command).unwrap();
        assert!(output.status.success(), "{command}\n{output:?}");
        let second = engine.ended(last(&engine));
        assert_ne!(first.id, second.id, "{command}");
        assert_eq!(given(&second), given(&first), "{command}");
    }
}
