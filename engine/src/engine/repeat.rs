//! One request sent many times, several at once, and what came of it in all.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::Engine;
use crate::diagnosis::{self, Finding, RuleCode, Severity};
use crate::exchange::{Exchange, ExchangeId, Moment, Origin};
use crate::history::Found;
use crate::message::Command;
use crate::server::Guise;

/// How long a script may outlive its answer where the site sets no limit.
const PATIENCE: Duration = Duration::from_secs(30);
/// What ending a script takes: TERM, a grace, KILL, and a little.
const ENDING: Duration = Duration::from_secs(5);
/// Between two looks at a record that is still open.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// How often, and how many at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RepeatPlan {
    times: u32,
    at_once: u32,
}

/// Why a request is not repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RepeatError {
    /// Too often, or not at all.
    #[error(
        "a request is repeated 1 to {} times, not {times}",
        RepeatPlan::MOST_TIMES
    )]
    Times {
        /// What was asked for.
        times: u32,
    },
    /// Too many at once, or none.
    #[error(
        "1 to {} requests are sent at once, not {at_once}",
        RepeatPlan::MOST_AT_ONCE
    )]
    AtOnce {
        /// What was asked for.
        at_once: u32,
    },
}

impl RepeatPlan {
    /// No request is repeated more often.
    pub const MOST_TIMES: u32 = 10_000;
    /// No more are sent at once.
    pub const MOST_AT_ONCE: u32 = 64;

    /// A plan within the bounds.
    ///
    /// # Errors
    /// It is not within them.
    pub fn new(times: u32, at_once: u32) -> Result<Self, RepeatError> {
        if !(1..=Self::MOST_TIMES).contains(&times) {
            return Err(RepeatError::Times { times });
        }
        if !(1..=Self::MOST_AT_ONCE).contains(&at_once) {
            return Err(RepeatError::AtOnce { at_once });
        }
        Ok(Self { times, at_once })
    }

    /// How often.
    #[must_use]
    pub fn times(self) -> u32 {
        self.times
    }
}

/// A repetition under way, seen and stopped from another thread.
#[derive(Debug, Default)]
pub struct RepeatControl {
    stopped: AtomicBool,
    begun: AtomicU32,
    done: AtomicU32,
    running: Arc<Mutex<HashSet<ExchangeId>>>,
}

impl RepeatControl {
    /// How many are answered.
    #[must_use]
    pub fn done(&self) -> u32 {
        self.done.load(Ordering::Acquire)
    }

    /// Begins no more, and ends what runs.
    pub fn stop(&self, engine: &Engine) {
        self.stopped.store(true, Ordering::Release);
        for id in locked(&self.running).iter() {
            engine.command(Command::Stop(*id));
        }
    }

    /// Whether one more is to be sent.
    fn begins(&self, plan: RepeatPlan) -> bool {
        !self.stopped.load(Ordering::Acquire)
            && self.begun.fetch_add(1, Ordering::AcqRel) < plan.times
    }
}

/// What came of a repeated request.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RepeatSummary {
    /// How often it was to be sent.
    pub planned: u32,
    /// How often it was sent and answered, or ended without an answer.
    pub done: u32,
    /// From the first to the last.
    pub took: Duration,
    /// How often each status was answered, none where there was no answer; the most frequent first.
    pub statuses: Vec<(Option<u16>, u32)>,
    /// How often each headline finding was made, none where there was none; the most frequent first.
    pub headlines: Vec<(Option<(RuleCode, String)>, u32)>,
    /// The times from the first byte of a request to the last of its response; none where nothing was recorded.
    pub times: Option<Times>,
    /// How many different outputs there were: of the script, or of the studio where no script was run.
    pub outputs: usize,
    /// How many have no record.
    pub unrecorded: u32,
    /// The numbers of the records.
    pub ids: Vec<RangeInclusive<u64>>,
}

