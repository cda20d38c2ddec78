//! What stands in the record of an exchange, and how many records are kept.

use crate::{child, get, post, serve, site, url};
use cgi_engine::cgi::meta_variable::Provenance;
use cgi_engine::exchange::{ExchangeId, Moment, Progress, SelectedTarget};
use cgi_engine::history::{Found, HistoryLimits};
use cgi_engine::process::Exit;
use cgi_engine::{Command, Event, Listen};
use cgi_tests::{TempSite, TestEngine, eventually, eventually_some};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

#[test]
fn the_environment_in_the_record_is_the_one_that_the_script_saw() {
    let engine = serve();
    let target = format!(
        "/cgi-bin/child/extra?{}",
        cgi_tests::query(&["text", "env"])
    );
    let fields = "Content-Type: text/x-note\r\nContent-Length: 2\r\nX-Colour: red\r\n";
    let answer = engine.ask(post(&target, fields, "hi"));
    let exchange = engine.ended(1);
    let request = &exchange.invocation().unwrap().request;
    let text = answer.text();
    let mut seen: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("env-"))
        .collect();
    seen.sort_unstable();
    let mut recorded: Vec<_> = request
        .variables
        .iter()
        .map(|variable| {
            format!(
                "{}={}",
                variable.name,
                String::from_utf8_lossy(&variable.value)
            )
        })
        .collect();
    recorded.sort_unstable();
    assert_eq!(seen, recorded);
    for (name, provenance) in [
        ("REQUEST_METHOD", Provenance::RequestLine),
        ("SCRIPT_NAME", Provenance::ScriptPath),
        ("PATH_INFO", Provenance::ExtraPath),
        ("QUERY_STRING", Provenance::Query),
        ("REMOTE_ADDR", Provenance::Connection),
        ("SERVER_SOFTWARE", Provenance::Server),
        (
            "HTTP_X_COLOUR",
            Provenance::Header {
                name: "X-Colour".to_owned(),
            },
        ),
    ] {
        assert_eq!(request.get(name).unwrap().provenance, provenance, "{name}");
    }
    let raw = &exchange.request.raw_head;
    let source = request.get("HTTP_X_COLOUR").unwrap().sources[0].clone();
    assert!(raw[source].ends_with(b"red"));
}

#[test]
fn nothing_of_the_studios_own_environment_reaches_a_script() {
    let engine = serve();
    let answer = engine.get(&url(&["text", "env"]));
    // Scripts get a PATH of their own.
    let own: Vec<_> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name != "PATH")
        .collect();
    assert!(!own.is_empty());
    for name in own {
        assert_eq!(answer.told(&format!("env-{name}")), None);
    }
}

#[test]
fn all_three_streams_are_kept_with_the_times_of_their_parts() {
    let engine = serve();
    let go = engine.site.path("go");
    let mut client = engine.connect();
    let wait = format!("when={}", go.display());
    let commands = [
        "text",
        "echo",
        "err=first\n",
        &wait,
        "out=late",
        "err=second\n",
    ];
    client.send(post(&url(&commands), "Content-Length: 5\r\n", "hello"));
    engine.run_when(1, |run| !run.stderr.is_empty());
    std::fs::write(go, "").unwrap();
    assert_eq!(client.answer().text(), "hellolate");
    let exchange = engine.ended(1);
    let run = exchange.invocation().unwrap();
    assert_eq!(exchange.request.body.head().as_ref(), b"hello");
    assert_eq!(run.stderr.head().as_ref(), b"first\nsecond\n");
    assert_eq!(
        run.stdout.head().as_ref(),
        b"Content-Type: text/plain\n\nhellolate"
    );
    assert_eq!(run.body_offset(), Some(26));
    let (first, second) = (
        run.stderr.time_of(0).unwrap(),
        run.stderr.time_of(6).unwrap(),
    );
    assert!(first < second);
    assert!(run.stdout.time_of(0).unwrap() < run.stdout.time_of(31).unwrap());
}

