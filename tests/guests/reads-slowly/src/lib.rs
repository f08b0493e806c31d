//! Burns a million units of fuel for each KiB of its payload: a source has fuel by the size of
//! what it reads, and this is within it.
#![cfg(target_arch = "wasm32")]

use countersign_sdk::source::*;

countersign_sdk::source!(normalize, manifest: "../plugin.json");

fn normalize(payload: &[u8], _content_type: &str) -> Result<Vec<Detection>, Rejection> {
    let mut n = 0u64;
    for _ in 0..payload.len() * 128 {
        n = std::hint::black_box(n.wrapping_add(1));
    }
    Ok(Vec::new())
}
