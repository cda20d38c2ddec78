//! Fixes by role and label: the buttons at findings, and the view of what would be changed.

use std::path::Path;
use std::sync::Arc;

use cgi_engine::compare::text_lines;
use cgi_engine::diagnosis::{Finding, RuleCode};
use cgi_engine::exchange::{ExchangeId, LaunchFailure};
use cgi_engine::fix::{Change, Fix};
use cgi_engine::history::Found;
use cgi_engine::message::ScriptStatus;
use cgi_engine::process::Exit;
use cgi_engine::site::script::ScriptFacts;
use cgi_engine::site::{ScriptEntry, SiteConfig};
use eframe::egui::{Key, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::{USUAL, Window, code, model_with, window};
use crate::gui::command::{Command, EditorCommand, FixCommand};
use crate::gui::model::fixing::{Offer, Question, Way};
use crate::gui::model::testing::ran;
use crate::gui::model::{Model, Workspace};

const TRACEBACK: &[u8] = b"Traceback (most recent call last):\n  File \"/srv/site/cgi-bin/hello.py\", line 1, in <module>\n    import os; os.environ[\"X\"]\nKeyError: 'X'\n";
const SCRIPT: &str = "/srv/site/cgi-bin/hello.py";

/// The window on a run that failed, of the one script of the site.
fn model_with_failure() -> Model {
    let mut model = model_with(1);
    let site = model.site.as_mut().unwrap();
    let facts = Arc::new(ScriptFacts::read(Path::new(SCRIPT), &SiteConfig::default()));
    site.select(Some(ExchangeId(1)));
    let mut exchange = ran(1, b"", TRACEBACK);
    exchange.invocations[0].exit = Some(Exit::Code(1));
    let found = Found::Exchange(Arc::new(exchange));
    site.details.take(found, model.now);
    let findings = Arc::clone(&site.details.here().unwrap().findings);
    let entry = ScriptEntry {
        name: "hello.py".into(),
        path: SCRIPT.into(),
        url_path: b"/cgi-bin/hello.py".to_vec(),
    };
    site.scripts = Arc::from([ScriptStatus {
        entry,
        facts,
        findings,
    }]);
    model
}

fn offer(model: &mut Model, offer: &Offer) -> Arc<Question> {
    let site = model.site.as_mut().unwrap();
    let questions = site.take_fix_errand().unwrap();
    let first = Arc::clone(&questions[0]);
    let found = questions.into_iter().map(|one| (one, offer.clone()));
    let found = found.collect();
    site.fixing.take(site.fixing.looks(), found);
    first
}

fn ways(labels: &[&str]) -> Offer {
    Offer::Ways(labels.iter().map(|&label| label.to_owned()).collect())
}

fn way(label: &str, change: Change) -> Way {
    let lines = match &change {
        Change::Content { before, after } => text_lines(before, after).map(Arc::from),
        Change::Mode { .. } => None,
    };
    Way::Change {
        fix: Arc::new(Fix {
            rule: RuleCode(25),
            label: label.to_owned(),
            meaning: format!("{label} is what happens."),
            file: SCRIPT.into(),
            change,
        }),
        lines,
    }
}

fn insert() -> Way {
    let change = Change::Content {
        before: b"print('hello')\n".to_vec(),
        after: b"print()\nprint('hello')\n".to_vec(),
    };
    way("Print the headers", change)
}

fn opened(question: &Arc<Question>, way: usize) -> Command {
    let question = Arc::clone(question);
    Command::Fix(FixCommand::Open { question, way })
}

#[test]
fn a_finding_that_can_be_mended_has_a_button_for_each_way() {
    let mut model = model_with_failure();
    let question = offer(&mut model, &ways(&["Print the headers", "Do it otherwise"]));
    assert_eq!(
        model.site.as_ref().unwrap().first_fixable().as_ref(),
        Some(&*question)
    );
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("Do it otherwise…").click();
    window.run();
    window.get_by_label("Print the headers…").click();
    window.run();
    let commands = &window.state().commands;
    assert_eq!(commands, &[opened(&question, 1), opened(&question, 0)]);
    window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, Key::Period);
    window.run();
    let first = Command::Fix(FixCommand::OpenFirst);
    assert_eq!(window.state().commands.last(), Some(&first));
}

