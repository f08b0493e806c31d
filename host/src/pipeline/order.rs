//! Orders on their way: asked first, claimed with an authorisation, sent once durable, settled by
//! what comes back.

use super::judge::Unit;
use super::tx::{Command, Tx};
use crate::execute::{Far, Next, Probe, claim, settle};
use crate::inventory::entity_of;
use crate::journal::entry::{Answered, Call, Entry, OrderMade, OrderState, ProposalState};
use crate::journal::state::OrderRecord;
use crate::model::{
    Attribute, Digest, Millis, Order, OrderId, ProposalId, Undone, Verb, attribute,
};
use crate::verdict::{Authorization, Claim, NotAuthorized, authorize};

/// A halted or locked order is looked at again when what stops it ends; this is the net below.
const LOCK_PAUSE_MS: u64 = 1_000;
const HALT_PAUSE_MS: u64 = 60_000;

impl Tx<'_> {
    /// Makes an order of each member, in order; each but the first runs after the one before it.
    pub fn order_unit(&mut self, unit: &Unit, attendance: Attendance) {
        let mut after: Option<OrderId> = None;
        for (id, assessed) in unit.ids.iter().zip(&unit.assessed) {
            let Some(proposal) = self.state.proposals.get(id).cloned() else {
                continue;
            };
            let Some(connector) = assessed.part.route.clone() else {
                continue;
            };
            let order = OrderId::new(format!("order-{}", uuid::Uuid::now_v7()));
            let tenant = self.state.tenant.as_str().as_bytes();
            let key = Digest::of_parts([
                b"countersign/key/v1".as_slice(),
                tenant,
                unit.digest.as_str().as_bytes(),
                id.as_str().as_bytes(),
            ]);
            let made = OrderMade {
                id: order.clone(),
                case: proposal.case.clone(),
                proposal: id.clone(),
                after: after.replace(order.clone()),
                key,
                action: proposal.proposal.action,
                target: proposal.proposal.target.clone(),
                canonical: proposal.canonical.clone(),
                arguments: proposal.proposal.arguments.clone(),
                attributes: self.order_attributes(&proposal),
                connector,
                lease_s: proposal
                    .proposal
                    .lease_s
                    .or_else(|| default_lease_s(proposal.proposal.action)),
                inverse: proposal.proposal.action.row().inverse,
                undoes: proposal.restores.clone(),
                unattended: attendance == Attendance::Unattended,
            };
            self.record(Entry::OrderMade(Box::new(made)));
            self.move_proposal(id, ProposalState::Ordered, "");
        }
        let first = unit
            .ids
            .first()
            .and_then(|id| self.state.proposals.get(id))
            .and_then(|it| it.order.clone());
        if let Some(first) = first {
            self.advance(&first);
        }
    }

    /// What the host knows and the connector may need.
    fn order_attributes(&self, proposal: &crate::journal::state::ProposalRecord) -> Vec<Attribute> {
        let mut list = Vec::new();
        let Some(case) = self.state.cases.get(&proposal.case) else {
            return list;
        };
        if let Some(device) = case
            .device
            .as_ref()
            .filter(|_| proposal.proposal.action == Verb::AllowSoftware)
        {
            list.push(Attribute::new("device.uid", &device.id));
        }
        let entity = entity_of(&case.detection, &proposal.proposal.target);
        if proposal.proposal.action == Verb::StartProcess
            && let Some(entity) = entity
        {
            let path = attribute(&entity.attributes, "file.path")
                .map(|it| Attribute::new("process.file.path", it));
            let line = attribute(&entity.attributes, "cmd_line")
                .map(|it| Attribute::new("process.cmd_line", it));
            list.extend(path.into_iter().chain(line));
        }
        if proposal.proposal.action.row().effect == crate::model::Effect::Informs {
            list.push(Attribute::new("countersign.case", case.id.as_str()));
            list.push(Attribute::new("finding_info.title", &case.detection.title));
            list.push(Attribute::new(
                "countersign.rationale",
                &proposal.proposal.rationale,
            ));
        }
        list
    }

    /// Takes an order one step further, if something can be done now.
    pub fn advance(&mut self, id: &OrderId) {
        let Some(order) = self.state.orders.get(id) else {
            return;
        };
        if order.state.is_final() || !self.is_ready(order) {
            return;
        }
        match order.next {
            Some(at) if at > self.now => self.wake_at(at),
            Some(_) if order.then == Call::Execute => self.claim(id),
            _ => self.ask(id),
        }
    }

    /// Whether something can be done about it now: nobody is asked, and nothing comes before it.
    pub(super) fn is_ready(&self, order: &OrderRecord) -> bool {
        !self.state.calling.contains(&order.id)
            && self.predecessor_done(order)
            && !self.is_taken(order)
    }

    fn predecessor_done(&self, order: &OrderRecord) -> bool {
        let before = order
            .after
            .as_ref()
            .and_then(|id| self.state.orders.get(id));
        before.is_none_or(|it| it.state == OrderState::Done)
    }

    /// Whether another order has the target in its hands, so that this one must not even ask: an
    /// answer from before the other one's end would have it sent for what is in force by then.
    /// Looked at again with every tick.
    fn is_taken(&self, order: &OrderRecord) -> bool {
        let holds =
            |it: &OrderRecord| it.state.is_in_flight() || self.state.calling.contains(&it.id);
        let mut others = self.state.open_orders_on(&order.canonical);
        order.attempt == 0 && others.any(|it| it.id != order.id && holds(it))
    }

    /// Asks whether it is in force; before it was sent as well as after.
    fn ask(&mut self, id: &OrderId) {
        let Some(order) = self.state.orders.get(id) else {
            return;
        };
        let probe = Probe::new(self.order(order, order.attempt), &order.connector);
        self.state.calling.insert(id.clone());
        self.command(Command::Ask(Box::new(probe)));
    }

    /// The order as a connector gets it.
    fn order(&self, record: &OrderRecord, attempt: u32) -> Order {
        let undone = record
            .undoes
            .as_ref()
            .and_then(|id| self.state.effects.get(id));
        let undoes = undone.and_then(|effect| {
            let (order, reference, attributes) = (
                effect.order.clone()?,
                effect.reference.clone(),
                effect.attributes.clone(),
            );
            Some(Undone {
                order,
                reference,
                attributes,
            })
        });
        Order {
            id: record.id.clone(),
            idempotency_key: record.key.clone(),
            attempt,
            action: record.action,
            target: record.target.clone(),
            arguments: record.arguments.clone(),
            lease_until: record
                .lease_s
                .map(|s| self.now.plus(u64::from(s).saturating_mul(1000))),
            now: self.now,
            undoes,
            attributes: record.attributes.clone(),
        }
    }

    /// Judges it again, as things are now, and sends it if the guards still permit it.
    fn claim(&mut self, id: &OrderId) {
        let Some(order) = self.state.orders.get(id).cloned() else {
            return;
        };
        let locked = self
            .state
            .open_orders_on(&order.canonical)
            .any(|it| it.id != order.id && it.state.is_in_flight());
        if locked {
            // what was asked before is not true any more when the other one has ended
            let then = match order.attempt {
                0 => Call::Status,
                _ => Call::Execute,
            };
            let why = "another order for the same target is on its way";
            return self.wait(id, LOCK_PAUSE_MS, then, why);
        }
        match self.authorize(&order) {
            Ok(authorization) => self.dispatch(&order, authorization),
            Err(NotAuthorized::Halted) => self.wait(id, HALT_PAUSE_MS, Call::Execute, "halted"),
            Err(why) if order.attempt > 0 => {
                // it was sent before and may be half done: not a question of permission any more
                self.end(
                    id,
                    OrderState::NeedsPerson,
                    &format!("may not be sent again: {}", text_of(&why)),
                );
            }
            Err(why) => self.not_authorized(&order, &why),
        }
    }

    fn authorize(&self, order: &OrderRecord) -> Result<Authorization, NotAuthorized> {
        let proposal = self.state.proposals.get(&order.proposal);
        let unit = proposal.and_then(|it| self.unit(&self.state.unit_of(it)));
        let (Some(proposal), Some(unit)) = (proposal, unit) else {
            return Err(NotAuthorized::Changed);
        };
        if self.book.dispatch_off {
            return Err(NotAuthorized::Halted);
        }
        let approved = proposal
            .approvals
            .last()
            .map(|it| it.digest.clone())
            .filter(|_| !order.unattended);
        let requests = unit.requests();
        let approvals = self.approvals(&unit);
        let claim = Claim {
            order: &order.id,
            attempt: order.attempt.saturating_add(1),
            attended: !order.unattended,
            requests: &requests,
            approvals: &approvals,
            approved: approved.as_ref(),
            digest: &unit.digest,
            halted: self.state.halted(),
        };
        authorize(&self.book.guards, &claim)
    }

    fn dispatch(&mut self, record: &OrderRecord, authorization: Authorization) {
        let order = self.order(record, record.attempt.saturating_add(1));
        match claim(authorization, order, &record.connector) {
            Ok((entry, dispatch)) => {
                self.record(entry);
                self.state.calling.insert(record.id.clone());
                self.command(Command::Send(Box::new(dispatch)));
            }
            Err(order) => self.end(
                &record.id,
                OrderState::NeedsPerson,
                &format!("the authorisation is not for order {}", order.id),
            ),
        }
    }

    /// It was decided, and between then and now something changed: it goes back to people, who
    /// are asked only for what is missing, or it is refused and they are told.
    fn not_authorized(&mut self, order: &OrderRecord, why: &NotAuthorized) {
        let Some(proposal) = self.state.proposals.get(&order.proposal).cloned() else {
            return;
        };
        let unit = self.state.unit_of(&proposal);
        let text = text_of(why);
        let open: Vec<ProposalId> = unit
            .into_iter()
            .filter(|id| {
                self.state
                    .proposals
                    .get(id)
                    .is_some_and(|it| it.state == ProposalState::Ordered)
            })
            .collect();
        for id in &open {
            if let Some(order) = self.state.proposals.get(id).and_then(|it| it.order.clone()) {
                self.record(Entry::OrderEnded {
                    order,
                    state: OrderState::Cancelled,
                    why: text.clone(),
                });
            }
        }
        if let NotAuthorized::Refused { .. } = why {
            open.iter()
                .for_each(|id| self.move_proposal(id, ProposalState::Refused, &text));
            self.tell_approvers(&open, &text);
            self.evaluation_due(&order.case, "outcome", self.now);
            return;
        }
        open.iter()
            .for_each(|id| self.move_proposal(id, ProposalState::Held, &text));
        self.judge(&open, Vec::new());
    }

    fn wait(&mut self, id: &OrderId, ms: u64, then: Call, why: &str) {
        let until = self.now.plus(ms);
        self.record(Entry::OrderWaits {
            order: id.clone(),
            until,
            then,
            why: why.to_owned(),
        });
        self.wake_at(until);
    }

    /// Takes in what a connector answered.
    pub fn answered(&mut self, id: &OrderId, call: Call, attempt: u32, answer: Answered) {
        self.state.calling.remove(id);
        let Some(order) = self.state.orders.get(id) else {
            return;
        };
        if order.state.is_final() || order.attempt != attempt {
            return;
        }
        let far = self
            .book
            .far(&order.connector, order.action, order.target.kind());
        self.record(Entry::OrderAnswered {
            order: id.clone(),
            call,
            attempt,
            answer: answer.clone(),
        });
        let Some(far) = far else {
            return self.end(
                id,
                OrderState::NeedsPerson,
                "its connector is not configured any more",
            );
        };
        self.follow(id, far, call, &answer);
    }

    fn follow(&mut self, id: &OrderId, far: Far, call: Call, answer: &Answered) {
        let Some(order) = self.state.orders.get(id) else {
            return;
        };
        match settle(order, far, call, answer, self.now, &self.book.limits) {
            Next::Send => self.claim(id),
            Next::SendAfter(ms, why) => {
                self.wait(id, ms, Call::Execute, &why);
                self.advance(id);
            }
            Next::AskAfter(0, _) => self.ask(id),
            Next::AskAfter(ms, why) => self.wait(id, ms, Call::Status, &why),
            Next::Done => self.fulfilled(id, Finish::Ours),
            Next::Already => self.fulfilled(id, Finish::Already),
            Next::Failed(why) => self.end(id, OrderState::Failed, &why),
            Next::Person(why) => self.end(id, OrderState::NeedsPerson, &why),
        }
    }

    /// It is in force.
    fn fulfilled(&mut self, id: &OrderId, how: Finish) {
        let why = match how {
            Finish::Ours => "",
            Finish::Already => "it was in force already, and not because of this order",
        };
        self.record(Entry::OrderEnded {
            order: id.clone(),
            state: OrderState::Done,
            why: why.to_owned(),
        });
        let Some(order) = self.state.orders.get(id).cloned() else {
            return;
        };
        self.move_proposal(&order.proposal, ProposalState::Done, why);
        if order.action.ends().is_some() {
            self.effect_given_back(&order);
        } else if order.action.leaves_effect() && (how == Finish::Ours || self.is_ours(&order)) {
            self.effect_in_force(&order);
        }
        let next: Vec<OrderId> = self
            .state
            .open_orders()
            .filter(|it| it.after.as_ref() == Some(id))
            .map(|it| it.id.clone())
            .collect();
        next.iter().for_each(|id| self.advance(id));
        self.close_held_page(&order.proposal);
        self.evaluation_due(&order.case, "outcome", self.now);
    }

    /// Whether what an order found in force is what we did for another case: then this one relies
    /// on it, too.
    fn is_ours(&self, order: &OrderRecord) -> bool {
        let known = self.state.in_force(order.action, &order.canonical);
        known.is_some_and(|it| it.origin == crate::model::Origin::Ours)
    }

    /// It has ended without being in force, or nobody can tell; the rest of its bundle is not run.
    fn end(&mut self, id: &OrderId, state: OrderState, why: &str) {
        let Some(order) = self.state.orders.get(id).cloned() else {
            return;
        };
        self.record(Entry::OrderEnded {
            order: id.clone(),
            state,
            why: why.to_owned(),
        });
        if state == OrderState::NeedsPerson {
            self.needs_person(&order.proposal, why);
        } else {
            self.move_proposal(&order.proposal, ProposalState::Failed, why);
        }
        let mut last = id.clone();
        while let Some(next) = self.order_after(&last) {
            let why = format!("{} before it did not come to its end", order.action);
            self.record(Entry::OrderEnded {
                order: next.id.clone(),
                state: OrderState::Cancelled,
                why: why.clone(),
            });
            self.move_proposal(&next.proposal, ProposalState::Cancelled, &why);
            last = next.id;
        }
        self.evaluation_due(&order.case, "outcome", self.now);
    }

    /// The order that waits for this one.
    fn order_after(&self, id: &OrderId) -> Option<OrderRecord> {
        let mut open = self.state.open_orders();
        open.find(|it| it.after.as_ref() == Some(id)).cloned()
    }
}

