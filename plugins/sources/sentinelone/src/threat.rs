//! A threat object, as `GET /threats` serves it.
//!
//! It is the fullest record the product has: the agent then and now, the file, what the engine
//! thought, and what was done. Its id is the id of the case. A threat has a confidence and no
//! severity, so its severity is unknown: what a product does not claim is not made up for it.
use crate::agent::Agent;
use crate::node::{Node, Read};
use crate::taken::{self, Circumstances, Targets};
use crate::words::{self, Hashes, OWN, entity, put};
use countersign_sdk::source::*;

/// Reads one threat.
pub fn read(threat: &Node<'_>, policy_seconds_max: u64) -> Read<Detection> {
    let info = threat.get("threatInfo");
    let (then, now) = (
        threat.get("agentDetectionInfo"),
        threat.get("agentRealtimeInfo"),
    );
    let id = match info.get("threatId").id()? {
        Some(id) => id,
        None => threat.get("id").required_id()?,
    };
    let identified = info.first(&["identifiedAt", "createdAt"]).required_time()?;
    let agent = Agent::of_threat(&then, &now)?;
    let targets = targets(&info, &agent, &id)?;
    let modes = (
        words::mode(&then.get("agentMitigationMode")),
        words::mode(&now.get("agentMitigationMode")),
    );
    let of = Circumstances {
        identified,
        mode: modes.0,
        by_policy: info.get("initiatedBy").word().as_deref() == Some("agent_policy"),
        person: info.get("initiatingUsername").text(),
        policy_seconds_max,
    };
    let detection = Detection {
        title: title(&info),
        product: "sentinelone/singularity".into(),
        time: identified,
        severity: Severity::Unknown,
        rating: rating(&info),
        techniques: techniques(&threat.get("indicators")),
        entities: entities(&info, &agent, &targets),
        taken: taken::list(threat, &targets, &of),
        attributes: Vec::new(),
        id,
    };
    Ok(attributes(agent.on(detection), threat).with_modes(modes.0, modes.1))
}

fn targets(info: &Node<'_>, agent: &Agent, id: &str) -> Read<Targets> {
    let device = agent.device();
    let sha256 = words::hash(info.get("sha256").exact()?, 64);
    let name = info.get("threatName").text().unwrap_or_default();
    Ok(Targets {
        process: Process {
            device: device.clone(),
            id: None,
            pid: None,
            started: None,
            name,
            sha256: sha256.clone(),
            reference: Some(id.to_owned()),
        },
        file: File {
            device: device.clone(),
            path: info.get("filePath").exact()?.unwrap_or_default(),
            sha256,
            reference: Some(id.to_owned()),
        },
        device,
    })
}

fn entities(info: &Node<'_>, agent: &Agent, targets: &Targets) -> Vec<Entity> {
    let mut entities: Vec<Entity> = agent.entity().into_iter().collect();
    let user = info.get("processUser").text();
    let mut process = software(
        entity("affected", Target::Process(targets.process.clone())),
        info,
    );
    process = put(
        process,
        "cmd_line",
        info.get("maliciousProcessArguments").text(),
    );
    process = put(process, "file.path", info.get("filePath").text());
    process = put(process, "user.name", user.clone());
    process = put(
        process,
        "parent_process.name",
        info.get("originatorProcess").text(),
    );
    entities.push(process);
    let mut file = software(entity("affected", Target::File(targets.file.clone())), info);
    file = put(file, "name", info.get("threatName").text());
    file = put(file, "ext", info.get("fileExtension").text());
    file = put(file, "size", info.get("fileSize").integer());
    entities.push(file);
    let account = words::account(user, &targets.device);
    entities.extend(account.map(|it| entity("actor", Target::Account(it))));
    entities
}

/// What makes up the lineage of the software: hashes and signer, on file and process alike.
fn software(on: Entity, info: &Node<'_>) -> Entity {
    let valid = info.get("isValidCertificate").flag() == Some(true);
    let signer = info.first(&["publisherName", "certificateId"]).text();
    let hashes = Hashes::of([info.get("sha1"), info.get("md5")]);
    let on = put(hashes.on(on), "signature.certificate.subject", signer);
    put(on, "signature.state_id", valid.then_some(1))
}

