//! What the script printed, held against RFC 3875: the table is `cgi::violation`, the words are here.

mod too_early;

use super::process::last_stderr_line;
use super::words::words;
use super::{exception, page_bytes, stopped_by_others};
use super::{headers_are_out, misspelt, page};
use crate::cgi::header_block::BlockEnd;
use crate::cgi::response::ResponseKind;
use crate::cgi::violation::{Violation, ViolationKind};
use crate::diagnosis::evidence::{line_at, of_stream};
use crate::diagnosis::finding::{Evidence, Finding, Severity, StreamName};
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::units::human_duration;
use crate::diagnosis::wording::{capitalised, counted_bytes, short};
use crate::exchange::{Author, Exchange, Invocation, Moment};
use crate::process::Exit;
use too_early::{cgitb_printed, content_type_line, printed_at, printed_first, traceback_printed};

/// So much of the output is looked at for evidence; a header block is no larger.
const LOOKED_AT_BYTES: usize = 264 * 1024;

/// Something stood among the headers that cannot be one: more specific than whatever happened to the process later.
pub(super) fn stopped_in_headers(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    let stopped = run
        .header_block
        .as_ref()
        .is_some_and(|block| block.end == BlockEnd::Stopped);
    stopped.then(|| refused(exchange, run)).flatten()
}

/// The breach that cost the response.
pub(super) fn refused(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    let violation = run.response.as_ref()?.refused.as_ref()?;
    Some(match violation.kind {
        ViolationKind::EmptyOutput => nothing_printed(run),
        ViolationKind::NoContentType => early_end(run)
            .or_else(|| misspelt::behind(run, violation))
            .unwrap_or_else(|| breach(exchange, run, violation, Severity::Error)),
        _ => misspelt::behind(run, violation)
            .or_else(|| text_with_colon(exchange, run, violation))
            .or_else(|| page_at_once(exchange, run, violation))
            .unwrap_or_else(|| breach(exchange, run, violation, Severity::Error)),
    })
}

/// A first line that has a colon by chance, as a date has, while the headers follow later.
fn text_with_colon(
    exchange: &Exchange,
    run: &Invocation,
    violation: &Violation,
) -> Option<Finding> {
    let stdout = run.stdout.first(LOOKED_AT_BYTES);
    let first = violation.kind == ViolationKind::BadFieldName && violation.line == 1;
    content_type_line(&stdout).filter(|_| first)?;
    let text = Violation {
        kind: ViolationKind::TextBeforeHeaders,
        ..violation.clone()
    };
    Some(breach(exchange, run, &text, Severity::Error))
}

/// The page begins right after the headers, in a line that shows it by nothing but its place: text, or JSON.
fn page_at_once(exchange: &Exchange, run: &Invocation, violation: &Violation) -> Option<Finding> {
    let no_header = matches!(
        violation.kind,
        ViolationKind::BadFieldName | ViolationKind::LineWithoutColon
    );
    let stdout = run.stdout.first(LOOKED_AT_BYTES);
    let fields = &run.header_block.as_ref()?.fields;
    let mut typed = fields.iter().filter(|field| {
        field.line < violation.line && field.name.eq_ignore_ascii_case(b"content-type")
    });
    typed.next().filter(|_| no_header)?;
    let above = violation.line.saturating_sub(1) as usize;
    let mut lines = stdout.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.nth(above)?;
    let rest: Vec<&[u8]> = lines.collect();
    // Where an empty line follows, the text may have got among headers that go on.
    let ends = rest.split_last().map_or(&[][..], |(_, lines)| lines);
    let is_page = first.starts_with(b"{") || first.starts_with(b"[") || !ends.contains(&&b""[..]);
    let inside = Violation {
        kind: ViolationKind::PageInsideHeaders,
        ..violation.clone()
    };
    is_page.then(|| breach(exchange, run, &inside, Severity::Error))
}

/// The type is missing because the headers ended too early: the rest of them stands in the page.
fn early_end(run: &Invocation) -> Option<Finding> {
    let page = page::Page::of(run)?;
    let found = page::headers_in_page(&page)?;
    Some(Finding {
        severity: Severity::Error,
        ..found
    })
}

