//! From a save to its result: a script is saved as vim does it (a new file takes the place of the old one), and the
//! time is taken until its request has run again and stands recorded.
//!
//! `save-bench [SAVES]` prints the median, the worst of a hundred and the share that is not waited for: the quiet
//! period, in which the editor may still be writing. Meant for a release build.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use cgi_engine::exchange::ExchangeId;
use cgi_engine::history::HistoryLimits;
use cgi_engine::history::store::{Recording, Retention, StoreOptions};
use cgi_engine::message::Watching;
use cgi_engine::on_save::SaveNews;
use cgi_engine::process::{Spawner, serve_if_spawner};
use cgi_engine::{Engine, EngineOptions, Event, Listen};

const SAVES: usize = 100;
/// The quiet period of a site that says nothing of it.
const QUIET: Duration = Duration::from_millis(80);
/// What changes while a script runs, or as soon as it has run, may be the script's own doing: people are slower.
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(20);
const SCRIPTS: [(&str, &str); 2] = [
    (
        "hello.sh",
        "#!/bin/sh\n# VERSION\nprintf 'Content-Type: text/plain\\n\\nHello'\n",
    ),
    (
        "hello.py",
        "#!/usr/bin/env python3\n# VERSION\nprint('Content-Type: text/plain\\n\\nHello')\n",
    ),
];

fn main() -> io::Result<()> {
    serve_if_spawner();
    let saves = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(SAVES);
    let spawner = Spawner::start_self().map_err(io::Error::other)?;
    for (name, source) in SCRIPTS {
        let times = measure(&spawner, name, source, saves)?;
        tell(name, times);
    }
    Ok(())
}

fn measure(spawner: &Spawner, name: &str, source: &str, saves: usize) -> io::Result<Vec<Duration>> {
    let (site, state) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let folder = site.path().join("cgi-bin");
    fs::create_dir(&folder)?;
    save(&folder, name, source)?;
    let options = EngineOptions {
        folder: site.path().to_owned(),
        listen: Listen::Nowhere,
        history: HistoryLimits::default(),
        recording: Recording::Disk(StoreOptions {
            folder: state.path().to_owned(),
            retention: Retention::default(),
        }),
    };
    let engine = Engine::start(spawner.clone(), &options).map_err(io::Error::other)?;
    while engine.snapshot().state.watching == Watching::Starting {
        thread::sleep(Duration::from_millis(1));
    }
    let request = format!("GET /cgi-bin/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    engine.submit(request.into_bytes());
    engine.run_on_save(true);
    let events = listen(&engine)?;
    let mut times = Vec::with_capacity(saves);
    for number in 0..saves {
        thread::sleep(PAUSE);
        let text = source.replace("VERSION", &format!("version {number}"));
        save(&folder, name, &text)?;
        let saved = Instant::now();
        wait_for_result(&events)?;
        times.push(saved.elapsed());
    }
    engine.shut_down();
    Ok(times)
}

/// A new file takes the place of the old one.
fn save(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let new = folder.join(".new");
    fs::write(&new, text)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
    fs::rename(new, folder.join(name))
}

fn listen(engine: &Engine) -> io::Result<Receiver<Event>> {
    let mut listener = engine.subscribe();
    let (sender, events) = channel();
    let listen = move || {
        while let Some(event) = listener.wait() {
            if sender.send(event).is_err() {
                return;
            }
        }
    };
    let thread = thread::Builder::new().name("listener".to_owned());
    thread.spawn(listen)?;
    Ok(events)
}

/// Waits until the run that a save has set off is on disk.
fn wait_for_result(events: &Receiver<Event>) -> io::Result<()> {
    let mut begun: Option<ExchangeId> = None;
    loop {
        let event = events.recv_timeout(PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => io::Error::other("a save led to no run"),
            RecvTimeoutError::Disconnected => io::Error::other("the engine ended"),
        })?;
        match event {
            Event::OnSave(news) => {
                if let SaveNews::Began { id, .. } = &*news {
                    begun = Some(*id);
                }
            }
            Event::RunRecorded(id) if Some(id) == begun => return Ok(()),
            _ => {}
        }
    }
}

fn tell(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| {
        let last = times.len().saturating_sub(1);
        let place = (last as f64 * share).round() as usize;
        times.get(place).copied().unwrap_or_default()
    };
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let (median, worst) = (at(0.5), at(0.99));
    println!(
        "{name:10} save to recorded result: median {:6.1} ms, 99 % {:6.1} ms; of it {:5.1} ms after the quiet period of {} ms",
        millis(median),
        millis(worst),
        millis(median.saturating_sub(QUIET)),
        QUIET.as_millis(),
    );
}
