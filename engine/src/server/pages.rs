//! The pages that the studio writes itself: the templates of `assets/pages`, filled in.
//!
//! Every foreign text is escaped in `template` and nowhere else; a client on another computer gets the status and no more.

mod template;

use crate::cgi::reason_phrase::reason_phrase;
use crate::diagnosis::finding::{Evidence, EvidenceLine, EvidenceSource, Severity, Stage};
use crate::diagnosis::pipeline::{StageMark, StageView, strip};
use crate::diagnosis::wording::capitalised;
use crate::diagnosis::{Finding, after_run};
use crate::exchange::{CapturedBody, Exchange, Refusal, SelectedTarget};
use bytes::Bytes;
use template::{ascii, escaped, fill, template, visible_html};

/// No more of standard error is put into a page.
const STDERR_BYTES: usize = 64 * 1024;
/// Findings beside the headline.
const FINDINGS: usize = 20;

const STYLE: &str = template!("style.css");

/// What stands in a folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EntryKind {
    /// It is run.
    Script,
    /// It leads further down.
    Folder,
    /// It is sent as it is.
    File,
}

/// One line of a folder page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FolderEntry {
    /// The name shown.
    pub(crate) name: String,
    /// Where the link leads, percent-encoded.
    pub(crate) url: String,
    /// What it is.
    pub(crate) kind: EntryKind,
}

/// The page for a request that was refused before it could be understood.
pub(crate) fn refused(refusal: &Refusal, local: bool) -> Bytes {
    let status = status_line(refusal.status);
    if !local {
        return plain(&status);
    }
    let excerpt = String::from_utf8_lossy(&refusal.excerpt);
    let sentence = match refusal.authority.as_str() {
        "" => "A rule of this site forbids it; no script was asked.".to_owned(),
        authority => format!("{authority} forbids it; no script was asked."),
    };
    let (state, sign) = mood(refusal.status);
    page(
        template!("message.html"),
        &[
            ("status", &status),
            ("state", state),
            ("sign", sign),
            ("method", ""),
            ("target", &excerpt),
            ("title", &capitalised(&refusal.reason)),
            ("sentence", &sentence),
            ("near_html", ""),
            ("why_html", ""),
            ("footnote", "Refused by CGI Studio"),
        ],
    )
}

/// The page for a script that gave nothing to forward: the same findings as in the window. `show` is the target that
/// brings the run up there.
pub(crate) fn failure(exchange: &Exchange, status: u16, local: bool, show: Option<&str>) -> Bytes {
    let status_text = status_line(status);
    if !local {
        return plain(&status_text);
    }
    let findings = after_run(exchange);
    let mut stages = strip(exchange, &findings);
    // This page is the response; it is only about to be recorded.
    let [.., response] = &mut stages;
    response.figure = status.to_string();
    let (headline, others) = match findings.split_first() {
        Some((headline, others)) => (finding(headline, "h1"), others),
        None => (String::new(), &[][..]),
    };
    let template = template!("failure.html");
    let unrecorded = exchange.id.0 == 0;
    let template = if unrecorded {
        template.replace(RECORDED, "This run was not recorded")
    } else {
        template.to_owned()
    };
    page(
        &template,
        &[
            ("status", &status_text),
            ("method", &exchange.request.method()),
            ("target", &exchange.request.target()),
            ("stages_html", &stages.iter().map(stage).collect::<String>()),
            ("finding_html", &headline),
            ("secondary_html", &secondary(others)),
            (
                "stderr_html",
                &exchange
                    .invocation()
                    .map(|run| stderr(&run.stderr))
                    .unwrap_or_default(),
            ),
            ("run", &exchange.id.to_string()),
            ("time", &exchange.started.time_of_day()),
            ("show_html", &show.map(show_link).unwrap_or_default()),
        ],
    )
}

/// What is put at the end of a page that a crash cut short, in any encoding that has ASCII; none where the record names
/// no cause.
pub(crate) fn crash(exchange: &Exchange, show: Option<&str>) -> Option<Bytes> {
    let findings = after_run(exchange);
    let cause = findings
        .first()
        .filter(|cause| cause.severity == Severity::Error)?;
    let html = fill(
        template!("parts/crash.html"),
        &[
            ("title", &cause.title),
            ("sentence", &cause.explanation),
            ("remedy", &cause.remedy),
            ("source", &source(cause)),
            ("run", &exchange.id.to_string()),
            ("show_html", &show.map(show_link).unwrap_or_default()),
        ],
    );
    Some(ascii(&html).into())
}

