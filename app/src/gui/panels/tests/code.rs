//! The editor by role and label, with the keys of a user. Its commands are carried out on the model, as the window
//! does it.

use std::path::{Path, PathBuf};

use cgi_engine::clock::Timestamp;
use cgi_engine::diagnosis::Severity;
use eframe::egui::epaint::text::MissingGlyphPolicy;
use eframe::egui::{Event, ImeEvent, Key, Modifiers, Theme, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::{USUAL, Window, model_with, window};
use crate::gui::command::{Command, EditorCommand};
use crate::gui::editing::is_typed;
use crate::gui::model::editor::contents::Contents;
use crate::gui::model::editor::document::{Document, LineMark};
use crate::gui::model::editor::{FileRead, Leaving, Rescued};
use crate::gui::model::{Model, Workspace};

const FILE: &str = "/srv/site/cgi-bin/form.py";

pub(super) fn read(bytes: &[u8]) -> FileRead {
    FileRead::Text {
        contents: Contents::read(bytes).unwrap(),
        mode: 0o755,
    }
}

pub(super) fn open(model: &mut Model, path: &str, read: FileRead) {
    let editor = &mut model.site.as_mut().unwrap().editor;
    assert!(editor.open(Path::new(path), None));
    assert_eq!(editor.take_read(Path::new(path), read), None);
}

fn editing(text: &str) -> Harness<'static, Window> {
    let mut model = model_with(1);
    model.workspace = Workspace::Code;
    open(&mut model, FILE, read(text.as_bytes()));
    let mut window = window(model, USUAL);
    // The fonts of this computer, which have more scripts, do not belong into a test.
    window
        .ctx
        .set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    window.step();
    window
}

fn document<'a>(window: &'a Harness<'_, Window>) -> &'a Document {
    let site = window.state().model.site.as_ref().unwrap();
    site.editor.document().unwrap()
}

/// Draws frames, and carries the commands of each out before the next, as the window does.
fn settle(window: &mut Harness<'_, Window>) -> Vec<Command> {
    let mut all = Vec::new();
    let mut quiet = 0;
    while quiet < 4 {
        window.step();
        let state = window.state_mut();
        let mut pushed = std::mem::take(&mut state.commands);
        pushed.sort_by_key(|command| !is_typed(command));
        quiet = if pushed.is_empty() { quiet + 1 } else { 0 };
        let editor = &mut state.model.site.as_mut().unwrap().editor;
        for command in pushed {
            all.push(command.clone());
            match command {
                Command::Editor(EditorCommand::Open(path, line)) => drop(editor.open(&path, line)),
                Command::Editor(command) => drop(editor.carry_out(command)),
                Command::Back => drop(editor.carry_out(EditorCommand::CloseFind)),
                _ => {}
            }
        }
    }
    all
}

fn source<'a>(window: &'a Harness<'_, Window>) -> egui_kittest::Node<'a> {
    window.get_by_label("Source of form.py")
}

fn put_caret(window: &mut Harness<'_, Window>, place: std::ops::Range<usize>) {
    let site = window.state_mut().model.site.as_mut().unwrap();
    site.editor.document_mut().unwrap().select(place);
    source(window).focus();
    settle(window);
}

fn press(window: &mut Harness<'_, Window>, modifiers: Modifiers, key: Key) -> Vec<Command> {
    window.key_press_modifiers(modifiers, key);
    settle(window)
}

