//! What the interpreter that is to run a script says of it: the last word on syntax and on modules.
//!
//! It is asked isolated (`-I`), in `/`, with nothing but PATH in its environment, within a time limit; it compiles
//! the script and looks for what it imports, and runs nothing of it. An interpreter that lies in the site itself is
//! not asked: opening a folder starts none of its programs.

mod remembered;

use crate::diagnosis::python_word::PythonWord;
use crate::process::{Program, Spawner};
use crate::python::PythonFacts;
use crate::site::lies_in;
use crate::site::script::{FileKind, InterpreterState, ScriptFacts};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use remembered::{Question, Remembered, Words};

/// A script that takes longer is a trap.
const LIMIT: Duration = Duration::from_secs(10);
const ANSWER_BYTES: usize = 256 << 10;
/// More modules than this are not looked for.
const MOST_MODULES: usize = 200;
const PROBE: &str = include_str!("probe.py");

/// The Python that would run this script; none where another language does, or one that lies in the site.
pub(crate) fn interpreter_of(script: &ScriptFacts, site_root: &Path) -> Option<PathBuf> {
    if script.kind != FileKind::Regular || script.language() != Some("python3") {
        return None;
    }
    let path = match &script.interpreter {
        InterpreterState::Mapped {
            path,
            problem: None,
        } => path,
        InterpreterState::Shebang {
            through_env: Some(_),
            env_found,
            problem: None,
            ..
        } => env_found.as_ref()?,
        InterpreterState::Shebang {
            path,
            problem: None,
            ..
        } => path,
        _ => return None,
    };
    (!lies_in(path, site_root)).then(|| path.clone())
}

/// What came of asking.
pub(crate) enum Answer {
    /// The script's path cannot be told to it, or it was not started; other findings say why.
    Unasked,
    /// It took too long.
    TimedOut,
    /// It said something else than an answer.
    Nonsense,
    /// Its word.
    Word(PythonWord),
}

/// Asks.
///
/// `paths`: what the site's own environment adds to the search (PYTHONPATH).
pub(crate) async fn ask(
    spawner: &Spawner,
    interpreter: &Path,
    script: &ScriptFacts,
    search_path: &str,
    paths: &[PathBuf],
) -> Answer {
    let Some(program) = question(interpreter, script, search_path, paths) else {
        return Answer::Unasked;
    };
    match spawner.run_to_end(program, LIMIT, ANSWER_BYTES).await {
        Err(_) => Answer::Unasked,
        Ok(answer) if answer.timed_out => Answer::TimedOut,
        Ok(answer) => PythonWord::parse(&answer.stdout).map_or(Answer::Nonsense, Answer::Word),
    }
}

/// The program that asks; none if the script's path, or one of the folders, is not UTF-8.
fn question(
    interpreter: &Path,
    script: &ScriptFacts,
    search_path: &str,
    paths: &[PathBuf],
) -> Option<Program> {
    let facts = PythonFacts::read(&script.source).unwrap_or_default();
    let folder = script.path.parent()?.to_str()?;
    let paths: Option<Vec<&str>> = std::iter::once(Some(folder))
        .chain(paths.iter().map(|path| path.to_str()))
        .collect();
    let question = serde_json::json!({
        "script": script.path.to_str()?,
        "modules": modules(&facts),
        "paths": paths?,
    });
    Some(Program {
        executable: interpreter.to_owned(),
        arguments: vec![
            interpreter.into(),
            "-I".into(),
            "-W".into(),
            "ignore".into(),
            "-c".into(),
            PROBE.into(),
            question.to_string().into(),
        ],
        environment: vec![("PATH".into(), search_path.into())],
        directory: PathBuf::from("/"),
    })
}

/// The modules that the script needs: not those whose absence it expects, nor its own package's.
pub(crate) fn modules(facts: &PythonFacts) -> Vec<&str> {
    let needed = facts
        .imports
        .iter()
        .filter(|import| !import.guarded && !import.module.starts_with('.'));
    let roots: BTreeSet<&str> = needed
        .filter_map(|import| import.module.split('.').next())
        .collect();
    roots.into_iter().take(MOST_MODULES).collect()
}
