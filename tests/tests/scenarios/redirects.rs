//! Location, Status and the fields of a response (RFC 3875 §6.2 and §6.3).

use crate::{get, serve, url};
use cgi_engine::cgi::meta_variable::Provenance;
use cgi_engine::exchange::{Author, End};
use cgi_tests::Ending;

#[test]
fn a_local_redirect_is_answered_by_the_other_script_with_what_it_must_know() {
    let engine = serve();
    let target = format!(
        "out=Location: /cgi-bin/child/extra/path?{}\n\n",
        cgi_tests::query(&["text", "env", "count"])
    );
    let asked = url(&[&target]);
    let body = "four";
    let answer = engine.ask(crate::post(&asked, "Content-Length: 4\r\n", body));
    assert_eq!(answer.status(), 200);
    let query = asked.split_once('?').unwrap().1;
    for (name, value) in [
        ("env-REQUEST_METHOD", Some("GET")),
        ("env-PATH_INFO", Some("/extra/path")),
        ("env-SCRIPT_NAME", Some("/cgi-bin/child")),
        ("env-QUERY_STRING", Some("text=&env=&count=")),
        ("env-REDIRECT_URL", Some("/cgi-bin/child")),
        ("env-REDIRECT_QUERY_STRING", Some(query)),
        ("env-REDIRECT_STATUS", Some("200")),
        ("env-CONTENT_LENGTH", None),
        ("stdin-bytes", Some("0")),
    ] {
        assert_eq!(answer.told(name).as_deref(), value, "{name}");
    }
    let exchange = engine.ended(1);
    assert_eq!(exchange.invocations.len(), 2);
    let url = exchange.invocations[1]
        .request
        .get("REDIRECT_URL")
        .unwrap()
        .clone();
    assert_eq!(url.provenance, Provenance::Redirect);
    assert_eq!(exchange.end, Some(End::Answered));
}

#[test]
fn a_local_redirect_may_lead_to_a_file() {
    let engine = serve();
    engine.site.file("page.html", "<p>page", 0o644);
    let answer = engine.get(&url(&["out=Location: /page.html\n\n"]));
    assert_eq!((answer.status(), answer.text().as_str()), (200, "<p>page"));
    let exchange = engine.ended(1);
    assert_eq!(exchange.invocations.len(), 1);
    assert_eq!(exchange.response.as_ref().unwrap().author, Author::File);
    assert_eq!(exchange.end, Some(End::Answered));
}

#[test]
fn a_posted_form_may_be_passed_on_to_a_file_and_set_a_cookie_on_the_way() {
    let engine = serve();
    engine.site.file("thanks.html", "<p>thanks", 0o644);
    let asked = url(&["out=Location: /thanks.html\nSet-Cookie: seen=1\n\n"]);
    let fields = "Content-Length: 4\r\nRange: bytes=0-0\r\n";
    let answer = engine.ask(crate::post(&asked, fields, "four"));
    assert_eq!(
        (answer.status(), answer.text().as_str()),
        (200, "<p>thanks")
    );
    assert_eq!(answer.head.value("Set-Cookie"), Some("seen=1"));
}

#[test]
fn a_local_redirect_to_nothing_is_not_found() {
    let engine = serve();
    assert_eq!(
        engine.get(&url(&["out=Location: /nowhere\n\n"])).status(),
        404
    );
    assert_eq!(engine.ended(1).end, Some(End::Answered));
}

#[test]
fn redirects_in_a_circle_end_in_a_failure() {
    let engine = serve();
    engine.site.script(
        "loop",
        "#!/bin/sh\nprintf 'Location: /cgi-bin/loop\\n\\n'\n",
    );
    assert_eq!(engine.get("/cgi-bin/loop").status(), 500);
    let exchange = engine.ended(1);
    assert_eq!(exchange.invocations.len(), 11);
    assert_eq!(exchange.end, Some(End::Answered));
}

#[test]
fn another_address_is_sent_to_the_client() {
    let engine = serve();
    let answer = engine.get(&url(&["out=Location: http://example.com/?a=b\n\n"]));
    assert_eq!(
        (answer.status(), answer.head.reason.as_str()),
        (302, "Found")
    );
    assert_eq!(
        answer.head.value("location"),
        Some("http://example.com/?a=b")
    );
}

#[test]
fn the_status_goes_out_with_the_phrase_of_the_script() {
    let engine = serve();
    for (status, code, phrase) in [
        ("404 Gone fishing", 404, "Gone fishing"),
        ("404", 404, "Not Found"),
        ("678 Odd", 678, "Odd"),
    ] {
        let answer = engine.get(&url(&[&format!(
            "out=Status: {status}\nContent-Type: text/plain\n\nx"
        )]));
        assert_eq!(
            (answer.status(), answer.head.reason.as_str()),
            (code, phrase)
        );
        assert!(answer.ending.is_whole());
    }
    let answer = engine.get(&url(&["out=Status: 678\nContent-Type: text/plain\n\nx"]));
    assert_eq!(answer.status(), 678);
    assert!(!answer.head.reason.contains("none"), "{:?}", answer.head);
}

#[test]
fn bodies_that_a_client_may_not_get_are_read_and_kept_back() {
    let engine = serve();
    let mut client = engine.connect();
    for (number, status) in [(1, 204), (2, 304)] {
        let page = format!("out=Status: {status}\nContent-Type: text/plain\n\n");
        client.send(get(&url(&[&page, "stdout=200000"])));
        let answer = client.answer();
        assert_eq!((answer.status(), answer.ending), (status, Ending::NoBody));
        let exchange = engine.ended(number);
        assert_eq!(exchange.end, Some(End::Answered));
        let run = exchange.invocation().unwrap();
        assert_eq!(run.stdout.len() - run.body_offset().unwrap(), 200_000);
        assert_eq!(
            (run.stop, run.exit),
            (None, Some(cgi_engine::process::Exit::Code(0)))
        );
    }
}

#[test]
fn several_cookies_stay_several() {
    let engine = serve();
    let page = "out=Content-Type: text/plain\nSet-Cookie: a=1; Path=/\nX: y\nSet-Cookie: b=2\n\n";
    let answer = engine.get(&url(&[page]));
    assert_eq!(answer.head.values("set-cookie"), ["a=1; Path=/", "b=2"]);
}
