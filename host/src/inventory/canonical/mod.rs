//! The canonical form of a target: the one text by which two targets are the same.
//!
//! Guards, effects, approvals and the one-order-in-flight rule all compare targets. If one of
//! them compared what an alert wrote, a second spelling of a protected machine would be another
//! machine. So each kind of identifier has one file here that reads it into one form or refuses
//! it; nothing is guessed, and nothing after this stage looks at the spelling again.

mod account;
mod address;
mod domain;
mod hash;
mod host;
mod malformed;
mod path;
mod read;
mod text;
mod url;

pub use account::account_keys;
pub use address::{Addresses, address, overlap};
pub use domain::domain;
pub use hash::sha256;
pub use host::host;
pub use malformed::Malformed;
pub use path::{FilePath, PathFamily, path};

pub(super) use account::{is_built_in_admin, is_exact, key as account_key};
pub(super) use domain::{at_or_below, is_private, related};
pub(super) use host::short;
pub(super) use path::{part_matches, tail_matches};
pub(super) use text::unfit_reference;
pub(super) use url::domain_of;

use super::Resolved;
use crate::model::{AssetId, NetworkRange, Target, TargetKind};
use serde::{Deserialize, Serialize};

/// A target in canonical form, with the assets that it touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canonical {
    /// Two targets are the same if this text is: `file|asset:srv-9|c:\apps\a.exe|<sha256>`.
    pub id: String,
    /// Its kind.
    pub kind: TargetKind,
    /// The target with every identifier in canonical form; vendor references as they came.
    pub target: Target,
    /// Which assets it stands on, or covers.
    pub resolved: Resolved,
    /// How many assets it covers: 1 for what stands on a device, or its candidates.
    pub covered: usize,
    /// Addresses: everything covered, for overlap.
    pub ranges: Vec<NetworkRange>,
}

impl Canonical {
    /// Whether it stands on one device.
    pub fn on_device(&self) -> bool {
        self.target.device().is_some()
    }
    /// The assets that it stands on or covers.
    pub fn assets(&self) -> &[AssetId] {
        &self.resolved.assets
    }
}

#[cfg(test)]
pub(super) mod tests;
