//! A search as a user meets it, over a viewer of text.
#![cfg(test)]

use eframe::egui::{Key, Modifiers, Vec2};
use egui_kittest::{Harness, kittest::Queryable as _};

use super::*;
use crate::gui::theme;
use crate::gui::widgets::text_view::source::Text;
use crate::gui::widgets::text_view::{TextView, TextViewState};

fn viewer(bytes: Vec<u8>) -> Harness<'static, TextViewState> {
    let text = Text::from(bytes);
    let show = move |ui: &mut Ui, state: &mut TextViewState| {
        TextView::new("Output", &text).show(ui, state);
    };
    let mut harness = Harness::builder()
        .with_size(Vec2::new(600.0, 300.0))
        .with_max_steps(256)
        .with_context_setup(theme::apply)
        .build_ui_state(show, TextViewState::default());
    harness.step();
    harness
}

fn wish(harness: &mut Harness<'_, TextViewState>, wish: Wish) {
    assert!(ask(&harness.ctx, wish));
    harness.step();
    harness.step();
}

fn find(harness: &mut Harness<'_, TextViewState>, text: &str) {
    wish(harness, Wish::Open);
    harness
        .get_by_role(eframe::egui::accesskit::Role::TextInput)
        .type_text(text);
    harness.step();
    harness.step();
}

#[track_caller]
fn check(harness: &Harness<'_, TextViewState>, count: &str, selected: Range<usize>) {
    harness.get_by_label(count);
    assert_eq!(harness.state().selection(), Some(selected));
}

#[test]
fn matches_are_counted_and_walked_both_ways_around_the_ends() {
    let mut harness = viewer(b"one two One\nthree one\n".to_vec());
    find(&mut harness, "one");
    check(&harness, "1 of 3", 0..3);
    wish(&mut harness, Wish::Next);
    check(&harness, "2 of 3", 8..11);
    wish(&mut harness, Wish::Next);
    wish(&mut harness, Wish::Next);
    check(&harness, "1 of 3", 0..3);
    wish(&mut harness, Wish::Previous);
    check(&harness, "3 of 3", 18..21);
    harness.get_by_label("Aa").click();
    harness.step();
    harness.step();
    check(&harness, "2 of 2", 18..21);
}

#[test]
fn enter_goes_on_and_shift_enter_goes_back() {
    let mut harness = viewer(b"a\na\na\n".to_vec());
    find(&mut harness, "a");
    harness.key_press(Key::Enter);
    harness.step();
    harness.step();
    check(&harness, "2 of 3", 2..3);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    harness.step();
    harness.step();
    check(&harness, "1 of 3", 0..1);
}

#[test]
fn what_is_not_there_is_said_and_closing_hides_the_field() {
    let mut harness = viewer(b"abc".to_vec());
    find(&mut harness, "xyz");
    harness.get_by_label("not found");
    wish(&mut harness, Wish::Close);
    assert!(harness.query_by_label("not found").is_none());
    assert!(
        !ask(&harness.ctx, Wish::Close),
        "nothing is searched any more"
    );
}

#[test]
fn a_needle_at_the_end_of_a_long_text_is_found_by_the_thread() {
    let mut bytes = b"hay hay hay\n".repeat(500_000);
    bytes.extend_from_slice(b"needle\n");
    let end = bytes.len();
    let mut harness = viewer(bytes);
    find(&mut harness, "needle");
    while harness.query_by_label("1 of 1").is_none() {
        std::thread::yield_now();
        harness.step();
    }
    check(&harness, "1 of 1", end - 7..end - 1);
    while !harness
        .get_by_label("Output")
        .value()
        .unwrap()
        .contains("needle")
    {
        std::thread::yield_now();
        harness.step();
    }
}
