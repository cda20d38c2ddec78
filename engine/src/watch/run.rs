//! The watcher's thread: take hints, wait for quiet, look, tell.

use std::collections::{BTreeSet, HashSet};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::events::{Shared, Signal, events, in_words, is_gone};
use super::tree::{Seen, Tree};
use super::{ChangeKind, SiteChange};

/// How often the folder is compared when there are no events.
const POLL: Duration = Duration::from_secs(1);
/// How often it is checked that the folder is still the same one: no event tells of it surely.
const IDENTITY_CHECK: Duration = Duration::from_secs(1);
/// How often a folder that is gone is looked for.
const RETURN_CHECK: Duration = Duration::from_millis(200);
/// Something that never stops writing holds up a change no longer than this many quiet periods,
/// nor shorter than [`SHORTEST_PATIENCE`].
const PATIENCE_IN_QUIET_PERIODS: u32 = 10;
const SHORTEST_PATIENCE: Duration = Duration::from_secs(1);
/// With more paths waiting, the whole folder is compared instead.
const MOST_WAITING: usize = 4096;

/// Which folder a path means just now: it may be moved away and another put in its place.
type Identity = Option<(u64, u64)>;

pub(super) struct Run {
    tree: Tree,
    quiet: Duration,
    sink: Box<dyn Fn(SiteChange) + Send>,
    signals: Receiver<Signal>,
    shared: Arc<Shared>,
    events: Option<RecommendedWatcher>,
    identity: Identity,
    waiting: BTreeSet<PathBuf>,
    everything_waits: bool,
    /// Paths that looked suspicious, and about which nothing was heard since.
    looked_at_once: HashSet<PathBuf>,
    /// Those of them that are looked at again now.
    second_look: HashSet<PathBuf>,
    /// What the looks of this moment found.
    changes: Vec<SiteChange>,
    first_hint: Option<Instant>,
    last_hint: Option<Instant>,
    next_check: Instant,
}

