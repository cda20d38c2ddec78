//! Reading the recorded runs of a site, with or without an engine, while somebody may be writing.

use super::blobs::{Files, Kept};
use super::packed::unseal;
pub use super::text_index::Candidates;
use super::{StoreError, database, site_folder, text_index};
use crate::exchange::{Exchange, ExchangeId, ExchangeRow};
use crate::history::filter::{Filter, Narrowing};
use crate::record;
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rows that are fetched at a time: a reader that stays for long would keep the writer's log from being cut.
const PAGE: i64 = 2048;

/// The recorded runs of a site. Every question reads the disk: not for the window's thread.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    files: Files,
    connection: Mutex<Connection>,
}

impl Archive {
    /// The runs of the site at `site_root` that are kept below `state`, the user's folder for state; none where
    /// nothing was ever recorded. Somebody may be recording meanwhile.
    ///
    /// # Errors
    /// The folder or the database cannot be read; see [`StoreError`]. Nothing is changed or set aside.
    pub fn open(state: &Path, site_root: &Path) -> Result<Option<Self>, StoreError> {
        match site_folder::find(state, site_root)? {
            Some(folder) => Self::in_folder(&folder),
            None => Ok(None),
        }
    }

    pub(super) fn in_folder(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = folder.join(database::FILE);
        let connection = database::open_to_read(&path)?;
        Ok(connection.map(|connection| Self {
            path,
            files: Files::of_site(folder),
            connection: Mutex::new(connection),
        }))
    }

