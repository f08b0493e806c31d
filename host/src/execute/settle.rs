//! What follows from a connector's answer. Pure, because this is where an order is sent twice or
//! lost if it is wrong: a table of (what was asked, what was answered, what the far side offers)
//! to the next step, tested row by row.
//!
//! The promise (`reliability` of the docs): one key for life; `unknown` is looked at and never
//! guessed; what offers nothing to tell by (class D) is never sent twice.

use crate::journal::entry::{Answered, Call};
use crate::journal::state::OrderRecord;
use crate::model::{Fault, Millis, Outcome};
use serde::{Deserialize, Serialize};

/// Every slot for a call was taken. The host's own word: a plugin's are in lower case.
const NO_SLOT: &str = "CS-run-54";

/// What the far side offers when the outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// An idempotency key.
    A,
    /// State that can be set and read.
    B,
    /// A client reference that can be searched.
    C,
    /// Nothing: never sent twice.
    D,
}

/// The far side of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Far {
    /// What it offers.
    pub class: Class,
    /// How long its effect may take to show.
    pub effect_delay_ms: u64,
    /// Class A: how long it remembers the key.
    pub key_ttl_ms: Option<u64>,
    /// Whether the action leaves something in force; a message does not.
    pub leaves_effect: bool,
}

/// Bounds of patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How often an order is sent at most.
    pub attempts_max: u32,
    /// How often the far side is asked about one attempt at most.
    pub asks_max: u32,
    /// Pause before the first repetition; it doubles.
    pub pause_ms: u64,
    /// The longest pause.
    pub pause_max_ms: u64,
}

impl Limits {
    /// LIMIT: three attempts as in the reference protocol; twelve questions with doubling pauses
    /// are about ten minutes, after which a person knows more than another question.
    pub const DEFAULT: Self = Self {
        attempts_max: 3,
        asks_max: 12,
        pause_ms: 500,
        pause_max_ms: 60_000,
    };

    fn pause(&self, times: u32) -> u64 {
        self.pause_ms
            .saturating_mul(1 << times.min(16))
            .min(self.pause_max_ms)
    }
}

/// The next step of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Judge again and send.
    Send,
    /// The same, but not before this many milliseconds.
    SendAfter(u64, String),
    /// Ask `status`, not before this many milliseconds.
    AskAfter(u64, String),
    /// In force because of us.
    Done,
    /// In force, and not because of us: nothing of ours to give back.
    Already,
    /// Nothing changed.
    Failed(String),
    /// A person must look.
    Person(String),
}

/// What follows from an answer to the order's latest call.
pub fn settle(
    order: &OrderRecord,
    far: Far,
    call: Call,
    answer: &Answered,
    now: Millis,
    limits: &Limits,
) -> Next {
    match (call, order.attempt) {
        (Call::Status, 0) => before(order, far, answer, limits),
        (Call::Status, _) => after(order, far, answer, now, limits),
        (Call::Execute, _) => sent(order, far, answer, limits),
    }
}

/// Nothing of ours was sent yet: is it in force already?
fn before(order: &OrderRecord, far: Far, answer: &Answered, limits: &Limits) -> Next {
    let unsure = |why: String| {
        if order.asked < limits.asks_max.min(3) {
            Next::AskAfter(limits.pause(order.asked), why)
        } else if far.class == Class::B {
            // sending blindly would claim as ours what may have been there before
            Next::Person(format!("cannot tell whether it is in force already: {why}"))
        } else {
            Next::Send
        }
    };
    match answer {
        Answered::Receipt(receipt) => match receipt.outcome {
            Outcome::Done | Outcome::Already => Next::Already,
            Outcome::Absent => Next::Send,
            Outcome::Pending if order.asked >= limits.asks_max => {
                Next::Person("somebody else's change never finished".to_owned())
            }
            Outcome::Pending => Next::AskAfter(
                wait(receipt.retry_after_ms, limits.pause(order.asked)),
                receipt.detail.clone(),
            ),
            Outcome::Unknown if far.class == Class::B => unsure(receipt.detail.clone()),
            Outcome::Unknown => Next::Send,
        },
        Answered::Fault(Fault::Definite(failure)) if far.class == Class::B => {
            Next::Failed(failure.message.clone())
        }
        Answered::Fault(Fault::Definite(_)) => Next::Send,
        Answered::Fault(fault) => unsure(fault.failure().message.clone()),
    }
}

