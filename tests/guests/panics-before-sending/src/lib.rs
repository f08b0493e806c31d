//! Panics before it sent anything: the order was not done (CS-run-48, `not-done`).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::connector::*;

countersign_sdk::connector!(execute, status, manifest: "../plugin.json");

fn status(_order: &Order) -> Result<Receipt, Fault> {
    Ok(Receipt::new(Outcome::Unknown, "not asked"))
}

#[allow(clippy::panic, reason = "that is its behaviour")]
fn execute(_order: &Order) -> Result<Receipt, Fault> {
    panic!("before")
}
