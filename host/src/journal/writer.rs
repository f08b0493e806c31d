//! The one thread that writes.
//!
//! What gathered while the last commit waited for the disk is written in the next one: many
//! appends share one flush, and nobody waits longer for company (a linger halved the throughput
//! when it was tried). Acknowledgements run after the flush, in the order of the appends.
//!
//! A failed write is the end. After a failed flush the kernel calls the pages clean, so that a
//! second attempt may succeed without the data. Hence every waiter gets the error, everything
//! later is refused, and the host exits; the next start reads what is really there.

use std::collections::HashMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use tokio::sync::watch;

use super::chain::{Head, Link, genesis};
use super::mark::Mark;
use super::store::Commit;
use super::{StoreError, connection};
use crate::model::{CaseId, Digest, Millis, TenantId};

/// LIMIT: entries in one commit; more would make the first of them wait.
const COMMIT_ENTRIES_MAX: usize = 1_024;
/// LIMIT: bytes in one commit, so that it stays under about 50 ms.
const COMMIT_BYTES_MAX: usize = 4 << 20;
/// LIMIT: one entry with its attachments. A plugin has up to 32 MiB, a batch of detections 16.
const ENTRY_BYTES_MAX: usize = 48 << 20;
/// LIMIT: one document.
const DOC_BYTES_MAX: usize = 16 << 20;
/// LIMIT: names of tenants, kinds and cases.
const NAME_BYTES_MAX: usize = 1_024;
/// LIMIT: a document's id; some are made of paths, which have up to 32,767 characters.
const ID_BYTES_MAX: usize = 256 * 1_024;
/// LIMIT: what may gather in the write-ahead log before it is copied into the database.
const CHECKPOINT_BYTES: usize = 16 << 20;

/// One state change to be written.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Whose chain.
    pub tenant: TenantId,
    /// What kind of state change; a stable word.
    pub kind: &'static str,
    /// When.
    pub at: Millis,
    /// The case it belongs to, if any.
    pub case: Option<CaseId>,
    /// Canonical JSON; stored beside the chain.
    pub body: Vec<u8>,
    /// Bytes kept as they came (raw alerts); stored beside the chain.
    pub attachments: Vec<Vec<u8>>,
}

/// A projection to be written with the entries that it follows from.
#[derive(Clone, Debug)]
pub struct DocWrite {
    /// Whose.
    pub tenant: TenantId,
    /// What kind of document.
    pub kind: &'static str,
    /// Unique within tenant and kind.
    pub id: String,
    /// Whether a start has to load it (an open case, an order in flight).
    pub live: bool,
    /// When it changed.
    pub at: Millis,
    /// The document; `None` deletes it.
    pub body: Option<Vec<u8>>,
}

/// What is written together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Append {
    /// In order; those of one tenant follow each other in its chain.
    pub entries: Vec<NewEntry>,
    /// Written after the entries, in order.
    pub docs: Vec<DocWrite>,
}

/// Where an entry went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its place in its tenant's chain, from 1.
    pub n: u64,
    /// Its hash.
    pub hash: Digest,
}

/// What is durable now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The place of each entry of the append, in its order.
    pub places: Vec<Place>,
    /// How many entries the store has up to this append, over all tenants.
    pub seq: u64,
}

/// What runs after the flush.
pub(super) type Done = Box<dyn FnOnce(Result<Committed, StoreError>) + Send>;

/// An append with its digests made, on the thread of who appends.
pub(super) struct Job {
    entries: Vec<Prepared>,
    docs: Vec<DocWrite>,
    pub bytes: usize,
    pub done: Done,
}

struct Prepared {
    link: Link,
    body: Vec<u8>,
    attachments: Vec<Vec<u8>>,
}

impl Job {
    /// Checks the bounds and makes the digests. `erase` belongs to the last entry.
    ///
    /// # Errors
    /// The bound that is broken, and `done` for whoever waits.
    pub(super) fn prepare(
        append: Append,
        erase: Vec<Digest>,
        done: Done,
    ) -> Result<Self, (StoreError, Done)> {
        if let Err(why) = check(&append) {
            return Err((StoreError::Invalid { why }, done));
        }
        let mut entries: Vec<Prepared> = append.entries.into_iter().map(Prepared::from).collect();
        if let Some(last) = entries.last_mut() {
            last.link.erased = erase;
        }
        let docs = append.docs;
        let written: usize = entries.iter().map(Prepared::bytes).sum();
        let projected: usize = docs
            .iter()
            .filter_map(|d| Some(d.body.as_ref()?.len()))
            .sum();
        Ok(Self {
            entries,
            docs,
            bytes: written + projected,
            done,
        })
    }
}

