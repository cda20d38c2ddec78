//! The view of the saves between a good run and one that failed, by role and label.

use std::sync::Arc;

use cgi_engine::clock::Timestamp;
use cgi_engine::compare::versions::{Culprit, Version, VersionRun, Versions};
use cgi_engine::exchange::ExchangeId;
use eframe::egui::{Key, Vec2};
use egui_kittest::kittest::Queryable as _;

use super::{USUAL, model_with, window};
use crate::gui::command::Command;
use crate::gui::model::Model;

fn version(id: u64, failed: Option<bool>) -> Version {
    let run = VersionRun {
        id: ExchangeId(id),
        started: Timestamp::from_unix_millis(1_700_000_000_000),
        failed: failed.unwrap_or(false),
        same_request: failed.is_some(),
    };
    Version {
        hash: [id as u8; 32],
        source: Arc::from(&b"print()\n"[..]),
        first_run: run.started,
        added: 2,
        removed: 1,
        changes: Vec::new(),
        runs: vec![run],
    }
}

fn between(outcome: Option<Result<Versions, String>>) -> Model {
    let mut model = model_with(3);
    let site = model.site.as_mut().unwrap();
    let (good, bad) = (ExchangeId(1), ExchangeId(3));
    site.select(Some(bad));
    site.begin_versions(good, bad).unwrap();
    if let Some(outcome) = outcome {
        site.take_versions((good, bad), outcome.map(Arc::new));
    }
    model
}

fn found(middle: Option<bool>, culprit: Culprit) -> Model {
    let versions = vec![
        version(1, Some(false)),
        version(2, middle),
        version(3, Some(true)),
    ];
    between(Some(Ok(Versions { versions, culprit })))
}

#[test]
fn the_save_that_broke_it_is_named() {
    for size in [USUAL, Vec2::new(960.0, 600.0)] {
        let mut window = window(found(Some(false), Culprit::Version(2)), size);
        window.run();
        window.get_by_label("Which save broke it: #1 was good, #3 failed");
        window.get_by_label(
            "3 versions of the script were run. Version 3 broke it: version 2 was still good",
        );
        window.get_by_label_contains("Version 3: failed: this save broke it");
        window.get_by_label_contains("Version 2: good");
    }
}

#[test]
fn versions_that_were_never_tried_are_run_on_request() {
    let mut window = window(found(None, Culprit::OneOf(1, 2)), USUAL);
    window.run();
    window.get_by_label_contains("Version 2: not run with this request");
    window.get_by_label("Run this version").click();
    window.run();
    let expected = Command::RunVersion {
        request: ExchangeId(3),
        source: ExchangeId(2),
    };
    assert!(window.state().commands.contains(&expected));
}

#[test]
fn while_it_looks_and_when_it_cannot_find_anything_it_says_so() {
    let mut looking = window(between(None), USUAL);
    looking.run();
    looking.get_by_label("Looking…");
    let why = "the source that request 1 ran is not kept".to_owned();
    let mut nothing = window(between(Some(Err(why.clone()))), USUAL);
    nothing.run();
    nothing.get_by_label("There is nothing to find");
    nothing.get_by_label(&why);
    nothing.key_press(Key::Escape);
    nothing.run();
    assert!(nothing.state().commands.contains(&Command::Back));
}

#[test]
fn the_same_source_is_not_blamed() {
    let mut window = window(found(Some(true), Culprit::NotTheSource), USUAL);
    window.run();
    window.get_by_label_contains("not a save of this script that broke it");
}
