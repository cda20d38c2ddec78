//! Who keeps a run waiting, and how: from the script's own process along those that it waits for.

use super::descriptor::Open;
use super::system_call::{Call, Kind};
use super::thread::Thread;
use super::{Seen, WaitCause};
use crate::process::group::{member, writes_to};
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

/// From this share of the time on it is computing that keeps it.
const BUSY: f64 = 0.5;
/// Processes that wait for one another are followed so far.
const LONGEST_CHAIN: usize = 8;

/// What was found, by process ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) pid: u32,
    pub(super) behind: Vec<u32>,
    pub(super) cause: WaitCause,
    pub(super) target: OsString,
    pub(super) system_call: String,
}

/// A process's answer: it waits for another one, or for something of the world.
enum Step<'a> {
    For(&'a Seen),
    Here(WaitCause, OsString),
}

/// Judges a family whose first is the script's own process; none where nobody of it is left.
pub(super) fn judge(
    family: &[Seen],
    cpu_since: impl Fn(u32) -> Duration,
    looked: Duration,
) -> Option<Verdict> {
    let first = family.first()?;
    let verdict = |seen: &Seen, behind: Vec<u32>, cause, target| Verdict {
        pid: seen.pid,
        behind,
        cause,
        target,
        system_call: telling(seen)
            .and_then(|thread| Some(thread.call.as_ref()?.name()))
            .unwrap_or_default(),
    };
    if first.ended {
        let left = family.iter().find(|seen| !seen.ended)?;
        return Some(verdict(
            left,
            vec![first.pid],
            WaitCause::Left,
            OsString::new(),
        ));
    }
    let own_input = Open::of(first.pid, 0);
    let (mut seen, mut behind) = (first, Vec::new());
    loop {
        let share = cpu_since(seen.pid).as_secs_f64() / looked.as_secs_f64().max(0.001);
        if share > BUSY {
            return Some(verdict(seen, behind, WaitCause::Computes, OsString::new()));
        }
        match step(seen, family, own_input.as_ref()) {
            Step::For(next)
                if behind.len() < LONGEST_CHAIN
                    && next.pid != seen.pid
                    && !behind.contains(&next.pid) =>
            {
                behind.push(seen.pid);
                seen = next;
            }
            Step::For(next) => {
                let target = member(next.pid).command;
                return Some(verdict(seen, behind, WaitCause::Child, target));
            }
            Step::Here(cause, target) => return Some(verdict(seen, behind, cause, target)),
        }
    }
}

/// The thread that tells why the process waits: the first one, unless that only waits for another thread.
fn telling(seen: &Seen) -> Option<&Thread> {
    let is_futex = |thread: &Thread| {
        thread
            .call
            .as_ref()
            .is_some_and(|call| call.kind == Kind::Futex)
    };
    let first = seen.threads.first()?;
    if is_futex(first) {
        return seen
            .threads
            .iter()
            .find(|thread| !is_futex(thread))
            .or(Some(first));
    }
    Some(first)
}

fn step<'a>(seen: &Seen, family: &'a [Seen], own_input: Option<&Open>) -> Step<'a> {
    let here = |cause| Step::Here(cause, OsString::new());
    let Some(thread) = telling(seen) else {
        return here(WaitCause::Unknown);
    };
    match thread.state {
        'T' | 't' => return here(WaitCause::Stopped),
        'D' => return here(WaitCause::Disk),
        _ => {}
    }
    let Some(call) = &thread.call else {
        return by_place(seen, thread, family);
    };
    match call.kind {
        Kind::WaitForChild => child(seen, call.awaited(), family),
        Kind::Sleep => here(WaitCause::Sleeps),
        Kind::Signal => here(WaitCause::Signal),
        Kind::Futex => here(WaitCause::Thread),
        Kind::EventPoll => here(WaitCause::Events),
        Kind::Lock => Step::Here(WaitCause::FileLock, lock(seen.pid, call)),
        Kind::Open => here(WaitCause::Read),
        Kind::Poll | Kind::Select if call.asks_for_nothing() => here(WaitCause::Sleeps),
        Kind::Poll | Kind::Select => polled(seen, call, family, own_input),
        Kind::Other => by_place(seen, thread, family),
        kind => match call.descriptors.first() {
            Some(open) => through(seen, kind, open, family, own_input),
            None => here(WaitCause::Unknown),
        },
    }
}

