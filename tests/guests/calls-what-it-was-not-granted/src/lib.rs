//! Imports every look-up, as some toolchains do, asks for one in its manifest and calls another
//! (CS-run-20).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let device = case.affected_device()?;
    if case.revision == u32::MAX {
        lookup::asset_of(device);
        lookup::earlier_cases(&device.clone().into(), 1);
        lookup::sightings_of(
            &Software {
                sha256: None,
                signer: None,
                name: "x".into(),
                path: None,
                reference: None,
            },
            None,
        );
    }
    let bytes = lookup::raw_alert(0, 16);
    Ok(Plan::empty(format!("{} bytes", bytes.len())))
}
