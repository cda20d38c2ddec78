//! Which of the saved requests are meant.

use std::path::PathBuf;

use cgi_engine::saved_request::folder::Listed;
use cgi_engine::saved_request::{Note, SavedRequest};

/// A request of a file, or the file when it cannot be read.
pub(super) struct Selected {
    /// `login`, or `login, Second request` where the file has several.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) chosen: Chosen,
}

pub(super) enum Chosen {
    Request(SavedRequest),
    Broken(String),
}

impl Selected {
    /// The lines of the expectations, in their order.
    pub(super) fn expectation_lines(&self) -> Vec<usize> {
        let Chosen::Request(request) = &self.chosen else {
            return Vec::new();
        };
        let lines = request.notes.iter().filter_map(|note| match note {
            Note::Expect { line, .. } => Some(*line),
            Note::Comment(_) | Note::Name(_) => None,
        });
        lines.collect()
    }
}

/// Those of the names, or all; a name is that of a file, with or without `.http`, or of a request in one.
pub(super) fn select(listed: Vec<Listed>, names: &[String]) -> anyhow::Result<Vec<Selected>> {
    let known = names_of(&listed);
    for name in names {
        anyhow::ensure!(
            known.iter().any(|known| known == plain(name)),
            "there is no saved request of that name{}: {name:?}",
            near(&known, plain(name))
        );
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| plain(wanted) == name);
    let mut selected = Vec::new();
    for file in listed {
        let by_file = wanted(&file.name);
        match file.read {
            Err(why) if by_file => selected.push(Selected {
                name: file.name,
                path: file.path,
                chosen: Chosen::Broken(why.to_string()),
            }),
            Err(_) => {}
            Ok(read) => {
                let count = read.requests.len();
                for (at, request) in read.requests.into_iter().enumerate() {
                    let own = request.name();
                    if by_file || own.as_deref().is_some_and(wanted) {
                        selected.push(Selected {
                            name: display_name(&file.name, own.as_deref(), at, count),
                            path: file.path.clone(),
                            chosen: Chosen::Request(request),
                        });
                    }
                }
            }
        }
    }
    Ok(selected)
}

fn plain(name: &str) -> &str {
    name.strip_suffix(".http").unwrap_or(name)
}

fn names_of(listed: &[Listed]) -> Vec<String> {
    let mut names = Vec::new();
    for file in listed {
        names.push(file.name.clone());
        let requests = file.read.iter().flat_map(|read| &read.requests);
        names.extend(requests.filter_map(SavedRequest::name));
    }
    names
}

fn display_name(file: &str, own: Option<&str>, at: usize, count: usize) -> String {
    match (own, count) {
        (None, 1) => file.to_owned(),
        (Some(own), 1) if own == file => file.to_owned(),
        (Some(own), _) => format!("{file}, {own}"),
        (None, _) => format!("{file}, request {}", at + 1),
    }
}

fn near(known: &[String], name: &str) -> String {
    let nearest = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    match (nearest, known.is_empty()) {
        (Some((_, nearest)), _) => format!("; did you mean {nearest:?}?"),
        (None, true) => "; there are none in requests/".to_owned(),
        (None, false) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::saved_request::folder;

    fn listed() -> Vec<Listed> {
        let site = tempfile::tempdir().unwrap();
        let root = site.path().join("requests");
        std::fs::create_dir_all(root.join("admin")).unwrap();
        std::fs::write(root.join("login.http"), "GET /a").unwrap();
        std::fs::write(root.join("two.http"), "### First\nGET /a\n\n###\nGET /b\n").unwrap();
        std::fs::write(root.join("admin/broken.http"), "GET").unwrap();
        folder::list(site.path()).unwrap()
    }

    #[track_caller]
    fn check(names: &[&str], expected: &[&str]) {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let selected = select(listed(), &names).unwrap();
        let selected: Vec<&str> = selected.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(selected, expected);
    }

    #[test]
    fn a_name_is_that_of_a_file_or_of_a_request() {
        check(
            &[],
            &["admin/broken", "login", "two, First", "two, request 2"],
        );
        check(&["login.http"], &["login"]);
        check(&["First"], &["two, First"]);
        check(
            &["two", "admin/broken"],
            &["admin/broken", "two, First", "two, request 2"],
        );
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_the_nearest() {
        let refused = |name: &str| {
            select(listed(), &[name.to_owned()])
                .err()
                .unwrap()
                .to_string()
        };
        assert!(refused("lgoin").contains("did you mean \"login\"?"));
        assert!(!refused("something").contains("did you mean"));
    }
}
