//! Proposes an action that its manifest does not ask for (CS-run-04).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    let release = release_device(case.affected_device()?).because("why");
    plan.propose.push(release.into());
    Ok(plan)
}
