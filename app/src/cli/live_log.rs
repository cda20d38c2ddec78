//! The live log: one line for each finished exchange, once it is on disk, printed beside the engine and never in its way.
//!
//! Two threads: [`gather`] turns the engine's events into entries as they come, and [`print`] writes them.
//! A terminal that stands still stops only the second; the first drops what finds no room and counts it.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};

use cgi_engine::diagnosis::{self, Finding, Severity};
use cgi_engine::exchange::{ExchangeId, ExchangeRow, Progress, Recorded};
use cgi_engine::history::Found;
use cgi_engine::message::{Notice, ServerState, SiteNews, Snapshot};
use cgi_engine::site::ConfigProblem;
use cgi_engine::{Engine, Event, Subscription};

use super::ink::Ink;
use super::own_output::OwnOutput;
use super::preflight::Preflight;
use super::talk;
use super::text::{self, Detail};

/// Entries that may wait for a slow terminal.
pub(crate) const WAITING_ENTRIES: usize = 4096;
/// Warnings that are remembered as told.
const MOST_WARNED: usize = 4096;
/// Findings stand below their line, under its number.
const FINDING_INDENT: usize = 9;

/// Something to print.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A finished exchange, and what is said to be wrong with it.
    Exchange(Arc<ExchangeRow>, Vec<Finding>),
    /// A change in the folder.
    Site(Arc<SiteNews>),
    /// Talk, for standard error.
    Talk(String),
    /// So many entries had no room before the next one.
    Skipped(u64),
    /// Entries were lost and nobody knows how many.
    Lost,
}

/// The engine, until somebody takes it away to shut it down.
pub(crate) type SharedEngine = Arc<Mutex<Option<Engine>>>;

/// Turns events into entries until the engine or the printer is gone.
pub(crate) fn gather(
    mut events: Subscription,
    engine: &SharedEngine,
    begun: &Snapshot,
    preflight: Preflight,
    to: &SyncSender<Entry>,
) {
    let state = &begun.state;
    let mut gatherer = Gatherer {
        earlier: begun.notices.clone(),
        problems: Arc::clone(&state.problems),
        folder: state.folder.clone(),
        own_output: OwnOutput::of_process(),
        preflight,
        waiting: BTreeMap::new(),
        warned: HashSet::new(),
    };
    let mut skipped = 0;
    // A database that was set aside was so before anybody listened.
    for notice in &begun.notices {
        if !offer(to, Entry::Talk(text::visible(&notice.text)), &mut skipped) {
            return;
        }
    }
    while let Some(event) = events.wait() {
        let missed = matches!(event, Event::Missed);
        let mut entries = gatherer.entries(event, &|id| findings(engine, id));
        if missed {
            let recorded = |id| recorded(engine, id);
            entries.extend(gatherer.recorded_meanwhile(&recorded, &|id| findings(engine, id)));
        }
        for entry in entries {
            if !offer(to, entry, &mut skipped) {
                return;
            }
        }
    }
    if skipped > 0 {
        // The last word; it may wait, the engine is gone.
        let _ = to.send(Entry::Skipped(skipped));
    }
}

/// Hands over an entry if there is room; false when nobody prints any more.
fn offer(to: &SyncSender<Entry>, entry: Entry, skipped: &mut u64) -> bool {
    if *skipped > 0 {
        match to.try_send(Entry::Skipped(*skipped)) {
            Ok(()) => *skipped = 0,
            Err(TrySendError::Full(_)) => {
                *skipped += 1;
                return true;
            }
            Err(TrySendError::Disconnected(_)) => return false,
        }
    }
    match to.try_send(entry) {
        Ok(()) => true,
        Err(TrySendError::Full(_)) => {
            *skipped += 1;
            true
        }
        Err(TrySendError::Disconnected(_)) => false,
    }
}

