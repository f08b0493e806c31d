//! Counts its calls in a static: every call is the first.
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

fn evaluate(_case: &Case) -> Result<Plan> {
    let call = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    Ok(Plan::empty(format!("call {call}")))
}
