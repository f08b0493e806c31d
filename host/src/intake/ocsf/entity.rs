//! One OCSF object as one entity: the fields that select go into the target, the rest becomes
//! attributes under paths relative to the object.
//!
//! Hashes and signature of a process are those of its image. In the contract they stand on the
//! process itself (`hashes.sha1`), so that a lineage is read the same way from file and process.

use super::attributes::{self, ATTRIBUTES_MAX, attribute, flatten, sha256};
use super::cursor::At;
use crate::model::{
    Attribute, Device, Entity, File, OtherTarget, Process, Rejection, Target, UserAccount,
};
use serde_json::Value;
use std::net::IpAddr;

/// What the contract hangs on a process although OCSF has it on the image.
pub(super) const OF_IMAGE: &[&str] = &[
    "company_name",
    "hashes.",
    "internal_name",
    "product.",
    "signature.",
];

/// Members of a network endpoint that select a target.
pub(super) const SIDES: [&str; 2] = ["src_endpoint", "dst_endpoint"];

/// The device an object names.
pub(super) fn device(at: &At<'_>) -> Result<Device, Rejection> {
    let name = match at.get("hostname").text()? {
        Some(name) => Some(name),
        None => at.get("name").text()?,
    };
    Ok(Device {
        id: at.get("uid").text()?.unwrap_or_default(),
        name: name.unwrap_or_default(),
    })
}

/// The affected device or another; `None` if neither id nor name is there.
pub(super) fn device_entity(at: &At<'_>, role: &str) -> Result<Option<Entity>, Rejection> {
    let device = device(at)?;
    if is_nobody(&device) {
        return Ok(None);
    }
    let skip = ["uid", "hostname", "agent_list"];
    Ok(Some(entity(role, Target::Device(device), at.value, &skip)))
}

/// Whether a device names nothing.
pub(super) fn is_nobody(device: &Device) -> bool {
    device.id.is_empty() && device.name.is_empty()
}

/// A process on `device`.
pub(super) fn process(
    at: &At<'_>,
    role: &str,
    device: &Device,
) -> Result<Option<Entity>, Rejection> {
    let image = at.get("file");
    let pid = at
        .get("pid")
        .integer()?
        .and_then(|pid| u32::try_from(pid).ok());
    let name = match at.get("name").text()? {
        Some(name) => Some(name),
        None => image.get("name").text()?,
    };
    let started = match at.get("created_time").time()? {
        Some(time) => Some(time),
        None => at.get("created_time_dt").time()?,
    };
    let target = Process {
        device: device.clone(),
        id: at.get("uid").text()?,
        pid,
        started,
        name: name.unwrap_or_default(),
        sha256: sha256(image.get("hashes").value),
        reference: None,
    };
    let path = image.get("path").text()?;
    if target.id.is_none() && pid.is_none() && target.name.is_empty() && path.is_none() {
        return Ok(None);
    }
    let skip = [
        "uid",
        "pid",
        "name",
        "created_time",
        "file.name",
        "file.type_id",
    ];
    let mut it = entity(role, Target::Process(target), at.value, &skip);
    for attribute in &mut it.attributes {
        let of_image = attribute.name.strip_prefix("file.");
        let of_image = of_image.filter(|name| OF_IMAGE.iter().any(|it| name.starts_with(it)));
        if let Some(name) = of_image.map(str::to_owned) {
            attribute.name = name;
        }
    }
    Ok(standing(it))
}

/// A file on `device`. One without a path can be seen by its hash and not acted on.
pub(super) fn file(at: &At<'_>, role: &str, device: &Device) -> Result<Option<Entity>, Rejection> {
    let path = at.get("path").text()?;
    let sha256 = sha256(at.get("hashes").value);
    if path.is_none() && at.get("name").text()?.is_none() && !at.get("hashes").value.is_array() {
        return Ok(None);
    }
    let target = File {
        device: device.clone(),
        path: path.unwrap_or_default(),
        sha256,
        reference: None,
    };
    let skip = ["path", "type_id"];
    let it = entity(role, Target::File(target), at.value, &skip);
    Ok(standing(it))
}

