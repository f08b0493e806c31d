//! One entity as one OCSF object, with what OCSF demands of it.
//!
//! Members that OCSF requires and an alert does not give get OCSF's own word for "unknown"
//! (`type_id` 0); nothing else is made up. A certificate without issuer and serial number is not
//! valid OCSF, so a signer that is only a name is written as `company_name`.

use super::attributes::insert;
use super::entity::OF_IMAGE;
use crate::model::{Attribute, Device, Entity, Process, Target};
use serde_json::{Map, Value, json};

/// The device of the event.
pub(super) fn device(entity: &Entity) -> (Map<String, Value>, Vec<Attribute>) {
    let mut object = Map::new();
    if let Target::Device(device) = &entity.target {
        name_device(&mut object, device);
    }
    let left = fill(&mut object, &entity.attributes, str::to_owned);
    complete_device(&mut object);
    (object, left)
}

/// An evidence that holds exactly this entity. `root` is the device of the event.
pub(super) fn evidence(entity: &Entity, root: Option<&Device>) -> Value {
    let mut it = Evidence::default();
    it.entity(entity);
    if let Some(device) = it.needs_device.take().filter(|it| Some(it) != root) {
        it.set_device(&device);
    }
    it.own.insert("role".into(), json!(entity.role));
    if !it.left.is_empty() {
        it.own.insert("attributes".into(), pairs(&it.left));
    }
    it.object
        .insert("data".into(), json!({"countersign": it.own}));
    Value::Object(it.object)
}

/// Attributes as a list of pairs.
pub(super) fn pairs(attributes: &[Attribute]) -> Value {
    let pairs = attributes
        .iter()
        .map(|it| json!({"name": it.name, "value": it.value}));
    Value::Array(pairs.collect())
}

#[derive(Default)]
struct Evidence {
    object: Map<String, Value>,
    own: Map<String, Value>,
    left: Vec<Attribute>,
    needs_device: Option<Device>,
}

impl Evidence {
    fn entity(&mut self, entity: &Entity) {
        let attributes = &entity.attributes;
        match &entity.target {
            Target::Device(_) => {
                let (object, left) = device(entity);
                self.left = left;
                self.put("device", "device", object);
            }
            // Without a name, reading would take the file's for it.
            Target::Process(process) if !process.name.is_empty() => {
                self.process(process, attributes)
            }
            Target::File(file) if !file.path.is_empty() || file.sha256.is_some() => {
                let mut object = Map::new();
                set(&mut object, "path", &file.path);
                self.left = fill(&mut object, attributes, str::to_owned);
                hash(&mut object, file.sha256.as_deref());
                complete_file(&mut object);
                self.reference(file.reference.as_deref());
                self.needs_device = Some(file.device.clone());
                self.put("file", "file", object);
            }
            Target::Account(account) => {
                let mut object = Map::new();
                set(&mut object, "uid", &account.id);
                set(&mut object, "name", &account.name);
                set(&mut object, "domain", &account.domain);
                self.left = fill(&mut object, attributes, str::to_owned);
                self.put("account", "user", object);
            }
            Target::Address(address) => self.endpoint(address, attributes),
            Target::Other(it) if it.kind == "unspecified-address" && it.attributes.is_empty() => {
                self.endpoint(&it.id, attributes);
            }
            Target::Domain(name) => self.single("domain", "query", "hostname", name, attributes),
            Target::Url(url) => self.single("url", "url", "url_string", url, attributes),
            other => self.whole(other, attributes),
        }
    }
    fn put(&mut self, kind: &str, name: &str, object: Map<String, Value>) {
        self.own.insert("kind".into(), json!(kind));
        self.object.insert(name.to_owned(), Value::Object(object));
    }
    fn reference(&mut self, reference: Option<&str>) {
        if let Some(reference) = reference {
            self.own.insert("reference".into(), json!(reference));
        }
    }
    fn set_device(&mut self, device: &Device) {
        if device.id.is_empty() && device.name.is_empty() {
            self.own.insert("device".into(), json!("none"));
            return;
        }
        let mut object = Map::new();
        name_device(&mut object, device);
        complete_device(&mut object);
        self.object.insert("device".into(), Value::Object(object));
    }
    fn process(&mut self, process: &Process, attributes: &[Attribute]) {
        let mut object = Map::new();
        set(&mut object, "name", &process.name);
        set(
            &mut object,
            "uid",
            process.id.as_deref().unwrap_or_default(),
        );
        if let Some(pid) = process.pid {
            object.insert("pid".into(), json!(pid));
        }
        if let Some(started) = process.started {
            object.insert("created_time".into(), json!(started.0));
        }
        self.left = fill(&mut object, attributes, of_process);
        if let Some(sha256) = &process.sha256 {
            let image = object.entry("file").or_insert_with(|| json!({}));
            if let Value::Object(image) = image {
                hash(image, Some(sha256));
            }
        }
        complete_process(&mut object, &process.name);
        self.reference(process.reference.as_deref());
        self.needs_device = Some(process.device.clone());
        self.put("process", "process", object);
    }
    fn endpoint(&mut self, ip: &str, attributes: &[Attribute]) {
        let side = attributes.iter().find(|it| it.name == "countersign.side");
        let side = side
            .map_or("dst_endpoint", |it| it.value.as_str())
            .to_owned();
        let side = if side == "src_endpoint" {
            side
        } else {
            "dst_endpoint".to_owned()
        };
        // A prefix is a target of ours, and no value for an address field.
        if ip.contains('/') {
            return self.whole(&Target::Address(ip.to_owned()), attributes);
        }
        let mut object = Map::new();
        set(&mut object, "ip", ip);
        self.left = fill(&mut object, attributes, str::to_owned);
        self.own.insert("side".into(), json!(side));
        self.put("address", &side, object);
    }
    fn single(
        &mut self,
        kind: &str,
        object: &str,
        member: &str,
        value: &str,
        attributes: &[Attribute],
    ) {
        self.left = attributes.to_vec();
        let object_value = Map::from_iter([(member.to_owned(), json!(value))]);
        self.put(kind, object, object_value);
    }
    /// A target that OCSF has no object for, or whose object would not give it back: said whole
    /// under `data`, and shown where OCSF shows such a thing.
    fn whole(&mut self, target: &Target, attributes: &[Attribute]) {
        self.own.insert("kind".into(), json!("target"));
        let value = serde_json::to_value(target).unwrap_or(Value::Null);
        self.own.insert("target".into(), value);
        self.left = attributes.to_vec();
        let mut object = Map::new();
        match (target, kind_of(target)) {
            (_, "process") => {
                fill(&mut object, attributes, of_process);
                let name = text(&object, "name");
                complete_process(&mut object, &name);
                self.object.insert("process".into(), Value::Object(object));
            }
            (_, "file") => {
                fill(&mut object, attributes, str::to_owned);
                complete_file(&mut object);
                self.object.insert("file".into(), Value::Object(object));
            }
            (Target::Other(other), kind) => {
                let name = attributes.iter().find(|it| it.name == "name");
                set(&mut object, "uid", &other.id);
                set(&mut object, "type", kind);
                set(&mut object, "name", name.map_or("", |it| &it.value));
                self.object.insert("resources".into(), json!([object]));
            }
            _ => {}
        }
    }
}

