//! The saved requests of the open folder, as the window knows them, and what their last runs came to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cgi_engine::exchange::ExchangeId;
use cgi_engine::expect::{Expectation, Outcome};
use cgi_engine::saved_request::folder::{FOLDER, Listed};
use cgi_engine::saved_request::{RequestText, SavedRequest};

/// A request of a file: the file, and which in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// From 0.
    pub index: usize,
}

/// A line of the sidebar.
#[derive(Clone, Debug)]
pub struct SavedRow {
    /// Where it is.
    pub place: Place,
    /// What it is called.
    pub name: String,
    /// The name of its file, without the suffix.
    pub file: String,
    /// The bytes of its file, as they were read.
    pub content: Arc<[u8]>,
    /// The request, or why its file cannot be read.
    pub request: Result<Arc<SavedRequest>, String>,
}

impl SavedRow {
    /// The first line of the request, or what is wrong with the file.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.request {
            Err(why) => format!("{}: {why}", self.place.path.display()),
            Ok(request) => {
                let line = match &request.request {
                    RequestText::Parts(parts) => format!(
                        "{} {}",
                        String::from_utf8_lossy(&parts.method),
                        String::from_utf8_lossy(&parts.target)
                    ),
                    RequestText::Raw(text) => text.lines().next().unwrap_or_default().to_owned(),
                    RequestText::RawFile(path) => format!("the bytes of {}", path.display()),
                };
                match request.expectations().count() {
                    0 => line,
                    1 => format!("{line}\n1 expectation"),
                    more => format!("{line}\n{more} expectations"),
                }
            }
        }
    }
}

/// What a run of a saved request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The record.
    pub id: Option<ExchangeId>,
    /// All is as expected.
    pub passed: bool,
    /// In words: what is not as expected, or why it was not sent.
    pub words: Vec<String>,
}

impl Verdict {
    /// Of a run that is over.
    #[must_use]
    pub fn of(id: ExchangeId, has_failed: bool, outcomes: &[Outcome]) -> Self {
        let words: Vec<String> = outcomes
            .iter()
            .filter(|outcome| !outcome.met)
            .map(in_words)
            .collect();
        let passed = match outcomes.is_empty() {
            true => !has_failed,
            false => words.is_empty(),
        };
        Self {
            id: Some(id),
            passed,
            words,
        }
    }

    /// Of a request that was not sent.
    #[must_use]
    pub fn not_sent(why: String) -> Self {
        Self {
            id: None,
            passed: false,
            words: vec![why],
        }
    }
}

/// `expected status 200, found 500`.
#[must_use]
pub fn in_words(outcome: &Outcome) -> String {
    format!("expected {}, found {}", outcome.expected, outcome.found)
}

/// What is asked in a dialog over the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialog {
    /// Why a name is asked for.
    pub purpose: Purpose,
    /// The name as it is typed.
    pub name: String,
    /// Why it was not done.
    pub problem: Option<String>,
    /// It can be done all the same.
    pub can_replace: bool,
}

/// Why a name is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The draft is to be saved.
    Save,
    /// A saved request is to be called otherwise.
    Rename(Place),
}

/// A file that was taken away, for whoever thinks again.
#[derive(Clone, Debug)]
pub struct Removed {
    /// The file.
    pub path: PathBuf,
    /// What was in it before.
    pub before: Vec<u8>,
    /// What is in it now; none where the file is gone.
    pub after: Option<Vec<u8>>,
    /// What it was called.
    pub name: String,
}

/// The saved requests of a site.
#[derive(Debug, Default)]
pub struct SavedRequests {
    /// All, by their names.
    pub rows: Vec<SavedRow>,
    /// Why the folder cannot be read.
    pub problem: Option<String>,
    /// A dialog that is open.
    pub dialog: Option<Dialog>,
    /// What was removed last.
    pub removed: Option<Removed>,
    /// How many of all that are run are still to come.
    pub to_come: usize,
    verdicts: HashMap<Place, Verdict>,
    read: bool,
    asked: bool,
    stale: bool,
}

impl SavedRequests {
    /// Whether the folder is to be read now; one reads at a time.
    pub fn take_errand(&mut self) -> bool {
        let is_due = !self.asked && (self.stale || !self.read);
        if is_due {
            (self.asked, self.stale) = (true, false);
        }
        is_due
    }

    /// Something may have changed in the folder.
    pub fn look_again(&mut self) {
        self.stale = true;
    }

    /// A path of the site, from its folder on, changed.
    pub fn note_change(&mut self, path: &Path) {
        if path.as_os_str().is_empty() || path.starts_with(FOLDER) {
            self.stale = true;
        }
    }

    /// Takes what a worker has read. A verdict lasts as long as its request is the same.
    pub fn take(&mut self, listed: Result<Vec<Listed>, String>) {
        (self.asked, self.read) = (false, true);
        let rows = match listed {
            Ok(listed) => {
                self.problem = None;
                rows_of(listed)
            }
            Err(why) => {
                self.problem = Some(why);
                Vec::new()
            }
        };
        let same = |place: &Place| {
            let find = |rows: &[SavedRow]| {
                let row = rows.iter().find(|row| row.place == *place);
                row.and_then(|row| row.request.clone().ok())
            };
            find(&self.rows).is_some_and(|old| find(&rows).is_some_and(|new| *old == *new))
        };
        let kept: Vec<Place> = self
            .verdicts
            .keys()
            .filter(|place| same(place))
            .cloned()
            .collect();
        self.verdicts.retain(|place, _| kept.contains(place));
        self.rows = rows;
    }

