//! What a target belongs to, closed: groups of groups, processes, software, networks, domains,
//! and every protection that any of them leads to, with the reason.
//!
//! The guards see three entities a decision, so all of it is written flat onto the target here.
//! An ambiguous target belongs to everything that any candidate belongs to: whoever protects one
//! of them protects it.

use super::canonical::{
    Canonical, account_keys, domain_of, is_built_in_admin, is_private, overlap, related,
};
use super::program::Program;
use super::{Inventory, canonical};
use crate::model::{
    Ancestor, AssetId, Edge, GroupId, GroupKind, Node, Protection, Resource, Software, Target,
    TargetKind, TenantId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Why a protection applies: shown to the people who decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shield {
    /// Which.
    pub protection: Protection,
    /// By what: a group, an asset, an edge, or a rule that Countersign ships.
    pub by: String,
    /// In words; empty where a person put the edge there.
    pub why: String,
}

/// A target with all that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// For the guards.
    pub resource: Resource,
    /// Every group, closed, also those that its kind has no place for in the schema.
    pub groups: BTreeSet<GroupId>,
    /// The assets it stands on or covers.
    pub assets: BTreeSet<AssetId>,
    /// Why it is protected.
    pub shields: BTreeSet<Shield>,
}

/// While it is collected.
#[derive(Default)]
struct Collected {
    groups: BTreeSet<GroupId>,
    shields: BTreeSet<Shield>,
    software: BTreeSet<String>,
    privileged: bool,
    internal: bool,
}

impl Inventory {
    /// What the guards may know of a target. `software` is what the detection says that a
    /// process, file or service is an instance of.
    pub fn reach(
        &self,
        tenant: &TenantId,
        canonical: &Canonical,
        software: Option<&Software>,
    ) -> Reach {
        let mut all = Collected::default();
        let assets: BTreeSet<AssetId> = canonical.assets().iter().cloned().collect();
        for id in &assets {
            self.collect_asset(id, &mut all);
        }
        match &canonical.target {
            Target::Account(_) => self.collect_account(&canonical.target, &mut all),
            Target::Address(_) => self.collect_address(canonical, &mut all),
            Target::Domain(name) => self.collect_domain(name, canonical, &mut all),
            Target::Url(text) => {
                self.collect_address(canonical, &mut all);
                if let Some(name) = domain_of(text) {
                    self.collect_domain(&name, canonical, &mut all);
                }
            }
            target => {
                self.collect_software(target, software, &mut all);
                self.shipped_service(target, &mut all);
                self.shipped_host(canonical, &mut all);
            }
        }
        let resource = Resource {
            kind: canonical.kind,
            id: canonical.id.clone(),
            tenant: tenant.clone(),
            ancestors: self.ancestors(canonical.kind, &assets, &all),
            privileged: all.privileged,
            internal: all.internal,
        };
        let Collected {
            groups, shields, ..
        } = all;
        Reach {
            resource,
            groups,
            assets,
            shields,
        }
    }

    /// Every group above a group, itself included; a circle ends.
    pub(super) fn close(&self, from: impl IntoIterator<Item = GroupId>) -> BTreeSet<GroupId> {
        let mut todo: Vec<GroupId> = from.into_iter().collect();
        let mut closed = BTreeSet::new();
        while let Some(id) = todo.pop() {
            let Some(group) = self.group(&id) else {
                continue;
            };
            if closed.insert(id) {
                todo.extend(group.parents.iter().cloned());
            }
        }
        closed
    }

    /// The groups of an asset, closed.
    pub fn groups_of(&self, asset: &AssetId) -> BTreeSet<GroupId> {
        let own = self.assets.get(asset).map(|it| it.groups.clone());
        self.close(own.unwrap_or_default())
    }

    /// The assets of a group and of the groups within it.
    pub fn group_members(&self, group: &GroupId) -> BTreeSet<AssetId> {
        // Which groups lie within it is asked once, not once an asset.
        let within = |id: &&GroupId| self.close([(*id).clone()]).contains(group);
        let all = self
            .groups
            .keys()
            .chain(self.shipped.groups().map(|it| &it.id));
        let within: BTreeSet<&GroupId> = all.filter(within).collect();
        let member = |it: &&crate::model::Asset| it.groups.iter().any(|id| within.contains(id));
        let members = self.assets.values().filter(member);
        members.map(|it| it.id.clone()).collect()
    }

    fn collect_asset(&self, id: &AssetId, all: &mut Collected) {
        let Some(asset) = self.assets.get(id) else {
            return;
        };
        self.collect_groups(asset.groups.clone(), all);
        if let Some(protection) = asset.protection {
            all.shield(protection, format!("asset {id}"), "");
        }
    }

    fn collect_groups(&self, groups: BTreeSet<GroupId>, all: &mut Collected) {
        for id in self.close(groups) {
            // What ships cannot be taken away by a group of the same id.
            let own = self.groups.get(&id).and_then(|it| it.protection);
            let shipped = self.shipped.group(&id).and_then(|it| it.protection);
            for protection in own.into_iter().chain(shipped) {
                all.shield(protection, format!("group {id}"), "");
            }
            all.groups.insert(id);
        }
    }

    fn collect_edge(&self, edge: &Edge, by: String, all: &mut Collected) {
        self.collect_groups(edge.groups.clone(), all);
        all.privileged |= edge.privileged;
        all.internal |= edge.internal;
        if let Some(protection) = edge.protection {
            all.shield(protection, by, "");
        }
    }