#[test]
fn the_moments_come_in_the_order_of_the_story() {
    let engine = serve();
    engine.ask(post(
        &url(&["count", "text"]),
        "Content-Length: 5\r\n",
        "hello",
    ));
    engine.ask(post(
        &url(&["text", "count"]),
        "Content-Length: 5\r\n",
        "hello",
    ));
    let exchange = engine.ended(2);
    let run = &exchange.invocation().unwrap().timeline;
    let whole = &exchange.timeline;
    let story = [
        whole.at(Moment::HeadComplete),
        whole.at(Moment::Selected),
        run.at(Moment::Spawned),
        run.at(Moment::FirstOutput),
        run.at(Moment::HeadersComplete),
        run.at(Moment::OutputEnded),
        run.at(Moment::Reaped),
        whole.at(Moment::Finished),
    ];
    let times: Vec<_> = story.into_iter().map(Option::unwrap).collect();
    assert!(times.is_sorted(), "{times:?}");
    let in_order: Vec<_> = whole.iter().map(|(_, at)| at).collect();
    assert!(in_order.is_sorted(), "{in_order:?}");
    assert!(run.at(Moment::Exited).is_some() && run.at(Moment::StdinClosed).is_some());
}

#[test]
fn the_process_stands_in_the_record_with_what_it_used() {
    let engine = serve();
    let answer = engine.get(&url(&["text", "ids", "cwd", "allocate=20", "spin=20"]));
    let exchange = engine.ended(1);
    let run = exchange.invocation().unwrap();
    assert_eq!(answer.told("pid"), run.pid.map(|pid| pid.to_string()));
    let folder = engine.site.root().join("cgi-bin");
    assert_eq!(answer.told("cwd").as_deref(), folder.to_str());
    assert_eq!(run.program.as_ref().unwrap().directory, folder);
    let usage = run.usage.as_ref().unwrap();
    assert_eq!((usage.exit, usage.measured), (Exit::Code(0), true));
    assert!(usage.peak_memory_bytes > 20 << 20);
    assert!((usage.user_time + usage.system_time).as_millis() >= 15);
    let SelectedTarget::Script(script) = &exchange.selection.target else {
        panic!("{:?}", exchange.selection);
    };
    assert!(script.ends_with("cgi-bin/child") && !exchange.selection.steps.is_empty());
}

#[test]
fn the_head_in_the_record_is_the_one_on_the_wire() {
    let engine = serve();
    engine.site.file("page.html", "<p>page", 0o644);
    let mut client = engine.connect();
    for (number, target) in [
        url(&["text", "out=x"]),
        url(&["crash"]),
        "/page.html".into(),
        "/nothing".into(),
        "/".into(),
    ]
    .iter()
    .enumerate()
    {
        client.send(get(target));
        let answer = client.answer();
        let response = engine.ended(number as u64 + 1).response.clone().unwrap();
        assert_eq!(response.sent_head, answer.head.raw, "{target}");
        assert_eq!(
            (response.status, response.body_bytes),
            (answer.status(), answer.body.len() as u64)
        );
    }
}

#[test]
fn each_exchange_is_told_to_end_exactly_once_and_numbers_only_grow() {
    let engine = serve();
    let listener = engine.engine.subscribe();
    for target in [
        url(&["text"]),
        url(&["crash"]),
        url(&["out=Location: /nothing\n\n"]),
        "/".into(),
        "/nothing".into(),
        "/%00".into(),
    ] {
        engine.get(&target);
    }
    engine.ask("bad\r\n\r\n");
    for number in 1..=7 {
        engine.ended(number);
    }
    let told = engine.told_until_the_end(listener);
    let rows: Vec<_> = told
        .iter()
        .filter_map(|event| match event {
            Event::Exchange(row) => Some((row.id, row.progress)),
            _ => None,
        })
        .collect();
    for number in 1..=7 {
        let progress: Vec<_> = rows
            .iter()
            .filter(|row| row.0 == ExchangeId(number))
            .map(|row| row.1)
            .collect();
        let ends = progress
            .iter()
            .filter(|progress| **progress != Progress::Running)
            .count();
        assert_eq!(
            (ends, progress.last()),
            (1, Some(&Progress::Answered)),
            "{number}"
        );
    }
}

