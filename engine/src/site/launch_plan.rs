//! What to start for a script, or why the system would refuse: decided before trying.

use std::ffi::OsString;
use std::path::PathBuf;

use super::script::{FileKind, InterpreterProblem, InterpreterState, ScriptFacts};
use super::shebang::BinaryFormat;

/// What to start, and with which words before those of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchPlan {
    /// The program: the script itself, or the interpreter it is mapped to.
    pub executable: PathBuf,
    /// The script's path, if an interpreter is started.
    pub leading_arguments: Vec<OsString>,
}

/// Why the system would refuse to start a script; found out before trying, since the errors of
/// execve(2) say the same for different causes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRunnable {
    /// ENOENT, for the script itself.
    #[error("there is no such script: {path:?}")]
    Missing {
        /// The script.
        path: PathBuf,
    },
    /// A folder, a pipe, a socket or a device.
    #[error("this is not a regular file: {path:?}")]
    NotAFile {
        /// The script.
        path: PathBuf,
    },
    /// The script cannot be read, so neither could an interpreter.
    #[error("this user cannot read the script (error {errno}); run `chmod +r`: {path:?}")]
    Unreadable {
        /// The script.
        path: PathBuf,
        /// The error number of the system.
        errno: i32,
    },
    /// EACCES, for want of an `x` bit.
    #[error("the script is not executable; run `chmod +x`: {path:?}")]
    NotExecutable {
        /// The script.
        path: PathBuf,
    },
    /// EACCES, in spite of the bits.
    #[error(
        "the script is on a file system that is mounted noexec; map its suffix to an interpreter: {path:?}"
    )]
    MountedNoexec {
        /// The script.
        path: PathBuf,
    },
    /// ENOEXEC: no `#!` in the first two bytes, and no program.
    #[error(
        "the script has no #! line at its very start, so the system does not know what runs it: {path:?}"
    )]
    NoInterpreter {
        /// The script.
        path: PathBuf,
    },
    /// ENOEXEC: a program, for another system.
    #[error("this is a {format} program, which this system does not run: {path:?}")]
    ForeignBinary {
        /// The script.
        path: PathBuf,
        /// Its format.
        format: BinaryFormat,
    },
    /// ENOENT or EACCES, for the interpreter.
    #[error("the interpreter cannot be started ({problem:?}): {path:?}")]
    Interpreter {
        /// The interpreter, as it was looked up.
        path: PathBuf,
        /// Why.
        problem: InterpreterProblem,
    },
}

impl ScriptFacts {
    /// What to start for this script, or why the system would refuse.
    pub fn launch_plan(&self) -> Result<LaunchPlan, NotRunnable> {
        self.check_file()?;
        let path = self.path.clone();
        match &self.interpreter {
            InterpreterState::Mapped { path, problem } => match *problem {
                None => Ok(LaunchPlan {
                    executable: path.clone(),
                    leading_arguments: vec![self.path.clone().into_os_string()],
                }),
                Some(problem) => Err(NotRunnable::Interpreter {
                    path: path.clone(),
                    problem,
                }),
            },
            _ if !self.executable => Err(NotRunnable::NotExecutable { path }),
            _ if self.mounted_noexec == Some(true) => Err(NotRunnable::MountedNoexec { path }),
            InterpreterState::Shebang {
                path,
                problem: Some(problem),
                ..
            } => Err(NotRunnable::Interpreter {
                path: path.clone(),
                problem: *problem,
            }),
            InterpreterState::Shebang { problem: None, .. } | InterpreterState::Native => {
                Ok(LaunchPlan {
                    executable: path,
                    leading_arguments: Vec::new(),
                })
            }
            InterpreterState::None => Err(match self.binary_format {
                Some(format) => NotRunnable::ForeignBinary { path, format },
                None => NotRunnable::NoInterpreter { path },
            }),
        }
    }

    fn check_file(&self) -> Result<(), NotRunnable> {
        let path = self.path.clone();
        match self.kind {
            FileKind::Regular => Ok(()),
            FileKind::Missing => Err(NotRunnable::Missing { path }),
            FileKind::Directory | FileKind::Other => Err(NotRunnable::NotAFile { path }),
            FileKind::Unreadable { errno } => Err(NotRunnable::Unreadable { path, errno }),
        }
    }
}
