//! A source's answer becomes detections, or is refused (R001, R002, R011).
//!
//! The names and values that a source adds are kept as they are, if they are well-formed: what a
//! product says is evidence, and the host does not edit evidence. What selects a target is
//! canonical or refused, never guessed.

use super::refused;
use super::target::canonical;
use super::words::{is_word, misfit_attributes};
use crate::model::{Attribute, Detection, Entity, Failure, Millis, Taken, Target};
use crate::plugin::bindings::types;
use crate::plugin::convert::inward;
use crate::plugin::manifest::Manifest;

/// LIMIT: detections of one payload.
const DETECTIONS_MAX: usize = 10_000;
/// LIMIT: bytes of one detection, by its texts.
const DETECTION_BYTES_MAX: usize = 1 << 20;
/// LIMIT: entities of a detection, and what a product took.
const ENTITIES_MAX: usize = 64;
/// LIMIT: techniques of a detection.
const TECHNIQUES_MAX: usize = 64;
/// Exact in JavaScript.
const TIME_MAX: u64 = 1 << 53;

/// Parses the answer of `manifest`'s source.
pub(in crate::plugin) fn detections(
    manifest: &Manifest,
    answer: Vec<types::Detection>,
) -> Result<Vec<Detection>, Failure> {
    if answer.len() > DETECTIONS_MAX {
        let n = answer.len();
        return Err(refused(
            1,
            format!("answer has {n} detections, the limit is {DETECTIONS_MAX}"),
        ));
    }
    let mut detections = Vec::with_capacity(answer.len());
    for (index, it) in answer.into_iter().enumerate() {
        let found = detection(manifest, it)
            .map_err(|(field, why)| refused(11, format!("detection {index}: {field}: {why}")))?;
        detections.push(found);
    }
    Ok(detections)
}

/// Where and why.
type Misfit = (String, String);

fn check(fits: bool, field: &str, why: impl FnOnce() -> String) -> Result<(), Misfit> {
    if fits {
        Ok(())
    } else {
        Err((field.to_owned(), why()))
    }
}

fn detection(manifest: &Manifest, it: types::Detection) -> Result<Detection, Misfit> {
    let bytes = bytes_of(&it);
    check(bytes <= DETECTION_BYTES_MAX, "size", || {
        format!("{bytes} bytes, the limit is {DETECTION_BYTES_MAX}")
    })?;
    check((1..=256).contains(&it.id.len()), "id", || {
        format!("is {} bytes, it must be 1 to 256", it.id.len())
    })?;
    let accepted = manifest.accepts.iter().any(|of| of.product == it.product);
    check(accepted, "product", || {
        format!("{:?} is not in accepts of the manifest", it.product)
    })?;
    check(it.time < TIME_MAX, "time", || {
        format!("{} is not milliseconds since 1970", it.time)
    })?;
    check(it.title.len() <= 512, "title", || {
        format!("is {} bytes, the limit is 512", it.title.len())
    })?;
    check(it.techniques.len() <= TECHNIQUES_MAX, "techniques", || {
        format!("has {}, the limit is {TECHNIQUES_MAX}", it.techniques.len())
    })?;
    for id in &it.techniques {
        check(is_technique(id), "techniques", || {
            format!("{id:?} is not an ATT&CK technique such as T1059.001")
        })?;
    }
    check(it.entities.len() <= ENTITIES_MAX, "entities", || {
        format!("has {}, the limit is {ENTITIES_MAX}", it.entities.len())
    })?;
    check(it.taken.len() <= ENTITIES_MAX, "taken", || {
        format!("has {}, the limit is {ENTITIES_MAX}", it.taken.len())
    })?;
    let entities = it.entities.into_iter().enumerate().map(entity);
    let taken = it.taken.into_iter().enumerate().map(taken);
    Ok(Detection {
        id: it.id,
        product: it.product,
        time: Millis(it.time),
        title: it.title,
        severity: inward::severity(it.severity),
        rating: inward::rating(it.rating),
        techniques: it.techniques,
        entities: entities.collect::<Result<_, _>>()?,
        taken: taken.collect::<Result<_, _>>()?,
        attributes: attributes("attributes", it.attributes)?,
    })
}

fn entity((index, it): (usize, types::Entity)) -> Result<Entity, Misfit> {
    let field = format!("entities.{index}");
    check(is_word(&it.role), &field, || {
        format!("role {:?} is no word", it.role)
    })?;
    Ok(Entity {
        role: it.role,
        target: target(&field, it.target)?,
        attributes: attributes(&field, it.attributes)?,
    })
}

fn taken((index, it): (usize, types::Taken)) -> Result<Taken, Misfit> {
    let field = format!("taken.{index}");
    for (what, word) in [
        ("action", &it.action),
        ("state", &it.state),
        ("initiative", &it.initiative),
    ] {
        check(is_word(word), &field, || {
            format!("{what} {word:?} is not 1-64 bytes of a-z 0-9 - . _")
        })?;
    }
    check(it.at.is_none_or(|at| at < TIME_MAX), &field, || {
        "at is not milliseconds since 1970".to_owned()
    })?;
    Ok(Taken {
        action: it.action,
        target: target(&field, it.target)?,
        state: it.state,
        initiative: it.initiative,
        at: it.at.map(Millis),
        attributes: attributes(&field, it.attributes)?,
    })
}

fn target(field: &str, it: types::Target) -> Result<Target, Misfit> {
    canonical(inward::target(it)).map_err(|why| (field.to_owned(), why))
}

fn attributes(field: &str, list: Vec<types::Attribute>) -> Result<Vec<Attribute>, Misfit> {
    let list = inward::attributes(list);
    match misfit_attributes(&list) {
        Some(why) => Err((field.to_owned(), why)),
        None => Ok(list),
    }
}

/// `T1059` or `T1059.001`.
fn is_technique(text: &str) -> bool {
    let (technique, sub) = text
        .split_once('.')
        .map_or((text, None), |(technique, sub)| (technique, Some(sub)));
    let digits = |it: &str, n: usize| it.len() == n && it.bytes().all(|b| b.is_ascii_digit());
    technique.strip_prefix('T').is_some_and(|it| digits(it, 4))
        && sub.is_none_or(|it| digits(it, 3))
}

/// The texts of a detection; what is not text is small and bounded by count.
fn bytes_of(it: &types::Detection) -> usize {
    let list = |list: &[types::Attribute]| -> usize {
        list.iter().map(|it| it.name.len() + it.value.len()).sum()
    };
    let entities = it.entities.iter().map(|it| list(&it.attributes));
    let taken = it.taken.iter().map(|it| list(&it.attributes));
    it.title.len() + list(&it.attributes) + entities.chain(taken).sum::<usize>()
}
