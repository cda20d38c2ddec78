//! Rows, sites and exchanges for tests of the window.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cgi_engine::cgi::header_block::{HeaderBlockParser, HeaderLimits};
use cgi_engine::cgi::meta_variable::{MetaVariable, Provenance};
use cgi_engine::cgi::request::{CgiRequest, ConnectionFacts};
use cgi_engine::cgi::request_head::{self, HeadLimits};
use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{
    AppliedLimits, Author, BodyEnd, CapturedBody, End, Exchange, ExchangeId, ExchangeRow,
    Interpreter, Invocation, Origin, ProgramRecord, Progress, Refusal, RequestRecord,
    ResponseRecord, RowKind, Selection, Timeline,
};
use cgi_engine::history::{Held, Index};
use cgi_engine::message::{Phase, RecordingStatus, ServerState, Snapshot, Watching};
use cgi_engine::process::{Exit, Resources};
use cgi_engine::site::SiteConfig;
use cgi_engine::site::script::ScriptFacts;

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

/// A request whose script printed this and ended well.
pub(crate) fn ran(id: u64, stdout: &[u8], stderr: &[u8]) -> Exchange {
    let head = "GET /cgi-bin/hello.py?a=b HTTP/1.1\r\nHost: localhost\r\nCookie: s=1\r\n\r\n";
    let asked = asked(id, head, "");
    let captured = |bytes: &[u8], millis| {
        let mut body = CapturedBody::new(1 << 24);
        body.push(
            &Bytes::copy_from_slice(bytes),
            Duration::from_millis(millis),
        );
        body
    };
    let mut parser = HeaderBlockParser::new(HeaderLimits::default());
    parser.feed(stdout);
    parser.finish();
    let block = parser.into_block();
    let path = PathBuf::from("/srv/site/cgi-bin/hello.py");
    let variable = |name: &str, value: &str, sources: &[&str]| MetaVariable {
        name: name.into(),
        value: value.into(),
        provenance: Provenance::RequestLine,
        sources: sources
            .iter()
            .filter_map(|part| head.find(part).map(|at| at..at + part.len()))
            .collect(),
    };
    let invocation = Invocation {
        script: Arc::new(ScriptFacts::read(&path, &SiteConfig::default())),
        script_name: "/cgi-bin/hello.py".into(),
        nph: false,
        request: Arc::new(CgiRequest {
            variables: vec![
                variable("REQUEST_METHOD", "GET", &["GET"]),
                variable("QUERY_STRING", "a=b", &["a=b"]),
                variable("HTTP_COOKIE", "s=1", &["s=1"]),
                variable("PATH", "/usr/bin:/bin", &[]),
            ],
            absent: Vec::new(),
            arguments: Vec::new(),
            arguments_note: None,
            overridden: Vec::new(),
        }),
        program: Some(Arc::new(ProgramRecord {
            executable: path.clone(),
            arguments: vec![path.into()],
            directory: "/srv/site/cgi-bin".into(),
        })),
        interpreter: Some(Interpreter {
            path: "/usr/bin/python3".into(),
            version: Some("3.13.1".into()),
        }),
        limits: Some(Box::new(AppliedLimits {
            silence: Some(Duration::from_secs(30)),
            total: None,
            client_gone: Duration::from_secs(2),
            capture_bytes: 1 << 24,
            resources: Resources::default(),
            refused: None,
        })),
        as_host: None,
        launch_failure: None,
        pid: Some(4711),
        stdin_taken: 0,
        stdin_refused: false,
        stdout: captured(stdout, 40),
        stderr: captured(stderr, 41),
        stdout_ended: true,
        response: None,
        stop: None,
        exit: Some(Exit::Code(0)),
        usage: None,
        holders: Vec::new(),
        silence: None,
        debugged: None,
        locals: None,
        timeline: Timeline::default(),
        header_block: Some(Arc::new(block)),
    };
    Exchange {
        invocations: vec![invocation],
        response: Some(ResponseRecord {
            status: 200,
            author: Author::Script,
            sent_head: Bytes::from_static(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ndate: now\r\n\r\n",
            ),
            own_body: Bytes::new(),
            body_bytes: 2,
        }),
        ..asked
    }
}
