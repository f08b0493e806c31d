//! The questions that other stages ask of the guards.
//!
//! INVARIANT: whatever went wrong while asking, the answer is no, and says what went wrong.
//!
//! Proposals that make sense only together are decided once: permitted if each of them is.

use super::finding::{Answer, Finding, Permit};
use super::question::Question;
use super::search::{Found, Glass, ask_each, plain, quick};
use super::set::Guards;
use super::store::Check;
use crate::model::{Approvals, Request};

impl Guards {
    /// Whether it is permitted with exactly these approvals: asked at each vote, and again in the
    /// transaction that claims the order. Every guard is asked, not only those that spoke before.
    pub fn permits(&self, all: &[Request], with: &Approvals) -> Permit {
        let questions = questions(self, all);
        match questions.and_then(|it| ask_each(&it, with, |q| Ok(&q.guards.whole))) {
            Ok(said) => Permit {
                allowed: said.allowed,
                against: self.reasons(if said.allowed { &[] } else { &said.ids }),
                by: self.reasons(if said.allowed { &said.ids } else { &[] }),
                errors: vec![],
            },
            Err(errors) => Permit {
                allowed: false,
                against: vec![],
                by: vec![],
                errors,
            },
        }
    }

    /// What the guards say, with the least people who could open it. A bundle is decided once.
    /// Any evaluation error is `refuse`, and `errors` says which: an alarm.
    pub fn answer(&self, all: &[Request]) -> Answer {
        self.told(questions(self, all).and_then(|it| quick(&it)))
    }

    /// The same where a lead breaks the glass. It replaces the owner, never a second person.
    pub fn in_emergency(&self, all: &[Request]) -> Answer {
        self.search(all, Glass::Broken)
    }

    /// The definition that `answer` must agree with.
    pub(super) fn by_definition(&self, all: &[Request]) -> Answer {
        self.search(all, Glass::Whole)
    }

    fn search(&self, all: &[Request], glass: Glass) -> Answer {
        self.told(questions(self, all).and_then(|it| plain(&it, glass)))
    }

    fn told(&self, found: Result<Found, Vec<String>>) -> Answer {
        match found {
            Ok(found) => Answer {
                finding: found.finding,
                against: self.reasons(&found.against),
                by: self.reasons(&found.by),
                errors: vec![],
                evaluations: found.evaluations,
            },
            // INVARIANT: whatever went wrong while asking, the answer is no
            Err(errors) => Answer {
                finding: Finding::Refuse,
                against: vec![],
                by: vec![],
                errors,
                evaluations: 0,
            },
        }
    }
}

fn questions<'a>(guards: &'a Guards, all: &'a [Request]) -> Result<Vec<Question<'a>>, Vec<String>> {
    let mut tenants = all.iter().map(|it| &it.resource.tenant);
    let Some(first) = tenants.next() else {
        return Err(vec!["CS-guard-20: nothing was asked".to_owned()]);
    };
    if tenants.any(|it| it != first) {
        return Err(vec![
            "CS-guard-20: a bundle reaches targets of two tenants".to_owned(),
        ]);
    }
    let made = all.iter().map(|it| Question::new(guards, it, Check::No));
    made.collect::<Result<_, _>>().map_err(|e| vec![e])
}