impl From<NewEntry> for Prepared {
    fn from(entry: NewEntry) -> Self {
        let link = Link {
            tenant: entry.tenant,
            kind: entry.kind,
            at: entry.at,
            case: entry.case,
            payload: Digest::of(&entry.body),
            attachments: entry.attachments.iter().map(|a| Digest::of(a)).collect(),
            erased: Vec::new(),
        };
        Self {
            link,
            body: entry.body,
            attachments: entry.attachments,
        }
    }
}

impl Prepared {
    fn bytes(&self) -> usize {
        self.body.len() + self.attachments.iter().map(Vec::len).sum::<usize>()
    }
}

fn check(append: &Append) -> Result<(), String> {
    let text = |what: &str, text: &str, max: usize| match text.len() {
        bytes if (1..=max).contains(&bytes) => Ok(()),
        bytes => Err(format!(
            "its {what} has {bytes} bytes, 1 to {max} are allowed"
        )),
    };
    let name = |what: &str, name: &str| text(what, name, NAME_BYTES_MAX);
    let bound = |what: &str, bytes: usize, max: usize| {
        if bytes <= max {
            Ok(())
        } else {
            Err(format!(
                "its {what} has {bytes} bytes, at most {max} are allowed"
            ))
        }
    };
    for entry in &append.entries {
        name("tenant", entry.tenant.as_str())?;
        name("kind", entry.kind)?;
        entry
            .case
            .as_ref()
            .map_or(Ok(()), |case| name("case", case.as_str()))?;
        let attached: usize = entry.attachments.iter().map(Vec::len).sum();
        bound("content", entry.body.len() + attached, ENTRY_BYTES_MAX)?;
    }
    for doc in &append.docs {
        name("document's tenant", doc.tenant.as_str())?;
        name("document's kind", doc.kind)?;
        text("document's id", &doc.id, ID_BYTES_MAX)?;
        bound(
            "document",
            doc.body.as_ref().map_or(0, Vec::len),
            DOC_BYTES_MAX,
        )?;
    }
    Ok(())
}

/// What the writer shares with the handles.
pub(super) struct Shared {
    /// The first failure, once there is one.
    pub stopped: watch::Sender<Option<Arc<str>>>,
    /// Bytes in the queue.
    pub queued_bytes: AtomicUsize,
    /// How far the store is.
    pub mark: Mutex<Mark>,
}

impl Shared {
    /// The error for everything after the first failure.
    pub(super) fn refusal(&self) -> Option<StoreError> {
        let why = self.stopped.borrow().clone()?;
        Some(StoreError::Stopped { why })
    }

    pub(super) fn stop(&self, why: &str) -> StoreError {
        self.stopped.send_if_modified(|stopped| {
            let first = stopped.is_none();
            if first {
                tracing::error!(code = "CS-journal-06", why, "the store stopped");
                *stopped = Some(why.into());
            }
            first
        });
        self.refusal()
            .unwrap_or_else(|| StoreError::Stopped { why: why.into() })
    }

    pub(super) fn mark(&self) -> std::sync::MutexGuard<'_, Mark> {
        self.mark.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread's own state.
pub(super) struct Writer {
    pub connection: Connection,
    pub heads: HashMap<TenantId, Head>,
    pub seq: u64,
    pub store_id: String,
    pub shared: Arc<Shared>,
    pub on_commit: Box<dyn Fn(Commit) + Send>,
    pub since_checkpoint_bytes: usize,
    /// Erased bytes are still in the write-ahead log.
    pub cut_log_due: bool,
    /// Locked as long as the thread lives.
    pub _lock: File,
}

impl Writer {
    /// Writes until the last handle is gone.
    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        let mut batch = Vec::new();
        while gather(queue, &mut batch) {
            let bytes: usize = batch.iter().map(|job| job.bytes).sum();
            self.shared.queued_bytes.fetch_sub(bytes, Ordering::SeqCst);
            let result = match self.shared.refusal() {
                Some(stopped) => Err(stopped),
                None => self
                    .commit(&batch, bytes)
                    .map_err(|why| self.shared.stop(&why)),
            };
            self.acknowledge(batch.drain(..), result);
            if self.since_checkpoint_bytes > CHECKPOINT_BYTES {
                self.checkpoint();
            }
        }
    }

