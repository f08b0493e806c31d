//! What a change of the inventory makes weaker.
//!
//! Tightening data is immediate; loosening it is a held change, approved by the people whom
//! touching the asset would take. So every change is compared by what it does to the thing, not
//! by its wording: taking a machine out of a group loosens nothing unless the group protected it
//! or was stricter. What is not known before counts as strict, what is not known after as loose.

use super::diff::node_text;
use crate::inventory::names::names_of;
use crate::inventory::risk::{mode_of, threshold_of};
use crate::inventory::{Change, Inventory};
use crate::model::{
    Asset, AssetId, AssetKind, Edge, Group, GroupId, Millis, Mode, PersonId, Protection, Threshold,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// In which way something becomes weaker.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Weaker {
    /// A protection goes, or is replaced by a lower one.
    Protection,
    /// Automation may do more.
    Mode,
    /// More impact needs fewer people.
    Threshold,
    /// A signature is added or lasts longer.
    Acceptance,
    /// Other people countersign.
    Owner,
    /// Something becomes a workstation.
    Kind,
    /// Somebody says what it is: the rules for what nobody reviewed end.
    Review,
    /// A protected thing can no longer be found by a name or id that it had.
    Identity,
    /// A thing goes, with all that it protected.
    Removed,
}

impl Weaker {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Protection => "protection",
            Self::Mode => "mode",
            Self::Threshold => "threshold",
            Self::Acceptance => "acceptance",
            Self::Owner => "owner",
            Self::Kind => "kind",
            Self::Review => "review",
            Self::Identity => "identity",
            Self::Removed => "removed",
        }
    }
}

/// One thing that becomes weaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Loosened {
    /// What: `asset erp-01`, `group erp-servers`.
    pub subject: String,
    /// The asset, where it is one: whose owners decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetId>,
    /// The group, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// How.
    pub weaker: Weaker,
    /// What it is now.
    pub before: String,
    /// What it will be.
    pub after: String,
}

/// Everything that becomes weaker between two inventories.
pub(super) fn loosens(
    before: &Inventory,
    after: &Inventory,
    changes: &[Change],
    now: Millis,
) -> Vec<Loosened> {
    let both = Both { before, after, now };
    changes.iter().flat_map(|it| both.change(it)).collect()
}

struct Both<'a> {
    before: &'a Inventory,
    after: &'a Inventory,
    now: Millis,
}

/// What counts of a thing, closed over its groups.
struct Held {
    protections: BTreeSet<Protection>,
    mode: Option<Mode>,
    threshold: Threshold,
    owners: BTreeSet<PersonId>,
}

