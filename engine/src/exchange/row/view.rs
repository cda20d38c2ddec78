//! A row that lies somewhere else: what an [`ExchangeRow`] says, without owning its texts.

use super::{ExchangeRow, Progress, Recorded, RowKind, RowOrigin};
use crate::cgi::profile::HostProfile;
use crate::clock::Timestamp;
use crate::exchange::ExchangeId;
use std::sync::Arc;
use std::time::Duration;

/// A row by reference; the fields are those of [`ExchangeRow`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RowRef<'r> {
    /// The running number.
    pub id: ExchangeId,
    /// When it began.
    pub started: Timestamp,
    /// The method as sent.
    pub method: &'r str,
    /// The request target as sent, cut to 512 bytes.
    pub target: &'r str,
    /// The script's or file's own name; empty where there is none.
    pub name: &'r str,
    /// What kind of thing answered.
    pub kind: RowKind,
    /// How far it is.
    pub progress: Progress,
    /// The status, once it is decided.
    pub status: Option<u16>,
    /// From the first byte to the end of the response; absent while it runs.
    pub duration: Option<Duration>,
    /// Lines on standard error.
    pub stderr_lines: u32,
    /// Bytes of body answered.
    pub response_bytes: u64,
    /// The headline finding's code and whether it is an error.
    pub headline: Option<(u16, bool)>,
    /// The codes of all findings, the headline first.
    pub codes: &'r [u16],
    /// The rule set that `headline` and `codes` come from.
    pub rules: u16,
    /// Who asked.
    pub origin: RowOrigin,
    /// The host that it was run as.
    pub as_host: Option<HostProfile>,
    /// The script was saved while this run of it went on.
    pub older_source: bool,
    /// The user pinned it.
    pub pinned: bool,
    /// What the user wrote beside it.
    pub comment: Option<&'r str>,
    /// Where the whole record is.
    pub recorded: Recorded,
}

impl RowRef<'_> {
    /// As [`ExchangeRow::has_failed`].
    #[must_use]
    pub fn has_failed(&self) -> bool {
        super::has_failed(self.progress, self.status, self.headline)
    }

    /// A row of its own.
    #[must_use]
    pub fn to_row(&self) -> ExchangeRow {
        ExchangeRow {
            id: self.id,
            started: self.started,
            method: self.method.to_owned(),
            target: self.target.to_owned(),
            name: self.name.to_owned(),
            kind: self.kind,
            progress: self.progress,
            status: self.status,
            duration: self.duration,
            stderr_lines: self.stderr_lines,
            response_bytes: self.response_bytes,
            headline: self.headline,
            codes: self.codes.to_vec(),
            rules: self.rules,
            origin: self.origin,
            as_host: self.as_host,
            older_source: self.older_source,
            pinned: self.pinned,
            comment: self.comment.map(str::to_owned),
            recorded: self.recorded,
        }
    }
}

impl<'r> From<&'r ExchangeRow> for RowRef<'r> {
    fn from(row: &'r ExchangeRow) -> Self {
        Self {
            id: row.id,
            started: row.started,
            method: &row.method,
            target: &row.target,
            name: &row.name,
            kind: row.kind,
            progress: row.progress,
            status: row.status,
            duration: row.duration,
            stderr_lines: row.stderr_lines,
            response_bytes: row.response_bytes,
            headline: row.headline,
            codes: &row.codes,
            rules: row.rules,
            origin: row.origin,
            as_host: row.as_host,
            older_source: row.older_source,
            pinned: row.pinned,
            comment: row.comment.as_deref(),
            recorded: row.recorded,
        }
    }
}

impl<'r> From<&'r Arc<ExchangeRow>> for RowRef<'r> {
    fn from(row: &'r Arc<ExchangeRow>) -> Self {
        Self::from(&**row)
    }
}
