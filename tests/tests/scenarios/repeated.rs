//! One request sent many times, several at once: what came of it, and how it is stopped.

use crate::{get, serve, url};
use cgi_engine::exchange::Origin;
use cgi_engine::{Command, RepeatControl, RepeatPlan};
use cgi_tests::eventually;

#[test]
fn a_request_is_repeated_as_often_as_planned_and_every_run_is_recorded() {
    let engine = serve();
    engine.get(&url(&["text", "ids"]));
    let first = engine.ended(1).id;
    let control = RepeatControl::default();
    let plan = RepeatPlan::new(30, 4).unwrap();
    let request = get(&url(&["text", "ids"]));
    let summary = engine
        .engine
        .repeat(request.as_bytes(), Some(first), plan, &control);
    assert_eq!(
        (summary.planned, summary.done, summary.unrecorded),
        (30, 30, 0)
    );
    assert_eq!(summary.statuses, [(Some(200), 30)]);
    assert_eq!(summary.headlines, [(None, 30)]);
    assert_eq!(summary.outputs, 30, "each run has a process id of its own");
    assert_eq!(summary.ids, [2..=31]);
    assert_eq!(control.done(), 30);
    let times = summary.times.unwrap();
    assert!(times.min <= times.median && times.median <= times.p95 && times.p95 <= times.max);
    assert_eq!(engine.ended(17).origin, Origin::Replay(first));
}

#[test]
fn what_fails_is_counted_by_its_finding() {
    let engine = serve();
    let plan = RepeatPlan::new(5, 2).unwrap();
    let request = get(&url(&["out=no header"]));
    let summary = engine
        .engine
        .repeat(request.as_bytes(), None, plan, &RepeatControl::default());
    assert_eq!(summary.statuses, [(Some(500), 5)]);
    assert_eq!(summary.outputs, 1);
    let [(Some((code, title)), 5)] = &summary.headlines[..] else {
        panic!("{:?}", summary.headlines);
    };
    assert!(code.0 > 0 && !title.is_empty());
}

#[test]
fn a_repetition_is_stopped_with_everything_that_runs() {
    let engine = serve();
    let control = RepeatControl::default();
    let plan = RepeatPlan::new(100, 3).unwrap();
    let request = get(&url(&["text", "sleep"]));
    let summary = std::thread::scope(|scope| {
        let engine = &engine.engine;
        let control = &control;
        let repeating = scope.spawn(move || engine.repeat(request.as_bytes(), None, plan, control));
        eventually("three are running", || {
            engine.rows().last_id().is_some_and(|id| id.0 == 3)
        });
        // One that begins at this very moment is stopped by the next call.
        eventually("it is over", || {
            control.stop(engine);
            repeating.is_finished()
        });
        repeating.join().unwrap()
    });
    assert_eq!((summary.planned, summary.done), (100, 3));
    assert_eq!(summary.ids, [1..=3]);
}

#[test]
fn without_a_record_the_answers_are_counted_all_the_same() {
    let engine = serve();
    engine.engine.command(Command::Pause(true));
    eventually("it is paused", || {
        engine.engine.snapshot().state.phase == cgi_engine::message::Phase::Paused
    });
    let plan = RepeatPlan::new(3, 1).unwrap();
    let request = get(&url(&["text", "out=same"]));
    let summary = engine
        .engine
        .repeat(request.as_bytes(), None, plan, &RepeatControl::default());
    assert_eq!((summary.done, summary.unrecorded), (3, 3));
    assert_eq!(summary.statuses, [(Some(200), 3)]);
    assert!(summary.ids.is_empty() && summary.times.is_none());
}