fn show_link(target: &str) -> String {
    format!(
        " · <a href=\"{}\">Show it in the window</a>",
        escaped(target)
    )
}

/// The footer of `failure.html`; a test holds that it is there.
const RECORDED: &str = "Run #{run}, recorded in CGI Studio at {time}";

/// The page for everything else that the studio answers: not found, forbidden, not allowed.
pub(crate) fn message(
    exchange: &Exchange,
    status: u16,
    title: &str,
    sentence: &str,
    local: bool,
) -> Bytes {
    let status_text = status_line(status);
    if !local {
        return plain(&status_text);
    }
    let (state, sign) = mood(status);
    let footnote = match exchange.id.0 {
        0 => "This request was not recorded".to_owned(),
        id => format!(
            "Run #{id}, recorded in CGI Studio at {}",
            exchange.started.time_of_day()
        ),
    };
    page(
        template!("message.html"),
        &[
            ("status", &status_text),
            ("state", state),
            ("sign", sign),
            ("method", &exchange.request.method()),
            ("target", &exchange.request.target()),
            ("title", title),
            ("sentence", sentence),
            ("near_html", &near(&exchange.selection.target)),
            ("why_html", &why(&exchange.selection.steps)),
            ("footnote", &footnote),
        ],
    )
}

/// The page of a folder that has no index file.
pub(crate) fn folder(title: &str, url_path: &str, entries: &[FolderEntry]) -> Bytes {
    let of_kind = |kind| -> String {
        entries
            .iter()
            .filter(|entry| entry.kind == kind)
            .map(|entry| row(&entry.url, &entry.name))
            .collect()
    };
    page(
        template!("index.html"),
        &[
            ("title", title),
            ("path", url_path),
            (
                "scripts_html",
                &section("Scripts", "rows", &of_kind(EntryKind::Script)),
            ),
            (
                "folders_html",
                &section("Folders", "rows", &of_kind(EntryKind::Folder)),
            ),
            (
                "files_html",
                &section("Files", "rows", &of_kind(EntryKind::File)),
            ),
        ],
    )
}

fn plain(status: &str) -> Bytes {
    page(template!("plain.html"), &[("status", status)])
}

fn stage(view: &StageView) -> String {
    let (state, sign, word) = match view.mark {
        StageMark::Ok => ("ok", "✓", "passed"),
        StageMark::Warning => ("warn", "!", "warning"),
        StageMark::Failed => ("fail", "✕", "failed"),
        StageMark::Running => ("running", "…", "running"),
        StageMark::NotReached => ("skipped", "○", "not reached"),
    };
    // Whoever reads this page waits for nothing: its own sending is no running stage.
    let (state, sign, word) = if view.stage == Stage::Response {
        ("skipped", "○", "not reached")
    } else {
        (state, sign, word)
    };
    fill(
        template!("parts/stage.html"),
        &[
            ("state", state),
            ("name", view.stage.label()),
            ("sign", sign),
            ("word", word),
            ("fact", &view.figure),
        ],
    )
}

fn finding(finding: &Finding, rank: &str) -> String {
    let state = match finding.severity {
        Severity::Error => "fail",
        Severity::Warning => "warn",
        Severity::Note => "info",
    };
    fill(
        template!("parts/finding.html"),
        &[
            ("state", state),
            ("rank", rank),
            ("title", &finding.title),
            ("sentence", &finding.explanation),
            (
                "evidence_html",
                &finding.evidence.as_ref().map(evidence).unwrap_or_default(),
            ),
            ("remedy", &finding.remedy),
            ("source", &source(finding)),
        ],
    )
}

/// `Written by form.py:14 · RFC 3875 §6.2 · CGI025`
fn source(finding: &Finding) -> String {
    let place = finding.place.as_ref().and_then(|(file, line)| {
        let name = file.file_name()?.to_string_lossy().into_owned();
        Some(if finding.stage == Stage::Output {
            format!("Written by {name}:{line}")
        } else {
            format!("{name}:{line}")
        })
    });
    let authority = Some(finding.authority.clone()).filter(|authority| !authority.is_empty());
    let parts: Vec<String> = place
        .into_iter()
        .chain(authority)
        .chain([finding.code.to_string()])
        .chain(
            finding
                .consequences
                .iter()
                .map(|follows| format!("{} follows from it", follows.code)),
        )
        .collect();
    parts.join(" · ")
}

