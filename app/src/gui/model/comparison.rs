//! Two requests that are being compared, and which two they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cgi_engine::compare::Comparison;
use cgi_engine::exchange::{ExchangeId, ExchangeRow, RowRef};

use super::site::SiteModel;

/// Two requests side by side.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The earlier one.
    pub before: Arc<ExchangeRow>,
    /// The later one.
    pub after: Arc<ExchangeRow>,
    /// What came of it; none while a worker is at it.
    pub outcome: Option<Result<Arc<Comparison>, String>>,
    /// How many differences were walked, back ones taken off.
    pub walked: i64,
    begun: Instant,
    /// Tells the worker when nobody wants to know any more.
    wanted: Arc<Wanted>,
}

/// Something that a worker looks for as long as this is held.
#[derive(Debug, Default)]
pub struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// What becomes true when nobody wants to know any more.
    #[must_use]
    pub fn given_up(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Compared {
    /// What takes longer is said to be going on.
    pub const SLOW: Duration = Duration::from_millis(300);

    /// Whether the worker has been at it for long.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.begun.elapsed() >= Self::SLOW
    }
}

impl SiteModel {
    /// The two that the key compares now: the two that are selected, or the selected request with the marked one, or else with the last one before
    /// it that had the same method and target. In words why there are no two.
    pub fn pair_to_compare(&self) -> Result<(ExchangeId, ExchangeId), &'static str> {
        let id = self.selected().ok_or("no request is selected")?;
        match self.selection().as_slice() {
            [before, after] => return Ok((*before, *after)),
            [_] => {}
            _ => {
                return Err(
                    "select two requests to compare them, or one to compare it with the last like it",
                );
            }
        }
        match self.marked().filter(|marked| *marked != id) {
            Some(marked) => Ok((marked.min(id), marked.max(id))),
            None => self
                .previous_like(id)
                .map(|before| (before, id))
                .ok_or("no earlier request had the same method and target; mark another one with Shift+D first"),
        }
    }

    /// The last request before `id` that had the same method and target.
    pub fn previous_like(&self, id: ExchangeId) -> Option<ExchangeId> {
        let row = self.row(id)?;
        let alike = |other: &RowRef<'_>| {
            other.id < id && other.method == row.method && other.target == row.target
        };
        self.newest_rows().find(alike).map(|other| other.id)
    }

    /// Begins to show the two; the outcome comes later.
    pub fn begin_compare(&mut self, before: ExchangeId, after: ExchangeId) {
        let rows = (
            self.row(before).map(|row| Arc::new(row.to_row())),
            self.row(after).map(|row| Arc::new(row.to_row())),
        );
        if let (Some(before), Some(after)) = rows {
            self.compared = Some(Compared {
                before,
                after,
                outcome: None,
                walked: 0,
                begun: Instant::now(),
                wanted: Arc::default(),
            });
        }
    }

    /// What tells the worker that compares to give up.
    #[must_use]
    pub fn compare_given_up(&self) -> Option<Arc<AtomicBool>> {
        self.compared.as_ref().map(|shown| shown.wanted.given_up())
    }

    /// Goes to the next difference, or the one before.
    pub fn walk_differences(&mut self, on: bool) {
        if let Some(shown) = &mut self.compared {
            shown.walked += if on { 1 } else { -1 };
        }
    }

    /// Takes the outcome, if these two are still the ones that are shown.
    pub fn take_compared(
        &mut self,
        pair: (ExchangeId, ExchangeId),
        outcome: Result<Arc<Comparison>, String>,
    ) {
        if let Some(shown) = &mut self.compared
            && (shown.before.id, shown.after.id) == pair
        {
            shown.outcome = Some(outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{row, snapshot};
    use super::*;

    #[test]
    fn the_last_one_alike_is_compared_unless_another_is_marked() {
        let mut rows: Vec<ExchangeRow> = (1..=4).map(row).collect();
        rows[2].target = "/other".into();
        let mut site = SiteModel::new(snapshot(rows));
        site.select(Some(ExchangeId(4)));
        assert_eq!(site.pair_to_compare(), Ok((ExchangeId(2), ExchangeId(4))));
        site.select(Some(ExchangeId(3)));
        assert!(site.pair_to_compare().is_err());
        site.mark_selected();
        site.select(Some(ExchangeId(1)));
        assert_eq!(site.pair_to_compare(), Ok((ExchangeId(1), ExchangeId(3))));
    }

    #[test]
    fn another_selection_ends_the_comparison() {
        let mut site = SiteModel::new(snapshot((1..=3).map(row)));
        site.select(Some(ExchangeId(3)));
        site.begin_compare(ExchangeId(2), ExchangeId(3));
        assert!(site.compared.is_some());
        site.select(Some(ExchangeId(1)));
        assert!(site.compared.is_none());
    }
}
