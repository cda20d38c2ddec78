//! A script is saved, and its request runs again by itself.

use crate::{child, get, post, site};
use cgi_engine::exchange::{ExchangeId, Moment, Origin};
use cgi_engine::history::HistoryLimits;
use cgi_engine::history::store::{Recording, Retention, StoreOptions};
use cgi_engine::message::Watching;
use cgi_engine::on_save::SaveNews;
use cgi_engine::{Event, Listen};
use cgi_tests::{PATIENCE, TempSite, TestEngine, eventually, eventually_some};
use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

const HELLO: &str = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\none'\n";

/// An engine that runs scripts on save and watches its folder already.
fn looping(scripts: &[(&str, &str)]) -> TestEngine {
    looping_in(site(), scripts)
}

fn looping_in(site: TempSite, scripts: &[(&str, &str)]) -> TestEngine {
    for (name, text) in scripts {
        site.script(name, text);
    }
    let engine = TestEngine::start(child(), site);
    eventually("the folder is watched", || {
        engine.engine.snapshot().state.watching != Watching::Starting
    });
    engine.engine.run_on_save(true);
    engine
}

/// Saves as vim does: a new file takes the place of the old one.
fn save(engine: &TestEngine, name: &str, text: &str) {
    let new = engine.site.file(".new", text, 0o755);
    fs::rename(new, engine.site.path(name)).unwrap();
}

/// A run is over for its client a moment before it is the last one of its script; and scripts are looked at later.
fn until_known(engine: &TestEngine, name: &str) {
    let script = engine.site.root().join(name);
    eventually("the script is known, with its last request", || {
        let scripts = engine.engine.snapshot().scripts;
        let is_known = scripts.iter().any(|known| known.entry.path == script);
        is_known && engine.engine.on_save(&script).is_some()
    });
}

/// What saves set off, from now on.
struct Saves(Receiver<SaveNews>);