#[test]
fn what_is_typed_is_in_the_text_and_the_lines_below_keep_their_depth() {
    let mut window = editing("def f():\n    return 1\n");
    put_caret(&mut window, 8..8);
    press(&mut window, Modifiers::NONE, Key::Enter);
    window.event(Event::Text("x = 2".to_owned()));
    settle(&mut window);
    press(&mut window, Modifiers::NONE, Key::Enter);
    window.event(Event::Text("y".to_owned()));
    settle(&mut window);
    assert_eq!(
        document(&window).text(),
        "def f():\n    x = 2\n    y\n    return 1\n"
    );
    assert!(document(&window).is_unsaved());
    window.get_by_label("form.py, not saved");
    window.get_by_label_contains("Line 3, column 6");
    while document(&window).can_undo() {
        press(&mut window, Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(document(&window).text(), "def f():\n    return 1\n");
    press(&mut window, Modifiers::COMMAND, Key::Y);
    assert_eq!(document(&window).text(), "def f():\n    \n    return 1\n");
}

#[test]
fn chinese_and_emoji_come_through_the_input_method_and_the_clipboard() {
    let mut window = editing("# \n");
    put_caret(&mut window, 2..2);
    window.event(Event::Ime(ImeEvent::Commit("日本語".to_owned())));
    settle(&mut window);
    window.event(Event::Paste("🐍\r\né".to_owned()));
    settle(&mut window);
    assert_eq!(document(&window).text(), "# 日本語🐍\né\n");
    press(&mut window, Modifiers::NONE, Key::Backspace);
    press(&mut window, Modifiers::NONE, Key::Backspace);
    press(&mut window, Modifiers::NONE, Key::Backspace);
    assert_eq!(document(&window).text(), "# 日本語\n");
}

#[test]
fn tab_moves_lines_and_ctrl_slash_makes_them_comments() {
    let mut window = editing("a\nb\nc\n");
    put_caret(&mut window, 0..3);
    press(&mut window, Modifiers::NONE, Key::Tab);
    assert_eq!(document(&window).text(), "    a\n    b\nc\n");
    press(&mut window, Modifiers::COMMAND, Key::Slash);
    assert_eq!(document(&window).text(), "    # a\n    # b\nc\n");
    press(&mut window, Modifiers::COMMAND, Key::Slash);
    press(&mut window, Modifiers::SHIFT, Key::Tab);
    assert_eq!(document(&window).text(), "a\nb\nc\n");
}

#[test]
fn a_text_is_found_and_replaced_with_keys_alone() {
    let mut window = editing("one two one\ntwo one\n");
    put_caret(&mut window, 0..0);
    press(&mut window, Modifiers::COMMAND, Key::H);
    window.event(Event::Text("one".to_owned()));
    settle(&mut window);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(document(&window).selection(), &(0..3));
    window.get_by_label("1 of 3");
    press(&mut window, Modifiers::NONE, Key::F3);
    assert_eq!(document(&window).selection(), &(8..11));
    window.get_by_label("Replace with").focus();
    settle(&mut window);
    window.event(Event::Text("1".to_owned()));
    settle(&mut window);
    window.get_by_label("Replace all").click();
    settle(&mut window);
    assert_eq!(document(&window).text(), "1 two 1\ntwo 1\n");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(document(&window).text(), "one two one\ntwo one\n");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(document(&window).search.is_none());
}

#[test]
fn keys_of_the_editor_come_before_those_of_the_list() {
    let mut window = editing("a\n");
    put_caret(&mut window, 0..0);
    window.event(Event::Text("r".to_owned()));
    let pushed = settle(&mut window);
    assert_eq!(document(&window).text(), "ra\n");
    assert!(!pushed.contains(&Command::Replay), "{pushed:?}");
    let pushed = press(&mut window, Modifiers::COMMAND, Key::S);
    assert!(
        pushed.contains(&Command::Editor(EditorCommand::Save)),
        "{pushed:?}"
    );
    let pushed = press(&mut window, Modifiers::COMMAND, Key::E);
    let outside = Command::Editor(EditorCommand::OpenShownOutside);
    assert!(pushed.contains(&outside), "{pushed:?}");
    let pushed = press(&mut window, Modifiers::COMMAND, Key::W);
    assert!(
        pushed.contains(&Command::Editor(EditorCommand::CloseShown)),
        "{pushed:?}"
    );
}

#[test]
fn what_is_wrong_stands_in_the_gutter_and_below_and_leads_to_its_line() {
    let mut window = editing("a\nb\nc\nd\n");
    let mark = |line, severity, title: &str| LineMark {
        line,
        severity,
        code: "CGI023".into(),
        title: title.into(),
        seen: "run #214".into(),
        question: None,
    };
    let site = window.state_mut().model.site.as_mut().unwrap();
    let marks = vec![
        mark(2, Severity::Error, "Text before the headers"),
        mark(4, Severity::Warning, "Old module"),
    ];
    site.editor.document_mut().unwrap().set_marks(marks);
    settle(&mut window);
    window.get_by_label_contains("Line 2, failed, Text before the headers (CGI023, run #214)");
    put_caret(&mut window, 0..0);
    press(&mut window, Modifiers::NONE, Key::F8);
    assert_eq!(document(&window).line(), 2);
    press(&mut window, Modifiers::NONE, Key::F8);
    assert_eq!(document(&window).line(), 4);
    press(&mut window, Modifiers::SHIFT, Key::F8);
    window
        .get_by_label("Line 4, warning, Old module, run #214  ·  CGI023")
        .click();
    settle(&mut window);
    assert_eq!(document(&window).line(), 4);
}

#[test]
fn the_name_of_the_file_that_is_shown_is_in_sight() {
    let mut window = editing("a\n");
    for number in 0..20 {
        let site = &mut window.state_mut().model;
        let path = format!("/srv/site/cgi-bin/script{number}.py");
        open(site, &path, read(b"b\n"));
        settle(&mut window);
    }
    let editor = window.get_by_label("Source of script19.py").rect();
    let name = window.get_by_label("script19.py").rect();
    assert!(name.right() <= editor.right(), "{name:?} in {editor:?}");
}

#[test]
fn a_line_is_gone_to_by_its_number() {
    let text = "x\n".repeat(500);
    let mut window = editing(&text);
    put_caret(&mut window, 0..0);
    press(&mut window, Modifiers::COMMAND, Key::G);
    window.event(Event::Text("400".to_owned()));
    settle(&mut window);
    let pushed = press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(
        pushed.contains(&Command::Editor(EditorCommand::ConfirmDialog)),
        "{pushed:?}"
    );
}

#[test]
fn a_file_that_parted_from_its_text_is_asked_about_with_a_comparison() {
    let mut window = editing("a\nb\n");
    put_caret(&mut window, 1..1);
    window.event(Event::Text("1".to_owned()));
    settle(&mut window);
    let site = window.state_mut().model.site.as_mut().unwrap();
    let words = site.editor.take_read(Path::new(FILE), read(b"a2\nb\n"));
    assert!(words.unwrap().contains("choose what is to stay"));
    settle(&mut window);
    window.get_by_label("-a1");
    window.get_by_label("+a2");
    window.get_by_label("Take the file's").click();
    settle(&mut window);
    assert_eq!(document(&window).text(), "a2\nb\n");
    assert!(!document(&window).is_unsaved());
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(document(&window).text(), "a1\nb\n");
}

#[track_caller]
fn check_pushed(model: Model, label: &str, expected: EditorCommand) {
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label(label).click();
    window.run();
    let pushed = &window.state().commands;
    assert!(pushed.contains(&Command::Editor(expected)), "{pushed:?}");
}

#[test]
fn unsaved_text_is_asked_about_and_what_outlived_a_crash_is_offered() {
    let asking = || {
        let mut model = model_with(0);
        model.workspace = Workspace::Code;
        open(&mut model, FILE, read(b"a\n"));
        let editor = &mut model.site.as_mut().unwrap().editor;
        let document = editor.document_mut().unwrap();
        document.edit(("b\n".to_owned(), 0..0));
        editor.leaving = Some(Leaving::Window);
        model
    };
    check_pushed(asking(), "Save", EditorCommand::SaveAndLeave);
    check_pushed(asking(), "Do not save", EditorCommand::LeaveUnsaved);
    check_pushed(asking(), "Cancel", EditorCommand::Stay);
    let rescued = || {
        let mut model = model_with(0);
        model.workspace = Workspace::Code;
        model.site.as_mut().unwrap().editor.rescued = vec![Rescued {
            path: FILE.into(),
            text: "b\n".into(),
            contents: Contents::read(b"a\n").unwrap(),
            kept: Timestamp::from_unix_millis(1_700_000_000_000),
            kept_in: PathBuf::from("/state/0.json"),
        }];
        model
    };
    check_pushed(rescued(), "Restore", EditorCommand::Restore(0));
    check_pushed(rescued(), "Discard", EditorCommand::Forget(0));
}

#[test]
fn what_cannot_be_edited_is_shown_or_said() {
    let mut model = model_with(0);
    model.workspace = Workspace::Code;
    let bytes = bytes::Bytes::from(vec![b'a'; 3 << 20]);
    let long = FileRead::Bytes {
        why: "it is longer than 1 MB".to_owned(),
        length: bytes.len() as u64,
        bytes,
    };
    open(&mut model, "/srv/site/long.py", long);
    let mut shown = window(model, USUAL);
    shown.run();
    shown.get_by_label_contains("Only shown, 3.1 MB: it is longer than 1 MB");
    let mut model = model_with(0);
    model.workspace = Workspace::Code;
    let failed = FileRead::Failed("Permission denied (os error 13)".to_owned());
    open(&mut model, "/srv/site/secret.py", failed);
    let again = EditorCommand::Open("/srv/site/secret.py".into(), None);
    check_pushed(model, "Try again", again);
}

#[test]
fn a_text_of_a_megabyte_is_typed_into() {
    let line = "value = compute('text', 12345)  # comment\n";
    let text = line.repeat((1 << 20) / line.len());
    let mut window = editing(&text);
    put_caret(&mut window, 0..0);
    let begun = std::time::Instant::now();
    window.event(Event::Text("x".to_owned()));
    settle(&mut window);
    assert!(document(&window).text().starts_with("xvalue"));
    println!("a letter in a text of 1 MiB: {:?}", begun.elapsed());
}

#[test]
fn the_editor_fits_into_a_small_window_in_both_themes() {
    for theme in [Theme::Dark, Theme::Light] {
        let mut window = editing("import os\nprint('é')\n");
        window.ctx.set_theme(theme);
        window.set_size(Vec2::new(960.0, 600.0));
        settle(&mut window);
        let place = source(&window).rect();
        assert!(place.width() > 300.0 && place.height() > 200.0, "{place:?}");
    }
}
