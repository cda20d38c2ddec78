//! The filter's words at work: what rows tell at once, and what a worker finds in the records.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{ExchangeId, RowRef};
use cgi_engine::history::Index;
use cgi_engine::history::filter::{self, Narrowing, Problem, Verdict};

/// So many records go to a worker at once; it may come back with fewer.
const AT_ONCE: usize = 20_000;

/// What a worker is to look through.
#[derive(Clone, Debug)]
pub struct Errand {
    /// Which search it belongs to; its answer is worth nothing for another.
    pub number: u64,
    /// The newest search: an errand of an older one ends.
    pub newest: Arc<AtomicU64>,
    /// What passes.
    pub filter: filter::Filter,
    /// What the disk's index of texts tells of the filter, once a worker has asked it; none where it could not.
    pub narrowing: Arc<OnceLock<Option<Narrowing>>>,
    /// The requests to look at, newest first.
    pub requests: Vec<ExchangeId>,
    /// Their rows.
    pub rows: Index,
    /// What `since:10m` counts from.
    pub now: Timestamp,
}

/// What a worker found.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Which search it belongs to.
    pub number: u64,
    /// The requests that were looked at, and whether each passes: the first ones of the errand.
    pub requests: Vec<(ExchangeId, bool)>,
}

/// The words of the filter and what is known of them.
#[derive(Debug)]
pub struct Search {
    number: u64,
    newest: Arc<AtomicU64>,
    text: String,
    filter: filter::Filter,
    problems: Vec<Problem>,
    /// When it was typed: `since:10m` counts from there.
    asked: Timestamp,
    /// What the disk's index tells of the filter.
    narrowing: Arc<OnceLock<Option<Narrowing>>>,
    /// Records to look at as a walk through the rows found them: the newest first.
    backlog: VecDeque<Vec<ExchangeId>>,
    backlog_count: usize,
    /// Requests that changed since.
    changed: BTreeSet<ExchangeId>,
    /// What a worker is at.
    out: Option<Vec<ExchangeId>>,
    looked_at: usize,
    stopped: bool,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            number: 0,
            newest: Arc::default(),
            text: String::new(),
            filter: filter::Filter::default(),
            problems: Vec::new(),
            asked: Timestamp::from_unix_millis(0),
            narrowing: Arc::default(),
            backlog: VecDeque::new(),
            backlog_count: 0,
            changed: BTreeSet::new(),
            out: None,
            looked_at: 0,
            stopped: false,
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
        true
    }

    /// Everything is looked at anew: what is on its way counts for nothing. The number of the search.
    pub fn begin(&mut self) -> u64 {
        self.number += 1;
        self.newest.store(self.number, Ordering::Relaxed);
        self.narrowing = Arc::default();
        self.backlog.clear();
        self.backlog_count = 0;
        self.changed.clear();
        self.looked_at = 0;
        self.stopped = false;
        self.number
    }

    /// The number of the search in force.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Where workers see which search is in force.
    #[must_use]
    pub fn newest(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.newest)
    }

    /// What could not be understood of the text.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The search in force.
    #[must_use]
    pub fn filter(&self) -> &filter::Filter {
        &self.filter
    }

    /// What was typed last.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What `since:10m` counts from.
    #[must_use]
    pub fn asked(&self) -> Timestamp {
        self.asked
    }

    /// The search in force in plain language; none when there is no condition.
    #[must_use]
    pub fn in_words(&self) -> Option<String> {
        (!self.filter.is_empty()).then(|| self.filter.in_words())
    }

    /// Whether the row passes, as far as it tells.
    #[must_use]
    pub fn judge(&self, row: RowRef<'_>) -> Verdict {
        self.filter.judge_row(row, self.asked)
    }

    /// Records that are to be looked at, the newest first.
    pub fn enlist(&mut self, newest_first: Vec<ExchangeId>) {
        if !newest_first.is_empty() {
            self.backlog_count += newest_first.len();
            self.backlog.push_back(newest_first);
        }
    }

    /// A request has changed, and its record is to be looked at.
    pub fn enlist_changed(&mut self, id: ExchangeId) {
        self.changed.insert(id);
    }

    /// How many records are still to be looked at.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.backlog_count + self.changed.len() + self.out.as_ref().map_or(0, Vec::len)
    }

    /// How many records were looked at.
    #[must_use]
    pub fn looked_at(&self) -> usize {
        self.looked_at
    }

    /// The user ended the search before all was looked at.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Looks no further through records; what was found stays, and what comes is looked at.
    pub fn stop(&mut self) {
        self.stopped = self.waiting() > 0;
        self.backlog.clear();
        self.backlog_count = 0;
    }

    /// What a worker is to do next, if there is anything and none is on its way.
    pub fn take_errand(&mut self, rows: &Index) -> Option<Errand> {
        if self.out.is_some() || self.waiting() == 0 {
            return None;
        }
        let mut requests = Vec::new();
        while requests.len() < AT_ONCE
            && let Some(id) = self.changed.pop_last()
        {
            requests.push(id);
        }
        while let Some(mut piece) = self.backlog.pop_front() {
            let later = piece.split_off(piece.len().min(AT_ONCE - requests.len()));
            self.backlog_count -= piece.len();
            requests.append(&mut piece);
            if !later.is_empty() {
                self.backlog.push_front(later);
                break;
            }
        }
        requests.retain(|id| rows.get(*id).is_some());
        if requests.is_empty() {
            return None;
        }
        self.out = Some(requests.clone());
        Some(Errand {
            number: self.number,
            newest: Arc::clone(&self.newest),
            filter: self.filter.fixed_at(self.asked),
            narrowing: Arc::clone(&self.narrowing),
            requests,
            rows: rows.clone(),
            now: self.asked,
        })
    }

    /// Takes what a worker found, and says which requests pass and which do not.
    pub fn take_judged(&mut self, judged: Judged) -> Vec<(ExchangeId, bool)> {
        let mut out = self.out.take().unwrap_or_default();
        if judged.number != self.number {
            return Vec::new();
        }
        let left = out.split_off(judged.requests.len().min(out.len()));
        if !left.is_empty() && !self.stopped {
            self.backlog_count += left.len();
            self.backlog.push_front(left);
        }
        self.looked_at += judged.requests.len();
        judged.requests
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::row;
    use super::*;

    fn rows() -> Index {
        [row(1), row(2), row(3)].iter().collect()
    }

    fn numbers(errand: &Errand) -> Vec<u64> {
        errand.requests.iter().map(|id| id.0).collect()
    }

    fn now() -> Timestamp {
        Timestamp::from_unix_millis(0)
    }

    fn searching(ids: &[u64]) -> Search {
        let mut search = Search::default();
        assert!(search.ask("stdout:hello", now()));
        search.begin();
        search.enlist(ids.iter().copied().map(ExchangeId).collect());
        search
    }

    #[test]
    fn the_last_good_search_stays_while_a_text_is_typed() {
        let mut search = Search::default();
        assert!(search.ask("status:200", now()));
        assert!(!search.ask("status:200 time>", now()));
        assert_eq!(search.problems().len(), 1);
        assert_eq!(search.judge((&row(1)).into()), Verdict::Pass);
        assert_eq!(search.in_words().as_deref(), Some("the status is 200"));
    }

    #[test]
    fn records_are_looked_at_newest_first_by_one_worker_at_a_time() {
        let mut search = searching(&[3, 2, 1]);
        let errand = search.take_errand(&rows()).unwrap();
        assert_eq!((numbers(&errand), search.waiting()), (vec![3, 2, 1], 3));
        assert!(search.take_errand(&rows()).is_none());
        let requests = vec![(ExchangeId(3), true), (ExchangeId(2), false)];
        let number = errand.number;
        let found = search.take_judged(Judged {
            number,
            requests: requests.clone(),
        });
        assert_eq!((found, search.looked_at()), (requests, 2));
        search.enlist_changed(ExchangeId(3));
        assert_eq!(numbers(&search.take_errand(&rows()).unwrap()), [3, 1]);
    }

    #[test]
    fn the_answer_to_an_older_search_counts_for_nothing() {
        let mut search = searching(&[1]);
        let errand = search.take_errand(&rows()).unwrap();
        search.begin();
        search.enlist(vec![ExchangeId(1)]);
        assert_ne!(errand.newest.load(Ordering::Relaxed), errand.number);
        let requests = vec![(ExchangeId(1), true)];
        let number = errand.number;
        assert_eq!(search.take_judged(Judged { number, requests }), []);
        assert!(search.take_errand(&rows()).is_some());
    }

    #[test]
    fn a_search_that_is_stopped_looks_at_what_comes_and_at_nothing_else() {
        let mut search = searching(&[3, 2, 1]);
        let number = search.take_errand(&rows()).unwrap().number;
        search.stop();
        search.take_judged(Judged {
            number,
            requests: vec![(ExchangeId(3), true)],
        });
        assert_eq!((search.waiting(), search.is_stopped()), (0, true));
        search.enlist_changed(ExchangeId(2));
        assert_eq!(numbers(&search.take_errand(&rows()).unwrap()), [2]);
    }

    #[test]
    fn rows_that_are_gone_are_not_looked_for() {
        let mut search = searching(&[9, 3, 8]);
        assert_eq!(numbers(&search.take_errand(&rows()).unwrap()), [3]);
        assert!(searching(&[9]).take_errand(&rows()).is_none());
    }
}
