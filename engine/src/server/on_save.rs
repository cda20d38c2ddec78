//! Runs a script's request again when the script is saved: changes of the folder come in, runs go out.
//!
//! What a change is taken for and whom it concerns is decided by [`crate::on_save`]; here are the disk, the clock and
//! the runs. A run that goes on while its script is saved is not touched: its record notes that its source is old.

use super::{Guise, Host, memory};
use crate::clock::Timestamp;
use crate::exchange::{Exchange, ExchangeId, Moment, Origin};
use crate::export::resend;
use crate::history::Found;
use crate::message::{Event, ScriptStatus};
use crate::on_save::{
    Candidate, Change, Choice, Guard, Judgement, Pins, SaveNews, affected, is_source,
};
use crate::recorder::Pen;
use crate::watch::{ChangeKind, SiteChange};
use std::collections::HashMap;
use std::num::NonZero;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};

/// Changes that wait; when they are more, the last ones set off nothing.
const WAITING: usize = 1024;
/// Files that are saved together come within this time.
const GATHER: Duration = Duration::from_millis(10);
/// So many runs of one script at once; a script that hangs must not pile up.
const AT_ONCE: u32 = 3;
/// A run that goes on for longer than this lets the next one begin: it may never end.
const COUNTED_FOR: Duration = Duration::from_secs(5);

/// What runs when each script is saved, as far as it was asked for.
type Choices = HashMap<PathBuf, Option<Choice>>;

/// What runs on save, and when.
pub(crate) struct OnSave {
    on: AtomicBool,
    guard: Mutex<Guard>,
    pub(super) pins: Mutex<Option<Pins>>,
    changes: mpsc::Sender<SiteChange>,
    received: Mutex<Option<mpsc::Receiver<SiteChange>>>,
    going: Mutex<HashMap<PathBuf, Going>>,
    /// Runs that begin at once; a checkout may touch hundreds of scripts.
    room: Semaphore,
    /// Counts the saves, for pages that reload by themselves.
    pub(super) saves: watch::Sender<u64>,
}

/// The runs of one script that saves have set off.
#[derive(Default)]
struct Going {
    runs: u32,
    /// It was saved once more when there was no room.
    again: bool,
}

/// A run whose script may be saved meanwhile.
pub(crate) struct Watched {
    pub(crate) script: PathBuf,
    pub(crate) pen: Weak<Pen>,
}

impl OnSave {
    pub(crate) fn new() -> Self {
        let (changes, received) = mpsc::channel(WAITING);
        Self {
            on: AtomicBool::new(false),
            guard: Mutex::default(),
            pins: Mutex::default(),
            changes,
            received: Mutex::new(Some(received)),
            going: Mutex::default(),
            room: Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)),
            saves: watch::Sender::new(0),
        }
    }

    /// Something in the folder changed. Never waits.
    pub(super) fn changed(&self, change: SiteChange) {
        let _ = self.changes.try_send(change);
    }

    pub(super) fn run_began(&self, key: u64) {
        locked(&self.guard).began(key, Timestamp::now());
    }

    pub(super) fn run_ended(&self, key: u64) {
        locked(&self.guard).ended(key, Timestamp::now());
    }

    pub(crate) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }
}

impl Host {
    /// Whether scripts run when they are saved.
    pub(crate) fn run_on_save(&self, on: bool) {
        self.on_save.on.store(on, Ordering::Relaxed);
        self.tell_of_save(SaveNews::Chosen);
    }

    /// Takes the changes of the folder as they come, until the engine stops.
    pub(crate) async fn keep_running(self: Arc<Self>) {
        let Some(mut received) = locked(&self.on_save.received).take() else {
            return;
        };
        loop {
            let first = tokio::select! {
                change = received.recv() => change,
                () = self.stopping.cancelled() => return,
            };
            let Some(first) = first else {
                return;
            };
            tokio::time::sleep(GATHER).await;
            let mut changes = vec![first];
            while let Ok(more) = received.try_recv() {
                changes.push(more);
            }
            let host = Arc::clone(&self);
            // It reads the disk.
            let _ = tokio::task::spawn_blocking(move || host.take_changes(&changes)).await;
        }
    }

