//! The writer's end of the database: everything that changes it, each change one transaction.

use super::archive::key;
use super::blobs::{COMPRESSED, FILE_BYTES, Files, Gathered, Kept};
use super::packed::seal;
use super::queue::Run;
use super::totals::Totals;
use super::{StoreError, database, text_index};
use crate::exchange::{CapturedBody, Exchange, ExchangeId, SpillFile};
use crate::record::{self, BlobId};
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Contents whose numbers are remembered: the sources of the scripts that run now, mostly.
const KNOWN: usize = 4096;

/// An open database, and the only one who writes it.
#[derive(Debug)]
pub(super) struct Disk {
    path: PathBuf,
    pub(super) connection: Connection,
    pub(super) files: Files,
    pub(super) totals: Totals,
    known: HashMap<BlobId, i64>,
    /// Runs that went altogether and nobody was told of yet.
    forgotten: Vec<i64>,
    /// What the file system knows the database by.
    node: Option<(u64, u64)>,
}

/// A run ready to be written.
pub(super) struct PackedRun {
    id: i64,
    started: i64,
    row: Vec<u8>,
    record: Vec<u8>,
    blobs: Vec<(BlobId, Vec<Bytes>)>,
    /// Holds the streams that are in files already.
    exchange: Arc<Exchange>,
}

impl PackedRun {
    pub(super) fn of(run: &Run) -> Self {
        let mut gathered = Gathered::default();
        let record = record::pack(&run.exchange, &mut gathered);
        Self {
            id: key(run.row.id),
            started: run.row.started.unix_millis(),
            row: seal(&run.row.pack()),
            record: seal(&record),
            blobs: gathered.0,
            exchange: Arc::clone(&run.exchange),
        }
    }

    /// The content as a file that was written while it flowed, and need only be given its name.
    fn file(&self, id: &BlobId) -> Option<&SpillFile> {
        let runs = &self.exchange.invocations;
        let streams = runs.iter().flat_map(|run| [&run.stdout, &run.stderr]);
        streams
            .chain([&self.exchange.request.body])
            .filter_map(CapturedBody::file)
            .find(|file| file.sha256 == id.0)
    }
}

impl Disk {
    /// Opens the database in a site's folder, or makes one there.
    pub(super) fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(database::FILE);
        let connection = database::open_to_write(&path)?;
        let totals = Totals::load(&connection).map_err(|error| database::told(error, &path))?;
        // Its run was never recorded, and the next one will have its number.
        connection
            .execute("DELETE FROM marks WHERE run > ?1", [totals.last_run])
            .map_err(|error| database::told(error, &path))?;
        Ok(Self {
            node: node(&path),
            path,
            connection,
            files: Files::of_site(folder),
            totals,
            known: HashMap::new(),
            forgotten: Vec::new(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file that was opened is still the one of that name: a deleted file could be written for ever, and nobody
    /// would find it again.
    pub(super) fn is_in_place(&self) -> bool {
        node(&self.path) == self.node
    }

    /// Bytes on disk.
    pub(super) fn bytes(&self) -> rusqlite::Result<u64> {
        let ask = |pragma: &str| -> rusqlite::Result<u64> {
            let value: i64 = self
                .connection
                .pragma_query_value(None, pragma, |row| row.get(0))?;
            Ok(u64::try_from(value).unwrap_or_default())
        };
        let used = ask("page_count")?.saturating_sub(ask("freelist_count")?);
        let files = u64::try_from(self.totals.file_bytes).unwrap_or_default();
        Ok(used * ask("page_size")? + files)
    }

    /// The contents that are kept.
    pub(super) fn kept(&self) -> Kept<'_> {
        Kept {
            connection: &self.connection,
            files: &self.files,
        }
    }

    /// Runs that went altogether since this was last asked.
    pub(super) fn take_forgotten(&mut self) -> Vec<ExchangeId> {
        let number = |run| u64::try_from(run).ok().map(ExchangeId);
        self.forgotten.drain(..).filter_map(number).collect()
    }

    /// Makes a change whole or not at all.
    pub(super) fn change<T>(
        &mut self,
        change: impl FnOnce(&mut Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut totals = self.totals;
        let (mut garbage, mut forgotten) = (Vec::new(), Vec::new());
        let outcome = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| database::told(error, &self.path))
            .and_then(|transaction| {
                let mut writing = Change {
                    path: &self.path,
                    transaction: &transaction,
                    files: &self.files,
                    totals: &mut totals,
                    known: &mut self.known,
                    garbage: &mut garbage,
                    forgotten: &mut forgotten,
                };
                let value = change(&mut writing)?;
                totals
                    .save(&transaction)
                    .and_then(|()| transaction.commit())
                    .map_err(|error| database::told(error, &self.path))?;
                Ok(value)
            });
        if outcome.is_ok() {
            self.totals = totals;
            self.forgotten.append(&mut forgotten);
            // Only now: had the change failed, the contents would still be needed.
            garbage.iter().for_each(|id| self.files.remove(id));
        } else {
            self.known.clear();
        }
        outcome
    }
}

fn node(path: &Path) -> Option<(u64, u64)> {
    let facts = fs::metadata(path).ok()?;
    Some((facts.dev(), facts.ino()))
}

/// A change under way.
pub(super) struct Change<'a> {
    path: &'a Path,
    pub(super) transaction: &'a Transaction<'a>,
    files: &'a Files,
    pub(super) totals: &'a mut Totals,
    known: &'a mut HashMap<BlobId, i64>,
    /// Files that nothing needs once the change is made.
    garbage: &'a mut Vec<BlobId>,
    forgotten: &'a mut Vec<i64>,
}

impl Change<'_> {
    /// Says what an error of SQLite means.
    pub(super) fn told<T>(&self, outcome: rusqlite::Result<T>) -> Result<T, StoreError> {
        outcome.map_err(|error| database::told(error, self.path))
    }

    fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize, StoreError> {
        self.told(
            self.transaction
                .prepare_cached(sql)
                .and_then(|mut statement| statement.execute(values)),
        )
    }

    /// The one value that a statement gives, if it gives any.
    fn value<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<Option<T>, StoreError> {
        self.told(
            self.transaction
                .prepare_cached(sql)
                .and_then(|mut statement| statement.query_row(values, |row| row.get(0)).optional()),
        )
    }

    /// The numbers that a statement gives.
    pub(super) fn numbers(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<i64>, StoreError> {
        self.told(
            self.transaction
                .prepare_cached(sql)
                .and_then(|mut statement| statement.query_map(values, |row| row.get(0))?.collect()),
        )
    }

    pub(super) fn record(&mut self, run: &PackedRun) -> Result<(), StoreError> {
        const ROW: &str = "INSERT OR REPLACE INTO rows(id, started, row) VALUES(?1, ?2, ?3)";
        const RECORD: &str = "INSERT OR REPLACE INTO records(id, bytes, record) VALUES(?1, ?2, ?3)";
        const USE: &str = "INSERT OR IGNORE INTO uses(run, blob) VALUES(?1, ?2)";
        self.execute(ROW, (run.id, run.started, &run.row))?;
        let bytes = length(run.record.len());
        self.execute(RECORD, (run.id, bytes, &run.record))?;
        for (id, pieces) in &run.blobs {
            let blob = self.blob(run, id, pieces)?;
            self.execute(USE, (run.id, blob))?;
        }
        self.totals.runs += 1;
        self.totals.record_bytes += bytes;
        self.totals.last_run = self.totals.last_run.max(run.id);
        Ok(())
    }

    /// The number of a content, which is entered where it is new.
    fn blob(&mut self, run: &PackedRun, id: &BlobId, pieces: &[Bytes]) -> Result<i64, StoreError> {
        if let Some(number) = self.known.get(id) {
            return Ok(*number);
        }
        let bytes: usize = pieces.iter().map(Bytes::len).sum();
        let is_file = bytes > FILE_BYTES;
        // A file that was lost is a content again once it comes again.
        if is_file && !self.files.has(id, bytes) {
            let adopted = run.file(id).is_some_and(|file| self.files.adopt(id, file));
            let written = if adopted {
                Ok(())
            } else {
                self.files.write(id, pieces)
            };
            written.map_err(|source| StoreError::Folder {
                doing: "write a recorded body",
                source,
                path: self.path.to_owned(),
            })?;
        }
        let number = self.value("SELECT number FROM blobs WHERE hash = ?1", [&id.0[..]])?;
        let number = match number {
            Some(number) => number,
            None => self.new_blob(id, pieces, bytes, is_file)?,
        };
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        self.known.insert(*id, number);
        Ok(number)
    }

    fn new_blob(
        &mut self,
        id: &BlobId,
        pieces: &[Bytes],
        bytes: usize,
        is_file: bool,
    ) -> Result<i64, StoreError> {
        const INSERT: &str = "INSERT INTO blobs(hash, bytes, held, content) VALUES(?1, ?2, ?2, ?3)";
        let bytes = length(bytes);
        let content = (!is_file).then(|| pieces.concat());
        self.execute(INSERT, (&id.0[..], bytes, content))?;
        if is_file {
            self.totals.file_bytes += bytes;
        } else {
            self.totals.blob_bytes += bytes;
        }
        Ok(self.transaction.last_insert_rowid())
    }

    /// Writes what the user marked a run with; nothing of both is no mark.
    pub(super) fn mark(
        &mut self,
        run: ExchangeId,
        pinned: bool,
        comment: Option<&str>,
    ) -> Result<(), StoreError> {
        let run = key(run);
        if pinned || comment.is_some() {
            const MARK: &str =
                "INSERT OR REPLACE INTO marks(run, pinned, comment) VALUES(?1, ?2, ?3)";
            self.execute(MARK, (run, pinned, comment))?;
        } else {
            self.execute("DELETE FROM marks WHERE run = ?1", [run])?;
        }
        Ok(())
    }

    /// Takes every run up to a number out of the list, but for pinned ones. Their details are swept up later.
    pub(super) fn clear(&mut self, up_to: ExchangeId) -> Result<(), StoreError> {
        const ROWS: &str = "DELETE FROM rows WHERE id <= ?1
            AND id NOT IN (SELECT run FROM marks WHERE pinned)";
        const MARKS: &str = "DELETE FROM marks WHERE run <= ?1 AND NOT pinned";
        let up_to = key(up_to);
        let gone = self.execute(ROWS, [up_to])?;
        self.execute(MARKS, [up_to])?;
        self.totals.runs -= length(gone);
        self.totals.sweep = self.totals.sweep.max(up_to.min(self.totals.last_run));
        Ok(())
    }

    /// Forgets runs altogether.
    pub(super) fn forget(&mut self, runs: &[i64]) -> Result<(), StoreError> {
        for run in runs {
            let gone = self.execute("DELETE FROM rows WHERE id = ?1", [run])?;
            self.execute("DELETE FROM marks WHERE run = ?1", [run])?;
            self.totals.runs -= length(gone);
        }
        self.forgotten.extend_from_slice(runs);
        self.evict(runs)
    }

    /// Forgets the details of runs; their rows stay.
    pub(super) fn evict(&mut self, runs: &[i64]) -> Result<(), StoreError> {
        const RECORD: &str = "DELETE FROM records WHERE id = ?1 RETURNING bytes";
        const USES: &str = "DELETE FROM uses WHERE run = ?1 RETURNING blob";
        let mut blobs = BTreeSet::new();
        for run in runs {
            if let Some(bytes) = self.value::<i64>(RECORD, [run])? {
                self.totals.record_bytes -= bytes;
            }
            blobs.extend(self.numbers(USES, [run])?);
        }
        self.told(text_index::remove(self.transaction, runs))?;
        for blob in blobs {
            let is_used =
                self.value::<i64>("SELECT 1 FROM uses WHERE blob = ?1 LIMIT 1", [blob])?;
            if is_used.is_none() {
                self.remove_blob(blob)?;
            }
        }
        Ok(())
    }

    /// Forgets a content, whoever uses it: those runs say so from now on.
    pub(super) fn remove_blob(&mut self, blob: i64) -> Result<(), StoreError> {
        const DELETE: &str =
            "DELETE FROM blobs WHERE number = ?1 RETURNING hash, held, content IS NULL";
        self.execute("DELETE FROM uses WHERE blob = ?1", [blob])?;
        let gone = self
            .transaction
            .prepare_cached(DELETE)
            .and_then(|mut delete| {
                let gone =
                    delete.query_row([blob], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
                gone.optional()
            });
        let gone: Option<([u8; 32], i64, bool)> = self.told(gone)?;
        self.told(text_index::remove(self.transaction, &[-blob]))?;
        if let Some((hash, held, is_file)) = gone {
            let id = BlobId(hash);
            self.known.remove(&id);
            if is_file {
                self.totals.file_bytes -= held;
                self.garbage.push(id);
            } else {
                self.totals.blob_bytes -= held;
            }
        }
        Ok(())
    }

    /// Notes how much of a text is in the index.
    pub(super) fn indexed(&mut self, doc: i64, state: i64) -> Result<(), StoreError> {
        let sql = if doc > 0 {
            "UPDATE records SET indexed = ?2 WHERE id = ?1"
        } else {
            "UPDATE blobs SET indexed = ?2 WHERE number = ?1"
        };
        self.execute(sql, (doc.abs(), state)).map(drop)
    }

    /// Notes that a content is compressed now, or never will be.
    pub(super) fn compressed(
        &mut self,
        blob: i64,
        state: i64,
        content: Option<&[u8]>,
        held: i64,
    ) -> Result<(), StoreError> {
        let before: Option<i64> = self.value("SELECT held FROM blobs WHERE number = ?1", [blob])?;
        if state != COMPRESSED {
            self.execute(
                "UPDATE blobs SET state = ?2 WHERE number = ?1",
                (blob, state),
            )?;
            return Ok(());
        }
        let saved = before.unwrap_or(held) - held;
        match content {
            Some(content) => {
                const INSIDE: &str =
                    "UPDATE blobs SET state = ?2, held = ?3, content = ?4 WHERE number = ?1";
                self.execute(INSIDE, (blob, state, held, content))?;
                self.totals.blob_bytes -= saved;
            }
            None => {
                const FILE: &str = "UPDATE blobs SET state = ?2, held = ?3 WHERE number = ?1";
                self.execute(FILE, (blob, state, held))?;
                self.totals.file_bytes -= saved;
            }
        }
        Ok(())
    }
}

pub(super) fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
