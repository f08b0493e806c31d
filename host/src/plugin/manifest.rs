//! `plugin.json`: the most that a plugin may ever do, read before any of its code runs.
//!
//! It travels as a custom section of the component and is what a person sees when they enrol a
//! version, so it must mean the same to them and to the host: no duplicate keys, no unknown keys,
//! and every word parsed into the type that the stages use. What is not in here, the plugin
//! cannot do, whatever its code tries.

use super::error::LoadError;
use super::settings::SettingsSchema;
use crate::model::{PluginId, TargetKind, Verb};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

mod fields;
mod read;
mod schema;
mod section;

pub(crate) use read::manifest;
#[cfg(test)]
pub(crate) use schema::settings_schema;
pub(crate) use section::{malformed, manifest_section};

/// The contract versions that this host serves.
pub const CONTRACTS: &[&str] = &["0.1.0"];

/// What a plugin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluginKind {
    /// Turns bytes into detections.
    Source,
    /// Reads a case and proposes.
    Playbook,
    /// Carries out an authorised action.
    Connector,
}

impl PluginKind {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Playbook => "playbook",
            Self::Connector => "connector",
        }
    }
    /// The interface that it exports.
    pub fn export(self) -> &'static str {
        match self {
            Self::Source => "reader",
            Self::Playbook => "evaluator",
            Self::Connector => "actuator",
        }
    }
    /// The interfaces of the contract that it may import.
    pub fn imports(self) -> &'static [&'static str] {
        match self {
            Self::Source => &["types", "log", "settings"],
            Self::Playbook => &["types", "log", "settings", "lookup"],
            Self::Connector => &["types", "log", "settings", "http"],
        }
    }
    /// The section of the limits table.
    pub fn limits(self) -> crate::engine::LimitKind {
        match self {
            Self::Source => crate::engine::LimitKind::Source,
            Self::Playbook => crate::engine::LimitKind::Playbook,
            Self::Connector => crate::engine::LimitKind::Connector,
        }
    }
}

impl std::fmt::Display for PluginKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A look-up that a playbook may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookupName {
    /// The asset behind a device.
    AssetOf,
    /// Where software was seen.
    SightingsOf,
    /// Earlier cases about an entity.
    EarlierCases,
    /// A part of the alert as it arrived.
    RawAlert,
}

impl LookupName {
    /// Every look-up.
    pub const ALL: &[Self] = &[
        Self::AssetOf,
        Self::SightingsOf,
        Self::EarlierCases,
        Self::RawAlert,
    ];
    /// The function's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AssetOf => "asset-of",
            Self::SightingsOf => "sightings-of",
            Self::EarlierCases => "earlier-cases",
            Self::RawAlert => "raw-alert",
        }
    }
}

/// An action and what it may be done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The action.
    pub action: Verb,
    /// On which kinds of target.
    pub targets: Vec<TargetKind>,
}

/// Products whose alerts a source reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepts {
    /// `vendor/product`.
    pub product: String,
    /// Content types that it reads; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content_types: Vec<String>,
}

/// What the far side offers when the outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConnectorClass {
    /// An idempotency key.
    A,
    /// State that can be set and read.
    B,
    /// A client reference that can be searched.
    C,
    /// Nothing; never tried twice.
    D,
}

/// An action that a connector carries out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Performs {
    /// The action.
    pub action: Verb,
    /// On which kinds of target.
    pub targets: Vec<TargetKind>,
    /// What the far side offers.
    pub class: ConnectorClass,
    /// Class A: how long the system remembers the key, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_ttl_s: Option<u64>,
    /// How long after acceptance the effect may take to show, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect_delay_max_s: Option<u64>,
}

/// How a credential is put into a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialScheme {
    /// `authorization: Bearer <secret>`
    Bearer,
    /// `authorization: Basic <base64 of user:password>`
    Basic,
    /// A header of its own.
    Header,
    /// A token that is fetched with a client id and secret.
    Oauth2ClientCredentials,
    /// A header with the time and an HMAC over time and body.
    HmacSha256,
}

/// A credential that the operator supplies and the plugin never sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialSpec {
    /// Its name.
    pub name: String,
    /// How it is used.
    pub scheme: CredentialScheme,
    /// Schemes `header` and `hmac-sha256`: which header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// With TLS.
    Https,
    /// Without; for loopback and private addresses.
    Http,
}

impl Scheme {
    /// As in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }
    /// The port where none is said.
    pub fn port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

/// A part of a grant: said in the manifest, or taken from a setting of the instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stated<T> {
    /// As it stands.
    Is(T),
    /// The setting of that name (`{name}` in the manifest).
    Setting(String),
}

/// Where a connector may send requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EgressGrant {
    /// The host.
    pub host: Stated<String>,
    /// With or without TLS.
    pub scheme: Scheme,
    /// The port; the scheme's where none is said.
    pub port: Option<Stated<u16>>,
    /// Methods, upper case.
    pub methods: Vec<String>,
    /// Path prefixes, on whole segments.
    pub paths: Vec<String>,
    /// Credentials that may go there.
    pub credentials: Vec<String>,
}

/// A plugin's manifest, parsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `publisher.name`.
    pub id: PluginId,
    /// Semantic version.
    pub version: String,
    /// First label of the id.
    pub publisher: String,
    /// What it is.
    pub kind: PluginKind,
    /// The contract version that it was built for.
    pub contract: String,
    /// For people.
    pub title: String,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// SPDX expression.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub license: String,
    /// `https` URL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub homepage: String,
    /// What can be set.
    #[serde(default)]
    pub settings: SettingsSchema,
    /// Limits that it asks for: manifest name (`memory-mib`) and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<(String, u64)>,
    /// Source: what it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepts: Vec<Accepts>,
    /// Playbook: what it may propose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposes: Vec<Pair>,
    /// Playbook: what it may ask.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lookups: BTreeSet<LookupName>,
    /// Connector: products whose assets it acts on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manages: Vec<String>,
    /// Connector: what it carries out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub performs: Vec<Performs>,
    /// Connector: credentials by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<CredentialSpec>,
    /// Connector: where it may send.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub egress: Vec<EgressGrant>,
}

impl Manifest {
    /// Whether a playbook may propose this.
    pub fn proposes(&self, action: Verb, kind: TargetKind) -> bool {
        let mut pairs = self.proposes.iter();
        pairs.any(|it| it.action == action && it.targets.contains(&kind))
    }
    /// How a connector carries this out, if it does.
    pub fn performs(&self, action: Verb, kind: TargetKind) -> Option<&Performs> {
        let mut entries = self.performs.iter();
        entries.find(|it| it.action == action && it.targets.contains(&kind))
    }
    /// `id version`, for messages.
    pub fn label(&self) -> String {
        format!("{} {}", self.id, self.version)
    }
}

/// Reads the manifest of a component without compiling or running any of it.
///
/// # Errors
/// Rules L010 to L021, all findings of a step at once.
pub fn read_manifest(component: &[u8]) -> Result<Manifest, Vec<LoadError>> {
    let section = manifest_section(component).map_err(|error| vec![error])?;
    manifest(section)
}

/// The type of a setting, if there is one of that name.
fn schema_type(manifest: &Manifest, name: &str) -> Option<super::settings::SettingType> {
    manifest.settings.properties.get(name).map(|it| it.r#type)
}

#[cfg(test)]
mod tests;
