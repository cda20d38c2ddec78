//! `serve`: a folder without a window, with a live log until Ctrl-C.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cgi_engine::history::HistoryLimits;
use cgi_engine::message::ServerState;
use cgi_engine::process::Spawner;
use cgi_engine::site::SiteConfig;
use cgi_engine::{Engine, EngineOptions};

use super::arguments::ServeArguments;
use super::ink::Ink;
use super::live_log::{self, SharedEngine, WAITING_ENTRIES};
use super::preflight::Preflight;
use super::{Outcome, signals, talk, text};
use crate::{address, recording};

/// How long the log may go on printing after the last run has ended.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Serves a folder until somebody ends it.
pub(crate) fn serve(spawner: Spawner, asked: &ServeArguments) -> anyhow::Result<Outcome> {
    let engine = start(spawner, &asked.folder, asked.listen)?;
    if let Some(profile) = asked.profile {
        engine.run_as(Some(profile));
        talk::say(&format!(
            "scripts run as {} would run them",
            profile.label()
        ));
    }
    engine.reload_pages(asked.reload);
    headless(engine)
}

/// Starts an engine for a folder, at the address that was asked for or the one that the site or the program chooses.
pub(crate) fn start(
    spawner: Spawner,
    folder: &Path,
    asked: Option<SocketAddr>,
) -> anyhow::Result<Engine> {
    let configured = SiteConfig::read(folder).0.server.listen;
    let options = EngineOptions {
        folder: folder.to_owned(),
        listen: address::choose(asked, configured),
        history: HistoryLimits::default(),
        recording: recording::of_user(),
    };
    let engine = Engine::start(spawner, &options)?;
    let exposure = engine.snapshot().state.address.and_then(address::exposure);
    if let Some(exposure) = exposure {
        talk::warn(&exposure);
    }
    Ok(engine)
}

/// Why serving ends.
enum Ended {
    /// Ctrl-C or SIGTERM.
    Signal,
    /// The log cannot go on, or has no more to print.
    Log(io::Result<()>),
}

/// Serves with a live log until Ctrl-C, SIGTERM, or a reader of the log that has seen enough.
pub(crate) fn headless(engine: Engine) -> anyhow::Result<Outcome> {
    let (ended, reasons) = mpsc::channel();
    let signalled = ended.clone();
    signals::watch(move || drop(signalled.send(Ended::Signal)))?;
    let engine = Arc::new(Mutex::new(Some(engine)));
    start_log(&engine, ended)?;
    let mut log_ended = None;
    match reasons.recv() {
        Ok(Ended::Log(result)) => log_ended = Some(result),
        Ok(Ended::Signal) | Err(_) => talk::say("stopping; once more ends at once"),
    }
    let taken = engine.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(engine) = taken {
        engine.shut_down();
    }
    log_ended.unwrap_or_else(|| last_lines(&reasons))?;
    Ok(Outcome::Fine)
}

/// With the engine gone the log ends by itself, unless its reader stands still.
fn last_lines(reasons: &Receiver<Ended>) -> io::Result<()> {
    match reasons.recv_timeout(LAST_LINES) {
        Ok(Ended::Log(result)) => result,
        Ok(Ended::Signal) | Err(_) => Ok(()),
    }
}

fn start_log(engine: &SharedEngine, ended: Sender<Ended>) -> io::Result<()> {
    let (events, snapshot) = {
        let engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(engine) = engine.as_ref() else {
            return Ok(());
        };
        (engine.subscribe(), engine.snapshot())
    };
    let mut preflight = Preflight::default();
    announce(&snapshot.state, "Ctrl-C stops");
    preflight
        .news(&snapshot.scripts)
        .iter()
        .for_each(|line| talk::say(line));
    let (to, entries) = mpsc::sync_channel(WAITING_ENTRIES);
    let engine = Arc::clone(engine);
    let gather = move || live_log::gather(events, &engine, &snapshot, preflight, &to);
    let print = move || {
        let result = live_log::print(&entries, &mut io::stdout(), Ink::of_stdout());
        drop(ended.send(Ended::Log(result)));
    };
    std::thread::Builder::new()
        .name("log events".to_owned())
        .spawn(gather)?;
    std::thread::Builder::new()
        .name("log lines".to_owned())
        .spawn(print)?;
    Ok(())
}

/// Says what is served and where, what ends it, and what is wrong with the configuration.
pub(crate) fn announce(state: &ServerState, end: &str) {
    let folder = text::visible(&state.folder.to_string_lossy());
    let place = state
        .address
        .map_or_else(|| "no address".to_owned(), address::url);
    talk::say(&format!("serving {folder} at {place} – {end}"));
    for problem in state.problems.iter() {
        talk::warn(&text::visible(&problem.to_string()));
    }
}
