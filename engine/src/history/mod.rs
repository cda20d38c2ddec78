//! The exchanges that are kept, newest last, within bounds.
//!
//! Rows stay longer than details: a row costs a hundred bytes or so, a recording as much as its streams.
//! What had to go is stated: [`History::get`] answers [`Found::Evicted`] and [`Held`] counts.

pub mod cell;
pub mod filter;
pub mod index;
pub mod store;

pub use index::{Counts, Index};

use crate::exchange::{Exchange, ExchangeId, ExchangeRow, Progress, Recorded, RowRef};
use std::collections::BTreeMap;
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
            rows: 1_000_000,
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
    /// Bytes of the rows themselves.
    pub index_bytes: usize,
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
    rows: Index,
    /// Rows whose details are in memory.
    details: BTreeMap<ExchangeId, Detail>,
    bytes: usize,
    /// No details before this number could go, so that making room does not walk over what still runs.
    evicted_before: ExchangeId,
}

#[derive(Debug)]
struct Detail {
    live: Arc<LiveExchange>,
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
    pub(crate) fn begin(&self, row: &ExchangeRow, live: Arc<LiveExchange>) {
        let mut inner = locked(&self.inner);
        inner.rows.put(row);
        let detail = Detail {
            live,
            bytes: 0,
            ended: false,
        };
        inner.details.insert(row.id, detail);
        self.trim(&mut inner);
    }

    /// Takes out an exchange that lives, as if it had never begun.
    pub(crate) fn forget_live(&self, id: ExchangeId) {
        let mut inner = locked(&self.inner);
        inner.rows.remove(id);
        inner.details.remove(&id);
    }

    /// The exchange's row changed; `ended_bytes` is what it holds once it is over. What the user said of it meanwhile
    /// stays, and so does where it is recorded: the row as it is now is returned.
    pub(crate) fn update(
        &self,
        mut row: ExchangeRow,
        ended_bytes: Option<usize>,
    ) -> Arc<ExchangeRow> {
        let mut guard = locked(&self.inner);
        let inner = &mut *guard;
        let Some(old) = inner.rows.get(row.id) else {
            return Arc::new(row);
        };
        row.pinned = old.pinned;
        row.comment = old.comment.map(str::to_owned);
        row.recorded = old.recorded;
        inner.rows.put(&row);
        if let Some(bytes) = ended_bytes
            && let Some(detail) = inner.details.get_mut(&row.id)
        {
            detail.ended = true;
            detail.bytes = bytes;
            inner.bytes += bytes;
            self.trim(inner);
        }
        Arc::new(row)
    }

    /// Changes the row of an exchange, live or old; the row as it is now, or none if there is none.
    pub fn change_row(
        &self,
        id: ExchangeId,
        change: impl FnOnce(&mut ExchangeRow),
    ) -> Option<Arc<ExchangeRow>> {
        let mut inner = locked(&self.inner);
        let mut row = inner.rows.get(id)?.to_row();
        change(&mut row);
        inner.rows.put(&row);
        Some(Arc::new(row))
    }

    /// Takes in rows of earlier sessions, whose details are elsewhere. The oldest go again where there are too many.
    pub fn load_older(&self, rows: Vec<ExchangeRow>) {
        let mut inner = locked(&self.inner);
        inner.rows.put_older(rows);
        self.trim(&mut inner);
    }

    /// Lets go of these exchanges, rows and all, as the disk has; what it never held stays. Says which went.
    pub(crate) fn forget(&self, ids: &[ExchangeId]) -> Vec<ExchangeId> {
        let mut inner = locked(&self.inner);
        let on_disk = |row: RowRef<'_>| row.recorded == Recorded::OnDisk;
        let listed = |id: &ExchangeId| inner.rows.get(*id).is_some_and(on_disk);
        let gone: Vec<ExchangeId> = ids.iter().copied().filter(listed).collect();
        for id in &gone {
            inner.rows.remove(*id);
            inner.drop_detail(*id);
        }
        gone
    }

    /// The exchange with this number, as it stands.
    #[must_use]
    pub fn get(&self, id: ExchangeId) -> Found {
        let inner = locked(&self.inner);
        match inner.details.get(&id) {
            Some(detail) => Found::Exchange(detail.live.snapshot()),
            None if inner.rows.get(id).is_some() => Found::Evicted,
            None => Found::Unknown,
        }
    }

    /// All rows as they stand. A copy costs nothing to speak of, and does not change.
    #[must_use]
    pub fn rows(&self) -> Index {
        locked(&self.inner).rows.clone()
    }

