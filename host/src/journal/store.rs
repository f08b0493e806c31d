//! The handle that everyone appends through, and how a store is opened.
//!
//! Opening settles what would otherwise be found out in the middle of an incident: one process
//! owns the store, its settings hold, its schema is known, each chain ends where it should, and
//! it is the store that ran here last.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::chain::Head;
use super::mark::{Mark, RolledBack};
use super::writer::{Append, Committed, Done, Job, NewEntry, Shared, Writer};
use super::{Full, Reader, StoreError, connection};
use crate::model::{Digest, TenantId};

/// LIMIT: appends that wait for the writer.
const QUEUE_APPENDS_MAX: usize = 8_192;
/// LIMIT: bytes that wait for the writer. One append is taken whatever its size.
const QUEUE_BYTES_MAX: usize = 64 << 20;
/// LIMIT: pages copied by a backup between two breaths of the writer.
const BACKUP_PAGES: i32 = 1_024;

/// One commit, for metrics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Commit {
    /// Entries written.
    pub entries: usize,
    /// Bytes of bodies, attachments and documents written.
    pub bytes: usize,
    /// How long it took, the flush included.
    pub seconds: f64,
}

/// What differs between a host and a test.
pub struct Options {
    /// Appends that may wait for the writer.
    pub queue_appends_max: usize,
    /// Bytes that may wait for the writer.
    pub queue_bytes_max: usize,
    /// Called after each commit, on the writer's thread.
    pub on_commit: Box<dyn Fn(Commit) + Send>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_appends_max: QUEUE_APPENDS_MAX,
            queue_bytes_max: QUEUE_BYTES_MAX,
            on_commit: Box::new(|_| ()),
        }
    }
}

/// The journal, open. A clone is another handle; the writer ends when the last one is dropped,
/// after it has written what was queued.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
    path: PathBuf,
    store_id: String,
    queue_bytes_max: usize,
}

