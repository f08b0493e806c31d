//! Gives one look-up more bytes than may cross: the limit of host-call bytes ends it (CS-run-45).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(_case: &Case) -> Result<Plan> {
    let software = Software {
        sha256: None,
        signer: None,
        name: "x".repeat(2 << 20),
        path: None,
        reference: None,
    };
    let known = lookup::sightings_of(&software, None);
    Ok(Plan::empty(known.tenure))
}
