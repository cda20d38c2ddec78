//! Emptying the list, with time to think again.

use std::time::Duration;

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{ExchangeId, Progress};

use super::{SiteModel, since};

/// How long a cleared list can be brought back.
pub const UNDO: Duration = Duration::from_secs(10);

/// A list that was cleared and can be brought back for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// This row and those before it are not shown.
    pub up_to: ExchangeId,
    /// When it was cleared.
    pub since: Timestamp,
}

impl SiteModel {
    /// The engine has forgotten what had ended, up to this number.
    pub(super) fn clear_ended(&mut self, up_to: ExchangeId) {
        self.rows
            .retain(|row| row.progress == Progress::Running || row.id > up_to);
        self.news.retain(|(_, news)| news.after > up_to);
        self.hidden = self.hidden.filter(|hidden| hidden.up_to > up_to);
        self.last_runs.clear();
        self.update_last_runs();
        self.list_again();
        if self.selected.is_some_and(|id| self.row(id).is_none()) {
            self.select(None);
        }
    }

    /// Hides all that is there, to be brought back or forgotten later.
    pub fn hide_all(&mut self, now: Timestamp) {
        let Some(last) = self.rows.last_id() else {
            return;
        };
        self.hidden = Some(Hidden {
            up_to: last,
            since: now,
        });
        self.list_again();
        if self.selected.is_some_and(|id| self.place_of(id).is_none()) {
            self.select(None);
        }
    }

    /// Brings back what was hidden.
    pub fn unhide(&mut self) {
        self.hidden = None;
        self.list_again();
    }

    /// What was cleared, while it can be brought back.
    #[must_use]
    pub fn can_unhide(&self, now: Timestamp) -> Option<Hidden> {
        self.hidden.filter(|hidden| since(hidden.since, now) < UNDO)
    }

    /// The cleared list cannot be brought back any more: up to here the engine is to forget it. Told once.
    pub fn take_forgettable(&mut self, now: Timestamp) -> Option<ExchangeId> {
        let due = |hidden: &mut Hidden| since(hidden.since, now) >= UNDO;
        self.hidden.take_if(due).map(|hidden| hidden.up_to)
    }
}
