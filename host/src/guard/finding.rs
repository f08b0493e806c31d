//! What the guards answer, as values that other stages may keep, compare and print.
//!
//! A finding is not yet a verdict: `verdict` adds what is not policy (halt, routes, who exists)
//! and is the only one to make an `Authorization`. Nothing in here names Cedar, so a journal
//! entry of today can be read by a host that judges with something else.

use crate::model::Verb;
pub use crate::model::{Finding, Reason};
use serde::{Deserialize, Serialize};

/// Whether a request is permitted with exactly the approvals that are there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Permit {
    /// Permitted, without any evaluation error.
    pub allowed: bool,
    /// The guards that stand against it; may be empty where no grant carries it.
    pub against: Vec<Reason>,
    /// The grants that carry it.
    pub by: Vec<Reason>,
    /// Evaluation errors: each is an alarm, and with one of them nothing is allowed.
    pub errors: Vec<String>,
}

/// What the guards say, why, and what it took to find out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Answer {
    /// The finding.
    pub finding: Finding,
    /// The guards that stand against it with nobody approving, by id.
    pub against: Vec<Reason>,
    /// The grants that carry it with the people found, by id.
    pub by: Vec<Reason>,
    /// Evaluation errors: each is an alarm, and with one of them the finding is `refuse`.
    pub errors: Vec<String>,
    /// How many times the policies were evaluated.
    pub evaluations: u32,
}

/// Another action on the same target that takes less away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Alternative {
    /// The action.
    pub action: Verb,
    /// Its own impact, 0 to 100.
    pub impact: i64,
    /// What the guards say of it.
    pub finding: Finding,
}

/// What a policy does when it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It says who may ask.
    Permit,
    /// It stands against.
    Forbid,
}

/// One policy, for people who read the set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PolicyInfo {
    /// Its `@id`.
    pub id: String,
    /// Whether it permits or forbids.
    pub effect: Effect,
    /// Its `@reason`.
    pub reason: String,
    /// Its `@advice`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// Its `@overreach`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overreach: Option<String>,
    /// A forbid that no approval can open.
    pub floor: bool,
    /// The file it came from.
    pub file: String,
    /// The line it starts on, from 1.
    pub line: u32,
    /// Its text as written.
    pub text: String,
}

impl PolicyInfo {
    /// The part that is said of a request.
    pub fn as_reason(&self) -> Reason {
        Reason {
            id: self.id.clone(),
            reason: self.reason.clone(),
            advice: self.advice.clone(),
            overreach: self.overreach.clone(),
            floor: self.floor,
        }
    }
}
