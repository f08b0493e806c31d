//! Nested objects as attributes, and attributes as nested objects.
//!
//! The contract has one shape for everything that will grow: a list of names and texts. A nested
//! name is a dotted path, a list is the name repeated, a hash is named by its algorithm. Going
//! back needs to know which members OCSF makes lists and which are numbers; both are closed lists
//! here. What does not fit (a second value for a member that is no list) is kept by the caller
//! under `countersign` instead of being pressed into the wrong place.

use crate::model::Attribute;
use serde_json::{Map, Value, json};

/// LIMIT: as in the contract.
pub(super) const ATTRIBUTES_MAX: usize = 256;
const NAME_BYTES_MAX: usize = 128;
const VALUE_BYTES_MAX: usize = 8192;
/// LIMIT: `parent_process.file.signature.certificate.subject` is 5; a parent's parent is another.
const DEPTH_MAX: usize = 6;

/// Members that OCSF makes lists of objects.
const OBJECT_LISTS: &[&str] = &[
    "agent_list",
    "ancestry",
    "attacks",
    "cves",
    "extensions",
    "files",
    "groups",
    "hashes",
    "kill_chain",
    "malware",
    "network_interfaces",
    "related_analytics",
    "related_events",
    "resources",
    "signatures",
    "tags",
    "vulnerabilities",
];
/// Members that OCSF makes lists of texts or numbers.
const VALUE_LISTS: &[&str] = &[
    "category_ids",
    "classification_ids",
    "classifications",
    "data_sources",
    "imei_list",
    "intermediate_ips",
    "labels",
    "lineage",
    "loaded_modules",
    "profiles",
    "references",
    "types",
];
/// Members that change with every poll and say nothing about the alert: dedupe would see a new
/// revision each time.
const VOLATILE: &[&str] = &[
    "last_seen_time",
    "logged_time",
    "modified_time",
    "processed_time",
    "transmit_time",
];
const ALGORITHMS: &[(u64, &str)] = &[
    (1, "md5"),
    (2, "sha1"),
    (3, "sha256"),
    (4, "sha512"),
    (5, "ctph"),
    (6, "tlsh"),
    (7, "quickxorhash"),
];

/// Flattens `value` under `prefix` into `out`. `skip` are paths, relative to the first value, that
/// have a place of their own.
pub(super) fn flatten(value: &Value, prefix: &str, skip: &[&str], out: &mut Vec<Attribute>) {
    walk(value, prefix, skip, DEPTH_MAX, out);
}

fn walk(value: &Value, path: &str, skip: &[&str], depth: usize, out: &mut Vec<Attribute>) {
    if skip.contains(&path) || out.len() >= ATTRIBUTES_MAX {
        return;
    }
    match value {
        Value::Object(members) if depth > 0 => {
            for (name, value) in members {
                let volatile = VOLATILE.contains(&name.trim_end_matches("_dt"));
                // 0 is OCSF's "unknown": it says nothing, and writers put it where they must.
                let unknown = name.ends_with("_id") && value.as_u64() == Some(0);
                if !name.ends_with("_dt") && !volatile && !unknown {
                    walk(value, &join(path, name), skip, depth - 1, out);
                }
            }
        }
        Value::Array(items) if last(path) == "hashes" => {
            let hashes = items.iter().filter_map(hash);
            out.extend(hashes.filter_map(|(name, value)| attribute(&join(path, name), value)));
        }
        Value::Array(items) => {
            for item in items {
                walk(item, path, skip, depth, out);
            }
        }
        Value::String(text) => out.extend(attribute(path, text.clone())),
        Value::Number(_) | Value::Bool(_) => out.extend(attribute(path, value.to_string())),
        _ => {}
    }
}

/// Algorithm and value of a fingerprint. The number decides; its caption only where it is `other`.
pub(super) fn hash(fingerprint: &Value) -> Option<(&'static str, String)> {
    let value = fingerprint.get("value")?.as_str()?.trim();
    let id = fingerprint.get("algorithm_id").and_then(Value::as_u64);
    let caption = fingerprint
        .get("algorithm")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let caption = caption.to_ascii_lowercase().replace('-', "");
    let found = ALGORITHMS.iter().find(|(number, name)| match id {
        Some(id) if id != 0 && id != 99 => *number == id,
        _ => *name == caption,
    });
    let (_, name) = found.filter(|_| !value.is_empty())?;
    Some((name, value.to_ascii_lowercase()))
}

/// The SHA-256 of a list of fingerprints, if it is written like one.
pub(super) fn sha256(hashes: &Value) -> Option<String> {
    let list = hashes.as_array()?.iter().filter_map(hash);
    let mut found = list
        .filter(|(name, _)| *name == "sha256")
        .map(|(_, value)| value);
    found.find(|it| it.len() == 64 && it.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// One attribute within the bounds of the contract; names that cannot be names are left out.
pub(super) fn attribute(name: &str, value: String) -> Option<Attribute> {
    let plain =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'-');
    if name.is_empty()
        || name.len() > NAME_BYTES_MAX
        || !name.bytes().all(plain)
        || value.trim().is_empty()
    {
        return None;
    }
    Some(Attribute::new(name, cut(value, VALUE_BYTES_MAX)))
}

/// Cut to a number of bytes, at a character.
pub(super) fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        let end = (0..=bytes_max).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
    }
    text
}

