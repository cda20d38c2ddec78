//! What a frame costs with a million rows, and how soon a filter and an order show. Prints figures; asks for nothing.

use std::time::{Duration, Instant};

use cgi_engine::exchange::ExchangeRow;
use cgi_engine::history::Index;
use cgi_engine::message::Snapshot;

use super::*;
use crate::gui::model::filter::Filter;
use crate::gui::model::site::order::{Order, SortBy};

const FRAMES: u32 = 50;

fn mixed(id: u64) -> ExchangeRow {
    let mixed = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    ExchangeRow {
        target: format!("/cgi-bin/hello.py/entry/{id}?page={}", mixed % 40),
        status: Some(if mixed.is_multiple_of(50) { 500 } else { 200 }),
        response_bytes: mixed % 20_000,
        duration: Some(Duration::from_micros(mixed % 1_500_000)),
        ..row(id)
    }
}

fn site_with(count: u64) -> SiteModel {
    let mut rows = Index::default();
    (1..=count).for_each(|id| rows.put(&mixed(id)));
    SiteModel::new(Snapshot {
        rows,
        ..snapshot([])
    })
}

/// The mean time of a frame, in which the list is also drawn anew.
fn frame(window: &mut Harness<'_, Window>) -> Duration {
    window.step();
    let begun = Instant::now();
    (0..FRAMES).for_each(|_| window.step());
    begun.elapsed() / FRAMES
}

fn scanned(site: &mut SiteModel) -> (Duration, Duration) {
    let begun = Instant::now();
    let mut first = None;
    while let Some(mut scan) = site.take_scan() {
        while let Some(piece) = scan.next_piece() {
            site.take_piece(piece);
            first.get_or_insert(begun.elapsed());
        }
    }
    (first.unwrap_or_default(), begun.elapsed())
}

#[test]
#[ignore = "a measurement: run it alone, in a release build"]
fn a_million_rows_are_measured() {
    for count in [1_000, 100_000, 1_000_000] {
        let mut model = model();
        let site = site_with(count);
        model.site = Some(site);
        let mut window = window(model, USUAL);
        window.run();
        let newest = frame(&mut window);
        window.key_press_modifiers(Modifiers::SHIFT, Key::G);
        let site = window.state_mut().model.site.as_mut();
        site.unwrap().select_end(false);
        let oldest = frame(&mut window);
        println!(
            "{count:>9} rows: a frame {newest:.1?} at the top, {oldest:.1?} at the bottom (budget 4 ms)"
        );
    }
    let mut site = site_with(1_000_000);
    for text in [
        "status:5xx",
        "time>1400ms",
        "path:/entry/77",
        "method:PUT",
        "script=/cgi-bin/hello.py",
    ] {
        site.set_filter(Filter::of(text), Timestamp::from_unix_millis(0));
        let (first, all) = scanned(&mut site);
        println!(
            "{text}: first screen {first:.1?} (budget 100 ms), all {} rows {all:.1?}",
            site.rows_shown()
        );
    }
    site.set_filter(Filter::default(), Timestamp::from_unix_millis(0));
    for by in [SortBy::Time, SortBy::Status, SortBy::Target] {
        site.set_order(Order::default().clicked(by.clone()));
        println!("ordered by {by:?} in {:.1?}", scanned(&mut site).1);
        let begun = Instant::now();
        for id in 0..66 {
            site.apply(cgi_engine::Event::Exchange(Arc::new(mixed(1_000_001 + id))));
        }
        site.settle();
        println!("  66 new rows put in: {:.1?}", begun.elapsed());
    }
    let mut window = {
        let mut model = model();
        model.site = Some(site);
        window(model, USUAL)
    };
    window.run();
    println!("a frame of the ordered list: {:.1?}", frame(&mut window));
}
