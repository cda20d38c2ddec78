//! What a save sets off: which scripts it concerns, which request each of them is run with, and when a change is no
//! save at all, because a script wrote the file itself.
//!
//! Everything here is a function of what it is given; the engine's server watches, asks the clock and runs.

mod affected;
mod guard;
mod pins;
mod requests;

pub use affected::{Candidate, affected, is_asset, is_source};
pub use guard::{Change, Guard, Judgement};
pub use pins::{Pin, Pins, PinsError};
pub use requests::LastRequests;

use crate::exchange::ExchangeId;
use std::path::PathBuf;

/// What a save set off, as listeners are told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SaveNews {
    /// Somebody saved these files; what scripts wrote themselves is not among them.
    Saved {
        /// Paths from the site's folder on.
        paths: Vec<PathBuf>,
        /// The scripts that they concern, whether or not there is a request to run them with.
        scripts: Vec<PathBuf>,
    },
    /// The request of a script is being run again.
    Began {
        /// The script.
        script: PathBuf,
        /// The request that is sent again.
        request: ExchangeId,
        /// The run that has begun.
        id: ExchangeId,
    },
    /// A script was saved, and its request could not be run.
    NotRun {
        /// The script.
        script: PathBuf,
        /// Why not, in words.
        why: String,
    },
    /// A file changes with run after run, so its changes run nothing. Told once a file.
    Ignored {
        /// Its path from the site's folder on.
        path: PathBuf,
    },
    /// Another request is the one that runs when its script is saved, or running on save was switched.
    Chosen,
}

/// The request that runs when a script is saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The request.
    pub request: ExchangeId,
    /// The user chose it; otherwise it is the script's last one.
    pub pinned: bool,
    /// It runs by itself: a last request does so only where its method is safe (RFC 9110 §9.2.1).
    pub runs: bool,
}
