//! The least people under whom the guards permit a request or a bundle.
//!
//! `plain` is the definition: start from everybody, leave out one demand at a time. `quick`
//! gives the same answer for a fraction of the cost; scenarios and random cases assert that.
//! Both are right only because more approvals never turn a permission into a refusal
//! (`monotone`, and proved for the baseline).

use super::finding::Finding;
use super::people::{APPROVERS_MAX, Named, People};
use super::question::{Question, Said};
use super::set::Residual;
use crate::model::{Approvals, Role};
use cedar_policy::{PolicyId, PolicySet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether the people searched for break the glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glass {
    Whole,
    Broken,
}

/// What a search found.
pub(super) struct Found {
    pub(super) finding: Finding,
    pub(super) against: Vec<PolicyId>,
    pub(super) by: Vec<PolicyId>,
    pub(super) evaluations: u32,
}

impl Found {
    fn execute(by: Vec<PolicyId>, evaluations: u32) -> Self {
        let finding = Finding::Execute;
        Self {
            finding,
            against: vec![],
            by,
            evaluations,
        }
    }
    fn refuse(against: Vec<PolicyId>, evaluations: u32) -> Self {
        let finding = Finding::Refuse;
        Self {
            finding,
            against,
            by: vec![],
            evaluations,
        }
    }
}

/// Asks each with its own set. Allowed if each is; the ids are the grants of all, or what
/// stands against those that are not.
pub(super) fn ask_each<'q, 'g: 'q>(
    all: &'q [Question<'g>],
    with: &Approvals,
    set: impl Fn(&'q Question<'g>) -> Result<&'q PolicySet, Vec<String>>,
) -> Result<Said, Vec<String>> {
    let (mut grants, mut against, mut allowed) = (vec![], vec![], true);
    for question in all {
        let said = question.ask(set(question)?, with)?;
        if said.allowed {
            grants.extend(said.ids);
        } else {
            allowed = false;
            against.extend(said.ids);
        }
    }
    Ok(Said::of(allowed, if allowed { grants } else { against }))
}

