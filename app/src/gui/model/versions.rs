//! The saves between a good run and one that failed: which two, and what a worker found between them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cgi_engine::compare::versions::Versions;
use cgi_engine::exchange::{ExchangeId, Progress, RowKind, RowOrigin, RowRef};

use super::comparison::Wanted;
use super::site::SiteModel;

/// No more runs are looked into; the newest count.
const MOST_RUNS: usize = 2_000;

/// What lies between two runs.
#[derive(Clone, Debug)]
pub struct Between {
    /// The run that was good.
    pub good: ExchangeId,
    /// The run that failed.
    pub bad: ExchangeId,
    /// What was found; none while a worker is at it.
    pub outcome: Option<Result<Arc<Versions>, String>>,
    /// Runs of untried versions that have begun.
    begun: Vec<ExchangeId>,
    _wanted: Arc<Wanted>,
}

/// What a worker is to find out.
#[derive(Clone, Debug)]
pub struct VersionErrand {
    /// The run that was good.
    pub good: ExchangeId,
    /// The run that failed.
    pub bad: ExchangeId,
    /// Runs that may lie between them, and whether each failed.
    pub runs: Vec<(ExchangeId, bool)>,
    /// Nobody wants to know any more.
    pub given_up: Arc<AtomicBool>,
}

impl SiteModel {
    /// The good and the bad run that the key means: the selected and the marked one, or else the selected one, which
    /// failed, and the last one before it that had the same method and target and did not. In words why there are none.
    pub fn good_and_bad(&self) -> Result<(ExchangeId, ExchangeId), &'static str> {
        let id = self.selected().ok_or("no request is selected")?;
        let row = self.row(id).ok_or("no request is selected")?;
        let marked = self.marked().filter(|marked| *marked != id);
        if let Some(other) = marked.and_then(|marked| self.row(marked)) {
            return match (row.has_failed(), other.has_failed()) {
                (true, false) => Ok((other.id, id)),
                (false, true) => Ok((id, other.id)),
                _ => Err(
                    "one of the two requests has to be good, and the other one has to have failed",
                ),
            };
        }
        if !row.has_failed() {
            return Err(
                "the selected request did not fail; select one that did, or mark a good one with Shift+D first",
            );
        }
        let good = |other: &RowRef<'_>| {
            other.id < id
                && other.kind == RowKind::Script
                && other.progress == Progress::Answered
                && !other.has_failed()
                && (other.method, other.target) == (row.method, row.target)
        };
        let good = self.newest_rows().find(good);
        good.map(|good| (good.id, id))
            .ok_or("no earlier request with the same method and target was good")
    }

    /// Begins to show what lies between the two; what the worker is to look for.
    pub fn begin_versions(&mut self, good: ExchangeId, bad: ExchangeId) -> Option<VersionErrand> {
        let runs = self.runs_between(good, bad)?;
        let wanted = Arc::<Wanted>::default();
        let given_up = wanted.given_up();
        // Looked into once more, what was found stays until there is more.
        let before = self.versions.take();
        let before = before.filter(|shown| (shown.good, shown.bad) == (good, bad));
        self.versions = Some(Between {
            good,
            bad,
            outcome: before.and_then(|shown| shown.outcome),
            begun: Vec::new(),
            _wanted: wanted,
        });
        Some(VersionErrand {
            good,
            bad,
            runs,
            given_up,
        })
    }

    /// Runs of a script with that name: the worker tells those of another folder apart.
    fn runs_between(&self, good: ExchangeId, bad: ExchangeId) -> Option<Vec<(ExchangeId, bool)>> {
        let name = self.row(bad)?.name;
        let counts = |row: &RowRef<'_>| {
            let is_old_again = matches!(row.origin, RowOrigin::ReplayOfSource(_));
            let is_between = (good..=bad).contains(&row.id);
            row.kind == RowKind::Script
                && row.name == name
                && row.progress != Progress::Running
                && (is_between || is_old_again && row.id > good)
        };
        let runs = self.newest_rows().filter(counts).take(MOST_RUNS);
        Some(runs.map(|row| (row.id, row.has_failed())).collect())
    }

    /// A version that was untried is being run.
    pub fn version_begun(&mut self, id: ExchangeId) {
        if let Some(shown) = &mut self.versions {
            shown.begun.push(id);
        }
    }

    /// The two whose versions are to be looked into once more, as a run of one of them has ended.
    pub fn versions_to_renew(&self) -> Option<(ExchangeId, ExchangeId)> {
        let shown = self.versions.as_ref()?;
        let has_ended = |id: &ExchangeId| {
            self.row(*id)
                .is_some_and(|row| row.progress != Progress::Running)
        };
        let renew = shown.begun.iter().any(has_ended);
        renew.then_some((shown.good, shown.bad))
    }

    /// Takes what was found, if these two are still the ones that are shown.
    pub fn take_versions(
        &mut self,
        pair: (ExchangeId, ExchangeId),
        outcome: Result<Arc<Versions>, String>,
    ) {
        if let Some(shown) = &mut self.versions
            && (shown.good, shown.bad) == pair
        {
            shown.outcome = Some(outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use cgi_engine::exchange::ExchangeRow;

    use super::super::testing::{row, snapshot};
    use super::*;

    fn site() -> SiteModel {
        let mut rows: Vec<ExchangeRow> = (1..=6).map(row).collect();
        for row in &mut rows {
            row.kind = RowKind::Script;
            row.progress = Progress::Answered;
            row.status = Some(if row.id.0 >= 5 { 500 } else { 200 });
        }
        rows[3].name = "another.py".into();
        SiteModel::new(snapshot(rows))
    }

    #[test]
    fn the_last_good_run_of_the_same_request_is_taken_unless_another_is_marked() {
        let mut site = site();
        site.select(Some(ExchangeId(6)));
        assert_eq!(site.good_and_bad(), Ok((ExchangeId(4), ExchangeId(6))));
        site.select(Some(ExchangeId(2)));
        assert!(site.good_and_bad().is_err(), "it was good");
        site.mark_selected();
        site.select(Some(ExchangeId(5)));
        assert_eq!(site.good_and_bad(), Ok((ExchangeId(2), ExchangeId(5))));
        site.select(Some(ExchangeId(1)));
        assert!(site.good_and_bad().is_err(), "both were good");
    }

    #[test]
    fn runs_of_the_script_between_the_two_are_looked_into() {
        let mut site = site();
        site.select(Some(ExchangeId(6)));
        let errand = site.begin_versions(ExchangeId(2), ExchangeId(6)).unwrap();
        let ids: Vec<u64> = errand.runs.iter().map(|(id, _)| id.0).collect();
        assert_eq!(ids, [6, 5, 3, 2]);
        site.select(Some(ExchangeId(1)));
        assert!(site.versions.is_none());
        assert!(errand.given_up.load(std::sync::atomic::Ordering::Relaxed));
    }
}
