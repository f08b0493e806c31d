//! The inventory's words: assets, what they belong to, who owns them, what runs on them.

use super::{AssetId, AssetKind, GroupId, Millis, Mode, PersonId, Protection, Role};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Up to which impact automation acts alone, and up to which one person is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Threshold {
    /// Impact up to here needs nobody.
    pub alone: i64,
    /// Impact up to here needs one person; above it two, the owner among them.
    pub one_person: i64,
}

impl Threshold {
    /// The default of a group.
    pub const DEFAULT: Self = Self {
        alone: 30,
        one_person: 60,
    };
}

/// A machine that the tenant has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Asset {
    /// The host's id.
    pub id: AssetId,
    /// Host name, as people call it.
    pub name: String,
    /// Fully qualified name, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fqdn: Option<String>,
    /// Other names.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub aliases: BTreeSet<String>,
    /// The products' own ids for it: `vendor/product` to id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vendor_ids: BTreeMap<String, String>,
    /// Addresses and prefixes, as written.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub addresses: BTreeSet<String>,
    /// What it is; `None` where nobody said, which counts as a server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AssetKind>,
    /// Whether a person said what it is.
    pub reviewed: bool,
    /// Groups and business processes it belongs to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<GroupId>,
    /// Protection of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<Protection>,
    /// Owners of its own.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub owners: BTreeSet<PersonId>,
    /// Products that manage it (`vendor/product`): connectors are routed by it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub managed_by: BTreeSet<String>,
    /// Zone of its site (IANA name); the tenant's where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// When it was first known.
    pub first_seen: Millis,
    /// When something last confirmed it.
    pub confirmed: Millis,
}

/// What kind of group.
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
pub enum GroupKind {
    /// Assets.
    AssetGroup,
    /// A business process: assets, software, accounts, domains.
    BusinessProcess,
    /// Accounts.
    AccountGroup,
    /// Addresses.
    Network,
}

/// A person's signature on a group's mode and threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Acceptance {
    /// Who.
    pub accepted_by: PersonId,
    /// Until when; after that the group falls back to `hold` and the default threshold.
    pub until: Millis,
}

/// A group of things, with how much risk is accepted in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// What it groups.
    pub kind: GroupKind,
    /// For people.
    pub name: String,
    /// Its mode; `None` takes the tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Its threshold; `None` takes the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// Its protection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<Protection>,
    /// Groups it belongs to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub parents: BTreeSet<GroupId>,
    /// Its owners.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub owners: BTreeSet<PersonId>,
    /// Who stands in for them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub deputies: BTreeSet<PersonId>,
    /// The signature that a mode above `hold` and a threshold above the default need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
}

/// What an edge starts from, beside assets and groups.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Node {
    /// Software by lineage.
    Software(Lineage),
    /// An account by id or name.
    Account(String),
    /// An address or prefix.
    Address(String),
    /// A domain, with everything below it.
    Domain(String),
}

/// Something other than an asset belongs to a group, or is protected by itself.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct Edge {
    /// What.
    pub node: Node,
    /// The groups it belongs to.
    #[serde(default)]
    pub groups: BTreeSet<GroupId>,
    /// Its own protection.
    #[serde(default)]
    pub protection: Option<Protection>,
    /// Whether it is our own (addresses, domains).
    #[serde(default)]
    pub internal: bool,
    /// Whether it is privileged (accounts).
    #[serde(default)]
    pub privileged: bool,
}

/// A range of addresses, as canonical inclusive interval (v4 mapped into v6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NetworkRange {
    /// First address.
    pub first: u128,
    /// Last address.
    pub last: u128,
}

/// An identity that the inventory knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Account {
    /// Object id or SID.
    pub id: String,
    /// Other names.
    pub aliases: BTreeSet<String>,
}

/// By what a lineage of software is told.
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
pub enum LineageKind {
    /// Valid signer and product.
    Signer,
    /// Path and original name.
    Path,
    /// Hash alone.
    Hash,
}

/// A lineage of software: what stays the same when it is updated.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct Lineage {
    /// By what it is told.
    pub kind: LineageKind,
    /// The canonical text.
    pub text: String,
}

impl Lineage {
    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, text) = text.split_once(':')?;
        let kind = match kind {
            "signer" => LineageKind::Signer,
            "path" => LineageKind::Path,
            "hash" => LineageKind::Hash,
            _ => return None,
        };
        Some(Self {
            kind,
            text: text.to_owned(),
        })
    }
}

impl std::fmt::Display for Lineage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            LineageKind::Signer => "signer",
            LineageKind::Path => "path",
            LineageKind::Hash => "hash",
        };
        write!(f, "{kind}:{}", self.text)
    }
}

/// One lineage seen on one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sighting {
    /// Which software.
    pub lineage: Lineage,
    /// Where.
    pub asset: AssetId,
    /// First time.
    pub first: Millis,
    /// Last time.
    pub last: Millis,
    /// The hash it had last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The path it had last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The signer it had last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Whether an inventory or telemetry said so, not only an alert.
    pub covered: bool,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// For people.
    pub name: String,
    /// `analyst` and `lead` hold everywhere in the tenant; `owner` here makes a default owner.
    pub roles: BTreeSet<Role>,
    /// Manages people, plugins, tokens and tenants; approves nothing by that.
    #[serde(default)]
    pub operator: bool,
    /// Where pages go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}
