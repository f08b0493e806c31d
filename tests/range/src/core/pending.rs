//! What was taken on and is not done yet: effects that are late.
//!
//! Vendors answer 202 and act when the agent next calls home. A question in between must say so,
//! and the effect must come without another request.

use super::{Core, Outcome, answer, identity, refused};
use crate::faults::{Mode, Rule};
use crate::reply::{Asked, Reply};
use crate::state::{Resource, Wanted};
use serde_json::{Value, json};

/// Taken on, and not done yet.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub resource: Resource,
    wanted: Wanted,
    pub asked: Asked,
    job: String,
    due_ms: u64,
    asks_left: Option<u32>,
}

impl Core {
    /// Takes a setting on, to be done later.
    pub(super) fn take_on(
        &mut self,
        resource: Resource,
        wanted: Wanted,
        asked: &Asked,
        job: String,
        fault: &Rule,
        now_ms: u64,
    ) -> Outcome {
        let pending = Pending {
            resource,
            wanted,
            asked: asked.clone(),
            job: job.clone(),
            // With neither a time nor a number of questions it happens at the first question.
            due_ms: match (fault.delay_ms, fault.asks) {
                (0, _) => u64::MAX,
                (delay_ms, _) => now_ms.saturating_add(delay_ms),
            },
            asks_left: fault.asks.or((fault.delay_ms == 0).then_some(1)),
        };
        let body = waiting(&pending);
        if let Some(key) = &asked.key {
            self.keys.remember(key, &identity(asked), 202, body.clone());
        }
        self.pending.push(pending);
        Outcome {
            job: Some(job),
            ..Outcome::nothing(Reply::json(202, &body), "pending")
        }
    }

    /// Counts a question about what is pending; the last one brings the effect.
    pub(super) fn asked_once(&mut self, about: impl Fn(&Pending) -> bool, now_ms: u64) {
        for pending in self.pending.iter_mut().filter(|it| about(it)) {
            pending.asks_left = pending.asks_left.map(|left| left.saturating_sub(1));
        }
        self.settle_due(now_ms);
    }

    /// Lets happen what is due.
    pub(super) fn settle_due(&mut self, now_ms: u64) {
        let due = |it: &Pending| it.due_ms <= now_ms || it.asks_left == Some(0);
        let (ready, waiting) = std::mem::take(&mut self.pending).into_iter().partition(due);
        self.pending = waiting;
        for pending in ready {
            self.settle(&pending, now_ms);
        }
    }

    pub(super) fn settle(&mut self, pending: &Pending, now_ms: u64) {
        let outcome = match self.world.set(&pending.resource, &pending.wanted, now_ms) {
            Ok(change) => {
                let body = answer(&change, &pending.wanted, &pending.job);
                Outcome {
                    reply: Reply::json(200, &body),
                    applied: true,
                    changed: change.changed,
                    why: change.detail,
                    job: Some(pending.job.clone()),
                }
            }
            Err(refusal) => refused(&refusal),
        };
        if let Some(key) = &pending.asked.key {
            let body = serde_json::from_slice(&outcome.reply.body).unwrap_or(Value::Null);
            self.keys.settle(key, outcome.reply.status, body);
        }
        let asked = Asked {
            method: "SETTLE".into(),
            ..pending.asked.clone()
        };
        // A log that cannot be written shows at the next request, which is then not answered.
        let _ = self.note(&asked, &outcome, Some(Mode::Pending), now_ms);
    }
}

/// The answer while it is on its way.
pub(super) fn waiting(pending: &Pending) -> Value {
    json!({ "state": "pending", "wanted": pending.wanted.state, "job": pending.job })
}
