//! The activity stream: what happened, one event a record, an agent or a person at a time.
//!
//! A record that says something about a threat becomes a detection under that threat's id, so
//! that "found", "killed" and "quarantined" are revisions of one case. It knows less than the
//! threat object (`countersign.partial`): what it leaves out is not withdrawn. A record about
//! anything else (scans, policies, log-ins, device and firewall control) is no detection.
use crate::activity_table::{Claim, Says, Wish, says};
use crate::agent::{Agent, Scope};
use crate::node::{Node, Read};
use crate::taken::{self, Targets};
use crate::words::{self, Hashes, OWN, entity, put};
use countersign_sdk::source::*;

/// Reads one activity.
pub fn read(record: &Node<'_>) -> Read<Detection> {
    let node = record.get("activityType");
    let number = node
        .integer()
        .ok_or_else(|| node.malformed("not the number of an activity type".into()))?;
    let threat = record.get("threatId").id()?;
    match (says(number), threat) {
        (Says::RuleAlert, _) => crate::star::announced(record),
        (Says::Bookkeeping(what), _) => {
            let text = format!("activity {number}: {what}; nothing about the threat itself");
            Err(node.refuse("not-a-detection", text))
        }
        (said, Some(threat)) => about_threat(record, said, threat),
        (Says::Other, None) => {
            let text = format!("activity {number} is about no threat: threatId is empty");
            Err(node.refuse("not-a-detection", text))
        }
        (_, None) => Err(record.get("threatId").malformed(format!(
            "activity {number} is about a threat and names none"
        ))),
    }
}

/// The agent as far as every activity names it.
pub fn agent(record: &Node<'_>) -> Read<Agent> {
    let data = record.get("data");
    Ok(Agent {
        id: record.get("agentId").exact()?,
        name: data.get("computerName").exact()?,
        external: data.get("externalIp").text(),
        addresses: words::addresses(&data.get("agentIpV4")),
        os_type: data
            .get("osFamily")
            .text()
            .or_else(|| record.get("osFamily").text()),
        version: record.get("agentUpdatedVersion").text(),
        scope: Scope::flat(record).or(Scope::flat(&data)),
        ..Agent::default()
    })
}

fn about_threat(record: &Node<'_>, said: Says, id: String) -> Read<Detection> {
    let data = record.get("data");
    let agent = agent(record)?;
    let hashes = Hashes::of([data.get("fileContentHash"), record.get("hash")]);
    let targets = targets(&data, &agent, &hashes, &id)?;
    let text = record.get("primaryDescription").text();
    let detection = Detection {
        id,
        product: "sentinelone/singularity".into(),
        time: record.get("createdAt").required_time()?,
        title: words::title(text.unwrap_or_else(|| "Threat".into())),
        severity: Severity::Unknown,
        rating: rating(&data, said),
        techniques: Vec::new(),
        entities: entities(&data, &agent, &targets, &hashes),
        taken: taken_of(record, said, &targets).into_iter().collect(),
        attributes: Vec::new(),
    };
    Ok(attributes(agent.on(detection), record))
}

fn targets(data: &Node<'_>, agent: &Agent, hashes: &Hashes, id: &str) -> Read<Targets> {
    let device = agent.device();
    let name = data.first(&["fileDisplayName", "fileName"]).text();
    Ok(Targets {
        process: Process {
            device: device.clone(),
            id: None,
            pid: None,
            started: None,
            name: name.unwrap_or_default(),
            sha256: hashes.sha256.clone(),
            reference: Some(id.to_owned()),
        },
        file: File {
            device: device.clone(),
            path: data.get("filePath").exact()?.unwrap_or_default(),
            sha256: hashes.sha256.clone(),
            reference: Some(id.to_owned()),
        },
        device,
    })
}

fn entities(data: &Node<'_>, agent: &Agent, targets: &Targets, hashes: &Hashes) -> Vec<Entity> {
    let mut found: Vec<Entity> = agent.entity().into_iter().collect();
    let (name, path) = (&targets.process.name, &targets.file.path);
    if name.is_empty() && path.is_empty() {
        return found;
    }
    let arguments = data.get("escapedMaliciousProcessArguments").text();
    let process = hashes.on(entity("affected", Target::Process(targets.process.clone())));
    let process = put(process, "cmd_line", arguments);
    found.push(put(process, "file.path", Some(path.clone())));
    let file = hashes.on(entity("affected", Target::File(targets.file.clone())));
    found.push(put(file, "name", Some(name.clone())));
    found
}

fn rating(data: &Node<'_>, said: Says) -> Rating {
    let confidence = data.first(&["newConfidenceLevel", "confidenceLevel"]);
    let verdict = data.first(&["newAnalystVerdict", "newVerdict", "analystVerdict"]);
    match said {
        Says::Rated(Claim::Malicious) => Rating::Malicious,
        Says::Rated(Claim::Suspicious) => Rating::Suspicious,
        Says::Rated(Claim::Benign) => Rating::Benign,
        _ => words::rating(&confidence, &verdict),
    }
}

fn taken_of(record: &Node<'_>, said: Says, targets: &Targets) -> Option<Taken> {
    let Says::Took(word, state, wish) = said else {
        return None;
    };
    let data = record.get("data");
    let person = data
        .first(&["username", "userName", "byUser", "fullName"])
        .text();
    let person = person.or_else(|| record.get("userId").text());
    let initiative = match wish {
        Wish::Policy => "policy",
        Wish::Person if person.is_some() => "person",
        Wish::Person | Wish::Unsaid => "unknown",
    };
    // A report that calls itself a success in its type and a failure in its data is neither.
    let state = match data.get("globalStatus").word().as_deref() {
        Some("failed" | "failure") if state == "done" => "unknown",
        _ => state,
    };
    let (action, target) = taken::action(word, targets);
    let it = Taken {
        action,
        target,
        state: state.into(),
        initiative: initiative.into(),
        at: record.get("createdAt").time(),
        attributes: Vec::new(),
    };
    let it = put(it, "user.name", person.filter(|_| initiative == "person"));
    Some(put(
        it,
        &format!("{OWN}report"),
        data.get("downloadUrl").text(),
    ))
}

fn attributes(it: Detection, record: &Node<'_>) -> Detection {
    let data = record.get("data");
    let mut it = put(it, "countersign.partial", Some(true));
    it = put(it, "metadata.uid", record.get("id").text());
    it = put(it, "metadata.event_code", record.get("activityType").text());
    it = put(it, "message", record.get("primaryDescription").text());
    it = put(it, "confidence", data.get("confidenceLevel").text());
    it = put(
        it,
        "finding_info.types",
        data.get("threatClassification").text(),
    );
    for (name, field) in [
        ("status_before", "originalStatus"),
        ("status_after", "newStatus"),
        ("status", "globalStatus"),
        ("classification_source", "threatClassificationSource"),
    ] {
        it = put(it, &format!("{OWN}{name}"), data.get(field).text());
    }
    it
}
