//! `replay`: a recorded request sent again, without a socket.

use anyhow::Context as _;
use cgi_engine::history::HistoryLimits;
use cgi_engine::history::store::RecordingState;
use cgi_engine::process::Spawner;
use cgi_engine::{Engine, EngineOptions, Listen};

use super::archive;
use super::arguments::ReplayArguments;
use crate::cli::{Outcome, run, talk};
use crate::recording;

/// Runs it and prints what happened, as `run` does. The new run is recorded, too.
pub(crate) fn replay(spawner: Spawner, asked: &ReplayArguments) -> anyhow::Result<Outcome> {
    let rows = asked.id.rows(&archive(&asked.folder)?)?;
    let row = rows.first().context("no request is recorded")?;
    let options = EngineOptions {
        folder: asked.folder.clone(),
        listen: Listen::Nowhere,
        history: HistoryLimits::default(),
        recording: recording::of_user(),
    };
    let engine = Engine::start(spawner, &options)?;
    run::warn_of_configuration(&engine);
    let again = if asked.with_source {
        engine.replay_with_source(row.id)?
    } else {
        engine.replay_as(row.id, asked.profile)?
    };
    let again = again.context("the engine kept no record of the run")?;
    let exchange = run::ended(&engine, again)?;
    let kept = engine.recording().state == RecordingState::Disk;
    engine.shut_down();
    let number = if kept {
        format!(", as request {again}")
    } else {
        String::new()
    };
    let source = if asked.with_source {
        ", to the scripts as they were then"
    } else {
        ""
    };
    talk::say(&format!(
        "request {} was sent again{source}{number}",
        row.id
    ));
    run::report(&exchange)
}
