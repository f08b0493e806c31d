//! Does the one misdeed that its payload names, as a source. What is no misdeed is an empty
//! delivery.
#![cfg(target_arch = "wasm32")]

use countersign_sdk::source::*;

#[path = "../../misdeeds.rs"]
mod misdeeds;

countersign_sdk::source!(normalize, manifest: "../plugin.json");

fn normalize(payload: &[u8], _content_type: &str) -> Result<Vec<Detection>, Rejection> {
    misdeeds::commit(core::str::from_utf8(payload).unwrap_or_default().trim());
    Ok(Vec::new())
}