    fn collect_software(&self, target: &Target, software: Option<&Software>, all: &mut Collected) {
        let Some(program) = Program::of(target, software) else {
            return;
        };
        all.software.extend(program.shown());
        for edge in self.every_edge() {
            if let Node::Software(rule) = &edge.node
                && program.is(rule)
            {
                all.software.insert(rule.to_string());
                self.collect_edge(edge, format!("software {rule}"), all);
            }
        }
        for row in self.shipped.of_program(&program) {
            all.shield(row.protection, row.id.to_owned(), row.why);
        }
    }

    fn shipped_service(&self, target: &Target, all: &mut Collected) {
        if let Target::Service(it) = target {
            for row in self.shipped.of_service(&it.name) {
                all.shield(row.protection, row.id.to_owned(), row.why);
            }
        }
    }

    /// A machine that nobody reviewed is what its name says, if its name says something.
    fn shipped_host(&self, it: &Canonical, all: &mut Collected) {
        let assets = it.assets().iter().filter_map(|id| self.assets.get(id));
        let open = assets.filter(|it| !it.reviewed);
        let mut names: BTreeSet<String> = open.flat_map(super::names::names_of).collect();
        if it.assets().is_empty()
            && let Some(device) = it.target.device()
        {
            names.insert(device.name.clone());
        }
        for name in names {
            for row in self.shipped.of_host(&name) {
                all.shield(row.protection, row.id.to_owned(), row.why);
            }
        }
    }

    fn collect_account(&self, target: &Target, all: &mut Collected) {
        let Target::Account(account) = target else {
            return;
        };
        let mut keys: BTreeSet<String> = account_keys(account)
            .unwrap_or_default()
            .into_iter()
            .collect();
        // A known account is protected under every name that it has.
        let list: Vec<String> = keys.iter().cloned().collect();
        for id in self.account_of(&list) {
            let aliases = self.accounts.get(&id).map(|it| it.aliases.clone());
            let read = |it: &String| canonical::account_key("account alias", it).ok();
            keys.extend(aliases.unwrap_or_default().iter().filter_map(read));
            keys.insert(id);
        }
        for edge in self.every_edge() {
            if let Node::Account(rule) = &edge.node
                && keys.contains(rule)
            {
                self.collect_edge(edge, format!("account {rule}"), all);
            }
        }
        all.privileged |= keys.iter().any(|it| is_built_in_admin(it));
        for row in self.shipped.of_account(&keys) {
            all.privileged = true;
            all.shield(row.protection, row.id.to_owned(), row.why);
        }
    }

    fn collect_address(&self, it: &Canonical, all: &mut Collected) {
        for (node, ranges) in &self.edge_ranges {
            let both = [self.edges.get(node), self.own.get(node)];
            if overlap(ranges, &it.ranges)
                && let Node::Address(rule) = node
            {
                for edge in both.into_iter().flatten() {
                    self.collect_edge(edge, format!("address {rule}"), all);
                }
            }
        }
        all.internal |= !it.assets().is_empty() || self.shipped.is_private(&it.ranges);
        for row in self.shipped.of_address(&it.ranges) {
            all.shield(row.protection, row.id.to_owned(), row.why);
        }
    }

    fn collect_domain(&self, name: &str, it: &Canonical, all: &mut Collected) {
        for edge in self.every_edge() {
            if let Node::Domain(rule) = &edge.node
                && related(name, rule)
            {
                self.collect_edge(edge, format!("domain {rule}"), all);
            }
        }
        all.internal |= !it.assets().is_empty() || is_private(name);
        for row in self.shipped.of_domain(name) {
            all.shield(row.protection, row.id.to_owned(), row.why);
        }
    }

    fn every_edge(&self) -> impl Iterator<Item = &Edge> {
        self.edges.values().chain(self.own.values())
    }

    /// What the schema lets a kind belong to; a protection reaches every kind.
    fn ancestors(
        &self,
        kind: TargetKind,
        assets: &BTreeSet<AssetId>,
        all: &Collected,
    ) -> BTreeSet<Ancestor> {
        let protections = all
            .shields
            .iter()
            .map(|it| Ancestor::Protection(it.protection));
        let groups = all.groups.iter().filter_map(|id| {
            let kind = self.group(id)?.kind;
            Some(match kind {
                GroupKind::AssetGroup => Ancestor::AssetGroup(id.clone()),
                GroupKind::BusinessProcess => Ancestor::BusinessProcess(id.clone()),
                GroupKind::AccountGroup => Ancestor::AccountGroup(id.clone()),
                GroupKind::Network => Ancestor::Network(id.clone()),
            })
        });
        let devices = assets.iter().map(|it| Ancestor::Device(it.0.clone()));
        let software = all.software.iter().cloned().map(Ancestor::Software);
        let every = protections.chain(groups).chain(devices).chain(software);
        every.filter(|it| has_place_for(kind, it)).collect()
    }
}

impl Collected {
    fn shield(&mut self, protection: Protection, by: String, why: &str) {
        let why = why.to_owned();
        self.shields.insert(Shield {
            protection,
            by,
            why,
        });
    }
}

fn has_place_for(kind: TargetKind, ancestor: &Ancestor) -> bool {
    use TargetKind as K;
    match ancestor {
        Ancestor::Protection(_) => true,
        Ancestor::AssetGroup(_) => {
            matches!(
                kind,
                K::Device | K::Process | K::File | K::Service | K::Address
            )
        }
        Ancestor::BusinessProcess(_) => true,
        Ancestor::AccountGroup(_) => kind == K::Account,
        Ancestor::Network(_) => matches!(kind, K::Address | K::Url),
        Ancestor::Device(_) => matches!(kind, K::Process | K::File | K::Service | K::Address),
        Ancestor::Software(_) => matches!(kind, K::Process | K::File | K::Service),
    }
}

#[cfg(test)]
mod tests;
