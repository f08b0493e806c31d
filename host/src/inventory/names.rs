//! By what an asset can be found: vendor ids, names, look-alikes of names, addresses.
//!
//! Derived from the assets and kept beside them, so that a decision costs a few look-ups whether
//! there are forty assets or a hundred thousand. Only finds; what a find means is said in
//! `resolve`.

use super::canonical::{address, host, overlap, short};
use crate::model::{Asset, AssetId, NetworkRange};
use std::collections::{BTreeMap, BTreeSet};

type Index = BTreeMap<String, BTreeSet<AssetId>>;

/// What a name led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) assets: BTreeSet<AssetId>,
    /// Whether the name itself was known, rather than a part of it or its looks.
    pub(super) certain: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    vendor_ids: Index,
    /// Whole canonical names.
    full: Index,
    /// First labels of names that have dots.
    short: Index,
    /// Skeletons of names beyond what is typed: `dc01` written with other letters.
    looks: Index,
    /// Names with their labels reversed, for everything below a domain.
    reversed: Index,
    /// Single addresses by their place on the line.
    points: BTreeMap<u128, BTreeSet<AssetId>>,
    /// Prefixes and addresses that cover more than one interval.
    wide: BTreeMap<AssetId, Vec<NetworkRange>>,
}

/// One key for a product's id. Case is folded: at worst two assets share a key, and then the id
/// is ambiguous, which is safe.
pub(super) fn vendor_key(product: &str, id: &str) -> String {
    let id = id.trim_matches(' ').to_ascii_lowercase();
    format!("{}\n{id}", product.trim().to_ascii_lowercase())
}

/// Every canonical name of an asset. A name that cannot be read finds nothing.
pub(super) fn names_of(asset: &Asset) -> BTreeSet<String> {
    let all = [Some(&asset.name), asset.fqdn.as_ref()];
    let all = all.into_iter().flatten().chain(&asset.aliases);
    all.filter_map(|it| host(it).ok()).collect()
}

impl Names {
    pub(super) fn insert(&mut self, asset: &Asset) {
        let id = &asset.id;
        self.each_key(asset, |index, key| {
            index.entry(key).or_default().insert(id.clone());
        });
        for range in ranges_of(asset) {
            match range.as_slice() {
                [one] if one.first == one.last => {
                    self.points.entry(one.first).or_default().insert(id.clone());
                }
                wide => self.wide.entry(id.clone()).or_default().extend(wide),
            }
        }
    }

    pub(super) fn remove(&mut self, asset: &Asset) {
        self.each_key(asset, |index, key| {
            if let Some(ids) = index.get_mut(&key) {
                ids.remove(&asset.id);
                if ids.is_empty() {
                    index.remove(&key);
                }
            }
        });
        for range in ranges_of(asset).into_iter().flatten() {
            if let Some(ids) = self.points.get_mut(&range.first) {
                ids.remove(&asset.id);
                if ids.is_empty() {
                    self.points.remove(&range.first);
                }
            }
        }
        self.wide.remove(&asset.id);
    }

    fn each_key(&mut self, asset: &Asset, mut act: impl FnMut(&mut Index, String)) {
        for (product, id) in &asset.vendor_ids {
            act(&mut self.vendor_ids, vendor_key(product, id));
        }
        for name in names_of(asset) {
            act(&mut self.looks, looks_of(&name));
            act(&mut self.reversed, reversed(&name));
            if let Some(first) = short(&name) {
                act(&mut self.short, first.to_owned());
            }
            act(&mut self.full, name);
        }
    }

    pub(super) fn by_vendor_id(&self, key: &str) -> BTreeSet<AssetId> {
        self.vendor_ids.get(key).cloned().unwrap_or_default()
    }

    /// What a name leads to. A whole name wins; then a name without its domain, where that says
    /// nothing else; then what only looks like it.
    pub(super) fn find(&self, text: &str) -> Found {
        let Ok(name) = host(text) else {
            return self.look_alikes(text);
        };
        let of = |index: &Index, key: &str| index.get(key).cloned().unwrap_or_default();
        let full = of(&self.full, &name);
        let Some(first) = short(&name) else {
            let assets: BTreeSet<AssetId> = &full | &of(&self.short, &name);
            return match assets.is_empty() {
                true => self.look_alikes(text),
                false => Found {
                    assets,
                    certain: true,
                },
            };
        };
        if !full.is_empty() {
            return Found {
                assets: full,
                certain: true,
            };
        }
        // `dc01.corp.example`, and the inventory only knows `dc01`: the same machine, unless one
        // of that name is known under another domain.
        let elsewhere = of(&self.short, first);
        let assets = &of(&self.full, first) | &elsewhere;
        match assets.is_empty() {
            true => self.look_alikes(text),
            false => Found {
                certain: elsewhere.is_empty(),
                assets,
            },
        }
    }

    /// Plain ASCII names are told apart by their letters; `web-l1` is not `web-11`.
    fn look_alikes(&self, text: &str) -> Found {
        if text.is_ascii() {
            return Found::default();
        }
        let visible: String = text.chars().filter(|it| !is_invisible(*it)).collect();
        let looks = looks_of(&visible.to_lowercase());
        let assets = self.looks.get(&looks).cloned().unwrap_or_default();
        Found {
            assets,
            certain: false,
        }
    }

    /// The assets that have an address in any of these ranges.
    pub(super) fn overlapping(&self, ranges: &[NetworkRange]) -> BTreeSet<AssetId> {
        let points = ranges
            .iter()
            .flat_map(|it| self.points.range(it.first..=it.last));
        let mut all: BTreeSet<AssetId> = points.flat_map(|(_, ids)| ids).cloned().collect();
        let wide = self.wide.iter().filter(|(_, it)| overlap(it, ranges));
        all.extend(wide.map(|(id, _)| id.clone()));
        all
    }

    /// The assets whose names lie at or below a domain.
    pub(super) fn below(&self, domain: &str) -> BTreeSet<AssetId> {
        let top = reversed(domain);
        // `/` is what comes after `.`: everything that goes on with a label of its own.
        let within = self.reversed.range(format!("{top}.")..format!("{top}/"));
        let itself = self.reversed.get(&top).into_iter();
        let all = itself.chain(within.map(|(_, ids)| ids));
        all.flatten().cloned().collect()
    }
}

/// Skeletons are compared with skeletons only: they map letters that nobody would.
fn looks_of(name: &str) -> String {
    unicode_security::skeleton(name).collect()
}

fn is_invisible(it: char) -> bool {
    matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

fn reversed(name: &str) -> String {
    name.rsplit('.').collect::<Vec<_>>().join(".")
}

fn ranges_of(asset: &Asset) -> Vec<Vec<NetworkRange>> {
    let read = asset.addresses.iter().filter_map(|it| address(it).ok());
    read.map(|it| it.ranges).collect()
}
