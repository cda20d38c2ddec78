//! An editor attached to a script: a client of the Debug Adapter Protocol stops it at a line through debugpy.

use crate::child;
use cgi_engine::debugger::{DebugEvent, DebugSession};
use cgi_engine::exchange::{Debugger, ExchangeId};
use cgi_tests::{TempSite, TestEngine};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(90);

const PAGE: &str = "#!/usr/bin/env python3
import sys
def page(name):
    greeting = 'Hello, ' + name
    return greeting
name = sys.stdin.read()
print('Content-Type: text/plain\\n')
print(page(name))
";

/// Unpacks debugpy into a folder; false where its package is not here, which is told.
#[allow(clippy::disallowed_methods)] // tests drive the real programs
fn unpack_debugpy(folder: &Path) -> bool {
    let packages = std::env::var_os("CGI_STUDIO_PYTHON_PACKAGES");
    let wheel = packages.and_then(|packages| {
        let entries = std::fs::read_dir(packages).unwrap().flatten();
        let named = |path: &Path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            name.starts_with("debugpy-") && name.ends_with(".whl")
        };
        entries.map(|entry| entry.path()).find(|path| named(path))
    });
    let Some(wheel) = wheel else {
        assert!(
            std::env::var_os("CGI_STUDIO_CI").is_none(),
            "debugpy is missing"
        );
        println!("skipped: debugpy is not here");
        return false;
    };
    let unpacked = Command::new("python3")
        .args(["-m", "zipfile", "-e"])
        .args([&wheel, folder])
        .status();
    assert!(unpacked.unwrap().success());
    true
}

/// A client of the protocol: JSON with a length before it.
struct Editor {
    stream: BufReader<TcpStream>,
    last: u64,
}

impl Editor {
    fn attach(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        Self {
            stream: BufReader::new(stream),
            last: 0,
        }
    }

    fn ask(&mut self, command: &str, arguments: &Value) {
        self.last += 1;
        let request = json!({"seq": self.last, "type": "request", "command": command, "arguments": arguments});
        let text = request.to_string();
        write!(
            self.stream.get_mut(),
            "Content-Length: {}\r\n\r\n{text}",
            text.len()
        )
        .unwrap();
    }

    fn next(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            match line.trim().split_once(": ") {
                Some((_, number)) => length = number.parse().unwrap(),
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.stream.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// Waits for the answer to that command, or for that event.
    fn wait(&mut self, kind: &str, name: &str) -> Value {
        loop {
            let message = self.next();
            let field = if kind == "event" { "event" } else { "command" };
            if message["type"] == kind && message[field] == name {
                return message["body"].clone();
            }
        }
    }
}

/// A site with the page, whose Python finds these packages, and the page's answer to a first request.
fn asked_once(packages: &Path, settings: &str) -> TestEngine {
    let configuration = format!("[environment]\nPYTHONPATH = {packages:?}\n{settings}");
    let site = TempSite::configured(child(), &configuration);
    site.script("page.py", PAGE);
    let engine = TestEngine::start(child(), site);
    let fields = "Content-Length: 5\r\nConnection: close\r\n";
    let request = crate::post("/cgi-bin/page.py", fields, "world");
    assert_eq!(engine.ask(request).body, b"Hello, world\n");
    engine
}

#[test]
fn an_editor_attaches_stops_in_a_script_and_lets_it_go_on_to_its_page() {
    let packages = tempfile::tempdir().unwrap();
    if !unpack_debugpy(packages.path()) {
        return;
    }
    let engine = asked_once(packages.path(), "[limits]\ntime_seconds = 2\n");

    let session = DebugSession::open(Debugger::Debugpy).unwrap();
    let id = std::thread::scope(|scope| {
        let replay = scope.spawn(|| engine.engine.replay_under(ExchangeId(1), &session));
        let port = loop {
            match session.next_event(SOON) {
                Some(DebugEvent::Port(port)) => break port,
                Some(DebugEvent::Begun(_) | DebugEvent::Ready) => {}
                other => panic!("no port: {other:?}"),
            }
        };
        let mut editor = Editor::attach(port);
        editor.ask(
            "initialize",
            &json!({"adapterID": "test", "pathFormat": "path"}),
        );
        editor.wait("response", "initialize");
        editor.ask("attach", &json!({"justMyCode": false}));
        editor.wait("event", "initialized");
        let script = engine.site.root().join("cgi-bin/page.py");
        let breakpoints = json!({"source": {"path": script}, "breakpoints": [{"line": 5}]});
        editor.ask("setBreakpoints", &breakpoints);
        editor.ask("configurationDone", &json!({}));
        let stopped = editor.wait("event", "stopped");
        let thread = stopped["threadId"].clone();
        editor.ask("stackTrace", &json!({"threadId": thread}));
        let stack = editor.wait("response", "stackTrace");
        let frame = &stack["stackFrames"][0];
        assert_eq!(
            (&frame["name"], &frame["line"]),
            (&json!("page"), &json!(5))
        );
        editor.ask(
            "evaluate",
            &json!({"expression": "greeting", "frameId": frame["id"]}),
        );
        assert_eq!(
            editor.wait("response", "evaluate")["result"],
            "'Hello, world'"
        );
        editor.ask("continue", &json!({"threadId": thread}));
        editor.wait("event", "terminated");
        drop(editor);
        replay.join().unwrap().unwrap().unwrap()
    });
    let ended = engine.ended(id.0);
    let run = ended.invocation().unwrap();
    assert_eq!(run.debugged, Some(Debugger::Debugpy));
    assert!(
        run.stdout.head().ends_with(b"Hello, world\n"),
        "{:?}",
        run.stdout.head()
    );
    assert!(run.holders.is_empty(), "nobody keeps the answer open");
}

#[test]
fn a_script_that_waits_for_an_editor_goes_on_when_its_console_is_closed() {
    let packages = tempfile::tempdir().unwrap();
    if !unpack_debugpy(packages.path()) {
        return;
    }
    let engine = asked_once(packages.path(), "");
    let session = DebugSession::open(Debugger::Debugpy).unwrap();
    let id = std::thread::scope(|scope| {
        let replay = scope.spawn(|| engine.engine.replay_under(ExchangeId(1), &session));
        while !matches!(session.next_event(SOON).unwrap(), DebugEvent::Port(_)) {}
        session.close();
        replay.join().unwrap().unwrap().unwrap()
    });
    let ended = engine.ended(id.0);
    let run = ended.invocation().unwrap();
    assert!(
        run.stdout.head().ends_with(b"Hello, world\n"),
        "{:?}",
        run.stdout.head()
    );
    assert!(run.holders.is_empty(), "nobody keeps the answer open");
}
