//! What a unified alert carries of the event behind it: `rawData`, an OCSF event in the vendor's
//! dialect, as an object or as text. Names come in snake case, from GraphQL in camel case.
//!
//! Only what the event names in so many words becomes an entity. Its observables are left alone:
//! they repeat values without saying whose they are.
use crate::node::{Node, Read};
use crate::words::{self, Hashes, entity, put};
use countersign_sdk::source::*;
use serde_json::Value;

/// What was found in the event.
#[derive(Default)]
pub struct Found {
    /// Resources, processes, files, users, addresses.
    pub entities: Vec<Entity>,
    /// MITRE ATT&CK ids.
    pub techniques: Vec<String>,
}

/// The event, if there is one.
pub fn parse(node: &Node<'_>) -> Option<Value> {
    match node.value() {
        Value::Object(_) => Some(node.value().clone()),
        Value::String(text) => serde_json::from_str(text).ok().filter(Value::is_object),
        _ => None,
    }
}

/// Reads the event. `device` is the machine of the alert, `id` the alert's.
pub fn read(event: &Node<'_>, device: &Device, id: &str) -> Read<Found> {
    let mut found = Found::default();
    for it in event.get("resources").list() {
        found.entities.extend(resource(&it)?);
    }
    for it in event.get("evidences").list() {
        found.entities.extend(evidence(&it, device, id)?);
    }
    let info = event.first(&["finding_info", "findingInfo"]);
    for attack in info.get("attacks").list() {
        let sub = attack
            .first(&["sub_technique", "subTechnique"])
            .get("uid")
            .text();
        let uid = sub.or_else(|| attack.get("technique").get("uid").text());
        found
            .techniques
            .extend(uid.and_then(|uid| words::technique(&uid)));
    }
    found.techniques = words::distinct(found.techniques);
    Ok(found)
}

/// A vendor's category as a kind of target: `a-z 0-9 -`, at most 64 bytes.
pub fn kind(category: &str) -> String {
    let part = category.rsplit("::").next().unwrap_or_default();
    let slug: String = part
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(64)
        .collect();
    match slug.trim_matches('-') {
        "" => "asset".into(),
        slug => slug.to_owned(),
    }
}

/// The customer's account in the console, from wherever the alert says it.
pub fn tenant(it: Detection, record: &Node<'_>) -> Detection {
    if it.text("metadata.tenant_uid").is_some() && it.affected_device().is_some() {
        return it;
    }
    let Some(event) = parse(&record.get("rawData")) else {
        return it;
    };
    let resources = Node::root(&event).get("resources");
    let Some(of) = resources
        .list()
        .map(|it| it.get("s1_metadata"))
        .find(Node::is_object)
    else {
        return it;
    };
    let (uid, name) = (of.get("account_id").text(), of.get("account_name").text());
    let it = match it.text("metadata.tenant_uid") {
        Some(_) => it,
        None => put(it, "metadata.tenant_uid", uid.clone()),
    };
    // Without a device there is no `device.org`; the account lies in the vendor's cloud.
    let it = put(it, "cloud.provider", Some("SentinelOne"));
    put(put(it, "cloud.org.uid", uid), "cloud.org.name", name)
}

/// A resource, and the account behind it: a directory user is its own account, anything else may
/// have an owner.
fn resource(node: &Node<'_>) -> Read<Vec<Entity>> {
    let (uid, name) = (node.get("uid").exact()?, node.get("name").exact()?);
    let Some(id) = uid.clone().or(name.clone()) else {
        return Ok(Vec::new());
    };
    let kind = kind(&node.get("type").word().unwrap_or_default());
    let owner = node.get("owner");
    let domain = owner.get("domain").text().unwrap_or_default();
    let account = if kind.ends_with("user") {
        let (id, name) = (uid.unwrap_or_default(), name.clone().unwrap_or_default());
        Some(entity(
            "affected",
            Target::Account(Account { id, name, domain }),
        ))
    } else {
        account(&owner, "related")?
    };
    let target = Target::Other(OtherTarget {
        kind,
        id,
        attributes: Vec::new(),
    });
    let it = put(entity("affected", target), "name", name);
    Ok([Some(it), account].into_iter().flatten().collect())
}

