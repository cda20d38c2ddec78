//! Tells a save from what a script wrote while it ran, so that no script runs for ever because it keeps a diary.
//!
//! A file of data whose date lies within a run was written by that run. A program's text may well be saved by its
//! author while an old run still goes on; it is held back only when it changes during run after run that its own
//! change has set off.

use crate::clock::Timestamp;
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Files get their dates from a clock that ticks a few times in this.
const CLOCK_TICK: Duration = Duration::from_millis(20);
/// A change without a date (a file that is gone) was seen within this time.
const SEEN_WITHIN: Duration = Duration::from_millis(1500);
/// Runs that ended so long ago explain no change any more.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(30);
/// More runs are not remembered.
const MOST_RUNS: usize = 1024;
/// A text that changes so soon after its own change has set off a run counts for more.
const SOON: Duration = Duration::from_secs(2);
const POINTS_SOON: u32 = 4;
/// At so many points a text is taken for one that its own script rewrites.
const MOST_POINTS: u32 = 20;
/// A file that is ignored again after so long is told of again.
const MOST_TOLD: usize = 4096;

/// A file that changed.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Its path.
    pub path: &'a Path,
    /// Its date; none where it is gone.
    pub written: Option<Timestamp>,
    /// When the change was seen.
    pub seen: Timestamp,
    /// It is a program's text.
    pub is_source: bool,
}

/// What a change is taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// Somebody saved.
    Save,
    /// A script wrote it.
    OfRun {
        /// It is the first time that this is said of the file.
        first: bool,
    },
}

#[derive(Debug)]
struct Run {
    key: u64,
    began: Timestamp,
    ended: Option<Timestamp>,
}

/// Knows when scripts ran, and what changed meanwhile.
#[derive(Debug, Default)]
pub struct Guard {
    runs: VecDeque<Run>,
    /// When a change of the text set off a run last, and how suspicious it has become.
    texts: HashMap<PathBuf, (Timestamp, u32)>,
    told: HashSet<PathBuf>,
}

impl Guard {
    /// A script starts; `key` is known to [`Guard::ended`].
    pub fn began(&mut self, key: u64, at: Timestamp) {
        let old = at.earlier_by(FORGOTTEN_AFTER);
        self.runs
            .retain(|run| run.ended.is_none_or(|end| end > old));
        if self.runs.len() >= MOST_RUNS {
            self.runs.pop_front();
        }
        self.runs.push_back(Run {
            key,
            began: at,
            ended: None,
        });
    }

    /// It has ended.
    pub fn ended(&mut self, key: u64, at: Timestamp) {
        if let Some(run) = self.runs.iter_mut().find(|run| run.key == key) {
            run.ended = Some(at);
        }
    }

    /// What a change is taken for. A save of a text is taken to set off a run.
    pub fn judge(&mut self, change: Change<'_>) -> Judgement {
        let of_run = self.was_written_by_run(&change);
        let held_back = if change.is_source {
            self.rewrites_itself(&change, of_run)
        } else {
            of_run
        };
        if !held_back {
            return Judgement::Save;
        }
        if self.told.len() >= MOST_TOLD {
            self.told.clear();
        }
        let first = self.told.insert(change.path.to_owned());
        Judgement::OfRun { first }
    }

    fn was_written_by_run(&self, change: &Change<'_>) -> bool {
        let (from, to) = match change.written {
            Some(at) => (at, at),
            None => (change.seen.earlier_by(SEEN_WITHIN), change.seen),
        };
        self.runs.iter().any(|run| {
            let begins_before = run.began.earlier_by(CLOCK_TICK) <= to;
            let ends_after = run
                .ended
                .is_none_or(|end| end >= from.earlier_by(CLOCK_TICK));
            begins_before && ends_after
        })
    }

    fn rewrites_itself(&mut self, change: &Change<'_>, of_run: bool) -> bool {
        let before = self.texts.get(change.path).copied();
        let points = match before.filter(|_| of_run) {
            None => 0,
            Some((last, points)) => {
                let soon = change.seen.earlier_by(SOON) < last;
                points + if soon { POINTS_SOON } else { 1 }
            }
        };
        let points = points.min(MOST_POINTS);
        self.texts
            .insert(change.path.to_owned(), (change.seen, points));
        points >= MOST_POINTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(1_700_000_000_000 + millis)
    }

    fn data(written: Option<i64>, seen: i64) -> Change<'static> {
        Change {
            path: Path::new("/s/visits.txt"),
            written: written.map(at),
            seen: at(seen),
            is_source: false,
        }
    }

    fn text(written: i64) -> Change<'static> {
        Change {
            path: Path::new("/s/a.py"),
            written: Some(at(written)),
            seen: at(written + 90),
            is_source: true,
        }
    }

    fn ran(from: i64, to: Option<i64>) -> Guard {
        let mut guard = Guard::default();
        guard.began(1, at(from));
        if let Some(to) = to {
            guard.ended(1, at(to));
        }
        guard
    }

    #[track_caller]
    fn check(mut guard: Guard, change: Change<'_>, is_save: bool) {
        let judged = guard.judge(change);
        assert_eq!(judged == Judgement::Save, is_save, "{change:?}: {judged:?}");
    }

    #[test]
    fn a_file_dated_within_a_run_was_written_by_it() {
        check(ran(1000, Some(1200)), data(Some(1100), 1300), false);
        check(ran(1000, None), data(Some(9000), 9100), false);
        // The clock of files lags behind.
        check(ran(1000, Some(1200)), data(Some(990), 1300), false);
    }

    #[test]
    fn a_file_dated_before_or_after_every_run_was_saved() {
        check(ran(1000, Some(1200)), data(Some(900), 1300), true);
        check(ran(1000, Some(1200)), data(Some(1400), 1500), true);
        check(Guard::default(), data(Some(1400), 1500), true);
    }

    #[test]
    fn a_file_that_is_gone_was_removed_by_a_run_of_just_now() {
        check(ran(1000, Some(1200)), data(None, 1300), false);
        check(ran(1000, Some(1200)), data(None, 4000), true);
    }

    #[test]
    fn a_text_may_be_saved_while_an_old_run_goes_on() {
        let mut guard = ran(1000, None);
        for save in 0..4 {
            let judged = guard.judge(text(5000 + save * 4000));
            assert_eq!(judged, Judgement::Save);
        }
    }

    #[test]
    fn a_text_that_every_run_rewrites_is_held_back_and_told_of_once() {
        let mut guard = ran(0, None);
        let judged: Vec<Judgement> = (0..9).map(|turn| guard.judge(text(turn * 300))).collect();
        let saves = judged.iter().filter(|one| **one == Judgement::Save);
        assert_eq!(saves.count(), 5);
        assert_eq!(judged[5], Judgement::OfRun { first: true });
        assert_eq!(judged[8], Judgement::OfRun { first: false });
        // Nothing runs any more, and its author mends it.
        guard.ended(1, at(3000));
        assert_eq!(guard.judge(text(60_000)), Judgement::Save);
    }

    #[test]
    fn runs_that_ended_long_ago_are_forgotten_and_their_number_is_bounded() {
        let mut guard = Guard::default();
        for run in 0..5000 {
            guard.began(run, at(0));
        }
        assert_eq!(guard.runs.len(), MOST_RUNS);
        for run in 0..5000 {
            guard.ended(run, at(1));
        }
        guard.began(6000, at(60_000));
        assert_eq!(guard.runs.len(), 1);
    }
}
