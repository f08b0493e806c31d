//! What a playbook may ask, answered from the tenant's own state. Every answer is recorded with
//! the evaluation by the plugin stage, so that a replay is served the same.

use super::desk::Desk;
use crate::inventory::{lineage, software_of};
use crate::journal::state::{CaseRecord, State};
use crate::model::{
    Asset, AssetKind, Attribute, CaseId, Device, Entity, Millis, Protection, Resolution, Software,
    Target, Tenure,
};
use crate::plugin::{AssetView, EarlierCase, LookupFailed, Lookups, SightingsView};

/// The look-ups of one evaluation.
pub struct TenantLookups {
    desk: Desk,
    case: CaseId,
    product: String,
    now: Millis,
    raw: Option<Vec<u8>>,
}

impl TenantLookups {
    /// For an evaluation of `case` at `now`; `raw` is the alert as it arrived.
    pub fn new(
        desk: Desk,
        case: CaseId,
        product: String,
        now: Millis,
        raw: Option<Vec<u8>>,
    ) -> Self {
        Self {
            desk,
            case,
            product,
            now,
            raw,
        }
    }

    fn stale_after_ms(&self) -> u64 {
        self.desk.book().stale_after_ms
    }
}

impl Lookups for TenantLookups {
    fn asset_of(&self, device: &Device) -> Result<AssetView, LookupFailed> {
        let stale_after_ms = self.stale_after_ms();
        Ok(self.desk.read(|state| {
            let found = state
                .inventory
                .resolve(device, &self.product, self.now, stale_after_ms);
            let asset = found.sole_asset().and_then(|id| state.inventory.asset(id));
            let target = Target::Device(device.clone());
            let canonical = state
                .inventory
                .canonical(&target, &self.product, self.now, stale_after_ms)
                .ok();
            let reach = canonical
                .as_ref()
                .map(|it| state.inventory.reach(&state.tenant, it, None));
            let edge = reach
                .as_ref()
                .and_then(|it| it.resource.protections().into_iter().max());
            AssetView {
                resolution: found.resolution,
                id: asset.map(|it| it.id.0.clone()).unwrap_or_default(),
                name: asset.map_or_else(|| device.name.clone(), |it| it.name.clone()),
                kind: asset
                    .and_then(|it| it.kind)
                    .map(|it| it.as_str().to_owned())
                    .unwrap_or_default(),
                reviewed: asset.is_some_and(|it| it.reviewed),
                protection: protection(found.resolution, asset, edge).to_owned(),
                groups: reach
                    .as_ref()
                    .map(|it| it.groups.iter().map(|id| id.0.clone()).collect())
                    .unwrap_or_default(),
                processes: reach
                    .as_ref()
                    .map(|it| business_processes(state, it))
                    .unwrap_or_default(),
                attributes: Vec::new(),
            }
        }))
    }

    fn sightings_of(
        &self,
        software: &Software,
        on: Option<&Device>,
    ) -> Result<SightingsView, LookupFailed> {
        let stale_after_ms = self.stale_after_ms();
        Ok(self.desk.read(|state| {
            let resolve = |device: &Device| {
                state
                    .inventory
                    .resolve(device, &self.product, self.now, stale_after_ms)
            };
            let asset = on.and_then(|it| resolve(it).sole_asset().cloned());
            // a device that cannot be told is asked about: nothing is known of it
            let nowhere = on.is_some() && asset.is_none();
            let tenure = match &asset {
                _ if nowhere => Tenure::Unknown,
                Some(asset) => state.sightings.software_tenure(software, asset, self.now),
                None => state.sightings.software_fleet_tenure(
                    software,
                    state.inventory.assets_count(),
                    self.now,
                ),
            };
            let span = (!nowhere)
                .then(|| state.sightings.span(software, asset.as_ref()))
                .flatten();
            let devices = match &asset {
                _ if nowhere => 0,
                Some(_) => usize::from(span.is_some()),
                None => state.sightings.software_devices(software),
            };
            let strongest = lineage(software);
            let said = strongest
                .as_ref()
                .and_then(|it| state.lineages.get(&it.to_string()));
            let changed = state
                .cases
                .get(&self.case)
                .map(|it| it.changed.clone())
                .unwrap_or_default();
            let mut attributes: Vec<Attribute> = strongest
                .iter()
                .map(|it| Attribute::new("countersign.lineage", kind_of(it)))
                .collect();
            attributes.extend(
                changed
                    .iter()
                    .filter_map(|it| it.split(':').next())
                    .map(|it| Attribute::new("countersign.changed", it)),
            );
            SightingsView {
                tenure: tenure.as_str().to_owned(),
                devices: u32::try_from(devices).unwrap_or(u32::MAX),
                first_seen: span.map(|it| it.0),
                last_seen: span.map(|it| it.1),
                detections: said.map_or(0, |it| it.detections),
                approved: said.map_or(0, |it| it.approved),
                denied: said.map_or(0, |it| it.denied),
                released: said.map_or(0, |it| it.released),
                attributes,
            }
        }))
    }

