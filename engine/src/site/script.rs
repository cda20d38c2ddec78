//! What can be known of a script without running it: facts, no verdicts.

use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustix::fs::Access;

use super::SiteConfig;
use super::content::Content;
use super::ends_with_suffix;
use super::interpreters::{family, find_on_path, is_program};
use super::shebang::{BinaryFormat, FirstLine, LineEnds};

pub use super::launch_plan::{LaunchPlan, NotRunnable};

/// A script as it is on disk at one moment. A clone shares the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFacts {
    /// The script, as the URL names it.
    pub path: PathBuf,
    /// What stands at that path, links followed.
    pub kind: FileKind,
    /// Size in bytes.
    pub size: u64,
    /// Permission bits, `0o7777` at most.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The owner's group.
    pub gid: u32,
    /// Whether the bits let this user start it (access(2)); for root any `x` bit counts. The
    /// mount is a fact of its own.
    pub executable: bool,
    /// Whether it is on a file system mounted `noexec`; `None` where that cannot be told.
    pub mounted_noexec: Option<bool>,
    /// When the content was last written, by the file's own date.
    pub modified: Option<SystemTime>,
    /// SHA-256 of the content, of its first [`HASHED_BYTES`](super::content::HASHED_BYTES) at most; zeros if it was not read.
    pub hash: [u8; 32],
    /// The content, up to [`SOURCE_BYTES`](super::content::SOURCE_BYTES), or [`BINARY_SOURCE_BYTES`](super::content::BINARY_SOURCE_BYTES) of a binary program.
    pub source: Arc<[u8]>,
    /// Whether `source` is not the whole content.
    pub source_truncated: bool,
    /// The first line, and a `#!` in or out of place.
    pub first_line: FirstLine,
    /// How the lines in `source` end.
    pub line_ends: LineEnds,
    /// The format if it is a binary program.
    pub binary_format: Option<BinaryFormat>,
    /// What would run it.
    pub interpreter: InterpreterState,
}

/// What stands at a script's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A regular file that could be read.
    Regular,
    /// A folder.
    Directory,
    /// Nothing.
    Missing,
    /// A pipe, a socket or a device; it was not opened.
    Other,
    /// Something that could not be examined, or a regular file that could not be read.
    Unreadable {
        /// The error number of the system, such as 13 for EACCES; 0 if there was none.
        errno: i32,
    },
}

/// What would run a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterpreterState {
    /// The configuration maps the suffix to an interpreter; the `#!` line does not matter.
    Mapped {
        /// The interpreter: as found on `PATH`, or as configured.
        path: PathBuf,
        /// Why it could not be started.
        problem: Option<InterpreterProblem>,
    },
    /// The kernel starts what the `#!` line names. All lookups are done with a carriage return
    /// that sticks to a word, as the kernel and `env` do them.
    Shebang {
        /// The interpreter; relative ones start at the script's folder.
        path: PathBuf,
        /// Whether there is such a file.
        found: bool,
        /// The word that `env` looks up, if the interpreter is an `env`.
        through_env: Option<Vec<u8>>,
        /// Where `env` finds it on the `PATH` that scripts get.
        env_found: Option<PathBuf>,
        /// Why the interpreter could not be started.
        problem: Option<InterpreterProblem>,
    },
    /// A program in this system's own format.
    Native,
    /// Neither a mapping, nor a `#!` line, nor a program of this system.
    None,
}

impl InterpreterState {
    /// The program that reads the script, `env` looked through; none for a program of its own.
    #[must_use]
    pub fn program(&self) -> Option<&Path> {
        match self {
            Self::Mapped { path, .. } => Some(path),
            Self::Shebang {
                through_env: Some(_),
                env_found,
                ..
            } => env_found.as_deref(),
            Self::Shebang { path, .. } => Some(path),
            Self::Native | Self::None => None,
        }
    }
}

/// Why an interpreter could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InterpreterProblem {
    /// The `#!` line names none.
    Unnamed,
    /// There is no such file.
    Missing,
    /// It is a folder, or otherwise no regular file.
    NotAFile,
    /// It has no `x` right for this user.
    NotExecutable,
}

impl ScriptFacts {
    /// The source was kept once and is not any more: it was given up, so that a store stays within its bounds.
    #[must_use]
    pub fn source_is_missing(&self) -> bool {
        self.source.is_empty() && self.source_truncated
    }

    /// Reads the facts of `file`. Never hangs and never reads without bound: only regular files
    /// are opened. Whatever goes wrong is in [`ScriptFacts::kind`].
    pub fn read(file: &Path, config: &SiteConfig) -> Self {
        Self::read_with(file, config, Content::read)
    }

    /// The same, with the content from wherever `content_of` takes it.
    pub(super) fn read_with(
        file: &Path,
        config: &SiteConfig,
        content_of: impl FnOnce(&Path) -> io::Result<Content>,
    ) -> Self {
        let mut facts = Self::unread(file);
        match file.metadata() {
            Ok(metadata) => facts.take_metadata(&metadata),
            Err(error) => facts.kind = kind_of_error(&error),
        }
        if facts.kind == FileKind::Regular {
            match content_of(file) {
                Ok(content) => facts.take_content(content),
                Err(error) => facts.kind = kind_of_error(&error),
            }
        }
        facts.interpreter = facts.interpreter_state(config);
        facts
    }

