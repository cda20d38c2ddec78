//! One program in the spawner's hands: started, seen to end, its group killed, waited for.
//!
//! A program that ended is kept as a zombie until it is reaped: as long as the zombie stands, the
//! number of its group cannot belong to anybody else.

use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, WaitOptions, kill_process_group,
    test_kill_process_group, waitid, waitpgid,
};

use super::control::Streams;
use super::exit::{Exit, ProcessEnd};
use super::launch::Program;
use super::system;

/// How long a killed group may take to vanish before its end is reported all the same.
const GROUP_LIMIT: Duration = Duration::from_secs(2);

/// A program that was started and whose end is not yet reported.
pub(super) struct Child {
    pub(super) pid: Pid,
    /// Readable once the process has ended. None: it has ended, or the system cannot tell so.
    pub(super) pidfd: Option<OwnedFd>,
    pub(super) exit: Option<Exit>,
    /// Nobody wants the time between the exit and the reaping.
    pub(super) reap_after_exit: bool,
    reaping: Option<Reaping>,
}

/// A group that was killed.
struct Reaping {
    /// What `wait4` told of the main process, once it did.
    end: Option<ProcessEnd>,
    give_up: Instant,
}

impl Child {
    /// Starts a program that leads a new group.
    pub(super) fn start(program: Program, streams: Streams) -> Result<Child, Errno> {
        let pid = start(program, streams)?;
        let pidfd = open_pidfd(pid);
        Ok(Child {
            pid,
            pidfd,
            exit: None,
            reap_after_exit: false,
            reaping: None,
        })
    }

    /// Whether something is to happen that nothing announces.
    pub(super) fn needs_asking(&self) -> bool {
        match self.exit {
            None => self.pidfd.is_none(),
            Some(_) => self.reaping.is_some(),
        }
    }

    /// How the main process ended, if it has; it stays a zombie.
    pub(super) fn notice_exit(&mut self) -> Option<Exit> {
        if self.exit.is_none() {
            self.exit = exit_without_reaping(self.pid);
        }
        if self.exit.is_some() {
            self.pidfd = None;
        }
        self.exit
    }

    /// Whether the group was killed, now or before.
    pub(super) fn reaping(&self) -> bool {
        self.reaping.is_some()
    }

    /// Sends a signal to the group, as long as its number is ours.
    pub(super) fn signal(&self, signal: Signal) {
        if self
            .reaping
            .as_ref()
            .is_none_or(|reaping| reaping.end.is_none())
        {
            let _ = kill_process_group(self.pid, signal);
        }
    }

    /// Kills the group; [`reaped`](Child::reaped) goes on from there.
    pub(super) fn kill_group(&mut self) {
        if self.reaping.is_none() {
            self.signal(Signal::KILL);
            let give_up = Instant::now() + GROUP_LIMIT;
            self.reaping = Some(Reaping { end: None, give_up });
        }
    }

    /// The end, when the group was killed and nobody of it is left.
    pub(super) fn reaped(&mut self) -> Option<ProcessEnd> {
        let reaping = self.reaping.as_mut()?;
        if reaping.end.is_none() {
            reaping.end = match system::wait4(self.pid) {
                Ok(end) => end,
                // It cannot be, but nobody shall wait for ever: its end is not ours to know.
                Err(_) => Some(ProcessEnd::unmeasured(KILLED)),
            };
        }
        let end = reaping.end?;
        self.exit = Some(end.exit);
        self.pidfd = None;
        // Members that the main process left are ours by adoption, and keep the number taken. From
        // the last of them on it could be a stranger's; therefore this only asks.
        let mut empty = test_kill_process_group(self.pid).is_err();
        while !empty && matches!(waitpgid(self.pid, WaitOptions::NOHANG), Ok(Some(_))) {
            empty = test_kill_process_group(self.pid).is_err();
        }
        (empty || Instant::now() >= reaping.give_up).then_some(end)
    }
}

/// What is said of a process that nobody could wait for.
pub(super) const KILLED: Exit = Exit::Signal {
    number: Signal::KILL.as_raw(),
    core_dumped: false,
};

#[allow(clippy::disallowed_methods)] // The home of starting programs.
fn start(program: Program, streams: Streams) -> Result<Pid, Errno> {
    let [stdin, stdout, stderr] = streams.map(Stdio::from);
    let mut arguments = program.arguments.into_iter();
    let mut command = Command::new(&program.executable);
    // Nothing here may add a `pre_exec`: without one this is a posix_spawn, which costs the same
    // however much memory the caller has.
    command
        .arg0(
            arguments
                .next()
                .unwrap_or_else(|| program.executable.clone().into_os_string()),
        )
        .args(arguments)
        .env_clear()
        .envs(program.environment)
        .current_dir(program.directory)
        .process_group(0)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(stderr);
    let errno = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::INVAL);
    let child = command.spawn().map_err(errno)?;
    process_id(child.id()).ok_or(Errno::SRCH)
}

/// How the process ended, if it has; it stays a zombie.
fn exit_without_reaping(pid: Pid) -> Option<Exit> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    match waitid(WaitId::Pid(pid), options) {
        Ok(status) => status.as_ref().map(exit_from_wait),
        Err(_) => Some(KILLED),
    }
}

fn exit_from_wait(status: &WaitIdStatus) -> Exit {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, number) => Exit::Signal {
            number: number.unwrap_or(0),
            core_dumped: status.dumped(),
        },
    }
}

pub(super) fn process_id(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

#[cfg(target_os = "linux")]
fn open_pidfd(pid: Pid) -> Option<OwnedFd> {
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn open_pidfd(_pid: Pid) -> Option<OwnedFd> {
    None
}
