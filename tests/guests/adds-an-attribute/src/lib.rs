//! Adds an attribute to a proposal that the host does not know (CS-run-09).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    let contain = contain_device(case.affected_device()?).because("why");
    let mut proposal: Proposal = contain.into();
    proposal.attributes.push(Attribute {
        name: "countersign.approved_by".into(),
        value: "the.ciso@example.com".into(),
    });
    plan.propose.push(proposal);
    Ok(plan)
}
