//! A vendor's stream tells an alert in pieces: found, killed, quarantined, marked benign. Such a
//! piece says so (`countersign.partial`), and is laid over what is known: what it does not say
//! stays. A whole revision replaces the one before it.

use crate::model::{Attribute, Detection, Entity, Rating, Severity, Taken, Target};

/// The attribute by which a source marks a piece.
const PARTIAL: &str = "countersign.partial";

/// Whether a detection is a piece of an alert rather than all of it.
pub fn is_partial(detection: &Detection) -> bool {
    detection.attribute(PARTIAL) == Some("true")
}

/// What is known after a revision arrived.
pub fn revise(known: &Detection, news: Detection) -> Detection {
    if !is_partial(&news) {
        return news;
    }
    let mut whole = known.clone();
    whole.time = known.time.max(news.time);
    if news.rating != Rating::Unknown {
        whole.rating = news.rating;
    }
    if news.severity != Severity::Unknown {
        whole.severity = news.severity;
    }
    whole.techniques.extend(
        news.techniques
            .into_iter()
            .filter(|it| !known.techniques.contains(it)),
    );
    for entity in news.entities {
        lay_entity(&mut whole.entities, entity);
    }
    for taken in news.taken {
        lay_taken(&mut whole.taken, taken);
    }
    whole.taken.sort_by_key(|it| it.at);
    let names: Vec<String> = news.attributes.iter().map(|it| it.name.clone()).collect();
    whole.attributes.retain(|it| !names.contains(&it.name));
    whole
        .attributes
        .extend(news.attributes.into_iter().filter(|it| it.name != PARTIAL));
    whole
}

/// An entity that is known keeps its fields; it only learns attributes.
fn lay_entity(entities: &mut Vec<Entity>, news: Entity) {
    match entities
        .iter_mut()
        .find(|it| same(&it.target, &news.target))
    {
        Some(known) => {
            let missing = |it: &Attribute| known.attributes.iter().all(|own| own.name != it.name);
            let learnt: Vec<Attribute> = news.attributes.into_iter().filter(missing).collect();
            known.attributes.extend(learnt);
        }
        None => entities.push(news),
    }
}

/// The same action on the same thing is the same event, told again with what became of it.
fn lay_taken(taken: &mut Vec<Taken>, news: Taken) {
    match taken
        .iter_mut()
        .find(|it| it.action == news.action && same(&it.target, &news.target))
    {
        Some(known) => {
            known.state = news.state;
            known.at = known.at.or(news.at);
            if known.initiative == "unknown" {
                known.initiative = news.initiative;
            }
        }
        None => taken.push(news),
    }
}

/// The same thing, as far as a vendor tells it: by its reference where both have one.
fn same(a: &Target, b: &Target) -> bool {
    let reference = |it: &Target| match it {
        Target::Process(it) => it.reference.clone(),
        Target::File(it) => it.reference.clone(),
        Target::Software(it) => it.reference.clone(),
        _ => None,
    };
    match (reference(a), reference(b)) {
        (Some(one), Some(other)) => a.kind() == b.kind() && one == other,
        _ => a == b,
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::model::{Device, File, Millis};

    fn file() -> Target {
        let device = Device {
            id: "7".into(),
            name: "srv".into(),
        };
        Target::File(File {
            device,
            path: "C:\\a.exe".into(),
            sha256: None,
            reference: Some("t1".into()),
        })
    }
    fn taken(action: &str, state: &str, at: u64) -> Taken {
        Taken {
            action: action.into(),
            target: file(),
            state: state.into(),
            initiative: "policy".into(),
            at: Some(Millis(at)),
            attributes: vec![],
        }
    }
    fn detection(rating: Rating, taken: Vec<Taken>, partial: bool) -> Detection {
        let attributes = if partial {
            vec![Attribute::new(PARTIAL, "true")]
        } else {
            vec![]
        };
        Detection {
            id: "t1".into(),
            product: "sentinelone/singularity".into(),
            time: Millis(10),
            title: "t".into(),
            severity: Severity::Unknown,
            rating,
            techniques: vec![],
            entities: vec![],
            taken,
            attributes,
        }
    }

    #[test]
    fn a_piece_adds_to_what_is_known_and_a_whole_revision_replaces_it() {
        let known = detection(
            Rating::Malicious,
            vec![taken("stop-process", "done", 5)],
            false,
        );
        let piece = detection(
            Rating::Unknown,
            vec![taken("quarantine-file", "done", 3)],
            true,
        );
        let after = revise(&known, piece);
        assert_eq!(after.rating, Rating::Malicious);
        let actions: Vec<&str> = after.taken.iter().map(|it| it.action.as_str()).collect();
        assert_eq!(actions, ["quarantine-file", "stop-process"]);
        assert!(!is_partial(&after));

        let undone = revise(
            &after,
            detection(
                Rating::Benign,
                vec![taken("quarantine-file", "undone", 3)],
                true,
            ),
        );
        assert_eq!(
            (
                undone.rating,
                undone.taken[0].state.as_str(),
                undone.taken.len()
            ),
            (Rating::Benign, "undone", 2)
        );

        let whole = revise(&after, detection(Rating::Unknown, vec![], false));
        assert_eq!((whole.rating, whole.taken.len()), (Rating::Unknown, 0));
    }
}
