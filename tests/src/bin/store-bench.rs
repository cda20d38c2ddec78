//! What keeping runs on disk costs: requests for a hello in C, eight connections, in memory and on disk in turn.
//!
//! `store-bench [ROUNDS] [SECONDS]` prints requests a second for both and their ratio, round by round, as only what ran
//! in the same moment can be compared; then how long it takes until all of it is on disk, and what the disk holds.
//! Meant for a release build; needs `cc`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use cgi_engine::Listen;
use cgi_engine::history::HistoryLimits;
use cgi_engine::history::store::{Recording, Retention, StoreOptions};
use cgi_engine::process::serve_if_spawner;
use cgi_tests::{TempSite, TestEngine};

const CONNECTIONS: usize = 8;
const HELLO: &str = r#"#include <stdio.h>
int main(void) { fputs("Content-Type: text/plain\r\n\r\nHello, world\n", stdout); return 0; }
"#;
const REQUEST: &str = "GET /cgi-bin/hello.cgi HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn main() -> io::Result<()> {
    serve_if_spawner();
    let mut arguments = std::env::args().skip(1);
    let mut number = |usual: f64| {
        arguments
            .next()
            .and_then(|text| text.parse().ok())
            .unwrap_or(usual)
    };
    let rounds = number(5.0) as u32;
    let time = Duration::from_secs_f64(number(4.0));
    let state = tempfile::tempdir()?;
    let disk = Recording::Disk(StoreOptions {
        folder: state.path().to_owned(),
        retention: Retention::default(),
    });
    let own = std::env::current_exe()?;
    let (memory, disk) = (engine(&own, Recording::Memory)?, engine(&own, disk)?);
    let mut ratios = Vec::new();
    for round in 0..rounds {
        // In turn, so that what else the machine does meets both.
        let (in_memory, on_disk) = if round % 2 == 0 {
            let in_memory = load(&memory, time);
            (in_memory, load(&disk, time))
        } else {
            let on_disk = load(&disk, time);
            (load(&memory, time), on_disk)
        };
        println!(
            "memory {in_memory:7.0}/s   disk {on_disk:7.0}/s   {:.3}",
            on_disk / in_memory
        );
        ratios.push(on_disk / in_memory);
    }
    ratios.sort_by(f64::total_cmp);
    if let Some(median) = ratios.get(ratios.len() / 2) {
        println!("median {median:.3}");
    }
    let begun = Instant::now();
    let TestEngine { engine, site } = disk;
    let held = engine.held().rows;
    engine.shut_down();
    drop(site);
    println!(
        "{held} runs, the last on disk after {:.0} ms",
        begun.elapsed().as_secs_f64() * 1e3
    );
    Ok(())
}

fn engine(own: &Path, recording: Recording) -> io::Result<TestEngine> {
    let site = TempSite::new(own);
    compile(&site.path("cgi-bin/hello.cgi"))?;
    let anywhere = Listen::Exactly(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let limits = HistoryLimits::default();
    Ok(TestEngine::recording(
        own, site, anywhere, limits, recording,
    ))
}

#[allow(clippy::disallowed_methods)] // The compiler.
fn compile(program: &Path) -> io::Result<()> {
    let source = program.with_extension("c");
    fs::write(&source, HELLO)?;
    let mut compiler = Command::new("cc");
    compiler
        .args(["-O2", "-static", "-o"])
        .arg(program)
        .arg(&source);
    match compiler.status()?.success() {
        true => Ok(()),
        false => Err(io::Error::other("cc failed")),
    }
}

/// Requests a second.
fn load(engine: &TestEngine, time: Duration) -> f64 {
    let answered = AtomicU64::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut client = engine.connect();
                while begun.elapsed() < time {
                    client.send(REQUEST);
                    client.answer();
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    answered.into_inner() as f64 / begun.elapsed().as_secs_f64()
}
