//! The inventory as documents: one for each asset, group, edge, account and person, each sighting
//! and each asset that somebody looks at. The store keeps them beside the journal, so that a
//! restart need not read all that ever changed.

use super::sightings::Sightings;
use super::state::{Change, Inventory, canonical_node};
use crate::model::{AssetId, Lineage, Millis, Node, Sighting};
use serde::{Deserialize, Serialize};

/// Since when, and until when, somebody has been looking at an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Which.
    pub asset: AssetId,
    /// The first that was seen there.
    pub since: Millis,
    /// The last.
    pub until: Millis,
}

impl Change {
    /// The documents that it touches: kind and id.
    pub fn documents(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::PutAsset(asset) => vec![("asset", asset.id.0.clone())],
            Self::RemoveAsset(id) => vec![("asset", id.0.clone())],
            Self::Confirm { assets, .. } => {
                assets.iter().map(|id| ("asset", id.0.clone())).collect()
            }
            Self::PutGroup(group) => vec![("group", group.id.0.clone())],
            Self::RemoveGroup(id) => vec![("group", id.0.clone())],
            Self::PutEdge(edge) => vec![("edge", node_id(&edge.node))],
            Self::RemoveEdge(node) => vec![("edge", node_id(node))],
            Self::PutAccount(account) => vec![("account", account.id.clone())],
            Self::RemoveAccount(id) => vec![("account", id.clone())],
            Self::PutPerson(person) => vec![("member", person.id.0.clone())],
            Self::RemovePerson(id) => vec![("member", id.0.clone())],
        }
    }
}

/// A node as text, in canonical form: the id of its document.
fn node_id(node: &Node) -> String {
    match canonical_node(node.clone()) {
        Node::Software(lineage) => format!("software:{lineage}"),
        Node::Account(text) => format!("account:{text}"),
        Node::Address(text) => format!("address:{text}"),
        Node::Domain(text) => format!("domain:{text}"),
    }
}

impl Inventory {
    /// A document as JSON; `None` where it is gone.
    pub fn document(&self, kind: &str, id: &str) -> Option<Vec<u8>> {
        match kind {
            "asset" => json(self.assets.get(&AssetId::from(id))),
            "group" => json(self.groups.get(&id.into())),
            "edge" => json(self.edges.values().find(|it| node_id(&it.node) == id)),
            "account" => json(self.accounts.values().find(|it| it.id == id)),
            "member" => json(self.people.get(&id.into())),
            _ => None,
        }
    }

    /// The change that puts a document back. `None` for a kind that is not of the inventory.
    ///
    /// # Errors
    /// The document is not one of its kind.
    pub fn from_document(kind: &str, body: &[u8]) -> Option<Result<Change, serde_json::Error>> {
        Some(match kind {
            "asset" => serde_json::from_slice(body).map(Change::PutAsset),
            "group" => serde_json::from_slice(body).map(Change::PutGroup),
            "edge" => serde_json::from_slice(body).map(Change::PutEdge),
            "account" => serde_json::from_slice(body).map(Change::PutAccount),
            "member" => serde_json::from_slice(body).map(Change::PutPerson),
            _ => return None,
        })
    }
}

impl Sightings {
    /// The id of the document of one lineage on one asset.
    pub fn id(lineage: &Lineage, asset: &AssetId) -> String {
        format!("{asset}|{lineage}")
    }
    /// The sighting behind such an id.
    pub fn by_id(&self, id: &str) -> Option<&Sighting> {
        let (asset, lineage) = id.split_once('|')?;
        self.find(&AssetId::from(asset), lineage)
    }
}

fn json<T: Serialize>(record: Option<&T>) -> Option<Vec<u8>> {
    record.and_then(|it| serde_json::to_vec(it).ok())
}
