//! A recorded exchange as JSON with everything that the window shows; `assets/guide/json.md` tells every field.
//!
//! Absent facts are `null`, so that every object of a kind has the same fields. Numbers have their unit in the name.

mod finding;
mod moments;
mod octets;
mod request;
mod response;
mod row;
mod run;
mod script;
mod silence;

use serde::Serialize;

use crate::diagnosis::{self, Finding};
use crate::exchange::{Exchange, ExchangeRow, Origin, SelectedTarget};
use finding::{FindingView, StageView};
use moments::{MomentView, moments};
use octets::Octets;
use request::RequestView;
use response::{EndView, ResponseView};
use run::RunView;
use script::path;

pub use row::row_line;

/// What the objects are, for whoever meets one alone.
const FORMAT: &str = "cgi-studio/exchange";
/// Grows when a field changes its meaning or goes; new fields do not count.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct ExchangeView<'a> {
    format: &'static str,
    version: u32,
    id: u64,
    pinned: Option<bool>,
    comment: Option<&'a str>,
    started: String,
    started_unix_millis: i64,
    origin: OriginView<'a>,
    connection: ConnectionView,
    request: RequestView<'a>,
    selection: SelectionView<'a>,
    runs: Vec<RunView<'a>>,
    response: Option<ResponseView<'a>>,
    timeline: Vec<MomentView>,
    end: Option<EndView>,
    stages: Vec<StageView>,
    findings: Vec<FindingView<'a>>,
}

#[derive(Serialize)]
struct OriginView<'a> {
    kind: &'static str,
    replay_of: Option<u64>,
    from: Option<&'a str>,
}

#[derive(Serialize)]
struct ConnectionView {
    local: String,
    peer: String,
    https: bool,
    synthetic: bool,
}

#[derive(Serialize)]
struct SelectionView<'a> {
    kind: &'static str,
    path: Option<Octets<'a>>,
    nearest: Option<&'a str>,
    reason: Option<&'a str>,
    steps: &'a [String],
}

/// The exchange as indented JSON, ending in a line end. What the user said of it stands in its `row`, if that is known.
///
/// # Errors
/// None that the data can cause; `serde_json` reports the writer's.
pub fn exchange_document(
    exchange: &Exchange,
    row: Option<&ExchangeRow>,
) -> serde_json::Result<String> {
    let findings = diagnosis::after_run(exchange);
    let mut text = serde_json::to_string_pretty(&view(exchange, row, &findings))?;
    text.push('\n');
    Ok(text)
}

/// The same as a value, to be put into another document.
pub(super) fn exchange_value(exchange: &Exchange) -> serde_json::Result<serde_json::Value> {
    let findings = diagnosis::after_run(exchange);
    serde_json::to_value(view(exchange, None, &findings))
}

/// Findings with the names that [`exchange_document`] has for them.
///
/// # Errors
/// None that the data can cause; `serde_json` reports the writer's.
pub fn findings(findings: &[Finding]) -> serde_json::Result<serde_json::Value> {
    let views: Vec<FindingView<'_>> = findings.iter().map(finding::finding).collect();
    serde_json::to_value(views)
}

fn view<'a>(
    exchange: &'a Exchange,
    row: Option<&'a ExchangeRow>,
    findings: &'a [Finding],
) -> ExchangeView<'a> {
    ExchangeView {
        format: FORMAT,
        version: VERSION,
        id: exchange.id.0,
        pinned: row.map(|row| row.pinned),
        comment: row.and_then(|row| row.comment.as_deref()),
        started: exchange.started.to_string(),
        started_unix_millis: exchange.started.unix_millis(),
        origin: origin(&exchange.origin),
        connection: ConnectionView {
            local: exchange.connection.local.to_string(),
            peer: exchange.connection.peer.to_string(),
            https: exchange.connection.https,
            synthetic: exchange.connection.synthetic,
        },
        request: RequestView::of(&exchange.request),
        selection: selection(exchange),
        runs: exchange.invocations.iter().map(RunView::of).collect(),
        response: exchange
            .response
            .as_ref()
            .map(|response| ResponseView::of(exchange, response)),
        timeline: moments(&exchange.timeline),
        end: exchange.end.as_ref().map(response::end),
        stages: finding::stages(exchange, findings),
        findings: findings.iter().map(finding::finding).collect(),
    }
}

fn origin(origin: &Origin) -> OriginView<'_> {
    let (kind, replay_of, from) = match origin {
        Origin::Socket => ("socket", None, None),
        Origin::Studio => ("studio", None, None),
        Origin::Replay(id) => ("replay", Some(id.0), None),
        Origin::ReplayOfSource(id) => ("replay_of_source", Some(id.0), None),
        Origin::Imported { from } => ("imported", None, Some(from.as_ref())),
    };
    OriginView {
        kind,
        replay_of,
        from,
    }
}

fn selection(exchange: &Exchange) -> SelectionView<'_> {
    let selection = &exchange.selection;
    let mut view = SelectionView {
        kind: "undecided",
        path: None,
        nearest: None,
        reason: None,
        steps: &selection.steps,
    };
    match &selection.target {
        SelectedTarget::Undecided => {}
        SelectedTarget::Script(file) => (view.kind, view.path) = ("script", Some(path(file))),
        SelectedTarget::File(file) => (view.kind, view.path) = ("file", Some(path(file))),
        SelectedTarget::Folder(file) => (view.kind, view.path) = ("folder", Some(path(file))),
        SelectedTarget::Nothing { nearest } => {
            (view.kind, view.nearest) = ("nothing", nearest.as_deref());
        }
        SelectedTarget::Forbidden(reason) => {
            (view.kind, view.reason) = ("forbidden", Some(reason.as_str()));
        }
    }
    view
}

#[cfg(test)]
mod tests;
