//! A row as bytes, for the store: a format byte, then MessagePack with one-letter field names.
//!
//! Fields that a reader does not know are skipped and those that are missing have their defaults, so that older and
//! newer versions read each other's rows. What the user said of a row (pinned, comment) and where its record is
//! change without the row; they are the store's own columns and not in the bytes.

use super::{ExchangeRow, Progress, Recorded, RowKind, RowOrigin};
use crate::cgi::profile::HostProfile;
use crate::clock::Timestamp;
use crate::exchange::ExchangeId;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

/// The first byte of every packed row.
const FORMAT: u8 = 1;

/// Bytes are no packed row.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// They begin as no version of this program writes them.
    #[error("a row of an unknown format: {found:?}")]
    Format {
        /// The first byte, if there is one.
        found: Option<u8>,
    },
    /// They cannot be read.
    #[error("a damaged row: {source}")]
    Damaged {
        /// What is wrong with them.
        #[from]
        source: rmp_serde::decode::Error,
    },
}

#[derive(Serialize, Deserialize)]
struct Packed<'r> {
    #[serde(rename = "i")]
    id: u64,
    /// Microseconds since 1970.
    #[serde(rename = "t")]
    started: i64,
    #[serde(rename = "m", default, skip_serializing_if = "is_default")]
    method: Cow<'r, str>,
    #[serde(rename = "u", default, skip_serializing_if = "is_default")]
    target: Cow<'r, str>,
    #[serde(rename = "n", default, skip_serializing_if = "is_default")]
    name: Cow<'r, str>,
    #[serde(rename = "k", default, skip_serializing_if = "is_default")]
    kind: u8,
    #[serde(rename = "p", default, skip_serializing_if = "is_default")]
    progress: u8,
    #[serde(rename = "s", default, skip_serializing_if = "is_default")]
    status: Option<u16>,
    /// Nanoseconds.
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    duration: Option<u64>,
    #[serde(rename = "e", default, skip_serializing_if = "is_default")]
    stderr_lines: u32,
    #[serde(rename = "b", default, skip_serializing_if = "is_default")]
    response_bytes: u64,
    #[serde(rename = "h", default, skip_serializing_if = "is_default")]
    headline: Option<(u16, bool)>,
    #[serde(rename = "c", default, skip_serializing_if = "is_default")]
    codes: Cow<'r, [u16]>,
    #[serde(rename = "r", default, skip_serializing_if = "is_default")]
    rules: u16,
    #[serde(rename = "o", default, skip_serializing_if = "is_default")]
    origin: u8,
    #[serde(rename = "f", default, skip_serializing_if = "is_default")]
    replay_of: u64,
    #[serde(rename = "a", default, skip_serializing_if = "is_default")]
    as_host: Option<u8>,
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    older_source: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl ExchangeRow {
    /// The row as bytes.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        let packed = Packed {
            id: self.id.0,
            started: self.started.unix_micros(),
            method: Cow::Borrowed(&self.method),
            target: Cow::Borrowed(&self.target),
            name: Cow::Borrowed(&self.name),
            kind: self.kind.number(),
            progress: self.progress.number(),
            status: self.status,
            duration: self
                .duration
                .map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)),
            stderr_lines: self.stderr_lines,
            response_bytes: self.response_bytes,
            headline: self.headline,
            codes: Cow::Borrowed(&self.codes),
            rules: self.rules,
            origin: self.origin.number(),
            replay_of: self.origin.replay_of().map_or(0, |id| id.0),
            as_host: self.as_host.map(host_number),
            older_source: self.older_source,
        };
        let mut bytes = vec![FORMAT];
        // Writing to a vector cannot fail, and every field here has a form in MessagePack.
        let written = rmp_serde::encode::write_named(&mut bytes, &packed);
        debug_assert!(written.is_ok(), "{written:?}");
        bytes
    }

    /// The row that [`Self::pack`] made these bytes of: not pinned, without a comment, on disk.
    ///
    /// # Errors
    /// The bytes are no row.
    pub fn unpack(bytes: &[u8]) -> Result<Self, RowError> {
        let packed: Packed<'_> = match bytes.split_first() {
            Some((&FORMAT, packed)) => rmp_serde::from_slice(packed)?,
            other => {
                return Err(RowError::Format {
                    found: other.map(|(first, _)| *first),
                });
            }
        };
        Ok(Self {
            id: ExchangeId(packed.id),
            started: Timestamp::from_unix_micros(packed.started),
            method: packed.method.into_owned(),
            target: packed.target.into_owned(),
            name: packed.name.into_owned(),
            kind: RowKind::numbered(packed.kind),
            progress: Progress::numbered(packed.progress),
            status: packed.status,
            duration: packed.duration.map(Duration::from_nanos),
            stderr_lines: packed.stderr_lines,
            response_bytes: packed.response_bytes,
            headline: packed.headline,
            codes: packed.codes.into_owned(),
            rules: packed.rules,
            origin: RowOrigin::numbered(packed.origin, ExchangeId(packed.replay_of)),
            as_host: packed.as_host.and_then(host_numbered),
            older_source: packed.older_source,
            pinned: false,
            comment: None,
            recorded: Recorded::OnDisk,
        })
    }
}

// The numbers stand in files: they never change, new ones come at the end.

impl RowKind {
    const ALL: [Self; 3] = [Self::Script, Self::File, Self::Studio];

    pub(crate) fn number(self) -> u8 {
        place(&Self::ALL, self)
    }

    /// A kind of a newer version is taken for the studio's own.
    pub(crate) fn numbered(number: u8) -> Self {
        at(&Self::ALL, number).unwrap_or(Self::Studio)
    }
}

