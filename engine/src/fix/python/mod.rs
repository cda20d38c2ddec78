//! Fixes inside a Python script: small edits of the statements that its syntax tree shows to be the ones.

mod environment;
mod form_module;
mod headers;
mod input;
mod output;

use super::edits::Edits;
use super::{Change, Part};
use crate::diagnosis::{Evidence, Finding};
use crate::python::{Call, PythonFacts};

/// What a fix looks at.
struct Case<'c> {
    finding: &'c Finding,
    text: &'c str,
    facts: &'c PythonFacts,
}

/// The change that mends this finding; none where the place is not certain.
pub(super) fn change(finding: &Finding, source: &[u8]) -> Option<Part> {
    let text = std::str::from_utf8(source).ok()?;
    let facts = PythonFacts::read(source).filter(|facts| facts.syntax_error.is_none())?;
    let case = Case {
        finding,
        text,
        facts: &facts,
    };
    headers::change(&case)
        .or_else(|| input::change(&case))
        .or_else(|| environment::change(&case))
        .or_else(|| output::change(&case))
        .or_else(|| form_module::change(&case))
}

impl<'c> Case<'c> {
    fn edits(&self) -> Edits<'c> {
        Edits::of(self.text, self.facts)
    }

    fn part(&self, label: &str, meaning: impl Into<String>, edits: Edits<'_>) -> Option<Part> {
        Some(Part {
            label: label.into(),
            meaning: meaning.into(),
            change: Change::Content {
                before: self.text.as_bytes().to_vec(),
                after: edits.done()?,
            },
        })
    }

    /// The offending line of the proof, without its line end.
    fn marked_line(&self) -> Option<String> {
        let evidence: &Evidence = self.finding.evidence.as_ref()?;
        let line = evidence.lines.iter().find(|line| line.note.is_some())?;
        Some(String::from_utf8_lossy(&line.bytes).trim_end().to_owned())
    }

    /// The calls that write text to standard output, in the order of the text.
    fn output_calls(&self) -> impl Iterator<Item = &'c Call> + use<'c> {
        self.facts.calls.iter().filter(|call| writes_text(call))
    }

    /// Those that write a header: their text begins as `Name:`.
    fn header_calls(&self) -> Vec<&'c Call> {
        let is_header = |call: &&Call| text_of(call).is_some_and(|text| field_name(text).is_some());
        self.output_calls().filter(is_header).collect()
    }

    /// The one call whose text begins like this line of output; none if there is none or several.
    fn call_that_wrote(&self, line: &str) -> Option<&'c Call> {
        let wrote = |call: &&Call| {
            text_of(call).is_some_and(|text| {
                let first = text.lines().next().unwrap_or_default();
                let whole = call.positional(1).is_none()
                    && argument_text(call).is_some_and(|text| text.whole);
                !first.is_empty()
                    && if whole {
                        first.trim_end() == line
                    } else {
                        line.starts_with(first)
                    }
            })
        };
        only(self.output_calls().filter(wrote))
    }
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

fn writes_text(call: &Call) -> bool {
    match call.name.as_str() {
        "print" => call
            .keyword("file")
            .is_none_or(|file| file.name.as_deref() == Some("sys.stdout")),
        "sys.stdout.write" => true,
        _ => false,
    }
}

fn argument_text(call: &Call) -> Option<&crate::python::Text> {
    call.positional(0)?.text.as_ref()
}

fn text_of(call: &Call) -> Option<&str> {
    argument_text(call).map(|text| text.value.as_str())
}

/// The field's name where a text begins as a header does (RFC 9110 §5.1).
fn field_name(text: &str) -> Option<&str> {
    let (name, _) = text.split_once(':')?;
    let is_token = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_token.then_some(name)
}

#[cfg(test)]
mod tests;
