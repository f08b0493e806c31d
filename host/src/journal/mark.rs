//! The high-water mark: a small file beside the store that remembers how far it had come.
//!
//! A database that was restored from a backup, or rolled back by a snapshot, looks perfectly
//! healthy: its chain verifies, its last order just was never sent. Acting on it would send that
//! order again. The mark says that there was more, so the host starts without dispatch until a
//! person has looked. It is written after each commit, in place and below one sector, without a
//! flush: after a power cut it may be older than the store, which proves nothing wrong, and never
//! newer. A copy of the whole folder takes the mark along; against that only a witness elsewhere
//! helps.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _};

use super::StoreError;
use crate::model::Digest;

/// LIMIT: below the 512 bytes that a disk writes whole or not at all.
const MARK_BYTES: usize = 256;
const MAGIC: &str = "countersign-mark-1";

/// How far a store had come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// The store's id.
    pub store_id: String,
    /// How many entries it has, over all tenants.
    pub seq: u64,
    /// The hash of the last of them; for an empty store the digest of nothing.
    pub hash: Digest,
}

/// Why this store is not the one that ran here last. Dispatch stays off until a person has
/// confirmed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RolledBack {
    /// The store ends before the mark.
    #[error(
        "CS-journal-11: the store has {found} entries, but {marked} had been written here: it was restored or rolled back"
    )]
    Shorter {
        /// Entries found, over all tenants.
        found: u64,
        /// Entries that had been written.
        marked: u64,
    },
    /// The store has another entry where the mark was set.
    #[error(
        "CS-journal-11: entry {marked} of the store is not the one that had been written here: it was restored, and has gone another way since"
    )]
    Diverged {
        /// The entry, counted over all tenants.
        marked: u64,
    },
    /// It is another store.
    #[error(
        "CS-journal-11: the store is {found}, but {marked} ran here last: the file was replaced"
    )]
    Replaced {
        /// The id of the store found.
        found: String,
        /// The id in the mark.
        marked: String,
    },
    /// The store has entries and no readable mark.
    #[error(
        "CS-journal-11: the store has {found} entries, and the file beside it that says how many there should be is missing or unreadable: it was moved here or restored"
    )]
    Unmarked {
        /// Entries found, over all tenants.
        found: u64,
    },
}

/// The file, open for the life of the store, and what it stands at.
pub(super) struct Mark {
    file: File,
    path: PathBuf,
    position: Position,
    rolled_back: Option<RolledBack>,
}

impl Mark {
    /// Opens the mark and compares it with the store. A new store gets its mark here.
    pub(super) fn open(path: &Path, connection: &Connection) -> Result<Self, StoreError> {
        let fail = |e: std::io::Error| StoreError::open(path, e);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(fail)?;
        let position = here(connection).map_err(|e| StoreError::open(path, e))?;
        let mut bytes = [0; MARK_BYTES];
        let read = file.read_at(&mut bytes, 0).map_err(fail)?;
        let marked = bytes.get(..read).and_then(decode);
        let rolled_back =
            compare(marked, &position, connection).map_err(|e| StoreError::open(path, e))?;
        let path = path.to_owned();
        let mark = Self {
            file,
            path,
            position,
            rolled_back,
        };
        if mark.rolled_back.is_none() {
            mark.write().and_then(|()| mark.flush()).map_err(fail)?;
        }
        Ok(mark)
    }

    /// How far the store is.
    pub(super) fn position(&self) -> &Position {
        &self.position
    }

    /// What was found at the open and has not been confirmed since.
    pub(super) fn rolled_back(&self) -> Option<RolledBack> {
        self.rolled_back.clone()
    }

    /// Follows the store after a commit. The old mark stays while a person has not confirmed, or
    /// a second start would forget what the first one found.
    pub(super) fn advance(&mut self, seq: u64, hash: Digest) -> std::io::Result<()> {
        (self.position.seq, self.position.hash) = (seq, hash);
        if self.rolled_back.is_some() {
            return Ok(());
        }
        self.write()
    }

