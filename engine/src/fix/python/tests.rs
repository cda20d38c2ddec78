//! Each finding with the line of output that proves it, the script, and the script that the fix makes of it.

use crate::diagnosis::RuleCode;
use crate::diagnosis::finding::{
    Blame, Evidence, EvidenceLine, EvidenceSource, Finding, Severity, Stage, StreamName,
};
use crate::fix::Change;
use std::path::PathBuf;

fn finding(code: u16, marked: &str, line: u32) -> Finding {
    Finding {
        code: RuleCode(code),
        severity: Severity::Error,
        blame: Blame::Script,
        stage: Stage::Output,
        title: String::new(),
        explanation: String::new(),
        remedy: String::new(),
        authority: String::new(),
        evidence: Some(Evidence {
            source: EvidenceSource::Stream(StreamName::Stdout, 0..0),
            lines: vec![EvidenceLine {
                number: 1,
                bytes: format!("{marked}\n").into_bytes(),
                note: Some(String::new()),
            }],
        }),
        place: Some((PathBuf::from("x.py"), line)),
        consequences: Vec::new(),
        exception: None,
    }
}

fn fixed(code: u16, marked: &str, line: u32, script: &str) -> Option<String> {
    let part = super::change(&finding(code, marked, line), script.as_bytes())?;
    match part.change {
        Change::Content { after, .. } => Some(String::from_utf8(after).unwrap()),
        Change::Mode { .. } => None,
    }
}

#[track_caller]
fn check(code: u16, marked: &str, before: &str, after: &str) {
    assert_eq!(fixed(code, marked, 1, before).as_deref(), Some(after));
}

#[track_caller]
fn uncertain(code: u16, marked: &str, script: &str) {
    assert_eq!(fixed(code, marked, 1, script), None, "{script}");
}

#[test]
fn the_empty_line_comes_after_the_last_header() {
    check(
        23,
        "<p>",
        "print('Content-Type: text/html')\nprint('X: 1')  # one more\nprint('<p>')\n",
        "print('Content-Type: text/html')\nprint('X: 1')  # one more\nprint()\nprint('<p>')\n",
    );
    check(
        23,
        "<p>",
        "def main():\r\n    print(f'Content-Type: {kind}')\r\n    show()\r\nmain()\r\n",
        "def main():\r\n    print(f'Content-Type: {kind}')\r\n    print()\r\n    show()\r\nmain()\r\n",
    );
    check(
        23,
        "",
        "import sys\nsys.stdout.write('Content-Type: text/html\\n')",
        "import sys\nsys.stdout.write('Content-Type: text/html\\n')\nsys.stdout.write(\"\\n\")\n",
    );
}

#[test]
fn nothing_is_written_where_the_last_header_is_not_certain() {
    uncertain(
        23,
        "<p>",
        "if x:\n    print('A: 1')\nelse:\n    print('B: 1')\nprint('<p>')\n",
    );
    uncertain(23, "<p>", "print('A: 1')\nprint('<p>')\nprint('B: 1')\n");
    uncertain(23, "<p>", "print('A: 1'); print('<p>')\n");
    uncertain(23, "<p>", "print(headers)\nprint('<p>')\n");
    uncertain(23, "<p>", "print 'A: 1'\n");
}

#[test]
fn headers_are_printed_before_a_page_that_has_none() {
    check(
        24,
        "<html>",
        "#!/usr/bin/env python3\n'A page.'\nimport os\n\nprint('<html>')\n",
        "#!/usr/bin/env python3\n'A page.'\nimport os\nprint(\"Content-Type: text/html; charset=utf-8\")\nprint()\n\nprint('<html>')\n",
    );
    check(
        24,
        "{\"a\": 1}",
        "# page\nprint('{}')\n",
        "# page\nprint(\"Content-Type: application/json\")\nprint()\nprint('{}')\n",
    );
    uncertain(
        24,
        "<html>",
        "print('<html>')\nprint('Content-Type: text/html')\n",
    );
}

#[test]
fn a_message_before_the_headers_goes_to_standard_error() {
    check(
        25,
        "debug 2",
        "import os\nprint('debug', n)\nprint('Content-Type: text/html\\n')\n",
        "import sys\nimport os\nprint('debug', n, file=sys.stderr)\nprint('Content-Type: text/html\\n')\n",
    );
    uncertain(25, "debug 2", "print('debug', n)\nprint('debug', m)\n");
}

