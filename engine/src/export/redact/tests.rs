use super::*;
use crate::cgi::meta_variable::{MetaVariable, Provenance};
use crate::cgi::request_head::{HeadLimits, parse};
use crate::diagnosis::samples;
use crate::exchange::CapturedBody;
use crate::export::exchange_document;
use crate::process::Exit;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

const HEAD: &[u8] = b"POST /cgi-bin/form.py?token=tok%20en-4711&x=1 HTTP/1.1\r\nHost: h\r\nCookie: session=0123456789abcdef; lang=en\r\nAuthorization: Bearer Zm9vYmFyYmF6\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 38\r\n\r\n";
const BODY: &[u8] = b"user=zo&password=p%26ss+w%C3%B6rd&pin=1";
const STDOUT: &[u8] = "Content-Type: text/html\r\nSet-Cookie: session=fedcba9876543210; Path=/\r\n\r\n<p>p&amp;ss w\u{f6}rd 1 0123456789abcdef</p>".as_bytes();

fn variable(name: &str, value: &[u8], source: std::ops::Range<usize>) -> MetaVariable {
    MetaVariable {
        name: name.into(),
        value: value.to_vec(),
        provenance: Provenance::Query,
        sources: vec![source],
    }
}

/// A login, cookies, a query, a form, and a script that repeats what it got.
fn exchange() -> Exchange {
    let mut run = samples::run(STDOUT, "bad: p&ss w\u{f6}rd\n".as_bytes(), Exit::Code(0));
    let query = memchr::memmem::find(HEAD, b"token").unwrap();
    Arc::make_mut(&mut run.request).variables = vec![
        variable(
            "QUERY_STRING",
            b"token=tok%20en-4711&x=1",
            query..query + 23,
        ),
        variable("HTTP_COOKIE", b"session=0123456789abcdef; lang=en", 0..0),
        variable("HTTP_AUTHORIZATION", b"Bearer Zm9vYmFyYmF6", 0..0),
        variable("DB_PASSWORD", b"hunter2hunter2", 0..0),
        variable("SCRIPT_NAME", b"/cgi-bin/form.py", 0..0),
    ];
    let mut exchange = samples::exchange(vec![run]);
    let raw = Bytes::from_static(HEAD);
    exchange.request.head = parse(raw.clone(), &HeadLimits::default())
        .ok()
        .map(Arc::new);
    assert!(exchange.request.head.is_some());
    exchange.request.raw_head = raw;
    exchange.request.body = samples::captured(BODY);
    exchange
}

/// Everything that could be read of it, in one text.
fn all(exchange: &Exchange) -> String {
    format!(
        "{}\n{exchange:?}",
        exchange_document(exchange, None).unwrap()
    )
}

const VALUES: [&str; 9] = [
    "tok en-4711",
    "tok%20en-4711",
    "0123456789abcdef",
    "fedcba9876543210",
    "Zm9vYmFyYmF6",
    "p%26ss",
    "p&ss",
    "p&amp;ss",
    "hunter2",
];

