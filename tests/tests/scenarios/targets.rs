//! The forms of a request target and of a host, and what scripts learn of them (RFC 9112 §3.2, RFC 3875 §4.1).

use crate::{child, serve, site, url};
use cgi_engine::Listen;
use cgi_engine::history::HistoryLimits;
use cgi_tests::{Answer, TestEngine, query};
use std::net::{Ipv6Addr, SocketAddr};

fn env() -> String {
    query(&["text", "env"])
}

#[track_caller]
fn check_told(answer: &Answer, expected: &[(&str, Option<&str>)]) {
    for (name, value) in expected {
        let told = answer.told(&format!("env-{name}"));
        assert_eq!(told.as_deref(), *value, "{name}: {}", answer.text());
    }
}

#[test]
fn an_absolute_target_names_the_host_whatever_the_host_field_says() {
    let engine = serve();
    let port = engine.address().port().to_string();
    let commands = env();
    for target in [
        "http://shop.example:99",
        "HTTP://shop.example",
        "https://shop.example",
    ] {
        let request = format!(
            "GET {target}/cgi-bin/child/x?{commands} HTTP/1.1\r\nHost: other.example\r\n\r\n"
        );
        let uri = format!("/cgi-bin/child/x?{commands}");
        check_told(
            &engine.ask(request),
            &[
                ("SERVER_NAME", Some("shop.example")),
                ("SERVER_PORT", Some(&port)),
                ("HTTP_HOST", Some("other.example")),
                ("REQUEST_URI", Some(&uri)),
                ("SCRIPT_NAME", Some("/cgi-bin/child")),
                ("PATH_INFO", Some("/x")),
                // The scheme of the connection, not of the target.
                ("REQUEST_SCHEME", Some("http")),
                ("HTTPS", None),
            ],
        );
    }
}

