//! What every connection and every run of one open site share.

use super::login::Logins;
use super::on_save::{OnSave, Watched};
use super::reload::Reload;
use super::show::ShowLink;
use crate::cgi::profile::HostProfile;
use crate::check;
use crate::debugger::{Hook, HookFolder};
use crate::exchange::{ExchangeId, StopCause};
use crate::history::HistoryLimits;
use crate::history::store::Recording;
use crate::interpreter_version::{self, Versions};
use crate::interpreter_word::Words;
use crate::message::{Command, Event, Phase, ScriptStatus, ServerState, Snapshot, Watching};
use crate::process::Spawner;
use crate::recorder::{Pen, Recorder};
use crate::site::Site;
use crate::site::script::ScriptFacts;
use crate::watch::{ChangeKind, SiteChange, Watcher};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long the ending of runs may take at shutdown: TERM, two seconds, KILL, and a little.
const END_OF_RUNS: Duration = Duration::from_secs(3);
/// Between two times of telling the runs at shutdown to end.
const STOP_AGAIN: Duration = Duration::from_millis(100);

/// Changes that come within this time are one look at the scripts.
const LOOK_PAUSE: Duration = Duration::from_millis(30);

/// An open site and everything that serves it.
pub(crate) struct Host {
    pub(crate) spawner: Spawner,
    pub(crate) recorder: Arc<Recorder>,
    pub(super) logins: Logins,
    pub(super) versions: Versions,
    /// What the scripts' interpreters said of them.
    words: Words,
    /// No new connections or requests.
    pub(crate) stopping: CancellationToken,
    /// The runs are over or have had their time; whatever connection is left is dropped.
    pub(crate) ending: CancellationToken,
    /// Connections and runs.
    pub(crate) tasks: TaskTracker,
    site: Mutex<Arc<Site>>,
    profile: Mutex<Option<HostProfile>>,
    pub(crate) address: Option<SocketAddr>,
    runs: Mutex<HashMap<u64, Run>>,
    last_run: AtomicU64,
    scripts: Mutex<Arc<[ScriptStatus]>>,
    /// The state folder below which runs are kept, if they are.
    recordings: Option<PathBuf>,
    /// None until the folder was read once.
    watcher: Mutex<Option<Result<Watcher, String>>>,
    gone: AtomicBool,
    drain: Mutex<Duration>,
    /// What is watched, and how, changed.
    watch_again: AtomicBool,
    /// Scripts changed: look at them again.
    look_again: Notify,
    /// What a save sets off.
    pub(super) on_save: OnSave,
    /// Pages that reload by themselves.
    pub(crate) reload: Reload,
    /// Links from pages to the window.
    pub(crate) show: ShowLink,
    /// The module that tells of variables, written when it is first wanted.
    hooks: OnceLock<Option<Arc<HookFolder>>>,
    last_hook: AtomicU64,
}

struct Run {
    exchange: ExchangeId,
    stop: mpsc::Sender<StopCause>,
    watched: Watched,
}

impl Host {
    pub(crate) fn new(
        spawner: Spawner,
        site: Site,
        limits: HistoryLimits,
        recording: &Recording,
        address: Option<SocketAddr>,
    ) -> Arc<Self> {
        let recorder = Recorder::new(limits);
        recorder.keep_in(recording, &site);
        Arc::new(Self {
            spawner,
            recorder,
            logins: Logins::new(),
            versions: Versions::default(),
            words: Words::default(),
            stopping: CancellationToken::new(),
            ending: CancellationToken::new(),
            tasks: TaskTracker::new(),
            site: Mutex::new(Arc::new(site)),
            profile: Mutex::default(),
            address,
            runs: Mutex::default(),
            last_run: AtomicU64::new(0),
            scripts: Mutex::new(Arc::from([])),
            recordings: match recording {
                Recording::Disk(options) => Some(options.folder.clone()),
                Recording::Memory => None,
            },
            watcher: Mutex::new(None),
            gone: AtomicBool::new(false),
            drain: Mutex::new(Duration::ZERO),
            watch_again: AtomicBool::new(true),
            look_again: Notify::new(),
            on_save: OnSave::new(),
            reload: Reload::default(),
            show: ShowLink::default(),
            hooks: OnceLock::new(),
            last_hook: AtomicU64::new(0),
        })
    }