#[test]
fn headers_end_with_one_empty_line() {
    check(
        29,
        "",
        "print('Content-Type: text/html\\r\\n\\r\\n')\nprint('x')\n",
        "print('Content-Type: text/html\\n')\nprint('x')\n",
    );
    check(
        30,
        "Content-Type: text/html",
        "print('Set-Cookie: a=1\\r\\n')\nprint('Content-Type: text/html\\r\\n')\nprint('x')\n",
        "print('Set-Cookie: a=1')\nprint('Content-Type: text/html\\r\\n')\nprint('x')\n",
    );
}

#[test]
fn a_content_type_is_printed_named_right_and_with_its_charset() {
    check(
        31,
        "X-A: 1",
        "    \nif 1:\n    print('X-A: 1')\n    print()\n",
        "    \nif 1:\n    print(\"Content-Type: text/html; charset=utf-8\")\n    print('X-A: 1')\n    print()\n",
    );
    check(
        31,
        "",
        "print()\nprint('x')\n",
        "print(\"Content-Type: text/html; charset=utf-8\")\nprint()\nprint('x')\n",
    );
    for wrong in [
        "Content type: text/html",
        "content-type text/html",
        "ContentType: text-html",
        "Content_Type=text/html",
    ] {
        check(
            32,
            wrong,
            &format!("print('{wrong}\\n')\n"),
            "print('Content-Type: text/html\\n')\n",
        );
    }
    check(
        33,
        "Content-Type: text/html",
        "print(\"content-type: text/html\\n\")\n",
        "print(\"content-type: text/html; charset=utf-8\\n\")\n",
    );
    uncertain(
        33,
        "",
        "print('Content-Type: text/html; charset=latin-1\\n')\n",
    );
}

#[test]
fn a_status_is_printed_as_cgi_has_it() {
    check(
        39,
        "HTTP/1.1 404 Not Found",
        "print('HTTP/1.1 404 Not Found')\n",
        "print('Status: 404 Not Found')\n",
    );
    for (wrong, right) in [
        ("Status: OK", "Status: 200 OK"),
        ("Status:404NotFound", "Status: 404 Not Found"),
        ("Status: not found", "Status: 404 Not Found"),
        ("Status: 302: moved", "Status: 302 Found"),
    ] {
        check(
            40,
            wrong,
            &format!("print('{wrong}\\n')\n"),
            &format!("print('{right}\\n')\n"),
        );
    }
    uncertain(40, "Status: fine", "print('Status: fine')\n");
}

#[test]
fn a_field_of_the_server_is_not_printed() {
    check(
        45,
        "Transfer-Encoding: chunked",
        "print('A: 1')\nprint('Transfer-Encoding: chunked')\nprint()\n",
        "print('A: 1')\nprint()\n",
    );
    check(
        38,
        "Content-Length: 3",
        "print('Content-Length: ' + str(len(page)))  # count\nprint()\n",
        "print()\n",
    );
    uncertain(38, "", "print('A: 1'); print('Content-Length: 3')\n");
    uncertain(38, "", "print('Content-Length: 3\\n')\n");
}

#[test]
fn a_body_is_read_as_long_as_it_is_told() {
    check(
        58,
        "",
        "import sys\nbody = sys.stdin.buffer.read()\n",
        "import os\nimport sys\nbody = sys.stdin.buffer.read(int(os.environ.get(\"CONTENT_LENGTH\") or 0))\n",
    );
    check(
        58,
        "",
        "import os, sys\nbody = sys.stdin.read().strip()\n",
        "import os, sys\nbody = sys.stdin.buffer.read(int(os.environ.get(\"CONTENT_LENGTH\") or 0)).decode().strip()\n",
    );
    check(
        61,
        "",
        "from sys import stdin as s\nbody = s.read(n + 1)\n",
        "from sys import stdin as s\nbody = s.buffer.read(n + 1).decode()\n",
    );
}

#[test]
fn an_empty_length_and_an_absent_variable_are_no_errors() {
    check(
        57,
        "",
        "import os\nn = int(os.environ['CONTENT_LENGTH'])\n",
        "import os\nn = int(os.environ.get(\"CONTENT_LENGTH\") or 0)\n",
    );
    check(
        57,
        "",
        "import os\nn = int(os.environ.get('CONTENT_LENGTH', ''))\n",
        "import os\nn = int(os.environ.get('CONTENT_LENGTH', '') or 0)\n",
    );
    assert_eq!(
        fixed(
            56,
            "",
            2,
            "import os\nu = os.environ['REMOTE_USER'] + os.environ.get('B')\n"
        )
        .as_deref(),
        Some("import os\nu = os.environ.get('REMOTE_USER', \"\") + os.environ.get('B')\n")
    );
    assert_eq!(
        fixed(56, "", 2, "import os\nos.environ['A'] + os.environ['B']\n"),
        None
    );
}

