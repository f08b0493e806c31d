//! Overreach: what a product took against our guards, what stood against it, and the repair.
//! Acknowledging stands apart from deciding, and says that it decides nothing.

use super::dossier::Dossier;
use super::{Comment, evidence, proposal, refused_page, typed};
use crate::console::answer::{page, see};
use crate::console::frame::{Nav, Shell};
use crate::console::look::Look;
use crate::console::outside::{self, Outside};
use crate::console::parts::decide::jump;
use crate::console::parts::title::Titled;
use crate::console::parts::{Tone, count, notice, reasons};
use crate::console::visitor::Visitor;
use crate::console::{waiting, words};
use crate::journal::state::{DriftRecord, OverreachRecord, PageRecord};
use crate::model::{Finding, OverreachId};
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

struct View {
    record: OverreachRecord,
    titled: Titled,
    repair: Option<Dossier>,
    repaired_by: Vec<crate::model::ProposalId>,
    drifts: Vec<DriftRecord>,
    page: Option<PageRecord>,
    changed: Vec<String>,
}

/// `GET overreaches`: the open ones, then those that are over.
pub async fn list(visitor: Visitor) -> Response {
    let (shell, rows) = visitor.read(|tenant| {
        let all = tenant.overreaches.values();
        let mut rows: Vec<(OverreachRecord, Titled)> = all
            .map(|it| {
                (
                    it.clone(),
                    Titled::one(tenant, tenant.cases.get(&it.case), it.action, &it.target),
                )
            })
            .collect();
        rows.sort_by_key(|(it, _)| {
            (
                it.acknowledged.is_some() && it.repaired.is_some(),
                std::cmp::Reverse(it.found),
            )
        });
        let mut cases = std::collections::BTreeMap::new();
        rows.retain(|(it, _)| cases.insert(it.case.clone(), ()).is_none());
        rows.truncate(super::ROWS_MAX);
        rows
    });
    page(
        StatusCode::OK,
        shell.page_at(Nav::Overreach, "Overreach", listed(&rows, &shell)),
    )
}

fn listed(rows: &[(OverreachRecord, Titled)], shell: &Shell) -> Markup {
    let look = &shell.look;
    html! {
        header.head { h1 { @if shell.overreaches == 0 { "No open overreach" } @else { (count(shell.overreaches, "overreach is open", "overreaches are open")) } } p.why { "What a product took by its own policy, and our guards would not have allowed. It is paged until somebody acknowledges it, and open until it is given back." } }
        @if rows.is_empty() { (notice(Tone::Plain, html! { p { "None was ever found." } })) } @else {
            ul.rows { @for (it, titled) in rows { li.row.taken[it.acknowledged.is_none() || it.repaired.is_none()] {
                div.left { b { (look.ago(it.at.unwrap_or(it.found))) } span.hint { (look.time(it.at.unwrap_or(it.found))) } }
                div.what { h2 { a href=(look.href(&["overreaches", it.id.as_str()])) { (Outside(&it.product)) ": " (titled.markup()) } } p { "Against: " (outside::plain(&stood(it))) "." } }
                div.impact { @match &it.acknowledged { Some(seen) => { "acknowledged by " (seen.person) }, None => span.tag.red { "not acknowledged" } } }
                div.needs { @match it.repaired { Some(at) => { "repaired " (look.time(at)) }, None => b { "not repaired" } } }
            } } }
        }
    }
}

fn stood(it: &OverreachRecord) -> String {
    it.stood_against
        .iter()
        .cloned()
        .collect::<Vec<_>>()
        .join(", ")
}

/// `GET overreaches/{id}`.
pub async fn show(visitor: Visitor, Path((_, id)): Path<(String, String)>) -> Response {
    let (id, me) = (OverreachId::new(id), visitor.me());
    let gathered = visitor.desk().ask(move |tx| {
        let tenant = &*tx.state;
        let record = tenant.overreaches.get(&id)?.clone();
        let case = tenant.cases.get(&record.case);
        let of_case = |it: &&crate::journal::state::ProposalRecord| {
            it.case == record.case && !it.proposal.action.takes_away()
        };
        let held = waiting::held(tenant).find(of_case).map(|it| it.id.clone());
        let later = tenant
            .proposals
            .values()
            .filter(of_case)
            .filter(|it| it.state != crate::journal::entry::ProposalState::Held);
        let drifts = tenant
            .drifts
            .values()
            .filter(|it| it.product == record.product);
        Some(View {
            titled: Titled {
                verbs: tenant
                    .overreaches
                    .values()
                    .filter(|it| it.case == record.case)
                    .map(|it| it.action)
                    .collect(),
                ..Titled::one(tenant, case, record.action, &record.target)
            },
            repair: held.and_then(|it| Dossier::gather(tx, &it, &me)),
            repaired_by: later.map(|it| it.id.clone()).take(8).collect(),
            drifts: drifts.take(8).cloned().collect(),
            page: tenant
                .pages
                .values()
                .find(|it| it.key == format!("overreach:{}", record.cause) && it.closed.is_none())
                .cloned(),
            changed: case.map(|it| it.changed.clone()).unwrap_or_default(),
            record,
        })
    });
    let shell = visitor.shell();
    match gathered.await {
        Ok(Some(view)) => page(
            StatusCode::OK,
            shell.page_at(Nav::Overreach, "Overreach", body(&view, &shell)),
        ),
        Ok(None) => visitor.nothing_here(),
        Err(refusal) => refused_page(&shell, &refusal, &visitor.look.href(&["overreaches"]), ""),
    }
}