#[test]
fn what_cannot_be_mended_has_no_button_and_says_why_where_it_could_be() {
    for (answer, words) in [
        (Offer::Nothing, None),
        (Offer::Changed, Some("hello.py has changed since this run")),
    ] {
        let mut model = model_with_failure();
        offer(&mut model, &answer);
        assert!(model.site.as_ref().unwrap().first_fixable().is_none());
        let mut window = window(model, USUAL);
        window.run();
        if let Some(words) = words {
            window.get_by_label(words);
        }
        window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, Key::Period);
        window.run();
        assert!(window.state().commands.is_empty());
    }
}

#[test]
fn the_findings_of_another_run_are_asked_about_when_it_is_selected() {
    let mut model = model_with_failure();
    offer(&mut model, &Offer::Nothing);
    let site = model.site.as_mut().unwrap();
    assert!(site.take_fix_errand().is_none());
    let another = String::from_utf8_lossy(TRACEBACK).replace("KeyError", "LookupError");
    let mut other = ran(2, b"", another.as_bytes());
    other.invocations[0].exit = Some(Exit::Code(1));
    site.select(Some(ExchangeId(2)));
    let found = Found::Exchange(Arc::new(other));
    site.details.take(found, model.now);
    let errand = site.take_fix_errand().unwrap();
    assert!(
        errand
            .iter()
            .all(|question| question.run == Some(ExchangeId(2)))
    );
}

#[test]
fn a_recorded_script_that_is_not_of_this_site_is_never_offered_to_be_changed() {
    let mut model = model_with_failure();
    let site = model.site.as_mut().unwrap();
    site.scripts = Arc::from([]);
    assert!(site.take_fix_errand().is_none());
}

#[test]
fn problems_are_fixed_by_a_click_at_the_end_of_the_row() {
    let mut model = model_with_failure();
    model.drawer = true;
    let question = offer(&mut model, &ways(&["Print the headers"]));
    let of_script = |finding: &Finding| format!("Fix hello.py: {}", finding.title);
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label(&of_script(&question.finding)).click();
    window.run();
    let opened = matches!(window.state().commands[..],
        [Command::Fix(FixCommand::Open { ref question, way: 0 })]
            if question.script == Path::new(SCRIPT));
    assert!(opened, "{:?}", window.state().commands);
}

#[test]
fn problems_lead_to_their_line_in_the_editor_by_a_link_or_enter() {
    let mut model = model_with_failure();
    model.drawer = true;
    let site = model.site.as_mut().unwrap();
    let mut finding = site.details.here().unwrap().findings[0].clone();
    finding.place = Some((SCRIPT.into(), 12));
    let status = site.scripts[0].clone();
    site.scripts = Arc::from([ScriptStatus {
        findings: Arc::from([finding]),
        ..status
    }]);
    let mut window = window(model, USUAL);
    window.run();
    let open = Command::Editor(EditorCommand::Open(SCRIPT.into(), Some(12)));
    let count = |window: &Harness<'_, Window>| {
        let commands = window.state().commands.iter();
        commands.filter(|command| **command == open).count()
    };
    window
        .get_by_role_and_label(Role::Link, "Edit hello.py:12")
        .click();
    window.run();
    assert_eq!(count(&window), 1);
    let problems = window.get_by_role_and_label(Role::ListBox, "Problems");
    problems.focus();
    window.run();
    for key in [Key::ArrowDown, Key::Enter] {
        window.key_press(key);
        window.run();
    }
    assert_eq!(count(&window), 2);
}

#[test]
fn problems_of_the_edited_file_have_the_same_buttons_and_the_key_mends_the_one_at_the_caret() {
    let mut model = model_with_failure();
    let site = model.site.as_mut().unwrap();
    let place_in = |line, title: &str| Finding {
        place: Some((SCRIPT.into(), line)),
        title: title.into(),
        ..site.details.here().unwrap().findings[0].clone()
    };
    let findings = Arc::from([place_in(1, "Above"), place_in(3, "Below")]);
    let status = site.scripts[0].clone();
    site.scripts = Arc::from([ScriptStatus { findings, ..status }]);
    code::open(&mut model, SCRIPT, code::read(b"a\nb\nc\nd\n"));
    model.workspace = Workspace::Code;
    let site = model.site.as_mut().unwrap();
    let status = site.scripts[0].clone();
    site.editor.mark(Some(&status), Some(ExchangeId(1)), None);
    offer(&mut model, &ways(&["Print the headers"]));
    let at_caret = |model: &mut Model, line| {
        let site = model.site.as_mut().unwrap();
        site.editor.document_mut().unwrap().go_to_line(line);
        model.fixable_at_hand().unwrap().finding.title
    };
    for (line, title) in [(1, "Above"), (2, "Below"), (3, "Below"), (4, "Above")] {
        assert_eq!(at_caret(&mut model, line), title, "line {line}");
    }
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("Fix hello.py: Above").rect();
    window.get_by_label("Fix hello.py: Below").click();
    window.run();
    let opened = matches!(window.state().commands[..],
        [Command::Fix(FixCommand::Open { ref question, way: 0 })]
            if question.finding.title == "Below" && question.run == Some(ExchangeId(1)));
    assert!(opened, "{:?}", window.state().commands);
}

