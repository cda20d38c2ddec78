//! The process: not started, too slow, killed, run by the wrong program, or ended with a code that says failure.

use super::{headers_are_out, page_bytes};
use crate::diagnosis::evidence::of_stream;
use crate::diagnosis::finding::{Blame, Evidence, Finding, Severity, StreamName};
use crate::diagnosis::preflight;
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::standstill::standstill;
use crate::diagnosis::units::{human_bytes, human_duration};
use crate::diagnosis::wording::{capitalised, counted_bytes, one_line, short};
use crate::exchange::{Exchange, Invocation, Moment};
use crate::process::{Exit, Signal};
use std::time::Duration;

/// Without a process: the script's file tells why, or else the system's error number.
pub(super) fn not_started(run: &Invocation) -> Vec<Finding> {
    let found = preflight::of_start(&run.script);
    if found
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        return found;
    }
    let (message, errno) = run.launch_failure.as_ref().map_or(("", None), |failure| {
        (failure.message.as_str(), failure.errno)
    });
    let (number, blame, title, remedy) = match errno {
        Some(26) => (
            code::BEING_WRITTEN,
            Blame::Site,
            "The script was being written while it should start",
            "Send the request again when it is saved.",
        ),
        Some(13 | 1) => (
            code::FORBIDDEN_BY_SYSTEM,
            Blame::Site,
            "The system forbids to start the script, though its rights are fine",
            "Look for SELinux or AppArmor in the system's log; for Apache the label is httpd_sys_script_exec_t.",
        ),
        Some(7) => (
            code::NOT_STARTED,
            Blame::Client,
            "The request is too large for a program's environment",
            "Send long values in the body, not in headers or the query.",
        ),
        Some(2) => (
            code::INTERPRETER_MISSING,
            Blame::Script,
            "The program that runs the script is missing",
            "Check the #! line, and that the program it names can start itself.",
        ),
        Some(8) => (
            code::NO_SHEBANG,
            Blame::Script,
            "The system cannot run this file",
            "Let the first line begin with #! and the program that runs it.",
        ),
        _ => (
            code::NOT_STARTED,
            Blame::Server,
            "The script could not be started",
            "Look at the reason; the script's file shows no fault.",
        ),
    };
    let explanation = format!("{}.", capitalised(&one_line(message)));
    vec![Finding {
        blame,
        explanation,
        remedy: remedy.into(),
        authority: "execve(2)".into(),
        severity: Severity::Error,
        ..finding(number, title.into())
    }]
}

/// Whether it computed or waited is told by its CPU time.
pub(super) fn time_limit(
    exchange: &Exchange,
    run: &Invocation,
    limit: Duration,
    total: bool,
) -> Finding {
    if !run.holders.is_empty() {
        return held_output(run, Severity::Error);
    }
    let limit = human_duration(limit);
    let printed = run.stdout.len();
    let title = match (total, printed) {
        (true, _) => format!("Stopped after {limit}: no script may run longer"),
        (false, 0) => format!("Stopped after {limit} without any output"),
        (false, _) => format!("Stopped after {limit} without more output"),
    };
    let (why, remedy) = match standstill(exchange, run).filter(|_| stood_until_its_end(run)) {
        Some(seen) => (format!("{} {}", seen.sentence, seen.evidence), seen.remedy),
        None => how_it_spent(run),
    };
    let page = match page_bytes(run) {
        bytes if headers_are_out(run) => {
            format!(" The page is cut off after {}.", counted_bytes(bytes))
        }
        _ => String::new(),
    };
    Finding {
        explanation: format!("{why}{page}"),
        remedy: format!("{remedy} The limit is set under [limits] in cgi-studio.toml."),
        authority: "RFC 3875 §6.1".into(),
        evidence: last_stderr_line(run, "the last it said"),
        ..finding(code::TIME_LIMIT, title)
    }
}

/// The last look is of the time in which nothing came, not of an earlier pause.
fn stood_until_its_end(run: &Invocation) -> bool {
    let last_output = [&run.stdout, &run.stderr]
        .iter()
        .filter_map(|stream| Some(stream.marks().last()?.at))
        .max();
    run.silence
        .as_deref()
        .is_some_and(|silence| last_output.is_none_or(|last| last <= silence.seen))
}

