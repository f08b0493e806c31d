//! Asks for a lease that is longer than one can be (CS-run-06).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    let contain = contain_device(case.affected_device()?).because("why");
    let mut proposal: Proposal = contain.into();
    proposal.lease = Some(365 * 24 * 3600);
    plan.propose.push(proposal);
    Ok(plan)
}
