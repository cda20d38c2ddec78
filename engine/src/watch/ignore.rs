//! Names whose changes do not matter: editors' temporary files, caches, and the site's own list.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// What editors and interpreters write beside the files that people edit.
const TEMPORARY: [&str; 14] = [
    // Dot-files are never served: `.git`, `.hello.py.swp`, `.#hello.py`, `.goutputstream-…`.
    ".*",
    "*~",
    "#*#",
    // vim asks with this name whether it may create files.
    "4913",
    "*.swp",
    "*.swo",
    "*.swx",
    "*.tmp",
    "*.bak",
    "*___jb_tmp___",
    "*___jb_old___",
    "__pycache__",
    "node_modules",
    "*.pyc",
];

/// The site's own list of patterns.
#[derive(Debug, Clone, Default)]
pub(super) struct Ignore {
    patterns: Vec<String>,
}

impl Ignore {
    pub(super) fn new(patterns: &[String]) -> Self {
        let trimmed = patterns
            .iter()
            .map(|pattern| pattern.trim_matches('/').to_owned());
        Self {
            patterns: trimmed.filter(|pattern| !pattern.is_empty()).collect(),
        }
    }

    /// Whether `relative`, a path from the site's folder, or a folder it is in, is ignored.
    pub(super) fn covers(&self, relative: &Path) -> bool {
        relative.iter().any(|name| self.covers_name(name)) || self.covers_path(relative)
    }

    fn covers_name(&self, name: &OsStr) -> bool {
        let own = self
            .patterns
            .iter()
            .map(String::as_str)
            .filter(|pattern| !pattern.contains('/'));
        TEMPORARY
            .into_iter()
            .chain(own)
            .any(|pattern| matches(pattern.as_bytes(), name.as_bytes()))
    }

    /// A pattern with a slash starts at the site's folder and covers all below what it matches.
    fn covers_path(&self, relative: &Path) -> bool {
        let matches_start = |pattern: &String| {
            let mut names = relative.iter();
            pattern.split('/').all(|part| {
                names
                    .next()
                    .is_some_and(|name| matches(part.as_bytes(), name.as_bytes()))
            })
        };
        self.patterns
            .iter()
            .filter(|pattern| pattern.contains('/'))
            .any(matches_start)
    }
}

/// Whether `name` is `pattern`, in which `*` stands for any run of bytes. Linear but for the
/// number of stars: only the last star is ever tried again.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut name_at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(byte) = name.get(name_at) {
        match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at + 1, name_at));
                at += 1;
            }
            Some(expected) if expected == byte => {
                at += 1;
                name_at += 1;
            }
            _ => {
                let Some((after_star, taken)) = retry else {
                    return false;
                };
                retry = Some((after_star, taken + 1));
                (at, name_at) = (after_star, taken + 1);
            }
        }
    }
    pattern
        .get(at..)
        .is_some_and(|rest| rest.iter().all(|&byte| byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(patterns: &[&str], path: &str, ignored: bool) {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        assert_eq!(
            Ignore::new(&patterns).covers(Path::new(path)),
            ignored,
            "{path}"
        );
    }

    #[test]
    fn temporary_files_of_editors_are_ignored() {
        for name in [
            "cgi-bin/.hello.py.swp",
            "cgi-bin/4913",
            "hello.py~",
            "#hello.py#",
            ".#hello.py",
            "hello.py___jb_tmp___",
            "__pycache__/hello.cpython-311.pyc",
            ".git/index",
            "x.tmp",
        ] {
            check(&[], name, true);
        }
        for name in [
            "hello.py",
            "cgi-bin/a/b.cgi",
            "cgi-studio.toml",
            "49130",
            "tmp/x",
        ] {
            check(&[], name, false);
        }
    }

    #[test]
    fn patterns_match_names_anywhere_and_paths_from_the_start() {
        check(&["*.log"], "a/b/c.log", true);
        check(&["*.log"], "a/b.log/c", true);
        check(&["data/"], "a/data/x", true);
        check(&["data/*.db"], "data/x.db", true);
        check(&["/data/*.db"], "a/data/x.db", false);
        check(&["data/a"], "data/a/b/c", true);
        check(&["data/a"], "data", false);
        check(&["", "/"], "a", false);
    }

    #[test]
    fn stars_match_any_run_and_cost_no_more_than_a_glance() {
        assert!(matches(b"*a*b", b"xxaxxaxb"));
        assert!(!matches(b"*a*b", b"xxaxxaxbx"));
        assert!(matches(b"**", b""));
        assert!(!matches(b"", b"a"));
        assert!(!matches(
            "*a".repeat(50).as_bytes(),
            "a".repeat(5000).replace("aaaa", "aaab").as_bytes()
        ));
    }
}
