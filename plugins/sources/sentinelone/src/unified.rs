//! Unified alerts, as the console's GraphQL API serves them (also for identity, cloud and what
//! other vendors send into it).
//!
//! The alert's own id is the id of the case, and the reference by which the console acts on it.
//! An asset is a machine only if an agent runs on it or its category says so: the asset of an
//! identity alert is a user, and a user in a device field would be cut off from the network.
//! Names come in camel case; `rawData` holds the event in OCSF's own snake case.
use crate::agent::{Agent, Scope};
use crate::node::{Node, Read};
use crate::raw_data;
use crate::words::{self, Hashes, OWN, entity, put};
use countersign_sdk::source::*;

/// Reads one alert.
pub fn read(record: &Node<'_>) -> Read<Detection> {
    let id = record.get("id").required_id()?;
    let time = record
        .first(&["detectedAt", "firstSeenAt", "createdAt"])
        .required_time()?;
    let (asset, then) = (record.get("asset"), record.get("detectionTime"));
    let agent = agent(record)?;
    let device = if is_machine(&asset) {
        agent.device()
    } else {
        Device {
            id: String::new(),
            name: String::new(),
        }
    };
    let raw = raw_data::parse(&record.get("rawData"));
    let mut entities = Vec::new();
    if is_machine(&asset) {
        entities.extend(agent.entity());
    } else {
        entities.extend(other_asset(&asset, &agent)?);
    }
    entities.extend(own_entities(record, &device, &id)?);
    let mut techniques = Vec::new();
    if let Some(raw) = &raw {
        let found = raw_data::read(&Node::root(raw), &device, &id)?;
        for it in found.entities {
            if entities.iter().all(|known| known.target != it.target) {
                entities.push(it);
            }
        }
        techniques = found.techniques;
    }
    entities.truncate(64);
    let modes = (
        words::mode(&then.get("asset").get("policy")),
        words::mode(&asset.get("policy")),
    );
    let detection = Detection {
        title: words::title(record.get("name").text().unwrap_or_else(|| "Alert".into())),
        product: "sentinelone/singularity".into(),
        time,
        severity: words::severity(&record.get("severity")),
        rating: words::rating(
            &record.get("confidenceLevel"),
            &record.get("analystVerdict"),
        ),
        techniques,
        taken: result(record, &entities, &device),
        entities,
        attributes: Vec::new(),
        id,
    };
    Ok(attributes(agent.on(detection), record).with_modes(modes.0, modes.1))
}

fn agent(record: &Node<'_>) -> Read<Agent> {
    let (asset, then) = (record.get("asset"), record.get("detectionTime"));
    let seen = then.get("asset");
    let scope = Scope::nested(&record.get("realTime").get("scope"));
    let either = |name: &str| seen.get(name).text().or_else(|| asset.get(name).text());
    let mut agent = Agent {
        id: asset.get("agentId").exact()?,
        uuid: asset.get("agentUuid").exact()?.or(asset.get("id").exact()?),
        name: asset.get("name").exact()?,
        domain: seen.get("domain").text(),
        os_name: seen
            .get("osName")
            .text()
            .or_else(|| asset.get("osVersion").text()),
        os_type: either("osType"),
        os_version: seen.get("osRevision").text(),
        machine: asset.first(&["subcategory", "category"]).text(),
        version: either("agentVersion"),
        external: seen.get("consoleIpAddress").text(),
        scope: scope.or(Scope::flat(&then.get("scope"))),
        ..Agent::default()
    };
    for name in ["ipV4", "ipV6"] {
        agent.addresses.extend(words::addresses(&seen.get(name)));
    }
    Ok(agent)
}

fn is_machine(asset: &Node<'_>) -> bool {
    let category = asset.get("category").word().unwrap_or_default();
    let machines = [
        "workstation",
        "server",
        "laptop",
        "desktop",
        "endpoint",
        "mobile",
    ];
    asset.get("agentUuid").text().is_some() || machines.contains(&category.as_str())
}

/// An asset that is no machine: shown under its kind, and no action of ours applies to it.
fn other_asset(asset: &Node<'_>, agent: &Agent) -> Read<Option<Entity>> {
    let id = asset.get("id").exact()?;
    if id.is_none() && agent.name.is_none() {
        return Ok(None);
    }
    let category = asset
        .first(&["category", "type"])
        .word()
        .unwrap_or_default();
    let target = Target::Other(OtherTarget {
        kind: raw_data::kind(&category),
        id: id.or(agent.name.clone()).unwrap_or_default(),
        attributes: Vec::new(),
    });
    let it = put(entity("affected", target), "name", agent.name.clone());
    Ok(Some(put(it, "type", asset.get("subcategory").text())))
}

/// The roles of process and image. An alert of the agent's engines rates them; one of a rule, of
/// identity or of another vendor is about what a process did, and the image is often the system's
/// own.
fn roles(record: &Node<'_>) -> (&'static str, &'static str) {
    match record
        .get("detectionSource")
        .get("product")
        .word()
        .as_deref()
    {
        Some("edr") => ("affected", "affected"),
        _ => ("actor", "related"),
    }
}