/// The definition.
pub(super) fn plain(all: &[Question<'_>], glass: Glass) -> Result<Found, Vec<String>> {
    let Some(first) = all.first() else {
        return Ok(Found::refuse(vec![], 0));
    };
    let ask = |people: &People| {
        ask_each(all, &people.approvals(first.tenant()), |q| {
            Ok(&q.guards.whole)
        })
    };
    let nobody = ask(&People::default())?;
    if nobody.allowed {
        return Ok(Found::execute(nobody.ids, 1));
    }
    let named = first
        .guards
        .named
        .iter()
        .filter(|it| it.of(first.tenant()).is_some());
    let everybody = People {
        count: APPROVERS_MAX,
        roles: Role::ALL.iter().copied().collect(),
        named: named.cloned().collect(),
        emergency: glass == Glass::Broken,
    };
    descend(first, everybody, nobody.ids, 1, ask)
}

/// The same answer, asking less: only the guards of each kind of request; a floor ends it at
/// once; above "nobody" only the holds that spoke and the permits are asked (a hold silent with
/// nobody stays silent); what the plain holds ask for is known without asking, and mostly it is
/// enough; if not, the descent tries only roles and people that the rest mentions.
pub(super) fn quick(all: &[Question<'_>]) -> Result<Found, Vec<String>> {
    let Some(first) = all.first() else {
        return Ok(Found::refuse(vec![], 0));
    };
    let nobody = Approvals::default();
    let (mut said, mut spoke) = (vec![], vec![]);
    for question in all {
        let one = question.ask(&question.slice()?.all, &nobody)?;
        spoke.push(if one.allowed { vec![] } else { one.ids.clone() });
        said.push(one);
    }
    if said.iter().all(|it| it.allowed) {
        let by = said.into_iter().flat_map(|it| it.ids).collect();
        return Ok(Found::execute(unique(by), 1));
    }
    let against = unique(spoke.iter().flatten().cloned().collect());
    let Some(rest) = residuals(all, &spoke)? else {
        return Ok(Found::refuse(against, 1));
    };
    let mut at_least = People {
        count: 1,
        ..People::default()
    };
    rest.iter().for_each(|it| at_least.join(&it.at_least));
    let ask = |people: &People| ask_rest(all, &rest, people);
    if at_least
        .named
        .iter()
        .all(|it| it.of(first.tenant()).is_some())
    {
        let said = ask(&at_least)?;
        if said.allowed {
            return Ok(Found {
                finding: Finding::Hold(at_least.approvals(first.tenant())),
                against,
                by: said.ids,
                evaluations: 2,
            });
        }
    }
    let found = descend(first, mentioned(first, &rest), against, 2, ask)?;
    // a policy may ask in a way that names no role (`!roles.isEmpty()`): the definition decides
    match found.finding {
        Finding::Refuse => plain(all, Glass::Whole),
        _ => Ok(found),
    }
}

fn residuals(
    all: &[Question<'_>],
    spoke: &[Vec<PolicyId>],
) -> Result<Option<Vec<Arc<Residual>>>, Vec<String>> {
    let mut rest = vec![];
    for (question, ids) in all.iter().zip(spoke) {
        let consent = question.request.facts.consent;
        match question
            .slice()?
            .residual(ids, consent)
            .map_err(|e| vec![e])?
        {
            Some(residual) => rest.push(residual),
            None => return Ok(None),
        }
    }
    Ok(Some(rest))
}

fn ask_rest(
    all: &[Question<'_>],
    rest: &[Arc<Residual>],
    people: &People,
) -> Result<Said, Vec<String>> {
    let (mut grants, mut allowed) = (vec![], true);
    for (question, residual) in all.iter().zip(rest) {
        let said = question.ask(&residual.set, &people.approvals(question.tenant()))?;
        allowed &= said.allowed;
        grants.extend(said.ids);
    }
    Ok(Said::of(allowed, grants))
}

/// Everybody whom the rest mentions: no other can matter to it.
fn mentioned(first: &Question<'_>, rest: &[Arc<Residual>]) -> People {
    let named: BTreeSet<Named> = rest
        .iter()
        .flat_map(|it| it.named.iter().cloned())
        .filter(|it| it.of(first.tenant()).is_some())
        .collect();
    People {
        count: APPROVERS_MAX,
        roles: rest
            .iter()
            .flat_map(|it| it.roles.iter().copied())
            .collect(),
        named,
        emergency: false,
    }
}

/// Leaves out one demand at a time: named people, the owner, the lead, the analyst, the count.
/// Where a guard offers a choice (a lead or the owner), the dearer is dropped first.
fn descend(
    first: &Question<'_>,
    mut people: People,
    against: Vec<PolicyId>,
    mut evaluations: u32,
    ask: impl Fn(&People) -> Result<Said, Vec<String>>,
) -> Result<Found, Vec<String>> {
    let mut ask = |people: &People| {
        evaluations = evaluations.saturating_add(1);
        ask(people)
    };
    let mut best = ask(&people)?;
    if !best.allowed {
        return Ok(Found::refuse(against, evaluations));
    }
    let mut keep = |people: &mut People, fewer: People| -> Result<bool, Vec<String>> {
        let said = ask(&fewer)?;
        if said.allowed {
            *people = fewer;
            best = said;
            return Ok(true);
        }
        Ok(false)
    };
    for name in people.named.clone() {
        let mut fewer = people.clone();
        fewer.named.remove(&name);
        keep(&mut people, fewer)?;
    }
    for role in [Role::Owner, Role::Lead, Role::Analyst] {
        let mut fewer = people.clone();
        if fewer.roles.remove(&role) {
            keep(&mut people, fewer)?;
        }
    }
    let named = i64::try_from(people.named.len()).unwrap_or(i64::MAX);
    for count in named.max(1)..people.count {
        let fewer = People {
            count,
            ..people.clone()
        };
        if keep(&mut people, fewer)? {
            break;
        }
    }
    Ok(Found {
        finding: Finding::Hold(people.approvals(first.tenant())),
        against,
        by: best.ids,
        evaluations,
    })
}

fn unique(mut ids: Vec<PolicyId>) -> Vec<PolicyId> {
    ids.sort();
    ids.dedup();
    ids
}

impl Said {
    fn of(allowed: bool, ids: Vec<PolicyId>) -> Self {
        let ids = unique(ids);
        Self { allowed, ids }
    }
}
