//! The outcomes of several hosts beside each other: for a terminal, and as a page of the documentation.

use super::case::Level;
use super::judge::shown;
use super::requirement::Requirement;
use super::run::{Outcome, Run, Verdict};
use std::fmt::Write as _;
use std::path::Path;

/// Requirement × host.
pub struct Table<'a> {
    requirements: &'a [Requirement],
    runs: &'a [Run],
}

/// What a cell says of all cases of one requirement, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Hangs,
    Fails,
    FailsShould,
    Passes,
    /// Only cases of choice, and it chose otherwise.
    No,
    NotApplicable,
    Unasked,
}

impl Cell {
    fn text(self) -> &'static str {
        match self {
            Self::Hangs => "hangs",
            Self::Fails => "FAIL",
            Self::FailsShould => "misses",
            Self::Passes => "pass",
            Self::No => "no (MAY)",
            Self::NotApplicable => "n/a",
            Self::Unasked => "",
        }
    }

    fn of(outcome: &Outcome) -> Self {
        match (&outcome.verdict, outcome.case.level) {
            (Verdict::Pass(_), _) => Self::Passes,
            (Verdict::NotApplicable(_), _) => Self::NotApplicable,
            (_, Level::May) => Self::No,
            (Verdict::Hangs(_), _) => Self::Hangs,
            (Verdict::Fail(_), Level::Must) => Self::Fails,
            (Verdict::Fail(_), Level::Should) => Self::FailsShould,
        }
    }
}

impl<'a> Table<'a> {
    /// A table of these runs of one suite.
    pub fn new(requirements: &'a [Requirement], runs: &'a [Run]) -> Self {
        Self { requirements, runs }
    }

    /// The cell, and how many of its cases are as bad as it says, of how many.
    fn cell(run: &Run, number: u8) -> (Cell, usize, usize) {
        let cases = run.outcomes.iter();
        let cases = cases.filter(|outcome| outcome.case.requirements.contains(&number));
        let cells: Vec<Cell> = cases.map(Cell::of).collect();
        let worst = cells.iter().copied().min().unwrap_or(Cell::Unasked);
        let bad = cells.iter().filter(|cell| **cell < Cell::Passes).count();
        (worst, bad, cells.len())
    }

    fn cell_text(run: &Run, number: u8) -> String {
        let (cell, bad, all) = Self::cell(run, number);
        match cell {
            Cell::Hangs if bad > 1 => format!("FAIL {bad}/{all}, hangs"),
            _ if bad > 0 && all > 1 => format!("{} {bad}/{all}", cell.text()),
            _ => cell.text().to_owned(),
        }
    }

    /// The table as text, then each case that fails.
    pub fn text(&self, verbose: bool) -> String {
        let mut text = String::new();
        let _ = write!(text, "{:6}", "");
        for run in self.runs {
            let _ = write!(text, "{:>17}", run.host.name);
        }
        text.push('\n');
        for requirement in self.requirements {
            let number = requirement.number;
            let asked = self
                .runs
                .iter()
                .any(|run| Self::cell(run, number).0 != Cell::Unasked);
            if asked {
                let _ = write!(text, "{:6}", format!("B{number}"));
                for run in self.runs {
                    let _ = write!(text, "{:>17}", Self::cell_text(run, number));
                }
                let _ = writeln!(text, "  {}", requirement.text);
            }
        }
        for run in self.runs {
            let (must, musts) = run.score(Level::Must);
            let (should, shoulds) = run.score(Level::Should);
            let name = &run.host.name;
            let _ = writeln!(
                text,
                "\n{name} {}: {must} of {musts} MUST, {should} of {shoulds} SHOULD",
                run.host.version
            );
            for level in [Level::Must, Level::Should] {
                for outcome in run.failures(level) {
                    text.push_str(&failure(outcome, verbose));
                }
            }
        }
        text
    }

    /// The sections of the documentation that come from a run: versions, scores, table, failures.
    pub fn markdown(&self, date: &str) -> String {
        let mut text = format!("## Scores\n\nMeasured on {date}.\n\n");
        self.scores(&mut text);
        self.matrix(&mut text);
        self.failed_cases(&mut text);
        self.unseen(&mut text);
        text
    }

