//! Measures how a recorded output of a gigabyte opens: `cargo run --release -p cgi-studio --example long_output [MEGABYTES]`.
//!
//! The output is recorded as the engine does it, then shown by the window's own viewer without a screen: the time to
//! the first frame, until all lines are counted, to the last line, and to a word that stands in it; and the memory.

// A measurement that cannot go on has nothing to say.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use bytes::Bytes;
use cgi_engine::exchange::{CapturedBody, SpillFolder};
use cgi_studio::gui::theme;
use cgi_studio::gui::widgets::find::{Wish, ask};
use cgi_studio::gui::widgets::text_view::source::Text;
use cgi_studio::gui::widgets::text_view::{TextView, TextViewState};
use eframe::egui::{Ui, Vec2, accesskit::Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

type Viewer = Harness<'static, TextViewState>;

fn main() {
    let megabytes = std::env::args()
        .nth(1)
        .map(|word| word.parse().expect("a number"));
    let megabytes: usize = megabytes.unwrap_or(1000);
    let begun = Instant::now();
    let body = recorded(megabytes);
    let took = begun.elapsed();
    let rate = megabytes as f64 / took.as_secs_f64();
    println!(
        "recorded       {megabytes} MB in {} ({rate:.0} MB/s)",
        millis(took)
    );
    println!(
        "memory         {} MB before it is opened",
        resident_megabytes()
    );

    let begun = Instant::now();
    let mut viewer = viewer(&body);
    println!("first frame    {}", millis(begun.elapsed()));
    let longest = until(&mut viewer, |viewer| viewer.state().is_counted());
    let lines = viewer.state().lines();
    println!(
        "lines counted  {}: {lines} of them, longest frame {}",
        millis(begun.elapsed()),
        millis(longest)
    );

    let begun = Instant::now();
    assert!(ask(&viewer.ctx, Wish::Open));
    let field = |viewer: &Viewer| viewer.query_by_role(Role::TextInput).is_some();
    until(&mut viewer, field);
    viewer.get_by_role(Role::TextInput).type_text("the needle");
    let longest = until(&mut viewer, |viewer| {
        viewer.query_by_label("1 of 1").is_some()
    });
    println!(
        "word found     {}, longest frame {}",
        millis(begun.elapsed()),
        millis(longest)
    );

    let begun = Instant::now();
    viewer.state_mut().reveal(body.bytes().len() - 1);
    viewer.step();
    viewer.step();
    println!("last line      {}", millis(begun.elapsed()));
    println!(
        "memory         {} MB now, {} MB at most",
        resident_megabytes(),
        peak_megabytes()
    );
}

/// As the engine records it: pieces of 64 KiB, a mebibyte in memory, the rest in a file.
fn recorded(megabytes: usize) -> CapturedBody {
    let mut body = CapturedBody::spilling(usize::MAX, SpillFolder::temporary());
    let line = b"2026-11-23T08:00:00 a line of fifty bytes in all .\n";
    let piece = Bytes::from(line.repeat(64 * 1024 / line.len()));
    let mut length = 0;
    while length < megabytes * 1_000_000 {
        body.push(&piece, Duration::ZERO);
        length += piece.len();
    }
    body.push(&Bytes::from_static(b"the needle\n"), Duration::ZERO);
    body
}

fn viewer(body: &CapturedBody) -> Viewer {
    let text = Text::from(body.bytes());
    let show = move |ui: &mut Ui, state: &mut TextViewState| {
        TextView::new("Output", &text).show(ui, state);
    };
    let builder = Harness::builder().with_size(Vec2::new(1000.0, 800.0));
    let builder = builder.with_context_setup(theme::apply);
    let mut viewer = builder.build_ui_state(show, TextViewState::default());
    viewer.step();
    viewer
}

/// Frames at sixty a second until it is so; the longest one.
fn until(viewer: &mut Viewer, is_so: impl Fn(&Viewer) -> bool) -> Duration {
    let mut longest = Duration::ZERO;
    while !is_so(viewer) {
        let begun = Instant::now();
        viewer.step();
        longest = longest.max(begun.elapsed());
        std::thread::sleep(Duration::from_millis(16));
    }
    longest
}

fn millis(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

fn resident_megabytes() -> u64 {
    status("VmRSS:")
}

fn peak_megabytes() -> u64 {
    status("VmHWM:")
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib * 1024 / 1_000_000
}
