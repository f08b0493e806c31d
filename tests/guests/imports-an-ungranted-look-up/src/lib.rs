//! Imports a look-up that its manifest does not ask for: it does not load (CS-load-35).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let device = case.affected_device()?;
    let asset = lookup::asset_of(device);
    Ok(Plan::empty(asset.name))
}
