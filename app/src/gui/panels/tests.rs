//! The window by role and label, without an engine behind it.

mod code;
mod compose;
mod fixing;
mod hand_on;
mod looping;
mod million;
mod saved;
mod versions;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cgi_engine::clock::Timestamp;
use cgi_engine::compare::Comparison;
use cgi_engine::exchange::{Debugger, ExchangeId, ExchangeRow, RowKind};
use cgi_engine::history::Found;
use cgi_engine::history::cell::Cell;
use eframe::egui::{AreaState, Key, Modifiers, Order, Role, Vec2};
use egui_kittest::{Harness, kittest::Queryable as _};

use super::State;
use crate::gui::command::{Command, DebugCommand};
use crate::gui::model::elsewhere::Elsewhere;
use crate::gui::model::site::SiteModel;
use crate::gui::model::surroundings::Dialog;
use crate::gui::model::testing::{asked, refused, row, snapshot};
use crate::gui::model::{Completion, Model, Problem, Tab, Workspace};
use crate::gui::{keys, theme};
use crate::preferences::Preferences;
use crate::preferences::columns::ColumnKind;

struct Window {
    model: Model,
    panels: State,
    commands: Vec<Command>,
    /// Whether something other than the list had the keyboard, each time that Escape was pressed.
    away_at_escape: Vec<bool>,
}

fn window(model: Model, size: Vec2) -> Harness<'static, Window> {
    let window = Window {
        model,
        panels: State::default(),
        commands: Vec::new(),
        away_at_escape: Vec::new(),
    };
    let builder = Harness::builder()
        .with_size(size)
        .with_context_setup(theme::apply);
    builder.build_ui_state(
        |ui, window: &mut Window| {
            let before = window.commands.len();
            keys::take(ui.ctx(), &window.model, &mut window.commands);
            let escape = window.commands.get(before..) == Some(&[Command::Back]);
            super::ui(ui, &window.model, &mut window.panels, &mut window.commands);
            if escape {
                let away = window.panels.regions.is_away_from_list();
                window.away_at_escape.push(away);
            }
        },
        window,
    )
}

fn model() -> Model {
    Model::new(
        Preferences::default(),
        Timestamp::from_unix_millis(1_700_000_060_000),
    )
}

fn model_with(rows: u64) -> Model {
    Model {
        site: Some(SiteModel::new(snapshot((1..=rows).map(row)))),
        ..model()
    }
}

const USUAL: Vec2 = Vec2::new(1440.0, 900.0);

#[track_caller]
fn check_clicked(model: Model, label: &str, expected: &Command) {
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label(label).click();
    window.run();
    let pushed = &window.state().commands;
    assert!(pushed.contains(expected), "{pushed:?}");
}

#[test]
fn the_first_screen_offers_examples_recent_folders_and_a_typed_path() {
    let mut model = model();
    model.preferences.remember(
        "/srv/guestbook".as_ref(),
        Timestamp::from_unix_millis(1_699_900_000_000),
    );
    check_clicked(
        model,
        "Hello: Two lines and an empty line",
        &Command::OpenSample("hello"),
    );
    let mut model = self::model();
    model.preferences.remember(
        "/srv/guestbook".as_ref(),
        Timestamp::from_unix_millis(1_699_900_000_000),
    );
    check_clicked(
        model,
        "Open guestbook, /srv/guestbook",
        &Command::Open("/srv/guestbook".into()),
    );
    check_clicked(self::model(), "Open a folder…", &Command::ChooseFolder);
    let mut window = window(self::model(), USUAL);
    window.run();
    window.get_by_label("Path of a folder").focus();
    window.run();
    window.get_by_label("Path of a folder").type_text("/srv");
    window.run();
    window.key_press(Key::Enter);
    window.run();
    assert!(
        window
            .state()
            .commands
            .contains(&Command::Open("/srv".into()))
    );
}

