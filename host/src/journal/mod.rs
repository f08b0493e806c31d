//! The journal: what happened, in order, and durable before anyone is told.
//!
//! Everything else in the store is derived. A state change is one entry of its tenant's hash
//! chain, and the documents that stages read (`Doc`) are written in the same transaction, so
//! that no crash can leave one without the other. Personal data sits in payloads beside the
//! chain, which holds only their digests: erasing a payload leaves a chain that still verifies.
//!
//! SQLite is named in this folder and nowhere else; which database is used is hidden behind
//! [`Store`] and [`Reader`].

mod chain;
mod check;
mod connection;
mod describe;
pub mod entry;
mod error;
mod export;
mod mark;
mod migrate;
mod reader;
pub mod state;
mod store;
mod verify;
mod writer;

#[cfg(test)]
mod crash;
#[cfg(test)]
mod tests;

pub use chain::Header;
pub use check::{Finding, Report};
pub use error::{Full, StoreError};
pub use export::{Exported, export};
pub use mark::RolledBack;
pub use reader::{Doc, DocScope, EntryFilter, Reader, StoredEntry};
pub use store::{Commit, Options, Store, backup};
pub use verify::{verify_export, verify_store};
pub use writer::{Append, Committed, DocWrite, NewEntry, Place};
