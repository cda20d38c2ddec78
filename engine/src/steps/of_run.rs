//! The steps of one run: checks, environment, start, streams, header block and end.

use super::of_request::sentence;
use super::{Exhibit, Step, Stop};
use crate::cgi::dictionary::describe;
use crate::cgi::meta_variable::MetaVariable;
use crate::cgi::violation::ViolationKind;
use crate::diagnosis::StreamName;
use crate::diagnosis::units::{human_bytes, human_duration};
use crate::exchange::{End, EndCause, Exchange, Invocation, Moment};
use crate::site::script::InterpreterState;
use std::os::unix::ffi::OsStrExt as _;

pub(super) fn steps(exchange: &Exchange, run: &Invocation) -> Vec<Step> {
    let mut steps = checks(run);
    steps.extend(run.request.variables.iter().map(variable));
    steps.extend(start(run));
    if run.pid.is_some() {
        steps.extend(stdin(exchange, run));
        steps.extend(output(run));
        steps.extend(exit(run));
    }
    steps
}

/// Where the chain broke, from what was recorded.
pub(super) fn broken_at(exchange: &Exchange, run: &Invocation) -> Option<Stop> {
    if run.launch_failure.is_some() {
        return Some(if run.program.is_some() {
            Stop::Start
        } else {
            Stop::Checks
        });
    }
    let over = exchange.end.is_some();
    if over && run.stdout.is_empty() {
        return Some(Stop::FirstOutput);
    }
    if let Some(refused) = run
        .response
        .as_ref()
        .and_then(|response| response.refused.as_ref())
    {
        return Some(match refused.kind {
            ViolationKind::NoBlankLine | ViolationKind::PageInsideHeaders => Stop::EmptyLine,
            _ => Stop::HeaderBlock,
        });
    }
    match &exchange.end {
        // A client that leaves breaks nothing in the script.
        Some(End::CutOff(EndCause::ClientGone)) | Some(End::Answered) | None => None,
        Some(End::CutOff(_)) => Some(Stop::Body),
        Some(End::Unanswered(_)) if run.header_block.is_none() => Some(Stop::HeaderBlock),
        Some(End::Unanswered(_)) => None,
    }
}

fn checks(run: &Invocation) -> Vec<Step> {
    let script = &run.script;
    let name = script
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let mode = format!("{:o}", script.mode);
    let executable = if script.executable {
        Step::new(
            Stop::Checks,
            "It may be executed",
            format!("The file {name} has the mode {mode}, so the system lets this user start it."),
        )
        .line(format!("{name} is executable"), mode)
    } else {
        Step::new(
            Stop::Checks,
            "It may not be executed",
            format!("The file {name} has the mode {mode}: the execute bit is missing."),
        )
        .line(format!("{name} is not executable"), mode)
    };
    let runs = match &script.interpreter {
        InterpreterState::Mapped { path, .. } => {
            format!("the site runs such files with {}", path.display())
        }
        InterpreterState::Shebang { path, .. } => {
            format!("its first line names {}", path.display())
        }
        InterpreterState::Native => "it is a program of its own".to_owned(),
        InterpreterState::None => "nothing says which program runs it".to_owned(),
    };
    let interpreter = Step::new(Stop::Checks, "What runs it", sentence(&runs)).line(runs, "");
    vec![
        executable.authority("RFC 3875 §3.4"),
        interpreter.authority("execve(2)"),
    ]
}

fn variable(variable: &MetaVariable) -> Step {
    let value = String::from_utf8_lossy(&variable.value);
    let description = describe(&variable.name);
    let meaning = description.map_or("The site's settings set it.".to_owned(), |entry| {
        format!("{} {}", entry.meaning, entry.trap)
    });
    let words = format!(
        "It is made from: {}. {meaning}",
        variable.provenance.label()
    );
    let section = description.map(|entry| entry.section);
    let authority = section
        .filter(|section| section.starts_with('§'))
        .map_or_else(String::new, |section| format!("RFC 3875 {section}"));
    Step::new(
        Stop::Environment,
        format!("{} = {value}", variable.name),
        words,
    )
    .line(variable.name.clone(), value)
    .authority(authority)
    .exhibit(Exhibit::Head(variable.sources.clone()))
}

fn start(run: &Invocation) -> Option<Step> {
    let program = run.program.as_ref()?;
    let words: Vec<String> = program
        .arguments
        .iter()
        .map(|word| String::from_utf8_lossy(word.as_bytes()).into_owned())
        .collect();
    let line = words.join(" ");
    let told = format!(
        "The server starts {line} in the folder {}. The process gets exactly this environment, three streams, and nothing else of the server.",
        program.directory.display()
    );
    let pid = run
        .pid
        .map_or_else(|| "not started".to_owned(), |pid| format!("process {pid}"));
    Some(
        Step::new(Stop::Start, "The process is started", told)
            .line(pid, line)
            .authority("RFC 3875 §7.2")
            .at(run.timeline.at(Moment::Spawned)),
    )
}

