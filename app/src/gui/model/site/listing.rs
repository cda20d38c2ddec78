//! What the list shows: the filter and the order at work over the rows, at once or by a worker.

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::ExchangeId;
use cgi_engine::history::Index;
use cgi_engine::history::filter::Verdict;

use super::super::filter::Filter;
use super::super::search::{Errand, Judged, Search};
use super::by_value::{self, Reading, ValueErrand, Values, ValuesRead};
use super::order::{Order, SortBy};
use super::scan::{Piece, Scan, Wanted};
use super::{Line, SiteModel};

/// So many rows are looked through at once, in less than a moment; more of them by a worker.
const AT_ONCE: usize = 4_096;
/// In a list of another order that is longer, rows that changed are put in all at once for a frame.
const LONG: usize = 20_000;
/// After so many rows of its own the window shares the engine's again.
const OWN_ROWS: usize = 8_192;

/// A worker goes through the rows.
#[derive(Debug, Default)]
pub(super) struct Scanning {
    /// It has told of something: the old list is gone.
    told: bool,
    /// Rows that changed meanwhile.
    changed: Vec<ExchangeId>,
}

impl SiteModel {
    /// The filter.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Shows other rows. `now` is what `since:10m` counts from.
    pub fn set_filter(&mut self, filter: Filter, now: Timestamp) {
        if filter == self.filter {
            return;
        }
        let other_rows = self.search.ask(&filter.text, now);
        self.filter = filter;
        if other_rows {
            self.list_again();
        }
    }

    /// The order of the list.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Shows the rows in another order.
    pub fn set_order(&mut self, order: Order) {
        if order != self.order {
            self.order = order;
            self.list_again();
        }
    }

    /// The filter's words at work.
    #[must_use]
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// Looks no further through records.
    pub fn stop_search(&mut self) {
        self.search.stop();
    }

    /// A worker goes through the rows, and what is shown is not all of it, or older.
    #[must_use]
    pub fn is_listing(&self) -> bool {
        self.scanning.is_some()
    }

    /// Whether all rows are shown in the usual order or the other way round.
    fn shows_all(&self) -> bool {
        self.search.filter().is_empty() && self.order.is_by_number()
    }

    /// Makes the list anew. A long one is made by a worker; until it tells of something the old list stays.
    pub(super) fn list_again(&mut self) {
        let number = self.search.begin();
        self.late.clear();
        self.scan = None;
        self.scanning = None;
        self.reading = None;
        self.shown.values = Values::default();
        if self.shows_all() {
            self.shown.order = self.order.clone();
            self.show_all();
            self.strictest = None;
            self.rebuilt += 1;
            return;
        }
        let mut scan = Scan::new(Wanted {
            number,
            newest: self.search.newest(),
            rows: self.rows.clone(),
            filter: self.search.filter().clone(),
            text: self.search.text().to_owned(),
            asked: self.search.asked(),
            hidden: self.hidden_up_to(),
            order: self.order.clone(),
        });
        self.scanning = Some(Scanning::default());
        if self.rows.len() > AT_ONCE {
            self.scan = Some(scan);
            return;
        }
        while let Some(piece) = scan.next_piece() {
            self.take_piece(piece);
        }
    }

    fn show_all(&mut self) {
        let hidden = self.hidden_up_to();
        self.shown.show_all(&self.rows, &self.news, hidden);
    }

    fn hidden_up_to(&self) -> ExchangeId {
        self.hidden.map_or(ExchangeId(0), |hidden| hidden.up_to)
    }

    /// A walk through the rows that a worker is to make, if there is one.
    pub fn take_scan(&mut self) -> Option<Scan> {
        self.scan.take()
    }

    /// Shows what a walk through the rows found.
    pub fn take_piece(&mut self, piece: Piece) {
        let Some(scanning) = self
            .scanning
            .as_mut()
            .filter(|_| piece.number == self.search.number())
        else {
            return;
        };
        if std::mem::replace(&mut scanning.told, true) {
            self.shown.add_older(&piece.passed);
        } else {
            self.shown.order = self.order.clone();
            self.rebuilt += 1;
            if self.order.is_by_number() {
                self.shown.show_picked(piece.passed.into_iter().rev());
            } else {
                self.shown.show_picked(piece.passed);
            }
        }
        self.search.enlist(piece.unknown);
        self.strictest = piece.strictest.map(|condition| format!("“{condition}”"));
        if piece.done {
            self.begin_reading();
            let changed = self.scanning.take().map(|scanning| scanning.changed);
            for id in changed.unwrap_or_default() {
                self.judge_changed(id);
            }
            self.settle();
        }
    }

    /// A row is new or has changed.
    pub(super) fn list_changed(&mut self, id: ExchangeId, is_new: bool) {
        if self.shown.is_all() && self.scanning.is_none() {
            let (hidden, last) = (self.hidden_up_to(), self.rows.last_id());
            let between = self.news.back().is_some_and(|(_, news)| news.after >= id);
            if is_new && (between || hidden.0 > 0 || last != Some(id)) {
                self.show_all();
            }
            self.came_in += u64::from(is_new && !self.order.ascending);
        } else if let Some(scanning) = &mut self.scanning {
            scanning.changed.push(id);
        } else {
            self.judge_changed(id);
        }
    }

