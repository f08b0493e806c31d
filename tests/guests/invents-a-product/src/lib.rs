//! Speaks for a product that its manifest does not name (CS-run-11).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::source::*;

countersign_sdk::source!(normalize, manifest: "../plugin.json");

fn normalize(_payload: &[u8], _content_type: &str) -> Result<Vec<Detection>, Rejection> {
    Ok(vec![Detection {
        id: "1".into(),
        product: "other/edr".into(),
        time: 1,
        title: "t".into(),
        severity: Severity::High,
        rating: Rating::Malicious,
        techniques: Vec::new(),
        entities: Vec::new(),
        taken: Vec::new(),
        attributes: Vec::new(),
    }])
}
