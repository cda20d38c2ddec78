//! The run pane, by role and label.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cgi_engine::Event;
use cgi_engine::compare::Comparison;
use cgi_engine::exchange::{ExchangeId, Moment, Progress};
use cgi_engine::on_save::{Choice, SaveNews};
use eframe::egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable as _;

use super::{USUAL, model_with, window};
use crate::gui::command::{Command, LoopCommand};
use crate::gui::model::looping::{Changed, Errand};
use crate::gui::model::testing::{ran, row};
use crate::gui::model::{Model, Workspace};

const SCRIPT: &str = "/srv/site/cgi-bin/hello.py";

/// Request 2 was run again as request 3, which goes on when `running`.
fn looped(pinned: bool, running: bool) -> Model {
    let mut model = model_with(3);
    model.workspace = Workspace::Code;
    let site = model.site.as_mut().unwrap();
    site.looping.look_at(Path::new(SCRIPT));
    let choice = Choice {
        request: ExchangeId(2),
        pinned,
        runs: true,
    };
    site.apply(Event::OnSave(Arc::new(SaveNews::Began {
        script: SCRIPT.into(),
        request: ExchangeId(2),
        id: ExchangeId(3),
    })));
    site.looping.take_choice(SCRIPT.into(), Some(choice));
    let errand = site.looping.take_errand(|_| true);
    let change = Errand::Change {
        before: Some(ExchangeId(2)),
        after: ExchangeId(3),
    };
    assert_eq!(errand, Some(change));
    let before = ran(2, b"Content-Type: text/plain\n\nHello\n", b"");
    let after = Arc::new(ran(3, b"Content-Type: text/plain\n\nGood evening\n", b""));
    let comparison = Comparison::of(&before, &after, &AtomicBool::new(false)).unwrap();
    let changed = Changed::of(&after, Some((&before, &comparison)));
    site.looping.take_changed(ExchangeId(3), Some(changed));
    if running {
        let mut next = row(4);
        next.progress = Progress::Running;
        site.apply(Event::Exchange(Arc::new(next)));
        site.apply(Event::OnSave(Arc::new(SaveNews::Began {
            script: SCRIPT.into(),
            request: ExchangeId(2),
            id: ExchangeId(4),
        })));
        site.looping.take_choice(SCRIPT.into(), Some(choice));
    }
    model
}

#[track_caller]
fn check_clicked(model: Model, label: &str, expected: LoopCommand) {
    super::check_clicked(model, label, &Command::Loop(expected));
}

#[test]
fn the_pane_shows_the_request_its_runs_and_what_changed() {
    for size in [USUAL, Vec2::new(960.0, 600.0)] {
        let mut window = window(looped(false, false), size);
        window.run();
        window.get_by_label("GET /cgi-bin/hello.py");
        window.get_by_label("The last request, 2");
        window.get_by_label("#3: changed since #2");
        window.get_by_label("stdout");
        window.get_by_label("+1 −1 lines");
        window.get_by_label("   3 + Good evening");
    }
}

#[test]
fn in_a_small_window_what_changed_is_seen_without_scrolling() {
    let mut window = window(looped(false, false), Vec2::new(960.0, 600.0));
    window.run();
    for label in [
        "#3: changed since #2",
        "   3 + Good evening",
        "Run again",
        "#3 200",
    ] {
        let place = window.get_by_label_contains(label).rect();
        assert!(place.bottom() < 574.0, "{label} {place:?}");
    }
}

#[test]
fn what_changed_stays_while_the_next_run_goes_on() {
    let mut window = window(looped(false, true), USUAL);
    window.run();
    window.get_by_label("Request 4 runs … shown is #3, running");
    window.get_by_label("#3: changed since #2");
}

#[test]
fn the_buttons_of_the_pane_do_what_they_say() {
    check_clicked(looped(false, false), "Run again", LoopCommand::RunNow);
    check_clicked(
        looped(false, false),
        "Always this one",
        LoopCommand::Pin(ExchangeId(2)),
    );
    let unpin = LoopCommand::Unpin(PathBuf::from(SCRIPT));
    check_clicked(looped(true, false), "Take the last one", unpin);
    check_clicked(looped(false, false), "Run on save", LoopCommand::SwitchRun);
    check_clicked(
        looped(false, false),
        "Browser reloads",
        LoopCommand::SwitchReload,
    );
    check_clicked(
        looped(false, false),
        "#2 200",
        LoopCommand::Show(ExchangeId(2)),
    );
    check_clicked(looped(false, false), "←", LoopCommand::Earlier);
    let open = LoopCommand::Inspect(ExchangeId(3));
    check_clicked(looped(false, false), "Open the run", open);
}

#[test]
fn f5_and_ctrl_enter_run_again() {
    for (modifiers, key) in [(Modifiers::NONE, Key::F5), (Modifiers::COMMAND, Key::Enter)] {
        let mut window = window(looped(false, false), USUAL);
        window.run();
        window.key_press_modifiers(modifiers, key);
        window.run();
        let run = Command::Loop(LoopCommand::RunNow);
        let pushed = &window.state().commands;
        assert!(pushed.contains(&run), "{pushed:?}");
    }
}

#[test]
fn a_run_of_an_older_source_is_marked() {
    let mut model = looped(false, true);
    let site = model.site.as_mut().unwrap();
    let mut old = ran(4, b"Content-Type: text/plain\n\nHello\n", b"");
    old.timeline.note(Moment::ScriptSaved, Duration::ZERO);
    let change = Errand::Change {
        before: Some(ExchangeId(3)),
        after: ExchangeId(4),
    };
    assert_eq!(site.looping.take_errand(|_| true), Some(change));
    let changed = Changed::of(&Arc::new(old), None);
    site.looping.take_changed(ExchangeId(4), Some(changed));
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("older source");
}
