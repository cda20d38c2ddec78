//! A line of the log as JSON.

use serde::Serialize;

use super::octets::micros;
use crate::cgi::profile::HostProfile;
use crate::diagnosis::RuleCode;
use crate::exchange::{ExchangeRow, Progress, Recorded, RowKind, RowOrigin};

#[derive(Serialize)]
struct RowView<'a> {
    id: u64,
    started: String,
    started_unix_millis: i64,
    method: &'a str,
    target: &'a str,
    name: &'a str,
    kind: &'static str,
    progress: &'static str,
    status: Option<u16>,
    duration_micros: Option<u64>,
    response_bytes: u64,
    stderr_lines: u32,
    failed: bool,
    headline: Option<String>,
    codes: Vec<String>,
    origin: &'static str,
    replay_of: Option<u64>,
    as_host: Option<&'static str>,
    pinned: bool,
    comment: Option<&'a str>,
    recorded: &'static str,
}

/// The row as one line of JSON, without a line end.
///
/// # Errors
/// None that the data can cause; `serde_json` reports the writer's.
pub fn row_line(row: &ExchangeRow) -> serde_json::Result<String> {
    serde_json::to_string(&RowView {
        id: row.id.0,
        started: row.started.to_string(),
        started_unix_millis: row.started.unix_millis(),
        method: &row.method,
        target: &row.target,
        name: &row.name,
        kind: match row.kind {
            RowKind::Script => "script",
            RowKind::File => "file",
            RowKind::Studio => "studio",
        },
        progress: match row.progress {
            Progress::Running => "running",
            Progress::Answered => "answered",
            Progress::CutOff => "cut_off",
            Progress::Unanswered => "unanswered",
            Progress::HungUp => "hung_up",
        },
        status: row.status,
        duration_micros: row.duration.map(micros),
        response_bytes: row.response_bytes,
        stderr_lines: row.stderr_lines,
        failed: row.has_failed(),
        headline: row.headline.map(|(code, _)| RuleCode(code).to_string()),
        codes: row
            .codes
            .iter()
            .map(|code| RuleCode(*code).to_string())
            .collect(),
        origin: match row.origin {
            RowOrigin::Client => "socket",
            RowOrigin::Studio => "studio",
            RowOrigin::Replay(_) => "replay",
            RowOrigin::ReplayOfSource(_) => "replay_of_source",
            RowOrigin::Imported => "imported",
        },
        replay_of: match row.origin {
            RowOrigin::Replay(id) | RowOrigin::ReplayOfSource(id) => Some(id.0),
            _ => None,
        },
        as_host: row.as_host.map(HostProfile::name),
        pinned: row.pinned,
        comment: row.comment.as_deref(),
        recorded: match row.recorded {
            Recorded::NotYet => "not_yet",
            Recorded::OnDisk => "on_disk",
            Recorded::MemoryOnly => "memory_only",
        },
    })
}
