//! The system call in which a thread stands, and what its arguments mean for somebody who asks why it waits.

use super::descriptor;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// Descriptors of one poll or select that are looked at.
const MOST_POLLED: u64 = 64;

/// A system call under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) kind: Kind,
    /// Its number, as the system has it.
    number: i64,
    arguments: [u64; 6],
    /// What its descriptors lead to, those of a poll included.
    pub(super) descriptors: Vec<descriptor::Open>,
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Write,
    Open,
    Receive,
    Send,
    Connect,
    Accept,
    Poll,
    Select,
    EventPoll,
    Sleep,
    WaitForChild,
    Futex,
    Lock,
    Signal,
    Other,
}

impl Call {
    /// proc(5), `/proc/PID/syscall`: number, six arguments, stack and program counter; `running` is none, and so is
    /// -1, where it is blocked without a call.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut fields = text.split_ascii_whitespace();
        let number: i64 = fields.next()?.parse().ok()?;
        if number < 0 {
            return None;
        }
        let mut arguments = [0; 6];
        for argument in &mut arguments {
            *argument = u64::from_str_radix(fields.next()?.strip_prefix("0x")?, 16).ok()?;
        }
        Some(Self {
            kind: kind(number, &arguments),
            number,
            arguments,
            descriptors: Vec::new(),
        })
    }

    /// As `read(0)`, for people.
    pub(super) fn name(&self) -> String {
        let name = name(self.number);
        match self.kind {
            _ if name.is_empty() => format!("system call {}", self.number),
            Kind::Read
            | Kind::Write
            | Kind::Receive
            | Kind::Send
            | Kind::Connect
            | Kind::Accept
            | Kind::Lock => format!("{name}({})", self.argument(0)),
            _ => name.to_owned(),
        }
    }

    fn argument(&self, index: usize) -> u64 {
        self.arguments.get(index).copied().unwrap_or(0)
    }

    /// The child that a wait4 asks for; none: any.
    pub(super) fn awaited(&self) -> Option<u32> {
        let by_wait4 = self.number == libc::SYS_wait4;
        let by_waitid =
            self.number == libc::SYS_waitid && self.argument(0) == u64::from(libc::P_PID);
        let argument = match (by_wait4, by_waitid) {
            (true, _) => self.argument(0),
            (_, true) => self.argument(1),
            _ => return None,
        };
        // The kernel shows an int in a register: the low half counts, and -1 is any child.
        u32::try_from(argument & 0xffff_ffff)
            .ok()
            .filter(|&pid| pid > 0 && pid <= i32::MAX.unsigned_abs())
    }

    /// A select without descriptors is a pause.
    pub(super) fn asks_for_nothing(&self) -> bool {
        match self.kind {
            Kind::Select => self.argument(0) == 0,
            Kind::Poll => self.argument(1) == 0,
            _ => false,
        }
    }
}

/// Finds out where the descriptors of the call lead.
pub(super) fn with_descriptors(pid: u32, mut call: Call) -> Call {
    let numbers = match call.kind {
        Kind::Read
        | Kind::Write
        | Kind::Receive
        | Kind::Send
        | Kind::Connect
        | Kind::Accept
        | Kind::Lock => u32::try_from(call.argument(0)).into_iter().collect(),
        Kind::Poll => polled(pid, call.argument(0), call.argument(1)),
        Kind::Select => selected(pid, call.argument(0), call.argument(1)),
        _ => Vec::new(),
    };
    call.descriptors = numbers
        .into_iter()
        .filter_map(|number| descriptor::Open::of(pid, number))
        .collect();
    call
}

/// The descriptors of a poll: structures of eight bytes in the program's memory, the number first (poll(2)).
fn polled(pid: u32, address: u64, count: u64) -> Vec<u32> {
    let bytes = memory(pid, address, count.min(MOST_POLLED).saturating_mul(8));
    let numbers = bytes.chunks_exact(8).filter_map(|one| {
        let number = one.first_chunk::<4>()?;
        u32::try_from(i32::from_ne_bytes(*number)).ok()
    });
    numbers.collect()
}

/// The descriptors for which a select waits until they can be read: a set of bits (select(2)).
fn selected(pid: u32, count: u64, address: u64) -> Vec<u32> {
    let bytes = memory(pid, address, count.min(1024).div_ceil(64).saturating_mul(8));
    let bits = bytes.iter().enumerate().flat_map(|(index, byte)| {
        (0..8).filter_map(move |bit| (byte >> bit & 1 == 1).then_some(index * 8 + bit))
    });
    let most = usize::try_from(MOST_POLLED).unwrap_or(usize::MAX);
    bits.filter_map(|number| u32::try_from(number).ok())
        .take(most)
        .collect()
}

fn memory(pid: u32, address: u64, length: u64) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    let read = match File::open(format!("/proc/{pid}/mem")) {
        Ok(memory) if address > 0 => memory.read_at(&mut bytes, address).unwrap_or(0),
        _ => 0,
    };
    bytes.truncate(read);
    bytes
}

