//! Proposes under a key that is none (CS-run-02).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    let contain = contain_device(case.affected_device()?).because("why");
    plan.propose.push(contain.key("Not A Key").into());
    Ok(plan)
}
