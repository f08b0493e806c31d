//! Reading a case: what the alert is about, what became of earlier proposals, what the product
//! did already.

use crate::bounds::{self, MESSAGE_BYTES_MAX};
use crate::prelude::*;

const OVERREACH: &str = "countersign.overreach";

impl std::fmt::Display for Rating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::Benign => "benign",
            Self::Suspicious => "suspicious",
            Self::Malicious => "malicious",
        })
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
            Self::Fatal => "fatal",
        })
    }
}

impl Failure {
    /// A failure; `code` is one of the words of the contract (`invalid-input`,
    /// `invalid-settings`, `unsupported`, `internal`), `message` is for the operator.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let message = bounds::cut(&message.into(), MESSAGE_BYTES_MAX);
        Self {
            code: code.into(),
            message,
        }
    }
}

impl Rejection {
    /// A payload that is no detection of this source; `code` is `malformed`, `unsupported` or
    /// `not-a-detection`, `message` says what and where.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let message = bounds::cut(&message.into(), MESSAGE_BYTES_MAX);
        Self {
            code: code.into(),
            message,
            offset: None,
        }
    }
}

impl Case {
    /// The state of this playbook's earlier proposal with that key, if there is one.
    pub fn state(&self, key: &str) -> Option<&str> {
        let step = self.steps.iter().rev().find(|step| step.key == key)?;
        Some(&step.state)
    }
    /// Whether that proposal has left the stage of deciding: ordered, in force, or in a state
    /// that this version does not know, which is to be waited for.
    pub fn is_underway(&self, key: &str) -> bool {
        self.state(key).is_some_and(is_underway)
    }
    /// The device the alert is about.
    ///
    /// # Errors
    /// `invalid-input` if it names none.
    pub fn affected_device(&self) -> Result<&Device> {
        let device = self.detection.affected_device();
        device.ok_or_else(|| Failure::new("invalid-input", "the alert names no affected device"))
    }
    /// What stood against what the product did (`protection`, `established`, `surge`,
    /// `released`), where the host calls that an overreach; empty where it does not.
    pub fn overreach(&self) -> Vec<&str> {
        self.texts(OVERREACH).collect()
    }
}

/// Whether a state is past deciding and not over.
pub(crate) fn is_underway(state: &str) -> bool {
    !matches!(
        state,
        "held" | "refused" | "denied" | "expired" | "withdrawn" | "failed" | "cancelled" | "ended"
    )
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
    /// What the alert is about and what did it, with all that is known of each; not what was
    /// merely seen beside it.
    pub fn culprits(&self) -> impl Iterator<Item = &Entity> {
        let culprit = |it: &&Entity| matches!(it.role.as_str(), "affected" | "actor");
        self.entities.iter().filter(culprit)
    }
    /// The files among the culprits.
    pub fn culprit_files(&self) -> impl Iterator<Item = (&Entity, &File)> {
        self.culprits().filter_map(|entity| match &entity.target {
            Target::File(file) => Some((entity, file)),
            _ => None,
        })
    }
    /// The processes among the culprits.
    pub fn culprit_processes(&self) -> impl Iterator<Item = (&Entity, &Process)> {
        self.culprits().filter_map(|entity| match &entity.target {
            Target::Process(process) => Some((entity, process)),
            _ => None,
        })
    }
    /// The software that a file or process of this detection is a part of, with all that the
    /// entity for it says; of one that only the product's own actions name, what its target says.
    pub fn software_of(&self, target: &Target) -> Option<Software> {
        let shown = self.entities.iter().find(|it| it.target.is_same(target));
        let bare = Entity::new("related", target.clone());
        shown.unwrap_or(&bare).software()
    }
    /// Whether the product, its policy or a person in its console has settled this target with
    /// one of these actions: it is done, about to be, or was done and given back since. Either
    /// is their answer, and leaves a playbook nothing to do.
    pub fn is_settled(&self, target: &Target, actions: &[&str]) -> bool {
        self.taken.iter().any(|taken| {
            actions.contains(&taken.action.as_str())
                && matches!(taken.state.as_str(), "done" | "pending" | "undone")
                && taken.target.is_same(target)
        })
    }
    /// Whether the product did it by itself and it is still so: neither it nor a later entry
    /// says that it was given back. An initiative that is not known counts as the product's:
    /// seeing fails open.
    pub fn stands_by_policy(&self, taken: &Taken) -> bool {
        let given_back = |later: &Taken| {
            Some(later.action.as_str()) == inverse(&taken.action)
                && later.state == "done"
                && later.target.is_same(&taken.target)
        };
        let at = self.taken.iter().rposition(|it| it == taken);
        let mut later = self.taken.iter().skip(at.map_or(0, |at| at + 1));
        taken.initiative != "person"
            && !matches!(taken.state.as_str(), "failed" | "undone")
            && !later.any(given_back)
    }
}

