//! What came of the saved requests.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cgi_engine::diagnosis::{Finding, Severity};
use cgi_engine::exchange::{End, Exchange};
use cgi_engine::expect;

use super::super::Outcome;

/// All of them.
pub(super) struct Report {
    pub(super) site: PathBuf,
    pub(super) all: Vec<Tested>,
    pub(super) took: Duration,
}

/// One of them.
pub(super) struct Tested {
    pub(super) name: String,
    /// From the site's folder on.
    pub(super) file: PathBuf,
    /// The lines of its expectations.
    pub(super) lines: Vec<usize>,
    pub(super) cause: Cause,
    pub(super) took: Duration,
}

/// How far it came.
pub(super) enum Cause {
    /// Its file cannot be read.
    Broken(String),
    /// It could not be sent.
    NotSent(String),
    /// It ran.
    Ran {
        exchange: Arc<Exchange>,
        outcomes: Vec<expect::Outcome>,
        findings: Vec<Finding>,
    },
}

/// The verdict on one of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Passed,
    Failed,
    /// Nothing could be found out.
    Error,
}

impl Tested {
    /// Whether all is as expected. Without expectations a run passes that answers whole and has no error.
    pub(super) fn verdict(&self) -> Verdict {
        let Cause::Ran {
            exchange,
            outcomes,
            findings,
        } = &self.cause
        else {
            return Verdict::Error;
        };
        let is_fine = || {
            let answered = exchange.end == Some(End::Answered);
            answered
                && findings
                    .iter()
                    .all(|finding| finding.severity != Severity::Error)
        };
        let passed = match outcomes.is_empty() {
            true => is_fine(),
            false => outcomes.iter().all(|outcome| outcome.met),
        };
        if passed {
            Verdict::Passed
        } else {
            Verdict::Failed
        }
    }

    /// The headline of a run that is not fine.
    pub(super) fn headline(&self) -> Option<&Finding> {
        let Cause::Ran { findings, .. } = &self.cause else {
            return None;
        };
        findings
            .iter()
            .find(|finding| finding.severity != Severity::Note)
    }

    /// What failed, in lines: expected, found, where.
    pub(super) fn complaints(&self) -> Vec<String> {
        match &self.cause {
            Cause::Broken(why) | Cause::NotSent(why) => vec![why.clone()],
            Cause::Ran { outcomes, .. } if outcomes.is_empty() => {
                vec!["nothing is expected, and the run failed".to_owned()]
            }
            Cause::Ran { outcomes, .. } => outcomes
                .iter()
                .enumerate()
                .filter(|(_, outcome)| !outcome.met)
                .map(|(at, outcome)| {
                    let line = self
                        .lines
                        .get(at)
                        .map_or_else(String::new, |line| format!("line {line}: "));
                    format!(
                        "{line}expected {}, found {} ({})",
                        outcome.expected, outcome.found, outcome.place
                    )
                })
                .collect(),
        }
    }
}

impl Report {
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.all
            .iter()
            .filter(|tested| tested.verdict() == verdict)
            .count()
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self.count(Verdict::Passed) == self.all.len() {
            true => Outcome::Fine,
            false => Outcome::Findings,
        }
    }
}