    /// Lets one run tell of its variables when it fails; none where there is no room for temporary files.
    pub(crate) fn locals_hook(&self) -> Option<Hook> {
        let folder = self.hooks.get_or_init(|| HookFolder::new().ok()).as_ref()?;
        let number = self.last_hook.fetch_add(1, Ordering::Relaxed);
        Some(Hook::locals(folder, number))
    }

    pub(crate) fn site(&self) -> Arc<Site> {
        Arc::clone(&locked(&self.site))
    }

    /// The host that every request is run as, where the engine was told so.
    pub(crate) fn profile(&self) -> Option<HostProfile> {
        *locked(&self.profile)
    }

    /// Says so where the site names a host that nobody knows: its scripts run by the specification.
    pub(crate) fn check_profile(&self) {
        let site = self.site();
        let named = site.config.options.host_profile.as_deref();
        if let Some(name) = named.filter(|name| HostProfile::parse(name).is_none()) {
            let known = HostProfile::names();
            self.recorder.notice(
                true,
                format!("options.host_profile names no host: there are {known}: {name:?}"),
            );
        }
    }

    pub(crate) fn set_profile(&self, profile: Option<HostProfile>) {
        *locked(&self.profile) = profile;
    }

    /// Bytes kept of each recorded stream.
    pub(crate) fn capture_bytes(&self) -> usize {
        usize::try_from(self.site().config.limits.capture_bytes).unwrap_or(usize::MAX)
    }

    pub(crate) fn folder_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// The script's facts as they are on disk now. Touches the disk: the file's state always, its bytes when it changed.
    pub(crate) fn facts_of(&self, script: &Path) -> Arc<ScriptFacts> {
        Arc::new(self.site().script_facts(script))
    }

    /// The version of an interpreter, if it is known; otherwise it is asked for, and known to later runs.
    pub(super) fn interpreter_version(self: &Arc<Self>, path: &Path) -> Option<String> {
        if self.versions.is_to_be_asked(path) {
            let (host, path) = (Arc::clone(self), path.to_owned());
            let search_path = self.site().config.path().to_owned();
            self.tasks.spawn(async move {
                let asked = interpreter_version::ask(&host.spawner, &path, &search_path);
                let version = tokio::select! {
                    version = asked => version,
                    () = host.stopping.cancelled() => None,
                };
                host.versions.take(&path, version);
            });
        }
        self.versions.known(path)
    }

    /// Enters a run in the list of what can be stopped, until the guard is dropped.
    pub(crate) fn enter_run(
        self: &Arc<Self>,
        exchange: ExchangeId,
        watched: Watched,
    ) -> (RunEntry, mpsc::Receiver<StopCause>) {
        let (stop, stopped) = mpsc::channel(1);
        let key = self.last_run.fetch_add(1, Ordering::Relaxed);
        let run = Run {
            exchange,
            stop,
            watched,
        };
        locked(&self.runs).insert(key, run);
        self.on_save.run_began(key);
        (
            RunEntry {
                host: Arc::clone(self),
                key,
            },
            stopped,
        )
    }

    /// The records of the runs of a script that go on.
    pub(super) fn pens_of(&self, script: &Path) -> Vec<Arc<Pen>> {
        let runs = locked(&self.runs);
        let of_script = runs.values().filter(|run| run.watched.script == script);
        of_script
            .filter_map(|run| run.watched.pen.upgrade())
            .collect()
    }

    /// The scripts as they were looked at last.
    pub(super) fn scripts(&self) -> Arc<[ScriptStatus]> {
        Arc::clone(&locked(&self.scripts))
    }

    fn stop_runs(&self, which: impl Fn(ExchangeId) -> bool, cause: StopCause) {
        for run in locked(&self.runs)
            .values()
            .filter(|run| which(run.exchange))
        {
            let _ = run.stop.try_send(cause);
        }
    }

