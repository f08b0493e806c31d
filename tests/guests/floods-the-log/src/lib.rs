//! Prints and logs far more than is kept: what is above is dropped and counted, and the call goes on.
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(_case: &Case) -> Result<Plan> {
    log(Level::Error, "x".repeat(100_000));
    for n in 0..2000 {
        log(Level::Info, format!("line {n}"));
        println!("printed {n}");
    }
    Ok(Plan::empty("still here"))
}
