//! Proposes on a device that the case does not show (CS-run-08).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(_case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    let stranger = Device {
        id: "another-device".into(),
        name: String::new(),
    };
    let contain = contain_device(&stranger).because("why");
    plan.propose.push(contain.into());
    Ok(plan)
}
