//! Findings of our own making, read and written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod reading;
mod round_trip;
mod schema;

use super::{read, write};
use crate::model::{Detection, Entity, Target};
use serde_json::{Value, json};

/// A Detection Finding as an EDR writes it.
fn finding() -> Value {
    json!({
        "activity_id": 1, "category_uid": 2, "class_uid": 2004, "type_uid": 200401, "time": 1773254656158u64,
        "severity_id": 4, "metadata": {"version": "1.3.0", "product": {"vendor_name": "Acme Inc.", "name": "EDR"}, "tenant_uid": "t-1"},
        "finding_info": {
            "uid": "f-1", "title": "Encoded shell", "analytic": {"uid": "r-7", "name": "shell", "type_id": 1},
            "attacks": [{"technique": {"uid": "T1059", "name": "Command"}, "sub_technique": {"uid": "T1059.001"}, "tactic": {"name": "Execution"}}]
        },
        "device": {"uid": "agent-7", "hostname": "ws-17.nw.example", "type_id": 3, "ip": "10.20.0.17", "os": {"name": "Windows 11", "type_id": 100},
            "agent_list": [{"version": "7.1", "type_id": 1}], "last_seen_time": 1},
        "evidences": [{
            "actor": {"user": {"uid": "S-1-5-21-7", "name": "jo", "domain": "NW"}},
            "process": {"pid": 4711, "created_time": 1773254650000u64, "name": "powershell.exe", "cmd_line": "powershell -enc AAAA",
                "file": {"name": "powershell.exe", "path": "C:\\Windows\\powershell.exe", "type_id": 1,
                    "hashes": [{"algorithm_id": 3, "value": "A".repeat(64)}, {"algorithm_id": 2, "value": "B".repeat(40)}]},
                "parent_process": {"pid": 4000, "name": "winword.exe"}},
            "src_endpoint": {"ip": "10.20.0.17"}, "dst_endpoint": {"ip": "::ffff:198.51.100.7", "port": 443},
            "query": {"hostname": "Drop.Example.NET."}
        }],
        "observables": [{"name": "evil", "type_id": 2, "value": "192.0.2.66"}]
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut event = finding();
    change(&mut event);
    event
}

fn refused(event: &Value) -> (String, String) {
    let it = read(event).unwrap_err();
    (it.code, it.at.unwrap())
}

fn find(it: &Detection, wanted: fn(&Target) -> bool) -> Vec<&Entity> {
    let found = it.entities.iter().filter(|it| wanted(&it.target));
    found.collect()
}
