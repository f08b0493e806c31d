//! What is read from the store, over a connection that cannot write.
//!
//! A reader sees everything that was acknowledged before it asks. It never waits for the writer
//! nor the writer for it; but the log cannot be cut while a long read lasts.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::writer::integer;
use super::{StoreError, chain, connection};
use crate::model::{CaseId, Digest, Millis, TenantId};

/// A projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    /// Unique within tenant and kind.
    pub id: String,
    /// Whether a start has to load it.
    pub live: bool,
    /// When it changed.
    pub at: Millis,
    /// The document as written.
    pub body: Vec<u8>,
}

/// Which documents are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocScope {
    /// Those that a start has to load.
    Live,
    /// All.
    All,
}

/// An entry as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its place in its tenant's chain.
    pub n: u64,
    /// What kind of state change.
    pub kind: String,
    /// When.
    pub at: Millis,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// The body; `None` if it was erased.
    pub body: Option<Vec<u8>>,
    /// The digests of its attachments: [`Reader::payload`] has the bytes.
    pub attachments: Vec<Digest>,
    /// The hash of `header`.
    pub hash: Digest,
    /// What is hashed.
    pub header: Vec<u8>,
}

/// Which entries are wanted: all that is set has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of this kind.
    pub kind: Option<String>,
    /// At this time or later.
    pub from: Option<Millis>,
    /// Before this time.
    pub until: Option<Millis>,
}

/// LIMIT: entries that one question with a filter looks at; the answer says where to go on.
const LOOKED_AT_MAX: u64 = 20_000;

/// The columns of [`StoredEntry`].
const ENTRY: &str = "SELECT e.n, e.hash, e.header, p.bytes FROM entry e
    LEFT JOIN payload p ON p.tenant = e.tenant AND p.digest = e.payload";

/// One reading connection; not shared between threads.
pub struct Reader {
    pub(super) connection: Connection,
}

