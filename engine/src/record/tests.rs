//! Records of made-up runs; real ones are packed by the scenarios.

use super::*;
use crate::cgi::profile::{HostProfile, HostReader, HostVerdict, Surroundings};
use crate::cgi::request::{Authentication, BodyFacts, CgiRequest, ConnectionFacts, RequestFacts};
use crate::cgi::request_head::{HeadLimits, parse};
use crate::cgi::script_uri::RequestTarget;
use crate::cgi::trailers::Trailer;
use crate::cgi::violation::Strictness;
use crate::clock::Timestamp;
use crate::diagnosis::samples::{self, captured, exchange, run, run_of};
use crate::exchange::*;
use crate::process::{Exit, Member, ProcessEnd, Resources, WaitCause, Waiting};
use crate::site::script::{FileKind, InterpreterProblem, InterpreterState, ScriptFacts};
use bytes::Bytes;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

const HEAD: &[u8] = b"POST /cgi-bin/f%ff.py/extra?a+b=1&a=2 HTTP/1.1\r\nHost: localhost:8000\r\n\
    Content-Length: 5\r\nContent-Type: text/plain\r\nX-Odd: \xff\xfe\r\nProxy: evil\r\nAuthorization: Basic ***\r\n\
    A.b: 1\r\nConnection: close\r\n\r\n";

/// Packed and unpacked it is the same, and packed again it is the same record.
#[track_caller]
fn check(exchange: &Exchange) -> Vec<u8> {
    let mut blobs = Blobs::default();
    let record = pack(exchange, &mut blobs);
    let again = unpack(&record, &blobs).unwrap();
    assert_eq!(format!("{again:#?}"), format!("{exchange:#?}"));
    assert_eq!(pack(&again, &mut blobs), record);
    record
}

/// The error that these bytes give, with no contents outside.
fn error(record: &[u8]) -> String {
    unpack(record, &Blobs::default()).unwrap_err().to_string()
}

fn request() -> CgiRequest {
    let head = parse(Bytes::from_static(HEAD), &HeadLimits::default()).unwrap();
    let target = RequestTarget::parse(head.target()).unwrap();
    let path = target.decode_path().unwrap();
    let site_variables = [
        ("LANG".to_owned(), Some(b"C".to_vec())),
        ("SERVER_ADMIN".to_owned(), None),
        ("SERVER_NAME".to_owned(), Some(b"other".to_vec())),
    ];
    let trailers = [Trailer {
        name: b"X-Sum".to_vec(),
        value: b"\x80".to_vec(),
    }];
    CgiRequest::build(&RequestFacts {
        head: &head,
        target: &target,
        path: &path,
        script_name_length: b"/cgi-bin/f\xff.py".len(),
        script_filename: b"/site/cgi-bin/f\xff.py",
        document_root: b"/site",
        path_translated: Some(b"/site/extra"),
        body: BodyFacts::Length(5),
        trailers: &trailers,
        connection: &connection(),
        authentication: Some(Authentication {
            scheme: "Basic",
            user: b"j\xf6rg",
        }),
        pass_authorization: false,
        server_software: "CGI-Studio/0.0",
        path_variable: b"/bin",
        site_variables: &site_variables,
        redirect: None,
        php: true,
    })
}

fn connection() -> ConnectionFacts {
    ConnectionFacts {
        local: "[fe80::1%3]:8000".parse().unwrap(),
        peer: "127.0.0.1:4711".parse().unwrap(),
        https: true,
        synthetic: true,
    }
}

fn odd_path() -> PathBuf {
    OsString::from_vec(b"/site/cgi-bin/f\xff.py".to_vec()).into()
}

