//! What a long history on disk costs: recording it, listing it at the start, finding in it, looking at one run.
//!
//! `archive-bench [RUNS [SECONDS]]` records so many runs (a million unless told otherwise), copies of a real one with
//! a target and a header field of their own, closes the site, and opens it again; it waits so many seconds (600) for
//! the index of texts. Meant for a release build; a million runs take some gigabytes among the temporary files.

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use cgi_engine::Engine;
use cgi_engine::Listen;
use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{Exchange, ExchangeId, RequestRecord};
use cgi_engine::history::filter::{Verdict, parse};
use cgi_engine::history::store::{Archive, Candidates, Recording, Retention, StoreOptions};
use cgi_engine::history::{Found, HistoryLimits};
use cgi_engine::process::serve_if_spawner;
use cgi_tests::{TempSite, TestEngine, query};

fn main() -> io::Result<()> {
    serve_if_spawner();
    let mut arguments = std::env::args().skip(1);
    let mut number = |usual: u64| {
        let given = arguments.next().and_then(|text| text.parse().ok());
        given.unwrap_or(usual)
    };
    let runs = number(1_000_000);
    let patience = Duration::from_secs(number(600));
    let own = std::env::current_exe()?;
    let state = tempfile::tempdir()?;
    let site = record(&own, state.path(), runs);
    println!("on disk: {}", megabytes(size_of(state.path())?));
    let root = site.root();
    let (begun, opened) = (Instant::now(), open(&own, site, state.path()));
    let engine = &opened.engine;
    wait_for_rows(engine, 1);
    println!("first rows listed after {:.0?}", begun.elapsed());
    wait_for_rows(engine, runs);
    println!("all rows listed after {:.2?}", begun.elapsed());
    let held = engine.held().index_bytes as u64;
    println!("memory for the rows: {}", megabytes(held));
    look(engine, runs);
    let archive = Archive::open(state.path(), &root).map_err(io::Error::other)?;
    let archive = archive.ok_or_else(|| io::Error::other("nothing was recorded"))?;
    search(engine, &archive, runs, patience)
}

fn open(own: &Path, site: TempSite, state: &Path) -> TestEngine {
    let kept = Retention {
        runs: u64::MAX,
        age: None,
        bytes: u64::MAX,
    };
    let recording = Recording::Disk(StoreOptions {
        folder: state.to_owned(),
        retention: kept,
    });
    TestEngine::recording(
        own,
        site,
        Listen::Nowhere,
        HistoryLimits::default(),
        recording,
    )
}

/// Records copies of one run as fast as the disk takes them.
fn record(own: &Path, state: &Path, runs: u64) -> TempSite {
    let opened = open(own, TempSite::new(own), state);
    let target = format!("/cgi-bin/child?{}", query(&["text"]));
    opened.engine.submit(head(&target, 0).into_bytes());
    let template = opened.ended(1);
    let begun = Instant::now();
    for run in 1..runs {
        let exchange = Exchange {
            request: RequestRecord {
                raw_head: head(&format!("/cgi-bin/child/{run}"), run).into(),
                ..template.request.clone()
            },
            ..(*template).clone()
        };
        opened.engine.import(exchange, "archive-bench");
    }
    let TestEngine { engine, site } = opened;
    engine.shut_down();
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "recorded {runs} runs in {seconds:.1} s, {:.0}/s",
        runs as f64 / seconds
    );
    site
}

fn head(target: &str, run: u64) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-Run: {}\r\n\r\n",
        word_of(run)
    )
}

/// Stands in the record of this run only, and in no row.
fn word_of(run: u64) -> String {
    format!("{:016x}", run.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn wait_for_rows(engine: &Engine, rows: u64) {
    while (engine.rows().len() as u64) < rows {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Reads records here and there.
fn look(engine: &Engine, runs: u64) {
    const LOOKS: u64 = 500;
    let begun = Instant::now();
    for look in 0..LOOKS {
        let id = ExchangeId(1 + look.wrapping_mul(0x9e37_79b9_7f4a_7c15) % runs);
        assert!(matches!(engine.find(id), Found::Exchange(_)), "{id}");
    }
    println!("one run read: {:.0?}", begun.elapsed() / LOOKS as u32);
}

/// Finds what one record in the middle holds, as a filter does.
fn search(engine: &Engine, archive: &Archive, runs: u64, patience: Duration) -> io::Result<()> {
    let word = word_of(runs / 2);
    let begun = Instant::now();
    let candidates = || match archive.search(&word) {
        Ok(Candidates::These(found)) => Ok(found.len()),
        Ok(Candidates::All) => Ok(usize::MAX),
        Err(error) => Err(io::Error::other(error)),
    };
    while candidates()? > 1 && begun.elapsed() < patience {
        thread::sleep(Duration::from_secs(2));
    }
    match candidates()? {
        0 | 1 => println!("index of texts complete after {:.0?}", begun.elapsed()),
        left => println!(
            "index of texts: {left} runs to go after {:.0?}",
            begun.elapsed()
        ),
    }
    let filter = parse(&format!("header.X-Run:{word}")).filter;
    let (now, begun) = (Timestamp::now(), Instant::now());
    let narrowing = archive.narrow(&filter).map_err(io::Error::other)?;
    let asked = begun.elapsed();
    let (rows, mut read, mut found) = (engine.rows(), 0, 0);
    for row in rows.iter().rev() {
        if filter.judge_narrowed(row, &narrowing, now) == Verdict::Unknown {
            read += 1;
            if let Found::Exchange(exchange) = engine.find(row.id) {
                found += u64::from(filter.matches(row, &exchange, now));
            }
        }
    }
    println!(
        "a text that one record holds: index asked in {asked:.1?}, {read} records read, {found} found, {:.0?} in all",
        begun.elapsed()
    );
    Ok(())
}

fn size_of(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let (entry, facts) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        bytes += if facts.is_dir() {
            size_of(&entry)?
        } else {
            facts.len()
        };
    }
    Ok(bytes)
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
