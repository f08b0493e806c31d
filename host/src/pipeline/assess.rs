//! Facts: what the host itself knows of a proposal, at this moment.
//!
//! INVARIANT: no fact comes from a plugin. What the alert claims (rating, severity, signer) is
//! passed on as a claim; what could not be computed is the value that is strictest.

use super::tx::Tx;
use crate::guard::{ImpactInput, impact};
use crate::inventory::{Canonical, Malformed, Reach, Resolved, lineage, software_at, software_of};
use crate::journal::state::{EffectRecord, surge_device};
use crate::model::{
    Asset, AssetId, CaseId, Detection, Device, EffectId, Facts, History, Impact, Millis, Mode,
    Origin, PersonId, Principal, Proposal, Rating, Request, Resolution, Restore, Software, Surge,
    Target, Tenure, Verb,
};
use crate::verdict::{AssetFacts, Part};
use std::collections::BTreeSet;

/// LIMIT: design section 5. An event older than this never runs unattended.
const FRESH_MS: u64 = Millis::HOUR;
/// An alert that claims to come from the future by more than this is not believed to be fresh.
const SKEW_MS: u64 = 5 * 60 * 1000;
/// For how long a first call of malicious counts as new.
const FLIP_MS: u64 = 7 * Millis::DAY;

/// A proposal with all that is known of it now.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// What the guards are asked.
    pub request: Request,
    /// What acting may cost.
    pub impact: Impact,
    /// From which the impact was computed: for the alternatives.
    pub impact_input: ImpactInput,
    /// What an approval is for.
    pub part: Part,
    /// Who may approve as owner: owners and their deputies.
    pub owners: BTreeSet<PersonId>,
    /// Why there is no connector, if there is none.
    pub no_route: Option<String>,
}

