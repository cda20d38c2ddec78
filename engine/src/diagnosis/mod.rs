//! Facts turned into findings: what went wrong, on whose side, and what to do.
//!
//! Findings are derived from recorded facts whenever they are asked for and never stored with them.
//! The two entrances are [`before_run`] (what the script's file tells) and [`after_run`] (what the record tells).

mod evidence;
pub mod finding;
pub mod host_view;
pub mod pipeline;
mod postmortem;
mod preflight;
pub mod python_word;
pub mod rules;
#[cfg(test)]
pub(crate) mod samples;
pub mod standstill;
pub mod traceback;
pub mod units;
pub(crate) mod wording;

pub use finding::{Blame, Evidence, Finding, RuleCode, Severity, Stage, StreamName};
pub(crate) use rules::code;
pub use traceback::shows_exception;

use crate::exchange::{Exchange, ExchangeRow};
use crate::site::script::ScriptFacts;

/// What can be said of a script before it runs, the most important first.
#[must_use]
pub fn before_run(script: &ScriptFacts) -> Vec<Finding> {
    preflight::findings(script)
}

/// What can be said of an exchange, live or old, the headline first.
#[must_use]
pub fn after_run(exchange: &Exchange) -> Vec<Finding> {
    postmortem::findings(exchange)
}

/// The number of the rule set. Whoever changes which findings a record has counts it up: rows that were judged
/// by an older set are judged anew.
pub const RULE_SET: u16 = 3;

/// The row of an exchange with its headline and the codes of its findings.
#[must_use]
pub fn row_of(exchange: &Exchange) -> ExchangeRow {
    let findings = after_run(exchange);
    let headline = findings
        .iter()
        .find(|finding| finding.severity != Severity::Note)
        .map(|finding| (finding.code.0, finding.severity == Severity::Error));
    let mut codes: Vec<u16> = headline.iter().map(|(code, _)| *code).collect();
    let with_consequences = findings
        .iter()
        .flat_map(|finding| std::iter::once(finding).chain(&finding.consequences));
    for finding in with_consequences {
        if !codes.contains(&finding.code.0) {
            codes.push(finding.code.0);
        }
    }
    ExchangeRow {
        codes,
        rules: RULE_SET,
        ..ExchangeRow::of(exchange, headline)
    }
}
