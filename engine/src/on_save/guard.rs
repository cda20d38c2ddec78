//! Tells a save from what a script wrote while it ran, so that no script runs for ever because it keeps a diary.
//!
//! Any file may be saved while some run goes on, so no single change proves anything. A file is held back only when
//! it changes during run after run, or, where it is no program's text, again and again soon after its own changes,
//! as what a worker in the background writes. It is let go by a change that is neither.

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
/// A file that changes so soon after its own change counts for more.
const SOON: Duration = Duration::from_secs(2);
/// After so long a change between runs is no answer to the one before.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// At so many points a file is taken for one that scripts write.
const MOST_POINTS: u32 = 40;
/// What a text gets for a change during a run. Its author may save it often, and a script that writes it is rare.
const TEXT: Points = Points { soon: 8, later: 2 };
/// What another file gets for a change during a run that began since its last change. Diaries are common.
const DATA: Points = Points { soon: 14, later: 8 };
/// What another file gets for a change between runs, or during one that goes on for long.
const BETWEEN: Points = Points { soon: 6, later: 1 };
/// More files and folders are not remembered.
const MOST_FILES: usize = 16_384;
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

/// What makes a file suspicious, by the time since its last change.
#[derive(Clone, Copy, Debug)]
struct Points {
    soon: u32,
    later: u32,
}

/// How suspicious a file has become.
#[derive(Clone, Copy, Default, Debug)]
struct Suspicion {
    /// When it changed last.
    last: Option<Timestamp>,
    /// Points for changes during run after run.
    in_runs: u32,
    /// Points for changes between them.
    between: u32,
}

/// Where a change lies among the runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a run that began since the file changed last.
    InNewRun,
    /// In a run that was going on then.
    InOldRun,
    Between,
}

/// Knows when scripts ran, and what changed meanwhile.
#[derive(Debug, Default)]
pub struct Guard {
    runs: VecDeque<Run>,
    /// By path, of files; and of folders for the files in them that no change is known of.
    suspicions: HashMap<PathBuf, Suspicion>,
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

    /// What a change is taken for. A save is taken to set off a run.
    pub fn judge(&mut self, change: Change<'_>) -> Judgement {
        let suspicion = self.suspect(&change);
        if suspicion.in_runs.max(suspicion.between) < MOST_POINTS {
            return Judgement::Save;
        }
        if self.told.len() >= MOST_TOLD {
            self.told.clear();
        }
        let first = self.told.insert(change.path.to_owned());
        Judgement::OfRun { first }
    }

    fn suspect(&mut self, change: &Change<'_>) -> Suspicion {
        if self.suspicions.len() >= MOST_FILES {
            self.suspicions.clear();
        }
        // Whoever writes a new file each time, writes it into the same folder.
        let folder = change.path.parent().unwrap_or(change.path);
        let known = self.suspicions.get(change.path).copied();
        let of_folder = || self.suspicions.get(folder).copied();
        let before = match (known, change.is_source) {
            (Some(known), _) => known,
            (None, true) => Suspicion::default(),
            (None, false) => of_folder().unwrap_or_default(),
        };
        let place = self.place(change, before.last);
        let mut after = match change.is_source {
            true => before.of_text(place, change.seen),
            false => before.of_data(place, change.seen),
        };
        if known.is_none() {
            // Many files may be saved together for the first time.
            after.between = 0;
            if !change.is_source {
                self.suspicions.insert(folder.to_owned(), after);
            }
        }
        self.suspicions.insert(change.path.to_owned(), after);
        after
    }

    fn place(&self, change: &Change<'_>, last: Option<Timestamp>) -> Place {
        let (from, to) = match change.written {
            Some(at) => (at, at),
            None => (change.seen.earlier_by(SEEN_WITHIN), change.seen),
        };
        let around = self.runs.iter().filter(|run| {
            let begins_before = run.began.earlier_by(CLOCK_TICK) <= to;
            let ends_after = run
                .ended
                .is_none_or(|end| end >= from.earlier_by(CLOCK_TICK));
            begins_before && ends_after
        });
        match around.map(|run| run.began).max() {
            None => Place::Between,
            Some(began) if last.is_none_or(|last| began >= last) => Place::InNewRun,
            Some(_) => Place::InOldRun,
        }
    }
}

impl Suspicion {
    fn of_text(self, place: Place, seen: Timestamp) -> Self {
        let is_soon = self.changed_within(SOON, seen);
        let in_runs = match place {
            _ if self.last.is_none() => 0,
            Place::InNewRun | Place::InOldRun if is_soon => self.in_runs + TEXT.soon,
            Place::InNewRun => self.in_runs + TEXT.later,
            Place::InOldRun => self.in_runs,
            Place::Between => 0,
        };
        Self::new(seen, in_runs, 0)
    }

