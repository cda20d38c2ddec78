//! Changes in the site's folder, one for each save.
//!
//! The system says only that something was written, often several times for one save, or nothing
//! at all when its limits are reached. So its events are hints: after a quiet moment the paths are
//! looked at again and compared with what was there, and only a difference is a change. A file
//! that is gone or empty gets a second quiet moment, since many editors save in two steps.
//!
//! Symbolic links to files are compared by what they lead to, but a write to a target outside the
//! folder is noticed only when something in the folder changes, too. Links to folders are not
//! entered. Files beyond 4 MiB are compared by size and date.

mod content;
mod events;
mod ignore;
mod run;
mod tree;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::site::{Site, SiteError};
use events::{Shared, Signal};
use ignore::Ignore;
use run::Run;
use tree::Tree;

/// One change in a site's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteChange {
    /// What changed, relative to the site's folder; empty for the folder itself.
    pub path: PathBuf,
    /// How it changed.
    pub kind: ChangeKind,
    /// Whether it looks like a script: see [`Site::is_script`].
    pub is_script: bool,
    /// SHA-256 of the new content; `None` when it is gone, too large or not readable.
    pub hash: Option<[u8; 32]>,
}

/// How something in a site's folder changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// A file that was not there.
    Created,
    /// Another content. Lines are counted in texts of moderate size only.
    Modified {
        /// Lines that are new.
        added_lines: Option<u32>,
        /// Lines that are gone.
        removed_lines: Option<u32>,
    },
    /// The same content under other permission bits.
    ModeChanged,
    /// A file that is no longer there.
    Removed,
    /// The site's folder itself is gone, moved or replaced.
    FolderGone,
    /// The site's folder is back; how its files differ from before follows as changes.
    FolderBack,
    /// `cgi-studio.toml` was created, modified or removed.
    ConfigChanged,
}

/// Why a folder cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The folder cannot be opened as a site.
    #[error("cannot watch the site: {source}")]
    Site {
        /// Why.
        #[from]
        source: SiteError,
    },
    /// No thread could be started.
    #[error("cannot start the thread that watches the site: {source}")]
    Thread {
        /// What the system said.
        source: std::io::Error,
    },
}

/// Watches a site's folder until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    shared: Arc<Shared>,
    signals: SyncSender<Signal>,
    thread: Option<JoinHandle<()>>,
}

/// Events waiting to be taken; when they are more, the whole folder is compared instead.
const MOST_SIGNALS: usize = 1024;

impl Watcher {
    /// Watches `root` and all below it. `quiet` is how long nothing may happen before a save
    /// counts as finished; `ignore` are patterns as in `[watch] ignore`.
    ///
    /// Returns when the folder has been read once, so that whatever happens afterwards is a
    /// change; for a large folder this takes a moment. `sink` is called on the watcher's own
    /// thread, once for each change, and must not block; dropping the watcher waits for it.
    pub fn start(
        root: &Path,
        quiet: Duration,
        ignore: &[String],
        sink: impl Fn(SiteChange) + Send + 'static,
    ) -> Result<Self, WatchError> {
        Self::start_with(root, quiet, ignore, Box::new(sink), true)
    }

    /// With `events` false the system is never asked for events, as if its limits were reached.
    fn start_with(
        root: &Path,
        quiet: Duration,
        ignore: &[String],
        sink: Box<dyn Fn(SiteChange) + Send>,
        events: bool,
    ) -> Result<Self, WatchError> {
        let tree = Tree::new(Site::open(root)?, Ignore::new(ignore));
        let (signals, taken) = sync_channel(MOST_SIGNALS);
        let shared = Arc::new(Shared::default());
        let run = Run::new(tree, quiet, sink, taken, Arc::clone(&shared));
        let run = run.prepared(events.then_some(&signals));
        let thread = std::thread::Builder::new()
            .name("site-watch".to_owned())
            .spawn(move || run.run())
            .map_err(|source| WatchError::Thread { source })?;
        Ok(Self {
            shared,
            signals,
            thread: Some(thread),
        })
    }

    /// Why the folder is compared once a second instead of being watched through the system's
    /// events, in words; `None` while events work.
    pub fn polling_because(&self) -> Option<String> {
        self.shared
            .polling_because
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.stop();
        // A full queue wakes the thread as well.
        let _ = self.signals.try_send(Signal::Wake);
        let own_thread = std::thread::current().id();
        if let Some(thread) = self
            .thread
            .take()
            .filter(|thread| thread.thread().id() != own_thread)
        {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
#[path = "watch/tests.rs"]
mod tests;
