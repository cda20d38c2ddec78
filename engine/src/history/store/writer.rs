//! The one thread that writes: takes what ended, commits it, then tells; tidies up when nothing comes.
//!
//! A disk that cannot be written pauses recording: what ends meanwhile is told to be in memory only, the newest of it
//! is kept here, and every few seconds it is tried again. Damage is set aside, and recording begins anew.

use super::archive::key;
use super::disk::{Disk, PackedRun};
use super::handle::{Shared, StoreNews};
use super::queue::{Queue, Taken, Task};
use super::upkeep::Upkeep;
use super::writer_lock::{self, Taken as Lock, WriterLock};
use super::{RecordingState, StoreError, StoreOptions, database, site_folder};
use crate::clock::Timestamp;
use crate::exchange::ExchangeId;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a disk that could not be written is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(if cfg!(test) { 50 } else { 3000 });
/// So long nothing must have come before the writer tidies up.
const QUIET: Duration = Duration::from_millis(300);
/// Too old is looked for so often.
const LOOK_FOR_OLD: Duration = Duration::from_secs(600);
/// While recording is paused so many runs are kept to be written later, or so many bytes of them.
const BACKLOG_RUNS: usize = 1024;
const BACKLOG_BYTES: usize = 64 << 20;
/// Tasks in one transaction.
const TOGETHER: usize = 512;

pub(super) struct Writer {
    pub(super) queue: Arc<Queue>,
    pub(super) shared: Arc<Shared>,
    pub(super) news: Box<dyn Fn(StoreNews) + Send>,
    options: StoreOptions,
    root: PathBuf,
    open: Option<Open>,
    backlog: VecDeque<Waiting>,
    /// When to try again, while recording is paused.
    try_again: Option<Instant>,
    upkeep: Upkeep,
    /// Something may be left to tidy up.
    untidy: bool,
    /// Nothing has come for a while.
    quiet: bool,
}

struct Open {
    disk: Disk,
    _lock: WriterLock,
}

struct Waiting {
    task: Task,
    /// Its run was told to be in memory only.
    given_up: bool,
}

impl Writer {
    pub(super) fn new(
        queue: Arc<Queue>,
        shared: Arc<Shared>,
        options: StoreOptions,
        root: &Path,
        news: Box<dyn Fn(StoreNews) + Send>,
    ) -> Self {
        Self {
            queue,
            shared,
            news,
            options,
            root: root.to_owned(),
            open: None,
            backlog: VecDeque::new(),
            try_again: None,
            upkeep: Upkeep::default(),
            untidy: true,
            quiet: false,
        }
    }

    /// Opens what there is, or pauses at once.
    pub(super) fn begin(&mut self) {
        if let Err(error) = self.open() {
            self.pause(&error);
        }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        // However it ends, nobody may wait for room that never comes.
        let _closes = ClosesQueue(Arc::clone(&self.queue));
        loop {
            match self.queue.take(self.patience()) {
                Taken::Tasks(tasks) => {
                    let waiting = |task| Waiting {
                        task,
                        given_up: false,
                    };
                    self.backlog.extend(tasks.into_iter().map(waiting));
                    (self.untidy, self.quiet) = (true, false);
                    self.work();
                }
                Taken::Idle if self.try_again.is_some() => self.work(),
                Taken::Idle => self.tidy(),
                Taken::Closed => break,
            }
        }
        self.try_again = self.try_again.map(|_| Instant::now());
        self.work();
    }

    fn patience(&self) -> Option<Duration> {
        if let Some(again) = self.try_again {
            return Some(again.saturating_duration_since(Instant::now()));
        }
        if self.untidy {
            return Some(if self.quiet { Duration::ZERO } else { QUIET });
        }
        self.shared.retention().age.map(|_| LOOK_FOR_OLD)
    }

    /// Writes all that waits, if the disk lets it.
    fn work(&mut self) {
        if self.try_again.is_some_and(|again| Instant::now() < again) {
            return self.give_up();
        }
        let mut set_aside = false;
        while !self.backlog.is_empty() {
            let count = self.backlog.len().min(TOGETHER);
            match self.write(count) {
                Ok(()) => {
                    self.resume();
                    self.written(count);
                    self.trim();
                }
                Err(error) if error.is_damage() && !set_aside => {
                    set_aside = true;
                    if let Err(error) = self.set_aside(&error) {
                        self.pause(&error);
                        return self.give_up();
                    }
                }
                Err(error) => {
                    self.pause(&error);
                    return self.give_up();
                }
            }
        }
        if self.try_again.is_some() && self.open().is_ok() {
            self.resume();
        }
    }