#[test]
fn folders_that_complete_a_path_are_asked_for_and_offered() {
    let mut model = model();
    model.completion = Completion {
        typed: "/sr".into(),
        folders: vec!["/src".into(), "/srv".into()],
    };
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("Path of a folder").focus();
    window.run();
    window.get_by_label("Path of a folder").type_text("/srv");
    window.run();
    let asked = Command::CompletePath("/srv".into());
    assert!(window.state().commands.contains(&asked));
    assert!(window.query_by_label("/src").is_none());
    window.get_by_label("/srv").click();
    window.run();
    let asked = Command::CompletePath("/srv/".into());
    assert!(window.state().commands.contains(&asked));
}

#[test]
fn a_folder_that_did_not_open_says_why() {
    let problem = Problem {
        folder: "/srv/none".into(),
        text: "cannot read folder".into(),
    };
    let model = Model {
        problem: Some(problem),
        ..model()
    };
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("/srv/none was not opened, failed");
    window.get_by_label("cannot read folder");
}

#[test]
fn every_request_has_its_row_and_a_click_selects_it() {
    let label = "2, GET, hello.py, ok 200, 41 ms";
    check_clicked(model_with(3), label, &Command::Select(ExchangeId(2)));
}

#[test]
fn the_sidebar_and_two_keys_lead_to_the_workspaces() {
    check_clicked(model_with(2), "Code", &Command::Show(Workspace::Code));
    let mut model = model_with(2);
    model.workspace = Workspace::Code;
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("No file is open");
    assert!(
        window
            .query_by_label("2, GET, hello.py, ok 200, 41 ms")
            .is_none()
    );
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    window.run();
    let pushed = &window.state().commands;
    assert!(
        pushed.contains(&Command::Show(Workspace::Inspect)),
        "{pushed:?}"
    );
}

#[test]
fn an_empty_list_says_what_to_do() {
    check_clicked(model_with(0), "Send one", &Command::Send("/".into()));
    let mut model = model_with(2);
    if let Some(site) = &mut model.site {
        let filter = crate::gui::model::filter::Filter {
            text: "nonesuch".into(),
        };
        site.set_filter(filter, Timestamp::from_unix_millis(0));
    }
    check_clicked(model, "Show all requests", &Command::ClearFilter);
}

#[test]
fn the_filter_says_what_its_words_mean_and_what_is_wrong_with_them() {
    let shown = |text: &str, label: &str| {
        let mut model = model_with(2);
        if let Some(site) = &mut model.site {
            let filter = crate::gui::model::filter::Filter { text: text.into() };
            site.set_filter(filter, Timestamp::from_unix_millis(0));
        }
        let mut window = window(model, USUAL);
        window.run();
        window.get_by_label(label);
    };
    shown("status:2xx", "Shown: the status is 200 to 299");
    shown("time>", "time needs a time span such as 100ms or 2s");
    shown("stdout:hello", "0 so far, 2 to look through");
}

#[test]
fn a_comparison_opens_where_the_two_part_first() {
    let mut model = model_with(2);
    if let Some(site) = &mut model.site {
        site.select(Some(ExchangeId(2)));
        site.begin_compare(ExchangeId(1), ExchangeId(2));
        let (mut before, after) = (refused(1), refused(2));
        before.request.raw_head = (&b"GET /other HTTP/1.1\r\n\r\n"[..]).into();
        let comparison = Comparison::of(&before, &after, &AtomicBool::new(false));
        let comparison = Arc::new(comparison.unwrap());
        site.take_compared((ExchangeId(1), ExchangeId(2)), Ok(comparison));
    }
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("Source: both empty");
    window.get_by_label("Request: head changed");
    window.get_by_label_contains("head: GET /other");
    window.get_by_label("End the comparison (Esc)").click();
    window.run();
    assert!(window.state().commands.contains(&Command::EndCompare));
}

