//! Looking through the rows for those that a filter lets pass: in pieces, the newest first, on any thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::ExchangeId;
use cgi_engine::history::Index;
use cgi_engine::history::filter::{self, Verdict};

use super::by_value::Values;
use super::order::{Order, SortBy};

/// A screen of rows is told of as soon as it is there, and from then on what was found in such a time.
const FIRST: usize = 200;
const PIECE: Duration = Duration::from_millis(30);
/// How often the clock is looked at.
const STRIDE: usize = 2048;

/// A walk through the rows that is under way.
#[derive(Debug)]
pub struct Scan {
    number: u64,
    /// The newest scan that was asked for: an older one stops.
    newest: Arc<AtomicU64>,
    rows: Index,
    filter: filter::Filter,
    text: String,
    asked: Timestamp,
    /// Rows up to this number are hidden.
    hidden: ExchangeId,
    order: Order,
    /// Rows not looked at yet: those below this place.
    left: usize,
    passed: Vec<ExchangeId>,
    told: usize,
    done: bool,
}

/// What a scan found since it was last asked.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Which scan it belongs to.
    pub number: u64,
    /// Rows that pass: the newest first, or where another order is asked for all of them with the smallest first.
    pub passed: Vec<ExchangeId>,
    /// Rows whose records must be asked, the newest first.
    pub unknown: Vec<ExchangeId>,
    /// Nothing is left to look at.
    pub done: bool,
    /// The condition that hides most, where nothing passed.
    pub strictest: Option<String>,
}

/// What a scan is to look for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) number: u64,
    pub(super) newest: Arc<AtomicU64>,
    pub(super) rows: Index,
    pub(super) filter: filter::Filter,
    pub(super) text: String,
    pub(super) asked: Timestamp,
    pub(super) hidden: ExchangeId,
    pub(super) order: Order,
}

impl Scan {
    pub(super) fn new(wanted: Wanted) -> Self {
        Self {
            number: wanted.number,
            newest: wanted.newest,
            left: wanted.rows.len(),
            rows: wanted.rows,
            filter: wanted.filter.fixed_at(wanted.asked),
            text: wanted.text,
            asked: wanted.asked,
            hidden: wanted.hidden,
            order: wanted.order,
            passed: Vec::new(),
            told: 0,
            done: false,
        }
    }

    /// What was found within a moment; none when all was told, or when another scan is wanted.
    pub fn next_piece(&mut self) -> Option<Piece> {
        if self.done || self.newest.load(Ordering::Relaxed) != self.number {
            return None;
        }
        let begun = Instant::now();
        let mut unknown = Vec::new();
        let first = self.rows.rank(ExchangeId(self.hidden.0 + 1));
        while self.left > first {
            let stop = self.left.saturating_sub(STRIDE).max(first);
            self.look_at(stop, &mut unknown);
            let screen = self.told == 0 && self.passed.len() + unknown.len() >= FIRST;
            let may_tell = self.order.is_by_number();
            if self.newest.load(Ordering::Relaxed) != self.number {
                return None;
            }
            if self.left > first && may_tell && (screen || begun.elapsed() >= PIECE) {
                return Some(self.piece(unknown));
            }
        }
        self.done = true;
        if self.order.by != SortBy::Number {
            // What only records tell is read of those that passed, and they are ordered then.
            let unread = Values::default();
            self.order.by.sort(&self.rows, &mut self.passed, &unread);
        }
        let nothing = self.told == 0 && self.passed.is_empty() && unknown.is_empty();
        let strictest = if nothing { self.strictest() } else { None };
        Some(Piece {
            strictest,
            ..self.piece(unknown)
        })
    }

    fn look_at(&mut self, stop: usize, unknown: &mut Vec<ExchangeId>) {
        for row in self.rows.range(stop..self.left).rev() {
            match self.filter.judge_row(row, self.asked) {
                Verdict::Pass => self.passed.push(row.id),
                Verdict::Unknown => unknown.push(row.id),
                Verdict::Fail => {}
            }
        }
        self.left = stop;
    }

    fn piece(&mut self, unknown: Vec<ExchangeId>) -> Piece {
        let passed = std::mem::take(&mut self.passed);
        self.told += passed.len() + unknown.len();
        Piece {
            number: self.number,
            passed,
            unknown,
            done: self.done,
            strictest: None,
        }
    }

    /// The condition that lets the fewest rows pass.
    fn strictest(&self) -> Option<String> {
        let passing = |condition: &&str| {
            let filter = filter::parse(condition).filter.fixed_at(self.asked);
            let fails = |verdict| verdict == Verdict::Fail;
            let rows = self.rows.iter();
            rows.filter(|row| !fails(filter.judge_row(*row, self.asked)))
                .count()
        };
        let conditions = filter::conditions(&self.text);
        let strictest = conditions.into_iter().min_by_key(passing)?;
        Some(strictest.to_owned())
    }
}
