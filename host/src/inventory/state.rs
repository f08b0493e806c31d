//! The inventory itself: assets, groups, edges, accounts, people, and how they change.
//!
//! There is one way in: [`Inventory::apply`] of a [`Change`] that the journal has stored. The
//! indexes beside the data are derived in the same place, so they can never disagree with it.

use super::canonical::{account_key, address, domain};
use super::names::{Names, vendor_key};
use super::shipped::Shipped;
use crate::model::{
    Account, Asset, AssetId, Edge, Group, GroupId, Millis, NetworkRange, Node, Person, PersonId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One change of the inventory, as the journal stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Adds or replaces an asset.
    PutAsset(Asset),
    /// Removes an asset.
    RemoveAsset(AssetId),
    /// Something reliable named these assets again: they are not stale.
    Confirm {
        /// Which.
        assets: BTreeSet<AssetId>,
        /// When.
        at: Millis,
    },
    /// Adds or replaces a group.
    PutGroup(Group),
    /// Removes a group; what was in it stays, without it.
    RemoveGroup(GroupId),
    /// Adds or replaces an edge.
    PutEdge(Edge),
    /// Removes an edge.
    RemoveEdge(Node),
    /// Adds or replaces an account's names.
    PutAccount(Account),
    /// Removes an account's names.
    RemoveAccount(String),
    /// Adds or replaces a person.
    PutPerson(Person),
    /// Removes a person.
    RemovePerson(PersonId),
}

/// Everything that a tenant has.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    pub(super) assets: BTreeMap<AssetId, Asset>,
    pub(super) groups: BTreeMap<GroupId, Group>,
    pub(super) edges: BTreeMap<Node, Edge>,
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) people: BTreeMap<PersonId, Person>,
    /// Edges of the host for itself: not data of the tenant, so no change removes them.
    pub(super) own: BTreeMap<Node, Edge>,
    pub(super) shipped: Arc<Shipped>,
    // ---- derived
    pub(super) names: Names,
    pub(super) edge_ranges: BTreeMap<Node, Vec<NetworkRange>>,
    account_keys: BTreeMap<String, BTreeSet<String>>,
}

impl Inventory {
    /// An inventory that also protects the host itself and what it acts through. `own` binds
    /// like the shipped list and cannot be changed by [`Self::apply`].
    pub fn protecting(own: impl IntoIterator<Item = Edge>) -> Self {
        let mut inventory = Self::default();
        for edge in own {
            let edge = canonical_edge(edge);
            inventory.index_edge(&edge.node);
            inventory.own.insert(edge.node.clone(), edge);
        }
        inventory
    }