/// Times of many requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    /// The shortest.
    pub min: Duration,
    /// Half of them took no longer.
    pub median: Duration,
    /// Ninety-five of a hundred took no longer.
    pub p95: Duration,
    /// The longest.
    pub max: Duration,
}

impl Times {
    fn of(mut all: Vec<Duration>) -> Option<Self> {
        all.sort_unstable();
        // The nearest rank: a time that was really taken.
        let rank = |percent: usize| {
            let at = (all.len() * percent).div_ceil(100).max(1) - 1;
            all.get(at).copied()
        };
        Some(Self {
            min: all.first().copied()?,
            median: rank(50)?,
            p95: rank(95)?,
            max: all.last().copied()?,
        })
    }
}

/// One of many, with what the summary asks of it.
struct Sent {
    id: Option<ExchangeId>,
    status: Option<u16>,
    headline: Option<(RuleCode, String)>,
    time: Option<Duration>,
    output: [u8; 32],
}

impl Engine {
    /// Sends one request many times, byte by byte as given, and waits for all of them. `origin` is the recorded
    /// request that is repeated, if it is one.
    ///
    /// Blocks on as many threads as requests are sent at once. [`RepeatControl::stop`] ends it early.
    pub fn repeat(
        &self,
        request: &[u8],
        origin: Option<ExchangeId>,
        plan: RepeatPlan,
        control: &RepeatControl,
    ) -> RepeatSummary {
        let begun = Instant::now();
        let all = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for number in 0..plan.at_once.min(plan.times) {
                let work = || {
                    while control.begins(plan) {
                        let sent = self.send_one(request, origin, control);
                        locked(&all).push(sent);
                        control.done.fetch_add(1, Ordering::AcqRel);
                    }
                };
                let thread = std::thread::Builder::new().name(format!("repeat-{number}"));
                // Without a thread the others do its work; without any, this one.
                if thread.spawn_scoped(scope, work).is_err() && number == 0 {
                    work();
                }
            }
        });
        let all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        summary(plan, begun.elapsed(), all)
    }

    fn send_one(
        &self,
        request: &[u8],
        origin: Option<ExchangeId>,
        control: &RepeatControl,
    ) -> Sent {
        let begun = Arc::clone(&control.running);
        let guise = Guise {
            begun: Some(Box::new(move |id| {
                locked(&begun).insert(id);
            })),
            ..Guise::default()
        };
        let origin = origin.map_or(Origin::Studio, Origin::Replay);
        let (id, answer) = self.send(request.to_vec(), origin, guise);
        let exchange = id.and_then(|id| self.wait_for_end(id));
        if let Some(id) = id {
            locked(&control.running).remove(&id);
        }
        match exchange {
            Some(exchange) => sent(&exchange),
            None => Sent {
                id,
                status: status_of(&answer),
                headline: None,
                time: None,
                output: Sha256::digest(&answer).into(),
            },
        }
    }

    /// The record of a request once it is over; as it stands after the site's time limit. None where its details are
    /// not kept. Blocks.
    #[must_use]
    pub fn wait_for_end(&self, id: ExchangeId) -> Option<Arc<Exchange>> {
        let limit = self.site().config.limits.time_limit();
        let patience = limit.unwrap_or(PATIENCE) + ENDING;
        let begun = Instant::now();
        loop {
            let Found::Exchange(exchange) = self.find(id) else {
                return None;
            };
            if exchange.end.is_some() || begun.elapsed() > patience {
                return Some(exchange);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn sent(exchange: &Exchange) -> Sent {
    let headline = diagnosis::after_run(exchange)
        .into_iter()
        .find(|finding| finding.severity != Severity::Note);
    let response = exchange.response.as_ref();
    let mut output = Sha256::new();
    match exchange.invocation() {
        Some(run) => {
            output.update(run.stdout.head());
            output.update(run.stdout.tail());
            output.update(run.stdout.len().to_be_bytes());
        }
        None => output.update(response.map_or(&[][..], |response| &response.own_body)),
    }
    Sent {
        id: Some(exchange.id),
        status: response.map(|response| response.status),
        headline: headline.map(|finding: Finding| (finding.code, finding.title)),
        time: exchange.end.as_ref().and_then(|_| {
            let answered = exchange.timeline.at(Moment::ResponseEnded);
            answered.or_else(|| exchange.timeline.last())
        }),
        output: output.finalize().into(),
    }
}

/// The status of an answer that has no record.
fn status_of(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\r').next()?;
    let code = line.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    std::str::from_utf8(code).ok()?.parse().ok()
}

fn summary(plan: RepeatPlan, took: Duration, all: Vec<Sent>) -> RepeatSummary {
    let mut ids: Vec<u64> = all
        .iter()
        .filter_map(|sent| sent.id)
        .map(|id| id.0)
        .collect();
    ids.sort_unstable();
    let outputs: HashSet<[u8; 32]> = all.iter().map(|sent| sent.output).collect();
    RepeatSummary {
        planned: plan.times,
        done: u32::try_from(all.len()).unwrap_or(u32::MAX),
        took,
        statuses: counted(all.iter().map(|sent| sent.status)),
        times: Times::of(all.iter().filter_map(|sent| sent.time).collect()),
        outputs: outputs.len(),
        unrecorded: u32::try_from(all.len() - ids.len()).unwrap_or(u32::MAX),
        ids: ranges(&ids),
        headlines: counted(all.into_iter().map(|sent| sent.headline)),
    }
}

/// The most frequent first, equally frequent ones in their own order.
fn counted<K: Ord>(all: impl Iterator<Item = K>) -> Vec<(K, u32)> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_insert(0) += 1;
    }
    let mut counts: Vec<(K, u32)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// Sorted numbers as ranges.
fn ranges(ids: &[u64]) -> Vec<RangeInclusive<u64>> {
    let mut ranges: Vec<RangeInclusive<u64>> = Vec::new();
    for &id in ids {
        match ranges.last_mut() {
            Some(last) if last.end().checked_add(1) == Some(id) => *last = *last.start()..=id,
            _ => ranges.push(id..=id),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_stays_within_its_bounds() {
        assert_eq!(
            RepeatPlan::new(10_000, 64).map(RepeatPlan::times),
            Ok(10_000)
        );
        assert_eq!(RepeatPlan::new(0, 1), Err(RepeatError::Times { times: 0 }));
        let words = RepeatPlan::new(10_001, 1).unwrap_err().to_string();
        assert_eq!(words, "a request is repeated 1 to 10000 times, not 10001");
        assert_eq!(
            RepeatPlan::new(1, 65),
            Err(RepeatError::AtOnce { at_once: 65 })
        );
    }

    #[test]
    fn times_are_those_that_were_taken() {
        let millis = |all: std::ops::RangeInclusive<u64>| {
            Times::of(all.rev().map(Duration::from_millis).collect())
        };
        let hundred = millis(1..=100).unwrap();
        let told =
            [hundred.min, hundred.median, hundred.p95, hundred.max].map(|time| time.as_millis());
        assert_eq!(told, [1, 50, 95, 100]);
        let one = millis(7..=7).unwrap();
        assert_eq!((one.min, one.p95), (one.max, one.median));
        assert_eq!(Times::of(Vec::new()), None);
    }

    #[test]
    fn numbers_are_told_as_ranges() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), [1..=3, 7..=7, 9..=10]);
        assert!(ranges(&[]).is_empty());
        assert_eq!(ranges(&[u64::MAX]), [u64::MAX..=u64::MAX]);
    }

    #[test]
    fn a_status_is_read_from_an_answer() {
        assert_eq!(status_of(b"HTTP/1.1 503 No\r\n\r\n"), Some(503));
        for none in [&b""[..], b"HTTP/1.1", b"<html>", b"HTTP/1.1 \xff\xff\xff"] {
            assert_eq!(status_of(none), None);
        }
    }
}
