//! The selected request with all its details, and the findings derived from them.

use std::sync::Arc;
use std::time::Duration;

use cgi_engine::clock::Timestamp;
use cgi_engine::diagnosis::pipeline::{self, StageView};
use cgi_engine::diagnosis::{self, Finding};
use cgi_engine::exchange::{Exchange, ExchangeId, Invocation};
use cgi_engine::history::Found;

use super::carried::Carried;
use super::site::since;

/// How often a run that goes on is looked at.
pub const REFRESH: Duration = Duration::from_millis(250);

/// What is known of the selected request.
#[derive(Debug)]
pub struct Details {
    state: State,
    stale: bool,
    /// Rises with every new state, so that views know when to look again.
    version: u64,
    taken: Timestamp,
    /// A worker reads this one from the disk.
    reading: Option<ExchangeId>,
}

impl Default for Details {
    fn default() -> Self {
        Self {
            state: State::default(),
            stale: false,
            version: 0,
            taken: Timestamp::from_unix_millis(0),
            reading: None,
        }
    }
}

#[derive(Debug, Default)]
enum State {
    /// Not asked for yet.
    #[default]
    Unasked,
    Here(Box<Detail>),
    Evicted,
    Unknown,
}

/// An exchange and what can be said of it.
#[derive(Debug)]
pub struct Detail {
    /// The exchange as it stood when it was asked for last.
    pub exchange: Arc<Exchange>,
    /// The findings, the headline first.
    pub findings: Arc<[Finding]>,
    /// The five boxes.
    pub strip: [StageView; 5],
    /// What the request carries for its script.
    pub carried: Carried,
    judged: Judged,
}

/// How far the exchange was when its findings were derived: what comes later may change them.
#[derive(Debug, PartialEq, Eq)]
struct Judged {
    id: ExchangeId,
    ended: bool,
    answered: bool,
    runs: usize,
}

/// The details as a panel sees them.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// They are on their way.
    Loading,
    /// Here they are.
    Here(&'a Detail),
    /// They had to go to stay within the bound on memory.
    Evicted,
    /// There is no such request any more.
    Unknown,
}

impl Details {
    /// The details must be asked for again.
    pub fn make_stale(&mut self) {
        self.stale = true;
    }

    /// Whether the details must be asked for.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// What is asked for is read from the disk by somebody: true when that has to be begun. Meanwhile another
    /// request is not shown in its place.
    pub fn wait_for(&mut self, id: ExchangeId) -> bool {
        if self.here().is_some_and(|detail| detail.exchange.id != id) {
            self.state = State::Unasked;
            self.version += 1;
        }
        self.reading.replace(id) != Some(id)
    }

    /// Rises with every new state.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Looks again at a run that goes on: its output grows without news of it.
    pub fn keep_fresh(&mut self, now: Timestamp) {
        if self.is_live() && since(self.taken, now) >= REFRESH {
            self.stale = true;
        }
    }

    /// Whether what is shown still goes on.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.here()
            .is_some_and(|detail| detail.exchange.end.is_none())
    }

    /// What a panel shows.
    #[must_use]
    pub fn shown(&self) -> Shown<'_> {
        match &self.state {
            State::Unasked => Shown::Loading,
            State::Here(detail) => Shown::Here(detail),
            State::Evicted => Shown::Evicted,
            State::Unknown => Shown::Unknown,
        }
    }

    /// The details, if they are here.
    #[must_use]
    pub fn here(&self) -> Option<&Detail> {
        match &self.state {
            State::Here(detail) => Some(detail),
            _ => None,
        }
    }

    /// Takes what the history found.
    pub fn take(&mut self, found: Found, now: Timestamp) {
        self.stale = false;
        self.reading = None;
        self.taken = now;
        self.version += 1;
        self.state = match (found, std::mem::take(&mut self.state)) {
            (Found::Exchange(exchange), old) => State::Here(Box::new(Detail::new(exchange, old))),
            (Found::Evicted, _) => State::Evicted,
            (Found::Unknown, _) => State::Unknown,
        };
    }
}

impl Detail {
    fn new(exchange: Arc<Exchange>, old: State) -> Self {
        let judged = Judged {
            id: exchange.id,
            ended: exchange.end.is_some(),
            answered: exchange.response.is_some(),
            runs: exchange.invocations.len(),
        };
        let (old_findings, old_carried) = match old {
            State::Here(old) => {
                let same = old.judged == judged;
                (same.then_some(old.findings), Some(old.carried))
            }
            _ => (None, None),
        };
        let findings = old_findings.unwrap_or_else(|| diagnosis::after_run(&exchange).into());
        let carried = Carried::of(exchange.id, &exchange.request, old_carried);
        let strip = pipeline::strip(&exchange, &findings);
        Self {
            exchange,
            findings,
            strip,
            carried,
            judged,
        }
    }

    /// The run that the detail tabs show: the chosen one, or the last.
    #[must_use]
    pub fn run(&self, chosen: Option<usize>) -> Option<&Invocation> {
        chosen
            .and_then(|index| self.exchange.invocations.get(index))
            .or_else(|| self.exchange.invocation())
    }
}
