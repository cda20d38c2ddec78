//! Facts turned into findings: what went wrong, on whose side, and what to do.
//!
//! Findings are derived from recorded facts whenever they are asked for and never stored with them.
//! The two entrances are [`before_run`] (what the script's file tells) and [`after_run`] (what the record tells).

pub mod finding;
pub mod pipeline;
pub mod units;

pub use finding::{Blame, Evidence, Finding, RuleCode, Severity, Stage, StreamName};

use crate::exchange::{Exchange, ExchangeRow};
use crate::site::script::ScriptFacts;

/// What can be said of a script before it runs, the most important first. The rules follow.
#[must_use]
pub fn before_run(_script: &ScriptFacts) -> Vec<Finding> {
    Vec::new()
}

/// What can be said of an exchange, live or old, the headline first. The rules follow.
#[must_use]
pub fn after_run(_exchange: &Exchange) -> Vec<Finding> {
    Vec::new()
}

/// The output shows that the program ended in an exception.
pub(crate) fn shows_exception(stderr: &[u8]) -> bool {
    memchr::memmem::find(stderr, b"Traceback (most recent call last):").is_some()
}

/// The row of an exchange with its headline.
#[must_use]
pub fn row_of(exchange: &Exchange) -> ExchangeRow {
    let headline = after_run(exchange)
        .into_iter()
        .find(|finding| finding.severity != Severity::Note)
        .map(|finding| (finding.code.0, finding.severity == Severity::Error));
    ExchangeRow::of(exchange, headline)
}