fn title(info: &Node<'_>) -> String {
    let class = info.get("classification").text();
    let name = info.get("threatName").text().unwrap_or_default();
    words::title(format!(
        "{}: {name}",
        class.unwrap_or_else(|| "Threat".into())
    ))
}

fn rating(info: &Node<'_>) -> Rating {
    match info.get("mitigationStatus").word().as_deref() {
        Some("marked_as_benign") => Rating::Benign,
        _ => words::rating(&info.get("confidenceLevel"), &info.get("analystVerdict")),
    }
}

fn techniques(indicators: &Node<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for tactic in tactics(indicators) {
        let names = tactic.get("techniques");
        found.extend(
            names
                .list()
                .filter_map(|it| words::technique(&it.get("name").text()?)),
        );
    }
    words::distinct(found)
}

fn tactics<'a>(indicators: &Node<'a>) -> Vec<Node<'a>> {
    let lists = indicators.list().map(|it| it.get("tactics"));
    lists.flat_map(|it| it.list().collect::<Vec<_>>()).collect()
}

fn attributes(mut it: Detection, threat: &Node<'_>) -> Detection {
    let info = threat.get("threatInfo");
    it = put(it, "finding_info.types", info.get("classification").text());
    for engine in info.get("detectionEngines").list() {
        it = put(it, "finding_info.analytic.name", engine.get("title").text());
    }
    it = put(
        it,
        "finding_info.created_time",
        info.get("createdAt").time(),
    );
    it = put(
        it,
        "finding_info.first_seen_time",
        info.get("identifiedAt").time(),
    );
    it = put(
        it,
        "finding_info.modified_time",
        info.get("updatedAt").time(),
    );
    it = put(it, "metadata.correlation_uid", info.get("storyline").text());
    it = put(it, "confidence", info.get("confidenceLevel").text());
    it = put(it, "status", info.get("incidentStatus").text());
    let names = tactics(&threat.get("indicators"));
    let names = names
        .iter()
        .filter_map(|it| it.get("name").text())
        .collect();
    for tactic in words::distinct(names) {
        it = put(it, "finding_info.attacks.tactic.name", Some(tactic));
    }
    for (name, field) in [
        ("analyst_verdict", "analystVerdict"),
        ("mitigation_status", "mitigationStatus"),
        ("initiated_by", "initiatedBy"),
        ("initiating_user", "initiatingUsername"),
        ("detection_type", "detectionType"),
        ("cloud_verdict", "cloudFilesHashVerdict"),
        ("file_verification", "fileVerificationType"),
        ("collection_uid", "collectionId"),
    ] {
        it = put(it, &format!("{OWN}{name}"), info.get(field).text());
    }
    // Only the state that matters: `connected` and `connecting` alternate with every poll, and
    // would make a revision of each.
    let network = threat
        .get("agentRealtimeInfo")
        .get("agentNetworkStatus")
        .word();
    let cut_off = network.filter(|word| word.starts_with("disconnect"));
    it = put(it, &format!("{OWN}network_status"), cut_off);
    for option in threat.get("whiteningOptions").list() {
        it = put(it, &format!("{OWN}allow_by"), option.text());
    }
    containers(it, threat)
}

/// The container or pod the threat ran in.
fn containers(mut it: Detection, threat: &Node<'_>) -> Detection {
    let (container, pod) = (threat.get("containerInfo"), threat.get("kubernetesInfo"));
    for (name, node) in [
        ("container.uid", container.get("id")),
        ("container.name", container.get("name")),
        ("container.image", container.get("image")),
        ("kubernetes.cluster", pod.get("cluster")),
        ("kubernetes.namespace", pod.get("namespace")),
        ("kubernetes.pod", pod.get("pod")),
        ("kubernetes.node", pod.get("node")),
    ] {
        it = put(it, &format!("{OWN}{name}"), node.text());
    }
    it
}