    /// Writes the first tasks that wait, all or none.
    fn write(&mut self, count: usize) -> Result<(), StoreError> {
        if self
            .open
            .as_ref()
            .is_some_and(|open| !open.disk.is_in_place())
        {
            self.open = None;
            (self.news)(StoreNews::Notice(
                "the folder of recorded requests vanished; recording begins anew".to_owned(),
            ));
        }
        self.open()?;
        let Some(Open { disk, .. }) = &mut self.open else {
            return Ok(());
        };
        let tasks = || self.backlog.iter().take(count).map(|waiting| &waiting.task);
        if tasks().any(|task| matches!(task, Task::Damaged)) {
            return Err(StoreError::Damaged {
                reason: "a part of it could not be read".to_owned(),
                path: disk.path().to_owned(),
            });
        }
        let packed: Vec<Step<'_>> = tasks().filter_map(Step::of).collect();
        disk.change(|change| {
            for step in &packed {
                match step {
                    Step::Record(run) => change.record(run)?,
                    Step::Mark(run, pinned, comment) => {
                        change.mark(*run, *pinned, comment.as_deref())?;
                    }
                    Step::Clear(up_to) => change.clear(*up_to)?,
                }
            }
            Ok(())
        })
    }

    /// The first tasks are on disk: only now may anybody be told.
    fn written(&mut self, count: usize) {
        let mut runs = Vec::new();
        for waiting in self.backlog.drain(..count.min(self.backlog.len())) {
            if let Task::Record(run) = waiting.task {
                if !waiting.given_up {
                    self.queue.done(&run);
                }
                runs.push(run.row.id);
            }
        }
        if !runs.is_empty() {
            (self.news)(StoreNews::Recorded(runs));
        }
    }

    /// Under load nothing is ever quiet, and a bound is a bound.
    fn trim(&mut self) {
        let Some(Open { disk, .. }) = &mut self.open else {
            return;
        };
        let (retention, now) = (self.shared.retention(), Timestamp::now());
        if let Err(error) = self.upkeep.trim(disk, &retention, now) {
            // Damage is met again by whoever writes next, and dealt with there.
            tracing::warn!("cannot make room: {error}");
        }
        self.shared.note_bytes(disk.bytes().unwrap_or_default());
        self.tell_forgotten();
    }

    /// Runs that had to go are not to be listed any longer.
    fn tell_forgotten(&mut self) {
        let Some(Open { disk, .. }) = &mut self.open else {
            return;
        };
        let runs = disk.take_forgotten();
        if !runs.is_empty() {
            (self.news)(StoreNews::Forgotten(runs));
        }
    }

    /// What waits is in memory only, for now. The newest stays here to be written later.
    fn give_up(&mut self) {
        let mut runs = Vec::new();
        for waiting in &mut self.backlog {
            if let (Task::Record(run), false) = (&waiting.task, waiting.given_up) {
                waiting.given_up = true;
                self.queue.done(run);
                runs.push(run.row.id);
            }
        }
        if !runs.is_empty() {
            (self.news)(StoreNews::MemoryOnly(runs));
        }
        let (mut runs, mut bytes) = (0, 0);
        let newest_first = self.backlog.iter().rev();
        let fits = |waiting: &&Waiting| {
            if let Task::Record(run) = &waiting.task {
                runs += 1;
                bytes += run.bytes;
            }
            runs <= BACKLOG_RUNS && bytes <= BACKLOG_BYTES
        };
        let kept = newest_first.take_while(fits).count();
        let dropped = self.backlog.len() - kept;
        // Marks and clearing count whatever becomes of runs.
        let mut index = 0;
        self.backlog.retain(|waiting| {
            index += 1;
            index > dropped || !matches!(waiting.task, Task::Record(_))
        });
    }

    fn pause(&mut self, error: &StoreError) {
        self.try_again = Some(Instant::now() + TRY_AGAIN);
        let reason = error.to_string();
        if self
            .shared
            .set_state(RecordingState::Paused(reason.clone()))
        {
            (self.news)(StoreNews::Paused(reason));
        }
    }

