//! `check`: what is wrong with the scripts of a site, without running any.

use std::io::{self, IsTerminal as _, Write as _};

use cgi_engine::diagnosis::{Finding, Severity};
use cgi_engine::message::ScriptStatus;
use cgi_engine::process::Spawner;
use cgi_engine::site::Site;

use super::Outcome;
use super::arguments::{CheckArguments, CheckFormat};
use super::ink::Ink;
use super::talk;
use super::text::{Detail, count, counts, finding, visible};

mod json;
mod sarif;

/// Prints the findings; errors and warnings make the exit code 1.
pub(crate) fn check(spawner: &Spawner, asked: &CheckArguments) -> anyhow::Result<Outcome> {
    let site = Site::open(&asked.folder)?;
    for problem in &site.problems {
        talk::warn(&visible(&problem.to_string()));
    }
    let progress = Progress::new();
    let scripts = cgi_engine::check::check(spawner, &site, |done, all| progress.tell(done, all))?;
    progress.clear();
    let report = match asked.format {
        CheckFormat::Text => text(&scripts, Ink::of_stdout()),
        CheckFormat::Json => json::report(&scripts)?,
        CheckFormat::Sarif => sarif::report(&scripts, &site.root)?,
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(report.as_bytes())?;
    stdout.flush()?;
    let wrong = scripts.iter().flat_map(|script| script.findings.iter());
    Ok(match wrong.filter(|finding| matters(finding)).count() {
        0 => Outcome::Fine,
        _ => Outcome::Findings,
    })
}

fn matters(finding: &Finding) -> bool {
    finding.severity != Severity::Note
}

fn text(scripts: &[ScriptStatus], ink: Ink) -> String {
    let mut report = String::new();
    if scripts.is_empty() {
        return "No scripts here: a script lies in cgi-bin, or is executable and begins with #!\n"
            .to_owned();
    }
    for script in scripts.iter().filter(|script| !script.findings.is_empty()) {
        report.push_str(&format!("{}\n", ink.bold(&visible(&script.entry.name))));
        for told in script.findings.iter() {
            report.push_str(&finding(told, Detail::Full, 2, ink));
        }
        report.push('\n');
    }
    report.push_str(&summary(scripts));
    report
}

fn summary(scripts: &[ScriptStatus]) -> String {
    let number = |severity| {
        let all = scripts.iter().flat_map(|script| script.findings.iter());
        all.filter(|finding| finding.severity == severity).count()
    };
    let words = [
        (number(Severity::Error), "error"),
        (number(Severity::Warning), "warning"),
        (number(Severity::Note), "note"),
    ];
    let told = counts(words);
    let scripts = count(scripts.len(), "script");
    match told.is_empty() {
        true => format!("{scripts}, nothing wrong\n"),
        false => format!("{scripts}: {told}\n"),
    }
}

/// One line on the terminal that says how far it is.
pub(super) struct Progress {
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            shown: io::stderr().is_terminal(),
        }
    }

    pub(super) fn tell(&self, done: usize, all: usize) {
        if self.shown {
            // A terminal that cannot be written to misses nothing else.
            let _ = write!(io::stderr(), "\rlooking at script {done} of {all}");
        }
    }

    pub(super) fn clear(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
