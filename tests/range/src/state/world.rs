//! What there is: devices with their processes and files, accounts, lists.
//!
//! The world is loaded whole (`POST /range/world`) and shown whole (`GET /range/state`), in the
//! same shape, so that a test can take what it sees, change one thing, and put it back. Unknown
//! names are refused: a misspelt field would make a test pass for nothing.

use super::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$mdoc:meta])* $member:ident = $word:literal),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$mdoc])* #[serde(rename = $word)] $member),* }

        impl $name {
            /// The word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word),* }
            }
        }
    )* };
}

words! {
    /// Whether a device is cut off from the network.
    Containment {
        /// It is not.
        #[default]
        Off = "off",
        /// It is.
        On = "on",
    }
    /// What the EDR's policy does by itself with what it rates malicious.
    Mode {
        /// Reports it.
        #[default]
        Detect = "detect",
        /// Kills and quarantines it at once.
        Protect = "protect",
    }
    /// What the EDR says of software.
    Rating {
        /// Harmless.
        Benign = "benign",
        /// Nothing.
        #[default]
        Unknown = "unknown",
        /// Suspicious.
        Suspicious = "suspicious",
        /// Malicious.
        Malicious = "malicious",
    }
    /// A process' state.
    ProcessState {
        /// It runs.
        #[default]
        Running = "running",
        /// It exists and does not run.
        Suspended = "suspended",
        /// It has ended.
        Stopped = "stopped",
    }
    /// A file's state.
    FileState {
        /// In its place.
        #[default]
        Present = "present",
        /// Taken away, and kept.
        Quarantined = "quarantined",
        /// Gone for good.
        Deleted = "deleted",
    }
    /// A service's state.
    ServiceState {
        /// It runs.
        #[default]
        Running = "running",
        /// It does not.
        Stopped = "stopped",
    }
}

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct World {
    /// Whether a key that was used is forgotten at once, as a product without idempotency keys
    /// does. A test that sets it sees every repetition applied.
    pub forgets_keys: bool,
    /// The devices of the EDR.
    pub devices: Vec<Device>,
    /// What the EDR says of software, by SHA-256.
    pub ratings: BTreeMap<String, Rating>,
    /// Software that the EDR lets through.
    pub allowances: Vec<Allowance>,
    /// Blocked addresses of the firewall.
    pub addresses: BTreeMap<String, Blocked>,
    /// Blocked domains of the firewall.
    pub domains: BTreeMap<String, Blocked>,
    /// Accounts of the directory.
    pub accounts: Vec<Account>,
}

/// A device with an agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Device {
    /// The EDR's id of the agent: digits.
    pub id: String,
    /// Host name.
    pub name: String,
    /// `windows` or `linux`.
    pub os: String,
    /// `server`, `desktop` or `laptop`.
    pub kind: String,
    /// Address.
    pub ip: String,
    /// The EDR's group of policy; empty for the default group.
    pub group: String,
    /// The policy's mode now.
    pub mode: Mode,
    /// Whether it is cut off.
    pub containment: Containment,
    /// What runs and ran.
    pub processes: Vec<Process>,
    /// What lies there.
    pub files: Vec<File>,
    /// Its services.
    pub services: Vec<Service>,
    /// How often it was scanned.
    pub scans: u32,
    /// How often evidence was collected from it.
    pub collections: u32,
}

/// What tells one execution from another: a pid alone is reused within minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Process id.
    pub pid: u32,
    /// When it started, in milliseconds since 1970.
    pub started: u64,
}

/// One execution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// When it started, in milliseconds since 1970.
    pub started: u64,
    /// File name of the image.
    pub name: String,
    /// SHA-256 of the image.
    pub sha256: Option<String>,
    /// Path of the image.
    pub path: String,
    /// Command line.
    pub cmd_line: String,
    /// Subject of its valid signature.
    pub signer: Option<String>,
    /// The EDR's id of the threat that it is part of.
    pub reference: Option<String>,
    /// Whether it runs.
    pub state: ProcessState,
    /// The execution in whose place it was started.
    pub instead_of: Option<Identity>,
    /// Who ended it, where that was the policy.
    pub stopped_by: Option<String>,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Full path as the device writes it.
    pub path: String,
    /// SHA-256.
    pub sha256: Option<String>,
    /// SHA-1.
    pub sha1: Option<String>,
    /// Subject of its valid signature.
    pub signer: Option<String>,
    /// In bytes.
    pub size: u64,
    /// The EDR's id of the threat that it is part of.
    pub reference: Option<String>,
    /// Where it is.
    pub state: FileState,
}