fn findings(engine: &SharedEngine, id: ExchangeId) -> Vec<Finding> {
    let engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
    match engine.as_ref().map(|engine| engine.find(id)) {
        Some(Found::Exchange(exchange)) => diagnosis::after_run(&exchange),
        Some(Found::Evicted | Found::Unknown) | None => Vec::new(),
    }
}

/// Where the record is by now; none where the engine is gone or knows of no such exchange.
fn recorded(engine: &SharedEngine, id: ExchangeId) -> Option<Recorded> {
    let engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
    Some(engine.as_ref()?.rows().get(id)?.recorded)
}

/// What was told last, so that only news is told.
struct Gatherer {
    /// Finished exchanges on their way to the disk: a line says that its exchange will not be lost.
    waiting: BTreeMap<ExchangeId, Arc<ExchangeRow>>,
    /// Names of scripts, and the warnings about them that were told in words.
    warned: HashSet<(String, u16)>,
    /// Told already; the newest may come once more as an event.
    earlier: Vec<Arc<Notice>>,
    problems: Arc<[ConfigProblem]>,
    folder: PathBuf,
    own_output: OwnOutput,
    preflight: Preflight,
}

impl Gatherer {
    fn entries(
        &mut self,
        event: Event,
        findings: &dyn Fn(ExchangeId) -> Vec<Finding>,
    ) -> Vec<Entry> {
        match event {
            Event::RowsChanged => Vec::new(),
            Event::Exchange(row) if row.progress == Progress::Running => Vec::new(),
            Event::Exchange(row) => match row.recorded {
                Recorded::NotYet => {
                    self.waiting.insert(row.id, row);
                    Vec::new()
                }
                Recorded::MemoryOnly => {
                    self.waiting.remove(&row.id);
                    vec![self.told(row, findings)]
                }
                Recorded::OnDisk => Vec::new(),
            },
            Event::RunRecorded(id) => {
                let row = self.waiting.remove(&id);
                row.into_iter()
                    .map(|row| self.told(row, findings))
                    .collect()
            }
            Event::Site(news) if self.own_output.is(&self.folder.join(&news.change.path)) => {
                Vec::new()
            }
            Event::Site(news) => vec![Entry::Site(news)],
            Event::Scripts(scripts) => self
                .preflight
                .news(&scripts)
                .into_iter()
                .map(Entry::Talk)
                .collect(),
            Event::State(state) => self
                .state_news(state)
                .into_iter()
                .map(Entry::Talk)
                .collect(),
            Event::Notice(notice) if self.is_earlier(&notice) => Vec::new(),
            Event::Notice(notice) => vec![Entry::Talk(text::visible(&notice.text))],
            Event::Missed => vec![Entry::Lost],
            Event::RecordingPaused { .. }
            | Event::RecordingResumed
            | Event::Cleared { .. }
            | Event::Forgotten(_)
            | Event::OnSave(_)
            | Event::Show(_) => Vec::new(),
        }
    }

    fn is_earlier(&self, notice: &Arc<Notice>) -> bool {
        let mut earlier = self.earlier.iter();
        earlier.any(|told| Arc::ptr_eq(told, notice))
    }

    /// What was recorded while events were missed.
    fn recorded_meanwhile(
        &mut self,
        recorded: &dyn Fn(ExchangeId) -> Option<Recorded>,
        findings: &dyn Fn(ExchangeId) -> Vec<Finding>,
    ) -> Vec<Entry> {
        let is_over = |id| recorded(id) != Some(Recorded::NotYet);
        let over: Vec<ExchangeId> = self
            .waiting
            .keys()
            .copied()
            .filter(|id| is_over(*id))
            .collect();
        over.into_iter()
            .filter_map(|id| {
                let row = self.waiting.remove(&id)?;
                Some(self.told(row, findings))
            })
            .collect()
    }

