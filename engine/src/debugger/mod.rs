//! Seeing into a Python script: its variables when it fails, and a stop on the way.
//!
//! A module that Python imports before any script (`sitecustomize.py`) does the work inside of the script's process,
//! so that the script stays `__main__` with its own command line, folder and standard streams. It speaks to the
//! studio through a socket in a folder of the user's own (`session`), or leaves a file (`locals`).

mod locals;
mod session;

pub use session::{DebugEvent, DebugSession, Frame, Stop};

use crate::exchange::{Debugger, LocalsReport};
use crate::process::Program;
use crate::site::script::{InterpreterState, ScriptFacts};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const HOOK: &str = include_str!("sitecustomize.py");

/// The folder with our module and what belongs to one run; gone with the last who has it.
#[derive(Debug)]
pub(crate) struct HookFolder(tempfile::TempDir);

impl HookFolder {
    /// A new folder that only this user may enter.
    pub(crate) fn new() -> io::Result<Arc<Self>> {
        let folder = tempfile::Builder::new().prefix("cgi-debug-").tempdir()?;
        fs::write(folder.path().join("sitecustomize.py"), HOOK)?;
        Ok(Arc::new(Self(folder)))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// What one run is to do beside its work.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    folder: Arc<HookFolder>,
    what: Debugger,
    /// The file or socket.
    way: PathBuf,
}

impl Hook {
    /// It leaves its variables when it fails.
    pub(crate) fn locals(folder: &Arc<HookFolder>, number: u64) -> Self {
        Self {
            folder: Arc::clone(folder),
            what: Debugger::Locals,
            way: folder.path().join(format!("locals-{number}.json")),
        }
    }

    /// What is done.
    pub(crate) fn what(&self) -> Debugger {
        self.what
    }

    /// The program as it was, and told to import our module first.
    pub(crate) fn told(&self, mut program: Program) -> Program {
        let before = program
            .environment
            .iter()
            .rev()
            .find(|(name, _)| name == "PYTHONPATH")
            .map(|(_, value)| value.clone());
        let mut path = self.folder.path().as_os_str().to_owned();
        if let Some(before) = before {
            path.push(":");
            path.push(&before);
            program
                .environment
                .push(("CGI_STUDIO_PYTHONPATH".into(), before));
        }
        let mut order = OsString::from(format!("{}:", self.what.name()));
        order.push(&self.way);
        program.environment.retain(|(name, _)| name != "PYTHONPATH");
        program.environment.push(("PYTHONPATH".into(), path));
        program.environment.push(("CGI_STUDIO_HOOK".into(), order));
        program
    }

    /// What the run left, when it is over. Reads a file, and takes it away.
    pub(crate) fn report(&self) -> Option<LocalsReport> {
        if self.what != Debugger::Locals {
            return None;
        }
        let report = locals::read(&self.way);
        let _ = fs::remove_file(&self.way);
        report
    }
}

/// Whether a Python runs this script that will import our module: neither isolated (`-I`), nor without its variables
/// (`-E`) or its site (`-S`). Such a one would leave our order to the next Python that it starts.
pub(crate) fn is_hooked_python(script: &ScriptFacts) -> bool {
    let argument = match (&script.interpreter, &script.first_line.shebang) {
        (InterpreterState::Shebang { .. }, Some(shebang)) => shebang.argument.as_deref(),
        _ => None,
    };
    let python = script.interpreter.program().is_some_and(is_python);
    python && !argument.is_some_and(ignores_us)
}

/// Whether a program of this name is a Python.
fn is_python(interpreter: &Path) -> bool {
    let name = interpreter.file_name().map(OsStr::as_bytes);
    name.is_some_and(|name| name.starts_with(b"python") || name.starts_with(b"pypy"))
}

/// Whether the words after the interpreter in a first line make a Python ignore its variables or its site.
fn ignores_us(argument: &[u8]) -> bool {
    let words: Vec<&[u8]> = argument
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .collect();
    // Those before a Python are `env`'s own, `-Spython3` among them.
    let named = words.iter().position(|word| {
        let word = word.strip_prefix(b"-S").unwrap_or(word);
        is_python(Path::new(OsStr::from_bytes(word)))
    });
    let options = words.into_iter().skip(named.map_or(0, |index| index + 1));
    options
        .filter_map(|word| word.strip_prefix(b"-"))
        // What follows these letters is their value; a second dash begins a long option.
        .filter_map(|letters| letters.split(|letter| b"-cmWX".contains(letter)).next())
        .any(|letters| letters.iter().any(|letter| b"IES".contains(letter)))
}

/// The text of a `launch.json` with which VS Code attaches to a script that waits on this port of this computer.
#[must_use]
pub fn launch_json(port: u16) -> String {
    let configuration = serde_json::json!({
        "version": "0.2.0",
        "configurations": [{
            "name": "Attach to CGI script",
            "type": "debugpy",
            "request": "attach",
            "connect": { "host": "127.0.0.1", "port": port },
            "justMyCode": false,
        }],
    });
    format!("{configuration:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &[(&str, &str)], expected: &[(&str, &str)]) {
        let hook = Hook::locals(&HookFolder::new().unwrap(), 1);
        let folder = hook.folder.path().to_str().unwrap().to_owned();
        let program = Program {
            executable: "/usr/bin/python3".into(),
            arguments: Vec::new(),
            environment: given
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            directory: "/".into(),
        };
        let told = hook.told(program).environment;
        let told: Vec<(String, String)> = told
            .into_iter()
            .map(|(name, value)| {
                let value = value.into_string().unwrap().replace(&folder, "HOOK");
                (name.into_string().unwrap(), value)
            })
            .collect();
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn our_module_comes_before_the_users_own_folders_and_these_are_kept() {
        let order = ("CGI_STUDIO_HOOK", "locals:HOOK/locals-1.json");
        check(&[("A", "b")], &[("A", "b"), ("PYTHONPATH", "HOOK"), order]);
        check(
            &[("PYTHONPATH", "/x:/y")],
            &[
                ("CGI_STUDIO_PYTHONPATH", "/x:/y"),
                ("PYTHONPATH", "HOOK:/x:/y"),
                order,
            ],
        );
    }

    #[test]
    fn a_python_is_known_by_its_name() {
        for (path, expected) in [
            ("/usr/bin/python3.13", true),
            ("/opt/pypy3", true),
            ("/usr/bin/perl", false),
            ("/", false),
        ] {
            assert_eq!(is_python(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn a_python_that_ignores_its_variables_is_known_by_its_options() {
        for (argument, expected) in [
            ("-I", true),
            ("-uE", true),
            ("-u", false),
            ("-Wignore::ImportWarning", false),
            ("-XI", false),
            ("--check-hash-based-pycs", false),
            ("python3", false),
            ("-S python3", false),
            ("-S python3 -u -I", true),
            ("-Spython3 -s -S", true),
            ("-Spython3", false),
            ("-S A=b /opt/pypy3 -E", true),
        ] {
            assert_eq!(ignores_us(argument.as_bytes()), expected, "{argument}");
        }
    }

    #[test]
    fn the_launch_configuration_names_this_computer_and_the_port() {
        let text = launch_json(5678);
        assert!(text.contains("\"port\": 5678") && text.contains("127.0.0.1"));
    }
}
