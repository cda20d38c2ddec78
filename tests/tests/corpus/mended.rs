//! Broken scripts that have a fix: made, the very same request runs without the finding, and gets its page.

use crate::broken::{Case, Row, rows};
use crate::case::{Place, Told, in_words};
use crate::say;
use cgi_engine::clock::Timestamp;
use cgi_engine::diagnosis::{Finding, RuleCode, Severity};
use cgi_engine::fix::{Fix, Journal, fixes};
use cgi_engine::site::config::SiteConfig;
use cgi_engine::site::interpreters::find_interpreters;
use cgi_engine::site::script::ScriptFacts;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What became of a case.
enum Outcome {
    /// An interpreter that it needs is not here.
    NotRun,
    /// There is no fix for it.
    NoFix,
    /// It was mended, and taking the fix back restored every byte.
    Mended,
    /// It was not, and why.
    Wrong(String),
}

#[test]
fn a_fix_of_a_broken_script_leads_to_its_page_and_can_be_taken_back() {
    let (mut mended, mut tried, mut failures, mut lines) = (0, 0, Vec::new(), Vec::new());
    let mut rows_with_fix = 0;
    let only = std::env::var("CORPUS_ROW")
        .ok()
        .and_then(|row| row.parse::<u16>().ok());
    for row in rows() {
        if only.is_some_and(|only| only != row.code) {
            continue;
        }
        let (mut right, mut all) = (0, 0);
        for outcome in side_by_side(&row) {
            match outcome {
                Outcome::NotRun | Outcome::NoFix => {}
                Outcome::Mended => (right, all) = (right + 1, all + 1),
                Outcome::Wrong(why) => {
                    all += 1;
                    failures.push(why);
                }
            }
        }
        (mended, tried) = (mended + right, tried + all);
        if all > 0 {
            rows_with_fix += 1;
            let cases = row.cases.len();
            lines.push(format!("{} {right}/{all} of {cases}", RuleCode(row.code)));
        }
    }
    for some in lines.chunks(5) {
        say(&some.join("   "));
    }
    say(&format!(
        "\n{mended} of {tried} fixes of broken scripts lead to a working page, in {rows_with_fix} rows"
    ));
    assert!(
        failures.is_empty(),
        "{} wrong:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(
        only.is_some() || rows_with_fix >= 25,
        "{rows_with_fix} rows"
    );
}

fn side_by_side(row: &Row) -> Vec<Outcome> {
    std::thread::scope(|scope| {
        let tries: Vec<_> = row
            .cases
            .iter()
            .map(|case| scope.spawn(|| tried(row, case)))
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

fn tried(row: &Row, case: &Case) -> Outcome {
    let outcome = case.with_place(|place| mend(row, case, place));
    outcome.unwrap_or(Outcome::NotRun)
}

fn mend(row: &Row, case: &Case, place: &Place<'_>) -> Outcome {
    let (site, script) = place.written();
    let requests = std::slice::from_ref(&case.request);
    let broken = place.run_in(&site, &script, requests).remove(0);
    let Some(fix) = first_fix(row.code, &broken, &script, &site.root()) else {
        return Outcome::NoFix;
    };
    let before = (fs::read(&script).unwrap(), mode_of(&script));
    let notes = tempfile::tempdir().unwrap();
    let journal = Journal::new(notes.path().to_owned());
    let applied = journal.apply(&fix, Timestamp::now()).unwrap();
    let again = place.run_in(&site, &script, requests).remove(0);
    let wrong = |why: &str| {
        let text = String::from_utf8_lossy(&fs::read(&script).unwrap()).into_owned();
        Outcome::Wrong(format!(
            "{} {}, {}: {why}\n{}{text}",
            RuleCode(row.code),
            case.name,
            fix.label,
            in_words(&again)
        ))
    };
    if let Some(why) = not_mended(row.code, &again) {
        return wrong(&why);
    }
    journal.undo(applied.entry).unwrap();
    match (fs::read(&script).unwrap(), mode_of(&script)) == before {
        true => Outcome::Mended,
        false => wrong("it was not taken back whole"),
    }
}

fn mode_of(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode()
}

/// The first fix of the row's finding, of the run or else of the file.
fn first_fix(code: u16, told: &Told, script: &Path, root: &Path) -> Option<Fix> {
    let config = SiteConfig::read(root).0;
    let facts = ScriptFacts::read(script, &config);
    let interpreters = find_interpreters(config.path());
    let of_row = |finding: &&Finding| finding.code.0 == code;
    told.after
        .iter()
        .chain(&told.before)
        .filter(of_row)
        .find_map(|finding| fixes(finding, &facts, &interpreters).into_iter().next())
}

/// Why the run is not what a mended script's has to be.
fn not_mended(code: u16, told: &Told) -> Option<String> {
    let mut all = told.before.iter().chain(&told.after);
    if all.any(|finding| finding.code.0 == code) {
        return Some("the finding is still there".to_owned());
    }
    // What is no error was there before, hidden by the failure.
    let error = |finding: &&Finding| finding.severity == Severity::Error;
    let mut others = told.after.iter().chain(&told.before);
    if let Some(other) = others.find(error) {
        return Some(format!("{} has come of it", other.code));
    }
    let status = told.exchange.response.as_ref().map(|answer| answer.status);
    match status {
        Some(status) if status < 500 => None,
        other => Some(format!("the answer is {other:?}")),
    }
}
