//! What columns of fields and variables show: looked up by workers for the rows in sight, and kept for a while.

use std::collections::{HashMap, VecDeque};

use cgi_engine::exchange::{Exchange, ExchangeId};
use cgi_engine::history::cell::Cell;

/// Values of so many requests are kept: many screens full.
const KEPT: usize = 4_000;
/// A value is cut to so many characters: a column shows no more.
const LONGEST: usize = 300;

/// What a worker is to look up.
#[derive(Clone, Debug)]
pub struct Errand {
    /// Which columns it is for; its answer is worth nothing for others.
    pub number: u64,
    /// The requests.
    pub requests: Vec<ExchangeId>,
    columns: Vec<Cell>,
}

/// What a worker found: the values of each request in the order of the columns.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Which columns it is for.
    pub number: u64,
    /// The values of each request; nothing where its record is gone.
    pub values: Vec<(ExchangeId, Vec<Option<String>>)>,
}

/// The values that are known.
#[derive(Debug, Default)]
pub struct Cells {
    number: u64,
    columns: Vec<Cell>,
    known: HashMap<ExchangeId, Vec<Option<String>>>,
    in_turn: VecDeque<ExchangeId>,
    wanted: Vec<ExchangeId>,
    busy: bool,
}

impl Errand {
    /// The values of a record.
    #[must_use]
    pub fn values_of(&self, exchange: &Exchange) -> Vec<Option<String>> {
        let value = |cell: &Cell| {
            let value = cell.value(exchange)?;
            Some(value.chars().take(LONGEST).collect())
        };
        self.columns.iter().map(value).collect()
    }
}

impl Cells {
    /// The columns that are shown now.
    pub fn show(&mut self, columns: &[Cell]) {
        if columns != self.columns {
            columns.clone_into(&mut self.columns);
            self.number += 1;
            self.known.clear();
            self.in_turn.clear();
            self.wanted.clear();
        }
    }

    /// Whether it is not known yet what the columns show of this request.
    #[must_use]
    pub fn lacks(&self, id: ExchangeId) -> bool {
        !self.columns.is_empty() && !self.known.contains_key(&id)
    }

    /// Whether a worker is on its way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.busy || !self.wanted.is_empty()
    }

    /// What a column shows of a request; none while that is not known, and where there was no such value.
    #[must_use]
    pub fn value(&self, id: ExchangeId, cell: &Cell) -> Option<&str> {
        let place = self.columns.iter().position(|column| column == cell)?;
        self.known.get(&id)?.get(place)?.as_deref()
    }

    /// These requests are in sight.
    pub fn want(&mut self, requests: Vec<ExchangeId>) {
        self.wanted = requests;
    }

    /// The request has changed.
    pub fn forget(&mut self, id: ExchangeId) {
        self.known.remove(&id);
    }

    /// What a worker is to look up, if there is anything and none is on its way.
    pub fn take_errand(&mut self) -> Option<Errand> {
        if self.busy || self.columns.is_empty() {
            return None;
        }
        let mut requests = std::mem::take(&mut self.wanted);
        requests.retain(|id| self.lacks(*id));
        if requests.is_empty() {
            return None;
        }
        self.busy = true;
        Some(Errand {
            number: self.number,
            requests,
            columns: self.columns.clone(),
        })
    }

    /// Takes what a worker found.
    pub fn take(&mut self, fetched: Fetched) {
        self.busy = false;
        if fetched.number != self.number {
            return;
        }
        for (id, values) in fetched.values {
            if self.known.insert(id, values).is_none() {
                self.in_turn.push_back(id);
            }
        }
        while self.in_turn.len() > KEPT {
            let oldest = self.in_turn.pop_front();
            oldest.and_then(|id| self.known.remove(&id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::asked;
    use super::*;

    fn columns() -> Vec<Cell> {
        ["header.Host", "env.X"]
            .into_iter()
            .filter_map(Cell::named)
            .collect()
    }

    fn fetched(errand: &Errand) -> Fetched {
        let values = errand.requests.iter().map(|id| {
            let exchange = asked(id.0, "GET / HTTP/1.1\r\nHost: here\r\n\r\n", "");
            (*id, errand.values_of(&exchange))
        });
        Fetched {
            number: errand.number,
            values: values.collect(),
        }
    }

    #[test]
    fn values_are_looked_up_once_for_the_rows_in_sight() {
        let mut cells = Cells::default();
        let id = ExchangeId(1);
        cells.want(vec![id]);
        assert!(cells.take_errand().is_none() && !cells.lacks(id));
        cells.show(&columns());
        cells.want(vec![id]);
        let errand = cells.take_errand().unwrap();
        assert!(cells.take_errand().is_none() && cells.lacks(id));
        cells.take(fetched(&errand));
        let shown = columns()
            .iter()
            .map(|cell| cells.value(id, cell).map(str::to_owned))
            .collect::<Vec<_>>();
        assert_eq!(shown, [Some("here".to_owned()), None]);
        cells.want(vec![id]);
        assert!(cells.take_errand().is_none());
        cells.forget(id);
        cells.want(vec![id]);
        assert!(cells.take_errand().is_some());
    }

    #[test]
    fn an_answer_for_other_columns_counts_for_nothing_and_old_values_go() {
        let mut cells = Cells::default();
        cells.show(&columns());
        cells.want((1..=KEPT as u64 + 5).map(ExchangeId).collect());
        let errand = cells.take_errand().unwrap();
        cells.take(fetched(&errand));
        assert!(cells.lacks(ExchangeId(5)) && !cells.lacks(ExchangeId(6)));
        cells.show(&columns()[..1]);
        cells.take(fetched(&errand));
        assert!(cells.lacks(ExchangeId(6)));
    }
}
