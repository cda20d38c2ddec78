//! The pipeline strip: a name, a figure and a mark for each stage of an exchange.

use super::finding::{Finding, Severity, Stage};
use super::standstill::{stands_still, standstill};
use super::units::{human_bytes, human_duration};
use crate::cgi::reason_phrase::reason_phrase;
use crate::exchange::{Author, End, Exchange, Invocation, Moment, ResponseRecord};

/// One box of the strip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StageView {
    /// Which stage.
    pub stage: Stage,
    /// One short fact: `214 B`, `38 variables`, `exit 0 · 41 ms`, `header line 1`, `200 OK`; empty where there is none yet.
    pub figure: String,
    /// How the stage went.
    pub mark: StageMark,
}

/// How a stage went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StageMark {
    /// As it should.
    Ok,
    /// It worked, but something is wrong.
    Warning,
    /// The chain broke here.
    Failed,
    /// It goes on.
    Running,
    /// The chain never came here, or this request does not need it.
    NotReached,
}

/// The five boxes in order. `findings` are those of this exchange ([`super::after_run`]).
#[must_use]
pub fn strip(exchange: &Exchange, findings: &[Finding]) -> [StageView; 5] {
    let broken = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.stage)
        .min();
    Stage::ALL.map(|stage| {
        let (figure, reached) = match stage {
            Stage::Request => request(exchange),
            Stage::Environment => environment(exchange),
            Stage::Process => process(exchange),
            Stage::Output => output(exchange, findings),
            Stage::Response => response(exchange),
        };
        let worst = findings
            .iter()
            .filter(|finding| finding.stage == stage)
            .map(|finding| finding.severity)
            .min();
        let mark = match broken {
            Some(broken) if stage == broken => StageMark::Failed,
            Some(broken) if stage > broken => StageMark::NotReached,
            _ if reached == StageMark::Ok && worst == Some(Severity::Warning) => StageMark::Warning,
            _ => reached,
        };
        StageView {
            stage,
            figure,
            mark,
        }
    })
}

fn request(exchange: &Exchange) -> (String, StageMark) {
    let request = &exchange.request;
    let size = human_bytes(request.raw_head.len() as u64 + request.body.len());
    let running = exchange.end.is_none()
        && (exchange.timeline.at(Moment::HeadComplete).is_none()
            || !request.body.is_empty() && request.body_end.is_none());
    (
        size,
        if running {
            StageMark::Running
        } else {
            StageMark::Ok
        },
    )
}

fn environment(exchange: &Exchange) -> (String, StageMark) {
    let Some(run) = exchange.invocation() else {
        return without_script(exchange);
    };
    let figure = match run.request.variables.len() {
        1 => "1 variable".to_owned(),
        count => format!("{count} variables"),
    };
    (figure, StageMark::Ok)
}

/// A file, a folder page or a refusal needs no script; before the choice nothing can be said.
fn without_script(exchange: &Exchange) -> (String, StageMark) {
    let answered = exchange.response.is_some() && exchange.request.refusal.is_none();
    (
        if answered {
            "not needed".to_owned()
        } else {
            String::new()
        },
        StageMark::NotReached,
    )
}

fn process(exchange: &Exchange) -> (String, StageMark) {
    let Some(run) = exchange.invocation() else {
        return without_script(exchange);
    };
    if run.launch_failure.is_some() {
        return ("not started".into(), StageMark::Failed);
    }
    let Some(exit) = run.exit else {
        if exchange.end.is_none()
            && stands_still(run)
            && let Some(told) = standstill(exchange, run)
        {
            return (told.brief, StageMark::Running);
        }
        return match run.pid {
            Some(pid) => (
                format!("process {pid}"),
                if exchange.end.is_none() {
                    StageMark::Running
                } else {
                    StageMark::Ok
                },
            ),
            None => (
                String::new(),
                if exchange.end.is_none() {
                    StageMark::Running
                } else {
                    StageMark::NotReached
                },
            ),
        };
    };
    let time = run.timeline.between(Moment::Spawned, Moment::Exited);
    let figure = time.map_or_else(
        || exit.to_string(),
        |time| format!("{exit} · {}", human_duration(time)),
    );
    (figure, StageMark::Ok)
}

fn output(exchange: &Exchange, findings: &[Finding]) -> (String, StageMark) {
    let Some(run) = exchange.invocation() else {
        return without_script(exchange);
    };
    let broken = findings
        .iter()
        .any(|finding| finding.stage == Stage::Output && finding.severity == Severity::Error);
    let refused = run
        .response
        .as_ref()
        .and_then(|response| response.refused.as_ref());
    let figure = match refused {
        _ if run.stdout.is_empty() && (run.stdout_ended || exchange.end.is_some()) => {
            "no output".to_owned()
        }
        Some(violation) if broken && violation.line > 0 => {
            format!("header line {}", violation.line)
        }
        _ => human_bytes(run.stdout.len()),
    };
    (figure, output_mark(exchange, run))
}

fn output_mark(exchange: &Exchange, run: &Invocation) -> StageMark {
    match (
        run.stdout_ended || exchange.end.is_some(),
        run.stdout.is_empty(),
    ) {
        (true, true) | (false, true) => StageMark::NotReached,
        (true, false) => StageMark::Ok,
        (false, false) => StageMark::Running,
    }
}

fn response(exchange: &Exchange) -> (String, StageMark) {
    let Some(response) = &exchange.response else {
        return match exchange.end {
            Some(_) => ("none".into(), StageMark::NotReached),
            None => (String::new(), StageMark::NotReached),
        };
    };
    let mark = match (exchange.end.as_ref(), response.author, response.status) {
        (None, ..) => StageMark::Running,
        (Some(End::CutOff(_)), ..) => StageMark::Warning,
        (Some(_), Author::Studio, 500..) => StageMark::Failed,
        (Some(_), Author::Studio, 400..) => StageMark::Warning,
        _ => StageMark::Ok,
    };
    (status_text(exchange, response), mark)
}

/// Code and phrase, the phrase as it went out.
fn status_text(exchange: &Exchange, response: &ResponseRecord) -> String {
    if response.status == 0 {
        return "no status".to_owned();
    }
    let first = response
        .sent_head
        .split(|&byte| matches!(byte, b'\r' | b'\n'))
        .next()
        .unwrap_or_default();
    let sent = first.splitn(3, |&byte| byte == b' ').nth(2);
    let own = || {
        exchange
            .invocation()
            .and_then(|run| run.response.as_ref())
            .map(|script| script.reason.as_slice())
    };
    let phrase = match (sent, response.author) {
        (Some(phrase), _) => phrase,
        (None, Author::Script) => own().unwrap_or_default(),
        (None, _) => reason_phrase(response.status).as_bytes(),
    };
    let phrase = super::wording::short(&String::from_utf8_lossy(phrase), 40);
    // The studio's own failure page is known by its code alone.
    if phrase.is_empty() || response.author == Author::Studio && response.status >= 500 {
        response.status.to_string()
    } else {
        format!("{} {phrase}", response.status)
    }
}

#[cfg(test)]
mod tests;
