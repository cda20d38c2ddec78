//! Time limits, and whoever outlives a script.

use crate::{get, serve, serve_configured, url};
use cgi_engine::exchange::{End, EndCause, StopCause};
use cgi_engine::process::{Exit, Signal};
use cgi_tests::{Ending, eventually, system};
use std::time::{Duration, Instant};

const SHORT: &str = "[limits]\ntime_seconds = 0.4\n";

#[test]
fn a_script_that_sleeps_for_ever_is_ended_and_answered_504() {
    let engine = serve_configured(SHORT);
    let answer = engine.get(&url(&["sleep"]));
    assert_eq!((answer.status(), answer.ending.is_whole()), (504, true));
    let exchange = engine.ended(1);
    let run = exchange.invocation().unwrap();
    let limit = Duration::from_millis(400);
    assert_eq!(
        run.stop,
        Some(StopCause::TimeLimit {
            limit,
            total: false
        })
    );
    assert!(
        matches!(run.exit, Some(Exit::Signal { number, .. }) if number == Signal::TERM.number())
    );
    assert!(system::members(engine.pid(1)).is_empty());
    assert_eq!(exchange.end, Some(End::Answered));
}

#[test]
fn a_script_that_survives_term_is_killed_with_its_whole_group() {
    let engine = serve_configured(SHORT);
    let answer = engine.get(&url(&["trap-term", "background-trap", "sleep"]));
    // The child prints the number of its own child before any header.
    assert_eq!(answer.status(), 504);
    let exchange = engine.ended(1);
    let run = exchange.invocation().unwrap();
    assert!(
        matches!(run.exit, Some(Exit::Signal { number, .. }) if number == Signal::KILL.number())
    );
    assert!(run.stdout.head().starts_with(b"background="));
    assert!(system::members(engine.pid(1)).is_empty());
}

#[test]
fn a_script_that_falls_silent_after_its_headers_is_cut_off() {
    let engine = serve_configured(SHORT);
    let answer = engine.get(&url(&["text", "out=half", "sleep"]));
    assert_eq!(
        (answer.text().as_str(), answer.ending),
        ("half", Ending::Short)
    );
    let end = engine.ended(1).end.clone();
    assert!(
        matches!(
            end,
            Some(End::CutOff(EndCause::Stopped(StopCause::TimeLimit {
                total: false,
                ..
            })))
        ),
        "{end:?}"
    );
}

#[test]
fn a_script_that_keeps_printing_is_not_silent_but_meets_the_limit_of_the_whole() {
    let engine = serve_configured("[limits]\ntime_seconds = 1\ntotal_seconds = 2\n");
    engine.site.script(
        "drip",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nwhile :; do echo drip; sleep 0.05; done\n",
    );
    let answer = engine.get("/cgi-bin/drip");
    let exchange = engine.ended(1);
    let run = exchange.invocation().unwrap();
    assert_eq!(
        (answer.status(), answer.ending),
        (200, Ending::Short),
        "{:?} {:?} {:?}",
        run.launch_failure,
        run.stop,
        run.exit
    );
    let limit = Duration::from_secs(2);
    let stop = StopCause::TimeLimit { limit, total: true };
    assert_eq!(exchange.end, Some(End::CutOff(EndCause::Stopped(stop))));
    assert!(system::members(engine.pid(1)).is_empty());
}

#[test]
fn a_client_that_reads_slowly_does_not_make_the_script_too_slow() {
    let engine = serve_configured(SHORT);
    let mut client = engine.connect();
    client.send(get(&url(&["text", "stdout=30000000"])));
    let asked = Instant::now();
    // The pipe, the engine and the socket are full, and the limit passes three times while nobody reads.
    engine.run_when(1, |run| {
        let last = run.stdout.marks().last().map(|mark| mark.at);
        last.is_some_and(|last| asked.elapsed() > last + Duration::from_millis(1200))
    });
    let head = client.head();
    let mut length = 0;
    let ending = client.body(&head, |bytes| length += bytes.len());
    assert_eq!((length, ending.is_whole()), (30_000_000, true));
    assert_eq!(engine.ended(1).end, Some(End::Answered));
}