fn kind_of(target: &Target) -> &str {
    match target {
        Target::Other(other) => &other.kind,
        other => other.kind().as_str(),
    }
}

fn text(object: &Map<String, Value>, name: &str) -> String {
    let text = object.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// Where OCSF has what the contract hangs on a process.
fn of_process(name: &str) -> String {
    let of_image = OF_IMAGE.iter().any(|it| name.starts_with(it));
    if of_image {
        format!("file.{name}")
    } else {
        name.to_owned()
    }
}

/// Puts attributes into an object; returns those that have no place in it.
pub(super) fn fill(
    object: &mut Map<String, Value>,
    attributes: &[Attribute],
    rename: impl Fn(&str) -> String,
) -> Vec<Attribute> {
    let mut left = Vec::new();
    for it in attributes {
        let is_ours = it.name.starts_with("countersign.");
        if is_ours || is_signer(&it.name) || !insert(object, &rename(&it.name), &it.value) {
            left.push(it.clone());
        }
    }
    for it in attributes.iter().filter(|it| is_signer(&it.name)) {
        let path = it
            .name
            .replace("signature.certificate.subject", "company_name");
        insert(object, &rename(&path), &it.value);
    }
    left
}

fn is_signer(name: &str) -> bool {
    name.ends_with("signature.certificate.subject")
}

fn set(object: &mut Map<String, Value>, name: &str, value: &str) {
    if !value.is_empty() {
        object.insert(name.to_owned(), json!(value));
    }
}

fn name_device(object: &mut Map<String, Value>, device: &Device) {
    set(object, "uid", &device.id);
    set(object, "hostname", &device.name);
}

fn hash(object: &mut Map<String, Value>, sha256: Option<&str>) {
    if let Some(sha256) = sha256 {
        insert(object, "hashes.sha256", sha256);
    }
}

fn required(object: &mut Map<String, Value>, name: &str, value: Value) {
    object.entry(name).or_insert(value);
}

fn complete_device(device: &mut Map<String, Value>) {
    let kind = device
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_ascii_lowercase();
    let id = match kind.as_str() {
        "server" => 1,
        "desktop" | "workstation" => 2,
        "laptop" => 3,
        "" | "unknown" => 0,
        _ => 99,
    };
    required(device, "type_id", json!(id));
    if let Some(Value::Object(os)) = device.get_mut("os") {
        let name = os.get("name").or_else(|| os.get("type")).cloned();
        required(os, "name", name.unwrap_or_else(|| json!("unknown")));
        required(os, "type_id", json!(0));
    }
    for name in ["network_interfaces", "agent_list"] {
        let list = device.get_mut(name).and_then(Value::as_array_mut);
        for it in list.into_iter().flatten().filter_map(Value::as_object_mut) {
            required(it, "type_id", json!(0));
        }
    }
}

fn complete_file(file: &mut Map<String, Value>) {
    let path = file.get("path").and_then(Value::as_str).unwrap_or_default();
    let name = path
        .rsplit(['\\', '/'])
        .next()
        .unwrap_or_default()
        .to_owned();
    let name = if name.is_empty() {
        "unknown".to_owned()
    } else {
        name
    };
    required(file, "name", json!(name));
    required(file, "type_id", json!(0));
    if let Some(Value::Object(signature)) = file.get_mut("signature") {
        required(signature, "algorithm_id", json!(0));
    }
}

fn complete_process(process: &mut Map<String, Value>, name: &str) {
    for of in ["parent_process", "file"] {
        let Some(Value::Object(inner)) = process.get_mut(of) else {
            continue;
        };
        if of == "file" {
            if !name.is_empty() && !inner.contains_key("path") {
                required(inner, "name", json!(name));
            }
            complete_file(inner);
        } else {
            let name = inner
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            complete_process(inner, &name);
        }
    }
}
