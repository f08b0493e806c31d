//! Proposes twice under one key (CS-run-03).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    for _ in 0..2 {
        let contain = contain_device(case.affected_device()?).because("why");
        plan.propose.push(contain.key("contain").into());
    }
    Ok(plan)
}
