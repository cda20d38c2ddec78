//! The system's file events, as hints for the watcher's thread.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex};

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, Watcher as _};

/// A word to the watcher's thread.
pub(super) enum Signal {
    /// Something happened at these paths.
    Touched(Vec<PathBuf>),
    /// Events were lost, so anything may have happened.
    Lost,
    /// Events do not work any more, for this reason.
    Failed(String),
    /// Look at the shared state.
    Wake,
}

/// What the watcher and its thread both see.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) stopped: AtomicBool,
    /// Whether a signal found the queue full.
    pub(super) lost: AtomicBool,
    pub(super) polling_because: Mutex<Option<String>>,
}

impl Shared {
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }
}

/// The system's events, turned into hints. Its thread never waits for ours.
pub(super) fn events(
    signals: SyncSender<Signal>,
    shared: Arc<Shared>,
) -> notify::Result<RecommendedWatcher> {
    let handler = move |event: notify::Result<notify::Event>| {
        let signal = match event {
            Ok(event) if event.need_rescan() => Signal::Lost,
            Ok(event) if is_reading(&event.kind) => return,
            Ok(event) => Signal::Touched(event.paths),
            Err(error) if is_gone(&error) => return,
            Err(error) => Signal::Failed(in_words(&error)),
        };
        if let Err(TrySendError::Full(_)) = signals.try_send(signal) {
            shared.lost.store(true, Ordering::Release);
        }
    };
    RecommendedWatcher::new(
        handler,
        notify::Config::default().with_follow_symlinks(false),
    )
}

/// Reading happens all the time, not least by us.
fn is_reading(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Access(access) if *access != AccessKind::Close(AccessMode::Write))
}

pub(super) fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound | notify::ErrorKind::WatchNotFound => true,
        notify::ErrorKind::Io(error) => {
            matches!(
                error.kind(),
                std::io::ErrorKind::NotFound
                    | std::io::ErrorKind::NotADirectory
                    | std::io::ErrorKind::PermissionDenied
            )
        }
        _ => false,
    }
}

pub(super) fn in_words(error: &notify::Error) -> String {
    let no_more_instances =
        matches!(&error.kind, notify::ErrorKind::Io(error) if error.raw_os_error() == Some(24));
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => "the system watches no more folders for this user; \
             raise fs.inotify.max_user_watches with sysctl"
            .to_owned(),
        _ if no_more_instances => "the system starts no more watchers for this user; \
             close a program, or raise fs.inotify.max_user_instances with sysctl"
            .to_owned(),
        _ => format!("the system's file events do not work: {error}"),
    }
}
