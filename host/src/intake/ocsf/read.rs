//! An OCSF event becomes a detection, or a rejection that says where it is none.
//!
//! Three answers that are not a detection, and they are not the same: `not-a-detection` is a valid
//! event of a class that reports activity; `unsupported` is a finding of another class, a version
//! we do not read, or no OCSF at all; `malformed` is a Detection Finding that is broken. The first
//! two are nobody's fault and are not counted as errors of the sender.

use super::attributes::{ATTRIBUTES_MAX, attribute, cut, flatten};
use super::cursor::At;
use super::evidence;
use crate::model::{
    Attribute, Detection, Entity, Millis, Rating, Rejection, Severity, Taken, Target,
};
use serde_json::Value;

/// The class this reads: Detection Finding.
pub const CLASS_UID: u64 = 2004;
/// The minor versions of OCSF 1 that this reads. The class is new in 1.1.
const MINOR: std::ops::RangeInclusive<u64> = 1..=8;
/// LIMIT: as in the contract.
const TITLE_BYTES_MAX: usize = 512;
const ID_BYTES_MAX: usize = 256;

/// Members of the root that become attributes as they are. The others select targets, have a
/// place in the typed core, or change with every poll.
const ROOT: &[&str] = &[
    "action_id",
    "activity_id",
    "anomaly_analyses",
    "cloud",
    "comment",
    "confidence",
    "confidence_id",
    "confidence_score",
    "count",
    "disposition_id",
    "duration",
    "end_time",
    "finding_info",
    "firewall_rule",
    "impact",
    "impact_id",
    "impact_score",
    "is_alert",
    "is_suspected_breach",
    "message",
    "metadata",
    "policy",
    "priority_id",
    "risk_details",
    "risk_level",
    "risk_level_id",
    "risk_score",
    "src_url",
    "start_time",
    "status",
    "status_code",
    "status_detail",
    "status_id",
    "verdict",
    "verdict_id",
];

/// Reads a Detection Finding of OCSF 1.1 to 1.8.
///
/// # Errors
/// A rejection with the JSON pointer of what is wrong: `malformed`, `unsupported` or
/// `not-a-detection`.
pub fn read(event: &Value) -> Result<Detection, Rejection> {
    let event = At::root(event);
    if !event.is_object() {
        return Err(event.malformed("expected an object"));
    }
    class(&event)?;
    version(&event)?;
    let info = event.get("finding_info");
    let id = info.get("uid").required()?;
    if id.len() > ID_BYTES_MAX {
        return Err(info.get("uid").malformed("longer than 256 bytes"));
    }
    let time = match event.get("time").time()? {
        Some(time) => time,
        None => event
            .get("time_dt")
            .time()?
            .ok_or_else(|| event.get("time").malformed("missing"))?,
    };
    let entities = evidence::entities(&event)?;
    Ok(Detection {
        id,
        product: product(&event)?,
        time,
        title: title(&event)?,
        severity: severity(&event)?,
        rating: rating(&event)?,
        techniques: techniques(&info)?,
        taken: taken(&event, &entities, time)?,
        entities,
        attributes: attributes(&event)?,
    })
}

fn class(event: &At<'_>) -> Result<(), Rejection> {
    let at = event.get("class_uid");
    match at.integer()? {
        Some(CLASS_UID) => Ok(()),
        None => Err(at.refuse(
            "unsupported",
            "no OCSF event (no class_uid); a vendor's own format needs its source".into(),
        )),
        Some(class) if class / 1000 == 2 => Err(at.refuse(
            "unsupported",
            format!(
                "class {class} is a finding that is not read; send it as a Detection Finding (2004)"
            ),
        )),
        Some(class) => Err(at.refuse(
            "not-a-detection",
            format!("class {class} reports activity, not a finding"),
        )),
    }
}

fn version(event: &At<'_>) -> Result<(), Rejection> {
    let at = event.at("metadata.version");
    let text = at.required()?;
    let mut parts = text
        .split(['.', '-', '+'])
        .map(|part| part.parse::<u64>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(1), Some(minor)) if MINOR.contains(&minor) => Ok(()),
        _ => Err(at.refuse(
            "unsupported",
            format!(
                "OCSF {}; versions 1.1 to 1.8 are read",
                cut(text.clone(), 64)
            ),
        )),
    }
}

/// `vendor/product`, from what the producer calls itself.
fn product(event: &At<'_>) -> Result<String, Rejection> {
    let at = event.at("metadata.product");
    let vendor = at.get("vendor_name").text()?;
    let name = match at.get("name").text()? {
        Some(name) => Some(name),
        None => at.at("feature.name").text()?,
    };
    match (vendor, name) {
        (None, None) => Err(at.malformed("names neither vendor nor product")),
        (vendor, name) => {
            let one = vendor.clone().or_else(|| name.clone()).unwrap_or_default();
            Ok(slug(
                &vendor.unwrap_or_else(|| one.clone()),
                &name.unwrap_or(one),
            ))
        }
    }
}

/// The contract's spelling of vendor and product.
pub(super) fn slug(vendor: &str, name: &str) -> String {
    let plain = |text: &str| {
        let text: String = text
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .collect();
        let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
        let text = cut(parts.join("-"), 63);
        if text.is_empty() {
            "unknown".into()
        } else {
            text
        }
    };
    format!("{}/{}", plain(vendor), plain(name))
}

