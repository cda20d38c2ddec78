//! The findings as JSON, with the names that `show --format json` has for them.

use std::os::unix::ffi::OsStrExt as _;

use cgi_engine::diagnosis::Finding;
use cgi_engine::message::ScriptStatus;
use serde_json::{Value, json};

use super::super::text::visible_bytes;

pub(super) fn report(scripts: &[ScriptStatus]) -> anyhow::Result<String> {
    let scripts: Vec<Value> = scripts.iter().map(script).collect();
    let mut text = serde_json::to_string_pretty(&json!({ "scripts": scripts }))?;
    text.push('\n');
    Ok(text)
}

fn script(status: &ScriptStatus) -> Value {
    let findings: Vec<Value> = status.findings.iter().map(finding).collect();
    json!({
        "name": status.entry.name,
        "path": visible_bytes(status.entry.path.as_os_str().as_bytes()),
        "url_path": visible_bytes(&status.entry.url_path),
        "findings": findings,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code.to_string(),
        "severity": finding.severity.to_string(),
        "title": finding.title,
        "explanation": finding.explanation,
        "remedy": finding.remedy,
        "authority": finding.authority,
        "line": finding.place.as_ref().map(|(_, line)| line),
    })
}