fn stdin(exchange: &Exchange, run: &Invocation) -> Option<Step> {
    let body = &exchange.request.body;
    let at = run.timeline.at(Moment::StdinClosed);
    if body.is_empty() {
        let words = "The request has no body, so standard input is at its end at once.";
        return Some(
            Step::new(Stop::Stdin, "Nothing to read", words)
                .line("stdin", "empty")
                .authority("RFC 3875 §4.2")
                .at(at),
        );
    }
    let (sent, taken) = (body.len(), run.stdin_taken);
    let words = if taken < sent {
        format!(
            "The body of {sent} bytes was offered on standard input; the script took {taken} of them. It need not read it."
        )
    } else {
        format!(
            "The body of {sent} bytes goes to standard input, and then the end of file. CONTENT_LENGTH has told the script how much to read."
        )
    };
    Some(
        Step::new(Stop::Stdin, "The body goes to standard input", words)
            .line("stdin", human_bytes(sent))
            .authority("RFC 3875 §4.2")
            .at(at)
            .exhibit(Exhibit::Body),
    )
}

fn output(run: &Invocation) -> Vec<Step> {
    if run.stdout.is_empty() {
        return Vec::new();
    }
    let length = run.stdout.len();
    let first_line = run.stdout.first(512);
    let line_end = memchr::memchr(b'\n', &first_line).map_or(first_line.len(), |at| at + 1) as u64;
    let first = Step::new(
        Stop::FirstOutput,
        "The first byte of output",
        "The script has begun to print. What comes first must be its header block.",
    )
    .line("stdout", "first byte")
    .authority("RFC 3875 §6.1")
    .at(run.timeline.at(Moment::FirstOutput))
    .exhibit(Exhibit::Stream(StreamName::Stdout, 0..line_end));
    let mut steps = vec![first];
    if run.nph {
        let words = "The script's name begins with nph-, so the server parses nothing: every byte goes to the browser as it is.";
        steps.push(
            Step::new(Stop::Body, "The output passes untouched", words)
                .line("nph", human_bytes(length))
                .authority("RFC 3875 §5")
                .exhibit(Exhibit::Stream(StreamName::Stdout, 0..length)),
        );
        return steps;
    }
    if let Some(block) = &run.header_block {
        let end = block.length as u64;
        steps.extend(block.fields.iter().map(|field| {
            let (name, value) = (
                String::from_utf8_lossy(&field.name).into_owned(),
                String::from_utf8_lossy(&field.value).into_owned(),
            );
            let words = match name.to_ascii_lowercase().as_str() {
                "content-type" => "It says what the page is, so that the browser can show it.",
                "status" => "It becomes the status of the HTTP response; without it that is 200.",
                "location" => "It sends the browser, or the server itself, somewhere else.",
                _ => "The server passes it on as a field of the HTTP response.",
            };
            Step::new(Stop::HeaderBlock, format!("{name}: {value}"), words)
                .line(name, value)
                .authority("RFC 3875 §6.3")
                .exhibit(Exhibit::Stream(
                    StreamName::Stdout,
                    field.span.start as u64..field.span.end as u64,
                ))
        }));
        steps.push(
            Step::new(
                Stop::EmptyLine,
                "An empty line ends the headers",
                "From here on the server passes bytes on without looking at them.",
            )
            .line("empty line", "headers end")
            .authority("RFC 3875 §6.2")
            .at(run.timeline.at(Moment::HeadersComplete))
            .exhibit(Exhibit::Stream(
                StreamName::Stdout,
                end.saturating_sub(1)..end,
            )),
        );
        let body = length.saturating_sub(end);
        if body > 0 {
            steps.push(
                Step::new(
                    Stop::Body,
                    "The body is passed on",
                    format!("{body} bytes go to the browser as the script prints them."),
                )
                .line("body", human_bytes(body))
                .authority("RFC 3875 §6.4")
                .at(run.timeline.at(Moment::OutputEnded))
                .exhibit(Exhibit::Stream(StreamName::Stdout, end..length)),
            );
        }
    }
    steps
}

fn exit(run: &Invocation) -> Option<Step> {
    let exit = run.exit?;
    let used = run
        .usage
        .filter(|usage| usage.measured)
        .map_or_else(String::new, |usage| {
            format!(
                " It used {} of processor time and {} of memory at most.",
                human_duration(usage.user_time + usage.system_time),
                human_bytes(usage.peak_memory_bytes)
            )
        });
    let words = format!(
        "The process ends ({exit}), the server reaps it and ends what it left behind.{used} For the next request a new one is started."
    );
    Some(
        Step::new(Stop::Exit, format!("The process ends: {exit}"), words)
            .line("ended", exit.to_string())
            .authority("RFC 3875 §3.4")
            .at(run.timeline.at(Moment::Exited)),
    )
}
