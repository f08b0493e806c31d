//! The log of every request: the oracle of the crash tests.
//!
//! It belongs to the range and not to the system under test, is only ever appended to, and is
//! written before the answer leaves, so that whatever the host saw is in it. `applied` says that
//! the range carried the request out (again, where it forgets keys); `changed` that something is
//! different now. What the log does not hold are reads of `/range/*`: they are the tests' own.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Bytes of a body that is no JSON, as they are kept. LIMIT: enough to recognise it by.
const TEXT_BYTES_MAX: usize = 4096;

/// One request, or the moment at which a pending one took effect (`method` is `SETTLE`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub n: u64,
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// HTTP method, or `SETTLE`.
    pub method: String,
    /// Path with query: for `/edr`, `/firewall` and `/directory` the target.
    pub path: String,
    /// The state that was wanted.
    pub wanted: Option<String>,
    /// The idempotency key.
    pub key: Option<String>,
    /// SHA-256 of the body.
    pub digest: String,
    /// The body, as JSON where it is JSON.
    pub body: Value,
    /// The status of the answer; none where the connection was closed without one.
    pub status: Option<u16>,
    /// Whether it was carried out.
    pub applied: bool,
    /// Whether something is different since.
    pub changed: bool,
    /// What happened, in words.
    pub why: String,
    /// The mode of the fault that hit it.
    pub fault: Option<String>,
    /// The range's own number of the act.
    pub job: Option<String>,
}

/// All entries, in memory and in a file.
#[derive(Debug, Default)]
pub struct Log {
    entries: Vec<Entry>,
    file: Option<File>,
}

impl Log {
    /// A log that also appends to a file.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub fn open(path: Option<&Path>) -> io::Result<Self> {
        let open = |path| File::options().create(true).append(true).open(path);
        let file = path.map(open).transpose()?;
        let entries = Vec::new();
        Ok(Self { entries, file })
    }

    /// Writes an entry, and gives it its number. In the file it is one line, handed to the
    /// system before this returns; a range that is killed loses nothing that it answered.
    ///
    /// # Errors
    /// Where the file cannot be written: the request must not be answered then.
    pub fn append(&mut self, mut entry: Entry) -> io::Result<()> {
        entry.n = self.entries.len() as u64 + 1;
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(&entry)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        self.entries.push(entry);
        Ok(())
    }

    /// What was written so far, from number `since` on.
    pub fn entries(&self, since: u64) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.n >= since)
    }
}

/// Entries that carried out again what had been carried out under the same key: the proof of a
/// repetition. A range that remembers keys never does that by itself; one that forgets them
/// (`World::forgets_keys`) shows what the host would have done to a product without keys.
pub fn repeated(entries: &[Entry]) -> Vec<&Entry> {
    let mut seen = BTreeSet::new();
    let applied = entries.iter().filter(|entry| entry.applied);
    let keyed = applied.filter_map(|entry| Some((entry.key.as_deref()?, entry)));
    let again = keyed.filter(|(key, _)| !seen.insert(*key));
    again.map(|(_, entry)| entry).collect()
}

/// SHA-256 over parts, each preceded by its length, in hex: no two lists of parts look alike.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// SHA-256 of a body as it arrived, in hex.
pub fn body_digest(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// A body as the log keeps it.
pub fn shown(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let head = body.get(..TEXT_BYTES_MAX).unwrap_or(body);
        Value::String(String::from_utf8_lossy(head).into_owned())
    })
}