fn secondary(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let inside: String = findings
        .iter()
        .take(FINDINGS)
        .map(|other| finding(other, "h2"))
        .collect();
    let summary = match findings.len() {
        1 => "1 more finding".to_owned(),
        count if count > FINDINGS => format!("{count} more findings, {FINDINGS} shown"),
        count => format!("{count} more findings"),
    };
    fill(
        template!("parts/folded.html"),
        &[("summary", &summary), ("inside_html", &inside)],
    )
}

fn evidence(evidence: &Evidence) -> String {
    let of = match &evidence.source {
        EvidenceSource::Stream(stream, _) => {
            format!("{}, {}", stream.label(), which_lines(&evidence.lines))
        }
        EvidenceSource::File(file, _) => {
            let name = file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            format!("{name}, {}", which_lines(&evidence.lines))
        }
    };
    let lines: String = evidence.lines.iter().map(evidence_line).collect();
    fill(
        template!("parts/evidence.html"),
        &[("of", &of), ("lines_html", &lines)],
    )
}

fn which_lines(lines: &[EvidenceLine]) -> String {
    match lines {
        [] => String::new(),
        [line] => format!("line {}", line.number),
        [first, .., last] => format!("lines {} to {}", first.number, last.number),
    }
}

fn evidence_line(line: &EvidenceLine) -> String {
    fill(
        template!("parts/evidence_line.html"),
        &[
            ("state", if line.note.is_some() { "marked" } else { "" }),
            ("number", &line.number.to_string()),
            ("text_html", &visible_html(&line.bytes)),
            ("note", line.note.as_deref().unwrap_or_default()),
        ],
    )
}

/// The end of standard error in a fold; what is left out is said.
fn stderr(stderr: &CapturedBody) -> String {
    if stderr.is_empty() {
        return String::new();
    }
    let tail = stderr.tail();
    let kept = if tail.is_empty() {
        stderr.head().into_owned()
    } else {
        tail
    };
    let shown = kept
        .get(kept.len().saturating_sub(STDERR_BYTES)..)
        .unwrap_or_default();
    let left_out = stderr.len() - shown.len() as u64;
    let lines = shown.split_inclusive(|&byte| byte == b'\n').count();
    let summary = match (left_out, lines) {
        (0, 1) => "stderr, 1 line".to_owned(),
        (0, count) => format!("stderr, {count} lines"),
        (cut, count) => {
            format!("stderr, the last {count} lines; {cut} bytes before them are not shown here")
        }
    };
    let inside = format!("<pre>{}</pre>", escaped(&String::from_utf8_lossy(shown)));
    fill(
        template!("parts/folded.html"),
        &[("summary", &summary), ("inside_html", &inside)],
    )
}

fn near(target: &SelectedTarget) -> String {
    match target {
        SelectedTarget::Nothing { nearest: Some(url) } => {
            section("Did you mean", "rows", &row(url, url))
        }
        _ => String::new(),
    }
}

fn why(steps: &[String]) -> String {
    let steps: String = steps
        .iter()
        .map(|text| {
            fill(
                template!("parts/step.html"),
                &[("text", &capitalised(text))],
            )
        })
        .collect();
    section("How this address was followed", "steps", &steps)
}

fn section(title: &str, list: &str, items: &str) -> String {
    if items.is_empty() {
        return String::new();
    }
    fill(
        template!("parts/section.html"),
        &[("title", title), ("list", list), ("items_html", items)],
    )
}

fn row(href: &str, name: &str) -> String {
    // A name with a colon would be read as a scheme (RFC 3986 §4.2).
    let href = if href.starts_with('/') {
        href.to_owned()
    } else {
        format!("./{href}")
    };
    fill(
        template!("parts/row.html"),
        &[
            ("href", &href),
            ("name", name),
            ("state", ""),
            ("sign", ""),
            ("fact", ""),
        ],
    )
}

fn status_line(status: u16) -> String {
    format!("{status} {}", reason_phrase(status))
}

fn mood(status: u16) -> (&'static str, &'static str) {
    match status {
        500.. => ("fail", "✕"),
        400.. => ("warn", "!"),
        _ => ("info", "→"),
    }
}

fn page(template: &str, values: &[(&str, &str)]) -> Bytes {
    let mut with_style = vec![("style_html", STYLE)];
    with_style.extend_from_slice(values);
    fill(template, &with_style).into()
}

#[cfg(test)]
mod tests;
