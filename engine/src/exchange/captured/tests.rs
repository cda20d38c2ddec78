//! What is kept of a stream, where, and what is said of the rest.

use super::*;

fn captured(cap: usize, writes: &[&[u8]]) -> CapturedBody {
    let mut body = CapturedBody::new(cap);
    for (index, write) in writes.iter().enumerate() {
        body.push(
            &Bytes::copy_from_slice(write),
            Duration::from_millis(index as u64),
        );
    }
    body
}

#[test]
fn a_stream_under_its_cap_is_kept_whole() {
    let body = captured(100, &[b"ab", b"", b"cd"]);
    assert_eq!(
        (body.head().as_ref(), body.len(), body.cut_bytes()),
        (&b"abcd"[..], 4, 0)
    );
    assert_eq!(body.lines(), 1);
    assert_eq!(body.time_of(0), Some(Duration::ZERO));
    assert_eq!(body.time_of(3), Some(Duration::from_millis(2)));
}

#[test]
fn a_stream_over_its_cap_keeps_beginning_and_end_and_says_what_is_missing() {
    let long = vec![b'x'; 3 * TAIL_BYTES];
    let body = captured(3, &[b"ab", &long, b"END"]);
    assert_eq!(body.head().as_ref(), b"abx");
    assert_eq!(body.tail().len(), TAIL_BYTES);
    assert!(body.tail().ends_with(b"xEND"));
    let (end, offset) = body.end();
    assert_eq!(offset + end.len() as u64, body.len());
    assert_eq!(body.len(), 5 + long.len() as u64);
    assert_eq!(body.cut_bytes(), body.len() - 3 - TAIL_BYTES as u64);
}

#[test]
fn a_million_single_bytes_cost_neither_pieces_nor_marks_without_bound() {
    let mut body = CapturedBody::new(1 << 20);
    let byte = Bytes::from_static(b"x");
    for index in 0..300_000_u64 {
        body.push(&byte, Duration::from_micros(index));
    }
    assert_eq!(body.head().len(), 300_000);
    let Beginning::Memory(pieces) = &body.beginning else {
        panic!("it is short");
    };
    assert!(pieces.len() < 100 && body.marks.len() <= MARKS);
    assert!(body.held_bytes() < 500_000);
}

#[test]
fn a_stream_is_made_again_of_its_parts() {
    let parts = CapturedParts {
        head: Bytes::from_static(b"ab\n"),
        tail: Bytes::from_static(b"END"),
        length: 10,
        line_feeds: 2,
        ends_open: true,
        cap: 3,
        marks: vec![Mark {
            offset: 0,
            at: Duration::ZERO,
        }],
        cut_reason: None,
        missing: Some(Missing::Evicted),
    };
    let body = CapturedBody::restore(parts.clone()).unwrap();
    assert_eq!((body.cut_bytes(), body.lines()), (4, 3));
    assert_eq!(body.end(), (b"END"[..].into(), 7));
    assert_eq!(body.missing().unwrap().to_string(), "evicted");
    let impossible = [
        CapturedParts {
            length: 5,
            ..parts.clone()
        },
        CapturedParts {
            line_feeds: 11,
            ..parts.clone()
        },
        CapturedParts {
            cap: 2,
            ..parts.clone()
        },
        CapturedParts {
            marks: vec![Mark {
                offset: 11,
                at: Duration::ZERO,
            }],
            ..parts
        },
    ];
    for parts in impossible {
        assert!(CapturedBody::restore(parts).is_none());
    }
}

#[test]
fn small_writes_after_the_cap_stay_bounded() {
    let mut body = CapturedBody::new(0);
    for _ in 0..200_000 {
        body.push(&Bytes::from_static(b"y"), Duration::ZERO);
    }
    assert!(body.tail.len() <= 65);
    assert_eq!(
        (body.tail().len(), body.cut_bytes()),
        (TAIL_BYTES, 200_000 - TAIL_BYTES as u64)
    );
}
fn spilled(cap: usize, folder: Arc<SpillFolder>) -> CapturedBody {
    let mut body = CapturedBody::spilling(cap, folder);
    let piece: Vec<u8> = (0..100_000_u32).map(|at| (at % 241) as u8).collect();
    for index in 0..30 {
        body.push(
            &Bytes::copy_from_slice(&piece),
            Duration::from_millis(index),
        );
        if let Some(spill) = body.spill() {
            // The next piece is on the disk before it is pushed.
            spill.write(&piece);
        }
    }
    body
}

#[test]
fn a_long_stream_is_in_a_file_and_looks_like_one_in_memory() {
    let mut body = spilled(usize::MAX, SpillFolder::temporary());
    let mut same = CapturedBody::new(usize::MAX);
    let piece: Vec<u8> = (0..100_000_u32).map(|at| (at % 241) as u8).collect();
    for index in 0..30 {
        same.push(
            &Bytes::copy_from_slice(&piece),
            Duration::from_millis(index),
        );
    }
    assert_eq!(body.in_file(), 3_000_000);
    assert!(body.held_bytes() < 10_000);
    assert!(body.head() == same.head() && body.bytes() == same.bytes());
    let before = body.clone();
    body.push(&Bytes::from(piece), Duration::from_millis(99));
    assert_eq!(
        (body.head().len(), before.head().len()),
        (3_100_000, 3_000_000)
    );
    assert_eq!(format!("{before:?}"), format!("{same:?}"));
    assert_eq!(before.first(5), same.first(5));
}

#[test]
fn a_long_stream_over_its_cap_has_its_beginning_in_a_file_and_its_end_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let folder = SpillFolder::within(folder.path().to_owned());
    let mut body = spilled(2_000_000, folder);
    assert!(body.file().is_none());
    body.settle();
    assert_eq!(body.file().unwrap().length, 2_000_000);
    assert_eq!(body.cut_bytes(), 1_000_000 - TAIL_BYTES as u64);
    assert_eq!(body.cut_reason(), None);
}

#[test]
fn a_stream_whose_folder_is_gone_is_kept_in_a_file_without_a_name() {
    let folder = SpillFolder::within("/nonexistent/folder".into());
    let mut body = spilled(usize::MAX, folder);
    body.settle();
    assert_eq!((body.cut_reason(), body.cut_bytes()), (None, 0));
    assert_eq!(body.head().len(), 3_000_000);
    assert!(body.file().is_none());
}
