//! How much risk is accepted where a target stands: mode and threshold of its groups, what kind
//! of asset it is, whether somebody said so.
//!
//! Several groups: the most restrictive mode, the lowest of each number. A group that says
//! nothing about one of them takes no part in it. What needs a signature and has none, or one
//! that ran out, falls back to `hold` and the default threshold.

use super::{Canonical, Inventory, Reach};
use crate::model::{
    Acceptance, Asset, AssetKind, Group, Millis, Mode, PersonId, Protection, Resolution, Target,
    TargetKind, Threshold,
};
use std::collections::BTreeSet;

impl Inventory {
    /// The most restrictive mode of the target's groups; the tenant's where none has one.
    pub fn mode(&self, reach: &Reach, tenant_default: Mode, now: Millis) -> Mode {
        let modes = self.groups_in(reach).filter_map(|it| mode_of(it, now));
        modes.min().unwrap_or(tenant_default)
    }

    /// The lowest of each number of the target's groups; the default where none has any.
    pub fn threshold(&self, reach: &Reach, now: Millis) -> Threshold {
        let all = self.groups_in(reach).filter_map(|it| threshold_of(it, now));
        let lowest = all.reduce(|a, b| Threshold {
            alone: a.alone.min(b.alone),
            one_person: a.one_person.min(b.one_person),
        });
        lowest.unwrap_or(Threshold::DEFAULT)
    }

    /// Whether one of `owners` gave consent beforehand in a group of the target.
    pub fn consent(&self, reach: &Reach, owners: &BTreeSet<PersonId>, now: Millis) -> bool {
        let given = self.groups_in(reach).filter_map(|it| it.consent.as_ref());
        let mut held = given.filter(|it| now < it.until);
        held.any(|it| owners.contains(&it.accepted_by))
    }

    fn groups_in<'a>(&'a self, reach: &'a Reach) -> impl Iterator<Item = &'a Group> {
        reach.groups.iter().filter_map(|it| self.group(it))
    }

    /// What the target stands on, or the worst of what it covers. Whatever is not known to be a
    /// workstation is a server; only what stands on no asset of ours is `none`.
    pub fn asset_kind(&self, canonical: &Canonical) -> AssetKind {
        let workstation = |it: &&Asset| it.kind == Some(AssetKind::Workstation);
        let mut assets = canonical
            .assets()
            .iter()
            .filter_map(|it| self.assets.get(it));
        match (canonical.on_device(), canonical.resolved.resolution) {
            (true, Resolution::Exact | Resolution::Stale) => match assets.next() {
                Some(it) if workstation(&it) => AssetKind::Workstation,
                _ => AssetKind::Server,
            },
            (true, _) => AssetKind::Server,
            (false, _) if canonical.covered == 0 => AssetKind::None,
            (false, _) if assets.all(|it| workstation(&it)) => AssetKind::Workstation,
            (false, _) => AssetKind::Server,
        }
    }

    /// Whether somebody said what the target is. Addresses and domains are tested for overlap,
    /// so only what they cover counts; accounts are reviewed by an edge or by their entry.
    pub fn reviewed(&self, canonical: &Canonical) -> bool {
        let mut assets = canonical
            .assets()
            .iter()
            .filter_map(|it| self.assets.get(it));
        match (canonical.kind, &canonical.target) {
            (TargetKind::Address | TargetKind::Domain | TargetKind::Url, _) => {
                assets.all(|it| it.reviewed)
            }
            (TargetKind::Software, _) => true,
            (_, Target::Account(it)) => self.is_known_account(it),
            (TargetKind::Message | TargetKind::Other, _) => false,
            _ => {
                let sole = canonical.resolved.sole_asset();
                sole.and_then(|it| self.assets.get(it))
                    .is_some_and(|it| it.reviewed)
            }
        }
    }

    /// The strongest protection that counts for a target, `critical` where that has to be
    /// assumed: it is not exactly known, or it is a server that nobody reviewed. What a playbook
    /// is told; the guards judge the facts themselves.
    pub fn protection_to_assume(&self, canonical: &Canonical, reach: &Reach) -> Option<Protection> {
        let exact = canonical.resolved.resolution == Resolution::Exact;
        let open = self.asset_kind(canonical) == AssetKind::Server && !self.reviewed(canonical);
        let assumed = (!exact || open).then_some(Protection::Critical);
        reach
            .resource
            .protections()
            .into_iter()
            .chain(assumed)
            .max()
    }

    fn is_known_account(&self, account: &crate::model::UserAccount) -> bool {
        let keys = super::account_keys(account).unwrap_or_default();
        // A bare name in the list says nothing about which account of that name this is.
        let known = |key: &String| {
            let node = crate::model::Node::Account(key.clone());
            self.edges.contains_key(&node)
        };
        self.account_of(&keys).len() == 1 || keys.first().is_some_and(known)
    }
}

fn valid(acceptance: Option<&Acceptance>, now: Millis) -> bool {
    acceptance.is_some_and(|it| now < it.until)
}

/// A mode above `hold` needs a signature that has not run out.
pub(super) fn mode_of(group: &Group, now: Millis) -> Option<Mode> {
    group.mode.map(|mode| match mode {
        Mode::Enforce if !valid(group.acceptance.as_ref(), now) => Mode::Hold,
        mode => mode,
    })
}

/// A number above the default needs one too.
pub(super) fn threshold_of(group: &Group, now: Millis) -> Option<Threshold> {
    let signed = valid(group.acceptance.as_ref(), now);
    let default = Threshold::DEFAULT;
    group.threshold.map(|it| match signed {
        true => it,
        false => Threshold {
            alone: it.alone.min(default.alone),
            one_person: it.one_person.min(default.one_person),
        },
    })
}