/// A process or file stands on a device. One of which nobody says where can be seen and not acted
/// on: it is a target of its kind that no action applies to, named by its strongest name.
fn standing(mut it: Entity) -> Option<Entity> {
    let nowhere = it.target.device().is_some_and(is_nobody);
    if !nowhere {
        it.attributes.retain(|it| it.name != "hashes.sha256");
        return Some(it);
    }
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (kind, id, more) = match &it.target {
        Target::Process(of) => (
            "process",
            of.id.clone().or(of.sha256.clone()).or(text(&of.name)),
            vec![
                ("name", text(&of.name)),
                ("pid", of.pid.map(|pid| pid.to_string())),
            ],
        ),
        Target::File(of) => (
            "file",
            of.sha256.clone().or(text(&of.path)),
            vec![("path", text(&of.path))],
        ),
        _ => return Some(it),
    };
    let more = more
        .into_iter()
        .filter_map(|(name, value)| attribute(name, value?));
    it.attributes.extend(more);
    it.target = Target::Other(OtherTarget {
        kind: kind.to_owned(),
        id: id?,
        attributes: Vec::new(),
    });
    Some(it)
}

/// An account.
pub(super) fn account(at: &At<'_>, role: &str) -> Result<Option<Entity>, Rejection> {
    let (id, name) = (at.get("uid").text()?, at.get("name").text()?);
    if id.is_none() && name.is_none() {
        return Ok(None);
    }
    let target = UserAccount {
        id: id.unwrap_or_default(),
        name: name.unwrap_or_default(),
        domain: at.get("domain").text()?.unwrap_or_default(),
    };
    let skip = ["uid", "name", "domain"];
    Ok(Some(entity(role, Target::Account(target), at.value, &skip)))
}

/// One end of a connection. The unspecified address selects nothing, and firewalls read it as
/// "any": it is shown as a target that no action applies to.
pub(super) fn endpoint(at: &At<'_>, side: &str, role: &str) -> Result<Option<Entity>, Rejection> {
    let Some(text) = at.get("ip").text()? else {
        return Ok(None);
    };
    let ip = match text.trim().parse::<IpAddr>() {
        Ok(ip) => ip.to_canonical(),
        Err(_) => return Err(at.get("ip").malformed("not an IP address")),
    };
    let target = match ip.is_unspecified() {
        true => Target::Other(OtherTarget {
            kind: "unspecified-address".into(),
            id: ip.to_string(),
            attributes: Vec::new(),
        }),
        false => Target::Address(ip.to_string()),
    };
    let mut it = entity(role, target, at.value, &["ip"]);
    it.attributes
        .insert(0, Attribute::new("countersign.side", side));
    Ok(Some(it))
}

/// A resource that is no device by its type: cloud objects, mailboxes, directory objects.
pub(super) fn resource(at: &At<'_>, role: &str) -> Result<Option<Entity>, Rejection> {
    let (uid, name) = (at.get("uid").text()?, at.get("name").text()?);
    if uid.is_none() && name.is_none() {
        return Ok(None);
    }
    let target = Target::Other(OtherTarget {
        kind: kind(&at.get("type").text()?.unwrap_or_default()),
        id: uid.unwrap_or_default(),
        attributes: Vec::new(),
    });
    Ok(Some(entity(
        role,
        target,
        at.value,
        &["uid", "data", "agent_list"],
    )))
}

/// A producer's type as a kind of target: `a-z 0-9 -`, at most 64 bytes.
pub(super) fn kind(text: &str) -> String {
    let slug: String = text
        .chars()
        .take(64)
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    match slug.trim_matches('-') {
        "" => "resource".into(),
        slug => slug.to_owned(),
    }
}

fn entity(role: &str, target: Target, value: &Value, skip: &[&str]) -> Entity {
    let mut attributes = Vec::new();
    flatten(value, "", skip, &mut attributes);
    // Of the ancestors only the parent: each of them nests the next.
    attributes.retain(|it: &Attribute| {
        !it.name.starts_with("ancestry.") && !it.name.starts_with("parent_process.parent_process.")
    });
    attributes.truncate(ATTRIBUTES_MAX);
    Entity {
        role: role.to_owned(),
        target,
        attributes,
    }
}

/// A domain name in its canonical form, if the text is one: A-labels, lower case, no final dot.
pub(super) fn domain(text: &str) -> Option<String> {
    let name = text.trim().trim_end_matches('.');
    let ascii = idna::domain_to_ascii_strict(name).ok()?;
    let last = ascii.rsplit('.').next()?;
    let is_name = ascii.contains('.') && !last.bytes().all(|b| b.is_ascii_digit());
    is_name.then(|| attributes::cut(ascii, 253))
}