fn serve_keeping(rows: usize, bytes: usize) -> TestEngine {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let history = HistoryLimits { rows, bytes };
    TestEngine::start_with(child(), site(), Listen::Exactly(anywhere), history)
}

#[test]
fn old_records_give_way_first_their_details_and_then_their_rows() {
    let engine = serve_keeping(4, 250_000);
    for number in 1..=6 {
        engine.get(&url(&["text", "stdout=100000"]));
        eventually("the exchange ends", || {
            let rows = engine.engine.snapshot().rows;
            rows.iter()
                .any(|row| row.id == ExchangeId(number) && row.progress == Progress::Answered)
        });
    }
    let numbers: Vec<_> = engine
        .engine
        .snapshot()
        .rows
        .iter()
        .map(|row| row.id.0)
        .collect();
    assert_eq!(numbers, [3, 4, 5, 6]);
    assert!(matches!(engine.engine.find(ExchangeId(1)), Found::Unknown));
    assert!(matches!(engine.engine.find(ExchangeId(3)), Found::Evicted));
    assert!(matches!(
        engine.engine.find(ExchangeId(6)),
        Found::Exchange(_)
    ));
    let held = engine.engine.snapshot().held;
    assert!(
        held.bytes <= 250_000 && held.rows == 4 && held.details < 4,
        "{held:?}"
    );
}

#[test]
fn while_it_is_paused_it_serves_and_records_nothing() {
    use cgi_engine::message::Phase;
    let engine = serve();
    engine.get(&url(&["text"]));
    engine.ended(1);
    let phase = || engine.engine.snapshot().state.phase;
    engine.engine.command(Command::Pause(true));
    eventually("it is paused", || phase() == Phase::Paused);
    assert_eq!(engine.get(&url(&["text", "out=unseen"])).text(), "unseen");
    engine.engine.command(Command::Pause(false));
    eventually("it records", || phase() == Phase::Serving);
    engine.get(&url(&["text"]));
    engine.ended(2);
    let rows = engine.engine.rows();
    let targets: Vec<_> = rows.iter().map(|row| row.target).collect();
    assert_eq!(targets, [url(&["text"]), url(&["text"])]);
}

#[test]
fn clearing_forgets_what_is_over_up_to_a_number_and_keeps_what_runs() {
    let engine = serve();
    engine.get(&url(&["text"]));
    engine.ended(1);
    let mut client = engine.connect();
    client.send(get(&url(&["text", "sleep"])));
    client.head();
    engine.get(&url(&["text"]));
    engine.ended(3);
    let mut listener = engine.engine.subscribe();
    let up_to = ExchangeId(2);
    engine.engine.command(Command::Clear { up_to });
    while !matches!(listener.wait(), Some(Event::Cleared { .. })) {}
    let numbers: Vec<_> = engine
        .engine
        .snapshot()
        .rows
        .iter()
        .map(|row| row.id.0)
        .collect();
    assert_eq!(numbers, [2, 3]);
}

#[test]
fn a_run_tells_what_it_was_held_to_and_which_version_read_it() {
    let limits = "[limits]\ntime_seconds = 7\ncpu_seconds = 5\n";
    let site = TempSite::configured(child(), limits);
    let source = "#!/bin/bash\nprintf 'Content-Type: text/plain\\n\\nhi'\n";
    site.script("shell.sh", source);
    let engine = TestEngine::start(child(), site);
    engine.get("/cgi-bin/child");
    let run = engine.ended(1).invocation().unwrap().clone();
    let limits = run.limits.unwrap();
    assert_eq!(limits.silence, Some(Duration::from_secs(7)));
    assert_eq!(limits.resources.cpu_seconds, Some(5));
    assert_eq!((limits.total, limits.refused), (None, None));
    assert_eq!(run.interpreter, None, "a program of its own");
    let mut number = 1;
    let version = eventually_some("bash tells its version", || {
        engine.get("/cgi-bin/shell.sh");
        number += 1;
        let exchange = engine.ended(number);
        let interpreter = exchange.invocation()?.interpreter.clone()?;
        assert_eq!(interpreter.path, std::path::Path::new("/bin/bash"));
        interpreter.version
    });
    assert!(version.contains('.'), "{version}");
}
