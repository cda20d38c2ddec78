//! Findings about what the script printed.

use super::*;

#[test]
fn what_stands_before_the_headers_is_told_apart() {
    let output = Stage::Output;
    check_run(
        b"",
        b"",
        OK,
        &[(22, ERROR, output)],
        "without printing anything",
    );
    check_run(
        b"Content-Type: text/plain\nAnswer: 42\n",
        b"",
        OK,
        &[(23, ERROR, output)],
        "no empty line after the headers",
    );
    check_run(
        b"Content-Type: text/html\n<h1>\n",
        b"",
        OK,
        &[(23, ERROR, output)],
        "no empty line between",
    );
    check_run(
        b"<!doctype html>\n<h1>\n",
        b"",
        OK,
        &[(24, ERROR, output)],
        "page before its headers",
    );
    check_run(
        b"got 2 fields\nContent-Type: text/html\n\n<h1>",
        b"",
        OK,
        &[(25, ERROR, output)],
        "printed text before its headers",
    );
    check_run(
        b"HTTP/1.1 200 OK\nContent-Type: a/b\n\n",
        b"",
        OK,
        &[(39, ERROR, output)],
        "HTTP status line",
    );
    check_run(
        b"Status: OK\nContent-Type: a/b\n\n",
        b"",
        OK,
        &[(40, ERROR, output)],
        "three-digit",
    );
    check_run(
        b"Content-Type: a/b\nTransfer-Encoding: chunked\n\n0",
        b"",
        OK,
        &[(45, ERROR, output)],
        "Transfer-Encoding",
    );
    check_run(
        b"Content-Type: a/b\nhello\n\n",
        b"",
        OK,
        &[(101, ERROR, output)],
        "no header",
    );
    check_run(
        b"debug info: 1\nContent-Type: a/b\n\n",
        b"",
        OK,
        &[(25, ERROR, output)],
        "text before its headers",
    );
    check_run(
        b"\nContent-Type: a/b\n\n",
        b"",
        OK,
        &[(104, ERROR, output)],
        "empty line",
    );
    check_run(
        b"<!--: spam\nContent-Type: text/html\n\n<body>",
        b"",
        OK,
        &[(26, ERROR, output)],
        "cgitb",
    );
}

#[test]
fn the_offending_line_is_the_evidence_and_its_print_the_place() {
    let source = b"#!/usr/bin/env python3\nimport os\nprint(\"got\", 2, \"fields\")\nprint(\"Content-Type: text/html\")\n";
    let run = run_of(
        script(SCRIPT, source),
        Strictness::Default,
        b"got 2 fields\nContent-Type: text/html\n\n",
        b"",
        Some(OK),
    );
    let found = check(
        &exchange(vec![run]),
        &[(25, ERROR, Stage::Output)],
        "text before",
    );
    let evidence = found[0].evidence.as_ref().unwrap();
    assert_eq!(evidence.lines[0].bytes, b"got 2 fields\n");
    assert_eq!(
        evidence.lines[0].note.as_deref(),
        Some("not \u{201c}Name: value\u{201d}")
    );
    assert_eq!(found[0].place, Some((SCRIPT.into(), 3)));
    assert_eq!(found[0].authority, "RFC 3875 §6.3");
    assert!(found[0].explanation.contains("line 2"));
}

#[test]
fn output_of_a_command_that_overtook_the_headers_is_known() {
    let source = b"#!/usr/bin/env python3\nimport os\nprint('Content-Type: text/plain\\n')\nos.system('date')\n";
    let run = run_of(
        script(SCRIPT, source),
        Strictness::Default,
        b"Mon Jan 1\nContent-Type: text/plain\n\n",
        b"",
        Some(OK),
    );
    check(
        &exchange(vec![run]),
        &[(27, ERROR, Stage::Output)],
        "overtook",
    );
}

#[test]
fn a_missing_type_is_a_warning_where_the_site_is_lenient_or_a_status_stands_in() {
    let page = b"X-Made-By: hand\n\n<h1>";
    check_run(
        page,
        b"",
        OK,
        &[(31, ERROR, Stage::Output)],
        "no Content-Type",
    );
    let facts = script(SCRIPT, b"#!/usr/bin/env python3\n");
    let lenient = run_of(facts, Strictness::Lenient, page, b"", Some(OK));
    check(
        &exchange(vec![lenient]),
        &[(31, WARNING, Stage::Output)],
        "no Content-Type",
    );
    check_run(
        b"Status: 403 Forbidden\n\n<h1>",
        b"",
        OK,
        &[(31, WARNING, Stage::Output)],
        "no Content-Type",
    );
}

