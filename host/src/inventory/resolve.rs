//! Which asset is meant: exact, unresolved, ambiguous or stale, and never a best guess.
//!
//! An alert names a machine by an id of its product, by a name, or by both. The id decides,
//! unless the name is somebody else's: then one of the two is wrong, and both assets count as
//! meant, so that whatever protects either of them holds.

use super::names::Found;
use super::{Inventory, canonical};
use crate::model::{Asset, AssetId, Device, Millis, NetworkRange, Resolution};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// By what an asset was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResolvedBy {
    /// The product's own id.
    VendorId,
    /// A host name, FQDN or alias.
    Name,
    /// An address.
    Address,
    /// Nothing.
    Nothing,
}

/// The assets behind a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// How exactly.
    pub resolution: Resolution,
    /// The one asset, every candidate of an ambiguous name, or what an address or domain covers.
    pub assets: Vec<AssetId>,
    /// By what.
    pub by: ResolvedBy,
    /// Other assets of the same name, beside an exact one: worth a page before acting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collides: Vec<AssetId>,
}

impl Resolved {
    pub(super) fn without_asset(resolution: Resolution) -> Self {
        Self {
            resolution,
            assets: Vec::new(),
            by: ResolvedBy::Nothing,
            collides: Vec::new(),
        }
    }
    /// The asset, where there is one and no doubt which; it may be stale.
    pub fn sole_asset(&self) -> Option<&AssetId> {
        match (self.resolution, self.assets.as_slice()) {
            (Resolution::Exact | Resolution::Stale, [one]) => Some(one),
            _ => None,
        }
    }
    fn ambiguous(assets: BTreeSet<AssetId>, by: ResolvedBy) -> Self {
        Self {
            resolution: Resolution::Ambiguous,
            assets: assets.into_iter().collect(),
            by,
            collides: Vec::new(),
        }
    }
}

impl Inventory {
    /// The asset that `product` (`vendor/product`) means by `device`.
    pub fn resolve(
        &self,
        device: &Device,
        product: &str,
        now: Millis,
        stale_after_ms: u64,
    ) -> Resolved {
        let by_id = match device.id.trim_matches(' ') {
            "" => BTreeSet::new(),
            id => self.by_vendor_id(product, id),
        };
        let (named, by) = self.find_name(device);
        let mut ids = by_id.iter();
        match (ids.next(), ids.next()) {
            (Some(id), None) if named.assets.is_empty() || named.assets.contains(id) => {
                let mut found = self.exact(id, ResolvedBy::VendorId, now, stale_after_ms);
                let others = named.assets.iter().filter(|it| *it != id);
                found.collides = others.cloned().collect();
                found
            }
            (Some(_), _) => Resolved::ambiguous(&by_id | &named.assets, ResolvedBy::VendorId),
            (None, _) => self.by_name(device, product, named, by, now, stale_after_ms),
        }
    }

    /// Everything a person may type: an asset's id, a name, an address, a product's id.
    pub fn resolve_name(&self, text: &str, now: Millis, stale_after_ms: u64) -> Resolved {
        let text = text.trim();
        let id = AssetId::new(text);
        if self.assets.contains_key(&id) {
            return self.exact(&id, ResolvedBy::Name, now, stale_after_ms);
        }
        let device = Device {
            id: String::new(),
            name: text.to_owned(),
        };
        let (named, by) = self.find_name(&device);
        if !named.assets.is_empty() {
            return self.by_name(&device, "", named, by, now, stale_after_ms);
        }
        let products: BTreeSet<&String> = self
            .assets
            .values()
            .flat_map(|it| it.vendor_ids.keys())
            .collect();
        let found = products
            .into_iter()
            .flat_map(|it| self.by_vendor_id(it, text));
        let found = Found {
            assets: found.collect(),
            certain: true,
        };
        self.by_name(
            &device,
            "",
            found,
            ResolvedBy::VendorId,
            now,
            stale_after_ms,
        )
    }

    fn by_name(
        &self,
        device: &Device,
        product: &str,
        named: Found,
        by: ResolvedBy,
        now: Millis,
        stale_after_ms: u64,
    ) -> Resolved {
        let mut assets = named.assets.iter();
        match (assets.next(), assets.next()) {
            (None, _) => Resolved::without_asset(Resolution::Unresolved),
            (Some(id), None) if named.certain && !self.known_otherwise(id, device, product) => {
                self.exact(id, by, now, stale_after_ms)
            }
            _ => Resolved::ambiguous(named.assets, by),
        }
    }

    /// Whether the product has another id for that asset than the one it names now: a machine
    /// set up again, or a second one that took the name.
    fn known_otherwise(&self, id: &AssetId, device: &Device, product: &str) -> bool {
        let ids = self.assets.get(id).map(|it| &it.vendor_ids);
        let known = ids.is_some_and(|it| it.keys().any(|key| key.eq_ignore_ascii_case(product)));
        known && !device.id.trim_matches(' ').is_empty()
    }

    /// By the name; where there is none, some products give the name as id.
    fn find_name(&self, device: &Device) -> (Found, ResolvedBy) {
        let text = match (device.name.trim_matches(' '), device.id.trim_matches(' ')) {
            ("", id) => id,
            (name, _) => name,
        };
        let Some(address) = canonical::address(text).ok().filter(|it| it.single) else {
            return (self.names.find(text), ResolvedBy::Name);
        };
        let assets = self.names.overlapping(&address.ranges);
        (
            Found {
                assets,
                certain: true,
            },
            ResolvedBy::Address,
        )
    }

    fn exact(&self, id: &AssetId, by: ResolvedBy, now: Millis, stale_after_ms: u64) -> Resolved {
        let stale = |it: &Asset| now.since(it.confirmed) > stale_after_ms;
        let resolution = match self.assets.get(id) {
            Some(asset) if stale(asset) => Resolution::Stale,
            _ => Resolution::Exact,
        };
        Resolved {
            resolution,
            assets: vec![id.clone()],
            by,
            collides: Vec::new(),
        }
    }

    /// The assets that have an address in any of these ranges.
    pub fn assets_overlapping(&self, ranges: &[NetworkRange]) -> BTreeSet<AssetId> {
        self.names.overlapping(ranges)
    }

    /// The assets whose names lie at or below a canonical domain.
    pub fn assets_below(&self, domain: &str) -> BTreeSet<AssetId> {
        self.names.below(domain)
    }
}

#[cfg(test)]
mod tests;
