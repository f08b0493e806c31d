//! What a document would change, line by line, before it does.

use super::document::{Document, Removal};
use super::error::{ImportError, Place, nearest, shown};
use super::loosens::{Loosened, loosens};
use super::merge;
use crate::inventory::{Change, Inventory};
use crate::model::{Account, AssetId, GroupId, Millis};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One field that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DiffLine {
    /// What: `asset erp-01`, `group erp-servers`.
    pub subject: String,
    /// Which field; empty where the whole thing appears or goes.
    pub field: String,
    /// What it is now, as JSON; `None` where it is not there.
    pub before: Option<String>,
    /// What it will be, as JSON; `None` where it goes.
    pub after: Option<String>,
}

/// What a document would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// The changes, in the order in which they are to be applied.
    pub changes: Vec<Change>,
    /// The same for people.
    pub lines: Vec<DiffLine>,
    /// How many records change nothing.
    pub unchanged: usize,
    /// Assets that the document names again: they are not stale. Apply it whatever becomes of
    /// the changes; `None` where all were confirmed within a day.
    pub confirm: Option<Change>,
    /// What would become weaker: these make the import a held change.
    pub loosens: Vec<Loosened>,
}

/// Compares a document with the inventory.
///
/// # Errors
/// Rows that could be several assets, groups that do not exist, circles, and the like.
pub fn diff(
    inventory: &Inventory,
    document: &Document,
    now: Millis,
) -> Result<Diff, Vec<ImportError>> {
    let mut work = Work {
        inventory,
        after: inventory.clone(),
        diff: Diff::default(),
        errors: Vec::new(),
    };
    work.groups(document);
    work.accounts(document);
    work.edges(document);
    work.assets(document, now);
    work.removals(document);
    work.check_groups(document);
    let Work {
        after,
        mut diff,
        mut errors,
        ..
    } = work;
    if !errors.is_empty() {
        errors.truncate(super::ERRORS_MAX);
        return Err(errors);
    }
    diff.loosens = loosens(inventory, &after, &diff.changes, now);
    Ok(diff)
}

struct Work<'a> {
    inventory: &'a Inventory,
    after: Inventory,
    diff: Diff,
    errors: Vec<ImportError>,
}

impl Work<'_> {
    /// Takes a change in, unless it changes nothing.
    fn put<T: Serialize>(
        &mut self,
        subject: String,
        before: Option<&T>,
        after: &T,
        change: Change,
    ) {
        let lines = lines(&subject, before, Some(after));
        if lines.is_empty() {
            self.diff.unchanged += 1;
            return;
        }
        self.diff.lines.extend(lines);
        self.after.apply(&change);
        self.diff.changes.push(change);
    }

    fn groups(&mut self, document: &Document) {
        let mut seen = BTreeSet::new();
        for row in &document.groups {
            if !seen.insert(&row.id) {
                self.errors.push(twice(&row.place, row.id.as_str()));
                continue;
            }
            match merge::group(row, self.inventory) {
                Ok(group) => {
                    let subject = format!("group {}", group.id);
                    let before = self.inventory.group(&group.id);
                    self.put(subject, before, &group, Change::PutGroup(group.clone()));
                }
                Err(error) => self.errors.push(error),
            }
        }
    }

    fn accounts(&mut self, document: &Document) {
        for row in &document.accounts {
            let before = self.inventory.accounts.get(&row.id);
            let Some(aliases) = row.aliases.clone() else {
                continue;
            };
            let account = Account {
                id: row.id.clone(),
                aliases,
            };
            let subject = format!("account {}", row.id);
            self.put(
                subject,
                before,
                &account,
                Change::PutAccount(account.clone()),
            );
        }
    }

    fn edges(&mut self, document: &Document) {
        let mut seen = BTreeSet::new();
        for row in &document.edges {
            let edge = merge::edge(row, self.inventory);
            if !seen.insert(edge.node.clone()) {
                self.errors.push(twice(&row.place, &node_text(&edge.node)));
                continue;
            }
            let before = self.inventory.edges.get(&edge.node);
            let subject = node_text(&edge.node);
            self.put(subject, before, &edge, Change::PutEdge(edge.clone()));
        }
    }

    fn assets(&mut self, document: &Document, now: Millis) {
        let mut seen: BTreeMap<AssetId, Place> = BTreeMap::new();
        let mut named = BTreeSet::new();
        for row in &document.assets {
            let asset = match merge::asset(row, self.inventory, now) {
                Ok(asset) => asset,
                Err(error) => {
                    self.errors.push(error);
                    continue;
                }
            };
            if let Some(first) = seen.insert(asset.id.clone(), row.place.clone()) {
                let error = twice(&row.place, asset.id.as_str());
                self.errors
                    .push(error.help(format!("it is also at {first}")));
                continue;
            }
            let before = self.inventory.asset(&asset.id);
            if before.is_some_and(|it| now.since(it.confirmed) >= Millis::DAY) {
                named.insert(asset.id.clone());
            }
            let subject = format!("asset {}", asset.id);
            self.put(subject, before, &asset, Change::PutAsset(asset.clone()));
        }
        self.diff.confirm = (!named.is_empty()).then_some(Change::Confirm {
            assets: named,
            at: now,
        });
    }

    fn removals(&mut self, document: &Document) {
        for (place, removal) in &document.remove {
            match removal {
                Removal::Asset(name) => self.remove_asset(place, name),
                Removal::Group(id) => {
                    let known = self.inventory.groups.get(id).cloned();
                    let change = Change::RemoveGroup(id.clone());
                    self.remove(format!("group {id}"), known.as_ref(), change);
                }
                Removal::Edge(node) => {
                    let known = self.inventory.edges.get(node).cloned();
                    let change = Change::RemoveEdge(node.clone());
                    self.remove(node_text(node), known.as_ref(), change);
                }
            }
        }
    }

    fn remove_asset(&mut self, place: &Place, name: &str) {
        // Staleness does not matter for leaving.
        let found = self.inventory.resolve_name(name, Millis(0), u64::MAX);
        match (found.sole_asset().cloned(), found.assets.len()) {
            (Some(id), _) => {
                let known = self.inventory.asset(&id).cloned();
                self.remove(
                    format!("asset {id}"),
                    known.as_ref(),
                    Change::RemoveAsset(id.clone()),
                );
            }
            (None, 0) => self.diff.unchanged += 1,
            (None, _) => {
                let what = format!("{} may be several assets", shown(name));
                self.errors
                    .push(ImportError::new("CS-asset-07", place.clone(), what));
            }
        }
    }

    /// What is not there is already gone.
    fn remove<T: Serialize>(&mut self, subject: String, before: Option<&T>, change: Change) {
        if before.is_none() {
            self.diff.unchanged += 1;
            return;
        }
        self.diff.lines.extend(lines(&subject, before, None::<&T>));
        self.after.apply(&change);
        self.diff.changes.push(change);
    }

    /// Groups that rows refer to must exist afterwards, and must not contain themselves.
    fn check_groups(&mut self, document: &Document) {
        let assets = document
            .assets
            .iter()
            .map(|it| (&it.place, "groups", &it.groups));
        let edges = document
            .edges
            .iter()
            .map(|it| (&it.place, "groups", &it.groups));
        let parents = document
            .groups
            .iter()
            .map(|it| (&it.place, "parents", &it.parents));
        for (place, field, groups) in assets.chain(edges).chain(parents) {
            for id in groups.iter().flatten() {
                if self.after.group(id).is_none() {
                    let error = unknown_group(&self.after, place.field(field), id);
                    self.errors.push(error);
                }
            }
        }
        for row in &document.groups {
            let above = self.after.group(&row.id).map(|it| it.parents.clone());
            if self
                .after
                .close(above.unwrap_or_default())
                .contains(&row.id)
            {
                let place = row.place.field("parents");
                let what = format!("group {} would contain itself", row.id);
                self.errors
                    .push(ImportError::new("CS-asset-12", place, what));
            }
        }
    }
}

