//! Long lists, which workers look through, against what a plain filter over all rows would show.

use cgi_engine::exchange::RowKind;

use super::super::super::search::Judged;
use super::super::by_value::ValuesRead;
use super::super::order::SortBy;
use super::*;
use cgi_engine::history::cell::Cell;

const LONG: u64 = 6_000;

fn mixed(id: u64) -> ExchangeRow {
    ExchangeRow {
        status: Some(if id.is_multiple_of(10) { 500 } else { 200 }),
        kind: if id.is_multiple_of(3) {
            RowKind::File
        } else {
            RowKind::Script
        },
        stderr_lines: u32::from(id.is_multiple_of(4)),
        response_bytes: id * 7919 % 1000,
        ..row(id)
    }
}

fn long() -> SiteModel {
    SiteModel::new(snapshot((1..=LONG).map(mixed)))
}

fn ask(site: &mut SiteModel, text: &str) {
    site.set_filter(Filter::of(text), Timestamp::from_unix_millis(0));
}

/// Does what the workers do until nothing is left; records pass when their number is a multiple of `every`.
fn work(site: &mut SiteModel, every: u64) {
    while let Some(mut scan) = site.take_scan() {
        while let Some(piece) = scan.next_piece() {
            site.take_piece(piece);
        }
    }
    while let Some(errand) = site.take_errand() {
        let half = errand.requests.len().div_ceil(2);
        let judge = |id: &ExchangeId| (*id, id.0.is_multiple_of(every));
        let requests = errand.requests.iter().take(half).map(judge).collect();
        let number = errand.number;
        site.take_judged(Judged { number, requests });
    }
}

fn shown(site: &SiteModel) -> Vec<u64> {
    let lines = lines(site);
    for (place, id) in lines.iter().enumerate().step_by(97) {
        assert_eq!(site.place_of(ExchangeId(*id)), Some(place));
    }
    lines
}

fn newest_first(keep: impl Fn(u64) -> bool) -> Vec<u64> {
    (1..=LONG).rev().filter(|id| keep(*id)).collect()
}

#[test]
fn a_worker_makes_a_long_list_and_the_old_one_stays_until_it_tells() {
    let mut site = long();
    ask(&mut site, "status:500 -static");
    assert!(site.is_listing());
    assert_eq!(site.line_count(), LONG as usize);
    work(&mut site, 1);
    assert_eq!(shown(&site), newest_first(|id| id % 10 == 0 && id % 3 > 0));
    ask(&mut site, "");
    assert_eq!(shown(&site), newest_first(|_| true));
}

#[test]
fn records_are_asked_where_rows_do_not_tell_and_matches_stand_in_order() {
    let mut site = long();
    ask(&mut site, "id>100 (stderr:x or status:500)");
    work(&mut site, 8);
    let expected = newest_first(|id| id > 100 && (id % 10 == 0 || id % 8 == 0));
    assert_eq!(shown(&site), expected);
    assert_eq!(
        site.search().looked_at(),
        newest_first(|id| id > 100 && id % 4 == 0 && id % 10 > 0).len()
    );
}

#[test]
fn what_comes_while_a_worker_is_at_it_is_in_the_list_when_it_ends() {
    let mut site = long();
    ask(&mut site, "status:500");
    tell(&mut site, failed(LONG + 1));
    tell(
        &mut site,
        ExchangeRow {
            status: Some(200),
            ..row(10)
        },
    );
    tell(&mut site, failed(11));
    work(&mut site, 1);
    let mut expected = newest_first(|id| id == 11 || (id % 10 == 0 && id > 10));
    expected.insert(0, LONG + 1);
    assert_eq!(shown(&site), expected);
    tell(&mut site, failed(LONG + 2));
    expected.insert(0, LONG + 2);
    assert_eq!(shown(&site), expected);
}

#[test]
fn a_list_in_another_order_takes_changes_where_they_belong() {
    let mut site = long();
    site.set_order(Order::default().clicked(SortBy::Size));
    work(&mut site, 1);
    let sorted = |site: &SiteModel| {
        let keys: Vec<_> = lines(site)
            .into_iter()
            .filter_map(|id| site.row(ExchangeId(id)))
            .map(|row| (row.response_bytes, row.id))
            .collect();
        assert!(keys.is_sorted_by(|a, b| a > b));
        keys.len()
    };
    assert_eq!(sorted(&site), LONG as usize);
    for (id, bytes) in [(5, 9_999), (LONG + 1, 500), (LONG, 0)] {
        tell(
            &mut site,
            ExchangeRow {
                response_bytes: bytes,
                ..row(id)
            },
        );
        site.settle();
    }
    assert_eq!(sorted(&site), LONG as usize + 1);
    assert_eq!(site.line(0), Some(Line::Row(ExchangeId(5))));
    site.set_order(site.order().clicked(SortBy::Size));
    work(&mut site, 1);
    // Those that are alike stand by their numbers.
    assert_eq!(site.line(0), Some(Line::Row(ExchangeId(1000))));
    site.set_order(Order::default());
    assert_eq!(site.line(0), Some(Line::Row(ExchangeId(LONG + 1))));
}