impl Both<'_> {
    fn change(&self, change: &Change) -> Vec<Loosened> {
        match change {
            Change::PutAsset(new) => match self.before.asset(&new.id) {
                Some(old) => self.asset(old, new),
                None => Vec::new(),
            },
            Change::PutGroup(new) => self.group(self.before.group(&new.id), new),
            Change::PutEdge(new) => match self.before.edge(&new.node) {
                Some(old) => self.edge(old, new),
                None => Vec::new(),
            },
            Change::PutAccount(new) => {
                let old = self.before.accounts.get(&new.id);
                let lost = old.map(|it| &it.aliases - &new.aliases).unwrap_or_default();
                let lost = lost
                    .into_iter()
                    .map(|it| note(format!("account {}", new.id), Weaker::Identity, it, ""));
                lost.collect()
            }
            Change::RemoveAsset(id) => vec![of_asset(id, Weaker::Removed, "there", "gone")],
            Change::RemoveGroup(id) => vec![of_group(id, Weaker::Removed, "there", "gone")],
            Change::RemoveEdge(node) => {
                vec![note(node_text(node), Weaker::Removed, "there", "gone")]
            }
            Change::RemoveAccount(id) => {
                vec![note(
                    format!("account {id}"),
                    Weaker::Removed,
                    "there",
                    "gone",
                )]
            }
            Change::Confirm { .. } | Change::PutPerson(_) | Change::RemovePerson(_) => Vec::new(),
        }
    }

    fn asset(&self, old: &Asset, new: &Asset) -> Vec<Loosened> {
        let held = |inventory: &Inventory, it: &Asset| {
            let mut held = self.held(inventory, &it.groups);
            held.protections.extend(it.protection);
            held.owners.extend(it.owners.iter().cloned());
            held
        };
        let (was, will) = (held(self.before, old), held(self.after, new));
        let of = |weaker, before: String, after: String| of_asset(&new.id, weaker, before, after);
        let mut all = compare(&was, &will, of);
        if old.kind != new.kind && new.kind == Some(AssetKind::Workstation) {
            let word = old.kind.map_or("unknown", AssetKind::as_str);
            all.push(of(Weaker::Kind, word.to_owned(), "workstation".to_owned()));
        }
        if new.reviewed && !old.reviewed {
            all.push(of(
                Weaker::Review,
                "unreviewed".to_owned(),
                "reviewed".to_owned(),
            ));
        }
        if !was.protections.is_empty() {
            let lost = &identity(old) - &identity(new);
            all.extend(
                lost.into_iter()
                    .map(|it| of(Weaker::Identity, it, String::new())),
            );
        }
        all
    }

    fn group(&self, old: Option<&Group>, new: &Group) -> Vec<Loosened> {
        let held = |inventory: &Inventory, it: &Group| {
            let mut held = self.held(inventory, &it.parents);
            held.protections.extend(it.protection);
            held.owners
                .extend(it.owners.iter().chain(&it.deputies).cloned());
            held.mode = strictest(held.mode, mode_of(it, self.now));
            if let Some(it) = threshold_of(it, self.now) {
                held.threshold = it;
            }
            held
        };
        let of = |weaker, before: String, after: String| of_group(&new.id, weaker, before, after);
        let will = held(self.after, new);
        let Some(old) = old else {
            return signed(&will, of);
        };
        let mut all = compare(&held(self.before, old), &will, of);
        let until = |it: &Group| it.acceptance.as_ref().map(|it| it.until);
        if until(new) > until(old) {
            let text = |it: Option<Millis>| it.map_or("unsigned".to_owned(), Millis::rfc3339);
            all.push(of(Weaker::Acceptance, text(until(old)), text(until(new))));
        }
        all
    }

    fn edge(&self, old: &Edge, new: &Edge) -> Vec<Loosened> {
        let held = |inventory: &Inventory, it: &Edge| {
            let mut held = self.held(inventory, &it.groups);
            held.protections.extend(it.protection);
            held
        };
        let subject = node_text(&new.node);
        let of =
            |weaker, before: String, after: String| note(subject.clone(), weaker, before, after);
        let mut all = compare(&held(self.before, old), &held(self.after, new), of);
        let lost = [
            ("internal", old.internal && !new.internal),
            ("privileged", old.privileged && !new.privileged),
        ];
        let lost = lost.into_iter().filter(|(_, lost)| *lost);
        all.extend(lost.map(|(name, _)| of(Weaker::Protection, name.to_owned(), String::new())));
        all
    }

    fn held(&self, inventory: &Inventory, groups: &BTreeSet<GroupId>) -> Held {
        let mut held = Held {
            protections: BTreeSet::new(),
            mode: None,
            threshold: Threshold::DEFAULT,
            owners: BTreeSet::new(),
        };
        let mut lowest: Option<Threshold> = None;
        for id in inventory.close(groups.clone()) {
            let Some(group) = inventory.group(&id) else {
                continue;
            };
            held.protections.extend(group.protection);
            held.mode = strictest(held.mode, mode_of(group, self.now));
            held.owners
                .extend(group.owners.iter().chain(&group.deputies).cloned());
            if let Some(it) = threshold_of(group, self.now) {
                let old = lowest.unwrap_or(it);
                lowest = Some(Threshold {
                    alone: old.alone.min(it.alone),
                    one_person: old.one_person.min(it.one_person),
                });
            }
        }
        held.threshold = lowest.unwrap_or(Threshold::DEFAULT);
        held
    }
}