    /// Applies one change. Total: what a change refers to need not exist.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::PutAsset(asset) => self.put_asset(asset),
            Change::RemoveAsset(id) => self.remove_asset(id),
            Change::Confirm { assets, at } => self.confirm(assets, *at),
            Change::PutGroup(group) => {
                self.groups.insert(group.id.clone(), group.clone());
            }
            Change::RemoveGroup(id) => {
                self.groups.remove(id);
            }
            Change::PutEdge(edge) => self.put_edge(edge),
            Change::RemoveEdge(node) => self.remove_edge(node),
            Change::PutAccount(account) => self.put_account(account),
            Change::RemoveAccount(id) => self.remove_account(id),
            Change::PutPerson(person) => {
                self.people.insert(person.id.clone(), person.clone());
            }
            Change::RemovePerson(id) => {
                self.people.remove(id);
            }
        }
    }

    fn put_asset(&mut self, asset: &Asset) {
        self.remove_asset(&asset.id);
        self.names.insert(asset);
        self.assets.insert(asset.id.clone(), asset.clone());
    }

    fn remove_asset(&mut self, id: &AssetId) {
        if let Some(old) = self.assets.remove(id) {
            self.names.remove(&old);
        }
    }

    fn confirm(&mut self, assets: &BTreeSet<AssetId>, at: Millis) {
        for id in assets {
            if let Some(asset) = self.assets.get_mut(id) {
                asset.confirmed = asset.confirmed.max(at);
            }
        }
    }

    fn put_edge(&mut self, edge: &Edge) {
        let edge = canonical_edge(edge.clone());
        self.index_edge(&edge.node);
        self.edges.insert(edge.node.clone(), edge);
    }

    fn remove_edge(&mut self, node: &Node) {
        let node = canonical_node(node.clone());
        self.edges.remove(&node);
        if !self.own.contains_key(&node) {
            self.edge_ranges.remove(&node);
        }
    }

    fn index_edge(&mut self, node: &Node) {
        if let Node::Address(text) = node
            && let Ok(read) = address(text)
        {
            self.edge_ranges.insert(node.clone(), read.ranges);
        }
    }

    fn put_account(&mut self, account: &Account) {
        self.remove_account(&account.id);
        let Ok(id) = account_key("account id", &account.id) else {
            return;
        };
        let aliases = account.aliases.iter();
        let keys = aliases.filter_map(|it| account_key("account alias", it).ok());
        for key in keys.chain([id.clone()]) {
            self.account_keys.entry(key).or_default().insert(id.clone());
        }
        self.accounts.insert(id, account.clone());
    }

    fn remove_account(&mut self, id: &str) {
        let Ok(id) = account_key("account id", id) else {
            return;
        };
        self.accounts.remove(&id);
        self.account_keys.retain(|_, ids| {
            ids.remove(&id);
            !ids.is_empty()
        });
    }

    /// The accounts of the inventory that any of these keys may mean. A bare name counts only
    /// where no stronger key of the account is known.
    pub(super) fn account_of(&self, keys: &[String]) -> BTreeSet<String> {
        let known = |key: &String| self.account_keys.get(key);
        keys.iter().find_map(known).cloned().unwrap_or_default()
    }

    /// One asset.
    pub fn asset(&self, id: &AssetId) -> Option<&Asset> {
        self.assets.get(id)
    }
    /// Every asset, by id.
    pub fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.assets.values()
    }
    /// Every asset under its id, for whoever reads from one on.
    pub fn assets_by_id(&self) -> &BTreeMap<AssetId, Asset> {
        &self.assets
    }
    /// Every group of the tenant under its id.
    pub fn groups_by_id(&self) -> &BTreeMap<GroupId, Group> {
        &self.groups
    }
    /// Every edge of the tenant under what it starts from.
    pub fn edges_by_node(&self) -> &BTreeMap<Node, Edge> {
        &self.edges
    }
    /// How many assets there are.
    pub fn assets_count(&self) -> usize {
        self.assets.len()
    }
    /// One group, of the tenant or shipped.
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.get(id).or_else(|| self.shipped.group(id))
    }
    /// Every group of the tenant, by id.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }
    /// Every edge of the tenant.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.edges.values()
    }
    /// The edge of one thing.
    pub fn edge(&self, node: &Node) -> Option<&Edge> {
        self.edges.get(&canonical_node(node.clone()))
    }
    /// Every account whose names are known.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }
    /// One person.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id)
    }
    /// Every person, by id.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }
    /// The asset that a product knows by this id, if it is one.
    pub(super) fn by_vendor_id(&self, product: &str, id: &str) -> BTreeSet<AssetId> {
        self.names.by_vendor_id(&vendor_key(product, id))
    }
}

/// An edge under the canonical form of what it starts from.
pub(super) fn canonical_edge(edge: Edge) -> Edge {
    Edge {
        node: canonical_node(edge.node),
        ..edge
    }
}

/// What has no canonical form stays as it was written: it matches nothing, and is seen.
pub(super) fn canonical_node(node: Node) -> Node {
    match node {
        Node::Software(lineage) => Node::Software(super::lineage::canonical(lineage)),
        Node::Account(text) => Node::Account(account_key("account", &text).unwrap_or(text)),
        Node::Address(text) => Node::Address(address(&text).map_or(text, |it| it.text)),
        Node::Domain(text) => Node::Domain(domain(&text).unwrap_or(text)),
    }
}
