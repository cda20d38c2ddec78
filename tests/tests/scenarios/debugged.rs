//! Seeing into a Python script: its variables when it fails, and standing in it under pdb and debugpy.

use crate::child;
use cgi_engine::debugger::{DebugEvent, DebugSession, Stop};
use cgi_engine::exchange::{Debugger, ExchangeId, Origin};
use cgi_tests::{TempSite, TestEngine, eventually_some};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

const FAILING: &str = "#!/usr/bin/env python3
import os, sys
class Loud:
    def __repr__(self):
        print('loud')
        raise ValueError('no')
def divide(n, password='hunter2'):
    loud = Loud()
    cycle = []
    cycle.append(cycle)
    return n / 0
print('Content-Type: text/plain\\n')
print(sys.argv, sys.path[0], __name__, __file__, os.environ.get('PYTHONPATH'))
print([name for name in os.environ if 'STUDIO' in name.upper() and name != 'SERVER_SOFTWARE'])
sys.stdout.flush()
divide(len(sys.stdin.read()))
";

/// A page that depends on a variable, so that a debugger can be seen in it.
const PAGE: &str = "#!/usr/bin/env python3
import sys
def page(name):
    greeting = 'Hello, ' + name
    return greeting
name = sys.stdin.read()
print('Content-Type: text/plain\\n')
print(page(name))
";

fn serve(name: &str, script: &str, configuration: &str) -> TestEngine {
    let site = TempSite::configured(child(), configuration);
    site.script(name, script);
    TestEngine::start(child(), site)
}

fn post(engine: &TestEngine, name: &str) -> Vec<u8> {
    let request = crate::post(
        &format!("/cgi-bin/{name}"),
        "Content-Length: 5\r\nConnection: close\r\n",
        "world",
    );
    engine.ask(request).body
}

#[test]
fn a_script_that_fails_leaves_its_variables_and_is_otherwise_the_same() {
    let plain = serve("fail.py", FAILING, "");
    post(&plain, "fail.py");
    let without = plain.ended(1).invocation().unwrap().clone();
    let engine = serve("fail.py", FAILING, "[options]\nrecord_locals = true\n");
    post(&engine, "fail.py");
    let with = engine.ended(1).invocation().unwrap().clone();

    assert_eq!(without.locals, None);
    assert_eq!(without.debugged, None);
    assert_eq!(with.debugged, Some(Debugger::Locals));
    let root = |site: &TestEngine| site.site.root().to_str().unwrap().to_owned();
    let text = |bytes: &[u8], engine: &TestEngine| {
        String::from_utf8(bytes.to_vec())
            .unwrap()
            .replace(&root(engine), "SITE")
    };
    assert_eq!(with.exit, without.exit);
    assert_eq!(
        text(&with.stdout.head(), &engine),
        text(&without.stdout.head(), &plain)
    );
    assert_eq!(
        text(&with.stderr.head(), &engine),
        text(&without.stderr.head(), &plain)
    );

    let report = with.locals.unwrap();
    let script = engine.site.root().join("cgi-bin/fail.py");
    let line = 1 + FAILING
        .lines()
        .position(|line| line.contains("n / 0"))
        .unwrap();
    let locals = report
        .at(
            script.to_str().unwrap(),
            u32::try_from(line).unwrap(),
            "divide",
        )
        .unwrap();
    let value = |name: &str| {
        locals
            .iter()
            .find(|local| local.0 == name)
            .map(|local| local.2.as_str())
    };
    assert_eq!(value("n"), Some("5"));
    assert_eq!(value("cycle"), Some("[…]"));
    assert_eq!(value("loud"), Some("(cannot be shown: ValueError)"));
    assert!(value("password").unwrap().contains("hidden"), "{locals:?}");
}

#[test]
fn a_script_that_is_no_python_is_told_nothing() {
    let engine = serve(
        "a.sh",
        "#!/bin/sh\necho Content-Type: text/plain\necho\nenv\n",
        "[options]\nrecord_locals = true\n",
    );
    let body = String::from_utf8(engine.get("/cgi-bin/a.sh").body).unwrap();
    assert!(
        !body.contains("PYTHONPATH") && !body.contains("HOOK"),
        "{body}"
    );
    assert_eq!(engine.ended(1).invocation().unwrap().debugged, None);
}

/// What the session tells next that is not mere text.
#[track_caller]
fn event(session: &DebugSession) -> DebugEvent {
    loop {
        match session.next_event(SOON) {
            Some(DebugEvent::Text(_)) => {}
            Some(event) => return event,
            None => panic!("nothing came"),
        }
    }
}

#[track_caller]
fn stop(session: &DebugSession) -> Stop {
    match event(session) {
        DebugEvent::Stopped(stop) => *stop,
        other => panic!("it does not stop: {other:?}"),
    }
}