#[test]
fn a_card_without_a_button_ends_with_its_last_words() {
    let place_of_facts = |answer: &Offer| {
        let mut model = model_with_failure();
        let site = model.site.as_mut().unwrap();
        site.select(Some(ExchangeId(2)));
        let mut exchange = ran(2, b"", b"");
        let run = &mut exchange.invocations[0];
        (run.header_block, run.exit) = (None, None);
        run.launch_failure = Some(LaunchFailure {
            message: "the list of arguments is too long".into(),
            errno: Some(7),
        });
        site.details
            .take(Found::Exchange(Arc::new(exchange)), model.now);
        let code = site.details.here().unwrap().findings[0].code.to_string();
        offer(&mut model, answer);
        let mut window = window(model, USUAL);
        window.run();
        assert!(window.query_by_label("Show in the output").is_none());
        let title = window.get_by_label("Facts of this run").rect();
        let code = window.get_by_label(&code).rect();
        title.top() - code.bottom()
    };
    let with_button = place_of_facts(&ways(&["Print the headers"]));
    let without = place_of_facts(&Offer::Nothing);
    assert!(with_button - without > 28.0, "{with_button} {without}");
}

/// A window that shows these ways.
fn asked(found: Result<Vec<Way>, String>) -> egui_kittest::Harness<'static, super::Window> {
    let mut model = model_with_failure();
    let question = offer(&mut model, &ways(&["Print the headers"]));
    let site = model.site.as_mut().unwrap();
    let number = site.fixing.begin(question, 0);
    site.fixing.show(number, found);
    let mut window = window(model, USUAL);
    window.run();
    window
}

#[test]
fn the_change_is_shown_and_made_by_enter_only() {
    let mut window = asked(Ok(vec![insert()]));
    window.get_by_label("Print the headers is what happens.");
    window.get_by_label("+ print()");
    window.key_press(Key::R);
    window.run();
    assert!(window.state().commands.is_empty(), "letters go nowhere");
    window.key_press(Key::Enter);
    window.run();
    let apply = Command::Fix(FixCommand::Apply);
    assert_eq!(window.state().commands, [apply]);
    window.key_press(Key::Escape);
    window.run();
    assert_eq!(window.state().commands.last(), Some(&Command::Back));
}

#[test]
fn a_mode_is_shown_in_letters_and_another_way_is_a_click_away() {
    let mode = Change::Mode {
        before: 0o644,
        after: 0o755,
    };
    let mut window = asked(Ok(vec![way("Make executable", mode), insert()]));
    window.get_by_label("0644 rw-r--r--  →  0755 rwxr-xr-x");
    window.get_by_label("Print the headers").click();
    window.run();
    let choose = Command::Fix(FixCommand::Choose(1));
    assert_eq!(window.state().commands, [choose]);
}

#[test]
fn a_change_that_cannot_be_made_says_why_and_offers_nothing() {
    let window = asked(Err("hello.py has changed".to_owned()));
    window.get_by_label("hello.py has changed, warning");
    assert!(window.query_by_label("Apply").is_none());
}

#[test]
fn an_answer_to_a_dialog_that_was_closed_is_not_shown() {
    let mut model = model_with_failure();
    let question = offer(&mut model, &ways(&["Print the headers"]));
    let fixing = &mut model.site.as_mut().unwrap().fixing;
    let late = fixing.begin(Arc::clone(&question), 0);
    let number = fixing.begin(question, 0);
    fixing.show(late, Err("late".to_owned()));
    assert!(fixing.take_chosen().is_none());
    fixing.show(number, Ok(vec![insert()]));
    assert!(fixing.take_chosen().is_some());
    assert!(fixing.take_chosen().is_none(), "it is made once");
}
