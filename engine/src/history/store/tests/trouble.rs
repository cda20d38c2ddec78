//! A disk that cannot be written, a folder that goes away, another process: told, and overcome when it is over.

use super::*;

fn is_paused(news: &StoreNews) -> bool {
    matches!(news, StoreNews::Paused(_))
}

fn is_resumed(news: &StoreNews) -> bool {
    *news == StoreNews::Resumed
}

fn is_memory_only(id: u64) -> impl Fn(&StoreNews) -> bool {
    move |news| matches!(news, StoreNews::MemoryOnly(ids) if ids.contains(&ExchangeId(id)))
}

fn is_recorded(id: u64) -> impl Fn(&StoreNews) -> bool {
    move |news| matches!(news, StoreNews::Recorded(ids) if ids.contains(&ExchangeId(id)))
}

#[test]
fn a_folder_that_cannot_be_written_pauses_recording_until_it_can() {
    let place = Place::new();
    // A file where the folder should be: true for every user, root too.
    std::fs::write(place.path("state"), "").unwrap();
    let opened = place.open();
    assert!(matches!(opened.store.state(), RecordingState::Paused(_)));
    opened.record(exchange(1, b""));
    opened.until(is_memory_only(1));
    assert_eq!(opened.found(1), "unknown");
    std::fs::remove_file(place.path("state")).unwrap();
    opened.until(is_resumed);
    opened.until(is_recorded(1));
    assert_eq!(opened.store.state(), RecordingState::Disk);
    opened.recorded(exchange(2, b""));
    assert_eq!(place.archive().rows().count(), 2);
    assert_eq!(opened.count(is_paused), 1, "told once");
}

#[test]
fn a_full_disk_changes_nothing_and_takes_runs_again_when_there_is_room() {
    let place = Place::new();
    let mut disk = place.disk();
    let limit = |disk: &disk::Disk, pages: i64| {
        let set = format!("PRAGMA max_page_count = {pages}");
        disk.connection.query_row(&set, [], |_| Ok(())).unwrap();
    };
    let pages: i64 = disk
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    limit(&disk, pages + 4);
    let before = disk.totals;
    let body = noise(1, 500_000);
    let write = |disk: &mut disk::Disk| {
        let packed = disk::PackedRun::of(&run(exchange(1, &body)));
        disk.change(|change| change.record(&packed))
    };
    let refused = write(&mut disk).unwrap_err();
    assert!(matches!(refused, StoreError::Database { .. }), "{refused}");
    assert!(!refused.is_damage());
    assert_eq!(disk.totals, before);
    limit(&disk, 1_000_000);
    write(&mut disk).unwrap();
    assert_eq!(disk.totals.runs, 1);
}

#[test]
fn a_folder_that_vanishes_is_begun_anew_with_numbers_that_go_on() {
    let place = Place::new();
    let opened = place.open();
    opened.recorded(exchange(1, b""));
    std::fs::remove_dir_all(place.path("state")).unwrap();
    opened.recorded(exchange(2, b""));
    opened.until(|news| matches!(news, StoreNews::Notice(words) if words.contains("vanished")));
    let listed: Vec<u64> = place
        .archive()
        .rows()
        .map(|row| row.unwrap().id.0)
        .collect();
    assert_eq!(listed, [2]);
    assert_eq!(opened.found(2), "here");
}

#[test]
fn a_second_engine_reads_and_takes_over_when_the_first_ends() {
    let place = Place::new();
    let first = place.open();
    first.recorded(exchange(1, b"first"));
    // The lock knows its holder by the process, and both are this one: as though it were another.
    let lock = place.kept().join("writer.lock");
    std::fs::write(&lock, "1").unwrap();
    let second = place.open();
    let RecordingState::Paused(reason) = second.store.state() else {
        panic!("both write");
    };
    assert!(
        reason.contains("another CGI Studio (process 1)"),
        "{reason}"
    );
    assert_eq!(second.store.last_id(), ExchangeId(1));
    assert_eq!(second.found(1), "here");
    // Both give the same number; who has the database keeps it.
    second.record(exchange(2, b"of the second"));
    second.until(is_memory_only(2));
    first.recorded(exchange(2, b"of the first"));
    first.store.close();
    second.until(is_resumed);
    second.until(|news| {
        *news
            == StoreNews::Opened {
                last: ExchangeId(2),
            }
    });
    second.recorded(exchange(3, b""));
    let kept = place.archive().exchange(ExchangeId(2)).unwrap().unwrap();
    assert_eq!(kept.request.body.head().as_ref(), b"of the first");
    assert_eq!(second.count(is_recorded(2)), 0);
}

#[test]
fn the_same_engine_can_open_again_while_it_still_closes() {
    let place = Place::new();
    let first = place.open();
    first.record(exchange(1, &noise(1, 1 << 20)));
    std::thread::scope(|scope| {
        let second = scope.spawn(|| place.open());
        first.store.close();
        let second = second.join().unwrap();
        assert_eq!(second.store.state(), RecordingState::Disk);
        assert_eq!(second.store.last_id(), ExchangeId(1));
    });
}

#[test]
fn a_moved_site_keeps_its_runs_and_a_copied_one_begins_without() {
    let place = Place::new();
    place.open().recorded(exchange(1, b""));
    let (state, moved, copy) = (place.path("state"), place.path("moved"), place.path("copy"));
    std::fs::create_dir(&copy).unwrap();
    assert!(Archive::open(&state, &copy).unwrap().is_none());
    std::fs::rename(place.path("site"), &moved).unwrap();
    let archive = Archive::open(&state, &moved).unwrap().unwrap();
    assert_eq!(archive.rows().count(), 1);
}
