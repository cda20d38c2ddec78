//! Fixes that are certain: what a button changes, seen before as a diff, written whole, and taken back by one key.
//!
//! A [`Fix`] is made from a finding and the bytes of the file that it speaks of; making one changes nothing.
//! [`Journal::apply`] writes it, and only over the bytes that it was made from.

mod edits;
mod first_line;
mod journal;
mod other_languages;
mod python;

pub use journal::{Applied, Entry, Journal, JournalError};

use crate::diagnosis::{Finding, RuleCode};
use crate::site::interpreters::FoundInterpreter;
use crate::site::script::ScriptFacts;
use std::path::{Path, PathBuf};

/// One change of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// The rule whose finding it mends.
    pub rule: RuleCode,
    /// What the button says: a verb and its object.
    pub label: String,
    /// What will be different, in one sentence.
    pub meaning: String,
    /// The file.
    pub file: PathBuf,
    /// The change.
    pub change: Change,
}

/// What becomes of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Its permission bits, `0o7777` at most.
    Mode {
        /// As they are.
        before: u32,
        /// As they will be.
        after: u32,
    },
    /// Its content; the mode stays.
    Content {
        /// As it is.
        before: Vec<u8>,
        /// As it will be.
        after: Vec<u8>,
    },
}

/// The fixes of a finding about this script, the most advisable first; none where what to do is not certain.
///
/// `interpreters` are those found on the `PATH` that scripts get.
#[must_use]
pub fn fixes(
    finding: &Finding,
    script: &ScriptFacts,
    interpreters: &[FoundInterpreter],
) -> Vec<Fix> {
    // What stands in a module beside the script is not mended in the script.
    let is_elsewhere = finding
        .place
        .as_ref()
        .is_some_and(|(file, _)| !is_of(file, &script.path));
    if is_elsewhere {
        return Vec::new();
    }
    // Of a file that was not read whole, or is no text, only the mode can be mended.
    let readable = !script.source_truncated && script.binary_format.is_none();
    let first = first_line::change(finding.code, script, interpreters, readable);
    let inside = || {
        let language = script.language().filter(|_| readable)?;
        let python = match language {
            "python3" => python::change(finding, &script.source),
            _ => None,
        };
        python.or_else(|| other_languages::change(finding.code, language, &script.source))
    };
    first
        .or_else(inside)
        .into_iter()
        .map(|part| part.of(finding.code, script))
        .collect()
}

/// Whether a file that is named so is the script. A relative name is as long as whoever told it wanted.
fn is_of(named: &Path, script: &Path) -> bool {
    if named.is_absolute() {
        return named == script;
    }
    let named = named.strip_prefix(".").unwrap_or(named);
    script.ends_with(named)
}

/// A fix before it is told whose it is.
struct Part {
    label: String,
    meaning: String,
    change: Change,
}

impl Part {
    fn of(self, rule: RuleCode, script: &ScriptFacts) -> Fix {
        Fix {
            rule,
            label: self.label,
            meaning: self.meaning,
            file: script.path.clone(),
            change: self.change,
        }
    }
}

#[cfg(test)]
mod tests;
