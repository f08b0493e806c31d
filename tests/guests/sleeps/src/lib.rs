//! Sleeps for an hour: time does not move in a call, so it is over at once.
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(_case: &Case) -> Result<Plan> {
    std::thread::sleep(std::time::Duration::from_secs(3600));
    Ok(Plan::empty("awake"))
}
