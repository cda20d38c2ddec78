//! Methods, versions and connections: a request is answered, whatever its shape.

use crate::{get, post, serve, serve_configured, url};
use cgi_engine::exchange::{Author, End};
use cgi_tests::Ending;

#[test]
fn a_get_is_answered_with_what_the_script_prints() {
    let engine = serve();
    let answer = engine.get(&url(&["text", "out=hello"]));
    assert_eq!((answer.status(), answer.head.reason.as_str()), (200, "OK"));
    assert_eq!(answer.head.value("content-type"), Some("text/plain"));
    assert_eq!(answer.text(), "hello");
    assert!(answer.ending.is_whole());
    let exchange = engine.ended(1);
    assert_eq!(exchange.end, Some(End::Answered));
    assert_eq!(exchange.response.as_ref().unwrap().author, Author::Script);
}

#[test]
fn a_head_request_gets_the_head_alone_and_the_connection_goes_on() {
    let engine = serve();
    let mut client = engine.connect();
    let target = url(&["out=Content-Type: text/plain\nContent-Length: 7\n\nignored"]);
    client.send(format!("HEAD {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_eq!(
        client.answer_to_head().head.value("content-length"),
        Some("7")
    );
    client.send(get(&url(&["text", "out=next"])));
    assert_eq!(client.answer().text(), "next");
    let exchange = engine.ended(1);
    assert_eq!(exchange.end, Some(End::Answered));
    // The script printed its page all the same, and the record has it.
    assert!(
        exchange
            .invocation()
            .unwrap()
            .stdout
            .head()
            .ends_with(b"ignored")
    );
}

#[test]
fn any_method_token_reaches_the_script() {
    let engine = serve();
    for method in [
        "PUT",
        "DELETE",
        "OPTIONS",
        "PATCH",
        "TRACE",
        "M-SEARCH",
        "get",
        "!#$%&'*+-.^_`|~9",
    ] {
        let target = url(&["text", "env"]);
        let answer = engine.ask(format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        ));
        assert_eq!(answer.told("env-REQUEST_METHOD").as_deref(), Some(method));
    }
}

#[test]
fn several_requests_go_over_one_connection() {
    let engine = serve();
    let mut client = engine.connect();
    for word in ["one", "two", "three"] {
        client.send(get(&url(&["text", &format!("out={word}")])));
        assert_eq!(client.answer().text(), word);
    }
    let ports = [1, 2, 3].map(|number| engine.ended(number).connection.peer.port());
    assert_eq!(ports, [ports[0]; 3]);
}

#[test]
fn two_requests_in_one_packet_are_answered_in_their_order() {
    let engine = serve();
    let mut client = engine.connect();
    let first = post(&url(&["text", "echo"]), "Content-Length: 3\r\n", "one");
    client.send(first + &get(&url(&["text", "out=two"])));
    assert_eq!(client.answer().text(), "one");
    assert_eq!(client.answer().text(), "two");
    assert_eq!(engine.ended(1).request.method(), "POST");
    assert_eq!(engine.ended(2).request.method(), "GET");
}

#[test]
fn an_old_client_gets_an_unchunked_answer_that_ends_with_the_connection() {
    let engine = serve();
    let go = engine.site.path("go");
    let mut client = engine.connect();
    let target = url(&[
        "text",
        "out=one",
        &format!("when={}", go.display()),
        "out=two",
    ]);
    client.send(format!("GET {target} HTTP/1.0\r\n\r\n"));
    let head = client.head();
    assert_eq!(head.value("transfer-encoding"), None);
    std::fs::write(go, "").unwrap();
    let mut body = Vec::new();
    let ending = client.body(&head, |bytes| body.extend_from_slice(bytes));
    assert_eq!((body.as_slice(), ending), (&b"onetwo"[..], Ending::Closed));
    assert_eq!(engine.ended(1).end, Some(End::Answered));
}

#[test]
fn the_script_is_told_the_version_that_the_client_speaks() {
    let engine = serve();
    let target = url(&["text", "env"]);
    let answer = engine.ask(format!("GET {target} HTTP/1.0\r\n\r\n"));
    assert_eq!(
        answer.told("env-SERVER_PROTOCOL").as_deref(),
        Some("HTTP/1.0")
    );
}

#[test]
fn a_request_followed_by_the_end_of_the_stream_is_a_whole_request() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["text", "out=hello"])));
    client.finish();
    let answer = client.answer();
    assert_eq!(
        (answer.text().as_str(), answer.ending.is_whole()),
        ("hello", true)
    );
    assert_eq!(engine.ended(1).end, Some(End::Answered));
}

