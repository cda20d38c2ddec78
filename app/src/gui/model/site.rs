//! What the window knows of the open folder: rows, changes, scripts, the server and the selection.

mod clearing;
mod last_runs;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use cgi_engine::Event;
use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{ExchangeId, ExchangeRow, Recorded, RowKind, RowRef};
use cgi_engine::history::store::RecordingState;
use cgi_engine::history::{Counts, Held, Index};
use cgi_engine::message::{Notice, RecordingStatus, ScriptStatus, ServerState, SiteNews, Snapshot};

use super::comparison::Compared;
use super::compose::Composer;
use super::details::Details;
use super::elsewhere::Elsewhere;
use super::filter::{Filter, ScriptChoice};
use super::repeating::Repeating;
use super::saved::SavedRequests;
use super::search::{Errand, Judged, Search};
use super::stepping::Stepping;
pub use clearing::{Hidden, UNDO};

/// The engine keeps at most this many rows by default; the window forgets with it.
const ROWS: usize = 1_000_000;
/// Rows are forgotten in portions, so that a full list does not move for each new row.
const FORGOTTEN_AT_ONCE: usize = 10_000;
/// As many changes and notices as a person would scroll back.
const NEWS: usize = 1_000;
/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// A request.
    Row(ExchangeId),
    /// A change in the folder, by its number among the changes.
    News(u64),
}

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
    /// What is known of the selected request.
    pub details: Details,
    /// Two requests that are compared in the place of the details.
    pub compared: Option<Compared>,
    /// The selected request gone through step by step, in the place of list and details.
    pub stepping: Option<Stepping>,
    /// The site on other hosts, in the place of list and details.
    pub elsewhere: Option<Elsewhere>,
    /// A request that is being written, in the place of list and details.
    pub composer: Composer,
    /// The requests in the folder's `requests/`.
    pub saved: SavedRequests,
    /// A request that is sent many times, in a dialog over all else.
    pub repeating: Option<Repeating>,
    /// Every request is run as this host would run it.
    pub serving_as: Option<HostProfile>,
    rows: Index,
    news: VecDeque<(u64, Arc<SiteNews>)>,
    news_seen: u64,
    filter: Filter,
    search: Search,
    marked: Option<ExchangeId>,
    trail: walk::Trail,
    shown: VecDeque<Line>,
    rows_shown: usize,
    last_runs: HashMap<String, ExchangeId>,
    selected: Option<ExchangeId>,
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
            held: snapshot.held,
            recording: snapshot.recording.clone(),
            details: Details::default(),
            compared: None,
            stepping: None,
            elsewhere: None,
            composer: Composer::default(),
            saved: SavedRequests::default(),
            repeating: None,
            serving_as: None,
            rows: Index::default(),
            news: VecDeque::new(),
            news_seen: 0,
            filter: Filter::default(),
            search: Search::default(),
            marked: None,
            trail: walk::Trail::default(),
            shown: VecDeque::new(),
            rows_shown: 0,
            last_runs: HashMap::new(),
            selected: None,
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
        self.notices = snapshot.notices.into();
        self.held = snapshot.held;
        self.recording = snapshot.recording;
        self.rows = snapshot.rows;
        self.saved.look_again();
        self.news_seen = 0;
        self.news.clear();
        for change in snapshot.site_news {
            self.keep_news(change);
        }
        self.last_runs.clear();
        for row in self.rows.iter() {
            self.search.enlist(row);
        }
        self.update_last_runs();
        self.rebuild_shown();
        self.details.make_stale();
    }

    /// Takes one event; [`Event::Missed`] is answered by the caller with a [`Self::resync`].
    pub fn apply(&mut self, event: Event) {
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
                let line = self.keep_news(news);
                self.show(line);
            }
            Event::Scripts(scripts) => {
                self.scripts = scripts;
                self.update_last_runs();
                self.composer.look_again();
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
            Event::RecordingPaused { reason } => {
                self.recording.state = RecordingState::Paused(reason.to_string());
            }
            Event::RecordingResumed => self.recording.state = RecordingState::Disk,
            Event::Cleared { up_to } => self.clear_ended(up_to),
            Event::Missed => {}
        }
    }

    fn take_row(&mut self, row: &ExchangeRow) {
        let id = row.id;
        self.note_last_run(row.into());
        self.search.forget(id);
        self.search.enlist(row.into());
        self.rows.put(row);
        self.show(Line::Row(id));
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
        self.rows.forget_oldest(FORGOTTEN_AT_ONCE, |_| true);
        self.rebuild_shown();
    }

    fn keep_news(&mut self, news: Arc<SiteNews>) -> Line {
        let number = self.news_seen;
        self.news_seen += 1;
        self.news.push_back((number, news));
        while self.news.len() > NEWS {
            self.news.pop_front();
        }
        Line::News(number)
    }

    /// Where a line stands in the list: a change stands after the row that it follows.
    fn key(&self, line: Line) -> (ExchangeId, u64) {
        match line {
            Line::Row(id) => (id, 0),
            Line::News(number) => (
                self.news(number).map_or(ExchangeId(0), |news| news.after),
                number + 1,
            ),
        }
    }

    fn is_shown(&self, line: Line) -> bool {
        let after_hidden = self
            .hidden
            .is_none_or(|hidden| self.key(line).0 > hidden.up_to);
        match line {
            Line::Row(id) => {
                after_hidden
                    && self
                        .row(id)
                        .is_some_and(|row| self.filter.matches(row, &self.search))
            }
            // A change belongs to the story of all requests; among picked ones it would only part them.
            Line::News(_) => after_hidden && self.filter.is_empty(),
        }
    }

    /// Puts the line into the list or takes it out, as it is now.
    fn show(&mut self, line: Line) {
        let key = self.key(line);
        let at = self.shown.partition_point(|other| self.key(*other) < key);
        let is_there = self.shown.get(at) == Some(&line);
        let is_row = usize::from(matches!(line, Line::Row(_)));
        match (self.is_shown(line), is_there) {
            (true, false) => {
                self.shown.insert(at, line);
                self.rows_shown += is_row;
                self.came_in += 1;
            }
            (false, true) => {
                self.shown.remove(at);
                self.rows_shown -= is_row;
            }
            _ => {}
        }
    }

    fn rebuild_shown(&mut self) {
        let rows = self.rows.iter().map(|row| Line::Row(row.id));
        let news = self.news.iter().map(|(number, _)| Line::News(*number));
        let mut lines: Vec<Line> = rows
            .chain(news)
            .filter(|line| self.is_shown(*line))
            .collect();
        lines.sort_by_key(|line| self.key(*line));
        self.rows_shown = lines
            .iter()
            .filter(|line| matches!(line, Line::Row(_)))
            .count();
        self.shown = lines.into();
        self.strictest = None;
        if self.rows_shown == 0 {
            let rows: Vec<RowRef<'_>> = self.rows.iter().collect();
            let clause = self.filter.strictest(&rows, &self.search);
            self.strictest = clause.map(|clause| self.filter.describe(clause));
        }
        self.rebuilt += 1;
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

    /// How many rows are shown.
    #[must_use]
    pub fn rows_shown(&self) -> usize {
        self.rows_shown
    }

    /// How many lines the list has.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.shown.len()
    }

    /// The line at this place from the top, where the newest is.
    #[must_use]
    pub fn line(&self, from_top: usize) -> Option<Line> {
        self.shown
            .get(self.shown.len().checked_sub(from_top + 1)?)
            .copied()
    }

    /// The place of a row from the top, if it is shown.
    #[must_use]
    pub fn place_of(&self, id: ExchangeId) -> Option<usize> {
        let key = (id, 0);
        let at = self.shown.partition_point(|line| self.key(*line) < key);
        (self.shown.get(at) == Some(&Line::Row(id))).then(|| self.shown.len() - 1 - at)
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

    /// The filter.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Shows other rows. `now` is what `since:10m` counts from.
    pub fn set_filter(&mut self, filter: Filter, now: Timestamp) {
        if filter == self.filter {
            return;
        }
        if self.search.ask(&filter.text, now) {
            for row in self.rows.iter() {
                self.search.enlist(row);
            }
        }
        self.filter = filter;
        self.rebuild_shown();
    }

    /// The filter's words at work.
    #[must_use]
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// Records that a worker is to look through, if there are any and none is on its way.
    pub fn take_errand(&mut self) -> Option<Errand> {
        let rows = &self.rows;
        self.search
            .take_errand(|id| rows.get(id).map(|row| Arc::new(row.to_row())))
    }

    /// Shows what a worker found.
    pub fn take_judged(&mut self, judged: &Judged) {
        for id in self.search.take_judged(judged) {
            self.show(Line::Row(id));
        }
    }

    /// In words, the condition that hides most, for an empty list.
    #[must_use]
    pub fn strictest_clause(&self) -> Option<&str> {
        self.strictest.as_deref()
    }

    /// The selected request.
    #[must_use]
    pub fn selected(&self) -> Option<ExchangeId> {
        self.selected
    }

    /// Selects a request, or none.
    pub fn select(&mut self, id: Option<ExchangeId>) {
        if id != self.selected {
            self.selected = id;
            self.details = Details::default();
            self.details.make_stale();
            self.compared = None;
            self.stepping = None;
            if let Some(id) = id {
                self.trail.visit(id);
            }
        }
    }

    /// Marks the selected request, to be compared with another one; once more, and it is not marked any more.
    pub fn mark_selected(&mut self) {
        self.marked = self.selected.filter(|id| self.marked != Some(*id));
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

    /// The list narrowed to a script, or not any more when it was already.
    #[must_use]
    pub fn toggled_script(&self, script: &ScriptStatus) -> Filter {
        let choice = ScriptChoice {
            name: file_name(script),
            url_path: url_path(script),
        };
        let mut filter = self.filter.clone();
        filter.script = if filter.script.as_ref() == Some(&choice) {
            None
        } else {
            Some(choice)
        };
        filter
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
