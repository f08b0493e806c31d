//! A connector's answer becomes a receipt or a fault (R001, R002, R010).

use super::refused;
use super::words::{bounded, failure, misfit_attributes};
use crate::model::{Failure, Fault, Outcome, Receipt};
use crate::plugin::bindings::types;
use crate::plugin::convert::inward;

/// LIMIT: an hour, in milliseconds.
const RETRY_AFTER_MS_MAX: u32 = 3_600_000;

/// Which question a receipt answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plugin) enum Asked {
    Execute,
    /// `attempt` 0: nothing was sent yet.
    StatusBefore,
    Status,
}

/// Parses a receipt.
pub(in crate::plugin) fn receipt(asked: Asked, it: types::Receipt) -> Result<Receipt, Failure> {
    let outcome = inward::outcome(it.outcome);
    if asked == Asked::Execute && outcome == Outcome::Absent {
        return Err(refused(10, "receipt: absent does not answer execute"));
    }
    bounded("receipt", "detail", &it.detail, 0, 1024)?;
    bounded(
        "receipt",
        "reference",
        it.reference.as_deref().unwrap_or_default(),
        0,
        1024,
    )?;
    if let Some(ms) = it.retry_after.filter(|ms| *ms > RETRY_AFTER_MS_MAX) {
        return Err(refused(
            10,
            format!("receipt: retry-after {ms} is not within 0-{RETRY_AFTER_MS_MAX}"),
        ));
    }
    let attributes = inward::attributes(it.attributes);
    if let Some(why) = misfit_attributes(&attributes) {
        return Err(refused(2, format!("receipt: {why}")));
    }
    Ok(Receipt {
        // Nothing was sent yet, so what is in force is not ours.
        outcome: match (asked, outcome) {
            (Asked::StatusBefore, Outcome::Done) => Outcome::Already,
            (_, outcome) => outcome,
        },
        reference: it.reference.filter(|text| !text.is_empty()),
        detail: it.detail,
        retry_after_ms: it.retry_after,
        attributes,
    })
}

/// A fault, as it is.
pub(in crate::plugin) fn fault(it: types::Fault) -> Fault {
    match it {
        types::Fault::Definite(why) => Fault::Definite(failure(why)),
        types::Fault::NotDone(why) => Fault::NotDone(failure(why)),
        types::Fault::Unknown(why) => Fault::Unknown(failure(why)),
    }
}
