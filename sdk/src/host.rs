//! The host's functions, and the only place that calls them.
//!
//! In a component they are imports. In a native build, which is how an author's tests run, there
//! is no host: the imports would end the process. So every call goes through here, and on other
//! targets than wasm it is answered by the test (`testing::Host`).

use crate::bindings::playbook::countersign::plugin::log::Level;
use crate::bounds;
use crate::prelude::{Failure, Result};
#[cfg(target_arch = "wasm32")]
use imports as answers;
use std::str::FromStr;

#[cfg(not(target_arch = "wasm32"))]
use crate::testing::answers;

#[cfg(target_arch = "wasm32")]
mod imports {
    pub(crate) use crate::bindings::connector::countersign::plugin::http::send;
    pub(crate) use crate::bindings::playbook::countersign::plugin::log::write;
    pub(crate) use crate::bindings::playbook::countersign::plugin::lookup::{
        asset_of, earlier_cases, raw_alert, sightings_of,
    };
    pub(crate) use crate::bindings::playbook::countersign::plugin::settings::{document, get};
}

/// Writes a line to the plugin's log. It is for the operator; people who decide see the
/// rationale and the evidence. At most 2048 bytes; the rest is cut.
pub fn log(level: Level, message: impl AsRef<str>) {
    answers::write(
        level,
        &bounds::cut(message.as_ref(), bounds::LOG_LINE_BYTES_MAX),
    );
}

/// A top-level setting, parsed. Its default stands in the manifest, so that it is always there.
///
/// # Errors
/// `invalid-settings` if it is unset and has no default, or is not a `T`.
pub fn setting<T: FromStr>(name: &str) -> Result<T> {
    answers::get(name)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Failure::new("invalid-settings", format!("no usable setting {name}")))
}

/// All settings, as one JSON object with sorted keys.
pub fn settings_document() -> String {
    answers::document()
}

/// What the host knows: read-only, recorded with the evaluation and served again on replay. Each
/// function must be in the manifest's `lookups`.
pub mod lookup {
    use super::answers;
    pub use crate::bindings::playbook::countersign::plugin::lookup::{
        Asset, Earlier, Resolution, Sightings,
    };
    use crate::prelude::{Device, Software, Target};

    /// The asset behind a device; see `Asset::resolution`.
    pub fn asset_of(device: &Device) -> Asset {
        answers::asset_of(device)
    }

    /// How long, how often and where this lineage was seen: on one device, or (`None`) in the
    /// fleet.
    pub fn sightings_of(software: &Software, on: Option<&Device>) -> Sightings {
        answers::sightings_of(software, on)
    }

    /// Earlier cases that have this entity, newest first, at most `limit` (1-50).
    pub fn earlier_cases(about: &Target, limit: u32) -> Vec<Earlier> {
        answers::earlier_cases(about, limit)
    }

    /// A part of the alert as it arrived: from `offset`, at most `length` bytes (1-65536).
    pub fn raw_alert(offset: u32, length: u32) -> Vec<u8> {
        answers::raw_alert(offset, length)
    }
}

/// One whole request, one whole response. The host grants, resolves, adds the credential and
/// keeps the deadline.
pub mod http {
    use super::answers;
    pub use crate::bindings::connector::countersign::plugin::http::{
        Error, Header, Request, Response,
    };

    /// Sends it. `connect::send` sorts what comes back; use this where that does not fit.
    ///
    /// # Errors
    /// By what is known of the far side: nothing was sent (`denied`, `invalid`, `connection`), or
    /// something was.
    pub fn send(request: &Request) -> Result<Response, Error> {
        answers::send(request)
    }
}
