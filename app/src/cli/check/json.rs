//! The findings as JSON, each as `show --format json` has it.

use std::os::unix::ffi::OsStrExt as _;

use cgi_engine::export;
use cgi_engine::message::ScriptStatus;
use serde_json::{Value, json};

use super::super::text::visible_bytes;

pub(super) fn report(scripts: &[ScriptStatus]) -> anyhow::Result<String> {
    let scripts = scripts.iter().map(script);
    let scripts = scripts.collect::<anyhow::Result<Vec<Value>>>()?;
    let mut text = serde_json::to_string_pretty(&json!({ "scripts": scripts }))?;
    text.push('\n');
    Ok(text)
}

fn script(status: &ScriptStatus) -> anyhow::Result<Value> {
    Ok(json!({
        "name": status.entry.name,
        "path": visible_bytes(status.entry.path.as_os_str().as_bytes()),
        "url_path": visible_bytes(&status.entry.url_path),
        "findings": export::findings(&status.findings)?,
    }))
}