    /// What is held now.
    #[must_use]
    pub fn held(&self) -> Held {
        let inner = locked(&self.inner);
        Held {
            rows: inner.rows.len(),
            details: inner.details.len(),
            bytes: inner.bytes,
            index_bytes: inner.rows.bytes(),
        }
    }

    /// Forgets every exchange up to this number that has ended and is not pinned.
    pub(crate) fn clear(&self, up_to: ExchangeId) {
        let mut guard = locked(&self.inner);
        let inner = &mut *guard;
        inner
            .rows
            .retain(|row| row.progress == Progress::Running || row.pinned || row.id > up_to);
        let (rows, bytes) = (&inner.rows, &mut inner.bytes);
        inner.details.retain(|id, detail| {
            let stays = rows.get(*id).is_some();
            *bytes -= if stays { 0 } else { detail.bytes };
            stays
        });
    }

    /// Oldest first: details beyond the bound on bytes, then whole rows beyond the bound on rows. What still runs
    /// stays, and so do rows that are pinned.
    fn trim(&self, inner: &mut Inner) {
        let mut all_gone = true;
        let mut gone = Vec::new();
        let mut bytes = inner.bytes;
        for (id, detail) in inner.details.range(inner.evicted_before..) {
            if bytes <= self.limits.bytes {
                break;
            }
            all_gone &= detail.ended;
            if all_gone {
                inner.evicted_before = ExchangeId(id.0 + 1);
            }
            if detail.ended {
                bytes -= detail.bytes;
                gone.push(*id);
            }
        }
        let beyond = inner.rows.len().saturating_sub(self.limits.rows);
        if beyond > 0 {
            let details = &inner.details;
            let may_go = |row: RowRef<'_>| {
                !row.pinned && details.get(&row.id).is_none_or(|detail| detail.ended)
            };
            gone.extend(inner.rows.forget_oldest(beyond, may_go));
        }
        for id in gone {
            inner.drop_detail(id);
        }
    }
}

impl Inner {
    fn drop_detail(&mut self, id: ExchangeId) {
        if let Some(detail) = self.details.remove(&id) {
            self.bytes -= detail.bytes;
        }
    }
}

/// A writer that panicked has left a whole value behind: every change here is one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::exchange::RowKind;

    fn running(id: u64) -> ExchangeRow {
        ExchangeRow {
            method: "GET".into(),
            target: "/".into(),
            kind: RowKind::Studio,
            ..ExchangeRow::begun(ExchangeId(id), Timestamp::from_unix_millis(0))
        }
    }

    fn row(id: u64) -> ExchangeRow {
        ExchangeRow {
            progress: Progress::Answered,
            status: Some(200),
            ..running(id)
        }
    }

    fn history(rows: usize, bytes: usize) -> History {
        History::new(HistoryLimits { rows, bytes })
    }

    fn begin(history: &History, id: u64) {
        let exchange = crate::recorder::blank(ExchangeId(id), Timestamp::from_unix_millis(0), 0);
        history.begin(&running(id), Arc::new(LiveExchange::new(exchange)));
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
                bytes: 20,
                ..history.held()
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
                bytes: 7,
                ..history.held()
            }
        );
    }

    #[test]
    fn what_the_user_said_while_it_ran_is_still_said_when_it_ends() {
        let history = history(100, 1000);
        begin(&history, 1);
        let pinned = history.change_row(ExchangeId(1), |row| row.pinned = true);
        assert!(pinned.is_some_and(|row| row.pinned));
        let ended = history.update(row(1), Some(10));
        assert_eq!((ended.pinned, ended.progress), (true, Progress::Answered));
        assert!(history.change_row(ExchangeId(2), |_| {}).is_none());
    }

    #[test]
    fn pinned_rows_outlive_the_bound_and_older_ones_come_before_the_rest() {
        let history = history(3, 1000);
        for id in 5..=7 {
            begin(&history, id);
            history.update(row(id), Some(10));
        }
        history.change_row(ExchangeId(5), |row| row.pinned = true);
        history.load_older(vec![
            ExchangeRow {
                pinned: true,
                ..row(2)
            },
            row(1),
        ]);
        let kept: Vec<u64> = history.rows().iter().map(|row| row.id.0).collect();
        assert_eq!(kept, [2, 5, 7]);
        assert_eq!(found(&history, 2), "evicted");
        for id in [2, 7] {
            history.change_row(ExchangeId(id), |row| row.recorded = Recorded::OnDisk);
        }
        let gone = history.forget(&[2, 5, 7].map(ExchangeId));
        assert_eq!(gone, [2, 7].map(ExchangeId));
        let left = [2, 5, 7].map(|id| found(&history, id));
        assert_eq!(left, ["unknown", "here", "unknown"]);
        assert_eq!((history.held().details, history.held().bytes), (1, 10));
    }
}