fn evidence(node: &Node<'_>, device: &Device, id: &str) -> Read<Vec<Entity>> {
    let actor = node.get("actor");
    let mut found = Vec::new();
    found.extend(process(&actor.get("process"), "actor", device, id)?);
    found.extend(account(&actor.get("user"), "actor")?);
    // Beside an actor, the process is what it was done to.
    let role = if found.is_empty() {
        "actor"
    } else {
        "observed"
    };
    found.extend(process(&node.get("process"), role, device, id)?);
    found.extend(file(&node.get("file"), device, id)?);
    found.extend(account(&node.get("user"), "observed")?);
    for (side, camel) in [
        ("src_endpoint", "srcEndpoint"),
        ("dst_endpoint", "dstEndpoint"),
    ] {
        let end = node.first(&[side, camel]);
        found.extend(words::endpoint(side, &end.get("ip"), &end.get("port")));
    }
    let url = node.get("url").first(&["url_string", "urlString"]).text();
    let url = url.and_then(|text| words::url(&text));
    found.extend(url.map(|url| entity("observed", Target::Url(url))));
    Ok(found)
}

fn hashes(file: &Node<'_>) -> Hashes {
    let list = file.get("hashes");
    let values: Vec<Node<'_>> = list.list().map(|it| it.get("value")).collect();
    Hashes::of(values)
}

fn process(node: &Node<'_>, role: &str, device: &Device, id: &str) -> Read<Option<Entity>> {
    if !node.is_object() {
        return Ok(None);
    }
    let image = node.get("file");
    let path = image.get("path").exact()?.or(node.get("path").exact()?);
    let hashes = hashes(&image);
    let name = node.get("name").text().or_else(|| image.get("name").text());
    let target = Process {
        device: device.clone(),
        id: node.get("uid").exact()?,
        pid: node
            .get("pid")
            .integer()
            .and_then(|pid| u32::try_from(pid).ok()),
        started: node
            .first(&["created_time", "createdTimeDt", "created_time_dt"])
            .time(),
        name: name.unwrap_or_default(),
        sha256: hashes.sha256.clone(),
        reference: Some(id.to_owned()),
    };
    if target.name.is_empty() && target.pid.is_none() && target.id.is_none() && path.is_none() {
        return Ok(None);
    }
    let parent = node.first(&["parent_process", "parentProcess"]);
    let it = hashes.on(entity(role, Target::Process(target)));
    let it = put(it, "cmd_line", node.first(&["cmd_line", "cmdLine"]).text());
    let it = put(it, "file.path", path);
    let it = put(it, "user.name", node.get("user").get("name").text());
    let it = put(it, "parent_process.name", parent.get("name").text());
    let it = put(it, "parent_process.pid", parent.get("pid").integer());
    let line = parent.first(&["cmd_line", "cmdLine"]).text();
    Ok(Some(put(it, "parent_process.cmd_line", line)))
}

fn file(node: &Node<'_>, device: &Device, id: &str) -> Read<Option<Entity>> {
    let path = node.get("path").exact()?;
    let hashes = hashes(node);
    if path.is_none() && hashes.sha256.is_none() && hashes.sha1.is_none() {
        return Ok(None);
    }
    let target = Target::File(File {
        device: device.clone(),
        path: path.unwrap_or_default(),
        sha256: hashes.sha256.clone(),
        reference: Some(id.to_owned()),
    });
    Ok(Some(put(
        hashes.on(entity("observed", target)),
        "name",
        node.get("name").text(),
    )))
}

fn account(node: &Node<'_>, role: &str) -> Read<Option<Entity>> {
    let (id, name) = (node.get("uid").exact()?, node.get("name").exact()?);
    if id.is_none() && name.is_none() {
        return Ok(None);
    }
    let target = Target::Account(Account {
        id: id.unwrap_or_default(),
        name: name.unwrap_or_default(),
        domain: node.get("domain").text().unwrap_or_default(),
    });
    let it = put(
        entity(role, target),
        "email_addr",
        node.first(&["email_addr", "emailAddr"]).text(),
    );
    Ok(Some(put(
        it,
        "full_name",
        node.first(&["full_name", "fullName"]).text(),
    )))
}
