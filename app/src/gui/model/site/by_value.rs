//! Ordering by what records hold and rows do not tell: a worker reads it of every row that is shown, then they are
//! put into order at once.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use cgi_engine::exchange::{Exchange, ExchangeId};
use cgi_engine::history::cell::Cell;

/// The records of so many rows are read at most.
pub const MOST: usize = 100_000;
/// So many go to a worker at once; it may come back with fewer.
const AT_ONCE: usize = 4_000;
/// Values are told apart by so many characters.
const LONGEST: usize = 80;

/// What records hold; a record that holds none is not among them.
#[derive(Debug, Default)]
pub struct Values(HashMap<ExchangeId, Box<str>>);

impl Values {
    /// The value of a record, empty where it has none or was not read yet.
    #[must_use]
    pub fn of(&self, id: ExchangeId) -> &str {
        self.0.get(&id).map_or("", |value| value)
    }
}

/// How two values stand to each other: numbers by their worth before texts by their letters, nothing before both.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let worth = |text: &str| text.parse::<u64>().ok();
    match (worth(a), worth(b)) {
        (Some(one), Some(other)) => one.cmp(&other).then_with(|| a.cmp(b)),
        (Some(_), None) if !b.is_empty() => Ordering::Less,
        (None, Some(_)) if !a.is_empty() => Ordering::Greater,
        _ => a.cmp(b),
    }
}

/// What a worker is to read.
#[derive(Clone, Debug)]
pub struct ValueErrand {
    /// Which list it is for; its answer is worth nothing for another.
    pub number: u64,
    /// The requests.
    pub requests: Vec<ExchangeId>,
    cell: Cell,
}

impl ValueErrand {
    /// What the record holds.
    #[must_use]
    pub fn value_of(&self, exchange: &Exchange) -> Option<String> {
        let value = self.cell.value(exchange)?;
        Some(value.chars().take(LONGEST).collect())
    }
}

/// What a worker read.
#[derive(Clone, Debug)]
pub struct ValuesRead {
    /// Which list it is for.
    pub number: u64,
    /// The requests that were looked at: the first ones of the errand.
    pub values: Vec<(ExchangeId, Option<String>)>,
}

/// The reading of values for one list.
#[derive(Debug)]
pub(super) struct Reading {
    number: u64,
    cell: Cell,
    left: BTreeSet<ExchangeId>,
    busy: bool,
    /// All were read once, and what comes now are changes.
    pub(super) in_order: bool,
}

impl Reading {
    pub(super) fn new(number: u64, cell: Cell, rows: impl Iterator<Item = ExchangeId>) -> Self {
        Self {
            number,
            cell,
            left: rows.collect(),
            busy: false,
            in_order: false,
        }
    }

    /// How many records are still to be read.
    pub(super) fn left(&self) -> usize {
        self.left.len()
    }

    /// The request is new or has changed.
    pub(super) fn want(&mut self, id: ExchangeId) {
        self.left.insert(id);
    }

    pub(super) fn take_errand(&mut self) -> Option<ValueErrand> {
        if self.busy || self.left.is_empty() {
            return None;
        }
        self.busy = true;
        Some(ValueErrand {
            number: self.number,
            requests: self.left.iter().rev().take(AT_ONCE).copied().collect(),
            cell: self.cell.clone(),
        })
    }

    /// Takes what was read into the values; says which requests were looked at, or nothing of another list.
    pub(super) fn take(&mut self, read: ValuesRead, values: &mut Values) -> Vec<ExchangeId> {
        if read.number != self.number {
            return Vec::new();
        }
        self.busy = false;
        let mut requests = Vec::with_capacity(read.values.len());
        for (id, value) in read.values {
            self.left.remove(&id);
            match value {
                Some(value) => values.0.insert(id, value.into()),
                None => values.0.remove(&id),
            };
            requests.push(id);
        }
        requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_by_their_worth_before_texts_and_nothing_before_both() {
        let in_order = ["", "0", "9", "10", "010", "120", "-", "1a", "a", "b"];
        for (at, a) in in_order.iter().enumerate() {
            for (place, b) in in_order.iter().enumerate() {
                let expected = match (*a, *b) {
                    // The same worth: by their letters.
                    ("10", "010") => Ordering::Greater,
                    ("010", "10") => Ordering::Less,
                    _ => at.cmp(&place),
                };
                assert_eq!(compare(a, b), expected, "{a:?} {b:?}");
            }
        }
    }
}
