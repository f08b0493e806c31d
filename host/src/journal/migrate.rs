//! The store's tables, and the way from every released shape to the newest.
//!
//! One list, applied in order inside one exclusive transaction: a kill in the middle leaves the
//! old shape or the new one. A store that is newer than this program is refused before anything
//! is written to it. Entries are never rewritten by a migration, or the chain would break.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// `CSJ1`, so that another program's database is told apart.
const APPLICATION_ID: i64 = 0x4353_4a31;

/// Step `i` leads from schema `i` to `i + 1`. Released steps are never edited.
const STEPS: &[&str] = &["
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- One row an entry. `header` is what is hashed; the columns before it repeat it for queries.
CREATE TABLE entry(
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL,
    case_id TEXT, payload TEXT NOT NULL, hash TEXT NOT NULL, header BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_tenant ON entry(tenant, n);
CREATE INDEX entry_case ON entry(tenant, case_id, n) WHERE case_id IS NOT NULL;

-- The last entry of each chain: a cut tail shows, and no start has to search for it.
CREATE TABLE head(tenant TEXT PRIMARY KEY, n INTEGER NOT NULL, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Bodies and raw bytes, a tenant's own: two tenants never share a row, so erasing one's data
-- cannot take the other's.
CREATE TABLE payload(tenant TEXT NOT NULL, digest TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX payload_digest ON payload(tenant, digest);

-- Projections.
CREATE TABLE doc(
    tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    live INTEGER NOT NULL, at_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX doc_id ON doc(tenant, kind, id);
CREATE INDEX doc_live ON doc(tenant, kind, id) WHERE live = 1;
"];

/// The schema that this program writes.
pub(super) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Refuses a newer store and a database of something else; writes nothing.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let read = |name| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|e| StoreError::open(path, e))
    };
    let (version, application) = (read("user_version")?, read("application_id")?);
    let path = path.to_owned();
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| StoreError::open(&path, e))?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(StoreError::Foreign {
            path,
            found: application,
        });
    }
    if version > known() {
        return Err(StoreError::Newer {
            path,
            found: version,
            known: known(),
        });
    }
    Ok(())
}

/// Brings the store to the newest schema, all or nothing, and gives a new one its id.
pub(super) fn run(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    migrate(connection).map_err(|e| StoreError::open(path, e))
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let at: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if at < known() {
        for step in STEPS.iter().skip(usize::try_from(at).unwrap_or(0)) {
            tx.execute_batch(step)?;
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", known())?;
    }
    tx.execute(
        "INSERT INTO meta VALUES('store_id', ?1) ON CONFLICT DO NOTHING",
        [uuid::Uuid::now_v7().to_string()],
    )?;
    tx.commit()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_store_is_refused_and_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        {
            let mut c = Connection::open(&path).unwrap();
            run(&mut c, &path).unwrap();
            c.pragma_update(None, "user_version", known() + 1).unwrap();
        }
        let before = std::fs::read(&path).unwrap();
        let error = crate::journal::Store::open(&path).err().unwrap();
        assert_eq!(error.code(), "CS-journal-03");
        assert!(error.to_string().contains(&(known() + 1).to_string()));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_database_of_something_else_is_refused_and_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE mine(x)")
            .unwrap();
        let before = std::fs::read(&path).unwrap();
        let error = crate::journal::Store::open(&path).err().unwrap();
        assert_eq!(error.code(), "CS-journal-05");
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_second_run_keeps_the_store_id() {
        let mut c = Connection::open_in_memory().unwrap();
        let id = |c: &Connection| {
            c.query_row("SELECT value FROM meta", [], |r| r.get::<_, String>(0))
                .unwrap()
        };
        migrate(&mut c).unwrap();
        let first = id(&c);
        migrate(&mut c).unwrap();
        assert_eq!(id(&c), first);
    }

    fn texts(c: &Connection, sql: &str) -> Vec<String> {
        let mut statement = c.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// What is found by a key is found within a tenant: no key and no index of the store begins
    /// with anything else. `entry.seq` is the order in which the host wrote, and is no key that
    /// anything outside names.
    #[test]
    fn every_key_and_every_index_begins_with_the_tenant() {
        let mut c = Connection::open_in_memory().unwrap();
        migrate(&mut c).unwrap();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let tables = texts(&c, tables);
        assert_eq!(tables, ["doc", "entry", "head", "meta", "payload"]);
        for table in tables.iter().filter(|it| *it != "meta") {
            let tenant = format!(
                "SELECT name FROM pragma_table_info('{table}') WHERE name = 'tenant' AND \"notnull\" + pk > 0"
            );
            assert_eq!(
                texts(&c, &tenant),
                ["tenant"],
                "{table} says whose a row is"
            );
            let unique =
                format!("SELECT name FROM pragma_index_list('{table}') WHERE \"unique\" = 1");
            assert!(!texts(&c, &unique).is_empty(), "{table} has a key");
            for index in texts(
                &c,
                &format!("SELECT name FROM pragma_index_list('{table}')"),
            ) {
                let first =
                    format!("SELECT name FROM pragma_index_info('{index}') WHERE seqno = 0");
                assert_eq!(texts(&c, &first), ["tenant"], "{table}: {index}");
            }
        }
    }

    /// Every statement on rows of tenants names the tenant. Those that look over all of them are
    /// the host's own: which tenants there are, and whether the store is the one that ran here.
    #[test]
    fn every_statement_says_whose_rows_it_means() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/journal");
        let mut seen = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() || matches!(name.as_str(), "migrate.rs" | "tests.rs" | "crash.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for statement in code.split('"').filter(|it| it.contains("FROM ")) {
                seen += 1;
                let whole = ["FROM entry ORDER BY seq", "FROM entry WHERE seq"];
                let whole = whole.iter().any(|it| statement.contains(it));
                let whose = statement.contains("tenant") || statement.contains("FROM meta");
                assert!(whole && name == "mark.rs" || whose, "{name}: {statement}");
            }
        }
        assert!(seen > 10, "{seen}");
    }
}