fn own_entities(record: &Node<'_>, device: &Device, id: &str) -> Read<Vec<Entity>> {
    let process = record.get("process");
    let image = process.get("file");
    let path = image.get("path").exact()?;
    let hashes = Hashes::of([image.get("sha256"), image.get("sha1"), image.get("md5")]);
    let mut found = Vec::new();
    if process.is_object() {
        let name = process.get("name").text();
        let name = name.or_else(|| {
            path.as_deref()
                .map(|path| words::file_name(path).to_owned())
        });
        let target = Process {
            device: device.clone(),
            id: process.first(&["uid", "uniqueId"]).exact()?,
            pid: process
                .get("pid")
                .integer()
                .and_then(|pid| u32::try_from(pid).ok()),
            started: process.get("startTime").time(),
            name: name.unwrap_or_default(),
            sha256: hashes.sha256.clone(),
            reference: Some(id.to_owned()),
        };
        let it = hashes.on(entity(roles(record).0, Target::Process(target)));
        let it = put(it, "cmd_line", process.get("cmdLine").text());
        let it = put(it, "file.path", path.clone());
        let user = process.first(&["username", "user"]).text();
        let it = put(it, "user.name", user.clone());
        found.push(put(
            it,
            "parent_process.name",
            process.get("parentName").text(),
        ));
        let account = words::account(user, device);
        found.extend(account.map(|it| entity("actor", Target::Account(it))));
    }
    found.extend(file(record, path, hashes, device, id)?);
    Ok(found)
}

/// The file: the image of the process, or the one the alert names itself.
fn file(
    record: &Node<'_>,
    path: Option<String>,
    image: Hashes,
    device: &Device,
    id: &str,
) -> Read<Option<Entity>> {
    let name = record.get("fileName").exact()?;
    let (path, hashes) = match path {
        Some(path) => (path, image),
        None => {
            let own = record.first(&["filePath", "fileName"]).exact()?;
            (
                own.unwrap_or_default(),
                Hashes::of([record.get("fileHash")]),
            )
        }
    };
    // A name is no path, and what has no path cannot be put away.
    let is_path = path.contains(['\\', '/']);
    if path.is_empty() && hashes.sha256.is_none() && hashes.sha1.is_none() {
        return Ok(None);
    }
    let shown = name.or_else(|| (!path.is_empty()).then(|| words::file_name(&path).to_owned()));
    let target = Target::File(File {
        device: device.clone(),
        path: if is_path { path } else { String::new() },
        sha256: hashes.sha256.clone(),
        reference: Some(id.to_owned()),
    });
    Ok(Some(put(
        hashes.on(entity(roles(record).1, target)),
        "name",
        shown,
    )))
}

/// `result` says that something was done and not what: the vendor's word is shown.
fn result(record: &Node<'_>, entities: &[Entity], device: &Device) -> Vec<Taken> {
    let word = record.get("result").word();
    let action = match word.as_deref() {
        Some("mitigated" | "partially_mitigated") => "mitigate",
        Some("blocked") => "block",
        Some("prevented") => "prevent",
        _ => return Vec::new(),
    };
    let file = entities
        .iter()
        .find(|it| matches!(it.target, Target::File(_)));
    let target = match (file, device.id.is_empty() && device.name.is_empty()) {
        (Some(file), _) => file.target.clone(),
        (None, false) => Target::Device(device.clone()),
        (None, true) => return Vec::new(),
    };
    let taken = Taken {
        action: action.into(),
        target,
        state: "done".into(),
        initiative: "unknown".into(),
        at: None,
        attributes: Vec::new(),
    };
    vec![put(taken, &format!("{OWN}status"), word)]
}

fn attributes(mut it: Detection, record: &Node<'_>) -> Detection {
    let (analytics, source) = (record.get("analytics"), record.get("detectionSource"));
    it = put(it, "finding_info.desc", record.get("description").text());
    it = put(
        it,
        "finding_info.analytic.name",
        analytics.get("name").text(),
    );
    it = put(it, "finding_info.analytic.uid", analytics.get("uid").text());
    it = put(
        it,
        "finding_info.analytic.category",
        analytics.get("category").text(),
    );
    it = put(
        it,
        "finding_info.types",
        record.get("classification").text(),
    );
    it = put(it, "finding_info.uid_alt", record.get("externalId").text());
    it = put(
        it,
        "finding_info.created_time",
        record.get("createdAt").time(),
    );
    it = put(
        it,
        "finding_info.modified_time",
        record.get("updatedAt").time(),
    );
    it = put(
        it,
        "finding_info.first_seen_time",
        record.get("firstSeenAt").time(),
    );
    it = put(
        it,
        "finding_info.last_seen_time",
        record.get("lastSeenAt").time(),
    );
    it = put(
        it,
        "metadata.product.feature.name",
        source.get("product").text(),
    );
    it = put(
        it,
        "metadata.correlation_uid",
        record.get("storylineId").text(),
    );
    it = put(it, "confidence", record.get("confidenceLevel").text());
    it = put(it, "status", record.get("status").text());
    for (name, field) in [
        ("analyst_verdict", "analystVerdict"),
        ("result", "result"),
        ("ticket", "ticketId"),
    ] {
        it = put(it, &format!("{OWN}{name}"), record.get(field).text());
    }
    it = put(it, &format!("{OWN}vendor"), source.get("vendor").text());
    for surface in record.get("attackSurfaces").list() {
        it = put(it, &format!("{OWN}attack_surface"), surface.text());
    }
    raw_data::tenant(it, record)
}
