//! The composer by role and label. The commands that it pushes are carried out on the model, as the window does it.

use cgi_engine::exchange::ExchangeId;
use cgi_engine::history::Found;
use eframe::egui::{Event, Key, Modifiers, Role, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::{USUAL, Window, model_with, window};
use crate::gui::command::{Command, RepeatCommand, SavedCommand};
use crate::gui::model::Model;
use crate::gui::model::compose::Sending;
use crate::gui::model::compose::deck::EdgeCase;
use crate::gui::model::compose::draft::{BodyKind, Draft};
use crate::gui::model::compose::kept::Kept;
use crate::gui::model::repeating::{Repeated, Repeating};
use crate::gui::model::testing::asked;

fn composing() -> Model {
    let mut model = model_with(3);
    let now = model.now;
    if let Some(site) = &mut model.site {
        site.compose("127.0.0.1:8000", now);
    }
    model
}

fn with_draft(change: impl FnOnce(&mut Draft)) -> Model {
    let mut model = composing();
    let now = model.now;
    if let Some(site) = &mut model.site {
        let mut draft = site.composer.draft().unwrap().clone();
        change(&mut draft);
        site.composer.edit(draft, now);
    }
    model
}

/// The draft as the last command left it.
fn edited(window: &Harness<'_, Window>) -> Draft {
    let drafts = window.state().commands.iter().rev();
    let edited = drafts.filter_map(|command| match command {
        Command::EditDraft(draft) => Some((**draft).clone()),
        _ => None,
    });
    edited.into_iter().next().expect("the draft was edited")
}

#[track_caller]
fn check_pushed(window: &Harness<'_, Window>, expected: &Command) {
    let pushed = &window.state().commands;
    assert!(pushed.contains(expected), "{pushed:?}");
}

#[test]
fn the_cursor_stands_in_the_target_and_what_is_typed_is_the_draft() {
    let mut window = window(composing(), USUAL);
    window.run();
    assert!(window.get_by_label("Target").is_focused());
    window.get_by_label("Target").type_text("cgi-bin/a.py?x=1");
    window.run();
    let draft = edited(&window);
    assert_eq!(draft.target, "/cgi-bin/a.py?x=1");
    assert_eq!(draft.query.len(), 1);
}

#[test]
fn every_part_can_be_drawn_at_both_sizes() {
    for size in [USUAL, Vec2::new(960.0, 600.0)] {
        for kind in BodyKind::ALL {
            let model = with_draft(|draft| {
                draft.choose_body(kind);
                draft.kept = Kept::new(b"\xff");
            });
            let mut window = window(model, size);
            window.run();
            // Where there is little room the names are short, so that all tabs can be reached.
            let is_narrow = size != USUAL;
            let named = |short: &str, long: String| match is_narrow {
                true => short.to_owned(),
                false => long,
            };
            let raw = window.get_by_role_and_label(Role::Tab, "Raw").rect();
            assert!(raw.right() < size.x * 0.71, "{raw:?}");
            let headers = named("Headers", "Headers 3".to_owned());
            window.get_by_role_and_label(Role::Tab, &headers).click();
            window.run();
            window.get_by_label("Header 1 value");
            let body = named("Body", format!("Body: {}", kind.label()));
            window.get_by_role_and_label(Role::Tab, &body).click();
            window.run();
            window.get_by_label("Send");
        }
    }
}

#[test]
fn rows_are_added_switched_off_and_removed() {
    let mut window = window(with_draft(|draft| draft.choose_body(BodyKind::Form)), USUAL);
    window.run();
    window
        .get_by_role_and_label(Role::Tab, "Body: Form")
        .click();
    window.run();
    window.get_by_label("+ Add a row").click();
    window.run();
    assert_eq!(edited(&window).form.len(), 1);
    let queried = |draft: &mut Draft| {
        let before = draft.clone();
        draft.target = "/a?x=1&y=2".into();
        draft.reconcile(&before);
    };
    for (label, target, rows) in [
        ("Query 1 is sent", "/a?y=2", 2),
        ("Remove Query 2", "/a?x=1", 1),
    ] {
        let mut window = self::window(with_draft(queried), USUAL);
        window.run();
        window.get_by_label(label).click();
        window.run();
        let draft = edited(&window);
        assert_eq!((draft.target.as_str(), draft.query.len()), (target, rows));
    }
}

#[test]
fn an_automatic_field_is_overridden() {
    let mut window = window(with_draft(|draft| draft.choose_body(BodyKind::Text)), USUAL);
    window.run();
    window.get_by_role_and_label(Role::Tab, "Headers 3").click();
    window.run();
    window.get_by_label("text/plain; charset=utf-8");
    let mut buttons = window.get_all_by_label("Override");
    buttons.next().unwrap().click();
    drop(buttons);
    window.run();
    let draft = edited(&window);
    let field = draft.field("content-type").unwrap();
    assert!(!field.automatic && field.value == "text/plain; charset=utf-8");
}

#[test]
fn a_pasted_curl_line_is_taken_over_and_not_typed() {
    let mut window = window(composing(), USUAL);
    window.run();
    let line = "curl -X PUT \\\n  http://h/x";
    window.event(Event::Paste(line.into()));
    window.run();
    check_pushed(&window, &Command::TakeCurl(line.into()));
    let typed = |command: &Command| matches!(command, Command::EditDraft(_));
    assert!(!window.state().commands.iter().any(typed));
}

#[test]
fn raw_bytes_are_edited_as_text() {
    let model = with_draft(|draft| draft.raw = Some("GET / HTTP/1.1\nHost: h\n\n".into()));
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("Raw request");
    window.get_by_role_and_label(Role::Tab, "Query").click();
    window.run();
    check_pushed(&window, &Command::LeaveRaw);
    let mut window = self::window(composing(), USUAL);
    window.run();
    window.get_by_role_and_label(Role::Tab, "Raw").click();
    window.run();
    check_pushed(&window, &Command::EditRaw);
}

#[test]
fn it_is_sent_by_key_while_typing_and_stopped_while_it_runs() {
    let mut window = window(composing(), USUAL);
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    window.run();
    check_pushed(&window, &Command::SendDraft);
    let mut model = composing();
    let now = model.now;
    if let Some(site) = &mut model.site {
        site.composer.sending = Some(Sending {
            number: 1,
            since: now,
            id: Some(ExchangeId(4)),
        });
    }
    let mut window = self::window(model, USUAL);
    window.run_steps(3);
    window.get_by_label("Stop").click();
    window.run_steps(3);
    check_pushed(&window, &Command::StopSending);
    assert!(window.query_by_label("Send").is_none());
}

#[test]
fn why_it_cannot_be_sent_is_said_and_so_is_what_was_changed() {
    let mut model = model_with(3);
    let now = model.now;
    if let Some(site) = &mut model.site {
        site.select(Some(ExchangeId(2)));
        let found = Found::Exchange(asked(2, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "").into());
        site.details.take(found, now);
        site.edit_selected(now);
        let mut draft = site.composer.draft().unwrap().clone();
        draft.method = "PUT".into();
        site.composer.edit(draft, now);
        site.composer
            .take_preview(0, Err("no such file: \"/x\"".into()));
    }
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("edited from request 2: method");
    window.get_by_label_contains("Cannot be sent: no such file");
}

#[test]
fn a_new_request_is_blank_unless_one_was_being_written() {
    let mut model = model_with(3);
    let now = model.now;
    let site = model.site.as_mut().unwrap();
    site.select(Some(ExchangeId(2)));
    let found = Found::Exchange(asked(2, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "").into());
    site.details.take(found, now);
    site.edit_selected(now);
    site.composer.open = false;
    site.compose("h", now);
    assert_ne!(site.composer.draft().unwrap().target, "/a");

    site.edit_selected(now);
    let mut draft = site.composer.draft().unwrap().clone();
    draft.method = "PUT".into();
    site.composer.edit(draft, now);
    site.composer.open = false;
    site.compose("h", now);
    assert_eq!(site.composer.draft().unwrap().method, "PUT");
}

#[test]
fn enter_sends_many_times_as_often_as_is_typed() {
    let mut model = model_with(3);
    let site = model.site.as_mut().unwrap();
    site.repeating = Some(Repeating::new(Repeated::Run(ExchangeId(2))));
    let mut window = window(model, USUAL);
    window.run();
    assert!(window.get_by_label("Times").is_focused());
    window.key_press(Key::Enter);
    window.run();
    check_pushed(&window, &Command::Repeat(RepeatCommand::Begin));
}

#[test]
fn menus_offer_methods_and_edge_cases() {
    let mut window = window(composing(), USUAL);
    window.run();
    window.get_by_label("Edge cases").click();
    window.run();
    window.get_by_label("Chunked POST").click();
    window.run();
    check_pushed(&window, &Command::TakeEdgeCase(EdgeCase::Chunked));
    window.get_by_label("Common methods").click();
    window.run();
    window.get_by_label("DELETE").click();
    window.run();
    assert_eq!(edited(&window).method, "DELETE");
}

#[test]
fn expectations_are_rows_and_what_is_none_is_told() {
    let mut model = composing();
    if let Some(work) = model
        .site
        .as_mut()
        .and_then(|site| site.composer.work.as_mut())
    {
        work.expectations = vec!["status 200".to_owned(), "status".to_owned()];
    }
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_role_and_label(Role::Tab, "Checks 2").click();
    window.run();
    window.get_by_label_contains("column 7: a status is wanted here");
    window.get_by_label("Remove Expectation 2").click();
    window.run();
    let expected = SavedCommand::Expect(vec!["status 200".to_owned()]);
    check_pushed(&window, &Command::Saved(expected));
    window.get_by_label("Save as request…").click();
    window.run();
    check_pushed(&window, &Command::Saved(SavedCommand::Save));
}
