//! Which thing of the inventory a row is about, and what it looks like afterwards.
//!
//! A row finds its asset as an alert would: by id, by a product's id, by its whole name. One that
//! could be two is an error to be settled by an `id` column, never a guess.

use super::document::{AssetRow, EdgeRow, GroupRow};
use super::error::{ImportError, Place};
use crate::inventory::{Inventory, canonical};
use crate::model::{
    Acceptance, Asset, AssetId, Edge, Group, GroupKind, Millis, Mode, PersonId, Threshold,
};
use std::collections::BTreeSet;

/// The asset that a row is about, as it will be.
pub(super) fn asset(
    row: &AssetRow,
    inventory: &Inventory,
    now: Millis,
) -> Result<Asset, ImportError> {
    let known = find(row, inventory)?;
    let mut it = match known.and_then(|id| inventory.asset(&id)) {
        Some(asset) => asset.clone(),
        None => newcomer(row, inventory, now)?,
    };
    it.name.clone_from(&row.name);
    patch(&mut it.fqdn, &row.fqdn);
    patch(&mut it.kind, &row.kind);
    patch(&mut it.protection, &row.protection);
    patch(&mut it.zone, &row.zone);
    replace(&mut it.aliases, &row.aliases);
    replace(&mut it.addresses, &row.addresses);
    replace(&mut it.groups, &row.groups);
    replace(&mut it.owners, &row.owners);
    replace(&mut it.managed_by, &row.managed_by);
    replace(&mut it.reviewed, &row.reviewed);
    for (product, id) in &row.vendor_ids {
        match id {
            Some(id) => it.vendor_ids.insert(product.clone(), id.clone()),
            None => it.vendor_ids.remove(product),
        };
    }
    Ok(it)
}

fn patch<T: Clone>(field: &mut Option<T>, row: &Option<Option<T>>) {
    if let Some(value) = row {
        field.clone_from(value);
    }
}

fn replace<T: Clone>(field: &mut T, row: &Option<T>) {
    if let Some(value) = row {
        field.clone_from(value);
    }
}

fn find(row: &AssetRow, inventory: &Inventory) -> Result<Option<AssetId>, ImportError> {
    if let Some(id) = &row.id {
        return Ok(Some(AssetId::new(id.as_str())));
    }
    let ids = row.vendor_ids.iter();
    let by_id = ids.filter_map(|(product, id)| Some((product, id.as_deref()?)));
    let mut found: BTreeSet<AssetId> = by_id
        .flat_map(|(product, id)| inventory.by_vendor_id(product, id))
        .collect();
    let fqdn = row.fqdn.clone().flatten();
    let by_name = fqdn.iter().chain([&row.name]).find_map(|name| {
        let hit = inventory.names.find(name);
        let assets: BTreeSet<AssetId> = hit
            .assets
            .into_iter()
            .filter(|_| hit.certain)
            .filter(|id| !has_other_fqdn(inventory, id, fqdn.as_deref()))
            .collect();
        (!assets.is_empty()).then_some(assets)
    });
    // Of several that share the name, the product's id says which.
    let by_name = by_name.unwrap_or_default();
    if found.is_empty() || !found.is_subset(&by_name) && !by_name.is_empty() {
        found.extend(by_name);
    }
    let mut all = found.iter();
    match (all.next(), all.next()) {
        (one, None) => Ok(one.cloned()),
        _ => Err(ambiguous(&row.place, &found)),
    }
}

/// `dc01` of another domain is another machine.
fn has_other_fqdn(inventory: &Inventory, id: &AssetId, fqdn: Option<&str>) -> bool {
    let known = inventory.asset(id).and_then(|it| it.fqdn.as_deref());
    let known = known.and_then(|it| canonical::host(it).ok());
    matches!((known.as_deref(), fqdn), (Some(a), Some(b)) if a != b)
}

fn ambiguous(place: &Place, found: &BTreeSet<AssetId>) -> ImportError {
    let ids: Vec<&str> = found.iter().map(AssetId::as_str).collect();
    let what = format!("it may be any of {}", ids.join(", "));
    ImportError::new("CS-asset-07", place.clone(), what).help("say which in a field id")
}

fn newcomer(row: &AssetRow, inventory: &Inventory, now: Millis) -> Result<Asset, ImportError> {
    let name = row
        .fqdn
        .clone()
        .flatten()
        .or_else(|| canonical::host(&row.name).ok());
    let id = row.id.clone().or(name).unwrap_or_else(|| row.name.clone());
    let id = AssetId(id);
    if row.id.is_none() && inventory.asset(&id).is_some() {
        return Err(ambiguous(&row.place, &[id].into()));
    }
    Ok(Asset {
        id,
        name: row.name.clone(),
        fqdn: None,
        aliases: BTreeSet::new(),
        vendor_ids: Default::default(),
        addresses: BTreeSet::new(),
        kind: None,
        // Who brings a list that says what a machine is has said what it is.
        reviewed: row.kind.flatten().is_some(),
        groups: BTreeSet::new(),
        protection: None,
        owners: BTreeSet::new(),
        managed_by: row
            .vendor_ids
            .iter()
            .filter(|(_, id)| id.is_some())
            .map(|(it, _)| it.clone())
            .collect(),
        zone: None,
        first_seen: now,
        confirmed: now,
    })
}

