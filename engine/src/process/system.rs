//! The system calls that no safe crate offers: each with the reason why it is sound here.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::Pid;

use super::exit::{Exit, ProcessEnd};

/// Takes the end of the child if it has ended (`wait4` with `WNOHANG`).
pub(super) fn wait4(pid: Pid) -> Result<Option<ProcessEnd>, Errno> {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are to live, writable memory of the right types.
    let waited = unsafe {
        libc::wait4(
            pid.as_raw_nonzero().get(),
            &raw mut status,
            libc::WNOHANG,
            usage.as_mut_ptr(),
        )
    };
    if waited < 0 {
        return Err(last_errno());
    }
    if waited == 0 {
        return Ok(None);
    }
    // SAFETY: all zeros is a valid `rusage` (integers only), and the call has filled it.
    let usage = unsafe { usage.assume_init() };
    Ok(Some(ProcessEnd {
        exit: exit(ExitStatus::from_raw(status)),
        user_time: duration(usage.ru_utime),
        system_time: duration(usage.ru_stime),
        peak_memory_bytes: count(usage.ru_maxrss) * MAXRSS_UNIT_BYTES,
        minor_faults: count(usage.ru_minflt),
        major_faults: count(usage.ru_majflt),
        measured: true,
    }))
}

/// Linux and the BSDs count `ru_maxrss` in KiB, Apple in bytes.
const MAXRSS_UNIT_BYTES: u64 = if cfg!(target_vendor = "apple") {
    1
} else {
    1024
};

/// The real-time signals included, where there are any; a number too many is an error, no harm.
const LAST_SIGNAL: i32 = 64;

/// Gives every ignored signal back its default, and blocks none: what our starter ignored or
/// blocked (`nohup`, a shell's background job) would pass through exec to every script. SIGPIPE is
/// left alone; `Command` restores it for the children.
pub(super) fn reset_signals() {
    for number in (1..=LAST_SIGNAL).filter(|&number| number != libc::SIGPIPE) {
        let mut action = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: a null new action only asks; the old one is written to live memory.
        let known = unsafe { libc::sigaction(number, std::ptr::null(), action.as_mut_ptr()) } == 0;
        // SAFETY: all zeros is a valid `sigaction` (integers, and an optional pointer).
        let action = unsafe { action.assume_init() };
        if known && action.sa_sigaction == libc::SIG_IGN {
            // SAFETY: SIG_DFL is no code of ours; no handler is replaced.
            unsafe { libc::signal(number, libc::SIG_DFL) };
        }
    }
    let mut none = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the set is live memory, made empty before it is used.
    unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut());
    }
}

/// Closes every descriptor from 3 up that was inherited. To be called before this process has
/// opened anything of its own.
pub(super) fn close_inherited() {
    #[cfg(target_os = "linux")]
    // SAFETY: nothing in this process owns a descriptor from 3 up yet.
    if unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32) } == 0 {
        return;
    }
    let open: Vec<i32> = std::fs::read_dir("/dev/fd")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for descriptor in open.into_iter().filter(|&descriptor| descriptor > 2) {
        // SAFETY: as above; the one that listed the folder is closed already, and that is no error.
        unsafe { libc::close(descriptor) };
    }
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, number) => Exit::Signal {
            number: number.unwrap_or(0),
            core_dumped: status.core_dumped(),
        },
    }
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_secs(count(time.tv_sec)) + Duration::from_micros(count(time.tv_usec))
}

/// The counters are signed in C and never negative.
fn count(value: impl TryInto<u64>) -> u64 {
    value.try_into().unwrap_or(0)
}

fn last_errno() -> Errno {
    let number = std::io::Error::last_os_error()
        .raw_os_error()
        .unwrap_or(libc::EIO);
    Errno::from_raw_os_error(number)
}
