//! How a connection to the store is made: the settings that durability rests on, each read back.
//!
//! SQLite accepts a setting that it cannot honour in silence (`journal_mode=WAL` on a file system
//! without shared memory answers `delete`), so every one is asserted at every open.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{StoreError, migrate};

/// Bodies of 1 to 4 KB then rarely need overflow pages.
const PAGE_BYTES: i64 = 8192;
/// 2 is `FULL`: one fsync of the write-ahead log a commit. With grouped commits it is free.
const SYNCHRONOUS_FULL: i64 = 2;
/// LIMIT: what stays of the write-ahead log's file after a checkpoint.
const WAL_KEPT_BYTES: i64 = 64 << 20;
/// Only a backup or an export can make the writer wait; 5 s is far above either's lock.
pub(super) const BUSY: Duration = Duration::from_secs(5);
/// 3.51.3 mends a WAL reset race that could lose a commit.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// The writer's connection: created if missing, migrated, every setting asserted.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|e| StoreError::open(path, e))?;
    migrate::check(&connection, path)?;
    set(&connection).map_err(|e| StoreError::open(path, e))?;
    assert_settings(&connection, path)?;
    migrate::run(&mut connection, path)?;
    Ok(connection)
}

/// A connection that cannot write, for one reader. The store must exist.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|e| StoreError::open(path, e))?;
    migrate::check(&connection, path)?;
    connection
        .busy_timeout(BUSY)
        .and_then(|()| connection.pragma_update(None, "query_only", true))
        .map_err(|e| StoreError::open(path, e))?;
    Ok(connection)
}

fn set(c: &Connection) -> rusqlite::Result<()> {
    c.busy_timeout(BUSY)?;
    // Before anything else: the page size is settled by the first write.
    c.pragma_update(None, "page_size", PAGE_BYTES)?;
    c.pragma_update(None, "journal_mode", "wal")?;
    c.pragma_update(None, "synchronous", SYNCHRONOUS_FULL)?;
    // The writer checkpoints itself, after the acknowledgements.
    c.pragma_update(None, "wal_autocheckpoint", 0)?;
    c.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES)?;
    c.pragma_update(None, "cache_size", -65_536)?;
    // A bad sector under mmap is a signal instead of an error.
    c.pragma_update(None, "mmap_size", 0)?;
    c.pragma_update(None, "temp_store", "memory")?;
    // None is declared; on, so that one declared later is not ignored.
    c.pragma_update(None, "foreign_keys", true)?;
    // The file may have been handed to us: nothing in its schema is to run.
    c.pragma_update(None, "trusted_schema", false)?;
    c.pragma_update(None, "cell_size_check", true)?;
    c.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(())
}

fn assert_settings(c: &Connection, path: &Path) -> Result<(), StoreError> {
    let differs = |setting, found: String, wanted: &str| StoreError::Setting {
        path: path.to_owned(),
        setting,
        found,
        wanted: wanted.to_owned(),
    };
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(differs("version", rusqlite::version().into(), "3.51.3"));
    }
    let wanted = [
        ("journal_mode", "wal".to_owned()),
        ("synchronous", SYNCHRONOUS_FULL.to_string()),
        ("page_size", PAGE_BYTES.to_string()),
        ("wal_autocheckpoint", "0".to_owned()),
        ("foreign_keys", "1".to_owned()),
        ("trusted_schema", "0".to_owned()),
    ];
    for (setting, wanted) in wanted {
        let found = c
            .pragma_query_value(None, setting, |row| {
                row.get_ref(0).map(|value| match value {
                    rusqlite::types::ValueRef::Integer(i) => i.to_string(),
                    rusqlite::types::ValueRef::Text(t) => String::from_utf8_lossy(t).into_owned(),
                    other => format!("{other:?}"),
                })
            })
            .map_err(|e| StoreError::open(path, e))?;
        if found != wanted {
            return Err(differs(setting, found, &wanted));
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_did_not_hold_is_refused_by_name() {
        // A database in memory cannot have a write-ahead log.
        let c = Connection::open_in_memory().unwrap();
        set(&c).unwrap();
        let error = assert_settings(&c, Path::new("s.db")).err().unwrap();
        assert_eq!(error.code(), "CS-journal-04");
        assert!(error.to_string().contains("journal_mode"), "{error}");
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let _writer = writer(&path).unwrap();
        let reader = reader(&path).unwrap();
        assert!(reader.execute("DELETE FROM entry", []).is_err());
    }
}