    fn earlier_cases(&self, about: &Target, limit: u32) -> Result<Vec<EarlierCase>, LookupFailed> {
        let lineage_of = |it: &Software| lineage(it).map(|it| it.to_string());
        // software is the same by its lineage, everything else by what it is
        let wanted = match about {
            Target::Software(it) => lineage_of(it),
            _ => None,
        };
        let same_entity = |entity: &Entity| match &wanted {
            Some(wanted) => {
                software_of(entity).and_then(|it| lineage_of(&it)).as_ref() == Some(wanted)
            }
            None => entity.target == *about,
        };
        let key = wanted.clone().unwrap_or_else(|| about.label());
        Ok(self.desk.read(|state| {
            let same = |it: &&CaseRecord| {
                it.id != self.case && it.detection.entities.iter().any(same_entity)
            };
            let most = usize::try_from(limit.clamp(1, 50)).unwrap_or(50);
            let newest = state.cases_about(&key).filter(same).take(most);
            let views = newest.map(|it| EarlierCase {
                id: it.id.0.clone(),
                opened: it.opened,
                title: it.detection.title.clone(),
                state: state.case_state(it).to_owned(),
                attributes: Vec::new(),
            });
            views.collect()
        }))
    }

    fn raw_alert(&self, offset: u32, length: u32) -> Result<Vec<u8>, LookupFailed> {
        let raw = self.raw.as_deref().unwrap_or_default();
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(raw.len());
        let to = from
            .saturating_add(usize::try_from(length.min(65_536)).unwrap_or(0))
            .min(raw.len());
        Ok(raw.get(from..to).unwrap_or_default().to_vec())
    }
}

/// What must be assumed: what is not identified, and a server that nobody reviewed, is critical.
fn protection(
    resolution: Resolution,
    asset: Option<&Asset>,
    edge: Option<Protection>,
) -> &'static str {
    let assumed = resolution != Resolution::Exact
        || asset.is_some_and(|it| !it.reviewed && it.kind != Some(AssetKind::Workstation));
    match edge {
        Some(Protection::Never) => "never",
        _ if assumed => "critical",
        Some(edge) => edge.as_str(),
        None => "none",
    }
}

fn business_processes(state: &State, reach: &crate::inventory::Reach) -> Vec<String> {
    let process = |id: &&crate::model::GroupId| {
        state
            .inventory
            .group(id)
            .is_some_and(|it| it.kind == crate::model::GroupKind::BusinessProcess)
    };
    reach
        .groups
        .iter()
        .filter(process)
        .map(|id| id.0.clone())
        .collect()
}

fn kind_of(lineage: &crate::model::Lineage) -> &'static str {
    match lineage.kind {
        crate::model::LineageKind::Signer => "signer",
        crate::model::LineageKind::Path => "path",
        crate::model::LineageKind::Hash => "hash",
    }
}