    pub(crate) fn obey(self: &Arc<Self>, command: Command) {
        match command {
            Command::Pause(paused) => {
                self.recorder.pause(paused);
                self.tell_state();
            }
            Command::Restart => self.restart(),
            Command::Stop(exchange) => self.stop_runs(|id| id == exchange, StopCause::User),
            Command::Clear { up_to } => self.recorder.clear(up_to),
            Command::Recheck => {
                self.words.forget();
                self.look_again.notify_one();
            }
        }
    }

    fn restart(self: &Arc<Self>) {
        self.stop_runs(|_| true, StopCause::User);
        match Site::open(&self.site().root) {
            Ok(site) => {
                self.recorder.retain(&site.config.history);
                *locked(&self.site) = Arc::new(site);
                self.check_profile();
                self.gone.store(false, Ordering::Relaxed);
                self.recorder.notice(false, "configuration read again");
            }
            Err(error) => self.recorder.notice(true, error.to_string()),
        }
        self.watch_again.store(true, Ordering::Relaxed);
        self.look_again.notify_one();
    }

    /// Looks at the scripts whenever something changed, until the engine stops. A burst of changes is one look.
    pub(crate) async fn keep_looking(self: Arc<Self>) {
        loop {
            let host = Arc::clone(&self);
            let _ = tokio::task::spawn_blocking(move || {
                // A large folder is read once before it is watched; this thread may wait for that.
                if host.watch_again.swap(false, Ordering::Relaxed) {
                    host.watch();
                }
                host.look();
            })
            .await;
            self.ask_interpreters().await;
            tokio::select! {
                () = self.look_again.notified() => tokio::time::sleep(LOOK_PAUSE).await,
                () = self.stopping.cancelled() => return,
            }
        }
    }

    /// Looks at every script and tells what is known of each.
    fn look(&self) {
        let statuses: Arc<[ScriptStatus]> = self
            .site()
            .scripts()
            .into_iter()
            .map(|entry| self.status(entry))
            .collect();
        *locked(&self.scripts) = Arc::clone(&statuses);
        self.recorder.tell(Event::Scripts(statuses));
    }

    fn status(&self, entry: crate::site::ScriptEntry) -> ScriptStatus {
        let facts = self.facts_of(&entry.path);
        check::status(&self.site(), entry, facts, &self.words)
    }

    /// Asks the interpreters about the scripts that they have not seen, and tells what is known then.
    async fn ask_interpreters(&self) {
        let statuses = Arc::clone(&locked(&self.scripts));
        let site = self.site();
        let mut news = false;
        for status in statuses.iter().take(check::MOST_ASKED) {
            let asked = check::ask(&self.spawner, &site, &self.words, &status.facts);
            news |= tokio::select! {
                answered = asked => answered,
                () = self.stopping.cancelled() => return,
                // What was just saved comes first; the rest is asked after it.
                () = self.look_again.notified() => {
                    self.look_again.notify_one();
                    break;
                }
            };
        }
        if news {
            self.tell_again();
        }
    }

    /// Tells of the scripts as they were looked at, with what their interpreters have said since.
    fn tell_again(&self) {
        let known = Arc::clone(&locked(&self.scripts));
        let site = self.site();
        let statuses: Arc<[ScriptStatus]> = known
            .iter()
            .map(|status| {
                let (entry, facts) = (status.entry.clone(), Arc::clone(&status.facts));
                check::status(&site, entry, facts, &self.words)
            })
            .collect();
        *locked(&self.scripts) = Arc::clone(&statuses);
        self.recorder.tell(Event::Scripts(statuses));
    }

    fn watch(self: &Arc<Self>) {
        let host: Weak<Self> = Arc::downgrade(self);
        let site = self.site();
        let watching = &site.config.watch;
        let mut ignore = watching.ignore.clone();
        ignore.extend(self.own_files(&site.root));
        let watcher = Watcher::start(&site.root, watching.quiet(), &ignore, move |change| {
            if let Some(host) = host.upgrade() {
                host.site_changed(change);
            }
        });
        if let Err(error) = &watcher {
            self.recorder.notice(true, error.to_string());
        }
        self.replace_watcher(watcher.map_err(|error| error.to_string()));
        self.tell_state();
    }

