//! Alerts about the range's own world, in the shapes in which vendors send them.
//!
//! The world says what there is (a device, a file, a process, what the policy did to them), the
//! alert says what a product claims about it; both are needed to play an incident. The values
//! are made up, the shapes are the vendors': ids are text of more than 53 bits, a list and a text
//! share the name `mitigationStatus`, what is not known is null or empty.

mod ocsf;
mod sentinelone;

use crate::state::{Device, File, Mode, Process, Rating, World};

/// What the product did before anybody was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Taken {
    /// Nothing.
    #[default]
    Nothing,
    /// It ended the process.
    Killed,
    /// It ended the process and took the file.
    KilledAndQuarantined,
    /// The same, and the file was given back since.
    GivenBackSince,
}

/// What the product says of the file's signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signature {
    /// There is none.
    #[default]
    None,
    /// It is valid.
    Valid,
    /// There is one, and it is not valid.
    Invalid,
}

/// How sure the product says it is of its alert: shown at what time, about what.
#[derive(Clone, Debug)]
pub struct Alert {
    /// The product's id of the alert; by it the product acts.
    pub id: String,
    /// When it was identified, in milliseconds since 1970.
    pub at_ms: u64,
    /// When the alert was last changed; the same as `at_ms` until something is taken.
    pub updated_ms: u64,
    /// The device.
    pub device: Device,
    /// The file.
    pub file: File,
    /// The process that ran it, if it ran.
    pub process: Option<Process>,
    /// The policy's mode when it was detected.
    pub mode_at_detection: Mode,
    /// The policy's mode now.
    pub mode_now: Mode,
    /// What the product says it is.
    pub rating: Rating,
    /// What the product did.
    pub taken: Taken,
    /// The signature.
    pub signature: Signature,
    /// Whether the alert names the SHA-256; many name only the SHA-1.
    pub names_sha256: bool,
    /// OCSF `severity_id`; a threat of SentinelOne has none.
    pub severity_id: u8,
    /// The product's word for its kind.
    pub classification: String,
    /// MITRE ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// Who ran it.
    pub user: String,
}

impl Alert {
    /// A malicious, unsigned file, about which nothing was done yet; modes as the device has
    /// them, signature and id as the file has them.
    pub fn about(device: &Device, file: &File, at_ms: u64) -> Self {
        let process = device
            .processes
            .iter()
            .rev()
            .find(|it| it.path == file.path);
        let id = file.reference.clone();
        Self {
            id: id.unwrap_or_else(|| number(&format!("{} {}", device.id, file.path))),
            at_ms,
            updated_ms: at_ms,
            device: device.clone(),
            file: file.clone(),
            process: process.cloned(),
            mode_at_detection: device.mode,
            mode_now: device.mode,
            rating: Rating::Malicious,
            taken: Taken::Nothing,
            signature: match file.signer {
                Some(_) => Signature::Valid,
                None => Signature::None,
            },
            names_sha256: file.sha256.is_some(),
            severity_id: 4,
            classification: "Malware".into(),
            techniques: Vec::new(),
            user: "CORP\\svc-ops".into(),
        }
    }

    /// The same, found in a world by device id and path.
    pub fn in_world(world: &World, device: &str, path: &str, at_ms: u64) -> Option<Self> {
        let device = world.devices.iter().find(|it| it.id == device)?;
        let file = device.files.iter().find(|it| it.path == path)?;
        Some(Self::about(device, file, at_ms))
    }

    /// With what the product did.
    pub fn taken(mut self, taken: Taken) -> Self {
        self.taken = taken;
        if taken != Taken::Nothing {
            self.updated_ms = self.at_ms + 4_000;
        }
        self
    }
}

/// A number of nineteen digits that belongs to a text, as vendors' ids look.
pub(crate) fn number(text: &str) -> String {
    let digest = crate::log::digest(&[text.as_bytes()]);
    let head = digest.get(..15).unwrap_or_default();
    let number = u64::from_str_radix(head, 16).unwrap_or_default();
    format!(
        "{}",
        1_000_000_000_000_000_000 + number % 1_000_000_000_000_000_000
    )
}

/// Milliseconds since 1970 as RFC 3339 with microseconds.
pub(crate) fn rfc3339(at_ms: u64) -> String {
    let at = i64::try_from(at_ms)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    at.unwrap_or_default()
        .strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        .to_string()
}

#[cfg(test)]
mod tests;
