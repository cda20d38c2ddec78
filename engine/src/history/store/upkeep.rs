//! What the writer does when nothing comes: small steps, between which it looks whether something came.

use super::blobs::{COMPRESSED, COMPRESSED_FILE_BYTES, INCOMPRESSIBLE, worth_it};
use super::disk::{Disk, length};
use super::packed::unseal;
use super::retention::Trimming;
use super::{Retention, StoreError, database, text_index};
use crate::clock::Timestamp;
use crate::record::{BlobId, BlobSource as _};
use rusqlite::OptionalExtension as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// A step takes about so long.
const STEP: Duration = Duration::from_millis(15);
/// Records that clearing left and that go in one transaction.
const SWEPT_AT_ONCE: i64 = 200;
/// Pages that are given back in one step, and how many may be free without that.
const PAGES: i64 = 512;
const FREE_PAGES: i64 = 1024;

/// What is left to be done.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    trimming: Trimming,
    /// Records up to this number were looked at for what clearing left.
    swept: i64,
    strays_removed: bool,
}

impl Upkeep {
    /// Takes one step; false when nothing is left to be done.
    pub(super) fn step(
        &mut self,
        disk: &mut Disk,
        retention: &Retention,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if !self.strays_removed {
            self.strays_removed = true;
            remove_strays(disk)?;
            return Ok(true);
        }
        Ok(self.trim(disk, retention, now)?
            || self.sweep(disk)?
            || index_texts(disk)?
            || compress(disk)?
            || give_back(disk)?)
    }

    /// The part that cannot wait until nothing comes.
    pub(super) fn trim(
        &mut self,
        disk: &mut Disk,
        retention: &Retention,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.trimming.step(disk, retention, now)
    }

    /// Details of runs that were cleared from the list.
    fn sweep(&mut self, disk: &mut Disk) -> Result<bool, StoreError> {
        const NEXT: &str = "SELECT id FROM records WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3";
        const HAS_ROW: &str = "SELECT id FROM rows WHERE id BETWEEN ?1 AND ?2";
        if disk.totals.sweep == 0 {
            return Ok(false);
        }
        let seen = self.swept;
        self.swept = disk.change(|change| {
            let next = change.numbers(NEXT, (seen, change.totals.sweep, SWEPT_AT_ONCE))?;
            let (Some(first), Some(last)) = (next.first(), next.last()) else {
                change.totals.sweep = 0;
                return Ok(0);
            };
            let rows = change.numbers(HAS_ROW, (first, last))?;
            let gone: Vec<i64> = next
                .iter()
                .copied()
                .filter(|id| rows.binary_search(id).is_err())
                .collect();
            change.evict(&gone)?;
            Ok(*last)
        })?;
        Ok(true)
    }
}

/// Files of contents that the database does not know: their run was being written when the studio died.
/// A database that was set aside may know them, so where there is one nothing is removed.
fn remove_strays(disk: &Disk) -> Result<(), StoreError> {
    let folder = disk.path().parent().unwrap_or(Path::new("."));
    let aside = |name: &str| {
        name.strip_prefix(database::FILE)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let mut names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    if names.any(|entry| entry.file_name().to_str().is_some_and(aside)) {
        return Ok(());
    }
    for (path, id) in disk.files.all() {
        let is_known = match id {
            Some(id) => is_known(disk, &id)?,
            // Only what we would have named in time is ours.
            None => !path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b".new-")),
        };
        if !is_known {
            let _ = std::fs::remove_file(path);
        }
    }
    Ok(())
}

fn is_known(disk: &Disk, id: &BlobId) -> Result<bool, StoreError> {
    const SELECT: &str = "SELECT 1 FROM blobs WHERE hash = ?1 AND content IS NULL";
    disk.connection
        .prepare_cached(SELECT)
        .and_then(|mut select| select.exists([&id.0[..]]))
        .map_err(|error| database::told(error, disk.path()))
}

/// Something that has no place in the index of texts yet.
enum Unindexed {
    Record(i64, Vec<u8>),
    Blob(i64, BlobId),
}

/// Enters texts in the index, the newest first.
fn index_texts(disk: &mut Disk) -> Result<bool, StoreError> {
    let begun = Instant::now();
    let mut texts = Vec::new();
    while begun.elapsed() < STEP / 3 && texts.len() < 64 {
        let after = texts.last().map(|(doc, _)| *doc);
        let Some(next) = next_unindexed(disk, after)? else {
            break;
        };
        texts.push(next);
    }
    if texts.is_empty() {
        return Ok(false);
    }
    disk.change(|change| {
        for (doc, text) in &texts {
            let state = change.told(text_index::enter(change.transaction, *doc, text))?;
            change.indexed(*doc, state)?;
            if begun.elapsed() > STEP {
                break;
            }
        }
        Ok(())
    })?;
    Ok(true)
}

