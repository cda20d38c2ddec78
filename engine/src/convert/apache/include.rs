//! Which files an Include means.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::glob::{is_glob, regex, regex_of_glob};

/// Folders below an included folder are read so deep.
const DEEPEST: usize = 16;

/// The files that `pattern`, an absolute path, stands for, in the order of their names: one file,
/// all files in and below a folder, or, with wild cards, all that match (names that begin with a
/// dot do not match a wild card). `most` of them at most, and one more.
pub(super) fn files(pattern: &Path, most: usize) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let glob = match component {
            Component::Normal(name) => name.to_str().filter(|name| is_glob(name)),
            _ => None,
        };
        found = match glob {
            None => found
                .into_iter()
                .map(|path| path.join(component))
                .filter(|path| path.exists())
                .collect(),
            Some(glob) => found
                .iter()
                .flat_map(|folder| matching(folder, glob))
                .take(most + 1)
                .collect(),
        };
    }
    let mut files = Vec::new();
    for path in found {
        add(&path, 0, most, &mut files);
    }
    files
}

fn matching(folder: &Path, glob: &str) -> Vec<PathBuf> {
    let Some(regex) = regex(&format!("^(?:{})$", regex_of_glob(glob))) else {
        return Vec::new();
    };
    let matches = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().as_bytes();
        !name.starts_with(b".") && regex.is_match(name)
    };
    entries(folder).into_iter().filter(matches).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn add(path: &Path, depth: usize, most: usize, files: &mut Vec<PathBuf>) {
    if files.len() > most || depth > DEEPEST {
        return;
    }
    if path.is_dir() {
        for entry in entries(path) {
            add(&entry, depth + 1, most, files);
        }
    } else {
        files.push(path.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        for file in ["b.conf", "a.conf", ".c.conf", "d/e.conf", "d/f/g.conf", "h"] {
            let file = folder.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        let found = files(&folder.path().join(pattern), 100);
        let names: Vec<_> = found
            .iter()
            .map(|file| file.strip_prefix(folder.path()).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn files_come_in_the_order_of_their_names() {
        check("*.conf", &["a.conf", "b.conf"]);
        check("h", &["h"]);
        check("missing", &[]);
        check("*.missing", &[]);
    }

    #[test]
    fn wild_cards_work_in_folders_too_and_a_folder_is_all_in_it() {
        check("?/*.conf", &["d/e.conf"]);
        check("d", &["d/e.conf", "d/f/g.conf"]);
        check("[d]/f", &["d/f/g.conf"]);
    }
}
