//! What can be said of an exchange from its record: the headline first, consequences left out.
//!
//! Each run has one cause of failure at most. The most specific one that the record proves is told;
//! what merely follows from it (an empty output after a traceback, a missing Content-Type in a page that came
//! before any header) is not repeated.

mod exception;
mod header_values;
mod misspelt;
mod output;
mod page;
mod pipes;
mod process;
mod request;
mod selection;
mod sent_fields;
mod web;
mod words;

use super::finding::{Blame, Finding, Severity, Stage};
use super::preflight;
use super::rules::{code, finding};
use crate::cgi::header_block::BlockEnd;
use crate::exchange::{End, EndCause, Exchange, Invocation, StopCause};
use crate::process::Exit;

/// The findings, the most important first.
pub(super) fn findings(exchange: &Exchange) -> Vec<Finding> {
    let mut found = request::findings(exchange);
    found.extend(selection::findings(exchange));
    let last = exchange.invocations.len().saturating_sub(1);
    for (index, run) in exchange.invocations.iter().enumerate() {
        let mut cause = cause(exchange, run, index == last);
        let sound = cause.is_empty();
        found.extend(output::breaches(exchange, run, sound));
        found.extend(process::remarks(run, sound));
        if let Some(first) = cause.first_mut() {
            let follows = consequences(exchange, run, first.code.0);
            first.consequences.extend(follows);
        } else if run.exit.is_some() && run.stdout_ended && headers_are_out(run) {
            found.extend(remarks(exchange, run));
        }
        found.extend(cause);
    }
    found.extend(ending(exchange));
    found.sort_by_key(|finding| finding.severity);
    found
}

/// What is worth a word about an answer that is whole: its headers' values, its page, its ways through the pipes.
fn remarks(exchange: &Exchange, run: &Invocation) -> Vec<Finding> {
    let mut found = misspelt::remarks(run);
    found.extend(header_values::findings(exchange, run));
    if let Some(page) = page::Page::of(run) {
        found.extend(page::findings(&page));
        found.extend(web::reflected(exchange, &page));
    }
    found.extend(web::findings(exchange, run));
    found.extend(pipes::remarks(exchange, run));
    found
}

/// What merely follows from the cause of a failure, folded beneath it.
fn consequences(exchange: &Exchange, run: &Invocation, cause: u16) -> Vec<Finding> {
    let mut found = output::unfinished(exchange, run);
    if headers_are_out(run) && cause != super::rules::code::EXIT_CODE {
        found.extend(process::failing_exit(run));
    }
    found.retain(|finding| finding.code.0 != cause);
    found
}

/// Why this run gave no response, or only a part of one: nothing where it gave one.
fn cause(exchange: &Exchange, run: &Invocation, last: bool) -> Vec<Finding> {
    if run.launch_failure.is_some() {
        return process::not_started(run);
    }
    if stopped_by_others(run) {
        return Vec::new();
    }
    if let Some(StopCause::TimeLimit { limit, total }) = run.stop {
        return vec![process::time_limit(exchange, run, limit, total)];
    }
    if died_before_it_began(run) {
        let found = preflight::of_start(&run.script);
        if !found.is_empty() {
            return found;
        }
    }
    let single = web::php_refuses(run)
        .or_else(|| exception::asked_nobody(exchange, run))
        .or_else(|| pipes::bytes_overtook(run))
        .or_else(|| output::stopped_in_headers(exchange, run))
        .or_else(|| process::run_by_shell(run))
        .or_else(|| exception::uncaught(exchange, run))
        .or_else(|| exception::in_page(exchange, run))
        .or_else(|| process::command_not_found(run))
        .or_else(|| process::killed(exchange, run))
        .or_else(|| output::refused(exchange, run))
        .or_else(|| output::nph(run))
        .or_else(|| last.then(|| output::redirect_loop(exchange, run)).flatten());
    single.into_iter().collect()
}

/// The client, the user or the studio ended it: whatever is missing is missing for that reason.
fn stopped_by_others(run: &Invocation) -> bool {
    matches!(
        run.stop,
        Some(StopCause::ClientGone | StopCause::User | StopCause::Shutdown)
    )
}

/// Codes of a shell, or of `env`, that could not start the program it was told; nothing of the script itself has run.
fn died_before_it_began(run: &Invocation) -> bool {
    run.stdout.is_empty() && matches!(run.exit, Some(Exit::Code(code)) if code != 0)
}

/// The headers are through: what fails from now on cuts off a page.
fn headers_are_out(run: &Invocation) -> bool {
    if run.nph {
        return !run.stdout.is_empty();
    }
    let complete = run
        .header_block
        .as_ref()
        .is_some_and(|block| block.end == BlockEnd::BlankLine);
    complete
        && run
            .response
            .as_ref()
            .is_some_and(|response| response.refused.is_none())
}

/// Bytes of the script's page, after its headers.
fn page_bytes(run: &Invocation) -> u64 {
    run.stdout
        .len()
        .saturating_sub(run.body_offset().unwrap_or(0))
}

/// What the end of the exchange adds.
fn ending(exchange: &Exchange) -> Option<Finding> {
    let cause = match exchange.end.as_ref()? {
        End::Answered => return None,
        End::CutOff(cause) | End::Unanswered(cause) => cause,
    };
    let sent = exchange
        .response
        .as_ref()
        .map_or(0, |response| response.body_bytes);
    let so_far = match exchange.response {
        Some(_) => format!(
            "{} of the page had been handed over.",
            super::wording::capitalised(&super::wording::counted_bytes(sent))
        ),
        None => "No answer had begun.".to_owned(),
    };
    let note = |number, blame, title: &str| Finding {
        blame,
        severity: Severity::Note,
        stage: Stage::Response,
        explanation: so_far.clone(),
        ..finding(number, title.to_owned())
    };
    match cause {
        EndCause::ClientGone | EndCause::Stopped(StopCause::ClientGone) => Some(Finding {
            remedy: "Nothing is wrong when a visitor presses Stop or leaves; a page that many leave may be too slow.".into(),
            authority: "RFC 3875 §3.4".into(),
            ..note(code::CLIENT_GONE, Blame::Client, "The client hung up before the answer was complete")
        }),
        EndCause::Stopped(StopCause::User) => Some(note(code::STOPPED, Blame::Server, "The run was stopped by hand")),
        EndCause::Shutdown | EndCause::Stopped(StopCause::Shutdown) => {
            Some(note(code::STOPPED, Blame::Server, "The studio closed before the answer was complete"))
        }
        EndCause::Internal(words) => Some(Finding {
            severity: Severity::Error,
            explanation: format!("The studio itself failed: {}.", super::wording::one_line(words)),
            remedy: "Send the request again; if it happens again, report it.".into(),
            ..note(code::STUDIO_FAILED, Blame::Server, "The studio could not answer")
        }),
        EndCause::ScriptFailed | EndCause::Stopped(_) => None,
    }
}

#[cfg(test)]
mod tests;