impl Progress {
    const ALL: [Self; 5] = [
        Self::Answered,
        Self::CutOff,
        Self::Unanswered,
        Self::HungUp,
        Self::Running,
    ];

    pub(crate) fn number(self) -> u8 {
        place(&Self::ALL, self)
    }

    /// An end of a newer version is taken for one without a response.
    pub(crate) fn numbered(number: u8) -> Self {
        at(&Self::ALL, number).unwrap_or(Self::Unanswered)
    }
}

impl RowOrigin {
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Client => 0,
            Self::Studio => 1,
            Self::Replay(_) => 2,
            Self::Imported => 3,
            Self::ReplayOfSource(_) => 4,
        }
    }

    pub(crate) fn replay_of(self) -> Option<ExchangeId> {
        match self {
            Self::Replay(id) | Self::ReplayOfSource(id) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn numbered(number: u8, replay_of: ExchangeId) -> Self {
        match number {
            1 => Self::Studio,
            2 => Self::Replay(replay_of),
            3 => Self::Imported,
            4 => Self::ReplayOfSource(replay_of),
            _ => Self::Client,
        }
    }
}

/// The hosts by the numbers that stand in files.
const HOSTS: [HostProfile; 6] = [
    HostProfile::Apache,
    HostProfile::Lighttpd,
    HostProfile::NginxFcgiwrap,
    HostProfile::Cpython,
    HostProfile::Go,
    HostProfile::Busybox,
];

pub(crate) fn host_number(host: HostProfile) -> u8 {
    place(&HOSTS, host)
}

pub(crate) fn host_numbered(number: u8) -> Option<HostProfile> {
    at(&HOSTS, number)
}

/// Every value stands in its list, as a test holds.
fn place<T: PartialEq + Copy>(all: &[T], value: T) -> u8 {
    let place = all.iter().position(|other| *other == value);
    place
        .and_then(|place| u8::try_from(place).ok())
        .unwrap_or(u8::MAX)
}

fn at<T: Copy>(all: &[T], number: u8) -> Option<T> {
    all.get(usize::from(number)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> ExchangeRow {
        ExchangeRow {
            method: "POST".into(),
            target: "/cgi-bin/form.py?größe=1".into(),
            name: "form.py".into(),
            kind: RowKind::Script,
            progress: Progress::HungUp,
            status: Some(502),
            duration: Some(Duration::from_nanos(48_000_123)),
            stderr_lines: 3,
            response_bytes: 1 << 40,
            headline: Some((24, true)),
            codes: vec![24, 7, 300],
            rules: 2,
            origin: RowOrigin::Replay(ExchangeId(12)),
            as_host: Some(HostProfile::Busybox),
            older_source: true,
            recorded: Recorded::OnDisk,
            ..ExchangeRow::begun(
                ExchangeId(u64::MAX),
                Timestamp::from_unix_micros(1_700_000_000_123_456),
            )
        }
    }

    #[track_caller]
    fn check(row: &ExchangeRow) {
        assert_eq!(ExchangeRow::unpack(&row.pack()).unwrap(), *row);
    }

    #[test]
    fn a_row_comes_back_as_it_was() {
        check(&row());
        let empty = ExchangeRow::begun(ExchangeId(1), Timestamp::from_unix_millis(-5));
        check(&ExchangeRow {
            recorded: Recorded::OnDisk,
            ..empty
        });
        for number in 0..5 {
            check(&ExchangeRow {
                kind: RowKind::numbered(number),
                progress: Progress::numbered(number),
                origin: RowOrigin::numbered(number, ExchangeId(7)),
                as_host: host_numbered(number),
                ..row()
            });
        }
        for host in HostProfile::ALL {
            assert_eq!(host_numbered(host_number(host)), Some(host));
        }
    }

    #[test]
    fn what_the_user_said_of_it_and_where_it_is_are_not_in_the_bytes() {
        let marked = ExchangeRow {
            pinned: true,
            comment: Some("look".into()),
            recorded: Recorded::MemoryOnly,
            ..row()
        };
        assert_eq!(ExchangeRow::unpack(&marked.pack()).unwrap(), row());
    }

    #[test]
    fn a_common_row_takes_less_than_128_bytes() {
        let common = ExchangeRow {
            target: "/cgi-bin/hello.py?name=Zoe&page=12".into(),
            name: "hello.py".into(),
            method: "GET".into(),
            codes: Vec::new(),
            headline: None,
            origin: RowOrigin::Client,
            as_host: None,
            id: ExchangeId(1_000_000),
            ..row()
        };
        let length = common.pack().len();
        assert!(length < 128, "{length}");
    }

    #[test]
    fn fields_of_a_newer_version_are_skipped_and_missing_ones_are_empty() {
        let newer = serde_json::json!({"i": 7, "t": 5_000, "zz": {"deep": [1, 2]}});
        let mut bytes = vec![FORMAT];
        rmp_serde::encode::write_named(&mut bytes, &newer).unwrap();
        let read = ExchangeRow::unpack(&bytes).unwrap();
        let expected = ExchangeRow {
            progress: Progress::Answered,
            kind: RowKind::Script,
            recorded: Recorded::OnDisk,
            ..ExchangeRow::begun(ExchangeId(7), Timestamp::from_unix_millis(5))
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn what_is_no_row_is_refused_and_never_panics() {
        let whole = row().pack();
        for length in 0..whole.len() {
            assert!(ExchangeRow::unpack(&whole[..length]).is_err(), "{length}");
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            let _ = ExchangeRow::unpack(&damaged);
        }
        let error = ExchangeRow::unpack(&[9, 1, 2]).unwrap_err();
        assert_eq!(error.to_string(), "a row of an unknown format: Some(9)");
    }
}
