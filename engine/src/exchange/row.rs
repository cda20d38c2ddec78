//! One line of the request log: what a list shows of an exchange without opening it.

mod packed;
mod view;

pub use packed::RowError;
pub(crate) use packed::{host_number, host_numbered};
pub use view::RowRef;

use super::{Author, End, EndCause, Exchange, ExchangeId, Moment, Origin, SelectedTarget};
use crate::cgi::profile::HostProfile;
use crate::clock::Timestamp;
use std::time::Duration;

/// What the list shows of an exchange.
#[derive(Clone, PartialEq, Debug)]
pub struct ExchangeRow {
    /// The running number.
    pub id: ExchangeId,
    /// When it began.
    pub started: Timestamp,
    /// The method as sent.
    pub method: String,
    /// The request target as sent, cut to 512 bytes.
    pub target: String,
    /// The script's or file's own name; empty where there is none.
    pub name: String,
    /// What kind of thing answered.
    pub kind: RowKind,
    /// How far it is.
    pub progress: Progress,
    /// The status, once it is decided.
    pub status: Option<u16>,
    /// From the first byte to the end of the response; absent while it runs.
    pub duration: Option<Duration>,
    /// Lines on standard error.
    pub stderr_lines: u32,
    /// Bytes of body answered.
    pub response_bytes: u64,
    /// The headline finding's code (`CGI024` is 24) and whether it is an error; written by the diagnosis.
    pub headline: Option<(u16, bool)>,
    /// The codes of all findings, notes too, each once, the headline first; written by the diagnosis.
    pub codes: Vec<u16>,
    /// The rule set that `headline` and `codes` come from; 0 where nobody judged yet.
    pub rules: u16,
    /// Who asked.
    pub origin: RowOrigin,
    /// The host that it was run as; absent for a run by the specification.
    pub as_host: Option<HostProfile>,
    /// The script was saved while this run of it went on.
    pub older_source: bool,
    /// The user pinned it: it is kept whatever the bounds say.
    pub pinned: bool,
    /// What the user wrote beside it.
    pub comment: Option<String>,
    /// Where the whole record is.
    pub recorded: Recorded,
}

/// Who asked, as a list marks it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RowOrigin {
    /// A client on a socket.
    #[default]
    Client,
    /// The studio, with a request of its own.
    Studio,
    /// The studio, with the request of this earlier exchange.
    Replay(ExchangeId),
    /// The studio, with the request of this earlier exchange and the scripts as they were in it.
    ReplayOfSource(ExchangeId),
    /// Nobody here: the exchange came from a file.
    Imported,
}

/// Where the whole record of an exchange is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Recorded {
    /// In memory, on its way to the disk.
    #[default]
    NotYet,
    /// On disk.
    OnDisk,
    /// In memory only: the store is off, or could not take it.
    MemoryOnly,
}

/// What kind of thing answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowKind {
    /// A script was run, or should have been.
    Script,
    /// A file was sent.
    File,
    /// The studio answered: a folder page, not found, a refused request.
    Studio,
}

/// How far an exchange is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// It still runs.
    Running,
    /// The response went out whole.
    Answered,
    /// The response was cut off.
    CutOff,
    /// There was no response.
    Unanswered,
    /// The client hung up before the end: nobody here failed.
    HungUp,
}

impl ExchangeRow {
    /// A row of which nothing more is known than its number and its beginning.
    #[must_use]
    pub fn begun(id: ExchangeId, started: Timestamp) -> Self {
        Self {
            id,
            started,
            method: String::new(),
            target: String::new(),
            name: String::new(),
            kind: RowKind::Studio,
            progress: Progress::Running,
            status: None,
            duration: None,
            stderr_lines: 0,
            response_bytes: 0,
            headline: None,
            codes: Vec::new(),
            rules: 0,
            origin: RowOrigin::default(),
            as_host: None,
            older_source: false,
            pinned: false,
            comment: None,
            recorded: Recorded::default(),
        }
    }

    /// No whole answer, a server error, or a headline that is an error. What runs, and what its client left,
    /// has failed only by its headline.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        has_failed(self.progress, self.status, self.headline)
    }

    /// The row of an exchange as it stands; `headline` comes from the diagnosis.
    #[must_use]
    pub fn of(exchange: &Exchange, headline: Option<(u16, bool)>) -> Self {
        let mut target = exchange.request.target();
        if target.len() > 512 {
            target.truncate(target.floor_char_boundary(512));
            target.push('…');
        }
        Self {
            method: exchange.request.method(),
            target,
            name: name(exchange),
            kind: kind(exchange),
            progress: progress(exchange.end.as_ref()),
            status: exchange.response.as_ref().map(|response| response.status),
            duration: exchange.end.as_ref().and_then(|_| answered_after(exchange)),
            stderr_lines: exchange
                .invocations
                .iter()
                .map(|run| u32::try_from(run.stderr.lines()).unwrap_or(u32::MAX))
                .fold(0, u32::saturating_add),
            response_bytes: exchange
                .response
                .as_ref()
                .map_or(0, |response| response.body_bytes),
            headline,
            codes: headline.iter().map(|(code, _)| *code).collect(),
            origin: origin(&exchange.origin),
            as_host: exchange
                .invocation()
                .and_then(|run| run.as_host.as_ref())
                .map(|host| host.profile),
            older_source: exchange.timeline.at(Moment::ScriptSaved).is_some(),
            ..Self::begun(exchange.id, exchange.started)
        }
    }
}

fn has_failed(progress: Progress, status: Option<u16>, headline: Option<(u16, bool)>) -> bool {
    let error = headline.is_some_and(|(_, error)| error);
    match progress {
        Progress::CutOff | Progress::Unanswered => true,
        Progress::Running | Progress::HungUp => error,
        Progress::Answered => error || status.is_some_and(|status| status >= 500),
    }
}

fn origin(origin: &Origin) -> RowOrigin {
    match *origin {
        Origin::Socket => RowOrigin::Client,
        Origin::Studio => RowOrigin::Studio,
        Origin::Replay(id) => RowOrigin::Replay(id),
        Origin::ReplayOfSource(id) => RowOrigin::ReplayOfSource(id),
        Origin::Imported { .. } => RowOrigin::Imported,
    }
}

fn name(exchange: &Exchange) -> String {
    let path = match &exchange.selection.target {
        SelectedTarget::Script(path) | SelectedTarget::File(path) => path,
        _ => return String::new(),
    };
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn kind(exchange: &Exchange) -> RowKind {
    match (
        &exchange.selection.target,
        exchange.response.as_ref().map(|response| response.author),
    ) {
        (SelectedTarget::Script(_), _) => RowKind::Script,
        (SelectedTarget::File(_), _) | (_, Some(Author::File)) => RowKind::File,
        _ => RowKind::Studio,
    }
}

fn progress(end: Option<&End>) -> Progress {
    match end {
        None => Progress::Running,
        Some(End::Answered) => Progress::Answered,
        Some(End::CutOff(EndCause::ClientGone) | End::Unanswered(EndCause::ClientGone)) => {
            Progress::HungUp
        }
        Some(End::CutOff(_)) => Progress::CutOff,
        Some(End::Unanswered(_)) => Progress::Unanswered,
    }
}

/// The response's last byte counts, not the script's last breath: that is what a user waits for.
fn answered_after(exchange: &Exchange) -> Option<Duration> {
    exchange
        .timeline
        .at(Moment::ResponseEnded)
        .or_else(|| exchange.timeline.last())
}
