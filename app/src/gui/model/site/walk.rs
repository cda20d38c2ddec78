//! Ways through the list: to the row above or below, to its ends, to the next failure.

use cgi_engine::exchange::ExchangeId;

use super::{Line, SiteModel};

/// So many selections are remembered.
const REMEMBERED: usize = 200;

/// What was selected, one after another, and where in it the user is.
#[derive(Debug, Default)]
pub(super) struct Trail {
    visited: Vec<ExchangeId>,
    at: usize,
}

impl Trail {
    /// A new selection ends what lay ahead.
    pub(super) fn visit(&mut self, id: ExchangeId) {
        if self.visited.get(self.at) == Some(&id) {
            return;
        }
        self.visited.truncate(self.at + 1);
        self.visited.push(id);
        if self.visited.len() > REMEMBERED {
            self.visited.remove(0);
        }
        self.at = self.visited.len() - 1;
    }

    /// The nearest one in this direction that is still there.
    fn next(&self, forward: bool, there: impl Fn(ExchangeId) -> bool) -> Option<usize> {
        let known = |at: &usize| self.visited.get(*at).is_some_and(|id| there(*id));
        if forward {
            (self.at + 1..self.visited.len()).find(known)
        } else {
            (0..self.at).rev().find(known)
        }
    }
}

impl SiteModel {
    /// Whether there is a selection to go back or forward to.
    #[must_use]
    pub fn can_go(&self, forward: bool) -> bool {
        self.trail
            .next(forward, |id| self.row(id).is_some())
            .is_some()
    }

    /// Goes back or forward through what was selected.
    pub fn go(&mut self, forward: bool) {
        if let Some(at) = self.trail.next(forward, |id| self.row(id).is_some()) {
            self.trail.at = at;
            self.select(self.trail.visited.get(at).copied());
        }
    }

    /// The nearest request at this place or beyond it, in the direction of the keys.
    #[must_use]
    pub fn row_near(&self, from_top: usize, down: bool) -> Option<ExchangeId> {
        let mut place = Some(from_top);
        while let Some(line) = place.and_then(|place| self.line(place)) {
            if let Line::Row(id) = line {
                return Some(id);
            }
            place = if down {
                place.map(|place| place + 1)
            } else {
                place.and_then(|place| place.checked_sub(1))
            };
        }
        None
    }

    /// Moves the selection over requests, up or down the list.
    pub fn move_selection(&mut self, down: bool) {
        let here = self.selected.and_then(|id| self.place_of(id));
        let next = match here {
            None => self.row_near(0, true),
            Some(place) if down => self.row_near(place + 1, true),
            Some(place) => place
                .checked_sub(1)
                .and_then(|place| self.row_near(place, false)),
        };
        if next.is_some() {
            self.select(next);
        }
    }

    /// Selects the newest or the oldest request that is shown.
    pub fn select_end(&mut self, newest: bool) {
        let end = if newest {
            self.row_near(0, true)
        } else {
            self.line_count()
                .checked_sub(1)
                .and_then(|place| self.row_near(place, false))
        };
        if end.is_some() {
            self.select(end);
        }
    }

    /// The next failed request that is shown, downwards or upwards, round the ends.
    #[must_use]
    pub fn next_failure(&self, down: bool) -> Option<ExchangeId> {
        if self.counts().failed == 0 {
            return None;
        }
        let count = self.line_count();
        let here = self.selected.and_then(|id| self.place_of(id));
        let start = here.unwrap_or(if down { count.saturating_sub(1) } else { 0 });
        let place = |step: usize| {
            if down {
                (start + step) % count
            } else {
                (start + count - step) % count
            }
        };
        (1..=count)
            .map(place)
            .find_map(|place| match self.line(place)? {
                Line::Row(id) => self
                    .row(id)
                    .filter(|row| row.has_failed())
                    .map(|row| row.id),
                Line::News(_) => None,
            })
    }
}
