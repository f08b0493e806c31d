//! Proposes seventeen times where sixteen are the limit (CS-run-01).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let device = case.affected_device()?;
    let mut plan = Plan::empty("");
    for n in 0..17 {
        let contain = contain_device(device).because("why").key(format!("k{n}"));
        plan.propose.push(contain.into());
    }
    Ok(plan)
}
