//! What goes, and what stays, when there is too much or the user clears the list.

use super::super::retention::Trimming;
use super::super::upkeep::Upkeep;
use super::super::upkeep::next_unindexed;
use super::*;
use crate::record::BlobId;

/// Runs 1 to `count`, each with a body of its own, straight into the database.
fn filled(place: &Place, count: u64, body: usize) -> disk::Disk {
    let mut disk = place.disk();
    for id in 1..=count {
        let packed = disk::PackedRun::of(&run(exchange(id, &noise(id, body))));
        disk.change(|change| change.record(&packed)).unwrap();
    }
    disk
}

fn trim(disk: &mut disk::Disk, retention: &Retention, now_seconds: i64) {
    let now = Timestamp::from_unix_millis(now_seconds * 1000);
    let mut trimming = Trimming::default();
    while trimming.step(disk, retention, now).unwrap() {}
}

/// The numbers of the rows, of the records, and of the runs whose bodies are there.
fn left(place: &Place) -> [Vec<u64>; 3] {
    let archive = place.archive();
    let rows: Vec<u64> = archive.rows().map(|row| row.unwrap().id.0).collect();
    let there: Vec<_> = rows
        .iter()
        .filter_map(|id| archive.exchange(ExchangeId(*id)).unwrap())
        .collect();
    let whole = there
        .iter()
        .filter(|exchange| exchange.request.body.missing().is_none());
    let whole = whole.map(|exchange| exchange.id.0).collect();
    [
        rows,
        there.iter().map(|exchange| exchange.id.0).collect(),
        whole,
    ]
}

/// The sums are those of the tables.
#[track_caller]
fn check_totals(disk: &disk::Disk) {
    let sum = |sql: &str| -> i64 {
        disk.connection
            .query_row(sql, [], |row| row.get::<_, Option<i64>>(0))
            .unwrap()
            .unwrap_or(0)
    };
    let totals = disk.totals;
    assert_eq!(totals.runs, sum("SELECT count(*) FROM rows"));
    assert_eq!(totals.record_bytes, sum("SELECT sum(bytes) FROM records"));
    let inside = "SELECT sum(held) FROM blobs WHERE content IS NOT NULL";
    assert_eq!(totals.blob_bytes, sum(inside));
    assert_eq!(
        totals.file_bytes,
        sum("SELECT sum(held) FROM blobs WHERE content IS NULL")
    );
}

#[test]
fn of_too_many_runs_the_oldest_go_and_pinned_ones_neither_go_nor_count() {
    let place = Place::new();
    let mut disk = filled(&place, 10, 20_000);
    disk.change(|change| change.mark(ExchangeId(2), true, None))
        .unwrap();
    let retention = Retention {
        runs: 3,
        ..Retention::default()
    };
    trim(&mut disk, &retention, 0);
    assert_eq!(
        left(&place),
        [[10, 9, 8, 2], [10, 9, 8, 2], [10, 9, 8, 2]].map(Vec::from)
    );
    check_totals(&disk);
    assert_eq!(disk.totals.last_run, 10);
}

#[test]
fn runs_go_when_they_are_too_old() {
    let place = Place::new();
    let mut disk = filled(&place, 10, 0);
    disk.change(|change| change.mark(ExchangeId(1), true, None))
        .unwrap();
    let retention = Retention {
        age: Some(Duration::from_secs(5)),
        ..Retention::default()
    };
    trim(&mut disk, &retention, 12);
    assert_eq!(left(&place)[0], [10, 9, 8, 7, 1]);
    check_totals(&disk);
}

#[test]
fn of_too_many_bytes_old_bodies_go_first_and_their_runs_say_so() {
    let place = Place::new();
    let mut disk = filled(&place, 20, 2 << 20);
    disk.change(|change| change.mark(ExchangeId(3), true, None))
        .unwrap();
    let retention = Retention {
        bytes: 30 << 20,
        ..Retention::default()
    };
    trim(&mut disk, &retention, 0);
    let [rows, records, bodies] = left(&place);
    assert_eq!((rows.len(), records.len()), (20, 20));
    assert!(bodies.contains(&3) && bodies.contains(&20) && !bodies.contains(&1));
    assert!(disk.bytes().unwrap() <= 30 << 20);
    check_totals(&disk);
    let files = files_below(&place.kept().join("blobs"));
    assert_eq!(files.len(), bodies.len());
}

#[test]
fn when_bodies_are_not_enough_details_go_and_then_rows() {
    let place = Place::new();
    let mut disk = filled(&place, 1200, 2000);
    let bytes = disk.bytes().unwrap();
    let half = Retention {
        bytes: bytes / 2,
        ..Retention::default()
    };
    trim(&mut disk, &half, 0);
    let [rows, records, _] = left(&place);
    assert_eq!(rows.len(), 1200);
    assert!(!records.contains(&1) && records.contains(&1200));
    assert!(disk.bytes().unwrap() <= bytes / 2);
    let nothing = Retention {
        bytes: 0,
        ..Retention::default()
    };
    trim(&mut disk, &nothing, 0);
    assert_eq!(left(&place)[0], [0; 0]);
    check_totals(&disk);
}

