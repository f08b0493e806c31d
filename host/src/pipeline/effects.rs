//! Effects: what is in force, whose it is, until when, and how it is given back.
//!
//! Giving back is an order like any other, judged by the same guards with another principal. A
//! lease that ends asks; it gives back by itself only where the guards permit that.

use super::tx::Tx;
use crate::journal::entry::{EffectBegan, Entry, ProposalState};
use crate::journal::state::{EffectRecord, OrderRecord};
use crate::model::{
    CaseId, CauseId, EffectId, Key, Origin, PluginRef, Principal, Proposal, ProposalId, Taken, Verb,
};

impl Tx<'_> {
    /// An order of ours is in force: an effect begins, or another case claims the one there is.
    pub(super) fn effect_in_force(&mut self, order: &OrderRecord) {
        let id = self.state.effect_id(order.action, &order.canonical);
        if self
            .state
            .effects
            .get(&id)
            .is_some_and(|it| it.ended.is_none())
        {
            self.record(Entry::EffectClaimed {
                effect: id,
                case: order.case.clone(),
            });
            return;
        }
        let Some(case) = self.state.cases.get(&order.case) else {
            return;
        };
        let lease_until = order
            .lease_s
            .map(|s| self.now.plus(u64::from(s).saturating_mul(1000)));
        let began = EffectBegan {
            id,
            case: case.id.clone(),
            cause: case.cause.clone(),
            action: order.action,
            target: order.target.clone(),
            canonical: order.canonical.clone(),
            assets: self.assets_of(&order.target, &case.detection.product),
            origin: Origin::Ours,
            order: Some(order.id.clone()),
            product: None,
            inverse: order.inverse,
            lease_until,
            at: self.now,
        };
        self.record(Entry::EffectBegan(Box::new(began)));
        if let Some(until) = lease_until {
            self.wake_at(until);
        }
    }

    /// What a product or a person in its console did and what still stands.
    pub(super) fn product_effect(&mut self, case: &CaseId, taken: &Taken) -> Option<EffectId> {
        let action = Verb::parse(&taken.action).filter(|it| it.leaves_effect())?;
        let record = self.state.cases.get(case)?;
        let (product, cause) = (record.detection.product.clone(), record.cause.clone());
        let at = taken.at.unwrap_or(record.detection.time);
        let canonical = self.canonical(&taken.target, &product).ok()?.id;
        let id = self.state.effect_id(action, &canonical);
        let known = self.state.effects.get(&id);
        if taken.state == "undone" {
            if known.is_some_and(|it| it.ended.is_none() && it.origin != Origin::Ours) {
                let by = Principal::Product {
                    tenant: self.state.tenant.clone(),
                    product,
                };
                self.record(Entry::EffectEnded {
                    effect: id.clone(),
                    by,
                    why: "given back in the product".to_owned(),
                });
                self.repaired();
            }
            return None;
        }
        if matches!(taken.state.as_str(), "failed" | "pending") {
            return None;
        }
        // one that we gave back stays given back unless the product did it again since
        if known.is_some_and(|it| it.ended.is_none_or(|ended| at <= ended)) {
            return Some(id);
        }
        let origin = if taken.initiative == "person" {
            Origin::Person
        } else {
            Origin::Product
        };
        let assets = self.assets_of(&taken.target, &product);
        let target = taken.target.clone();
        let (order, lease_until, product) = (None, None, Some(product));
        let began = EffectBegan {
            id: id.clone(),
            case: case.clone(),
            cause,
            action,
            target,
            canonical,
            assets,
            origin,
            order,
            product,
            inverse: action.row().inverse,
            lease_until,
            at,
        };
        self.record(Entry::EffectBegan(Box::new(began)));
        Some(id)
    }

    /// An order that gives back is done: the effect is over, whoever had begun it.
    pub(super) fn effect_given_back(&mut self, order: &OrderRecord) {
        let by_order = order.undoes.clone();
        let by_target = order
            .action
            .ends()
            .and_then(|verb| self.state.in_force(verb, &order.canonical))
            .map(|it| it.id.clone());
        let Some(effect) = by_order.or(by_target) else {
            return;
        };
        let by = self
            .state
            .proposals
            .get(&order.proposal)
            .map(|it| it.principal.clone());
        let by = by.unwrap_or_else(|| Principal::Host {
            tenant: self.state.tenant.clone(),
        });
        let why = format!("by order {}", order.id);
        self.effect_over(&effect, by, why, &order.case);
    }

    /// An effect is over: its lease is asked no more, its overreach is repaired, and the cases
    /// that relied on it are evaluated again, but for the one that ended it.
    pub(super) fn effect_over(
        &mut self,
        effect: &EffectId,
        by: Principal,
        why: String,
        ended_in: &CaseId,
    ) {
        let record = self.state.effects.get(effect);
        let ours = record.and_then(|it| it.order.clone());
        let claims = record.map(|it| it.claims.clone()).unwrap_or_default();
        self.record(Entry::EffectEnded {
            effect: effect.clone(),
            by,
            why,
        });
        let led_to_it = ours
            .and_then(|id| self.state.orders.get(&id))
            .map(|it| it.proposal.clone());
        if let Some(proposal) = led_to_it {
            self.move_proposal(&proposal, ProposalState::Ended, "given back");
        }
        self.close_pages(&format!("lease:{effect}"), "given back");
        self.repaired();
        claims
            .iter()
            .filter(|case| *case != ended_in)
            .for_each(|case| self.evaluation_due(case, "effect-ended", self.now));
    }

    /// Overreaches whose effect is over are repaired; their pages close.
    fn repaired(&mut self) {
        let over: Vec<_> = self
            .state
            .overreaches
            .values()
            .filter(|it| {
                it.repaired.is_none()
                    && self
                        .state
                        .effects
                        .get(&it.effect)
                        .is_some_and(|effect| effect.ended.is_some())
            })
            .map(|it| it.id.clone())
            .collect();
        for overreach in over {
            let cause = self
                .state
                .overreaches
                .get(&overreach)
                .map(|it| it.cause.clone());
            self.record(Entry::OverreachRepaired { overreach });
            if let Some(cause) = cause {
                self.close_overreach_page(&cause, "given back");
            }
        }
    }

    /// Closes the page of a cause once each of its overreaches was seen or is given back.
    pub(super) fn close_overreach_page(&mut self, cause: &CauseId, why: &str) {
        let open = self
            .state
            .overreaches
            .values()
            .any(|it| it.cause == *cause && it.acknowledged.is_none() && it.repaired.is_none());
        if !open {
            self.close_pages(&format!("overreach:{cause}"), why);
        }
    }

    /// Proposes the inverse of an effect. It is judged like everything else.
    pub fn give_back(
        &mut self,
        effect: &EffectId,
        case: &CaseId,
        principal: &Principal,
        plugin: Option<&PluginRef>,
        why: &str,
    ) -> Option<ProposalId> {
        let record = self
            .state
            .effects
            .get(effect)
            .filter(|it| it.ended.is_none())?
            .clone();
        let inverse = record.inverse?;
        let under_way = self.state.proposals.values().find(|it| {
            it.restores.as_ref() == Some(effect)
                && it.principal == *principal
                && matches!(it.state, ProposalState::Held | ProposalState::Ordered)
        });
        if let Some(known) = under_way {
            return Some(known.id.clone());
        }
        let proposal = Proposal {
            key: Key::new(format!("give-back:{effect}")),
            bundle: None,
            action: inverse,
            target: record.target.clone(),
            arguments: Vec::new(),
            rationale: why.to_owned(),
            evidence: Vec::new(),
            lease_s: None,
        };
        let ids = self.propose(case, principal, plugin, vec![proposal])?;
        self.judge(&ids, Vec::new());
        ids.first().cloned()
    }

    /// A lease has ended: people are asked, and the host gives back where the guards let it.
    pub(super) fn lease_ended(&mut self, effect: &EffectRecord) {
        let Some(case) = effect.claims.iter().next().cloned() else {
            return;
        };
        self.record(Entry::LeaseAsked {
            effect: effect.id.clone(),
        });
        let principal = Principal::Host {
            tenant: self.state.tenant.clone(),
        };
        let why = format!(
            "the lease of {} on {} has ended",
            effect.action,
            effect.target.label()
        );
        let proposal = self.give_back(&effect.id, &case, &principal, None, &why);
        let held = proposal
            .and_then(|id| self.state.proposals.get(&id))
            .is_none_or(|it| it.state != ProposalState::Ordered);
        if held {
            let text = format!("{why}; it stays in force until somebody renews or ends it");
            self.page(
                "lease",
                &format!("lease:{}", effect.id),
                Some(&case),
                &why,
                &text,
                self.book.page_repeat_s,
            );
        }
    }
}
