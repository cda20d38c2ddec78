//! The database of a site: its tables, how it is opened, and what is wrong with it when it cannot be.

use super::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) const FILE: &str = "runs.sqlite3";
/// The version of the tables. Older ones are brought up to it, newer ones are set aside.
const VERSION: i64 = 1;
/// "CGIS": tells our files from other SQLite databases.
const APPLICATION: i64 = 0x4347_4953;
/// How long another connection's work is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// - `rows` are what a list shows, `records` the rest of a run, packed; a run whose details were evicted has only its row.
/// - `blobs` are bodies and sources by their hash: `content` is empty where a file holds it; `state` is 0 before, 1 after
///   compression, and 2 where that does not pay. `held` counts bytes as they are kept, `bytes` as they were.
/// - `uses` says which run needs which blob.
/// - `indexed` is 0 before a text is in `texts`, 1 when all of it is, 2 when only its beginning is.
///   A run's text has the run's number there, a blob's its own, negative.
/// - `totals` are sums over the tables, which are too long to be added up at each start; `last_run` is never given again,
///   and rows up to `swept` of which only remains are left have been cleared.
const TABLES: &str = "
CREATE TABLE totals(
    last_run INTEGER NOT NULL, runs INTEGER NOT NULL, record_bytes INTEGER NOT NULL,
    blob_bytes INTEGER NOT NULL, file_bytes INTEGER NOT NULL, sweep INTEGER NOT NULL);
INSERT INTO totals VALUES(0, 0, 0, 0, 0, 0);
CREATE TABLE rows(id INTEGER PRIMARY KEY, started INTEGER NOT NULL, row BLOB NOT NULL);
CREATE TABLE records(
    id INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, indexed INTEGER NOT NULL DEFAULT 0, record BLOB NOT NULL);
CREATE INDEX records_unindexed ON records(id) WHERE indexed <> 1;
CREATE TABLE blobs(
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, bytes INTEGER NOT NULL, held INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0, indexed INTEGER NOT NULL DEFAULT 0, content BLOB);
CREATE INDEX blobs_uncompressed ON blobs(number) WHERE state = 0;
CREATE INDEX blobs_unindexed ON blobs(number) WHERE indexed <> 1;
CREATE TABLE uses(run INTEGER NOT NULL, blob INTEGER NOT NULL, PRIMARY KEY(run, blob)) WITHOUT ROWID;
CREATE INDEX uses_of_blob ON uses(blob, run);
CREATE TABLE marks(run INTEGER PRIMARY KEY, pinned INTEGER NOT NULL, comment TEXT);
CREATE VIRTUAL TABLE texts USING fts5(text, content='', contentless_delete=1, detail=none, tokenize='trigram');
";

/// Opens the database for its one writer; makes it where there is none.
pub(super) fn open_to_write(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = opened(path, flags)?;
    prepare(&mut connection).map_err(|error| told_on_opening(error, path))?;
    check(&connection, path)?;
    Ok(connection)
}

/// Opens the database to read, while somebody may be writing; none where there is no database.
pub(super) fn open_to_read(path: &Path) -> Result<Option<Connection>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    // Written to only by SQLite itself: a reader keeps its place in the write-ahead log, or takes a dead writer's over.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = opened(path, flags).or_else(|_| {
        opened(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
    })?;
    let look = |connection: &Connection| {
        connection.pragma_update(None, "query_only", true)?;
        settings(connection)
    };
    look(&connection).map_err(|error| told_on_opening(error, path))?;
    if is_blank(&connection).map_err(|error| told_on_opening(error, path))? {
        return Ok(None);
    }
    check(&connection, path)?;
    Ok(Some(connection))
}

fn opened(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags).map_err(|error| told(error, path))?;
    connection
        .busy_timeout(BUSY)
        .map_err(|error| told(error, path))?;
    Ok(connection)
}

/// What every connection wants: a file from a stranger must not run anything, and a damaged page must not go unseen.
fn settings(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    settings(connection)?;
    if is_blank(connection)? {
        // Pages that become free can be given back; to be chosen before the first table.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        let making = connection.transaction()?;
        making.execute_batch(TABLES)?;
        making.pragma_update(None, "application_id", APPLICATION)?;
        making.pragma_update(None, "user_version", VERSION)?;
        making.commit()?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // The log is carried over into the file every 16 MiB, which is when the disk is waited for, and is cut to as much.
    connection.pragma_update(None, "wal_autocheckpoint", 4096)?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    connection.pragma_update(None, "cache_size", -8192)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Nothing was ever written into it.
fn is_blank(connection: &Connection) -> rusqlite::Result<bool> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(tables == 0)
}

/// It is ours, of a version that we know, and its tables can be read at both ends. A whole check would read all of it.
fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let ask = || {
        let application: i64 =
            connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        Ok((application, version))
    };
    let (application, version) = ask().map_err(|error| told_on_opening(error, path))?;
    if application != APPLICATION {
        let reason = "it belongs to another program".to_owned();
        return Err(damaged(reason, path));
    }
    if version > VERSION {
        return Err(StoreError::Newer {
            version,
            path: path.to_owned(),
        });
    }
    look_at_tables(connection).map_err(|error| told_on_opening(error, path))
}