fn title(event: &At<'_>) -> Result<String, Rejection> {
    let places = [
        "finding_info.title",
        "finding_info.desc",
        "message",
        "finding_info.uid",
    ];
    for place in places {
        if let Some(text) = event.at(place).text()? {
            return Ok(cut(text, TITLE_BYTES_MAX));
        }
    }
    Ok(String::new())
}

fn severity(event: &At<'_>) -> Result<Severity, Rejection> {
    Ok(match event.get("severity_id").integer()? {
        Some(1) => Severity::Informational,
        Some(2) => Severity::Low,
        Some(3) => Severity::Medium,
        Some(4) => Severity::High,
        Some(5) => Severity::Critical,
        Some(6) => Severity::Fatal,
        _ => Severity::Unknown,
    })
}

/// The verdict where there is one. Else a finding that names malware calls it malicious, unless
/// adware is all it names.
fn rating(event: &At<'_>) -> Result<Rating, Rejection> {
    let own = event.at("unmapped.countersign.rating").text()?;
    if let Some(rating) = own.and_then(|word| Rating::parse(&word)) {
        return Ok(rating);
    }
    match event.get("verdict_id").integer()? {
        // False positive, disregard, benign, test.
        Some(1 | 3 | 5 | 6) => return Ok(Rating::Benign),
        Some(2) => return Ok(Rating::Malicious),
        // Suspicious, security risk.
        Some(4 | 8) => return Ok(Rating::Suspicious),
        _ => {}
    }
    let mut classes = Vec::new();
    let malware = event.get("malware").list()?;
    for it in &malware {
        for class in it.get("classification_ids").list()? {
            classes.extend(class.integer()?);
        }
    }
    Ok(match (malware.is_empty(), classes.as_slice()) {
        (true, _) => Rating::Unknown,
        (false, [first, rest @ ..]) if *first == 1 && rest.iter().all(|it| *it == 1) => {
            Rating::Suspicious
        }
        _ => Rating::Malicious,
    })
}

fn techniques(info: &At<'_>) -> Result<Vec<String>, Rejection> {
    let mut found = Vec::new();
    for attack in info.get("attacks").list()? {
        let uid = match attack.at("sub_technique.uid").text()? {
            Some(uid) => Some(uid),
            None => attack.at("technique.uid").text()?,
        };
        let is_technique = |uid: &String| uid.starts_with('T') && !uid.starts_with("TA");
        found.extend(uid.filter(is_technique).filter(|uid| !found.contains(uid)));
    }
    Ok(found)
}

/// What we wrote; else what the disposition says was done. A quarantine names its file only if
/// the finding has exactly one: which of two it was would be a guess, so it is shown on the device.
fn taken(event: &At<'_>, entities: &[Entity], time: Millis) -> Result<Vec<Taken>, Rejection> {
    let own = event.at("unmapped.countersign.taken");
    if own.value.is_array() {
        return serde_json::from_value(own.value.clone())
            .map_err(|error| own.refuse("malformed", error.to_string()));
    }
    let of = |wanted: fn(&Target) -> bool| {
        let mut found = entities.iter().map(|it| &it.target).filter(|it| wanted(it));
        found.next().filter(|_| found.next().is_none()).cloned()
    };
    let file = of(|it| matches!(it, Target::File(_)));
    let device = entities
        .iter()
        .map(|it| &it.target)
        .find(|it| matches!(it, Target::Device(_)))
        .cloned();
    let (word, target) = match event.get("disposition_id").integer()? {
        Some(3) if file.is_some() => ("quarantine-file", file),
        Some(3) => ("quarantine", device),
        Some(4) => ("contain-device", device),
        Some(5) if file.is_some() => ("delete-file", file),
        Some(5) => ("delete", device),
        Some(2) => ("block", device),
        Some(9) if file.is_some() => ("restore-file", file),
        _ => return Ok(Vec::new()),
    };
    let taken = target.map(|target| Taken {
        action: word.to_owned(),
        target,
        state: "done".into(),
        initiative: "unknown".into(),
        at: Some(time),
        attributes: Vec::new(),
    });
    Ok(taken.into_iter().collect())
}

fn attributes(event: &At<'_>) -> Result<Vec<Attribute>, Rejection> {
    let skip = [
        "metadata.version",
        "finding_info.uid",
        "finding_info.title",
        "finding_info.attacks.technique",
        "finding_info.attacks.sub_technique",
        "finding_info.attacks.version",
    ];
    let mut found = Vec::new();
    for name in ROOT {
        flatten(event.get(name).value, name, &skip, &mut found);
    }
    for agent in event.at("device.agent_list").list()? {
        let version = agent.get("version").text()?;
        found.extend(version.and_then(|it| attribute("device.agent.version", it)));
    }
    for pair in event.at("unmapped.countersign.attributes").list()? {
        let (name, value) = (pair.get("name").required()?, pair.get("value").required()?);
        found.extend(attribute(&name, value));
    }
    found.truncate(ATTRIBUTES_MAX);
    Ok(found)
}
