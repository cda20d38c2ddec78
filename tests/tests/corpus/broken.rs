//! Broken scripts, several for each row of the catalogue: the headline is the row's.

use crate::case::{Place, Request, Told, headline, in_words, line_of};
use crate::{corpus, say};
use cgi_engine::diagnosis::{Finding, RuleCode, Severity, rules};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the corpus: one row of the catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// The row's code.
    pub(crate) code: u16,
    /// The finding has to be there before the run, or after it.
    #[serde(default)]
    when: When,
    /// The row is a note, so it is never a headline.
    #[serde(default)]
    note: bool,
    /// Fewer than three scripts can show it; why.
    pub(crate) few: Option<String>,
    #[serde(rename = "case")]
    pub(crate) cases: Vec<Case>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum When {
    Before,
    #[default]
    After,
    Both,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it is called in the site's `cgi-bin`; a path with a slash stands in the site.
    pub(crate) name: String,
    script: Option<String>,
    /// The same in hexadecimal, for what is no text.
    hex: Option<String>,
    /// The line that has to be named.
    line: Option<u32>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default = "executable")]
    mode: String,
    #[serde(default)]
    config: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) request: Request,
    note: Option<bool>,
    when: Option<When>,
}

fn executable() -> String {
    "755".to_owned()
}

pub(crate) fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

pub(crate) fn rows() -> Vec<Row> {
    let read = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{file:?}: {error}"))
    };
    sorted(&corpus().join("broken")).iter().map(read).collect()
}

#[test]
fn broken_scripts_are_named_right() {
    let (mut right, mut all, mut skipped, mut failures) = (0, 0, Vec::new(), Vec::new());
    let mut lines = Vec::new();
    let only = std::env::var("CORPUS_ROW")
        .ok()
        .and_then(|row| row.parse::<u16>().ok());
    let rows = rows();
    for row in rows
        .iter()
        .filter(|row| only.is_none_or(|only| only == row.code))
    {
        let mut of_row = (0, 0);
        for (case, outcome) in row.cases.iter().zip(side_by_side(row)) {
            match outcome {
                None => skipped.push((case, row.code)),
                Some(Ok(())) => of_row = (of_row.0 + 1, of_row.1 + 1),
                Some(Err(why)) => {
                    of_row.1 += 1;
                    failures.push(why);
                }
            }
        }
        (right, all) = (right + of_row.0, all + of_row.1);
        lines.push(format!("{} {}/{}", RuleCode(row.code), of_row.0, of_row.1));
    }
    for some in lines.chunks(8) {
        say(&some.join("   "));
    }
    say(&format!("\n{right} of {all} broken scripts named right"));
    for (case, code) in &skipped {
        say(&format!(
            "{} of {} is not run, as {:?} is not here",
            case.name,
            RuleCode(*code),
            case.needs
        ));
    }
    // A certain version of Python cannot be had everywhere; programs can.
    let may_be_missing = |needs: &String| needs.contains(['<', '>']);
    let in_ci = std::env::var_os("CGI_STUDIO_CI").is_some();
    assert!(
        !in_ci
            || skipped
                .iter()
                .all(|(case, _)| case.needs.iter().any(may_be_missing))
    );
    for (row, reason) in rules::LEFT_OUT.iter().chain(&crate::guide::NOT_PRODUCED) {
        say(&format!("{} is left out: {reason}", RuleCode(*row)));
    }
    assert!(
        failures.is_empty(),
        "{} wrong:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// The outcomes of a row's cases, which mostly wait for something.
fn side_by_side(row: &Row) -> Vec<Option<Result<(), String>>> {
    std::thread::scope(|scope| {
        let judges: Vec<_> = row
            .cases
            .iter()
            .map(|case| scope.spawn(|| judged(row, case)))
            .collect();
        judges
            .into_iter()
            .map(|judge| judge.join().unwrap())
            .collect()
    })
}

/// `None`: an interpreter that it needs is not here.
fn judged(row: &Row, case: &Case) -> Option<Result<(), String>> {
    let told = case.with_place(|place| {
        let requests = std::slice::from_ref(&case.request);
        place.run(requests).remove(0)
    })?;
    Some(verdict(row, case, &told).map_err(|why| {
        format!(
            "{} {}: {why}\n{}",
            RuleCode(row.code),
            case.name,
            in_words(&told)
        )
    }))
}

impl Case {
    /// Does something with the place of this case; `None`: an interpreter that it needs is not here.
    pub(crate) fn with_place<T>(&self, act: impl FnOnce(&Place<'_>) -> T) -> Option<T> {
        let source = match (&self.script, &self.hex) {
            (Some(script), None) => script.clone().into_bytes(),
            (None, Some(hex)) => from_hex(hex),
            _ => panic!("{}: either script or hex", self.name),
        };
        let script = if self.name.contains('/') {
            self.name.clone()
        } else {
            format!("cgi-bin/{}", self.name)
        };
        let mut needs = self.needs.clone();
        if needs.is_empty() && source.starts_with(b"#!/usr/bin/env python3") {
            needs.push("python3".into());
        }
        let place = Place {
            script: &script,
            source: &source,
            mode: u32::from_str_radix(&self.mode, 8).unwrap(),
            config: &self.config,
            files: self
                .files
                .iter()
                .map(|(name, text)| (name.clone(), text.clone().into_bytes()))
                .collect(),
            needs: &needs,
        };
        place.missing().is_none().then(|| act(&place))
    }
}

fn verdict(row: &Row, case: &Case, told: &Told) -> Result<(), String> {
    let when = case.when.unwrap_or(row.when);
    let note = case.note.unwrap_or(row.note);
    if when != When::After {
        named(row.code, case, note, &told.before)?;
    }
    if when != When::Before {
        named(row.code, case, note, &told.after)?;
    }
    for finding in told.before.iter().chain(&told.after) {
        known(finding)?;
    }
    Ok(())
}

fn named(code: u16, case: &Case, note: bool, findings: &[Finding]) -> Result<(), String> {
    let found = if note {
        if let Some(other) = headline(findings) {
            return Err(format!("{} is told as a headline", other.code));
        }
        findings.iter().find(|finding| finding.code.0 == code)
    } else {
        headline(findings)
    };
    let Some(found) = found else {
        return Err("nothing is told".into());
    };
    if found.code.0 != code {
        return Err(format!("{} is told", found.code));
    }
    match (case.line, line_of(found)) {
        (Some(wanted), line) if line != Some(wanted) => {
            Err(format!("line {line:?} is told instead of {wanted}"))
        }
        _ => Ok(()),
    }
}

/// Every finding is a rule's, and says what is wrong and what to do.
fn known(finding: &Finding) -> Result<(), String> {
    let rule = rules::rule(finding.code).ok_or_else(|| format!("{} is no rule", finding.code))?;
    if finding.title.is_empty() || finding.remedy.is_empty() && finding.severity != Severity::Note {
        return Err(format!("{} has no words", rule.code));
    }
    Ok(())
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