/// Waits until the script stands at this line.
#[track_caller]
fn stands_at(session: &DebugSession, line: u32) -> Stop {
    loop {
        let stop = stop(session);
        if stop
            .stack
            .get(stop.current)
            .is_some_and(|frame| frame.line == line)
        {
            return stop;
        }
    }
}

#[test]
fn pdb_stands_in_a_script_at_a_line_reads_a_variable_and_goes_on_to_the_right_page() {
    // A time limit that the standing script would break.
    let engine = serve("page.py", PAGE, "[limits]\ntime_seconds = 1\n");
    assert_eq!(post(&engine, "page.py"), b"Hello, world\n");
    let session = DebugSession::open(Debugger::Pdb).unwrap();
    let id = std::thread::scope(|scope| {
        let replay = scope.spawn(|| engine.engine.replay_under(ExchangeId(1), &session));
        assert_eq!(event(&session), DebugEvent::Begun(ExchangeId(2)));
        assert_eq!(event(&session), DebugEvent::Ready);
        let first = stands_at(&session, 2);
        assert_eq!(first.stack.len(), 1);
        assert!(session.command("break 5"));
        assert!(session.command("continue"));
        let inside = stands_at(&session, 5);
        assert_eq!(inside.stack[inside.current].function, "page");
        let locals = inside.locals.unwrap();
        let greeting = locals.iter().find(|local| local.0 == "greeting").unwrap();
        assert_eq!(greeting.2, "'Hello, world'");
        // A time in which a run without debugger would have been ended.
        let begun = std::time::Instant::now();
        eventually_some("the limit would be over", || {
            (begun.elapsed() > Duration::from_millis(1500)).then_some(())
        });
        assert!(session.command("greeting = greeting.upper()"));
        assert!(session.command("continue"));
        replay.join().unwrap().unwrap().unwrap()
    });
    let exchange = engine.ended(id.0);
    assert_eq!(exchange.origin, Origin::Replay(ExchangeId(1)));
    let run = exchange.invocation().unwrap();
    assert_eq!(run.debugged, Some(Debugger::Pdb));
    assert_eq!(run.limits.as_ref().unwrap().silence, None);
    assert!(
        run.stdout.head().ends_with(b"HELLO, WORLD\n"),
        "{:?}",
        run.stdout.head()
    );
    assert_eq!(run.stderr.len(), 0);
}

#[test]
fn a_step_beyond_the_last_line_ends_the_script_and_leads_into_nothing_of_pythons_own() {
    let engine = serve("page.py", PAGE, "");
    post(&engine, "page.py");
    let session = DebugSession::open(Debugger::Pdb).unwrap();
    let stops = std::thread::scope(|scope| {
        let replay = scope.spawn(|| engine.engine.replay_under(ExchangeId(1), &session));
        let mut stops = Vec::new();
        while !replay.is_finished() && stops.len() < 40 {
            let event = session.next_event(Duration::from_millis(100));
            if let Some(DebugEvent::Stopped(stop)) = event {
                assert!(session.command("next"));
                stops.push(*stop);
            }
        }
        session.close();
        replay.join().unwrap().unwrap();
        stops
    });
    let functions: Vec<&str> = stops
        .iter()
        .flat_map(|stop| &stop.stack)
        .map(|frame| frame.function.as_str())
        .collect();
    assert!(functions.len() >= 5, "{functions:?}");
    assert!(
        functions.iter().all(|name| *name == "<module>"),
        "{functions:?}"
    );
    let run = engine.ended(2).invocation().unwrap().clone();
    assert!(run.stdout.head().ends_with(b"Hello, world\n"));
}

#[test]
fn pdb_stands_where_a_script_fails() {
    let engine = serve("fail.py", FAILING, "");
    post(&engine, "fail.py");
    let session = DebugSession::open(Debugger::Pdb).unwrap();
    std::thread::scope(|scope| {
        let replay = scope.spawn(|| engine.engine.replay_under(ExchangeId(1), &session));
        while event(&session) != DebugEvent::Ready {}
        stands_at(&session, 2);
        assert!(session.command("continue"));
        let line = 1 + FAILING
            .lines()
            .position(|line| line.contains("n / 0"))
            .unwrap();
        let stop = stands_at(&session, u32::try_from(line).unwrap());
        assert_eq!(
            stop.exception.as_deref(),
            Some("ZeroDivisionError: division by zero")
        );
        assert_eq!(stop.stack.len(), 2);
        assert!(session.command("up"));
        let outer = loop {
            let stop = self::stop(&session);
            if stop.current == 0 {
                break stop;
            }
        };
        assert_eq!(outer.stack[0].function, "<module>");
        assert!(session.command("continue"));
        replay.join().unwrap().unwrap().unwrap()
    });
    let first = engine.ended(1);
    let second = engine.ended(2);
    let [first, second] = [&first, &second].map(|one| one.invocation().unwrap());
    assert_eq!(second.stderr.head(), first.stderr.head());
    assert_eq!(second.exit, first.exit);
}

