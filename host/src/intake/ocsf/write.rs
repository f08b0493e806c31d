//! A detection as an OCSF 1.8 Detection Finding.
//!
//! What OCSF knows stands where OCSF says. What it does not (who wanted it, by which reference,
//! the mode of the product's policy) stands under `unmapped.countersign`, and nothing is lost.

use super::attributes::insert;
use super::read::{CLASS_UID, slug};
use super::write_entity::{self, pairs};
use crate::model::{Attribute, Detection, Device, Rating, Target};
use serde_json::{Map, Value, json};

/// The version that is written.
pub const VERSION: &str = "1.8.0";
/// Create: what an activity is that no attribute calls otherwise.
const ACTIVITY_ID: u64 = 1;

/// Writes a detection. `read` gives it back.
pub fn write(detection: &Detection) -> Value {
    let mut event = Map::new();
    let mut left = Vec::new();
    for it in &detection.attributes {
        if !put(&mut event, it) {
            left.push(it.clone());
        }
    }
    let (device, others) = split(detection);
    let mut root: Option<&Device> = None;
    if let (Some(entity), Some(Target::Device(named))) = (device, device.map(|it| &it.target)) {
        let (object, of_device) = write_entity::device(entity);
        merge(&mut event, "device", object);
        left.extend(
            of_device
                .into_iter()
                .map(|it| Attribute::new(format!("device.{}", it.name), it.value)),
        );
        root = Some(named);
    } else if event.remove("device").is_some() {
        // The version of an agent, of a device that is not the event's.
        let of_device = detection.attributes.iter();
        left.extend(
            of_device
                .filter(|it| it.name.starts_with("device."))
                .cloned(),
        );
    }
    let evidences = others.iter().map(|it| write_entity::evidence(it, root));
    event.insert("evidences".into(), evidences.collect());
    core(&mut event, detection);
    event.insert("unmapped".into(), unmapped(detection, &left));
    Value::Object(event)
}

/// The device of the event is the first entity, if that is an affected device: only then does
/// reading give the entities back in their order.
fn split(detection: &Detection) -> (Option<&crate::model::Entity>, &[crate::model::Entity]) {
    match detection.entities.split_first() {
        Some((first, rest))
            if first.role == "affected" && matches!(first.target, Target::Device(_)) =>
        {
            (Some(first), rest)
        }
        _ => (None, &detection.entities),
    }
}

/// An attribute at its place; false if it has none.
fn put(event: &mut Map<String, Value>, it: &Attribute) -> bool {
    if it.name.starts_with("countersign.") {
        return false;
    }
    match it.name.as_str() {
        // OCSF lists the agents of a device; the contract has the one that reported.
        "device.agent.version" => insert(event, "device.agent_list.version", &it.value),
        "finding_info.attacks.tactic.name" => insert(event, &it.name, &it.value),
        name => insert(event, name, &it.value),
    }
}

fn merge(event: &mut Map<String, Value>, name: &str, object: Map<String, Value>) {
    let agents = event.get(name).and_then(|it| it.get("agent_list")).cloned();
    let mut object = object;
    if let Some(Value::Array(mut agents)) = agents {
        for agent in agents.iter_mut().filter_map(Value::as_object_mut) {
            agent.entry("type_id").or_insert(json!(0));
        }
        object.insert("agent_list".into(), Value::Array(agents));
    }
    event.insert(name.to_owned(), Value::Object(object));
}

fn core(event: &mut Map<String, Value>, detection: &Detection) {
    let activity = event
        .get("activity_id")
        .and_then(Value::as_u64)
        .unwrap_or(ACTIVITY_ID);
    event.insert("activity_id".into(), json!(activity));
    event.insert("category_uid".into(), json!(2));
    event.insert("class_uid".into(), json!(CLASS_UID));
    event.insert("type_uid".into(), json!(CLASS_UID * 100 + activity));
    event.insert("time".into(), json!(detection.time.0));
    event.insert("severity_id".into(), json!(detection.severity as u8));
    event.insert("severity".into(), json!(detection.severity.as_str()));
    let verdict = match detection.rating {
        Rating::Malicious => 2,
        Rating::Suspicious => 4,
        Rating::Benign => 5,
        Rating::Unknown => 0,
    };
    event.entry("verdict_id").or_insert(json!(verdict));
    metadata(event, detection);
    let info = event.entry("finding_info").or_insert_with(|| json!({}));
    if let Value::Object(info) = info {
        finding(info, detection);
    }
}

fn metadata(event: &mut Map<String, Value>, detection: &Detection) {
    let has_cloud = event.contains_key("cloud");
    let metadata = event.entry("metadata").or_insert_with(|| json!({}));
    let Value::Object(metadata) = metadata else {
        return;
    };
    metadata.insert("version".into(), json!(VERSION));
    let product = metadata.entry("product").or_insert_with(|| json!({}));
    if let Value::Object(product) = product {
        let text = |name: &str| {
            product
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        // The producer's own spelling, as long as it means the same.
        if slug(text("vendor_name"), text("name")) != detection.product {
            let (vendor, name) = detection
                .product
                .split_once('/')
                .unwrap_or(("", &detection.product));
            product.insert("vendor_name".into(), json!(vendor));
            product.insert("name".into(), json!(name));
        }
    }
    let profiles = metadata.entry("profiles").or_insert_with(|| json!([]));
    if let Value::Array(profiles) = profiles {
        if has_cloud && !profiles.contains(&json!("cloud")) {
            profiles.push(json!("cloud"));
        }
        if profiles.is_empty() {
            metadata.remove("profiles");
        }
    }
}

fn finding(info: &mut Map<String, Value>, detection: &Detection) {
    info.insert("uid".into(), json!(detection.id));
    if !detection.title.is_empty() {
        info.insert("title".into(), json!(detection.title));
    }
    if let Some(Value::Object(analytic)) = info.get_mut("analytic") {
        analytic.entry("type_id").or_insert(json!(0));
    }
    let attacks = detection
        .techniques
        .iter()
        .map(|uid| match uid.split_once('.') {
            Some((technique, _)) => {
                json!({"technique": {"uid": technique}, "sub_technique": {"uid": uid}})
            }
            None => json!({"technique": {"uid": uid}}),
        });
    let list = info.entry("attacks").or_insert_with(|| json!([]));
    if let Value::Array(list) = list {
        list.extend(attacks);
        if list.is_empty() {
            info.remove("attacks");
        }
    }
}

fn unmapped(detection: &Detection, left: &[Attribute]) -> Value {
    let mut own = Map::from_iter([("rating".to_owned(), json!(detection.rating))]);
    own.insert("taken".into(), json!(detection.taken));
    if !left.is_empty() {
        own.insert("attributes".into(), pairs(left));
    }
    json!({"countersign": own})
}