fn twice(place: &Place, what: &str) -> ImportError {
    let what = format!("{} stands there twice", shown(what));
    ImportError::new("CS-asset-06", place.clone(), what)
}

fn unknown_group(inventory: &Inventory, place: Place, id: &GroupId) -> ImportError {
    let what = format!("there is no group {}", shown(id.as_str()));
    let shipped = inventory.shipped.groups().map(|it| it.id.as_str());
    let names: Vec<&str> = inventory
        .groups
        .keys()
        .map(GroupId::as_str)
        .chain(shipped)
        .collect();
    let error = ImportError::new("CS-asset-05", place, what);
    match nearest(id.as_str(), &names) {
        Some(name) => error.help(format!("did you mean {name}?")),
        None => error.help("import the group first, or in the same JSON document"),
    }
}

pub(super) fn node_text(node: &crate::model::Node) -> String {
    use crate::model::Node;
    match node {
        Node::Software(it) => format!("software {it}"),
        Node::Account(it) => format!("account {it}"),
        Node::Address(it) => format!("address {it}"),
        Node::Domain(it) => format!("domain {it}"),
    }
}

/// Field by field, as JSON; when a thing was first seen is nobody's change.
fn lines<T: Serialize>(subject: &str, before: Option<&T>, after: Option<&T>) -> Vec<DiffLine> {
    let line = |field: &str, before, after| DiffLine {
        subject: subject.to_owned(),
        field: field.to_owned(),
        before,
        after,
    };
    match (before.map(fields), after.map(fields)) {
        (None, None) => Vec::new(),
        (None, Some(it)) => vec![line("", None, Some(whole(&it)))],
        (Some(it), None) => vec![line("", Some(whole(&it)), None)],
        (Some(old), Some(new)) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            let differing = names.into_iter().filter(|it| old.get(*it) != new.get(*it));
            differing
                .map(|it| line(it, old.get(it).cloned(), new.get(it).cloned()))
                .collect()
        }
    }
}

fn fields<T: Serialize>(it: &T) -> BTreeMap<String, String> {
    let value = serde_json::to_value(it).unwrap_or_default();
    let object = value.as_object().cloned().unwrap_or_default();
    let kept = object.into_iter().filter(|(name, value)| {
        !["id", "node", "first_seen", "confirmed"].contains(&name.as_str()) && !value.is_null()
    });
    kept.map(|(name, value)| (name, value.to_string()))
        .collect()
}

fn whole(fields: &BTreeMap<String, String>) -> String {
    let all: Vec<String> = fields
        .iter()
        .map(|(name, it)| format!("{name}: {it}"))
        .collect();
    all.join(", ")
}
