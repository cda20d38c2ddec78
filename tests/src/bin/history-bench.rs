//! What a million rows cost: unpacking and taking them in, memory, a screen of them, filters, marks.
//!
//! `history-bench [ROWS]` prints each figure and, where there is one, the budget that it is held against. The rows are
//! of made-up requests to a dozen scripts and as many files; the code that handles them is the engine's own. Meant for
//! a release build; the window's part is measured by `cargo test --release -p cgi-studio --lib million -- --ignored
//! --nocapture`.

use std::time::{Duration, Instant};

use cgi_engine::exchange::{ExchangeId, ExchangeRow};
use cgi_engine::history::filter::{Verdict, parse};
use cgi_engine::history::{History, HistoryLimits, Index};
use cgi_tests::made_up::row;

/// Rows that a store hands over at once.
const PIECE: u64 = 10_000;
/// A screen of the list.
const SCREEN: usize = 60;

fn main() {
    let count = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let history = History::new(HistoryLimits {
        rows: usize::MAX,
        ..HistoryLimits::default()
    });
    load(&history, count);
    let rows = history.rows();
    list(&rows);
    println!("\nfilter                                    first screen     all rows      rows");
    for text in [
        "status:5xx",
        "script:form",
        "path:/cgi-bin/search",
        "script=/cgi-bin/form.py",
        "time>900ms",
        "since:10m",
        "since:14:05",
        "finding:CGI024",
        "pinned",
        "failed -static",
        "method:POST (status:404 or time>2s)",
        "method:NONESUCH",
    ] {
        filter(&rows, text, count);
    }
    change(&history, count);
}

fn load(history: &History, count: u64) {
    let packed: Vec<Vec<u8>> = (1..=count).map(|id| row(id).pack()).collect();
    let bytes: usize = packed.iter().map(Vec::len).sum();
    println!(
        "{count} rows, packed in {} bytes each",
        bytes as u64 / count.max(1)
    );
    let begun = Instant::now();
    let mut unpacking = Duration::ZERO;
    for piece in packed.rchunks(PIECE as usize) {
        let at = Instant::now();
        let rows: Vec<ExchangeRow> = piece
            .iter()
            .filter_map(|row| ExchangeRow::unpack(row).ok())
            .collect();
        unpacking += at.elapsed();
        history.load_older(rows);
    }
    let whole = begun.elapsed();
    println!("taken in, newest first, in {whole:.0?} ({unpacking:.0?} of it unpacking)");
    let held = history.held();
    let each = held.index_bytes / held.rows.max(1);
    println!("index: {} rows, {each} bytes each (budget 128)", held.rows);
}

fn list(rows: &Index) {
    let copy = Instant::now();
    let snapshot = rows.clone();
    let copied = copy.elapsed();
    let mut longest = Duration::ZERO;
    for part in 0..100 {
        let first = snapshot.len() / 100 * part;
        let begun = Instant::now();
        let screen = (first..first + SCREEN).filter_map(|place| snapshot.at(place));
        let texts: usize = screen.map(|row| row.target.len()).sum();
        assert!(texts > 0 || snapshot.is_empty());
        longest = longest.max(begun.elapsed());
    }
    println!("snapshot for a worker: {copied:.0?}; a screen of rows, at worst: {longest:.0?}");
}

/// The newest rows are looked at first, as the window does it.
fn filter(rows: &Index, text: &str, count: u64) {
    let now = row(count).started;
    let filter = parse(text).filter.fixed_at(now);
    let begun = Instant::now();
    let (mut screen, mut passed) = (None, 0_usize);
    for row in rows.iter().rev() {
        if filter.judge_row(row, now) == Verdict::Pass {
            passed += 1;
            if passed == SCREEN {
                screen = Some(begun.elapsed());
            }
        }
    }
    let whole = begun.elapsed();
    let screen = screen.unwrap_or(whole);
    println!(
        "{text:38} {:>9.1} ms {:>9.1} ms {passed:>9}",
        millis(screen),
        millis(whole)
    );
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// What a row costs that comes while a worker holds a snapshot, and a mark on an old one.
fn change(history: &History, count: u64) {
    const ROWS: u64 = 10_000;
    let begun = Instant::now();
    for id in 1..=ROWS {
        history.change_row(ExchangeId(id * count / ROWS), |row| row.pinned = true);
    }
    println!("\na mark on a row: {:.1?}", begun.elapsed() / ROWS as u32);
    let mut index = history.rows();
    let begun = Instant::now();
    for id in count + 1..=count + ROWS {
        index.put(&row(id));
        let snapshot = id.is_multiple_of(66).then(|| index.clone());
        drop(snapshot);
    }
    println!(
        "a new row, with a snapshot for every 66: {:.1?}",
        begun.elapsed() / ROWS as u32
    );
}
