//! Two runs that differ in one thing each.

use super::*;
use crate::diagnosis::samples;
use crate::exchange::{CapturedBody, Invocation};
use crate::process::Exit;

fn exchange(change: impl FnOnce(&mut Invocation)) -> Exchange {
    let mut run = samples::run(b"Content-Type: text/plain\n\nhello\n", b"", Exit::Code(0));
    change(&mut run);
    samples::exchange(vec![run])
}

fn compared(before: &Exchange, after: &Exchange) -> Comparison {
    Comparison::of(before, after, &AtomicBool::new(false)).unwrap()
}

fn section(before: &Exchange, after: &Exchange, part: Part) -> Section {
    let comparison = compared(before, after);
    let mut found = comparison.sections.into_iter();
    found.find(|section| section.part == part).unwrap()
}

#[test]
fn the_same_run_twice_is_the_same_in_every_part() {
    let comparison = compared(&exchange(|_| ()), &exchange(|_| ()));
    assert_eq!(comparison.first_difference(), None);
    for section in comparison.sections {
        assert_eq!(section.likeness, Likeness::Same, "{section:?}");
        assert_eq!(section.content, Content::Nothing);
    }
}

#[test]
fn lines_that_came_and_went_stand_among_their_neighbours() {
    let text = |middle: &str| -> Vec<u8> {
        (1..=20)
            .map(|n| {
                if n == 10 {
                    format!("{middle}\n")
                } else {
                    format!("line {n}\n")
                }
            })
            .collect::<String>()
            .into()
    };
    let before = exchange(|run| run.stderr = samples::captured(&text("caf\u{e9} one")));
    let after = exchange(|run| run.stderr = samples::captured(&text("caf\u{e8} one")));
    let section = section(&before, &after, Part::Stderr);
    assert_eq!(section.summary, "+1 −1 lines");
    let Content::Text(lines) = section.content else {
        panic!("text");
    };
    let shown: Vec<String> = lines
        .iter()
        .map(|line| match line {
            TextLine::Gap(gap) => format!("…{}", gap.lines),
            TextLine::Line(line) => {
                let sign = match line.side {
                    Side::Both => ' ',
                    Side::Before => '-',
                    Side::After => '+',
                };
                let changed = String::from_utf8_lossy(&line.bytes[line.changed.clone()]);
                let number = line.after.or(line.before).unwrap();
                format!("{sign}{number} {changed}")
            }
        })
        .collect();
    assert_eq!(
        shown,
        [
            "…6",
            " 7 ",
            " 8 ",
            " 9 ",
            "-10 \u{e9}",
            "+10 \u{e8}",
            " 11 ",
            " 12 ",
            " 13 ",
            "…7"
        ]
    );
}

#[test]
fn bytes_that_are_no_text_are_compared_by_offset() {
    let before = exchange(|run| run.stdout = samples::captured(b"A\0B"));
    let after = exchange(|run| run.stdout = samples::captured(b"A\0CD"));
    assert_eq!(
        section(&before, &after, Part::Stdout).content,
        Content::Bytes {
            at: 2,
            before: 3,
            after: 4,
            old: b"A\0B".to_vec(),
            new: b"A\0CD".to_vec(),
        }
    );
}

#[test]
fn long_streams_are_compared_by_offset_and_can_be_given_up() {
    let long = |last: u8| {
        let mut bytes = vec![b'x'; 20_000_000];
        bytes.push(last);
        let mut stdout = CapturedBody::new(usize::MAX);
        stdout.push(&bytes.into(), std::time::Duration::ZERO);
        exchange(move |run| run.stdout = stdout)
    };
    let (before, after) = (long(b'a'), long(b'b'));
    let found = section(&before, &after, Part::Stdout);
    assert!(
        found
            .summary
            .starts_with("first difference at byte 20000000;")
    );
    let stop = AtomicBool::new(true);
    assert_eq!(Comparison::of(&before, &after, &stop), Err(Stopped));
}

#[test]
fn another_port_in_the_address_of_the_server_is_no_news() {
    let host = |value: &'static [u8]| vec![("host".to_owned(), value.to_vec())];
    let change = |before, after| fields::changes(host(before), host(after), |_| false).remove(0);
    assert!(change(b"localhost:8000", b"localhost:8001").volatile);
    assert!(!change(b"localhost:8000", b"example.org:8000").volatile);
    assert!(!change(b"10", b"11").volatile);
    let other = |value: &'static [u8]| vec![("x-ratio".to_owned(), value.to_vec())];
    assert!(!fields::changes(other(b"a:1"), other(b"a:2"), |_| false)[0].volatile);
}

#[test]
fn json_is_compared_by_its_structure() {
    let output = |body: &str| format!("Content-Type: application/json\n\n{body}").into_bytes();
    let run = |body: &str| samples::exchange(vec![samples::run(&output(body), b"", Exit::Code(0))]);
    let before = run(r#"{"a": 1, "b": [1, {"c": null}]}"#);
    let ordered = section(&before, &run(r#"{"b":[1,{"c":null}],"a":1}"#), Part::Stdout);
    assert_eq!(ordered.summary, "the same JSON, written differently");
    let changed = section(
        &before,
        &run(r#"{"a": 2, "b": [1, {"c": null}, true]}"#),
        Part::Stdout,
    );
    let Content::Fields(changes) = changed.content else {
        panic!("fields");
    };
    let names: Vec<&str> = changes.iter().map(|change| change.name.as_str()).collect();
    assert_eq!(names, ["$.a", "$.b[2]"]);
    assert_eq!(changes[1].before, None);
}

#[test]
fn what_always_differs_is_told_apart() {
    let variable = |name: &str, value: &str| {
        let (name, value) = (name.to_owned(), value.as_bytes().to_vec());
        exchange(move |run| {
            let mut request = (*run.request).clone();
            request
                .variables
                .push(crate::cgi::meta_variable::MetaVariable {
                    name,
                    value,
                    provenance: crate::cgi::meta_variable::Provenance::Connection,
                    sources: Vec::new(),
                });
            run.request = request.into();
        })
    };
    let port = section(
        &variable("REMOTE_PORT", "1"),
        &variable("REMOTE_PORT", "2"),
        Part::Environment,
    );
    assert_eq!(port.likeness, Likeness::Volatile);
    let info = section(
        &variable("PATH_INFO", "/a"),
        &exchange(|_| ()),
        Part::Environment,
    );
    assert_eq!(
        (info.likeness, info.summary.as_str()),
        (Likeness::Different, "PATH_INFO is gone")
    );
    let empty = section(
        &exchange(|_| ()),
        &variable("PATH_INFO", ""),
        Part::Environment,
    );
    assert_eq!(empty.summary, "PATH_INFO is new");
}

#[test]
fn a_script_that_was_changed_is_the_first_difference() {
    let other = exchange(|run| {
        run.script =
            samples::script(samples::SCRIPT, b"#!/usr/bin/env python3\nprint('y')\n").into();
        run.stdout = samples::captured(b"Content-Type: text/plain\n\nbye\n");
    });
    let comparison = compared(&exchange(|_| ()), &other);
    assert_eq!(comparison.first_difference(), Some(Part::Source));
    assert_eq!(comparison.sections[0].summary, "+1 −1 lines");
}
