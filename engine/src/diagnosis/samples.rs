//! Records made by hand for the tests of this module and of the pages.

use crate::cgi::header_block::{HeaderBlockParser, HeaderLimits};
use crate::cgi::request::CgiRequest;
use crate::cgi::response::{self, is_nph};
use crate::cgi::violation::Strictness;
use crate::clock::Timestamp;
use crate::exchange::{
    Author, CapturedBody, End, Exchange, ExchangeId, Invocation, Moment, ProgramRecord,
    ResponseRecord, SelectedTarget, Timeline,
};
use crate::process::Exit;
use crate::recorder::blank;
use crate::site::config::SiteConfig;
use crate::site::script::{FileKind, InterpreterState, ScriptFacts};
use crate::site::shebang::{BinaryFormat, FirstLine, LineEnds};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const SCRIPT: &str = "/site/cgi-bin/form.py";

/// Facts of a script that is fine, with this source; the interpreter is said to be there.
pub(crate) fn script(path: &str, source: &[u8]) -> ScriptFacts {
    let first_line = FirstLine::of(source);
    let interpreter = match &first_line.shebang {
        Some(shebang) => InterpreterState::Shebang {
            path: PathBuf::from(
                String::from_utf8_lossy(&shebang.kernel_interpreter()).into_owned(),
            ),
            found: true,
            through_env: shebang.word_for_env(),
            env_found: shebang
                .word_for_env()
                .map(|_| PathBuf::from("/usr/bin/python3")),
            problem: None,
        },
        None => InterpreterState::None,
    };
    ScriptFacts {
        path: path.into(),
        kind: FileKind::Regular,
        size: source.len() as u64,
        mode: 0o755,
        uid: 0,
        gid: 0,
        executable: true,
        mounted_noexec: Some(false),
        modified: None,
        hash: [0; 32],
        source: source.into(),
        source_truncated: false,
        line_ends: LineEnds::of(source),
        binary_format: BinaryFormat::of(source),
        first_line,
        interpreter,
    }
}

/// Facts of a real file with this content and mode.
pub(crate) fn script_on_disk(folder: &Path, name: &str, content: &[u8], mode: u32) -> ScriptFacts {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    ScriptFacts::read(&path, &SiteConfig::default())
}

pub(crate) fn captured(bytes: &[u8]) -> CapturedBody {
    let mut body = CapturedBody::new(1 << 20);
    body.push(&Bytes::copy_from_slice(bytes), Duration::from_millis(20));
    body
}

/// A run of a Python script that ended with this exit and printed this, read as the engine reads it.
pub(crate) fn run(stdout: &[u8], stderr: &[u8], exit: Exit) -> Invocation {
    run_of(
        script(SCRIPT, b"#!/usr/bin/env python3\nprint('x')\n"),
        Strictness::Default,
        stdout,
        stderr,
        Some(exit),
    )
}

pub(crate) fn run_of(
    script: ScriptFacts,
    strictness: Strictness,
    stdout: &[u8],
    stderr: &[u8],
    exit: Option<Exit>,
) -> Invocation {
    let nph = script
        .path
        .file_name()
        .is_some_and(|name| is_nph(name.as_encoded_bytes()));
    let mut parser = HeaderBlockParser::new(HeaderLimits::default());
    parser.feed(stdout);
    parser.finish();
    let block = parser.into_block();
    let response = response::interpret(&block, strictness, false);
    let mut timeline = Timeline::default();
    timeline.note(Moment::Spawned, Duration::from_millis(1));
    timeline.note(Moment::Exited, Duration::from_millis(42));
    Invocation {
        script_name: "/cgi-bin/form.py".into(),
        nph,
        request: Arc::new(CgiRequest {
            variables: Vec::new(),
            absent: Vec::new(),
            arguments: Vec::new(),
            arguments_note: None,
            overridden: Vec::new(),
        }),
        program: Some(Arc::new(ProgramRecord {
            executable: script.path.clone(),
            arguments: Vec::new(),
            directory: script.path.parent().unwrap().to_owned(),
        })),
        interpreter: None,
        limits: None,
        script: Arc::new(script),
        as_host: None,
        launch_failure: None,
        pid: Some(4242),
        stdin_taken: 0,
        stdin_refused: false,
        stdout: captured(stdout),
        stderr: captured(stderr),
        stdout_ended: true,
        header_block: (!nph).then(|| Arc::new(block)),
        response: (!nph).then(|| Arc::new(response)),
        stop: None,
        exit,
        usage: None,
        holders: Vec::new(),
        silence: None,
        debugged: None,
        locals: None,
        timeline,
    }
}

/// A finished exchange with these runs: answered by the last one, or by a page of the studio.
pub(crate) fn exchange(runs: Vec<Invocation>) -> Exchange {
    let mut exchange = blank(ExchangeId(214), Timestamp::from_unix_millis(0), 1 << 20);
    exchange.request.raw_head =
        Bytes::from_static(b"GET /cgi-bin/form.py HTTP/1.1\r\nHost: localhost\r\n\r\n");
    exchange.timeline.note(Moment::HeadComplete, Duration::ZERO);
    exchange.selection.target = SelectedTarget::Script(SCRIPT.into());
    let answer = runs
        .last()
        .and_then(|run| run.response.clone())
        .filter(|response| response.refused.is_none());
    let body_bytes = runs.last().map_or(0, |run| {
        run.stdout
            .len()
            .saturating_sub(run.body_offset().unwrap_or(0))
    });
    exchange.invocations = runs;
    exchange.response = Some(match answer {
        Some(response) => ResponseRecord {
            status: response.status,
            author: Author::Script,
            body_bytes,
            ..own(200)
        },
        None => own(500),
    });
    exchange.end = Some(End::Answered);
    exchange
}

pub(crate) fn own(status: u16) -> ResponseRecord {
    ResponseRecord {
        status,
        author: Author::Studio,
        sent_head: Bytes::new(),
        own_body: Bytes::new(),
        body_bytes: 0,
    }
}
