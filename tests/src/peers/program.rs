//! A program of a peer: found on the search path, started in a group of its own, stopped with all it started.

use crate::system;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::env;
use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where the programs are looked for: servers stand in the `sbin` folders.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The state of a listening socket in `/proc/net/tcp`.
const LISTENING: &str = "0A";

/// How long a program may take to stop when asked to.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// The program's path, if it is installed.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let mut paths = env::split_paths(PATH).map(|folder| folder.join(name));
    paths.find(|path| path.is_file())
}

/// A command with nothing in its environment that comes from the one who runs the tests.
pub(super) fn command(name: &str) -> Command {
    let mut command = Command::new(find(name).unwrap_or_else(|| PathBuf::from(name)));
    command
        .env_clear()
        .env("PATH", PATH)
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

/// What the program writes, stdout before stderr, when it is run with these arguments.
#[allow(clippy::disallowed_methods)] // tests drive the real programs
pub(super) fn said_by(name: &str, arguments: &[&str]) -> io::Result<String> {
    let mut command = command(name);
    if name == "go" {
        super::go_host::settle(&mut command)?;
    }
    let output = command.args(arguments).output()?;
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(said)
}

/// A program that runs beside the tests.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
}

impl Program {
    /// Starts it with its output in the log.
    #[allow(clippy::disallowed_methods)] // tests drive the real programs
    pub(super) fn start(mut command: Command, log: &Path) -> io::Result<Self> {
        let log = File::create(log)?;
        let child = command
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        Ok(Self { child })
    }

    /// It runs no more.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// It, or a process of its group, holds the listening socket of that IPv4 address.
    pub(super) fn listens_on(&self, address: SocketAddr) -> bool {
        let sockets = listening_sockets(address);
        system::members(self.child.id()).into_iter().any(|pid| {
            let open = fs::read_dir(format!("/proc/{pid}/fd"))
                .into_iter()
                .flatten();
            let mut open = open
                .flatten()
                .filter_map(|entry| fs::read_link(entry.path()).ok());
            open.any(|target| sockets.iter().any(|socket| target == Path::new(socket)))
        })
    }

    /// Asks it to stop, which lets it end what it has put into other groups; then kills what is left of its own.
    pub(super) fn stop(&mut self) {
        let process = Pid::from_child(&self.child);
        if !self.has_ended() {
            let _ = kill_process(process, Signal::TERM);
            let deadline = Instant::now() + STOP_LIMIT;
            // The zombie is not collected yet, so that the group's number stays its own.
            while !is_zombie(process) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
            let _ = kill_process_group(process, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The sockets that listen there, as the links of `/proc/PID/fd` name them.
fn listening_sockets(address: SocketAddr) -> Vec<String> {
    let IpAddr::V4(ip) = address.ip() else {
        return Vec::new();
    };
    // The kernel writes the address as one number in the machine's own order (proc_net(5)).
    let number = u32::from_ne_bytes(ip.octets());
    let local = format!("{number:08X}:{:04X}", address.port());
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let rows = table
        .lines()
        .map(|row| row.split_ascii_whitespace().collect::<Vec<_>>());
    let listening =
        rows.filter(|row| row.get(1) == Some(&local.as_str()) && row.get(3) == Some(&LISTENING));
    let inodes = listening.filter_map(|row| row.get(9).map(|inode| format!("socket:[{inode}]")));
    inodes.collect()
}

/// The process has ended and waits to be collected.
fn is_zombie(process: Pid) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    !matches!(waitid(WaitId::Pid(process), options), Ok(None))
}
