//! Which steps runs of different kinds have, and where they stop.

use super::*;
use crate::cgi::meta_variable::{MetaVariable, Provenance};
use crate::diagnosis;
use crate::diagnosis::samples;
use crate::exchange::{EndCause, LaunchFailure, Refusal, SelectedTarget};
use crate::process::Exit;

fn told(exchange: &Exchange) -> Vec<Step> {
    of(exchange, None, &diagnosis::after_run(exchange))
}

fn stops(exchange: &Exchange) -> Vec<Stop> {
    let mut stops: Vec<Stop> = told(exchange).iter().map(|step| step.stop).collect();
    stops.dedup();
    stops
}

fn with_head(mut exchange: Exchange) -> Exchange {
    let raw = exchange.request.raw_head.clone();
    let limits = crate::cgi::request_head::HeadLimits::default();
    let head = crate::cgi::request_head::parse(raw, &limits).unwrap();
    exchange.request.head = Some(head.into());
    exchange.selection.steps = vec!["the URL starts with /cgi-bin/".into()];
    exchange
}

fn run(stdout: &[u8]) -> Exchange {
    let mut run = samples::run(stdout, b"", Exit::Code(0));
    let mut request = (*run.request).clone();
    request.variables.push(MetaVariable {
        name: "CONTENT_LENGTH".into(),
        value: b"27".to_vec(),
        provenance: Provenance::Header {
            name: "Content-Length".into(),
        },
        sources: std::iter::once(5..7).collect(),
    });
    run.request = request.into();
    with_head(samples::exchange(vec![run]))
}

#[test]
fn a_run_that_went_well_comes_by_every_stop_in_order() {
    let exchange = run(b"Content-Type: text/html\n\n<p>hi");
    assert_eq!(stops(&exchange), Stop::ALL);
    let steps = told(&exchange);
    let variable = steps
        .iter()
        .find(|step| step.stop == Stop::Environment)
        .unwrap();
    assert_eq!(variable.title, "CONTENT_LENGTH = 27");
    assert_eq!(variable.authority, "RFC 3875 §4.1.2");
    assert_eq!(
        variable.exhibit,
        Some(Exhibit::Head(std::iter::once(5..7).collect()))
    );
    assert!(steps.iter().all(|step| step.broken.is_none()));
}

/// Where it stops, and that the page follows all the same.
#[track_caller]
fn breaks(exchange: &Exchange, stop: Stop) {
    let steps = told(exchange);
    let broken = steps
        .iter()
        .position(|step| step.broken.is_some())
        .expect("a broken step");
    assert_eq!(steps[broken].stop, stop);
    let evidence = steps[broken].broken.as_ref().unwrap().evidence.as_ref();
    let of_stream = |found: &Evidence| matches!(found.source, EvidenceSource::Stream(..));
    assert_eq!(
        steps[broken].exhibit.is_some(),
        evidence.is_some_and(of_stream)
    );
    let rest: Vec<Stop> = steps[broken + 1..].iter().map(|step| step.stop).collect();
    assert!(rest.iter().all(|stop| *stop == Stop::Page), "{rest:?}");
}

#[test]
fn a_chain_that_broke_stops_where_it_did() {
    breaks(&run(b""), Stop::FirstOutput);
    breaks(&run(b"hello\n"), Stop::HeaderBlock);
    breaks(&run(b"Content-Type: text/html\n"), Stop::EmptyLine);
    let mut not_started = run(b"");
    not_started.invocations[0].program = None;
    not_started.invocations[0].pid = None;
    not_started.invocations[0].exit = None;
    let mut facts = (*not_started.invocations[0].script).clone();
    facts.executable = false;
    facts.mode = 0o644;
    not_started.invocations[0].script = facts.into();
    not_started.invocations[0].launch_failure = Some(LaunchFailure {
        message: "it is not executable".into(),
        errno: None,
    });
    breaks(&not_started, Stop::Checks);
    let mut cut = run(b"Content-Type: text/html\n\n<p>half");
    cut.invocations[0].exit = Some(Exit::Code(1));
    cut.invocations[0].stderr = samples::captured(b"Traceback (most recent call last):\n  File \"form.py\", line 2, in <module>\nKeyError: 'x'\n");
    cut.end = Some(End::CutOff(EndCause::ScriptFailed));
    breaks(&cut, Stop::Body);
}

#[test]
fn a_refused_request_never_comes_to_a_script() {
    let mut refused = samples::exchange(Vec::new());
    refused.request.refusal = Some(Refusal {
        status: 400,
        reason: "there are two Host fields".into(),
        authority: "RFC 9112 §3.2".into(),
        at: Some(40),
        excerpt: Vec::new(),
    });
    refused.selection.target = SelectedTarget::Undecided;
    assert!(
        stops(&refused)
            .iter()
            .all(|stop| *stop <= Stop::Headers || *stop == Stop::Page)
    );
}

#[test]
fn what_the_server_added_to_the_head_is_marked() {
    let mut exchange = run(b"content-type: text/html\n\n<p>hi");
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nDate: now\r\n\r\n";
    exchange.response.as_mut().unwrap().sent_head = (&head[..]).into();
    let steps = told(&exchange);
    let Some(Exhibit::SentHead(added)) = steps.last().unwrap().exhibit.clone() else {
        panic!("the head of the response");
    };
    let lines: Vec<&[u8]> = added.into_iter().map(|range| &head[range]).collect();
    assert_eq!(lines, [b"Date: now"]);
}

#[test]
fn what_still_runs_has_no_page_yet() {
    let mut live = run(b"");
    live.end = None;
    live.response = None;
    live.invocations[0].exit = None;
    live.invocations[0].header_block = None;
    live.invocations[0].response = None;
    let steps = told(&live);
    assert_eq!(steps.last().map(|step| step.stop), Some(Stop::Stdin));
    assert!(steps.iter().all(|step| step.broken.is_none()));
}
