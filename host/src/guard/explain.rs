//! Why, what it would take, and what could be done instead without anybody.
//!
//! A person who is asked at night decides by this text, so it says everything that stood
//! against, never only the first; and next to what it takes, what needs nobody.

use super::finding::{Alternative, Answer, Finding, Reason};
use super::impact::{ImpactInput, impact};
use super::set::Guards;
use crate::model::{Approvals, Impact, Principal, Request, Verb};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};

/// One request, and what its impact is counted from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Asked {
    /// The request; `facts.impact` is what the guards compare.
    pub request: Request,
    /// What that impact adds up from.
    pub impact: ImpactInput,
}

/// One request of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Explained {
    /// Who asks. Text from outside where it names a plugin or product: shown inert.
    pub by: String,
    /// Whether it has acted already: another product, judged afterwards.
    pub acted: bool,
    /// For what.
    pub action: Verb,
    /// On what: the canonical target. Text from outside: shown inert.
    pub target: String,
    /// What acting may cost.
    pub impact: Impact,
}

/// An answer in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Explanation {
    /// What was asked: one request, or a bundle decided once.
    pub requests: Vec<Explained>,
    /// What the guards say.
    pub finding: Finding,
    /// Everything that stands against it with nobody approving.
    pub against: Vec<Reason>,
    /// The grants that carry it. Where nothing stands against it and it is still held, these
    /// are what people open.
    pub by: Vec<Reason>,
    /// The least people, where it is held.
    pub takes: Option<Approvals>,
    /// What it takes once a lead broke the glass, where that differs.
    pub emergency: Option<Finding>,
    /// Less intrusive actions on the same target, strongest first; none for a bundle.
    pub alternatives: Vec<Alternative>,
    /// Of a product's action: what it reached over.
    pub overreach: BTreeSet<String>,
    /// Evaluation errors: each is an alarm.
    pub errors: Vec<String>,
}

/// Asks the guards and says it in words.
pub fn explain(guards: &Guards, asked: &[Asked]) -> Explanation {
    let requests: Vec<Request> = asked.iter().map(|it| it.request.clone()).collect();
    let answer = guards.answer(&requests);
    let takes = match &answer.finding {
        Finding::Hold(people) => Some(people.clone()),
        Finding::Execute | Finding::Refuse => None,
    };
    let emergency = takes
        .as_ref()
        .and_then(|people| emergency(guards, &requests, people));
    let alternatives = match asked {
        [one] if answer.finding != Finding::Execute => {
            guards.alternatives(&one.request, &one.impact)
        }
        _ => vec![],
    };
    Explanation {
        requests: asked.iter().map(explained).collect(),
        overreach: overreach(guards, &requests, &answer),
        finding: answer.finding,
        against: answer.against,
        by: answer.by,
        takes,
        emergency,
        alternatives,
        errors: answer.errors,
    }
}

fn explained(it: &Asked) -> Explained {
    Explained {
        by: it.request.principal.label(),
        acted: matches!(it.request.principal, Principal::Product { .. }),
        action: it.request.action,
        target: format!("{} {}", it.request.resource.kind, it.request.resource.id),
        impact: impact(&it.impact),
    }
}

fn emergency(guards: &Guards, requests: &[Request], usual: &Approvals) -> Option<Finding> {
    let finding = guards.in_emergency(requests).finding;
    match &finding {
        Finding::Hold(it) => {
            let same =
                it.count == usual.count && it.roles == usual.roles && it.people == usual.people;
            (!same).then_some(finding)
        }
        Finding::Execute | Finding::Refuse => Some(finding),
    }
}

fn overreach(guards: &Guards, requests: &[Request], answer: &Answer) -> BTreeSet<String> {
    let product = |it: &Request| matches!(it.principal, Principal::Product { .. });
    if requests.iter().any(product) {
        guards.overreach(answer)
    } else {
        BTreeSet::new()
    }
}

impl Explanation {
    /// The strongest action on the same target that needs nobody.
    pub fn without_anybody(&self) -> Option<&Alternative> {
        self.alternatives
            .iter()
            .find(|it| it.finding == Finding::Execute)
    }
}

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for it in &self.requests {
            let wants = if it.acted { "did" } else { "wants" };
            writeln!(f, "{} {wants} {} on {}", it.by, it.action, it.target)?;
        }
        writeln!(f, "  {}", self.finding)?;
        for error in &self.errors {
            writeln!(f, "  error: {error}")?;
        }
        self.write_reasons(f)?;
        self.write_ways(f)?;
        self.requests.iter().try_for_each(|it| write_impact(f, it))
    }
}

impl Explanation {
    fn write_reasons(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for it in &self.against {
            let floor = if it.floor {
                " (nobody can open it)"
            } else {
                ""
            };
            writeln!(f, "  against: {} [{}]{floor}", it.reason, it.id)?;
            if let Some(advice) = &it.advice {
                writeln!(f, "           {advice}")?;
            }
        }
        let held = self.against.is_empty() && self.takes.is_some();
        for it in self.by.iter().filter(|_| held) {
            writeln!(
                f,
                "  nothing permits it with nobody; people open: {} [{}]",
                it.reason, it.id
            )?;
        }
        if !self.overreach.is_empty() {
            let tags: Vec<&str> = self.overreach.iter().map(String::as_str).collect();
            writeln!(f, "  overreach: {}", tags.join(", "))?;
        }
        Ok(())
    }

    fn write_ways(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if let Some(people) = &self.takes {
            writeln!(f, "  it takes: {people}")?;
        }
        match &self.emergency {
            Some(Finding::Hold(people)) => writeln!(f, "  in an emergency: {people}")?,
            Some(other) => writeln!(f, "  in an emergency: {other}")?,
            None => {}
        }
        if self.finding == Finding::Execute || self.requests.len() != 1 {
            return Ok(());
        }
        match self.without_anybody() {
            Some(it) => writeln!(f, "  without anybody: {} (impact {})", it.action, it.impact),
            None => writeln!(f, "  without anybody: nothing on this target"),
        }
    }
}

fn write_impact(f: &mut Formatter<'_>, it: &Explained) -> std::fmt::Result {
    let sum: i64 = it.impact.lines.iter().map(|line| line.points).sum();
    write!(f, "  impact of {}: {}", it.action, it.impact.total)?;
    if sum > it.impact.total {
        write!(f, " (adds up to {sum}, and 100 is the most)")?;
    }
    writeln!(f)?;
    for line in &it.impact.lines {
        writeln!(f, "    {:>3}  {}", line.points, line.what)?;
    }
    Ok(())
}
