use super::*;
use crate::diagnosis::samples::{script, script_on_disk};
use crate::diagnosis::{Severity, Stage};
use crate::site::config::SiteConfig;
use crate::site::shebang::BinaryFormat;
use std::path::PathBuf;

/// Codes and severities, and a part of the first title.
#[track_caller]
fn check(facts: &ScriptFacts, expected: &[(u16, Severity)], title: &str) -> Vec<Finding> {
    let found = findings(facts);
    let codes: Vec<(u16, Severity)> = found
        .iter()
        .map(|finding| (finding.code.0, finding.severity))
        .collect();
    assert_eq!(codes, expected, "{found:#?}");
    if let Some(first) = found.first() {
        assert!(first.title.contains(title), "{}", first.title);
    }
    for finding in &found {
        assert_eq!(finding.stage, Stage::Process);
        assert!(
            !finding.explanation.is_empty()
                && !finding.remedy.is_empty()
                && !finding.authority.is_empty()
        );
    }
    found
}

/// A real file, which the site's reader has looked at.
#[track_caller]
fn check_file(
    name: &str,
    content: &[u8],
    mode: u32,
    expected: &[(u16, Severity)],
    title: &str,
) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    check(
        &script_on_disk(folder.path(), name, content, mode),
        expected,
        title,
    )
}

const ERROR: Severity = Severity::Error;

#[test]
fn a_script_that_can_run_is_passed_over_in_silence() {
    check_file("a.sh", b"#!/bin/sh\necho\n", 0o755, &[], "");
    check_file(
        "a.sh",
        b"#!/usr/bin/env sh\r\necho\n",
        0o755,
        &[(7, ERROR)],
        "sh\u{240d}",
    );
    check_file("a.sh", b"#!/usr/bin/env -S sh -e\necho\n", 0o755, &[], "");
    check(&script("/x/a.py", b"#!/usr/bin/env python3\n"), &[], "");
}

#[test]
fn each_thing_that_keeps_a_file_from_running_has_its_own_rule() {
    let python = b"#!/bin/sh\n";
    check_file("a.sh", python, 0o644, &[(1, ERROR)], "not executable");
    check_file(
        "a.py",
        b"print()\n",
        0o755,
        &[(3, ERROR)],
        "Nothing says which program",
    );
    check_file(
        "a.py",
        b"# coding: utf-8\n#!/usr/bin/python3\n",
        0o755,
        &[(4, ERROR)],
        "line 2",
    );
    check_file(
        "a.py",
        b"\n#!/usr/bin/python3\n",
        0o755,
        &[(5, ERROR)],
        "empty line",
    );
    check_file(
        "a.py",
        b" #!/usr/bin/python3\n",
        0o755,
        &[(5, ERROR)],
        "White space",
    );
    check_file(
        "a.py",
        b"\xef\xbb\xbf#!/usr/bin/env python3\n",
        0o755,
        &[(6, ERROR)],
        "Three invisible bytes",
    );
    check_file(
        "a.py",
        b"#!/usr/bin/env python3\r\n",
        0o755,
        &[(7, ERROR)],
        "\u{201c}python3\u{240d}\u{201d}",
    );
    check_file(
        "a.py",
        b"#!/no/such/python4\n",
        0o755,
        &[(8, ERROR)],
        "/no/such/python4 does not exist",
    );
    check_file(
        "a.py",
        b"#!\nprint()\n",
        0o755,
        &[(8, ERROR)],
        "names no program",
    );
    check_file(
        "a.py",
        b"#!/usr/bin/env python4\n",
        0o755,
        &[(9, ERROR)],
        "no program called python4",
    );
    check_file(
        "a.py",
        b"#!/usr/bin/env\n",
        0o755,
        &[(9, ERROR)],
        "not told",
    );
    check_file(
        "a.py",
        b"#!/usr/bin/env python3 -u\n",
        0o755,
        &[(10, ERROR)],
        "more than one word",
    );
    check_file(
        "a.py",
        &[b"#!/", &[b'a'; 300][..], b"\n"].concat(),
        0o755,
        &[(11, ERROR)],
        "too long",
    );
    check_file(
        "a.py",
        b"#!/tmp\n",
        0o755,
        &[(12, ERROR)],
        "/tmp is not a program",
    );
    check_file(
        "a.py",
        b"#!/etc/passwd\n",
        0o755,
        &[(12, ERROR)],
        "not executable",
    );
    check_file(
        "a.exe",
        &[&b"MZ\x90"[..], &[0; 64]].concat(),
        0o755,
        &[(17, ERROR)],
        "cannot run this program",
    );
    check_file("a.py", b"", 0o755, &[(3, ERROR)], "empty");
}

