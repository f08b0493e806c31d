//! Which software has been seen where, since when: the history that holds automation back.
//!
//! Three-valued, because the absence of data is not news. `established` needs a first sighting
//! 30 days ago. `new` needs more than no sighting: somebody must have been looking, for 30 days,
//! on that asset. Everything else is `unknown`, and on a server `unknown` holds. An alert is a
//! sighting too, but it never makes an asset looked at: agents alert on what is rare.

mod changed;
mod read;

pub use changed::{Changed, LastSeen, changed, rating_flip};
pub use read::{SightingRow, confirms, place, read};

use super::documents::Looked;
use super::lineage::lineages;
use crate::model::{AssetId, Lineage, Millis, Sighting, Software, Tenure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// From here on software counts as established.
const ESTABLISHED_AFTER_MS: u64 = 30 * Millis::DAY;
// LIMIT: weekly inventories with a day to spare; older than that, nobody is looking any more.
const LOOKING_UNTIL_MS: u64 = 8 * Millis::DAY;
// LIMIT: nine assets of ten. Every fleet has a few machines without telemetry, and software that
// runs on none of the nine is rare enough to be called new; with fewer, nobody knows.
const FLEET_COVERED_PERCENT: usize = 90;

/// One lineage seen on one asset, as the journal stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Which software.
    pub lineage: Lineage,
    /// Where.
    pub asset: AssetId,
    /// Since when.
    pub first: Millis,
    /// When last.
    pub last: Millis,
    /// The hash it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The path it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The signer it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// An inventory or telemetry said so, not only an alert.
    pub covered: bool,
}

impl Seen {
    /// One for each lineage that the software has; empty where it has none. A sighting that was
    /// learnt from an alert has `covered` false.
    pub fn of(
        software: &Software,
        asset: &AssetId,
        first: Millis,
        last: Millis,
        covered: bool,
    ) -> Vec<Self> {
        let all = lineages(software).into_iter().map(|lineage| Self {
            lineage,
            asset: asset.clone(),
            first: first.min(last),
            last,
            sha256: software.sha256.clone(),
            path: software.path.clone(),
            signer: software.signer.clone(),
            covered,
        });
        all.collect()
    }
}

/// Since when, and until when, somebody has been looking at an asset.
#[derive(Clone, Copy, Debug)]
struct Looking {
    since: Millis,
    until: Millis,
}

impl Looking {
    fn enough(self, now: Millis) -> bool {
        now.since(self.since) >= ESTABLISHED_AFTER_MS && now.since(self.until) <= LOOKING_UNTIL_MS
    }
}

/// Everything seen so far.
#[derive(Clone, Debug, Default)]
pub struct Sightings {
    seen: BTreeMap<Lineage, BTreeMap<AssetId, Sighting>>,
    looking: BTreeMap<AssetId, Looking>,
}

impl Sightings {
    /// Takes in one sighting. The order does not matter but for what was last.
    pub fn apply(&mut self, seen: &Seen) {
        if seen.covered {
            let looking = self.looking.entry(seen.asset.clone()).or_insert(Looking {
                since: seen.first,
                until: seen.last,
            });
            looking.since = looking.since.min(seen.first);
            looking.until = looking.until.max(seen.last);
        }
        let places = self.seen.entry(seen.lineage.clone()).or_default();
        match places.get_mut(&seen.asset) {
            Some(known) => merge(known, seen),
            None => {
                places.insert(seen.asset.clone(), sighting(seen));
            }
        }
    }

    /// The sighting of a lineage, given as text, on an asset.
    pub(in crate::inventory) fn find(&self, asset: &AssetId, lineage: &str) -> Option<&Sighting> {
        let parsed = Lineage::parse(lineage)?;
        self.last(&parsed, asset)
    }

    /// Since when and until when somebody has been looking at an asset.
    pub fn looked(&self, asset: &AssetId) -> Option<Looked> {
        let it = self.looking.get(asset)?;
        Some(Looked {
            asset: asset.clone(),
            since: it.since,
            until: it.until,
        })
    }

    /// Takes a sighting back in as it was. Who was looking is kept apart (`restore_looked`): an
    /// alert moves a sighting's last time, and an alert is nobody who looks.
    pub fn restore(&mut self, sighting: Sighting) {
        let places = self.seen.entry(sighting.lineage.clone()).or_default();
        places.insert(sighting.asset.clone(), sighting);
    }

    /// Takes back in since when an asset has been looked at.
    pub fn restore_looked(&mut self, looked: Looked) {
        self.looking.insert(
            looked.asset,
            Looking {
                since: looked.since,
                until: looked.until,
            },
        );
    }

    /// How long a lineage has been on an asset.
    pub fn tenure(&self, lineage: &Lineage, asset: &AssetId, now: Millis) -> Tenure {
        self.tenure_of([lineage], asset, now)
    }

    /// How long software has been on an asset: by whichever of its lineages knows most.
    pub fn software_tenure(&self, software: &Software, asset: &AssetId, now: Millis) -> Tenure {
        self.tenure_of(&lineages(software), asset, now)
    }

