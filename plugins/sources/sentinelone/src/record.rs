//! Which shape a payload has: one record, a list, or the envelope of the API that served it.
//!
//! A shape is recognised by the fields that only it has, never by what is missing. What is known
//! and no alert (telemetry, inventory) is `not-a-detection`; what is not known is `unsupported`
//! and named by its fields, so that an operator sees what the console sent.
use crate::node::{Node, Read, Refusal};
use crate::settle::settle;
use crate::{activity, star, threat, unified};
use countersign_sdk::source::Detection;
use serde_json::Value;

/// Bounds how many field names a message lists.
const NAMES_MAX: usize = 8;

/// What a payload gave.
#[derive(Debug)]
pub struct Answer {
    /// One for each alert, in order.
    pub detections: Vec<Detection>,
    /// Records of an envelope that are no alerts, with the reason.
    pub skipped: Vec<Refusal>,
}

/// Reads a payload. In an envelope, records that are no alerts are passed over (an activity
/// stream is mostly those) as long as one alert is among them; a broken record refuses the whole.
pub fn read(payload: &[u8], policy_seconds_max: u64) -> Read<Answer> {
    let payload: Value = serde_json::from_slice(payload).map_err(|error| Refusal {
        code: "malformed",
        message: format!("not JSON: {error}"),
        at: String::new(),
    })?;
    let root = Node::root(&payload);
    let records = match records(&root) {
        Some(records) => records,
        None => vec![root],
    };
    let mut answer = Answer {
        detections: Vec::new(),
        skipped: Vec::new(),
    };
    for record in &records {
        match one(record, policy_seconds_max) {
            Ok(detection) => answer.detections.push(settle(detection)),
            Err(refusal) if refusal.code == "not-a-detection" => answer.skipped.push(refusal),
            Err(refusal) => return Err(refusal),
        }
    }
    match (answer.detections.is_empty(), answer.skipped.first()) {
        (true, Some(refusal)) => Err(refusal.clone()),
        _ => Ok(answer),
    }
}

/// The records of an envelope: a list; `{"data": [..]}`; GraphQL's `{"data": {"alerts":
/// {"edges": [{"node": ..}]}}}` and `{"data": {"alert": ..}}`. An activity has an object of its
/// own under `data`.
fn records<'a>(root: &Node<'a>) -> Option<Vec<Node<'a>>> {
    if root.value().is_array() {
        return Some(root.list().collect());
    }
    let data = root.get("data");
    if data.value().is_array() {
        return Some(data.list().collect());
    }
    if root.get("activityType").is_there() {
        return None;
    }
    let edges = data.get("alerts").get("edges");
    if edges.value().is_array() {
        return Some(edges.list().map(|it| it.get("node")).collect());
    }
    let alert = data.get("alert");
    alert.is_object().then(|| vec![alert])
}

fn one(record: &Node<'_>, policy_seconds_max: u64) -> Read<Detection> {
    let Value::Object(fields) = record.value() else {
        return Err(record.malformed("expected an object".into()));
    };
    let has = |name: &str| record.get(name).is_there();
    if has("threatInfo") {
        threat::read(record, policy_seconds_max)
    } else if has("alertInfo") {
        star::alert(record)
    } else if has("activityType") {
        activity::read(record)
    } else if has("detectionSource") || (has("attackSurfaces") && has("detectedAt")) {
        unified::read(record)
    } else if let Some((telling, what)) = known_otherwise(record) {
        Err(telling.refuse("not-a-detection", what.into()))
    } else {
        let names: Vec<&str> = fields.keys().take(NAMES_MAX).map(String::as_str).collect();
        let text = format!(
            "no threat, unified alert, custom-rule alert or activity; found the fields {}",
            names.join(", ")
        );
        Err(record.refuse("unsupported", crate::words::cut(text, 1024)))
    }
}

/// What the console also sends and what is no alert: the field that tells, and what it tells.
fn known_otherwise<'a>(record: &Node<'a>) -> Option<(Node<'a>, &'static str)> {
    let has = |name: &str| record.get(name).is_there();
    if has("event.type") || has("meta.event.name") || has("event.category") {
        let telling = record.first(&["event.type", "meta.event.name", "event.category"]);
        Some((
            telling,
            "telemetry (Cloud Funnel): an event that no rule has called suspicious",
        ))
    } else if has("event") && has("meta") {
        Some((
            record.get("event"),
            "telemetry (Deep Visibility): an event that no rule has called suspicious",
        ))
    } else if has("computerName") && (has("machineType") || has("agentVersion")) {
        Some((record.get("computerName"), "an agent of the inventory"))
    } else if has("registrationToken") || (has("totalAgents") && has("inherits")) {
        let telling = record.first(&["registrationToken", "totalAgents"]);
        Some((telling, "a group or site of the console"))
    } else {
        None
    }
}
