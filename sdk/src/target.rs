//! Targets: making them, telling whether two are the same thing, and whether one says enough to
//! be acted on.
//!
//! Sameness is by what identifies a thing, not by all that is known of it: a later revision of an
//! alert adds a hash or a host name, and the process is the same process. Keys are derived from
//! the same fields, so that the same intent keeps its key.

use crate::prelude::{
    Account, Device, File, Message, OtherTarget, Process, Service, Software, Target,
};

/// An address target as the case shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(pub(crate) String);
/// A domain target as the case shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(pub(crate) String);

macro_rules! targets {
    ($($kind:ident),*) => {
        $(impl From<$kind> for Target { fn from(it: $kind) -> Self { Target::$kind(it) } })*
    };
}
targets!(Device, Process, File, Account, Service, Message, Software);
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

/// A SHA-256 as the contract writes it, or `None` if the text is not one: 64 hex digits, in lower
/// case. Products write `N/A`, an empty text or a shorter hash in its place.
#[must_use]
pub fn sha256(text: &str) -> Option<String> {
    let text = text.trim();
    let hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| text.to_ascii_lowercase())
}

impl Device {
    /// A machine, by the product's id and its host name; one of them may be empty.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
        }
    }
    /// Whether it says enough to be acted on (R007).
    pub fn is_actionable(&self) -> bool {
        !(self.id.is_empty() && self.name.is_empty())
    }
    /// What people call it.
    pub fn label(&self) -> &str {
        if self.name.is_empty() {
            &self.id
        } else {
            &self.name
        }
    }
    fn identity(&self) -> &str {
        if self.id.is_empty() {
            &self.name
        } else {
            &self.id
        }
    }
}

impl File {
    /// A file by its path; `sha256` and `reference` are absent.
    pub fn on(device: &Device, path: impl Into<String>) -> Self {
        Self {
            device: device.clone(),
            path: path.into(),
            sha256: None,
            reference: None,
        }
    }
    /// Whether it says enough to be acted on (R007).
    pub fn is_actionable(&self) -> bool {
        self.device.is_actionable()
            && !self.path.is_empty()
            && (self.sha256.is_some() || self.reference.is_some())
    }
    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        self.path.rsplit(['\\', '/']).next().unwrap_or_default()
    }
}

impl Process {
    /// A process by the name of its image; everything else is absent.
    pub fn on(device: &Device, name: impl Into<String>) -> Self {
        Self {
            device: device.clone(),
            id: None,
            pid: None,
            started: None,
            name: name.into(),
            sha256: None,
            reference: None,
        }
    }
    /// Whether it says enough to be acted on (R007). A pid alone is reused within minutes.
    pub fn is_actionable(&self) -> bool {
        self.device.is_actionable()
            && ((self.pid.is_some() && self.started.is_some())
                || self.sha256.is_some()
                || self.reference.is_some())
    }
}

impl Software {
    /// Whether it says enough to be acted on (R007).
    pub fn is_actionable(&self) -> bool {
        self.sha256.is_some() || (self.signer.is_some() && !self.name.is_empty())
    }
    /// Whether two parts of an alert are of one software: by content, by the product's own
    /// reference, or by place. Not by lineage: two programs of one maker are two.
    pub fn is_same(&self, other: &Self) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        same(&self.sha256, &other.sha256)
            || same(&self.reference, &other.reference)
            || same(&self.path, &other.path)
    }
}

