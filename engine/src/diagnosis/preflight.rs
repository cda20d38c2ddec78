//! What can be said of a script before it runs, from its file alone.
//!
//! A mapping of its suffix to an interpreter (`cgi-studio.toml`) makes the `#!` line and the executable bit irrelevant;
//! the rules about them are then silent.

pub(super) mod python;
mod shebang;

use super::evidence::of_file;
use super::finding::{Blame, Finding};
use super::rules::{code, finding};
use super::wording::shown;
use crate::site::script::{FileKind, InterpreterProblem, InterpreterState, ScriptFacts};
use shebang::{Lookup, no_interpreter, shebang_finding};
use std::path::Path;

/// The findings, the first to mend first.
pub(super) fn findings(script: &ScriptFacts) -> Vec<Finding> {
    match script.kind {
        // That the file is gone is told by the answer: 404.
        FileKind::Missing => return Vec::new(),
        FileKind::Directory | FileKind::Other => return vec![not_a_file(script)],
        FileKind::Unreadable { errno } => return vec![unreadable(script, errno)],
        FileKind::Regular if script.size == 0 => return vec![empty(script)],
        FileKind::Regular => {}
    }
    if let InterpreterState::Mapped { path, problem } = &script.interpreter {
        let unfit = problem.map(|problem| mapped(script, path, problem));
        return unfit.into_iter().chain(of_text(script)).collect();
    }
    // The bits are asked first, by the system too.
    let mut found = Vec::new();
    if !script.executable {
        found.push(not_executable(script));
    } else if script.mounted_noexec == Some(true) {
        found.push(mounted_noexec(script));
    }
    found.extend(what_runs_it(script));
    found.extend(of_text(script));
    found
}

/// Those that are about getting it started; what else its text tells, a run tells better.
pub(super) fn of_start(script: &ScriptFacts) -> Vec<Finding> {
    let mut found = findings(script);
    found.retain(|finding| finding.code.0 <= code::FOREIGN_PROGRAM);
    found
}

/// What its text and its rights tell beside that; the worst first.
fn of_text(script: &ScriptFacts) -> Vec<Finding> {
    let mut found = python::findings(script);
    found.extend(open_to_others(script));
    found.sort_by_key(|finding| finding.severity);
    found
}

/// suexec refuses files that others than their owner may write; so does common sense.
fn open_to_others(script: &ScriptFacts) -> Option<Finding> {
    (script.mode & 0o022 != 0).then(|| Finding {
        explanation: format!(
            "The file's mode is {:03o}: others than its owner may write to it. Apache's suexec refuses to run it then.",
            script.mode & 0o777
        ),
        remedy: format!("Run chmod go-w {}", name(script)),
        ..about(script, code::SUEXEC, "Others than its owner may change the script".into())
    })
}

fn what_runs_it(script: &ScriptFacts) -> Option<Finding> {
    match (&script.interpreter, &script.first_line.shebang) {
        (InterpreterState::None, _) => Some(no_interpreter(script)),
        (
            InterpreterState::Shebang {
                path,
                through_env,
                env_found,
                problem,
                ..
            },
            Some(shebang),
        ) => {
            let word = through_env.as_deref();
            let lookup = Lookup {
                path,
                word,
                env_found: env_found.is_some(),
                problem: *problem,
            };
            shebang_finding(script, shebang, &lookup)
        }
        _ => None,
    }
}

/// A finding about the script's file; the fields are filled in by the rules.
pub(super) fn about(script: &ScriptFacts, number: u16, title: String) -> Finding {
    Finding {
        place: Some((script.path.clone(), 1)),
        ..finding(number, title)
    }
}

/// A finding about one line of it.
pub(super) fn about_line(
    script: &ScriptFacts,
    number: u16,
    title: String,
    line: u32,
    note: &str,
) -> Finding {
    Finding {
        evidence: of_file(&script.path, &script.source, line, note),
        place: Some((script.path.clone(), line)),
        ..about(script, number, title)
    }
}

fn name(script: &ScriptFacts) -> String {
    script
        .path
        .file_name()
        .map_or_else(|| shown(&script.path), |name| shown(Path::new(name)))
}

fn not_a_file(script: &ScriptFacts) -> Finding {
    Finding {
        explanation: "Only a regular file can be started; this is a folder, a pipe or a device."
            .into(),
        remedy: "Put a script at this place, or call another one.".into(),
        authority: "execve(2) EACCES".into(),
        blame: Blame::Site,
        place: None,
        ..about(
            script,
            code::NOT_A_PROGRAM,
            format!("{} is not a regular file", name(script)),
        )
    }
}

fn unreadable(script: &ScriptFacts, errno: i32) -> Finding {
    Finding {
        explanation: format!(
            "This user may not read it (error {errno}): its own rights, or those of a folder above it, forbid that."
        ),
        remedy: format!(
            "Run chmod +r on {}, and chmod +x on the folders that lead to it.",
            shown(&script.path)
        ),
        authority: "open(2) EACCES".into(),
        blame: Blame::Site,
        place: None,
        ..about(
            script,
            code::CLOSED_FOLDER,
            format!("{} cannot be read", name(script)),
        )
    }
}

fn empty(script: &ScriptFacts) -> Finding {
    Finding {
        explanation: "A file without a single byte neither names a program that could run it nor prints anything.".into(),
        remedy: "Write the script, or save it again if your editor has lost it.".into(),
        authority: "execve(2) ENOEXEC".into(),
        ..about(script, code::NO_SHEBANG, "The script's file is empty".into())
    }
}

fn mapped(script: &ScriptFacts, interpreter: &Path, problem: InterpreterProblem) -> Finding {
    let interpreter = shown(interpreter);
    let (number, title) = match problem {
        InterpreterProblem::Missing | InterpreterProblem::Unnamed => (
            code::INTERPRETER_MISSING,
            format!("{interpreter} does not exist"),
        ),
        InterpreterProblem::NotAFile => (
            code::NOT_A_PROGRAM,
            format!("{interpreter} is not a program"),
        ),
        InterpreterProblem::NotExecutable => (
            code::NOT_A_PROGRAM,
            format!("{interpreter} is not executable"),
        ),
    };
    Finding {
        explanation: "The site's configuration runs files with this suffix through that program, and it cannot be started.".into(),
        remedy: "Correct the suffix's entry under [scripts] interpreters in cgi-studio.toml.".into(),
        authority: "execve(2)".into(),
        blame: Blame::Site,
        place: None,
        ..about(script, number, title)
    }
}

fn not_executable(script: &ScriptFacts) -> Finding {
    Finding {
        explanation: format!(
            "The file's mode is {:03o}, which does not let this user start it as a program.",
            script.mode & 0o777
        ),
        remedy: format!("Run chmod 755 {}", name(script)),
        authority: "execve(2) EACCES, RFC 3875 §3.4".into(),
        ..about(
            script,
            code::NOT_EXECUTABLE,
            "The script is not executable".into(),
        )
    }
}

fn mounted_noexec(script: &ScriptFacts) -> Finding {
    Finding {
        explanation: "The file's own rights are fine, but its disk is mounted with noexec, so that no program on it is started.".into(),
        remedy: "Move the site to another disk, or name an interpreter for the suffix in cgi-studio.toml.".into(),
        authority: "execve(2) EACCES, mount(8) noexec".into(),
        blame: Blame::Site,
        ..about(script, code::NOEXEC, "Programs on this file system may not be started".into())
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_python;