fn how_it_spent(run: &Invocation) -> (String, &'static str) {
    let wall = run
        .timeline
        .between(Moment::Spawned, Moment::Exited)
        .filter(|wall| !wall.is_zero());
    let measured = run.usage.as_ref().filter(|usage| usage.measured).zip(wall);
    let Some((usage, wall)) = measured else {
        return (
            "It did not end by itself.".into(),
            "Find out what it waits for.",
        );
    };
    let cpu = usage.user_time + usage.system_time;
    let figures = format!(
        "{} of CPU time in {}",
        human_duration(cpu),
        human_duration(wall)
    );
    match cpu.as_secs_f64() / wall.as_secs_f64() {
        share if share > 0.7 => (
            format!("It computed all the time ({figures}): most likely a loop that never ends."),
            "Check the conditions of its loops.",
        ),
        share if share < 0.1 => (
            format!(
                "It used {figures}: it was waiting, for another server, a lock, a pause or a child."
            ),
            "Find out what it waits for, and give that a time limit of its own.",
        ),
        _ => (
            format!("It used {figures}."),
            "Make it faster, or let it print as it goes.",
        ),
    }
}

/// A child that the script left behind keeps the end of the output from being seen.
fn held_output(run: &Invocation, severity: Severity) -> Finding {
    let holders: Vec<String> = run
        .holders
        .iter()
        .take(3)
        .map(|member| {
            format!(
                "{} (process {})",
                short(&member.command.to_string_lossy(), 60),
                member.pid
            )
        })
        .collect();
    let waited = run.timeline.between(Moment::Exited, Moment::OutputEnded);
    let waited = waited.map_or_else(String::new, |time| {
        let end = if run.stop.is_some() {
            "It was stopped"
        } else {
            "The answer was complete"
        };
        format!(" {end} {} later.", human_duration(time))
    });
    Finding {
        explanation: format!(
            "The script itself has ended, but a program that it started still has its standard output open, so that more may come.{waited}"
        ),
        remedy: "Redirect what you start in the background: stdout=subprocess.DEVNULL, or >/dev/null 2>&1 & in a shell.".into(),
        authority: "RFC 3875 §6.4".into(),
        severity,
        ..finding(code::OUTPUT_HELD, format!("{} still holds the script's output", holders.join(", ")))
    }
}

/// Python text in the hands of a shell; its complaints are known.
pub(super) fn run_by_shell(run: &Invocation) -> Option<Finding> {
    const COMPLAINTS: [&[u8]; 7] = [
        b"import: not found",
        b"import: command not found",
        b"import-im6",
        b"from: not found",
        b"from: command not found",
        b"yntax error: word unexpected",
        b"yntax error near unexpected token `",
    ];
    let is_python = run
        .script
        .path
        .extension()
        .is_some_and(|suffix| suffix == "py")
        || memchr::memmem::find(
            run.script.source.get(..4096).unwrap_or(&run.script.source),
            b"\nimport ",
        )
        .is_some();
    if headers_are_out(run) || run.stderr.is_empty() || !is_python {
        return None;
    }
    let stderr = run.stderr.head();
    let at = COMPLAINTS
        .iter()
        .filter_map(|text| memchr::memmem::find(&stderr, text))
        .min()?;
    let line = crate::diagnosis::evidence::line_at(&stderr, at);
    Some(Finding {
        explanation: "These complaints are a shell's: it took the Python statements for commands.".into(),
        remedy: "Make #!/usr/bin/env python3 the first line, or correct the suffix's interpreter in cgi-studio.toml.".into(),
        authority: "execve(2) ENOEXEC".into(),
        evidence: of_stream(StreamName::Stderr, &stderr, line, "a shell's words"),
        place: Some((run.script.path.clone(), 1)),
        ..finding(code::RUN_BY_SHELL, "The Python script was run by the shell".into())
    })
}

/// A shell script named a program that its PATH does not lead to.
pub(super) fn command_not_found(run: &Invocation) -> Option<Finding> {
    if headers_are_out(run) || run.stderr.is_empty() || run.exit != Some(Exit::Code(127)) {
        return None;
    }
    let stderr = run.stderr.head();
    let last = stderr
        .trim_ascii_end()
        .rsplit(|&byte| byte == b'\n')
        .next()?;
    let text = String::from_utf8_lossy(last).into_owned();
    let said = text
        .strip_suffix(": not found")
        .or_else(|| text.strip_suffix(": command not found"))?;
    let mut words = said.rsplit(": ");
    let command = short(words.next()?, 60);
    let line = words
        .next()
        .and_then(|word| word.strip_prefix("line ").unwrap_or(word).parse().ok());
    Some(Finding {
        explanation: "The shell searched the PATH that scripts get, which is shorter than the one in your terminal, and ended with code 127.".into(),
        remedy: format!("Write the full path of {command}, or extend PATH under [environment] in cgi-studio.toml."),
        authority: "RFC 3875 §4.1".into(),
        evidence: last_stderr_line(run, "its last words"),
        place: line.map(|line| (run.script.path.clone(), line)),
        ..finding(code::SHELL_VARIABLE, format!("The shell found no command called {command}"))
    })
}

