//! The filter's words at work: what rows tell at once, and what a worker finds in the records.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{ExchangeId, ExchangeRow, RowRef};
use cgi_engine::history::filter::{self, Problem, Verdict};

/// So many records go to a worker at once; it may come back with fewer.
const AT_ONCE: usize = 2_000;

/// What a worker is to look through.
#[derive(Clone, Debug)]
pub struct Errand {
    /// Which search it belongs to; its answer is worth nothing for another.
    pub number: u64,
    /// What passes.
    pub filter: filter::Filter,
    /// The requests to look at, newest first.
    pub requests: Vec<Arc<ExchangeRow>>,
    /// What `since:10m` counts from.
    pub now: Timestamp,
}

/// What a worker found.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Which search it belongs to.
    pub number: u64,
    /// The requests that were looked at, and whether each passes.
    pub requests: Vec<(ExchangeId, bool)>,
}

/// The words of the filter and what is known of them.
#[derive(Debug)]
pub struct Search {
    number: u64,
    text: String,
    filter: filter::Filter,
    problems: Vec<Problem>,
    /// When it was typed: `since:10m` counts from there.
    asked: Timestamp,
    judged: HashMap<ExchangeId, bool>,
    waiting: BTreeSet<ExchangeId>,
    /// A worker is on its way.
    busy: bool,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            number: 0,
            text: String::new(),
            filter: filter::Filter::default(),
            problems: Vec::new(),
            asked: Timestamp::from_unix_millis(0),
            judged: HashMap::new(),
            waiting: BTreeSet::new(),
            busy: false,
        }
    }
}

impl Search {
    /// Takes what was typed. A text that cannot be understood in full leaves the last good search in force.
    /// Says whether other rows may pass now.
    pub fn ask(&mut self, text: &str, now: Timestamp) -> bool {
        if text == self.text {
            return false;
        }
        text.clone_into(&mut self.text);
        let parsed = filter::parse(text);
        self.problems = parsed.problems;
        if !self.problems.is_empty() {
            return false;
        }
        self.filter = parsed.filter;
        self.asked = now;
        self.number += 1;
        self.judged.clear();
        self.waiting.clear();
        true
    }

    /// What could not be understood of the text.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The search in force in plain language; none when there is no condition.
    #[must_use]
    pub fn in_words(&self) -> Option<String> {
        (!self.filter.is_empty()).then(|| self.filter.in_words())
    }

    /// Whether the row is known to pass.
    #[must_use]
    pub fn passes(&self, row: RowRef<'_>) -> bool {
        match self.filter.judge_row(row, self.asked) {
            Verdict::Pass => true,
            Verdict::Fail => false,
            Verdict::Unknown => self.judged.get(&row.id) == Some(&true),
        }
    }

    /// Puts the row on the list of those whose records must be looked at, if it is such a one.
    pub fn enlist(&mut self, row: RowRef<'_>) {
        let unknown = self.filter.judge_row(row, self.asked) == Verdict::Unknown;
        if unknown && !self.judged.contains_key(&row.id) {
            self.waiting.insert(row.id);
        }
    }

    /// The request has changed: what was found in it may be no longer true.
    pub fn forget(&mut self, id: ExchangeId) {
        self.judged.remove(&id);
    }

    /// How many records are still to be looked at.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What a worker is to do next, if there is anything and none is on its way.
    pub fn take_errand(
        &mut self,
        row: impl Fn(ExchangeId) -> Option<Arc<ExchangeRow>>,
    ) -> Option<Errand> {
        if self.busy || self.waiting.is_empty() {
            return None;
        }
        let next = self.waiting.iter().rev().copied().take(AT_ONCE);
        let (known, gone): (Vec<_>, Vec<_>) = next
            .map(|id| (id, row(id)))
            .partition(|(_, row)| row.is_some());
        for (id, _) in gone {
            self.waiting.remove(&id);
        }
        let requests: Vec<_> = known.into_iter().filter_map(|(_, row)| row).collect();
        if requests.is_empty() {
            return None;
        }
        self.busy = true;
        Some(Errand {
            number: self.number,
            filter: self.filter.clone(),
            requests,
            now: self.asked,
        })
    }

    /// Takes what a worker found, and says which requests it concerns.
    pub fn take_judged(&mut self, judged: &Judged) -> Vec<ExchangeId> {
        self.busy = false;
        if judged.number != self.number {
            return Vec::new();
        }
        for (id, passes) in &judged.requests {
            self.waiting.remove(id);
            self.judged.insert(*id, *passes);
        }
        judged.requests.iter().map(|(id, _)| *id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::row;
    use super::*;

    fn known(id: ExchangeId) -> Option<Arc<ExchangeRow>> {
        Some(Arc::new(row(id.0)))
    }

    fn numbers(errand: &Errand) -> Vec<u64> {
        errand.requests.iter().map(|row| row.id.0).collect()
    }

    fn now() -> Timestamp {
        Timestamp::from_unix_millis(0)
    }

    #[test]
    fn the_last_good_search_stays_while_a_text_is_typed() {
        let mut search = Search::default();
        assert!(search.ask("status:200", now()));
        assert!(!search.ask("status:200 time>", now()));
        assert_eq!(search.problems().len(), 1);
        assert!(search.passes((&row(1)).into()));
        assert_eq!(search.in_words().as_deref(), Some("the status is 200"));
    }

    #[test]
    fn records_are_looked_at_newest_first_by_one_worker_at_a_time() {
        let mut search = Search::default();
        search.ask("stdout:hello", now());
        for id in 1..=3 {
            search.enlist((&row(id)).into());
        }
        let errand = search.take_errand(known).unwrap();
        assert_eq!(numbers(&errand), [3, 2, 1]);
        assert!(search.take_errand(known).is_none());
        let requests = vec![(ExchangeId(3), true), (ExchangeId(2), false)];
        let number = errand.number;
        search.take_judged(&Judged { number, requests });
        assert_eq!(
            (
                search.passes((&row(3)).into()),
                search.passes((&row(2)).into())
            ),
            (true, false)
        );
        assert_eq!(numbers(&search.take_errand(known).unwrap()), [1]);
    }

    #[test]
    fn the_answer_to_an_older_search_counts_for_nothing() {
        let mut search = Search::default();
        search.ask("stdout:a", now());
        search.enlist((&row(1)).into());
        let number = search.take_errand(known).unwrap().number;
        search.ask("stdout:b", now());
        search.enlist((&row(1)).into());
        let requests = vec![(ExchangeId(1), true)];
        assert_eq!(search.take_judged(&Judged { number, requests }), []);
        assert!(!search.passes((&row(1)).into()));
        assert!(search.take_errand(known).is_some());
    }
}
