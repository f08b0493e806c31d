//! Why the host does not do what somebody asked, in words that they can act on.

use serde::Serialize;

/// What kind of no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// There is no such thing here.
    NotFound,
    /// It is there, and not in a state in which this can be done.
    Conflict,
    /// This person may not.
    Forbidden,
    /// What was sent makes no sense.
    Invalid,
    /// The host has stopped, or is overloaded; nothing was lost.
    Unavailable,
}

/// A no with its reason and a stable code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// Which kind.
    pub kind: Kind,
    /// Stable code, `CS-<area>-<nn>`.
    pub code: &'static str,
    /// What happened, and what to do.
    pub message: String,
}

impl Refusal {
    /// There is no such thing in this tenant.
    pub fn not_found(what: &str, id: &str) -> Self {
        Self {
            kind: Kind::NotFound,
            code: "CS-api-04",
            message: format!("no {what} {id} in this tenant"),
        }
    }
    /// It cannot be done in this state.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Conflict,
            code,
            message: message.into(),
        }
    }
    /// This person may not.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Forbidden,
            code: "CS-api-03",
            message: message.into(),
        }
    }
    /// What was sent makes no sense.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Invalid,
            code,
            message: message.into(),
        }
    }
    /// The host cannot take it now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Unavailable,
            code: "CS-api-09",
            message: message.into(),
        }
    }
}
