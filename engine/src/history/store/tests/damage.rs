//! Damaged files: set aside, never deleted, never believed.

use super::*;
use std::fs;

fn aside(place: &Place, word: &str) -> Vec<PathBuf> {
    let start = format!("runs.sqlite3.{word}-");
    files_below(&place.kept())
        .into_iter()
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with(&start) && !name.ends_with("-wal") && !name.ends_with("-shm")
        })
        .collect()
}

#[test]
fn a_file_that_is_no_database_is_set_aside_and_recording_begins_anew() {
    let place = Place::new();
    let database = place.kept().join("runs.sqlite3");
    fs::write(&database, "not a database at all, but somebody may want it").unwrap();
    let opened = place.open();
    opened.until(|news| matches!(news, StoreNews::Notice(words) if words.contains("set aside")));
    opened.recorded(exchange(1, b""));
    let aside = aside(&place, "damaged");
    assert_eq!(aside.len(), 1);
    assert!(
        fs::read_to_string(&aside[0])
            .unwrap()
            .starts_with("not a database")
    );
}

#[test]
fn a_newer_database_is_set_aside_whole() {
    let place = Place::new();
    place.open().recorded(exchange(1, b"from the future"));
    let database = place.kept().join("runs.sqlite3");
    let future = rusqlite::Connection::open(&database).unwrap();
    future.pragma_update(None, "user_version", 99).unwrap();
    drop(future);
    assert!(matches!(
        Archive::open(&place.path("state"), &place.path("site")),
        Err(StoreError::Newer { version: 99, .. })
    ));
    let opened = place.open();
    opened.until(|news| matches!(news, StoreNews::Notice(words) if words.contains("version 99")));
    assert_eq!(aside(&place, "newer").len(), 1);
    opened.recorded(exchange(1, b""));
}

/// A database of forty runs, small and large, closed.
fn sound(place: &Place) -> Vec<u8> {
    let opened = place.open();
    for id in 1..=40 {
        opened.record(exchange(id, &noise(id, 700 * id as usize)));
    }
    opened.store.close();
    fs::read(place.kept().join("runs.sqlite3")).unwrap()
}

/// Whatever is read is right or said to be gone; and another run is recorded all the same.
#[track_caller]
fn check_survives(place: &Place, damaged: &[u8]) {
    let kept = place.kept();
    for file in files_below(&kept) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.starts_with("runs.sqlite3") {
            fs::remove_file(file).unwrap();
        }
    }
    fs::write(kept.join("runs.sqlite3"), damaged).unwrap();
    let opened = place.open();
    let mut rows = 0;
    if let Some(archive) = opened.store.archive() {
        rows = archive.rows().filter(|row| row.is_ok()).count();
    }
    assert!(rows <= 40);
    for id in 1..=40 {
        if let Found::Exchange(found) = opened.store.get(ExchangeId(id))
            && found.request.body.missing().is_none()
        {
            let body = noise(id, 700 * id as usize);
            assert!(found.request.body.head().as_ref() == body, "run {id}");
        }
    }
    opened.recorded(exchange(1000, b"and on it goes"));
    assert_eq!(opened.found(1000), "here");
}

#[test]
fn bytes_that_change_anywhere_in_the_file_are_never_believed() {
    let place = Place::new();
    let sound = sound(&place);
    // Each header byte that matters, and places all over the file.
    let header = (0..100).step_by(9);
    let all_over = (100..sound.len()).step_by(sound.len() / 40);
    for at in header.chain(all_over) {
        let mut damaged = sound.clone();
        let end = (at + 32).min(damaged.len());
        damaged[at..end].iter_mut().for_each(|byte| *byte ^= 0xA5);
        check_survives(&place, &damaged);
    }
}

#[test]
fn a_file_that_was_cut_off_is_survived() {
    let place = Place::new();
    let sound = sound(&place);
    for length in [
        0,
        1,
        99,
        100,
        4096,
        5000,
        sound.len() / 2,
        sound.len() - 4096,
        sound.len() - 1,
    ] {
        check_survives(&place, &sound[..length]);
    }
}

#[test]
fn a_body_that_was_lost_or_changed_is_said_to_be_gone() {
    let place = Place::new();
    let opened = place.open();
    opened.record(exchange(1, &noise(1, 2 << 20)));
    opened.recorded(exchange(2, &noise(2, 2 << 20)));
    opened.store.close();
    let files = files_below(&place.kept().join("blobs"));
    fs::remove_file(&files[0]).unwrap();
    let mut changed = fs::read(&files[1]).unwrap();
    changed[12345] ^= 1;
    fs::write(&files[1], changed).unwrap();
    for id in [1, 2] {
        let found = place.archive().exchange(ExchangeId(id)).unwrap().unwrap();
        assert!(found.request.body.missing().is_some());
        assert_eq!(found.request.body.len(), 2 << 20);
    }
}
