//! A program of the user's own, which goes on when the studio ends: an editor, a terminal.
//!
//! It is no script: nothing of it is recorded, and nothing ends it.

use rustix::fs::Access;
use rustix::io::Errno;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Who fails says so soon; who lives longer has opened.
const WATCHED: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(20);
/// So much of what it says is told on.
const TOLD_BYTES: u64 = 2_000;

/// Why a program of the user's did not open.
#[derive(Debug, thiserror::Error)]
pub enum DetachedError {
    /// The command has no words.
    #[error("there is no program to start")]
    Empty,
    /// The system did not start it.
    #[error("cannot start the program: {source}: {program:?}")]
    Start {
        /// The program.
        program: OsString,
        /// What the system said.
        source: io::Error,
    },
    /// It started and ended at once, saying that it failed.
    #[error("the program ended with {ending}{said}: {program:?}")]
    Ended {
        /// The program.
        program: OsString,
        /// `exit status: 1`.
        ending: String,
        /// What it said, after a colon; may be empty.
        said: String,
    },
}

/// The file of a program that a user names: a path as it is from here, a bare name by the folders of this PATH.
///
/// An entry that is no absolute path (`.`, or nothing at all) has no say: it would find whatever lies in the folder
/// that the program is started in, which may be a stranger's.
///
/// # Errors
/// ENOENT: no folder has an executable file of this name.
pub fn absolute_program(program: &OsStr, path: &OsStr) -> io::Result<PathBuf> {
    let named = Path::new(program);
    if named.components().count() > 1 || named.has_root() {
        return std::path::absolute(named);
    }
    env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(named))
        .find(|file| file.is_file() && rustix::fs::access(file, Access::EXEC_OK).is_ok())
        .ok_or_else(|| io::Error::from_raw_os_error(Errno::NOENT.raw_os_error()))
}

/// Starts a program in a group of its own and watches for two seconds whether it fails.
///
/// Blocks for up to two seconds; call it from a worker. A thread stays until the program ends, so that it is no
/// zombie of ours.
///
/// # Errors
/// The program cannot be started, or ends within that time with a status other than zero.
#[allow(clippy::disallowed_methods)] // The home of starting programs.
pub fn start_detached(words: &[OsString], directory: &Path) -> Result<(), DetachedError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(DetachedError::Empty);
    };
    let start = |source| DetachedError::Start {
        program: program.clone(),
        source,
    };
    let path = env::var_os("PATH").unwrap_or_default();
    let file = absolute_program(program, &path).map_err(start)?;
    let mut said = tempfile::tempfile().map_err(start)?;
    let errors = said.try_clone().map_err(start)?;
    let mut child = Command::new(file)
        .arg0(program)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .process_group(0)
        .spawn()
        .map_err(start)?;
    let begun = Instant::now();
    while begun.elapsed() < WATCHED {
        match child.try_wait().map_err(start)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                return Err(DetachedError::Ended {
                    program: program.clone(),
                    ending: status.to_string(),
                    said: told(&mut said),
                });
            }
            None => std::thread::sleep(LOOK),
        }
    }
    let reaper = std::thread::Builder::new().name("outside-program".to_owned());
    let _ = reaper.spawn(move || child.wait());
    Ok(())
}

/// The last line of what it said.
fn told(said: &mut std::fs::File) -> String {
    let mut bytes = Vec::new();
    let length = said.metadata().map_or(0, |facts| facts.len());
    let from = SeekFrom::Start(length.saturating_sub(TOLD_BYTES));
    if said.seek(from).is_err() || said.take(TOLD_BYTES).read_to_end(&mut bytes).is_err() {
        return String::new();
    }
    let text = String::from_utf8_lossy(&bytes);
    let last = text.lines().rfind(|line| !line.trim().is_empty());
    last.map_or_else(String::new, |line| format!(": {}", line.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(words: &[&str]) -> Result<(), DetachedError> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        start_detached(&words, Path::new("/"))
    }

    #[test]
    fn a_program_that_ends_well_or_goes_on_has_opened() {
        started(&["/bin/sh", "-c", "exit 0"]).unwrap();
        started(&["/bin/sh", "-c", "sleep 3"]).unwrap();
    }

    #[test]
    fn a_bare_name_is_never_found_in_the_folder_it_is_started_in() {
        let here = env::current_dir().unwrap();
        let sh = |path: &str| absolute_program(OsStr::new("sh"), OsStr::new(path));
        for path in [".", "", ":", "./:..", "/nonesuch"] {
            assert!(sh(path).is_err(), "{path:?}");
        }
        assert_eq!(sh(".::/bin").unwrap(), Path::new("/bin/sh"));
        let named = absolute_program(OsStr::new("./a"), OsStr::new("/bin")).unwrap();
        assert_eq!(named, here.join("a"));
    }

    #[test]
    fn a_program_that_fails_is_told_with_its_last_words() {
        let failed = started(&["/bin/sh", "-c", "echo a >&2; echo no display >&2; exit 3"]);
        assert_eq!(
            failed.unwrap_err().to_string(),
            "the program ended with exit status: 3: no display: \"/bin/sh\""
        );
        let absent = started(&["/nonesuch/editor"]).unwrap_err().to_string();
        assert!(absent.contains("No such file") && absent.ends_with("\"/nonesuch/editor\""));
        assert!(matches!(started(&[]), Err(DetachedError::Empty)));
    }
}