#[test]
fn output_comes_in_the_order_in_which_it_was_written() {
    check(
        28,
        "",
        "import sys\nprint('Content-Type: image/png\\n')\nfor part in parts:\n    sys.stdout.buffer.write(part)\n",
        "import sys\nprint('Content-Type: image/png\\n')\nfor part in parts:\n    sys.stdout.flush()\n    sys.stdout.buffer.write(part)\n",
    );
    check(
        27,
        "",
        "import os\nprint('A: 1\\n')\nos.system('ls')\n",
        "import sys\nimport os\nprint('A: 1\\n')\nsys.stdout.flush()\nos.system('ls')\n",
    );
    check(
        35,
        "",
        "import os\nprint('é')\n",
        "import os\nimport sys\nsys.stdout.reconfigure(encoding=\"utf-8\")\nprint('é')\n",
    );
}

#[test]
fn what_came_from_the_request_is_escaped_where_it_is_shown() {
    check(
        211,
        "",
        "import os\nq = os.environ.get('QUERY_STRING')\nlog(f'{q}')\nprint(f'<p>{q}')\n",
        "import html\nimport os\nq = os.environ.get('QUERY_STRING')\nlog(f'{q}')\nprint(f'<p>{html.escape(q)}')\n",
    );
    uncertain(
        211,
        "",
        "a = f.get('a')\nb = f.get('b')\nprint(f'{a}{b}')\n",
    );
}

#[test]
fn a_script_that_imports_cgi_is_rewritten() {
    check(
        49,
        "",
        "#!/usr/bin/env python3\nimport cgi, os\nimport cgitb\ncgitb.enable()\n\nform = cgi.FieldStorage()\nname = form.getvalue('name', 'you')\ntags = form.getlist(\"tag\")\nif 'city' in form:\n    city = cgi.escape(form['city'].value)\n",
        "#!/usr/bin/env python3\nimport html\nimport os\nimport sys\nimport urllib.parse\n\nform_text = os.environ.get(\"QUERY_STRING\", \"\")\nif os.environ.get(\"REQUEST_METHOD\") == \"POST\":\n    body = sys.stdin.buffer.read(int(os.environ.get(\"CONTENT_LENGTH\") or 0))\n    form_text = body.decode() + \"&\" + form_text\nform = urllib.parse.parse_qs(form_text)\nname = form.get('name', ['you'])[0]\ntags = form.get(\"tag\", [])\nif 'city' in form:\n    city = html.escape(form['city'][0])\n",
    );
    check(
        50,
        "",
        "from cgi import escape\nprint(escape(x))\n",
        "import html\nprint(html.escape(x))\n",
    );
}

#[test]
fn a_use_of_cgi_that_is_not_known_leaves_the_script_alone() {
    for script in [
        "import cgi\nform = cgi.FieldStorage()\ndata = form['file'].file\n",
        "import cgi\nform = cgi.FieldStorage()\nshow(form)\n",
        "import cgi\nform = cgi.FieldStorage(fp=x)\n",
        "import cgi\ncgi.print_environ()\n",
        "import cgi\nform = cgi.FieldStorage()\nform = {}\n",
        "from cgi import *\nform = FieldStorage()\n",
        "import cgi\nform = cgi.FieldStorage()\nx = form['a'].values\n",
        "import cgi\nf = cgi\n",
        "import cgi; form = cgi.FieldStorage()\n",
    ] {
        uncertain(49, "", script);
    }
}

#[test]
fn what_the_rewritten_form_needs_is_imported_before_it() {
    let script = "import cgi\nform = cgi.FieldStorage()\nprint(form.getvalue('a'))\n";
    let after = fixed(49, "", 1, script).unwrap();
    let at = |words: &str| after.find(words).unwrap_or_else(|| panic!("{after}"));
    for module in ["import os\n", "import sys\n", "import urllib.parse\n"] {
        assert!(at(module) < at("form_text ="), "{after}");
    }
}
