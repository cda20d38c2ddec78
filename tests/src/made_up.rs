//! Rows of requests that nobody made, for measuring: a dozen scripts and files, most of what they answer fine.

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{ExchangeId, ExchangeRow, Progress, RowKind, RowOrigin};
use std::time::Duration;

const SCRIPTS: [&str; 8] = [
    "form.py",
    "hello.py",
    "search",
    "upload.cgi",
    "guestbook.pl",
    "login.py",
    "report.sh",
    "nph-push",
];
const FILES: [&str; 4] = ["style.css", "logo.png", "index.html", "app.js"];
/// The first one began here.
const BEGINNING: i64 = 1_700_000_000_000;
/// Milliseconds from one to the next.
const PACE: i64 = 700;

/// The row with this number; the same number makes the same row.
#[must_use]
pub fn row(id: u64) -> ExchangeRow {
    // Neighbours look unrelated and yet nothing is random.
    let mixed = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    let started = Timestamp::from_unix_millis(BEGINNING + PACE * id.cast_signed());
    if mixed.is_multiple_of(4) {
        file(id, mixed / 4, started)
    } else {
        script(id, mixed / 4, started)
    }
}

fn file(id: u64, mixed: u64, started: Timestamp) -> ExchangeRow {
    let name = FILES[mixed as usize % FILES.len()];
    ExchangeRow {
        method: "GET".into(),
        target: format!("/{name}"),
        name: name.into(),
        kind: RowKind::File,
        progress: Progress::Answered,
        status: Some(if mixed.is_multiple_of(3) { 304 } else { 200 }),
        duration: Some(Duration::from_micros(200 + mixed % 900)),
        response_bytes: mixed % 50_000,
        ..ExchangeRow::begun(ExchangeId(id), started)
    }
}

fn script(id: u64, mixed: u64, started: Timestamp) -> ExchangeRow {
    let name = SCRIPTS[mixed as usize % SCRIPTS.len()];
    let (status, headline) = match mixed / 8 % 100 {
        0..3 => (500, Some((24, true))),
        3 => (502, Some((31, true))),
        4..10 => (404, None),
        10..20 => (303, None),
        20..23 => (200, Some((7, false))),
        _ => (200, None),
    };
    let post = mixed.is_multiple_of(5);
    ExchangeRow {
        method: if post { "POST" } else { "GET" }.into(),
        target: match mixed % 3 {
            0 => format!("/cgi-bin/{name}"),
            1 => format!(
                "/cgi-bin/{name}?page={}&q=item-{}",
                mixed % 40,
                mixed % 5_000
            ),
            _ => format!("/cgi-bin/{name}/entry/{id}"),
        },
        name: name.into(),
        kind: RowKind::Script,
        progress: if mixed.is_multiple_of(211) {
            Progress::HungUp
        } else {
            Progress::Answered
        },
        status: Some(status),
        duration: Some(Duration::from_micros(2_000 + mixed * 37 % 1_500_000)),
        stderr_lines: if status >= 500 { 6 } else { 0 },
        response_bytes: mixed % 20_000,
        codes: headline.iter().map(|(code, _)| *code).collect(),
        headline,
        rules: 1,
        origin: if mixed.is_multiple_of(97) {
            RowOrigin::Replay(ExchangeId(id / 2))
        } else {
            RowOrigin::Client
        },
        ..ExchangeRow::begun(ExchangeId(id), started)
    }
}
