//! Answers with more bytes than may cross (CS-run-01).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(_case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    plan.withdraw.push("x".repeat(5 << 20));
    Ok(plan)
}