    /// Our own recordings, where they are kept within the site: each request would be a change of the folder.
    fn own_files(&self, root: &Path) -> Option<String> {
        let folder = self.recordings.as_deref()?.join("cgi-studio/sites");
        let within = folder.strip_prefix(root).ok()?;
        Some(within.to_string_lossy().into_owned())
    }

    /// A watcher that is dropped waits for its thread, which may be asking for our lock: so it is dropped outside.
    fn replace_watcher(&self, watcher: Result<Watcher, String>) {
        let before = locked(&self.watcher).replace(watcher);
        drop(before);
    }

    fn site_changed(&self, change: SiteChange) {
        match change.kind {
            ChangeKind::FolderGone => self.gone.store(true, Ordering::Relaxed),
            ChangeKind::FolderBack => self.gone.store(false, Ordering::Relaxed),
            ChangeKind::ConfigChanged => self.reload_config(),
            _ => {}
        }
        let tells_state = matches!(
            change.kind,
            ChangeKind::FolderGone | ChangeKind::FolderBack | ChangeKind::ConfigChanged
        );
        self.recorder.site_changed(change.clone());
        self.on_save.changed(change);
        self.look_again.notify_one();
        if tells_state {
            self.tell_state();
        }
    }

    fn reload_config(&self) {
        if let Ok(site) = Site::open(&self.site().root) {
            self.recorder.retain(&site.config.history);
            *locked(&self.site) = Arc::new(site);
            self.check_profile();
            self.watch_again.store(true, Ordering::Relaxed);
        }
    }

    fn tell_state(&self) {
        self.recorder.tell(Event::State(self.state()));
    }

    fn state(&self) -> ServerState {
        let site = self.site();
        ServerState {
            phase: Phase::of(self),
            folder: site.root.clone(),
            name: site.name.clone(),
            address: self.address,
            watching: self.watching(),
            problems: site.problems.clone().into(),
        }
    }

    fn watching(&self) -> Watching {
        match &*locked(&self.watcher) {
            None => Watching::Starting,
            Some(Err(reason)) => Watching::Off(reason.clone()),
            Some(Ok(watcher)) => watcher
                .polling_because()
                .map_or(Watching::Events, Watching::Polling),
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            state: self.state(),
            rows: self.recorder.history.rows(),
            site_news: self.recorder.news(),
            scripts: Arc::clone(&locked(&self.scripts)),
            notices: self.recorder.notices(),
            held: self.recorder.history.held(),
            recording: self.recorder.recording(),
        }
    }

    /// Begins to stop: connections finish what they have; [`Self::drain`] ends what takes longer than `drain`.
    pub(crate) fn stop(&self, drain: Duration) {
        *locked(&self.drain) = drain;
        self.stopping.cancel();
        self.tell_state();
    }

    /// Waits until everything is over; ends runs that take too long.
    pub(crate) async fn drain(&self) {
        self.end_tasks().await;
        self.replace_watcher(Err("stopped".to_owned()));
    }

    async fn end_tasks(&self) {
        self.tasks.close();
        let patience = *locked(&self.drain);
        if self.all_over_within(patience).await {
            return;
        }
        let begun = Instant::now();
        while begun.elapsed() < END_OF_RUNS {
            // Again and again: a run may have been about to enter the list.
            self.stop_runs(|_| true, StopCause::Shutdown);
            if self.all_over_within(STOP_AGAIN).await {
                return;
            }
        }
        self.ending.cancel();
        // What still does not end (a process that the system cannot kill) is the spawner's to end after us.
        self.all_over_within(END_OF_RUNS).await;
    }

    async fn all_over_within(&self, patience: Duration) -> bool {
        tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_ok()
    }
}

/// A run's place in the list of what can be stopped.
pub(crate) struct RunEntry {
    host: Arc<Host>,
    key: u64,
}

impl Drop for RunEntry {
    fn drop(&mut self) {
        locked(&self.host.runs).remove(&self.key);
        self.host.on_save.run_ended(self.key);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
