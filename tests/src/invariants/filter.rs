//! Every text is a filter: what is not understood is told by its place, and rows are judged all the same.

use std::time::Duration;

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{ExchangeId, ExchangeRow, Progress, RowKind};
use cgi_engine::history::filter::{Verdict, parse};

/// Problems stand within the text, at characters; the filter can be said in
/// words, and its opposite judges a row the other way.
#[track_caller]
pub fn filter(text: &str) {
    let parsed = parse(text);
    for problem in &parsed.problems {
        let told = text.get(problem.span.clone());
        assert!(
            told.is_some() && !problem.message.is_empty(),
            "{problem:?}: {text:?}"
        );
    }
    assert!(!parsed.filter.in_words().is_empty(), "{text:?}");
    let opposite = parse(&format!("not ({text})"));
    let comparable = parsed.problems.is_empty() && opposite.problems.is_empty();
    let has_condition = !parsed.filter.is_empty();
    for row in rows() {
        let now = Timestamp::from_unix_millis(1_700_000_000_000);
        let verdict = parsed.filter.judge_row(&row, now);
        let reversed = match opposite.filter.judge_row(&row, now) {
            Verdict::Pass => Verdict::Fail,
            Verdict::Fail => Verdict::Pass,
            Verdict::Unknown => Verdict::Unknown,
        };
        assert!(
            !comparable || !has_condition || verdict == reversed,
            "{text:?}"
        );
    }
}

fn rows() -> [ExchangeRow; 2] {
    let running = ExchangeRow {
        id: ExchangeId(1),
        started: Timestamp::from_unix_millis(0),
        method: "?".to_owned(),
        target: "\u{fffd}".to_owned(),
        name: String::new(),
        kind: RowKind::Studio,
        progress: Progress::Running,
        status: None,
        duration: None,
        stderr_lines: 0,
        response_bytes: 0,
        headline: None,
        ..ExchangeRow::begun(ExchangeId(1), Timestamp::from_unix_millis(0))
    };
    let answered = ExchangeRow {
        id: ExchangeId(u64::MAX),
        method: "GET".to_owned(),
        target: "/cgi-bin/a.cgi?q".to_owned(),
        name: "a.cgi".to_owned(),
        kind: RowKind::Script,
        progress: Progress::Answered,
        status: Some(999),
        duration: Some(Duration::MAX),
        stderr_lines: u32::MAX,
        response_bytes: u64::MAX,
        headline: Some((24, true)),
        ..running.clone()
    };
    [running, answered]
}
