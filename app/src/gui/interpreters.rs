//! The interpreters of this computer and their versions, asked for away from the window's thread.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cgi_engine::process::{Program, Spawner};
use cgi_engine::site::config::DEFAULT_PATH;
use cgi_engine::site::interpreters::find_interpreters;

use super::model::Interpreter;

/// A version is said at once, or the program is not what its name says.
const LIMIT: Duration = Duration::from_secs(3);
const ANSWER_BYTES: usize = 4096;

/// Which argument makes a program say its version; programs that have none are only named.
fn version_argument(name: &str) -> Option<&'static str> {
    match name {
        "sh" | "dash" | "tclsh" => None,
        "lua" => Some("-v"),
        _ => Some("--version"),
    }
}

/// The first interpreter of each name on the path that scripts get.
pub(super) fn find(spawner: &Spawner) -> Vec<Interpreter> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok();
    let mut found: Vec<Interpreter> = Vec::new();
    for candidate in find_interpreters(DEFAULT_PATH) {
        if found.iter().any(|other| other.name == candidate.name) {
            continue;
        }
        let version = runtime
            .as_ref()
            .zip(version_argument(candidate.name))
            .and_then(|(runtime, argument)| ask(runtime, spawner, &candidate.path, argument));
        found.push(Interpreter {
            name: candidate.name.to_owned(),
            path: candidate.path,
            version,
        });
    }
    found
}

fn ask(
    runtime: &tokio::runtime::Runtime,
    spawner: &Spawner,
    path: &Path,
    argument: &str,
) -> Option<String> {
    let program = Program {
        executable: path.to_owned(),
        arguments: vec![path.into(), argument.into()],
        environment: vec![("PATH".into(), DEFAULT_PATH.into())],
        directory: PathBuf::from("/"),
    };
    let finished = runtime
        .block_on(spawner.run_to_end(program, LIMIT, ANSWER_BYTES))
        .ok()?;
    // Old Pythons answer on standard error.
    [finished.stdout, finished.stderr]
        .iter()
        .find_map(|answer| version_in(&String::from_utf8_lossy(answer)))
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
}
