//! What a Python itself said of a script before any run, and the findings that come of it.
//!
//! The interpreter has the last word: where it compiles the script and finds its modules, what was guessed from the
//! text alone is taken back.

use super::finding::Finding;
use super::preflight::{about, about_line};
use super::rules::code;
use super::wording::{pip_install, shown};
use crate::python::{Import, PythonFacts};
use crate::site::script::ScriptFacts;
use serde::Deserialize;
use std::path::Path;

/// An interpreter's answer.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct PythonWord {
    /// Its version.
    pub version: (u32, u32, u32),
    /// Why the script does not compile.
    pub error: Option<CompileError>,
    /// Modules, by the first part of their names, that it does not find.
    pub missing: Vec<String>,
    /// Where it looks for modules, in this order.
    pub paths: Vec<String>,
}

/// Why a script does not compile.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct CompileError {
    /// The exception's class, as `SyntaxError`.
    pub kind: String,
    /// What it says.
    pub message: String,
    /// The line, from 1, where it names one.
    pub line: Option<u32>,
}

impl PythonWord {
    /// Reads an answer; none if it is not one.
    #[must_use]
    pub fn parse(answer: &[u8]) -> Option<Self> {
        serde_json::from_slice(answer).ok()
    }

    fn version(&self) -> String {
        format!("{}.{}.{}", self.version.0, self.version.1, self.version.2)
    }
}

/// The findings before a run, with the interpreter's word on them.
#[must_use]
pub fn with_word(
    mut findings: Vec<Finding>,
    script: &ScriptFacts,
    interpreter: &Path,
    word: &PythonWord,
) -> Vec<Finding> {
    // What was guessed of syntax and modules gives way to what is known.
    findings.retain(|finding| {
        let known = match finding.code.0 {
            code::PYTHON_2 => word.error.is_none(),
            code::MODULE_REMOVED => !word
                .missing
                .iter()
                .any(|name| name == "cgi" || name == "cgitb"),
            _ => false,
        };
        !known
    });
    let told = |number: u16| findings.iter().any(|finding| finding.code.0 == number);
    let syntax = (!told(code::PYTHON_2))
        .then(|| syntax(script, interpreter, word))
        .flatten();
    let removed_told = told(code::MODULE_REMOVED) || told(code::NAME_REMOVED);
    let facts = PythonFacts::read(&script.source).unwrap_or_default();
    let missing = word
        .missing
        .iter()
        .filter(|name| !(removed_told && is_removed(name)))
        .filter_map(|name| missing(script, interpreter, word, &facts, name));
    // A script that does not compile imports nothing.
    let missing: Vec<Finding> = if word.error.is_some() {
        Vec::new()
    } else {
        missing.collect()
    };
    let news: Vec<Finding> = syntax.into_iter().chain(missing).collect();
    // After what keeps it from being started, before what is merely worth knowing.
    let at = findings
        .iter()
        .take_while(|finding| finding.code.0 <= code::FOREIGN_PROGRAM)
        .count();
    findings.splice(at..at, news);
    findings
}

/// The findings before a run, where the interpreter was asked and gave no answer that makes sense.
#[must_use]
pub fn without_word(
    mut findings: Vec<Finding>,
    script: &ScriptFacts,
    interpreter: &Path,
) -> Vec<Finding> {
    let title = format!(
        "{} gave no answer when it was asked about the script",
        shown(interpreter)
    );
    findings.push(Finding {
        explanation: "It was to compile the script without running it, and to look for its modules; it took too long, \
                      or answered with something else. What is told of the script is from its text alone."
            .into(),
        ..about(script, code::SILENT_INTERPRETER, title)
    });
    findings
}

fn is_removed(module: &str) -> bool {
    matches!(module, "cgi" | "cgitb")
        || super::preflight::python::OLD_MODULES
            .iter()
            .any(|(old, _)| *old == module)
}

/// What to do about a text that an interpreter cannot read, by its own words.
pub(super) fn remedy_for_syntax(kind: &str, message: &str) -> &'static str {
    const QUOTES: [char; 8] = [
        '\u{2018}', '\u{2019}', '\u{201a}', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}',
    ];
    if kind == "TabError" {
        return "Indent all lines of the block alike: with spaces only, or with tabs only.";
    }
    if kind == "IndentationError" {
        return "Indent all lines of a block alike, and those after a colon further than the line above.";
    }
    if message.contains("NUL byte") {
        return "Save the file as UTF-8; in UTF-16 every second byte is a NUL.";
    }
    if message.contains("non-printable character") {
        return "Delete the invisible character, which came with a copied text.";
    }
    if message.contains("invalid character") {
        return match message.contains(QUOTES) {
            true => "Type the quotes anew, as \" or '; word processors and web pages bend them.",
            false => {
                "Type that character anew; it came with a copied text, and Python has none like it."
            }
        };
    }
    "Mend that line, or the one above it, where a bracket or quote may be open."
}

fn syntax(script: &ScriptFacts, interpreter: &Path, word: &PythonWord) -> Option<Finding> {
    let error = word.error.as_ref()?;
    let line = error.line.unwrap_or(1).max(1);
    let python_2 = error.message.starts_with("Missing parentheses in call to");
    let (number, title) = if python_2 {
        (
            code::PYTHON_2,
            "The script is Python 2 and is run by Python 3".to_owned(),
        )
    } else {
        (
            code::SYNTAX,
            format!("Python cannot read line {line}: {}", error.message),
        )
    };
    Some(Finding {
        explanation: format!(
            "{} {} stops here with a {} before it runs a single line.",
            shown(interpreter),
            word.version(),
            error.kind
        ),
        remedy: match python_2 {
            true => {
                "Write print(...) with parentheses; 2to3 and similar tools convert a whole file."
            }
            false => remedy_for_syntax(&error.kind, &error.message),
        }
        .into(),
        ..about_line(script, number, title, line, &error.message)
    })
}

fn missing(
    script: &ScriptFacts,
    interpreter: &Path,
    word: &PythonWord,
    facts: &PythonFacts,
    module: &str,
) -> Option<Finding> {
    let imports =
        |import: &&Import| !import.guarded && import.module.split('.').next() == Some(module);
    let import = facts.imports.iter().find(imports)?;
    let number = if matches!(module, "cgi" | "cgitb") && word.version >= (3, 13, 0) {
        code::MODULE_REMOVED
    } else {
        code::MODULE_NOT_FOUND
    };
    let title = if number == code::MODULE_REMOVED {
        format!("{module} is gone from Python {}", word.version())
    } else {
        format!("{} has no module {module}", shown(interpreter))
    };
    let found = Finding {
        explanation: format!(
            "Python {} looked in {} places and found no {module} there.",
            word.version(),
            word.paths.len()
        ),
        ..about_line(script, number, title, import.line, "not found")
    };
    Some(if number == code::MODULE_NOT_FOUND {
        Finding {
            remedy: format!(
                "{} Or let the first line name the Python that has it.",
                pip_install(&shown(interpreter), module)
            ),
            ..found
        }
    } else {
        found
    })
}
