//! R008: what a playbook proposes on, it was shown. Every field that a target sets is equal in
//! an entity of the case, or in what the product acted on: a playbook that swapped the reference
//! under a right-looking path would have a connector act on something else than people saw.

use crate::prelude::*;

/// Whether the case shows this target, whole.
pub(super) fn in_case(target: &Target, case: &Case) -> Result<(), String> {
    let detection = &case.detection;
    let taken = detection.taken.iter().map(|it| &it.target);
    let mut shown = detection
        .entities
        .iter()
        .map(|it| &it.target)
        .chain(taken.clone());
    let known = match target {
        Target::Software(software) => {
            let bare = taken.map(|target| Entity::new("", target.clone()));
            let holders = detection.entities.iter().cloned().chain(bare);
            shown.any(|it| it == target) || holders.into_iter().any(|it| belongs(software, &it))
        }
        Target::Device(device) => shown.any(|it| device_of(it) == Some(device)),
        _ => shown.any(|it| it == target || adds_nothing(target, it)),
    };
    if known {
        return Ok(());
    }
    Err(format!("{target:?} does not occur in the case"))
}

fn device_of(target: &Target) -> Option<&Device> {
    match target {
        Target::Device(it) => Some(it),
        Target::Process(it) => Some(&it.device),
        Target::File(it) => Some(&it.device),
        Target::Service(it) => Some(&it.device),
        _ => None,
    }
}

/// Whether a file or process says no more than the one that is shown.
fn adds_nothing(target: &Target, shown: &Target) -> bool {
    match (target, shown) {
        (Target::File(it), Target::File(of)) => {
            it.device == of.device
                && it.path == of.path
                && at_most(&it.sha256, &of.sha256)
                && at_most(&it.reference, &of.reference)
        }
        (Target::Process(it), Target::Process(of)) => {
            it.device == of.device
                && it.name == of.name
                && at_most(&it.id, &of.id)
                && at_most(&it.pid, &of.pid)
                && at_most(&it.started, &of.started)
                && at_most(&it.sha256, &of.sha256)
                && at_most(&it.reference, &of.reference)
        }
        _ => false,
    }
}

fn at_most<T: PartialEq>(field: &Option<T>, shown: &Option<T>) -> bool {
    field.is_none() || field == shown
}

/// Software belongs to a file or process: hash, path and reference are that entity's, the signer
/// its certificate's subject where the signature is valid, the name one of the three it has.
fn belongs(software: &Software, entity: &Entity) -> bool {
    let Some(of) = entity.software() else {
        return false;
    };
    let file_name = match &entity.target {
        Target::File(it) => it.file_name(),
        Target::Process(it) => &it.name,
        _ => return false,
    };
    let names = [entity.product(), entity.original_name(), Some(file_name)];
    at_most(&software.sha256, &of.sha256)
        && at_most(&software.path, &of.path)
        && at_most(&software.reference, &of.reference)
        && at_most(&software.signer, &of.signer)
        && names.contains(&Some(software.name.as_str()))
}
