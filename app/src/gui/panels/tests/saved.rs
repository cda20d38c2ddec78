//! Saved requests in the sidebar and the dialog for their names, by role and label.

use std::path::{Path, PathBuf};

use cgi_engine::exchange::ExchangeId;
use cgi_engine::saved_request::folder::Listed;
use cgi_engine::saved_request::parse;
use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;

use super::{USUAL, model_with, window};
use crate::gui::command::{Command, SavedCommand};
use crate::gui::model::Model;
use crate::gui::model::saved::{Dialog, Place, Purpose, Verdict};

fn file(name: &str) -> PathBuf {
    Path::new("/srv/site/requests").join(name)
}

fn place(name: &str) -> Place {
    Place {
        path: file(name),
        index: 0,
    }
}

fn model() -> Model {
    let mut model = model_with(3);
    let listed = |name: &str, text: &str| Listed {
        path: file(name),
        name: name.trim_end_matches(".http").to_owned(),
        content: text.as_bytes().to_vec(),
        read: parse(text.as_bytes()).map_err(Into::into),
    };
    let files = vec![
        listed("login.http", "POST /a\nHost: h\n\nx"),
        listed("broken.http", "no request line"),
    ];
    model.site.as_mut().unwrap().saved.take(Ok(files));
    model
}

/// What a click on the thing of this label pushes.
#[track_caller]
fn check_clicked(model: Model, label: &str, expected: SavedCommand) {
    super::check_clicked(model, label, &Command::Saved(expected));
}

fn judged(verdict: Verdict) -> Model {
    let mut model = model();
    let saved = &mut model.site.as_mut().unwrap().saved;
    saved.judge(place("login.http"), verdict);
    model
}

#[test]
fn a_click_opens_a_request_and_run_all_sends_every_one() {
    check_clicked(model(), "login", SavedCommand::Open(place("login.http")));
    check_clicked(model(), "Run all", SavedCommand::RunAll);
}

#[test]
fn the_line_over_the_requests_tells_how_they_went() {
    for (failed, words) in [
        (false, "1 of 1 passed, ok"),
        (true, "0 of 1 passed, failed"),
    ] {
        let verdict = Verdict::of(ExchangeId(2), failed, &[]);
        let mut window = window(judged(verdict), USUAL);
        window.run();
        window.get_by_label(words);
    }
}

#[test]
fn the_menu_of_a_request_sends_renames_and_deletes_it() {
    let login = || place("login.http");
    for (label, expected) in [
        ("Send", SavedCommand::Send(login())),
        ("Rename…", SavedCommand::Rename(login())),
        ("Delete", SavedCommand::Remove(login())),
    ] {
        let mut window = window(model(), USUAL);
        window.run();
        window.get_by_label("login").click_secondary();
        window.run();
        window.get_by_label(label).click();
        window.run();
        let pushed = &window.state().commands;
        assert!(pushed.contains(&Command::Saved(expected)), "{pushed:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_offers_no_run() {
    let mut window = window(model(), USUAL);
    window.run();
    window.get_by_label("broken, warning").click_secondary();
    window.run();
    assert!(window.query_by_label("Send").is_none());
    window.get_by_label("Rename…");
}

fn asking(name: &str, can_replace: bool) -> Model {
    let mut model = model();
    let saved = &mut model.site.as_mut().unwrap().saved;
    saved.dialog = Some(Dialog {
        purpose: Purpose::Save,
        name: name.to_owned(),
        problem: can_replace.then(|| "the file is there already".to_owned()),
        can_replace,
    });
    model
}

#[test]
fn the_dialog_takes_a_name_and_asks_before_it_writes_over() {
    let confirm = |anyway| SavedCommand::Confirm { anyway };
    check_clicked(asking("sign-in", false), "Save", confirm(false));
    check_clicked(asking("login", true), "Write over it", confirm(true));
    check_clicked(asking("login", true), "Cancel", SavedCommand::CloseDialog);
    let mut window = window(asking("sign-i", false), USUAL);
    window.run();
    window.get_by_label("Name").type_text("n");
    window.run();
    let typed = Command::Saved(SavedCommand::TypeName("sign-in".to_owned()));
    assert!(window.state().commands.contains(&typed));
    window.key_press(Key::Escape);
    window.run();
    assert!(window.state().commands.contains(&Command::Back));
}

#[test]
fn nothing_is_saved_without_a_name() {
    let mut window = window(asking("  ", false), USUAL);
    window.run();
    window.get_by_label("Save").click();
    window.run();
    let confirmed = Command::Saved(SavedCommand::Confirm { anyway: false });
    assert!(!window.state().commands.contains(&confirmed));
}
