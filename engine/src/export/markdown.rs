//! An exchange as a report in Markdown, for an issue or homework: what happened, why, and what there was to see.

use std::fmt::Write as _;

use super::visible::{cell, code_span, fenced, lines_of};
use crate::diagnosis::units::{human_bytes, human_duration};
use crate::diagnosis::{self, Finding};
use crate::exchange::{CapturedBody, Exchange, Invocation, Moment, SelectedTarget};

/// Lines shown of a stream.
const STREAM_LINES: usize = 60;
/// Bytes shown of a stream.
const STREAM_BYTES: usize = 8 * 1024;
/// Lines of code shown before and after the one that is meant.
const CODE_LINES: usize = 4;

/// The variables that decide most of what a script does (RFC 3875 §4.1).
const KEY_VARIABLES: [&str; 12] = [
    "REQUEST_METHOD",
    "SCRIPT_NAME",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "QUERY_STRING",
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
    "SERVER_PROTOCOL",
    "AUTH_TYPE",
    "REMOTE_USER",
    "HTTP_COOKIE",
    "DOCUMENT_ROOT",
];

/// The report, ending in a line end. Whatever the exchange holds stays within its fences and cells.
#[must_use]
pub fn markdown(exchange: &Exchange) -> String {
    let findings = diagnosis::after_run(exchange);
    let mut report = String::new();
    title(&mut report, exchange);
    headline(&mut report, &findings);
    happened(&mut report, exchange);
    request(&mut report, exchange);
    for run in &exchange.invocations {
        environment(&mut report, run);
        stream(&mut report, "Standard output", &run.stdout);
        stream(&mut report, "Standard error", &run.stderr);
    }
    answer(&mut report, exchange);
    code(&mut report, exchange, &findings);
    others(&mut report, &findings);
    let _ = writeln!(
        report,
        "\nRecorded by CGI Studio {}.",
        env!("CARGO_PKG_VERSION")
    );
    report
}

fn title(report: &mut String, exchange: &Exchange) {
    let line = format!(
        "{} {}",
        exchange.request.method(),
        exchange.request.target()
    );
    let status = match &exchange.response {
        Some(response) => response.status.to_string(),
        None => "no answer".to_owned(),
    };
    let _ = writeln!(report, "# {} → {status}", code_span(line.as_bytes()));
}

fn headline(report: &mut String, findings: &[Finding]) {
    let Some(finding) = findings.first() else {
        return;
    };
    let _ = writeln!(
        report,
        "\n**{}: {}**",
        finding.code,
        cell(finding.title.as_bytes())
    );
    let _ = writeln!(report, "\n{}", cell(finding.explanation.as_bytes()));
    if !finding.remedy.is_empty() {
        let _ = writeln!(report, "\nRemedy: {}", cell(finding.remedy.as_bytes()));
    }
    if !finding.authority.is_empty() {
        let _ = writeln!(report, "\nSource: {}", cell(finding.authority.as_bytes()));
    }
}

fn happened(report: &mut String, exchange: &Exchange) {
    report.push_str("\n## What happened\n\n");
    let _ = writeln!(report, "- {}, request {}", exchange.started, exchange.id);
    if let SelectedTarget::Script(path) | SelectedTarget::File(path) = &exchange.selection.target {
        let path = path.as_os_str().as_encoded_bytes();
        let _ = writeln!(report, "- the URL stands for {}", code_span(path));
    }
    for run in &exchange.invocations {
        let _ = writeln!(report, "- {}", process(run));
    }
    if let Some(response) = &exchange.response {
        let size = human_bytes(response.body_bytes);
        let time = exchange.timeline.at(Moment::ResponseEnded);
        let time = time.map(|time| format!(" after {}", human_duration(time)));
        let time = time.unwrap_or_default();
        let _ = writeln!(
            report,
            "- answered with {} and {size} of body{time}",
            response.status
        );
    }
    if let Some(crate::exchange::End::CutOff(cause) | crate::exchange::End::Unanswered(cause)) =
        &exchange.end
    {
        let _ = writeln!(
            report,
            "- it ended early: {}",
            cell(cause.to_string().as_bytes())
        );
    }
}

fn process(run: &Invocation) -> String {
    if let Some(failure) = &run.launch_failure {
        return format!(
            "no process was started: {}",
            cell(failure.message.as_bytes())
        );
    }
    let mut words = match run.exit {
        Some(exit) => format!("the process ended with {exit}"),
        None => "the process has not ended".to_owned(),
    };
    if let Some(time) = run.timeline.between(Moment::Spawned, Moment::Exited) {
        let _ = write!(words, " after {}", human_duration(time));
    }
    if let Some(stop) = run.stop {
        let _ = write!(words, "; the server ended it: {stop}");
    }
    if let Some(program) = &run.program {
        let line: Vec<_> = program
            .arguments
            .iter()
            .map(|word| super::quoting::shell_word(word.as_encoded_bytes()))
            .collect();
        let directory = code_span(program.directory.as_os_str().as_encoded_bytes());
        let _ = write!(
            words,
            ", started as {} in {directory}",
            code_span(line.join(" ").as_bytes())
        );
    }
    words
}

fn request(report: &mut String, exchange: &Exchange) {
    report.push_str("\n## Request\n\n");
    report.push_str(&fenced("http", &exchange.request.raw_head));
    stream(report, "Request body", &exchange.request.body);
}

