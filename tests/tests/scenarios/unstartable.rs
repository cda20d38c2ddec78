//! Scripts that cannot be started: the reason is found before the system is asked.

use crate::{get, serve, url};
use cgi_engine::exchange::End;
use cgi_engine::process::Exit;

#[track_caller]
fn check(script: &str, mode: u32, reason: &str) {
    let engine = serve();
    engine.site.file("cgi-bin/script.cgi", script, mode);
    let answer = engine.get("/cgi-bin/script.cgi");
    assert_eq!((answer.status(), answer.ending.is_whole()), (500, true));
    // The page names the script and the finding.
    let page = answer.text();
    assert!(
        page.contains("script.cgi") && page.contains("CGI0"),
        "{page}"
    );
    let exchange = engine.ended(1);
    let run = exchange.invocation().unwrap();
    assert_eq!((run.pid, &run.program), (None, &None));
    let failure = run.launch_failure.as_ref().unwrap();
    assert!(failure.message.contains(reason), "{failure:?}");
    assert_eq!(exchange.end, Some(End::Answered));
}

#[test]
fn a_script_that_is_not_executable() {
    check(
        "#!/bin/sh\necho Content-Type: text/plain\necho\n",
        0o644,
        "execut",
    );
}

#[test]
fn a_script_without_an_interpreter_line() {
    check("echo Content-Type: text/plain\necho\n", 0o755, "#!");
}

#[test]
fn a_script_with_the_line_ends_of_windows() {
    check(
        "#!/bin/sh\r\necho Content-Type: text/plain\r\necho\r\n",
        0o755,
        r"/bin/sh\r",
    );
}

#[test]
fn a_script_whose_interpreter_is_not_there() {
    check("#!/no/such/interpreter\n", 0o755, "/no/such/interpreter");
}

#[test]
fn a_script_whose_interpreter_env_does_not_find_fails_as_everywhere() {
    let engine = serve();
    engine
        .site
        .script("script", "#!/usr/bin/env no-such-interpreter\n");
    assert_eq!(engine.get("/cgi-bin/script").status(), 500);
    let exchange = engine.ended(1);
    let run = exchange.invocation().unwrap();
    assert_eq!(run.exit, Some(Exit::Code(127)));
    assert!(String::from_utf8_lossy(&run.stderr.head()).contains("no-such-interpreter"));
}

#[test]
fn a_script_that_is_mended_works_at_once() {
    let engine = serve();
    let text = "#!/bin/sh\necho Content-Type: text/plain\necho\necho works\n";
    engine.site.file("cgi-bin/script.cgi", text, 0o644);
    assert_eq!(engine.get("/cgi-bin/script.cgi").status(), 500);
    engine.site.file("cgi-bin/script.cgi", text, 0o755);
    assert_eq!(engine.get("/cgi-bin/script.cgi").text(), "works\n");
}

#[test]
fn a_script_that_is_deleted_while_it_runs_runs_on() {
    let engine = serve();
    let go = engine.site.path("go");
    let mut client = engine.connect();
    let wait = format!("when={}", go.display());
    client.send(get(&url(&["text", "out=one", &wait, "out=two"])));
    client.head();
    assert_eq!(client.chunk().unwrap(), b"one");
    std::fs::remove_file(engine.site.path("cgi-bin/child")).unwrap();
    assert_eq!(engine.get("/cgi-bin/child").status(), 404);
    std::fs::write(go, "").unwrap();
    assert_eq!(client.chunk().unwrap(), b"two");
    assert_eq!(client.chunk().unwrap(), b"");
    assert_eq!(engine.ended(1).end, Some(End::Answered));
}