#[test]
fn a_host_names_the_server_without_its_port() {
    let engine = serve();
    let port = engine.address().port().to_string();
    for (host, name) in [
        ("localhost", "localhost"),
        ("localhost:8000", "localhost"),
        ("fake.com", "fake.com"),
        ("FAKE.com:1", "FAKE.com"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[::1]:8000", "[::1]"),
        ("", "127.0.0.1"),
    ] {
        let target = url(&["text", "env"]);
        let answer = engine.ask(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        check_told(
            &answer,
            &[("SERVER_NAME", Some(name)), ("SERVER_PORT", Some(&port))],
        );
    }
    let target = url(&["text", "env"]);
    let answer = engine.ask(format!("GET {target} HTTP/1.0\r\n\r\n"));
    check_told(
        &answer,
        &[("SERVER_NAME", Some("127.0.0.1")), ("HTTP_HOST", None)],
    );
}

#[test]
fn a_client_over_ipv6_is_told_apart_from_the_server_by_its_brackets() {
    let anywhere = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    if std::net::TcpListener::bind(anywhere).is_err() {
        println!("skipped: this computer has no IPv6");
        return;
    }
    let engine = TestEngine::start_with(
        child(),
        site(),
        Listen::Exactly(anywhere),
        HistoryLimits::default(),
    );
    let answer = engine.ask(format!("GET {} HTTP/1.0\r\n\r\n", url(&["text", "env"])));
    check_told(
        &answer,
        &[
            ("SERVER_NAME", Some("[::1]")),
            ("SERVER_ADDR", Some("::1")),
            ("REMOTE_ADDR", Some("::1")),
            ("REMOTE_HOST", Some("::1")),
        ],
    );
}

#[test]
fn options_of_the_server_as_a_whole_and_of_a_file_are_answered_by_the_server() {
    let engine = serve();
    engine.site.file("page.html", "<p>page", 0o644);
    let mut client = engine.connect();
    for (target, allowed) in [
        ("*", "PATCH"),
        ("/page.html", "GET, HEAD, OPTIONS"),
        ("/", "GET"),
    ] {
        client.send(format!(
            "OPTIONS {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        ));
        let answer = client.answer();
        assert_eq!((answer.status(), answer.body.len()), (200, 0), "{target}");
        assert!(answer.head.value("allow").unwrap().contains(allowed));
    }
    let target = url(&["text", "env"]);
    client.send(format!(
        "OPTIONS {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    ));
    check_told(&client.answer(), &[("REQUEST_METHOD", Some("OPTIONS"))]);
    client.send("PUT /page.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    let answer = client.answer();
    assert_eq!(
        (answer.status(), answer.head.value("allow")),
        (405, Some("GET, HEAD, OPTIONS"))
    );
}

#[test]
fn a_path_is_decoded_once_and_keeps_what_it_says() {
    let engine = serve();
    engine.site.program(child(), "cgi-bin/a child;v=1");
    let commands = env();
    for (path, script, info) in [
        ("/cgi-bin/child", "/cgi-bin/child", None),
        ("/cgi-bin/child/", "/cgi-bin/child", Some("/")),
        ("/cgi-bin/child//", "/cgi-bin/child", Some("//")),
        ("/cgi-bin/child//a//b/", "/cgi-bin/child", Some("//a//b/")),
        ("/cgi-bin/child/A/a", "/cgi-bin/child", Some("/A/a")),
        ("/cgi-bin/child/%2541", "/cgi-bin/child", Some("/%41")),
        ("/cgi-bin/child/x;y=1/z", "/cgi-bin/child", Some("/x;y=1/z")),
        ("/cgi-bin/child/a+b", "/cgi-bin/child", Some("/a+b")),
        ("/cgi-bin/child/./a/../b", "/cgi-bin/child", Some("/b")),
        (
            "/cgi-bin/child/%2e%2e/child/x",
            "/cgi-bin/child",
            Some("/x"),
        ),
        ("/x/../cgi-bin/child/y", "/cgi-bin/child", Some("/y")),
        (
            "/cgi-bin/a%20child;v=1/e",
            "/cgi-bin/a child;v=1",
            Some("/e"),
        ),
        ("/cgi%2Dbin/chil%64", "/cgi-bin/child", None),
    ] {
        let answer = engine.get(&format!("{path}?{commands}"));
        check_told(
            &answer,
            &[("SCRIPT_NAME", Some(script)), ("PATH_INFO", info)],
        );
    }
    for (path, status) in [
        ("/cgi-bin/../../etc/passwd", 400),
        ("/../cgi-bin/child", 400),
        ("/%2e%2e/cgi-bin/child", 400),
        ("/cgi-bin/child/%00", 400),
        ("/cgi-binX/child", 404),
        ("/cgi-bin/childX", 404),
        ("/cgi-bin/CHILD", 404),
    ] {
        assert_eq!(engine.get(path).status(), status, "{path}");
    }
}

#[test]
fn an_encoded_slash_is_a_slash_and_the_record_says_what_is_lost() {
    let engine = serve();
    let answer = engine.get(&format!("/cgi-bin/child/a%2Fb?{}", env()));
    check_told(&answer, &[("PATH_INFO", Some("/a/b"))]);
    let exchange = engine.ended(1);
    assert!(exchange.selection.steps[0].contains("%2F"));
    let findings = cgi_engine::diagnosis::after_run(&exchange);
    assert!(findings[0].title.contains("encoded slash"), "{findings:?}");
}

#[test]
fn a_name_that_is_nearly_right_is_told() {
    let engine = serve();
    let answer = engine.get("/cgi-bin/chidl");
    assert_eq!(answer.status(), 404);
    assert!(
        answer.text().contains("/cgi-bin/child"),
        "{}",
        answer.text()
    );
    assert_eq!(engine.get("/child").status(), 404);
}

#[test]
fn a_query_is_passed_on_as_it_came() {
    let engine = serve();
    for query in ["a=b?c=d", "%6f%zz", "x=\\\"", "a=%00", "=", "&&"] {
        engine.site.script(
            "query",
            "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s' \"$QUERY_STRING\"\n",
        );
        let answer = engine.get(&format!("/cgi-bin/query?{}", query.replace('"', "%22")));
        assert_eq!(answer.text(), query.replace('"', "%22"));
    }
    let answer = engine.get("/cgi-bin/query");
    assert_eq!((answer.status(), answer.text().as_str()), (200, ""));
}

#[test]
fn a_query_without_an_equals_sign_becomes_words_of_the_command_line() {
    let engine = serve();
    engine.site.script(
        "words",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s|' \"$#\"\nfor word; do printf '[%s]' \"$word\"; done\n",
    );
    for (query, words) in [
        ("", "0|"),
        ("?a+b", "2|[a][b]"),
        ("?a%3Db", "1|[a=b]"),
        ("?a=b", "0|"),
        ("?a%3Bb+%24x", "2|[a\\;b][\\$x]"),
        ("?a++b", "0|"),
        ("?a+%00", "0|"),
    ] {
        assert_eq!(
            engine.get(&format!("/cgi-bin/words{query}")).text(),
            words,
            "{query}"
        );
    }
    let answer = engine.ask(crate::post(
        "/cgi-bin/words?a+b",
        "Content-Length: 0\r\n",
        "",
    ));
    assert_eq!(answer.text(), "0|");
}
