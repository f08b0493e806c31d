//! What is written is OCSF 1.8, by the compiled schema where it lies beside the repository.
use super::*;
use crate::model::{Attribute, Device, File, Process, UserAccount};
use std::collections::HashMap;

fn schema() -> Option<Value> {
    let root = crate::intake::recorded::shared()?;
    let file = root.join("data/reference/ocsf_schema/compiled-1.8.0.json");
    Some(serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap())
}

struct Schema {
    objects: HashMap<String, Vec<Value>>,
    profiles: Vec<String>,
}

impl Schema {
    /// Every required member is there, and every member is one that OCSF knows, with its type.
    fn check(&self, value: &Value, attributes: &[Value], path: &str, faults: &mut Vec<String>) {
        let members = value.as_object().unwrap();
        for of in attributes {
            let name = of["name"].as_str().unwrap();
            let profile = of["profile"].as_str();
            let applies = profile.is_none_or(|it| self.profiles.iter().any(|on| on == it));
            let required = of["requirement"] == "required" && applies;
            if required && !members.contains_key(name) {
                faults.push(format!("{path}.{name} is required"));
            }
        }
        for (name, value) in members {
            let at = format!("{path}.{name}");
            let Some(of) = attributes.iter().find(|it| it["name"] == name.as_str()) else {
                faults.push(format!("{at} is not OCSF"));
                continue;
            };
            if (of["is_array"] == true) != value.is_array() {
                faults.push(format!("{at} is a list or should be one"));
            }
            let type_name = of["type"].as_str().unwrap_or_default();
            let items = value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()]);
            for item in &items {
                self.check_item(item, type_name, &at, faults);
            }
        }
    }
    fn check_item(&self, item: &Value, type_name: &str, at: &str, faults: &mut Vec<String>) {
        if let Some(attributes) = self.objects.get(type_name) {
            match item.is_object() {
                true => self.check(item, attributes, at, faults),
                false => faults.push(format!("{at} is no object")),
            }
            return;
        }
        let fits = match type_name {
            "integer_t" | "long_t" | "timestamp_t" | "port_t" => item.is_i64() || item.is_u64(),
            "boolean_t" => item.is_boolean(),
            "object" | "json_t" => true,
            name if name.ends_with("_t") => item.is_string(),
            _ => true,
        };
        if !fits {
            faults.push(format!("{at} is {item}, not {type_name}"));
        }
    }
}

fn faults(event: &Value, compiled: &Value) -> Vec<String> {
    let list = |kind: &str| compiled[kind].as_array().unwrap().clone();
    let attributes = |it: &Value| it["attributes"].as_array().unwrap().clone();
    let objects = list("objects")
        .iter()
        .map(|it| (it["name"].as_str().unwrap().to_owned(), attributes(it)))
        .collect();
    let profiles = event["metadata"]["profiles"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let profiles = profiles
        .iter()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect();
    let class = list("classes")
        .into_iter()
        .find(|it| it["name"] == "detection_finding")
        .unwrap();
    let mut faults = Vec::new();
    Schema { objects, profiles }.check(event, &attributes(&class), "", &mut faults);
    faults
}

/// Everything a source tells of an endpoint alert.
fn full() -> Detection {
    let mut it = read(&finding()).unwrap();
    let device = Device {
        id: "agent-7".into(),
        name: "ws-17".into(),
    };
    let lineage = [
        ("hashes.sha1", "ab"),
        ("signature.certificate.subject", "NW"),
        ("signature.state_id", "1"),
        ("internal_name", "p.exe"),
        ("file.path", "C:\\a"),
        ("cmd_line", "a"),
        ("user.name", "jo"),
        ("parent_process.file.path", "C:\\b"),
        ("parent_process.name", "b"),
        ("parent_process.file.signature.certificate.subject", "NW"),
    ];
    let lineage: Vec<Attribute> = lineage
        .iter()
        .map(|(name, value)| Attribute::new(*name, *value))
        .collect();
    let process = Process {
        device: device.clone(),
        id: None,
        pid: Some(7),
        started: None,
        name: "a".into(),
        sha256: Some("a".repeat(64)),
        reference: Some("t".into()),
    };
    let file = File {
        device,
        path: String::new(),
        sha256: Some("a".repeat(64)),
        reference: Some("t".into()),
    };
    let account = UserAccount {
        id: String::new(),
        name: "jo".into(),
        domain: String::new(),
    };
    for target in [
        Target::Process(process),
        Target::File(file),
        Target::Account(account),
    ] {
        let attributes = if matches!(target, Target::Process(_)) {
            lineage.clone()
        } else {
            Vec::new()
        };
        it.entities.push(Entity {
            role: "affected".into(),
            target,
            attributes,
        });
    }
    let device = &mut it.entities[0].attributes;
    for (name, value) in [
        ("os.type", "windows"),
        ("network_interfaces.ip", "10.0.0.1"),
        ("network_interfaces.mac", "02:00:5e:10:00:07"),
        ("groups.uid", "1"),
        ("groups.name", "g"),
        ("org.uid", "1"),
        ("org.ou_name", "hq"),
        ("uid_alt", "x"),
        ("domain", "NW"),
        ("type", "server"),
    ] {
        device.push(Attribute::new(name, value));
    }
    for (name, value) in [
        ("cloud.org.uid", "1"),
        ("cloud.provider", "Acme"),
        ("finding_info.types", "Malware"),
        ("finding_info.created_time", "1773254656158"),
        ("finding_info.attacks.tactic.name", "Execution"),
        ("metadata.correlation_uid", "s"),
        ("metadata.event_code", "2001"),
        ("confidence", "malicious"),
        ("status", "New"),
        ("message", "m"),
        ("countersign.partial", "true"),
    ] {
        it.attributes.push(Attribute::new(name, value));
    }
    it
}

#[test]
fn what_is_written_has_all_that_ocsf_requires_and_nothing_that_it_does_not_know() {
    let Some(compiled) = schema() else { return };
    for detection in [read(&finding()).unwrap(), full()] {
        let event = write(&detection);
        assert_eq!(faults(&event, &compiled), Vec::<String>::new(), "{event:#}");
    }
}

#[test]
fn the_check_itself_can_fail() {
    let Some(compiled) = schema() else { return };
    let mut event = write(&full());
    event["device"].as_object_mut().unwrap().remove("type_id");
    event["time"] = json!("1");
    event["made_up"] = json!(1);
    assert_eq!(faults(&event, &compiled).len(), 3);
}