/// It waits for one descriptor.
fn through<'a>(
    seen: &Seen,
    kind: Kind,
    open: &Open,
    family: &'a [Seen],
    own_input: Option<&Open>,
) -> Step<'a> {
    if open.is_socket() {
        let cause = match kind {
            Kind::Connect => WaitCause::SocketConnect,
            Kind::Accept => WaitCause::SocketAccept,
            Kind::Write | Kind::Send => WaitCause::SocketSend,
            _ => WaitCause::SocketAnswer,
        };
        return Step::Here(cause, open.peer(seen.pid));
    }
    if kind == Kind::Write {
        let cause = if open.number <= 2 {
            WaitCause::Output
        } else {
            WaitCause::Write
        };
        return Step::Here(cause, path_of(open));
    }
    if own_input.is_some_and(|input| input.link == open.link) {
        return Step::Here(WaitCause::StandardInput, OsString::new());
    }
    if open.is_pipe()
        && let Some(writer) = writer(seen, open, family)
    {
        return Step::For(writer);
    }
    Step::Here(WaitCause::Read, path_of(open))
}

/// Of several descriptors the one that says most: a program of the family, a socket, the input.
fn polled<'a>(seen: &Seen, call: &Call, family: &'a [Seen], own_input: Option<&Open>) -> Step<'a> {
    let pipes = call.descriptors.iter().filter(|open| open.is_pipe());
    if let Some(writer) = pipes
        .filter(|open| own_input.is_none_or(|input| input.link != open.link))
        .find_map(|open| writer(seen, open, family))
    {
        return Step::For(writer);
    }
    match call.descriptors.as_slice() {
        [] => Step::Here(WaitCause::Events, OsString::new()),
        [first, ..] => {
            let socket = call.descriptors.iter().find(|open| open.is_socket());
            through(seen, Kind::Read, socket.unwrap_or(first), family, own_input)
        }
    }
}

/// Somebody of the family, not itself, who could still write into the pipe: its own child, if there is one.
fn writer<'a>(seen: &Seen, pipe: &Open, family: &'a [Seen]) -> Option<&'a Seen> {
    let link = pipe.link.to_str()?;
    let mut writers = family
        .iter()
        .filter(|other| other.pid != seen.pid && !other.ended && writes_to(other.pid, link));
    let any = writers.clone().next();
    writers.find(|other| other.parent == seen.pid).or(any)
}

/// It waits for a child: the one that it asks for, else the first that lives.
fn child<'a>(seen: &Seen, awaited: Option<u32>, family: &'a [Seen]) -> Step<'a> {
    let mut children = family
        .iter()
        .filter(|other| other.parent == seen.pid && !other.ended);
    let found = match awaited {
        Some(pid) => children.find(|other| other.pid == pid),
        None => children.next(),
    };
    found.map_or_else(|| Step::Here(WaitCause::Child, OsString::new()), Step::For)
}

/// Without the call, the name of the kernel's function tells the kind.
fn by_place<'a>(seen: &Seen, thread: &Thread, family: &'a [Seen]) -> Step<'a> {
    let place = thread.place.as_str();
    let has = |part: &str| place.contains(part);
    let cause = match () {
        () if thread.state == 'R' => WaitCause::Computes,
        () if has("do_wait") => return child(seen, None, family),
        () if has("nanosleep") => WaitCause::Sleeps,
        () if has("futex") => WaitCause::Thread,
        () if has("flock") || has("posix_lock") || has("lock_inode") => WaitCause::FileLock,
        () if has("accept") => WaitCause::SocketAccept,
        () if has("wait_for_partner") => WaitCause::Read,
        () if has("pipe_write") => WaitCause::Write,
        () if has("poll") || has("select") => WaitCause::Events,
        () if has("sk_wait") || has("unix_stream") || has("skb") => WaitCause::SocketAnswer,
        () if has("pipe_read") => WaitCause::Read,
        () => WaitCause::Unknown,
    };
    Step::Here(cause, OsString::new())
}

fn path_of(open: &Open) -> OsString {
    if open.has_path() {
        open.link.clone()
    } else {
        OsString::new()
    }
}

/// The file that is locked, and who has the lock.
fn lock(pid: u32, call: &Call) -> OsString {
    let Some(open) = call.descriptors.first() else {
        return OsString::new();
    };
    let mut words = open.link.clone();
    let table = fs::read_to_string("/proc/locks").unwrap_or_default();
    if let Some(holder) = lock_holder(&table, open.inode, pid) {
        let holder = member(holder);
        words.push(format!(", held by process {} (", holder.pid));
        words.push(holder.command);
        words.push(")");
    }
    words
}

