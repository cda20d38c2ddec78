//! Starts the real binary in a clean environment and watches it.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Far more than anything here takes, so that a busy machine fails no test.
const PATIENCE: Duration = Duration::from_secs(60);

/// A user's home, empty and gone afterwards.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes an executable script and returns its path.
    pub(crate) fn script(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Unpacks an example and returns its folder.
    pub(crate) fn example(&self, name: &str) -> PathBuf {
        let sample = cgi_studio::samples::sample(name).unwrap();
        cgi_studio::samples::unpack(sample, &self.path().join("sites")).unwrap()
    }

    /// The studio with nothing in its environment that comes from the one who runs the tests.
    pub(crate) fn studio(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cgi-studio"));
        command
            .args(arguments)
            .env_clear()
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.path())
            .env("TZ", "UTC");
        for name in [
            "XDG_DATA_HOME",
            "XDG_CONFIG_HOME",
            "XDG_STATE_HOME",
            "XDG_CACHE_HOME",
            "XDG_RUNTIME_DIR",
        ] {
            command.env(name, self.path().join(name.to_lowercase()));
        }
        command
    }

    /// The studio as `"$@"` of a shell's command.
    pub(crate) fn studio_in_shell(&self, command: &str, arguments: &[&str]) -> Command {
        let studio = self.studio(arguments);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", command, "sh"]);
        shell.arg(studio.get_program()).args(studio.get_args());
        shell.env_clear().current_dir(self.path());
        let set = |(name, value): (_, Option<_>)| Some((name, value?));
        shell.envs(studio.get_envs().filter_map(set));
        shell
    }

    /// Runs the studio to its end.
    #[expect(
        clippy::disallowed_methods,
        reason = "the program under test is started here"
    )]
    pub(crate) fn end_of(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.studio(arguments).output().unwrap())
    }

    /// Starts the studio and waits until it serves.
    pub(crate) fn serving(&self, arguments: &[&str]) -> Serving {
        Serving::start(self.studio(arguments))
    }
}

/// What is left of a studio that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// A studio that serves. Dropped, it is killed.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The line that named the address, and what stood before it.
    pub(crate) first_lines: Vec<String>,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Serving {
    #[expect(
        clippy::disallowed_methods,
        reason = "the program under test is started here"
    )]
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        let mut first_lines = Vec::new();
        let address = loop {
            let line = next(&stderr).unwrap_or_else(|| panic!("it ended: {first_lines:#?}"));
            let address = line.starts_with("serving ").then(|| address_in(&line));
            first_lines.push(line);
            if let Some(address) = address {
                break address;
            }
        };
        Self {
            child,
            address,
            first_lines,
            stdout,
            stderr,
        }
    }

    /// Asks for a target and returns the whole answer.
    pub(crate) fn get(&self, target: &str) -> String {
        let mut stream = self.ask(target);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Kills it (SIGKILL) and returns what it had said on standard output until then.
    pub(crate) fn kill(&self) -> Vec<String> {
        self.signal(Signal::KILL);
        self.stdout.iter().collect()
    }

    /// Asks for a target and waits for nothing.
    pub(crate) fn ask(&self, target: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        )
        .unwrap();
        stream
    }

    /// The next line of standard output that holds these words.
    #[track_caller]
    pub(crate) fn stdout_line(&self, words: &str) -> String {
        line_with(&self.stdout, words)
    }

    /// The next line of standard error that holds these words.
    #[track_caller]
    pub(crate) fn stderr_line(&self, words: &str) -> String {
        line_with(&self.stderr, words)
    }

    pub(crate) fn stop_reading_stdout(&mut self) {
        // The reading thread holds the pipe until it wants to hand over a line.
        self.stdout = channel().1;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn try_wait(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Ends it by signal once every script has ended; returns what it had not yet said on standard output and error.
    #[track_caller]
    pub(crate) fn end(mut self) -> (Vec<String>, Vec<String>) {
        let spawners = children_of(self.pid());
        wait_until("every script has ended", || {
            let scripts = spawners.iter().flat_map(|spawner| children_of(*spawner));
            (scripts.count() == 0).then_some(())
        });
        self.signal(Signal::TERM);
        assert_eq!(self.wait().code(), Some(0));
        (self.stdout.iter().collect(), self.stderr.iter().collect())
    }

    /// Waits until it has ended.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        wait_until("the studio ends", || self.child.try_wait().unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks for a target; the studio may go away meanwhile.
pub(crate) fn try_get(address: SocketAddr, target: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Waits for something to be so, with patience.
#[track_caller]
pub(crate) fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::yield_now();
        thread::park_timeout(Duration::from_millis(5));
    }
}

/// A process that has ended; one that nobody has waited for yet counts as well.
pub(crate) fn is_gone(pid: u32) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat
            .rsplit_once(')')
            .is_some_and(|(_, rest)| rest.trim_start().starts_with('Z')),
        Err(_) => true,
    }
}

/// The children of a process.
pub(crate) fn children_of(parent: u32) -> Vec<u32> {
    let pids = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_child = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // After the name, which may hold anything, come the state and the parent.
        let parent_of = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        parent_of == Some(parent)
    };
    pids.filter(is_child).collect()
}

fn address_in(line: &str) -> SocketAddr {
    let url = line
        .split_once(" at http://")
        .unwrap_or_else(|| panic!("no address: {line}"))
        .1;
    url.split('/').next().unwrap().parse().unwrap()
}

pub(crate) fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (to, lines) = channel();
    let read = move || {
        for line in BufReader::new(stream).lines() {
            if line.is_err() || to.send(line.unwrap_or_default()).is_err() {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("lines".to_owned())
        .spawn(read)
        .unwrap();
    lines
}

fn next(lines: &Receiver<String>) -> Option<String> {
    match lines.recv_timeout(PATIENCE) {
        Ok(line) => Some(line),
        Err(RecvTimeoutError::Disconnected) => None,
        Err(RecvTimeoutError::Timeout) => panic!("waited in vain for a line"),
    }
}

#[track_caller]
fn line_with(lines: &Receiver<String>, words: &str) -> String {
    let mut seen = Vec::new();
    loop {
        match next(lines) {
            Some(line) if line.contains(words) => return line,
            Some(line) => seen.push(line),
            None => panic!("ended without a line with {words:?}: {seen:#?}"),
        }
    }
}
