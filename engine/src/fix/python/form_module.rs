//! A script that imports `cgi`, rewritten to the standard library that is left (PEP 594).
//!
//! Only where every use of the module is one that is known here: fields of a form that are asked for by name,
//! `escape`, `parse_qs`, and `cgitb.enable()`, which goes, as the studio shows the traceback. Uploads are left alone.

use super::{Case, Part, only};
use crate::diagnosis::code;
use crate::fix::edits::Edits;
use crate::python::{Call, Import, PythonFacts};
use std::collections::BTreeSet;
use std::ops::Range;

const DEPRECATED: u16 = code::DEPRECATION;

pub(super) fn change(case: &Case<'_>) -> Option<Part> {
    if !matches!(
        case.finding.code.0,
        code::MODULE_REMOVED | code::NAME_REMOVED | DEPRECATED
    ) {
        return None;
    }
    let mut rewriting = Rewriting {
        case,
        edits: case.edits(),
        explained: Vec::new(),
        wanted: BTreeSet::new(),
    };
    rewriting.calls()?;
    rewriting.everything_is_explained()?;
    rewriting.imports()?;
    let meaning = "Form fields are read with urllib.parse, text is escaped with html.escape; of a field that comes \
                   more than once, the first value counts.";
    case.part("Rewrite without cgi", meaning, rewriting.edits)
}

struct Rewriting<'r, 'c> {
    case: &'r Case<'c>,
    edits: Edits<'c>,
    /// The uses of the module, and of the form that it makes, that are taken care of.
    explained: Vec<Range<usize>>,
    /// Modules that the rewritten script needs.
    wanted: BTreeSet<&'static str>,
}

