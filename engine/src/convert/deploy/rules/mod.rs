//! The table of what differs, a file for each part of the behaviour matrix.
//!
//! To add a difference, add a [`Rule`] to the file that it belongs to: nothing else needs to know.
//! A rule that no file of the site can tell of has [`GENERAL`] for its touches.

mod body;
mod configuration;
mod place;
mod process;
mod response;
mod selection;
mod variables;

use super::case::Case;
use super::{Severity, Touched};
use crate::convert::Host;

/// One difference: what the studio does, what each host does, and what in a site it touches.
pub(super) struct Rule {
    /// See [`Difference::row`](super::Difference::row).
    pub(super) row: Option<u8>,
    /// A few words.
    pub(super) title: &'static str,
    /// A sentence without its full stop.
    pub(super) here: &'static str,
    /// The hosts that do otherwise.
    pub(super) there: &'static [There],
    /// The places in the site that show that it matters.
    pub(super) touches: fn(&Case<'_>) -> Vec<Touched>,
}

/// What some hosts do.
pub(super) struct There {
    hosts: &'static [Host],
    /// How much it matters on them.
    pub(super) severity: Severity,
    /// A sentence without its full stop.
    pub(super) behaviour: &'static str,
    /// Likewise.
    pub(super) remedy: &'static str,
}

impl Rule {
    /// What `host` does otherwise, if it does.
    pub(super) fn there(&self, host: Host) -> Option<&There> {
        self.there.iter().find(|there| there.hosts.contains(&host))
    }
}

const fn on(
    hosts: &'static [Host],
    severity: Severity,
    behaviour: &'static str,
    remedy: &'static str,
) -> There {
    There {
        hosts,
        severity,
        behaviour,
        remedy,
    }
}

/// For what depends on clients, or cannot be seen in a file.
const GENERAL: fn(&Case<'_>) -> Vec<Touched> = |_| Vec::new();

/// All rules, in the order of the matrix.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    [
        selection::RULES,
        variables::RULES,
        body::RULES,
        response::RULES,
        process::RULES,
        place::RULES,
        configuration::RULES,
    ]
    .into_iter()
    .flatten()
}
