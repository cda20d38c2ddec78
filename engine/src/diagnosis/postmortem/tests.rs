mod of_output;

use super::*;
use crate::cgi::meta_variable::{AbsenceReason, AbsentVariable};
use crate::cgi::request::CgiRequest;
use crate::cgi::violation::Strictness;
use crate::diagnosis::pipeline::{StageMark, strip};
use crate::diagnosis::samples::{SCRIPT, exchange, own, run, run_of, script, script_on_disk};
use crate::exchange::{BodyEnd, LaunchFailure, Refusal};
use crate::process::{Member, ProcessEnd};
use std::sync::Arc;
use std::time::Duration;

const OK: Exit = Exit::Code(0);
const FAILED: Exit = Exit::Code(1);
const PAGE: &[u8] = b"Content-Type: text/html; charset=utf-8\n\n<h1>Hello</h1>\n";
const ERROR: Severity = Severity::Error;
const WARNING: Severity = Severity::Warning;
const NOTE: Severity = Severity::Note;

/// The codes in order with severity and stage, and a part of the first title.
#[track_caller]
fn check(exchange: &Exchange, expected: &[(u16, Severity, Stage)], title: &str) -> Vec<Finding> {
    let found = findings(exchange);
    let codes: Vec<_> = found
        .iter()
        .map(|finding| (finding.code.0, finding.severity, finding.stage))
        .collect();
    assert_eq!(codes, expected, "{found:#?}");
    if let Some(first) = found.first() {
        assert!(first.title.contains(title), "{}", first.title);
        assert!(
            !first.title.ends_with('.')
                && first.title.chars().all(|character| !character.is_control())
        );
    }
    found
}

/// One run that printed this.
#[track_caller]
fn check_run(
    stdout: &[u8],
    stderr: &[u8],
    exit: Exit,
    expected: &[(u16, Severity, Stage)],
    title: &str,
) -> Vec<Finding> {
    check(&exchange(vec![run(stdout, stderr, exit)]), expected, title)
}

fn traceback(last_line: &str) -> Vec<u8> {
    format!("Traceback (most recent call last):\n  File \"{SCRIPT}\", line 2, in <module>\n    print('x')\n{last_line}\n").into_bytes()
}

#[test]
fn a_correct_run_stays_silent() {
    check_run(PAGE, b"", OK, &[], "");
    check_run(
        b"Content-Type: text/plain\nContent-Length: 2\n\nok",
        b"a line of a log\n",
        OK,
        &[],
        "",
    );
    check_run(
        b"Status: 404 Not Found\nContent-Type: text/plain\n\nno",
        b"",
        OK,
        &[],
        "",
    );
    check_run(b"Location: /there\n\n", b"", OK, &[], "");
    check_run(b"Location: http://example.org/\n\n", b"", OK, &[], "");
    check_run(b"Status: 204\n\n", b"", OK, &[], "");
    // Without a page there is no type of one; git-http-backend refuses like this.
    let refused = b"Status: 403 Forbidden\nPragma: no-cache\n\n";
    check_run(refused, b"Service not enabled\n", OK, &[], "");
}

#[test]
fn a_run_that_still_goes_on_is_not_judged() {
    let mut exchange = exchange(vec![run_of(
        script(SCRIPT, b"#!/bin/sh\n"),
        Strictness::Default,
        b"",
        b"",
        None,
    )]);
    exchange.end = None;
    exchange.response = None;
    let run = &mut exchange.invocations[0];
    (run.stdout_ended, run.header_block, run.response) = (false, None, None);
    check(&exchange, &[], "");
}

