//! An authorised action as a connector sees it, and what it can answer.

use super::{Attribute, Digest, Failure, Millis, OrderId, Target, Verb};
use serde::{Deserialize, Serialize};

/// What an order gives back: the effect of an earlier order of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Undone {
    /// The earlier order.
    pub order: OrderId,
    /// From its last receipt.
    pub reference: Option<String>,
    /// From its last receipt.
    pub attributes: Vec<Attribute>,
}

/// An authorised action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Order {
    /// The host's id.
    pub id: OrderId,
    /// One for the whole life of the order.
    pub idempotency_key: Digest,
    /// 0 asks only for `status`; 1 is the first `execute`.
    pub attempt: u32,
    /// The action.
    pub action: Verb,
    /// What was judged, with the product's references.
    pub target: Target,
    /// The action's parameters.
    pub arguments: Vec<Attribute>,
    /// When it must be given back by.
    pub lease_until: Option<Millis>,
    /// The time of the call.
    pub now: Millis,
    /// Set when it ends an effect of ours.
    pub undoes: Option<Undone>,
    /// What the host knows and the connector may need.
    pub attributes: Vec<Attribute>,
}

/// What is known to be true of the system after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// In force because of this order.
    Done,
    /// In force, and not because of this order.
    Already,
    /// Taken on, and not finished.
    Pending,
    /// Not in force.
    Absent,
    /// The system cannot say.
    Unknown,
}

impl Outcome {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Already => "already",
            Self::Pending => "pending",
            Self::Absent => "absent",
            Self::Unknown => "unknown",
        }
    }
}

/// What a connector reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Receipt {
    /// What is known.
    pub outcome: Outcome,
    /// The system's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// For people and the journal. Text from outside: shown inert.
    pub detail: String,
    /// Do not ask again before so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u32>,
    /// What giving back needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// Why an order was not carried out, by what is known about the effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Nothing changed, and trying again will not help.
    Definite(Failure),
    /// Nothing was sent, or nothing was done; the same order may be tried again.
    NotDone(Failure),
    /// It may have happened.
    Unknown(Failure),
}

impl Fault {
    /// Its word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Definite(_) => "definite",
            Self::NotDone(_) => "not-done",
            Self::Unknown(_) => "unknown",
        }
    }
    /// Its reason.
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Definite(it) | Self::NotDone(it) | Self::Unknown(it) => it,
        }
    }
}
