//! By hand: what it would take is shown before anything is proposed. The wish goes through the
//! same guards as a playbook's, and whoever wishes never approves it.

use super::case::choices;
use super::{refused_page, typed};
use crate::console::answer::{page, see};
use crate::console::frame::{Nav, Shell};
use crate::console::parts::chart::waterfall;
use crate::console::parts::reasons::{self, Way};
use crate::console::parts::title::Titled;
use crate::console::parts::{Tone, head, notice};
use crate::console::visitor::Visitor;
use crate::console::words;
use crate::guard::{Asked, Explanation, explain};
use crate::model::{CaseId, Facts, Finding, Key, Principal, Proposal, Target, Verb};
use crate::pipeline::{Refusal, Tx};
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// Which action on which target of the case: `contain-device.0`.
#[derive(Debug, Deserialize)]
pub struct What {
    #[serde(default)]
    what: String,
}

/// What it would take.
struct Answer {
    titled: Titled,
    told: Explanation,
    facts: Facts,
    no_route: Option<String>,
}

fn parse(what: &str) -> Option<(Verb, usize)> {
    let (verb, n) = what.split_once('.')?;
    Some((Verb::parse(verb)?, n.parse().ok()?))
}

fn target(tx: &Tx<'_>, case: &CaseId, verb: Verb, n: usize) -> Result<Target, Refusal> {
    let case = tx
        .state
        .cases
        .get(case)
        .ok_or_else(|| Refusal::not_found("case", case.as_str()))?;
    let found = choices(case)
        .into_iter()
        .find(|it| it.0 == verb && it.1 == n);
    found.map(|it| it.2).ok_or_else(|| {
        Refusal::invalid(
            "CS-api-02",
            "the case does not name this target any more; choose again",
        )
    })
}

fn wish(verb: Verb, target: Target, reason: &str) -> Proposal {
    Proposal {
        key: Key::new(format!("by-hand:{}", uuid::Uuid::now_v7())),
        bundle: None,
        action: verb,
        target,
        arguments: Vec::new(),
        rationale: reason.to_owned(),
        evidence: Vec::new(),
        lease_s: None,
    }
}

/// `GET cases/{id}/propose`.
pub async fn show(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Query(what): Query<What>,
) -> Response {
    let (case, me) = (CaseId::new(id), visitor.me());
    let back = visitor.look.href(&["cases", case.as_str()]);
    let Some((verb, n)) = parse(&what.what) else {
        return see(&back);
    };
    let of = case.clone();
    let asked = visitor.desk().ask(move |tx| {
        let target = target(tx, &of, verb, n)?;
        let principal = Principal::Person {
            tenant: tx.state.tenant.clone(),
            person: me,
        };
        let assessed = tx.assess(&of, &principal, &wish(verb, target.clone(), ""), None);
        let assessed = assessed.map_err(|it| Refusal::invalid("CS-run-07", it))?;
        let one = Asked {
            request: assessed.request.clone(),
            impact: assessed.impact_input.clone(),
        };
        Ok(Answer {
            titled: Titled::one(tx.state, tx.state.cases.get(&of), verb, &target),
            told: explain(&tx.book.guards, &[one]),
            facts: assessed.request.facts,
            no_route: assessed.no_route,
        })
    });
    let shell = visitor.shell();
    match asked.await.and_then(|it| it) {
        Ok(answer) => page(
            StatusCode::OK,
            shell.page_at(
                Nav::Cases,
                "Propose by hand",
                body(&answer, &case, &what.what, &shell),
            ),
        ),
        Err(refusal) => refused_page(&shell, &refusal, &back, ""),
    }
}

fn body(answer: &Answer, case: &CaseId, what: &str, shell: &Shell) -> Markup {
    let look = &shell.look;
    let told = &answer.told;
    let where_ = html! { a href=(look.href(&["cases", case.as_str()])) { "Case" } " / by hand" };
    let impact = told.requests.first().map(|it| &it.impact);
    let ways = told.alternatives.iter().rev().map(|it| Way {
        verb: it.action,
        impact: Some(it.impact),
        finding: it.finding.clone(),
        link: None,
    });
    let ways: Vec<Way> = ways.collect();
    html! {
        (head(where_, html! { (answer.titled.markup()) }, html! { "Nothing has been proposed yet. This is what it would take, judged just now." }))
        div.case2 {
            section.decide id="decide" aria-labelledby="dh" {
                header { h2 id="dh" { "Propose it" } }
                div.in {
                    p.say { (takes(&told.finding)) }
                    @if let Some(why) = &answer.no_route { p.amber-t { (crate::console::outside::plain(why)) } }
                    p.hint { "You propose it, so somebody else approves it where approvals are needed." }
                    form method="post" action=(look.href(&["cases", case.as_str(), "propose"])) {
                        button disabled hidden {}
                        input type="hidden" name="what" value=(what);
                        div.field { p.both { label for="reason" { "Reason" } " " span.hint { "required, kept in the journal" } } textarea id="reason" name="reason" required maxlength="2000" autocomplete="off" {} }
                        div.two { button.btn { "Propose" } a.btn href=(look.href(&["cases", case.as_str()])) { "Do not" } }
                    }
                }
            }
            div.first {
                section.block aria-labelledby="g" { h2 id="g" { "Guards that decide" } (reasons::list(&told.against)) @if told.against.is_empty() { p.hint { "None stands against it." } } }
                @if let Some(impact) = impact { section.block aria-labelledby="i" { h2 id="i" { "Impact " (impact.total) } (waterfall(impact, answer.facts.threshold)) } }
                @if !ways.is_empty() { section.block aria-labelledby="w" { h2 id="w" { "Less intrusive" } (reasons::ways(&ways)) } }
            }
        }
    }
}

fn takes(finding: &Finding) -> Markup {
    match finding {
        Finding::Execute => notice(
            Tone::Amber,
            html! { p { b { "It would run at once." } " No guard asks for anybody else." } },
        ),
        Finding::Hold(people) => html! { "It would be held for " b { (words::needs(people)) } "." },
        Finding::Refuse => notice(
            Tone::Amber,
            html! { p { b { "It would be refused," } " whoever approves." } },
        ),
    }
}

/// A person's own proposal.
#[derive(Debug, Deserialize)]
pub struct Wish {
    what: String,
    #[serde(default)]
    reason: String,
}

/// `POST cases/{id}/propose`.
pub async fn propose(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<Wish>,
) -> Response {
    let (case, me, reason) = (CaseId::new(id), visitor.me(), typed(&sent.reason));
    let back = visitor.look.href(&["cases", case.as_str()]);
    let (Some((verb, n)), false) = (parse(&sent.what), reason.is_empty()) else {
        let refusal = Refusal::invalid(
            "CS-api-02",
            "a proposal by hand needs an action and a reason",
        );
        return refused_page(&visitor.shell(), &refusal, &back, &reason);
    };
    let why = reason.clone();
    let made = visitor.desk().ask(move |tx| {
        let target = target(tx, &case, verb, n)?;
        tx.create_proposal(&case, &me, wish(verb, target, &why))
    });
    match made.await.and_then(|it| it) {
        Ok(id) => see(&visitor.look.href(&["proposals", id.as_str()])),
        Err(refusal) => refused_page(&visitor.shell(), &refusal, &back, &reason),
    }
}
