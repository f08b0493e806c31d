//! What an action is done to, and what a detection is about: one thing, never a filter.
//!
//! Mirrors `target` of the contract. The canonical form, by which two targets are the same, is
//! made in `inventory`, because it needs to know which asset a device is.

use super::{Attribute, Millis};
use serde::{Deserialize, Serialize};

/// A machine, as the alert names it.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
pub struct Device {
    /// The product's own id, may be empty if `name` is not.
    pub id: String,
    /// Host name or FQDN, may be empty.
    pub name: String,
}

/// A process on a device.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct Process {
    /// Where it runs.
    pub device: Device,
    /// The product's id of this one execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Process id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// When it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Millis>,
    /// File name of the image.
    pub name: String,
    /// SHA-256 of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The product's id under which it acts on this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// A file on a device.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct File {
    /// Where it lies.
    pub device: Device,
    /// Full path as the device writes it.
    pub path: String,
    /// SHA-256 of the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The product's id under which it acts on this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// An identity.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct UserAccount {
    /// Object id, SID or subject.
    pub id: String,
    /// Log-in name, may be empty.
    pub name: String,
    /// Directory or domain; empty for an asset's own accounts.
    pub domain: String,
}

/// A service, daemon or scheduled task.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct Service {
    /// Where it runs.
    pub device: Device,
    /// Its name.
    pub name: String,
}

/// A mail message.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct Message {
    /// The mail system's id.
    pub id: String,
    /// The mailbox; empty for every mailbox.
    pub mailbox: String,
}

/// Software by what it is rather than where it is.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
pub struct Software {
    /// SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Subject of a valid code-signing certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Product name, else original file name; may be empty.
    pub name: String,
    /// Full path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The product's id under which it allows this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// A kind of target that this version has no case for.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct OtherTarget {
    /// For example `container`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// More about it.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// One thing that an action is done to.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A machine.
    Device(Device),
    /// A process.
    Process(Process),
    /// A file.
    File(File),
    /// An identity.
    Account(UserAccount),
    /// A service.
    Service(Service),
    /// A mail message.
    Message(Message),
    /// Software.
    Software(Software),
    /// An IP address or a prefix.
    Address(String),
    /// A domain name.
    Domain(String),
    /// A URL.
    Url(String),
    /// Anything else.
    Other(OtherTarget),
}

/// The kinds of target that an action can apply to.
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
pub enum TargetKind {
    /// A machine.
    Device,
    /// A process.
    Process,
    /// A file.
    File,
    /// An identity.
    Account,
    /// A service.
    Service,
    /// A mail message.
    Message,
    /// Software.
    Software,
    /// An address.
    Address,
    /// A domain.
    Domain,
    /// A URL.
    Url,
    /// Anything else.
    Other,
}

impl TargetKind {
    /// The word, as in manifests and the action table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Process => "process",
            Self::File => "file",
            Self::Account => "account",
            Self::Service => "service",
            Self::Message => "message",
            Self::Software => "software",
            Self::Address => "address",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Other => "other",
        }
    }
}

impl std::fmt::Display for TargetKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Target {
    /// Its kind.
    pub fn kind(&self) -> TargetKind {
        match self {
            Self::Device(_) => TargetKind::Device,
            Self::Process(_) => TargetKind::Process,
            Self::File(_) => TargetKind::File,
            Self::Account(_) => TargetKind::Account,
            Self::Service(_) => TargetKind::Service,
            Self::Message(_) => TargetKind::Message,
            Self::Software(_) => TargetKind::Software,
            Self::Address(_) => TargetKind::Address,
            Self::Domain(_) => TargetKind::Domain,
            Self::Url(_) => TargetKind::Url,
            Self::Other(_) => TargetKind::Other,
        }
    }
    /// The device it stands on, if it stands on one.
    pub fn device(&self) -> Option<&Device> {
        match self {
            Self::Device(device) => Some(device),
            Self::Process(it) => Some(&it.device),
            Self::File(it) => Some(&it.device),
            Self::Service(it) => Some(&it.device),
            _ => None,
        }
    }
    /// One line for people. Text from outside: escape it where it is shown.
    pub fn label(&self) -> String {
        let named = |device: &Device| {
            if device.name.is_empty() {
                device.id.clone()
            } else {
                device.name.clone()
            }
        };
        match self {
            Self::Device(it) => named(it),
            Self::Process(it) => format!("{} on {}", it.name, named(&it.device)),
            Self::File(it) => format!("{} on {}", it.path, named(&it.device)),
            Self::Account(it) => {
                if it.name.is_empty() {
                    it.id.clone()
                } else {
                    it.name.clone()
                }
            }
            Self::Service(it) => format!("{} on {}", it.name, named(&it.device)),
            Self::Message(it) => it.id.clone(),
            Self::Software(it) => it
                .path
                .clone()
                .filter(|_| it.name.is_empty())
                .unwrap_or_else(|| it.name.clone()),
            Self::Address(it) | Self::Domain(it) | Self::Url(it) => it.clone(),
            Self::Other(it) => format!("{} {}", it.kind, it.id),
        }
    }
    /// The SHA-256 that it is matched by, if any.
    pub fn sha256(&self) -> Option<&str> {
        match self {
            Self::Process(it) => it.sha256.as_deref(),
            Self::File(it) => it.sha256.as_deref(),
            Self::Software(it) => it.sha256.as_deref(),
            _ => None,
        }
    }
}
