//! How a process ended, what it used, and the signals by name.

use std::fmt;
use std::time::Duration;

use rustix::process::Signal as Number;
use serde::{Deserialize, Serialize};

/// How the main process of a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Exit {
    /// It called `exit` with this status, 0 to 255.
    Code(i32),
    /// A signal ended it.
    Signal {
        /// The signal's number on this system.
        number: i32,
        /// Whether the system wrote a core file.
        core_dumped: bool,
    },
}

impl Exit {
    /// Whether the process ended of its own accord with status 0.
    pub fn success(self) -> bool {
        self == Exit::Code(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Exit::Code(code) => write!(formatter, "exit {code}"),
            Exit::Signal {
                number,
                core_dumped,
            } => {
                write!(formatter, "{}", Signal(number))?;
                if core_dumped {
                    formatter.write_str(", core dumped")?;
                }
                Ok(())
            }
        }
    }
}

/// What is known of a process once it has been waited for (`wait4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessEnd {
    /// How the main process ended.
    pub exit: Exit,
    /// CPU time in user mode, of the process and of the children it waited for.
    pub user_time: Duration,
    /// CPU time in the kernel, of the process and of the children it waited for.
    pub system_time: Duration,
    /// The largest resident set, of the process or of one child it waited for (`ru_maxrss`).
    /// Its floor is the size of the resident spawner, a few MiB.
    pub peak_memory_bytes: u64,
    /// Page faults answered without reading from a disk.
    pub minor_faults: u64,
    /// Page faults that had to read from a disk.
    pub major_faults: u64,
    /// False when the spawner died first: then the process was killed, nobody saw it end, and
    /// times, memory and faults are zero because they are unknown.
    pub measured: bool,
}

impl ProcessEnd {
    /// The end of a process whose spawner died: killed, and nothing measured.
    pub(super) fn unmeasured(exit: Exit) -> ProcessEnd {
        ProcessEnd {
            exit,
            user_time: Duration::ZERO,
            system_time: Duration::ZERO,
            peak_memory_bytes: 0,
            minor_faults: 0,
            major_faults: 0,
            measured: false,
        }
    }
}

/// A signal, by its number on this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Signal(i32);

impl Signal {
    /// Asks a process to end; it may clean up first, or refuse.
    pub const TERM: Signal = Signal(Number::TERM.as_raw());
    /// Ends a process; it cannot refuse.
    pub const KILL: Signal = Signal(Number::KILL.as_raw());
    /// What Ctrl-C sends.
    pub const INT: Signal = Signal(Number::INT.as_raw());
    /// Lets a stopped process go on.
    pub const CONT: Signal = Signal(Number::CONT.as_raw());

    /// The signal with this number, whether or not the system knows it.
    pub fn from_number(number: i32) -> Signal {
        Signal(number)
    }

    /// The signal of this name, with or without its `SIG`, whatever the letter case.
    pub fn named(name: &str) -> Option<Signal> {
        let same = |known: &str| {
            let short = known.strip_prefix("SIG").unwrap_or(known);
            known.eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
        };
        NAMES
            .iter()
            .find(|(_, known)| same(known))
            .map(|(number, _)| Signal(number.as_raw()))
    }

    /// The signal's number.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The name with its `SIG`, or none for real-time and unknown signals.
    pub fn name(self) -> Option<&'static str> {
        NAMES
            .iter()
            .find(|(number, _)| number.as_raw() == self.0)
            .map(|&(_, name)| name)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "signal {}", self.0),
        }
    }
}

const NAMES: &[(Number, &str)] = &[
    (Number::HUP, "SIGHUP"),
    (Number::INT, "SIGINT"),
    (Number::QUIT, "SIGQUIT"),
    (Number::ILL, "SIGILL"),
    (Number::TRAP, "SIGTRAP"),
    (Number::ABORT, "SIGABRT"),
    (Number::BUS, "SIGBUS"),
    (Number::FPE, "SIGFPE"),
    (Number::KILL, "SIGKILL"),
    (Number::USR1, "SIGUSR1"),
    (Number::SEGV, "SIGSEGV"),
    (Number::USR2, "SIGUSR2"),
    (Number::PIPE, "SIGPIPE"),
    (Number::ALARM, "SIGALRM"),
    (Number::TERM, "SIGTERM"),
    (Number::CHILD, "SIGCHLD"),
    (Number::CONT, "SIGCONT"),
    (Number::STOP, "SIGSTOP"),
    (Number::TSTP, "SIGTSTP"),
    (Number::TTIN, "SIGTTIN"),
    (Number::TTOU, "SIGTTOU"),
    (Number::URG, "SIGURG"),
    (Number::XCPU, "SIGXCPU"),
    (Number::XFSZ, "SIGXFSZ"),
    (Number::VTALARM, "SIGVTALRM"),
    (Number::PROF, "SIGPROF"),
    (Number::WINCH, "SIGWINCH"),
    (Number::IO, "SIGIO"),
    (Number::SYS, "SIGSYS"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(exit: Exit, expected: &str) {
        assert_eq!(exit.to_string(), expected);
    }

    #[test]
    fn an_exit_reads_as_a_person_would_say_it() {
        check(Exit::Code(0), "exit 0");
        check(Exit::Code(1), "exit 1");
        check(
            Exit::Signal {
                number: 9,
                core_dumped: false,
            },
            "SIGKILL",
        );
        check(
            Exit::Signal {
                number: Number::SEGV.as_raw(),
                core_dumped: true,
            },
            "SIGSEGV, core dumped",
        );
        check(
            Exit::Signal {
                number: 40,
                core_dumped: false,
            },
            "signal 40",
        );
    }
}