#[test]
fn an_exception_before_the_headers_is_the_headline_and_not_the_empty_output() {
    let process = Stage::Process;
    let found = check_run(
        b"",
        &traceback("KeyError: 'name'"),
        FAILED,
        &[(22, ERROR, process)],
        "KeyError: 'name' in form.py line 2",
    );
    assert_eq!(found[0].place, Some((SCRIPT.into(), 2)));
    assert_eq!(
        found[0].evidence.as_ref().unwrap().lines[1].bytes,
        b"print('x')\n"
    );
    for (line, code) in [
        ("ModuleNotFoundError: No module named 'cgi'", 49),
        ("ModuleNotFoundError: No module named 'flask'", 51),
        ("ModuleNotFoundError: No module named 'Cookie'", 50),
        (
            "ImportError: cannot import name 'escape' from 'cgi' (/usr/lib/python3.12/cgi.py)",
            50,
        ),
        ("KeyError: 'HTTP_COOKIE'", 56),
        ("KeyError: 'REMOTE_USER'", 56),
        ("KeyError: 'HOME'", 55),
        ("ValueError: invalid literal for int() with base 10: ''", 57),
        (
            "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe9' in position 0: ordinal not in range(128)",
            35,
        ),
        (
            "FileNotFoundError: [Errno 2] No such file or directory: 'data.txt'",
            53,
        ),
        (
            "PermissionError: [Errno 13] Permission denied: 'data.txt'",
            54,
        ),
        ("EOFError: EOF when reading a line", 59),
        (
            "AttributeError: partially initialized module 'email' has no attribute 'x' (most likely due to a circular import)",
            52,
        ),
        ("my.own.Error", 22),
    ] {
        check_run(
            b"",
            &traceback(line),
            FAILED,
            &[(code, ERROR, process)],
            "in form.py line 2",
        );
    }
    let syntax = format!(
        "  File \"{SCRIPT}\", line 2\n    print 'x'\n    ^^^^^^^^^\nSyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?\n"
    );
    check_run(
        b"",
        syntax.as_bytes(),
        FAILED,
        &[(48, ERROR, process)],
        "SyntaxError",
    );
    check_run(
        b"Content-Type: text/html\n",
        &traceback("KeyError: 1"),
        FAILED,
        &[(22, ERROR, process)],
        "KeyError: 1",
    );
}

#[test]
fn a_script_that_is_called_like_a_module_is_told_to_change_its_name() {
    let stderr = format!(
        "Traceback (most recent call last):\n  \
         File \"{SCRIPT}\", line 1, in <module>\n    import cgitb\n  \
         File \"/usr/lib/python3/dist-packages/cgitb.py\", line 30, in <module>\n    import form\n  \
         File \"{SCRIPT}\", line 2, in <module>\n    cgitb.enable()\n\
         AttributeError: partially initialized module 'cgitb' has no attribute 'enable' (most likely due to a circular import)\n"
    );
    let expected = [(52, ERROR, Stage::Process)];
    let found = check_run(b"", stderr.as_bytes(), FAILED, &expected, "cgitb");
    assert!(found[0].remedy.starts_with("Rename form.py"), "{found:#?}");
}

#[test]
fn an_exception_after_the_headers_cuts_the_page_off() {
    let mut exchange = exchange(vec![run(PAGE, &traceback("KeyError: 'cake'"), FAILED)]);
    exchange.end = Some(End::CutOff(EndCause::ScriptFailed));
    check(
        &exchange,
        &[(69, ERROR, Stage::Process)],
        "The page is cut off after 15 bytes: KeyError: 'cake' in form.py line 2",
    );
}

#[test]
fn an_exit_code_beside_a_good_page_is_a_warning() {
    check_run(
        PAGE,
        b"backup failed\n",
        Exit::Code(3),
        &[(100, WARNING, Stage::Process)],
        "ended with code 3",
    );
}

#[test]
fn a_signal_of_somebody_else_is_named() {
    let segv = Exit::Signal {
        number: 11,
        core_dumped: false,
    };
    check_run(
        b"",
        b"",
        segv,
        &[(70, ERROR, Stage::Process)],
        "killed by SIGSEGV",
    );
    let mut exchange = exchange(vec![run(
        PAGE,
        b"",
        Exit::Signal {
            number: 9,
            core_dumped: false,
        },
    )]);
    exchange.end = Some(End::CutOff(EndCause::ScriptFailed));
    let found = check(
        &exchange,
        &[(70, ERROR, Stage::Process)],
        "killed by SIGKILL",
    );
    assert!(found[0].explanation.contains("cut off after 15 bytes"));
}

/// A run that the time limit ended, with so much CPU time in 30 s.
fn too_slow(stdout: &[u8], cpu: Duration) -> Invocation {
    let exit = Exit::Signal {
        number: 15,
        core_dumped: false,
    };
    let mut run = run(stdout, b"", exit);
    run.stop = Some(StopCause::TimeLimit {
        limit: Duration::from_secs(30),
        total: false,
    });
    run.timeline = crate::exchange::Timeline::default();
    run.timeline
        .note(crate::exchange::Moment::Spawned, Duration::ZERO);
    run.timeline
        .note(crate::exchange::Moment::Exited, Duration::from_secs(30));
    run.usage = Some(ProcessEnd {
        exit,
        user_time: cpu,
        system_time: Duration::ZERO,
        peak_memory_bytes: 0,
        minor_faults: 0,
        major_faults: 0,
        measured: true,
    });
    run
}

