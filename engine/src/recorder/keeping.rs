//! Where exchanges go when they have ended, and where they are found again: memory first, then the disk.

use super::Recorder;
use crate::exchange::{Exchange, ExchangeId, ExchangeRow, Recorded};
use crate::history::Found;
use crate::history::store::{Archive, Recording, RecordingState, Store, StoreError, StoreNews};
use crate::message::{Event, MarkChange, RecordingStatus};
use crate::site::{HistoryConfig, Site};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

/// Rows that are loaded first: as many as a list shows, and some more to scroll.
const FIRST_ROWS: usize = 1000;
/// Rows that are loaded at a time afterwards.
const MORE_ROWS: usize = 20_000;

impl Recorder {
    /// Keeps what ends on disk too, if that is wanted; loads what is there already, without waiting for it.
    pub(crate) fn keep_in(self: &Arc<Self>, recording: &Recording, site: &Site) {
        let Recording::Disk(options) = recording else {
            return;
        };
        let recorder = Arc::downgrade(self);
        let store = Store::open(options, &site.root, move |news| {
            if let Some(recorder) = recorder.upgrade() {
                recorder.take_news(news);
            }
        });
        self.last_id.fetch_max(store.last_id().0, Ordering::Relaxed);
        store.retain(&site.config.history);
        let _ = self.store.set(store);
        let recorder = Arc::downgrade(self);
        let loading = std::thread::Builder::new()
            .name("engine-rows".to_owned())
            .spawn(move || load_rows(&recorder));
        if let Err(error) = loading {
            let words = format!("earlier requests cannot be listed: no thread: {error}");
            self.notice(true, words);
        }
    }

    /// Where an exchange that begins now is going.
    pub(super) fn destination(&self) -> Recorded {
        match self.store.get() {
            Some(_) => Recorded::NotYet,
            None => Recorded::MemoryOnly,
        }
    }

    /// Whether another exchange may begin: not while the disk is far behind.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.store
            .get()
            .map_or(Poll::Ready(()), |store| store.poll_room(cx))
    }

    /// Takes an exchange that has ended: tells of it, and hands it to the disk.
    pub(super) fn keep(&self, exchange: &Arc<Exchange>, row: ExchangeRow) {
        let row = self.history.update(row, Some(exchange.held_bytes()));
        let id = row.id;
        locked(&self.requests).note(exchange);
        self.tell(Event::Exchange(Arc::clone(&row)));
        if let Some(store) = self.store.get()
            && !store.record(Arc::clone(exchange), row)
        {
            self.note_recorded(id, Recorded::MemoryOnly);
        }
    }

    fn note_recorded(&self, id: ExchangeId, recorded: Recorded) {
        let row = self.history.change_row(id, |row| row.recorded = recorded);
        match row {
            _ if recorded == Recorded::OnDisk => self.tell(Event::RunRecorded(id)),
            Some(row) => self.tell(Event::Exchange(row)),
            None => {}
        }
    }

    fn take_news(&self, news: StoreNews) {
        match news {
            StoreNews::Opened { last } => {
                self.last_id.fetch_max(last.0, Ordering::Relaxed);
            }
            StoreNews::Recorded(ids) => {
                for id in ids {
                    self.note_recorded(id, Recorded::OnDisk);
                }
            }
            StoreNews::MemoryOnly(ids) => {
                for id in ids {
                    self.note_recorded(id, Recorded::MemoryOnly);
                }
            }
            StoreNews::Forgotten(ids) => {
                let gone = self.history.forget(&ids);
                if !gone.is_empty() {
                    self.tell(Event::Forgotten(gone.into()));
                }
            }
            StoreNews::Paused(reason) => {
                self.notice(true, format!("recording is paused: {reason}"));
                self.tell(Event::RecordingPaused {
                    reason: reason.into(),
                });
            }
            StoreNews::Resumed => {
                self.notice(false, "recording goes on");
                self.tell(Event::RecordingResumed);
            }
            StoreNews::Notice(text) => self.notice(true, text),
        }
    }

    /// One exchange, from memory or from the disk.
    pub(crate) fn find(&self, id: ExchangeId) -> Found {
        self.find_at_hand(id).unwrap_or_else(|| {
            self.store
                .get()
                .map_or(Found::Unknown, |store| store.get(id))
        })
    }

    /// One exchange, or what became of it, as far as that is known without the disk.
    pub(crate) fn find_at_hand(&self, id: ExchangeId) -> Option<Found> {
        let found = self.history.get(id);
        let Some(store) = self.store.get() else {
            return Some(found);
        };
        let may_be_on_disk = match found {
            Found::Exchange(_) => false,
            // A number of ours that was not written may be somebody else's there.
            Found::Evicted => self
                .history
                .rows()
                .get(id)
                .is_some_and(|row| row.recorded == Recorded::OnDisk),
            Found::Unknown => !store.is_cleared(id),
        };
        if may_be_on_disk {
            store.lately_read(id).map(Found::Exchange)
        } else {
            Some(found)
        }
    }

    /// Changes what the user marked an exchange with; false when there is none of that number.
    pub(crate) fn mark(&self, id: ExchangeId, change: &MarkChange) -> bool {
        let changed = self.history.change_row(id, |row| change.apply(row));
        let listed = changed.is_some();
        let row = changed.or_else(|| {
            let mut row = self.archive()?.row(id).ok()??;
            change.apply(&mut row);
            Some(Arc::new(row))
        });
        let Some(row) = row else {
            return false;
        };
        if let Some(store) = self.store.get() {
            store.mark(id, row.pinned, row.comment.clone());
        }
        if listed {
            self.tell(Event::Exchange(row));
        }
        true
    }

    /// The request does not count as the last one of its script.
    pub(crate) fn set_aside(&self, id: ExchangeId) {
        locked(&self.requests).set_aside(id);
    }

    /// The last request of a script in this session.
    pub(crate) fn last_request(&self, script: &Path) -> Option<ExchangeId> {
        locked(&self.requests).of(script)
    }

    /// The site's folder in the user's state; none where nothing is kept on disk.
    pub(crate) fn site_folder(&self) -> Option<PathBuf> {
        self.store.get()?.folder()
    }

    /// The recorded runs on disk.
    pub(crate) fn archive(&self) -> Option<Arc<Archive>> {
        self.store.get()?.archive()
    }

    /// Keeps the bounds that the site wants from now on.
    pub(crate) fn retain(&self, site: &HistoryConfig) {
        if let Some(store) = self.store.get() {
            store.retain(site);
        }
    }

    /// Whether runs are kept on disk just now, and how much is there.
    pub(crate) fn recording(&self) -> RecordingStatus {
        let store = self.store.get();
        RecordingStatus {
            state: store.map_or(RecordingState::Memory, Store::state),
            disk_bytes: store.map(Store::bytes),
        }
    }

    /// Writes what waits and lets go of the disk: nothing ends any more.
    pub(crate) fn close_store(&self) {
        if let Some(store) = self.store.get() {
            store.close();
        }
    }
}