/// A run in which as much as possible was unusual.
fn odd_run(stdout: &[u8]) -> Invocation {
    let mut script = samples::script("/x.py", b"\xef\xbb\xbf#!/usr/bin/env python3\r\nprint()\n");
    script.path = odd_path();
    script.modified = Some(UNIX_EPOCH - Duration::from_nanos(1_500_000_001));
    script.mounted_noexec = Some(true);
    script.interpreter = InterpreterState::Mapped {
        path: odd_path(),
        problem: Some(InterpreterProblem::NotAFile),
    };
    let exit = Exit::Signal {
        number: 11,
        core_dumped: true,
    };
    let mut run = run_of(
        script,
        Strictness::Strict,
        stdout,
        b"Traceback\n  oh",
        Some(exit),
    );
    run.request = Arc::new(request());
    run.program = Some(Arc::new(ProgramRecord {
        executable: odd_path(),
        arguments: vec![OsString::from_vec(b"f\xff".to_vec()), OsString::new()],
        directory: "/site/cgi-bin".into(),
    }));
    run.interpreter = Some(Interpreter {
        path: odd_path(),
        version: Some("Python 3.13".into()),
    });
    run.limits = Some(Box::new(AppliedLimits {
        silence: Some(Duration::MAX),
        total: None,
        client_gone: Duration::from_millis(250),
        capture_bytes: 16 << 20,
        resources: Resources {
            cpu_seconds: Some(0),
            memory_bytes: Some(u64::MAX),
            processes: None,
        },
        refused: Some("above the hard limit".into()),
    }));
    run.launch_failure = Some(LaunchFailure {
        message: "no such file".into(),
        errno: Some(2),
    });
    run.stdin_taken = 3;
    run.stdin_refused = true;
    run.stdout_ended = false;
    run.stop = Some(StopCause::TimeLimit {
        limit: Duration::MAX,
        total: true,
    });
    run.usage = Some(ProcessEnd {
        exit,
        user_time: Duration::from_micros(1234),
        system_time: Duration::from_micros(99),
        peak_memory_bytes: 10 << 20,
        minor_faults: 321,
        major_faults: 1,
        measured: true,
    });
    run.holders = vec![Member {
        pid: 77,
        command: OsString::from_vec(b"sleep \xff".to_vec()),
    }];
    run.debugged = Some(Debugger::Debugpy);
    run.locals = Some(Arc::new(LocalsReport {
        python: "3.13.0".into(),
        exceptions: vec![ExceptionLocals {
            kind: "KeyError".into(),
            frames: vec![FrameLocals {
                file: "/a\u{fffd}.py".into(),
                line: 3,
                function: "<module>".into(),
                locals: vec![Local("n".into(), "int".into(), "3".into())],
            }],
            left_out: 1,
        }],
    }));
    run.silence = Some(Box::new(Silence {
        since: Duration::from_micros(1),
        seen: Duration::from_secs(3),
        waiting: Waiting {
            process: run.holders[0].clone(),
            behind: run.holders.clone(),
            cause: WaitCause::FileLock,
            target: OsString::from_vec(b"/tmp/\xff".to_vec()),
            system_call: "flock(3)".into(),
            cpu: Duration::from_millis(10),
            looked: Duration::from_millis(250),
        },
    }));
    run
}

fn odd_exchange(runs: Vec<Invocation>) -> Exchange {
    let mut exchange = exchange(runs);
    let head = parse(Bytes::from_static(HEAD), &HeadLimits::default()).unwrap();
    exchange.started = Timestamp::from_unix_micros(-5_999_999);
    exchange.origin = Origin::ReplayOfSource(ExchangeId(7));
    exchange.connection = connection();
    exchange.request.raw_head = Bytes::from_static(HEAD);
    exchange.request.head = Some(Arc::new(head));
    exchange.request.login = Some("jörg".into());
    exchange.request.body = captured(b"ab\0\xffe");
    exchange.request.body_end = Some(BodyEnd::Short {
        received: 3,
        announced: None,
    });
    exchange.selection.steps = vec!["it stands there".into(), String::new()];
    exchange
        .timeline
        .note(Moment::Finished, Duration::from_secs(1));
    // A moment may be noted after a later one.
    exchange
        .timeline
        .note(Moment::Exited, Duration::from_nanos(3));
    exchange
}

#[test]
fn a_plain_run_comes_back_as_it_was() {
    let plain = exchange(vec![run(
        b"Content-Type: text/plain\n\nhello\n",
        b"",
        Exit::Code(0),
    )]);
    check(&plain);
}

#[test]
fn every_field_of_an_odd_run_comes_back_as_it_was() {
    let outputs: [&[u8]; 6] = [
        b"Status: 404 Gone fishing\nX-A : 1\n more\nDate: now\nContent-Length: 3\n\nxx",
        b"Location: /other?x\nSet-Cookie: a=1\nContent-Length: 7\n\n",
        b"Location: http://h/\n\n",
        b"Location: http://h/\nContent-Type: a/b\nStatus: 301\n\n",
        b"<html>\xff",
        b"",
    ];
    let runs = outputs.map(odd_run);
    check(&odd_exchange(runs.into()));
}

