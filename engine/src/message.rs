//! All that crosses the front door: commands in, events out.

use crate::clock::Timestamp;
use crate::diagnosis::Finding;
use crate::exchange::{ExchangeId, ExchangeRow};
use crate::history::store::RecordingState;
use crate::history::{Held, Index};
use crate::on_save::SaveNews;
use crate::site::ScriptEntry;
use crate::site::config::ConfigProblem;
use crate::site::script::ScriptFacts;
use crate::watch::SiteChange;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// What may be asked of a running engine.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    /// Go on serving, but record nothing (or record again).
    Pause(bool),
    /// End what runs, read the configuration again, and go on at the same address.
    Restart,
    /// End one run.
    Stop(ExchangeId),
    /// Forget every finished exchange up to a number, and the folder's news up to there.
    Clear {
        /// The newest that may be forgotten: what ended since somebody decided is kept.
        up_to: ExchangeId,
    },
    /// Look at all scripts again.
    Recheck,
}

/// What the engine tells. Small: details are fetched by number.
#[derive(Clone, Debug)]
pub enum Event {
    /// An exchange began, went on or ended; this is its row now.
    Exchange(Arc<ExchangeRow>),
    /// Something changed in the folder.
    Site(Arc<SiteNews>),
    /// The scripts and what is known of each.
    Scripts(Arc<[ScriptStatus]>),
    /// The server's state changed.
    State(ServerState),
    /// Something worth a line in the server's own log.
    Notice(Arc<Notice>),
    /// Finished exchanges and news were forgotten.
    Cleared {
        /// Up to this number.
        up_to: ExchangeId,
    },
    /// This exchange has ended and is on disk: it survives whatever happens to the studio now.
    RunRecorded(ExchangeId),
    /// Nothing can be written to disk; what ends meanwhile is kept in memory.
    RecordingPaused {
        /// Why, in words.
        reason: Arc<str>,
    },
    /// The disk takes exchanges again.
    RecordingResumed,
    /// These had to go from the disk to stay within its bounds, and are listed no longer.
    Forgotten(Arc<[ExchangeId]>),
    /// What a save set off.
    OnSave(Arc<SaveNews>),
    /// Rows of earlier sessions came: take them as they stand ([`crate::Engine::rows`]).
    RowsChanged,
    /// Somebody at this computer wants to see this exchange: a link on a page was followed.
    Show(ExchangeId),
    /// The listener was too slow and missed events: take a new snapshot.
    Missed,
}

/// Everything that a new listener needs to know, as it stands.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The server.
    pub state: ServerState,
    /// All rows.
    pub rows: Index,
    /// What changed in the folder, oldest first, bounded.
    pub site_news: Vec<Arc<SiteNews>>,
    /// The scripts and what is known of each.
    pub scripts: Arc<[ScriptStatus]>,
    /// The server's own log, oldest first, bounded.
    pub notices: Vec<Arc<Notice>>,
    /// What the history holds.
    pub held: Held,
    /// What is kept on disk.
    pub recording: RecordingStatus,
}

/// Whether runs are kept on disk just now, and how much is there.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecordingStatus {
    /// Whether they are.
    pub state: RecordingState,
    /// Bytes on disk for this site; absent where runs are kept in memory only.
    pub disk_bytes: Option<u64>,
}

/// What the user changes about an exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MarkChange {
    /// Keep it whatever the bounds say, or no longer.
    Pin(bool),
    /// Write this beside it; nothing takes the words away.
    Comment(Option<String>),
}

impl MarkChange {
    /// Makes the change.
    pub(crate) fn apply(&self, row: &mut ExchangeRow) {
        match self {
            Self::Pin(pinned) => row.pinned = *pinned,
            Self::Comment(words) => {
                row.comment = words.clone().filter(|words| !words.trim().is_empty());
            }
        }
    }
}

/// A change in the folder, and when it was seen.
#[derive(Clone, PartialEq, Debug)]
pub struct SiteNews {
    /// When it was seen.
    pub at: Timestamp,
    /// The newest exchange that began before it: the change stands after that row in the log.
    pub after: ExchangeId,
    /// The change.
    pub change: SiteChange,
}

/// A script of the site and what is known of it without running it.
#[derive(Clone, PartialEq, Debug)]
pub struct ScriptStatus {
    /// Where it is, and the URL path that leads to it.
    pub entry: ScriptEntry,
    /// Its facts on disk.
    pub facts: Arc<ScriptFacts>,
    /// What the facts say.
    pub findings: Arc<[Finding]>,
}

/// The state of the server.
#[derive(Clone, PartialEq, Debug)]
pub struct ServerState {
    /// What it does.
    pub phase: Phase,
    /// The folder that is open.
    pub folder: PathBuf,
    /// The folder's name.
    pub name: String,
    /// The address that it answers on; absent where it has no socket.
    pub address: Option<SocketAddr>,
    /// Whether changes in the folder are noticed.
    pub watching: Watching,
    /// What is wrong in `cgi-studio.toml`.
    pub problems: Arc<[ConfigProblem]>,
}

/// Whether changes in the folder are noticed, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Watching {
    /// The folder is being read for the first time.
    Starting,
    /// By the system's events.
    Events,
    /// By looking again and again, more slowly, for this reason.
    Polling(String),
    /// Not at all, for this reason.
    Off(String),
}

/// What the server does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It answers and records.
    Serving,
    /// It answers and does not record.
    Paused,
    /// The folder has vanished; it answers 404 until the folder is back.
    FolderGone,
    /// It is going down.
    Stopping,
}

/// A line of the server's own log.
#[derive(Clone, PartialEq, Debug)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// It is a failure, not mere news.
    pub failure: bool,
    /// What, in one sentence.
    pub text: String,
}
