//! Effects: what is changed in the environment now, by cause: who made it, since when, when its
//! lease asks or gives back, and the way to give it back.

use super::{refused_page, typed};
use crate::console::answer::{page, see};
use crate::console::frame::{Nav, Shell};
use crate::console::look::{Look, span};
use crate::console::outside::{self, Outside};
use crate::console::pages::held::cause_name;
use crate::console::parts::chart::deadline;
use crate::console::parts::title::Titled;
use crate::console::parts::{count, scroll};
use crate::console::visitor::Visitor;
use crate::console::words;
use crate::journal::entry::ProposalState;
use crate::journal::state::{EffectRecord, State as Tenant};
use crate::model::{CauseId, EffectId, Millis, Origin, ProposalId, Verb};
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One effect.
pub struct Row {
    effect: EffectRecord,
    titled: Titled,
    asset: Option<String>,
    giving_back: Option<ProposalId>,
}

/// The effects of one cause.
pub struct Group {
    cause: CauseId,
    overreach: Option<crate::model::OverreachId>,
    rows: Vec<Row>,
}

/// `GET effects`.
pub async fn show(visitor: Visitor) -> Response {
    let (shell, (groups, total)) = visitor.read(gather);
    page(
        StatusCode::OK,
        shell.page_at(
            Nav::Effects,
            "Effects in force",
            body(&groups, total, &shell),
        ),
    )
}

/// Reads what is in force, by cause.
pub fn gather(tenant: &Tenant) -> (Vec<Group>, usize) {
    let mut groups: BTreeMap<CauseId, Vec<Row>> = BTreeMap::new();
    let mut total = 0_usize;
    for effect in tenant.effects.values().filter(|it| it.ended.is_none()) {
        total += 1;
        if total > super::ROWS_MAX * 5 {
            continue;
        }
        groups
            .entry(effect.cause.clone())
            .or_default()
            .push(row(tenant, effect));
    }
    let open = |cause: &CauseId| {
        tenant
            .overreaches
            .values()
            .find(|it| it.cause == *cause && it.repaired.is_none())
            .map(|it| it.id.clone())
    };
    let mut all: Vec<Group> = groups
        .into_iter()
        .map(|(cause, rows)| Group {
            overreach: open(&cause),
            cause,
            rows,
        })
        .collect();
    for group in &mut all {
        group
            .rows
            .sort_by(|a, b| (&a.asset, a.effect.since).cmp(&(&b.asset, b.effect.since)));
    }
    all.sort_by_key(|it| {
        let soonest = it
            .rows
            .iter()
            .map(|it| it.effect.lease_until.unwrap_or(Millis(u64::MAX)))
            .min();
        (it.overreach.is_none(), soonest)
    });
    (all, total)
}

fn row(tenant: &Tenant, effect: &EffectRecord) -> Row {
    let case = effect
        .claims
        .iter()
        .next()
        .and_then(|id| tenant.cases.get(id));
    let open = |it: &&crate::journal::state::ProposalRecord| {
        it.restores.as_ref() == Some(&effect.id)
            && matches!(it.state, ProposalState::Held | ProposalState::Ordered)
    };
    Row {
        titled: Titled::one(tenant, case, effect.action, &effect.target),
        asset: effect
            .assets
            .first()
            .and_then(|it| tenant.inventory.asset(it))
            .map(|it| it.name.clone()),
        giving_back: tenant.proposals.values().find(open).map(|it| it.id.clone()),
        effect: effect.clone(),
    }
}

/// The page without its frame.
pub fn body(groups: &[Group], total: usize, shell: &Shell) -> Markup {
    let look = &shell.look;
    html! {
        header.head { h1 { (count(total, "effect in force", "effects in force")) } p.why { "What is changed in the environment right now, by us or by another product, confirmed by status. A lease that ends asks; it gives back by itself only where that is said." } }
        @for (n, group) in groups.iter().enumerate() { (of_cause(group, n, look)) }
    }
}

