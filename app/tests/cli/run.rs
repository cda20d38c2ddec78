//! `run`: one run from the command line to the response.

use std::process::Stdio;

use crate::studio::{Ended, Home};

fn run(home: &Home, script: &std::path::Path, more: &[&str]) -> Ended {
    let mut arguments = vec!["run", script.to_str().unwrap()];
    arguments.extend_from_slice(more);
    home.end_of(&arguments)
}

#[track_caller]
fn check_contains(ended: &Ended, all: &[&str]) {
    for words in all {
        assert!(
            ended.stdout.contains(words),
            "no {words:?} in\n{}\n{}",
            ended.stdout,
            ended.stderr
        );
    }
}

#[test]
fn hello_shows_the_whole_chain_and_is_fine() {
    let home = Home::new();
    let script = home.example("hello").join("cgi-bin/hello.py");
    let ended = run(&home, &script, &["--query", "name=Ada"]);
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    check_contains(
        &ended,
        &[
            "GET /cgi-bin/hello.py?name=Ada",
            "GATEWAY_INTERFACE",
            "name=Ada",
            "SCRIPT_NAME",
            "absent: ",
            "headers above, body below",
            "<html",
            "exit 0",
            "200 OK",
        ],
    );
    assert!(!ended.stdout.contains('\x1b'), "colour without a terminal");
}

#[test]
fn a_broken_script_exits_1() {
    let home = Home::new();
    let script = home.example("broken").join("cgi-bin/no-blank-line.py");
    let ended = run(&home, &script, &[]);
    assert_eq!(ended.code, Some(1), "{}\n{}", ended.stdout, ended.stderr);
    check_contains(&ended, &["500 Internal Server Error"]);
}

#[test]
fn method_path_header_and_body_reach_the_script() {
    let home = Home::new();
    let script = home.script(
        "cgi-bin/echo.sh",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\necho \"$REQUEST_METHOD|$PATH_INFO|$HTTP_X_A|$CONTENT_TYPE\"\ncat\n",
    );
    let more = [
        "--method",
        "PUT",
        "--path-info",
        "/a b",
        "--header",
        "X-A: 1",
        "--body",
        "the body",
    ];
    let ended = run(&home, &script, &more);
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    check_contains(
        &ended,
        &["  PUT|/a b|1|application/x-www-form-urlencoded\n  the body\n"],
    );
}

#[test]
fn a_script_that_fails_after_its_page_exits_1() {
    let home = Home::new();
    let script = home.script(
        "cgi-bin/late.sh",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nok\\n'\necho oh >&2\nexit 3\n",
    );
    let ended = run(&home, &script, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    check_contains(&ended, &["exit 3", "Standard error", "  oh\n"]);
}

#[test]
fn output_cannot_command_the_terminal() {
    let home = Home::new();
    let script = home.script(
        "cgi-bin/evil.sh",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n\\033[2J\\033]0;x\\007'\n",
    );
    let ended = run(&home, &script, &[]);
    assert!(!ended.stdout.contains('\x1b'), "{:?}", ended.stdout);
    check_contains(&ended, &["\\u{1b}[2J"]);
}

#[test]
fn what_is_no_script_is_refused_with_a_way_out() {
    let home = Home::new();
    home.script("notes.txt", "hello");
    for (path, words) in [
        ("no.py", "no such file"),
        (".", "cannot run a folder"),
        ("notes.txt", "cgi-bin"),
    ] {
        let ended = home.end_of(&["run", path]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the program under test is started here"
)]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let home = Home::new();
    let script = home.example("hello").join("cgi-bin/hello.py");
    let mut studio = home.studio(&["run", script.to_str().unwrap()]);
    let mut child = studio
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_run_as_another_host_tells_what_differs() {
    let home = Home::new();
    let script = home.example("hello").join("cgi-bin/hello.py");
    let ended = run(
        &home,
        &script,
        &["--as", "apache", "--header", "Host: example.org:99"],
    );
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    check_contains(
        &ended,
        &[
            "As Apache 2.4.",
            "SERVER_PORT 99 (here 80): it takes the port from the Host field",
            "breaks §4.1.15",
            "by RFC 3875: status 200",
        ],
    );
}

#[test]
fn an_unknown_host_is_refused_with_those_there_are() {
    let home = Home::new();
    let script = home.example("hello").join("cgi-bin/hello.py");
    let ended = run(&home, &script, &["--as", "iis"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("nginx-fcgiwrap"), "{}", ended.stderr);
}
