//! What a silent run waits for, in words: for the process tab, the strip and the time limit's finding.

use super::units::human_duration;
use super::wording::{capitalised, counted_bytes, short};
use crate::exchange::{BodyEnd, Exchange, Invocation, Silence};
use crate::process::{Member, WaitCause};
use std::time::Duration;

/// Characters of a command or a path in a sentence.
const WORD: usize = 60;

/// A silent run, told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standstill {
    /// A few words for the strip: `sleeps`, `waits for 127.0.0.1:5432`.
    pub brief: String,
    /// One sentence: who waits for what.
    pub sentence: String,
    /// What shows it: the system call, the processor time.
    pub evidence: String,
    /// What to do.
    pub remedy: &'static str,
}

/// Tells what the run was last seen to do; none where it was never silent for long.
#[must_use]
pub fn standstill(exchange: &Exchange, run: &Invocation) -> Option<Standstill> {
    let silence = run.silence.as_deref()?;
    let (brief, predicate, remedy) = cause(exchange, run, silence);
    let chain = match silence.waiting.behind.as_slice() {
        [] => String::new(),
        [_, between @ ..] if silence.waiting.cause != WaitCause::Left => {
            let between: String = between
                .iter()
                .map(|member| format!(" {}, which waits for", named(member)))
                .collect();
            format!(
                "waits for{between} {}, which ",
                named(&silence.waiting.process)
            )
        }
        _ => String::new(),
    };
    let brief = if chain.is_empty() {
        brief
    } else {
        format!("a child {brief}")
    };
    Some(Standstill {
        brief,
        sentence: capitalised(&format!("the script {chain}{predicate}.")),
        evidence: evidence(silence),
        remedy,
    })
}

/// Whether the run does now what it was last seen to do, as far as anybody knows.
#[must_use]
pub fn stands_still(run: &Invocation) -> bool {
    let (Some(silence), None) = (&run.silence, run.exit) else {
        return false;
    };
    let came = |stream: &crate::exchange::CapturedBody| {
        stream
            .marks()
            .last()
            .is_some_and(|mark| mark.at > silence.seen)
    };
    !came(&run.stdout) && !came(&run.stderr)
}

fn named(member: &Member) -> String {
    format!(
        "{} (process {})",
        short(&member.command.to_string_lossy(), WORD),
        member.pid
    )
}

/// A few words, the predicate of a sentence, and the remedy.
fn cause(
    exchange: &Exchange,
    run: &Invocation,
    silence: &Silence,
) -> (String, String, &'static str) {
    let waiting = &silence.waiting;
    let target = short(&waiting.target.to_string_lossy(), 2 * WORD);
    let of_target = |words: &str, without: &str| {
        if target.is_empty() {
            without.to_owned()
        } else {
            format!("{words} {target}")
        }
    };
    let same = |words: String, remedy| (words.clone(), words, remedy);
    match waiting.cause {
        WaitCause::Computes => (
            "computes".into(),
            format!(
                "computes all the time: {} of processor time in the last {}",
                human_duration(waiting.cpu),
                human_duration(waiting.looked)
            ),
            "Check the conditions of its loops.",
        ),
        WaitCause::StandardInput => input(exchange, run),
        WaitCause::Sleeps => (
            "sleeps".into(),
            "sleeps: it waits for time to pass, by its own wish".into(),
            "Look for sleep(), or for a library that tries again and again (a locked database, a server that is down).",
        ),
        WaitCause::SocketAnswer => same(
            of_target(
                "waits for an answer from",
                "waits for an answer on a socket",
            ),
            "Give the request to that server a time limit (timeout=), and look whether the server runs.",
        ),
        WaitCause::SocketConnect => same(
            of_target("waits for a connection to", "waits for a connection"),
            "Nobody answers at that address: check it, and give the connection a time limit (timeout=).",
        ),
        WaitCause::SocketAccept => same(
            of_target(
                "waits for somebody to connect to",
                "waits for somebody to connect",
            ),
            "A CGI script is not a server: the web server starts it once for each request, and it ends with its answer.",
        ),
        WaitCause::SocketSend => same(
            of_target(
                "waits until its data is taken by",
                "waits until its data is taken",
            ),
            "The other side of the connection does not read: look at that program.",
        ),
        WaitCause::FileLock => same(
            of_target("waits for the lock on", "waits for a lock on a file"),
            "Find out why the other process keeps the lock; ask for it without waiting (LOCK_NB) and say so when it is taken.",
        ),
        WaitCause::Read => same(
            of_target(
                "waits for something to read from",
                "waits for something to read from a pipe",
            ),
            "Nobody writes there: check who should, and whether it is open for writing.",
        ),
        WaitCause::Output => (
            "waits for the client".into(),
            "waits until the client takes more of the page".into(),
            "Nothing is wrong with the script: the client is slow, or has stopped reading.",
        ),
        WaitCause::Write => same(
            of_target(
                "waits until somebody reads",
                "waits until somebody reads what it writes into a pipe",
            ),
            "The program at the other end does not read: with subprocess, use communicate() instead of write and read in turn.",
        ),
        WaitCause::Child => same(
            of_target("waits for", "waits for a program that it started"),
            "Give the program that it starts a time limit (timeout=).",
        ),
        WaitCause::Thread => same(
            "waits for another of its threads".into(),
            "Its threads may be waiting for one another: look at its locks and join().",
        ),
        WaitCause::Events => same(
            "waits for one of several events".into(),
            "An event loop does not end by itself: end it when the answer is complete.",
        ),
        WaitCause::Signal => same(
            "waits for a signal".into(),
            "Nobody will send it: end the script instead of pausing.",
        ),
        WaitCause::Disk => same(
            "waits for a disk or a network file system".into(),
            "Look whether the file system still answers.",
        ),
        WaitCause::Stopped => same(
            "was stopped by a signal".into(),
            "Somebody sent it SIGSTOP, or holds it with a debugger: send SIGCONT.",
        ),
        WaitCause::Left => (
            "a child holds the output".into(),
            format!(
                "has ended, but {} that it started still lives and keeps the answer open",
                named(&waiting.process)
            ),
            "Redirect what you start in the background: stdout=subprocess.DEVNULL, or >/dev/null 2>&1 & in a shell.",
        ),
        WaitCause::Unknown => same("waits".into(), "Find out what it waits for."),
    }
}

