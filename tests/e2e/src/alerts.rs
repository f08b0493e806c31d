//! Incidents to play: a world for the range, and the alert that tells of it.

use range::alerts::{Alert, Signature, Taken};
use range::state::{Device, File, FileState, Mode, Process, ProcessState, Rating, World};
use serde_json::Value;

/// The product whose alerts these are.
pub const PRODUCT: &str = "sentinelone/singularity";
/// The product that speaks OCSF.
pub const OCSF_PRODUCT: &str = "countersign/range";

/// Software on a device, about which there is an alert.
#[derive(Clone, Debug)]
pub struct Incident {
    /// The product's id of the agent: digits.
    pub device_id: String,
    /// Host name.
    pub device: String,
    /// `server`, `desktop` or `laptop`.
    pub kind: String,
    /// Full path of the software.
    pub path: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Subject of its signature.
    pub signer: Option<String>,
    /// The product's id of the threat.
    pub threat: String,
    /// What the product's policy did before anybody was asked.
    pub taken: Taken,
    /// What the policy does by itself.
    pub policy: Mode,
    /// What the product says it is.
    pub rating: Rating,
    /// When it was found, in milliseconds since 1970; the process had been running for a day.
    pub at_ms: u64,
}

impl Incident {
    /// Automation software on a server, called malicious, and nothing done yet.
    pub fn on_server(device: &str) -> Self {
        Self {
            device_id: format!("70{}", number(device)),
            device: device.to_owned(),
            kind: "server".into(),
            path: "C:\\Program Files\\Autom8\\autom8.exe".into(),
            sha256: "aa".repeat(32),
            signer: None,
            threat: format!("90{}", number(device)),
            taken: Taken::Nothing,
            policy: Mode::Detect,
            rating: Rating::Malicious,
            at_ms: crate::now_ms() - 20_000,
        }
    }
    /// Plain malware on a workstation, and nothing done yet.
    pub fn on_workstation(device: &str) -> Self {
        Self {
            kind: "laptop".into(),
            path: "C:\\Users\\mia\\Downloads\\invoice.exe".into(),
            sha256: "bb".repeat(32),
            ..Self::on_server(device)
        }
    }
    /// With this signature.
    pub fn signed(mut self, signer: &str) -> Self {
        self.signer = Some(signer.to_owned());
        self
    }
    /// With this SHA-256.
    pub fn hash(mut self, sha256: &str) -> Self {
        self.sha256 = sha256.to_owned();
        self
    }
    /// With the process killed and the file quarantined, under a policy that protects.
    pub fn taken(mut self) -> Self {
        self.taken = Taken::KilledAndQuarantined;
        self.policy = Mode::Protect;
        self
    }

    /// The device as the range has it.
    pub fn in_range(&self) -> Device {
        let taken = self.taken != Taken::Nothing;
        let started = self.at_ms - 86_400_000;
        let name = self.path.rsplit('\\').next().unwrap_or(&self.path);
        Device {
            id: self.device_id.clone(),
            name: self.device.clone(),
            os: "windows".into(),
            kind: self.kind.clone(),
            ip: "10.20.0.9".into(),
            mode: self.policy,
            processes: vec![Process {
                pid: 4711,
                started,
                name: name.to_owned(),
                sha256: Some(self.sha256.clone()),
                path: self.path.clone(),
                cmd_line: format!("{name} /run"),
                signer: self.signer.clone(),
                reference: Some(self.threat.clone()),
                state: if taken {
                    ProcessState::Stopped
                } else {
                    ProcessState::Running
                },
                ..Process::default()
            }],
            files: vec![File {
                path: self.path.clone(),
                sha256: Some(self.sha256.clone()),
                sha1: None,
                signer: self.signer.clone(),
                size: 12_345,
                reference: Some(self.threat.clone()),
                state: if taken {
                    FileState::Quarantined
                } else {
                    FileState::Present
                },
            }],
            ..Device::default()
        }
    }

    /// A world with these incidents in it and nothing else.
    pub fn world(all: &[Self]) -> World {
        World {
            devices: all.iter().map(Self::in_range).collect(),
            ratings: all
                .iter()
                .map(|it| (it.sha256.clone(), it.rating))
                .collect(),
            ..World::default()
        }
    }

    /// The alert, in the vendor's shape.
    pub fn alert(&self) -> Value {
        self.told().sentinelone()
    }

    /// The same as an OCSF Detection Finding of this severity (4 high, 5 critical), which the
    /// vendor's own shape has no place for. It comes from the range's product, [`OCSF_PRODUCT`].
    pub fn finding(&self, severity_id: u8) -> Value {
        let told = Alert {
            severity_id,
            ..self.told()
        };
        told.ocsf()
    }

    fn told(&self) -> Alert {
        let device = self.in_range();
        let mut alert = Alert::about(&device, &device.files[0], self.at_ms);
        alert.rating = self.rating;
        alert.signature = match self.signer {
            Some(_) => Signature::Valid,
            None => Signature::None,
        };
        alert.taken(self.taken)
    }
}

/// Digits that belong to a name.
fn number(text: &str) -> u64 {
    let fold = |sum: u64, byte: u8| sum.wrapping_mul(131).wrapping_add(u64::from(byte));
    1_000_000_000_000_000 + text.bytes().fold(7, fold) % 1_000_000_000_000_000
}