#[test]
fn a_wrong_length_names_both_numbers() {
    let expected = &[(38, WARNING, Stage::Output)];
    check_run(
        b"Content-Type: a/b\nContent-Length: 100\n\nfour",
        b"",
        OK,
        expected,
        "promised 100 bytes and printed 4 bytes",
    );
    check_run(
        b"Content-Type: a/b\nContent-Length: 1\n\nfour",
        b"",
        OK,
        expected,
        "promised 1 byte and printed 4 bytes",
    );
}

#[test]
fn many_lines_with_one_fault_are_one_finding() {
    let stdout = [
        &b"Content-Type: a/b\n"[..],
        &b"Connection: close\n".repeat(500),
        b"\n",
    ]
    .concat();
    check_run(
        &stdout,
        b"",
        OK,
        &[(45, WARNING, Stage::Output)],
        "connection",
    );
}

#[test]
fn a_traceback_on_standard_output_is_read_too() {
    let stdout = [&traceback("KeyError: 'name'")[..], b"Content-Type: a/b\n\n"].concat();
    let found = check_run(
        &stdout,
        b"",
        FAILED,
        &[(26, ERROR, Stage::Output)],
        "KeyError: 'name' in form.py line 2",
    );
    assert!(found[0].evidence.is_some());
}

#[test]
fn nothing_printed_tells_exit_code_and_last_words() {
    let found = check_run(
        b"",
        b"one\ncannot open data\n",
        Exit::Code(2),
        &[(22, ERROR, Stage::Output)],
        "without printing",
    );
    assert!(
        found[0]
            .explanation
            .contains("ended with code 2 after 41 ms"),
        "{}",
        found[0].explanation
    );
    assert_eq!(
        found[0]
            .evidence
            .as_ref()
            .unwrap()
            .lines
            .last()
            .unwrap()
            .bytes,
        b"cannot open data\n"
    );
}

#[test]
fn redirects_in_a_circle_are_the_last_runs_failure() {
    let mut exchange = exchange(
        (0..11)
            .map(|_| run(b"Location: /cgi-bin/form.py\n\n", b"", OK))
            .collect(),
    );
    exchange.response = Some(own(500));
    check(&exchange, &[(43, ERROR, Stage::Output)], "circle");
}

#[test]
fn an_nph_script_must_begin_with_a_status_line() {
    let nph = |stdout: &[u8]| {
        run_of(
            script("/site/nph-a.py", b"#!/usr/bin/env python3\n"),
            Strictness::Default,
            stdout,
            b"",
            Some(OK),
        )
    };
    check(
        &exchange(vec![nph(b"HTTP/1.0 200 OK\r\n\r\nhello")]),
        &[],
        "",
    );
    check(
        &exchange(vec![nph(PAGE)]),
        &[(150, ERROR, Stage::Output)],
        "no status line",
    );
    check(
        &exchange(vec![nph(b"")]),
        &[(22, ERROR, Stage::Output)],
        "without printing",
    );
}

#[test]
fn every_kind_of_breach_has_words_and_at_most_one_error_comes_of_any_output() {
    let outputs: [&[u8]; 16] = [
        b"\0\0\0",
        b"\xff\xfe: x\n\n",
        b"A: b\n c\n\n",
        b" A: b\n\n",
        b"A: b\n \n",
        b"A: b\rC: d\n\n",
        b"\xef\xbb\xbfA: b\n\n",
        b"Status: 100\nA: b\n\n",
        b"Content-Type: a\nContent-Length: x\n\n",
        b"Location: //x/y\n\n",
        b"Location: x\n\n",
        b"Location: /x#y\n\n",
        b"Location: /x y\n\n",
        b"Location: /x\nSet-Cookie: a\n\n",
        b"Status: 204\nDate: x\n\nbody",
        b"A : b\x07\n\n",
    ];
    for stdout in outputs {
        for strictness in [Strictness::Strict, Strictness::Default, Strictness::Lenient] {
            let run = run_of(
                script(SCRIPT, b"#!/bin/sh\n"),
                strictness,
                stdout,
                b"",
                Some(OK),
            );
            let refused = run.response.as_ref().unwrap().refused.is_some();
            let found = findings(&exchange(vec![run]));
            let errors = found
                .iter()
                .filter(|finding| finding.severity == ERROR)
                .count();
            assert_eq!(errors, usize::from(refused), "{stdout:?} {found:#?}");
            for finding in &found {
                assert!(
                    !finding.explanation.is_empty() && !finding.remedy.is_empty(),
                    "{finding:#?}"
                );
            }
        }
    }
}
