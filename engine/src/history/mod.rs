//! The exchanges that are kept, newest last, within bounds.
//!
//! Rows stay longer than details: a row costs a few hundred bytes, a recording as much as its streams.
//! What had to go is stated: [`History::get`] answers [`Found::Evicted`] and [`Held`] counts.

pub mod filter;

use crate::exchange::{Exchange, ExchangeId, ExchangeRow};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HistoryLimits {
    /// Rows in the list.
    pub rows: usize,
    /// Bytes of recorded streams and heads; the oldest details go first.
    pub bytes: usize,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self {
            rows: 200_000,
            bytes: 128 << 20,
        }
    }
}

/// What is held now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Held {
    /// Rows in the list.
    pub rows: usize,
    /// Rows whose details are still there.
    pub details: usize,
    /// Bytes of details of finished exchanges.
    pub bytes: usize,
}

/// An exchange that is still written, shared between its writer and its readers.
///
/// Readers take the `Arc` and keep it; the writer copies only when a reader holds an older state.
#[derive(Debug)]
pub struct LiveExchange(Mutex<Arc<Exchange>>);

impl LiveExchange {
    pub(crate) fn new(exchange: Exchange) -> Self {
        Self(Mutex::new(Arc::new(exchange)))
    }

    /// The exchange as it stands.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Exchange> {
        Arc::clone(&locked(&self.0))
    }

    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Exchange) -> T) -> T {
        change(Arc::make_mut(&mut locked(&self.0)))
    }
}

/// What became of an exchange that was asked for.
#[derive(Clone, Debug)]
pub enum Found {
    /// Here it is.
    Exchange(Arc<Exchange>),
    /// Its row is known; its details had to go to stay within the bounds.
    Evicted,
    /// No such number.
    Unknown,
}

/// The kept exchanges.
#[derive(Debug)]
pub struct History {
    limits: HistoryLimits,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Ordered by number, without gaps except at the front (and where the user cleared).
    slots: VecDeque<Slot>,
    details: usize,
    bytes: usize,
    /// No slot before this number has details that could go, so that making room does not walk the whole list.
    evicted_before: ExchangeId,
}

#[derive(Debug)]
struct Slot {
    row: Arc<ExchangeRow>,
    live: Option<Arc<LiveExchange>>,
    /// Bytes counted for it; nothing until it ended.
    bytes: usize,
    ended: bool,
}

impl History {
    /// An empty history within these bounds.
    #[must_use]
    pub fn new(limits: HistoryLimits) -> Self {
        Self {
            limits,
            inner: Mutex::default(),
        }
    }

    /// Takes in an exchange that has just begun.
    pub(crate) fn begin(&self, row: Arc<ExchangeRow>, live: Arc<LiveExchange>) {
        let mut inner = locked(&self.inner);
        let at = inner.slots.partition_point(|slot| slot.row.id < row.id);
        inner.slots.insert(
            at,
            Slot {
                row,
                live: Some(live),
                bytes: 0,
                ended: false,
            },
        );
        inner.details += 1;
        self.trim(&mut inner);
    }

    /// The exchange's row changed; `ended_bytes` is what it holds once it is over.
    pub(crate) fn update(&self, row: Arc<ExchangeRow>, ended_bytes: Option<usize>) {
        let mut inner = locked(&self.inner);
        let Some(at) = position(&inner.slots, row.id) else {
            return;
        };
        inner.slots[at].row = row;
        if let Some(bytes) = ended_bytes {
            let slot = &mut inner.slots[at];
            slot.ended = true;
            slot.bytes = bytes;
            inner.bytes += bytes;
            self.trim(&mut inner);
        }
    }

    /// The exchange with this number, as it stands.
    #[must_use]
    pub fn get(&self, id: ExchangeId) -> Found {
        let inner = locked(&self.inner);
        match position(&inner.slots, id).map(|at| &inner.slots[at].live) {
            None => Found::Unknown,
            Some(None) => Found::Evicted,
            Some(Some(live)) => Found::Exchange(live.snapshot()),
        }
    }

    /// All rows, oldest first.
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<ExchangeRow>> {
        locked(&self.inner)
            .slots
            .iter()
            .map(|slot| Arc::clone(&slot.row))
            .collect()
    }

    /// What is held now.
    #[must_use]
    pub fn held(&self) -> Held {
        let inner = locked(&self.inner);
        Held {
            rows: inner.slots.len(),
            details: inner.details,
            bytes: inner.bytes,
        }
    }

