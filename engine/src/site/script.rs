//! What can be known of a script without running it: facts, no verdicts.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustix::fs::{Access, Mode, OFlags};
use sha2::{Digest as _, Sha256};

use super::SiteConfig;
use super::ends_with_suffix;
use super::interpreters::{find_on_path, is_program};
use super::shebang::{BinaryFormat, FirstLine, LineEnds};

/// How much of a script's source is kept, in bytes.
pub const SOURCE_BYTES: usize = 4 << 20;
/// How much is kept of a program in a binary format: enough to know it by.
pub const BINARY_SOURCE_BYTES: usize = 4 << 10;
/// How much of a file goes into its hash, in bytes; longer files differ by their size, too.
pub const HASHED_BYTES: u64 = 64 << 20;

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
    /// SHA-256 of the content, of its first [`HASHED_BYTES`] at most; zeros if it was not read.
    pub hash: [u8; 32],
    /// The content, up to [`SOURCE_BYTES`], or [`BINARY_SOURCE_BYTES`] of a binary program.
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
    /// Reads the facts of `file`. Never hangs and never reads without bound: only regular files
    /// are opened. Whatever goes wrong is in [`ScriptFacts::kind`].
    pub fn read(file: &Path, config: &SiteConfig) -> Self {
        let mut facts = Self::unread(file);
        match file.metadata() {
            Ok(metadata) => facts.take_metadata(&metadata),
            Err(error) => facts.kind = kind_of_error(&error),
        }
        if facts.kind == FileKind::Regular {
            match read_content(file) {
                Ok(content) => facts.take_content(content),
                Err(error) => facts.kind = kind_of_error(&error),
            }
        }
        facts.interpreter = facts.interpreter_state(config);
        facts
    }

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
        self.binary_format = BinaryFormat::of(&content.source);
        let mut source = content.source;
        if self.binary_format.is_some() {
            source.truncate(BINARY_SOURCE_BYTES);
        } else {
            self.first_line = FirstLine::of(&source);
            self.line_ends = LineEnds::of(&source);
        }
        self.source_truncated = (source.len() as u64) < self.size;
        self.source = source.into();
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

struct Content {
    size: u64,
    hash: [u8; 32],
    source: Vec<u8>,
}

/// Reads once from start to end: what is kept and what is hashed come from the same bytes.
fn read_content(file: &Path) -> io::Result<Content> {
    let opened = open_regular(file)?;
    let size_on_disk = opened.metadata()?.len();
    let mut source = Vec::new();
    let mut hasher = Sha256::new();
    (&opened)
        .take(SOURCE_BYTES as u64)
        .read_to_end(&mut source)?;
    hasher.update(&source);
    let mut size = source.len() as u64;
    if source.len() == SOURCE_BYTES {
        let rest = (&opened).take(HASHED_BYTES - SOURCE_BYTES as u64);
        size += io::copy(&mut { rest }, &mut hasher)?;
        // Beyond what is hashed only the size is known.
        if size == HASHED_BYTES {
            size = size.max(size_on_disk);
        }
    }
    Ok(Content {
        size,
        hash: hasher.finalize().into(),
        source,
    })
}

/// Opens a file only if it is a regular one, also when it is exchanged for a pipe meanwhile.
pub(crate) fn open_regular(file: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    // A device may act on being opened; so look first.
    let refused = || io::Error::from(io::ErrorKind::InvalidInput);
    if !file.metadata()?.is_file() {
        return Err(refused());
    }
    let opened = File::from(rustix::fs::open(file, flags, Mode::empty())?);
    if opened.metadata()?.is_file() {
        Ok(opened)
    } else {
        Err(refused())
    }
}

/// The first bytes of a regular file, `most` at most.
pub(crate) fn read_head(file: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    open_regular(file)?.take(most).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