    /// A person has confirmed that this store is the one to go on with.
    pub(super) fn confirm(&mut self) -> Result<(), StoreError> {
        self.write()
            .and_then(|()| self.flush())
            .map_err(|e| StoreError::open(&self.path, e))?;
        self.rolled_back = None;
        Ok(())
    }

    fn write(&self) -> std::io::Result<()> {
        self.file.write_all_at(&encode(&self.position), 0)
    }

    fn flush(&self) -> std::io::Result<()> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        self.file.sync_all()?;
        File::open(folder)?.sync_all()
    }
}

fn here(connection: &Connection) -> rusqlite::Result<Position> {
    let store_id = connection.query_row(
        "SELECT value FROM meta WHERE name = 'store_id'",
        [],
        |row| row.get(0),
    )?;
    let last: Option<(u64, String)> = connection
        .query_row(
            "SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?)),
        )
        .optional()?;
    let (seq, hash) = last.unwrap_or_default();
    // A hash that is none differs from every mark.
    let hash = Digest::parse(&hash).unwrap_or_else(|| Digest::of(hash.as_bytes()));
    Ok(Position {
        store_id,
        seq,
        hash,
    })
}

fn compare(
    marked: Option<Position>,
    here: &Position,
    connection: &Connection,
) -> rusqlite::Result<Option<RolledBack>> {
    let Some(marked) = marked else {
        return Ok((here.seq > 0).then_some(RolledBack::Unmarked { found: here.seq }));
    };
    if marked.store_id != here.store_id {
        // A mark of a store that never held an entry guards nothing.
        return Ok(
            (marked.seq > 0 || here.seq > 0).then(|| RolledBack::Replaced {
                found: here.store_id.clone(),
                marked: marked.store_id,
            }),
        );
    }
    if marked.seq > here.seq {
        return Ok(Some(RolledBack::Shorter {
            found: here.seq,
            marked: marked.seq,
        }));
    }
    let at_mark: Option<String> = connection
        .query_row(
            "SELECT hash FROM entry WHERE seq = ?1",
            [i64::try_from(marked.seq).unwrap_or(i64::MAX)],
            |row| row.get(0),
        )
        .optional()?;
    let same = marked.seq == 0 || at_mark.as_deref() == Some(marked.hash.as_str());
    Ok((!same).then_some(RolledBack::Diverged { marked: marked.seq }))
}

fn encode(position: &Position) -> [u8; MARK_BYTES] {
    let text = format!(
        "{MAGIC} {} {} {}",
        position.store_id, position.seq, position.hash
    );
    let line = format!("{text} {}\n", Digest::of(text.as_bytes()).short());
    let mut bytes = [b' '; MARK_BYTES];
    for (to, from) in bytes.iter_mut().zip(line.bytes()) {
        *to = from;
    }
    bytes
}

fn decode(bytes: &[u8]) -> Option<Position> {
    let text = std::str::from_utf8(bytes).ok()?.lines().next()?;
    let (text, check) = text.rsplit_once(' ')?;
    if Digest::of(text.as_bytes()).short() != check {
        return None;
    }
    let mut parts = text.split(' ');
    let (magic, store_id, seq, hash) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (magic == MAGIC).then_some(())?;
    Some(Position {
        store_id: store_id.to_owned(),
        seq: seq.parse().ok()?,
        hash: Digest::parse(hash)?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_written_and_any_flipped_byte_of_it_is_noticed() {
        let position = Position {
            store_id: uuid::Uuid::now_v7().to_string(),
            seq: u64::MAX,
            hash: Digest::of(b"x"),
        };
        let bytes = encode(&position);
        assert_eq!(decode(&bytes), Some(position.clone()));
        let end = bytes.iter().position(|b| *b == b'\n').unwrap();
        for i in 0..end {
            let mut flipped = bytes;
            flipped[i] ^= 1;
            assert_ne!(decode(&flipped), Some(position.clone()), "byte {i}");
        }
    }
}