    fn acknowledge(
        &self,
        batch: impl Iterator<Item = Job>,
        result: Result<Vec<Committed>, StoreError>,
    ) {
        let (mut places, error) = match result {
            Ok(places) => (places.into_iter(), None),
            Err(error) => (Vec::new().into_iter(), Some(error)),
        };
        for job in batch {
            let answer = match (&error, places.next()) {
                (None, Some(committed)) => Ok(committed),
                (Some(error), _) => Err(error.clone()),
                (None, None) => Err(self.shared.stop("an append has no place")),
            };
            // A continuation that panicked leaves memory behind the journal: only a start mends it.
            if catch_unwind(AssertUnwindSafe(|| (job.done)(answer))).is_err() {
                self.shared.stop("what follows a commit panicked");
            }
        }
    }

    /// One transaction for the batch, and what follows from it. After an error the caller stops.
    fn commit(&mut self, batch: &[Job], bytes: usize) -> Result<Vec<Committed>, String> {
        let started = Instant::now();
        let mut erased = batch
            .iter()
            .flat_map(|job| &job.entries)
            .map(|e| &e.link.erased);
        let erases = erased.any(|digests| !digests.is_empty());
        if erases {
            self.secure_delete(true)?;
        }
        let Written {
            committed,
            moved,
            seq,
        } = self.transaction(batch)?;
        self.heads.extend(moved);
        self.seq = seq;
        self.since_checkpoint_bytes += bytes;
        if let Some(last) = committed.iter().rev().find_map(|c| c.places.last()) {
            let advanced = self.shared.mark().advance(seq, last.hash.clone());
            advanced.map_err(|e| format!("the high-water mark was not written: {e}"))?;
        }
        if erases {
            self.secure_delete(false)?;
            self.cut_log_due = true;
        }
        if self.cut_log_due {
            self.cut_log();
        }
        (self.on_commit)(Commit {
            entries: committed.iter().map(|c| c.places.len()).sum(),
            bytes,
            seconds: started.elapsed().as_secs_f64(),
        });
        Ok(committed)
    }

    /// Dropped without a commit, the transaction rolls back, and memory is as it was.
    fn transaction(&mut self, batch: &[Job]) -> Result<Written, String> {
        let mut step = Step {
            tx: self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(|e| e.to_string())?,
            known: &self.heads,
            moved: HashMap::new(),
            seq: self.seq,
            store_id: &self.store_id,
        };
        let mut committed = Vec::with_capacity(batch.len());
        for job in batch {
            committed.push(step.job(job)?);
        }
        step.heads().map_err(|e| e.to_string())?;
        let Step { tx, moved, seq, .. } = step;
        tx.commit().map_err(|e| format!("the commit failed: {e}"))?;
        Ok(Written {
            committed,
            moved,
            seq,
        })
    }

    fn secure_delete(&self, on: bool) -> Result<(), String> {
        self.connection
            .pragma_update(None, "secure_delete", on)
            .map_err(|e| e.to_string())
    }

    /// Copies the log into the database; after the acknowledgements, because it takes its time.
    fn checkpoint(&mut self) {
        self.since_checkpoint_bytes = 0;
        let sql = "PRAGMA wal_checkpoint(PASSIVE)";
        if let Err(why) = self.connection.query_row(sql, [], |_| Ok(())) {
            self.shared.stop(&format!("the checkpoint failed: {why}"));
        }
    }

    /// What was erased is also in the log: copies the log over and cuts it off. While somebody
    /// reads an old state that is not possible; then it is tried again after the next commit.
    fn cut_log(&mut self) {
        let cut = || -> rusqlite::Result<bool> {
            self.connection.busy_timeout(Duration::ZERO)?;
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            let busy: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
            self.connection.busy_timeout(connection::BUSY)?;
            Ok(busy == 0)
        };
        match cut() {
            Ok(done) => self.cut_log_due = !done,
            Err(why) => {
                self.shared.stop(&format!("the checkpoint failed: {why}"));
            }
        }
    }
}

struct Written {
    committed: Vec<Committed>,
    moved: HashMap<TenantId, Head>,
    seq: u64,
}

