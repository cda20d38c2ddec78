use super::*;
use crate::cgi::request_head::{HeadLimits, parse};
use crate::diagnosis::samples;
use crate::exchange::{Author, End, Exchange, Moment};
use crate::export::resend;
use crate::process::Exit;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const HEAD: &[u8] = b"POST /cgi-bin/form.py?a=%20b&c HTTP/1.1\r\nHost: h:81\r\nCookie: x=1; y=2\r\nX-Odd: S\xe3o\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\n";

fn exchange() -> Exchange {
    let run = samples::run(
        b"Content-Type: image/x-test\r\nSet-Cookie: s=1; Path=/; HttpOnly\r\n\r\nGIF\xff\0",
        b"careful\n",
        Exit::Code(0),
    );
    let mut exchange = samples::exchange(vec![run]);
    let raw = Bytes::from_static(HEAD);
    exchange.request.head = parse(raw.clone(), &HeadLimits::default())
        .ok()
        .map(Arc::new);
    exchange.request.raw_head = raw;
    exchange.request.body = samples::captured(b"q=1&r=+");
    let response = exchange.response.as_mut().unwrap();
    response.sent_head = Bytes::from_static(
        b"HTTP/1.1 200 Fine\r\nContent-Type: image/x-test\r\nSet-Cookie: s=1; Path=/; HttpOnly\r\nDate: now\r\n\r\n",
    );
    for (moment, millis) in [
        (Moment::BodyComplete, 3),
        (Moment::ResponseStarted, 30),
        (Moment::ResponseEnded, 45),
        (Moment::Finished, 60),
    ] {
        exchange
            .timeline
            .note(moment, Duration::from_millis(millis));
    }
    exchange
}

fn written(exchanges: &[&Exchange]) -> Value {
    serde_json::from_str(&har(exchanges).unwrap()).unwrap()
}

#[test]
fn an_entry_says_what_was_sent_and_answered() {
    let archive = written(&[&exchange()]);
    let entry = &archive["log"]["entries"][0];
    assert_eq!(entry["startedDateTime"], "1970-01-01T00:00:00.000Z");
    let request = &entry["request"];
    assert_eq!(request["method"], "POST");
    assert_eq!(request["url"], "http://h:81/cgi-bin/form.py?a=%20b&c");
    assert_eq!(
        request["headers"][2],
        json!({"name": "X-Odd", "value": "S\u{e3}o"})
    );
    assert_eq!(request["cookies"][1]["value"], "2");
    assert_eq!(
        request["queryString"][0],
        json!({"name": "a", "value": " b"})
    );
    assert_eq!(request["postData"]["text"], "q=1&r=+");
    assert_eq!(request["postData"]["params"][1]["value"], " ");
    assert_eq!(request["headersSize"], HEAD.len());
    let response = &entry["response"];
    assert_eq!(response["status"], 200);
    assert_eq!(response["statusText"], "Fine");
    assert_eq!(response["cookies"][0]["httpOnly"], true);
    assert_eq!(response["content"]["encoding"], "base64");
    assert_eq!(response["content"]["text"], "R0lG/wA=");
    assert_eq!(entry["_cgi"]["runs"][0]["stderr"]["bytes"], 8);
    assert_eq!(entry["_cgi"]["runs"][0]["exit"]["code"], 0);
}

#[test]
fn the_timings_add_up() {
    let archive = written(&[&exchange()]);
    let entry = &archive["log"]["entries"][0];
    let of = |name: &str| entry["timings"][name].as_f64().unwrap();
    assert_eq!((of("send"), of("wait"), of("receive")), (3.0, 27.0, 15.0));
    assert_eq!(
        (of("blocked"), of("dns"), of("connect"), of("ssl")),
        (-1.0, -1.0, -1.0, -1.0)
    );
    assert_eq!(entry["time"], 45.0);
}

#[test]
fn an_answer_before_the_end_of_the_request_leaves_no_negative_time() {
    let mut early = exchange();
    early.timeline = crate::exchange::Timeline::default();
    for (moment, millis) in [
        (Moment::ResponseStarted, 2),
        (Moment::BodyComplete, 9),
        (Moment::ResponseEnded, 5),
    ] {
        early.timeline.note(moment, Duration::from_millis(millis));
    }
    let archive = written(&[&early, &samples::exchange(Vec::new())]);
    for entry in archive["log"]["entries"].as_array().unwrap() {
        for name in ["send", "wait", "receive"] {
            assert!(entry["timings"][name].as_f64().unwrap() >= 0.0);
        }
    }
}

#[test]
fn another_library_reads_what_is_written() {
    let mut unanswered = exchange();
    unanswered.response = None;
    unanswered.end = Some(End::Unanswered(crate::exchange::EndCause::ClientGone));
    let refused = {
        let mut refused = samples::exchange(Vec::new());
        refused.request.raw_head = Bytes::from_static(b"\x16\x03\x01");
        refused
    };
    let text = har(&[&exchange(), &unanswered, &refused]).unwrap();
    let read = ::har::from_slice(text.as_bytes()).unwrap();
    let ::har::Spec::V1_2(log) = read.log else {
        panic!("another version");
    };
    assert_eq!(log.entries.len(), 3);
    assert_eq!(
        log.entries[0].response.content.text.as_deref(),
        Some("R0lG/wA=")
    );
    assert_eq!(log.entries[1].response.status, 0);
}

