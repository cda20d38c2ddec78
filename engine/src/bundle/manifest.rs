//! The manifest: what a bundle is, readable by people and by other programs.

use crate::exchange::Exchange;
use serde::{Deserialize, Serialize};

/// What `format` says in every bundle.
pub(super) const FORMAT: &str = "cgi-studio-bundle";

/// The whole of `manifest.json`. What a later writer adds is passed over.
#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: String,
    /// The version of the layout.
    pub(super) version: u32,
    /// The version of the studio that wrote it.
    #[serde(default)]
    pub(super) studio: String,
    pub(super) runs: Vec<Run>,
}

/// One run.
#[derive(Serialize, Deserialize)]
pub(super) struct Run {
    /// Its number where it was recorded.
    pub(super) id: u64,
    /// The entry with its record.
    pub(super) record: String,
    /// SHA-256 of that entry.
    pub(super) sha256: String,
    pub(super) method: String,
    /// The request target; bytes that are no text are replaced.
    pub(super) target: String,
    /// The status that was answered, if one was.
    pub(super) status: Option<u16>,
}

impl Run {
    pub(super) fn of(exchange: &Exchange, record: String, sha256: String) -> Self {
        Self {
            id: exchange.id.0,
            record,
            sha256,
            method: exchange.request.method(),
            target: exchange.request.target(),
            status: exchange.response.as_ref().map(|response| response.status),
        }
    }

    /// What the run has that it was not announced with.
    pub(super) fn difference(&self, exchange: &Exchange) -> Option<&'static str> {
        let really = Self::of(exchange, String::new(), String::new());
        let same = [
            ("number", self.id == really.id),
            ("method", self.method == really.method),
            ("target", self.target == really.target),
            ("status", self.status == really.status),
        ];
        same.into_iter()
            .find_map(|(what, same)| (!same).then_some(what))
    }
}