/// What is missing at the end of an output that something else cut off.
pub(super) fn unfinished(exchange: &Exchange, run: &Invocation) -> Vec<Finding> {
    let Some(response) = &run.response else {
        return Vec::new();
    };
    let missing = response
        .violations
        .iter()
        .chain(&response.refused)
        .find(|violation| {
            matches!(
                violation.kind,
                ViolationKind::EmptyOutput | ViolationKind::NoBlankLine
            )
        });
    let short = run
        .stdout_ended
        .then(|| response.length_violation(page_bytes(run)))
        .flatten()
        .filter(|violation| headers_are_out(run) && violation.kind == ViolationKind::LengthTooLong);
    let mut found: Vec<Finding> = Vec::new();
    found.extend(missing.map(|violation| match violation.kind {
        ViolationKind::EmptyOutput => nothing_printed(run),
        _ => breach(exchange, run, violation, severity(violation.kind)),
    }));
    found.extend(short.map(|violation| breach(exchange, run, &violation, Severity::Warning)));
    found
}

/// Breaches beside the one that cost the response. `sound`: nothing else went wrong with the run.
pub(super) fn breaches(exchange: &Exchange, run: &Invocation, sound: bool) -> Vec<Finding> {
    let Some(response) = &run.response else {
        return Vec::new();
    };
    let mut violations: Vec<&Violation> = Vec::new();
    for violation in response
        .violations
        .iter()
        .filter(|violation| !is_consequence(run, violation, sound) && !proved_right(run, violation))
    {
        // A thousand lines with one fault are one finding.
        if violations.iter().all(|seen| seen.kind != violation.kind) {
            violations.push(violation);
        }
    }
    let mut found: Vec<Finding> = violations
        .into_iter()
        .map(|violation| breach(exchange, run, violation, severity(violation.kind)))
        .collect();
    if sound && run.stdout_ended && run.stop.is_none() && response.refused.is_none() {
        let body = page_bytes(run);
        let late = response
            .length_violation(body)
            .into_iter()
            .chain(response.body_violation(body));
        found.extend(
            late.map(|violation| breach(exchange, run, &violation, severity(violation.kind))),
        );
    }
    found
}

/// What is told elsewhere, or follows from what is told.
fn is_consequence(run: &Invocation, violation: &Violation, sound: bool) -> bool {
    let told = run
        .response
        .as_ref()
        .and_then(|response| response.refused.as_ref())
        == Some(violation);
    let unfinished = matches!(
        violation.kind,
        ViolationKind::EmptyOutput | ViolationKind::NoBlankLine
    );
    told || unfinished && (!sound || stopped_by_others(run))
}

/// Only a page needs a Content-Type (§6.3.1). When the headers were judged, nobody knew that none would follow.
fn proved_right(run: &Invocation, violation: &Violation) -> bool {
    violation.kind == ViolationKind::NoContentTypeBesideStatus
        && run.stdout_ended
        && page_bytes(run) == 0
}

fn severity(kind: ViolationKind) -> Severity {
    match kind {
        ViolationKind::BodyForHead
        | ViolationKind::ServerField
        | ViolationKind::UnknownExtension => Severity::Note,
        _ => Severity::Warning,
    }
}

fn nothing_printed(run: &Invocation) -> Finding {
    let how = match run.exit {
        Some(Exit::Code(code)) => format!("It ended with code {code}"),
        Some(exit @ Exit::Signal { .. }) => format!("It was ended by {exit}"),
        None => "It closed its output".to_owned(),
    };
    let after = run.timeline.between(Moment::Spawned, Moment::Exited);
    let after = after.map_or_else(String::new, |time| {
        format!(" after {}", human_duration(time))
    });
    let evidence = last_stderr_line(run, "its last words");
    let (explanation, remedy) = match &evidence {
        Some(_) => (
            "and what it wrote to standard error tells more",
            "Mend what standard error complains about.",
        ),
        None => (
            "and wrote nothing to standard error either",
            "Check that the code that prints is reached at all, and that the file was saved.",
        ),
    };
    Finding {
        explanation: format!(
            "{how}{after}, {explanation}. A response needs at least one header line."
        ),
        remedy: remedy.into(),
        authority: "RFC 3875 §6.1".into(),
        evidence,
        ..finding(
            code::NOTHING_PRINTED,
            "The script ended without printing anything".into(),
        )
    }
}