#[test]
fn what_was_written_is_read_back() {
    let original = exchange();
    let read = read_har(har(&[&original]).unwrap().as_bytes()).unwrap();
    assert_eq!(
        read.creator,
        concat!("CGI Studio ", env!("CARGO_PKG_VERSION"))
    );
    assert!(read.left_out.is_empty());
    let again = &read.exchanges[0];
    assert_eq!(resend(again).unwrap(), resend(&original).unwrap());
    assert_eq!(again.started, original.started);
    let response = again.response.as_ref().unwrap();
    assert_eq!((response.status, response.author), (200, Author::Elsewhere));
    assert_eq!(response.own_body.as_ref(), b"GIF\xff\0");
    assert_eq!(
        again.timeline.at(Moment::ResponseEnded),
        Some(Duration::from_millis(45))
    );
}

/// An archive as a browser writes it, with this entry.
fn of_browser(entry: &Value) -> Vec<u8> {
    let text = json!({"log": {"version": "1.2", "creator": {"name": "B", "version": "1"}, "pages": [], "entries": [entry]}});
    [b"\xef\xbb\xbf".to_vec(), text.to_string().into_bytes()].concat()
}

fn browser_entry() -> Value {
    json!({
        "startedDateTime": "2026-01-31T14:02:11.5+01:00", "time": 12.5, "_priority": "High", "cache": {},
        "request": {
            "method": "POST", "url": "https://example.org:8443/a%20b?x=1#top", "httpVersion": "http/2.0",
            "headers": [{"name": ":method", "value": "POST"}, {"name": "content-length", "value": "99"}, {"name": "x", "value": "y\r\nEvil: 1"}],
            "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 3,
            "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a b", "value": "&"}]},
        },
        "response": {
            "status": 404, "statusText": "", "httpVersion": "h2", "headers": [{"name": "content-type", "value": "text/plain"}],
            "cookies": [], "content": {"size": 2, "mimeType": "text/plain", "text": "no"}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
        },
        "timings": {"blocked": -1, "send": 0.5, "wait": 10, "receive": 2},
        "serverIPAddress": "[::1]",
    })
}

#[test]
fn a_browsers_archive_becomes_requests_that_can_be_sent() {
    let read = read_har(&of_browser(&browser_entry())).unwrap();
    let exchange = &read.exchanges[0];
    assert_eq!(
        String::from_utf8_lossy(&exchange.request.raw_head),
        "POST /a%20b?x=1 HTTP/1.1\r\nHost: example.org:8443\r\nx: y  Evil: 1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\n"
    );
    assert_eq!(exchange.request.body.head().as_ref(), b"a+b=%26");
    assert_eq!(exchange.started.to_string(), "2026-01-31T13:02:11.500Z");
    assert_eq!(exchange.connection.local.to_string(), "[::1]:8443");
    assert!(exchange.request.head.is_some());
}

#[track_caller]
fn check_refused(archive: &[u8], expected: &str) {
    let error = read_har(archive).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn what_is_no_archive_is_refused_with_its_place() {
    check_refused(
        b"",
        "not an HTTP archive: EOF while parsing a value at line 1",
    );
    check_refused(b"\x89PNG", "line 1 column 1");
    check_refused(b"[]", "not an HTTP archive");
    check_refused(
        b"{\"log\":\n{}}",
        "missing field `version` at line 2 column 2",
    );
    check_refused(b"{\"log\":{\"version\":\"2.0\",\"entries\":[]}}", "\"2.0\"");
    let mut entry = browser_entry();
    entry["request"].as_object_mut().unwrap().remove("url");
    check_refused(&of_browser(&entry), "missing field `url`");
    check_refused("[".repeat(100_000).as_bytes(), "not an HTTP archive");
}

#[track_caller]
fn check_left_out(change: impl FnOnce(&mut Value), expected: &str) {
    let mut entry = browser_entry();
    change(&mut entry);
    let read = read_har(&of_browser(&entry)).unwrap();
    assert!(read.exchanges.is_empty());
    assert!(read.left_out[0].starts_with("entry 1 is left out: "));
    assert!(read.left_out[0].contains(expected), "{:?}", read.left_out);
}

#[test]
fn an_entry_that_is_no_request_is_left_out_and_named() {
    check_left_out(
        |entry| entry["request"]["url"] = json!("wss://h/"),
        "not of http",
    );
    check_left_out(
        |entry| entry["request"]["url"] = json!("data:,x"),
        "not of http",
    );
    check_left_out(
        |entry| entry["request"]["url"] = json!("http:///x"),
        "not of http",
    );
    check_left_out(
        |entry| entry["request"]["method"] = json!("G T"),
        "no token",
    );
    check_left_out(
        |entry| entry["startedDateTime"] = json!("yesterday"),
        "no date",
    );
    check_left_out(
        |entry| entry["response"]["content"] = json!({"text": "!", "encoding": "base64"}),
        "response body is not base64",
    );
}

#[test]
fn hostile_numbers_break_nothing() {
    let mut entry = browser_entry();
    entry["timings"] = json!({"send": 1e308, "wait": 1e308, "receive": -5});
    entry["response"]["status"] = json!(-70000);
    entry["response"]["bodySize"] = json!(-9);
    let read = read_har(&of_browser(&entry)).unwrap();
    assert!(read.exchanges[0].response.is_none());
    // Written again it is an archive still.
    written(&[&read.exchanges[0]]);
}