impl Reader {
    /// Opens a store that exists, whether a host is running on it or not.
    ///
    /// # Errors
    /// It does not exist, is not a store or is newer than this program.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = connection::reader(path)?;
        Ok(Self { connection })
    }

    /// The store's id.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn store_id(&self) -> Result<String, StoreError> {
        self.one("SELECT value FROM meta WHERE name = 'store_id'", [], |r| {
            r.get(0)
        })?
        .ok_or_else(|| StoreError::read("it has no id"))
    }

    /// The tenants that have a chain, in order.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        self.all("SELECT tenant FROM head ORDER BY tenant", [], |r| {
            r.get(0).map(TenantId)
        })
    }

    /// How many entries a tenant has.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn count(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        let n = self.one(
            "SELECT n FROM head WHERE tenant = ?1",
            [tenant.as_str()],
            |r| r.get::<_, i64>(0),
        )?;
        Ok(n.unwrap_or(0).unsigned_abs())
    }

    /// The documents of one kind, by id.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn docs(
        &self,
        tenant: &TenantId,
        kind: &str,
        scope: DocScope,
    ) -> Result<Vec<Doc>, StoreError> {
        let sql = match scope {
            DocScope::Live => {
                "SELECT id, live, at_ms, body FROM doc
                 WHERE tenant = ?1 AND kind = ?2 AND live = 1 ORDER BY id"
            }
            DocScope::All => {
                "SELECT id, live, at_ms, body FROM doc WHERE tenant = ?1 AND kind = ?2 ORDER BY id"
            }
        };
        self.all(sql, [tenant.as_str(), kind], doc)
    }

    /// At most `limit` documents of one kind whose id comes after `after_id`, by id; `""` is
    /// before the first.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn docs_after(
        &self,
        tenant: &TenantId,
        kind: &str,
        after_id: &str,
        limit: usize,
    ) -> Result<Vec<Doc>, StoreError> {
        self.all(
            "SELECT id, live, at_ms, body FROM doc
             WHERE tenant = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
            params![tenant.as_str(), kind, after_id, integer(limit as u64)],
            doc,
        )
    }

    /// One document.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn doc(&self, tenant: &TenantId, kind: &str, id: &str) -> Result<Option<Doc>, StoreError> {
        self.one(
            "SELECT id, live, at_ms, body FROM doc WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
            [tenant.as_str(), kind, id],
            doc,
        )
    }

    /// At most `limit` entries after the place `after_n` (0: from the first), in order.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn entries(
        &self,
        tenant: &TenantId,
        after_n: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let sql = format!("{ENTRY} WHERE e.tenant = ?1 AND e.n > ?2 ORDER BY e.n LIMIT ?3");
        let limit = integer(limit as u64);
        self.entry_rows(&sql, params![tenant.as_str(), integer(after_n), limit])
    }

    /// At most `limit` entries of one case after the place `after_n`, in order.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn case_entries(
        &self,
        tenant: &TenantId,
        case: &CaseId,
        after_n: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let sql = format!(
            "{ENTRY} WHERE e.tenant = ?1 AND e.case_id = ?2 AND e.n > ?3 ORDER BY e.n LIMIT ?4"
        );
        let (case, limit) = (case.as_str(), integer(limit as u64));
        self.entry_rows(
            &sql,
            params![tenant.as_str(), case, integer(after_n), limit],
        )
    }

    /// At most `limit` entries after the place `after_n` that pass the filter, in order; and the
    /// place to go on after, where there may be more.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn entries_where(
        &self,
        tenant: &TenantId,
        filter: &EntryFilter,
        after_n: u64,
        limit: usize,
    ) -> Result<(Vec<StoredEntry>, Option<u64>), StoreError> {
        let end = self.count(tenant)?;
        // a case's own entries have an index; what has none is looked at so many at a time
        let upto = match filter.case {
            Some(_) => end,
            None => end.min(after_n.saturating_add(LOOKED_AT_MAX)),
        };
        let of_case = filter
            .case
            .as_ref()
            .map_or("?4 IS NULL", |_| "e.case_id = ?4");
        let sql = format!(
            "{ENTRY} WHERE e.tenant = ?1 AND e.n > ?2 AND e.n <= ?3 AND {of_case}
             AND (?5 IS NULL OR e.kind = ?5) AND (?6 IS NULL OR e.at_ms >= ?6)
             AND (?7 IS NULL OR e.at_ms < ?7) ORDER BY e.n LIMIT ?8"
        );
        let found = self.entry_rows(
            &sql,
            params![
                tenant.as_str(),
                integer(after_n),
                integer(upto),
                filter.case.as_ref().map(CaseId::as_str),
                filter.kind,
                filter.from.map(|it| integer(it.0)),
                filter.until.map(|it| integer(it.0)),
                integer(limit as u64),
            ],
        )?;
        let last = found.last().map(|it| it.n).filter(|_| found.len() == limit);
        let next = last.unwrap_or(upto);
        Ok((found, (next < end).then_some(next)))
    }

    /// A body or attachment; `None` if it was erased or never was.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn payload(
        &self,
        tenant: &TenantId,
        digest: &Digest,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.one(
            "SELECT bytes FROM payload WHERE tenant = ?1 AND digest = ?2",
            [tenant.as_str(), digest.as_str()],
            |r| r.get(0),
        )
    }

    fn entry_rows(&self, sql: &str, params: impl Params) -> Result<Vec<StoredEntry>, StoreError> {
        self.all(sql, params, |r| {
            Ok((
                r.get::<_, i64>(0)?,
                r.get::<_, String>(1)?,
                r.get(2)?,
                r.get(3)?,
            ))
        })?
        .into_iter()
        .map(|(n, hash, header, body)| stored(n.unsigned_abs(), &hash, header, body))
        .collect()
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(sql)
            .map_err(StoreError::read)?;
        let rows = statement.query_map(params, row).map_err(StoreError::read)?;
        rows.collect::<Result<_, _>>().map_err(StoreError::read)
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(sql)
            .map_err(StoreError::read)?;
        statement
            .query_row(params, row)
            .optional()
            .map_err(StoreError::read)
    }
}

fn doc(row: &Row<'_>) -> rusqlite::Result<Doc> {
    Ok(Doc {
        id: row.get(0)?,
        live: row.get(1)?,
        at: Millis(row.get::<_, i64>(2)?.unsigned_abs()),
        body: row.get(3)?,
    })
}

/// The header is what counts; the columns only found the row.
fn stored(
    n: u64,
    hash: &str,
    header: Vec<u8>,
    body: Option<Vec<u8>>,
) -> Result<StoredEntry, StoreError> {
    let malformed = |why: String| StoreError::read(format!("entry {n} is malformed: {why}"));
    let read = chain::parse(&header).map_err(malformed)?;
    let hash = Digest::parse(hash).ok_or_else(|| malformed("its hash is none".into()))?;
    Ok(StoredEntry {
        n: read.n,
        kind: read.kind,
        at: read.at_ms,
        case: read.case,
        body,
        attachments: read.attachments,
        hash,
        header,
    })
}
