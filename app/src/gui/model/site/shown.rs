//! The lines of the list: rows that are shown, and changes in the folder between them.
//!
//! Without a filter, in the usual order, the list is the index itself and costs nothing, however many rows there are.
//! Else the rows that passed are held by number, the smallest in the list's order first.

use std::collections::VecDeque;
use std::sync::Arc;

use cgi_engine::exchange::ExchangeId;
use cgi_engine::history::Index;
use cgi_engine::message::SiteNews;

use super::by_value::Values;
use super::order::Order;

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// A request.
    Row(ExchangeId),
    /// A change in the folder, by its number among the changes.
    News(u64),
}

/// Which lines there are and in which order.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) order: Order,
    /// What records hold, where the order is by that.
    pub(super) values: Values,
    /// The rows that passed; none while all rows are shown as they stand in the index.
    picked: Option<VecDeque<ExchangeId>>,
    /// Places from the oldest line on at which a change stands, and its number; only while all rows are shown.
    news: Vec<(usize, u64)>,
    /// Rows before this place are hidden.
    first: usize,
}

impl Shown {
    /// Shows all rows after the hidden ones, and the changes between them.
    pub(super) fn show_all(
        &mut self,
        rows: &Index,
        news: &VecDeque<(u64, Arc<SiteNews>)>,
        hidden: ExchangeId,
    ) {
        self.picked = None;
        self.first = rows.rank(ExchangeId(hidden.0.saturating_add(1)));
        self.news.clear();
        let mut told: Vec<(ExchangeId, u64)> = news
            .iter()
            .filter(|(_, news)| hidden.0 == 0 || news.after > hidden)
            .map(|(number, news)| (news.after, *number))
            .collect();
        told.sort_unstable();
        for (before, (after, number)) in told.into_iter().enumerate() {
            let rows_before = rows.rank(ExchangeId(after.0.saturating_add(1))) - self.first;
            self.news.push((rows_before + before, number));
        }
    }

    /// Shows these rows, which stand in the list's order.
    pub(super) fn show_picked(&mut self, picked: impl IntoIterator<Item = ExchangeId>) {
        self.picked = Some(picked.into_iter().collect());
        self.news.clear();
        self.first = 0;
    }

    /// Rows that are all older than those that are shown, the newest first.
    pub(super) fn add_older(&mut self, older: &[ExchangeId]) {
        if let Some(picked) = &mut self.picked {
            older.iter().for_each(|id| picked.push_front(*id));
        }
    }

    /// Puts all picked rows into the list's order anew.
    pub(super) fn sort(&mut self, rows: &Index) {
        if let Some(picked) = &mut self.picked {
            let picked = picked.make_contiguous();
            self.order.by.sort(rows, picked, &self.values);
        }
    }

    /// The picked rows, the newest of them last.
    pub(super) fn picked(&self) -> impl Iterator<Item = ExchangeId> {
        self.picked.iter().flatten().copied()
    }

    pub(super) fn is_all(&self) -> bool {
        self.picked.is_none()
    }

    pub(super) fn row_count(&self, rows: &Index) -> usize {
        match &self.picked {
            Some(picked) => picked.len(),
            None => rows.len() - self.first.min(rows.len()),
        }
    }

    pub(super) fn line_count(&self, rows: &Index) -> usize {
        self.row_count(rows) + self.news.len()
    }

    /// The line at this place from the top.
    pub(super) fn line(&self, rows: &Index, from_top: usize) -> Option<Line> {
        let at = self.turned(rows, from_top)?;
        if let Some(picked) = &self.picked {
            return picked.get(at).copied().map(Line::Row);
        }
        let before = self.news.partition_point(|(place, _)| *place < at);
        match self.news.get(before) {
            Some((place, number)) if *place == at => Some(Line::News(*number)),
            _ => rows
                .at(self.first + at - before)
                .map(|row| Line::Row(row.id)),
        }
    }

    /// The place of a row from the top, if it is shown.
    pub(super) fn place_of(&self, rows: &Index, id: ExchangeId) -> Option<usize> {
        let at = match &self.picked {
            Some(picked) => self.find(picked, id)?,
            None => {
                let row = rows.place(id)?.checked_sub(self.first)?;
                let before = |(number, (place, _)): (usize, &(usize, u64))| *place <= row + number;
                row + self
                    .news
                    .iter()
                    .enumerate()
                    .take_while(|news| before(*news))
                    .count()
            }
        };
        self.turned(rows, at)
    }

    /// The smallest is the last line, unless the order is turned.
    fn turned(&self, rows: &Index, place: usize) -> Option<usize> {
        let last = self.line_count(rows).checked_sub(1)?;
        if self.order.ascending {
            (place <= last).then_some(place)
        } else {
            last.checked_sub(place)
        }
    }

    fn find(&self, picked: &VecDeque<ExchangeId>, id: ExchangeId) -> Option<usize> {
        if self.order.is_by_number() {
            return picked.binary_search(&id).ok();
        }
        // A row that changed may stand where it stood before: only a look at each tells.
        picked.iter().position(|other| *other == id)
    }

    /// Puts a picked row where it belongs, or takes it out; says whether it is new in the list.
    pub(super) fn place(&mut self, rows: &Index, id: ExchangeId, shown: bool) -> bool {
        let Some(mut picked) = self.picked.take() else {
            return false;
        };
        let old = self.find(&picked, id);
        let stays = shown && self.order.is_by_number() && old.is_some();
        if let Some(at) = old.filter(|_| !stays) {
            picked.remove(at);
        }
        if shown && !stays {
            let at = self.place_for(&picked, rows, id);
            picked.insert(at, id);
        }
        self.picked = Some(picked);
        shown && old.is_none()
    }

    /// Takes many rows out and puts those that are shown in again: one pass over the list, however many there are.
    pub(super) fn place_many(&mut self, rows: &Index, changed: &[(ExchangeId, bool)]) {
        let Some(mut picked) = self.picked.take() else {
            return;
        };
        let mut ids: Vec<ExchangeId> = changed.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        if let Some(oldest) = ids.first().copied() {
            picked.retain(|id| *id < oldest || ids.binary_search(id).is_err());
        }
        let mut come: Vec<ExchangeId> = changed
            .iter()
            .filter(|(_, shown)| *shown)
            .map(|(id, _)| *id)
            .collect();
        come.sort_unstable();
        come.dedup();
        self.order.by.sort(rows, &mut come, &self.values);
        let mut merged = VecDeque::with_capacity(picked.len() + come.len());
        let slices = picked.make_contiguous();
        let mut from = 0;
        for id in come {
            let at = from + self.place_in(&slices[from..], rows, id);
            merged.extend(&slices[from..at]);
            merged.push_back(id);
            from = at;
        }
        merged.extend(&slices[from..]);
        self.picked = Some(merged);
    }

    fn place_for(&self, picked: &VecDeque<ExchangeId>, rows: &Index, id: ExchangeId) -> usize {
        if self.order.is_by_number() {
            return picked.partition_point(|other| *other < id);
        }
        picked.partition_point(|other| self.is_before(rows, *other, id))
    }

    fn place_in(&self, picked: &[ExchangeId], rows: &Index, id: ExchangeId) -> usize {
        picked.partition_point(|other| self.is_before(rows, *other, id))
    }

    fn is_before(&self, rows: &Index, one: ExchangeId, other: ExchangeId) -> bool {
        match (rows.get(one), rows.get(other)) {
            (Some(a), Some(b)) => self.order.by.compare(a, b, &self.values).is_lt(),
            _ => one < other,
        }
    }
}
