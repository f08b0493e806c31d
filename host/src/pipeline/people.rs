//! What people do: approve, deny, propose by hand, end an effect, acknowledge, halt.
//!
//! All of it goes through the same door as automation. A person who asks for something is never
//! the person who approves it.

use super::order::Attendance;
use super::refusal::Refusal;
use super::tx::Tx;
use crate::approval::{Emergency, Voter, eligible};
use crate::journal::entry::{Entry, ProposalState};
use crate::journal::state::ProposalRecord;
use crate::model::{
    Approvals, CaseId, CauseId, Digest, EffectId, Finding, OverreachId, PersonId, Principal,
    Proposal, ProposalId, Role,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// What an approval came to.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Decided {
    /// Where the proposal is now.
    pub state: ProposalState,
    /// What is still needed, if anything.
    pub needs: Option<Approvals>,
    /// Why it is where it is.
    pub reason: String,
}

impl Tx<'_> {
    pub(super) fn person(&self, person: &PersonId) -> Result<BTreeSet<Role>, Refusal> {
        let known = self
            .state
            .people
            .get(person)
            .filter(|it| it.removed.is_none());
        let known = known.ok_or_else(|| {
            Refusal::forbidden(format!("{person} is not a person of this tenant"))
        })?;
        Ok(known.person.roles.clone())
    }

    /// A person who decides nothing anywhere only reads.
    pub(super) fn decides(&self, person: &PersonId, what: &str) -> Result<(), Refusal> {
        if self.person(person)?.is_empty() && !self.owns_something(person) {
            let text = format!("{what} takes an analyst, lead or owner");
            return Err(Refusal::forbidden(text));
        }
        Ok(())
    }

    fn owns_something(&self, person: &PersonId) -> bool {
        let inventory = &self.state.inventory;
        let assets = inventory.assets().any(|it| it.owners.contains(person));
        assets
            || inventory
                .groups()
                .any(|it| it.owners.contains(person) || it.deputies.contains(person))
    }

    fn held_proposal(&self, id: &ProposalId) -> Result<&ProposalRecord, Refusal> {
        let record = self
            .state
            .proposals
            .get(id)
            .ok_or_else(|| Refusal::not_found("proposal", id.as_str()))?;
        if record.state != ProposalState::Held {
            let text = format!(
                "proposal {id} is {}, not held; nothing was changed",
                record.state.as_str()
            );
            return Err(Refusal::conflict("CS-approval-01", text));
        }
        Ok(record)
    }

    /// A person approves what is decided together, by the digest that they saw.
    pub fn approve(
        &mut self,
        id: &ProposalId,
        person: &PersonId,
        digest: &Digest,
        comment: &str,
        emergency: Emergency,
    ) -> Result<Decided, Refusal> {
        self.person(person)?;
        let record = self.held_proposal(id)?.clone();
        if emergency == Emergency::BreakGlass && comment.trim().is_empty() {
            return Err(Refusal::invalid(
                "CS-approval-05",
                "breaking the glass needs a reason: give a comment",
            ));
        }
        let ids = self.state.unit_of(&record);
        let unit = self.unit(&ids).ok_or_else(|| {
            Refusal::conflict("CS-approval-02", "the target can no longer be named")
        })?;
        if unit.digest != *digest {
            let text = "what would happen is no longer what you saw; look again and approve the new digest";
            // what is stored is brought up to date, so that looking again shows it
            self.judge(&ids, Vec::new());
            return Err(Refusal::conflict("CS-approval-02", text));
        }
        let roles = self.roles(&unit).remove(person).unwrap_or_default();
        let voter = Voter {
            person: person.clone(),
            roles: roles.clone(),
        };
        let given: Vec<_> = record
            .approvals
            .iter()
            .filter(|it| it.digest == unit.digest)
            .cloned()
            .collect();
        eligible(
            &voter,
            &record.principal,
            self.uploader(&record).as_ref(),
            &given,
            emergency,
        )
        .map_err(|why| Refusal {
            code: "CS-approval-03",
            ..Refusal::forbidden(why.text())
        })?;
        let entry = Entry::Approved {
            proposals: ids.clone(),
            person: person.clone(),
            roles,
            digest: unit.digest.clone(),
            comment: comment.to_owned(),
            emergency: emergency == Emergency::BreakGlass,
        };
        self.record(entry);
        if emergency == Emergency::BreakGlass {
            let text = format!(
                "{person} broke the glass for {} on {}: {comment}",
                record.proposal.action,
                record.proposal.target.label()
            );
            self.page(
                "emergency",
                &format!("emergency:{id}"),
                Some(&record.case),
                "the glass was broken",
                &text,
                self.book.page_repeat_s,
            );
        }
        Ok(self.decide(&ids))
    }

    /// Judges a unit with the approvals that are there: runs it, or says what is missing.
    fn decide(&mut self, ids: &[ProposalId]) -> Decided {
        let Some(unit) = self.unit(ids) else {
            return Decided {
                state: ProposalState::Held,
                needs: None,
                reason: "the target can no longer be named".to_owned(),
            };
        };
        let approvals = self.approvals(&unit);
        let requests = unit.requests();
        let permit = self.book.guards.permits(&requests, &approvals);
        let allowed = permit.allowed && permit.errors.is_empty();
        let unclear = unit.unclear_routes();
        if allowed && unclear.is_empty() {
            self.order_unit(&unit, Attendance::Attended);
        } else if allowed {
            // people want it and nothing here can do it: it becomes a task for a person
            let why = format!("approved; {}", unclear.join("; "));
            ids.iter().for_each(|id| self.needs_person(id, &why));
        } else if let Finding::Refuse = self.book.guards.answer(&requests).finding {
            let why = super::judge::reasons(&permit.against);
            ids.iter()
                .for_each(|id| self.move_proposal(id, ProposalState::Refused, &why));
            self.tell_approvers(ids, &why);
        }
        if allowed && let Some(first) = ids.first() {
            self.close_held_page(first);
        }
        let record = ids.first().and_then(|id| self.state.proposals.get(id));
        let needs = (!allowed)
            .then(|| self.missing(&requests, &approvals))
            .flatten();
        Decided {
            state: record.map_or(ProposalState::Held, |it| it.state),
            needs,
            reason: record.map(|it| it.reason.clone()).unwrap_or_default(),
        }
    }

    /// What is needed, with nobody's approval counted twice.
    fn missing(&self, requests: &[crate::model::Request], given: &Approvals) -> Option<Approvals> {
        let Finding::Hold(needs) = self.book.guards.answer(requests).finding else {
            return None;
        };
        Some(Approvals {
            count: (needs.count - given.count).max(1),
            roles: needs.roles.difference(&given.roles).copied().collect(),
            people: needs.people.difference(&given.people).cloned().collect(),
            emergency: needs.emergency,
        })
    }

    /// A person denies it: that ends it.
    pub fn deny(
        &mut self,
        id: &ProposalId,
        person: &PersonId,
        digest: &Digest,
        comment: &str,
    ) -> Result<Decided, Refusal> {
        self.person(person)?;
        let record = self.held_proposal(id)?.clone();
        let ids = self.state.unit_of(&record);
        let unit = self.unit(&ids);
        let roles = unit
            .as_ref()
            .map(|it| self.roles(it))
            .and_then(|mut it| it.remove(person))
            .unwrap_or_default();
        if roles.is_empty() {
            return Err(Refusal::forbidden(
                "you hold no role on this target that decides; analyst, lead or owner do",
            ));
        }
        if unit.is_some_and(|it| it.digest != *digest) {
            self.judge(&ids, Vec::new());
            return Err(Refusal::conflict(
                "CS-approval-02",
                "what would happen is no longer what you saw; look again",
            ));
        }
        self.record(Entry::Denied {
            proposals: ids,
            person: person.clone(),
            comment: comment.to_owned(),
        });
        self.close_held_page(id);
        self.evaluation_due(&record.case, "decided", self.now);
        Ok(Decided {
            state: ProposalState::Denied,
            needs: None,
            reason: comment.to_owned(),
        })
    }

    /// The held proposals of a cause, one of each unit: what a group decision enumerates.
    pub fn held_of_cause(&self, cause: &CauseId) -> Vec<ProposalId> {
        let held = self
            .state
            .proposals
            .values()
            .filter(|it| it.cause == *cause && it.state == ProposalState::Held);
        held.filter(|it| self.state.unit_of(it).first() == Some(&it.id))
            .map(|it| it.id.clone())
            .collect()
    }

    /// A person proposes by hand. The wish is not an approval.
    pub fn create_proposal(
        &mut self,
        case: &CaseId,
        person: &PersonId,
        proposal: Proposal,
    ) -> Result<ProposalId, Refusal> {
        self.decides(person, "proposing")?;
        if !self.state.cases.contains_key(case) {
            return Err(Refusal::not_found("case", case.as_str()));
        }
        if !proposal
            .action
            .row()
            .targets
            .contains(&proposal.target.kind())
        {
            let text = format!(
                "{} does not apply to a {}",
                proposal.action,
                proposal.target.kind()
            );
            return Err(Refusal::invalid("CS-run-04", text));
        }
        let principal = Principal::Person {
            tenant: self.state.tenant.clone(),
            person: person.clone(),
        };
        let ids = self.propose(case, &principal, None, vec![proposal]);
        let first = ids.as_ref().and_then(|ids| ids.first()).cloned();
        let (Some(ids), Some(first)) = (ids, first) else {
            return Err(Refusal::invalid(
                "CS-run-07",
                "the target does not name one thing; the case says why",
            ));
        };
        self.judge(&ids, Vec::new());
        Ok(first)
    }

    /// A person ends an effect: the inverse is proposed in their name and judged.
    pub fn end_effect(
        &mut self,
        effect: &EffectId,
        person: &PersonId,
        reason: &str,
    ) -> Result<ProposalId, Refusal> {
        self.decides(person, "ending an effect")?;
        let record = self
            .state
            .effects
            .get(effect)
            .ok_or_else(|| Refusal::not_found("effect", effect.as_str()))?;
        if record.ended.is_some() {
            return Err(Refusal::conflict(
                "CS-effect-01",
                format!("effect {effect} is over already"),
            ));
        }
        let case = record
            .claims
            .iter()
            .next()
            .cloned()
            .ok_or_else(|| Refusal::not_found("case of effect", effect.as_str()))?;
        let principal = Principal::Person {
            tenant: self.state.tenant.clone(),
            person: person.clone(),
        };
        let made = self.give_back(effect, &case, &principal, None, reason);
        made.ok_or_else(|| {
            Refusal::conflict(
                "CS-effect-02",
                "nothing gives this back; it has to be done by hand",
            )
        })
    }

    /// A person renews a lease.
    pub fn renew_effect(
        &mut self,
        effect: &EffectId,
        person: &PersonId,
        seconds: u32,
        comment: &str,
    ) -> Result<(), Refusal> {
        self.decides(person, "renewing a lease")?;
        let record = self
            .state
            .effects
            .get(effect)
            .ok_or_else(|| Refusal::not_found("effect", effect.as_str()))?;
        if record.ended.is_some() {
            return Err(Refusal::conflict(
                "CS-effect-01",
                format!("effect {effect} is over already"),
            ));
        }
        if !(60..=2_592_000).contains(&seconds) {
            return Err(Refusal::invalid(
                "CS-effect-03",
                format!("a lease is 60 to 2592000 seconds, not {seconds}"),
            ));
        }
        let until = self.now.plus(u64::from(seconds).saturating_mul(1000));
        self.record(Entry::LeaseSet {
            effect: effect.clone(),
            until: Some(until),
            person: Some(person.clone()),
            comment: comment.to_owned(),
        });
        let asked: Vec<ProposalId> = self
            .state
            .proposals
            .values()
            .filter(|it| {
                it.restores.as_ref() == Some(effect)
                    && it.state == ProposalState::Held
                    && matches!(it.principal, Principal::Host { .. })
            })
            .map(|it| it.id.clone())
            .collect();
        asked.iter().for_each(|id| {
            self.move_proposal(id, ProposalState::Withdrawn, "the lease was renewed")
        });
        self.close_pages(&format!("lease:{effect}"), "renewed");
        self.wake_at(until);
        Ok(())
    }

    /// A person has seen an overreach: the paging stops, the repair does not.
    pub fn acknowledge(
        &mut self,
        overreach: &OverreachId,
        person: &PersonId,
        comment: &str,
    ) -> Result<(), Refusal> {
        self.decides(person, "acknowledging")?;
        let record = self
            .state
            .overreaches
            .get(overreach)
            .ok_or_else(|| Refusal::not_found("overreach", overreach.as_str()))?;
        let cause = record.cause.clone();
        self.record(Entry::OverreachAcknowledged {
            overreach: overreach.clone(),
            person: person.clone(),
            comment: comment.to_owned(),
        });
        self.close_overreach_page(&cause, &format!("acknowledged by {person}"));
        Ok(())
    }

    /// Stops everything unattended, or lets it go on. Turning it off takes a lead.
    pub fn halt(&mut self, on: bool, person: &PersonId, reason: &str) -> Result<(), Refusal> {
        let roles = self.person(person)?;
        if roles.is_empty() || !on && !roles.contains(&Role::Lead) {
            return Err(Refusal::forbidden(if on {
                "halting takes an analyst, lead or owner"
            } else {
                "turning the halt off takes a lead"
            }));
        }
        if reason.trim().is_empty() {
            return Err(Refusal::invalid(
                "CS-api-06",
                "say why: a halt needs a reason",
            ));
        }
        self.record(Entry::HaltSet {
            on,
            person: person.clone(),
            reason: reason.to_owned(),
        });
        if !on {
            let halted: Vec<_> = self
                .state
                .open_orders()
                .filter(|it| it.why == "halted")
                .map(|it| it.id.clone())
                .collect();
            for order in halted {
                self.record(Entry::OrderWaits {
                    order,
                    until: self.now,
                    then: crate::journal::entry::Call::Execute,
                    why: String::new(),
                });
            }
            self.wake_at(self.now);
        }
        Ok(())
    }
}
