//! Who may send what, decided in the transaction that claims the order.

use crate::guard::Guards;
use crate::model::{Approvals, Digest, Finding, OrderId, Reason, Request};

/// The right to send one attempt of one order.
///
/// INVARIANT: made only by [`authorize`]; not `Clone`, so that one right is one attempt.
#[derive(Debug)]
pub struct Authorization {
    order: OrderId,
    attempt: u32,
    guards: Digest,
    approvals: Approvals,
}

impl Authorization {
    /// For which order.
    pub fn order(&self) -> &OrderId {
        &self.order
    }
    /// For which attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
    /// The guards that permitted it.
    pub fn guards(&self) -> &Digest {
        &self.guards
    }
    /// The people that they permitted it with.
    pub fn approvals(&self) -> &Approvals {
        &self.approvals
    }
}

/// What is asked for, as things are now.
pub struct Claim<'a> {
    /// The order.
    pub order: &'a OrderId,
    /// The attempt that is to be sent.
    pub attempt: u32,
    /// What is decided together, with the facts as they are now.
    pub requests: &'a [Request],
    /// The people that approved, with the roles they hold now.
    pub approvals: &'a Approvals,
    /// A person stands behind it: somebody approved, or it is a person's own order.
    pub attended: bool,
    /// What they approved; `None` where nobody had to.
    pub approved: Option<&'a Digest>,
    /// The digest of what would happen now.
    pub digest: &'a Digest,
    /// Whether unattended action is stopped, and intrusive action too.
    pub halted: bool,
}

/// Why it may not be sent.
#[derive(Debug, PartialEq)]
pub enum NotAuthorized {
    /// Somebody stopped everything.
    Halted,
    /// What would happen is not what people approved.
    Changed,
    /// More people are needed than have approved.
    NeedsMore {
        /// A least set.
        needs: Approvals,
        /// The guards that speak.
        against: Vec<Reason>,
    },
    /// Nobody can open it.
    Refused {
        /// The guards that speak.
        against: Vec<Reason>,
        /// Errors of the evaluation: any error is a refusal.
        errors: Vec<String>,
    },
}

/// Asks the guards, with exactly the approvals that were given.
pub fn authorize(guards: &Guards, claim: &Claim<'_>) -> Result<Authorization, NotAuthorized> {
    // a halt lets giving back through, and nothing that takes away, whoever approved
    let gives_back_only = claim
        .requests
        .iter()
        .all(|request| request.action.gives_back());
    if claim.halted && !(gives_back_only && claim.attended) {
        return Err(NotAuthorized::Halted);
    }
    if claim
        .approved
        .is_some_and(|approved| approved != claim.digest)
    {
        return Err(NotAuthorized::Changed);
    }
    let permit = guards.permits(claim.requests, claim.approvals);
    if permit.allowed && permit.errors.is_empty() {
        let (order, attempt) = (claim.order.clone(), claim.attempt);
        return Ok(Authorization {
            order,
            attempt,
            guards: guards.digest().clone(),
            approvals: claim.approvals.clone(),
        });
    }
    let answer = guards.answer(claim.requests);
    match answer.finding {
        Finding::Hold(needs) if permit.errors.is_empty() => Err(NotAuthorized::NeedsMore {
            needs,
            against: permit.against,
        }),
        _ => Err(NotAuthorized::Refused {
            against: permit.against,
            errors: permit.errors,
        }),
    }
}
