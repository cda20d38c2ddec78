//! What the text of a Python script tells, and above all what it does not.

use super::*;
use crate::diagnosis::Severity;
use crate::diagnosis::samples::script;

#[track_caller]
fn check(source: &str, expected: &[(u16, Severity, u32)]) {
    let text = format!("#!/usr/bin/env python3\n{source}");
    let found: Vec<(u16, Severity, u32)> =
        python::findings(&script("/site/cgi-bin/form.py", text.as_bytes()))
            .iter()
            .map(|found| {
                (
                    found.code.0,
                    found.severity,
                    found.place.as_ref().map_or(0, |(_, line)| *line),
                )
            })
            .collect();
    assert_eq!(found, expected, "{source}");
}

const NOTE: Severity = Severity::Note;
const WARNING: Severity = Severity::Warning;

#[test]
fn python_2_is_known_by_what_python_3_cannot_read() {
    check("print \"x\"", &[(48, Severity::Error, 2)]);
    check("if x: print y", &[(48, Severity::Error, 2)]);
    check("raise ValueError, 'x'", &[(48, Severity::Error, 2)]);
    // Other things that cannot be read are not Python 2.
    check("print(\"x\"", &[]);
    check("if x", &[]);
    check("print_ x", &[]);
    check("text = '''\nprint \"x\"\n'''", &[]);
}

#[test]
fn an_import_that_may_fail_is_not_blamed() {
    check("import urllib2", &[(50, WARNING, 2)]);
    check(
        "try:\n    import urllib2\nexcept ImportError:\n    import urllib.request",
        &[],
    );
    check(
        "import sys\nif sys.version_info[0] == 2:\n    import urllib2",
        &[],
    );
    check("def old():\n    import Cookie", &[]);
    check("import urllib2_of_mine\nfrom . import Cookie", &[]);
    check("import cgi", &[(49, NOTE, 2)]);
}

#[test]
fn reading_is_judged_by_what_is_called() {
    check("import sys\nsys.stdin.read()", &[(58, NOTE, 3)]);
    check("import sys\nsys.stdin.read(9)", &[(61, NOTE, 3)]);
    check("import sys\nsys.stdin.buffer.read(9)", &[]);
    check("def read(): pass\nread()", &[]);
}

#[test]
fn a_body_is_read_twice_only_where_both_are_reached() {
    let both = "import cgi, sys\nform = cgi.FieldStorage()\nraw = sys.stdin.read()";
    check(both, &[(49, NOTE, 2), (58, NOTE, 4), (60, WARNING, 4)]);
    check(
        "import sys\nfrom cgi import FieldStorage\nif x:\n    form = FieldStorage()\nelse:\n    raw = sys.stdin.buffer.read(3)",
        &[(49, NOTE, 3)],
    );
    check(
        "import cgi, io, sys\nraw = sys.stdin.buffer.read(3)\nform = cgi.FieldStorage(fp=io.BytesIO(raw))",
        &[(49, NOTE, 2)],
    );
}

#[test]
fn a_counter_without_a_lock_is_a_note() {
    check(
        "n = open('n').read()\nopen('n', 'w').write('1')",
        &[(78, NOTE, 3)],
    );
    check("n = open('n').read()\nopen('m', 'w').write('1')", &[]);
    check(
        "import fcntl\nn = open('n').read()\nfcntl.flock(f, 2)\nopen('n', 'w').write('1')",
        &[],
    );
    check("open('n', 'w').write('1')", &[]);
}

#[test]
fn scripts_of_other_languages_are_left_alone() {
    for first in [
        "#!/bin/sh",
        "#!/usr/bin/perl",
        "#!/usr/bin/env python2",
        "#!/usr/bin/python2.7",
    ] {
        let text = format!("{first}\nprint \"x\"\nimport urllib2\n");
        assert_eq!(python::findings(&script("/site/a.py", text.as_bytes())), []);
    }
}
