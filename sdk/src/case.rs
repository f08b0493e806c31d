//! Reading cases and making plans.
use crate::prelude::*;

/// An address target as the case shows it.
#[derive(Clone)]
pub struct Address(String);
/// A domain target as the case shows it.
#[derive(Clone)]
pub struct Domain(String);

macro_rules! targets {
    ($($kind:ident),*) => {
        $(impl From<$kind> for Target { fn from(it: $kind) -> Self { Target::$kind(it) } })*
    };
}
targets!(Device, Process, File, Account, Service, Software);
impl From<Address> for Target {
    fn from(it: Address) -> Self {
        Target::Address(it.0)
    }
}
impl From<Domain> for Target {
    fn from(it: Domain) -> Self {
        Target::Domain(it.0)
    }
}

impl Failure {
    /// A failure; `code` is one of the words of the contract.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }
}

impl Case {
    /// The state of this playbook's earlier proposal, if there is one.
    pub fn state(&self, key: &str) -> Option<&str> {
        self.steps
            .iter()
            .rev()
            .find(|step| step.key == key)
            .map(|step| step.state.as_str())
    }
    /// The device the alert is about.
    pub fn affected_device(&self) -> Result<&Device> {
        self.detection
            .affected_device()
            .ok_or_else(|| Failure::new("invalid-input", "no affected device"))
    }
}

impl Detection {
    /// The first affected device.
    pub fn affected_device(&self) -> Option<&Device> {
        self.entities
            .iter()
            .find_map(|entity| match &entity.target {
                Target::Device(device) if entity.role == "affected" => Some(device),
                _ => None,
            })
    }
    /// The files that acted, with what is known of each.
    pub fn actor_files(&self) -> impl Iterator<Item = (&Entity, &File)> {
        self.entities
            .iter()
            .filter(|entity| entity.role == "actor")
            .filter_map(|entity| match &entity.target {
                Target::File(file) => Some((entity, file)),
                _ => None,
            })
    }
}

impl Process {
    /// Whether it says enough to be acted on (R007).
    pub fn is_actionable(&self) -> bool {
        (self.pid.is_some() && self.started.is_some())
            || self.sha256.is_some()
            || self.reference.is_some()
    }
}
impl File {
    /// Whether it says enough to be acted on (R007).
    pub fn is_actionable(&self) -> bool {
        !self.path.is_empty() && (self.sha256.is_some() || self.reference.is_some())
    }
}
impl Software {
    /// Whether it says enough to be acted on (R007).
    pub fn is_actionable(&self) -> bool {
        self.sha256.is_some() || (self.signer.is_some() && !self.name.is_empty())
    }
}

impl Taken {
    /// Whether the product did it by itself and it is still so. An initiative that is not
    /// known counts: seeing fails open.
    pub fn stands_by_policy(&self) -> bool {
        self.initiative != "person" && !matches!(self.state.as_str(), "failed" | "undone")
    }
}

impl Plan {
    /// A plan that wants nothing yet.
    pub fn empty(note: impl Into<String>) -> Self {
        Self {
            propose: Vec::new(),
            withdraw: Vec::new(),
            note: note.into(),
        }
    }
    /// Adds a proposal.
    pub fn propose(&mut self, proposal: impl Into<Proposal>) {
        self.propose.push(proposal.into());
    }
    /// Adds proposals that make sense only together, in the order in which they run. The
    /// bundle is named after its first key, so that it has the same name next time.
    pub fn bundle(&mut self, proposals: Vec<Proposal>) {
        let bundle = proposals.first().map(|first| first.key.clone());
        self.propose
            .extend(proposals.into_iter().map(|proposal| Proposal {
                bundle: bundle.clone(),
                ..proposal
            }));
    }
    /// Gives up what is still held from earlier evaluations and not proposed again.
    pub fn withdraw_held(&mut self, case: &Case) {
        for step in case
            .steps
            .iter()
            .filter(|step| case.state(&step.key) == Some("held"))
        {
            if !self.withdraw.contains(&step.key)
                && self.propose.iter().all(|proposal| proposal.key != step.key)
            {
                self.withdraw.push(step.key.clone());
            }
        }
    }
}

/// FNV-1a over what makes two targets the same. Part of a key, so it must never change.
pub(crate) fn fingerprint(target: &Target) -> u64 {
    let number = |n: &Option<u64>| n.map_or_else(String::new, |n| n.to_string());
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let parts: Vec<String> = match target {
        Target::Device(d) => vec!["device".into(), d.id.clone(), d.name.clone()],
        Target::Process(p) => vec![
            "process".into(),
            p.device.id.clone(),
            p.device.name.clone(),
            text(&p.id),
            number(&p.pid.map(u64::from)),
            number(&p.started),
            p.name.clone(),
            text(&p.sha256),
            text(&p.reference),
        ],
        Target::File(f) => vec![
            "file".into(),
            f.device.id.clone(),
            f.device.name.clone(),
            f.path.clone(),
            text(&f.sha256),
            text(&f.reference),
        ],
        Target::Account(a) => vec![
            "account".into(),
            a.id.clone(),
            a.name.clone(),
            a.domain.clone(),
        ],
        Target::Service(s) => vec![
            "service".into(),
            s.device.id.clone(),
            s.device.name.clone(),
            s.name.clone(),
        ],
        Target::Message(m) => vec!["message".into(), m.id.clone(), m.mailbox.clone()],
        Target::Software(s) => vec![
            "software".into(),
            text(&s.sha256),
            text(&s.signer),
            s.name.clone(),
            text(&s.path),
            text(&s.reference),
        ],
        Target::Address(a) => vec!["address".into(), a.clone()],
        Target::Domain(d) => vec!["domain".into(), d.clone()],
        Target::Url(u) => vec!["url".into(), u.clone()],
        Target::Other(o) => vec!["other".into(), o.kind.clone(), o.id.clone()],
    };
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

impl Entity {
    /// The address, if this is one.
    pub fn address(&self) -> Option<Address> {
        match &self.target {
            Target::Address(it) => Some(Address(it.clone())),
            _ => None,
        }
    }
    /// The domain, if this is one.
    pub fn domain(&self) -> Option<Domain> {
        match &self.target {
            Target::Domain(it) => Some(Domain(it.clone())),
            _ => None,
        }
    }
}
