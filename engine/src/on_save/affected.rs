//! Which scripts the change of a file concerns.

use crate::exchange::ExchangeId;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// A change of a module that many scripts use runs no more of them than this.
const MOST_AT_ONCE: usize = 4;

/// Suffixes of what is written in a language that scripts are written in.
const SOURCES: [&str; 13] = [
    "py", "pyi", "cgi", "pl", "pm", "sh", "rb", "php", "inc", "lua", "tcl", "awk", "js",
];
/// Suffixes of what a browser asks for by itself: a script's output does not depend on it.
const ASSETS: [&str; 17] = [
    "css", "js", "mjs", "map", "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "woff",
    "woff2", "ttf", "pdf", "http",
];

/// A script that there is a request for.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The script.
    pub script: &'a Path,
    /// Its text.
    pub source: &'a [u8],
    /// Its last run.
    pub last: ExchangeId,
}

/// Whether the name is that of a program's text, by its suffix.
#[must_use]
pub fn is_source(path: &Path) -> bool {
    has_suffix(path, &SOURCES)
}

/// Whether browsers ask for the file themselves, or it is a saved request.
#[must_use]
pub fn is_asset(path: &Path) -> bool {
    has_suffix(path, &ASSETS)
}

fn has_suffix(path: &Path, known: &[&str]) -> bool {
    path.extension()
        .is_some_and(|suffix| known.iter().any(|known| suffix.eq_ignore_ascii_case(known)))
}

/// The scripts whose output may be another one after this file has changed, the last one run first.
///
/// A script is concerned by itself. A module or a file of data concerns the scripts that name it. A module that none
/// names concerns the script that ran last, which may use it by way of others; data that none names may be the log
/// of a program that has nothing to do with the site.
#[must_use]
pub fn affected(changed: &Path, candidates: &[Candidate<'_>]) -> Vec<PathBuf> {
    if let Some(own) = candidates.iter().find(|one| one.script == changed) {
        return vec![own.script.to_owned()];
    }
    let mut others: Vec<&Candidate<'_>> = candidates.iter().collect();
    others.sort_by_key(|one| std::cmp::Reverse(one.last));
    let named: Vec<PathBuf> = others
        .iter()
        .filter(|one| names(one.source, changed))
        .take(MOST_AT_ONCE)
        .map(|one| one.script.to_owned())
        .collect();
    if !named.is_empty() || is_asset(changed) || !is_source(changed) {
        return named;
    }
    let last = others.first();
    last.map(|one| one.script.to_owned()).into_iter().collect()
}

/// Whether a text has the file's name in it, of a module also without its suffix, as a word of its own.
fn names(source: &[u8], file: &Path) -> bool {
    let whole = file.file_name().unwrap_or_default().as_bytes();
    let stem = file.file_stem().unwrap_or_default().as_bytes();
    let is_package = stem == b"__init__";
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
    has_word(source, whole)
        || is_source(file) && has_word(source, stem)
        || is_package && has_word(source, folder.as_bytes())
}

fn has_word(source: &[u8], word: &[u8]) -> bool {
    let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| is_word(*byte));
    !word.is_empty()
        && memchr::memmem::find_iter(source, word).any(|at| {
            let before = at.checked_sub(1).and_then(|at| source.get(at));
            !goes_on(before) && !goes_on(source.get(at + word.len()))
        })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPTS: [(&str, &str, u64); 3] = [
        ("/s/cgi-bin/form.py", "import helper\nopen('visits.txt')", 7),
        ("/s/cgi-bin/list.py", "from lib import helper, other", 9),
        ("/s/cgi-bin/plain.sh", "echo helpers", 12),
    ];

    #[track_caller]
    fn check(changed: &str, expected: &[&str]) {
        let candidates = SCRIPTS.map(|(script, source, last)| Candidate {
            script: Path::new(script),
            source: source.as_bytes(),
            last: ExchangeId(last),
        });
        let found = affected(Path::new(changed), &candidates);
        let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
        assert_eq!(found, expected, "{changed}");
    }

    #[test]
    fn a_script_is_concerned_by_itself() {
        check("/s/cgi-bin/form.py", &["/s/cgi-bin/form.py"]);
    }

    #[test]
    fn a_module_concerns_those_that_name_it_the_last_one_run_first() {
        let both = ["/s/cgi-bin/list.py", "/s/cgi-bin/form.py"];
        check("/s/cgi-bin/helper.py", &both);
        check("/s/cgi-bin/lib/__init__.py", &["/s/cgi-bin/list.py"]);
        check("/s/cgi-bin/visits.txt", &["/s/cgi-bin/form.py"]);
    }

    #[test]
    fn a_module_that_nobody_names_concerns_the_script_that_ran_last() {
        check("/s/cgi-bin/deep.py", &["/s/cgi-bin/plain.sh"]);
    }

    #[test]
    fn data_that_nobody_names_concerns_no_script() {
        check("/s/data/table.db", &[]);
        check("/s/daemon.log", &[]);
        check("/s/Makefile", &[]);
    }

    #[test]
    fn what_browsers_ask_for_themselves_concerns_no_script() {
        check("/s/style.css", &[]);
        check("/s/requests/login.http", &[]);
    }

    #[test]
    fn without_any_request_nothing_is_concerned() {
        assert!(affected(Path::new("/s/a.py"), &[]).is_empty());
    }
}
