//! Panics: the end carries the message that it left on standard error (CS-run-48).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

#[allow(clippy::panic, reason = "that is its behaviour")]
fn evaluate(case: &Case) -> Result<Plan> {
    panic!("a bug in the plugin, seen in {}", case.id)
}
