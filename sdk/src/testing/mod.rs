//! A test of a plugin is a native test: `cargo test`, no wasm, no host.
//!
//! `CaseBuilder` makes what a playbook is asked, `Host` answers its look-ups and settings, calls
//! it, and refuses what the real host would refuse, in the words of `wit/load-rules.md`. A plan
//! that passes here and is refused there is a fault of this module.
#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only tests call this, and a test's failure is a panic; a JSON value's index is total"
)]

pub(crate) mod answers;
mod build;
mod host;
mod occurs;
mod rules;

pub use build::{CaseBuilder, NOW, asset, device, earlier, order, response, sightings};
pub use host::Host;

pub use crate::host::lookup::Resolution;
