//! The folder, its configuration and its address: what changes while it is served.

use crate::{child, serve, serve_configured, site, url};
use cgi_engine::history::HistoryLimits;
use cgi_engine::history::store::Recording;
use cgi_engine::message::{Phase, Watching};
use cgi_engine::watch::ChangeKind;
use cgi_engine::{BindError, Command, Engine, EngineOptions, Event, Listen, StartError};
use cgi_tests::{TestEngine, eventually, start_spawner};
use std::fs;
use std::path::PathBuf;

#[track_caller]
fn wait_until_watched(engine: &TestEngine) {
    eventually("the folder is watched", || {
        engine.engine.snapshot().state.watching != Watching::Starting
    });
}

#[test]
fn a_folder_that_vanishes_is_404_until_it_is_back() {
    let engine = serve();
    wait_until_watched(&engine);
    let (here, away) = (
        engine.site.root(),
        engine.site.root().with_extension("away"),
    );
    fs::rename(&here, &away).unwrap();
    assert_eq!(engine.get("/cgi-bin/child").status(), 404);
    let phase = || engine.engine.snapshot().state.phase;
    eventually("the state says so", || phase() == Phase::FolderGone);
    fs::rename(&away, &here).unwrap();
    eventually("the state says so", || phase() == Phase::Serving);
    assert_eq!(engine.get("/cgi-bin/child").status(), 200);
}

#[test]
fn a_broken_configuration_is_named_and_the_site_is_served_by_the_defaults() {
    let engine = serve_configured("[limits]\ntime_seconds = 5\ntime_secnds = 1\n");
    assert_eq!(engine.get("/cgi-bin/child").status(), 200);
    let problems = engine.engine.snapshot().state.problems;
    assert_eq!(problems.len(), 1);
    let problem = &problems[0];
    assert!(problem.file.ends_with("cgi-studio.toml"));
    assert_eq!(
        (problem.line, problem.key.as_deref()),
        (3, Some("limits.time_secnds"))
    );
    assert!(problem.message.contains("time_seconds"), "{problem}");
}

#[test]
fn a_configuration_that_is_saved_holds_from_the_next_request_on() {
    let engine = serve();
    wait_until_watched(&engine);
    engine.site.file(
        "cgi-studio.toml",
        "[environment]\nCOLOUR = \"red\"\n",
        0o644,
    );
    eventually("the variable is set", || {
        engine
            .get(&url(&["text", "env"]))
            .told("env-COLOUR")
            .as_deref()
            == Some("red")
    });
}

#[test]
fn a_restart_reads_the_configuration_again_at_the_same_address() {
    let engine = serve_configured("[watch]\nignore = [\"*\"]\n");
    let before = engine.address();
    engine.site.file(
        "cgi-studio.toml",
        "[environment]\nCOLOUR = \"red\"\n",
        0o644,
    );
    engine.engine.command(Command::Restart);
    eventually("the variable is set", || {
        engine
            .get(&url(&["text", "env"]))
            .told("env-COLOUR")
            .as_deref()
            == Some("red")
    });
    assert_eq!(engine.address(), before);
}

#[test]
fn a_save_is_told_once_and_the_script_is_looked_at_again() {
    let site = site();
    site.script("page.sh", "#!/bin/sh\necho one\n");
    let engine = TestEngine::start(child(), site);
    let mut listener = engine.engine.subscribe();
    wait_until_watched(&engine);
    engine.site.script("page.sh", "#!/bin/sh\r\necho two\r\n");
    let mut events = std::iter::from_fn(|| listener.wait());
    assert!(events.any(|event| matches!(event, Event::Site(_))));
    let looked = events.find_map(|event| match event {
        Event::Scripts(scripts) => Some(scripts),
        _ => None,
    });
    let facts = looked
        .iter()
        .flat_map(|scripts| scripts.iter())
        .find(|script| script.facts.path.ends_with("page.sh"));
    let script = facts.unwrap();
    assert!(script.facts.source.ends_with(b"two\r\n"));
    assert!(!script.findings.is_empty(), "the line ends are found");
    let news = engine.engine.snapshot().site_news;
    let changes: Vec<_> = news
        .iter()
        .map(|news| (news.change.path.clone(), news.change.is_script))
        .collect();
    assert_eq!(changes, [(PathBuf::from("cgi-bin/page.sh"), true)]);
    assert!(matches!(news[0].change.kind, ChangeKind::Modified { .. }));
}

#[test]
fn scripts_are_looked_at_again_when_asked() {
    let engine = serve_configured("[watch]\nignore = [\"*\"]\n");
    let known = || {
        let scripts = engine.engine.snapshot().scripts;
        scripts
            .iter()
            .any(|script| script.entry.name == "cgi-bin/new.sh")
    };
    eventually("the scripts are known", || {
        !engine.engine.snapshot().scripts.is_empty()
    });
    engine.site.script("new.sh", "#!/bin/sh\n");
    assert!(!known());
    engine.engine.command(Command::Recheck);
    eventually("the new script is known", known);
}

#[test]
fn names_that_a_visitor_may_not_have_are_not_listed() {
    let engine = serve_configured(
        "[[scopes]]\nfiles = \"*.key\"\nrequire = \"valid-user\"\n[[scopes]]\nurl = \"/cgi-bin\"\nrequire = \"all denied\"\n",
    );
    engine.site.file("open.txt", "", 0o644);
    engine.site.file("shut.key", "", 0o644);
    let page = engine.get("/");
    let listed = |name: &str| {
        page.body
            .windows(name.len())
            .any(|part| part == name.as_bytes())
    };
    assert!(listed("open.txt"));
    assert!(!listed("shut.key") && !listed("cgi-bin/child"));
}

#[test]
fn a_busy_address_is_named_and_another_is_taken_where_that_is_allowed() {
    let first = serve();
    let busy = first.address();
    let other = site();
    let options = EngineOptions {
        folder: other.root(),
        listen: Listen::Exactly(busy),
        history: HistoryLimits::default(),
        recording: Recording::Memory,
    };
    let started = Engine::start(start_spawner(child()), &options);
    let error = started.err().expect("the address is busy");
    assert!(
        matches!(&error, StartError::Bind(BindError::Busy { address }) if *address == busy)
            && error.to_string().contains(&busy.port().to_string()),
        "{error}"
    );
    let second =
        TestEngine::start_with(child(), other, Listen::From(busy), HistoryLimits::default());
    assert!(second.address().port() > busy.port());
    assert_eq!(second.get("/cgi-bin/child").status(), 200);
}

#[test]
fn a_folder_that_is_not_there_cannot_be_served() {
    let options = EngineOptions {
        folder: site().root().join("nothing"),
        listen: Listen::Nowhere,
        history: HistoryLimits::default(),
        recording: Recording::Memory,
    };
    let started = Engine::start(start_spawner(child()), &options);
    assert!(matches!(started.err(), Some(StartError::Site(_))));
}