/// proc(5), `/proc/locks`: `1: FLOCK ADVISORY WRITE 70 fe:00:123 0 EOF`; those that wait have an arrow.
fn lock_holder(table: &str, inode: u64, waiter: u32) -> Option<u32> {
    table.lines().find_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let at = words.get(5)?.rsplit(':').next()?;
        let holder: u32 = words.get(4)?.parse().ok()?;
        (words.get(1) != Some(&"->") && at.parse() == Ok(inode) && holder != waiter)
            .then_some(holder)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(state: char, call: Option<i64>, place: &str) -> Thread {
        let call = call.and_then(|number| {
            let text = format!("{number} 0x7 0x0 0x0 0x0 0x0 0x0 0x1 0x1");
            Call::parse(text.as_bytes())
        });
        Thread {
            state,
            cpu: Duration::ZERO,
            call,
            place: place.to_owned(),
        }
    }

    fn seen(pid: u32, parent: u32, threads: Vec<Thread>) -> Seen {
        Seen {
            pid,
            parent,
            ended: threads.is_empty(),
            threads,
        }
    }

    /// Process ids that the system cannot have given to anybody.
    const FIRST: u32 = 3_000_000_001;

    #[track_caller]
    fn check(family: &[Seen], busy: Option<u32>, expected: Option<(u32, usize, WaitCause)>) {
        let look = Duration::from_millis(300);
        let cpu = |pid| {
            if busy == Some(pid) {
                look
            } else {
                Duration::ZERO
            }
        };
        let found = judge(family, cpu, look);
        let found = found.map(|one| (one.pid, one.behind.len(), one.cause));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_one_that_keeps_the_others_is_found() {
        let wait = || vec![thread('S', Some(libc::SYS_wait4), "do_wait")];
        let nap = || vec![thread('S', Some(libc::SYS_clock_nanosleep), "")];
        check(&[], None, None);
        check(
            &[seen(FIRST, 1, nap())],
            None,
            Some((FIRST, 0, WaitCause::Sleeps)),
        );
        check(
            &[seen(FIRST, 1, nap())],
            Some(FIRST),
            Some((FIRST, 0, WaitCause::Computes)),
        );
        // The awaited number, 7, is not among its children.
        check(
            &[seen(FIRST, 1, wait()), seen(8, FIRST, nap())],
            None,
            Some((FIRST, 0, WaitCause::Child)),
        );
        check(
            &[seen(FIRST, 1, wait()), seen(7, FIRST, nap())],
            None,
            Some((7, 1, WaitCause::Sleeps)),
        );
        check(
            &[seen(FIRST, 1, wait()), seen(7, FIRST, nap())],
            Some(7),
            Some((7, 1, WaitCause::Computes)),
        );
    }

    #[test]
    fn who_waits_for_itself_is_not_followed_for_ever() {
        let wait = || vec![thread('S', Some(libc::SYS_wait4), "do_wait")];
        check(&[seen(7, 7, wait())], None, Some((7, 0, WaitCause::Child)));
    }

    #[test]
    fn a_script_that_has_ended_leaves_another() {
        let nap = vec![thread('S', Some(libc::SYS_clock_nanosleep), "")];
        check(
            &[seen(FIRST, 1, Vec::new()), seen(8, 1, nap)],
            None,
            Some((8, 1, WaitCause::Left)),
        );
        check(&[seen(FIRST, 1, Vec::new())], None, None);
    }

    #[test]
    fn another_thread_tells_why_the_first_waits_for_it() {
        let futex = || thread('S', Some(libc::SYS_futex), "futex_wait_queue");
        let nap = thread('S', Some(libc::SYS_nanosleep), "");
        check(
            &[seen(FIRST, 1, vec![futex(), futex(), nap])],
            None,
            Some((FIRST, 0, WaitCause::Sleeps)),
        );
        check(
            &[seen(FIRST, 1, vec![futex(), futex()])],
            None,
            Some((FIRST, 0, WaitCause::Thread)),
        );
    }

    #[test]
    fn without_the_call_the_kernels_place_tells() {
        for (state, place, cause) in [
            ('S', "hrtimer_nanosleep", WaitCause::Sleeps),
            ('S', "flock_lock_inode_wait", WaitCause::FileLock),
            ('S', "inet_csk_accept", WaitCause::SocketAccept),
            ('S', "something_new", WaitCause::Unknown),
            ('S', "", WaitCause::Unknown),
            ('R', "", WaitCause::Computes),
            ('D', "folio_wait_bit", WaitCause::Disk),
            ('T', "do_signal_stop", WaitCause::Stopped),
        ] {
            let family = [seen(FIRST, 1, vec![thread(state, None, place)])];
            check(&family, None, Some((FIRST, 0, cause)));
        }
    }

    #[test]
    fn the_holder_of_a_lock_is_not_one_who_waits_for_it() {
        let table = "1: FLOCK  ADVISORY  WRITE 70 fe:00:123 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 71 fe:00:123 0 EOF\n2: POSIX ADVISORY READ 9 fe:00:9 0 EOF\nbroken\n";
        assert_eq!(lock_holder(table, 123, 71), Some(70));
        assert_eq!(lock_holder(table, 123, 70), None);
        assert_eq!(lock_holder(table, 5, 1), None);
    }
}