impl Store {
    /// Opens or creates the store at `path`; `.lock` and `.mark` are put beside it.
    ///
    /// # Errors
    /// In use by another process, newer than this program, not a store, a setting that does not
    /// hold, a damaged end, or an I/O error: see [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Options::default())
    }

    /// The same, with bounds and the metrics hook.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(path: &Path, options: Options) -> Result<Self, StoreError> {
        let lock = lock(path)?;
        let connection = connection::writer(path)?;
        let mark = Mark::open(&beside(path, "mark"), &connection)?;
        let heads = heads(&connection, path)?;
        let position = mark.position().clone();
        if let Some(found) = mark.rolled_back() {
            tracing::error!(code = "CS-journal-11", %found, "dispatch stays off");
        }
        let shared = Arc::new(Shared {
            stopped: watch::Sender::new(None),
            queued_bytes: AtomicUsize::new(0),
            mark: Mutex::new(mark),
        });
        let writer = Writer {
            connection,
            heads,
            seq: position.seq,
            store_id: position.store_id.clone(),
            shared: shared.clone(),
            on_commit: options.on_commit,
            since_checkpoint_bytes: 0,
            // A store that ended before the log could be cut.
            cut_log_due: true,
            _lock: lock,
        };
        let (queue, jobs) = sync_channel(options.queue_appends_max);
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || writer.run(&jobs))
            .map_err(|e| StoreError::open(path, e))?;
        Ok(Self(Arc::new(Inner {
            queue: Some(queue),
            thread: Some(thread),
            shared,
            path: path.to_owned(),
            store_id: position.store_id,
            queue_bytes_max: options.queue_bytes_max,
        })))
    }

    /// The store's id, part of the first link of each chain.
    pub fn id(&self) -> &str {
        &self.0.store_id
    }

    /// Queues an append. `done` runs on the writer's thread after the flush, in the order of the
    /// appends; it must be quick and must not wait for another append. If the append can never be
    /// written (the store stopped, a bound is broken) `done` gets the error on this thread.
    ///
    /// # Errors
    /// [`Full`]: nothing was taken, `done` is dropped without being called.
    pub fn append(
        &self,
        append: Append,
        done: impl FnOnce(Result<Committed, StoreError>) + Send + 'static,
    ) -> Result<(), Full> {
        self.send(append, Vec::new(), Box::new(done))
    }

    /// Queues an append and waits for the flush.
    ///
    /// # Errors
    /// [`StoreError::Full`] when nothing was taken, [`StoreError::Stopped`],
    /// [`StoreError::Invalid`].
    pub async fn append_wait(&self, append: Append) -> Result<Committed, StoreError> {
        let (done, answer) = oneshot::channel();
        self.append(append, |result| {
            // Who no longer waits needs no answer.
            let _ = done.send(result);
        })?;
        answer.await.unwrap_or_else(|_| Err(self.gone()))
    }

    /// The same for a thread that may block. Never from within `done`: the writer would wait for
    /// itself.
    ///
    /// # Errors
    /// As [`Store::append_wait`].
    pub fn append_blocking(&self, append: Append) -> Result<Committed, StoreError> {
        let (done, answer) = std::sync::mpsc::channel();
        self.append(append, move |result| {
            let _ = done.send(result);
        })?;
        answer.recv().unwrap_or_else(|_| Err(self.gone()))
    }

    /// Erases payloads of `record.tenant`, in one transaction with the record of it, and
    /// overwrites the bytes in the file. The chain still verifies, because it holds digests; the
    /// record is what tells an erased payload from a lost one.
    ///
    /// # Errors
    /// [`Full`], as [`Store::append`].
    pub fn erase(
        &self,
        record: NewEntry,
        payloads: Vec<Digest>,
        done: impl FnOnce(Result<Committed, StoreError>) + Send + 'static,
    ) -> Result<(), Full> {
        let append = Append {
            entries: vec![record],
            docs: Vec::new(),
        };
        self.send(append, payloads, Box::new(done))
    }

    /// As [`Store::append`], for a thread whose appends must all go in, in order: it waits while
    /// the queue is full. An append beyond a bound stops the store, because the caller's memory
    /// has moved on with it. Never from within `done`.
    pub fn append_in_order(
        &self,
        append: Append,
        done: impl FnOnce(Result<Committed, StoreError>) + Send + 'static,
    ) {
        let inner = &self.0;
        if let Some(stopped) = inner.shared.refusal() {
            return done(Err(stopped));
        }
        let job = match Job::prepare(append, Vec::new(), Box::new(done)) {
            Ok(job) => job,
            // Whoever must append in order has gone on from it in memory: only a start mends that.
            Err((invalid, done)) => return done(Err(inner.shared.stop(&invalid.to_string()))),
        };
        let bytes = job.bytes;
        inner.shared.queued_bytes.fetch_add(bytes, Ordering::SeqCst);
        let sent = match inner.queue.as_ref() {
            Some(queue) => queue.send(job).map_err(|refused| refused.0),
            None => Err(job),
        };
        if let Err(job) = sent {
            (job.done)(Err(self.gone()));
        }
    }

    fn send(&self, append: Append, erase: Vec<Digest>, done: Done) -> Result<(), Full> {
        let inner = &self.0;
        if let Some(stopped) = inner.shared.refusal() {
            done(Err(stopped));
            return Ok(());
        }
        let job = match Job::prepare(append, erase, done) {
            Ok(job) => job,
            Err((invalid, done)) => {
                done(Err(invalid));
                return Ok(());
            }
        };
        let bytes = job.bytes;
        let before = inner.shared.queued_bytes.fetch_add(bytes, Ordering::SeqCst);
        let refused = if before > 0 && before.saturating_add(bytes) > inner.queue_bytes_max {
            Some(TrySendError::Full(job))
        } else {
            inner
                .queue
                .as_ref()
                .and_then(|queue| queue.try_send(job).err())
        };
        match refused {
            None => Ok(()),
            Some(TrySendError::Full(_)) => {
                inner.shared.queued_bytes.fetch_sub(bytes, Ordering::SeqCst);
                Err(Full)
            }
            Some(TrySendError::Disconnected(job)) => {
                (job.done)(Err(self.gone()));
                Ok(())
            }
        }
    }

    fn gone(&self) -> StoreError {
        self.0.shared.stop("the writer ended")
    }

    /// Whether the store has stopped, and why.
    pub fn stopped(&self) -> Option<StoreError> {
        self.0.shared.refusal()
    }

    /// Waits until the store stops. The host selects on this and exits.
    pub async fn wait_stopped(&self) -> StoreError {
        let mut stopped = self.0.shared.stopped.subscribe();
        match stopped.wait_for(Option::is_some).await {
            Ok(why) => StoreError::Stopped {
                why: why.clone().unwrap_or_else(|| "the writer ended".into()),
            },
            Err(_) => self.gone(),
        }
    }

    /// Whether this is not the store that ran here last. While it is, nothing may be dispatched.
    pub fn rolled_back(&self) -> Option<RolledBack> {
        self.0.shared.mark().rolled_back()
    }

    /// A person has confirmed that the host may go on with this store. Journal who it was first.
    ///
    /// # Errors
    /// The mark cannot be written.
    pub fn confirm_rolled_back(&self) -> Result<(), StoreError> {
        self.0.shared.mark().confirm()
    }

    /// A connection of its own that reads, for one thread.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(&self.0.path)
    }

    /// As [`backup`], of this store.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        backup(&self.0.path, to)
    }
}