    fn scores(&self, text: &mut String) {
        text.push_str(
            "| host | version | MUST | SHOULD | MAY, chosen | hangs |\n|---|---|---|---|---|---|\n",
        );
        for run in self.runs {
            let [must, should, may] = [Level::Must, Level::Should, Level::May].map(|level| {
                let (passed, asked) = run.score(level);
                format!("{passed} of {asked}")
            });
            let hangs = run
                .outcomes
                .iter()
                .filter(|outcome| matches!(outcome.verdict, Verdict::Hangs(_)));
            let (name, version, hangs) = (&run.host.name, &run.host.version, hangs.count());
            let _ = writeln!(
                text,
                "| {name} | {version} | {must} | {should} | {may} | {hangs} |"
            );
        }
    }

    fn matrix(&self, text: &mut String) {
        text.push_str("\n## Requirement by requirement\n\n| | § | what is asked |");
        for run in self.runs {
            let _ = write!(text, " {} |", run.host.name);
        }
        text.push_str("\n|---|---|---|");
        text.push_str(&"---|".repeat(self.runs.len()));
        text.push('\n');
        for requirement in self
            .requirements
            .iter()
            .filter(|requirement| requirement.held.is_none())
        {
            let Requirement {
                number,
                section,
                text: asked,
                ..
            } = requirement;
            let _ = write!(text, "| B{number} | {section} | {asked} |");
            for run in self.runs {
                let _ = write!(text, " {} |", Self::cell_text(run, *number));
            }
            text.push('\n');
        }
    }

    fn failed_cases(&self, text: &mut String) {
        text.push_str("\n## Cases that fail\n");
        for run in self.runs {
            let _ = writeln!(text, "\n### {}\n", run.host.name);
            let mut none = true;
            for level in [Level::Must, Level::Should] {
                for outcome in run.failures(level) {
                    none = false;
                    let word = level;
                    let _ = writeln!(
                        text,
                        "- `{}` ({word}): {}. {}",
                        outcome.case.name,
                        outcome.case.title,
                        in_a_line(outcome)
                    );
                }
            }
            if none {
                text.push_str("None.\n");
            }
        }
    }

    fn unseen(&self, text: &mut String) {
        text.push_str("\n## What cannot be seen from outside\n\n| | § | what is asked | how it is held |\n|---|---|---|---|\n");
        for requirement in self.requirements {
            let Requirement {
                number,
                section,
                text: asked,
                held,
                ..
            } = requirement;
            if let Some(held) = held {
                let _ = writeln!(text, "| B{number} | {section} | {asked} | {held} |");
            }
        }
    }
}

/// What went wrong, for a list.
fn in_a_line(outcome: &Outcome) -> String {
    let unsteady = if outcome.unsteady {
        " Not every time."
    } else {
        ""
    };
    match &outcome.verdict {
        Verdict::Hangs(what) => format!("Hangs: {what} never came.{unsteady}"),
        Verdict::Fail(mismatches) => match mismatches.first() {
            Some(first) => {
                let folder = outcome.words.folder.as_deref().unwrap_or(Path::new("/"));
                // Where the site was this time is nobody's business.
                let all = first.got.replace(&*folder.to_string_lossy(), "…");
                let got: String = all.chars().take(80).collect();
                let dots = if got.len() < all.len() { "…" } else { "" };
                format!(
                    "Got {}: `{}{dots}`.{unsteady}",
                    first.what,
                    got.replace('`', "'").replace('|', "\\|")
                )
            }
            None => String::new(),
        },
        Verdict::Pass(_) | Verdict::NotApplicable(_) => String::new(),
    }
}

fn failure(outcome: &Outcome, verbose: bool) -> String {
    let level = outcome.case.level;
    let mut text = format!(
        "  {:6} {}: {}\n",
        level, outcome.case.name, outcome.case.title
    );
    if outcome.unsteady {
        text.push_str("         not every time\n");
    }
    match &outcome.verdict {
        Verdict::Hangs(what) => {
            let _ = writeln!(text, "         hangs: {what} never came");
        }
        Verdict::Fail(mismatches) => {
            for mismatch in mismatches {
                let _ = writeln!(
                    text,
                    "         {}: expected {}, got {}",
                    mismatch.what, mismatch.expected, mismatch.got
                );
            }
        }
        Verdict::Pass(_) | Verdict::NotApplicable(_) => {}
    }
    if verbose {
        let _ = writeln!(text, "         § {}", outcome.case.section);
        let _ = writeln!(text, "         sent: {}", shown(&outcome.observed.sent));
        let _ = writeln!(text, "         came: {}", shown(&outcome.observed.raw));
    }
    text
}
