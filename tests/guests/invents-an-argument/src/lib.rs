//! Gives an action an argument that it does not have (CS-run-05).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    let contain = contain_device(case.affected_device()?).because("why");
    let mut proposal: Proposal = contain.into();
    proposal.arguments.push(Attribute {
        name: "force".into(),
        value: "true".into(),
    });
    plan.propose.push(proposal);
    Ok(plan)
}