fn of_cause(group: &Group, n: usize, look: &Look) -> Markup {
    let id = format!("e{n}");
    let ours = group.rows.iter().filter(|it| can_end(it)).count();
    html! {
        section.block aria-labelledby=(id) {
            h2 id=(id) { @for row in group.rows.iter().take(1) { (Outside(&outside::thing(&row.titled.target))) " " } "cause " (cause_name(&group.cause)) @if group.overreach.is_some() { " " span.tag.red { "overreach" } } }
            p.sub {
                a href=(look.href(&["causes", group.cause.as_str()])) { "The cause" }
                @if let Some(id) = &group.overreach { " \u{a0} " a href=(look.href(&["overreaches", id.as_str()])) { "Taken against our guards: the repair" } }
            }
            @if ours > 1 {
                details { summary { "Give back all " (ours) " of this cause" }
                    form.gap method="post" action=(look.href(&["causes", group.cause.as_str(), "end"])) {
                        button disabled hidden {}
                        p.hint { "This proposes the inverse for each, in your name; each is judged, and somebody else approves where that is needed." }
                        div.field { label for=(format!("{id}-all")) { "Reason" } input type="text" id=(format!("{id}-all")) name="comment" required maxlength="500" autocomplete="off"; }
                        p.gap { button.btn.small { "Propose to give back " (ours) } }
                    }
                }
            }
            (scroll("Effects of this cause", html! {
                table.grid-t.eff {
                    thead { tr { th scope="col" { "In force" } th scope="col" { "Asset" } th scope="col" { "Made by" } th scope="col" { "Since" } th scope="col" { "Lease" } th scope="col" { span.vh { "Act" } } } }
                    tbody { @for row in &group.rows { (one(row, look)) } }
                }
            }))
        }
    }
}

fn can_end(row: &Row) -> bool {
    row.effect.inverse.is_some()
        && row.giving_back.is_none()
        && row.effect.origin != Origin::Product
}

fn one(row: &Row, look: &Look) -> Markup {
    let it = &row.effect;
    html! {
        tr id=(it.id.as_str()) {
            td { b { (words::in_force(it.action)) } span.hint { (row.titled.on()) } }
            td { @match &row.asset { Some(name) => (outside::asset(name)), None => "none" } }
            td { @match it.origin { Origin::Ours => "Countersign", Origin::Person => "a person, by hand", Origin::Product => (Outside(it.product.as_deref().unwrap_or("a product"))), Origin::Unknown => "unknown" } }
            td.nowrap { (look.time(it.since)) }
            td { (lease(it, look)) }
            td.acts { (acts(row, look)) }
        }
    }
}

/// Which leases give back by themselves, and which ask.
fn gives_back_by_itself(verb: Verb) -> bool {
    matches!(verb, Verb::BlockAddress | Verb::BlockDomain)
}

fn lease(it: &EffectRecord, look: &Look) -> Markup {
    match (it.lease_until, it.lease_asked) {
        (Some(_), Some(at)) => {
            html! { b.amber-t { "has ended: asks" } span.hint { "since " (look.time(at)) } }
        }
        (Some(until), None) => {
            let left = until.since(look.now);
            let soon = left < 15 * 60 * 1000;
            let verb = if gives_back_by_itself(it.action) {
                "gives back"
            } else {
                "asks"
            };
            html! { b.amber-t[soon] { (verb) " in " (span(left)) } span.hint { (look.time(until)) } (deadline(it.since, until, look.now)) }
        }
        (None, _) => {
            html! { span.hint { @if it.origin == Origin::Product { "none: not ours" } @else { "none: kept until given back" } } }
        }
    }
}

