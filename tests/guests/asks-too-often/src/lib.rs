//! Makes more look-ups than a call may (CS-run-52).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let device = case.affected_device()?;
    for _ in 0..1000 {
        lookup::asset_of(device);
    }
    Ok(Plan::empty("done"))
}
