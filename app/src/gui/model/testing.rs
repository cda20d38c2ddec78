//! Rows, sites and exchanges for tests of the window.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{ExchangeId, ExchangeRow, Progress, RowKind};
use cgi_engine::history::Held;
use cgi_engine::message::{Phase, ServerState, Snapshot, Watching};

/// A row of a run that went well.
pub(crate) fn row(id: u64) -> ExchangeRow {
    ExchangeRow {
        id: ExchangeId(id),
        started: Timestamp::from_unix_millis(1_700_000_000_000),
        method: "GET".into(),
        target: "/cgi-bin/hello.py".into(),
        name: "hello.py".into(),
        kind: RowKind::Script,
        progress: Progress::Answered,
        status: Some(200),
        duration: Some(Duration::from_millis(41)),
        stderr_lines: 0,
        response_bytes: 12,
        headline: None,
    }
}

/// A site without scripts that had these requests.
pub(crate) fn snapshot(rows: impl IntoIterator<Item = ExchangeRow>) -> Snapshot {
    Snapshot {
        state: ServerState {
            phase: Phase::Serving,
            folder: PathBuf::from("/srv/site"),
            name: "site".into(),
            address: "127.0.0.1:8000".parse().ok(),
            watching: Watching::Events,
            problems: Arc::from([]),
        },
        rows: rows.into_iter().map(Arc::new).collect(),
        site_news: Vec::new(),
        scripts: Arc::from([]),
        notices: Vec::new(),
        held: Held::default(),
    }
}
