//! Why many cases look alike, and which software a detection is about.
//!
//! The cause is the key under which a surge is counted and a decision covers many cases. It is
//! as narrow as the alert allows: the hash of the file; else the rule with the software that it
//! fired on; else the rule alone. It is never tenant-wide, which an attacker could exhaust.

use super::canonical::sha256;
use super::lineage;
use crate::model::{CauseId, Detection, Digest, Entity, Software, Target, attribute};

/// The cause of a detection.
pub fn cause(detection: &Detection) -> CauseId {
    let about = |role| software_in(detection, role);
    // What did it (`actor`) is often a shell or a browser: its hash would lump strangers.
    let subjects = || about("affected").chain(about("observed"));
    let hashed = subjects().find_map(|(entity, it)| hash_of(entity, &it));
    if let Some(hash) = hashed {
        return CauseId(format!("hash:{hash}"));
    }
    let lineage = subjects()
        .chain(about("actor"))
        .find_map(|(_, it)| lineage(&it));
    let rule = bounded(rule(detection));
    CauseId(match lineage {
        Some(lineage) => format!(
            "rule:{}/{rule}|{}",
            detection.product,
            bounded(&lineage.to_string())
        ),
        None => format!("rule:{}/{rule}", detection.product),
    })
}

/// The software of the entities of one role.
fn software_in<'a>(
    detection: &'a Detection,
    role: &'a str,
) -> impl Iterator<Item = (&'a Entity, Software)> {
    let found = detection.entities.iter().filter(move |it| it.role == role);
    found.filter_map(|it| Some((it, software_of(it)?)))
}

/// SHA-256, else SHA-1, which some products give alone: good enough to count by, not to act by.
fn hash_of(entity: &Entity, software: &Software) -> Option<String> {
    let strong = software.sha256.as_deref().and_then(|it| sha256(it).ok());
    strong.or_else(|| {
        let weak = attribute(&entity.attributes, "hashes.sha1")?.to_ascii_lowercase();
        let fits = weak.len() == 40 && weak.bytes().all(|b| b.is_ascii_hexdigit());
        (fits && weak.bytes().any(|b| b != b'0')).then_some(weak)
    })
}

/// The rule that fired: what the product calls it, else the line that people read.
fn rule(detection: &Detection) -> &str {
    ["finding_info.analytic.uid", "finding_info.analytic.name"]
        .iter()
        .find_map(|it| detection.attribute(it))
        .unwrap_or(&detection.title)
}

/// Text from outside becomes part of a key: long text by its digest.
fn bounded(text: &str) -> String {
    // LIMIT: 120 bytes keep keys readable; rules are rarely longer.
    if text.len() <= 120 && !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    Digest::of(text.as_bytes()).to_string()
}

/// The software of a file, process or software entity: its lineage as far as the alert tells it.
/// A signer counts only with a valid signature. The SDK's `Entity::software` does the same.
pub fn software_of(entity: &Entity) -> Option<Software> {
    let of = |name: &str| attribute(&entity.attributes, name);
    let (sha256, path, file_name, reference) = match &entity.target {
        Target::File(it) => {
            let name = it.path.rsplit(['\\', '/']).next().unwrap_or_default();
            (&it.sha256, Some(it.path.clone()), name, &it.reference)
        }
        Target::Process(it) => {
            let path = of("file.path").map(str::to_owned);
            (&it.sha256, path, it.name.as_str(), &it.reference)
        }
        Target::Software(it) => return Some(it.clone()),
        _ => return None,
    };
    let valid = of("signature.state_id") == Some("1");
    let signer = of("signature.certificate.subject").filter(|_| valid);
    let name = of("product.name")
        .or_else(|| of("internal_name"))
        .unwrap_or(file_name);
    Some(Software {
        sha256: sha256.clone(),
        signer: signer.map(str::to_owned),
        name: name.to_owned(),
        path,
        reference: reference.clone(),
    })
}

/// The entity that a detection is about: the first affected file or process, else observed.
pub fn subject(detection: &Detection) -> Option<&Entity> {
    let software = |it: &&Entity| matches!(it.target, Target::File(_) | Target::Process(_));
    let of = |role: &str| {
        let found = detection.entities.iter().filter(software);
        found.into_iter().find(|it| it.role == role)
    };
    of("affected").or_else(|| of("observed"))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use crate::model::{Attribute, Device, File, Millis, Rating, Severity};

    fn detection(sha256: Option<&str>, path: &str, attributes: Vec<Attribute>) -> Detection {
        let file = File {
            device: Device {
                id: "1".into(),
                name: "srv-9".into(),
            },
            path: path.into(),
            sha256: sha256.map(str::to_owned),
            reference: None,
        };
        Detection {
            id: "1".into(),
            product: "acme/edr".into(),
            time: Millis(0),
            title: "Bad file".into(),
            severity: Severity::High,
            rating: Rating::Malicious,
            techniques: Vec::new(),
            entities: vec![Entity {
                role: "affected".into(),
                target: Target::File(file),
                attributes,
            }],
            taken: Vec::new(),
            attributes: vec![Attribute::new("finding_info.analytic.name", "static-ai")],
        }
    }

    #[test]
    fn hash_then_weak_hash_then_rule_with_lineage_then_rule() {
        let hash = "AA".repeat(32);
        let one = detection(Some(&hash), r"C:\a.exe", Vec::new());
        assert_eq!(cause(&one).0, format!("hash:{}", "aa".repeat(32)));
        let weak = Attribute::new("hashes.sha1", "bb".repeat(20));
        let one = detection(None, r"C:\a.exe", vec![weak]);
        assert_eq!(cause(&one).0, format!("hash:{}", "bb".repeat(20)));
        let one = detection(None, r"C:\a.exe", Vec::new());
        assert_eq!(cause(&one).0, r"rule:acme/edr/static-ai|path:\a.exe");
        let one = detection(None, "a.exe", Vec::new());
        assert_eq!(cause(&one).0, "rule:acme/edr/static-ai");
    }

    #[test]
    fn the_hash_of_nothing_is_no_cause() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let one = detection(Some(empty), r"C:\a.exe", Vec::new());
        assert!(cause(&one).0.starts_with("rule:"));
    }

    #[test]
    fn a_signer_counts_only_with_a_valid_signature() {
        let signer = Attribute::new("signature.certificate.subject", "Autom8 Inc");
        let valid = Attribute::new("signature.state_id", "1");
        let expired = Attribute::new("signature.state_id", "2");
        let of = |it: Vec<Attribute>| {
            software_of(&detection(None, r"C:\a.exe", it).entities[0]).unwrap()
        };
        assert_eq!(
            of(vec![signer.clone(), valid]).signer.as_deref(),
            Some("Autom8 Inc")
        );
        assert_eq!(of(vec![signer.clone(), expired]).signer, None);
        assert_eq!(of(vec![signer]).signer, None);
    }
}
