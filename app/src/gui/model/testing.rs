//! Rows, sites and exchanges for tests of the window.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cgi_engine::cgi::request::ConnectionFacts;
use cgi_engine::cgi::request_head::{self, HeadLimits};
use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{
    BodyEnd, CapturedBody, End, Exchange, ExchangeId, ExchangeRow, Origin, Progress, Refusal,
    RequestRecord, RowKind, Selection, Timeline,
};
use cgi_engine::history::{Held, Index};
use cgi_engine::message::{Phase, RecordingStatus, ServerState, Snapshot, Watching};

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
        ..ExchangeRow::begun(ExchangeId(id), Timestamp::from_unix_millis(0))
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
        rows: rows
            .into_iter()
            .map(Arc::new)
            .fold(Index::default(), |mut rows, row| {
                rows.put(&row);
                rows
            }),
        site_news: Vec::new(),
        scripts: Arc::from([]),
        notices: Vec::new(),
        held: Held::default(),
        recording: RecordingStatus::default(),
    }
}

/// The request that `row(id)` is the row of, as far as it was recorded: refused before any script was considered.
pub(crate) fn refused(id: u64) -> Exchange {
    let address = SocketAddr::from(([127, 0, 0, 1], 8000));
    let raw: &'static [u8] = b"GET /a b HTTP/1.1\r\n\r\n";
    Exchange {
        id: ExchangeId(id),
        started: Timestamp::from_unix_millis(1_700_000_000_000),
        origin: Origin::Socket,
        connection: ConnectionFacts {
            local: address,
            peer: address,
            https: false,
            synthetic: false,
        },
        request: RequestRecord {
            raw_head: Bytes::from_static(raw),
            head: None,
            login: None,
            refusal: Some(Refusal {
                status: 400,
                reason: "the target has a space".into(),
                authority: "RFC 9112 §3.2".into(),
                at: Some(6),
                excerpt: b" b".to_vec(),
            }),
            body: CapturedBody::new(0),
            body_end: None,
        },
        selection: Selection::default(),
        invocations: Vec::new(),
        response: None,
        timeline: Timeline::default(),
        end: Some(End::Answered),
    }
}

/// A request with that head and body, of which nothing more was recorded.
pub(crate) fn asked(id: u64, head: &str, body: &str) -> Exchange {
    let raw_head = Bytes::copy_from_slice(head.as_bytes());
    let parsed = request_head::parse(raw_head.clone(), &HeadLimits::default());
    let mut captured = CapturedBody::new(usize::MAX);
    captured.push(&Bytes::copy_from_slice(body.as_bytes()), Duration::ZERO);
    let refused = refused(id);
    Exchange {
        request: RequestRecord {
            raw_head,
            head: Some(Arc::new(parsed.unwrap())),
            login: None,
            refusal: None,
            body: captured,
            body_end: (!body.is_empty()).then_some(BodyEnd::Complete),
        },
        ..refused
    }
}
