//! One line of the request log: what a list shows of an exchange without opening it.

use super::{Author, End, Exchange, ExchangeId, Moment, SelectedTarget};
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
}

impl ExchangeRow {
    /// No whole answer, a server error, or a headline that is an error. What runs has failed only by its headline.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        let error = self.headline.is_some_and(|(_, error)| error);
        match self.progress {
            Progress::CutOff | Progress::Unanswered => true,
            Progress::Running => error,
            Progress::Answered => error || self.status.is_some_and(|status| status >= 500),
        }
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
            id: exchange.id,
            started: exchange.started,
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
        }
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
