//! Answers `absent` to `execute`, which cannot be (CS-run-10).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::connector::*;

countersign_sdk::connector!(execute, status, manifest: "../plugin.json");

fn status(_order: &Order) -> Result<Receipt, Fault> {
    Ok(Receipt::new(Outcome::Unknown, "not asked"))
}

fn execute(_order: &Order) -> Result<Receipt, Fault> {
    Ok(Receipt::new(Outcome::Absent, "never heard of it"))
}
