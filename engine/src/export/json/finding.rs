//! Findings with their evidence, and the five stages, as JSON.

use serde::Serialize;

use super::octets::Octets;
use super::script::path;
use crate::diagnosis::finding::EvidenceSource;
use crate::diagnosis::pipeline::{self, StageMark};
use crate::diagnosis::{Blame, Evidence, Finding, Severity};
use crate::exchange::Exchange;

#[derive(Serialize)]
pub(super) struct FindingView<'a> {
    code: String,
    severity: &'static str,
    blame: &'static str,
    stage: &'static str,
    title: &'a str,
    explanation: &'a str,
    remedy: &'a str,
    authority: &'a str,
    evidence: Option<EvidenceView<'a>>,
    file: Option<Octets<'a>>,
    line: Option<u32>,
}

#[derive(Serialize)]
struct EvidenceView<'a> {
    stream: Option<&'static str>,
    range: Option<[u64; 2]>,
    file: Option<Octets<'a>>,
    line: Option<u32>,
    lines: Vec<LineView<'a>>,
}

#[derive(Serialize)]
struct LineView<'a> {
    number: u32,
    text: Octets<'a>,
    note: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct StageView {
    stage: &'static str,
    mark: &'static str,
    figure: String,
}

pub(super) fn finding(finding: &Finding) -> FindingView<'_> {
    FindingView {
        code: finding.code.to_string(),
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        blame: match finding.blame {
            Blame::Script => "script",
            Blame::Client => "client",
            Blame::Site => "site",
            Blame::Server => "server",
        },
        stage: finding.stage.label(),
        title: &finding.title,
        explanation: &finding.explanation,
        remedy: &finding.remedy,
        authority: &finding.authority,
        evidence: finding.evidence.as_ref().map(evidence),
        file: finding.place.as_ref().map(|(file, _)| path(file)),
        line: finding.place.as_ref().map(|(_, line)| *line),
    }
}

fn evidence(evidence: &Evidence) -> EvidenceView<'_> {
    let (mut stream, mut range, mut file, mut line) = (None, None, None, None);
    match &evidence.source {
        EvidenceSource::Stream(name, bytes) => {
            stream = Some(name.label());
            range = Some([bytes.start, bytes.end]);
        }
        EvidenceSource::File(name, number) => {
            file = Some(path(name));
            line = Some(*number);
        }
    }
    let lines = evidence.lines.iter().map(|line| LineView {
        number: line.number,
        text: line.bytes.as_slice().into(),
        note: line.note.as_deref(),
    });
    EvidenceView {
        stream,
        range,
        file,
        line,
        lines: lines.collect(),
    }
}

pub(super) fn stages(exchange: &Exchange, findings: &[Finding]) -> Vec<StageView> {
    let view = pipeline::strip(exchange, findings)
        .into_iter()
        .map(|stage| StageView {
            stage: stage.stage.label(),
            mark: match stage.mark {
                StageMark::Ok => "ok",
                StageMark::Warning => "warning",
                StageMark::Failed => "failed",
                StageMark::Running => "running",
                StageMark::NotReached => "not_reached",
            },
            figure: stage.figure,
        });
    view.collect()
}
