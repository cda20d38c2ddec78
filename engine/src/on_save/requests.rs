//! The last request of each script, as far as it can be sent again.

use crate::exchange::{Exchange, ExchangeId, Origin};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// More scripts than this are not remembered.
const MOST_SCRIPTS: usize = 10_000;

/// The last request of each script.
#[derive(Debug, Default)]
pub struct LastRequests {
    by_script: HashMap<PathBuf, ExchangeId>,
    /// Requests that are on their way and do not count.
    aside: HashSet<ExchangeId>,
}

impl LastRequests {
    /// The request does not count: it is a test, and not what its user looks at.
    pub fn set_aside(&mut self, id: ExchangeId) {
        self.aside.insert(id);
    }

    /// Takes note of an exchange that has ended.
    pub fn note(&mut self, exchange: &Exchange) {
        if self.aside.remove(&exchange.id) {
            return;
        }
        if !counts(&exchange.origin) || self.by_script.len() >= MOST_SCRIPTS {
            return;
        }
        for run in &exchange.invocations {
            let last = self.by_script.entry(run.script.path.clone()).or_default();
            *last = (*last).max(exchange.id);
        }
    }

    /// The last request of a script.
    #[must_use]
    pub fn of(&self, script: &Path) -> Option<ExchangeId> {
        self.by_script.get(script).copied()
    }
}

/// Whether it ran here, and what stands on disk.
fn counts(origin: &Origin) -> bool {
    match origin {
        Origin::Socket | Origin::Studio | Origin::Replay(_) => true,
        Origin::ReplayOfSource(_) | Origin::Imported { .. } => false,
    }
}
