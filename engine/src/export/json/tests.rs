use super::*;
use crate::cgi::meta_variable::{AbsenceReason, AbsentVariable, MetaVariable, Provenance};
use crate::cgi::profile::{Difference, HostProfile, HostVerdict};
use crate::cgi::request_head::{HeadLimits, parse};
use crate::diagnosis::{row_of, samples};
use crate::exchange::{
    AppliedLimits, AsHost, BodyEnd, Interpreter, LaunchFailure, Refusal, StopCause,
};
use crate::process::{Exit, Member, ProcessEnd, Resources};
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const GUIDE: &str = include_str!("../../../../assets/guide/json.md");

/// An exchange in which nothing is absent.
fn full() -> Exchange {
    let mut run = samples::run(b"X: y\nLocation\n\n\xff", b"oops\n", Exit::Code(1));
    let request = Arc::make_mut(&mut run.request);
    request.variables.push(MetaVariable {
        name: "PATH_INFO".into(),
        value: b"/S\xe3o".to_vec(),
        provenance: Provenance::Header { name: "X".into() },
        sources: vec![4..9, 10..12],
    });
    request.overridden = request.variables.clone();
    request.absent.push(AbsentVariable {
        name: "CONTENT_TYPE".into(),
        reason: AbsenceReason::NoContentType,
        sources: vec![1..2, 5..6],
    });
    run.as_host = Some(Box::new(AsHost {
        profile: HostProfile::Apache,
        differences: Arc::new([Difference {
            name: "PATH".into(),
            here: None,
            there: Some(b"/bin".to_vec()),
            why: "so it is".into(),
            row: 1,
            breaks: None,
        }]),
        verdict: Some(HostVerdict::Silence {
            deviations: HostProfile::Apache.unread(run.header_block.as_ref().unwrap(), false),
        }),
    }));
    run.launch_failure = Some(LaunchFailure {
        message: "no".into(),
        errno: Some(2),
    });
    run.stop = Some(StopCause::User);
    run.usage = Some(ProcessEnd {
        exit: Exit::Code(1),
        user_time: Duration::from_micros(1500),
        system_time: Duration::ZERO,
        peak_memory_bytes: 7,
        minor_faults: 1,
        major_faults: 2,
        measured: true,
    });
    run.holders.push(Member {
        pid: 7,
        command: "sleep 9".into(),
    });
    run.interpreter = Some(Interpreter {
        path: "/usr/bin/python3".into(),
        version: Some("3.13".into()),
    });
    run.limits = Some(Box::new(AppliedLimits {
        silence: Some(Duration::from_secs(30)),
        total: None,
        client_gone: Duration::ZERO,
        capture_bytes: 9,
        resources: Resources::default(),
        refused: None,
    }));
    let mut exchange = samples::exchange(vec![run]);
    let head = Bytes::from_static(b"POST /a?b=%zz HTTP/1.1\r\nHost: h\r\nCookie: a\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n");
    exchange.request.head = parse(head.clone(), &HeadLimits::default())
        .ok()
        .map(Arc::new);
    exchange.request.raw_head = head;
    exchange.request.body = samples::captured(
        b"--b\r\nContent-Disposition: form-data; name=a; filename=b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n",
    );
    exchange.request.body_end = Some(BodyEnd::Short {
        received: 1,
        announced: Some(2),
    });
    exchange.request.refusal = Some(Refusal {
        status: 400,
        reason: "bad".into(),
        authority: "RFC 9112 §3".into(),
        at: Some(1),
        excerpt: b"\xff".to_vec(),
    });
    exchange.selection.steps.push("it was there".into());
    exchange.response.as_mut().unwrap().sent_head =
        Bytes::from_static(b"HTTP/1.1 500 No\r\nDate: now\r\n\r\n");
    exchange
}

fn names(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                into.insert(name.clone());
                names(value, into);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| names(value, into)),
        _ => {}
    }
}

fn document(exchange: &Exchange) -> Value {
    serde_json::from_str(&exchange_document(exchange, None).unwrap()).unwrap()
}

#[test]
fn the_guide_names_every_field() {
    let mut all = BTreeSet::from(["base64".to_owned()]);
    names(&document(&full()), &mut all);
    let row = row_of(&full());
    names(
        &serde_json::from_str(&row_line(&row).unwrap()).unwrap(),
        &mut all,
    );
    assert!(all.len() > 150, "{}", all.len());
    for name in all {
        let told = GUIDE.contains(&format!("`{name}`"))
            || name == "base64" && GUIDE.contains("{\"base64\"");
        assert!(told, "{name} is not in the guide");
    }
}

#[test]
fn every_variable_has_name_value_and_provenance() {
    let document = document(&full());
    let variable = &document["runs"][0]["variables"][0];
    assert_eq!(variable["name"], "PATH_INFO");
    assert_eq!(variable["value"]["base64"], "L1Pjbw==");
    assert_eq!(variable["provenance"]["kind"], "header");
    assert_eq!(variable["provenance"]["field"], "X");
    assert_eq!(variable["sources"], serde_json::json!([[4, 9], [10, 12]]));
    let absent = &document["runs"][0]["absent"][0];
    assert!(absent["reason"].as_str().unwrap().contains("Content-Type"));
}

#[test]
fn absent_facts_are_null_and_not_left_out() {
    let (mut bare, mut all) = (BTreeSet::new(), BTreeSet::new());
    let empty = samples::exchange(Vec::new());
    names(&document(&empty), &mut bare);
    names(&document(&full()), &mut all);
    for top in document(&full()).as_object().unwrap().keys() {
        assert!(bare.contains(top), "{top} is left out");
    }
    assert!(document(&empty)["request"]["version"].is_null());
}

#[test]
fn what_was_added_by_the_server_is_marked() {
    let mut exchange = samples::exchange(vec![samples::run(
        b"Content-Type: text/plain\n\nx",
        b"",
        Exit::Code(0),
    )]);
    exchange.response.as_mut().unwrap().sent_head =
        Bytes::from_static(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nDate: now\r\n\r\n");
    let fields = &document(&exchange)["response"]["fields"];
    assert_eq!(fields[0]["added_by_server"], false);
    assert_eq!(fields[1]["added_by_server"], true);
}
