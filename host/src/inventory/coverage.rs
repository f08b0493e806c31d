//! What is known about the fleet, and where another product is stricter than we are.

use super::Inventory;
use crate::model::{Detection, Millis, Mode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How much of the inventory answers the three questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Coverage {
    /// Assets in all.
    pub assets: usize,
    /// A person said what they are.
    pub reviewed: usize,
    /// In at least one group.
    pub grouped: usize,
    /// With an owner of their own or of a group.
    pub owned: usize,
    /// Some product manages them, so that an action has a route.
    pub managed: usize,
    /// Not confirmed lately.
    pub stale: usize,
}

impl Inventory {
    /// Counts. What is missing is what holds automation back, so it is shown.
    pub fn coverage(&self, now: Millis, stale_after_ms: u64) -> Coverage {
        let mut all = Coverage::default();
        for asset in self.assets() {
            let groups = self.groups_of(&asset.id);
            let mut owned = groups.iter().filter_map(|it| self.group(it));
            all.assets += 1;
            all.reviewed += usize::from(asset.reviewed);
            all.grouped += usize::from(!groups.is_empty());
            all.owned +=
                usize::from(!asset.owners.is_empty() || owned.any(|it| !it.owners.is_empty()));
            all.managed += usize::from(!asset.managed_by.is_empty());
            all.stale += usize::from(now.since(asset.confirmed) > stale_after_ms);
        }
        all
    }

    /// Groups that something refers to and that do not exist: they protect nothing.
    pub fn missing_groups(&self) -> BTreeSet<crate::model::GroupId> {
        let assets = self.assets.values().flat_map(|it| &it.groups);
        let edges = self.edges.values().flat_map(|it| &it.groups);
        let parents = self.groups.values().flat_map(|it| &it.parents);
        let all = assets.chain(edges).chain(parents);
        all.filter(|it| self.group(it).is_none()).cloned().collect()
    }
}

/// A product acts by itself where we would not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// `vendor/product`.
    pub product: String,
    /// Its policy's mode, as it says: `protect`.
    pub product_mode: String,
    /// Whether that is so now, rather than only when it detected this.
    pub now: bool,
    /// Ours where the target stands.
    pub ours: Mode,
}

/// The drift that an alert shows, from the first one on, whether the product did anything or
/// not. The remedy is to set that group to detect in the product.
pub fn drift(detection: &Detection, ours: Mode) -> Option<Drift> {
    if ours == Mode::Enforce {
        return None;
    }
    let now = detection.attribute("countersign.control.mode_now");
    let then = detection.attribute("countersign.control.mode_at_detection");
    // What it says of now counts; where it does not say, what it was then.
    let says = |it: &Option<&str>| it.is_some_and(|it| it != "unknown");
    let (mode, is_now) = match (now, then) {
        (now, _) if says(&now) => (now?, true),
        (_, then) => (then?, false),
    };
    (mode == "protect").then(|| Drift {
        product: detection.product.clone(),
        product_mode: mode.to_owned(),
        now: is_now,
        ours,
    })
}
