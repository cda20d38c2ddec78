//! The guide's page of verdicts is the registry and the corpus, written down.

use crate::broken::rows;
use cgi_engine::diagnosis::RuleCode;
use cgi_engine::diagnosis::rules::{self, LeftOut};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Rules that this machine cannot be made to show by a script alone.
pub(crate) const NOT_PRODUCED: [LeftOut; 4] = [
    (
        2,
        "The tests may run as root, whom no right keeps out; the rule is proved with facts made by hand.",
    ),
    (
        13,
        "Mounting a disk with noexec needs rights of the system's keeper; the rule is proved with facts made by hand.",
    ),
    (
        14,
        "SELinux and AppArmor cannot be set up by a test; the rule is proved with the error number that they give.",
    ),
    (
        15,
        "A script that is being written in the very moment of its start cannot be had reliably; the rule is proved with the error number.",
    ),
];

const PAGE: &str = include_str!("../../../assets/guide/verdicts.md");

#[test]
fn the_guide_tells_of_every_rule() {
    let written = written();
    if std::env::var_os("CORPUS_WRITE_GUIDE").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/guide/verdicts.md");
        std::fs::write(file, &written).unwrap();
        return;
    }
    assert!(
        PAGE == written,
        "assets/guide/verdicts.md is another text; CORPUS_WRITE_GUIDE=1 writes it anew"
    );
}

#[test]
fn every_row_of_the_catalogue_is_shown_by_scripts_or_has_a_reason() {
    let rows = rows();
    for number in 1..=78 {
        let reason = rules::LEFT_OUT
            .iter()
            .chain(&NOT_PRODUCED)
            .any(|(row, _)| *row == number);
        let row = rows.iter().find(|row| row.code == number);
        assert!(reason != row.is_some(), "row {number}");
        if let Some(row) = row.filter(|row| row.few.is_none()) {
            assert!(
                row.cases.len() >= 3,
                "row {number} has {} scripts",
                row.cases.len()
            );
        }
    }
}

fn written() -> String {
    let cases: BTreeMap<u16, usize> = rows()
        .iter()
        .map(|row| (row.code, row.cases.len()))
        .collect();
    let mut page = String::from(
        "# Verdicts\n\nWhat CGI Studio tells of a script, before it runs or after. Each rule has a number that never changes: up to 78 they are \
the rows of the catalogue of what goes wrong with CGI scripts, from 101 on breaches of RFC 3875 that no row names, and from 201 on \
the studio's own. An error has cost the answer, or will; a warning is wrong and went well here; a note is worth knowing, and may be \
meant so.\n\nThe last column counts the broken scripts in `tests/corpus/broken/` that a test has named.\n\n\
| code | what has happened | how much | told | what to do | by which rule | scripts |\n|---|---|---|---|---|---|---|\n",
    );
    for rule in rules::all() {
        let scripts = cases
            .get(&rule.code.0)
            .map_or_else(|| "–".to_owned(), usize::to_string);
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {scripts} |",
            rule.code,
            cell(rule.title),
            rule.severity,
            rule.when.label(),
            cell(rule.remedy),
            cell(rule.authority),
        );
    }
    page.push_str("\n## What is left out\n\n");
    for (row, reason) in rules::LEFT_OUT {
        let _ = writeln!(page, "- {}: {reason}", RuleCode(row));
    }
    page.push_str("\n## What no script of the corpus shows\n\n");
    for (row, reason) in NOT_PRODUCED {
        let _ = writeln!(page, "- {}: {reason}", RuleCode(row));
    }
    for row in rows() {
        if let Some(reason) = row.few {
            let _ = writeln!(page, "- {}, fewer than three: {reason}", RuleCode(row.code));
        }
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
