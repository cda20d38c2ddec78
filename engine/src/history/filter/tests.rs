//! What filters mean and what they pass, in tables.

use super::*;
use crate::cgi::meta_variable::{MetaVariable, Provenance};
use crate::clock::Timestamp;
use crate::diagnosis::samples;
use crate::exchange::{Exchange, ExchangeRow};
use crate::process::Exit;
use std::sync::Arc;
use std::time::Duration;

#[track_caller]
fn means(text: &str, expected: &str) {
    let parsed = parse(text);
    assert_eq!(parsed.filter.in_words(), expected, "{text:?}");
    assert_eq!(parsed.problems, [], "{text:?}");
}

/// The part that is underlined, what is said of it, and what is left of the filter.
#[track_caller]
fn complains(text: &str, underlined: &str, message: &str, left: &str) {
    let parsed = parse(text);
    let problem = parsed.problems.first().expect("a problem");
    assert_eq!(text.get(problem.span.clone()), Some(underlined), "{text:?}");
    assert!(problem.message.contains(message), "{}", problem.message);
    assert_eq!(parsed.filter.in_words(), left, "{text:?}");
}

#[test]
fn words_side_by_side_must_all_be_there() {
    means("", "everything");
    means("  ", "everything");
    means("a b", "“a” is somewhere in it and “b” is somewhere in it");
    means(
        "a or b c",
        "“a” is somewhere in it or (“b” is somewhere in it and “c” is somewhere in it)",
    );
    means(
        "(a or b) c",
        "(“a” is somewhere in it or “b” is somewhere in it) and “c” is somewhere in it",
    );
    means(
        "-a !b not c",
        "not (“a” is somewhere in it) and not (“b” is somewhere in it) and not (“c” is somewhere in it)",
    );
    means("not not a", "“a” is somewhere in it");
}

#[test]
fn quotes_and_parentheses_within_make_a_word_of_anything() {
    means("\"failed\"", "“failed” is somewhere in it");
    means("\"a \\\"b\\\" or c\"", "“a \"b\" or c” is somewhere in it");
    means("main()", "“main()” is somewhere in it");
    means("(print(x))", "“print(x)” is somewhere in it");
    means("http://x/?a=b", "“http://x/?a=b” is somewhere in it");
    means(
        "- ! a-b",
        "“-” is somewhere in it and “!” is somewhere in it and “a-b” is somewhere in it",
    );
}

#[test]
fn fields_compare_by_their_worth() {
    means("status:5xx", "the status is 500 to 599");
    means("status:404", "the status is 404");
    means("status!=200", "the status is not 200");
    means("time>100ms", "the time taken is more than 100ms");
    means("time<=2s", "the time taken is 2s at most");
    means("size>=10k", "the response body's size is 10240 B or more");
    means("exit!=0", "the exit status is not 0");
    means("finding:CGI023", "a finding is CGI023");
    means("finding:", "there is a finding");
    means("signal:kill", "the signal that ended it is SIGKILL");
    means("since:10m", "it began since 10 minutes ago");
    means("before:14:05", "it began before 14:05");
    means("METHOD:post", "the method is post");
    means("env.PATH_INFO:/x", "the variable PATH_INFO has “/x”");
    means(
        "header.cookie:",
        "there is something in the request header cookie",
    );
    means("stderr:Traceback", "stderr has “Traceback”");
    means("stdout~\"^a b$\"", "stdout matches ^a b$");
    means("script=*.py", "the script's name is “*.py”");
    means("-status:200", "not (the status is 200)");
}

#[test]
fn what_is_not_understood_is_underlined_and_is_no_condition() {
    complains(
        "a status:abc",
        "abc",
        "three digits",
        "“a” is somewhere in it",
    );
    complains("time>fast", "fast", "time span", "everything");
    complains("time>", ">", "time span", "everything");
    complains(
        "statsu:500",
        "statsu",
        "did you mean status?",
        "“statsu:500” is somewhere in it",
    );
    complains("stdout~[", "[", "cannot be matched", "everything");
    complains("script>a", "a", "neither more nor less", "everything");
    complains("status~5", "5", "is no text", "everything");
    complains("since:10", "10", "time span or a time of day", "everything");
    complains("a or", "or", "both sides", "“a” is somewhere in it");
    complains("and a", "and", "both sides", "“a” is somewhere in it");
    complains("a not", "not", "must follow", "“a” is somewhere in it");
    complains("(a", "(", "not closed", "“a” is somewhere in it");
    complains(
        "a) b",
        ")",
        "never opened",
        "“a” is somewhere in it and “b” is somewhere in it",
    );
    complains("\"a", "\"a", "closing quote", "“a” is somewhere in it");
    complains(
        "status.x:5",
        "status.x:5",
        "no name after a dot",
        "“status.x:5” is somewhere in it",
    );
}

#[test]
fn no_text_is_too_odd_to_be_read() {
    let deep = "(".repeat(10_000);
    assert!(!parse(&deep).problems.is_empty());
    assert!(!parse(&"not ".repeat(4_000)).problems.is_empty());
    assert!(parse(&"a ".repeat(100_000)).filter.is_empty());
    for odd in [
        "\"",
        "\\",
        "!",
        "-",
        "!=",
        ":",
        "~",
        "é\u{301}(",
        "\0",
        "env.:",
        "env.",
        "status:xxx",
        "status:5xxxx",
        "size:1e99",
        "time>99999999999999999999d",
        "id:-1",
    ] {
        for other in ["", " a", "(", ")", "\"", " or "] {
            let text = format!("{odd}{other}");
            let parsed = parse(&text);
            for problem in parsed.problems {
                assert!(
                    text.get(problem.span.clone()).is_some(),
                    "{text:?} {problem:?}"
                );
            }
        }
    }
}