impl<'c> Rewriting<'_, 'c> {
    fn calls(&mut self) -> Option<()> {
        for call in &self.case.facts.calls {
            match call.name.as_str() {
                "cgi.escape" => self.rename(call, "html.escape", "html"),
                "cgi.parse_qs" => self.rename(call, "urllib.parse.parse_qs", "urllib.parse"),
                "cgi.parse_qsl" => self.rename(call, "urllib.parse.parse_qsl", "urllib.parse"),
                "cgitb.enable" => {
                    self.edits.delete(&call.statement.clone()?)?;
                    self.explained.push(call.range.clone());
                }
                "cgi.FieldStorage" => self.form(call)?,
                _ => {}
            }
        }
        Some(())
    }

    fn rename(&mut self, call: &Call, to: &str, module: &'static str) {
        self.edits.replace(call.callee.clone(), to);
        self.explained.push(call.callee.clone());
        self.wanted.insert(module);
    }

    /// `form = cgi.FieldStorage()` and what is asked of `form`.
    fn form(&mut self, call: &Call) -> Option<()> {
        let facts = self.case.facts;
        let made = only(
            facts
                .assignments
                .iter()
                .filter(|one| one.value == call.range),
        )?;
        let blank = match call.arguments.as_slice() {
            [] => String::new(),
            [only] if only.keyword.as_deref() == Some("keep_blank_values") => {
                format!(
                    ", keep_blank_values={}",
                    self.case.text.get(only.range.clone())?
                )
            }
            _ => return None,
        };
        let form = &made.target;
        // Another value under the same name would be asked in the same way.
        only(facts.assignments.iter().filter(|one| one.target == *form))?;
        let read = [
            "form_text = os.environ.get(\"QUERY_STRING\", \"\")".to_owned(),
            "if os.environ.get(\"REQUEST_METHOD\") == \"POST\":".to_owned(),
            "    body = sys.stdin.buffer.read(int(os.environ.get(\"CONTENT_LENGTH\") or 0))"
                .to_owned(),
            "    form_text = body.decode() + \"&\" + form_text".to_owned(),
        ];
        let lines: Vec<&str> = read.iter().map(String::as_str).collect();
        self.edits.before(made.statement.start, &lines)?;
        self.edits.replace(
            call.range.clone(),
            format!("urllib.parse.parse_qs(form_text{blank})"),
        );
        self.explained.push(made.statement.clone());
        self.wanted.extend(["os", "sys", "urllib.parse"]);
        self.uses(form, &made.statement)
    }

    /// Rewrites every use of the form; none if one of them is not known.
    fn uses(&mut self, form: &str, made: &Range<usize>) -> Option<()> {
        let facts: &PythonFacts = self.case.facts;
        let text = self.case.text;
        let uses = facts
            .uses
            .iter()
            .filter(|one| one.name == form && !made.contains(&one.range.start));
        for one in uses {
            let start = one.range.start;
            let asked = facts
                .calls
                .iter()
                .find(|call| call.callee.start == start && call.name.starts_with(form));
            if let Some(call) = asked {
                let method = call.name.strip_prefix(form)?.strip_prefix('.')?;
                let name = text.get(call.positional(0).map_or(0..0, |name| name.range.clone()))?;
                let default = match call.positional(1) {
                    Some(default) => text.get(default.range.clone())?,
                    None => "None",
                };
                match method {
                    "getvalue" | "getfirst" => {
                        self.edits.replace(
                            call.range.clone(),
                            format!("{form}.get({name}, [{default}])[0]"),
                        );
                    }
                    "getlist" => self
                        .edits
                        .replace(call.range.clone(), format!("{form}.get({name}, [])")),
                    "keys" => {}
                    _ => return None,
                }
            } else if let Some(taken) = facts
                .subscripts
                .iter()
                .find(|one| one.value.start == start && one.name == form)
            {
                // `form["a"].value`, and nothing else of it.
                let rest = text.get(taken.range.end..)?;
                let value = rest.strip_prefix(".value")?;
                if value.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
                    return None;
                }
                self.edits
                    .replace(taken.range.end..taken.range.end + ".value".len(), "[0]");
            } else if !is_membership(text, &one.range) {
                return None;
            }
        }
        Some(())
    }

    /// Every other use of the module would break.
    fn everything_is_explained(&self) -> Option<()> {
        let facts = self.case.facts;
        let locals: BTreeSet<&str> = ours(facts).map(|import| import.local.as_str()).collect();
        let known = |at: usize| self.explained.iter().any(|range| range.contains(&at));
        let all = facts
            .uses
            .iter()
            .filter(|one| locals.contains(one.name.as_str()))
            .all(|one| known(one.range.start));
        (all && !locals.contains("*")).then_some(())
    }

    /// Takes `cgi` and `cgitb` out of the imports and puts in what is needed now.
    fn imports(&mut self) -> Option<()> {
        let facts = self.case.facts;
        let statements: BTreeSet<(usize, usize)> = ours(facts)
            .map(|import| (import.statement.start, import.statement.end))
            .collect();
        let mut wanted: Vec<&str> = std::mem::take(&mut self.wanted).into_iter().collect();
        wanted.retain(|module| {
            !facts.imports.iter().any(|import| {
                import.module == *module
                    && import.name.is_none()
                    && (import.local == *module || import.local == "urllib")
            })
        });
        for (index, (start, end)) in statements.iter().enumerate() {
            let statement = *start..*end;
            let others = facts
                .imports
                .iter()
                .filter(|import| import.statement == statement && !is_ours(import));
            let mut lines: Vec<String> = others
                .map(
                    |import| match import.local == import.module || import.module.contains('.') {
                        true => format!("import {}", import.module),
                        false => format!("import {} as {}", import.module, import.local),
                    },
                )
                .collect();
            if index == 0 {
                lines.extend(wanted.iter().map(|module| format!("import {module}")));
                lines.sort();
            }
            match lines.is_empty() {
                true => self.edits.delete(&statement)?,
                false => self.edits.instead(&statement, &lines)?,
            }
        }
        Some(())
    }
}

fn ours(facts: &PythonFacts) -> impl Iterator<Item = &Import> {
    facts.imports.iter().filter(|import| is_ours(import))
}

fn is_ours(import: &Import) -> bool {
    matches!(import.module.as_str(), "cgi" | "cgitb")
}

/// `"a" in form` and `for name in form`: a dictionary answers them as the form did.
fn is_membership(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default().trim_end();
    let after = text.get(range.end..).unwrap_or_default();
    before.ends_with(" in") && !after.trim_start_matches(' ').starts_with(['.', '[', '('])
}
