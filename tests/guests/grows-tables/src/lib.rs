//! Grows its function table without end (CS-run-43).
//!
//! Rust has no word for that. What stands here asks for more memory than there can be, by the one
//! instruction that is as long as growing a table: `e2e::guests::component` puts that in its place.
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(_case: &Case) -> Result<Plan> {
    while core::arch::wasm32::memory_grow::<0>(0x7fff_ffff) != usize::MAX {}
    Ok(Plan::empty("still here"))
}