fn acts(row: &Row, look: &Look) -> Markup {
    let it = &row.effect;
    if let Some(id) = &row.giving_back {
        return html! { a.btn.small href=(look.href(&["proposals", id.as_str()])) { "Giving back: look" } };
    }
    html! {
        details.act { summary.btn.small { @if it.lease_until.is_some() { "Give back, or renew" } @else { "Give back" } span.vh { " " (row.titled.markup()) } }
            @if it.inverse.is_some() {
                form method="post" action=(look.href(&["effects", it.id.as_str(), "end"])) {
                    button disabled hidden {}
                    div.field { label for=(format!("end-{}", it.id)) { "Reason" } input type="text" id=(format!("end-{}", it.id)) name="comment" required maxlength="500" autocomplete="off"; }
                    p { button.btn.small { "Propose to give it back" } }
                }
            } @else { p.hint { "Nothing gives this back by itself: it has to be done by hand." } }
            @if it.lease_until.is_some() {
                form method="post" action=(look.href(&["effects", it.id.as_str(), "renew"])) {
                    button disabled hidden {}
                    div.field { label for=(format!("renew-{}", it.id)) { "Renew for" } select id=(format!("renew-{}", it.id)) name="seconds" { option value="3600" { "1 h" } option value="14400" { "4 h" } option value="86400" { "24 h" } option value="604800" { "7 days" } } }
                    div.field { label for=(format!("why-{}", it.id)) { "Reason" } input type="text" id=(format!("why-{}", it.id)) name="comment" required maxlength="500" autocomplete="off"; }
                    p { button.btn.small { "Renew" } }
                }
            }
        }
    }
}

/// How long, and why.
#[derive(Debug, Deserialize)]
pub struct Renewal {
    seconds: u32,
    #[serde(default)]
    comment: String,
}

/// `POST effects/{id}/renew`.
pub async fn renew(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<Renewal>,
) -> Response {
    let (id, me, comment) = (EffectId::new(id), visitor.me(), typed(&sent.comment));
    let (back, said) = (visitor.look.href(&["effects"]), comment.clone());
    let step = visitor
        .desk()
        .ask(move |tx| tx.renew_effect(&id, &me, sent.seconds, &said))
        .await;
    match step.and_then(|it| it) {
        Ok(()) => see(&back),
        Err(refusal) => refused_page(&visitor.shell(), &refusal, &back, &comment),
    }
}

/// `POST effects/{id}/end`: proposes the inverse, and shows it.
pub async fn end(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<super::Comment>,
) -> Response {
    let (id, me, comment) = (EffectId::new(id), visitor.me(), typed(&sent.comment));
    let (back, said) = (visitor.look.href(&["effects"]), comment.clone());
    let step = visitor
        .desk()
        .ask(move |tx| tx.end_effect(&id, &me, &said))
        .await;
    match step.and_then(|it| it) {
        Ok(proposal) => see(&visitor.look.href(&["proposals", proposal.as_str()])),
        Err(refusal) => refused_page(&visitor.shell(), &refusal, &back, &comment),
    }
}

/// `POST causes/{id}/end`: proposes the inverse of all that is ours of one cause.
pub async fn end_cause(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<super::Comment>,
) -> Response {
    let (cause, me, comment) = (CauseId::new(id), visitor.me(), typed(&sent.comment));
    let (back, said, of) = (
        visitor.look.href(&["causes", cause.as_str()]),
        comment.clone(),
        cause.clone(),
    );
    let step = visitor.desk().ask(move |tx| {
        let (groups, _) = gather(tx.state);
        let rows = groups
            .into_iter()
            .filter(|it| it.cause == of)
            .flat_map(|it| it.rows);
        let ids: Vec<EffectId> = rows.filter(can_end).map(|it| it.effect.id).collect();
        ids.iter()
            .try_for_each(|id| tx.end_effect(id, &me, &said).map(drop))
    });
    match step.await.and_then(|it| it) {
        Ok(()) => see(&back),
        Err(refusal) => refused_page(&visitor.shell(), &refusal, &back, &comment),
    }
}
