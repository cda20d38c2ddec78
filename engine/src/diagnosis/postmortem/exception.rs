//! An exception that nobody caught: before the headers it is why there is no page, after them why it is cut off.

mod advice;

use super::headers_are_out;
use super::process::sent;
use crate::diagnosis::evidence::{line_at, of_file, of_stream};
use crate::diagnosis::finding::{Evidence, Finding, Severity, Stage, StreamName};
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::traceback::{self, Exception, Language};
use crate::diagnosis::wording::{counted_bytes, one_line, shown};
use crate::exchange::{End, Exchange, Invocation};
use crate::process::Exit;
use advice::advice;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The exception on standard error, if the script ended with a failure.
pub(super) fn uncaught(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    if run.stderr.is_empty() || run.exit.is_none_or(Exit::success) {
        return None;
    }
    let (text, offset) = run.stderr.end();
    let exception = traceback::last_exception(&text)?;
    let found = describe(
        exchange,
        run,
        &exception,
        evidence_of(run, &exception, &text, offset),
    );
    Some(if headers_are_out(run) {
        cut_off(exchange, run, &exception, found)
    } else {
        found
    })
}

/// `input()` at the end of the body: it explains the prompt that was printed where headers should be.
pub(super) fn asked_nobody(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    uncaught(exchange, run).filter(|found| found.code.0 == code::INPUT_AT_END)
}

/// An exception that the page itself reports: cgitb's, CGI::Carp's, PHP's.
pub(super) fn in_page(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    if !headers_are_out(run) || run.stdout.len() > LOOKED_AT_BYTES {
        return None;
    }
    let stdout = run.stdout.head();
    let (exception, at) = traceback::in_page(&stdout)?;
    let failed = run.exit.is_some_and(|exit| !exit.success());
    // A page may also be about a traceback; the exit code, or PHP's own last words, prove that it is one.
    if !failed && exception.language == Language::Python {
        return None;
    }
    let evidence = evidence_of(run, &exception, b"", 1)
        .or_else(|| of_stream(StreamName::Stdout, &stdout, line_at(&stdout, at), ""));
    let found = describe(exchange, run, &exception, evidence);
    let title = title(&exception, found.place.as_ref());
    let found = cut_off(exchange, run, &exception, found);
    Some(Finding {
        title: format!("The page reports an exception: {title}"),
        explanation: "The headers were out when it came, so that the status could not say failure any more; the report stands in the page.".into(),
        ..found
    })
}

/// What an exception before the headers is told as.
pub(super) fn describe(
    exchange: &Exchange,
    run: &Invocation,
    exception: &Exception,
    evidence: Option<Evidence>,
) -> Finding {
    let place = exception.place(directory(run));
    let advice = advice(exchange, run, exception);
    Finding {
        explanation: advice.explanation.unwrap_or_else(|| {
            "The script ended with an exception before it had printed its headers, so that there is no page to send.".to_owned()
        }),
        remedy: advice.remedy,
        authority: advice.authority.into(),
        evidence,
        place: place.clone(),
        severity: Severity::Error,
        stage: Stage::Process,
        exception: Some(Arc::new(exception.clone())),
        ..finding(advice.code, title(exception, place.as_ref()))
    }
}

/// After the headers. A cause that has a rule of its own stays the headline, and the cut follows from it.
fn cut_off(
    exchange: &Exchange,
    run: &Invocation,
    exception: &Exception,
    found: Finding,
) -> Finding {
    let bytes = counted_bytes(sent(exchange, run));
    let whole = matches!(exchange.end, Some(End::Answered));
    let title = title(exception, found.place.as_ref());
    let headline = match (whole, sent(exchange, run)) {
        (true, 0) => "The script failed before its page began".to_owned(),
        (true, _) => format!("The script failed after {bytes} of its page"),
        (false, 0) => "The page is cut off before it began".to_owned(),
        (false, _) => format!("The page is cut off after {bytes}"),
    };
    let explanation = format!(
        "The headers were out when the exception came, so that the status could not say failure any more.{}",
        if whole {
            ""
        } else {
            " The answer was ended in a way that shows that the page is not whole; most servers hide it."
        }
    );
    if found.code.0 != code::NOTHING_PRINTED {
        let follows = Finding {
            explanation: explanation.clone(),
            ..finding(code::CUT_OFF, headline.clone())
        };
        return Finding {
            explanation: format!("{} {explanation}", found.explanation),
            title: format!("{headline}: {title}"),
            consequences: vec![follows],
            ..found
        };
    }
    Finding {
        explanation,
        exception: found.exception,
        evidence: found.evidence,
        place: found.place,
        remedy: found.remedy,
        ..finding(code::CUT_OFF, format!("{headline}: {title}"))
    }
}

/// `KeyError: 'name' in form.py line 14`
fn title(exception: &Exception, place: Option<&(PathBuf, u32)>) -> String {
    let headline = one_line(&exception.headline());
    match place {
        Some((file, line)) => {
            let name = file
                .file_name()
                .map_or_else(|| shown(file), |name| shown(Path::new(name)));
            format!("{headline} in {name} line {line}")
        }
        None => headline,
    }
}

/// The script's own line where it failed, else the exception's words.
pub(super) fn evidence_of(
    run: &Invocation,
    exception: &Exception,
    text: &[u8],
    offset: u64,
) -> Option<Evidence> {
    if let Some((file, line)) = exception.place(directory(run))
        && file == run.script.path
        && let Some(evidence) = of_file(
            &file,
            &run.script.source,
            line,
            &one_line(&exception.headline()),
        )
    {
        return Some(evidence);
    }
    // Lines are numbered from the stream's beginning; where that is gone, the numbers would lie.
    let last = text
        .get(..exception.span.end)?
        .trim_ascii_end()
        .len()
        .saturating_sub(1);
    (offset == 0).then(|| of_stream(StreamName::Stderr, text, line_at(text, last), ""))?
}

fn directory(run: &Invocation) -> &Path {
    match &run.program {
        Some(program) => &program.directory,
        None => run.script.path.parent().unwrap_or(Path::new("/")),
    }
}

/// Longer pages are not searched for reports.
const LOOKED_AT_BYTES: u64 = 1 << 20;