#[test]
fn two_independent_faults_are_two_findings() {
    check_file(
        "a.py",
        b"#!/usr/bin/env python4\n",
        0o644,
        &[(1, ERROR), (9, ERROR)],
        "not executable",
    );
}

#[test]
fn a_carriage_return_after_an_option_is_only_a_warning_when_the_program_is_found() {
    let facts = script("/x/a.pl", b"#!/usr/bin/perl -w\r\n");
    check(&facts, &[(7, Severity::Warning)], "-w\u{240d}");
}

#[test]
fn a_mapped_script_needs_neither_shebang_nor_bits() {
    let mut facts = script("/x/a.py", b"\xef\xbb\xbfprint()\r\n");
    facts.executable = false;
    facts.interpreter = InterpreterState::Mapped {
        path: "/usr/bin/python3".into(),
        problem: None,
    };
    check(&facts, &[], "");
    facts.interpreter = InterpreterState::Mapped {
        path: "/opt/python".into(),
        problem: Some(InterpreterProblem::Missing),
    };
    let found = check(&facts, &[(8, ERROR)], "/opt/python does not exist");
    assert_eq!(found[0].blame, Blame::Site);
}

#[test]
fn what_is_no_file_is_said_once() {
    let mut facts = script("/x/a.py", b"");
    for (kind, expected) in [
        (FileKind::Missing, &[][..]),
        (FileKind::Directory, &[(12, ERROR)]),
        (FileKind::Other, &[(12, ERROR)]),
        (FileKind::Unreadable { errno: 13 }, &[(2, ERROR)]),
    ] {
        facts.kind = kind;
        check(&facts, expected, "a.py");
    }
    let missing = ScriptFacts::read(Path::new("/no/such/script"), &SiteConfig::default());
    check(&missing, &[], "");
}

#[test]
fn a_disk_mounted_noexec_is_named() {
    let mut facts = script("/x/a.py", b"#!/usr/bin/env python3\n");
    facts.mounted_noexec = Some(true);
    check(&facts, &[(13, ERROR)], "file system");
}

#[test]
fn the_offending_line_is_shown_with_its_bytes() {
    let facts = script("/x/a.py", b"#!/usr/bin/env python3\r\nprint()\r\n");
    let facts = ScriptFacts {
        interpreter: InterpreterState::Shebang {
            path: "/usr/bin/env".into(),
            found: true,
            through_env: Some(b"python3\r".to_vec()),
            env_found: None,
            problem: None,
        },
        ..facts
    };
    let found = check(&facts, &[(7, ERROR)], "python3");
    let evidence = found[0].evidence.as_ref().unwrap();
    assert_eq!(evidence.lines[0].bytes, b"#!/usr/bin/env python3\r\n");
    assert!(evidence.lines[0].note.is_some() && evidence.lines[1].note.is_none());
    assert_eq!(found[0].place, Some((PathBuf::from("/x/a.py"), 1)));
}

#[test]
fn hostile_names_stay_in_one_line() {
    let mut facts = script("/x/a.py", b"#!/no/\x1b[31m\xff\n");
    facts.interpreter = InterpreterState::Shebang {
        path: PathBuf::from("/no/\u{1b}[31m\n"),
        found: false,
        through_env: None,
        env_found: None,
        problem: Some(InterpreterProblem::Missing),
    };
    let found = check(&facts, &[(8, ERROR)], "does not exist");
    assert!(
        found[0]
            .title
            .chars()
            .all(|character| !character.is_control())
    );
    assert_eq!(facts.binary_format, None::<BinaryFormat>);
}

#[test]
fn the_first_line_that_is_offered_fits_the_script() {
    for (name, source, expected) in [
        ("a.pl", &b"print 1"[..], "perl"),
        ("a.cgi", b"use strict;\n", "perl"),
        ("a.cgi", b"import os\nprint(1)", "python3"),
        ("a.cgi", b"echo hello\n", "/bin/sh"),
        ("a.rb", b"puts 1", "ruby"),
        ("a.php", b"<?php", "php-cgi"),
    ] {
        let found = findings(&script(&format!("/x/{name}"), source));
        assert!(
            found[0].remedy.contains(expected),
            "{name}: {}",
            found[0].remedy
        );
    }
}
