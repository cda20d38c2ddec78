//! Expectations are read, refused with their place, and held against runs.

use std::time::Duration;

use super::*;
use crate::diagnosis::samples;
use crate::exchange::{Author, ResponseRecord};
use bytes::Bytes;

#[track_caller]
fn refused(text: &str, column: usize, word: &str) {
    let problem = parse(text).unwrap_err();
    assert_eq!(problem.column, column, "{problem}");
    assert!(problem.what.contains(word), "{problem}");
}

#[test]
fn what_is_no_expectation_is_told_with_its_column() {
    refused("", 1, "begins with status");
    refused("  stauts 200", 3, "begins with status");
    refused("status", 7, "200 or 2xx");
    refused("status 20", 8, "200 or 2xx");
    refused("status 0xx", 8, "200 or 2xx");
    refused("status 200 ok", 12, "nothing is expected");
    refused("status not", 11, "200 or 2xx");
    refused("header", 7, "a field's name");
    refused("header :x", 8, "a field's name");
    refused("header X", 9, "contains");
    refused("header X:", 10, "a value is wanted");
    refused("body is empty", 6, "contains");
    refused("body absent", 6, "empty or not empty");
    refused("body contains \"x", 15, "not closed");
    refused("body contains \"x\" y", 19, "nothing is expected");
    refused("body matches (", 14, "unclosed");
    refused("stderr not absent", 12, "contains, matches or empty");
    refused("env = x", 5, "a variable's name");
    refused("exit 256", 6, "exit status");
    refused("exit SIGNONE", 6, "exit status");
    refused("time 5ms", 6, "<, <=");
    refused("time < 5", 8, "a time span");
    refused("time < 1e999s", 8, "a time span");
    refused("finding no", 11, "errors or warnings");
    refused("finding 23", 9, "CGI023");
    refused("finding not CGI1", 13, "CGI023");
    refused("größe status", 1, "begins with");
}

fn run() -> Exchange {
    let stdout =
        b"Content-Type: text/html\r\nSet-Cookie: a=1\r\n\r\n<title>Welcome</title>\nS\xe3o \"x\"\n";
    let mut run = samples::run(stdout, b"warning: 7\n", Exit::Code(0));
    run.timeline = crate::exchange::Timeline::default();
    let mut exchange = samples::exchange(vec![run]);
    if let Some(response) = &mut exchange.response {
        response.sent_head = Bytes::from_static(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\n",
        );
    }
    exchange.timeline.note(
        crate::exchange::Moment::ResponseEnded,
        Duration::from_millis(40),
    );
    exchange
}

#[track_caller]
fn check_one(exchange: &Exchange, text: &str, met: bool, found: &str) {
    let outcomes = check(exchange, &[parse(text).unwrap()]);
    let [outcome] = &outcomes[..] else {
        panic!("one expectation has one outcome");
    };
    assert_eq!(
        (outcome.met, outcome.expected.as_str()),
        (met, text.trim()),
        "{outcome:?}"
    );
    assert!(outcome.found.contains(found), "{text}: {outcome:?}");
}

