//! What a running program and all that it starts may use (RFC 3875 §9.5): setrlimit(2), from outside.
//!
//! The limits are set right after the start, so the first moments of a program are free of them. They are there
//! against a script that runs away, not against one that means harm.

use std::io;

/// The most that a program may use; `None` is no limit of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Resources {
    /// Processor time in seconds: SIGXCPU then, and SIGKILL a second later (`RLIMIT_CPU`).
    pub cpu_seconds: Option<u64>,
    /// Memory in bytes that one process may map: ENOMEM then (`RLIMIT_AS`).
    pub memory_bytes: Option<u64>,
    /// Processes of this user, those outside of the program too: EAGAIN for one more (`RLIMIT_NPROC`).
    pub processes: Option<u64>,
}

/// Limits a process that is ours.
///
/// # Errors
/// EPERM where a limit is above the one that this program itself has; ESRCH when the process is gone.
#[cfg(target_os = "linux")]
pub(super) fn limit(pid: u32, resources: &Resources) -> io::Result<()> {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = Some(pid.ok_or(io::ErrorKind::InvalidInput)?);
    let all = [
        (Resource::Cpu, resources.cpu_seconds, 1),
        (Resource::As, resources.memory_bytes, 0),
        (Resource::Nproc, resources.processes, 0),
    ];
    for (resource, most, grace) in all {
        if let Some(most) = most {
            let limit = Rlimit {
                current: Some(most),
                maximum: Some(most.saturating_add(grace)),
            };
            prlimit(pid, resource, limit)?;
        }
    }
    Ok(())
}

/// Other systems limit a process only from within.
#[cfg(not(target_os = "linux"))]
pub(super) fn limit(_: u32, resources: &Resources) -> io::Result<()> {
    if *resources == Resources::default() {
        Ok(())
    } else {
        Err(io::ErrorKind::Unsupported.into())
    }
}
