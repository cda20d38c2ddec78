//! A thousand rows in one piece: fixed parts side by side, texts in one string.

use crate::clock::Timestamp;
use crate::exchange::{
    ExchangeId, Progress, Recorded, RowKind, RowOrigin, RowRef, host_number, host_numbered,
};
use std::time::Duration;

/// Texts that came last and are looked through before one is stored once more. Targets repeat, and so do names.
const KNOWN: usize = 48;

/// Rows in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    rows: Vec<Packed>,
    texts: String,
    codes: Vec<u16>,
    known: Vec<Text>,
    next_known: usize,
}

/// Where a text stands in the chunk's string.
#[derive(Clone, Copy, Debug, Default)]
struct Text {
    start: u32,
    length: u16,
}

/// A row without its texts.
#[derive(Clone, Copy, Debug)]
struct Packed {
    id: u64,
    /// Microseconds since 1970.
    started: i64,
    /// Nanoseconds; the largest number stands for none.
    duration: u64,
    response_bytes: u64,
    replay_of: u64,
    stderr_lines: u32,
    texts: [u32; 4],
    codes: u32,
    lengths: [u16; 4],
    status: u16,
    headline: u16,
    rules: u16,
    flags: u16,
    code_count: u8,
    as_host: u8,
}

const METHOD: usize = 0;
const TARGET: usize = 1;
const NAME: usize = 2;
const COMMENT: usize = 3;

// From the lowest bit: kind 2, progress 3, origin 3, recorded 2, then one bit each.
const PROGRESS: u16 = 2;
const ORIGIN: u16 = 5;
const RECORDED: u16 = 8;
const HAS_STATUS: u16 = 1 << 10;
const HAS_HEADLINE: u16 = 1 << 11;
const HEADLINE_IS_ERROR: u16 = 1 << 12;
const PINNED: u16 = 1 << 13;
const HAS_COMMENT: u16 = 1 << 14;
const OLDER_SOURCE: u16 = 1 << 15;

impl Chunk {
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self {
            rows: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Packed>()
            + self.texts.capacity()
            + self.codes.capacity() * 2
    }

    /// Gives back memory that is not needed until something changes again.
    pub(super) fn seal(&mut self) {
        self.rows.shrink_to_fit();
        self.texts.shrink_to_fit();
        self.codes.shrink_to_fit();
        self.known = Vec::new();
    }

    pub(super) fn id(&self, at: usize) -> Option<ExchangeId> {
        self.rows.get(at).map(|row| ExchangeId(row.id))
    }

    pub(super) fn last_id(&self) -> Option<ExchangeId> {
        self.rows.last().map(|row| ExchangeId(row.id))
    }

    /// How many rows have a lower number.
    pub(super) fn rank(&self, id: ExchangeId) -> usize {
        self.rows.partition_point(|row| row.id < id.0)
    }

    /// Replaces the row at this place, or puts it there before what follows.
    pub(super) fn put(&mut self, at: usize, row: RowRef<'_>, replace: bool) {
        let packed = self.pack(row);
        match self.rows.get_mut(at).filter(|_| replace) {
            Some(place) => *place = packed,
            None => self.rows.insert(at.min(self.rows.len()), packed),
        }
    }

    pub(super) fn remove(&mut self, at: usize) {
        if at < self.rows.len() {
            self.rows.remove(at);
        }
    }