    /// The row of a place.
    #[must_use]
    pub fn row(&self, place: &Place) -> Option<&SavedRow> {
        self.rows.iter().find(|row| row.place == *place)
    }

    /// What the last run of it came to.
    #[must_use]
    pub fn verdict(&self, place: &Place) -> Option<&Verdict> {
        self.verdicts.get(place)
    }

    /// Takes the verdict on a run.
    pub fn judge(&mut self, place: Place, verdict: Verdict) {
        self.verdicts.insert(place, verdict);
        self.to_come = self.to_come.saturating_sub(1);
    }

    /// In one line how the runs went; none before any.
    #[must_use]
    pub fn line(&self) -> Option<(bool, String)> {
        let judged = self
            .rows
            .iter()
            .filter_map(|row| self.verdicts.get(&row.place));
        let (mut all, mut passed) = (0, 0);
        for verdict in judged {
            all += 1;
            passed += usize::from(verdict.passed);
        }
        if self.to_come > 0 {
            return Some((
                passed == all,
                format!("{passed} passed, {} to come", self.to_come),
            ));
        }
        (all > 0).then(|| (passed == all, format!("{passed} of {all} passed")))
    }
}

fn rows_of(listed: Vec<Listed>) -> Vec<SavedRow> {
    let mut rows = Vec::new();
    for file in listed {
        let content: Arc<[u8]> = file.content.into();
        let row = |index, name: String, request| SavedRow {
            place: Place {
                path: file.path.clone(),
                index,
            },
            name,
            file: file.name.clone(),
            content: Arc::clone(&content),
            request,
        };
        match file.read {
            Err(why) => rows.push(row(0, file.name.clone(), Err(why.to_string()))),
            Ok(read) => {
                let count = read.requests.len();
                for (index, request) in read.requests.into_iter().enumerate() {
                    let own = request.name();
                    let name = match (own, count) {
                        (Some(own), 1) => own,
                        (None, 1) => file.name.clone(),
                        (Some(own), _) => format!("{}: {own}", file.name),
                        (None, _) => format!("{}: {}", file.name, index + 1),
                    };
                    rows.push(row(index, name, Ok(Arc::new(request))));
                }
            }
        }
    }
    rows
}

/// The expectations among the texts, and the first text that is none, with what is wrong.
pub fn expectations(texts: &[String]) -> Result<Vec<Expectation>, (usize, String)> {
    let written = texts
        .iter()
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty());
    written
        .map(|(at, text)| {
            cgi_engine::expect::parse(text).map_err(|problem| (at, problem.to_string()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::saved_request::folder;

    fn listed(files: &[(&str, &str)]) -> Vec<Listed> {
        let site = tempfile::tempdir().unwrap();
        let root = site.path().join("requests");
        std::fs::create_dir_all(&root).unwrap();
        for (name, text) in files {
            std::fs::write(root.join(name), text).unwrap();
        }
        let mut listed = folder::list(site.path()).unwrap();
        for file in &mut listed {
            file.path = Path::new("/site/requests").join(file.path.file_name().unwrap());
        }
        listed
    }

    fn passed() -> Verdict {
        Verdict::of(ExchangeId(1), false, &[])
    }

    #[test]
    fn a_verdict_lasts_as_long_as_its_request() {
        let mut saved = SavedRequests::default();
        assert!(
            saved.take_errand() && !saved.take_errand(),
            "one reads at a time"
        );
        saved.take(Ok(listed(&[("a.http", "GET /a"), ("b.http", "GET /b")])));
        let places: Vec<Place> = saved.rows.iter().map(|row| row.place.clone()).collect();
        assert_eq!(saved.line(), None);
        saved.to_come = 2;
        saved.judge(places[0].clone(), passed());
        assert_eq!(saved.line(), Some((true, "1 passed, 1 to come".to_owned())));
        saved.judge(places[1].clone(), Verdict::not_sent("no".to_owned()));
        assert_eq!(saved.line(), Some((false, "1 of 2 passed".to_owned())));
        saved.note_change(Path::new("cgi-bin/a.py"));
        assert!(!saved.take_errand());
        saved.note_change(Path::new("requests/b.http"));
        assert!(saved.take_errand());
        saved.take(Ok(listed(&[
            ("a.http", "GET /a"),
            ("b.http", "GET /other"),
        ])));
        assert!(saved.verdict(&places[0]).is_some() && saved.verdict(&places[1]).is_none());
    }

    #[test]
    fn rows_tell_their_request_or_what_is_wrong() {
        let mut saved = SavedRequests::default();
        saved.take(Ok(listed(&[
            ("a.http", "# @expect status 200\nGET /a"),
            ("b.http", "GET"),
            ("c.http", "### One\n/c\n\n###\n/d"),
        ])));
        let names: Vec<&str> = saved.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c: One", "c: 2"]);
        assert_eq!(saved.rows[0].told(), "GET /a\n1 expectation");
        assert!(saved.rows[1].told().contains("line 1: "));
    }

    #[test]
    fn a_run_without_expectations_passes_when_it_did_not_fail() {
        assert!(passed().passed);
        assert!(!Verdict::of(ExchangeId(1), true, &[]).passed);
    }

    #[test]
    fn the_first_bad_expectation_is_told() {
        let texts = |all: &[&str]| all.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            expectations(&texts(&["status 200", " ", "exit 0"]))
                .unwrap()
                .len(),
            2
        );
        let (at, why) = expectations(&texts(&["", "status"])).unwrap_err();
        assert_eq!((at, why.starts_with("column 7")), (1, true), "{why}");
    }
}
