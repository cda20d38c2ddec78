//! Runs on disk: one folder a site in the user's state, which outlives the studio.
//!
//! ```text
//! <state>/cgi-studio/sites/<id>/
//!     site.toml        whose runs these are                            (site_folder)
//!     writer.lock      who writes: one process at a time               (writer_lock)
//!     runs.sqlite3     rows, packed records, bodies up to 1 MiB, marks (database)
//!     streams/         long streams while they flow
//!     blobs/ab/cdef…   bodies over 1 MiB, by the SHA-256 of what is in them (blobs)
//! ```
//!
//! - An ended exchange goes into a bounded queue (`queue`). One thread packs it, writes whatever has gathered in one
//!   transaction (`writer`), and says so only after the commit: what was announced survives a kill at any moment.
//!   The commit does not wait for the disk (`synchronous = NORMAL`), so a computer that loses its power may forget
//!   the last moments, and its database is sound all the same. A full queue slows intake instead of losing runs.
//! - When nothing comes the same thread tidies up (`upkeep`): retention, bodies that no run uses any more, compression,
//!   and the index of captured text (`text_index`).
//! - [`Archive`] reads, in this process or in any other, while somebody writes.
//! - A database that is damaged, or of a newer version, is renamed aside and never deleted. A disk that cannot be
//!   written pauses recording until it can.

mod archive;
mod blobs;
mod database;
mod disk;
mod handle;
mod packed;
mod queue;
mod retention;
mod site_folder;
mod text_index;
mod totals;
mod upkeep;
mod writer;
mod writer_lock;

pub use archive::{Archive, Candidates, Rows};
pub(crate) use handle::{Store, StoreNews};

use crate::exchange::ExchangeId;
use crate::site::HistoryConfig;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the runs of a site are kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Recording {
    /// In memory only: they are gone when the engine is.
    #[default]
    Memory,
    /// On disk too.
    Disk(StoreOptions),
}

/// Where on disk, and how much of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreOptions {
    /// The user's folder for state, as `~/.local/state` (XDG Base Directory Specification); `cgi-studio/sites` is made in it.
    pub folder: PathBuf,
    /// What is kept before the oldest goes.
    pub retention: Retention,
}

/// What is kept before the oldest goes. Pinned runs stay, and do not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// How many runs.
    pub runs: u64,
    /// How old they may become; absent is for ever.
    pub age: Option<Duration>,
    /// Bytes on disk: beyond that bodies and then details of the oldest go, and their rows stay.
    pub bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            runs: 1_000_000,
            age: None,
            bytes: 2 << 30,
        }
    }
}

impl Retention {
    /// What the site says, and these bounds where it says nothing.
    #[must_use]
    pub fn as_site_says(self, site: &HistoryConfig) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let bound = |bound: u64| if bound == 0 { u64::MAX } else { bound };
        let days = |days: u64| Some(DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX)));
        Self {
            runs: site.runs.map_or(self.runs, bound),
            age: site
                .days
                .map_or(self.age, |count| days(count).filter(|age| !age.is_zero())),
            bytes: site.disk_bytes.map_or(self.bytes, bound),
        }
    }
}

/// The folder in the user's state that belongs to the site at `root`, made if there is none; it stays the site's when
/// the site moves. What is kept there under names that the head of this module does not list is left alone.
///
/// `state` is the user's folder for state, as in [`StoreOptions::folder`].
///
/// # Errors
/// It cannot be read or made.
pub fn site_folder(state: &Path, root: &Path) -> Result<PathBuf, StoreError> {
    site_folder::claim(state, root)
}

/// Whether runs are kept on disk just now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum RecordingState {
    /// They are to be kept in memory only.
    #[default]
    Memory,
    /// They are written to disk.
    Disk,
    /// They are kept in memory until the disk can be written again; why it cannot, in words.
    Paused(String),
}

/// Why recorded runs cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refuses a file or folder.
    #[error("cannot {doing}: {source}: {path:?}")]
    Folder {
        /// What was tried.
        doing: &'static str,
        /// The system's reason.
        source: std::io::Error,
        /// The file or folder.
        path: PathBuf,
    },
    /// The database cannot be used just now: a full disk, a file that may not be written, somebody else's lock.
    #[error("cannot use the database of recorded requests: {source}: {path:?}")]
    Database {
        /// SQLite's reason.
        source: rusqlite::Error,
        /// The database.
        path: PathBuf,
    },
    /// The file is no sound database of recorded requests.
    #[error("the database of recorded requests is damaged: {reason}: {path:?}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
        /// The database.
        path: PathBuf,
    },
    /// One row or record is not what was written; the others are.
    #[error("request {id} cannot be read: {reason}: {path:?}")]
    Unreadable {
        /// The run.
        id: ExchangeId,
        /// What is wrong with it.
        reason: String,
        /// The database.
        path: PathBuf,
    },
    /// Another process records the runs of this site.
    #[error(
        "another CGI Studio{process} records the requests of this site; those of this one are kept in memory: {path:?}"
    )]
    Taken {
        /// Its number in words, where it is known.
        process: String,
        /// The folder of the recordings.
        path: PathBuf,
    },
    /// A newer version of the studio has written it.
    #[error(
        "the database of recorded requests is of version {version}, newer than this program: {path:?}"
    )]
    Newer {
        /// Its version.
        version: i64,
        /// The database.
        path: PathBuf,
    },
}

impl StoreError {
    /// The database itself cannot be used, now or ever.
    fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Newer { .. })
    }
}

#[cfg(test)]
mod tests;