#[test]
fn comments_order_the_list_while_they_are_written_and_rows_without_any_are_below() {
    let say = |id, comment: &str| ExchangeRow {
        comment: (!comment.is_empty()).then(|| comment.to_owned()),
        ..mixed(id)
    };
    let mut site = long();
    tell(&mut site, say(70, "look"));
    tell(&mut site, say(9, "Ask Zoe"));
    site.set_order(Order::default().clicked(SortBy::Comment));
    work(&mut site, 1);
    let top = |site: &SiteModel| shown(site)[..4].to_vec();
    assert_eq!(top(&site), [9, 70, 1, 2]);
    for (id, comment) in [
        (5_000, "before"),
        (9, "zoe was asked"),
        (70, ""),
        (3, "Épée"),
    ] {
        tell(&mut site, say(id, comment));
        site.settle();
    }
    assert_eq!(top(&site), [5_000, 9, 3, 1]);
    assert_eq!(shown(&site).len(), LONG as usize);
}

#[test]
fn the_order_turned_round_has_the_oldest_on_top_and_changes_with_it() {
    let mut site = super::site(3);
    site.apply(news(2));
    site.set_order(Order::default().clicked(SortBy::Number));
    assert_eq!(lines(&site), [1, 2, 0, 3]);
    assert_eq!(site.place_of(ExchangeId(3)), Some(3));
}

#[test]
fn rows_of_earlier_sessions_come_below_and_into_the_filter() {
    let mut site = SiteModel::new(snapshot((4..=6).map(mixed)));
    let rows: Vec<ExchangeRow> = (1..=6).map(mixed).collect();
    site.take_rows(rows.iter().collect());
    assert_eq!(lines(&site), [6, 5, 4, 3, 2, 1]);
    ask(&mut site, "-static");
    let rows: Vec<ExchangeRow> = (1..=8).filter(|id| *id != 5).map(mixed).collect();
    site.take_rows(rows.iter().collect());
    assert_eq!(lines(&site), [8, 7, 4, 2, 1]);
}

#[test]
fn a_new_filter_gives_the_old_search_up() {
    let mut site = long();
    ask(&mut site, "status:500");
    let mut scan = site.take_scan().unwrap();
    ask(&mut site, "status:200");
    assert!(scan.next_piece().is_none());
    work(&mut site, 1);
    assert_eq!(shown(&site), newest_first(|id| id % 10 > 0));
}

#[test]
fn a_long_list_that_is_empty_names_the_strictest_condition() {
    let mut site = long();
    ask(&mut site, "status:200 method:PUT -static");
    work(&mut site, 1);
    assert_eq!(
        (site.rows_shown(), site.strictest_clause()),
        (0, Some("“method:PUT”"))
    );
}

#[test]
fn a_range_and_single_requests_are_selected_together() {
    let mut site = super::site(6);
    site.apply(news(3));
    let selection = |site: &SiteModel| site.selection().iter().map(|id| id.0).collect::<Vec<_>>();
    site.select(Some(ExchangeId(5)));
    site.select_up_to(ExchangeId(2));
    assert_eq!(
        (selection(&site), site.selected()),
        (vec![2, 3, 4, 5], Some(ExchangeId(5)))
    );
    site.toggle_selected(ExchangeId(4));
    site.toggle_selected(ExchangeId(5));
    assert_eq!(
        (selection(&site), site.selected()),
        (vec![2, 3], Some(ExchangeId(3)))
    );
    assert_eq!(site.pair_to_compare(), Ok((ExchangeId(2), ExchangeId(3))));
    site.toggle_selected(ExchangeId(6));
    assert_eq!(
        (site.selection_count(), site.selected()),
        (3, Some(ExchangeId(6)))
    );
    site.select(Some(ExchangeId(1)));
    assert_eq!(selection(&site), [1]);
}

#[test]
fn rows_that_had_to_go_from_the_disk_leave_the_list_and_a_search_goes_on() {
    let mut site = long();
    let go = |site: &mut SiteModel, ids: [u64; 3]| {
        site.apply(Event::Forgotten(ids.map(ExchangeId).into()));
    };
    go(&mut site, [1, 2, 3]);
    assert_eq!(shown(&site), newest_first(|id| id > 3));
    ask(&mut site, "stderr:x");
    let mut scan = site.take_scan().unwrap();
    while let Some(piece) = scan.next_piece() {
        site.take_piece(piece);
    }
    go(&mut site, [4, 5, 8]);
    work(&mut site, 4);
    assert_eq!(shown(&site), newest_first(|id| id > 8 && id % 4 == 0));
}

/// Does what the worker does that reads values; each record holds its number's last digit, those below 20 nothing.
fn read_values(site: &mut SiteModel) {
    while let Some(errand) = site.take_value_errand() {
        let half = errand.requests.len().div_ceil(2);
        let value = |id: &ExchangeId| (*id, (id.0 >= 20).then(|| (id.0 % 10).to_string()));
        let values = errand.requests.iter().take(half).map(value).collect();
        let number = errand.number;
        site.take_values(ValuesRead { number, values });
    }
}

#[test]
fn a_list_is_ordered_by_what_records_hold_and_stays_so() {
    let mut site = long();
    let by = || SortBy::Cell(Cell::named("header.X").unwrap());
    site.set_order(Order::default().clicked(by()));
    work(&mut site, 1);
    assert_eq!(site.left_to_order(), LONG as usize);
    read_values(&mut site);
    let value = |id: u64| if id < 20 { -1 } else { (id % 10) as i64 };
    let expected = |last: u64| {
        let mut ids: Vec<u64> = (1..=last).collect();
        ids.sort_by_key(|id| (value(*id), *id));
        ids
    };
    assert_eq!(shown(&site), expected(LONG));
    tell(&mut site, row(LONG + 1));
    tell(&mut site, row(25));
    read_values(&mut site);
    assert_eq!(shown(&site), expected(LONG + 1));
    site.set_order(Order::default());
    assert_eq!(shown(&site)[0], LONG + 1);
}