/// The group that a row is about, as it will be.
pub(super) fn group(row: &GroupRow, inventory: &Inventory) -> Result<Group, ImportError> {
    let mut it = inventory.group(&row.id).cloned().unwrap_or_else(|| Group {
        id: row.id.clone(),
        kind: GroupKind::AssetGroup,
        name: row.id.0.clone(),
        mode: None,
        threshold: None,
        protection: None,
        parents: BTreeSet::new(),
        owners: BTreeSet::new(),
        deputies: BTreeSet::new(),
        acceptance: None,
        consent: None,
    });
    if let Some(kind) = row.kind.flatten() {
        it.kind = kind;
    }
    if let Some(name) = row.name.clone().flatten() {
        it.name = name;
    }
    patch(&mut it.mode, &row.mode);
    patch(&mut it.protection, &row.protection);
    replace(&mut it.parents, &row.parents);
    replace(&mut it.owners, &row.owners);
    replace(&mut it.deputies, &row.deputies);
    it.threshold = threshold(row, it.threshold)?;
    let acceptance = (&row.accepted_by, row.until);
    it.acceptance = signature(row, acceptance, it.acceptance.take())?;
    let consent = (&row.consent_by, row.consent_until);
    it.consent = signature(row, consent, it.consent.take())?;
    needs_signature(row, &it)?;
    Ok(it)
}

fn threshold(row: &GroupRow, old: Option<Threshold>) -> Result<Option<Threshold>, ImportError> {
    let (alone, one_person) = match (row.alone, row.one_person) {
        (None, None) => return Ok(old),
        (Some(None), Some(None)) => return Ok(None),
        both => both,
    };
    let base = old.unwrap_or(Threshold::DEFAULT);
    let new = Threshold {
        alone: alone.map_or(base.alone, |it| it.unwrap_or(Threshold::DEFAULT.alone)),
        one_person: one_person.map_or(base.one_person, |it| {
            it.unwrap_or(Threshold::DEFAULT.one_person)
        }),
    };
    if new.alone > new.one_person {
        let what = format!(
            "alone ({}) is above one_person ({})",
            new.alone, new.one_person
        );
        return Err(ImportError::new(
            "CS-asset-09",
            row.place.field("alone"),
            what,
        ));
    }
    Ok(Some(new))
}

/// Who signed, and until when: both or neither.
fn signature(
    row: &GroupRow,
    (by, until): (&Option<Option<PersonId>>, Option<Option<Millis>>),
    old: Option<Acceptance>,
) -> Result<Option<Acceptance>, ImportError> {
    let by = match by {
        None => old.as_ref().map(|it| it.accepted_by.clone()),
        Some(by) => by.clone(),
    };
    let until = match until {
        None => old.map(|it| it.until),
        Some(until) => until,
    };
    match (by, until) {
        (Some(accepted_by), Some(until)) => Ok(Some(Acceptance { accepted_by, until })),
        (None, None) => Ok(None),
        _ => {
            let what = "a signature has both who signed and until when";
            Err(ImportError::new("CS-asset-10", row.place.clone(), what))
        }
    }
}

/// Without a signature such a group would silently be `hold`; better said at once.
fn needs_signature(row: &GroupRow, group: &Group) -> Result<(), ImportError> {
    let default = Threshold::DEFAULT;
    let above = group
        .threshold
        .is_some_and(|it| it.alone > default.alone || it.one_person > default.one_person);
    if group.acceptance.is_some() || group.mode != Some(Mode::Enforce) && !above {
        return Ok(());
    }
    let what = "mode enforce, and a threshold above the default, need a signature";
    let error = ImportError::new("CS-asset-10", row.place.clone(), what);
    Err(error.help("add accepted_by and until"))
}

/// The edge that a row is about, as it will be.
pub(super) fn edge(row: &EdgeRow, inventory: &Inventory) -> Edge {
    let node = crate::inventory::state::canonical_node(row.node.clone());
    let mut it = inventory.edge(&node).cloned().unwrap_or(Edge {
        node,
        groups: BTreeSet::new(),
        protection: None,
        internal: false,
        privileged: false,
    });
    patch(&mut it.protection, &row.protection);
    replace(&mut it.groups, &row.groups);
    replace(&mut it.internal, &row.internal);
    replace(&mut it.privileged, &row.privileged);
    it
}
