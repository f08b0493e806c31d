//! Software that the EDR lets through: by hash, else by signer and name, and where.

use super::{
    Allowance, Change, Device, Process, Reach, Reading, Refusal, SoftwareSelect, Wanted, World,
};
use serde_json::json;

/// Whether exactly this was allowed exactly there.
pub fn read(world: &World, select: &SoftwareSelect) -> Result<Reading, Refusal> {
    let wanted = allowance(world, select)?;
    Ok(match find(world, &wanted) {
        Some(at) => Reading::new("allowed", json!({ "until_ms": until(world, at) })),
        None => Reading::new("none", json!({})),
    })
}

/// Allows it, or takes that back.
pub fn set(world: &mut World, select: &SoftwareSelect, wanted: &Wanted) -> Result<Change, Refusal> {
    wanted.one_of(&["allowed", "none"])?;
    let mut allowance = allowance(world, select)?;
    allowance.until_ms = wanted.until_ms;
    let before = read(world, select)?.state;
    match (find(world, &allowance), wanted.state.as_str()) {
        (None, "allowed") => world.allowances.push(allowance),
        (Some(at), "none") => {
            world.allowances.remove(at);
        }
        _ => {}
    }
    let after = read(world, select)?;
    Ok(Change {
        changed: before != after.state,
        detail: format!("software is {}", after.state),
        before,
        after,
    })
}

/// Whether the EDR lets this process run on this device.
pub fn let_through(world: &World, device: &Device, process: &Process) -> bool {
    world.allowances.iter().any(|allowance| {
        let here = match allowance.reach.as_str() {
            "tenant" => true,
            "group" => allowance.place == device.group,
            _ => allowance.place == device.id,
        };
        here && covers(allowance, process)
    })
}

/// By hash where it has one, else by signer and name; by reference besides.
fn covers(allowance: &Allowance, process: &Process) -> bool {
    let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    let signed = allowance.sha256.is_none()
        && same(&allowance.signer, &process.signer)
        && allowance.name.eq_ignore_ascii_case(&process.name);
    same(&allowance.sha256, &process.sha256)
        || signed
        || same(&allowance.reference, &process.reference)
}

/// The allowance that a request names. A group is that of the device it names.
fn allowance(world: &World, select: &SoftwareSelect) -> Result<Allowance, Refusal> {
    let (reach, place) = match &select.reach {
        Reach::Tenant => ("tenant", String::new()),
        Reach::Device(id) => ("device", world.device(id)?.id.clone()),
        Reach::Group(id) => ("group", world.device(id)?.group.clone()),
    };
    Ok(Allowance {
        sha256: select.sha256.clone(),
        signer: select.signer.clone(),
        name: select.name.clone(),
        reference: select.reference.clone(),
        reach: reach.into(),
        place,
        until_ms: None,
    })
}

/// The one that says the same, whatever its end.
fn find(world: &World, wanted: &Allowance) -> Option<usize> {
    let key = |it: &Allowance| {
        let by = it.sha256.clone().or_else(|| it.signer.clone());
        let name = it.sha256.is_none().then(|| it.name.to_ascii_lowercase());
        let reference = by.is_none().then(|| it.reference.clone());
        (by, name, reference, it.reach.clone(), it.place.clone())
    };
    let wanted = key(wanted);
    world.allowances.iter().position(|it| key(it) == wanted)
}

fn until(world: &World, at: usize) -> Option<u64> {
    world.allowances.get(at).and_then(|it| it.until_ms)
}