    fn take_changes(self: &Arc<Self>, changes: &[SiteChange]) {
        let saved: Vec<&SiteChange> = changes
            .iter()
            .filter(|change| self.is_save(change))
            .collect();
        if saved.is_empty() {
            return;
        }
        let root = &self.site().root;
        for change in &saved {
            self.mark_older(&root.join(&change.path), change.hash);
        }
        let mut scripts: Vec<PathBuf> = Vec::new();
        let mut choices = Choices::new();
        for change in &saved {
            for script in self.concerned(&root.join(&change.path), change, &mut choices) {
                if !scripts.contains(&script) {
                    scripts.push(script);
                }
            }
        }
        self.on_save.saves.send_modify(|saves| *saves += 1);
        self.tell_of_save(SaveNews::Saved {
            paths: saved.iter().map(|change| change.path.clone()).collect(),
            scripts: scripts.clone(),
        });
        if !self.on_save.is_on() || self.recorder.paused() {
            return;
        }
        let ran_already: Vec<PathBuf> = saved
            .iter()
            .filter(|change| self.has_run_since_it_came(change))
            .map(|change| root.join(&change.path))
            .collect();
        for script in scripts {
            if ran_already.contains(&script) {
                continue;
            }
            match self.choice_once(&script, &mut choices) {
                Some(choice) if choice.runs => self.begin(script, choice.request),
                _ => {}
            }
        }
    }

    /// Whether somebody saved it; what a script wrote itself is told of once.
    fn is_save(&self, change: &SiteChange) -> bool {
        if matches!(change.kind, ChangeKind::FolderGone | ChangeKind::FolderBack) {
            return false;
        }
        let path = self.site().root.join(&change.path);
        let judged = locked(&self.on_save.guard).judge(Change {
            path: &path,
            written: written(&path, change.kind),
            seen: Timestamp::now(),
            is_source: change.is_script || is_source(&path),
        });
        if judged == (Judgement::OfRun { first: true }) {
            let words = format!(
                "this file changes with run after run, so its changes run nothing: {:?}",
                change.path
            );
            self.recorder.notice(false, words);
            self.tell_of_save(SaveNews::Ignored {
                path: change.path.clone(),
            });
        }
        judged == Judgement::Save
    }

    /// Whether this is a new script that was asked for before the change was told: then nobody waits for its first
    /// run any more.
    fn has_run_since_it_came(&self, change: &SiteChange) -> bool {
        let path = self.site().root.join(&change.path);
        let last = self.recorder.last_request(&path);
        let last = last.filter(|_| change.kind == ChangeKind::Created);
        match last.map(|id| self.recorder.find(id)) {
            Some(Found::Exchange(exchange)) => ran(&exchange, &path, change.hash),
            Some(Found::Evicted | Found::Unknown) | None => false,
        }
    }

    /// The runs of the script that go on are those of an older source, unless they are of the one that was saved:
    /// changes are told late.
    fn mark_older(&self, script: &Path, saved: Option<[u8; 32]>) {
        let pens = self.pens_of(script).into_iter();
        for pen in pens.filter(|pen| !ran(&pen.snapshot(), script, saved)) {
            pen.note(Moment::ScriptSaved);
            pen.announce();
        }
    }

    /// It may read records, so each script is asked about once.
    fn choice_once(&self, script: &Path, choices: &mut Choices) -> Option<Choice> {
        let known = choices.get(script).copied();
        known.unwrap_or_else(|| {
            let choice = self.choice(script);
            choices.insert(script.to_owned(), choice);
            choice
        })
    }

    fn concerned(&self, path: &Path, change: &SiteChange, choices: &mut Choices) -> Vec<PathBuf> {
        let is_script = change.is_script && change.kind != ChangeKind::Removed;
        if is_script && self.choice_once(path, choices).is_some() {
            return vec![path.to_owned()];
        }
        // Nobody asked for it yet, or it is a module that stands among the scripts.
        let mut concerned = self.users_of(path);
        if is_script {
            concerned.retain(|_| !is_executable(path));
            concerned.insert(0, path.to_owned());
        }
        concerned
    }

    /// The scripts that may use a file.
    fn users_of(&self, path: &Path) -> Vec<PathBuf> {
        let scripts = self.scripts();
        let candidates: Vec<Candidate<'_>> = scripts
            .iter()
            .filter_map(|status| {
                let script = status.entry.path.as_path();
                let last = self.recorder.last_request(script);
                let last = last.or_else(|| Some(self.pin_of(script)?.request))?;
                Some(candidate(status, last))
            })
            .collect();
        affected(path, &candidates)
    }