    fn tenure_of<'a>(
        &self,
        lineages: impl IntoIterator<Item = &'a Lineage>,
        asset: &AssetId,
        now: Millis,
    ) -> Tenure {
        let mut told = false;
        let mut firsts = Vec::new();
        for lineage in lineages {
            told = true;
            firsts.extend(self.last(lineage, asset).map(|it| it.first));
        }
        let looking = self.looking.get(asset).is_some_and(|it| it.enough(now));
        decide(told, firsts.into_iter().min(), looking, now)
    }

    /// How long a lineage has been anywhere in the fleet of `assets_count` assets.
    pub fn fleet_tenure(&self, lineage: &Lineage, assets_count: usize, now: Millis) -> Tenure {
        self.fleet_tenure_of([lineage], assets_count, now)
    }

    /// How long software has been anywhere in the fleet, by whichever lineage knows most.
    pub fn software_fleet_tenure(
        &self,
        software: &Software,
        assets_count: usize,
        now: Millis,
    ) -> Tenure {
        self.fleet_tenure_of(&lineages(software), assets_count, now)
    }

    fn fleet_tenure_of<'a>(
        &self,
        lineages: impl IntoIterator<Item = &'a Lineage>,
        assets_count: usize,
        now: Millis,
    ) -> Tenure {
        let mut told = false;
        let mut firsts = Vec::new();
        for lineage in lineages {
            told = true;
            let places = self.seen.get(lineage).into_iter().flatten();
            firsts.extend(places.map(|(_, it)| it.first).min());
        }
        let looking = self.looking.values().filter(|it| it.enough(now)).count();
        let enough = looking > 0
            && looking.saturating_mul(100) >= assets_count.saturating_mul(FLEET_COVERED_PERCENT);
        decide(told, firsts.into_iter().min(), enough, now)
    }

    /// On how many distinct assets a lineage was seen.
    pub fn devices(&self, lineage: &Lineage) -> usize {
        self.seen.get(lineage).map_or(0, BTreeMap::len)
    }

    /// On how many distinct assets software was seen, by any of its lineages.
    pub fn software_devices(&self, software: &Software) -> usize {
        let lineages = lineages(software);
        let places = lineages.iter().filter_map(|it| self.seen.get(it));
        let assets: BTreeSet<&AssetId> = places.flat_map(BTreeMap::keys).collect();
        assets.len()
    }

    /// The sighting of a lineage on an asset.
    pub fn last(&self, lineage: &Lineage, asset: &AssetId) -> Option<&Sighting> {
        self.seen.get(lineage)?.get(asset)
    }

    /// The sighting of software on an asset, by the strongest lineage that has one.
    pub fn software_last(&self, software: &Software, asset: &AssetId) -> Option<&Sighting> {
        lineages(software)
            .iter()
            .find_map(|it| self.last(it, asset))
    }

    /// First and last sighting of software, on one asset or anywhere.
    pub fn span(&self, software: &Software, on: Option<&AssetId>) -> Option<(Millis, Millis)> {
        let lineages = lineages(software);
        let places = lineages.iter().filter_map(|it| self.seen.get(it));
        let all = places.flat_map(BTreeMap::values);
        let mut all = all.filter(|it| on.is_none_or(|on| it.asset == *on));
        let one = all.next()?;
        Some(all.fold((one.first, one.last), |(first, last), it| {
            (first.min(it.first), last.max(it.last))
        }))
    }

    /// Since when somebody has been looking at an asset, if anybody has.
    pub fn looking_since(&self, asset: &AssetId) -> Option<Millis> {
        self.looking.get(asset).map(|it| it.since)
    }
}

/// The three values. `told` is false where the software has no lineage at all.
fn decide(told: bool, first: Option<Millis>, looking: bool, now: Millis) -> Tenure {
    match first {
        _ if !told => Tenure::Unknown,
        Some(first) if now.since(first) >= ESTABLISHED_AFTER_MS => Tenure::Established,
        _ if looking => Tenure::New,
        _ => Tenure::Unknown,
    }
}

fn sighting(seen: &Seen) -> Sighting {
    Sighting {
        lineage: seen.lineage.clone(),
        asset: seen.asset.clone(),
        first: seen.first,
        last: seen.last,
        sha256: seen.sha256.clone(),
        path: seen.path.clone(),
        signer: seen.signer.clone(),
        covered: seen.covered,
    }
}

/// Earlier and later; what it looked like is taken from the later one, where that says.
fn merge(known: &mut Sighting, seen: &Seen) {
    known.first = known.first.min(seen.first);
    known.covered |= seen.covered;
    let newer = seen.last >= known.last;
    known.last = known.last.max(seen.last);
    let take = |old: &mut Option<String>, new: &Option<String>| {
        if new.is_some() && (newer || old.is_none()) {
            old.clone_from(new);
        }
    };
    take(&mut known.sha256, &seen.sha256);
    take(&mut known.path, &seen.path);
    take(&mut known.signer, &seen.signer);
}

#[cfg(test)]
mod tests;
