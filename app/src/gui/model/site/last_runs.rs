//! The last run of every script, found without looking through the list.

use cgi_engine::exchange::{ExchangeId, RowKind, RowRef};
use cgi_engine::message::ScriptStatus;

use super::{SiteModel, url_path};

/// A script that did not run among so many of the newest requests is as one that never ran.
const LOOKED_AT: usize = 10_000;

impl SiteModel {
    /// Notes a row as the last run of its script.
    pub(super) fn note_last_run(&mut self, row: RowRef<'_>) {
        if row.kind != RowKind::Script {
            return;
        }
        let path = row.target.split('?').next().unwrap_or_default();
        let ends = path
            .char_indices()
            .filter(|&(at, byte)| byte == '/' && at > 0)
            .map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            let Some(prefix) = path.get(..end) else {
                continue;
            };
            if let Some(last) = self.last_runs.get_mut(prefix) {
                *last = row.id.max(*last);
            }
        }
    }

    /// Rows came in the place of those that were there: a run that is gone is no last run.
    pub(super) fn check_last_runs(&mut self) {
        let rows = &self.rows;
        self.last_runs.retain(|_, last| rows.get(*last).is_some());
        self.update_last_runs();
    }

    /// Every script has its place from the start, so that noting a run is a few look-ups. Rows are looked through
    /// only for scripts that were not known before.
    pub(super) fn update_last_runs(&mut self) {
        let old = std::mem::take(&mut self.last_runs);
        let mut is_new = false;
        for path in self.scripts.iter().map(url_path) {
            let last = old.get(&path).copied();
            is_new |= last.is_none();
            self.last_runs.insert(path, last.unwrap_or_default());
        }
        if is_new {
            let rows = self.rows.clone();
            rows.iter()
                .rev()
                .take(LOOKED_AT)
                .for_each(|row| self.note_last_run(row));
        }
    }

    /// The last run of a script.
    #[must_use]
    pub fn last_run(&self, script: &ScriptStatus) -> Option<RowRef<'_>> {
        self.row(*self.last_runs.get(&url_path(script))?)
    }

    /// The script was changed after this exchange had begun.
    #[must_use]
    pub fn saved_since(&self, script: &ScriptStatus, run: ExchangeId) -> bool {
        let Ok(path) = script.entry.path.strip_prefix(&self.state.folder) else {
            return false;
        };
        let changes = self.news.iter().rev().map(|(_, news)| news);
        changes
            .take_while(|news| news.after >= run)
            .any(|news| news.change.path == path)
    }
}
