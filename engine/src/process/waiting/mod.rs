//! What a program that says nothing is doing: it computes, or the system tells what it waits for.
//!
//! Nothing is stopped or traced: `/proc` is read twice, a moment apart. Elsewhere than on Linux, and where
//! `/proc` is closed, nothing is said.

mod descriptor;
mod judge;
mod system_call;
mod thread;

use super::group::{Member, family, member};
use std::ffi::OsString;
use std::time::{Duration, Instant};
use thread::Thread;

/// More processes of a run, and more threads of a process, are not looked at.
const MOST_PROCESSES: usize = 32;
const MOST_THREADS: usize = 64;

/// What a program was seen to do, or to wait for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The process that keeps the others waiting: the script's own, or one that it started.
    pub process: Member,
    /// Those that wait for it, the script's own process first; empty where that is `process` itself.
    pub behind: Vec<Member>,
    /// What it does.
    pub cause: WaitCause,
    /// What it waits for: a path, an address, a process; empty where that is not known or needs no name.
    pub target: OsString,
    /// The system call in which it stands, as `read(0)`; empty where the system does not tell.
    pub system_call: String,
    /// Processor time that it used while it was looked at.
    pub cpu: Duration,
    /// How long it was looked at.
    pub looked: Duration,
}

/// What a silent process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitCause {
    /// It computes.
    Computes,
    /// It reads its standard input, and nothing is there.
    StandardInput,
    /// It waits for time to pass.
    Sleeps,
    /// It waits for the other side of a socket to answer.
    SocketAnswer,
    /// It waits for a connection that it makes.
    SocketConnect,
    /// It waits for somebody to connect.
    SocketAccept,
    /// It waits for the other side of a socket to take what it sends.
    SocketSend,
    /// It waits for a lock on a file that somebody else holds.
    FileLock,
    /// It reads a file, a device or a named pipe.
    Read,
    /// It writes into its output, which nobody takes.
    Output,
    /// It writes elsewhere, and nobody takes it.
    Write,
    /// It waits for a program that it started, of which no more is known.
    Child,
    /// One of its threads waits for another.
    Thread,
    /// It waits for one of several things at once.
    Events,
    /// It waits for a signal.
    Signal,
    /// It waits for a disk or a network file system; not even KILL ends that.
    Disk,
    /// It was stopped by a signal or a debugger.
    Stopped,
    /// It has ended, and one that it started keeps its output open.
    Left,
    /// It waits, and the system does not tell for what.
    Unknown,
}

impl WaitCause {
    /// A stable name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Computes => "computes",
            Self::StandardInput => "standard_input",
            Self::Sleeps => "sleeps",
            Self::SocketAnswer => "socket_answer",
            Self::SocketConnect => "socket_connect",
            Self::SocketAccept => "socket_accept",
            Self::SocketSend => "socket_send",
            Self::FileLock => "file_lock",
            Self::Read => "read",
            Self::Output => "output",
            Self::Write => "write",
            Self::Child => "child",
            Self::Thread => "thread",
            Self::Events => "events",
            Self::Signal => "signal",
            Self::Disk => "disk",
            Self::Stopped => "stopped",
            Self::Left => "left",
            Self::Unknown => "unknown",
        }
    }
}

/// Two looks at a run, a moment apart. Reads `/proc`, which takes milliseconds: not for a thread that must not wait.
#[derive(Debug)]
pub struct Onlook {
    at: Instant,
    family: Vec<Seen>,
}

/// A process as it was seen.
#[derive(Clone, Debug)]
struct Seen {
    pid: u32,
    parent: u32,
    ended: bool,
    threads: Vec<Thread>,
}

impl Seen {
    fn cpu(&self) -> Duration {
        self.threads.iter().map(|thread| thread.cpu).sum()
    }
}

impl Onlook {
    /// Looks at the process group `group` and all that it started; none where the system does not tell.
    #[must_use]
    pub fn at(group: u32) -> Option<Self> {
        let at = Instant::now();
        let mut relatives = family(group);
        // The script's own process is the one to begin with.
        relatives.sort_by_key(|one| (one.pid != group, one.pid));
        let family: Vec<Seen> = relatives
            .into_iter()
            .take(MOST_PROCESSES)
            .map(|one| Seen {
                pid: one.pid,
                parent: one.parent,
                ended: one.ended,
                threads: thread::all(one.pid, MOST_THREADS),
            })
            .collect();
        (!family.is_empty()).then_some(Self { at, family })
    }

    /// Looks again, and tells what keeps it; none where the processes are others by now.
    #[must_use]
    pub fn again(&self, group: u32) -> Option<Waiting> {
        let now = Self::at(group)?;
        let looked = now.at.saturating_duration_since(self.at);
        let verdict = judge::judge(&now.family, |pid| self.cpu_since(&now, pid), looked)?;
        Some(Waiting {
            process: member(verdict.pid),
            behind: verdict.behind.into_iter().map(member).collect(),
            cause: verdict.cause,
            target: verdict.target,
            system_call: verdict.system_call,
            cpu: self.cpu_since(&now, verdict.pid),
            looked,
        })
    }

    fn cpu_since(&self, now: &Self, pid: u32) -> Duration {
        let of = |look: &Self| {
            look.family
                .iter()
                .find(|seen| seen.pid == pid)
                .map(Seen::cpu)
        };
        match (of(self), of(now)) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => Duration::ZERO,
        }
    }
}