/// The action that gives back what a product's own action took.
fn inverse(action: &str) -> Option<&'static str> {
    Some(match action {
        "suspend-process" => "resume-process",
        "stop-process" => "start-process",
        "quarantine-file" => "restore-file",
        "contain-device" => "release-device",
        "stop-service" => "start-service",
        "disable-account" => "enable-account",
        "block-address" => "unblock-address",
        "block-domain" => "unblock-domain",
        _ => return None,
    })
}

impl Entity {
    /// An entity without attributes yet; `role` is `affected`, `actor`, `observed` or `related`.
    pub fn new(role: &str, target: impl Into<Target>) -> Self {
        Self {
            role: role.into(),
            target: target.into(),
            attributes: Vec::new(),
        }
    }
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
    /// The software of a file or process: its lineage as far as the alert tells it. A signer
    /// counts only with a valid signature.
    pub fn software(&self) -> Option<Software> {
        let (sha256, path, file_name, reference) = match &self.target {
            Target::File(it) => {
                let path = Some(it.path.clone()).filter(|path| !path.is_empty());
                (&it.sha256, path, it.file_name(), &it.reference)
            }
            Target::Process(it) => {
                let path = self.image_path().map(str::to_owned);
                (&it.sha256, path, it.name.as_str(), &it.reference)
            }
            _ => return None,
        };
        let signer = self.signer().filter(|_| self.signature_state() == Some(1));
        let name = self.product().or(self.original_name()).unwrap_or(file_name);
        Some(Software {
            sha256: sha256.clone(),
            signer: signer.map(str::to_owned),
            name: name.to_owned(),
            path,
            reference: reference.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CaseBuilder, device};

    fn quarantined(state: &str, initiative: &str) -> CaseBuilder {
        let file = File::on(&device(), "/opt/a");
        CaseBuilder::new().taken("quarantine-file", file, state, initiative)
    }
    fn stands(case: CaseBuilder) -> bool {
        let detection = case.build().detection;
        let mut taken = detection.taken.iter();
        taken.any(|it| it.action == "quarantine-file" && detection.stands_by_policy(it))
    }

    #[test]
    fn what_the_product_did_stands_until_it_or_a_later_entry_says_otherwise() {
        let restored = |state| {
            let file = File::on(&device(), "/opt/a");
            quarantined("done", "policy").taken("restore-file", file, state, "person")
        };
        assert!(stands(quarantined("done", "policy")));
        assert!(stands(quarantined("unknown", "a word of tomorrow")));
        assert!(!stands(quarantined("done", "person")));
        assert!(!stands(quarantined("undone", "policy")));
        assert!(!stands(quarantined("failed", "policy")));
        assert!(!stands(restored("done")));
        assert!(stands(restored("failed")));
        let file = File::on(&device(), "/opt/a");
        let again = restored("done").taken("quarantine-file", file, "done", "policy");
        assert!(stands(again), "it was taken again");
    }

    #[test]
    fn a_state_of_tomorrow_is_waited_for() {
        assert!(is_underway("ordered") && is_underway("needs-person"));
        assert!(is_underway("a word of tomorrow"));
        assert!(!is_underway("held") && !is_underway("denied"));
    }

    #[test]
    fn an_invalid_signature_is_no_lineage() {
        let file = File::on(&device(), "C:\\x\\a.exe");
        let entity = Entity::new("actor", file).with_signer(Some("CN=Acme"));
        let signer = |state: u64| entity.clone().with_signature_state(Some(state)).software();
        assert_eq!(
            signer(1).and_then(|it| it.signer).as_deref(),
            Some("CN=Acme")
        );
        assert_eq!(signer(2).and_then(|it| it.signer), None);
        assert_eq!(signer(2).map(|it| it.name).as_deref(), Some("a.exe"));
    }
}