#[test]
fn a_body_that_a_newer_run_needs_too_stays() {
    let place = Place::new();
    let mut disk = place.disk();
    let shared = noise(9, 2 << 20);
    for id in 1..=20 {
        let own = noise(id, 2 << 20);
        let body = if id % 10 == 1 { &shared } else { &own };
        let packed = disk::PackedRun::of(&run(exchange(id, body)));
        disk.change(|change| change.record(&packed)).unwrap();
    }
    let retention = Retention {
        bytes: 30 << 20,
        ..Retention::default()
    };
    trim(&mut disk, &retention, 0);
    assert!(left(&place)[2].contains(&1), "run 11 needs it too");
}

#[test]
fn clearing_leaves_pinned_runs_and_newer_ones_and_sweeps_up_the_rest() {
    let place = Place::new();
    let opened = place.open();
    for id in 1..=300 {
        opened.record(exchange(id, &noise(id, 20_000)));
    }
    opened.record(exchange(301, &noise(1, 2 << 20)));
    opened.store.mark(ExchangeId(7), true, None);
    opened.store.clear(ExchangeId(301));
    assert_eq!(opened.found(1), "unknown");
    opened.recorded(exchange(302, b""));
    let listed: Vec<u64> = place
        .archive()
        .rows()
        .map(|row| row.unwrap().id.0)
        .collect();
    assert_eq!(listed, [302, 7]);
    assert_eq!(opened.found(7), "here");
    eventually("the file is gone", || {
        files_below(&place.kept().join("blobs")).is_empty()
    });
    opened.store.close();
    let disk = place.disk();
    check_totals(&disk);
    let records: i64 = disk
        .connection
        .query_row("SELECT count(*) FROM records", [], |row| row.get(0))
        .unwrap();
    assert_eq!(records, 2);
}

#[test]
fn what_a_kill_left_of_clearing_is_swept_up_by_the_next_engine() {
    let place = Place::new();
    let mut disk = filled(&place, 5, 20_000);
    disk.change(|change| change.clear(ExchangeId(3))).unwrap();
    drop(disk);
    let mut disk = place.disk();
    assert_eq!(left(&place), [[5, 4], [5, 4], [5, 4]].map(Vec::from));
    let mut upkeep = Upkeep::default();
    while upkeep
        .step(
            &mut disk,
            &Retention::default(),
            Timestamp::from_unix_millis(0),
        )
        .unwrap()
    {}
    check_totals(&disk);
    assert_eq!(disk.totals.sweep, 0);
    let records = "SELECT count(*) FROM records";
    let records: i64 = disk
        .connection
        .query_row(records, [], |row| row.get(0))
        .unwrap();
    assert_eq!(records, 2);
}

#[test]
fn files_that_no_run_needs_are_removed_unless_a_database_was_set_aside() {
    let place = Place::new();
    let write = || {
        let body = Bytes::from(noise(3, 2 << 20));
        let id = BlobId::of(std::slice::from_ref(&body));
        place.disk().files.write(&id, &[body]).unwrap();
    };
    let tidied = || {
        let mut disk = place.disk();
        let mut upkeep = Upkeep::default();
        while upkeep
            .step(
                &mut disk,
                &Retention::default(),
                Timestamp::from_unix_millis(0),
            )
            .unwrap()
        {}
        files_below(&place.kept().join("blobs")).len()
    };
    write();
    assert_eq!(tidied(), 0);
    write();
    std::fs::write(place.kept().join("runs.sqlite3.damaged-2026"), "").unwrap();
    assert_eq!(tidied(), 1);
}

#[test]
fn runs_that_had_to_go_are_told() {
    let place = Place::new();
    let opened = place.open_within(Retention {
        runs: 2,
        ..Retention::default()
    });
    for id in 1..=4 {
        opened.recorded(exchange(id, b""));
    }
    for id in [1, 2] {
        let gone = ExchangeId(id);
        opened.until(|news| matches!(news, StoreNews::Forgotten(ids) if ids.contains(&gone)));
    }
    assert_eq!([1, 4].map(|id| opened.found(id)), ["unknown", "here"]);
}

#[test]
fn contents_that_runs_share_are_indexed_before_the_runs_and_the_newest_first() {
    let place = Place::new();
    let disk = filled(&place, 3, 20_000);
    let mut order = Vec::new();
    while let Some((doc, text)) = next_unindexed(&disk, order.last().copied()).unwrap() {
        assert!(doc > 0 || text.len() >= 20_000, "{doc}");
        order.push(doc);
    }
    let contents = order.iter().take_while(|doc| **doc < 0).count();
    assert!(contents > 0, "{order:?}");
    assert!(order[..contents].is_sorted(), "{order:?}");
    assert_eq!(order[contents..], [3, 2, 1]);
}