    /// The line of an exchange, and what is wrong with it: where it failed always, else once for a script. A page that
    /// works is asked for over and over, and its warning would hide what is new.
    fn told(
        &mut self,
        row: Arc<ExchangeRow>,
        findings: &dyn Fn(ExchangeId) -> Vec<Finding>,
    ) -> Entry {
        let mut found = if row.has_failed() || self.is_new(&row) {
            findings(row.id)
        } else {
            Vec::new()
        };
        found.retain(|finding| finding.severity != Severity::Note);
        Entry::Exchange(row, found)
    }

    fn is_new(&mut self, row: &ExchangeRow) -> bool {
        if self.warned.len() >= MOST_WARNED {
            self.warned.clear();
        }
        row.headline
            .is_some_and(|(code, _)| self.warned.insert((row.name.clone(), code)))
    }

    /// That the folder has gone or is back comes as a change in the folder.
    fn state_news(&mut self, state: ServerState) -> Vec<String> {
        let news = if state.problems == self.problems {
            Vec::new()
        } else {
            state
                .problems
                .iter()
                .map(|problem| text::visible(&problem.to_string()))
                .collect()
        };
        self.problems = state.problems;
        self.folder = state.folder;
        news
    }
}

/// Prints entries, each at once, until there are no more.
///
/// # Errors
/// Standard output cannot be written any more.
pub(crate) fn print(entries: &Receiver<Entry>, output: &mut dyn Write, ink: Ink) -> io::Result<()> {
    for entry in entries {
        if let Entry::Talk(line) = &entry {
            talk::say(line);
            continue;
        }
        output.write_all(entry_text(&entry, ink).as_bytes())?;
        output.flush()?;
    }
    Ok(())
}

fn entry_text(entry: &Entry, ink: Ink) -> String {
    match entry {
        Entry::Exchange(row, findings) => {
            let mut lines = text::log_line(row, ink);
            if row.recorded == Recorded::MemoryOnly {
                lines.push_str(&ink.yellow("  not on disk"));
            }
            lines.push('\n');
            for finding in findings {
                lines.push_str(&text::finding(finding, Detail::Short, FINDING_INDENT, ink));
            }
            lines
        }
        Entry::Site(news) => text::site_line(news, ink) + "\n",
        Entry::Talk(line) => format!("{line}\n"),
        Entry::Skipped(1) => format!("{}\n", ink.yellow("1 line skipped")),
        Entry::Skipped(count) => format!("{}\n", ink.yellow(&format!("{count} lines skipped"))),
        Entry::Lost => format!("{}\n", ink.yellow("lines skipped")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    fn talk(number: usize) -> Entry {
        Entry::Talk(number.to_string())
    }

    #[test]
    fn what_finds_no_room_is_counted_and_told_with_the_next_line() {
        let (to, entries) = sync_channel(2);
        let mut skipped = 0;
        for number in 0..5 {
            assert!(offer(&to, talk(number), &mut skipped));
        }
        assert_eq!(skipped, 3);
        let taken: Vec<Entry> = entries.try_iter().collect();
        assert_eq!(taken.len(), 2);
        assert!(offer(&to, talk(5), &mut skipped));
        let told: Vec<String> = entries
            .try_iter()
            .map(|entry| entry_text(&entry, Ink::PLAIN))
            .collect();
        assert_eq!(told, ["3 lines skipped\n", "5\n"]);
    }

    #[test]
    fn nobody_gathers_for_a_printer_that_has_gone() {
        let (to, entries) = sync_channel(1);
        drop(entries);
        let mut skipped = 0;
        assert!(!offer(&to, talk(1), &mut skipped));
        skipped = 7;
        assert!(!offer(&to, talk(2), &mut skipped));
    }

    #[test]
    fn a_closed_pipe_ends_the_printing() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (to, entries) = sync_channel(1);
        to.send(Entry::Skipped(1)).unwrap();
        let ended = print(&entries, &mut Closed, Ink::PLAIN).unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::BrokenPipe);
    }
}
