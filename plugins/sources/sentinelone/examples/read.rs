//! Reads records natively, one a line, and writes what they became, one a line: the detections
//! (in the host's JSON of them) or the refusal. What the judge of the host's tests is fed with
//! where no engine runs: `cargo run --example read -- FILE.ndjson`.
#![allow(clippy::expect_used, reason = "a tool for developers")]
use countersign_sdk::source::*;
use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader};

fn main() {
    for path in std::env::args().skip(1) {
        let file = std::fs::File::open(&path).expect("the file opens");
        for line in BufReader::new(file).lines() {
            let line = line.expect("a line");
            let answer = match sentinelone::read(line.as_bytes(), sentinelone::POLICY_SECONDS_MAX) {
                Ok(it) => {
                    json!({"detections": it.detections.iter().map(detection).collect::<Vec<_>>()})
                }
                Err(it) => {
                    json!({"rejected": {"code": it.code, "message": it.message, "at": it.at}})
                }
            };
            println!("{answer}");
        }
    }
}

fn detection(it: &Detection) -> Value {
    json!({
        "id": it.id, "product": it.product, "time": it.time, "title": it.title,
        "severity": word(&it.severity), "rating": word(&it.rating), "techniques": it.techniques,
        "entities": it.entities.iter().map(entity).collect::<Vec<_>>(),
        "taken": it.taken.iter().map(taken).collect::<Vec<_>>(),
        "attributes": attributes(&it.attributes),
    })
}

/// `Severity::High` is `high`.
fn word(it: &impl std::fmt::Debug) -> String {
    let text = format!("{it:?}").to_lowercase();
    text.rsplit("::").next().unwrap_or_default().to_owned()
}

fn entity(it: &Entity) -> Value {
    json!({"role": it.role, "target": target(&it.target), "attributes": attributes(&it.attributes)})
}

fn taken(it: &Taken) -> Value {
    json!({
        "action": it.action, "target": target(&it.target), "state": it.state,
        "initiative": it.initiative, "at": it.at, "attributes": attributes(&it.attributes),
    })
}

fn attributes(list: &[Attribute]) -> Vec<Value> {
    list.iter()
        .map(|it| json!({"name": it.name, "value": it.value}))
        .collect()
}

fn device(it: &Device) -> Value {
    json!({"id": it.id, "name": it.name})
}

fn target(it: &Target) -> Value {
    let (kind, value) = match it {
        Target::Device(it) => ("device", device(it)),
        Target::Process(it) => (
            "process",
            json!({
                "device": device(&it.device), "id": it.id, "pid": it.pid, "started": it.started,
                "name": it.name, "sha256": it.sha256, "reference": it.reference,
            }),
        ),
        Target::File(it) => (
            "file",
            json!({
                "device": device(&it.device), "path": it.path, "sha256": it.sha256, "reference": it.reference,
            }),
        ),
        Target::Account(it) => (
            "account",
            json!({"id": it.id, "name": it.name, "domain": it.domain}),
        ),
        Target::Service(it) => (
            "service",
            json!({"device": device(&it.device), "name": it.name}),
        ),
        Target::Message(it) => ("message", json!({"id": it.id, "mailbox": it.mailbox})),
        Target::Software(it) => (
            "software",
            json!({
                "sha256": it.sha256, "signer": it.signer, "name": it.name, "path": it.path, "reference": it.reference,
            }),
        ),
        Target::Address(it) => ("address", json!(it)),
        Target::Domain(it) => ("domain", json!(it)),
        Target::Url(it) => ("url", json!(it)),
        Target::Other(it) => (
            "other",
            json!({
                "kind": it.kind, "id": it.id, "attributes": attributes(&it.attributes),
            }),
        ),
    };
    Value::Object(Map::from_iter([(kind.to_owned(), value)]))
}
