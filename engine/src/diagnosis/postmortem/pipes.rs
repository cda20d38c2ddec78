//! What went through a run's pipes: too much unread, too late, past each other.

use super::page::magic;
use super::sent_fields::value;
use crate::diagnosis::evidence::of_stream;
use crate::diagnosis::finding::{Finding, StreamName};
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::units::human_duration;
use crate::diagnosis::wording::counted_bytes;
use crate::exchange::{Exchange, Invocation, Moment};
use crate::python::PythonFacts;
use std::time::Duration;

/// What a pipe holds on Linux (pipe(7)).
const PIPE_BYTES: u64 = 64 * 1024;
/// A run that took longer keeps visitors waiting.
const LONG_RUN: Duration = Duration::from_secs(2);
const LOOKED_AT_BYTES: usize = 264 * 1024;

pub(super) fn remarks(exchange: &Exchange, run: &Invocation) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(full_pipe(exchange, run));
    found.extend(buffered(run));
    found.extend(read_as_text(exchange, run));
    found
}

fn full_pipe(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    let body = exchange.request.body.len();
    let unread = body.saturating_sub(run.stdin_taken);
    let said = run.stderr.len();
    let (title, explanation) = if said > PIPE_BYTES {
        (
            format!("The script wrote {} to standard error", counted_bytes(said)),
            "A host that reads standard error only at the end, as old versions of Apache did, would wait for the script while the script waits for it.",
        )
    } else if unread > PIPE_BYTES && run.exit.is_some() {
        (
            format!(
                "The script left {} of the body unread",
                counted_bytes(unread)
            ),
            "A host that writes the whole body before it reads the answer would wait for ever.",
        )
    } else {
        return None;
    };
    Some(Finding {
        explanation: explanation.into(),
        ..finding(code::FULL_PIPE, title)
    })
}

/// A Python script whose whole output came when it ended: it has no terminal, so print keeps 8 KiB back.
fn buffered(run: &Invocation) -> Option<Finding> {
    let wall = run.timeline.between(Moment::Spawned, Moment::Exited)?;
    let exited = run.timeline.at(Moment::Exited)?;
    let first = run.timeline.at(Moment::FirstOutput)?;
    // A busy computer takes its time to end an interpreter.
    let at_the_end = exited.saturating_sub(first) < (wall / 8).max(Duration::from_millis(100));
    let python = run.program.as_ref().is_some_and(|program| {
        let mut words = program.arguments.iter().map(|word| word.to_string_lossy());
        words.any(|word| word.contains("python"))
            || run
                .script
                .path
                .extension()
                .is_some_and(|suffix| suffix == "py")
    });
    if !python || wall < LONG_RUN || !at_the_end || run.stdout.lines() < 6 {
        return None;
    }
    Some(Finding {
        explanation: format!(
            "Nothing was seen for {}, then everything at once: into a pipe Python prints only when it has 8 KiB, or ends.",
            human_duration(wall)
        ),
        ..finding(
            code::BUFFERED,
            "All output came at the very end of a long run".into(),
        )
    })
}

/// Letters beyond ASCII in a body that is read by characters.
fn read_as_text(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    let body = exchange.request.body.first(LOOKED_AT_BYTES);
    if body.is_ascii() {
        return None;
    }
    memchr::memmem::find(&run.script.source, b"stdin.read(")?;
    let facts = PythonFacts::read(&run.script.source)?;
    let mut reads = facts.calls_of("sys.stdin.read");
    let line = reads.find(|call| !call.arguments.is_empty())?.line;
    let length = String::from_utf8_lossy(value(run, "CONTENT_LENGTH")).into_owned();
    Some(Finding {
        explanation: format!(
            "The body has letters beyond ASCII, so it has fewer characters than the {length} bytes of CONTENT_LENGTH; on a host that leaves standard input open this read would never end."
        ),
        evidence: crate::diagnosis::evidence::of_file(
            &run.script.path,
            &run.script.source,
            line,
            "counts characters",
        ),
        place: Some((run.script.path.clone(), line)),
        ..finding(
            code::COUNTS_CHARACTERS,
            "sys.stdin.read counts characters, CONTENT_LENGTH counts bytes".into(),
        )
    })
}

/// Bytes that went past the text layer while the headers still waited in it.
pub(super) fn bytes_overtook(run: &Invocation) -> Option<Finding> {
    run.response.as_ref()?.refused.as_ref()?;
    let stdout = run.stdout.first(LOOKED_AT_BYTES);
    let (tail, offset) = run.stdout.end();
    let later = |text: &[u8]| {
        let lower = text.to_ascii_lowercase();
        memchr::memmem::rfind(&lower, b"content-type:")
    };
    let at = later(&tail).map(|at| at as u64 + offset)?;
    if at == 0 {
        return None;
    }
    let source = &run.script.source;
    let past_text = [&b"stdout.buffer"[..], b"os.write(", b"sys.stdout.detach"]
        .iter()
        .any(|text| memchr::memmem::find(source, text).is_some());
    let format = magic(&stdout);
    if format.is_none() && !past_text {
        return None;
    }
    let what = format.map_or_else(
        || "Bytes".to_owned(),
        |format| format!("The bytes of the {format} data"),
    );
    Some(Finding {
        explanation: format!(
            "The headers stand at byte {at} of the output, behind what was printed after them: print keeps text back in a buffer of its own, and sys.stdout.buffer does not wait for it."
        ),
        evidence: of_stream(StreamName::Stdout, &stdout, 1, "came first"),
        ..finding(code::BYTES_OVERTOOK, format!("{what} overtook the headers"))
    })
}