/// It was sent, and this is what came back.
fn sent(order: &OrderRecord, far: Far, answer: &Answered, limits: &Limits) -> Next {
    match answer {
        Answered::Receipt(receipt) => match receipt.outcome {
            Outcome::Done if !far.leaves_effect => Next::Done,
            Outcome::Done => Next::AskAfter(0, "to confirm".to_owned()),
            Outcome::Already => Next::Already,
            Outcome::Pending => Next::AskAfter(
                wait(receipt.retry_after_ms, limits.pause(0)),
                receipt.detail.clone(),
            ),
            Outcome::Absent | Outcome::Unknown => {
                Next::AskAfter(limits.pause(0), receipt.detail.clone())
            }
        },
        Answered::Fault(Fault::Definite(failure)) => Next::Failed(failure.message.clone()),
        // nothing of the connector ran, so this is not a second time, whatever the far side is
        Answered::Fault(Fault::NotDone(failure))
            if failure.code == NO_SLOT && order.attempt < limits.asks_max =>
        {
            Next::SendAfter(limits.pause(order.attempt), failure.message.clone())
        }
        Answered::Fault(Fault::NotDone(failure)) => again(
            order,
            far,
            &failure.message,
            limits.pause(order.attempt),
            limits,
        ),
        Answered::Fault(Fault::Unknown(failure)) if far.class == Class::D => {
            Next::Person(failure.message.clone())
        }
        Answered::Fault(Fault::Unknown(failure)) => {
            Next::AskAfter(limits.pause(0), failure.message.clone())
        }
    }
}

/// It was sent before, and the far side was asked what became of it.
fn after(order: &OrderRecord, far: Far, answer: &Answered, now: Millis, limits: &Limits) -> Next {
    let tired = order.asked >= limits.asks_max;
    let waited = order.dispatched.map_or(u64::MAX, |at| now.since(at));
    match answer {
        Answered::Receipt(receipt) => match receipt.outcome {
            // verified by state: whoever else wanted it too, we sent it
            Outcome::Done | Outcome::Already => Next::Done,
            Outcome::Pending if tired => {
                Next::Person(format!("still pending after {} questions", order.asked))
            }
            Outcome::Pending => Next::AskAfter(
                wait(receipt.retry_after_ms, limits.pause(order.asked)),
                receipt.detail.clone(),
            ),
            Outcome::Absent if waited < far.effect_delay_ms => {
                Next::AskAfter(limits.pause(order.asked), "not visible yet".to_owned())
            }
            Outcome::Absent => again(order, far, "not in force after it was sent", 0, limits),
            Outcome::Unknown if tired => {
                Next::Person("the system cannot say whether it is in force".to_owned())
            }
            Outcome::Unknown => Next::AskAfter(limits.pause(order.asked), receipt.detail.clone()),
        },
        Answered::Fault(fault) if far.class == Class::A && matches!(fault, Fault::Definite(_)) => {
            // it answers no questions, but it remembers keys: the same key tells
            let remembered = far.key_ttl_ms.is_some_and(|ttl| waited < ttl);
            if remembered {
                again(order, far, &fault.failure().message, 0, limits)
            } else {
                Next::Person(fault.failure().message.clone())
            }
        }
        Answered::Fault(fault) if tired => {
            Next::Person(format!("cannot be asked: {}", fault.failure().message))
        }
        Answered::Fault(fault) => {
            Next::AskAfter(limits.pause(order.asked), fault.failure().message.clone())
        }
    }
}

/// Sends it again with the same key, where the far side lets us.
fn again(order: &OrderRecord, far: Far, why: &str, pause_ms: u64, limits: &Limits) -> Next {
    if far.class == Class::D {
        return Next::Person(format!("{why}; it is never sent twice"));
    }
    if order.attempt >= limits.attempts_max {
        return Next::Person(format!("{why}, {} times", order.attempt));
    }
    Next::SendAfter(pause_ms, why.to_owned())
}

/// LIMIT: a connector may ask for an hour of patience at most.
fn wait(asked_ms: Option<u32>, otherwise_ms: u64) -> u64 {
    asked_ms.map_or(otherwise_ms, |ms| u64::from(ms).min(3_600_000))
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
