//! Orders and what the far side answered.

use crate::journal::entry::{Answered, Call, Entry, OrderMade, OrderState};
use crate::journal::state::{AnswerRecord, OrderRecord, State};
use crate::model::{Millis, OrderId};

/// LIMIT: answers kept in the record of an order; all of them are in the journal.
const ANSWERS_MAX: usize = 32;

impl State {
    pub(super) fn apply_order(&mut self, at: Millis, entry: &Entry) {
        match entry {
            Entry::OrderMade(made) => self.order_made(at, made),
            Entry::OrderDispatched { order, attempt, .. } => self.with_order(order, |record| {
                record.state = OrderState::Dispatched;
                record.since = at;
                record.attempt = *attempt;
                record.asked = 0;
                record.next = None;
                record.dispatched.get_or_insert(at);
            }),
            Entry::OrderAnswered {
                order,
                call,
                attempt,
                answer,
            } => self.with_order(order, |record| {
                record.next = None;
                if *call == Call::Status {
                    record.asked = record.asked.saturating_add(1);
                }
                if *call == Call::Execute && matches!(answer, Answered::Receipt(_)) {
                    record.state = OrderState::Confirming;
                }
                record.answers.push(AnswerRecord {
                    at,
                    call: *call,
                    attempt: *attempt,
                    answer: answer.clone(),
                });
                if record.answers.len() > ANSWERS_MAX {
                    record.answers.remove(0);
                }
            }),
            Entry::OrderWaits {
                order,
                until,
                then,
                why,
            } => self.with_order(order, |record| {
                record.next = Some(*until);
                record.then = *then;
                record.why.clone_from(why);
            }),
            Entry::OrderEnded { order, state, why } => self.with_order(order, |record| {
                record.state = *state;
                record.since = at;
                record.next = None;
                record.why.clone_from(why);
            }),
            _ => {}
        }
    }

    fn with_order(&mut self, id: &OrderId, change: impl FnOnce(&mut OrderRecord)) {
        if let Some(record) = self.orders.get_mut(id) {
            change(record);
            self.touch("order", id);
        }
    }

    fn order_made(&mut self, at: Millis, made: &OrderMade) {
        let record = OrderRecord {
            id: made.id.clone(),
            case: made.case.clone(),
            proposal: made.proposal.clone(),
            after: made.after.clone(),
            key: made.key.clone(),
            action: made.action,
            target: made.target.clone(),
            canonical: made.canonical.clone(),
            arguments: made.arguments.clone(),
            attributes: made.attributes.clone(),
            connector: made.connector.clone(),
            lease_s: made.lease_s,
            inverse: made.inverse,
            undoes: made.undoes.clone(),
            unattended: made.unattended,
            made: at,
            state: OrderState::Intent,
            since: at,
            why: String::new(),
            attempt: 0,
            asked: 0,
            next: None,
            then: Call::Status,
            dispatched: None,
            answers: Vec::new(),
        };
        self.orders.insert(made.id.clone(), record);
        self.touch("order", &made.id);
        self.with_proposal(&made.proposal, |proposal| {
            proposal.order = Some(made.id.clone())
        });
    }
}