#[test]
fn a_loop_and_a_wait_are_told_apart_at_the_time_limit() {
    let expected = &[(66, ERROR, Stage::Process)];
    let found = check(
        &exchange(vec![too_slow(b"", Duration::from_secs(29))]),
        expected,
        "Stopped after 30 s without any output",
    );
    assert!(
        found[0].explanation.contains("loop"),
        "{}",
        found[0].explanation
    );
    let found = check(
        &exchange(vec![too_slow(b"", Duration::from_millis(20))]),
        expected,
        "Stopped after 30 s",
    );
    assert!(
        found[0].explanation.contains("waiting"),
        "{}",
        found[0].explanation
    );
    let found = check(
        &exchange(vec![too_slow(PAGE, Duration::ZERO)]),
        expected,
        "without more output",
    );
    assert!(found[0].explanation.contains("cut off after 15 bytes"));
}

#[test]
fn whoever_holds_the_output_is_named() {
    let holder = Member {
        pid: 77,
        command: "sleep 60".into(),
    };
    let mut held = run(PAGE, b"", OK);
    held.holders = vec![holder.clone()];
    check(
        &exchange(vec![held]),
        &[(67, WARNING, Stage::Process)],
        "sleep 60 (process 77) still holds",
    );
    let mut stopped = too_slow(PAGE, Duration::ZERO);
    stopped.holders = vec![holder];
    check(
        &exchange(vec![stopped]),
        &[(67, ERROR, Stage::Process)],
        "sleep 60 (process 77) still holds",
    );
}

#[test]
fn python_in_the_hands_of_a_shell_is_recognised() {
    let facts = script(SCRIPT, b"#!/bin/sh\nimport os\nprint('x')\n");
    let stderr = b"form.py: 2: import: not found\nform.py: 3: Syntax error: word unexpected (expecting \")\")\n";
    let run = run_of(facts, Strictness::Default, b"", stderr, Some(Exit::Code(2)));
    check(
        &exchange(vec![run]),
        &[(16, ERROR, Stage::Process)],
        "run by the shell",
    );
}

#[test]
fn a_command_that_the_shell_does_not_find_is_named() {
    for stderr in [
        &b"/site/a.sh: 2: convert: not found\n"[..],
        b"/site/a.sh: line 2: convert: command not found\n",
    ] {
        let facts = script("/site/a.sh", b"#!/bin/sh\nconvert\n");
        let run = run_of(
            facts,
            Strictness::Default,
            b"",
            stderr,
            Some(Exit::Code(127)),
        );
        let found = check(
            &exchange(vec![run]),
            &[(55, ERROR, Stage::Process)],
            "no command called convert",
        );
        assert_eq!(found[0].place, Some(("/site/a.sh".into(), 2)));
    }
}

#[test]
fn a_script_that_was_not_started_is_explained_by_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut not_started = run_of(
        script_on_disk(folder.path(), "a.sh", b"#!/bin/sh\n", 0o644),
        Strictness::Default,
        b"",
        b"",
        None,
    );
    not_started.launch_failure = Some(LaunchFailure {
        message: "the script is not executable".into(),
        errno: None,
    });
    (
        not_started.header_block,
        not_started.response,
        not_started.pid,
    ) = (None, None, None);
    check(
        &exchange(vec![not_started]),
        &[(1, ERROR, Stage::Process)],
        "not executable",
    );
}

#[test]
fn what_the_file_does_not_explain_the_systems_number_does() {
    for (errno, code) in [
        (Some(26), 15),
        (Some(13), 14),
        (Some(7), 201),
        (Some(24), 201),
        (None, 201),
    ] {
        let mut run = run(b"", b"", OK);
        run.launch_failure = Some(LaunchFailure {
            message: "cannot start program".into(),
            errno,
        });
        (run.header_block, run.response, run.exit) = (None, None, None);
        check(&exchange(vec![run]), &[(code, ERROR, Stage::Process)], "");
    }
}