#[test]
fn a_client_that_expects_100_continue_gets_it_before_it_sends_the_body() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "echo"]),
        "Content-Length: 5\r\nExpect: 100-continue\r\n",
        "",
    ));
    assert_eq!(client.head().status, 100);
    client.send("hello");
    let answer = client.answer();
    assert_eq!((answer.status(), answer.text().as_str()), (200, "hello"));
    // The record has the head of the answer, not the interim one.
    let sent = engine.ended(1).response.as_ref().unwrap().sent_head.clone();
    assert_eq!(sent, answer.head.raw);
}

#[test]
fn a_body_that_is_announced_too_long_is_refused_without_100_continue() {
    let engine = serve_configured("[limits]\nrequest_body_bytes = 10\n");
    let mut client = engine.connect();
    client.send(post(
        &url(&["text", "echo"]),
        "Content-Length: 11\r\nExpect: 100-continue\r\n",
        "",
    ));
    assert_eq!(client.answer().status(), 413);
    let exchange = engine.ended(1);
    assert_eq!(exchange.request.refusal.as_ref().unwrap().status, 413);
    assert!(exchange.invocations.is_empty());
}

#[test]
fn fifty_clients_at_once_are_all_answered() {
    let engine = serve();
    let address = engine.address();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..50)
            .map(|number| {
                scope.spawn(move || {
                    let mut client = cgi_tests::Client::connect(address);
                    client.send(get(&url(&["text", &format!("out=client {number}")])));
                    client.answer().text() == format!("client {number}")
                })
            })
            .collect();
        assert!(clients.into_iter().all(|client| client.join().unwrap()));
    });
    for number in 1..=50 {
        assert_eq!(engine.ended(number).end, Some(End::Answered));
    }
}

#[test]
fn a_file_is_answered_whole_and_by_parts() {
    let engine = serve();
    engine.site.file("page.txt", "0123456789", 0o644);
    engine.site.file("empty.txt", "", 0o644);
    assert_eq!(engine.get("/page.txt").text(), "0123456789");
    assert_eq!(engine.get("/empty.txt").text(), "");
    let part = "GET /page.txt HTTP/1.1\r\nHost: localhost\r\nRange: bytes=2-4\r\n\r\n";
    let answer = engine.ask(part);
    assert_eq!((answer.status(), answer.text().as_str()), (206, "234"));
    for number in 1..=3 {
        assert_eq!(engine.ended(number).end, Some(End::Answered));
    }
}

#[test]
fn a_file_that_the_client_has_already_is_not_sent_again() {
    let engine = serve();
    engine.site.file("page.txt", "0123456789", 0o644);
    let whole = engine.get("/page.txt");
    let tag = whole.head.value("etag").unwrap();
    for (field, status) in [
        (format!("If-None-Match: {tag}"), 304),
        (format!("If-None-Match: \"x\", {tag}"), 304),
        (format!("If-None-Match: \"x\"\r\nIf-None-Match: {tag}"), 304),
        ("If-None-Match: \"x\"".to_owned(), 200),
        // The tag decides; the time is not asked (RFC 9110 §13.1.3).
        (
            "If-None-Match: \"x\"\r\nIf-Modified-Since: Tue, 01 Jan 2999 00:00:00 GMT".to_owned(),
            200,
        ),
        (format!("If-Match: \"x\"\r\nIf-Match: {tag}"), 200),
        ("If-Match: \"x\"".to_owned(), 412),
    ] {
        let answer = engine.ask(format!(
            "GET /page.txt HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n"
        ));
        assert_eq!(answer.status(), status, "{field}");
    }
}

#[test]
fn a_connection_is_closed_when_asked_whatever_else_is_said_of_it() {
    let engine = serve();
    engine.site.file("page.txt", "0123456789", 0o644);
    let many = "Connection: x\r\n".repeat(200);
    for (fields, closes) in [
        ("Connection: Upgrade, close\r\nUpgrade: h2c\r\n", true),
        ("Connection: close\r\nConnection: keep-alive\r\n", true),
        ("Connection: Upgrade\r\nUpgrade: h2c\r\n", false),
        (&many, false),
    ] {
        let mut client = engine.connect();
        client.send(format!(
            "GET /page.txt HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"
        ));
        let answer = client.answer();
        assert_eq!(answer.status(), 200, "{fields}");
        let said = answer.head.value("connection");
        assert_eq!(said == Some("close"), closes, "{fields}: {said:?}");
    }
}