#[test]
fn every_kind_of_end_target_and_refusal_comes_back_as_it_was() {
    let plain = || exchange(Vec::new());
    let causes = [
        EndCause::ClientGone,
        EndCause::ScriptFailed,
        EndCause::Stopped(StopCause::User),
        EndCause::Stopped(StopCause::TimeLimit {
            limit: Duration::from_millis(1500),
            total: false,
        }),
        EndCause::Shutdown,
        EndCause::Internal("the task stopped".into()),
    ];
    for cause in causes {
        for end in [End::CutOff(cause.clone()), End::Unanswered(cause)] {
            check(&Exchange {
                end: Some(end),
                ..plain()
            });
        }
    }
    let targets = [
        SelectedTarget::Undecided,
        SelectedTarget::File(odd_path()),
        SelectedTarget::Folder("/site".into()),
        SelectedTarget::Nothing { nearest: None },
        SelectedTarget::Nothing {
            nearest: Some("/form.py".into()),
        },
        SelectedTarget::Forbidden("it is hidden".into()),
    ];
    for target in targets {
        let mut exchange = plain();
        exchange.selection.target = target;
        check(&exchange);
    }
    let mut refused = plain();
    refused.request.raw_head = Bytes::from_static(b"\x16\x03\x01");
    refused.request.refusal = Some(Refusal {
        status: 400,
        reason: "TLS".into(),
        authority: "RFC 9112 §3".into(),
        at: Some(0),
        excerpt: b"\x16".to_vec(),
    });
    refused.request.body_end = Some(BodyEnd::Malformed("no size".into()));
    (refused.response, refused.end) = (None, None);
    check(&refused);
}

#[test]
fn a_script_that_could_not_be_read_comes_back_as_it_was() {
    let kinds = [
        FileKind::Directory,
        FileKind::Missing,
        FileKind::Other,
        FileKind::Unreadable { errno: 13 },
    ];
    for kind in kinds {
        let mut run = run(b"", b"", Exit::Code(1));
        run.script = Arc::new(ScriptFacts {
            kind,
            source: Arc::default(),
            interpreter: InterpreterState::Native,
            ..(*run.script).clone()
        });
        run.program = None;
        check(&exchange(vec![run]));
    }
}

#[test]
fn a_run_as_each_host_comes_back_as_it_was() {
    let head = parse(Bytes::from_static(HEAD), &HeadLimits::default()).unwrap();
    let target = RequestTarget::parse(head.target()).unwrap();
    let path = target.decode_path().unwrap();
    let facts = RequestFacts {
        head: &head,
        target: &target,
        path: &path,
        script_name_length: b"/cgi-bin/f\xff.py".len(),
        script_filename: b"/site/cgi-bin/f\xff.py",
        document_root: b"/site",
        path_translated: None,
        body: BodyFacts::Length(5),
        trailers: &[],
        connection: &connection(),
        authentication: None,
        pass_authorization: false,
        server_software: "CGI-Studio/0.0",
        path_variable: b"/bin",
        site_variables: &[],
        redirect: None,
        php: false,
    };
    let outputs: [&[u8]; 4] = [
        b"Content-Type: a/b\nX : 1\nContent-Length: 1\n\nabc",
        b"Location: /a\nSet-Cookie: b=1\n\n",
        b"",
        b"<p>no head",
    ];
    for profile in HostProfile::ALL {
        let profiled = profile.request(&facts, &Surroundings::default());
        for output in outputs {
            let mut reader = HostReader::new(profile, false);
            let verdict = reader.feed(output).unwrap_or_else(|| reader.finish());
            let mut run = odd_run(output);
            run.request = Arc::new(profiled.request.clone());
            run.as_host = Some(Box::new(AsHost {
                profile,
                differences: profiled.differences.clone().into(),
                verdict: Some(verdict),
            }));
            check(&odd_exchange(vec![run]));
        }
    }
    let mut run = odd_run(b"");
    run.as_host = Some(Box::new(AsHost {
        profile: HostProfile::Go,
        differences: Vec::new().into(),
        verdict: Some(HostVerdict::Silence {
            deviations: Vec::new(),
        }),
    }));
    check(&odd_exchange(vec![run]));
}

#[test]
fn small_streams_stand_in_the_record_and_big_ones_outside() {
    let mut body = CapturedBody::new(100_000);
    for index in 0..30_u8 {
        let piece = Bytes::from(vec![index; 10_000]);
        body.push(&piece, Duration::from_millis(index.into()));
    }
    body.settle();
    let mut exchange = exchange(vec![run(b"X: y\n\nsmall", b"", Exit::Code(0))]);
    assert!(check(&exchange).len() < 1500);
    exchange.invocations[0].stdout = body;
    assert!(check(&exchange).len() < 2000);
}

