//! Finding a text in a viewer of bytes: what is typed, how many matches there are, and which one is shown.

mod bar;
mod counter;
mod panes;
pub mod query;
mod tests;

use std::ops::Range;

use eframe::egui::{Id, Rect, Ui};

pub use panes::{Wish, ask};

use self::counter::Counts;
use self::panes::Pane;
use self::query::{BLOCK, Query};
use super::text_view::source::Source;

/// A search, from frame to frame.
#[derive(Debug, Default)]
pub struct Find {
    open: bool,
    /// The field wants the keyboard.
    wants_keyboard: bool,
    text: String,
    case: bool,
    escapes: bool,
    query: Option<Query>,
    counts: Counts,
    /// The bytes that were counted: how many, and which.
    counted: Option<(usize, u64)>,
    current: Option<Range<usize>>,
    /// The number of the current match, from 1.
    number: usize,
    /// Where to go as soon as it is known.
    wanted: Option<Way>,
}

/// A way to another match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The first that begins there or later.
    From(usize),
    /// The last that begins before.
    Before(usize),
}

/// The line of an open search, and what is left below it.
pub fn split(place: Rect, find: &Find) -> (Option<Rect>, Rect) {
    if find.is_open() {
        let (bar, rest) = place.split_top_bottom_at_y(place.top() + bar::HEIGHT);
        (Some(bar), rest)
    } else {
        (None, place)
    }
}

impl Find {
    /// Whether the search is shown.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Takes what keys ask of the viewer with this id.
    pub fn take_wish(&mut self, ui: &Ui, id: Id, has_keyboard: bool) {
        let pane = Pane {
            id,
            has_keyboard: has_keyboard || self.wants_keyboard,
            searches: self.open,
        };
        match panes::meet(ui.ctx(), pane) {
            None => {}
            Some(Wish::Open) => (self.open, self.wants_keyboard) = (true, true),
            Some(Wish::Next | Wish::Previous) if !self.open => {
                (self.open, self.wants_keyboard) = (true, self.query.is_none());
            }
            Some(Wish::Next) => self.go(true),
            Some(Wish::Previous) => self.go(false),
            Some(Wish::Close) => {
                self.open = false;
                ui.memory_mut(|memory| memory.request_focus(id));
            }
        }
    }

    fn go(&mut self, on: bool) {
        let at = self.current.as_ref();
        self.wanted = Some(match (on, at) {
            (true, Some(at)) => Way::From(at.start + 1),
            (true, None) => Way::From(0),
            (false, at) => Way::Before(at.map_or(usize::MAX, |at| at.start)),
        });
    }

    /// What is looked for has changed.
    fn ask(&mut self) {
        self.query = Query::new(&self.text, self.case, self.escapes);
        self.counted = None;
        self.wanted = None;
    }

    /// Searches on; the match that is to be shown, when there is another. `revision` changes when the bytes are others
    /// and not the same with more behind them; `seen` is the first byte in sight.
    pub fn keep_on(
        &mut self,
        ui: &Ui,
        source: Source<'_>,
        revision: u64,
        seen: usize,
    ) -> Option<Range<usize>> {
        let Some(query) = self.query.clone().filter(|_| self.open) else {
            self.current = None;
            return None;
        };
        let now = (source.len(), revision);
        if self.counted != Some(now) {
            // A text that grows keeps its current match.
            let is_same = self.counted.is_some_and(|(_, old)| old == revision);
            if !is_same {
                let from = self.current.take().map_or(seen, |current| current.start);
                self.wanted = Some(Way::From(from));
            }
            self.counted = Some(now);
            self.counts = Counts::begin(ui.ctx(), &query, source);
        }
        self.counts.take_news();
        let found = self.follow(&query, source)?;
        let block = found.start / BLOCK;
        let in_block = query.in_block(source, block);
        let place = in_block.iter().position(|other| *other == found);
        self.number = self.counts.before(block) + place.unwrap_or_default() + 1;
        self.current = Some(found.clone());
        Some(found)
    }

    /// The match that is wanted, as soon as the blocks on the way to it are counted. Beyond the last comes the first.
    fn follow(&mut self, query: &Query, source: Source<'_>) -> Option<Range<usize>> {
        let way = self.wanted?;
        let complete = self.counts.is_complete();
        let found = match way {
            Way::From(from) => {
                let here = from / BLOCK;
                if !self.counts.knows(here) && !complete {
                    return None;
                }
                let first = |block| query.in_block(source, block).into_iter().next();
                let near = query
                    .in_block(source, here)
                    .into_iter()
                    .find(|at| at.start >= from);
                let later = || self.counts.next(here + 1).and_then(first);
                let around = || self.counts.next(0).filter(|_| complete).and_then(first);
                near.or_else(later).or_else(around)
            }
            Way::Before(before) => {
                let here = before.min(source.len()) / BLOCK;
                if !self.counts.knows(here) && !complete {
                    return None;
                }
                let last = |block| query.in_block(source, block).into_iter().next_back();
                let near = query
                    .in_block(source, here)
                    .into_iter()
                    .rfind(|at| at.start < before);
                let earlier = || self.counts.previous(here).and_then(last);
                let around = || {
                    self.counts
                        .previous(usize::MAX)
                        .filter(|_| complete)
                        .and_then(last)
                };
                near.or_else(earlier).or_else(around)
            }
        };
        if found.is_some() || complete {
            self.wanted = None;
        }
        found
    }

    /// The matches that are in sight, when these bytes are.
    pub fn marks(&self, source: Source<'_>, in_sight: Range<usize>) -> Vec<Range<usize>> {
        let Some(query) = self.query.as_ref().filter(|_| self.open) else {
            return Vec::new();
        };
        let from = in_sight.start.saturating_sub(query.longest());
        query.within(source, from..in_sight.end)
    }

    /// The match that is shown.
    pub fn current(&self) -> Option<&Range<usize>> {
        self.current.as_ref().filter(|_| self.open)
    }

    /// How many there are, and which one is shown.
    fn in_words(&self) -> String {
        if self.query.is_none() {
            return String::new();
        }
        let total = self.counts.total();
        let counting = if self.counts.is_complete() {
            String::new()
        } else {
            format!(", {:.0} %", (self.counts.progress() * 100.0).floor())
        };
        match (total, &self.current) {
            (0, _) if counting.is_empty() => "not found".to_owned(),
            (_, Some(_)) => format!("{} of {total}{counting}", self.number),
            (_, None) => format!("{total}{counting}"),
        }
    }
}