/// After the body a script reads end-of-file here, so that only a body that still comes keeps it waiting.
fn input(exchange: &Exchange, run: &Invocation) -> (String, String, &'static str) {
    let missing = !matches!(exchange.request.body_end, Some(BodyEnd::Complete) | None)
        || exchange.request.body_end.is_none() && !exchange.request.body.is_empty()
        || run.stdin_taken == 0 && exchange.request.body_end.is_none();
    if missing {
        let came = counted_bytes(exchange.request.body.len());
        return (
            "waits for the request body".into(),
            format!(
                "reads its standard input, and the client has not sent all of the body yet ({came} came)"
            ),
            "Nothing is wrong with the script: the client is slow, or announced more than it sends.",
        );
    }
    (
        "waits for standard input".into(),
        "reads its standard input, though the whole body is there".into(),
        "Read exactly CONTENT_LENGTH bytes: sys.stdin.buffer.read(int(os.environ.get(\"CONTENT_LENGTH\") or 0)).",
    )
}

fn evidence(silence: &Silence) -> String {
    let waiting = &silence.waiting;
    let quiet = silence.seen.saturating_sub(silence.since);
    let mut words = format!(
        "Seen after {} without any input or output",
        human_duration(quiet)
    );
    if !waiting.system_call.is_empty() && waiting.cause != WaitCause::Computes {
        words.push_str(&format!(", in the system call {}", waiting.system_call));
    }
    if waiting.cause != WaitCause::Computes && waiting.cpu > Duration::ZERO {
        words.push_str(&format!(
            ", with {} of processor time in {}",
            human_duration(waiting.cpu),
            human_duration(waiting.looked)
        ));
    }
    words.push('.');
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::samples;
    use crate::process::Waiting;
    use std::ffi::OsString;

    fn member(pid: u32, command: &str) -> Member {
        Member {
            pid,
            command: command.into(),
        }
    }

    #[track_caller]
    fn check(cause: WaitCause, target: &str, behind: &[Member], brief: &str, sentence: &str) {
        let mut exchange =
            samples::exchange(vec![samples::run(b"", b"", crate::process::Exit::Code(0))]);
        let run = exchange.invocations.last_mut().unwrap();
        run.silence = Some(Box::new(Silence {
            since: Duration::from_secs(1),
            seen: Duration::from_secs(4),
            waiting: Waiting {
                process: member(12, "sleep 9"),
                behind: behind.to_vec(),
                cause,
                target: OsString::from(target),
                system_call: "read(3)".into(),
                cpu: Duration::from_millis(240),
                looked: Duration::from_millis(250),
            },
        }));
        let run = exchange.invocation().unwrap();
        let told = standstill(&exchange, run).unwrap();
        assert_eq!(
            (told.brief.as_str(), told.sentence.as_str()),
            (brief, sentence)
        );
        assert!(
            told.evidence.starts_with("Seen after 3"),
            "{}",
            told.evidence
        );
        assert!(told.remedy.ends_with('.'));
    }

    #[test]
    fn a_cause_is_told_in_a_sentence() {
        check(
            WaitCause::SocketAnswer,
            "127.0.0.1:5432",
            &[],
            "waits for an answer from 127.0.0.1:5432",
            "The script waits for an answer from 127.0.0.1:5432.",
        );
        check(
            WaitCause::Computes,
            "",
            &[],
            "computes",
            "The script computes all the time: 240 ms of processor time in the last 250 ms.",
        );
        check(
            WaitCause::Left,
            "",
            &[member(11, "python3 a.py")],
            "a child holds the output",
            "The script has ended, but sleep 9 (process 12) that it started still lives and keeps the answer open.",
        );
    }

    #[test]
    fn a_chain_of_programs_is_told_to_its_end() {
        check(
            WaitCause::Sleeps,
            "",
            &[member(10, "python3 a.py"), member(11, "sh -c x")],
            "a child sleeps",
            "The script waits for sh -c x (process 11), which waits for sleep 9 (process 12), which sleeps: it waits for time to pass, by its own wish.",
        );
    }

    #[test]
    fn foreign_names_stay_in_their_line() {
        check(
            WaitCause::Read,
            "/tmp/a\nb",
            &[],
            "waits for something to read from /tmp/a␊b",
            "The script waits for something to read from /tmp/a␊b.",
        );
    }
}