#[test]
fn code_127_is_explained_by_the_first_line() {
    let folder = tempfile::tempdir().unwrap();
    let facts = script_on_disk(folder.path(), "a.py", b"#!/usr/bin/env python4\n", 0o755);
    let run = run_of(
        facts,
        Strictness::Default,
        b"",
        b"/usr/bin/env: 'python4': No such file or directory\n",
        Some(Exit::Code(127)),
    );
    check(
        &exchange(vec![run]),
        &[(9, ERROR, Stage::Process)],
        "no program called python4",
    );
}

#[test]
fn whoever_stopped_the_run_is_told_and_nothing_that_follows_from_it() {
    for (stop, end, code) in [
        (StopCause::ClientGone, EndCause::ClientGone, 204),
        (StopCause::User, EndCause::Stopped(StopCause::User), 205),
        (StopCause::Shutdown, EndCause::Shutdown, 205),
    ] {
        let mut run = run(
            b"Content-Type: a/b\n",
            &traceback("BrokenPipeError: [Errno 32]"),
            Exit::Signal {
                number: 15,
                core_dumped: false,
            },
        );
        run.stop = Some(stop);
        let mut exchange = exchange(vec![run]);
        exchange.response = None;
        exchange.end = Some(End::Unanswered(end));
        check(&exchange, &[(code, NOTE, Stage::Response)], "");
    }
}

#[test]
fn a_studio_that_fails_takes_the_blame() {
    let mut exchange = exchange(Vec::new());
    exchange.end = Some(End::Unanswered(EndCause::Internal(
        "the task that handled it stopped".into(),
    )));
    let found = check(
        &exchange,
        &[(206, ERROR, Stage::Response)],
        "could not answer",
    );
    assert_eq!(found[0].blame, Blame::Server);
}

#[test]
fn a_request_that_was_refused_is_the_clients_fault() {
    let mut exchange = exchange(Vec::new());
    exchange.request.refusal = Some(Refusal {
        status: 400,
        reason: "the request has two Host fields".into(),
        authority: "RFC 9112 §3.2".into(),
        at: Some(31),
        excerpt: b"Host: localhost".to_vec(),
    });
    exchange.response = Some(own(400));
    let found = check(
        &exchange,
        &[(202, ERROR, Stage::Request)],
        "The request has two Host fields",
    );
    assert_eq!(found[0].blame, Blame::Client);
    assert_eq!(
        found[0].evidence.as_ref().unwrap().lines[1].note.as_deref(),
        Some("refused")
    );
    let marks = strip(&exchange, &found).map(|view| view.mark);
    assert_eq!(
        marks,
        [
            StageMark::Failed,
            StageMark::NotReached,
            StageMark::NotReached,
            StageMark::NotReached,
            StageMark::NotReached
        ]
    );
}

#[test]
fn a_body_that_stops_early_is_a_warning_about_the_client() {
    let mut exchange = exchange(vec![run(PAGE, b"", OK)]);
    exchange.request.body_end = Some(BodyEnd::Short {
        received: 5,
        announced: Some(10),
    });
    check(
        &exchange,
        &[(203, WARNING, Stage::Request)],
        "sent 5 of the 10 bytes",
    );
}

#[test]
fn what_is_withheld_from_a_script_is_a_note() {
    let absent = |name: &str, reason| AbsentVariable {
        name: name.into(),
        reason,
        sources: std::iter::once(31..46).collect(),
    };
    let mut run = run(
        PAGE,
        b"/x.py:1: DeprecationWarning: 'cgi' is deprecated and slated for removal in Python 3.13\n",
        OK,
    );
    run.request = Arc::new(CgiRequest {
        variables: Vec::new(),
        absent: vec![
            absent("HTTP_AUTHORIZATION", AbsenceReason::WithheldAuthorization),
            absent("HTTP_PROXY", AbsenceReason::Httpoxy),
            absent("AUTH_TYPE", AbsenceReason::NoAuthentication),
        ],
        arguments: Vec::new(),
        arguments_note: None,
        overridden: Vec::new(),
    });
    let expected = [
        (73, NOTE, Stage::Environment),
        (75, NOTE, Stage::Environment),
        (72, NOTE, Stage::Process),
    ];
    check(
        &exchange(vec![run]),
        &expected,
        "HTTP_AUTHORIZATION is withheld",
    );
}