fn body(view: &View, shell: &Shell) -> Markup {
    let (look, record) = (&shell.look, &view.record);
    html! {
        div.case2.r3 {
            (heading(view, look))
            (acknowledgement(view, look))
            @match &view.repair {
                Some(dossier) => (proposal::panel(dossier, shell, "")),
                None => (no_repair(view, look)),
            }
            div.rest {
                (against(record))
                @if let Some(dossier) = &view.repair {
                    (evidence::history(dossier, look))
                    @if let Some(judgement) = &dossier.judgement { (evidence::guards(judgement)) (evidence::ways(dossier, look)) }
                }
                (evidence::changed(&view.changed))
                (drift(&view.drifts, look))
                @if let Some(dossier) = &view.repair { (evidence::said(dossier)) }
            }
        }
        @if let Some(dossier) = &view.repair { (jump(look, None, &dossier.stand)) }
    }
}

fn heading(view: &View, look: &Look) -> Markup {
    let record = &view.record;
    let at = record.at.unwrap_or(record.found);
    html! {
        header.head {
            p.where { a href=(look.href(&["overreaches"])) { "Overreach" } " / " a href=(look.href(&["cases", record.case.as_str()])) { "case" } }
            h1 { (Outside(&record.product)) " took " (view.titled.on()) ". Our guards would have held it." }
            p.why { (words::all_in_force(&view.titled.verbs)) " " (look.time(at)) ", by its policy and not by a person. "
                @match record.repaired { Some(at) => { "Given back " (look.time(at)) "." }, None => { "That was " (look.ago(at)) "." } }
            }
        }
    }
}

fn acknowledgement(view: &View, look: &Look) -> Markup {
    let record = &view.record;
    let next = view.page.as_ref().and_then(|it| it.next);
    html! {
        section.block.first.ack aria-labelledby="ack" {
            @match &record.acknowledged {
                Some(seen) => div {
                    h2 id="ack" { (seen.person) " acknowledged this " (look.time(seen.at)) }
                    @if !seen.comment.is_empty() { p { (outside::quoted(&seen.comment)) } }
                },
                None => {
                    div {
                        h2 id="ack" { "Nobody has acknowledged this" }
                        p.hint { "Acknowledging stops the page that is repeated" @if let Some(at) = next { ", next at " (look.time(at)) } ". It decides nothing." }
                    }
                    form method="post" action=(look.href(&["overreaches", record.id.as_str(), "acknowledge"])) { button.btn { "Acknowledge" } }
                },
            }
        }
    }
}

fn no_repair(view: &View, look: &Look) -> Markup {
    html! {
        section.decide.plain id="decide" aria-labelledby="dh" tabindex="-1" {
            header { h2 id="dh" { "Give it back" } }
            div.in {
                @if view.record.repaired.is_some() { p { "It was given back." } }
                @else { p { "No repair waits for a decision. Propose one by hand from " a href=(look.href(&["cases", view.record.case.as_str()])) { "the case" } ", or give the effect back from " a href=(look.href(&["effects"])) { "Effects" } "." } }
                @for it in &view.repaired_by { p { a href=(look.href(&["proposals", it.as_str()])) { "What was proposed" } } }
            }
        }
    }
}

fn against(record: &OverreachRecord) -> Markup {
    let needs = match &record.finding {
        Finding::Hold(people) => format!("they would have held it for {}", words::needs(people)),
        Finding::Refuse => "they would have refused it, whoever approves".to_owned(),
        Finding::Execute => "they would have allowed it".to_owned(),
    };
    html! {
        section.block aria-labelledby="stood" {
            h2 id="stood" { "What stood against it" }
            p.sub { "Judged as if the product were a playbook here, in mode enforce: " (needs) "." }
            (reasons::list(&record.against))
        }
    }
}

fn drift(drifts: &[DriftRecord], look: &Look) -> Markup {
    if drifts.is_empty() {
        return html! {};
    }
    html! {
        section.block aria-labelledby="drift" {
            h2 id="drift" { "Drift: this will happen again" }
            p.sub { "The product acts by itself where people decide here. It ends when its policy is set to detect, and Countersign acts." }
            ol.ruled { @for it in drifts { li { span.r { (Outside(&it.product)) " is on " (Outside(&it.product_mode)) span.id { (it.cases) " cases, last " (look.time(it.last)) } } span.is-this { (outside::plain(&it.our_mode)) " here" } } } }
            p.hint { a href=(look.href(&["assets"])) { "Assets" } }
        }
    }
}

/// `POST overreaches/{id}/acknowledge`.
pub async fn acknowledge(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<Comment>,
) -> Response {
    let (id, me, comment) = (OverreachId::new(id), visitor.me(), typed(&sent.comment));
    let back = visitor.look.href(&["overreaches", id.as_str()]);
    let (of, said) = (id.clone(), comment.clone());
    let step = visitor
        .desk()
        .ask(move |tx| {
            let case = tx.state.overreaches.get(&of).map(|it| it.case.clone());
            let same = tx
                .state
                .overreaches
                .values()
                .filter(|it| Some(&it.case) == case.as_ref());
            let all: Vec<(OverreachId, bool)> = same
                .map(|it| (it.id.clone(), it.acknowledged.is_some()))
                .collect();
            if all.is_empty() {
                return tx.acknowledge(&of, &me, &said);
            }
            // what was taken in one case is paged once and seen once; a second click says nothing more
            let mut open = all.into_iter().filter(|(_, seen)| !seen);
            open.try_for_each(|(id, _)| tx.acknowledge(&id, &me, &said))
        })
        .await;
    match step.and_then(|it| it) {
        Ok(()) => see(&back),
        Err(refusal) => refused_page(&visitor.shell(), &refusal, &back, &comment),
    }
}
