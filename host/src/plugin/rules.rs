//! What is checked of every answer, before anybody believes it.
//!
//! A plugin answers with text; the stages work with values that cannot be wrong. In between stand
//! the rules R001 to R012 of the contract, each with its code (`CS-run-01` and so on) and its
//! words. One bad proposal refuses the whole plan: half a plan was never what the author meant.
//! Nothing in here knows wasmtime, so a rule is tested with plain values.

mod case;
mod detection;
mod plan;
mod receipt;
mod target;

mod words;

pub(super) use detection::detections;
pub(super) use plan::plan;
pub(super) use receipt::{Asked, fault, receipt};
pub(super) use words::failure;

use crate::model::Failure;

/// A refusal by rule `rule` (4 is `CS-run-04`).
fn refused(rule: u8, message: impl Into<String>) -> Failure {
    Failure {
        code: format!("CS-run-{rule:02}"),
        message: message.into(),
    }
}

#[cfg(test)]
mod tests;
