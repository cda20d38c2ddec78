//! The programs of other people that a test starts, and the end of each of them.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The folders where programs are looked for.
pub(crate) const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Whether every one of these programs is installed; the first that is not is named.
///
/// # Panics
/// One is missing where all of them have to be there: `CGI_STUDIO_CI=1`.
pub(crate) fn installed(names: &[&str]) -> bool {
    let missing = names
        .iter()
        .find(|name| !env::split_paths(PATH).any(|folder| folder.join(name).is_file()));
    missing.is_none_or(|name| skipped(name))
}

/// Says that a test is skipped for want of this program or library, and returns false.
///
/// # Panics
/// Everything has to be there: `CGI_STUDIO_CI=1`.
pub(crate) fn skipped(missing: &str) -> bool {
    let required = env::var_os("CGI_STUDIO_CI").is_some_and(|value| value == "1");
    assert!(!required, "{missing} is not installed");
    // Written past the capture of a test that passes: nobody shall take it for one that has looked.
    let _ = writeln!(io::stderr(), "skipped: {missing} is not installed");
    false
}

/// A program with nothing in its environment that comes from the one who runs the tests.
pub(crate) fn command(name: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new(name);
    command
        .env_clear()
        .env("PATH", PATH)
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// Runs a program to its end, which has to be a good one.
#[track_caller]
#[allow(clippy::disallowed_methods)] // tests drive the real programs
pub(crate) fn output(command: &mut Command) -> Vec<u8> {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{command:?} failed, {status}: {stderr}");
    stdout
}

/// A program that runs beside the test, in a process group of its own. Dropped, the group is killed.
pub(crate) struct Program {
    child: Child,
}

impl Program {
    /// Starts a program whose output nobody wants.
    pub(crate) fn start(mut command: Command) -> Self {
        Self::spawn(command.stdout(Stdio::null()))
    }

    /// Starts a program and returns what is found in the first line of its output in which something is.
    #[track_caller]
    pub(crate) fn start_until<T>(
        mut command: Command,
        found: impl Fn(&str) -> Option<T>,
    ) -> (Self, T) {
        let mut program = Self::spawn(command.stdout(Stdio::piped()));
        let mut output = BufReader::new(program.child.stdout.take().unwrap());
        let mut said = String::new();
        let value = loop {
            let mut line = String::new();
            let length = output.read_line(&mut line).unwrap();
            assert!(length > 0, "{command:?} ended: {said}");
            said.push_str(&line);
            if let Some(value) = found(&line) {
                break value;
            }
        };
        drain(output);
        (program, value)
    }

    #[allow(clippy::disallowed_methods)] // tests drive the real programs
    fn spawn(command: &mut Command) -> Self {
        let child = command.stderr(Stdio::null()).process_group(0).spawn();
        Self {
            child: child.unwrap_or_else(|error| panic!("{command:?}: {error}")),
        }
    }

    pub(crate) fn end(&mut self) {
        // It may have ended already, and what it started may be all that is left.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads on, so that the program never waits for a reader.
fn drain(mut output: BufReader<impl std::io::Read + Send + 'static>) {
    let read = move || {
        let mut ignored = [0; 4096];
        while output.read(&mut ignored).is_ok_and(|length| length > 0) {}
    };
    thread::Builder::new()
        .name("drain".to_owned())
        .spawn(read)
        .unwrap();
}

/// The processes that work in this folder or below it.
pub(crate) fn working_in(folder: &Path) -> Vec<i32> {
    let folder = folder.canonicalize().unwrap();
    let pids = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|place| place.starts_with(&folder))
    })
    .collect()
}

/// Kills, when dropped, whatever still works in this folder or below it.
pub(crate) struct Sweep<'a>(pub(crate) &'a Path);

impl Drop for Sweep<'_> {
    fn drop(&mut self) {
        for pid in working_in(self.0) {
            if let Some(pid) = Pid::from_raw(pid) {
                // It may have ended a moment ago.
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}