impl Run {
    pub(super) fn new(
        tree: Tree,
        quiet: Duration,
        sink: Box<dyn Fn(SiteChange) + Send>,
        signals: Receiver<Signal>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            identity: identity(tree.root()),
            tree,
            quiet,
            sink,
            signals,
            shared,
            events: None,
            waiting: BTreeSet::new(),
            everything_waits: false,
            looked_at_once: HashSet::new(),
            second_look: HashSet::new(),
            changes: Vec::new(),
            first_hint: None,
            last_hint: None,
            next_check: Instant::now(),
        }
    }

    /// Starts the events and reads the folder once, telling nothing.
    pub(super) fn prepared(mut self, signals: Option<&SyncSender<Signal>>) -> Self {
        match signals {
            Some(signals) => match events(signals.clone(), Arc::clone(&self.shared)) {
                Ok(events) => self.events = Some(events),
                Err(error) => self.poll_instead(&in_words(&error)),
            },
            None => self.poll_instead("events are switched off"),
        }
        self.search(Path::new(""), false);
        // What is there at first is no news.
        self.changes = Vec::new();
        self
    }

    pub(super) fn run(mut self) {
        loop {
            let now = Instant::now();
            let wait = self.due(now).saturating_duration_since(now);
            match self.signals.recv_timeout(wait) {
                Ok(signal) => self.take(signal),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.shared.stopped.load(Ordering::Acquire) {
                return;
            }
            self.work(Instant::now());
        }
    }

    fn take(&mut self, signal: Signal) {
        match signal {
            Signal::Touched(paths) => {
                for path in paths {
                    self.hint(&path);
                }
            }
            Signal::Lost => self.hint_everything(),
            Signal::Failed(reason) => self.poll_instead(&reason),
            Signal::Wake => {}
        }
    }

    fn hint(&mut self, path: &Path) {
        if let Some(relative) = self.tree.relative(path) {
            if relative.as_os_str().is_empty() {
                self.next_check = Instant::now();
            }
            // Something goes on there: what comes next is a first look again.
            self.looked_at_once.remove(&relative);
            self.wait_for(relative);
        }
    }

    fn wait_for(&mut self, relative: PathBuf) {
        self.hinted();
        self.waiting.insert(relative);
        if self.waiting.len() > MOST_WAITING {
            self.hint_everything();
        }
    }

    fn hint_everything(&mut self) {
        self.hinted();
        self.everything_waits = true;
        self.waiting.clear();
    }

    fn hinted(&mut self) {
        let now = Instant::now();
        self.first_hint.get_or_insert(now);
        self.last_hint = Some(now);
    }

    /// When there is something to do next.
    fn due(&self, now: Instant) -> Instant {
        if self.shared.lost.load(Ordering::Acquire) {
            return now;
        }
        self.settled_at()
            .map_or(self.next_check, |settled| settled.min(self.next_check))
    }

    fn settled_at(&self) -> Option<Instant> {
        // While the folder is gone, hints wait for its return.
        self.identity?;
        let patience = (self.quiet * PATIENCE_IN_QUIET_PERIODS).max(SHORTEST_PATIENCE);
        Some((self.last_hint? + self.quiet).min(self.first_hint? + patience))
    }

    fn work(&mut self, now: Instant) {
        if self.shared.lost.swap(false, Ordering::AcqRel) {
            self.hint_everything();
        }
        if now >= self.next_check {
            self.check_identity();
            if self.identity.is_some() && self.events.is_none() && self.last_hint.is_none() {
                self.everything_waits = true;
                self.settle();
            }
            let pause = if self.identity.is_none() {
                RETURN_CHECK
            } else {
                POLL.min(IDENTITY_CHECK)
            };
            self.next_check = Instant::now() + pause;
        }
        if self.settled_at().is_some_and(|settled| now >= settled) {
            // `rm -r` of the whole folder is one change, not one for each file.
            self.check_identity();
            if self.identity.is_some() {
                self.settle();
            }
        }
    }

    fn check_identity(&mut self) {
        let found = identity(self.tree.root());
        if found == self.identity {
            return;
        }
        if self.identity.take().is_some() {
            self.tell_of_folder(ChangeKind::FolderGone);
            self.unwatch_below(Path::new(""));
        }
        if found.is_some() {
            self.identity = found;
            self.tell_of_folder(ChangeKind::FolderBack);
            // Whoever puts the folder back may still be filling it.
            self.watch(Path::new(""));
            self.hint_everything();
        }
    }

    fn settle(&mut self) {
        let paths = std::mem::take(&mut self.waiting);
        let everything = std::mem::take(&mut self.everything_waits);
        self.second_look = std::mem::take(&mut self.looked_at_once);
        (self.first_hint, self.last_hint) = (None, None);
        // First what is gone: a folder that was renamed keeps its watch in the system, and giving
        // it up by its old name would give up the new one.
        let root = self.tree.root().to_owned();
        for gone in paths.iter().filter(|path| !root.join(path).is_dir()) {
            self.unwatch_below(gone);
        }
        if everything {
            self.search(Path::new(""), true);
        }
        for path in paths {
            self.look(&path, false);
        }
        // Told at the end, since whoever is told may write to the folder at once.
        for change in std::mem::take(&mut self.changes) {
            (self.sink)(change);
        }
    }

    fn look(&mut self, relative: &Path, trusting: bool) {
        let patient = !self.second_look.contains(relative);
        match self.tree.look(relative, patient, trusting) {
            Seen::Nothing => {}
            Seen::Suspicious => {
                self.looked_at_once.insert(relative.to_owned());
                self.wait_for(relative.to_owned());
            }
            Seen::Folder => return self.search(relative, trusting),
            Seen::Change(change) => self.changes.push(change),
        }
        self.look_below_former_folder(relative);
    }

    /// A folder that is gone, or has become a file, takes its files with it.
    fn look_below_former_folder(&mut self, relative: &Path) {
        let known: Vec<PathBuf> = self
            .tree
            .known_below(relative)
            .map(Path::to_owned)
            .collect();
        for path in known.iter().filter(|path| path.as_path() != relative) {
            self.look(path, true);
        }
    }

    /// Watches a folder and all below it, and looks at every file. Watching comes first, so that
    /// nothing slips through between the two.
    fn search(&mut self, folder: &Path, trusting: bool) {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            if self.tree.is_foreign(&folder) {
                continue;
            }
            self.watch(&folder);
            for path in self.tree.names_in(&folder) {
                let is_folder = self
                    .tree
                    .root()
                    .join(&path)
                    .symlink_metadata()
                    .is_ok_and(|link| link.is_dir());
                if is_folder {
                    folders.push(path);
                } else {
                    self.look(&path, trusting);
                }
            }
        }
    }

    /// Asks for events of a folder; asking twice does no harm and mends a lost watch.
    fn watch(&mut self, folder: &Path) {
        let known = !self.tree.folders.insert(folder.to_owned());
        // Where one watch covers all below, asking again would start it anew.
        if !cfg!(target_os = "linux") && (known || !folder.as_os_str().is_empty()) {
            return;
        }
        let mode = if cfg!(target_os = "linux") {
            RecursiveMode::NonRecursive
        } else {
            RecursiveMode::Recursive
        };
        let path = if folder.as_os_str().is_empty() {
            self.tree.root().to_owned()
        } else {
            self.tree.root().join(folder)
        };
        let Some(events) = &mut self.events else {
            return;
        };
        if let Err(error) = events.watch(&path, mode)
            && !is_gone(&error)
        {
            self.poll_instead(&in_words(&error));
        }
    }

    fn unwatch_below(&mut self, folder: &Path) {
        let below: Vec<PathBuf> = self
            .tree
            .folders
            .range(folder.to_owned()..)
            .take_while(|path| path.starts_with(folder))
            .cloned()
            .collect();
        for path in below {
            self.tree.folders.remove(&path);
            if let Some(events) = &mut self.events {
                // The system may have given it up already.
                let _ = events.unwatch(&self.tree.root().join(&path));
            }
        }
    }

    fn poll_instead(&mut self, reason: &str) {
        self.events = None;
        let told = format!("{reason}; the folder is compared every second instead");
        tracing::warn!(root = %self.tree.root().display(), "{told}");
        *self
            .shared
            .polling_because
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(told);
    }

    fn tell_of_folder(&self, kind: ChangeKind) {
        (self.sink)(SiteChange {
            path: PathBuf::new(),
            kind,
            is_script: false,
            hash: None,
        });
    }
}

fn identity(root: &Path) -> Identity {
    let metadata = root.metadata().ok().filter(std::fs::Metadata::is_dir)?;
    Some((metadata.dev(), metadata.ino()))
}