#[track_caller]
fn check_keys(typed: &[(Modifiers, Key)], expected: &Command) {
    let mut model = model_with(3);
    if let Some(site) = &mut model.site {
        site.select(Some(ExchangeId(2)));
    }
    let mut window = window(model, USUAL);
    window.run();
    for &(modifiers, key) in typed {
        window.key_press_modifiers(modifiers, key);
        window.run();
    }
    let pushed = &window.state().commands;
    assert!(pushed.contains(expected), "{pushed:?}");
}

#[test]
fn keys_do_what_the_list_of_keys_says() {
    check_keys(
        &[(Modifiers::NONE, Key::J)],
        &Command::Select(ExchangeId(1)),
    );
    check_keys(
        &[(Modifiers::NONE, Key::K)],
        &Command::Select(ExchangeId(3)),
    );
    check_keys(
        &[(Modifiers::SHIFT, Key::G)],
        &Command::Select(ExchangeId(1)),
    );
    check_keys(
        &[(Modifiers::NONE, Key::Num3)],
        &Command::ShowTab(Tab::Environment),
    );
    check_keys(&[(Modifiers::COMMAND, Key::J)], &Command::Drawer);
    check_keys(&[(Modifiers::COMMAND, Key::K)], &Command::Palette);
    check_keys(&[(Modifiers::NONE, Key::Enter)], &Command::OpenDetail);
    check_keys(
        &[(Modifiers::COMMAND | Modifiers::SHIFT, Key::L)],
        &Command::ClearList,
    );
}

#[test]
fn letters_in_a_field_are_text_and_no_commands() {
    let mut window = window(model_with(3), USUAL);
    window.run();
    window.get_by_label("Filter requests").focus();
    window.run();
    window.key_press(Key::J);
    window.key_press(Key::Num3);
    window.run();
    assert_eq!(window.state().commands, []);
}

#[test]
fn all_words_that_may_follow_have_room_even_after_a_single_one() {
    let mut window = window(model_with(3), USUAL);
    window.run();
    window.get_by_label("Filter requests").focus();
    window.run();
    for (typed, at_least) in [("en", 20.0), ("v.", 150.0)] {
        window.get_by_label("Filter requests").type_text(typed);
        // The next frame has to show what was typed, else the cursor goes back.
        window.step();
        let Some(Command::SetFilter(filter)) = window.state_mut().commands.pop() else {
            panic!("the filter is typed");
        };
        let site = window.state_mut().model.site.as_mut().unwrap();
        site.set_filter(filter, Timestamp::from_unix_millis(0));
        window.run();
        let layers = window
            .ctx
            .memory(|memory| memory.areas().visible_layer_ids());
        let popups = layers
            .into_iter()
            .filter(|layer| layer.order == Order::Foreground);
        let states = popups.filter_map(|layer| AreaState::load(&window.ctx, layer.id));
        let heights: Vec<f32> = states.map(|state| state.rect().height()).collect();
        let most = heights.iter().copied().fold(0.0, f32::max);
        assert!(most > at_least, "{typed}: {heights:?}");
    }
}

#[test]
fn escape_leaves_a_field_before_it_clears_the_filter() {
    let mut window = window(model_with(3), USUAL);
    window.run();
    window.get_by_label("Filter requests").focus();
    window.run();
    for _ in 0..2 {
        window.key_press(Key::Escape);
        window.run();
    }
    assert_eq!(window.state().away_at_escape, [true, false]);
}

#[test]
fn the_palette_finds_a_verb_and_runs_it() {
    let model = Model {
        palette: true,
        ..model_with(3)
    };
    let mut window = window(model, USUAL);
    window.run();
    for event in "server log".chars() {
        window.event(eframe::egui::Event::Text(event.to_string()));
    }
    window.run();
    window.key_press(Key::Enter);
    window.run();
    let pushed = &window.state().commands;
    assert!(
        pushed.contains(&Command::Palette) && pushed.contains(&Command::Drawer),
        "{pushed:?}"
    );
}