    fn of_data(self, place: Place, seen: Timestamp) -> Self {
        let is_soon = self.changed_within(SOON, seen);
        if place == Place::InNewRun {
            let is_first = self.last.is_none();
            let points = if is_soon || is_first {
                DATA.soon
            } else {
                DATA.later
            };
            return Self::new(seen, self.in_runs + points, self.between);
        }
        let between = match (is_soon, self.changed_within(ANSWERED_WITHIN, seen)) {
            (true, _) => self.between + BETWEEN.soon,
            (false, true) => self.between + BETWEEN.later,
            (false, false) => 0,
        };
        // A run may write more than once.
        let in_same_run = place == Place::InOldRun && is_soon;
        Self::new(seen, if in_same_run { self.in_runs } else { 0 }, between)
    }

    fn new(last: Timestamp, in_runs: u32, between: u32) -> Self {
        Self {
            last: Some(last),
            in_runs: in_runs.min(MOST_POINTS),
            between: between.min(MOST_POINTS),
        }
    }

    fn changed_within(&self, time: Duration, seen: Timestamp) -> bool {
        self.last.is_some_and(|last| seen.earlier_by(time) < last)
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

    /// Changes of the diary, each during a run of its own that its change before has set off.
    fn diary(guard: &mut Guard, turns: u64) -> Vec<bool> {
        let change = |turn: u64| {
            let began = i64::try_from(turn).unwrap() * 300;
            guard.began(turn, at(began));
            let judged = guard.judge(data(Some(began + 50), began + 150));
            guard.ended(turn, at(began + 100));
            judged == Judgement::Save
        };
        (0..turns).map(change).collect()
    }

    #[test]
    fn a_file_of_data_that_run_after_run_writes_is_held_back() {
        let mut guard = Guard::default();
        assert_eq!(diary(&mut guard, 5), [true, true, false, false, false]);
        // Somebody looks at the page a minute later.
        guard.began(60, at(60_000));
        assert_ne!(guard.judge(data(Some(60_010), 60_100)), Judgement::Save);
        guard.ended(60, at(60_020));
        // And then the file is saved by hand.
        assert_eq!(guard.judge(data(Some(90_000), 90_100)), Judgement::Save);
    }

    #[test]
    fn a_template_may_be_saved_again_while_its_slow_script_still_runs() {
        let mut guard = Guard::default();
        assert_eq!(guard.judge(data(Some(1000), 1090)), Judgement::Save);
        guard.began(1, at(1100));
        assert_eq!(guard.judge(data(Some(2000), 2090)), Judgement::Save);
        guard.began(2, at(2100));
        guard.ended(1, at(3100));
        assert_eq!(guard.judge(data(Some(3500), 3590)), Judgement::Save);
    }

    #[test]
    fn whatever_is_saved_while_a_stream_stays_open_is_saved() {
        let mut guard = ran(1000, None);
        for save in 0..100 {
            // A pause now and then, as people make them.
            let written = 5000 + save * 4000 + save / 30 * 12_000;
            assert_eq!(
                guard.judge(data(Some(written), written + 90)),
                Judgement::Save
            );
            assert_eq!(guard.judge(text(written + 1000)), Judgement::Save);
            let key = u64::try_from(save).unwrap() + 2;
            guard.began(key, at(written + 1100));
            guard.ended(key, at(written + 1200));
        }
    }

    #[test]
    fn what_a_worker_writes_a_while_after_each_run_is_held_back() {
        let saves = |delay: i64| {
            let mut guard = Guard::default();
            let turns = 0..100_u32;
            let judged = turns.map(|turn| {
                let began = i64::from(turn) * (delay + 200);
                guard.began(turn.into(), at(began));
                guard.ended(turn.into(), at(began + 50));
                guard.judge(data(Some(began + 50 + delay), began + 150 + delay))
            });
            judged.filter(|one| *one == Judgement::Save).count()
        };
        assert_eq!(saves(1000), 7);
        assert_eq!(saves(5000), 40);
    }

    #[test]
    fn new_files_that_run_after_run_makes_are_held_back_and_many_saved_at_once_are_not() {
        let mut guard = Guard::default();
        let mut judge = |path: String, run: Option<u64>, written: i64| {
            if let Some(key) = run {
                guard.began(key, at(written - 10));
            }
            let judged = guard.judge(Change {
                path: Path::new(&path),
                ..data(Some(written), written + 90)
            });
            if let Some(key) = run {
                guard.ended(key, at(written + 10));
            }
            judged == Judgement::Save
        };
        let made: Vec<bool> = (0..4_u32)
            .map(|key| {
                judge(
                    format!("/s/sessions/{key}"),
                    Some(key.into()),
                    300 * i64::from(key),
                )
            })
            .collect();
        assert_eq!(made, [true, true, false, false]);
        assert!((0..300).all(|file| judge(format!("/s/pages/{file}.html"), None, 9000)));
    }

    #[test]
    fn a_file_that_is_gone_was_removed_by_a_run_of_just_now() {
        let place = |seen| ran(1000, Some(1200)).place(&data(None, seen), None);
        assert!(place(1300) == Place::InNewRun);
        assert!(place(4000) == Place::Between);
        let place = |written| ran(1000, Some(1200)).place(&data(Some(written), 1500), None);
        // The clock of files lags behind.
        assert!(place(990) == Place::InNewRun);
        assert!(place(900) == Place::Between && place(1400) == Place::Between);
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