    /// Runs the request of a script now; false when there is none.
    pub(crate) fn run_choice(self: &Arc<Self>, script: &Path) -> bool {
        let choice = self.choice(script);
        if let Some(choice) = choice {
            self.begin(script.to_owned(), choice.request);
        }
        choice.is_some()
    }

    fn begin(self: &Arc<Self>, script: PathBuf, request: ExchangeId) {
        {
            let mut going = locked(&self.on_save.going);
            let going = going.entry(script.clone()).or_default();
            if going.runs >= AT_ONCE {
                going.again = true;
                return;
            }
            going.runs += 1;
        }
        let host = Arc::clone(self);
        self.tasks.spawn(async move {
            if let Err(why) = host.run_in_turn(&script, request).await {
                host.recorder.notice(
                    true,
                    format!("not run after it was saved: {why}: {script:?}"),
                );
                host.tell_of_save(SaveNews::NotRun {
                    script: script.clone(),
                    why,
                });
            }
            host.run_is_over(&script);
        });
    }

    /// Waits until there is room for one run more.
    async fn run_in_turn(self: &Arc<Self>, script: &Path, id: ExchangeId) -> Result<(), String> {
        let room = tokio::select! {
            room = self.on_save.room.acquire() => room,
            () = self.stopping.cancelled() => return Ok(()),
        };
        let mut run = std::pin::pin!(self.run_again(script, id));
        match tokio::time::timeout(COUNTED_FOR, &mut run).await {
            Ok(done) => done,
            Err(_) => {
                drop(room);
                run.await
            }
        }
    }

    async fn run_again(self: &Arc<Self>, script: &Path, id: ExchangeId) -> Result<(), String> {
        let host = Arc::clone(self);
        let found = tokio::task::spawn_blocking(move || host.recorder.find(id)).await;
        let Ok(Found::Exchange(exchange)) = found else {
            return Err(format!("the details of request {id} are not kept any more"));
        };
        let bytes = resend(&exchange).map_err(|why| format!("request {id}: {why}"))?;
        let (host, script) = (Arc::clone(self), script.to_owned());
        let begun = move |begun: ExchangeId| {
            host.tell_of_save(SaveNews::Began {
                script,
                request: id,
                id: begun,
            });
        };
        let guise = Guise {
            begun: Some(Box::new(begun)),
            ..Guise::default()
        };
        memory::exchange(Arc::clone(self), bytes, Origin::Replay(id), guise).await;
        Ok(())
    }

    fn run_is_over(self: &Arc<Self>, script: &Path) {
        let again = {
            let mut all = locked(&self.on_save.going);
            let Some(going) = all.get_mut(script) else {
                return;
            };
            going.runs = going.runs.saturating_sub(1);
            let again = std::mem::take(&mut going.again);
            if going.runs == 0 {
                all.remove(script);
            }
            again
        };
        if again && !self.stopping.is_cancelled() {
            self.run_choice(script);
        }
    }

    pub(super) fn tell_of_save(&self, news: SaveNews) {
        self.recorder.tell(Event::OnSave(Arc::new(news)));
    }
}

fn candidate(status: &ScriptStatus, last: ExchangeId) -> Candidate<'_> {
    Candidate {
        script: &status.entry.path,
        source: &status.facts.source,
        last,
    }
}

/// Whether a script was run with this very source, as its hash tells.
fn ran(exchange: &Exchange, script: &Path, hash: Option<[u8; 32]>) -> bool {
    let mut runs = exchange.invocations.iter().map(|run| &run.script);
    runs.any(|run| run.path == script && hash == Some(run.hash))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.mode() & 0o111 != 0)
}

/// When the change was made, by the file's own dates; none where the file is gone.
fn written(path: &Path, kind: ChangeKind) -> Option<Timestamp> {
    let about = path.metadata().ok()?;
    let (seconds, nanos) = match kind {
        ChangeKind::ModeChanged => (about.ctime(), about.ctime_nsec()),
        _ => (about.mtime(), about.mtime_nsec()),
    };
    let micros = seconds.checked_mul(1_000_000)?.checked_add(nanos / 1000)?;
    Some(Timestamp::from_unix_micros(micros))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
