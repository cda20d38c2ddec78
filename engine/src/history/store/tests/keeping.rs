//! What was announced is there, whole, for this engine, the next one, and any reader beside it.

use super::super::text_index::Candidates;
use super::*;

#[test]
fn what_was_announced_is_read_back_as_it_was() {
    let place = Place::new();
    let opened = place.open();
    let original = exchange(1, b"a small body");
    opened.recorded(original.clone());
    let archive = place.archive();
    let again = archive.exchange(ExchangeId(1)).unwrap().unwrap();
    assert_eq!(format!("{again:?}"), format!("{original:?}"));
    let row = archive.row(ExchangeId(1)).unwrap().unwrap();
    assert_eq!(row, *run(original).row);
    assert!(archive.exchange(ExchangeId(2)).unwrap().is_none());
    assert_eq!(opened.found(1), "here");
    assert_eq!(opened.found(2), "unknown");
}

#[test]
fn nothing_is_listed_before_it_was_recorded() {
    let place = Place::new();
    assert!(
        Archive::open(&place.path("state"), &place.path("site"))
            .unwrap()
            .is_none()
    );
    let _opened = place.open();
    assert_eq!(place.archive().rows().count(), 0);
}

#[test]
fn the_next_engine_goes_on_where_the_last_one_ended() {
    let place = Place::new();
    let first = place.open();
    for id in 1..=5000 {
        first.record(exchange(id, b""));
    }
    first.store.close();
    assert!(
        !first
            .store
            .record(run(exchange(9, b"")).exchange, run(exchange(9, b"")).row)
    );
    let second = place.open();
    assert_eq!(second.store.last_id(), ExchangeId(5000));
    let listed: Vec<u64> = place
        .archive()
        .rows()
        .map(|row| row.unwrap().id.0)
        .collect();
    assert!(listed.iter().copied().eq((1..=5000).rev()));
    let before: Vec<_> = place.archive().rows_before(ExchangeId(3)).collect();
    assert_eq!(before.len(), 2);
    assert_eq!(second.found(4711), "here");
}

#[test]
fn numbers_are_never_given_again_though_all_runs_are_cleared() {
    let place = Place::new();
    let opened = place.open();
    opened.recorded(exchange(7, b""));
    opened.store.clear(ExchangeId(7));
    opened.store.close();
    assert_eq!(place.open().store.last_id(), ExchangeId(7));
    assert_eq!(place.archive().rows().count(), 0);
}

#[test]
fn bodies_of_every_size_come_back_and_the_same_one_is_kept_once() {
    let place = Place::new();
    let opened = place.open();
    let large = noise(1, 3 << 20);
    let sizes = [0, 1, 16 << 10, (16 << 10) + 1, 1 << 20, (1 << 20) + 1];
    for (id, size) in (1..).zip(sizes) {
        opened.record(exchange(id, &noise(id, size)));
    }
    for id in 10..20 {
        opened.record(exchange(id, &large));
    }
    opened.recorded(exchange(20, &large));
    for (id, size) in (1..).zip(sizes) {
        let Found::Exchange(found) = opened.store.get(ExchangeId(id)) else {
            panic!("{size} bytes are gone");
        };
        assert!(
            found.request.body.head().as_ref() == noise(id, size),
            "{size}"
        );
    }
    let Found::Exchange(found) = opened.store.get(ExchangeId(15)) else {
        panic!("gone");
    };
    assert!(found.request.body.head().as_ref() == large);
    assert_eq!(files_below(&place.kept().join("blobs")).len(), 2);
}

#[test]
fn a_stream_of_fifty_megabytes_is_kept_compressed_and_read_again() {
    let place = Place::new();
    let opened = place.open();
    let page =
        b"<p>the same line again and again, as a script would print it</p>\n".repeat(800_000);
    opened.recorded(exchange(1, &page));
    let blobs = place.kept().join("blobs");
    eventually("it is compressed", || {
        let files = files_below(&blobs);
        files.len() == 1 && files[0].extension().is_some_and(|end| end == "lz4")
    });
    assert!(files_below(&blobs)[0].metadata().unwrap().len() < page.len() as u64 / 20);
    let Found::Exchange(found) = opened.store.get(ExchangeId(1)) else {
        panic!("gone");
    };
    assert!(found.request.body.head().as_ref() == page);
}

#[test]
fn marks_stay_with_their_runs_and_go_when_taken_away() {
    let place = Place::new();
    let opened = place.open();
    opened.record(exchange(1, b""));
    opened
        .store
        .mark(ExchangeId(1), true, Some("why?".to_owned()));
    opened.recorded(exchange(2, b""));
    let row = |id| place.archive().row(ExchangeId(id)).unwrap().unwrap();
    assert_eq!(
        (row(1).pinned, row(1).comment),
        (true, Some("why?".to_owned()))
    );
    assert_eq!((row(2).pinned, row(2).comment), (false, None));
    opened.store.mark(ExchangeId(1), false, None);
    opened.recorded(exchange(3, b""));
    assert!(!row(1).pinned && row(1).comment.is_none());
}

#[test]
fn a_mark_of_a_run_that_was_never_recorded_is_not_the_next_ones() {
    let place = Place::new();
    let opened = place.open();
    opened.recorded(exchange(1, b""));
    opened.store.mark(ExchangeId(2), true, None);
    opened.store.close();
    let opened = place.open();
    opened.recorded(exchange(2, b""));
    assert!(!place.archive().row(ExchangeId(2)).unwrap().unwrap().pinned);
}

#[test]
fn the_index_finds_what_may_hold_a_text_and_never_misses() {
    let place = Place::new();
    let opened = place.open();
    opened.record(exchange(1, "Grüße aus 東京都".as_bytes()));
    opened.record(exchange(2, b"nothing\0of the kind"));
    let long = [&b"needle in a haystack "[..], &noise(5, 100_000)].concat();
    opened.record(exchange(3, &long));
    opened.recorded(exchange(4, b"\xFFraw\xFE bytes"));
    let archive = place.archive();
    let these = |text: &str| match archive.search(text).unwrap() {
        Candidates::These(runs) => runs.into_iter().map(|id| id.0).collect(),
        Candidates::All => vec![0],
    };
    eventually("all is indexed", || these("no such text").is_empty());
    for (text, found) in [
        ("grüße", vec![1]),
        ("GRÜSSE", vec![]),
        ("東京都", vec![1]),
        ("京都", vec![0]),
        ("of the kind", vec![2]),
        ("HAYstack", vec![3]),
        ("raw", vec![4]),
        ("POST /", vec![1, 2, 3, 4]),
        ("/2", vec![0]),
    ] {
        assert_eq!(these(text), found, "{text}");
    }
    opened.recorded(exchange(5, b"too new to be indexed, perhaps"));
    assert!(these("too new").contains(&5));
}

#[test]
fn only_the_beginning_of_a_long_text_is_indexed_and_so_it_may_hold_anything() {
    let place = Place::new();
    let opened = place.open();
    let long = [&vec![b'x'; text_index::TEXT_BYTES][..], b"the end"].concat();
    opened.record(exchange(1, &long));
    opened.recorded(exchange(2, b"short"));
    let archive = place.archive();
    eventually("the other is indexed", || {
        archive.search("the end").unwrap() == Candidates::These(vec![ExchangeId(1)])
    });
}
