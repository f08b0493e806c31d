//! What the tenant has, who owns it, what must not be touched, and how long software has run.
//!
//! The incident that this host exists for happened on a server that nobody had tagged. So this
//! stage never asks "is it on a list?" alone. It answers three questions with words that each
//! have a safe default: is the target *identified* (exact, unresolved, ambiguous, stale), is it
//! *classified* (a person said what it is), is it *protected* (an edge leads to a protection).
//! What is not known is never read as harmless: an unknown machine is a server, an unknown
//! history is `unknown`, and an ambiguous name is protected by everything it may stand for.
//!
//! Pure and in memory. State changes only by [`Inventory::apply`] and [`Sightings::apply`], whose
//! arguments the journal stores; the same changes in the same order give the same inventory on
//! any machine. Nothing here reads a clock, a file or a socket.

mod canonical;
mod cause;
mod coverage;
mod documents;
mod enrol;
#[cfg(test)]
mod evasion;
pub mod import;
mod lineage;
mod names;
mod owners;
mod program;
mod reach;
mod resolve;
mod risk;
pub mod shipped;
mod sightings;
mod state;
mod subject;

pub use canonical::{
    Addresses, Canonical, FilePath, Malformed, PathFamily, account_keys, address, domain, host,
    overlap, path, sha256,
};
pub use cause::{cause, software_of, subject};
pub use coverage::{Coverage, Drift, drift};
pub use documents::Looked;
pub use enrol::enrol_from_detection;
pub use lineage::{lineage, lineages, signer_name};
pub use reach::{Reach, Shield};
pub use resolve::{Resolved, ResolvedBy};
pub use sightings::{
    Changed, LastSeen, Seen, SightingRow, Sightings, changed, confirms as confirm_from_sightings,
    place as place_sightings, rating_flip, read as read_sightings,
};
pub use state::{Change, Inventory};
pub use subject::{entity_of, software_at};
