//! What the window knows of the open folder: rows, changes, scripts, the server and the selection.

pub mod by_value;
mod clearing;
mod last_runs;
mod listing;
pub mod order;
pub mod scan;
mod selection;
mod shown;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use cgi_engine::Event;
use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{ExchangeId, ExchangeRow, Progress, Recorded, RowKind, RowRef};
use cgi_engine::history::store::RecordingState;
use cgi_engine::history::{Counts, Held, Index};
use cgi_engine::message::{Notice, RecordingStatus, ScriptStatus, ServerState, SiteNews, Snapshot};

use super::cells::Cells;
use super::comparison::Compared;
use super::compose::Composer;
use super::content::Contents;
use super::debugging::Debugging;
use super::details::Details;
use super::earlier::Earlier;
use super::editor::Editor;
use super::elsewhere::Elsewhere;
use super::filter::{self, Filter};
use super::fixing::Fixing;
use super::hand_on::HandOn;
use super::looping::Looping;
use super::repeating::Repeating;
use super::saved::SavedRequests;
use super::search::Search;
use super::stepping::Stepping;
use super::surroundings::Dialog;
use super::versions::Between;
pub use clearing::{Hidden, UNDO};
use listing::Scanning;
use order::Order;
use scan::Scan;
pub use shown::Line;
use shown::Shown;

/// The engine keeps at most this many rows by default; the window forgets with it.
const ROWS: usize = 1_000_000;
/// Rows are forgotten in portions, so that a full list does not move for each new row.
const FORGOTTEN_AT_ONCE: usize = 10_000;
/// As many changes and notices as a person would scroll back.
const NEWS: usize = 1_000;

/// The open folder.
#[derive(Debug)]
pub struct SiteModel {
    /// The server.
    pub state: ServerState,
    /// The scripts and what is known of each.
    pub scripts: Arc<[ScriptStatus]>,
    /// The server's own log, oldest first.
    pub notices: VecDeque<Arc<Notice>>,
    /// What the history holds, as last asked.
    pub held: Held,
    /// What is kept on disk, and whether it is just now.
    pub recording: RecordingStatus,
    /// Both have changed since they were asked.
    pub figures_are_old: bool,
    /// What is known of the selected request.
    pub details: Details,
    /// The bodies of the selected request that were read.
    pub contents: Contents,
    /// The run before the selected one.
    pub earlier: Earlier,
    /// Two requests that are compared in the place of the details.
    pub compared: Option<Compared>,
    /// The saves between a good run and one that failed, in the place of the details.
    pub versions: Option<Between>,
    /// The selected request gone through step by step, in the place of list and details.
    pub stepping: Option<Stepping>,
    /// The request that a comment is being written for.
    pub commenting: Option<ExchangeId>,
    /// The site on other hosts, in the place of list and details.
    pub elsewhere: Option<Elsewhere>,
    /// Requests that leave or come in, in the place of list and details.
    pub hand_on: Option<HandOn>,
    /// A request that is being written, in the place of list and details.
    pub composer: Composer,
    /// The requests in the folder's `requests/`.
    pub saved: SavedRequests,
    /// The files that are open in the editor.
    pub editor: Editor,
    /// A request that is sent many times, in a dialog over all else.
    pub repeating: Option<Repeating>,
    /// A run under a debugger, in the place of list and details.
    pub debugging: Option<Debugging>,
    /// A dialog about interpreters or the terminal.
    pub surroundings: Dialog,
    /// Which findings have a fix, and the one that is looked at.
    pub fixing: Fixing,
    /// What saves set off.
    pub looping: Looping,
    /// What columns of fields and variables show.
    pub cells: Cells,
    /// Every request is run as this host would run it.
    pub serving_as: Option<HostProfile>,
    rows: Index,
    news: VecDeque<(u64, Arc<SiteNews>)>,
    news_seen: u64,
    filter: Filter,
    search: Search,
    marked: Option<ExchangeId>,
    trail: walk::Trail,
    shown: Shown,
    order: Order,
    scan: Option<Scan>,
    scanning: Option<Scanning>,
    /// Records that are read because the list is ordered by what they hold.
    reading: Option<by_value::Reading>,
    /// Rows that changed in a long list of another order, and whether they pass: put in all at once.
    late: Vec<(ExchangeId, bool)>,
    /// Rows that came since the index was last shared with the engine's.
    own_rows: usize,
    last_runs: HashMap<String, ExchangeId>,
    selected: Option<ExchangeId>,
    /// Those that are selected with it.
    others: BTreeSet<ExchangeId>,
    hidden: Option<Hidden>,
    /// Found when the list was made anew and nothing was left to show.
    strictest: Option<String>,
    came_in: u64,
    rebuilt: u64,
}

