//! Has no manifest in it: it does not load (CS-load-10).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

use countersign_sdk::bindings::playbook;

struct Plugin;

impl playbook::exports::countersign::plugin::evaluator::Guest for Plugin {
    fn evaluate(_case: Case) -> Result<Plan> {
        Ok(Plan::empty("loaded"))
    }
}

#[allow(unsafe_code, reason = "generated: the export")]
mod export {
    use super::{Plugin, playbook};
    playbook::export_playbook!(Plugin with_types_in playbook);
}