/// A service, daemon or scheduled task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Whether it runs.
    pub state: ServiceState,
}

/// Software that the EDR lets through, and where. It matches by hash where it has one, else by
/// signer and name; the EDR's own reference matches besides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Allowance {
    /// SHA-256.
    pub sha256: Option<String>,
    /// Subject of a valid signature.
    pub signer: Option<String>,
    /// Product or file name.
    pub name: String,
    /// The EDR's id of a threat.
    pub reference: Option<String>,
    /// `device`, `group` or `tenant`.
    pub reach: String,
    /// The device or the group; empty for the tenant.
    pub place: String,
    /// Until when it was asked for, in milliseconds since 1970.
    pub until_ms: Option<u64>,
}

/// A block.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blocked {
    /// Until when it was asked for, in milliseconds since 1970.
    pub until_ms: Option<u64>,
}

/// An identity of the directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Object id.
    pub id: String,
    /// Log-in name.
    #[serde(default)]
    pub name: String,
    /// Whether it can log in.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Open sessions.
    #[serde(default)]
    pub sessions: u32,
}

fn yes() -> bool {
    true
}

impl World {
    /// A device by its id.
    ///
    /// # Errors
    /// [`Refusal::Missing`]
    pub fn device(&self, id: &str) -> Result<&Device, Refusal> {
        let found = self.devices.iter().find(|device| device.id == id);
        found.ok_or_else(|| Refusal::Missing(format!("no device {id}")))
    }
    /// The same, to change it.
    pub(crate) fn device_mut(&mut self, id: &str) -> Result<&mut Device, Refusal> {
        let found = self.devices.iter_mut().find(|device| device.id == id);
        found.ok_or_else(|| Refusal::Missing(format!("no device {id}")))
    }
    /// An account by its id.
    ///
    /// # Errors
    /// [`Refusal::Missing`]
    pub fn account(&self, id: &str) -> Result<&Account, Refusal> {
        let found = self.accounts.iter().find(|account| account.id == id);
        found.ok_or_else(|| Refusal::Missing(format!("no account {id}")))
    }
    /// The same, to change it.
    pub(crate) fn account_mut(&mut self, id: &str) -> Result<&mut Account, Refusal> {
        let found = self.accounts.iter_mut().find(|account| account.id == id);
        found.ok_or_else(|| Refusal::Missing(format!("no account {id}")))
    }
    /// Brings every hash into the form in which requests name it.
    pub(crate) fn lower_hashes(&mut self) {
        let lower = |hash: &mut Option<String>| {
            if let Some(hash) = hash {
                hash.make_ascii_lowercase();
            }
        };
        for device in &mut self.devices {
            device
                .processes
                .iter_mut()
                .for_each(|it| lower(&mut it.sha256));
            device.files.iter_mut().for_each(|it| lower(&mut it.sha256));
        }
        self.allowances
            .iter_mut()
            .for_each(|it| lower(&mut it.sha256));
        let ratings = std::mem::take(&mut self.ratings).into_iter();
        self.ratings = ratings
            .map(|(hash, it)| (hash.to_ascii_lowercase(), it))
            .collect();
    }
    /// What the EDR says of a hash.
    pub fn rating(&self, sha256: Option<&str>) -> Rating {
        sha256
            .and_then(|sha256| self.ratings.get(&sha256.to_ascii_lowercase()))
            .copied()
            .unwrap_or_default()
    }
}

impl Process {
    /// What tells it from the next with the same pid.
    pub fn identity(&self) -> Identity {
        Identity {
            pid: self.pid,
            started: self.started,
        }
    }
}