/// A breach in words, with the lines around it.
fn breach(
    exchange: &Exchange,
    run: &Invocation,
    violation: &Violation,
    severity: Severity,
) -> Finding {
    let stdout = run.stdout.first(LOOKED_AT_BYTES);
    let words = words(violation.kind);
    let found = Finding {
        explanation: words.explanation.into(),
        remedy: words.remedy.into(),
        authority: format!("RFC 3875 {}", violation.kind.section()),
        evidence: evidence(&stdout, run, violation, words.note),
        severity,
        ..finding(
            violation.kind.code(),
            words
                .title
                .map_or_else(|| capitalised(violation.kind.title()), str::to_owned),
        )
    };
    match violation.kind {
        ViolationKind::TracebackInHeaders => {
            traceback_printed(exchange, run, violation, &stdout, found)
        }
        ViolationKind::PageBeforeHeaders if stdout.starts_with(b"<!--: spam") => {
            cgitb_printed(exchange, run, &stdout, found)
        }
        ViolationKind::PageBeforeHeaders | ViolationKind::TextBeforeHeaders => {
            printed_first(run, &stdout, found)
        }
        ViolationKind::LengthTooShort | ViolationKind::LengthTooLong => length(run, found),
        ViolationKind::BodyForHead | ViolationKind::BodyNotAllowed => found,
        _ => Finding {
            place: printed_line(&found).and_then(|printed| printed_at(run, printed)),
            ..found
        },
    }
}

/// The line of the output that the evidence marks.
fn printed_line(found: &Finding) -> Option<&[u8]> {
    let lines = &found.evidence.as_ref()?.lines;
    let marked = lines.iter().find(|line| line.note.is_some())?;
    Some(&marked.bytes)
}

fn evidence(
    stdout: &[u8],
    run: &Invocation,
    violation: &Violation,
    note: &str,
) -> Option<Evidence> {
    let fields = || {
        run.header_block
            .as_ref()
            .map_or(&[][..], |block| &block.fields)
    };
    let block_length = || run.header_block.as_ref().map_or(0, |block| block.length);
    let line = match (violation.kind, violation.line) {
        (ViolationKind::BodyForHead | ViolationKind::BodyNotAllowed, _) => {
            line_at(stdout, block_length())
        }
        // About the block as a whole: its last field is the place to look at.
        (_, 0) => fields().last().map_or(1, |field| field.line),
        (_, line) => line,
    };
    of_stream(StreamName::Stdout, stdout, line, note)
}

fn length(run: &Invocation, found: Finding) -> Finding {
    let declared = run
        .response
        .as_ref()
        .and_then(|response| response.declared_length)
        .unwrap_or_default();
    Finding {
        title: format!(
            "The script promised {} and printed {}",
            counted_bytes(declared),
            counted_bytes(page_bytes(run))
        ),
        ..found
    }
}

/// An NPH script must write the whole response, status line first.
pub(super) fn nph(run: &Invocation) -> Option<Finding> {
    if !run.nph || !run.stdout_ended {
        return None;
    }
    if run.stdout.is_empty() {
        return Some(nothing_printed(run));
    }
    let stdout = run.stdout.first(LOOKED_AT_BYTES);
    if stdout.starts_with(b"HTTP/") {
        return None;
    }
    Some(Finding {
        explanation: "A script whose name begins with nph- writes the whole response; the server adds nothing, so the client got no valid answer.".into(),
        remedy: "Print a line like HTTP/1.1 200 OK first, or take nph- out of the name.".into(),
        authority: "RFC 3875 §5.2".into(),
        evidence: of_stream(StreamName::Stdout, &stdout, 1, "no status line"),
        ..finding(code::NPH_STATUS_LINE, "The NPH script printed no status line".into())
    })
}

/// Too many local redirects in a row.
pub(super) fn redirect_loop(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    let ResponseKind::LocalRedirect { location } = &run.response.as_ref()?.kind else {
        return None;
    };
    let given_up = exchange
        .response
        .as_ref()
        .is_some_and(|response| response.author == Author::Studio && response.status == 500);
    if !given_up || exchange.invocations.len() < 2 {
        return None;
    }
    let stdout = run.stdout.first(LOOKED_AT_BYTES);
    let at = memchr::memmem::find(&stdout, location).unwrap_or(0);
    let chain: Vec<String> = exchange
        .invocations
        .iter()
        .take(4)
        .map(|run| short(&run.script_name, 60))
        .collect();
    Some(Finding {
        explanation: format!(
            "The request was passed on {} times: {} …",
            exchange.invocations.len(),
            chain.join(" → ")
        ),
        remedy: "Let one of them answer instead of naming the next in Location.".into(),
        authority: "RFC 3875 §6.2.2".into(),
        evidence: of_stream(
            StreamName::Stdout,
            &stdout,
            line_at(&stdout, at),
            "passed on again",
        ),
        ..finding(
            code::REDIRECT_LOOP,
            "The local redirects go round in a circle".into(),
        )
    })
}