/// A text that is not in the index, after the one with this number: its number there and itself. Contents come before
/// records: many runs share the source of a script, and all of them are candidates for everything until it is there.
pub(super) fn next_unindexed(
    disk: &Disk,
    after: Option<i64>,
) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    const RECORD: &str = "SELECT id, record FROM records
        WHERE indexed <> 1 AND indexed = 0 AND id < ?1 ORDER BY id DESC LIMIT 1";
    const BLOB: &str = "SELECT number, hash FROM blobs
        WHERE indexed <> 1 AND indexed = 0 AND number < ?1 ORDER BY number DESC LIMIT 1";
    let told = |error| database::told(error, disk.path());
    let blobs_below = match after {
        Some(doc) if doc > 0 => None,
        seen => Some(seen.map_or(i64::MAX, i64::saturating_neg)),
    };
    let blob = |below: i64| {
        disk.connection
            .prepare_cached(BLOB)
            .and_then(|mut select| {
                let found = select.query_row([below], |row| {
                    Ok(Unindexed::Blob(row.get(0)?, BlobId(row.get(1)?)))
                });
                found.optional()
            })
            .map_err(told)
    };
    let record = |below: i64| {
        disk.connection
            .prepare_cached(RECORD)
            .and_then(|mut select| {
                let found = select.query_row([below], |row| {
                    Ok(Unindexed::Record(row.get(0)?, row.get(1)?))
                });
                found.optional()
            })
            .map_err(told)
    };
    let next = match blobs_below.map(blob).transpose()?.flatten() {
        Some(blob) => Some(blob),
        None => record(after.filter(|doc| *doc > 0).unwrap_or(i64::MAX))?,
    };
    Ok(next.map(|next| match next {
        // What cannot be read holds no text that could be found.
        Unindexed::Record(id, record) => {
            let record = unseal(&record).ok();
            let text = record.and_then(|record| text_index::text_of(&record).ok());
            (id, text.unwrap_or_default())
        }
        Unindexed::Blob(number, id) => {
            let content = disk.kept().get(&id).ok().flatten();
            (-number, content.unwrap_or_default().to_vec())
        }
    }))
}

/// Compresses one content.
fn compress(disk: &mut Disk) -> Result<bool, StoreError> {
    const NEXT: &str = "SELECT number, hash, bytes, content FROM blobs WHERE state = 0 LIMIT 1";
    let next = disk
        .connection
        .prepare_cached(NEXT)
        .and_then(|mut select| {
            let found = select.query_row([], |row| {
                let (number, hash): (i64, [u8; 32]) = (row.get(0)?, row.get(1)?);
                let (bytes, content): (i64, Option<Vec<u8>>) = (row.get(2)?, row.get(3)?);
                Ok((number, BlobId(hash), bytes, content))
            });
            found.optional()
        })
        .map_err(|error| database::told(error, disk.path()))?;
    let Some((number, id, bytes, content)) = next else {
        return Ok(false);
    };
    match content {
        Some(content) => {
            let smaller = worth_it(&content);
            disk.change(|change| match &smaller {
                Some(smaller) => {
                    change.compressed(number, COMPRESSED, Some(smaller), length(smaller.len()))
                }
                None => change.compressed(number, INCOMPRESSIBLE, None, bytes),
            })?;
        }
        None => compress_file(disk, number, &id, bytes)?,
    }
    Ok(true)
}

fn compress_file(disk: &mut Disk, number: i64, id: &BlobId, bytes: i64) -> Result<(), StoreError> {
    let is_small = u64::try_from(bytes).is_ok_and(|bytes| bytes <= COMPRESSED_FILE_BYTES);
    let held = match is_small.then(|| disk.files.compress(id)) {
        Some(Ok(held)) => held,
        Some(Err(source)) => {
            return Err(StoreError::Folder {
                doing: "compress a recorded body",
                source,
                path: disk.path().to_owned(),
            });
        }
        None => None,
    };
    let held = held.map(|held| i64::try_from(held).unwrap_or(i64::MAX));
    disk.change(|change| match held {
        Some(held) => change.compressed(number, COMPRESSED, None, held),
        None => change.compressed(number, INCOMPRESSIBLE, None, bytes),
    })?;
    if held.is_some() {
        disk.files.remove_plain(id);
    }
    Ok(())
}

/// Gives free pages back to the system.
fn give_back(disk: &Disk) -> Result<bool, StoreError> {
    let told = |error| database::told(error, disk.path());
    let free: i64 = disk
        .connection
        .pragma_query_value(None, "freelist_count", |row| row.get(0))
        .map_err(told)?;
    if free <= FREE_PAGES {
        return Ok(false);
    }
    let sql = format!("PRAGMA incremental_vacuum({PAGES})");
    // It gives a row for each page, and frees it only when that row is asked for.
    let mut vacuum = disk.connection.prepare(&sql).map_err(told)?;
    let mut rows = vacuum.query([]).map_err(told)?;
    while rows.next().map_err(told)?.is_some() {}
    Ok(true)
}
