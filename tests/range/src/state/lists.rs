//! Firewall and directory: what is blocked, who may log in.

use super::{Account, Blocked, Change, Reading, Refusal, Wanted};
use serde_json::json;
use std::collections::BTreeMap;

/// Whether an address or a domain is blocked. What nobody listed is free, not missing.
pub fn read_block(list: &BTreeMap<String, Blocked>, name: &str) -> Reading {
    match list.get(name) {
        Some(block) => Reading::new("blocked", json!({ "until_ms": block.until_ms })),
        None => Reading::new("free", json!({})),
    }
}

/// Blocks it, or lets it go.
pub fn set_block(
    list: &mut BTreeMap<String, Blocked>,
    name: &str,
    wanted: &Wanted,
) -> Result<Change, Refusal> {
    wanted.one_of(&["blocked", "free"])?;
    let before = read_block(list, name).state;
    if wanted.state == "blocked" {
        let until_ms = wanted.until_ms;
        list.insert(name.to_owned(), Blocked { until_ms });
    } else {
        list.remove(name);
    }
    let after = read_block(list, name);
    Ok(Change {
        changed: before != after.state,
        detail: format!("{name} is {}", after.state),
        before,
        after,
    })
}

/// Whether an account can log in.
pub fn read_account(account: &Account) -> Reading {
    let state = if account.enabled {
        "enabled"
    } else {
        "disabled"
    };
    Reading::new(state, json!({ "name": account.name }))
}

/// Lets it, or not. A disabled account keeps its sessions, as in real directories: revoking
/// them is an action of its own.
pub fn set_account(account: &mut Account, wanted: &Wanted) -> Result<Change, Refusal> {
    wanted.one_of(&["enabled", "disabled"])?;
    let before = read_account(account).state;
    account.enabled = wanted.state == "enabled";
    let after = read_account(account);
    Ok(Change {
        changed: before != after.state,
        detail: format!("{} is {}", account.id, after.state),
        before,
        after,
    })
}

/// Whether it has sessions.
pub fn read_sessions(account: &Account) -> Reading {
    let state = if account.sessions > 0 {
        "open"
    } else {
        "revoked"
    };
    Reading::new(state, json!({ "sessions": account.sessions }))
}

/// Ends them all.
pub fn revoke_sessions(account: &mut Account, wanted: &Wanted) -> Result<Change, Refusal> {
    wanted.one_of(&["revoked"])?;
    let before = read_sessions(account).state;
    let ended = std::mem::take(&mut account.sessions);
    Ok(Change {
        before,
        after: read_sessions(account),
        changed: ended > 0,
        detail: format!("{ended} sessions ended"),
    })
}