    /// The language that it is run as, by its interpreter's name; one of
    /// [`INTERPRETER_NAMES`](super::interpreters::INTERPRETER_NAMES).
    #[must_use]
    pub fn language(&self) -> Option<&'static str> {
        let named = match &self.interpreter {
            InterpreterState::Mapped { path, .. } => path.as_os_str().as_bytes(),
            InterpreterState::Shebang {
                through_env: Some(word),
                ..
            } => word.as_slice(),
            InterpreterState::Shebang { path, .. } => path.as_os_str().as_bytes(),
            InterpreterState::Native | InterpreterState::None => return None,
        };
        family(named.trim_ascii_end())
    }

    fn unread(file: &Path) -> Self {
        Self {
            path: file.to_owned(),
            kind: FileKind::Missing,
            size: 0,
            mode: 0,
            uid: 0,
            gid: 0,
            executable: false,
            mounted_noexec: None,
            modified: None,
            hash: [0; 32],
            source: Arc::default(),
            source_truncated: false,
            first_line: FirstLine::default(),
            line_ends: LineEnds::None,
            binary_format: None,
            interpreter: InterpreterState::None,
        }
    }

    fn take_metadata(&mut self, metadata: &Metadata) {
        self.kind = match metadata.file_type() {
            kind if kind.is_file() => FileKind::Regular,
            kind if kind.is_dir() => FileKind::Directory,
            _ => FileKind::Other,
        };
        self.size = metadata.size();
        self.mode = metadata.mode() & 0o7777;
        self.uid = metadata.uid();
        self.gid = metadata.gid();
        self.modified = metadata.modified().ok();
        self.mounted_noexec = mounted_noexec(&self.path);
        // On a noexec mount access(2) refuses whatever the bits say.
        self.executable = rustix::fs::access(&self.path, Access::EXEC_OK).is_ok()
            || self.mounted_noexec == Some(true) && self.mode & 0o111 != 0;
    }

    fn take_content(&mut self, content: Content) {
        // The file may have grown since it was examined; these belong together.
        self.size = content.size;
        self.hash = content.hash;
        self.source_truncated = (content.source.len() as u64) < content.size;
        self.source = content.source;
        self.first_line = content.first_line;
        self.line_ends = content.line_ends;
        self.binary_format = content.binary_format;
    }

    fn interpreter_state(&self, config: &SiteConfig) -> InterpreterState {
        if let Some(interpreter) = self.mapped_interpreter(config) {
            let path = looked_up(interpreter, config);
            let problem = interpreter_problem(&path);
            return InterpreterState::Mapped { path, problem };
        }
        let Some(shebang) = &self.first_line.shebang else {
            let native = self.binary_format.is_some_and(BinaryFormat::is_native);
            return if native {
                InterpreterState::Native
            } else {
                InterpreterState::None
            };
        };
        let named = PathBuf::from(OsString::from_vec(shebang.kernel_interpreter()));
        let path = self.path.parent().unwrap_or(Path::new("/")).join(&named);
        let unnamed = named
            .as_os_str()
            .is_empty()
            .then_some(InterpreterProblem::Unnamed);
        let problem = unnamed.or_else(|| interpreter_problem(&path));
        let through_env = shebang.word_for_env();
        let env_found = through_env
            .clone()
            .and_then(|word| find_on_path(config.path(), &OsString::from_vec(word)));
        let found = unnamed.is_none() && path.exists();
        InterpreterState::Shebang {
            path,
            found,
            through_env,
            env_found,
            problem,
        }
    }

    fn mapped_interpreter<'c>(&self, config: &'c SiteConfig) -> Option<&'c Path> {
        let name = self.path.file_name()?.as_bytes();
        let mut interpreters = config.scripts.interpreters.iter();
        let mapped = interpreters.find(|(suffix, _)| ends_with_suffix(name, suffix));
        mapped.map(|(_, interpreter)| interpreter.as_path())
    }
}

/// A bare name is looked up on the scripts' `PATH`; the configuration reader has already made
/// relative paths absolute.
fn looked_up(interpreter: &Path, config: &SiteConfig) -> PathBuf {
    find_on_path(config.path(), interpreter.as_os_str()).unwrap_or_else(|| interpreter.to_owned())
}

fn interpreter_problem(path: &Path) -> Option<InterpreterProblem> {
    match path.metadata() {
        Err(_) => Some(InterpreterProblem::Missing),
        Ok(metadata) if !metadata.is_file() => Some(InterpreterProblem::NotAFile),
        Ok(_) if !is_program(path) => Some(InterpreterProblem::NotExecutable),
        Ok(_) => None,
    }
}

fn kind_of_error(error: &io::Error) -> FileKind {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileKind::Missing,
        _ => FileKind::Unreadable {
            errno: error.raw_os_error().unwrap_or(0),
        },
    }
}

#[cfg(target_os = "linux")]
fn mounted_noexec(file: &Path) -> Option<bool> {
    let mount = rustix::fs::statvfs(file).ok()?;
    Some(mount.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC))
}

#[cfg(not(target_os = "linux"))]
fn mounted_noexec(_file: &Path) -> Option<bool> {
    None
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