#[test]
fn contents_that_were_evicted_are_told_and_stay_told() {
    let mut exchange = exchange(vec![run(b"", b"", Exit::Code(0))]);
    let stdout = Bytes::from(vec![b'\n'; INLINE_BYTES + 1]);
    exchange.invocations[0].stdout.push(&stdout, Duration::ZERO);
    let record = pack(&exchange, &mut Blobs::default());
    let evicted = unpack(&record, &Blobs::default()).unwrap();
    let run = &evicted.invocations[0];
    assert_eq!(run.stdout.missing(), Some(Missing::Evicted));
    assert_eq!((run.stdout.len(), run.stdout.cut_bytes()), (16_385, 16_385));
    assert_eq!((run.stdout.lines(), run.stdout.head().len()), (16_385, 0));
    assert!(run.script.source_is_missing() && run.script.size > 0);
    assert!(!exchange.invocations[0].script.source_is_missing());
    check(&evicted);
}

#[test]
fn a_content_of_another_length_is_refused() {
    let mut blobs = Blobs::default();
    let record = pack(&exchange(vec![run(b"", b"", Exit::Code(0))]), &mut blobs);
    for content in blobs.0.values_mut() {
        *content = Bytes::from_static(b"#!/bin/sh\n");
    }
    let error = unpack(&record, &blobs).unwrap_err().to_string();
    assert!(
        error.starts_with("the source of the script of the record, content "),
        "{error}"
    );
    assert!(error.ends_with(" has 10 bytes instead of 34"), "{error}");
}

#[test]
fn a_record_that_is_none_is_refused_with_the_reason() {
    let record = check(&exchange(vec![odd_run(b"A: b\n\n")]));
    assert_eq!(error(b""), "the record is empty");
    assert_eq!(
        error(b"PK\x03\x04"),
        "the record has format 80; this version reads format 1"
    );
    for length in 1..record.len() {
        let words = error(&record[..length]);
        assert!(
            words.starts_with("the record cannot be read at byte"),
            "{words}"
        );
    }
    assert_eq!(
        error(&[record.as_slice(), b"xy"].concat()),
        "2 bytes follow the end of the record"
    );
}

#[test]
fn a_record_says_what_in_it_cannot_be() {
    // Each is a map of one field: the format, `81`, the name, and what it holds.
    let cases: [(&[u8], &str); 6] = [
        (
            b"\x01\x81\xa1s\xcf\x7f\xff\xff\xff\xff\xff\xff\xff",
            "the record's beginning cannot be 9223372036854775807 µs from 1970",
        ),
        (
            b"\x01\x81\xa1a\x81\xa1a\x63",
            "the record's author of the response cannot be number 99",
        ),
        (
            b"\x01\x81\xa1r\x91\x80",
            "the record cannot be read at byte 6: something empty in a list",
        ),
        (
            b"\x01\x81\xa1c\x81\xa1l\x81\xa1a\xc4\x03abc",
            "the record's address cannot be 3 bytes long",
        ),
        (
            b"\x01\x81\xa1q\x81\xa1h\x81\xa1m\x92\x00\x09",
            "the record's place in the request head cannot be 0..9",
        ),
        (
            b"\x01\x81\xa1w\xdd\xff\xff\xff\xff",
            "the record cannot be read at byte 9: IO error while reading marker: failed to fill whole buffer",
        ),
    ];
    for (record, expected) in cases {
        assert_eq!(error(record), expected);
    }
}

#[test]
fn what_a_later_version_added_is_passed_over_and_what_is_missing_is_empty() {
    // An id, then a field nobody knows yet with a map in it.
    let exchange = unpack(
        b"\x01\x82\xa1i\x07\xa5later\x81\xa1x\x93\x01\x02\xc0",
        &Blobs::default(),
    )
    .unwrap();
    assert_eq!(exchange.id, ExchangeId(7));
    assert!(exchange.invocations.is_empty() && exchange.end.is_none());
    assert_eq!(exchange.connection.peer, ([0, 0, 0, 0], 0).into());
}

#[test]
fn deep_nesting_is_refused() {
    let nested = [b"\x01\x81\xa1z".as_slice(), &[0x91; 100_000], b"\x01"].concat();
    assert!(error(&nested).contains("depth limit exceeded"));
}

#[test]
fn a_record_of_version_1_says_for_ever_what_it_said() {
    // The record is never written anew. Its text may be: where an exchange has grown, and only then.
    let record = include_bytes!("golden/1.record");
    let source = Bytes::from_static(b"\xef\xbb\xbf#!/usr/bin/env python3\r\nprint()\n");
    let mut blobs = Blobs::default();
    blobs.put(&[source]);
    let exchange = unpack(record, &blobs).unwrap();
    let text = format!("{exchange:?}\n").replace("}, ", "},\n");
    let beside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(beside.path(), &text).unwrap();
    if text != include_str!("golden/1.txt") {
        let (_, path) = beside.keep().unwrap();
        panic!("another text than golden/1.txt: {}", path.display());
    }
    assert_eq!(
        unpack(&pack(&exchange, &mut blobs), &blobs).unwrap().id,
        exchange.id
    );
}