fn environment(report: &mut String, run: &Invocation) {
    report.push_str("\n## Key variables\n\n| Variable | Value | From |\n|---|---|---|\n");
    for name in KEY_VARIABLES {
        if let Some(variable) = run.request.get(name) {
            let from = cell(variable.provenance.label().as_bytes());
            let value = match variable.value.is_empty() {
                true => "(empty)".to_owned(),
                false => code_span(&variable.value).replace('|', "\\|"),
            };
            let _ = writeln!(report, "| {name} | {value} | {from} |");
        } else if let Some(absent) = run.request.absent.iter().find(|absent| absent.name == name) {
            let reason = cell(absent.reason.to_string().as_bytes());
            let _ = writeln!(report, "| {name} | absent | {reason} |");
        }
    }
    let rest = run.request.variables.iter();
    let rest = rest
        .filter(|variable| !KEY_VARIABLES.contains(&variable.name.as_str()))
        .count();
    let _ = writeln!(report, "\n{rest} more variables were set.");
}

fn stream(report: &mut String, title: &str, stream: &CapturedBody) {
    if stream.is_empty() {
        if title != "Request body" {
            let _ = writeln!(report, "\n## {title}\n\nNothing.");
        }
        return;
    }
    let _ = writeln!(report, "\n## {title}, {}\n", human_bytes(stream.len()));
    let (shown, taken) = lines_of(&stream.first(STREAM_BYTES), STREAM_LINES);
    report.push_str(&fenced("text", &shown));
    let left = stream.len() - taken as u64;
    if left > 0 {
        let _ = writeln!(report, "\n{} more are not shown.", human_bytes(left));
    }
}

fn answer(report: &mut String, exchange: &Exchange) {
    if let Some(response) = exchange
        .response
        .as_ref()
        .filter(|response| !response.sent_head.is_empty())
    {
        report.push_str("\n## Response head as sent\n\n");
        report.push_str(&fenced("http", &response.sent_head));
    }
}

/// The lines around the place that the first finding with a place names.
fn code(report: &mut String, exchange: &Exchange, findings: &[Finding]) {
    let Some((file, line)) = findings.iter().find_map(|finding| finding.place.as_ref()) else {
        return;
    };
    let mut runs = exchange.invocations.iter();
    let Some(run) = runs.find(|run| run.script.path == *file) else {
        return;
    };
    let marked = *line as usize;
    let first = marked.saturating_sub(CODE_LINES).max(1);
    let mut excerpt = Vec::new();
    let lines = run
        .script
        .source
        .split_inclusive(|byte| *byte == b'\n')
        .enumerate();
    for (index, text) in lines.skip(first - 1).take(marked + CODE_LINES + 1 - first) {
        let sign = if index + 1 == marked { '>' } else { ' ' };
        excerpt.extend_from_slice(format!("{sign}{:>5}  ", index + 1).as_bytes());
        excerpt.extend_from_slice(text);
    }
    if excerpt.is_empty() {
        return;
    }
    let name = code_span(file.as_os_str().as_encoded_bytes());
    let _ = writeln!(report, "\n## Code, as it was: {name} line {line}\n");
    report.push_str(&fenced("text", &excerpt));
}

fn others(report: &mut String, findings: &[Finding]) {
    if findings.len() < 2 {
        return;
    }
    report.push_str("\n## Also found\n\n");
    for finding in findings.iter().skip(1) {
        let title = cell(finding.title.as_bytes());
        let _ = writeln!(report, "- {} ({}): {title}", finding.code, finding.severity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::samples;
    use crate::process::Exit;

    #[test]
    fn a_report_tells_the_cause_and_shows_the_evidence() {
        let stderr = b"Traceback (most recent call last):\n  File \"/site/cgi-bin/form.py\", line 2, in <module>\n    print('x')\nKeyError: 'city'\n";
        let exchange = samples::exchange(vec![samples::run(b"", stderr, Exit::Code(1))]);
        let report = markdown(&exchange);
        for expected in [
            "# `? ",
            "\u{2192} 500",
            "\n**CGI",
            "KeyError",
            "## Standard output\n\nNothing.",
            " B\n\n```text\nTraceback",
            "the process ended with exit 1",
            "## Code, as it was: `/site/cgi-bin/form.py` line 2\n\n```text\n     1  #!/usr/bin/env python3\n>    2  print('x')\n```",
        ] {
            assert!(report.contains(expected), "{expected:?} in {report}");
        }
    }

    #[test]
    fn content_cannot_leave_its_fence_or_cell() {
        let stdout =
            b"Content-Type: text/plain\n\n```\n````` <script>\n\x1b[2J\xe2\x80\xae\n# Title\n";
        let mut run = samples::run(stdout, b"", Exit::Code(0));
        let request = std::sync::Arc::make_mut(&mut run.request);
        request
            .variables
            .push(crate::cgi::meta_variable::MetaVariable {
                name: "PATH_INFO".into(),
                value: b"/a|b`c\n# x".to_vec(),
                provenance: crate::cgi::meta_variable::Provenance::ExtraPath,
                sources: Vec::new(),
            });
        let report = markdown(&samples::exchange(vec![run]));
        assert!(report.contains("\n``````text\nContent-Type: text/plain\n\n```\n````` <script>\n\\u{1b}[2J\\u{202e}\n# Title\n``````\n"), "{report}");
        assert!(
            report.contains("| PATH_INFO | ``/a\\|b`c\\n# x`` |"),
            "{report}"
        );
    }
}
