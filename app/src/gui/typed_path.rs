//! What a typed path means, and the folders that complete it, for a field beside the system's dialog.

use std::path::{Path, PathBuf};

/// So many names are looked at in a folder, and so many are offered.
const MOST_NAMES: usize = 5_000;
const MOST_OFFERED: usize = 8;

/// The path that was typed, with the home folder for `~`.
pub(crate) fn typed_path(text: &str, home: Option<&Path>) -> Option<PathBuf> {
    let text = text.trim();
    let path = match (text.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            home.join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(text),
    };
    path.is_absolute().then_some(path)
}

/// Folders whose path begins with what was typed, in order of their names. Reads a folder, which may take long.
pub(super) fn complete(text: &str, home: Option<&Path>) -> Vec<PathBuf> {
    typed_path(text, home)
        .map(|typed| completions(&typed, text.ends_with('/')))
        .unwrap_or_default()
}

fn completions(typed: &Path, ends_with_slash: bool) -> Vec<PathBuf> {
    let (folder, start) = if ends_with_slash {
        (typed, String::new())
    } else {
        let start = typed
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        (typed.parent().unwrap_or(typed), start)
    };
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .take(MOST_NAMES)
        .flatten()
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let hidden = name.starts_with('.') && !start.starts_with('.');
            !hidden && name.to_lowercase().starts_with(&start.to_lowercase())
        })
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found.truncate(MOST_OFFERED);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[track_caller]
    fn check_typed(text: &str, expected: Option<&str>) {
        assert_eq!(
            typed_path(text, Some(Path::new("/home/zoe"))),
            expected.map(PathBuf::from)
        );
    }

    #[test]
    fn a_tilde_is_the_home_folder_and_relative_paths_are_none() {
        check_typed("~", Some("/home/zoe"));
        check_typed("~/src", Some("/home/zoe/src"));
        check_typed(" /srv/www ", Some("/srv/www"));
        check_typed("~other", None);
        check_typed("src", None);
        check_typed("", None);
    }

    #[test]
    fn only_folders_that_begin_like_it_are_offered() {
        let top = tempfile::tempdir().unwrap();
        for name in ["Guestbook", "guests", ".git", "labs"] {
            fs::create_dir(top.path().join(name)).unwrap();
        }
        fs::write(top.path().join("guide.txt"), "").unwrap();
        let names = |typed: &Path, slash| {
            let found = completions(typed, slash);
            found
                .iter()
                .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(&top.path().join("gu"), false),
            ["Guestbook", "guests"]
        );
        assert_eq!(names(top.path(), true), ["Guestbook", "guests", "labs"]);
        assert_eq!(names(&top.path().join(".g"), false), [".git"]);
        assert!(names(&top.path().join("none/x"), false).is_empty());
    }
}
