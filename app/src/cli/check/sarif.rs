//! The findings as SARIF 2.1.0 (OASIS), which editors and code hosts show beside the lines.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use cgi_engine::diagnosis::{Finding, RuleCode, Severity};
use cgi_engine::message::ScriptStatus;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde_json::{Value, json};

/// What stands in a URI's path as it is (RFC 3986 §3.3).
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) fn report(scripts: &[ScriptStatus], root: &Path) -> anyhow::Result<String> {
    let all: Vec<(&ScriptStatus, &Finding)> = scripts
        .iter()
        .flat_map(|script| script.findings.iter().map(move |finding| (script, finding)))
        .collect();
    let mut rules: BTreeMap<RuleCode, Value> = BTreeMap::new();
    for (_, finding) in &all {
        rules.entry(finding.code).or_insert_with(|| rule(finding));
    }
    let order: Vec<RuleCode> = rules.keys().copied().collect();
    let results: Vec<Value> = all
        .iter()
        .map(|(script, finding)| result(script, finding, root, &order))
        .collect();
    let report = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "CGI Studio",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_values().collect::<Vec<Value>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "SITE": { "uri": format!("file://{}/", uri(root)) } },
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&report)?;
    text.push('\n');
    Ok(text)
}

/// The rule in general: its headline here stands for it, as every finding has one of its own.
fn rule(finding: &Finding) -> Value {
    json!({
        "id": finding.code.to_string(),
        "shortDescription": { "text": finding.title },
        "fullDescription": { "text": text_or(&finding.explanation, &finding.title) },
        "help": { "text": text_or(&finding.remedy, &finding.title) },
        "properties": { "authority": finding.authority },
    })
}

fn text_or<'t>(text: &'t str, other: &'t str) -> &'t str {
    if text.is_empty() { other } else { text }
}

fn result(script: &ScriptStatus, finding: &Finding, root: &Path, rules: &[RuleCode]) -> Value {
    let (file, line) = match &finding.place {
        Some((file, line)) => (file.as_path(), (*line).max(1)),
        None => (script.entry.path.as_path(), 1),
    };
    let artifact = match file.strip_prefix(root) {
        Ok(inside) => json!({ "uri": uri(inside), "uriBaseId": "SITE" }),
        Err(_) => json!({ "uri": format!("file://{}", uri(file)) }),
    };
    let words = [&finding.title, &finding.explanation, &finding.remedy];
    let words: Vec<&str> = words
        .into_iter()
        .map(|words| words.trim_end_matches('.'))
        .filter(|words| !words.is_empty())
        .collect();
    json!({
        "ruleId": finding.code.to_string(),
        "ruleIndex": rules.iter().position(|code| *code == finding.code),
        "level": level(finding.severity),
        "message": { "text": format!("{}.", words.join(". ")) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": artifact,
            "region": { "startLine": line },
        } }],
        // The same finding in the next report, though lines have moved.
        "partialFingerprints": { "cgiStudio/v1": format!("{}:{}", finding.code, finding.title) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn uri(path: &Path) -> String {
    percent_encode(path.as_os_str().as_bytes(), PATH).to_string()
}
