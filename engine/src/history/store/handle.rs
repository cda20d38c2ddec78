//! The store as the engine sees it: takes ended exchanges and never waits, finds old ones, tells what became of both.

use super::archive::Archive;
use super::queue::{Queue, Run, Task};
use super::writer::Writer;
use super::{RecordingState, Retention, StoreError, StoreOptions};
use crate::exchange::{Exchange, ExchangeId, ExchangeRow, SpillFolder};
use crate::history::Found;
use crate::site::HistoryConfig;
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

/// Exchanges read from the disk that are kept for the next question.
const LATELY_READ: usize = 16;
/// Larger ones are not: they stay with whoever asked.
const LATELY_READ_BYTES: usize = 4 << 20;

/// What the store tells, from its own thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum StoreNews {
    /// A database is open; numbers up to this one are taken.
    Opened { last: ExchangeId },
    /// These runs are on disk.
    Recorded(Vec<ExchangeId>),
    /// These are in memory only, for now at least.
    MemoryOnly(Vec<ExchangeId>),
    /// These are no longer on disk: there was too much.
    Forgotten(Vec<ExchangeId>),
    /// Nothing can be written, for this reason.
    Paused(String),
    /// It can be again.
    Resumed,
    /// Something went wrong that the user should know of.
    Notice(String),
}

/// What the writer and those who ask share.
#[derive(Debug)]
pub(super) struct Shared {
    archive: Mutex<Option<Arc<Archive>>>,
    state: Mutex<RecordingState>,
    retention: Mutex<Retention>,
    bytes: AtomicU64,
    /// Runs up to here were cleared, though the disk may still hold them.
    cleared: AtomicU64,
    /// Runs up to here were on disk when the store was opened.
    last_before: AtomicU64,
    read: Mutex<VecDeque<Arc<Exchange>>>,
    streams: Mutex<Option<Arc<SpillFolder>>>,
    /// The site's own folder, once it was claimed.
    folder: Mutex<Option<PathBuf>>,
}

impl Shared {
    fn new(retention: Retention) -> Self {
        Self {
            archive: Mutex::default(),
            state: Mutex::new(RecordingState::Disk),
            retention: Mutex::new(retention),
            bytes: AtomicU64::new(0),
            cleared: AtomicU64::new(0),
            last_before: AtomicU64::new(0),
            read: Mutex::default(),
            streams: Mutex::default(),
            folder: Mutex::default(),
        }
    }

    pub(super) fn retention(&self) -> Retention {
        *locked(&self.retention)
    }

    pub(super) fn note_bytes(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// True when it was another state before.
    pub(super) fn set_state(&self, state: RecordingState) -> bool {
        let mut now = locked(&self.state);
        let changed = *now != state;
        *now = state;
        changed
    }

    /// The run was read from this database.
    pub(super) fn knows(&self, run: ExchangeId) -> bool {
        run.0 <= self.last_before.load(Ordering::Relaxed)
    }

    /// Readers find what is in this folder from now on.
    pub(super) fn show(&self, folder: &Path) {
        match Archive::in_folder(folder) {
            Ok(archive) => *locked(&self.archive) = archive.map(Arc::new),
            Err(error) => tracing::warn!("{error}"),
        }
    }

    /// Long streams are written into the site's folder from now on. What a kill left there is nobody's.
    pub(super) fn set_streams(&self, folder: &Path) {
        *locked(&self.folder) = Some(folder.to_owned());
        let folder = folder.join("streams");
        let made = fs::create_dir_all(&folder);
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // A stream of ours is being written there when a database was begun anew.
            if path.extension().is_some_and(|end| end == "part") && locked(&self.streams).is_none()
            {
                let _ = fs::remove_file(path);
            }
        }
        if made.is_ok() {
            locked(&self.streams).get_or_insert_with(|| SpillFolder::within(folder));
        }
    }

    /// Readers find nothing.
    pub(super) fn hide(&self) {
        *locked(&self.archive) = None;
        locked(&self.read).clear();
    }
}

/// The store of an open site.
pub(crate) struct Store {
    queue: Arc<Queue>,
    shared: Arc<Shared>,
    /// What is kept where the site says nothing.
    retention: Retention,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store of a site, and begins to write. It never fails: what is wrong is told, tried again, and until
    /// then the store takes nothing. `news` is called by the store's thread (and once by this one) and must not wait.
    pub(crate) fn open(
        options: &StoreOptions,
        root: &Path,
        news: impl Fn(StoreNews) + Send + 'static,
    ) -> Self {
        let queue = Arc::new(Queue::default());
        let shared = Arc::new(Shared::new(options.retention));
        let mut writer = Writer::new(
            Arc::clone(&queue),
            Arc::clone(&shared),
            options.clone(),
            root,
            Box::new(news),
        );
        writer.begin();
        let archive = locked(&shared.archive).clone();
        let last = archive.and_then(|archive| archive.last_id().ok());
        shared
            .last_before
            .store(last.unwrap_or_default().0, Ordering::Relaxed);
        let thread = std::thread::Builder::new()
            .name("engine-store".to_owned())
            .spawn(move || writer.run())
            .inspect_err(|error| {
                tracing::error!("cannot start the thread that records: {error}");
                queue.close();
            })
            .ok();
        Self {
            queue,
            shared,
            retention: options.retention,
            thread: Mutex::new(thread),
        }
    }