/// Copies the store at `from` to a new file, also while another process uses it. The mark is not
/// copied: a host that starts on the copy does not dispatch until a person has confirmed it.
///
/// # Errors
/// The store cannot be read, or the file exists or cannot be written.
pub fn backup(from: &Path, to: &Path) -> Result<(), StoreError> {
    let fail = |e: &dyn std::fmt::Display| StoreError::output(to, e);
    let from = connection::reader(from)?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(to)
        .map_err(|e| fail(&e))?;
    let mut copy = Connection::open(to).map_err(|e| fail(&e))?;
    let backup = rusqlite::backup::Backup::new(&from, &mut copy).map_err(|e| fail(&e))?;
    backup
        .run_to_completion(BACKUP_PAGES, Duration::ZERO, None)
        .map_err(|e| fail(&e))?;
    drop(backup);
    drop(copy);
    File::open(to)
        .and_then(|f| f.sync_all())
        .map_err(|e| fail(&e))
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.queue.take());
        let Some(thread) = self.thread.take() else {
            return;
        };
        // The last handle may go inside a `done`: the writer cannot wait for itself.
        if thread.thread().id() != std::thread::current().id() {
            let _ = thread.join();
        }
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let name = beside(path, "lock");
    let fail = |e: std::io::Error| StoreError::open(&name, e);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&name)
        .map_err(fail)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::Error(e)) => return Err(fail(e)),
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let written = file.read_to_string(&mut pid).is_ok() && !pid.trim().is_empty();
            let pid = if written { pid.trim() } else { "unknown" }.to_owned();
            let path = path.to_owned();
            return Err(StoreError::InUse { path, pid });
        }
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(fail)?;
    Ok(file)
}

/// A row of `head`, with the header of the entry that it names and the place of the last entry.
type HeadRow = (String, i64, String, Option<Vec<u8>>, i64);

/// The end of each chain, compared with the last entry itself.
fn heads(connection: &Connection, path: &Path) -> Result<HashMap<TenantId, Head>, StoreError> {
    let rows = || -> rusqlite::Result<Vec<HeadRow>> {
        connection
            .prepare(
                "SELECT h.tenant, h.n, h.hash, e.header,
                        (SELECT max(n) FROM entry WHERE tenant = h.tenant)
                 FROM head h LEFT JOIN entry e
                   ON e.tenant = h.tenant AND e.n = h.n AND e.hash = h.hash",
            )?
            .query_map([], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
            })?
            .collect()
    };
    let mut heads = HashMap::new();
    for (tenant, n, hash, header, last) in rows().map_err(|e| StoreError::open(path, e))? {
        let hash = Digest::parse(&hash)
            .filter(|hash| n == last && header.as_deref().is_some_and(|h| Digest::of(h) == *hash));
        let Some(hash) = hash else {
            return Err(StoreError::Damaged {
                path: path.to_owned(),
                why: format!("the chain of tenant {tenant} does not end with its entry {n}"),
            });
        };
        let n = n.unsigned_abs();
        heads.insert(TenantId(tenant), Head { n, hash });
    }
    Ok(heads)
}