    fn judge_changed(&mut self, id: ExchangeId) {
        let Some(row) = self.rows.get(id).filter(|row| row.id > self.hidden_up_to()) else {
            return;
        };
        match self.search.judge(row) {
            Verdict::Pass => self.place(id, true),
            Verdict::Fail => self.place(id, false),
            Verdict::Unknown => self.search.enlist_changed(id),
        }
    }

    /// Where rows do not tell what they are ordered by, their records are read.
    fn begin_reading(&mut self) {
        if let SortBy::Cell(cell) = &self.order.by
            && self.shown.row_count(&self.rows) <= by_value::MOST
        {
            let rows = self.shown.picked();
            self.reading = Some(Reading::new(self.search.number(), cell.clone(), rows));
        }
    }

    /// Records that a worker is to read for the order, if there are any and none is on its way.
    pub fn take_value_errand(&mut self) -> Option<ValueErrand> {
        self.reading.as_mut()?.take_errand()
    }

    /// Takes what a worker read for the order.
    pub fn take_values(&mut self, read: ValuesRead) {
        let Some(reading) = &mut self.reading else {
            return;
        };
        let looked_at = reading.take(read, &mut self.shown.values);
        if reading.in_order {
            let placed: Vec<_> = looked_at.into_iter().map(|id| (id, true)).collect();
            self.shown.place_many(&self.rows, &placed);
        } else if reading.left() == 0 {
            reading.in_order = true;
            self.shown.sort(&self.rows);
            self.rebuilt += 1;
        }
    }

    /// How many records are still to be read before the list is in order.
    #[must_use]
    pub fn left_to_order(&self) -> usize {
        let reading = self.reading.as_ref().filter(|reading| !reading.in_order);
        reading.map_or(0, Reading::left)
    }

    /// The list is too long to be ordered by what records hold.
    #[must_use]
    pub fn is_too_long_to_order(&self) -> bool {
        let by_value = matches!(self.order.by, SortBy::Cell(_));
        by_value && self.reading.is_none() && self.scanning.is_none()
    }

    fn place(&mut self, id: ExchangeId, shown: bool) {
        if let Some(reading) = self.reading.as_mut().filter(|_| shown) {
            // It comes into the list when its record was read.
            return reading.want(id);
        }
        let is_long = self.shown.row_count(&self.rows) > LONG;
        if is_long && !self.order.is_by_number() {
            self.late.push((id, shown));
            return;
        }
        let was_empty = self.rows_shown() == 0;
        let came = self.shown.place(&self.rows, id, shown);
        let on_top = self.line(0) == Some(Line::Row(id));
        self.came_in += u64::from(came && on_top && self.order == Order::default());
        if was_empty && came {
            self.strictest = None;
        }
    }

    /// Puts in what changed since the last frame.
    pub fn settle(&mut self) {
        if !self.late.is_empty() {
            let late = std::mem::take(&mut self.late);
            self.shown.place_many(&self.rows, &late);
        }
    }

    /// These rows are gone from the index, the oldest first.
    pub(super) fn unlist(&mut self, gone: &[ExchangeId]) {
        if self.shown.is_all() {
            self.show_all();
        } else {
            let gone: Vec<_> = gone.iter().map(|id| (*id, false)).collect();
            self.shown.place_many(&self.rows, &gone);
        }
    }

    /// A change in the folder came: puts it between the rows. Says whether it is shown.
    pub(super) fn list_news_again(&mut self) -> bool {
        if self.shown.is_all() {
            self.show_all();
        }
        self.shown.is_all()
    }

    /// Records that a worker is to look through, if there are any and none is on its way.
    pub fn take_errand(&mut self) -> Option<Errand> {
        self.search.take_errand(&self.rows)
    }

    /// Shows what a worker found.
    pub fn take_judged(&mut self, judged: Judged) {
        for (id, passes) in self.search.take_judged(judged) {
            if self.scanning.is_none() || passes {
                self.place(id, passes);
            }
        }
        self.settle();
    }

    /// Enough rows came that it is worth sharing the engine's instead of holding them twice.
    #[must_use]
    pub fn wants_sharing(&self) -> bool {
        self.own_rows >= OWN_ROWS
    }

    /// Takes the engine's rows, which are the same or newer: what is newer is told by an event that is on its way.
    pub fn share(&mut self, rows: Index) {
        self.own_rows = 0;
        self.rows = rows;
        if self.shown.is_all() {
            self.show_all();
        }
    }

    /// Takes the rows as they stand: some of earlier sessions came, or some had to go.
    pub fn take_rows(&mut self, rows: Index) {
        self.rows = rows;
        self.own_rows = 0;
        self.check_last_runs();
        if self.shown.is_all() && self.scanning.is_none() {
            self.show_all();
        } else {
            self.list_again();
        }
    }

    /// How many rows are shown.
    #[must_use]
    pub fn rows_shown(&self) -> usize {
        self.shown.row_count(&self.rows)
    }

    /// How many lines the list has.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.shown.line_count(&self.rows)
    }

    /// The line at this place from the top, where the newest is in the usual order.
    #[must_use]
    pub fn line(&self, from_top: usize) -> Option<Line> {
        self.shown.line(&self.rows, from_top)
    }

    /// The place of a row from the top, if it is shown.
    #[must_use]
    pub fn place_of(&self, id: ExchangeId) -> Option<usize> {
        self.shown.place_of(&self.rows, id)
    }
}
