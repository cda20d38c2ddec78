//! A thread as `/proc` shows it: its state, its processor time, and the system call in which it stands.

use super::system_call::{self, Call};
use std::fs;
use std::time::Duration;

/// A thread at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thread {
    /// `R`, `S`, `D`, `T` … as in proc(5).
    pub(super) state: char,
    /// Processor time since its beginning.
    pub(super) cpu: Duration,
    /// Where it stands; none where it runs or the system does not tell.
    pub(super) call: Option<Call>,
    /// The kernel's function in which it sleeps; empty where that is not told.
    pub(super) place: String,
}

/// The threads of a process, the first one first; none of a process that has gone.
pub(super) fn all(pid: u32, most: usize) -> Vec<Thread> {
    let entries = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let mut numbers: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_by_key(|&number| (number != pid, number));
    numbers.truncate(most);
    numbers
        .into_iter()
        .filter_map(|number| Thread::read(pid, number))
        .collect()
}

impl Thread {
    fn read(pid: u32, thread: u32) -> Option<Self> {
        let file = |name: &str| fs::read(format!("/proc/{pid}/task/{thread}/{name}"));
        let (state, ticks) = parse_stat(&file("stat").ok()?)?;
        let call = file("syscall").ok().and_then(|text| Call::parse(&text));
        let place = file("wchan").unwrap_or_default();
        Some(Self {
            state,
            cpu: of_ticks(ticks),
            call: call.map(|call| system_call::with_descriptors(pid, call)),
            place: String::from_utf8_lossy(&place)
                .trim_matches(['0', '\n'])
                .to_owned(),
        })
    }
}

/// proc(5): the third field is the state, the fourteenth and fifteenth are ticks in user and system mode.
fn parse_stat(line: &[u8]) -> Option<(char, u64)> {
    // The name may hold blanks and parentheses.
    let after_name = line.iter().rposition(|&byte| byte == b')')? + 1;
    let rest = std::str::from_utf8(line.get(after_name..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let user: u64 = fields.nth(10)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((state, user.saturating_add(system)))
}

fn of_ticks(ticks: u64) -> Duration {
    let a_second = rustix::param::clock_ticks_per_second().max(1);
    Duration::from_millis(ticks.saturating_mul(1000) / a_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_and_ticks_are_read_behind_any_name() {
        let line = b"12 (a) b) (c) R 1 12 12 0 -1 4194304 1 2 3 4 150 25 0 0 20 0 1 0 99";
        assert_eq!(parse_stat(line), Some(('R', 175)));
        for broken in [
            &b""[..],
            b"12",
            b"12 (x)",
            b"12 (x) S 1 2 3",
            b"12 (\xff) \xff",
        ] {
            assert_eq!(parse_stat(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn this_process_has_a_first_thread_that_lives() {
        if !std::path::Path::new("/proc/self/task").exists() {
            return;
        }
        let threads = all(std::process::id(), 3);
        assert!((1..=3).contains(&threads.len()), "{threads:?}");
        assert!("RSD".contains(threads[0].state));
        assert_eq!(all(u32::MAX, 3), []);
    }
}