    /// Forgets every exchange up to this number that has ended.
    pub(crate) fn clear(&self, up_to: ExchangeId) {
        let mut guard = locked(&self.inner);
        let inner = &mut *guard;
        inner
            .slots
            .retain(|slot| !slot.ended || slot.row.id > up_to);
        let detailed = inner.slots.iter().filter(|slot| slot.live.is_some());
        (inner.details, inner.bytes) = detailed.fold((0, 0), |(details, bytes), slot| {
            (details + 1, bytes + slot.bytes)
        });
    }

    /// Oldest first: details beyond the bound on bytes, then whole rows beyond the bound on rows. What still runs stays.
    fn trim(&self, inner: &mut Inner) {
        let first = inner
            .slots
            .partition_point(|slot| slot.row.id < inner.evicted_before);
        let mut all_gone = true;
        for slot in inner.slots.range_mut(first..) {
            if inner.bytes <= self.limits.bytes {
                break;
            }
            all_gone &= slot.ended;
            if all_gone {
                inner.evicted_before = ExchangeId(slot.row.id.0 + 1);
            }
            if slot.ended && slot.live.take().is_some() {
                inner.bytes -= slot.bytes;
                inner.details -= 1;
            }
        }
        while inner.slots.len() > self.limits.rows
            && let Some(oldest) = inner.slots.iter().position(|slot| slot.ended)
        {
            if let Some(slot) = inner.slots.remove(oldest)
                && slot.live.is_some()
            {
                inner.bytes -= slot.bytes;
                inner.details -= 1;
            }
        }
    }
}

fn position(slots: &VecDeque<Slot>, id: ExchangeId) -> Option<usize> {
    slots.binary_search_by_key(&id, |slot| slot.row.id).ok()
}

/// A writer that panicked has left a whole value behind: every change here is one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::exchange::{Progress, RowKind};

    fn row(id: u64) -> Arc<ExchangeRow> {
        Arc::new(ExchangeRow {
            id: ExchangeId(id),
            started: Timestamp::from_unix_millis(0),
            method: "GET".into(),
            target: "/".into(),
            name: String::new(),
            kind: RowKind::Studio,
            progress: Progress::Answered,
            status: Some(200),
            duration: None,
            stderr_lines: 0,
            response_bytes: 0,
            headline: None,
            ..ExchangeRow::begun(ExchangeId(id), Timestamp::from_unix_millis(0))
        })
    }

    fn history(rows: usize, bytes: usize) -> History {
        History::new(HistoryLimits { rows, bytes })
    }

    fn begin(history: &History, id: u64) {
        let exchange = crate::recorder::blank(ExchangeId(id), Timestamp::from_unix_millis(0), 0);
        history.begin(row(id), Arc::new(LiveExchange::new(exchange)));
    }

    fn found(history: &History, id: u64) -> &'static str {
        match history.get(ExchangeId(id)) {
            Found::Exchange(_) => "here",
            Found::Evicted => "evicted",
            Found::Unknown => "unknown",
        }
    }

    #[test]
    fn the_oldest_details_go_first_and_their_rows_stay() {
        let history = history(100, 25);
        for id in 1..=4 {
            begin(&history, id);
            history.update(row(id), Some(10));
        }
        assert_eq!(
            [1, 2, 3, 4, 5].map(|id| found(&history, id)),
            ["evicted", "evicted", "here", "here", "unknown"]
        );
        assert_eq!(
            history.held(),
            Held {
                rows: 4,
                details: 2,
                bytes: 20
            }
        );
    }

    #[test]
    fn what_still_runs_is_never_evicted() {
        let history = history(2, 5);
        begin(&history, 1);
        for id in 2..=6 {
            begin(&history, id);
            history.update(row(id), Some(10));
        }
        assert_eq!(found(&history, 1), "here");
        history.update(row(1), Some(10));
        assert_eq!(history.held().bytes, 0);
        begin(&history, 7);
        assert_eq!(history.held().rows, 2);
    }

    #[test]
    fn a_run_that_goes_on_and_on_does_not_keep_the_others() {
        let history = history(3, 1000);
        begin(&history, 1);
        for id in 2..=9 {
            begin(&history, id);
            history.update(row(id), Some(10));
        }
        let kept: Vec<u64> = history.rows().iter().map(|row| row.id.0).collect();
        assert_eq!(kept, [1, 8, 9]);
    }

    #[test]
    fn clearing_keeps_what_runs_and_what_is_newer() {
        let history = history(100, 1000);
        begin(&history, 1);
        begin(&history, 2);
        begin(&history, 3);
        history.update(row(2), Some(10));
        history.update(row(3), Some(7));
        history.clear(ExchangeId(2));
        assert_eq!(
            [1, 2, 3].map(|id| found(&history, id)),
            ["here", "unknown", "here"]
        );
        assert_eq!(
            history.held(),
            Held {
                rows: 2,
                details: 2,
                bytes: 7
            }
        );
    }
}