impl Address {
    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Domain {
    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether it is a host name of at least two labels in the form of the contract: A-labels,
    /// lower case, no trailing dot, and not an address (R007).
    pub fn is_actionable(&self) -> bool {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let last = self.0.rsplit('.').next().unwrap_or_default();
        self.0.len() <= 253
            && self.0.contains('.')
            && self.0.split('.').all(label)
            && !last.bytes().all(|b| b.is_ascii_digit())
    }
}

impl Target {
    /// Whether both are the same thing, whatever else is known of each.
    pub fn is_same(&self, other: &Target) -> bool {
        identity(self) == identity(other)
    }
}

/// FNV-1a over what identifies a target. Part of a key: a case that is open while a plugin is
/// rebuilt must find its keys again, so it never changes within a version of the contract.
pub(crate) fn fingerprint(target: &Target) -> u64 {
    let parts = identity(target);
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// The fields by which two targets are the same. What a product learns later (a hash, a name
/// beside an id) is left out, unless there is nothing else.
fn identity(target: &Target) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match target {
        Target::Device(it) => vec!["device".into(), it.identity().into()],
        Target::Process(it) => {
            let device = it.device.identity().into();
            let mut parts: Vec<String> = vec!["process".into(), device, it.name.clone()];
            if it.id.is_none() && it.pid.is_none() && it.reference.is_none() {
                parts.push(text(&it.sha256));
            } else {
                let pid = it.pid.map_or_else(String::new, |pid| pid.to_string());
                parts.extend([text(&it.id), pid, text(&it.reference)]);
            }
            parts
        }
        Target::File(it) => vec!["file".into(), it.device.identity().into(), it.path.clone()],
        Target::Account(it) if it.id.is_empty() => {
            vec!["account".into(), it.name.clone(), it.domain.clone()]
        }
        Target::Account(it) => vec!["account".into(), it.id.clone()],
        Target::Service(it) => {
            vec![
                "service".into(),
                it.device.identity().into(),
                it.name.clone(),
            ]
        }
        Target::Message(it) => vec!["message".into(), it.id.clone(), it.mailbox.clone()],
        // What an allowance allows is content where the content is known.
        Target::Software(it) => match &it.sha256 {
            Some(sha256) => vec!["software".into(), sha256.clone()],
            None => vec!["software".into(), text(&it.signer), it.name.clone()],
        },
        Target::Address(it) => vec!["address".into(), it.clone()],
        Target::Domain(it) => vec!["domain".into(), it.clone()],
        Target::Url(it) => vec!["url".into(), it.clone()],
        Target::Other(OtherTarget { kind, id, .. }) => {
            vec!["other".into(), kind.clone(), id.clone()]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_revision_adds_does_not_make_it_another_thing() {
        let early = Device::new("agent-1", "");
        let late = Device::new("agent-1", "ws-01.example.org");
        let mut file = File::on(&late, "C:\\a.exe");
        file.sha256 = sha256(&"AB".repeat(32));
        assert!(Target::from(File::on(&early, "C:\\a.exe")).is_same(&file.into()));
        assert!(
            !Target::from(File::on(&early, "C:\\b.exe"))
                .is_same(&File::on(&late, "C:\\a.exe").into())
        );

        let mut process = Process::on(&early, "a.exe");
        process.pid = Some(7);
        let before = fingerprint(&process.clone().into());
        process.sha256 = sha256(&"ab".repeat(32));
        assert_eq!(fingerprint(&process.clone().into()), before);
        process.pid = Some(8);
        assert_ne!(fingerprint(&process.into()), before);
    }

    #[test]
    fn a_key_once_derived_is_derived_for_ever() {
        let device = Device::new("agent-1", "ws-01");
        assert_eq!(fingerprint(&device.into()), 0xea5d_9d2d_8aea_ae6c);
    }

    #[test]
    fn a_hash_is_exact_or_absent() {
        assert_eq!(sha256(&"AB".repeat(32)), Some("ab".repeat(32)));
        for not_one in ["", "N/A", &"ab".repeat(20), &"zz".repeat(32)] {
            assert_eq!(sha256(not_one), None, "{not_one}");
        }
    }

    #[test]
    fn only_a_well_formed_host_name_is_a_domain_to_act_on() {
        for good in ["evil.example", "a-b.xn--p1ai", "c2.evil.example"] {
            assert!(Domain(good.into()).is_actionable(), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "evil.example.",
            "Evil.example",
            "-a.example",
            "a..example",
            "ünïcode.example",
            "203.0.113.7",
            "a_b.example",
            "*.example.org",
            "a.b/c",
        ] {
            assert!(!Domain(bad.into()).is_actionable(), "{bad}");
        }
    }
}
