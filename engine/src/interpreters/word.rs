//! What an interpreter says of itself, or what its files say where it is not started.

use super::places::Place;
use crate::interpreter_version;
use crate::process::{Program, Spawner};
use serde::Deserialize;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An interpreter that takes longer to look for modules is a trap.
const LIMIT: Duration = Duration::from_secs(5);
const ANSWER_BYTES: usize = 64 << 10;
/// Bytes read of a `pyvenv.cfg`.
const MOST_BYTES: usize = 16 << 10;

/// Isolated: neither the folder nor the user's variables have a say, and nothing that is imported is run.
const QUESTION: &str = "\
import json, sys
try:
    from importlib.util import find_spec
except ImportError:
    find_spec = None
def lacks(name):
    try:
        return find_spec(name) is None
    except Exception:
        return True
names = json.loads(sys.argv[1])
absent = [name for name in names if lacks(name)] if find_spec else []
print(json.dumps({'version': '.'.join(map(str, sys.version_info[:3])), 'lacks': absent}))
";

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Word {
    pub(super) version: Option<String>,
    pub(super) lacks: Vec<String>,
}

/// Asks; none where it does not answer in time.
pub(super) async fn ask(
    spawner: &Spawner,
    place: &Place,
    search_path: &str,
    modules: &[String],
) -> Option<Word> {
    if place.name != "python3" {
        let version = interpreter_version::ask(spawner, &place.path, search_path).await;
        return Some(Word {
            version,
            lacks: Vec::new(),
        });
    }
    // Python 2 knows no -I, and says so at once.
    for isolation in [["-I"].as_slice(), &["-E", "-s"]] {
        let program = question(place, isolation, search_path, modules);
        let answer = spawner.run_to_end(program, LIMIT, ANSWER_BYTES).await;
        let answer = answer.ok().filter(|answer| !answer.timed_out)?;
        if let Ok(mut word) = serde_json::from_slice::<Word>(&answer.stdout) {
            // It says what it likes; only what was asked for is believed.
            word.lacks.retain(|name| modules.contains(name));
            return Some(word);
        }
    }
    None
}

fn question(place: &Place, isolation: &[&str], search_path: &str, modules: &[String]) -> Program {
    let modules = serde_json::json!(modules).to_string();
    let words = isolation.iter().copied().chain(["-c", QUESTION, &modules]);
    Program {
        executable: place.path.clone(),
        arguments: std::iter::once(place.path.clone().into())
            .chain(words.map(OsString::from))
            .collect(),
        environment: vec![("PATH".into(), search_path.into())],
        directory: PathBuf::from("/"),
    }
}

/// What stands in the files of an environment that is not started: its version, and which modules are not in it.
/// Those of its base are not known here, so that only what is no part of Python is told.
pub(super) fn of_files(place: &Place, modules: &[String]) -> Option<Word> {
    let folder = place.path.parent()?.parent()?;
    let text = fs::read(folder.join("pyvenv.cfg")).ok()?;
    let text = String::from_utf8_lossy(text.get(..MOST_BYTES).unwrap_or(&text)).into_owned();
    let version = setting(&text, "version").or_else(|| setting(&text, "version_info"));
    let packages = packages_of(folder);
    let minor = version.as_deref().and_then(minor_of);
    let lacks = modules.iter().filter(|module| {
        let removed = module.as_str() == "cgi" && minor.is_some_and(|minor| minor >= 13);
        removed && !packages.iter().any(|folder| is_in(folder, module))
    });
    Some(Word {
        lacks: lacks.cloned().collect(),
        version,
    })
}

fn setting(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().to_owned())
    })
}

fn minor_of(version: &str) -> Option<u32> {
    version.strip_prefix("3.")?.split('.').next()?.parse().ok()
}

fn packages_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("lib")).into_iter().flatten();
    entries
        .flatten()
        .map(|entry| entry.path().join("site-packages"))
        .collect()
}

fn is_in(folder: &Path, module: &str) -> bool {
    folder.join(module).is_dir() || folder.join(format!("{module}.py")).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreters::Origin;

    #[track_caller]
    fn check(settings: &str, module: Option<&str>, expected: Option<(Option<&str>, &[&str])>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("pyvenv.cfg"), settings).unwrap();
        let packages = folder.path().join("lib/python3.13/site-packages");
        fs::create_dir_all(&packages).unwrap();
        if let Some(module) = module {
            fs::write(packages.join(module), "").unwrap();
        }
        let place = Place {
            path: folder.path().join("bin/python"),
            name: "python3".into(),
            origin: Origin::Venv(folder.path().to_owned()),
            unasked: true,
            first: false,
        };
        let word = of_files(&place, &["cgi".to_owned(), "bottle".to_owned()]);
        let word = word.map(|word| (word.version, word.lacks));
        let expected = expected.map(|(version, lacks)| {
            (
                version.map(str::to_owned),
                lacks.iter().map(|name| (*name).to_owned()).collect(),
            )
        });
        assert_eq!(word, expected);
    }

    #[test]
    fn an_environment_in_the_site_is_told_by_its_files() {
        check(
            "home = /usr/bin\nversion = 3.13.1\n",
            None,
            Some((Some("3.13.1"), &["cgi"])),
        );
        check(
            "version = 3.13.1\n",
            Some("cgi.py"),
            Some((Some("3.13.1"), &[])),
        );
        check(
            "version_info = 3.11.2.final.0\n",
            None,
            Some((Some("3.11.2.final.0"), &[])),
        );
        check("nonsense", None, Some((None, &[])));
    }
}
