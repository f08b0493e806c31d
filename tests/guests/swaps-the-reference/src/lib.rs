//! Proposes on a file of the case under another reference: the product would act on another file
//! than people saw (CS-run-08).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    for entity in &case.detection.entities {
        if let Target::File(file) = &entity.target {
            let mut other = file.clone();
            other.reference = Some("threat-of-somebody-else".into());
            let quarantine = quarantine_file(&other).because("why");
            plan.propose.push(quarantine.into());
        }
    }
    Ok(plan)
}
