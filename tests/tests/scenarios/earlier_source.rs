//! A recorded request sent again to the script as it was then, while another one stands on disk.

use crate::{child, get, serve};
use cgi_engine::ReplayError;
use cgi_engine::exchange::{Exchange, ExchangeId, Origin, RowOrigin};
use cgi_tests::{TestEngine, eventually};
use std::fs;
use std::sync::Arc;

const SHELL: &str = "#!/bin/sh
. \"$(dirname \"$0\")/lib.sh\"
printf 'Content-Type: text/plain\\n\\nVERSION %s %s %s %s' \"$said\" \"$(cat data.txt)\" \"$(basename \"$0\")\" \"$1\"
echo made > made.txt
";
const PYTHON: &str = "#!/usr/bin/env python3
import neighbour, os, sys
print('Content-Type: text/plain\\n')
print('VERSION', neighbour.SAID, open('data.txt').read(), os.path.basename(__file__), sys.stdin.read())
";

/// The first run of the request, then the script is edited, then it is replayed as it was.
fn replayed(engine: &TestEngine, name: &str, source: &str, request: String) -> [Arc<Exchange>; 2] {
    let version = |version: &str| source.replace("VERSION", version);
    engine.site.script(name, &version("one"));
    engine.ask(request);
    let first = engine.ended(1);
    engine.site.script(name, &version("two"));
    let id = engine.engine.replay_with_source(first.id).unwrap();
    [first, engine.ended(id.unwrap().0)]
}

fn output(exchange: &Exchange) -> String {
    let run = exchange.invocation().unwrap();
    let stdout = String::from_utf8(run.stdout.head().into_owned()).unwrap();
    let (_, body) = stdout.split_once("\n\n").unwrap();
    assert_eq!(run.stderr.head().as_ref(), b"", "{body}");
    body.to_owned()
}

#[test]
fn the_old_script_runs_among_its_neighbours_and_the_new_one_stays() {
    let engine = serve();
    engine.site.file("cgi-bin/lib.sh", "said=hello", 0o644);
    engine.site.file("cgi-bin/data.txt", "data", 0o644);
    let [first, again] = replayed(&engine, "a.sh", SHELL, get("/cgi-bin/a.sh?word"));
    assert_eq!(output(&again), "one hello data a.sh word");
    assert_eq!(output(&again), output(&first));
    let script = engine.site.root().join("cgi-bin/a.sh");
    assert!(fs::read_to_string(&script).unwrap().contains("two"));
    assert!(engine.site.path("cgi-bin/made.txt").exists());

    assert_eq!(again.origin, Origin::ReplayOfSource(first.id));
    let rows = engine.engine.rows();
    let row = rows.get(again.id).unwrap();
    assert_eq!(row.origin, RowOrigin::ReplayOfSource(first.id));
    let (run, before) = (again.invocation().unwrap(), first.invocation().unwrap());
    assert_eq!(
        (&run.script.path, &run.script.source),
        (&script, &before.script.source)
    );
    let program = run.program.as_ref().unwrap();
    assert_eq!(program.directory, script.parent().unwrap());
    assert!(!program.executable.starts_with(engine.site.root()));
    let named = run.request.get("SCRIPT_FILENAME").unwrap();
    assert_eq!(
        named.value,
        program.executable.as_os_str().as_encoded_bytes()
    );
    let overridden = &run.request.overridden;
    assert!(overridden.iter().any(|variable| {
        variable.name == "SCRIPT_FILENAME"
            && variable.value == script.as_os_str().as_encoded_bytes()
    }));
    eventually("the copy is gone", || !program.executable.exists());
}

#[test]
fn an_old_python_script_imports_its_neighbours_and_gets_the_body() {
    let engine = serve();
    engine
        .site
        .file("cgi-bin/neighbour.py", "SAID = 'hello'", 0o644);
    engine.site.file("cgi-bin/data.txt", "data", 0o644);
    let request = "POST /cgi-bin/a.py HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody";
    let [_, again] = replayed(&engine, "a.py", PYTHON, request.to_owned());
    assert_eq!(output(&again), "one hello data a.py body\n");
}

#[test]
fn every_script_of_a_local_redirect_is_the_old_one() {
    let engine = serve();
    let target = |version: &str| {
        let text = format!("#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n{version}'\n");
        engine.site.script("target.sh", &text);
    };
    target("old");
    let redirect = "#!/bin/sh\n# VERSION\nprintf 'Location: /cgi-bin/target.sh\\n\\n'\n";
    engine.site.script("a.sh", redirect);
    engine.ask(get("/cgi-bin/a.sh"));
    let first = engine.ended(1);
    target("new");
    engine.site.script("a.sh", "#!/bin/sh\nexit 1\n");
    let id = engine.engine.replay_with_source(first.id).unwrap().unwrap();
    let again = engine.ended(id.0);
    assert_eq!(
        (again.invocations.len(), output(&again)),
        (2, "old".to_owned())
    );
}

#[test]
fn what_is_not_kept_whole_is_not_run_again() {
    let engine = serve();
    engine.get("/cgi-bin/child");
    engine.get("/nothing");
    let refused = |number| engine.engine.replay_with_source(ExchangeId(number));
    engine.ended(2);
    let error = refused(1).unwrap_err();
    assert!(matches!(&error, ReplayError::NoSource { .. }), "{error}");
    assert!(
        error.to_string().contains("its source is not kept whole"),
        "{error}"
    );
    assert!(child().exists());
    let error = refused(2).unwrap_err().to_string();
    assert!(error.ends_with("no script was run"), "{error}");
    assert_eq!(
        refused(9).unwrap_err(),
        ReplayError::NotKept { id: ExchangeId(9) }
    );
}