impl Tx<'_> {
    /// The asset behind a device.
    pub fn resolve(&self, device: &Device, product: &str) -> Resolved {
        self.state
            .inventory
            .resolve(device, product, self.now, self.book.stale_after_ms)
    }
    /// The canonical form of a target.
    pub fn canonical(&self, target: &Target, product: &str) -> Result<Canonical, Malformed> {
        self.state
            .inventory
            .canonical(target, product, self.now, self.book.stale_after_ms)
    }
    /// The assets that a target stands on or covers.
    pub fn assets_of(&self, target: &Target, product: &str) -> Vec<AssetId> {
        self.canonical(target, product)
            .map(|it| it.assets().to_vec())
            .unwrap_or_default()
    }
    /// The mode that counts for some assets.
    pub fn mode_of_assets(&self, assets: &[AssetId]) -> Mode {
        let modes = assets.iter().map(|asset| {
            let reach = self.reach_of_asset(asset);
            self.state
                .inventory
                .mode(&reach, self.book.calendar.mode(self.now), self.now)
        });
        modes
            .min()
            .unwrap_or_else(|| self.book.calendar.mode(self.now))
    }

    /// The groups, protections and owners behind an asset.
    pub fn reach_of_asset(&self, asset: &AssetId) -> Reach {
        let inventory = &self.state.inventory;
        let target = Target::Device(Device::default());
        let canonical = Canonical {
            id: String::new(),
            kind: target.kind(),
            target,
            resolved: inventory.resolve_name(&asset.0, self.now, self.book.stale_after_ms),
            covered: 1,
            ranges: Vec::new(),
        };
        inventory.reach(&self.state.tenant, &canonical, None)
    }

    /// Everything about one proposal, as of now.
    pub fn assess(
        &self,
        case: &CaseId,
        principal: &Principal,
        proposal: &Proposal,
        restores: Option<&EffectId>,
    ) -> Result<Assessed, String> {
        let Some(case) = self.state.cases.get(case) else {
            return Err("there is no such case".to_owned());
        };
        let detection = &case.detection;
        let canonical = self
            .canonical(&proposal.target, &detection.product)
            .map_err(|it| it.to_string())?;
        let software = software_at(detection, &proposal.target);
        let reach = self
            .state
            .inventory
            .reach(&self.state.tenant, &canonical, software.as_ref());
        let asset = self.asset_of(&canonical, case.assets.first());
        let history = self.history(detection, software.as_ref(), asset.map(|it| &it.id));
        let kind = self.state.inventory.asset_kind(&canonical);
        let time = self.book.calendar.time_of_day(
            self.now,
            asset.and_then(|it| it.zone.as_deref()),
            &reach.groups,
        );
        let impact_input = ImpactInput {
            action: proposal.action,
            asset_kind: kind,
            reviewed: self.state.inventory.reviewed(&canonical),
            protection: reach.resource.protections().into_iter().max(),
            processes: count(self.state.inventory.processes_that_stop(&reach)),
            assets_covered: self.covered(proposal, &canonical),
            tenure: history.tenure,
            fleet_tenure: history.fleet_tenure,
            working_hours: time.working_hours,
            change_window: time.change_window,
            freeze: time.freeze,
            group_under_effect_percent: self.under_effect_percent(&reach),
        };
        let impact = impact(&impact_input);
        let effect = restores.and_then(|id| self.state.effects.get(id));
        let facts = Facts {
            rating: detection.rating,
            severity: detection.severity,
            signed: software.as_ref().is_some_and(|it| it.signer.is_some()),
            fresh: self.fresh(detection, principal),
            impact: impact.total,
            threshold: self.state.inventory.threshold(&reach, self.now),
            mode: self.mode(principal, &reach),
            // standing consent is data that people sign; there is none yet
            consent: false,
            resolution: self.resolution(&canonical, detection, effect),
            asset_kind: kind,
            reviewed: impact_input.reviewed,
            unreviewed_accepted: self.book.unreviewed_accepted(self.now, kind),
            assets_covered: impact_input.assets_covered,
            surge: self.surge(principal, case, proposal, &reach, &history),
            history,
            time,
            restore: self.restore(proposal.action, effect),
        };
        let route = self.route_of(
            proposal.action,
            &proposal.target,
            canonical.assets(),
            &detection.product,
        );
        let owners = self.owners(&reach);
        let part = Part {
            action: proposal.action,
            canonical: canonical.id.clone(),
            target: proposal.target.clone(),
            assets: canonical
                .assets()
                .iter()
                .map(|id| self.asset_facts(id, &reach, &owners))
                .collect(),
            arguments: proposal.arguments.clone(),
            lease_s: proposal.lease_s,
            route: route.as_ref().ok().cloned(),
        };
        let request = Request {
            principal: principal.clone(),
            action: proposal.action,
            resource: reach.resource,
            facts,
        };
        Ok(Assessed {
            request,
            impact,
            impact_input,
            part,
            owners,
            no_route: route.err(),
        })
    }

    /// The asset whose history counts: the target's, else the one that the case is about.
    fn asset_of(&self, canonical: &Canonical, of_case: Option<&AssetId>) -> Option<&Asset> {
        let own = canonical
            .resolved
            .sole_asset()
            .filter(|_| canonical.on_device());
        own.or(of_case)
            .and_then(|id| self.state.inventory.asset(id))
    }

    fn mode(&self, principal: &Principal, reach: &Reach) -> Mode {
        // a product is judged as if it had been allowed to act: whether it should have is the question
        match principal {
            Principal::Product { .. } => Mode::Enforce,
            _ => self
                .state
                .inventory
                .mode(reach, self.book.calendar.mode(self.now), self.now),
        }
    }

    /// An asset that the alerting product does not manage is not identified by its word.
    fn resolution(
        &self,
        canonical: &Canonical,
        detection: &Detection,
        effect: Option<&EffectRecord>,
    ) -> Resolution {
        if effect.is_some_and(|it| it.origin == Origin::Ours) {
            return canonical.resolved.resolution;
        }
        let foreign = canonical.on_device()
            && canonical
                .resolved
                .sole_asset()
                .and_then(|id| self.state.inventory.asset(id))
                .is_some_and(|asset| {
                    !asset.managed_by.contains(&detection.product)
                        && !asset.vendor_ids.contains_key(&detection.product)
                });
        if foreign {
            Resolution::Unresolved
        } else {
            canonical.resolved.resolution
        }
    }

    /// A lease end and a person's wish are events of their own; the rest is as old as the alert.
    fn fresh(&self, detection: &Detection, principal: &Principal) -> bool {
        match principal {
            Principal::Host { .. } | Principal::Person { .. } => true,
            _ => {
                self.now.since(detection.time) <= FRESH_MS
                    && detection.time <= self.now.plus(SKEW_MS)
            }
        }
    }

    fn history(
        &self,
        detection: &Detection,
        software: Option<&Software>,
        asset: Option<&AssetId>,
    ) -> History {
        let unknown = History {
            tenure: Tenure::Unknown,
            fleet_tenure: Tenure::Unknown,
            rating_flip: false,
            released: false,
        };
        let Some(software) = software else {
            return unknown;
        };
        let tenure = asset.map_or(Tenure::Unknown, |asset| {
            self.state
                .sightings
                .software_tenure(software, asset, self.now)
        });
        let fleet_tenure = self.state.sightings.software_fleet_tenure(
            software,
            self.state.inventory.assets_count(),
            self.now,
        );
        let said = lineage(software).and_then(|it| self.state.lineages.get(&it.to_string()));
        let established = tenure == Tenure::Established || fleet_tenure == Tenure::Established;
        let newly = said
            .and_then(|it| it.malicious_since)
            .is_some_and(|at| self.now.since(at) <= FLIP_MS);
        let rating_flip = established && detection.rating == Rating::Malicious && newly;
        History {
            tenure,
            fleet_tenure,
            rating_flip,
            released: said.is_some_and(|it| it.released > 0),
        }
    }

    /// What changed since the software was last seen here: the answer to "why today?".
    pub fn changed(&self, detection: &Detection) -> Vec<String> {
        let device = detection.device();
        let asset = device
            .map(|it| self.resolve(it, &detection.product))
            .and_then(|it| it.sole_asset().cloned());
        let software = detection
            .entities
            .iter()
            .filter(|it| it.role != "related")
            .find_map(software_of);
        let Some(software) = software else {
            return Vec::new();
        };
        let mut changed = Vec::new();
        let mut differs = |what: &str, before: Option<&str>, now: Option<&str>| {
            if let (Some(before), Some(now)) = (before, now)
                && !before.eq_ignore_ascii_case(now)
            {
                changed.push(format!("{what}: {before} -> {now}"));
            }
        };
        let last = asset
            .as_ref()
            .and_then(|asset| self.state.sightings.software_last(&software, asset));
        if let Some(last) = last {
            differs("hash", last.sha256.as_deref(), software.sha256.as_deref());
            differs("signer", last.signer.as_deref(), software.signer.as_deref());
            differs("path", last.path.as_deref(), software.path.as_deref());
        }
        let said = lineage(&software).and_then(|it| self.state.lineages.get(&it.to_string()));
        if let Some(said) = said {
            differs(
                "rating",
                said.rating.map(Rating::as_str),
                Some(detection.rating.as_str()),
            );
            differs(
                "rule",
                said.rule.as_deref(),
                detection.attribute("finding_info.analytic.name"),
            );
            differs(
                "agent",
                said.agent.as_deref(),
                detection.attribute("device.agent.version"),
            );
            differs(
                "content",
                said.content.as_deref(),
                detection.attribute("finding_info.analytic.version"),
            );
        } else if last.is_some() {
            changed.push(format!(
                "rating: never reported before -> {}",
                detection.rating
            ));
        }
        changed
    }

    fn surge(
        &self,
        principal: &Principal,
        case: &crate::journal::state::CaseRecord,
        proposal: &Proposal,
        reach: &Reach,
        history: &History,
    ) -> Surge {
        let device = surge_device(&proposal.target);
        let devices = count(self.state.surge.place(
            &case.cause,
            &device,
            self.now,
            self.state.surge_window_ms,
        ));
        let group = self
            .state
            .inventory
            .smallest_group(reach)
            .map_or(0, |(_, size)| count(size));
        let tenth = group.saturating_mul(self.book.surge_percent) / 100;
        let established =
            history.tenure == Tenure::Established || history.fleet_tenure == Tenure::Established;
        let automatic = matches!(
            principal,
            Principal::Playbook { .. } | Principal::Product { .. }
        );
        Surge {
            cause_devices: if automatic { devices } else { 1 },
            group_share_percent: if group > 0 {
                (devices.saturating_mul(100) / group).min(100)
            } else {
                100
            },
            limit: if established {
                1
            } else {
                self.book.surge_devices.max(tenth)
            },
            // canaries come with staged rollouts: no version is at that stage yet
            canary_actions: 0,
            canary_budget: 0,
        }
    }

    fn restore(&self, action: Verb, effect: Option<&EffectRecord>) -> Restore {
        let gives_back = action.ends().is_some();
        let Some(effect) = effect.filter(|_| gives_back) else {
            return Restore {
                origin: Origin::Unknown,
                single: false,
                owner_agreed: false,
            };
        };
        let mut in_force = self.state.effects_in_force();
        let others = in_force
            .any(|it| it.id != effect.id && it.cause == effect.cause && it.origin == Origin::Ours);
        Restore {
            origin: effect.origin,
            single: !others,
            owner_agreed: false,
        }
    }

    /// How many assets an action reaches: an allowance for a group or tenant reaches all of them.
    fn covered(&self, proposal: &Proposal, canonical: &Canonical) -> i64 {
        let reach = crate::model::attribute(&proposal.arguments, "reach");
        match (proposal.action, reach) {
            (Verb::AllowSoftware, Some("group" | "tenant")) => {
                count(self.state.inventory.assets_count()).max(101)
            }
            _ => count(canonical.covered).max(1),
        }
    }

    /// The share of the target's group that is under an effect of taking away now.
    fn under_effect_percent(&self, reach: &Reach) -> i64 {
        let Some((group, size)) = self.state.inventory.smallest_group(reach) else {
            return 0;
        };
        let members = self.state.inventory.group_members(&group);
        let in_force = self.state.effects_in_force();
        let in_force = in_force.filter(|it| it.origin == Origin::Ours && it.action.takes_away());
        let under: BTreeSet<&AssetId> = in_force
            .flat_map(|it| &it.assets)
            .filter(|it| members.contains(*it))
            .collect();
        count(under.len()).saturating_mul(100) / count(size).max(1)
    }

    fn owners(&self, reach: &Reach) -> BTreeSet<PersonId> {
        let mut owners = self
            .state
            .inventory
            .owners(reach, self.book.default_owner.as_ref());
        owners.extend(self.state.inventory.deputies(reach));
        owners
    }

    fn asset_facts(
        &self,
        asset: &AssetId,
        reach: &Reach,
        owners: &BTreeSet<PersonId>,
    ) -> AssetFacts {
        AssetFacts {
            asset: asset.clone(),
            protection: reach.resource.protections(),
            owners: owners.clone(),
        }
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