impl SiteModel {
    /// The site as a snapshot tells it.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let mut site = Self {
            state: snapshot.state.clone(),
            scripts: Arc::clone(&snapshot.scripts),
            notices: VecDeque::new(),
            figures_are_old: false,
            held: snapshot.held,
            recording: snapshot.recording.clone(),
            details: Details::default(),
            contents: Contents::default(),
            earlier: Earlier::default(),
            compared: None,
            versions: None,
            stepping: None,
            commenting: None,
            elsewhere: None,
            hand_on: None,
            composer: Composer::default(),
            saved: SavedRequests::default(),
            editor: Editor::default(),
            repeating: None,
            debugging: None,
            surroundings: Dialog::Closed,
            fixing: Fixing::default(),
            looping: Looping::default(),
            cells: Cells::default(),
            serving_as: None,
            rows: Index::default(),
            news: VecDeque::new(),
            news_seen: 0,
            filter: Filter::default(),
            search: Search::default(),
            marked: None,
            trail: walk::Trail::default(),
            shown: Shown::default(),
            order: Order::default(),
            scan: None,
            scanning: None,
            reading: None,
            late: Vec::new(),
            own_rows: 0,
            last_runs: HashMap::new(),
            selected: None,
            others: BTreeSet::new(),
            hidden: None,
            strictest: None,
            came_in: 0,
            rebuilt: 0,
        };
        site.resync(snapshot);
        site
    }

    /// Takes everything anew; filter and selection stay.
    pub fn resync(&mut self, snapshot: Snapshot) {
        self.state = snapshot.state;
        self.scripts = snapshot.scripts;
        self.fixing.look_again();
        self.notices = snapshot.notices.into();
        self.held = snapshot.held;
        self.recording = snapshot.recording;
        self.rows = snapshot.rows;
        self.saved.look_again();
        self.own_rows = 0;
        self.news_seen = 0;
        self.news.clear();
        for change in snapshot.site_news {
            self.keep_news(change);
        }
        self.check_last_runs();
        self.list_again();
        self.details.make_stale();
    }

    /// What an event says of a failure; nothing where that was known already.
    #[must_use]
    pub fn failure_told(&self, event: &Event) -> Option<String> {
        let Event::Notice(notice) = event else {
            return None;
        };
        let is_known = self.notices.iter().any(|held| Arc::ptr_eq(held, notice));
        (notice.failure && !is_known).then(|| notice.text.clone())
    }

    /// What failed before the window listened: a database that was set aside, for one.
    pub fn failures_before(&self) -> impl Iterator<Item = String> + '_ {
        let failures = self.notices.iter().filter(|notice| notice.failure);
        failures.map(|notice| notice.text.clone())
    }

    /// Takes one event; [`Event::Missed`] is answered by the caller with a [`Self::resync`].
    pub fn apply(&mut self, event: Event) {
        self.figures_are_old |= matches!(
            event,
            Event::RunRecorded(_) | Event::Forgotten(_) | Event::Cleared { .. }
        );
        match event {
            Event::Exchange(row) => self.take_row(&row),
            // The caller answers with the rows as they stand.
            Event::RowsChanged => {}
            // What was told before the snapshot was taken is in it, and comes all the same.
            Event::Site(news) if self.news.iter().any(|(_, held)| Arc::ptr_eq(held, &news)) => {}
            Event::Notice(notice) if self.notices.iter().any(|held| Arc::ptr_eq(held, &notice)) => {
            }
            Event::Site(news) => {
                self.saved.note_change(&news.change.path);
                self.keep_news(news);
                self.came_in += u64::from(self.list_news_again());
            }
            Event::Scripts(scripts) => {
                self.scripts = scripts;
                self.update_last_runs();
                self.composer.look_again();
                self.fixing.look_again();
            }
            Event::State(state) => {
                self.state = state;
                self.composer.look_again();
            }
            Event::Notice(notice) => {
                self.notices.push_back(notice);
                while self.notices.len() > NEWS {
                    self.notices.pop_front();
                }
            }
            Event::RunRecorded(id) => self.note_recorded(id),
            Event::Forgotten(ids) => {
                ids.iter().for_each(|id| self.rows.remove(*id));
                self.unlist(&ids);
            }
            Event::RecordingPaused { reason } => {
                self.recording.state = RecordingState::Paused(reason.to_string());
            }
            Event::RecordingResumed => self.recording.state = RecordingState::Disk,
            Event::Cleared { up_to } => self.clear_ended(up_to),
            Event::OnSave(news) => self.looping.take(&news),
            // The window raises itself, too.
            Event::Missed | Event::Show(_) => {}
        }
    }

    fn take_row(&mut self, row: &ExchangeRow) {
        let id = row.id;
        self.note_last_run(row.into());
        let is_new = self.rows.get(id).is_none();
        self.rows.put(row);
        self.own_rows += 1;
        self.cells.forget(id);
        if row.kind == RowKind::Script && row.progress != Progress::Running {
            self.looping.note_run();
        }
        self.list_changed(id, is_new);
        if self.selected == Some(id) {
            self.details.make_stale();
        } else if self.selected.is_none()
            && self.row(id).is_some_and(|row| row.kind == RowKind::Script)
        {
            self.select(Some(id));
        }
        if self.rows.len() >= ROWS + FORGOTTEN_AT_ONCE {
            self.forget_oldest();
        }
    }

    /// The row's record is on disk now.
    fn note_recorded(&mut self, id: ExchangeId) {
        if let Some(row) = self.rows.get(id) {
            let row = ExchangeRow {
                recorded: Recorded::OnDisk,
                ..row.to_row()
            };
            self.rows.put(&row);
        }
    }

    fn forget_oldest(&mut self) {
        let may_go = |row: RowRef<'_>| !row.pinned && row.progress != Progress::Running;
        let gone = self.rows.forget_oldest(FORGOTTEN_AT_ONCE, may_go);
        self.unlist(&gone);
    }

    fn keep_news(&mut self, news: Arc<SiteNews>) {
        let number = self.news_seen;
        self.news_seen += 1;
        self.news.push_back((number, news));
        while self.news.len() > NEWS {
            self.news.pop_front();
        }
    }

    /// The row with this number.
    #[must_use]
    pub fn row(&self, id: ExchangeId) -> Option<RowRef<'_>> {
        self.rows.get(id)
    }

    /// The change with this number.
    #[must_use]
    pub fn news(&self, number: u64) -> Option<&Arc<SiteNews>> {
        let at = self.news.partition_point(|(other, _)| *other < number);
        self.news
            .get(at)
            .filter(|(other, _)| *other == number)
            .map(|(_, news)| news)
    }

    /// The rows, shown or not, newest first.
    pub fn newest_rows(&self) -> impl Iterator<Item = RowRef<'_>> {
        self.rows.iter().rev()
    }

    /// How many rows there are, shown or not.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// How many rows are what.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.rows.counts()
    }

    /// Lines that came into the list, since it was opened.
    #[must_use]
    pub fn came_in(&self) -> u64 {
        self.came_in
    }

    /// Changes when the whole list was made anew.
    #[must_use]
    pub fn rebuilt(&self) -> u64 {
        self.rebuilt
    }

    /// In words, the condition that hides most, for an empty list.
    #[must_use]
    pub fn strictest_clause(&self) -> Option<&str> {
        self.strictest.as_deref()
    }

    /// Marks the selected request, to be compared with another one; once more, and it is not marked any more.
    pub fn mark_selected(&mut self) {
        self.marked = self.selected.filter(|id| self.marked != Some(*id));
    }

    /// Whether a view covers the workspace for a while.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        self.stepping.is_some()
            || self.elsewhere.is_some()
            || self.hand_on.is_some()
            || self.composer.open
            || self.is_debugging()
    }

    /// Whether a run under a debugger covers the workspace.
    #[must_use]
    pub fn is_debugging(&self) -> bool {
        let debugging = self.debugging.as_ref();
        debugging.is_some_and(|debugging| !debugging.aside)
    }

    /// Closes whatever covers the workspace. A run under a debugger goes on and can be come back to.
    pub fn uncover(&mut self) {
        self.debugging = self.debugging.take().filter(|one| !one.is_over());
        if let Some(debugging) = &mut self.debugging {
            debugging.aside = true;
        }
        self.stepping = None;
        self.elsewhere = None;
        self.hand_on = None;
        self.composer.open = false;
    }

    /// Comes back to the run under a debugger.
    pub fn show_debugger(&mut self) {
        self.uncover();
        if let Some(debugging) = &mut self.debugging {
            debugging.aside = false;
        }
    }

    /// A dialog asks something: no key may do anything beneath it.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.fixing.dialog.is_some()
            || self.saved.dialog.is_some()
            || self.repeating.is_some()
            || self.surroundings != Dialog::Closed
            || self.editor.dialog.is_some()
            || self.editor.leaving.is_some()
    }

    /// Marks none.
    pub fn unmark(&mut self) {
        self.marked = None;
    }

    /// The request that is marked to be compared.
    #[must_use]
    pub fn marked(&self) -> Option<ExchangeId> {
        self.marked.filter(|id| self.row(*id).is_some())
    }

    /// Whether the list is narrowed to this script.
    #[must_use]
    pub fn is_narrowed_to(&self, script: &ScriptStatus) -> bool {
        self.filter.has(&filter::of_script(&url_path(script)))
    }

    /// The filter narrowed to a script, or not any more when it was already.
    #[must_use]
    pub fn toggled_script(&self, script: &ScriptStatus) -> Filter {
        self.filter.toggled(&filter::of_script(&url_path(script)))
    }
}

/// A script's URL path as text; it is percent-encoded and so always ASCII.
#[must_use]
pub fn url_path(script: &ScriptStatus) -> String {
    String::from_utf8_lossy(&script.entry.url_path).into_owned()
}

/// A script's own name, for display.
#[must_use]
pub fn file_name(script: &ScriptStatus) -> String {
    script
        .entry
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The time between two readings of the wall clock; none when it was set back in between.
#[must_use]
pub fn since(earlier: Timestamp, now: Timestamp) -> Duration {
    let millis = now.unix_millis().saturating_sub(earlier.unix_millis());
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}