/// Waits for one append, then takes what has gathered, within the bounds. `false` at the end.
fn gather(queue: &Receiver<Job>, batch: &mut Vec<Job>) -> bool {
    let Ok(first) = queue.recv() else {
        return false;
    };
    let (mut entries, mut bytes) = (first.entries.len(), first.bytes);
    batch.push(first);
    while entries < COMMIT_ENTRIES_MAX && bytes < COMMIT_BYTES_MAX {
        let Ok(job) = queue.try_recv() else { break };
        entries += job.entries.len();
        bytes += job.bytes;
        batch.push(job);
    }
    true
}

/// One transaction in the making.
struct Step<'a> {
    tx: Transaction<'a>,
    known: &'a HashMap<TenantId, Head>,
    moved: HashMap<TenantId, Head>,
    seq: u64,
    store_id: &'a str,
}

impl Step<'_> {
    fn job(&mut self, job: &Job) -> Result<Committed, String> {
        let places = job
            .entries
            .iter()
            .map(|e| self.entry(e))
            .collect::<Result<_, _>>()?;
        for doc in &job.docs {
            self.doc(doc).map_err(|e| e.to_string())?;
        }
        Ok(Committed {
            places,
            seq: self.seq,
        })
    }

    fn entry(&mut self, entry: &Prepared) -> Result<Place, String> {
        let link = &entry.link;
        let head = match self
            .moved
            .get(&link.tenant)
            .or_else(|| self.known.get(&link.tenant))
        {
            Some(head) => head.clone(),
            None => Head {
                n: 0,
                hash: genesis(self.store_id, &link.tenant),
            },
        };
        let (header, head) = head.follow(link).map_err(|e| e.to_string())?;
        self.seq += 1;
        self.write(entry, &header, &head)
            .map_err(|e| e.to_string())?;
        self.moved.insert(link.tenant.clone(), head.clone());
        let Head { n, hash } = head;
        Ok(Place { n, hash })
    }

    fn write(&self, entry: &Prepared, header: &[u8], head: &Head) -> rusqlite::Result<()> {
        let link = &entry.link;
        let tenant = link.tenant.as_str();
        self.tx
            .prepare_cached("INSERT INTO entry VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)")?
            .execute(params![
                integer(self.seq),
                tenant,
                integer(head.n),
                link.kind,
                integer(link.at.0),
                link.case.as_ref().map(CaseId::as_str),
                link.payload.as_str(),
                head.hash.as_str(),
                header
            ])?;
        let mut payload = self
            .tx
            .prepare_cached("INSERT INTO payload VALUES(?1,?2,?3) ON CONFLICT DO NOTHING")?;
        payload.execute(params![tenant, link.payload.as_str(), entry.body])?;
        for (digest, bytes) in link.attachments.iter().zip(&entry.attachments) {
            payload.execute(params![tenant, digest.as_str(), bytes])?;
        }
        for digest in &link.erased {
            self.tx
                .prepare_cached("DELETE FROM payload WHERE tenant = ?1 AND digest = ?2")?
                .execute(params![tenant, digest.as_str()])?;
        }
        Ok(())
    }

    fn heads(&self) -> rusqlite::Result<()> {
        let mut upsert = self.tx.prepare_cached(
            "INSERT INTO head VALUES(?1,?2,?3)
             ON CONFLICT(tenant) DO UPDATE SET n = excluded.n, hash = excluded.hash",
        )?;
        for (tenant, head) in &self.moved {
            upsert.execute(params![
                tenant.as_str(),
                integer(head.n),
                head.hash.as_str()
            ])?;
        }
        Ok(())
    }

    fn doc(&self, doc: &DocWrite) -> rusqlite::Result<()> {
        let (tenant, kind, id) = (doc.tenant.as_str(), doc.kind, doc.id.as_str());
        let Some(body) = &doc.body else {
            return self
                .tx
                .prepare_cached("DELETE FROM doc WHERE tenant = ?1 AND kind = ?2 AND id = ?3")?
                .execute(params![tenant, kind, id])
                .map(|_| ());
        };
        self.tx
            .prepare_cached(
                "INSERT INTO doc VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(tenant, kind, id)
                 DO UPDATE SET live = excluded.live, at_ms = excluded.at_ms, body = excluded.body",
            )?
            .execute(params![tenant, kind, id, doc.live, integer(doc.at.0), body])
            .map(|_| ())
    }
}

/// SQLite's integers are signed; nothing of ours comes near the bound.
pub(super) fn integer(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