/// A database that SQLite does not understand is damaged as well: a table or a column that is missing, a number of
/// its format that no version ever had.
fn told_on_opening(error: rusqlite::Error, path: &Path) -> StoreError {
    match told(error, path) {
        StoreError::Database {
            source: rusqlite::Error::SqliteFailure(error, words),
            path,
        } if error.code == ErrorCode::Unknown => damaged(words.unwrap_or_default(), &path),
        StoreError::Database {
            source: rusqlite::Error::SqlInputError { msg, .. },
            path,
        } => damaged(msg, &path),
        other => other,
    }
}

fn look_at_tables(connection: &Connection) -> rusqlite::Result<()> {
    const LOOKS: [&str; 7] = [
        "SELECT last_run, runs, record_bytes, blob_bytes, file_bytes, sweep FROM totals",
        "SELECT id, started, row FROM rows ORDER BY id DESC LIMIT 1",
        "SELECT id, bytes, indexed, record FROM records ORDER BY id DESC LIMIT 1",
        "SELECT number, hash, bytes, held, state, indexed FROM blobs ORDER BY number DESC LIMIT 1",
        "SELECT run, blob FROM uses ORDER BY run DESC LIMIT 1",
        "SELECT run, pinned, comment FROM marks ORDER BY run DESC LIMIT 1",
        "SELECT rowid FROM texts('\"abc\"') LIMIT 1",
    ];
    for look in LOOKS {
        connection.query_row(look, [], |_| Ok(())).optional()?;
    }
    Ok(())
}

fn damaged(reason: String, path: &Path) -> StoreError {
    StoreError::Damaged {
        reason,
        path: path.to_owned(),
    }
}

/// What an error of SQLite means: damage, or trouble that may pass.
pub(super) fn told(error: rusqlite::Error, path: &Path) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            damaged(error.to_string(), path)
        }
        _ => StoreError::Database {
            source: error,
            path: path.to_owned(),
        },
    }
}

/// Renames the database and what belongs to it; gives its new name. Nothing is ever deleted.
pub(super) fn set_aside(path: &Path, why: &str, at: &str) -> Result<PathBuf, StoreError> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let free = |count: u32| {
        let number = if count == 0 {
            String::new()
        } else {
            format!("-{count}")
        };
        path.with_file_name(format!("{file}.{why}-{at}{number}"))
    };
    let aside = (0..1000)
        .map(free)
        .find(|aside| !aside.exists())
        .unwrap_or_else(|| free(0));
    let with = |path: &Path, suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    // The log goes first: beside a new database it would be taken for its own.
    for suffix in ["-wal", "-shm", ""] {
        let (from, to) = (with(path, suffix), with(&aside, suffix));
        match std::fs::rename(&from, &to) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(StoreError::Folder {
                    doing: "set the database of recorded requests aside",
                    source,
                    path: from,
                });
            }
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(folder: &Path) -> PathBuf {
        let path = folder.join(FILE);
        drop(open_to_write(&path).unwrap());
        path
    }

    #[test]
    fn a_new_database_is_made_once_and_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open_to_read(&folder.path().join(FILE)).unwrap().is_none());
        let path = fresh(folder.path());
        open_to_write(&path).unwrap();
        let reader = open_to_read(&path).unwrap().unwrap();
        let refused = reader.execute("DELETE FROM rows", []).unwrap_err();
        assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::ReadOnly));
    }

    #[test]
    fn other_files_and_other_databases_are_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(
            &path,
            "this is no database, and long enough to be read as one",
        )
        .unwrap();
        assert!(matches!(
            open_to_write(&path),
            Err(StoreError::Damaged { .. })
        ));
        assert!(matches!(
            open_to_read(&path),
            Err(StoreError::Damaged { .. })
        ));
        std::fs::remove_file(&path).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE other(a)").unwrap();
        assert!(matches!(
            open_to_write(&path),
            Err(StoreError::Damaged { .. })
        ));
    }

    #[test]
    fn a_newer_version_is_told_from_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = fresh(folder.path());
        let newer = Connection::open(&path).unwrap();
        newer.pragma_update(None, "user_version", 7).unwrap();
        drop(newer);
        let refused = open_to_write(&path).unwrap_err();
        assert!(matches!(refused, StoreError::Newer { version: 7, .. }));
    }

    #[test]
    fn a_table_that_is_missing_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = fresh(folder.path());
        let other = Connection::open(&path).unwrap();
        other.execute_batch("DROP TABLE marks").unwrap();
        drop(other);
        assert!(matches!(
            open_to_write(&path),
            Err(StoreError::Damaged { .. })
        ));
    }

    #[test]
    fn what_is_set_aside_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let aside = |content: &str| {
            std::fs::write(&path, content).unwrap();
            std::fs::write(folder.path().join("runs.sqlite3-wal"), "log").unwrap();
            set_aside(&path, "damaged", "2026").unwrap()
        };
        let (first, second) = (aside("a"), aside("b"));
        assert_ne!(first, second);
        assert_eq!(std::fs::read_to_string(first).unwrap(), "a");
        assert!(!path.exists() && !folder.path().join("runs.sqlite3-wal").exists());
    }
}