    /// Takes the later half of the rows away; the texts of both halves stay in both.
    pub(super) fn split_off_half(&mut self) -> Self {
        let later = self.rows.split_off(self.rows.len() / 2);
        Self {
            rows: later,
            ..self.clone()
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<RowRef<'_>> {
        self.rows.get(at).map(|row| self.unpack(row))
    }

    fn pack(&mut self, row: RowRef<'_>) -> Packed {
        let texts = [
            row.method,
            row.target,
            row.name,
            row.comment.unwrap_or_default(),
        ]
        .map(|text| self.store(text));
        let (codes, code_count) = self.store_codes(row.codes);
        Packed {
            id: row.id.0,
            started: row.started.unix_micros(),
            duration: row.duration.map_or(u64::MAX, |time| {
                u64::try_from(time.as_nanos()).unwrap_or(u64::MAX - 1)
            }),
            response_bytes: row.response_bytes,
            replay_of: row.origin.replay_of().map_or(0, |id| id.0),
            stderr_lines: row.stderr_lines,
            texts: texts.map(|text| text.start),
            codes,
            lengths: texts.map(|text| text.length),
            status: row.status.unwrap_or_default(),
            headline: row.headline.map_or(0, |(code, _)| code),
            rules: row.rules,
            flags: flags(row),
            code_count,
            as_host: row.as_host.map_or(u8::MAX, host_number),
        }
    }

    fn unpack(&self, row: &Packed) -> RowRef<'_> {
        let flag = |flag: u16| row.flags & flag != 0;
        let part = |shift: u16, bits: u16| (row.flags >> shift & ((1 << bits) - 1)) as u8;
        let text = |which: usize| {
            self.text(Text {
                start: row.texts[which],
                length: row.lengths[which],
            })
        };
        let codes = row.codes as usize..row.codes as usize + usize::from(row.code_count);
        RowRef {
            id: ExchangeId(row.id),
            started: Timestamp::from_unix_micros(row.started),
            method: text(METHOD),
            target: text(TARGET),
            name: text(NAME),
            kind: RowKind::numbered(part(0, 2)),
            progress: Progress::numbered(part(PROGRESS, 3)),
            status: flag(HAS_STATUS).then_some(row.status),
            duration: (row.duration != u64::MAX).then(|| Duration::from_nanos(row.duration)),
            stderr_lines: row.stderr_lines,
            response_bytes: row.response_bytes,
            headline: flag(HAS_HEADLINE).then(|| (row.headline, flag(HEADLINE_IS_ERROR))),
            codes: self.codes.get(codes).unwrap_or_default(),
            rules: row.rules,
            origin: RowOrigin::numbered(part(ORIGIN, 3), ExchangeId(row.replay_of)),
            as_host: host_numbered(row.as_host),
            older_source: flag(OLDER_SOURCE),
            pinned: flag(PINNED),
            comment: flag(HAS_COMMENT).then(|| text(COMMENT)),
            recorded: recorded_numbered(part(RECORDED, 2)),
        }
    }

    fn text(&self, text: Text) -> &str {
        let start = text.start as usize;
        self.texts
            .get(start..start + usize::from(text.length))
            .unwrap_or_default()
    }

    /// A text that a hostile client could make longer than its count is cut; targets are cut before.
    fn store(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return Text::default();
        }
        let text = &text[..text.floor_char_boundary(usize::from(u16::MAX))];
        let known = self.known.iter().find(|known| self.text(**known) == text);
        if let Some(known) = known {
            return *known;
        }
        let stored = Text {
            // A thousand rows of such texts stay far below four gigabytes.
            start: u32::try_from(self.texts.len()).unwrap_or(u32::MAX),
            length: u16::try_from(text.len()).unwrap_or(u16::MAX),
        };
        self.texts.push_str(text);
        if self.known.len() < KNOWN {
            self.known.push(stored);
        } else if let Some(place) = self.known.get_mut(self.next_known) {
            *place = stored;
            self.next_known = (self.next_known + 1) % KNOWN;
        }
        stored
    }

    fn store_codes(&mut self, codes: &[u16]) -> (u32, u8) {
        let codes = &codes[..codes.len().min(usize::from(u8::MAX))];
        let count = codes.len() as u8;
        let known = match codes {
            [] => Some(0),
            codes => self
                .codes
                .windows(codes.len())
                .position(|window| window == codes),
        };
        let start = known.unwrap_or_else(|| {
            self.codes.extend_from_slice(codes);
            self.codes.len() - codes.len()
        });
        (u32::try_from(start).unwrap_or(u32::MAX), count)
    }
}

fn flags(row: RowRef<'_>) -> u16 {
    let bits = [
        (HAS_STATUS, row.status.is_some()),
        (HAS_HEADLINE, row.headline.is_some()),
        (
            HEADLINE_IS_ERROR,
            row.headline.is_some_and(|(_, error)| error),
        ),
        (PINNED, row.pinned),
        (HAS_COMMENT, row.comment.is_some()),
        (OLDER_SOURCE, row.older_source),
    ];
    let numbers = u16::from(row.kind.number())
        | u16::from(row.progress.number()) << PROGRESS
        | u16::from(row.origin.number()) << ORIGIN
        | u16::from(recorded_number(row.recorded)) << RECORDED;
    let set = bits.into_iter().filter(|(_, is)| *is);
    set.fold(numbers, |flags, (bit, _)| flags | bit)
}

fn recorded_number(recorded: Recorded) -> u8 {
    match recorded {
        Recorded::NotYet => 0,
        Recorded::OnDisk => 1,
        Recorded::MemoryOnly => 2,
    }
}

fn recorded_numbered(number: u8) -> Recorded {
    match number {
        1 => Recorded::OnDisk,
        2 => Recorded::MemoryOnly,
        _ => Recorded::NotYet,
    }
}