/// A selected request whose head was refused.
fn with_details() -> Model {
    let mut model = model_with(3);
    let now = model.now;
    if let Some(site) = &mut model.site {
        site.select(Some(ExchangeId(2)));
        site.details
            .take(Found::Exchange(Arc::new(refused(2))), now);
    }
    model
}

#[test]
fn a_selected_request_shows_its_chain_and_a_click_on_it_opens_the_tab() {
    let mut window = window(with_details(), USUAL);
    window.run();
    window
        .get_by_role_and_label(Role::Button, "Request: 21 B, failed")
        .click();
    window.run();
    assert!(
        window
            .state()
            .commands
            .contains(&Command::ShowTab(Tab::Request))
    );
}

#[test]
fn every_tab_can_be_drawn_of_a_request_that_no_script_saw() {
    for tab in Tab::ALL {
        for size in [USUAL, Vec2::new(960.0, 600.0)] {
            let model = Model {
                tab,
                drawer: true,
                ..with_details()
            };
            let mut window = window(model, size);
            window.run();
            window.get_by_role_and_label(Role::Tab, tab.label());
        }
    }
}

/// A selected request with a query, a cookie and an upload.
fn carrying() -> Model {
    let head = "POST /a?q=1+2 HTTP/1.1\r\nHost: h\r\nCookie: s=%zz\r\n\
        Content-Type: multipart/form-data; boundary=b\r\n\r\n";
    let body = "--b\r\nContent-Disposition: form-data; name=f; filename=n.txt\r\n\r\nhello\r\n";
    let mut model = with_details();
    model.tab = Tab::Request;
    let now = model.now;
    if let Some(site) = &mut model.site {
        let found = Found::Exchange(Arc::new(asked(2, head, body)));
        site.details.take(found, now);
    }
    model
}

#[test]
fn what_a_request_carries_is_listed_and_decoded() {
    // A low window has room for the first row.
    for (size, row) in [
        (USUAL, "File, f, n.txt"),
        (USUAL, "Cookie, s, %zz"),
        (Vec2::new(960.0, 600.0), "Query, q, 1 2"),
    ] {
        let mut window = window(carrying(), size);
        window.run();
        window.get_by_label("Data 3").click();
        window.run();
        window.get_by_label(row).click();
        window.run();
        window.get_by_label("Decoded value");
    }
}

#[test]
fn kinds_of_data_are_switched_off_and_the_bytes_stand_beside() {
    let mut window = window(carrying(), USUAL);
    window.run();
    window.get_by_label("Data 3").click();
    window.run();
    window.get_by_label("File, f, n.txt").click();
    window.run();
    window.get_by_label("As sent");
    window.get_by_label("Query 1").click();
    window.run();
    assert!(window.query_by_label("Query, q, 1 2").is_none());
}

#[test]
fn details_that_had_to_go_are_said_to_be_gone() {
    let mut model = model_with(3);
    let now = model.now;
    if let Some(site) = &mut model.site {
        site.select(Some(ExchangeId(2)));
        site.details.take(Found::Evicted, now);
    }
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("Request 2 is known by its row only");
}

#[test]
fn a_window_that_nobody_touches_draws_no_frames() {
    let mut window = window(with_details(), USUAL);
    window.run();
    window.step();
    let output = &window.output().viewport_output;
    let delay = output.values().map(|viewport| viewport.repaint_delay).min();
    assert_eq!(delay, Some(std::time::Duration::MAX));
}

