//! Sums over the tables, kept with every change: the tables are too long to be added up at each start.

use rusqlite::Connection;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Totals {
    /// The largest number that a run ever had; it is never given again.
    pub(super) last_run: i64,
    /// Rows.
    pub(super) runs: i64,
    /// Bytes of packed records.
    pub(super) record_bytes: i64,
    /// Bytes of contents in the database.
    pub(super) blob_bytes: i64,
    /// Bytes of contents in files.
    pub(super) file_bytes: i64,
    /// Records up to this number that have no row are what clearing left.
    pub(super) sweep: i64,
}

impl Totals {
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        const SELECT: &str =
            "SELECT last_run, runs, record_bytes, blob_bytes, file_bytes, sweep FROM totals";
        connection.query_row(SELECT, [], |row| {
            Ok(Self {
                last_run: row.get(0)?,
                runs: row.get(1)?,
                record_bytes: row.get(2)?,
                blob_bytes: row.get(3)?,
                file_bytes: row.get(4)?,
                sweep: row.get(5)?,
            })
        })
    }

    pub(super) fn save(&self, connection: &Connection) -> rusqlite::Result<()> {
        const UPDATE: &str = "UPDATE totals SET last_run = ?1, runs = ?2, record_bytes = ?3,
            blob_bytes = ?4, file_bytes = ?5, sweep = ?6";
        connection
            .prepare_cached(UPDATE)?
            .execute((
                self.last_run,
                self.runs,
                self.record_bytes,
                self.blob_bytes,
                self.file_bytes,
                self.sweep,
            ))
            .map(drop)
    }
}
