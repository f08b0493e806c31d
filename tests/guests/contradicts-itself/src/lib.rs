//! Gives up a key of a bundle that it proposes in the same breath (CS-run-12).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    let contain = contain_device(case.affected_device()?).because("why");
    let mut proposal: Proposal = contain.key("contain").into();
    proposal.bundle = Some("together".into());
    plan.propose.push(proposal);
    plan.withdraw.push("contain".into());
    Ok(plan)
}