fn kind(number: i64, arguments: &[u64; 6]) -> Kind {
    let [_, second, ..] = *arguments;
    let command = i32::try_from(second).unwrap_or(0);
    match name(number) {
        "read" | "readv" | "pread64" => Kind::Read,
        "write" | "writev" | "pwrite64" | "sendfile" => Kind::Write,
        "open" | "openat" => Kind::Open,
        "recvfrom" | "recvmsg" => Kind::Receive,
        "sendto" | "sendmsg" => Kind::Send,
        "connect" => Kind::Connect,
        "accept" | "accept4" => Kind::Accept,
        "poll" | "ppoll" => Kind::Poll,
        "select" | "pselect6" => Kind::Select,
        "epoll_wait" | "epoll_pwait" => Kind::EventPoll,
        "nanosleep" | "clock_nanosleep" => Kind::Sleep,
        "wait4" | "waitid" => Kind::WaitForChild,
        "futex" => Kind::Futex,
        "flock" => Kind::Lock,
        // F_OFD_SETLKW waits as well (fcntl(2)).
        "fcntl" if command == libc::F_SETLKW || command == 38 => Kind::Lock,
        "pause" | "rt_sigsuspend" | "rt_sigtimedwait" => Kind::Signal,
        _ => Kind::Other,
    }
}

/// The names of the calls in which programs wait; empty for all others.
fn name(number: i64) -> &'static str {
    let known = [
        (libc::SYS_read, "read"),
        (libc::SYS_readv, "readv"),
        (libc::SYS_pread64, "pread64"),
        (libc::SYS_write, "write"),
        (libc::SYS_writev, "writev"),
        (libc::SYS_pwrite64, "pwrite64"),
        (libc::SYS_sendfile, "sendfile"),
        (libc::SYS_openat, "openat"),
        (libc::SYS_recvfrom, "recvfrom"),
        (libc::SYS_recvmsg, "recvmsg"),
        (libc::SYS_sendto, "sendto"),
        (libc::SYS_sendmsg, "sendmsg"),
        (libc::SYS_connect, "connect"),
        (libc::SYS_accept, "accept"),
        (libc::SYS_accept4, "accept4"),
        (libc::SYS_ppoll, "ppoll"),
        (libc::SYS_pselect6, "pselect6"),
        (libc::SYS_epoll_pwait, "epoll_pwait"),
        (libc::SYS_nanosleep, "nanosleep"),
        (libc::SYS_clock_nanosleep, "clock_nanosleep"),
        (libc::SYS_wait4, "wait4"),
        (libc::SYS_waitid, "waitid"),
        (libc::SYS_futex, "futex"),
        (libc::SYS_flock, "flock"),
        (libc::SYS_fcntl, "fcntl"),
        (libc::SYS_rt_sigsuspend, "rt_sigsuspend"),
        (libc::SYS_rt_sigtimedwait, "rt_sigtimedwait"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, "open"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_poll, "poll"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_select, "select"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_epoll_wait, "epoll_wait"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_pause, "pause"),
    ];
    known
        .into_iter()
        .find(|(known, _)| *known == number)
        .map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(Kind, &str)>) {
        let call = Call::parse(text.as_bytes());
        let found = call.as_ref().map(|call| (call.kind, call.name()));
        assert_eq!(found, expected.map(|(kind, name)| (kind, name.to_owned())));
    }

    #[test]
    fn a_call_is_known_by_its_number_and_arguments() {
        let line = |number: i64, first: u64, second: u64| {
            format!("{number} {first:#x} {second:#x} 0x0 0x0 0x0 0x0 0x7ffd 0x7f12\n")
        };
        check(&line(libc::SYS_read, 0, 99), Some((Kind::Read, "read(0)")));
        check(&line(libc::SYS_flock, 4, 2), Some((Kind::Lock, "flock(4)")));
        check(&line(libc::SYS_fcntl, 4, 1), Some((Kind::Other, "fcntl")));
        check(&line(libc::SYS_fcntl, 4, 7), Some((Kind::Lock, "fcntl(4)")));
        check(&line(9_999, 4, 7), Some((Kind::Other, "system call 9999")));
        check("running\n", None);
        check("-1 0x7ffd 0x7f12\n", None);
        check("0 0x0 0x", None);
        check("", None);
    }

    #[test]
    fn the_awaited_child_is_read_as_an_int() {
        let awaited = |first: &str| {
            let text = format!("{} {first} 0x0 0x0 0x0 0x0 0x0 0x1 0x1", libc::SYS_wait4);
            Call::parse(text.as_bytes()).and_then(|call| call.awaited())
        };
        assert_eq!(awaited("0x11"), Some(17));
        assert_eq!(awaited("0xffffffffffffffff"), None);
        assert_eq!(awaited("0xffffffff"), None);
        assert_eq!(awaited("0x0"), None);
    }
}
