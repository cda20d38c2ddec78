//! What the list does with rows, changes, filters and keys.

use std::path::PathBuf;
use std::sync::Arc;

use cgi_engine::exchange::{ExchangeId, Progress};
use cgi_engine::message::SiteNews;
use cgi_engine::watch::{ChangeKind, SiteChange};

mod listing;

use super::super::testing::{row, snapshot};
use super::*;

fn site(count: u64) -> SiteModel {
    SiteModel::new(snapshot((1..=count).map(row)))
}

fn failed(id: u64) -> ExchangeRow {
    ExchangeRow {
        status: Some(500),
        ..row(id)
    }
}

fn news(after: u64) -> Event {
    let path = PathBuf::from("/srv/site/form.py");
    let change = SiteChange {
        path,
        kind: ChangeKind::Created,
        is_script: true,
        hash: None,
    };
    Event::Site(Arc::new(SiteNews {
        at: Timestamp::from_unix_millis(0),
        after: ExchangeId(after),
        change,
    }))
}

/// The list from top to bottom: rows by number, changes as 0.
fn lines(site: &SiteModel) -> Vec<u64> {
    let line = |place| match site.line(place) {
        Some(Line::Row(id)) => id.0,
        _ => 0,
    };
    (0..site.line_count()).map(line).collect()
}

fn tell(site: &mut SiteModel, row: ExchangeRow) {
    site.apply(Event::Exchange(Arc::new(row)));
}

#[test]
fn the_newest_is_on_top_and_a_change_stands_over_the_row_it_follows() {
    let mut site = site(2);
    site.apply(news(2));
    tell(&mut site, row(3));
    assert_eq!(lines(&site), [3, 0, 2, 1]);
    // A row that began before the change and is heard of later.
    site.apply(news(4));
    tell(&mut site, row(4));
    assert_eq!(lines(&site), [0, 4, 3, 0, 2, 1]);
}

#[test]
fn a_row_that_changes_is_replaced_and_counted_once() {
    let mut site = site(0);
    tell(
        &mut site,
        ExchangeRow {
            progress: Progress::Running,
            ..row(1)
        },
    );
    assert_eq!((site.counts().running, site.rows_shown()), (1, 1));
    tell(&mut site, failed(1));
    let counts = Counts {
        failed: 1,
        ..Counts::default()
    };
    assert_eq!((site.counts(), site.row_count()), (counts, 1));
}

#[test]
fn the_first_script_run_is_selected_and_later_ones_are_not() {
    let mut site = site(0);
    tell(
        &mut site,
        ExchangeRow {
            kind: RowKind::File,
            ..row(1)
        },
    );
    assert_eq!(site.selected(), None);
    tell(&mut site, row(2));
    tell(&mut site, row(3));
    assert_eq!(site.selected(), Some(ExchangeId(2)));
    assert!(site.details.is_stale());
}

#[test]
fn a_filter_takes_rows_out_and_new_ones_in_as_they_change() {
    let mut site = site(3);
    site.set_filter(Filter::of("failed"), Timestamp::from_unix_millis(0));
    assert_eq!(
        (lines(&site), site.strictest_clause()),
        (vec![], Some("“failed”"))
    );
    tell(&mut site, failed(2));
    tell(&mut site, failed(4));
    assert_eq!(lines(&site), [4, 2]);
    tell(&mut site, row(4));
    assert_eq!(lines(&site), [2]);
}

#[track_caller]
fn check_move(selected: Option<u64>, down: bool, expected: u64) {
    let mut site = site(3);
    site.apply(news(2));
    site.select(selected.map(ExchangeId));
    site.move_selection(down);
    assert_eq!(site.selected(), Some(ExchangeId(expected)));
}

#[test]
fn the_selection_moves_over_changes_and_stops_at_the_ends() {
    check_move(None, true, 3);
    check_move(Some(3), true, 2);
    check_move(Some(2), false, 3);
    check_move(Some(3), false, 3);
    check_move(Some(1), true, 1);
}

#[test]
fn selections_are_walked_back_and_forward_like_pages() {
    let mut site = site(5);
    for id in [1, 3, 5] {
        site.select(Some(ExchangeId(id)));
    }
    assert!(!site.can_go(true));
    site.go(false);
    site.go(false);
    assert_eq!(
        (site.selected(), site.can_go(false)),
        (Some(ExchangeId(1)), false)
    );
    site.go(true);
    assert_eq!(site.selected(), Some(ExchangeId(3)));
    site.select(Some(ExchangeId(4)));
    assert!(!site.can_go(true));
    site.go(false);
    assert_eq!(site.selected(), Some(ExchangeId(3)));
}

