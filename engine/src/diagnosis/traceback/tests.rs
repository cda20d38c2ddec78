use super::*;

/// Headline, place, function and code of the innermost call of the user's own.
#[track_caller]
fn check(text: &[u8], headline: &str, place: &str, code: &str) {
    let exception = last_exception(text).expect("an exception");
    assert_eq!(exception.headline(), headline);
    let (file, line) = exception.place(Path::new("/site")).expect("a place");
    assert_eq!(format!("{}:{line}", file.display()), place);
    assert_eq!(
        exception.own_frame().map(|frame| frame.code.as_str()),
        Some(code)
    );
    assert!(shows_exception(text));
}

#[track_caller]
fn check_none(text: &[u8]) {
    assert_eq!(
        last_exception(text),
        None,
        "{}",
        String::from_utf8_lossy(text)
    );
}

const PLAIN: &[u8] = b"Traceback (most recent call last):
  File \"/site/cgi-bin/form.py\", line 14, in <module>
    name = fields[\"name\"]
           ~~~~~~^^^^^^^^
KeyError: 'name'
";

#[test]
fn a_traceback_of_today_and_of_old_is_read() {
    check(
        PLAIN,
        "KeyError: 'name'",
        "/site/cgi-bin/form.py:14",
        "name = fields[\"name\"]",
    );
    let old = b"warning: x\nTraceback (most recent call last):\n  File \"form.py\", line 3, in f\n    g()\nZeroDivisionError: division by zero";
    check(
        old,
        "ZeroDivisionError: division by zero",
        "/site/form.py:3",
        "g()",
    );
    let crlf = String::from_utf8_lossy(PLAIN).replace('\n', "\r\n");
    check(
        crlf.as_bytes(),
        "KeyError: 'name'",
        "/site/cgi-bin/form.py:14",
        "name = fields[\"name\"]",
    );
}

#[test]
fn calls_in_libraries_are_not_the_users_own() {
    let text = b"Traceback (most recent call last):
  File \"/site/a.py\", line 2, in <module>
    json.loads(x)
  File \"/usr/lib/python3.12/json/__init__.py\", line 346, in loads
    return _default_decoder.decode(s)
  File \"<frozen codecs>\", line 1, in decode
  [Previous line repeated 3 more times]
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
";
    check(
        text,
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        "/site/a.py:2",
        "json.loads(x)",
    );
    assert_eq!(last_exception(text).unwrap().frames.len(), 3);
}

#[test]
fn of_chained_exceptions_the_last_one_counts() {
    let text = b"Traceback (most recent call last):
  File \"/site/a.py\", line 2, in <module>
    int('')
ValueError: invalid literal for int() with base 10: ''

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"/site/a.py\", line 4, in <module>
    raise RuntimeError('no number')
RuntimeError: no number
";
    check(
        text,
        "RuntimeError: no number",
        "/site/a.py:4",
        "raise RuntimeError('no number')",
    );
}

#[test]
fn a_script_that_does_not_compile_has_no_header() {
    let text = b"  File \"/site/a.py\", line 3\n    print \"hello\"\n    ^^^^^^^^^^^^^\nSyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?\n";
    check(
        text,
        "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?",
        "/site/a.py:3",
        "print \"hello\"",
    );
    let imported = b"Traceback (most recent call last):
  File \"/site/a.py\", line 1, in <module>
    import b
  File \"/site/b.py\", line 7
    if x
        ^
SyntaxError: expected ':'
";
    check(
        imported,
        "SyntaxError: expected ':'",
        "/site/b.py:7",
        "if x",
    );
}

#[test]
fn a_group_of_exceptions_is_told_by_its_outermost() {
    let text = b"  + Exception Group Traceback (most recent call last):
  |   File \"/site/a.py\", line 1, in <module>
  |     raise ExceptionGroup('two', [ValueError(1), TypeError(2)])
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +---------------- 2 ----------------
    | TypeError: 2
    +------------------------------------
";
    check(
        text,
        "ExceptionGroup: two (2 sub-exceptions)",
        "/site/a.py:1",
        "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])",
    );
}

#[test]
fn other_languages_name_their_place_too() {
    check(
        b"Can't open x: No such file at /site/a.pl line 14.\n",
        "Can't open x: No such file",
        "/site/a.pl:14",
        "",
    );
    check(
        b"died at a.pl line 3, <STDIN> line 1.\n",
        "died",
        "/site/a.pl:3",
        "",
    );
    check(b"PHP Fatal error:  Uncaught Exception: boom in /site/a.php:5\nStack trace:\n#0 {main}\n  thrown in /site/a.php on line 5\n", "Fatal error: Uncaught Exception: boom", "/site/a.php:5", "");
    check(b"/site/a.rb:3:in 'Integer#/': divided by 0 (ZeroDivisionError)\n\tfrom /site/a.rb:3:in '<main>'\n", "ZeroDivisionError: divided by 0", "/site/a.rb:3", "");
    check(b"/site/a.js:2\nx.y;\n^\n\nReferenceError: x is not defined\n    at Object.<anonymous> (/site/a.js:2:1)\n    at node:internal/main:23:47\n\nNode.js v20.1.0\n", "ReferenceError: x is not defined", "/site/a.js:2", "");
    check(
        b"lua: a.lua:1: boom\nstack traceback:\n\t[C]: in function 'error'\n",
        "boom",
        "/site/a.lua:1",
        "",
    );
}

#[test]
fn what_a_program_survives_is_no_end() {
    check_none(b"");
    check_none(b"hello\n");
    check_none(b"see you at home line up.\n");
    check_none(b"Exception ignored in: <function f at 0x7f>\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 1\n");
    check_none(b"Exception in thread Thread-1 (f):\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 1\n");
    let went_on = [PLAIN, &b"and on\n".repeat(40)].concat();
    check_none(&went_on);
    check_none(b"Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n");
}

#[test]
fn a_message_of_several_lines_is_still_the_end() {
    let text = [PLAIN, b"with a note\nand another\n"].concat();
    check(
        &text,
        "KeyError: 'name'",
        "/site/cgi-bin/form.py:14",
        "name = fields[\"name\"]",
    );
}

#[test]
fn a_flood_costs_no_more_than_its_end() {
    let mut text = vec![b'x'; 8 << 20];
    text.push(b'\n');
    text.extend_from_slice(PLAIN);
    let exception = last_exception(&text).unwrap();
    assert_eq!(&text[exception.span.clone()], PLAIN);
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let text = b"Traceback (most recent call last):\n  File \"/site/\xff\".py\", line 14, in \xfe\n    \x00\nKeyError: '\xc3'\n";
    let exception = last_exception(text).unwrap();
    assert_eq!(
        exception.frames[0].file.as_os_str().as_bytes(),
        b"/site/\xff\".py"
    );
    assert_eq!(exception.headline(), "KeyError: '\u{fffd}'");
    for length in 0..text.len() {
        let _ = last_exception(&text[..length]);
        let _ = last_exception(&text[length..]);
    }
    let line = format!("  File \"a.py\", line {}, in x", u64::MAX);
    assert_eq!(python_frame(line.as_bytes()), None);
}

#[test]
fn an_endless_recursion_is_bounded() {
    let text = [
        HEADER,
        b"\n",
        &b"  File \"/a.py\", line 1, in f\n    f()\n".repeat(1000),
        b"RecursionError: maximum recursion depth exceeded\n",
    ]
    .concat();
    assert_eq!(last_exception(&text).unwrap().frames.len(), FRAMES);
}

#[test]
fn a_traceback_at_the_beginning_is_found_there() {
    let text = [PLAIN, b"Content-Type: text/html\n\n".as_slice()].concat();
    assert_eq!(
        first_exception(&text).unwrap().headline(),
        "KeyError: 'name'"
    );
}

#[test]
fn the_exceptions_before_the_last_one_are_kept_with_their_link() {
    let text = b"Traceback (most recent call last):
  File \"/site/a.py\", line 2, in <module>
    int('')
ValueError: one

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File \"/site/a.py\", line 4, in <module>
    raise KeyError('two')
KeyError: 'two'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"/site/a.py\", line 6, in <module>
    raise RuntimeError('three')
RuntimeError: three
";
    let exception = last_exception(text).unwrap();
    let chain: Vec<(&str, Link)> = exception
        .earlier
        .iter()
        .map(|earlier| (earlier.exception.kind.as_str(), earlier.link))
        .collect();
    assert_eq!(
        chain,
        [("ValueError", Link::Cause), ("KeyError", Link::Handling)]
    );
    assert_eq!(exception.headline(), "RuntimeError: three");
    // Where the first one is met first, the last one still counts.
    assert_eq!(
        first_exception(text).unwrap().headline(),
        "RuntimeError: three"
    );
}

#[test]
fn the_members_of_a_group_are_told_apart() {
    let text = b"  + Exception Group Traceback (most recent call last):
  |   File \"/site/a.py\", line 3, in <module>
  |     raise ExceptionGroup('two', errors)
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File \"/site/a.py\", line 7, in one
    |     raise ValueError('x')
    | ValueError: x
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File \"/usr/lib/python3.12/json/decoder.py\", line 9, in two
    |     raise TypeError('y')
    | TypeError: y
    +------------------------------------
";
    let exception = last_exception(text).unwrap();
    let members: Vec<(&str, u32, bool)> = exception
        .members
        .iter()
        .map(|member| {
            (
                member.kind.as_str(),
                member.frames[0].line,
                member.frames[0].own,
            )
        })
        .collect();
    assert_eq!(members, [("ValueError", 7, true), ("TypeError", 9, false)]);
}

#[test]
fn what_does_not_compile_is_told_by_its_cause() {
    let perl = b"syntax error at /site/a.pl line 4, near \"print\"\nExecution of /site/a.pl aborted due to compilation errors.\n";
    check(perl, "syntax error", "/site/a.pl:4", "");
    let out_of_step = b"syntax error at /site/a.pl line 5, near \"print\"\nGlobal symbol \"$y\" requires explicit package name at /site/a.pl line 6.\nExecution of /site/a.pl aborted due to compilation errors.\n";
    check(out_of_step, "syntax error", "/site/a.pl:5", "");
    let quote = b"/site/a.sh: line 6: unexpected EOF while looking for matching `)'\n";
    check(
        quote,
        "unexpected EOF while looking for matching `)'",
        "/site/a.sh:6",
        "",
    );
    let missing = b"Can't locate Nothing.pm in @INC (you may need to install it) at /site/a.pl line 3.\nBEGIN failed--compilation aborted at /site/a.pl line 3.\n";
    check(
        missing,
        "Can't locate Nothing.pm in @INC",
        "/site/a.pl:3",
        "",
    );
    check(
        b"/site/a.sh: 3: NAME: parameter not set\n",
        "NAME: parameter not set",
        "/site/a.sh:3",
        "",
    );
    check(
        b"/site/a.sh: line 9: syntax error: unexpected end of file\n",
        "syntax error: unexpected end of file",
        "/site/a.sh:9",
        "",
    );
    // A shell goes on after these.
    check_none(b"/site/a.sh: 3: cat: not found\n");
    check_none(b"/site/a.sh: line 3: /x/y: No such file or directory\n");
}

#[test]
fn a_report_in_a_page_is_read() {
    let cgitb = b"<html>x</html>\n<!-- The above is a description of an error in a Python program, formatted\n     for a Web browser\n\nTraceback (most recent call last):\n  File &quot;/site/a.py&quot;, line 3, in &lt;module&gt;\n    d[&#x27;x&#x27;]\nKeyError: &#x27;x&#x27;\n\n-->\n";
    let (exception, _) = in_page(cgitb).unwrap();
    assert_eq!(exception.headline(), "KeyError: 'x'");
    assert_eq!(exception.frames[0].line, 3);
    let php = b"hello<br />\n<b>Fatal error</b>:  Uncaught Error: no such in /site/a.php:3\nStack trace:\n#0 {main}\n  thrown in <b>/site/a.php</b> on line <b>3</b><br />\n";
    let (exception, at) = in_page(php).unwrap();
    assert_eq!(exception.headline(), "Fatal error: Uncaught Error: no such");
    assert_eq!((exception.frames[0].line, at), (3, 12));
    for text in [
        &b""[..],
        b"<p>Fatal error</p>",
        b"<b>Fatal error</b>:  ",
        b"<b>Fatal error</b>:   in <b></b> on line <b>",
        b"<h1>Software error:</h1>\n<pre>",
        b"The above is a description of an error in a Python program",
    ] {
        assert_eq!(in_page(text), None);
    }
}