    /// All rows, newest first. Rows that come meanwhile are not among them.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        self.rows_before(ExchangeId(u64::MAX))
    }

    /// The rows with smaller numbers than this one, newest first.
    #[must_use]
    pub fn rows_before(&self, before: ExchangeId) -> Rows<'_> {
        Rows {
            archive: self,
            before: key(before),
            page: VecDeque::new(),
            over: false,
        }
    }

    /// One row, if there is one of that number.
    ///
    /// # Errors
    /// The database cannot be read, or the row is damaged.
    pub fn row(&self, id: ExchangeId) -> Result<Option<ExchangeRow>, StoreError> {
        const ONE: &str = "SELECT rows.row, marks.pinned, marks.comment, rows.id FROM rows
            LEFT JOIN marks ON marks.run = rows.id WHERE rows.id = ?1";
        let found = self.ask(|connection| {
            connection
                .prepare_cached(ONE)?
                .query_row([key(id)], stored_row)
                .optional()
        })?;
        found.map(|stored| self.restored(stored)).transpose()
    }

    /// One run with all its details; none where there is no run of that number, or its details had to go
    /// ([`Archive::row`] tells which). Bodies that had to go alone are told by the streams themselves.
    ///
    /// # Errors
    /// The database cannot be read, or the record is damaged.
    pub fn exchange(&self, id: ExchangeId) -> Result<Option<Exchange>, StoreError> {
        const ONE: &str = "SELECT record FROM records WHERE id = ?1
            AND EXISTS(SELECT 1 FROM rows WHERE rows.id = records.id)";
        let connection = self.locked();
        // One view of the database for the record and what it refers to.
        let view = connection
            .unchecked_transaction()
            .map_err(|error| database::told(error, &self.path))?;
        let record: Option<Vec<u8>> = view
            .prepare_cached(ONE)
            .and_then(|mut one| one.query_row([key(id)], |row| row.get(0)).optional())
            .map_err(|error| database::told(error, &self.path))?;
        let Some(record) = record else {
            return Ok(None);
        };
        let unreadable = |reason: String| self.unreadable(id, reason);
        let record = unseal(&record).map_err(|error| unreadable(error.to_string()))?;
        let kept = Kept {
            connection: &view,
            files: &self.files,
        };
        let exchange =
            record::unpack(&record, &kept).map_err(|error| unreadable(error.to_string()))?;
        Ok(Some(exchange))
    }

    /// Which runs may hold the text; whether they do is to be seen in each. What only a row tells is not looked for,
    /// and runs that are not on disk yet are not among them.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn search(&self, text: &str) -> Result<Candidates, StoreError> {
        self.ask(|connection| text_index::search(connection, text))
    }

    /// What the index of texts tells of a filter, so that not every record has to be read.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn narrow(&self, filter: &Filter) -> Result<Narrowing, StoreError> {
        let up_to = self.last_id()?;
        Narrowing::of(filter, up_to, |text| {
            self.search(text).map(|found| match found {
                Candidates::All => None,
                Candidates::These(runs) => Some(runs),
            })
        })
    }

    /// The largest number that a run ever had.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_id(&self) -> Result<ExchangeId, StoreError> {
        let last: i64 = self.ask(|connection| {
            connection.query_row("SELECT last_run FROM totals", [], |row| row.get(0))
        })?;
        Ok(ExchangeId(u64::try_from(last).unwrap_or_default()))
    }

    /// Reads all of the database and compares it with itself; takes long where there is much of it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), StoreError> {
        let found: String = self.ask(|connection| {
            connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        })?;
        match found.as_str() {
            "ok" => Ok(()),
            _ => Err(StoreError::Damaged {
                reason: found,
                path: self.path.clone(),
            }),
        }
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        question(&self.locked()).map_err(|error| database::told(error, &self.path))
    }

    fn page(&self, before: i64) -> Result<VecDeque<Stored>, StoreError> {
        const MANY: &str = "SELECT rows.row, marks.pinned, marks.comment, rows.id FROM rows
            LEFT JOIN marks ON marks.run = rows.id WHERE rows.id < ?1 ORDER BY rows.id DESC LIMIT ?2";
        self.ask(|connection| {
            let mut many = connection.prepare_cached(MANY)?;
            let rows = many.query_map([before, PAGE], stored_row)?;
            rows.collect()
        })
    }

    fn restored(&self, stored: Stored) -> Result<ExchangeRow, StoreError> {
        let unreadable = |reason: String| self.unreadable(stored.id, reason);
        let row = unseal(&stored.row).map_err(|error| unreadable(error.to_string()))?;
        let row = ExchangeRow::unpack(&row).map_err(|error| unreadable(error.to_string()))?;
        Ok(ExchangeRow {
            id: stored.id,
            pinned: stored.pinned,
            comment: stored.comment,
            ..row
        })
    }

    fn unreadable(&self, id: ExchangeId, reason: String) -> StoreError {
        StoreError::Unreadable {
            id,
            reason,
            path: self.path.clone(),
        }
    }

    fn locked(&self) -> MutexGuard<'_, Connection> {
        // A reader that panicked leaves no work half done: it only asked.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of a run as SQLite has it.
pub(super) fn key(id: ExchangeId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

struct Stored {
    id: ExchangeId,
    row: Vec<u8>,
    pinned: bool,
    comment: Option<String>,
}

fn stored_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Stored> {
    let id: i64 = row.get(3)?;
    Ok(Stored {
        id: ExchangeId(u64::try_from(id).unwrap_or_default()),
        row: row.get(0)?,
        pinned: row.get::<_, Option<bool>>(1)?.unwrap_or_default(),
        comment: row.get(2)?,
    })
}

/// Rows from the newest to the oldest. A damaged row is an error, after which the others follow; a database that
/// cannot be read any more is the last.
pub struct Rows<'a> {
    archive: &'a Archive,
    before: i64,
    page: VecDeque<Stored>,
    over: bool,
}

impl Iterator for Rows<'_> {
    type Item = Result<ExchangeRow, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.over {
            match self.archive.page(self.before) {
                Ok(page) => {
                    self.over = page.is_empty();
                    self.page = page;
                }
                Err(error) => {
                    self.over = true;
                    return Some(Err(error));
                }
            }
        }
        let stored = self.page.pop_front()?;
        self.before = key(stored.id);
        Some(self.archive.restored(stored))
    }
}