impl Saves {
    fn of(engine: &TestEngine) -> Self {
        let mut listener = engine.engine.subscribe();
        let (sender, news) = channel();
        let listen = move || {
            while let Some(event) = listener.wait() {
                if let Event::OnSave(news) = event
                    && sender.send((*news).clone()).is_err()
                {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("listener".to_owned());
        thread.spawn(listen).unwrap();
        Self(news)
    }

    /// Up to the first news that are wanted.
    #[track_caller]
    fn until(&self, wanted: impl Fn(&SaveNews) -> bool) -> Vec<SaveNews> {
        let mut seen = Vec::new();
        loop {
            let Ok(news) = self.0.recv_timeout(PATIENCE) else {
                panic!("not in time: {seen:?}");
            };
            let found = wanted(&news);
            seen.push(news);
            if found {
                return seen;
            }
        }
    }

    /// The next run: the request that it sends again, and its own number.
    #[track_caller]
    fn next_run(&self) -> (ExchangeId, ExchangeId) {
        let news = self.until(|news| began(news).is_some());
        news.last().and_then(began).unwrap()
    }
}

fn began(news: &SaveNews) -> Option<(ExchangeId, ExchangeId)> {
    match news {
        SaveNews::Began { request, id, .. } => Some((*request, *id)),
        _ => None,
    }
}

fn stdout(engine: &TestEngine, id: ExchangeId) -> String {
    let exchange = engine.ended(id.0);
    let run = exchange.invocation().unwrap();
    String::from_utf8(run.stdout.head().into_owned()).unwrap()
}

#[test]
fn the_last_request_runs_when_its_script_is_saved() {
    let engine = looping(&[("a.sh", HELLO)]);
    engine.get("/cgi-bin/a.sh?first");
    engine.get("/cgi-bin/a.sh?second");
    let second = engine.ended(2).id;
    let test = get("/cgi-bin/a.sh?test");
    engine.engine.submit_test(test.into_bytes());
    engine.ended(3);
    let saves = Saves::of(&engine);
    save(&engine, "cgi-bin/a.sh", &HELLO.replace("one", "two"));
    let (request, id) = saves.next_run();
    assert_eq!(request, second, "a test is nobody's last request");
    assert!(stdout(&engine, id).ends_with("two"));
    let run = engine.ended(id.0);
    assert_eq!(run.origin, Origin::Replay(second));
    assert_eq!(run.request.target(), "/cgi-bin/a.sh?second");
}

#[test]
fn a_request_that_may_change_something_runs_by_itself_only_when_it_was_chosen() {
    let engine = looping(&[("a.sh", HELLO)]);
    engine.ask(post("/cgi-bin/a.sh", "Content-Length: 2\r\n", "hi"));
    let sent = engine.ended(1).id;
    let script = engine.site.root().join("cgi-bin/a.sh");
    let choice = engine.engine.on_save(&script).unwrap();
    assert_eq!(
        (choice.request, choice.pinned, choice.runs),
        (sent, false, false)
    );
    assert_eq!(engine.engine.pin_on_save(sent).as_deref(), Ok(&*script));
    assert!(engine.engine.on_save(&script).unwrap().runs);
    let saves = Saves::of(&engine);
    save(&engine, "cgi-bin/a.sh", &HELLO.replace("one", "two"));
    let (_, id) = saves.next_run();
    let again = engine.ended(id.0);
    assert_eq!(again.request.method(), "POST");
    assert_eq!(again.request.body.head().as_ref(), b"hi");
    // The choice keeps the request, and lets go of it again.
    assert!(engine.engine.rows().get(sent).unwrap().pinned);
    engine.engine.unpin_on_save(&script).unwrap();
    assert!(!engine.engine.rows().get(sent).unwrap().pinned);
    eventually("its run is the last one", || {
        engine.engine.on_save(&script).map(|choice| choice.request) == Some(id)
    });
}

#[test]
fn nothing_runs_by_itself_before_it_is_switched_on_and_one_may_still_ask() {
    let engine = looping(&[("a.sh", HELLO)]);
    engine.engine.run_on_save(false);
    engine.get("/cgi-bin/a.sh");
    engine.ended(1);
    let saves = Saves::of(&engine);
    save(&engine, "cgi-bin/a.sh", &HELLO.replace("one", "two"));
    let script = engine.site.root().join("cgi-bin/a.sh");
    let saved = saves
        .until(|news| matches!(news, SaveNews::Saved { scripts, .. } if scripts.contains(&script)));
    assert_eq!(saved.iter().find_map(began), None);
    assert!(engine.engine.run_choice(&script));
    let (request, id) = saves.next_run();
    assert_eq!((request, id), (ExchangeId(1), ExchangeId(2)));
    assert!(!engine.engine.run_choice(Path::new("/nowhere.py")));
}

#[test]
fn a_module_that_is_saved_runs_the_script_that_imports_it() {
    let source = "#!/bin/sh\n. ./lib.inc\nprintf 'Content-Type: text/plain\\n\\n%s' \"$said\"\n";
    let engine = looping(&[("a.sh", source), ("b.sh", HELLO), ("lib.inc", "said=one\n")]);
    engine.get("/cgi-bin/a.sh");
    engine.get("/cgi-bin/b.sh");
    until_known(&engine, "cgi-bin/b.sh");
    let saves = Saves::of(&engine);
    engine.site.file("cgi-bin/lib.inc", "said=two\n", 0o644);
    let (request, id) = saves.next_run();
    assert_eq!(request, ExchangeId(1));
    assert!(stdout(&engine, id).ends_with("two"));
    // Nobody names these, and no script depends on what a browser asks for or what a daemon logs.
    for name in ["style.css", "daemon.log"] {
        engine.site.file(name, "x", 0o644);
        let news = saves.until(|news| is_save_of(news, name));
        let SaveNews::Saved { scripts, .. } = news.last().unwrap() else {
            panic!("{news:?}");
        };
        assert_eq!(scripts, &[] as &[std::path::PathBuf]);
    }
}

fn is_save_of(news: &SaveNews, name: &str) -> bool {
    matches!(news, SaveNews::Saved { paths, .. } if paths.iter().any(|path| path == Path::new(name)))
}

#[test]
fn a_template_is_saved_although_a_run_stays_open() {
    let stream = "#!/bin/sh\ncat ../go\n";
    let page = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\ncat ../page.html\n";
    let engine = looping(&[("stream.sh", stream), ("page.sh", page)]);
    let fifo = engine.site.path("go");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    engine.get("/cgi-bin/page.sh");
    until_known(&engine, "cgi-bin/page.sh");
    let mut client = engine.connect();
    client.send(get("/cgi-bin/stream.sh"));
    engine.pid(2);
    let saves = Saves::of(&engine);
    engine.site.file("page.html", "one", 0o644);
    let (request, id) = saves.next_run();
    assert_eq!(request, ExchangeId(1));
    assert!(stdout(&engine, id).ends_with("one"));
    engine.site.file("page.html", "two!", 0o644);
    let (_, id) = saves.next_run();
    assert!(stdout(&engine, id).ends_with("two!"));
    fs::write(&fifo, "").unwrap();
    client.answer();
}

#[test]
fn a_script_that_keeps_a_diary_does_not_run_for_ever() {
    let source =
        "#!/bin/sh\necho visit >> visits.txt\nprintf 'Content-Type: text/plain\\n\\none'\n";
    let engine = looping(&[("a.sh", source)]);
    engine.get("/cgi-bin/a.sh");
    engine.ended(1);
    let saves = Saves::of(&engine);
    save(&engine, "cgi-bin/a.sh", &source.replace("one", "two"));
    let news = saves.until(|news| matches!(news, SaveNews::Ignored { .. }));
    let ignored = SaveNews::Ignored {
        path: "cgi-bin/visits.txt".into(),
    };
    assert_eq!(news.last(), Some(&ignored));
    // The diary changes with each run, and none of these changes is a save.
    engine.get("/cgi-bin/a.sh");
    save(&engine, "cgi-bin/a.sh", &source.replace("one", "three"));
    let more = saves
        .until(|news| began(news).is_some_and(|(_, id)| stdout(&engine, id).ends_with("three")));
    let saved = more.iter().filter_map(|news| match news {
        SaveNews::Saved { paths, .. } => Some(paths),
        _ => None,
    });
    for paths in saved {
        assert_eq!(paths, &[std::path::PathBuf::from("cgi-bin/a.sh")]);
    }
    assert!(!more.contains(&ignored), "it is told once");
}

/// Where a script stands that says `cat ../go`.
struct Gate(PathBuf);

impl Gate {
    fn new(engine: &TestEngine) -> Self {
        let fifo = engine.site.path("go");
        rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
        Self(fifo)
    }

    /// Waits until it stands there, with its source read; it goes on when this is dropped.
    fn wait(&self) -> File {
        let mut options = File::options();
        let at_once = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        options.write(true).custom_flags(at_once);
        eventually_some("the script is there", || options.open(&self.0).ok())
    }
}

#[test]
fn a_run_of_an_older_source_is_finished_and_marked() {
    let slow = "#!/bin/sh\ncat ../go\nprintf 'Content-Type: text/plain\\n\\nold'\n";
    let engine = looping(&[("a.sh", slow)]);
    let gate = Gate::new(&engine);
    let mut client = engine.connect();
    client.send(get("/cgi-bin/a.sh"));
    let stands = gate.wait();
    save(&engine, "cgi-bin/a.sh", HELLO);
    eventually("its row says so", || is_marked(&engine));
    drop(stands);
    assert_eq!(client.answer().status(), 200);
    let old = engine.ended(1);
    assert!(old.timeline.at(Moment::ScriptSaved).is_some());
    assert!(stdout(&engine, old.id).ends_with("old"));
    // What ran to its end unharmed is not marked.
    engine.get("/cgi-bin/a.sh");
    let new = engine.ended(2);
    assert_eq!(new.timeline.at(Moment::ScriptSaved), None);
}

/// Whoever asks at once asks before a change is told.
fn slow_to_tell() -> TempSite {
    TempSite::configured(child(), "[watch]\nquiet_milliseconds = 500\n")
}

#[test]
fn a_new_script_that_was_asked_for_meanwhile_does_not_run_again_by_itself() {
    let engine = looping_in(slow_to_tell(), &[("a.sh", HELLO)]);
    engine.get("/cgi-bin/a.sh");
    until_known(&engine, "cgi-bin/a.sh");
    let saves = Saves::of(&engine);
    save(&engine, "cgi-bin/new.sh", HELLO);
    engine.get("/cgi-bin/new.sh");
    saves.until(|news| is_save_of(news, "cgi-bin/new.sh"));
    save(&engine, "cgi-bin/a.sh", &HELLO.replace("one", "two"));
    assert_eq!(saves.next_run().0, ExchangeId(1));
    // Saved once more, it is no new one.
    save(&engine, "cgi-bin/new.sh", &HELLO.replace("one", "two"));
    let (request, id) = saves.next_run();
    assert_eq!(request, ExchangeId(2));
    assert!(stdout(&engine, id).ends_with("two"));
}

#[test]
fn a_run_of_the_source_that_was_saved_is_not_one_of_an_older_source() {
    let slow = "#!/bin/sh\ncat ../go\nprintf 'Content-Type: text/plain\\n\\nnew'\n";
    let engine = looping_in(slow_to_tell(), &[]);
    let gate = Gate::new(&engine);
    let saves = Saves::of(&engine);
    save(&engine, "cgi-bin/new.sh", slow);
    let mut client = engine.connect();
    client.send(get("/cgi-bin/new.sh"));
    let stands = gate.wait();
    saves.until(|news| is_save_of(news, "cgi-bin/new.sh"));
    assert!(!is_marked(&engine));
    drop(stands);
    client.answer();
    assert_eq!(engine.ended(1).timeline.at(Moment::ScriptSaved), None);
}

/// Whether the list says of the first run that it is of an older source.
fn is_marked(engine: &TestEngine) -> bool {
    let rows = engine.engine.rows();
    rows.get(ExchangeId(1)).is_some_and(|row| row.older_source)
}

fn recording_in(state: &Path, site: TempSite) -> TestEngine {
    let recording = Recording::Disk(StoreOptions {
        folder: state.to_owned(),
        retention: Retention::default(),
    });
    let limits = HistoryLimits::default();
    TestEngine::recording(child(), site, Listen::Nowhere, limits, recording)
}

#[test]
fn a_run_of_an_older_source_is_marked_after_a_restart_too() {
    let state = tempfile::tempdir().unwrap();
    let engine = recording_in(state.path(), site());
    engine.site.script("a.sh", "#!/bin/sh\ncat ../go\n");
    eventually("the folder is watched", || {
        engine.engine.snapshot().state.watching != Watching::Starting
    });
    let gate = Gate::new(&engine);
    std::thread::scope(|scope| {
        scope.spawn(|| engine.engine.submit(get("/cgi-bin/a.sh").into_bytes()));
        let stands = gate.wait();
        save(&engine, "cgi-bin/a.sh", HELLO);
        eventually("its row says so", || is_marked(&engine));
        drop(stands);
    });
    engine.ended(1);
    let TestEngine { engine: old, site } = engine;
    old.shut_down();
    let engine = recording_in(state.path(), site);
    eventually("the row is there, and marked", || is_marked(&engine));
}

#[test]
fn a_choice_outlives_the_engine() {
    let state = tempfile::tempdir().unwrap();
    let serve = |site| recording_in(state.path(), site);
    let engine = serve(site());
    engine.site.script("a.sh", HELLO);
    let script = engine.site.root().join("cgi-bin/a.sh");
    for query in ["one", "two", "three"] {
        let request = get(&format!("/cgi-bin/a.sh?{query}"));
        engine.engine.submit(request.into_bytes());
    }
    engine.ended(3);
    engine.engine.pin_on_save(ExchangeId(2)).unwrap();
    let TestEngine { engine: old, site } = engine;
    old.shut_down();
    let engine = serve(site);
    let choice = eventually_some("the choice is known", || engine.engine.on_save(&script));
    assert_eq!((choice.request, choice.pinned), (ExchangeId(2), true));
    engine.engine.unpin_on_save(&script).unwrap();
    let last = eventually_some("the rows are there", || engine.engine.on_save(&script));
    assert_eq!((last.request, last.pinned), (ExchangeId(3), false));
}

#[test]
fn a_checkout_that_touches_many_scripts_runs_a_few_at_a_time() {
    let cores = std::thread::available_parallelism().unwrap().get();
    let names: Vec<String> = (0..cores * 3).map(|n| format!("s{n}.sh")).collect();
    let source = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\ndate +%s%N\n";
    let scripts: Vec<(&str, &str)> = names.iter().map(|name| (&**name, source)).collect();
    let engine = looping(&scripts);
    for name in &names {
        engine.get(&format!("/cgi-bin/{name}"));
    }
    let saves = Saves::of(&engine);
    let slow = source.replace("date +%s%N\n", "date +%s%N; sleep 0.3; date +%s%N\n");
    for name in &names {
        save(&engine, &format!("cgi-bin/{name}"), &slow);
    }
    let spans: Vec<(u64, u64)> = names
        .iter()
        .map(|_| {
            let output = stdout(&engine, saves.next_run().1);
            let mut times = output.lines().filter_map(|line| line.parse().ok());
            (times.next().unwrap(), times.next().unwrap())
        })
        .collect();
    for (began, _) in &spans {
        let around = spans
            .iter()
            .filter(|(from, to)| from <= began && began < to);
        assert!(around.count() <= cores, "{spans:?}");
    }
}
