//! The viewer as a user meets it: pointer, keys, clipboard, and a text that is long.
#![cfg(test)]

use eframe::egui::{Event, Key, Modifiers, OutputCommand, Vec2};
use egui_kittest::{Harness, kittest::Queryable as _};

use super::source::Text;
use super::*;

fn viewer(bytes: Vec<u8>) -> Harness<'static, TextViewState> {
    let builder = Harness::builder()
        .with_size(Vec2::new(400.0, 200.0))
        .with_max_steps(64);
    let show = move |ui: &mut Ui, state: &mut TextViewState| {
        TextView::new("Output", &bytes).show(ui, state);
    };
    let mut harness = builder
        .with_context_setup(theme::apply)
        .build_ui_state(show, TextViewState::default());
    harness.run();
    harness
}

fn copied(harness: &mut Harness<'_, TextViewState>) -> Option<String> {
    harness.event(Event::Copy);
    harness.step();
    harness
        .output()
        .platform_output
        .commands
        .iter()
        .find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
}

#[test]
fn all_is_copied_as_bytes_and_not_as_it_is_shown() {
    let mut harness = viewer(b"a\tb\r\nc\n".to_vec());
    harness.get_by_label("Output").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    assert_eq!(copied(&mut harness).as_deref(), Some("a\tb\r\nc\n"));
}

#[test]
fn a_drag_selects_from_where_the_press_was() {
    let mut harness = viewer(b"first line\nsecond line\n".to_vec());
    let place = harness.get_by_label("Output").rect();
    harness.drag_at(place.left_top() + Vec2::new(0.0, 5.0));
    harness.run();
    harness.hover_at(place.left_top() + Vec2::new(1.0, 30.0));
    harness.run();
    harness.drop_at(place.left_top() + Vec2::new(1.0, 30.0));
    harness.run();
    assert_eq!(copied(&mut harness).as_deref(), Some("first line\n"));
}

#[test]
fn the_end_of_a_long_text_is_reached_and_read_out() {
    let bytes: Vec<u8> = (1..=200_000)
        .flat_map(|n| format!("line {n}\n").into_bytes())
        .collect();
    let mut harness = viewer(bytes);
    assert_eq!(harness.state().lines(), 200_000);
    harness.get_by_label("Output").click();
    harness.run();
    harness.key_press(Key::End);
    harness.run();
    let value = harness.get_by_label("Output").value().unwrap();
    assert!(value.ends_with("line 199999\nline 200000"), "{value}");
}

#[test]
fn a_byte_is_revealed() {
    let bytes: Vec<u8> = (0..9999)
        .flat_map(|n| format!("line {n:04}\n").into_bytes())
        .collect();
    let mut harness = viewer(bytes);
    harness.state_mut().reveal(5000 * 10 + 3);
    harness.run();
    let value = harness.get_by_label("Output").value().unwrap();
    assert!(value.contains("line 5000"), "{value}");
}

fn viewer_of_text(text: Text) -> Harness<'static, TextViewState> {
    let show = move |ui: &mut Ui, state: &mut TextViewState| {
        TextView::new("Output", &text).show(ui, state);
    };
    let mut harness = Harness::builder()
        .with_size(Vec2::new(400.0, 200.0))
        .with_max_steps(4096)
        .with_context_setup(theme::apply)
        .build_ui_state(show, TextViewState::default());
    harness.step();
    harness
}

/// Frames until the thread has counted all lines.
fn until_counted(harness: &mut Harness<'_, TextViewState>) {
    while harness.state().indexer.is_some() {
        std::thread::yield_now();
        harness.step();
    }
}

#[test]
fn a_long_text_shows_its_beginning_at_once_and_its_lines_are_counted_meanwhile() {
    let line = "0123456789012345678901234567890\n";
    let lines = 1_000_000;
    let mut harness = viewer_of_text(line.repeat(lines).into_bytes().into());
    let value = harness.get_by_label("Output").value().unwrap();
    assert!(value.starts_with("0123456789"), "{value}");
    assert!(harness.state().indexer.is_some() && harness.state().lines() < lines);
    until_counted(&mut harness);
    assert_eq!(harness.state().lines(), lines);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_scrolled_to_its_end() {
    let mut bytes = vec![b'x'; 100_000_000];
    bytes.extend_from_slice(b"\nthe end\n");
    let mut harness = viewer_of_text(bytes.into());
    until_counted(&mut harness);
    harness.get_by_label("Output").click();
    harness.step();
    harness.key_press(Key::End);
    harness.step();
    harness.step();
    let value = harness.get_by_label("Output").value().unwrap();
    assert!(value.ends_with("the end"), "{value}");
}

#[test]
fn a_copy_of_too_much_is_refused_in_words() {
    let mut harness = viewer_of_text("line\n".repeat(3_000_000).into_bytes().into());
    until_counted(&mut harness);
    harness.get_by_label("Output").click();
    harness.step();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.step();
    assert_eq!(copied(&mut harness), None);
    assert!(harness.state().refused.is_some());
    assert_eq!(harness.state().selection(), Some(0..15_000_000));
}