/// Whether a person stands behind an order: approved it, or asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attendance {
    /// Somebody does.
    Attended,
    /// Nobody does.
    Unattended,
}

/// Whether what is in force is our doing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finish {
    Ours,
    Already,
}

/// LIMIT: design section 6. A block ends by itself after a day; containing a device and
/// disabling an account ask after a day. A quarantine has no lease.
fn default_lease_s(action: Verb) -> Option<u32> {
    let day = u32::try_from(Millis::DAY / 1000).ok();
    match action {
        Verb::BlockAddress
        | Verb::BlockDomain
        | Verb::ContainDevice
        | Verb::DisableAccount
        | Verb::SuspendProcess
        | Verb::StopService => day,
        _ => None,
    }
}

fn text_of(why: &NotAuthorized) -> String {
    match why {
        NotAuthorized::Halted => "halted".to_owned(),
        NotAuthorized::Changed => "what would happen is no longer what was approved".to_owned(),
        NotAuthorized::NeedsMore { needs, against } => {
            format!("it now needs {needs}: {}", super::judge::reasons(against))
        }
        NotAuthorized::Refused { against, errors } if errors.is_empty() => {
            super::judge::reasons(against)
        }
        NotAuthorized::Refused { errors, .. } => {
            format!("the guards could not be evaluated: {}", errors.join("; "))
        }
    }
}
