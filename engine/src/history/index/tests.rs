//! The index against a plain map that does the same.

use super::*;
use crate::clock::Timestamp;
use crate::exchange::{Progress, Recorded, RowKind, RowOrigin};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

fn row(id: u64) -> ExchangeRow {
    ExchangeRow {
        method: ["GET", "POST"][id as usize % 2].into(),
        target: format!("/cgi-bin/form.py?page={}", id % 100),
        name: "form.py".into(),
        kind: RowKind::Script,
        progress: Progress::Answered,
        status: (!id.is_multiple_of(7)).then_some(200 + (id % 5) as u16 * 75),
        duration: (!id.is_multiple_of(3)).then(|| Duration::from_micros(id * 31)),
        codes: (0..(id % 4) as u16).collect(),
        comment: id.is_multiple_of(50).then(|| format!("comment {id}")),
        pinned: id.is_multiple_of(11),
        origin: RowOrigin::numbered((id % 5) as u8, ExchangeId(id / 2)),
        recorded: [Recorded::NotYet, Recorded::OnDisk, Recorded::MemoryOnly][id as usize % 3],
        ..ExchangeRow::begun(ExchangeId(id), Timestamp::from_unix_millis(id as i64))
    }
}

#[track_caller]
fn check_same(index: &Index, rows: &BTreeMap<u64, ExchangeRow>) {
    let held: Vec<ExchangeRow> = index.iter().map(|row| row.to_row()).collect();
    let expected: Vec<ExchangeRow> = rows.values().cloned().collect();
    assert_eq!(held, expected);
    assert_eq!(index.len(), rows.len());
    let mut counts = Counts::default();
    for (place, (id, row)) in rows.iter().enumerate() {
        counts.add(row.into());
        assert_eq!(index.place(ExchangeId(*id)), Some(place));
        assert_eq!(index.at(place), Some(row.into()));
        assert_eq!(index.get(ExchangeId(*id)), Some(row.into()));
    }
    assert_eq!(index.counts(), counts);
    for places in [0..rows.len(), 5..1030, rows.len() / 2..rows.len() + 7, 7..7] {
        let expected: Vec<u64> = rows
            .keys()
            .copied()
            .skip(places.start)
            .take(places.len())
            .collect();
        let forward: Vec<u64> = index.range(places.clone()).map(|row| row.id.0).collect();
        let mut back: Vec<u64> = index.range(places).rev().map(|row| row.id.0).collect();
        back.reverse();
        assert_eq!((&forward, &back), (&expected, &expected));
    }
    assert_eq!(index.at(rows.len()), None);
}

#[derive(Clone, Debug)]
enum Step {
    Put(u64),
    Older(Vec<u64>),
    Remove(u64),
    Retain(u64),
    Forget(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let id = 1_u64..6_000;
    prop_oneof![
        8 => id.clone().prop_map(Step::Put),
        2 => prop::collection::vec(id.clone(), 0..1500).prop_map(Step::Older),
        2 => id.prop_map(Step::Remove),
        1 => (2_u64..9).prop_map(Step::Retain),
        2 => (0_usize..900).prop_map(Step::Forget),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_index_holds_what_a_map_would(steps in prop::collection::vec(step(), 1..14)) {
        let (mut index, mut rows) = (Index::default(), BTreeMap::new());
        for step in steps {
            let before = index.clone();
            let held = before.len();
            match step {
                Step::Put(id) => {
                    index.put(&row(id));
                    rows.insert(id, row(id));
                }
                Step::Older(ids) => {
                    index.put_older(ids.iter().map(|id| row(*id)).collect());
                    rows.extend(ids.into_iter().map(|id| (id, row(id))));
                }
                Step::Remove(id) => {
                    index.remove(ExchangeId(id));
                    rows.remove(&id);
                }
                Step::Retain(every) => {
                    index.retain(|row| row.id.0.is_multiple_of(every));
                    rows.retain(|id, _| id.is_multiple_of(every));
                }
                Step::Forget(count) => {
                    let gone = index.forget_oldest(count, |row| !row.pinned);
                    prop_assert!(gone.len() <= count);
                    rows.retain(|id, _| gone.binary_search(&ExchangeId(*id)).is_err());
                }
            }
            check_same(&index, &rows);
            prop_assert_eq!(before.iter().count(), held);
        }
    }
}

#[test]
fn a_row_changes_in_place_and_a_snapshot_stays_as_it_was() {
    let mut index: Index = (1..=3000).map(row).collect::<Vec<_>>().iter().collect();
    let before = index.clone();
    index.put(&ExchangeRow {
        pinned: true,
        ..row(5)
    });
    assert_eq!(before.get(ExchangeId(5)).map(|row| row.pinned), Some(false));
    assert_eq!(index.get(ExchangeId(5)).map(|row| row.pinned), Some(true));
    assert_eq!(index.counts().pinned, before.counts().pinned + 1);
}

#[test]
fn a_row_takes_at_most_128_bytes() {
    let mut index = Index::default();
    for id in 1..=100_000 {
        // Every target is another one.
        let target = format!("/cgi-bin/form.py/entry/{id}?page=1");
        index.put(&ExchangeRow {
            target,
            comment: None,
            ..row(id)
        });
    }
    assert!(index.bytes() < 128 * 100_000, "{}", index.bytes());
}

#[test]
fn every_mark_of_a_row_comes_back() {
    for number in 0..8 {
        let marked = ExchangeRow {
            kind: RowKind::numbered(number),
            progress: Progress::numbered(number),
            origin: RowOrigin::numbered(number, ExchangeId(3)),
            as_host: crate::exchange::host_numbered(number),
            older_source: number.is_multiple_of(2),
            recorded: [Recorded::NotYet, Recorded::OnDisk, Recorded::MemoryOnly]
                [usize::from(number) % 3],
            headline: Some((7, number.is_multiple_of(2))),
            pinned: number > 3,
            ..row(1)
        };
        let index: Index = [&marked].into_iter().collect();
        assert_eq!(index.at(0).map(|row| row.to_row()), Some(marked));
    }
}

#[test]
fn a_text_longer_than_its_count_is_cut() {
    let comment = "ä".repeat(50_000);
    let mut index = Index::default();
    index.put(&ExchangeRow {
        comment: Some(comment),
        ..row(1)
    });
    let held = index.get(ExchangeId(1)).and_then(|row| row.comment);
    assert_eq!(held.map(str::len), Some(65_534));
}
