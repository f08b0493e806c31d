//! Effects in force, overreaches and drift.

use crate::inventory::{lineage, software_at};
use crate::journal::entry::{Answered, EffectBegan, Entry, OverreachFound};
use crate::journal::state::{
    Denial, DriftRecord, EffectRecord, LineageRecord, OverreachRecord, State,
};
use crate::model::{AssetId, CaseId, EffectId, Millis, Origin, OverreachId, Principal};
use std::collections::BTreeSet;

impl State {
    pub(super) fn apply_effect(&mut self, at: Millis, entry: &Entry) {
        match entry {
            Entry::EffectBegan(began) => self.effect_began(began),
            Entry::EffectClaimed { effect, case } => self.with_effect(effect, |record| {
                record.claims.insert(case.clone());
            }),
            Entry::LeaseSet { effect, until, .. } => self.with_effect(effect, |record| {
                record.lease_until = *until;
                record.lease_asked = None;
            }),
            Entry::LeaseAsked { effect } => {
                self.with_effect(effect, |record| record.lease_asked = Some(at))
            }
            Entry::EffectEnded { effect, by, why } => {
                self.with_effect(effect, |record| {
                    record.ended = Some(at);
                    record.ended_by = Some(by.label());
                    record.why.clone_from(why);
                });
                if matches!(by, Principal::Person { .. }) {
                    self.released(effect);
                }
            }
            Entry::OverreachFound(found) => self.overreach_found(at, found),
            Entry::OverreachAcknowledged {
                overreach,
                person,
                comment,
            } => {
                let seen = Denial {
                    person: person.clone(),
                    at,
                    comment: comment.clone(),
                };
                self.with_overreach(overreach, |record| record.acknowledged = Some(seen));
            }
            Entry::OverreachRepaired { overreach } => {
                self.with_overreach(overreach, |record| record.repaired = Some(at))
            }
            Entry::DriftSeen {
                asset,
                product,
                product_mode,
                our_mode,
                case,
            } => {
                self.drift(at, (asset.as_ref(), case), product, product_mode, our_mode);
            }
            _ => {}
        }
    }

    fn with_effect(&mut self, id: &EffectId, change: impl FnOnce(&mut EffectRecord)) {
        if let Some(record) = self.effects.get_mut(id) {
            change(record);
            self.touch("effect", id);
        }
    }

    fn with_overreach(&mut self, id: &OverreachId, change: impl FnOnce(&mut OverreachRecord)) {
        if let Some(record) = self.overreaches.get_mut(id) {
            change(record);
            self.touch("overreach", id);
        }
    }

    fn effect_began(&mut self, began: &EffectBegan) {
        // what giving back needs is in the last receipt of the order that did it
        let receipt = began
            .order
            .as_ref()
            .and_then(|id| self.orders.get(id))
            .and_then(|order| {
                order.answers.iter().rev().find_map(|it| match &it.answer {
                    Answered::Receipt(receipt)
                        if receipt.reference.is_some() || !receipt.attributes.is_empty() =>
                    {
                        Some(receipt.clone())
                    }
                    _ => None,
                })
            });
        let (reference, attributes) =
            receipt.map_or((None, Vec::new()), |it| (it.reference, it.attributes));
        let record = EffectRecord {
            id: began.id.clone(),
            action: began.action,
            target: began.target.clone(),
            canonical: began.canonical.clone(),
            cause: began.cause.clone(),
            assets: began.assets.clone(),
            origin: began.origin,
            claims: BTreeSet::from([began.case.clone()]),
            since: began.at,
            order: began.order.clone(),
            product: began.product.clone(),
            reference,
            attributes,
            inverse: began.inverse,
            lease_until: began.lease_until,
            lease_asked: None,
            ended: None,
            ended_by: None,
            why: String::new(),
        };
        self.effects.insert(began.id.clone(), record);
        self.touch("effect", &began.id);
    }

    /// A person gave it back: that is a word on the software, whoever took it.
    fn released(&mut self, effect: &EffectId) {
        let Some(record) = self.effects.get(effect) else {
            return;
        };
        if record.origin == Origin::Person {
            return;
        }
        let case = record
            .claims
            .iter()
            .next()
            .and_then(|id| self.cases.get(id));
        let software = case.and_then(|case| software_at(&case.detection, &record.target));
        let Some(lineage) = software.as_ref().and_then(lineage).map(|it| it.to_string()) else {
            return;
        };
        let said = self
            .lineages
            .entry(lineage.clone())
            .or_insert_with(|| LineageRecord::new(&lineage));
        said.released = said.released.saturating_add(1);
        self.touch("lineage", &lineage);
    }

    fn overreach_found(&mut self, at: Millis, found: &OverreachFound) {
        let record = OverreachRecord {
            id: found.id.clone(),
            case: found.case.clone(),
            cause: found.cause.clone(),
            product: found.product.clone(),
            action: found.action,
            target: found.target.clone(),
            effect: found.effect.clone(),
            at: found.at,
            found: at,
            stood_against: found.stood_against.clone(),
            finding: found.finding.clone(),
            against: found.against.clone(),
            request: found.request.clone(),
            guards: found.guards.clone(),
            acknowledged: None,
            repaired: None,
        };
        self.overreaches.insert(found.id.clone(), record);
        self.touch("overreach", &found.id);
        self.with_case(at, &found.case, |case| {
            case.overreach.extend(found.stood_against.iter().cloned())
        });
    }

    fn drift(
        &mut self,
        at: Millis,
        (asset, case): (Option<&AssetId>, &CaseId),
        product: &str,
        product_mode: &str,
        our_mode: &str,
    ) {
        let place = asset.map_or_else(|| case.0.clone(), |asset| asset.0.clone());
        let id = format!("{place}/{product}");
        let record = self
            .drifts
            .entry(id.clone())
            .or_insert_with(|| DriftRecord {
                id: id.clone(),
                asset: asset.cloned(),
                product: product.to_owned(),
                product_mode: String::new(),
                our_mode: String::new(),
                first: at,
                last: at,
                cases: 0,
            });
        record.product_mode = product_mode.to_owned();
        record.our_mode = our_mode.to_owned();
        record.last = at;
        record.cases = record.cases.saturating_add(1);
        self.touch("drift", &id);
    }
}
