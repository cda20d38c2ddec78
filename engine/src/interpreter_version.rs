//! Which version an interpreter is: asked of the program itself, once, away from whoever wants to know.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::process::{Program, Spawner};

/// A version is said at once, or the program is not what its name says.
const LIMIT: Duration = Duration::from_secs(3);
const ANSWER_BYTES: usize = 4096;
/// So many interpreters are remembered; a site has a handful.
const REMEMBERED: usize = 64;

/// The names that are asked, by their beginning, and the arguments that make them tell. Others are not started:
/// nobody knows what they would do.
const ASKED: [(&str, &[&str]); 10] = [
    // Isolated: neither the folder nor the variables of a user have a say in what starts.
    ("python", &["-I", "--version"]),
    ("pypy", &["-I", "--version"]),
    ("perl", &["--version"]),
    ("ruby", &["--version"]),
    ("php", &["--version"]),
    ("node", &["--version"]),
    ("lua", &["-v"]),
    ("bash", &["--version"]),
    ("gawk", &["--version"]),
    ("zsh", &["--version"]),
];

/// Asks the program at `path` for its version: in `/`, with nothing in its environment but `search_path` as PATH,
/// for three seconds at most. `None` where its name is not known, or no number is in what it says.
pub(crate) async fn ask(spawner: &Spawner, path: &Path, search_path: &str) -> Option<String> {
    let arguments = arguments_of(path)?;
    let words = arguments.iter().map(|word| (*word).into());
    let program = Program {
        executable: path.to_owned(),
        arguments: std::iter::once(path.into()).chain(words).collect(),
        environment: vec![("PATH".into(), search_path.into())],
        directory: PathBuf::from("/"),
    };
    let asked = spawner.run_to_end(program, LIMIT, ANSWER_BYTES).await;
    let finished = asked.ok().filter(|finished| !finished.timed_out)?;
    // Old Pythons answer on standard error.
    [finished.stdout, finished.stderr]
        .iter()
        .find_map(|answer| version_in(&String::from_utf8_lossy(answer)))
}

/// Which arguments make this program tell its version.
fn arguments_of(path: &Path) -> Option<&'static [&'static str]> {
    let name = path.file_name().and_then(OsStr::to_str)?;
    ASKED.iter().find_map(|(known, arguments)| {
        let rest = name.strip_prefix(known)?;
        let is_version = rest
            .chars()
            .all(|letter| letter.is_ascii_digit() || letter == '.');
        (is_version || rest == "js" || rest.starts_with("-cgi")).then_some(*arguments)
    })
}

/// The first thing that looks like a version: digits with a dot between.
fn version_in(answer: &str) -> Option<String> {
    let words =
        answer.split(|character: char| character.is_whitespace() || "(),;".contains(character));
    let numbers =
        words.map(|word| word.trim_start_matches(|character: char| !character.is_ascii_digit()));
    numbers
        .map(|number| {
            let end =
                number.find(|character: char| !(character.is_ascii_digit() || character == '.'));
            number
                .get(..end.unwrap_or(number.len()))
                .unwrap_or_default()
                .trim_end_matches('.')
        })
        .find(|number| number.contains('.'))
        .map(str::to_owned)
}

/// The versions of the interpreters that a site has used. A clone shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Versions(Arc<Mutex<HashMap<PathBuf, Entry>>>);

#[derive(Debug)]
struct Entry {
    /// Another file may stand there after an update.
    file: File,
    version: Option<String>,
}

/// What tells one file from another that takes its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct File {
    length: u64,
    modified: Option<SystemTime>,
}

impl File {
    fn at(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }
}

impl Versions {
    /// The version of the program at `path`, if it has told it.
    pub(crate) fn known(&self, path: &Path) -> Option<String> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(path).and_then(|entry| entry.version.clone())
    }

    /// Whether somebody has to ask the program at `path`: nobody has, or it is another file since. Whoever is told
    /// so asks.
    pub(crate) fn is_to_be_asked(&self, path: &Path) -> bool {
        if arguments_of(path).is_none() {
            return false;
        }
        let Some(file) = File::at(path) else {
            return false;
        };
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.get(path).is_some_and(|entry| entry.file == file) {
            return false;
        }
        if entries.len() >= REMEMBERED {
            entries.clear();
        }
        let entry = Entry {
            file,
            version: None,
        };
        entries.insert(path.to_owned(), entry);
        true
    }

    /// Takes what the program told.
    pub(crate) fn take(&self, path: &Path, version: Option<String>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get_mut(path) {
            entry.version = version;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &str, version: Option<&str>) {
        assert_eq!(version_in(answer).as_deref(), version);
    }

    #[test]
    fn a_version_is_found_in_what_programs_say() {
        check("Python 3.13.1\n", Some("3.13.1"));
        check(
            "\nThis is perl 5, version 36, subversion 0 (v5.36.0) built for x86_64",
            Some("5.36.0"),
        );
        check(
            "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)",
            Some("5.2.15"),
        );
        check("v20.11.1", Some("20.11.1"));
        check(
            "ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)",
            Some("3.1.2"),
        );
        check("sh: 0: Illegal option --", None);
        check("", None);
    }

    #[track_caller]
    fn check_asked(path: &str, asked: bool) {
        assert_eq!(arguments_of(Path::new(path)).is_some(), asked, "{path}");
    }

    #[test]
    fn only_programs_of_known_names_are_started_to_ask_them() {
        check_asked("/usr/bin/python3", true);
        check_asked("/usr/bin/python3.12", true);
        check_asked("/usr/bin/php-cgi8.2", true);
        check_asked("/usr/bin/nodejs", true);
        check_asked("/usr/bin/perl5.36.0", true);
        check_asked("/bin/sh", false);
        check_asked("/srv/python-delete-all", false);
        check_asked("/usr/bin/env", false);
        check_asked("/", false);
    }

    #[test]
    fn a_program_is_asked_once_until_another_stands_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("python3");
        let versions = Versions::default();
        assert!(!versions.is_to_be_asked(&path), "nothing is there");
        fs::write(&path, "one").unwrap();
        assert!(versions.is_to_be_asked(&path));
        assert!(!versions.is_to_be_asked(&path));
        versions.take(&path, Some("3.1".into()));
        assert_eq!(versions.known(&path).as_deref(), Some("3.1"));
        fs::write(&path, "another").unwrap();
        assert!(versions.is_to_be_asked(&path));
        assert_eq!(versions.known(&path), None);
    }
}
