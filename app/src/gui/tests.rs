//! The whole window, frame by frame: what comes in a frame together, and what must not happen in one. There is no
//! engine behind it, and nothing that starts programs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cgi_engine::clock::Timestamp;
use cgi_engine::debugger::{DebugEvent, DebugSession};
use cgi_engine::exchange::{Debugger, ExchangeId};
use cgi_engine::history::Found;
use cgi_engine::message::ScriptStatus;
use cgi_engine::process::Spawner;
use cgi_engine::site::script::ScriptFacts;
use cgi_engine::site::{ScriptEntry, SiteConfig};
use eframe::egui::{Context, Event, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::command::{Command, DebugCommand};
use super::debugging::DebugNews;
use super::model::Workspace;
use super::model::debugging::{Debugging, Phase};
use super::model::editor::contents::Contents;
use super::model::editor::{EditorNews, FileRead, Leaving};
use super::model::site::SiteModel;
use super::model::testing::{ran, row, snapshot};
use super::{Start, Studio};
use crate::preferences::Preferences;

const FILE: &str = "/srv/site/cgi-bin/form.py";
const TEXT: &str = "print()\n";

/// A program that takes every order and does nothing.
fn spawner(folder: &Path) -> Spawner {
    let program = folder.join("spawner");
    fs::write(&program, "#!/bin/sh\nexec cat >/dev/null\n").unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    Spawner::start(&program).unwrap()
}

fn studio(ctx: &Context, folder: &Path) -> Studio {
    let start = Start {
        spawner: spawner(folder),
        folder: None,
        engine: None,
    };
    let mut studio = Studio::with_preferences(ctx, start, Preferences::default(), None);
    studio.model.site = Some(SiteModel::new(snapshot([row(1)])));
    studio
}

/// A window whose editor has the keyboard.
fn editing(folder: &Path) -> Harness<'static, Studio> {
    let mut window = Harness::builder()
        .with_size([1440.0, 900.0])
        .build_eframe(|creation| studio(&creation.egui_ctx, folder));
    let studio = window.state_mut();
    studio.model.workspace = Workspace::Code;
    let editor = &mut studio.model.site.as_mut().unwrap().editor;
    assert!(editor.open(Path::new(FILE), None));
    let read = FileRead::Text {
        contents: Contents::read(TEXT.as_bytes()).unwrap(),
        mode: 0o755,
    };
    assert_eq!(editor.take_read(Path::new(FILE), read), None);
    window.step();
    window.get_by_label("Source of form.py").focus();
    window.step();
    window
}

fn text<'a>(window: &'a Harness<'_, Studio>) -> &'a str {
    let site = window.state().model.site.as_ref().unwrap();
    site.editor.document().unwrap().text()
}

fn type_letter(window: &mut Harness<'_, Studio>) {
    window.event(Event::Text("x".to_owned()));
    window.step();
    window.step();
}

#[test]
fn what_is_typed_with_the_last_breath_is_asked_about_before_another_folder_opens() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = editing(folder.path());
    let other = PathBuf::from("/srv/other");
    window.event(Event::Text("x".to_owned()));
    let open = Command::Open(other.clone());
    window.state_mut().commands.push(open);
    window.step();
    assert_eq!(text(&window), format!("x{TEXT}"));
    let model = &window.state().model;
    assert_eq!(model.opening, None);
    let leaving = &model.site.as_ref().unwrap().editor.leaving;
    assert_eq!(*leaving, Some(Leaving::Folder(other)));
}

#[test]
fn nothing_is_typed_into_a_folder_that_is_being_left_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = editing(folder.path());
    window.state_mut().model.opening = Some("/srv/other".into());
    type_letter(&mut window);
    assert_eq!(text(&window), TEXT);
    // What is new is measured in one frame and seen in the next.
    window.step();
    window.get_by_label_contains("is being opened, so nothing is typed here");
    // The other folder could not be opened.
    window.state_mut().model.opening = None;
    type_letter(&mut window);
    assert_eq!(text(&window).replacen('x', "", 1), TEXT);
    assert_ne!(text(&window), TEXT);
}

fn phase(studio: &Studio) -> Option<&Phase> {
    let site = studio.model.site.as_ref();
    site.and_then(|site| site.debugging.as_ref())
        .map(|debugging| &debugging.phase)
}

