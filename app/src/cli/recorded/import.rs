//! `import`: requests from a file into what is recorded of a folder.

use anyhow::Context as _;
use cgi_engine::exchange::ExchangeId;
use cgi_engine::history::HistoryLimits;
use cgi_engine::history::store::RecordingState;
use cgi_engine::process::Spawner;
use cgi_engine::{Engine, EngineOptions, Listen};

use super::arguments::ImportArguments;
use crate::cli::text::count;
use crate::cli::{Outcome, talk, text};
use crate::{hand_on, recording};

/// Takes in what can be taken in, and says what cannot.
pub(crate) fn import(spawner: Spawner, asked: &ImportArguments) -> anyhow::Result<Outcome> {
    let file = &asked.file;
    let read = hand_on::read(file).with_context(|| format!("cannot import {file:?}"))?;
    for left_out in &read.left_out {
        talk::warn(&text::visible(left_out));
    }
    if read.exchanges.is_empty() {
        talk::say("nothing was imported");
        return Ok(Outcome::Findings);
    }
    let options = EngineOptions {
        folder: asked.folder.clone(),
        listen: Listen::Nowhere,
        history: HistoryLimits::default(),
        recording: recording::of_user(),
    };
    let engine = Engine::start(spawner, &options)?;
    match engine.recording().state {
        RecordingState::Disk => {}
        RecordingState::Paused(why) => anyhow::bail!("cannot import: {why}"),
        RecordingState::Memory => anyhow::bail!(
            "cannot import: requests of this folder are not recorded on disk just now; a window that has it open can import"
        ),
    }
    let ids: Vec<ExchangeId> = read
        .exchanges
        .into_iter()
        .map(|exchange| engine.import(exchange, &read.from))
        .collect();
    engine.shut_down();
    let numbers = match (ids.first(), ids.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (first, _) => first.map(ToString::to_string).unwrap_or_default(),
    };
    talk::say(&format!(
        "imported {} as {numbers}",
        count(ids.len(), "request")
    ));
    Ok(Outcome::Fine)
}