#[test]
fn every_secret_is_listed_with_its_places() {
    let secrets = secrets(&exchange());
    let told: Vec<_> = secrets
        .iter()
        .map(|secret| {
            format!(
                "{} {}: {}",
                secret.kind.label(),
                secret.name,
                secret.places_in_words()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "form or JSON field token: request head, QUERY_STRING",
            "cookie session: request head, HTTP_COOKIE, standard output",
            "cookie lang: request head, HTTP_COOKIE",
            "login authorization: request head, HTTP_AUTHORIZATION",
            "form or JSON field password: request body, standard output, standard error",
            "form or JSON field pin: request body",
            "variable db_password: DB_PASSWORD",
            "cookie session: standard output",
        ]
    );
}

#[test]
fn no_spelling_of_a_secret_is_left_anywhere() {
    let exchange = exchange();
    let before = all(&exchange);
    for keep_lengths in [true, false] {
        let chosen = Chosen {
            secrets: secrets(&exchange),
            keep_lengths,
        };
        let after = all(&redacted(&exchange, &chosen));
        for value in VALUES {
            assert!(before.contains(value), "{value} was never there");
            assert!(
                !after.contains(value),
                "{value} is left, lengths kept: {keep_lengths}"
            );
        }
        assert!(after.contains("/cgi-bin/form.py") && after.contains("user=zo"));
    }
}

#[test]
fn with_lengths_kept_nothing_moves() {
    let exchange = exchange();
    let copy = redacted(&exchange, &Chosen::all(secrets(&exchange)));
    assert_eq!(copy.request.raw_head.len(), HEAD.len());
    assert_eq!(
        copy.request.body.head().as_ref(),
        b"user=zo&password=****************&pin=*"
    );
    let stdout = &copy.invocations[0].stdout;
    assert_eq!(stdout.len(), STDOUT.len() as u64);
    assert!(
        String::from_utf8_lossy(&stdout.head())
            .ends_with("<p>************** 1 ****************</p>")
    );
    let reread = parse(copy.request.raw_head.clone(), &HeadLimits::default()).unwrap();
    assert_eq!(&reread, copy.request.head.as_deref().unwrap());
}

#[test]
fn without_lengths_places_still_point_at_what_they_meant() {
    let exchange = exchange();
    let chosen = Chosen {
        secrets: secrets(&exchange),
        keep_lengths: false,
    };
    let copy = redacted(&exchange, &chosen);
    let reread = parse(copy.request.raw_head.clone(), &HeadLimits::default()).unwrap();
    assert_eq!(&reread, copy.request.head.as_deref().unwrap());
    let run = &copy.invocations[0];
    let source = run.request.variables[0].sources[0].clone();
    assert_eq!(
        copy.request.raw_head[source],
        *run.request.variables[0].value
    );
    let block = run.header_block.as_ref().unwrap();
    let stdout = run.stdout.head();
    assert_eq!(
        &stdout[block.fields[1].span.clone()],
        b"Set-Cookie: session=***; Path=/"
    );
    assert!(stdout[block.length..].starts_with(b"<p>*** 1 ***"));
    assert_eq!(run.stdout.lines(), exchange.invocations[0].stdout.lines());
}

#[test]
fn only_what_was_chosen_is_hidden() {
    let exchange = exchange();
    let mut chosen = Chosen::all(secrets(&exchange));
    chosen.secrets.retain(|secret| secret.name == "db_password");
    let after = all(&redacted(&exchange, &chosen));
    assert!(!after.contains("hunter2") && after.contains("Zm9vYmFyYmF6"));
}

#[test]
fn a_secret_that_a_gap_cut_in_two_is_hidden_on_both_sides() {
    let mut exchange = exchange();
    let mut cut = CapturedBody::new(10);
    cut.push(&Bytes::from_static(b"a hunter2h"), Duration::ZERO);
    cut.push(&Bytes::from(vec![b'.'; 100_000]), Duration::ZERO);
    cut.push(&Bytes::from(vec![b'-'; 65_536 - 9]), Duration::ZERO);
    exchange.invocations[0].stderr = cut;
    let copy = redacted(&exchange, &Chosen::all(secrets(&exchange)));
    let stderr = &copy.invocations[0].stderr;
    assert_eq!(stderr.head().as_ref(), b"a ********");
    assert_eq!(
        stderr.cut_bytes(),
        exchange.invocations[0].stderr.cut_bytes()
    );
}

#[test]
fn json_stays_json() {
    let mut exchange = exchange();
    let head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\r\n";
    exchange.request.head = parse(Bytes::from_static(head), &HeadLimits::default())
        .ok()
        .map(Arc::new);
    exchange.request.raw_head = Bytes::from_static(head);
    let body = "{\"password\": \"a\\\"b\u{fc}cdefg\", \"pin\": 1234, \"pins\": 3}";
    exchange.request.body = samples::captured(body.as_bytes());
    for keep_lengths in [true, false] {
        let chosen = Chosen {
            secrets: secrets(&exchange),
            keep_lengths,
        };
        let copy = redacted(&exchange, &chosen);
        let read: serde_json::Value = serde_json::from_slice(&copy.request.body.head()).unwrap();
        assert!(read["password"].as_str().unwrap().starts_with("***"));
        assert_ne!(read["pin"], 1234);
        assert_eq!(read["pins"], 3);
    }
}

#[test]
fn what_is_a_secret_in_one_is_one_in_all_that_leave_together() {
    let first = exchange();
    let mut second = samples::exchange(vec![samples::run(
        b"Content-Type: text/plain\n\nhunter2hunter2\n",
        b"",
        Exit::Code(0),
    )]);
    second.id.0 = 9;
    assert!(secrets(&second).is_empty());
    let chosen = Chosen::all(secrets_of([&first, &second]));
    assert!(!all(&redacted(&second, &chosen)).contains("hunter2"));
}
