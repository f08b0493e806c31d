//! What a plugin author depends on, for all three kinds of plugin.
//!
//! A plugin is one function, one macro and one manifest:
//!
//! ```
//! use countersign_sdk::playbook::*;
//!
//! fn evaluate(case: &Case) -> Result<Plan> {
//!     let mut plan = Plan::empty("");
//!     if case.detection.rating == Rating::Malicious {
//!         plan.propose(
//!             contain_device(case.affected_device()?)
//!                 .because("It is malware, and it spreads.")
//!                 .lease_hours(24),
//!         );
//!     }
//!     Ok(plan)
//! }
//! // in the plugin: countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");
//! ```
//!
//! `actions` lets only possible pairs of action and target compile; `attributes` reads and writes
//! OCSF paths under typed names, so that a plugin never spells one; `bounds` keeps the contract's
//! limits; `testing` answers in place of the host, so that a plugin is tested with `cargo test`
//! and no wasm. The generated bindings are not for authors: what an author uses is named in the
//! preludes (`playbook`, `source`, `connector`), one by one.

mod actions;
mod attributes;
#[doc(hidden)]
pub mod bindings;
#[doc(hidden)]
pub mod bounds;
mod case;
mod connect;
mod host;
mod macros;
mod plan;
mod target;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod time;

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use host::{log, setting, settings_document};

use bindings::playbook::countersign::plugin::types::Failure;

/// What every plugin needs.
pub mod prelude {
    pub use crate::attributes::{Attributes, Mode};
    pub use crate::bindings::playbook::countersign::plugin::log::Level;
    pub use crate::bindings::playbook::countersign::plugin::types::*;
    pub use crate::target::{Address, Domain};
    pub use crate::{Result, log, setting, settings_document};
}

/// What a playbook needs.
pub mod playbook {
    pub use crate::actions::*;
    pub use crate::host::lookup;
    pub use crate::prelude::*;
}

/// What a source needs.
pub mod source {
    pub use crate::prelude::*;
    pub use crate::target::sha256;
    pub use crate::time::milliseconds;
}

/// What a connector needs.
pub mod connector {
    pub use crate::connect::{accepted, exchange, send};
    pub use crate::host::http;
    pub use crate::prelude::*;
}

/// A playbook's result; sources answer `Rejection`, connectors `Fault`.
pub type Result<T, E = Failure> = core::result::Result<T, E>;
