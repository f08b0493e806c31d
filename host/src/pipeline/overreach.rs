//! What another product did is judged like a proposal, as if the mode were `enforce`: where our
//! guards would have stood against it, it is an overreach, and somebody is told until they say
//! that they have seen it.
//!
//! Drift is the other half: a product whose policy acts by itself where we are set to hold.

use super::tx::Tx;
use crate::journal::entry::{Entry, OverreachFound};
use crate::model::{
    CaseId, Digest, EffectId, Finding, Key, Millis, Mode, OverreachId, Principal, Proposal, Taken,
    Verb,
};

/// LIMIT: design section 3. What is older is history, not an incident.
const AGE_MAX_MS: u64 = Millis::DAY;

impl Tx<'_> {
    /// Judges everything that the alert says was done already.
    pub(super) fn judge_taken(&mut self, case: &CaseId) {
        let Some(record) = self.state.cases.get(case) else {
            return;
        };
        let taken = record.detection.taken.clone();
        for taken in &taken {
            let effect = self.product_effect(case, taken);
            if let Some(effect) = effect {
                self.judge_one(case, taken, &effect);
            }
        }
        self.see_drift(case);
    }

    fn judge_one(&mut self, case: &CaseId, taken: &Taken, effect: &EffectId) {
        let Some(record) = self.state.cases.get(case) else {
            return;
        };
        let product = record.detection.product.clone();
        let at = taken.at.unwrap_or(record.detection.time);
        // an initiative that nobody can tell is judged like the policy's: seeing fails open
        let by_person = taken.initiative == "person";
        let known = self
            .state
            .overreaches
            .values()
            .any(|it| it.effect == *effect && it.at == taken.at);
        let Some(action) = Verb::parse(&taken.action).filter(|it| it.takes_away()) else {
            return;
        };
        if by_person || known || self.now.since(at) > AGE_MAX_MS {
            return;
        }
        let principal = Principal::Product {
            tenant: self.state.tenant.clone(),
            product: product.clone(),
        };
        let proposal = Proposal {
            key: Key::from("taken"),
            bundle: None,
            action,
            target: taken.target.clone(),
            arguments: Vec::new(),
            rationale: String::new(),
            evidence: Vec::new(),
            lease_s: None,
        };
        let Ok(assessed) = self.assess(case, &principal, &proposal, None) else {
            return;
        };
        let requests = [assessed.request];
        let answer = self.book.guards.answer(&requests);
        let stood_against = self.book.guards.overreach(&answer);
        if answer.finding == Finding::Execute || stood_against.is_empty() {
            return;
        }
        let [request] = requests;
        let Some(record) = self.state.cases.get(case) else {
            return;
        };
        let id = Digest::of_parts([
            effect.as_str().as_bytes(),
            &at.0.to_be_bytes(),
            case.as_str().as_bytes(),
        ]);
        let found = OverreachFound {
            id: OverreachId::new(format!("overreach-{}", id.short())),
            case: case.clone(),
            cause: record.cause.clone(),
            product: product.clone(),
            action,
            target: taken.target.clone(),
            effect: effect.clone(),
            at: taken.at,
            stood_against: stood_against.clone(),
            finding: answer.finding,
            against: answer.against.clone(),
            request,
            guards: self.book.guards.digest().clone(),
        };
        let key = format!("overreach:{}", record.cause);
        let subject = format!(
            "{product} took {action} on {} against {}",
            taken.target.label(),
            stood_against.into_iter().collect::<Vec<_>>().join(", ")
        );
        self.record(Entry::OverreachFound(Box::new(found)));
        let text = super::judge::reasons(&answer.against);
        self.page(
            "overreach",
            &key,
            Some(case),
            &subject,
            &text,
            self.book.page_repeat_s,
        );
    }

    /// The product's policy acts by itself where our group is set to hold or observe.
    fn see_drift(&mut self, case: &CaseId) {
        let Some(record) = self.state.cases.get(case) else {
            return;
        };
        let mode = |name: &str| record.detection.attribute(name);
        let now = mode("countersign.control.mode_now").filter(|it| *it != "unknown");
        let product_mode = now
            .or_else(|| mode("countersign.control.mode_at_detection"))
            .unwrap_or("unknown")
            .to_owned();
        let our_mode = self.mode_of_assets(&record.assets);
        if product_mode != "protect" || our_mode == Mode::Enforce {
            return;
        }
        let entry = Entry::DriftSeen {
            case: case.clone(),
            asset: record.assets.first().cloned(),
            product: record.detection.product.clone(),
            product_mode,
            our_mode: our_mode.as_str().to_owned(),
        };
        self.record(entry);
    }
}