    fn resume(&mut self) {
        self.try_again = None;
        if self.shared.set_state(RecordingState::Disk) {
            (self.news)(StoreNews::Resumed);
        }
    }

    /// Opens the site's folder unless it is open; a database that cannot be used is set aside.
    fn open(&mut self) -> Result<(), StoreError> {
        if self.open.is_some() {
            return Ok(());
        }
        let folder = site_folder::claim(&self.options.folder, &self.root)?;
        self.shared.show(&folder);
        let lock = match writer_lock::take(&folder)? {
            Lock::Ours(lock) => lock,
            Lock::Theirs(process) => {
                return Err(StoreError::Taken {
                    process: process.map_or_else(String::new, |pid| format!(" (process {pid})")),
                    path: folder,
                });
            }
        };
        let disk = match Disk::open(&folder) {
            Err(error) if error.is_damage() => {
                self.rename(&error, &folder.join(database::FILE))?;
                Disk::open(&folder)?
            }
            opened => opened?,
        };
        self.took_over(&disk);
        self.shared.show(&folder);
        self.shared.set_streams(&folder);
        self.shared.note_bytes(disk.bytes().unwrap_or_default());
        self.open = Some(Open { disk, _lock: lock });
        (self.untidy, self.upkeep) = (true, Upkeep::default());
        Ok(())
    }

    /// Somebody else recorded meanwhile: numbers that they gave are theirs.
    fn took_over(&mut self, disk: &Disk) {
        let last = disk.totals.last_run;
        self.backlog.retain(|waiting| match &waiting.task {
            Task::Record(run) => !waiting.given_up || key(run.row.id) > last,
            Task::Mark { run, .. } => key(*run) > last || self.shared.knows(*run),
            _ => true,
        });
        let last = ExchangeId(u64::try_from(last).unwrap_or_default());
        (self.news)(StoreNews::Opened { last });
    }

    fn set_aside(&mut self, why: &StoreError) -> Result<(), StoreError> {
        if let Some(open) = self.open.take() {
            self.shared.hide();
            let path = open.disk.path().to_owned();
            drop(open.disk);
            self.rename(why, &path)?;
        }
        self.backlog
            .retain(|waiting| !matches!(waiting.task, Task::Damaged));
        self.open()
    }

    fn rename(&self, why: &StoreError, path: &Path) -> Result<(), StoreError> {
        let word = match why {
            StoreError::Newer { .. } => "newer",
            _ => "damaged",
        };
        self.shared.hide();
        let aside = database::set_aside(path, word, &Timestamp::now().for_file_names())?;
        (self.news)(StoreNews::Notice(format!(
            "{why}; it was set aside as {aside:?}, and recording begins anew"
        )));
        Ok(())
    }

    /// One step of what can wait.
    fn tidy(&mut self) {
        self.quiet = true;
        let Some(Open { disk, .. }) = &mut self.open else {
            self.untidy = false;
            return;
        };
        let step = self
            .upkeep
            .step(disk, &self.shared.retention(), Timestamp::now());
        match step {
            Ok(more) => {
                self.untidy = more;
                self.shared.note_bytes(disk.bytes().unwrap_or_default());
                self.tell_forgotten();
            }
            Err(error) if error.is_damage() => {
                if let Err(error) = self.set_aside(&error) {
                    self.pause(&error);
                }
            }
            // What cannot be tidied up on a full disk is tried again when something was written.
            Err(error) => {
                tracing::warn!("cannot tidy up: {error}");
                self.untidy = false;
            }
        }
    }
}

/// A task as it goes into the transaction.
enum Step<'a> {
    Record(PackedRun),
    Mark(ExchangeId, bool, &'a Option<String>),
    Clear(ExchangeId),
}

impl<'a> Step<'a> {
    fn of(task: &'a Task) -> Option<Self> {
        Some(match task {
            Task::Record(run) => Self::Record(PackedRun::of(run)),
            Task::Mark {
                run,
                pinned,
                comment,
            } => Self::Mark(*run, *pinned, comment),
            Task::Clear { up_to } => Self::Clear(*up_to),
            Task::Damaged => return None,
        })
    }
}

struct ClosesQueue(Arc<Queue>);

impl Drop for ClosesQueue {
    fn drop(&mut self) {
        self.0.close();
    }
}