/// A signal that the studio did not send.
pub(super) fn killed(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    let (
        Some(Exit::Signal {
            number,
            core_dumped,
        }),
        None,
    ) = (run.exit, run.stop)
    else {
        return None;
    };
    let signal = Signal::from_number(number).to_string();
    let memory = run
        .usage
        .as_ref()
        .filter(|usage| usage.measured)
        .map_or_else(String::new, |usage| {
            format!(
                " Its memory had grown to {}.",
                human_bytes(usage.peak_memory_bytes)
            )
        });
    let why = match signal.as_str() {
        "SIGSEGV" | "SIGBUS" => {
            "It touched memory that is not its own; in Python that is the fault of a module written in C, or of endless recursion in one."
        }
        "SIGKILL" => "Somebody ended it by force; when memory runs out, that is the system itself.",
        "SIGABRT" => {
            "It gave up by itself (abort), as a program does that finds its own state broken."
        }
        "SIGPIPE" => "It wrote into a pipe whose reader had gone.",
        "SIGXCPU" => "It used more CPU time than the system allows it.",
        "SIGXFSZ" => "It wrote a larger file than the system allows it.",
        _ => "Another program sent it this signal, or it did so itself.",
    };
    let cut = if headers_are_out(run) {
        format!(
            " The page is cut off after {}.",
            counted_bytes(sent(exchange, run))
        )
    } else {
        String::new()
    };
    let core = if core_dumped {
        " A core file was written."
    } else {
        ""
    };
    Some(Finding {
        explanation: format!("{why}{memory}{cut}{core}"),
        remedy: "Run it again and look at standard error; faulthandler.enable() makes Python tell where it was.".into(),
        authority: "signal(7)".into(),
        evidence: last_stderr_line(run, "the last it said"),
        ..finding(code::KILLED, format!("The script was killed by {signal}"))
    })
}

/// Bytes of the page that the client got.
pub(super) fn sent(exchange: &Exchange, run: &Invocation) -> u64 {
    exchange.response.as_ref().map_or_else(
        || page_bytes(run),
        |response| response.body_bytes.min(page_bytes(run)),
    )
}

/// What is worth a word beside a response, or beside its failure.
pub(super) fn remarks(run: &Invocation, answered: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    if answered && !run.holders.is_empty() && !super::stopped_by_others(run) {
        found.push(held_output(run, Severity::Warning));
    }
    if answered && headers_are_out(run) {
        found.extend(failing_exit(run));
    }
    found.extend(deprecation(run));
    found
}

/// An exit code other than 0.
pub(super) fn failing_exit(run: &Invocation) -> Option<Finding> {
    match run.exit {
        Some(Exit::Code(number @ 1..)) => Some(exit_code(run, number)),
        _ => None,
    }
}

fn exit_code(run: &Invocation, number: i32) -> Finding {
    Finding {
        explanation: "Servers ignore a script's exit code, so the visitor notices nothing; but the script itself says that something failed.".into(),
        remedy: "Look at its standard error; end with code 0 when all is well.".into(),
        evidence: last_stderr_line(run, "the last it said"),
        ..finding(code::EXIT_CODE,
            format!("The page was sent, but the script ended with code {number}"),
        )
    }
}

fn deprecation(run: &Invocation) -> Option<Finding> {
    if run.stderr.is_empty() {
        return None;
    }
    let stderr = run.stderr.head();
    let at = memchr::memmem::find(&stderr, b"DeprecationWarning: ")?;
    let line = crate::diagnosis::evidence::line_at(&stderr, at);
    let text = stderr.get(at..)?.split(|&byte| byte == b'\n').next()?;
    Some(Finding {
        explanation: format!("{}.", short(&String::from_utf8_lossy(text), 300)),
        remedy: "The script works today; a newer version of the language will no longer have this."
            .into(),
        evidence: of_stream(StreamName::Stderr, &stderr, line, "a warning only"),
        ..finding(
            code::DEPRECATION,
            "The script uses something deprecated".into(),
        )
    })
}

/// The last line that says something, where the whole of standard error was kept.
pub(super) fn last_stderr_line(run: &Invocation, note: &str) -> Option<Evidence> {
    if run.stderr.is_empty()
        || run.stderr.cut_bytes() > 0
        || run.stderr.len() > run.stderr.head().len() as u64
    {
        return None;
    }
    let stderr = run.stderr.head();
    let end = stderr
        .iter()
        .rposition(|byte| !byte.is_ascii_whitespace())?;
    of_stream(
        StreamName::Stderr,
        &stderr,
        crate::diagnosis::evidence::line_at(&stderr, end),
        note,
    )
}
