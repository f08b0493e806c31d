//! Proposes on a file of the case without saying which one exactly (CS-run-07).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    for entity in &case.detection.entities {
        if let Target::File(file) = &entity.target {
            let mut vague = file.clone();
            (vague.sha256, vague.reference) = (None, None);
            let quarantine = quarantine_file(&vague).because("why");
            plan.propose.push(quarantine.into());
        }
    }
    Ok(plan)
}
