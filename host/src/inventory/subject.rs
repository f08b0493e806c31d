//! Which software a target is.
//!
//! Protection by signer and the history of software hang on this, so it must not depend on how a
//! proposal spells its target: a field that is left out changes nothing, and what is on a device
//! and matches nothing of the alert is itself and nothing else. It never borrows the history of
//! another program of the same alert, which is how established software would pass for new.

use super::canonical::path;
use super::cause::software_of;
use crate::model::{Detection, Device, Entity, File, Process, Software, Target, attribute};

/// The entity of a detection that a target names, whatever of its fields it leaves out.
pub fn entity_of<'a>(detection: &'a Detection, target: &Target) -> Option<&'a Entity> {
    let entities = &detection.entities;
    let exact = entities.iter().find(|it| it.target == *target);
    exact
        .or_else(|| entities.iter().find(|it| names(target, &it.target)))
        .or_else(|| entities.iter().find(|it| is_image(target, it)))
}

/// The software that a target is; for what is no software (a device, an account, an address), the
/// software that its case is about.
pub fn software_at(detection: &Detection, target: &Target) -> Option<Software> {
    let own = entity_of(detection, target).and_then(software_of);
    match target {
        Target::Software(it) => Some(it.clone()),
        Target::File(it) => own.or_else(|| Some(of_file(it))),
        Target::Process(it) => own.or_else(|| Some(of_process(it))),
        Target::Service(_) => own,
        _ => about(detection),
    }
}

/// The first that acted, then the first affected, then any.
fn about(detection: &Detection) -> Option<Software> {
    let by_role = |role: &str| {
        let mut entities = detection.entities.iter().filter(|it| it.role == role);
        entities.find_map(software_of)
    };
    by_role("actor")
        .or_else(|| by_role("affected"))
        .or_else(|| detection.entities.iter().find_map(software_of))
}

fn names(target: &Target, shown: &Target) -> bool {
    match (target, shown) {
        (Target::Process(it), Target::Process(other)) => same_process(it, other),
        (Target::File(it), Target::File(other)) => {
            same_device(&it.device, &other.device)
                && same_path(&it.path, &other.path)
                && !differ(it.sha256.as_deref(), other.sha256.as_deref())
        }
        (Target::Service(it), Target::Service(other)) => {
            same_device(&it.device, &other.device) && it.name.eq_ignore_ascii_case(&other.name)
        }
        _ => false,
    }
}

/// Nothing that both say differs, and one thing that tells processes apart is the same.
fn same_process(it: &Process, other: &Process) -> bool {
    let hash = (it.sha256.as_deref(), other.sha256.as_deref());
    let reference = (it.reference.as_deref(), other.reference.as_deref());
    let id = (it.id.as_deref(), other.id.as_deref());
    let texts = [hash, reference, id];
    let instance = (it.pid.zip(it.started), other.pid.zip(other.started));
    let other_instance = matches!(instance, (Some(a), Some(b)) if a != b)
        || matches!((it.pid, other.pid), (Some(a), Some(b)) if a != b);
    let conflict = texts.iter().any(|(a, b)| differ(*a, *b)) || other_instance;
    let known = matches!(instance, (Some(a), Some(b)) if a == b)
        || texts.iter().any(|(a, b)| a.is_some() && b.is_some());
    same_device(&it.device, &other.device) && known && !conflict
}

/// A file that a process of the alert was started from.
fn is_image(target: &Target, entity: &Entity) -> bool {
    let (Target::File(it), Target::Process(process)) = (target, &entity.target) else {
        return false;
    };
    let image = attribute(&entity.attributes, "file.path");
    same_device(&it.device, &process.device)
        && image.is_some_and(|image| same_path(&it.path, image))
        && !differ(it.sha256.as_deref(), process.sha256.as_deref())
}

fn same_device(a: &Device, b: &Device) -> bool {
    if !a.id.is_empty() && !b.id.is_empty() {
        return a.id == b.id;
    }
    !a.name.is_empty() && a.name.eq_ignore_ascii_case(&b.name)
}

fn same_path(a: &str, b: &str) -> bool {
    match (path(a), path(b)) {
        (Ok(a), Ok(b)) => a.text == b.text,
        _ => a == b,
    }
}

/// Whether both are there and not the same.
fn differ(a: Option<&str>, b: Option<&str>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if !a.eq_ignore_ascii_case(b))
}

fn of_file(it: &File) -> Software {
    let name = it.path.rsplit(['\\', '/']).next().unwrap_or_default();
    Software {
        sha256: it.sha256.clone(),
        signer: None,
        name: name.to_owned(),
        path: Some(it.path.clone()),
        reference: it.reference.clone(),
    }
}

fn of_process(it: &Process) -> Software {
    Software {
        sha256: it.sha256.clone(),
        signer: None,
        name: it.name.clone(),
        path: None,
        reference: it.reference.clone(),
    }
}

#[cfg(test)]
mod tests;
