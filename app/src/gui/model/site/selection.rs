//! The selected request, and those that are selected with it.

use std::collections::BTreeSet;

use cgi_engine::exchange::ExchangeId;

use super::super::details::Details;
use super::{Line, SiteModel};

/// So many requests at most are selected by one click.
const AT_ONCE: usize = 100_000;

impl SiteModel {
    /// The selected request, whose details are shown.
    #[must_use]
    pub fn selected(&self) -> Option<ExchangeId> {
        self.selected
    }

    /// All selected requests in the order of their numbers: the one whose details are shown is among them.
    #[must_use]
    pub fn selection(&self) -> Vec<ExchangeId> {
        let mut all = self.others.clone();
        all.extend(self.selected);
        all.into_iter().collect()
    }

    /// How many requests are selected.
    #[must_use]
    pub fn selection_count(&self) -> usize {
        let is_other = |id: &ExchangeId| !self.others.contains(id);
        self.others.len() + usize::from(self.selected.as_ref().is_some_and(is_other))
    }

    /// Whether this request is selected, alone or with others.
    #[must_use]
    pub fn is_selected(&self, id: ExchangeId) -> bool {
        self.selected == Some(id) || self.others.contains(&id)
    }

    /// Selects a request and no other, or none.
    pub fn select(&mut self, id: Option<ExchangeId>) {
        self.others.clear();
        self.show_details_of(id);
    }

    /// Takes a request into the selection, or out of it.
    pub fn toggle_selected(&mut self, id: ExchangeId) {
        let mut all: BTreeSet<ExchangeId> = self.selection().into_iter().collect();
        if !all.remove(&id) {
            all.insert(id);
            self.others = all;
            self.show_details_of(Some(id));
            return;
        }
        let shown = self.selected.filter(|shown| *shown != id);
        let next = shown.or_else(|| all.last().copied());
        self.others = all;
        self.show_details_of(next);
    }

    /// Selects all requests between the one whose details are shown and this one.
    pub fn select_up_to(&mut self, id: ExchangeId) {
        let ends = self.selected.and_then(|from| self.place_of(from));
        let Some((from, to)) = ends.zip(self.place_of(id)) else {
            return self.select(Some(id));
        };
        let (low, high) = (from.min(to), from.max(to));
        let lines = (low..=high)
            .take(AT_ONCE)
            .filter_map(|place| self.line(place));
        self.others = lines
            .filter_map(|line| match line {
                Line::Row(id) => Some(id),
                Line::News(_) => None,
            })
            .collect();
    }

    fn show_details_of(&mut self, id: Option<ExchangeId>) {
        if id == self.selected {
            return;
        }
        self.selected = id;
        self.details = Details::default();
        self.details.make_stale();
        self.compared = None;
        self.versions = None;
        self.stepping = None;
        if let Some(id) = id {
            self.trail.visit(id);
        }
    }
}
