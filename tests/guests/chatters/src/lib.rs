//! Makes a million host calls: their count is limited (CS-run-46).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(_case: &Case) -> Result<Plan> {
    for _ in 0..1_000_000 {
        log(Level::Debug, "");
    }
    Ok(Plan::empty("done"))
}
