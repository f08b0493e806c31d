//! The claims: what must hold for every request there can be.
//!
//! They are policies in form only. A `forbid` is what no set may ever permit; a `permit` is what
//! the guards must always permit, for a set that refuses everything satisfies every "never". They
//! are proved elsewhere with a solver; here they are read, so that people can read them, and a
//! test holds them to the same schema as the guards.

use super::error::GuardError;
use super::finding::Effect;
use super::load;
use super::schema::{Rules, assume_file, claims_file};
use super::written::Written;
use cedar_policy::Effect as CedarEffect;
use serde::{Deserialize, Serialize};

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its `@id`: `N..` never, `A..` always.
    pub id: String,
    /// What it says.
    pub says: String,
    /// `forbid`: no set may ever permit it; `permit`: the guards must always permit it.
    pub kind: Effect,
    /// Of an `always`: why a tenant's guards may not close it either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub everywhere: Option<String>,
    /// Its text as written.
    pub text: String,
}

/// Every claim, in the order of the file.
///
/// # Errors
/// The binary itself is broken: a claim that does not parse or fit the schema.
pub fn claims() -> Result<Vec<Claim>, Vec<GuardError>> {
    let rules = Rules::embedded().map_err(|e| vec![e])?;
    // the assumptions have no reader of their own, and must fit the schema all the same
    load::parse_and_validate(&rules, &assume_file())?;
    let written = load::parse_and_validate(&rules, &claims_file())?;
    let claims = written.iter().map(|it| {
        let says = it.policy.annotation("claim").filter(|it| !it.is_empty());
        says.map(|says| claim(it, says)).ok_or_else(|| {
            vec![GuardError::at(
                "CS-guard-04",
                &it.file,
                it.span.clone(),
                "no @claim",
            )]
        })
    });
    claims.collect()
}

fn claim(it: &Written, says: &str) -> Claim {
    let note = |name: &str| it.policy.annotation(name).map(str::to_owned);
    Claim {
        id: note("id").unwrap_or_default(),
        says: says.to_owned(),
        kind: match it.policy.effect() {
            CedarEffect::Permit => Effect::Permit,
            CedarEffect::Forbid => Effect::Forbid,
        },
        everywhere: note("everywhere"),
        text: it.text().to_owned(),
    }
}
