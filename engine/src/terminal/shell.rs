//! Asking the user's login shell what a terminal has.

use crate::process::{LaunchError, Program, Spawner};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Start files may be slow, but not that slow.
const LIMIT: Duration = Duration::from_secs(8);
const ANSWER_BYTES: usize = 1 << 20;
/// What start files print comes before it.
const MARK: &str = "cgi-studio: here it begins";
/// Understood by sh, bash, zsh, fish and their kin; `umask` is a part of each shell.
const QUESTION: &str = "printf '%s\\0' 'cgi-studio: here it begins'; umask; printf '\\0'; env -0";
/// The variables of our own environment that a terminal's shell begins with.
const HANDED_ON: [&str; 6] = ["HOME", "USER", "LOGNAME", "LANG", "TZ", "DISPLAY"];
const FIRST_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What a new terminal has.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terminal {
    /// The shell that was asked.
    pub shell: PathBuf,
    /// Its variables.
    pub environment: BTreeMap<OsString, OsString>,
    /// Its umask, where it told one.
    pub umask: Option<u32>,
}

impl Terminal {
    /// A variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.environment
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
    }
}

/// Why the shell gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It was not started.
    #[error("cannot ask the shell: {source}")]
    NotStarted {
        /// Why not.
        source: LaunchError,
    },
    /// Its start files took too long.
    #[error("the shell did not answer in {} s: its start files may wait for something: {shell:?}", LIMIT.as_secs())]
    TooSlow {
        /// The shell.
        shell: PathBuf,
    },
    /// It answered something else.
    #[error("the shell answered nothing that can be understood: {shell:?}")]
    NoAnswer {
        /// The shell.
        shell: PathBuf,
    },
    /// No thread or reactor.
    #[error("cannot ask the shell: {source}")]
    System {
        /// Why not.
        source: std::io::Error,
    },
}

/// Asks `shell` as a terminal starts it (`-lic`), for eight seconds at most. It runs the user's start files; blocks.
///
/// # Errors
/// It was not started, did not answer, or not in time.
pub fn ask(spawner: &Spawner, shell: &Path) -> Result<Terminal, AskError> {
    let own = |name: &&str| Some(((*name).into(), std::env::var_os(name)?));
    let mut environment: Vec<(OsString, OsString)> = HANDED_ON.iter().filter_map(own).collect();
    environment.push(("SHELL".into(), shell.into()));
    environment.push(("TERM".into(), "dumb".into()));
    environment.push(("PATH".into(), FIRST_PATH.into()));
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
    let program = Program {
        executable: shell.to_owned(),
        arguments: vec![shell.into(), "-lic".into(), QUESTION.into()],
        environment,
        directory: if home.is_dir() {
            home
        } else {
            PathBuf::from("/")
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| AskError::System { source })?;
    let answer = runtime
        .block_on(spawner.run_to_end(program, LIMIT, ANSWER_BYTES))
        .map_err(|source| AskError::NotStarted { source })?;
    let parsed = parse(shell, &answer.stdout);
    match parsed {
        Some(terminal) => Ok(terminal),
        None if answer.timed_out => Err(AskError::TooSlow {
            shell: shell.to_owned(),
        }),
        None => Err(AskError::NoAnswer {
            shell: shell.to_owned(),
        }),
    }
}

/// The mark, the umask, and the variables, each ended by a NUL.
fn parse(shell: &Path, answer: &[u8]) -> Option<Terminal> {
    let start = memchr::memmem::rfind(answer, MARK.as_bytes())? + MARK.len();
    let mut parts = answer
        .get(start..)?
        .strip_prefix(b"\0")?
        .split(|&byte| byte == 0);
    let umask = parts.next()?;
    let umask = std::str::from_utf8(umask).ok()?.trim();
    let environment: BTreeMap<OsString, OsString> = parts
        .filter_map(|part| {
            // env -0 begins right after the umask's NUL.
            let at = memchr::memchr(b'=', part)?;
            let name = part.get(..at).filter(|name| !name.is_empty())?;
            let value = part.get(at + 1..)?;
            Some((
                OsString::from_vec(name.to_vec()),
                OsString::from_vec(value.to_vec()),
            ))
        })
        // What the shell sets for itself says nothing of programs.
        .filter(|(name, _)| !matches!(name.as_bytes(), b"_" | b"SHLVL" | b"TERM" | b"OLDPWD"))
        .collect();
    (!environment.is_empty()).then(|| Terminal {
        shell: shell.to_owned(),
        environment,
        umask: u32::from_str_radix(umask, 8).ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told<'a> = (Option<u32>, &'a [(&'a str, &'a str)]);

    #[track_caller]
    fn check(answer: &[u8], expected: Option<Told<'_>>) {
        let terminal = parse(Path::new("/bin/sh"), answer);
        let told = terminal.map(|terminal| {
            let pairs: Vec<(String, String)> = terminal
                .environment
                .iter()
                .map(|(name, value)| {
                    (
                        name.to_string_lossy().into_owned(),
                        value.to_string_lossy().into_owned(),
                    )
                })
                .collect();
            (terminal.umask, pairs)
        });
        let expected = expected.map(|(umask, pairs)| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            (umask, pairs.collect())
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn what_start_files_print_is_passed_over() {
        check(
            b"Welcome!\ncgi-studio: here it begins\x000022\n\0A=1\0B=x\ny=z\0SHLVL=1\0",
            Some((Some(0o22), &[("A", "1"), ("B", "x\ny=z")])),
        );
        check(
            b"cgi-studio: here it begins\0?\n\0PATH=/bin\0=x\0",
            Some((None, &[("PATH", "/bin")])),
        );
        check(b"no such option", None);
        check(b"cgi-studio: here it begins\0", None);
        check(b"", None);
    }
}