#[test]
fn a_debugger_is_opened_by_a_worker_and_the_pane_says_that_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Harness::builder()
        .with_size([1440.0, 900.0])
        .build_eframe(|creation| studio(&creation.egui_ctx, folder.path()));
    let state = window.state_mut();
    let site = state.model.site.as_mut().unwrap();
    site.select(Some(ExchangeId(1)));
    let begin = Command::Debug(DebugCommand::Begin(Debugger::Pdb));
    state.commands.push(begin);
    window.step();
    window.step();
    // Without an engine no worker comes: nothing of this was done by the frame.
    window.get_by_label("Request 1 under pdb");
    window.get_by_label_contains("Starting…");
}

#[test]
fn a_run_under_a_debugger_is_left_for_another_view_and_come_back_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Harness::builder()
        .with_size([960.0, 600.0])
        .build_eframe(|creation| studio(&creation.egui_ctx, folder.path()));
    let site = window.state_mut().model.site.as_mut().unwrap();
    site.debugging = Some(Debugging::new(1, ExchangeId(1), Debugger::Pdb));
    let title = "Request 1 under pdb";
    let step = |window: &mut Harness<'_, Studio>| {
        for _ in 0..3 {
            window.step();
        }
    };
    step(&mut window);
    window.get_by_label(title);
    for away in ["Code", "Inspect"] {
        window.get_by_role_and_label(Role::Button, away).click();
        step(&mut window);
        assert!(window.query_by_label(title).is_none(), "{away}");
        window.get_by_label("Debugger, running").click();
        step(&mut window);
        window.get_by_label(title);
    }
    let site = window.state_mut().model.site.as_mut().unwrap();
    site.debugging.as_mut().unwrap().end(Ok(None));
    window.get_by_role_and_label(Role::Button, "Code").click();
    step(&mut window);
    assert!(window.query_by_label_contains("Debugger").is_none());
}

#[test]
fn the_news_of_a_debugger_that_was_closed_are_not_those_of_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = studio(&Context::default(), folder.path());
    let site = studio.model.site.as_mut().unwrap();
    site.debugging = Some(Debugging::new(2, ExchangeId(1), Debugger::Pdb));
    let late = Arc::new(DebugSession::open(Debugger::Pdb).unwrap());
    studio.take_debug(1, DebugNews::Opened(late));
    studio.take_debug(1, DebugNews::Event(DebugEvent::Begun(ExchangeId(7))));
    studio.take_debug(1, DebugNews::Over(Err("the first".to_owned())));
    assert_eq!(phase(&studio), Some(&Phase::Starting));
    studio.take_debug(2, DebugNews::Over(Err("the second".to_owned())));
    let over = Phase::Over(Some("the second".to_owned()));
    assert_eq!(phase(&studio), Some(&over));
}

#[test]
fn workers_with_more_to_tell_than_anybody_hears_do_not_hold_up_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = studio(&Context::default(), folder.path());
    for _ in 0..100 {
        studio.link.edit("told", || EditorNews::Kept(None));
    }
    studio.link.close_and_wait();
}

#[test]
fn the_code_comes_with_the_script_of_the_selected_request() {
    const SCRIPT: &str = "/srv/site/cgi-bin/hello.py";
    let folder = tempfile::tempdir().unwrap();
    let ctx = Context::default();
    let mut studio = studio(&ctx, folder.path());
    let site = studio.model.site.as_mut().unwrap();
    site.select(Some(ExchangeId(1)));
    let found = Found::Exchange(Arc::new(ran(1, b"", b"")));
    site.details.take(found, Timestamp::from_unix_millis(0));
    let open = |studio: &Studio| {
        let page = studio.model.site.as_ref().unwrap().editor.page();
        page.map(|page| page.path.clone())
    };
    let show = |studio: &mut Studio| {
        studio.run_in_model(&ctx, Command::Show(Workspace::Code));
        studio.run_in_model(&ctx, Command::Show(Workspace::Inspect));
    };
    show(&mut studio);
    assert_eq!(open(&studio), None, "it is no script of the site any more");

    let site = studio.model.site.as_mut().unwrap();
    site.scripts = Arc::from([ScriptStatus {
        entry: ScriptEntry {
            name: "hello.py".into(),
            path: SCRIPT.into(),
            url_path: b"/cgi-bin/hello.py".to_vec(),
        },
        facts: Arc::new(ScriptFacts::read(Path::new(SCRIPT), &SiteConfig::default())),
        findings: Arc::default(),
    }]);
    show(&mut studio);
    assert_eq!(open(&studio), Some(SCRIPT.into()));

    let editor = &mut studio.model.site.as_mut().unwrap().editor;
    editor.open(Path::new(FILE), None);
    show(&mut studio);
    assert_eq!(open(&studio), Some(FILE.into()), "what is open stays");
}