fn strictest(one: Option<Mode>, other: Option<Mode>) -> Option<Mode> {
    match (one, other) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// By what a thing can be found.
fn identity(asset: &Asset) -> BTreeSet<String> {
    let ids = asset
        .vendor_ids
        .iter()
        .map(|(product, id)| format!("{product}: {id}"));
    ids.chain(names_of(asset))
        .chain(asset.addresses.iter().cloned())
        .collect()
}

fn compare(
    was: &Held,
    will: &Held,
    of: impl Fn(Weaker, String, String) -> Loosened,
) -> Vec<Loosened> {
    let mut all = Vec::new();
    let list = |it: &BTreeSet<Protection>| {
        let words: Vec<&str> = it.iter().map(|it| it.as_str()).collect();
        words.join(", ")
    };
    // A higher protection makes up for a lower one that goes.
    let highest = will.protections.iter().max();
    if (&was.protections - &will.protections)
        .iter()
        .any(|it| Some(it) > highest)
    {
        all.push(of(
            Weaker::Protection,
            list(&was.protections),
            list(&will.protections),
        ));
    }
    let text = |it: Option<Mode>| it.map_or("the tenant's", Mode::as_str).to_owned();
    let looser = was.mode.unwrap_or(Mode::Observe) < will.mode.unwrap_or(Mode::Enforce);
    if was.mode != will.mode && looser {
        all.push(of(Weaker::Mode, text(was.mode), text(will.mode)));
    }
    let (a, b) = (was.threshold, will.threshold);
    if b.alone > a.alone || b.one_person > a.one_person {
        let text = |it: Threshold| format!("{}/{}", it.alone, it.one_person);
        all.push(of(Weaker::Threshold, text(a), text(b)));
    }
    if was.owners != will.owners {
        let text = |it: &BTreeSet<PersonId>| {
            let all: Vec<&str> = it.iter().map(PersonId::as_str).collect();
            all.join(", ")
        };
        all.push(of(Weaker::Owner, text(&was.owners), text(&will.owners)));
    }
    all
}

/// A new group weakens what is put into it if it is signed for more than the default.
fn signed(will: &Held, of: impl Fn(Weaker, String, String) -> Loosened) -> Vec<Loosened> {
    let mut all = Vec::new();
    if will.mode == Some(Mode::Enforce) {
        all.push(of(
            Weaker::Mode,
            "the tenant's".to_owned(),
            "enforce".to_owned(),
        ));
    }
    let (default, it) = (Threshold::DEFAULT, will.threshold);
    if it.alone > default.alone || it.one_person > default.one_person {
        let text = |it: Threshold| format!("{}/{}", it.alone, it.one_person);
        all.push(of(Weaker::Threshold, text(default), text(it)));
    }
    all
}

fn note(
    subject: String,
    weaker: Weaker,
    before: impl Into<String>,
    after: impl Into<String>,
) -> Loosened {
    Loosened {
        subject,
        asset: None,
        group: None,
        weaker,
        before: before.into(),
        after: after.into(),
    }
}

fn of_asset(
    id: &AssetId,
    weaker: Weaker,
    before: impl Into<String>,
    after: impl Into<String>,
) -> Loosened {
    let it = note(format!("asset {id}"), weaker, before, after);
    Loosened {
        asset: Some(id.clone()),
        ..it
    }
}

fn of_group(
    id: &GroupId,
    weaker: Weaker,
    before: impl Into<String>,
    after: impl Into<String>,
) -> Loosened {
    let it = note(format!("group {id}"), weaker, before, after);
    Loosened {
        group: Some(id.clone()),
        ..it
    }
}