#[test]
fn each_part_of_a_run_can_be_expected() {
    let run = run();
    for (text, met, found) in [
        ("status 200", true, "200"),
        ("status 2xx", true, "200"),
        ("status 20x", true, "200"),
        ("status 404, 500,200", true, "200"),
        ("status not 5xx", true, "200"),
        ("status not 200", false, "200"),
        ("status 404", false, "200"),
        ("header Content-Type: text/html*", true, "\"text/html\""),
        ("header content-type = \"text/html\"", true, "text/html"),
        ("header Content-Type: \"text/html*\"", false, "text/html"),
        ("header Content-Type: *html", true, ""),
        ("header Content-Type: t*t*m*l", true, ""),
        ("header Content-Type: t*x*x*l", false, ""),
        ("header Set-Cookie contains b=", true, "\"a=1\" and \"b=2\""),
        ("header Set-Cookie not contains b=", false, "\"b=2\""),
        ("header Set-Cookie matches ^b=\\d$", true, ""),
        ("header X absent", true, "absent"),
        ("header X present", false, "absent"),
        ("header X != y", true, "absent"),
        ("header X = y", false, "absent"),
        ("body contains Welcome", true, "in line 1"),
        ("body contains \"S\\xe3o \\\"x\\\"\"", true, "in line 2"),
        ("body not contains Welcome", false, "\"Welcome\" in line 1"),
        ("body contains Goodbye", false, "31 bytes: \"<title>"),
        ("body matches \"(?-u)S.o\"", true, "S\\xe3o"),
        ("body empty", false, "31 bytes"),
        ("body not empty", true, ""),
        ("stdout contains Set-Cookie", true, "in line 2"),
        ("stderr contains warning", true, "line 1"),
        ("stderr empty", false, "\"warning: 7\\n\""),
        ("stderr = \"warning: 7\\n\"", true, ""),
        ("stderr = warning*", true, ""),
        ("stderr != warning: 7", true, ""),
        ("env PATH_INFO absent", true, "absent"),
        ("env PATH_INFO = /x", false, "absent"),
        ("exit 0", true, "exit 0"),
        ("exit not 0", false, "exit 0"),
        ("exit SIGKILL", false, "exit 0"),
        ("time < 500ms", true, "40 ms"),
        ("time<=40ms", true, "40 ms"),
        ("time > 0.04s", false, "40 ms"),
        ("finding no errors", true, ""),
        ("finding not CGI023", true, ""),
        ("finding CGI023", false, ""),
    ] {
        check_one(&run, text, met, found);
    }
}

#[test]
fn the_place_tells_where_to_look() {
    let outcome = |text: &str| check(&run(), &[parse(text).unwrap()]).remove(0).place;
    assert_eq!(
        outcome("body contains S").to_string(),
        "response body, byte 23"
    );
    assert_eq!(
        outcome("stdout contains <").to_string(),
        "standard output, byte 44"
    );
    assert_eq!(outcome("stderr empty").to_string(), "standard error");
    assert_eq!(outcome("header X: y").to_string(), "response field X");
}

#[test]
fn a_run_without_a_response_meets_nothing_about_it() {
    let mut none = samples::exchange(Vec::new());
    none.response = None;
    for text in [
        "status 200",
        "status not 200",
        "header X absent",
        "body empty",
        "stderr empty",
        "exit not 0",
        "env A absent",
    ] {
        check_one(&none, text, false, "no ");
    }
    none.end = None;
    check_one(&none, "time > 0s", false, "did not end");
}

#[test]
fn the_body_of_a_file_is_not_claimed_to_be_anything() {
    let mut file = samples::exchange(Vec::new());
    file.response = Some(ResponseRecord {
        author: Author::File,
        ..samples::own(200)
    });
    check_one(&file, "body not contains x", false, "not recorded");
    check_one(&file, "body empty", false, "not recorded");
}

#[test]
fn nothing_is_claimed_of_bytes_that_were_not_kept() {
    let mut cut = run();
    let mut stderr = crate::exchange::CapturedBody::new(4);
    stderr.push(&Bytes::from(vec![b'x'; 200_000]), Duration::ZERO);
    cut.invocations[0].stderr = stderr;
    check_one(&cut, "stderr not contains y", false, "were not kept");
    check_one(&cut, "stderr contains y", false, "were not kept");
    check_one(&cut, "stderr contains xxxxx", true, "xxxxx");
    check_one(&cut, "stderr not empty", true, "");
    check_one(&cut, "stderr != y", false, "were not kept");
}

#[test]
fn what_happened_is_met_by_the_very_run() {
    let expectations = happened(&run());
    assert_eq!(
        expectations,
        [
            "status 200",
            "header Content-Type = \"text/html\"",
            "body contains \"<title>Welcome</title>\"",
            "exit 0",
            "finding no errors",
        ]
    );
    let broken = samples::exchange(vec![samples::run(b"no header\n", b"", Exit::Code(1))]);
    let expectations = happened(&broken);
    assert!(
        expectations.contains(&"status 500".to_owned()),
        "{expectations:?}"
    );
    assert!(
        expectations
            .iter()
            .any(|text| text.starts_with("finding CGI")),
        "{expectations:?}"
    );
}
