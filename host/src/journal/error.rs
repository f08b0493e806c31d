//! What can go wrong with the store, as one closed list with a code each.
//!
//! The texts say what to do, because most of them end the host: after a failed write the pages
//! in memory say nothing about the disk any more, and a second attempt may "succeed" without
//! the data (the fsync failures of 2018). So no caller may retry; it reads the text and starts
//! the host again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the store did not do what it was asked. The pages behind the codes are in
/// `host/docs/errors/journal.md`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or one beside it cannot be opened, created or read.
    #[error(
        "CS-journal-01: the store {path} cannot be opened: {why}; check that the folder exists and is writable by this user"
    )]
    Open {
        /// The store's file, or the one beside it.
        path: PathBuf,
        /// The operating system's or SQLite's reason.
        why: Arc<str>,
    },
    /// Another process owns the store.
    #[error(
        "CS-journal-02: the store {path} is in use by process {pid}; a store has one host: stop that one, or give this one a folder of its own"
    )]
    InUse {
        /// The store's file.
        path: PathBuf,
        /// Who holds the lock, as it wrote itself down; `unknown` if it did not.
        pid: String,
    },
    /// The store was written by a later version of this program.
    #[error(
        "CS-journal-03: the store {path} has schema {found}, this program knows up to {known}; start the newer version, nothing was written"
    )]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// The schema found.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// A setting that durability rests on did not hold.
    #[error(
        "CS-journal-04: the store {path} runs with {setting} = {found} instead of {wanted}; put it on a local disk (network file systems cannot do this)"
    )]
    Setting {
        /// The store's file.
        path: PathBuf,
        /// The setting's name.
        setting: &'static str,
        /// What SQLite answered.
        found: String,
        /// What it has to be.
        wanted: String,
    },
    /// The file is a database of something else.
    #[error(
        "CS-journal-05: {path} is not a store of countersign (application id {found}); name another file"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The application id found.
        found: i64,
    },
    /// A write failed, now or earlier; nothing is accepted any more.
    #[error(
        "CS-journal-06: the store stopped: {why}; nothing that was not acknowledged is kept: free space or mend the disk, then start the host again"
    )]
    Stopped {
        /// The first failure.
        why: Arc<str>,
    },
    /// Too much is waiting to be written.
    #[error("{0}")]
    Full(#[from] Full),
    /// An append that can never be stored.
    #[error("CS-journal-08: the entry was not written: {why}")]
    Invalid {
        /// Which bound it breaks.
        why: String,
    },
    /// A read failed.
    #[error(
        "CS-journal-09: the store cannot be read: {why}; run `countersign journal verify`, and restore a backup if it reports damage"
    )]
    Read {
        /// SQLite's reason, or what was malformed.
        why: Arc<str>,
    },
    /// The end of a chain is not what was written.
    #[error(
        "CS-journal-10: the store {path} is damaged: {why}; run `countersign journal verify`, and restore a backup"
    )]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// A backup or an export could not be written.
    #[error("CS-journal-12: {path} was not written: {why}; what is there is not complete")]
    Output {
        /// The file, or what stands for it.
        path: PathBuf,
        /// The reason.
        why: Arc<str>,
    },
}

impl StoreError {
    /// The stable code, as documented.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "CS-journal-01",
            Self::InUse { .. } => "CS-journal-02",
            Self::Newer { .. } => "CS-journal-03",
            Self::Setting { .. } => "CS-journal-04",
            Self::Foreign { .. } => "CS-journal-05",
            Self::Stopped { .. } => "CS-journal-06",
            Self::Full(_) => Full::CODE,
            Self::Invalid { .. } => "CS-journal-08",
            Self::Read { .. } => "CS-journal-09",
            Self::Damaged { .. } => "CS-journal-10",
            Self::Output { .. } => "CS-journal-12",
        }
    }

    pub(super) fn open(path: &Path, why: impl std::fmt::Display) -> Self {
        Self::Open {
            path: path.to_owned(),
            why: why.to_string().into(),
        }
    }

    pub(super) fn read(why: impl std::fmt::Display) -> Self {
        Self::Read {
            why: why.to_string().into(),
        }
    }

    pub(super) fn output(path: &Path, why: impl std::fmt::Display) -> Self {
        Self::Output {
            path: path.to_owned(),
            why: why.to_string().into(),
        }
    }
}

/// The queue to the writer is full: nothing was taken, the sender should come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "CS-journal-07: too much is waiting to be written; send it again in a second, and look at the disk if this lasts"
)]
pub struct Full;

impl Full {
    /// The stable code.
    pub const CODE: &'static str = "CS-journal-07";
}
