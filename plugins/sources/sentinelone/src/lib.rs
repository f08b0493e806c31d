//! The source `countersign.sentinelone`: what the console sends, as detections.
//!
//! `record` tells the shapes apart; `threat`, `unified`, `star` and `activity` read one each;
//! `agent`, `event`, `taken` and `words` hold what they share. The logic is plain Rust without
//! the host's imports, so that it is tested natively on recorded alerts; only `normalize` below
//! touches the sandbox.

mod activity;
mod activity_table;
mod agent;
#[cfg(test)]
mod cases;
mod event;
mod node;
mod offset;
mod raw_data;
mod record;
mod settle;
mod star;
mod taken;
mod threat;
mod unified;
mod words;

use countersign_sdk::source::*;

use node::Refusal;
use record::read;

countersign_sdk::source!(normalize, manifest: "../plugin.json");

/// Where the setting is not given: five minutes, as the manifest says.
const POLICY_SECONDS_MAX: u64 = 300;

fn normalize(payload: &[u8], _content_type: &str) -> Result<Vec<Detection>, Rejection> {
    let policy_seconds_max = setting::<u64>("policy-seconds-max").unwrap_or(POLICY_SECONDS_MAX);
    match read(payload, policy_seconds_max) {
        Ok(answer) => {
            for it in &answer.skipped {
                log(
                    Level::Debug,
                    format!("passed over {}: {}", it.at, it.message),
                );
            }
            Ok(answer.detections)
        }
        Err(refusal) => Err(rejection(payload, &refusal)),
    }
}

/// The contract locates by byte; the pointer, which people read, ends the message.
fn rejection(payload: &[u8], refusal: &Refusal) -> Rejection {
    let at = if refusal.at.is_empty() {
        "/"
    } else {
        &refusal.at
    };
    Rejection {
        code: refusal.code.into(),
        message: words::cut(format!("{} (at {at})", refusal.message), 1024),
        offset: offset::of(payload, &refusal.at),
    }
}
