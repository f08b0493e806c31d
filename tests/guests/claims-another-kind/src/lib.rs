//! Says that it is a source and exports a playbook: it does not load (CS-load-31).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(_case: &Case) -> Result<Plan> {
    Ok(Plan::empty("loaded"))
}