#[test]
fn a_path_to_import_can_be_typed_at_once_and_replays_nothing() {
    let mut model = model_with(3);
    let site = model.site.as_mut().unwrap();
    site.elsewhere = Some(Elsewhere::Import {
        file: None,
        outcome: None,
        written: None,
    });
    let mut window = window(model, USUAL);
    window.run();
    assert!(window.get_by_label("Configuration file").is_focused());
    window.get_by_label("Configuration file").type_text("/r");
    window.run();
    window.key_press(Key::Enter);
    window.run();
    let pushed = &window.state().commands;
    assert!(
        pushed.contains(&Command::ImportFile("/r".into())),
        "{pushed:?}"
    );
    window.state_mut().commands.clear();
    window.key_press(Key::R);
    window.run();
    let pushed = &window.state().commands;
    assert!(!pushed.contains(&Command::Replay), "{pushed:?}");
}

#[test]
fn a_column_is_typed_in_the_menu_of_the_titles() {
    let mut window = window(model_with(3), USUAL);
    window.run();
    window.get_by_label("Order by Method").click_secondary();
    window.run();
    window.get_by_label("Target").click();
    window.run();
    window
        .get_by_label("A column for a field or variable")
        .click();
    window.run();
    window
        .get_by_label("A column for a field or variable")
        .type_text("env.X");
    window.run();
    window.get_by_label("Add this column").click();
    window.run();
    let asked = |kind| Command::ToggleColumn(kind);
    let cell = Cell::named("env.X").map(ColumnKind::Cell).unwrap();
    for kind in [ColumnKind::Target, cell] {
        let pushed = &window.state().commands;
        assert!(pushed.contains(&asked(kind.clone())), "{kind:?} {pushed:?}");
    }
    assert!(window.query_by_label("Add this column").is_none());
}

#[test]
fn the_menu_of_a_row_pins_it_and_hands_it_on() {
    for (item, command) in [
        ("Pin or unpin", Command::TogglePin),
        ("Comment…", Command::EditComment),
        ("Export…", Command::Export),
    ] {
        let mut window = window(model_with(3), USUAL);
        window.run();
        let row = window.get_by_label("2, GET, hello.py, ok 200, 41 ms");
        row.click_secondary();
        window.run();
        window.get_by_label_contains(item).click();
        window.run();
        let pushed = &window.state().commands;
        let both = [Command::Select(ExchangeId(2)), command];
        assert!(pushed.ends_with(&both), "{item}: {pushed:?}");
    }
}

#[test]
fn the_menu_of_a_row_runs_its_script_under_a_debugger_but_no_file() {
    let file = ExchangeRow {
        kind: RowKind::File,
        ..row(2)
    };
    let model = || Model {
        site: Some(SiteModel::new(snapshot([row(1), file.clone()]))),
        ..self::model()
    };
    let menu_of = |number: u64| {
        let mut window = window(model(), USUAL);
        window.run();
        window
            .get_by_label(&format!("{number}, GET, hello.py, ok 200, 41 ms"))
            .click_secondary();
        window.run();
        window
    };
    let mut window = menu_of(1);
    window.get_by_label_contains("Run under debugpy");
    window.get_by_label_contains("Run under pdb").click();
    window.run();
    let begin = Command::Debug(DebugCommand::Begin(Debugger::Pdb));
    let expected = [Command::Select(ExchangeId(1)), begin];
    assert!(window.state().commands.ends_with(&expected));
    let window = menu_of(2);
    window.get_by_label_contains("Step through");
    assert!(window.query_by_label_contains("Run under").is_none());
}

#[test]
fn no_key_does_anything_beneath_a_dialog() {
    let mut model = model_with(3);
    let site = model.site.as_mut().unwrap();
    site.select(Some(ExchangeId(2)));
    site.surroundings = Dialog::Interpreters(None);
    let mut window = window(model, USUAL);
    window.run();
    for key in [Key::R, Key::F5, Key::X] {
        window.key_press(key);
        window.run();
    }
    window.key_press_modifiers(Modifiers::SHIFT, Key::F5);
    window.run();
    assert_eq!(window.state().commands, []);
    window.key_press(Key::Escape);
    window.run();
    assert_eq!(window.state().commands, [Command::Back]);
}
