//! The last look at a detection before it leaves.
//!
//! A process or file stands on a device, and the host refuses one that stands nowhere, with the
//! whole alert. Identity alerts name the program that searched the directory and not the machine
//! it ran on. Such a thing can be seen and not acted on: it becomes a target of kind `process` or
//! `file` that no action applies to. Nothing is lost by it: what was known stays as attributes.
use crate::words::put;
use countersign_sdk::source::*;

/// LIMIT: as in the contract.
const ENTITIES_MAX: usize = 64;

/// Makes every target one that the host takes.
pub fn settle(mut it: Detection) -> Detection {
    let id = it.id.clone();
    let entities = it.entities.into_iter();
    it.entities = entities.filter_map(entity).take(ENTITIES_MAX).collect();
    for taken in &mut it.taken {
        if let Some(seen) = seen(&taken.target) {
            let id = seen.id.unwrap_or_else(|| id.clone());
            taken.target = other(seen.kind, id);
        }
    }
    it
}

/// What a target without a device is: a kind, the strongest of its names, and the rest of them.
struct Seen {
    kind: &'static str,
    id: Option<String>,
    names: Vec<(&'static str, Option<String>)>,
}

fn entity(it: Entity) -> Option<Entity> {
    let Some(seen) = seen(&it.target) else {
        return Some(it);
    };
    let mut found = Entity {
        role: it.role,
        target: other(seen.kind, seen.id?),
        attributes: Vec::new(),
    };
    for (name, value) in seen.names {
        found = put(found, name, value);
    }
    let known: Vec<String> = found.attributes.iter().map(|it| it.name.clone()).collect();
    let more = it
        .attributes
        .into_iter()
        .filter(|it| !known.contains(&it.name));
    found.attributes.extend(more);
    Some(found)
}

fn seen(target: &Target) -> Option<Seen> {
    let nowhere = |device: &Device| device.id.is_empty() && device.name.is_empty();
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match target {
        Target::Process(it) if nowhere(&it.device) => Some(Seen {
            kind: "process",
            id: [it.id.clone(), it.sha256.clone(), text(&it.name)]
                .into_iter()
                .flatten()
                .next(),
            names: vec![
                ("name", text(&it.name)),
                ("pid", it.pid.map(|pid| pid.to_string())),
                ("hashes.sha256", it.sha256.clone()),
            ],
        }),
        Target::File(it) if nowhere(&it.device) => Some(Seen {
            kind: "file",
            id: it.sha256.clone().or_else(|| text(&it.path)),
            names: vec![
                ("path", text(&it.path)),
                ("hashes.sha256", it.sha256.clone()),
            ],
        }),
        _ => None,
    }
}

fn other(kind: &str, id: String) -> Target {
    Target::Other(OtherTarget {
        kind: kind.into(),
        id,
        attributes: Vec::new(),
    })
}