#[test]
fn the_next_failure_is_found_round_the_ends() {
    let rows = [row(1), failed(2), row(3), failed(4), row(5)];
    let mut site = SiteModel::new(snapshot(rows));
    let next = |site: &SiteModel, down| site.next_failure(down).map(|id| id.0);
    assert_eq!((next(&site, true), next(&site, false)), (Some(4), Some(2)));
    site.select(Some(ExchangeId(4)));
    assert_eq!((next(&site, true), next(&site, false)), (Some(2), Some(2)));
    site.select(Some(ExchangeId(3)));
    assert_eq!((next(&site, true), next(&site, false)), (Some(2), Some(4)));
    assert_eq!(next(&self::site(3), true), None);
    assert_eq!(next(&self::site(0), true), None);
}

#[test]
fn a_cleared_list_comes_back_or_is_forgotten_once_up_to_where_it_was() {
    let start = Timestamp::from_unix_millis(1_000);
    let later = Timestamp::from_unix_millis(11_500);
    let mut site = site(3);
    site.hide_all(start);
    assert_eq!(lines(&site), [] as [u64; 0]);
    assert!(site.can_unhide(start).is_some() && site.take_forgettable(start).is_none());
    site.unhide();
    assert_eq!(lines(&site), [3, 2, 1]);
    site.hide_all(start);
    tell(&mut site, row(4));
    assert_eq!(lines(&site), [4]);
    assert!(site.can_unhide(later).is_none());
    assert_eq!(site.take_forgettable(later), Some(ExchangeId(3)));
    assert_eq!(site.take_forgettable(later), None);
}

#[test]
fn what_the_engine_cleared_is_gone_except_for_what_runs_or_is_newer() {
    let mut site = site(2);
    tell(
        &mut site,
        ExchangeRow {
            progress: Progress::Running,
            ..row(3)
        },
    );
    tell(&mut site, row(4));
    site.apply(news(2));
    site.apply(news(4));
    site.select(Some(ExchangeId(1)));
    let up_to = ExchangeId(3);
    site.apply(Event::Cleared { up_to });
    assert_eq!((lines(&site), site.selected()), (vec![0, 4, 3], None));
}

#[test]
fn what_a_snapshot_holds_already_is_not_listed_again() {
    let Event::Site(change) = news(1) else {
        panic!("a change")
    };
    let notice = Arc::new(Notice {
        at: Timestamp::from_unix_millis(0),
        failure: false,
        text: "configuration read again".into(),
    });
    let mut site = SiteModel::new(Snapshot {
        site_news: vec![Arc::clone(&change)],
        notices: vec![Arc::clone(&notice)],
        ..snapshot([row(1)])
    });
    site.apply(Event::Site(change));
    site.apply(Event::Notice(notice));
    assert_eq!((lines(&site), site.notices.len()), (vec![0, 1], 1));
    site.apply(news(1));
    assert_eq!(lines(&site), [0, 0, 1]);
}

#[test]
fn a_resync_keeps_filter_and_selection() {
    let mut site = site(2);
    site.select(Some(ExchangeId(1)));
    let filter = Filter::of("hello");
    site.set_filter(filter.clone(), Timestamp::from_unix_millis(0));
    site.resync(snapshot((1..=5).map(row)));
    assert_eq!(
        (site.filter(), site.selected()),
        (&filter, Some(ExchangeId(1)))
    );
    assert_eq!(lines(&site), [5, 4, 3, 2, 1]);
}

#[test]
fn rows_beyond_the_bound_are_forgotten_with_their_counts() {
    let mut site = SiteModel::new(snapshot(
        (1..ROWS as u64 + FORGOTTEN_AT_ONCE as u64).map(failed),
    ));
    tell(&mut site, failed((ROWS + FORGOTTEN_AT_ONCE) as u64));
    assert_eq!(
        (site.row_count(), site.counts().failed, site.line_count()),
        (ROWS, ROWS, ROWS)
    );
}

#[test]
fn what_is_written_makes_the_figures_of_the_disk_old() {
    let mut site = site(1);
    assert!(!site.figures_are_old);
    site.apply(Event::RunRecorded(ExchangeId(1)));
    assert!(site.figures_are_old);
}

#[test]
fn a_failure_is_said_once_whether_it_came_before_the_window_or_later() {
    let notice = |failure, text: &str| {
        Arc::new(Notice {
            at: Timestamp::from_unix_millis(0),
            failure,
            text: text.to_owned(),
        })
    };
    let mut before = snapshot([]);
    let aside = notice(true, "the database was set aside");
    before.notices = vec![
        Arc::clone(&aside),
        notice(false, "configuration read again"),
    ];
    let mut site = SiteModel::new(before);
    let told: Vec<String> = site.failures_before().collect();
    assert_eq!(told, ["the database was set aside"]);
    assert_eq!(site.failure_told(&Event::Notice(aside)), None);
    let paused = Event::Notice(notice(true, "recording is paused"));
    let said = site.failure_told(&paused);
    assert_eq!(said.as_deref(), Some("recording is paused"));
    site.apply(paused.clone());
    assert_eq!(site.failure_told(&paused), None);
    let fine = Event::Notice(notice(false, "recording goes on"));
    assert_eq!(site.failure_told(&fine), None);
}
