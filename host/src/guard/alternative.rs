//! What could be done to the same target instead, taking less away.
//!
//! A hold that only says no makes people approve in a hurry. So each less intrusive action is
//! asked about as well, with its own impact, and the strongest that needs nobody is shown.

use super::finding::Alternative;
use super::impact::{ImpactInput, impact};
use super::naming;
use super::set::Guards;
use crate::model::{Effect, Request, Verb};
use std::cmp::Reverse;

impl Guards {
    /// Every action on the same target that takes less away (or only looks), strongest first.
    /// `impact_input` is that of the request.
    pub fn alternatives(&self, request: &Request, impact_input: &ImpactInput) -> Vec<Alternative> {
        self.less(request, |verb| impact(&impact_input.for_action(verb)).total)
    }

    /// The same, with the impact of each action given.
    pub(super) fn less(&self, request: &Request, impact: impl Fn(Verb) -> i64) -> Vec<Alternative> {
        let mut verbs: Vec<Verb> = Verb::TABLE
            .iter()
            .filter(|row| matches!(row.effect, Effect::TakesAway | Effect::Inspects))
            .map(|row| row.verb)
            .filter(|verb| weight(*verb) < weight(request.action) && self.knows(request, *verb))
            .collect();
        verbs.sort_by_key(|verb| Reverse((weight(*verb), verb.as_str())));
        verbs
            .into_iter()
            .map(|action| {
                let mut other = request.clone();
                other.action = action;
                other.facts.impact = impact(action);
                let answer = self.answer(std::slice::from_ref(&other));
                Alternative {
                    action,
                    impact: other.facts.impact,
                    finding: answer.finding,
                }
            })
            .collect()
    }

    /// Whether that action may be asked for by this principal on this kind of target.
    fn knows(&self, request: &Request, verb: Verb) -> bool {
        let by = naming::principal(&request.principal);
        let on = naming::resource(&request.resource);
        let (Ok(by), Ok(action), Ok(on)) = (by, naming::action(verb), on) else {
            return false;
        };
        let kind = (by.type_name().clone(), action, on.type_name().clone());
        self.by_kind.contains_key(&kind)
    }
}

/// How much an action takes, whatever it is done to.
fn weight(verb: Verb) -> (i64, bool) {
    let row = verb.row();
    (row.intrusiveness, row.loses_state)
}