fn exchange() -> Exchange {
    let mut run = samples::run(
        b"Content-Type: text/html\n\n<p>S\xe3o",
        b"Traceback (most recent call last)\n",
        Exit::Code(1),
    );
    let mut request = (*run.request).clone();
    request.variables.push(MetaVariable {
        name: "PATH_INFO".into(),
        value: b"/x/\xff".to_vec(),
        provenance: Provenance::ExtraPath,
        sources: Vec::new(),
    });
    run.request = Arc::new(request);
    let mut exchange = samples::exchange(vec![run]);
    exchange.request.raw_head =
        (&b"POST /cgi-bin/form.py?a=b HTTP/1.1\r\nHost: here\r\nCookie: id=42; theme=dark\r\n\r\n"
            [..])
            .into();
    exchange.request.body = samples::captured(b"city=Paris");
    exchange
}

#[track_caller]
fn passes(text: &str, expected: bool) {
    let exchange = exchange();
    let mut row = ExchangeRow::of(&exchange, Some((26, true)));
    row.method = "POST".into();
    row.target = "/cgi-bin/form.py?a=b".into();
    row.status = Some(500);
    row.duration = Some(Duration::from_millis(120));
    let now = Timestamp::from_unix_millis(row.started.unix_millis() + 60_000);
    let parsed = parse(text);
    assert_eq!(parsed.problems, [], "{text:?}");
    assert_eq!(
        parsed.filter.matches(&row, &exchange, now),
        expected,
        "{text:?}"
    );
    // What the row tells must be what the record tells.
    let told = parsed.filter.judge_row(&row, now);
    assert!(
        told == Verdict::Unknown || told == Verdict::from(expected),
        "{text:?} {told:?}"
    );
}

#[test]
fn rows_and_records_are_asked_for_what_they_know() {
    for text in [
        "",
        "form",
        "FORM.PY",
        "status:5xx",
        "status:500",
        "method:post",
        "path:/cgi-bin",
        "query:a=b",
        "time>100ms",
        "time<1s",
        "failed",
        "-slow",
        "script=*.py",
        "since:2m",
        "-since:30s",
        "before:30s",
        "finding:26",
        "finding:CGI026",
        "exit!=0",
        "exit:1",
        "exit>0",
        "env.path_info:/x",
        "env.PATH_INFO:",
        "header.cookie:theme",
        "cookie.id=42",
        "cookie:dark",
        "stdin:paris",
        "stdout:<p>",
        "stderr:",
        "stderr:traceback",
        "stdout~(?-u)S\\xe3o",
        "paris",
        "traceback",
        "print",
        "source:print",
        "42 or nothing",
        "nothing or status:500",
        "-header.referer:",
        "env.PATH_INFO!=/y",
        "signal!=9",
        "id=214",
    ] {
        passes(text, true);
    }
    for text in [
        "nothing",
        "status:4xx",
        "method:POS",
        "time>1s",
        "slow",
        "running",
        "static",
        "script=form",
        "exit:0",
        "finding:23",
        "since:30s",
        "env.PATH_INFO:/y",
        "header.referer:",
        "cookie.id:43",
        "cookie.ID:42",
        "stdin:london",
        "-stderr:",
        "not failed",
        "status:500 nothing",
        "signal:9",
        "nph",
        "stdout!=*<p>*",
    ] {
        passes(text, false);
    }
}

#[test]
fn marks_codes_and_origins_are_asked_of_the_row() {
    use crate::exchange::{ExchangeId, Progress, RowKind, RowOrigin};
    let row = ExchangeRow {
        target: "/cgi-bin/form.py/x?a".into(),
        name: "form.py".into(),
        kind: RowKind::Script,
        progress: Progress::HungUp,
        headline: Some((23, true)),
        codes: vec![23, 7],
        origin: RowOrigin::Replay(ExchangeId(1)),
        pinned: true,
        comment: Some("Look here".into()),
        ..ExchangeRow::begun(ExchangeId(2), Timestamp::from_unix_millis(1_000_000))
    };
    let now = Timestamp::from_unix_millis(1_060_000);
    let check = |text: &str, expected: bool| {
        let parsed = parse(text);
        assert_eq!(parsed.problems, [], "{text}");
        let fixed = parsed.filter.fixed_at(now);
        for filter in [&parsed.filter, &fixed] {
            let later = Timestamp::from_unix_millis(9_000_000);
            let at = if std::ptr::eq(filter, &fixed) {
                later
            } else {
                now
            };
            let expected = Verdict::from(expected);
            assert_eq!(filter.judge_row(&row, at), expected, "{text}");
        }
    };
    for text in [
        "pinned",
        "comment:look",
        "comment=\"look here\"",
        "finding:7",
        "finding:CGI023",
        "replayed",
        "hungup",
        "script:/cgi-bin/form.py",
        "script=/cgi-bin/form.py",
        "script!=/cgi-bin/form",
        "since:2m",
        "-since:30s",
        "finding!=9",
        "here",
        "failed",
    ] {
        check(text, true);
    }
    for text in [
        "not pinned",
        "comment:gone",
        "finding:8",
        "finding!=7",
        "imported",
        "script:/cgi-bin/form",
        "script!=/cgi-bin/form.py",
        "since:30s",
    ] {
        check(text, false);
    }
}
