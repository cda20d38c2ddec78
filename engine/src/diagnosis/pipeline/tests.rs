use super::*;
use crate::diagnosis::after_run;
use crate::diagnosis::samples::{exchange, own, run};
use crate::exchange::SelectedTarget;
use crate::process::Exit;
use bytes::Bytes;

/// Figures and marks of the five boxes, a letter for each mark.
#[track_caller]
fn check(exchange: &Exchange, figures: [&str; 5], marks: &str) {
    let views = strip(exchange, &after_run(exchange));
    assert_eq!(views.each_ref().map(|view| view.stage), Stage::ALL);
    assert_eq!(views.each_ref().map(|view| view.figure.as_str()), figures);
    let letters: String = views
        .iter()
        .map(|view| match view.mark {
            StageMark::Ok => 'o',
            StageMark::Warning => 'w',
            StageMark::Failed => 'F',
            StageMark::Running => 'r',
            StageMark::NotReached => '-',
        })
        .collect();
    assert_eq!(letters, marks);
}

const OK: Exit = Exit::Code(0);

#[test]
fn a_good_run_is_good_from_end_to_end() {
    let good = exchange(vec![run(b"Content-Type: text/plain\n\nhello", b"", OK)]);
    check(
        &good,
        ["50 B", "0 variables", "exit 0 · 41 ms", "31 B", "200 OK"],
        "ooooo",
    );
}

#[test]
fn the_first_broken_stage_fails_and_the_rest_is_not_reached() {
    let text_first = exchange(vec![run(
        b"got 2 fields\nContent-Type: text/html\n\n",
        b"",
        OK,
    )]);
    check(
        &text_first,
        [
            "50 B",
            "0 variables",
            "exit 0 · 41 ms",
            "header line 1",
            "500",
        ],
        "oooF-",
    );
    let traceback =
        b"Traceback (most recent call last):\n  File \"/a.py\", line 1, in <module>\nKeyError: 1\n";
    let crash = exchange(vec![run(b"", traceback, Exit::Code(1))]);
    check(
        &crash,
        ["50 B", "0 variables", "exit 1 · 41 ms", "no output", "500"],
        "ooF--",
    );
}

#[test]
fn a_warning_marks_its_stage_only() {
    let untyped = exchange(vec![run(b"Status: 200\n\nhello", b"", OK)]);
    check(
        &untyped,
        ["50 B", "0 variables", "exit 0 · 41 ms", "18 B", "200 OK"],
        "ooowo",
    );
}

#[test]
fn a_file_needs_no_script() {
    let mut file = exchange(Vec::new());
    file.selection.target = SelectedTarget::File("/site/style.css".into());
    file.response = Some(ResponseRecord {
        author: Author::File,
        ..own(200)
    });
    check(
        &file,
        ["50 B", "not needed", "not needed", "not needed", "200 OK"],
        "o---o",
    );
    file.response = Some(own(404));
    check(
        &file,
        [
            "50 B",
            "not needed",
            "not needed",
            "not needed",
            "404 Not Found",
        ],
        "o---w",
    );
}

#[test]
fn a_live_run_shows_how_far_it_is() {
    let mut live = exchange(vec![run(b"Content-Type: text/plain\n\nhello", b"", OK)]);
    live.end = None;
    let invocation = &mut live.invocations[0];
    (invocation.exit, invocation.stdout_ended) = (None, false);
    check(
        &live,
        ["50 B", "0 variables", "process 4242", "31 B", "200 OK"],
        "oorrr",
    );
    live.response = None;
    live.invocations[0].stdout = crate::diagnosis::samples::captured(b"");
    check(
        &live,
        ["50 B", "0 variables", "process 4242", "0 B", ""],
        "oor--",
    );
}

#[test]
fn the_phrase_is_the_one_that_went_out() {
    let mut custom = exchange(vec![run(
        b"Status: 678 \x1b[31mOdd\nContent-Type: a/b\n\n",
        b"",
        OK,
    )]);
    let response = custom.response.as_mut().unwrap();
    response.sent_head = Bytes::from_static(b"HTTP/1.1 678 Odd \x1b one\r\nA: b\r\n\r\n");
    (response.status, response.author) = (678, Author::Script);
    let views = strip(&custom, &[]);
    assert_eq!(views[4].figure, "678 Odd \u{241b} one");
}
