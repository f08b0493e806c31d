//! An asset that an alert showed first.
//!
//! Nobody tagged the server of the incident, so a machine that only an alert knows becomes an
//! asset at once: unreviewed, and a server unless the alert says that it is a workstation. What
//! is ambiguous is not enrolled: a second entry would lose what protects the first one.

use super::canonical::{host, short, unfit_reference};
use super::{Inventory, Resolved, ResolvedBy};
use crate::inventory::Change;
use crate::model::{
    Asset, AssetId, AssetKind, Attribute, Detection, Device, Digest, Entity, Millis, Resolution,
    Target, attribute,
};
use std::collections::{BTreeMap, BTreeSet};

// LIMIT: once a day; an asset that alerts every minute is not written every minute.
const CONFIRM_AFTER_MS: u64 = Millis::DAY;

/// What an alert teaches about its device: a new unreviewed asset, the product's id of a known
/// one, or that a known one is alive. `None` where there is nothing to learn, and where the
/// device is ambiguous, stale, or cannot be told from others.
pub fn enrol_from_detection(
    detection: &Detection,
    inventory: &Inventory,
    now: Millis,
    stale_after_ms: u64,
) -> Option<Change> {
    let entity = detection
        .entities
        .iter()
        .find(|it| it.role == "affected" && matches!(it.target, Target::Device(_)));
    let device = match entity.map(|it| &it.target) {
        Some(Target::Device(device)) => device,
        _ => standing_on(detection)?,
    };
    let found = inventory.resolve(device, &detection.product, now, stale_after_ms);
    match found.resolution {
        Resolution::Unresolved => {
            let attributes = entity
                .map(|it| it.attributes.as_slice())
                .unwrap_or_default();
            let asset = newcomer(device, &detection.product, attributes, inventory, now)?;
            Some(Change::PutAsset(asset))
        }
        Resolution::Exact => learn(device, &detection.product, &found, inventory, now),
        Resolution::Ambiguous | Resolution::Stale => None,
    }
}

/// The device of the first affected process, file or service, where none is named by itself.
fn standing_on(detection: &Detection) -> Option<&Device> {
    let affected = |it: &&Entity| it.role == "affected";
    let found = detection.entities.iter().filter(affected);
    found.into_iter().find_map(|it| it.target.device())
}

fn newcomer(
    device: &Device,
    product: &str,
    attributes: &[Attribute],
    inventory: &Inventory,
    now: Millis,
) -> Option<Asset> {
    let vendor_id = usable_id(device);
    let name = host(&device.name).ok();
    let label = match (&name, &vendor_id) {
        (Some(name), _) => name.clone(),
        (None, Some(id)) => format!("{product}/{id}"),
        (None, None) => return None,
    };
    let vendor_ids = vendor_id.map(|id| (product.to_owned(), id));
    Some(Asset {
        id: free_id(&label, product, &device.id, inventory)?,
        name: name
            .as_deref()
            .and_then(short)
            .map_or(label.clone(), str::to_owned),
        fqdn: name.filter(|it| it.contains('.')),
        aliases: BTreeSet::new(),
        managed_by: vendor_ids
            .iter()
            .map(|(product, _)| product.clone())
            .collect(),
        vendor_ids: vendor_ids.into_iter().collect::<BTreeMap<_, _>>(),
        addresses: BTreeSet::new(),
        kind: kind_of(attributes),
        reviewed: false,
        groups: BTreeSet::new(),
        protection: None,
        owners: BTreeSet::new(),
        zone: None,
        first_seen: now,
        confirmed: now,
    })
}

fn usable_id(device: &Device) -> Option<String> {
    let id = device.id.trim_matches(' ');
    unfit_reference(id).is_none().then(|| id.to_owned())
}

/// The name, so that people find it; with a digest where an asset once renamed still has it.
fn free_id(label: &str, product: &str, id: &str, inventory: &Inventory) -> Option<AssetId> {
    let plain = AssetId::new(label);
    if inventory.asset(&plain).is_none() {
        return Some(plain);
    }
    let digest = Digest::of_parts([product.as_bytes(), id.as_bytes()]);
    let other = AssetId(format!("{label}~{}", digest.short()));
    inventory.asset(&other).is_none().then_some(other)
}

/// What the alert says that it is. A workstation must say so and not be called a server.
fn kind_of(attributes: &[Attribute]) -> Option<AssetKind> {
    let said = |name: &str| attribute(attributes, name).map(str::to_lowercase);
    let server = said("os.name").is_some_and(|it| it.contains("server"));
    let kind = said("type").or_else(|| said("type_id"))?;
    match kind.as_str() {
        // OCSF device.type_id: 2 desktop, 3 laptop; 0 unknown, 99 other
        "2" | "3" if !server => Some(AssetKind::Workstation),
        "0" | "99" if !server => None,
        "workstation" | "desktop" | "laptop" if !server => Some(AssetKind::Workstation),
        "" | "unknown" | "other" if !server => None,
        _ => Some(AssetKind::Server),
    }
}

/// An exact asset: its id in this product if it has none yet, and that it is alive.
fn learn(
    device: &Device,
    product: &str,
    found: &Resolved,
    inventory: &Inventory,
    now: Millis,
) -> Option<Change> {
    let asset = inventory.asset(found.sole_asset()?)?;
    let unknown = !asset
        .vendor_ids
        .keys()
        .any(|it| it.eq_ignore_ascii_case(product));
    // An address moves from machine to machine; an id learnt by it would stick to the wrong one.
    let named = unknown && found.by == ResolvedBy::Name;
    if let Some(id) = usable_id(device).filter(|_| named) {
        let mut asset = asset.clone();
        asset.vendor_ids.insert(product.to_owned(), id);
        asset.managed_by.insert(product.to_owned());
        asset.confirmed = asset.confirmed.max(now);
        return Some(Change::PutAsset(asset));
    }
    (now.since(asset.confirmed) >= CONFIRM_AFTER_MS).then(|| Change::Confirm {
        assets: [asset.id.clone()].into(),
        at: now,
    })
}

#[cfg(test)]
mod tests;