    /// Where streams are to be written that are too long for memory; none while the disk takes nothing.
    pub(crate) fn streams(&self) -> Option<Arc<SpillFolder>> {
        locked(&self.shared.streams).clone()
    }

    /// The site's own folder, for what else is kept of it; none while the disk takes nothing.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        locked(&self.shared.folder).clone()
    }

    /// The largest number on disk.
    pub(crate) fn last_id(&self) -> ExchangeId {
        ExchangeId(self.shared.last_before.load(Ordering::Relaxed))
    }

    /// Takes an ended exchange; false when the store takes nothing any more.
    pub(crate) fn record(&self, exchange: Arc<Exchange>, row: Arc<ExchangeRow>) -> bool {
        let bytes = exchange.held_bytes();
        self.queue.push(Task::Record(Run {
            exchange,
            row,
            bytes,
        }))
    }

    /// Whether another exchange may begin; if not, the waker is woken when it may.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.queue.poll_room(cx)
    }

    /// Keeps what the user marked a run with.
    pub(crate) fn mark(&self, run: ExchangeId, pinned: bool, comment: Option<String>) {
        self.queue.push(Task::Mark {
            run,
            pinned,
            comment,
        });
    }

    /// Forgets every run up to this number that is not pinned.
    pub(crate) fn clear(&self, up_to: ExchangeId) {
        self.shared.cleared.fetch_max(up_to.0, Ordering::Relaxed);
        locked(&self.shared.read).clear();
        self.queue.push(Task::Clear { up_to });
    }

    /// Keeps the bounds that the site wants from now on.
    pub(crate) fn retain(&self, site: &HistoryConfig) {
        *locked(&self.shared.retention) = self.retention.as_site_says(site);
    }

    /// Bytes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    /// Whether runs are being written.
    pub(crate) fn state(&self) -> RecordingState {
        locked(&self.shared.state).clone()
    }

    /// The recorded runs, to be read; none while there are none. Not for the window's thread.
    pub(crate) fn archive(&self) -> Option<Arc<Archive>> {
        locked(&self.shared.archive).clone()
    }

    /// One recorded run. Reads the disk.
    pub(crate) fn get(&self, id: ExchangeId) -> Found {
        if let Some(exchange) = self.lately_read(id) {
            return Found::Exchange(exchange);
        }
        let Some(archive) = self.archive() else {
            return Found::Unknown;
        };
        let row = || archive.row(id).ok().flatten();
        if self.is_cleared(id) && !row().is_some_and(|row| row.pinned) {
            return Found::Unknown;
        }
        match archive.exchange(id) {
            Ok(Some(exchange)) => {
                let exchange = Arc::new(exchange);
                self.note_read(&exchange);
                Found::Exchange(exchange)
            }
            Ok(None) if row().is_some() => Found::Evicted,
            Ok(None) => Found::Unknown,
            Err(error) => {
                self.note_failure(&error);
                Found::Evicted
            }
        }
    }

    /// The disk may still hold it, though nobody is to see it any more.
    pub(crate) fn is_cleared(&self, id: ExchangeId) -> bool {
        id <= self.cleared()
    }

    /// Runs up to this number were cleared.
    pub(crate) fn cleared(&self) -> ExchangeId {
        ExchangeId(self.shared.cleared.load(Ordering::Relaxed))
    }

    pub(crate) fn note_failure(&self, error: &StoreError) {
        tracing::warn!("{error}");
        if matches!(error, StoreError::Damaged { .. }) {
            self.queue.push(Task::Damaged);
        }
    }

    /// Writes what waits, and lets go of the database and its lock.
    pub(crate) fn close(&self) {
        self.queue.close();
        let thread = locked(&self.thread).take();
        // Where its own news was the last to know of the engine, it ends by itself.
        let is_other =
            |thread: &JoinHandle<()>| thread.thread().id() != std::thread::current().id();
        if let Some(thread) = thread.filter(is_other) {
            // A writer that panicked has said so, and holds nothing any more.
            let _ = thread.join();
        }
        self.shared.hide();
    }

    /// One run that was read from the disk a moment ago.
    pub(crate) fn lately_read(&self, id: ExchangeId) -> Option<Arc<Exchange>> {
        let read = locked(&self.shared.read);
        read.iter().find(|exchange| exchange.id == id).cloned()
    }

    fn note_read(&self, exchange: &Arc<Exchange>) {
        if exchange.held_bytes() > LATELY_READ_BYTES {
            return;
        }
        let mut read = locked(&self.shared.read);
        if read.len() >= LATELY_READ {
            read.pop_front();
        }
        read.push_back(Arc::clone(exchange));
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What stands behind it is replaced in one step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
