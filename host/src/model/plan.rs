//! What a playbook is given and what it answers.

use super::{Attribute, CaseId, Detection, Key, Millis, Target, Verb};
use serde::{Deserialize, Serialize};

/// One thing a playbook relied on; shown to the people who decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Evidence {
    /// An attribute path, `taken` or a look-up.
    pub source: String,
    /// What it says. Text from a plugin: shown inert.
    pub finding: String,
}

/// One action on one target, parsed: verb, target kind and arguments fit the action table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Proposal {
    /// The same intent has the same key in every evaluation.
    pub key: Key,
    /// Proposals with the same bundle are decided once and run in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<Key>,
    /// The action.
    pub action: Verb,
    /// On what.
    pub target: Target,
    /// The action's parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Attribute>,
    /// What this does and why. Text from a plugin: shown inert.
    pub rationale: String,
    /// What it relied on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// How long the effect may stay before the host asks, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_s: Option<u32>,
}

impl Proposal {
    /// Whether two proposals ask for the same thing; words (rationale, evidence) do not count.
    pub fn same_intent(&self, other: &Self) -> bool {
        self.action == other.action
            && self.target == other.target
            && self.arguments == other.arguments
            && self.bundle == other.bundle
            && self.lease_s == other.lease_s
    }
}

/// What a playbook wants: what is in neither list stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Plan {
    /// Added or kept.
    pub propose: Vec<Proposal>,
    /// Given up.
    pub withdraw: Vec<Key>,
    /// One line for the timeline.
    pub note: String,
}

/// Why a plugin gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Failure {
    /// `invalid-input`, `invalid-settings`, `unsupported`, `internal`, or a code of the host
    /// (`CS-run-nn`) where the sandbox ended the call or the answer was refused.
    pub code: String,
    /// For the operator.
    pub message: String,
}

/// A payload that is no detection, or not one that this source reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rejection {
    /// `malformed`, `unsupported`, `not-a-detection`, or a code of the host.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Where: a byte offset, or a path such as `/data/3/threatInfo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// What became of a proposal, as its playbook sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Step {
    /// The proposal's key.
    pub key: Key,
    /// The action.
    pub action: Verb,
    /// The target.
    pub target: Target,
    /// `held`, `refused`, `denied`, `expired`, `withdrawn`, `ordered`, `done`, `failed`,
    /// `cancelled`, `needs-person`, `ended`.
    pub state: String,
    /// When it entered that state.
    pub since: Millis,
    /// Why, in the host's words.
    pub reason: String,
}

/// A case as a playbook sees it (`case` in the contract).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Subject {
    /// The case.
    pub id: CaseId,
    /// Revision of the alert, from 1.
    pub revision: u32,
    /// Which evaluation of this playbook on this case, from 1.
    pub evaluation: u32,
    /// `opened`, `revised`, `decided`, `outcome`, `effect-ended`.
    pub trigger: String,
    /// The time of this evaluation.
    pub now: Millis,
    /// The latest revision.
    pub detection: Detection,
    /// This playbook's own proposals on this case.
    pub steps: Vec<Step>,
    /// What the host says of the case (`countersign.overreach`).
    pub attributes: Vec<Attribute>,
}
