//! The report as JSON; the fields are documented in `assets/guide/requests.md`.

use serde::Serialize;

use super::outcome::{Cause, Report, Tested, Verdict};

#[derive(Serialize)]
struct Whole<'r> {
    site: String,
    passed: usize,
    failed: usize,
    errors: usize,
    seconds: f64,
    requests: Vec<One<'r>>,
}

#[derive(Serialize)]
struct One<'r> {
    name: &'r str,
    file: String,
    verdict: &'static str,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    expectations: Vec<Expected<'r>>,
    findings: Vec<Told<'r>>,
}

#[derive(Serialize)]
struct Expected<'r> {
    expected: &'r str,
    line: Option<usize>,
    met: bool,
    found: &'r str,
    place: String,
}

#[derive(Serialize)]
struct Told<'r> {
    code: String,
    severity: String,
    title: &'r str,
}

pub(super) fn report(report: &Report) -> anyhow::Result<Vec<u8>> {
    let whole = Whole {
        site: report.site.to_string_lossy().into_owned(),
        passed: report.count(Verdict::Passed),
        failed: report.count(Verdict::Failed),
        errors: report.count(Verdict::Error),
        seconds: report.took.as_secs_f64(),
        requests: report.all.iter().map(one).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&whole)?;
    text.push(b'\n');
    Ok(text)
}

fn one(tested: &Tested) -> One<'_> {
    let mut one = One {
        name: &tested.name,
        file: tested.file.to_string_lossy().into_owned(),
        verdict: match tested.verdict() {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Error => "error",
        },
        seconds: tested.took.as_secs_f64(),
        error: None,
        status: None,
        expectations: Vec::new(),
        findings: Vec::new(),
    };
    match &tested.cause {
        Cause::Broken(why) | Cause::NotSent(why) => one.error = Some(why),
        Cause::Ran {
            exchange,
            outcomes,
            findings,
        } => {
            one.status = exchange.response.as_ref().map(|response| response.status);
            let lines = tested
                .lines
                .iter()
                .copied()
                .map(Some)
                .chain(std::iter::repeat(None));
            one.expectations = outcomes
                .iter()
                .zip(lines)
                .map(|(outcome, line)| Expected {
                    expected: &outcome.expected,
                    line,
                    met: outcome.met,
                    found: &outcome.found,
                    place: outcome.place.to_string(),
                })
                .collect();
            one.findings = findings
                .iter()
                .map(|finding| Told {
                    code: finding.code.to_string(),
                    severity: finding.severity.to_string(),
                    title: &finding.title,
                })
                .collect();
        }
    }
    one
}
