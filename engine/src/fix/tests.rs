//! Each broken file, its finding, its fix, and the file that comes of it.

use super::*;
use crate::diagnosis::before_run;
use crate::site::SiteConfig;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn found(name: &'static str) -> FoundInterpreter {
    FoundInterpreter {
        name,
        path: Path::new("/usr/bin").join(name),
    }
}

fn script(folder: &Path, name: &str, content: &[u8], mode: u32) -> ScriptFacts {
    let file = folder.join(name);
    fs::write(&file, content).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    ScriptFacts::read(&file, &SiteConfig::default())
}

/// What the first fix of the first finding of such a file would make of it.
#[track_caller]
fn offered(name: &str, content: &[u8]) -> Option<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let script = script(folder.path(), name, content, 0o755);
    let finding = before_run(&script).into_iter().next()?;
    let interpreters = ["python3", "sh", "perl"].map(found);
    let fix = fixes(&finding, &script, &interpreters).into_iter().next()?;
    match fix.change {
        Change::Content { before, after } => {
            assert_eq!(before, content);
            Some((fix.label, after))
        }
        Change::Mode { .. } => panic!("{fix:?}"),
    }
}

#[track_caller]
fn check(name: &str, content: &str, label: &str, expected: &str) {
    let (told, after) = offered(name, content.as_bytes()).unwrap();
    assert_eq!(
        (told.as_str(), String::from_utf8_lossy(&after).as_ref()),
        (label, expected)
    );
    assert!(
        offered(name, &after).is_none(),
        "the fixed file has a finding still"
    );
}

#[test]
fn a_script_without_a_first_line_gets_one() {
    check(
        "a.py",
        "print('Content-Type: text/plain')\n",
        "Insert #! line",
        "#!/usr/bin/env python3\nprint('Content-Type: text/plain')\n",
    );
    check(
        "a.cgi",
        "echo 'Content-Type: text/plain'\n",
        "Insert #! line",
        "#!/bin/sh\necho 'Content-Type: text/plain'\n",
    );
}

#[test]
fn nothing_is_written_for_a_language_that_is_not_here() {
    assert_eq!(offered("a.rb", b"puts 1\n"), None);
    assert_eq!(offered("a.py", b""), None);
}

#[test]
fn a_misplaced_first_line_is_moved_up() {
    check(
        "a.py",
        "# -*- coding: utf-8 -*-\n#!/usr/bin/env sh\nprint(1)\n",
        "Move #! to line 1",
        "#!/usr/bin/env sh\n# -*- coding: utf-8 -*-\nprint(1)\n",
    );
    check(
        "a.py",
        "\n  \n#!/bin/sh\nprint(1)\n",
        "Delete what stands before #!",
        "#!/bin/sh\nprint(1)\n",
    );
    check(
        "a.py",
        "\u{feff}#!/bin/sh\nprint(1)\n",
        "Remove byte order mark",
        "#!/bin/sh\nprint(1)\n",
    );
}

#[test]
fn windows_line_ends_go_and_other_carriage_returns_stay() {
    check(
        "a.sh",
        "#!/bin/sh\r\necho 'a\rb'\r\n\r\nlast\r\n",
        "Convert line ends to LF",
        "#!/bin/sh\necho 'a\rb'\n\nlast\n",
    );
    check(
        "a.sh",
        "#!/bin/sh\r",
        "Convert line ends to LF",
        "#!/bin/sh",
    );
}

#[test]
fn an_interpreter_that_is_not_here_is_replaced_by_one_of_its_language() {
    check(
        "a.cgi",
        "#!/usr/local/none/perl5 -w\nprint 1;\n",
        "Repair #! line",
        "#!/usr/bin/perl -w\nprint 1;\n",
    );
    check(
        "a.sh",
        "#!/no/such/ash\necho\n",
        "Repair #! line",
        "#!/bin/sh\necho\n",
    );
    check(
        "a.sh",
        "#!/usr/bin/env no-such-interpreter\necho\n",
        "Repair #! line",
        "#!/bin/sh\necho\n",
    );
}

#[test]
fn env_is_told_to_split_its_words() {
    check(
        "a.sh",
        "#!/usr/bin/env sh -e\necho\n",
        "Add -S after env",
        "#!/usr/bin/env -S sh -e\necho\n",
    );
}

#[test]
fn whoever_may_read_the_script_may_start_it() {
    let folder = tempfile::tempdir().unwrap();
    for (before, after) in [
        (0o644, 0o755),
        (0o600, 0o700),
        (0o640, 0o750),
        (0o4644, 0o4755),
    ] {
        let script = script(folder.path(), "a.sh", b"#!/bin/sh\n", before);
        let finding = before_run(&script).remove(0);
        let fix = fixes(&finding, &script, &[]).remove(0);
        assert_eq!(fix.change, Change::Mode { before, after });
    }
}

#[test]
fn a_file_that_was_not_read_whole_keeps_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let mut long = b"\xEF\xBB\xBF#!/bin/sh\n".to_vec();
    long.resize(crate::site::content::SOURCE_BYTES + 1, b'#');
    let script = script(folder.path(), "a.sh", &long, 0o755);
    let finding = before_run(&script).remove(0);
    assert!(fixes(&finding, &script, &[]).is_empty());
}

#[test]
fn a_finding_in_another_file_of_the_same_name_is_not_mended_here() {
    let folder = tempfile::tempdir().unwrap();
    let script = script(folder.path(), "form.py", b"print(1)\n", 0o755);
    let mut finding = before_run(&script).into_iter().next().unwrap();
    let whole = script.path.to_str().unwrap().to_owned();
    let elsewhere = folder.path().join("lib/form.py");
    for (named, mended) in [
        (whole.as_str(), true),
        ("form.py", true),
        ("./form.py", true),
        ("lib/form.py", false),
        ("orm.py", false),
        (elsewhere.to_str().unwrap(), false),
    ] {
        finding.place = Some((named.into(), 1));
        let offered = fixes(&finding, &script, &[found("python3")]);
        assert_eq!(!offered.is_empty(), mended, "{named}");
    }
}
