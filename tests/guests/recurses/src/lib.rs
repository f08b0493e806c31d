//! Calls itself without end: the stack limit ends it (CS-run-44).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let depth = deeper(case, 0);
    Ok(Plan::empty(format!("{depth}")))
}

#[allow(
    unconditional_recursion,
    clippy::only_used_in_recursion,
    reason = "that is its behaviour"
)]
#[inline(never)]
fn deeper(case: &Case, depth: u64) -> u64 {
    std::hint::black_box(deeper(std::hint::black_box(case), depth + 1)) + 1
}
