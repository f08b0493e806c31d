//! Ids as types of their own, so that a case cannot be passed where an order is meant.
//!
//! All are text: vendor ids are larger than 2^53 and must survive JSON and JavaScript.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// Wraps a text that is already known to be such an id.
            pub fn new(text: impl Into<String>) -> Self { Self(text.into()) }
            /// The id as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self { Self(text.to_owned()) }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str { &self.0 }
        }
    )* };
}

ids! {
    /// A tenant: `a-z 0-9 -`, at most 64 bytes. Part of every key of the store.
    TenantId;
    /// A case, `case-` and a time-ordered UUID.
    CaseId;
    /// Why many cases look alike: file hash, else rule and software lineage.
    CauseId;
    /// One proposal in one case.
    ProposalId;
    /// A playbook's own name for a proposal within a case.
    Key;
    /// One authorised action.
    OrderId;
    /// A change in force in the environment.
    EffectId;
    /// An effect of a product that the guards would not have allowed.
    OverreachId;
    /// A message of the host to people.
    PageId;
    /// An asset of the inventory.
    AssetId;
    /// A group, business process, network or account group of the inventory.
    GroupId;
    /// A person, as an e-mail address or directory name.
    PersonId;
    /// A machine's token (its public part).
    TokenId;
    /// `publisher.name` of a plugin.
    PluginId;
    /// The name of a configured source of a tenant.
    SourceId;
    /// The name of a configured connector of a tenant: one instance of a connector plugin.
    ConnectorId;
}

/// One enrolled version of a plugin: its bytes are named by `digest`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct PluginRef {
    /// `publisher.name`.
    pub id: PluginId,
    /// Semantic version from the manifest.
    pub version: String,
    /// SHA-256 of the component.
    pub digest: Digest,
}

impl std::fmt::Display for PluginRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}

/// A SHA-256, as 64 lower-case hex digits.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(try_from = "String")]
pub struct Digest(String);

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "expected a SHA-256, as 64 hex digits".to_owned())
    }
}

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }
    /// The digest of several parts; each is preceded by its length, so that moving a byte from
    /// one part to the next gives another digest.
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hex::encode(hash.finalize()))
    }
    /// Reads 64 hex digits of either case.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| Self(text.to_ascii_lowercase()))
    }
    /// The 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
