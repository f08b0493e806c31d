//! What automation cannot end: nobody can tell whether it was carried out, or nothing here can
//! carry it out. A person is told until one of them has looked and says what is so.

use super::refusal::Refusal;
use super::tx::Tx;
use crate::journal::entry::{EffectBegan, Entry, ProposalState};
use crate::journal::state::ProposalRecord;
use crate::model::{Origin, PersonId, Principal, ProposalId, Stage};

/// A refusal for this reason is what the customer chose for the group, and pages nobody.
const OBSERVED: &str = "floor-observe";

impl Tx<'_> {
    /// A proposal becomes a task for a person, who is told until it is concluded.
    pub(super) fn needs_person(&mut self, id: &ProposalId, why: &str) {
        self.move_proposal(id, ProposalState::NeedsPerson, why);
        let Some(record) = self.state.proposals.get(id).cloned() else {
            return;
        };
        let what = record.proposal.action;
        let subject = format!(
            "a person must look: {what} on {}",
            record.proposal.target.label()
        );
        let text = format!("{why}\nlook at it, then: countersign proposal conclude {id}");
        self.page(
            "needs-person",
            &format!("needs-person:{id}"),
            Some(&record.case),
            &subject,
            &text,
            self.book.page_repeat_s,
        );
    }

    /// A person has looked, and says whether it is in force. What is so is recorded as an effect
    /// like any other, so that it can be given back.
    ///
    /// # Errors
    /// It waits for nobody's look, or they hold no role on this target.
    pub fn conclude(
        &mut self,
        id: &ProposalId,
        person: &PersonId,
        in_force: bool,
        comment: &str,
    ) -> Result<(), Refusal> {
        self.person(person)?;
        let record = self.record_of(id)?;
        if record.state != ProposalState::NeedsPerson {
            let state = record.state.as_str();
            let text = format!("proposal {id} is {state}: it does not wait for a person's look");
            return Err(Refusal::conflict("CS-approval-06", text));
        }
        self.decides_on(&record, person)?;
        if comment.trim().is_empty() {
            let text = "say what you found: give a comment";
            return Err(Refusal::invalid("CS-approval-07", text));
        }
        self.record(Entry::Concluded {
            proposal: id.clone(),
            person: person.clone(),
            in_force,
            comment: comment.to_owned(),
        });
        let why = format!("{person} looked: {comment}");
        if in_force {
            self.move_proposal(id, ProposalState::Done, &why);
            self.found_in_force(&record, person);
        } else {
            self.move_proposal(id, ProposalState::Failed, &why);
        }
        self.close_pages(&format!("needs-person:{id}"), &why);
        self.evaluation_due(&record.case, "outcome", self.now);
        Ok(())
    }

    fn record_of(&self, id: &ProposalId) -> Result<ProposalRecord, Refusal> {
        let known = self.state.proposals.get(id).cloned();
        known.ok_or_else(|| Refusal::not_found("proposal", id.as_str()))
    }

    /// Whether they hold a role that decides on what this proposal touches.
    fn decides_on(&self, record: &ProposalRecord, person: &PersonId) -> Result<(), Refusal> {
        let unit = self.unit(&self.state.unit_of(record));
        let decides = match unit {
            Some(unit) => self.roles(&unit).remove(person).unwrap_or_default(),
            None => self.person(person)?,
        };
        if decides.is_empty() {
            return Err(Refusal::forbidden(
                "you hold no role on this target that decides; analyst, lead or owner do",
            ));
        }
        Ok(())
    }

    /// What a person found in force: by our order if it was sent, else by hand.
    fn found_in_force(&mut self, record: &ProposalRecord, person: &PersonId) {
        let (action, target) = (record.proposal.action, &record.proposal.target);
        let order = record
            .order
            .as_ref()
            .and_then(|id| self.state.orders.get(id))
            .cloned();
        let sent = order.filter(|it| it.attempt > 0);
        if let Some(order) = sent {
            return if action.ends().is_some() {
                self.effect_given_back(&order)
            } else if action.leaves_effect() {
                self.effect_in_force(&order)
            };
        }
        if let Some(ended) = action.ends() {
            if let Some(effect) = self.state.in_force(ended, &record.canonical) {
                let effect = effect.id.clone();
                let by = Principal::Person {
                    tenant: self.state.tenant.clone(),
                    person: person.clone(),
                };
                self.effect_over(&effect, by, "by hand".to_owned(), &record.case);
            }
            return;
        }
        let Some(case) = self
            .state
            .cases
            .get(&record.case)
            .filter(|_| action.leaves_effect())
        else {
            return;
        };
        let began = EffectBegan {
            id: self.state.effect_id(action, &record.canonical),
            case: record.case.clone(),
            cause: record.cause.clone(),
            action,
            target: target.clone(),
            canonical: record.canonical.clone(),
            assets: self.assets_of(target, &case.detection.product),
            origin: Origin::Person,
            order: None,
            product: None,
            inverse: action.row().inverse,
            lease_until: None,
            at: self.now,
        };
        self.record(Entry::EffectBegan(Box::new(began)));
    }

    /// Everything that a playbook wanted for a case was refused: nobody else will do it, so
    /// somebody has to know. Once a cause, until somebody has seen it.
    pub(super) fn tell_if_all_refused(&mut self, case: &crate::model::CaseId) {
        let Some(record) = self.state.cases.get(case) else {
            return;
        };
        let wanted: Vec<&ProposalRecord> = self
            .state
            .proposals_of(record)
            .filter(|it| takes_away_live(it))
            .collect();
        let refused = |it: &&ProposalRecord| it.state == ProposalState::Refused;
        let chosen = |it: &&ProposalRecord| {
            let judged = it.judged.as_ref();
            judged.is_some_and(|it| it.against.iter().any(|why| why.id == OBSERVED))
        };
        if wanted.is_empty() || !wanted.iter().all(refused) || wanted.iter().all(chosen) {
            return;
        }
        let cause = record.cause.clone();
        let lines = wanted.iter().map(|it| {
            let target = it.proposal.target.label();
            format!("{} on {target}: {}", it.proposal.action, it.reason)
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        let subject = format!("refused, to be handled by hand: {}", record.detection.title);
        self.page(
            "refused",
            &format!("refused:{cause}"),
            Some(case),
            &subject,
            &text,
            self.book.page_repeat_s,
        );
    }

    /// Those who approved what is refused after all are told so.
    pub(super) fn tell_approvers(&mut self, ids: &[ProposalId], why: &str) {
        let Some(record) = ids
            .first()
            .and_then(|id| self.state.proposals.get(id))
            .cloned()
        else {
            return;
        };
        let approvers: Vec<&str> = record
            .approvals
            .iter()
            .map(|it| it.person.as_str())
            .collect();
        let subject = format!("refused after it was decided: {}", record.proposal.action);
        let text = format!("approved by: {}\n{why}", approvers.join(", "));
        self.page(
            "refused",
            &format!("refused:{}", record.id),
            Some(&record.case),
            &subject,
            &text,
            0,
        );
    }
}

/// Wanted by a version that acts, and not given up or replaced since.
fn takes_away_live(record: &ProposalRecord) -> bool {
    let acts = !matches!(
        record.principal,
        Principal::Playbook {
            stage: Stage::Shadow,
            ..
        }
    );
    let stands = !matches!(
        record.state,
        ProposalState::Superseded | ProposalState::Withdrawn
    );
    acts && stands && record.proposal.action.takes_away()
}
