//! Has a manifest with one key twice, so that two readers read two manifests: it does not load
//! (CS-load-11).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(_case: &Case) -> Result<Plan> {
    Ok(Plan::empty("loaded"))
}