/// Lists what was recorded in earlier sessions, newest first, until all of it or as much as the list takes is there.
fn load_rows(recorder: &Weak<Recorder>) {
    let Some((archive, before)) = recorder.upgrade().and_then(|recorder| {
        let store = recorder.store.get()?;
        Some((store.archive()?, ExchangeId(store.last_id().0 + 1)))
    }) else {
        return;
    };
    let mut rows = archive.rows_before(before);
    let (mut count, mut unreadable) = (FIRST_ROWS, 0_u64);
    loop {
        let mut loaded = Vec::with_capacity(count);
        for row in rows.by_ref().take(count) {
            match row {
                Ok(row) => loaded.push(row),
                Err(StoreError::Unreadable { .. }) => unreadable += 1,
                Err(error) => {
                    return with(recorder, |recorder, store| {
                        store.note_failure(&error);
                        recorder.notice(true, error.to_string());
                    });
                }
            }
        }
        let Some(recorder) = recorder.upgrade().filter(|_| !loaded.is_empty()) else {
            break;
        };
        if !recorder.list(loaded) {
            break;
        }
        count = MORE_ROWS;
    }
    if unreadable > 0 {
        with(recorder, |recorder, _| {
            let words = format!("{unreadable} recorded requests cannot be read and are not listed");
            recorder.notice(true, words);
        });
    }
}

fn with(recorder: &Weak<Recorder>, act: impl FnOnce(&Recorder, &Store)) {
    if let Some(recorder) = recorder.upgrade()
        && let Some(store) = recorder.store.get()
    {
        act(&recorder, store);
    }
}

impl Recorder {
    /// Takes rows of earlier sessions into the list; false when it takes no more.
    fn list(&self, mut rows: Vec<ExchangeRow>) -> bool {
        let Some(store) = self.store.get() else {
            return false;
        };
        rows.retain(|row| row.pinned || !store.is_cleared(row.id));
        let before = self.history.held().rows;
        let count = rows.len();
        self.history.load_older(rows);
        // Who cleared the list meanwhile did not mean what came after.
        let cleared = store.cleared();
        if cleared > ExchangeId(0) {
            self.history.clear(cleared);
        }
        self.tell(Event::RowsChanged);
        count == 0 || self.history.held().rows > before
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