#[test]
fn a_child_that_holds_the_output_is_waited_for_and_named() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["text", "background"])));
    client.head();
    let line = String::from_utf8(client.chunk().unwrap()).unwrap();
    let holder: u32 = line
        .trim()
        .strip_prefix("background=")
        .unwrap()
        .parse()
        .unwrap();
    let run = engine.run_when(1, |run| !run.holders.is_empty());
    assert_eq!(
        run.holders
            .iter()
            .map(|member| member.pid)
            .collect::<Vec<_>>(),
        [holder]
    );
    let command = run.holders[0].command.to_string_lossy().into_owned();
    assert!(command.ends_with(" sleep"), "{command}");
    let findings = cgi_engine::diagnosis::after_run(&engine.exchange(1).unwrap());
    let told = format!("{findings:?}");
    assert!(told.contains(&holder.to_string()), "{told}");
    assert_eq!(run.exit, Some(Exit::Code(0)));
    assert!(engine.exchange(1).unwrap().end.is_none());
    let pid = rustix::process::Pid::from_raw(holder.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert_eq!(client.chunk().unwrap(), b"");
    assert_eq!(engine.ended(1).end, Some(End::Answered));
}

#[test]
fn a_quiet_child_is_not_waited_for_and_does_not_live_on() {
    let engine = serve();
    let answer = engine.get(&url(&["text", "background-quiet"]));
    assert!(answer.ending.is_whole());
    let quiet: u32 = answer.told("background").unwrap().parse().unwrap();
    assert_eq!(engine.ended(1).end, Some(End::Answered));
    eventually("the quiet child is gone", || !system::alive(quiet));
}

#[test]
fn a_daemon_that_left_its_group_and_holds_the_output_is_named_too() {
    let engine = serve();
    let mut client = engine.connect();
    client.send(get(&url(&["text", "daemon"])));
    client.head();
    let line = String::from_utf8(client.chunk().unwrap()).unwrap();
    let daemon: u32 = line
        .trim()
        .trim_start_matches("background=")
        .parse()
        .unwrap();
    let run = engine.run_when(1, |run| !run.holders.is_empty());
    assert_eq!(run.holders[0].pid, daemon);
    let pid = rustix::process::Pid::from_raw(daemon.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert_eq!(client.chunk().unwrap(), b"");
    assert_eq!(engine.ended(1).end, Some(End::Answered));
}

#[test]
fn a_script_that_burns_more_processor_time_than_it_may_is_ended_by_the_system() {
    let engine = serve_configured("[limits]\ncpu_seconds = 1\n");
    let answer = engine.get(&url(&["text", "spin=60000"]));
    assert_eq!((answer.status(), answer.ending), (200, Ending::Short));
    let exchange = engine.ended(1);
    let exit = exchange.invocation().unwrap().exit;
    let number = rustix::process::Signal::XCPU.as_raw();
    assert!(
        matches!(exit, Some(Exit::Signal { number: ended_by, .. }) if ended_by == number),
        "{exit:?}"
    );
}

#[test]
fn a_script_gets_no_more_memory_than_it_may_have() {
    let engine = serve_configured("[limits]\nmemory_bytes = 1073741824\n");
    for (number, mebibytes, status) in [(1, 10, 200), (2, 2000, 500)] {
        let go = engine.site.path(&format!("go{number}"));
        let commands = [
            &format!("when={}", go.display()),
            &format!("allocate={mebibytes}"),
            "text",
        ];
        let mut client = engine.connect();
        client.send(get(&url(&commands)));
        // The limits are set when the process is known.
        engine.pid(number);
        std::fs::write(go, "").unwrap();
        assert_eq!(client.answer().status(), status);
    }
}