#[test]
fn a_script_whose_console_is_closed_goes_on_by_itself() {
    let engine = serve("page.py", PAGE, "");
    post(&engine, "page.py");
    let session = DebugSession::open(Debugger::Pdb).unwrap();
    std::thread::scope(|scope| {
        let replay = scope.spawn(|| engine.engine.replay_under(ExchangeId(1), &session));
        while event(&session) != DebugEvent::Ready {}
        stands_at(&session, 2);
        session.close();
        replay.join().unwrap().unwrap().unwrap();
    });
    let ended = engine.ended(2);
    assert!(
        ended
            .invocation()
            .unwrap()
            .stdout
            .head()
            .ends_with(b"Hello, world\n")
    );
}

/// A form as the module `cgi` has it, which newer Pythons have no more.
const SECRETIVE: &str = r#"#!/usr/bin/env python3
import collections, http.cookies, os, sys, types, urllib.parse
class MiniFieldStorage:
    def __init__(self, name, value):
        self.name, self.value = name, value
    def __repr__(self):
        return 'MiniFieldStorage(%r, %r)' % (self.name, self.value)
class FieldStorage:
    def __init__(self, *rows):
        self.list = [MiniFieldStorage(*row) for row in rows]
    def __repr__(self):
        return 'FieldStorage(None, None, %r)' % (self.list,)
class User:
    def __repr__(self):
        return "User(name='alice', password='hunter2', n=1)"
def page():
    rows = [('user', 'alice'), ('password', 'hunter2')]
    body = 'user=alice&password=hunter2&more=alice'
    raw = body.encode()
    wide = bytearray(raw)
    query = urllib.parse.parse_qsl(body)
    lists = urllib.parse.parse_qs(raw)
    ordered = collections.OrderedDict(rows)
    default = collections.defaultdict(str, rows)
    proxy = types.MappingProxyType(dict(rows))
    chain = collections.ChainMap({}, dict(rows))
    Login = collections.namedtuple('Login', 'user password')
    named = Login('alice', 'hunter2')
    pairs = [[b'user', b'alice'], [b'password', b'hunter2']]
    form = FieldStorage(*rows)
    user = User()
    jar = http.cookies.SimpleCookie('user=alice; session_id=hunter2')
    crumb = jar['session_id']
    os.environ['USERNAME_'] = 'alice'
    os.environ['DB_PASSWORD'] = 'hunter2'
    for name in list(os.environ):
        if name not in ('USERNAME_', 'DB_PASSWORD'):
            del os.environ[name]
    del name
    environment = os.environ
    posted = '{"user": "alice", "password": "hun\\"ter2 hunter2", "n": 1}'
    header = 'Accept: alice\r\nAuthorization: Basic hunter2\r\nHost: alice'
    part = '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--b\r\nalice'
    address = 'postgres://alice:hunter2@localhost/db'
    return 1 / 0
page()
"#;

#[test]
fn no_secret_is_recorded_whatever_holds_it() {
    let engine = serve("a.py", SECRETIVE, "[options]\nrecord_locals = true\n");
    post(&engine, "a.py");
    let report = engine
        .ended(1)
        .invocation()
        .unwrap()
        .locals
        .clone()
        .unwrap();
    let script = engine.site.root().join("cgi-bin/a.py");
    let lines = SECRETIVE.lines();
    let line = 1 + lines.take_while(|line| !line.contains("1 / 0")).count();
    let line = u32::try_from(line).unwrap();
    let locals = report.at(script.to_str().unwrap(), line, "page").unwrap();
    assert!(locals.len() >= 20, "{locals:#?}");
    for local in locals {
        assert!(!local.2.contains("hunter2"), "{local:?}");
        assert!(local.2.contains("hidden"), "{local:?}");
        if local.0 != "crumb" {
            assert!(local.2.contains("alice"), "{local:?}");
        }
    }
}

#[test]
fn a_python_that_another_one_starts_is_left_alone() {
    let child = "import os; password_less = 41; print(sorted(os.environ)); 1 / 0";
    for (first, hooked) in [
        ("#!/usr/bin/python3 -I", false),
        ("#!/usr/bin/python3", true),
    ] {
        let text = format!(
            "{first}\nimport subprocess, sys\nprint('Content-Type: text/plain\\n', flush=True)\n\
             subprocess.run([sys.executable, '-c', {child:?}], stderr=subprocess.DEVNULL)\n"
        );
        let engine = serve("a.py", &text, "[options]\nrecord_locals = true\n");
        let body = String::from_utf8(engine.get("/cgi-bin/a.py").body).unwrap();
        assert!(
            body.contains("SCRIPT_NAME") && !body.contains("CGI_STUDIO_HOOK"),
            "{body}"
        );
        assert!(!body.contains("PYTHONPATH"), "{body}");
        let run = engine.ended(1).invocation().unwrap().clone();
        assert_eq!(run.debugged.is_some(), hooked);
        assert_eq!(run.locals, None, "the variables of another program");
    }
}
