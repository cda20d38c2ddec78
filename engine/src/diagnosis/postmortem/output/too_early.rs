//! What stands before the headers: the script's own text, a command's output, an exception's report.

use super::exception;
use crate::cgi::violation::{Violation, ViolationKind};
use crate::diagnosis::finding::{Finding, RuleCode};
use crate::diagnosis::rules::code;
use crate::diagnosis::traceback;
use crate::exchange::{Exchange, Invocation};
use std::path::PathBuf;

/// Text of the script itself before its headers, or of a child whose output overtook them.
pub(super) fn printed_first(run: &Invocation, stdout: &[u8], found: Finding) -> Finding {
    let holds = |text: &[u8]| memchr::memmem::find(&run.script.source, text).is_some();
    let later = content_type_line(stdout);
    if let Some(line) = later
        && (holds(b"os.system(") || holds(b"subprocess."))
        && !holds(b"flush")
    {
        return Finding {
            code: RuleCode(code::OVERTAKEN),
            title: "The output of a command overtook the headers".into(),
            explanation: format!(
                "The headers follow in line {line}: Python keeps what is printed until its buffer is full, while a command writes at once."
            ),
            remedy: "Print the headers with flush=True before the command is started, or take its output with capture_output=True.".into(),
            ..found
        };
    }
    let first = stdout.split(|&byte| byte == b'\n').next();
    let place = printed_at(run, first.unwrap_or_default());
    let explanation = match later {
        Some(line) => format!(
            "{} The headers follow only in line {line}.",
            found.explanation
        ),
        None => found.explanation,
    };
    Finding {
        explanation,
        place,
        ..found
    }
}

/// The line of the output, from 2 on, that names a Content-Type.
pub(super) fn content_type_line(stdout: &[u8]) -> Option<u32> {
    let lines = stdout.split(|&byte| byte == b'\n');
    let is_field = |line: &[u8]| {
        line.get(..13)
            .is_some_and(|name| name.eq_ignore_ascii_case(b"content-type:"))
    };
    lines
        .take(1000)
        .position(is_field)
        .and_then(|index| u32::try_from(index + 1).ok())
}

/// The one line of the source with a literal that begins as a printed line does.
pub(super) fn printed_at(run: &Invocation, printed: &[u8]) -> Option<(PathBuf, u32)> {
    let word = printed
        .trim_ascii()
        .split(|byte| byte.is_ascii_whitespace())
        .next()
        .filter(|word| word.len() >= 2)?;
    let prints = |line: &[u8]| {
        [&b"print"[..], b"echo", b"puts", b".write("]
            .iter()
            .any(|verb| memchr::memmem::find(line, verb).is_some())
    };
    let quotes = |line: &[u8]| {
        [b'"', b'\'']
            .iter()
            .any(|quote| memchr::memmem::find(line, &[&[*quote], word].concat()).is_some())
    };
    let mut matching = run
        .script
        .source
        .split(|&byte| byte == b'\n')
        .enumerate()
        .filter(|(_, line)| prints(line) && quotes(line));
    let (index, _) = matching.next()?;
    let line = u32::try_from(index + 1).ok()?;
    let one = matching.next().is_none();
    one.then(|| (run.script.path.clone(), line))
}

pub(super) fn traceback_printed(
    exchange: &Exchange,
    run: &Invocation,
    violation: &Violation,
    stdout: &[u8],
    found: Finding,
) -> Finding {
    let text = stdout.get(violation.span.start..).unwrap_or_default();
    let Some(exception) = traceback::first_exception(text) else {
        return found;
    };
    let described = exception::describe(exchange, run, &exception, found.evidence.clone());
    Finding {
        title: described.title,
        explanation: format!("{} {}", described.explanation, found.explanation),
        remedy: described.remedy,
        place: described.place,
        exception: described.exception,
        ..found
    }
}

/// cgitb's page begins with a comment, so that it can follow headers or come without them.
pub(super) fn cgitb_printed(
    exchange: &Exchange,
    run: &Invocation,
    stdout: &[u8],
    found: Finding,
) -> Finding {
    let found = Finding {
        code: RuleCode(ViolationKind::TracebackInHeaders.code()),
        title: "cgitb reported an exception before the headers".into(),
        explanation: "The page that cgitb makes of an exception begins with a comment, not with headers; its text names the line.".into(),
        remedy: "Mend the exception; print the headers before anything can fail if cgitb is to show its page.".into(),
        ..found
    };
    let Some((exception, _)) = traceback::in_page(stdout) else {
        return found;
    };
    let described = exception::describe(exchange, run, &exception, None);
    Finding {
        title: described.title,
        explanation: format!("{} {}", described.explanation, found.explanation),
        remedy: described.remedy,
        place: described.place,
        exception: described.exception,
        ..found
    }
}