/// Puts `value` at `path` of `object`. False, and nothing changed, if something else is there.
pub(super) fn insert(object: &mut Map<String, Value>, path: &str, value: &str) -> bool {
    match path.split_once('.') {
        None => insert_leaf(object, path, value),
        Some(("hashes", algorithm)) => insert_hash(object, algorithm, value),
        Some((name, rest)) if OBJECT_LISTS.contains(&name) => {
            let list = object.entry(name).or_insert_with(|| json!([]));
            let Value::Array(list) = list else {
                return false;
            };
            // The first that has no such member yet: repeated names become one object each.
            for item in list.iter_mut().filter_map(Value::as_object_mut) {
                if list_item_fits(item, rest) {
                    return insert(item, rest, value);
                }
            }
            let mut item = Map::new();
            let inserted = insert(&mut item, rest, value);
            list.push(Value::Object(item));
            inserted
        }
        Some((name, rest)) => {
            let inner = object.entry(name).or_insert_with(|| json!({}));
            inner
                .as_object_mut()
                .is_some_and(|it| insert(it, rest, value))
        }
    }
}

/// Members of one list stand in one object only while each occurs once; addresses and hardware
/// addresses of several interfaces must not be paired by their order. So an object takes what
/// names it (`uid` beside `name`), and everything else gets one of its own.
fn list_item_fits(item: &Map<String, Value>, path: &str) -> bool {
    let names = ["uid", "name"];
    names.contains(&path)
        && item.len() == 1
        && !item.contains_key(path)
        && names.iter().any(|it| item.contains_key(*it))
}

fn insert_leaf(object: &mut Map<String, Value>, name: &str, value: &str) -> bool {
    let typed = typed(name, value);
    if VALUE_LISTS.contains(&name) {
        let list = object.entry(name).or_insert_with(|| json!([]));
        let Value::Array(list) = list else {
            return false;
        };
        list.push(typed);
        return true;
    }
    if object.contains_key(name) || OBJECT_LISTS.contains(&name) {
        return false;
    }
    object.insert(name.to_owned(), typed);
    true
}

fn insert_hash(object: &mut Map<String, Value>, algorithm: &str, value: &str) -> bool {
    let Some((id, _)) = ALGORITHMS.iter().find(|(_, name)| *name == algorithm) else {
        return false;
    };
    let list = object.entry("hashes").or_insert_with(|| json!([]));
    let Value::Array(list) = list else {
        return false;
    };
    list.push(json!({"algorithm_id": id, "value": value}));
    true
}

/// The JSON type that OCSF gives a member.
fn typed(name: &str, value: &str) -> Value {
    let number = [
        "_id", "_ids", "_score", "_time", "pid", "port", "size", "count", "duration", "tid",
    ];
    let parsed = value
        .parse::<i64>()
        .ok()
        .filter(|it| it.to_string() == value);
    match (value, parsed) {
        ("true" | "false", _) if name.starts_with("is_") || name.starts_with("has_") => {
            json!(value == "true")
        }
        (_, Some(it)) if number.iter().any(|end| name.ends_with(end)) => json!(it),
        _ => json!(value),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn flat(value: &Value) -> Vec<(String, String)> {
        let mut out = Vec::new();
        flatten(value, "", &["uid"], &mut out);
        out.into_iter().map(|it| (it.name, it.value)).collect()
    }

    #[test]
    fn nested_objects_become_paths_and_back() {
        let file = json!({"uid": "x", "name": "a.exe", "size": 5, "hashes": [{"algorithm_id": 2, "value": "AB"}],
            "signature": {"certificate": {"subject": "S"}}, "is_system": true, "groups": [{"uid": "1", "name": "g"}]});
        let attributes = flat(&file);
        assert!(attributes.contains(&("hashes.sha1".into(), "ab".into())));
        assert!(!attributes.iter().any(|(name, _)| name == "uid"));
        let mut back = Map::new();
        for (name, value) in &attributes {
            assert!(insert(&mut back, name, value), "{name}");
        }
        assert_eq!(flat(&Value::Object(back.clone())), attributes);
        assert_eq!(back.get("size").unwrap(), 5);
        assert_eq!(
            back.get("groups").unwrap(),
            &json!([{"uid": "1", "name": "g"}])
        );
    }

    #[test]
    fn addresses_of_interfaces_are_not_paired_with_hardware_addresses() {
        let mut device = Map::new();
        for (name, value) in [("ip", "10.0.0.1"), ("ip", "10.0.0.2"), ("mac", "aa")] {
            assert!(insert(
                &mut device,
                &format!("network_interfaces.{name}"),
                value
            ));
        }
        let expected = json!([{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}, {"mac": "aa"}]);
        assert_eq!(device.get("network_interfaces").unwrap(), &expected);
    }

    #[test]
    fn a_second_value_for_a_single_member_does_not_fit() {
        let mut object = Map::new();
        assert!(insert(&mut object, "analytic.name", "a"));
        assert!(!insert(&mut object, "analytic.name", "b"));
        assert!(!insert(&mut object, "analytic.name.more", "b"));
    }

    #[test]
    fn the_number_of_an_algorithm_decides_and_not_its_caption() {
        let hash = |id: u64, caption: &str| {
            hash(&json!({"algorithm_id": id, "algorithm": caption, "value": "AA"}))
        };
        assert_eq!(hash(3, "MD5").unwrap().0, "sha256");
        assert_eq!(hash(99, "SHA-256").unwrap().0, "sha256");
        assert_eq!(hash(99, "imphash"), None);
        let list = json!([{"algorithm_id": 3, "value": "short"}, {"algorithm_id": 3, "value": "A".repeat(64)}]);
        assert_eq!(sha256(&list), Some("a".repeat(64)));
    }
}
