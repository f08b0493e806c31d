//! Case: from the alert to the effect, one row a journal entry, oldest first; what it came to; and
//! the way to propose something by hand.

use super::evidence;
use crate::console::answer::page;
use crate::console::frame::{Nav, Shell};
use crate::console::look::Look;
use crate::console::outside::{self, Outside};
use crate::console::parts::icon::{self, Dot};
use crate::console::parts::title::{Titled, called};
use crate::console::parts::told::told;
use crate::console::parts::{Tone, count, notice};
use crate::console::visitor::Visitor;
use crate::console::words;
use crate::journal::entry::{Entry, ProposalState};
use crate::journal::state::{
    CaseRecord, EffectRecord, OverreachRecord, ProposalRecord, State as Tenant,
};
use crate::model::{CaseId, Effect, Millis, Target, Verb};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

/// LIMIT: entries of one case that are shown; the journal has the rest.
const TIMELINE_MAX: usize = 500;
/// Entries that say how the host works and nothing that happened.
const QUIET: &[&str] = &[
    "evaluation-due",
    "payload-received",
    "payload-read",
    "order-made",
];

/// One row of the timeline.
pub struct Happened {
    /// Its place in the journal.
    pub n: u64,
    /// When.
    pub at: Millis,
    /// Its kind.
    pub kind: String,
    /// What it says; `None` where it was erased.
    pub entry: Option<Entry>,
    /// How many like it follow each other.
    pub times: usize,
}

/// A case with everything that became of it.
pub struct View {
    case: CaseRecord,
    state: &'static str,
    asset: Option<String>,
    titled: Vec<(ProposalRecord, Titled)>,
    effects: Vec<(EffectRecord, Titled)>,
    overreaches: Vec<OverreachRecord>,
    same_cause: usize,
}

/// `GET cases/{id}`.
pub async fn show(visitor: Visitor, Path((_, id)): Path<(String, String)>) -> Response {
    let id = CaseId::new(id);
    let (shell, view) = visitor.read(|tenant| gather(tenant, &id));
    let Some(view) = view else {
        return visitor.nothing_here();
    };
    let timeline = timeline_of(&visitor, &id).await;
    page(
        StatusCode::OK,
        shell.page_at(Nav::Cases, "Case", body(&view, &timeline, &shell)),
    )
}

/// The entries of a case; empty where the journal cannot be read now, which the page says.
async fn timeline_of(visitor: &Visitor, id: &CaseId) -> Option<Vec<Happened>> {
    let (store, tenant, id) = (
        visitor.host.store().clone(),
        visitor.look.tenant.clone(),
        id.clone(),
    );
    let read = tokio::task::spawn_blocking(move || {
        store.reader()?.case_entries(&tenant, &id, 0, TIMELINE_MAX)
    });
    let entries = read.await.ok()?.ok()?;
    let mut rows: Vec<Happened> = Vec::new();
    for it in entries
        .into_iter()
        .filter(|it| !QUIET.contains(&it.kind.as_str()))
    {
        let entry = it
            .body
            .as_deref()
            .and_then(|body| serde_json::from_slice::<Entry>(body).ok());
        let said = entry.as_ref().map(Entry::describe);
        // the members of a bundle move together: said once
        match rows.last_mut() {
            Some(last)
                if last.kind == it.kind && last.entry.as_ref().map(Entry::describe) == said =>
            {
                last.times += 1
            }
            _ => rows.push(Happened {
                n: it.n,
                at: it.at,
                kind: it.kind,
                entry,
                times: 1,
            }),
        }
    }
    Some(rows)
}

/// Reads it.
pub fn gather(tenant: &Tenant, id: &CaseId) -> Option<View> {
    let case = tenant.cases.get(id)?;
    let asset = case
        .assets
        .first()
        .and_then(|id| tenant.inventory.asset(id));
    let effects = tenant.effects.values().filter(|it| it.claims.contains(id));
    Some(View {
        state: tenant.case_state(case),
        asset: asset.map(|it| it.name.clone()),
        titled: tenant
            .proposals_of(case)
            .map(|it| {
                (
                    it.clone(),
                    Titled::one(tenant, Some(case), it.proposal.action, &it.proposal.target),
                )
            })
            .collect(),
        effects: effects
            .map(|it| {
                (
                    it.clone(),
                    Titled::one(tenant, Some(case), it.action, &it.target),
                )
            })
            .collect(),
        overreaches: tenant
            .overreaches
            .values()
            .filter(|it| it.case == *id)
            .cloned()
            .collect(),
        same_cause: tenant
            .cases
            .values()
            .filter(|it| it.cause == case.cause)
            .count()
            .saturating_sub(1),
        case: case.clone(),
    })
}

/// The page without its frame.
pub fn body(view: &View, timeline: &Option<Vec<Happened>>, shell: &Shell) -> Markup {
    let look = &shell.look;
    let case = &view.case;
    html! {
        header.head {
            p.where { a href=(look.href(&[])) { "Held" } " / " a href=(look.href(&["cases"])) { "Cases" } " / " span.mono { (case.id) } }
            h1 { (Outside(&case.detection.title)) @if let Some(asset) = &view.asset { " on " (outside::asset(asset)) } }
            p.why { "Open since " (look.time(case.opened)) ", " (view.state) ". Revision " (case.revision) ", last " (look.time(case.updated)) ". Known: " (case.resolution) "." }
            @if let Some(it) = view.overreaches.iter().find(|it| it.acknowledged.is_none() || it.repaired.is_none()) {
                (notice(Tone::Red, html! { p { b { "A product took something here against our guards." } " " a href=(look.href(&["overreaches", it.id.as_str()])) { "Look at it" } } }))
            }
            @for (text, times) in marks(case) {
                (notice(Tone::Amber, html! { p { (outside::plain(&text)) @if times > 1 { " (" (times) " times)" } } }))
            }
        }
        div.case2 {
            div.first {
                (line(timeline, look))
                section.outside aria-labelledby="said" {
                    h2 id="said" { "What others say" }
                    p.by { "As received, not checked. Latest revision." }
                    (evidence::alert(&case.detection))
                }
            }
            aside.decide.plain aria-label="In this case" { (contents(view, look)) (by_hand(view, look)) }
        }
    }
}

fn marks(case: &CaseRecord) -> Vec<(String, usize)> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for mark in &case.marks {
        let line = format!("{}: {}", mark.code, mark.text);
        match lines.iter_mut().find(|it| it.0 == line) {
            Some(known) => known.1 += 1,
            None => lines.push((line, 1)),
        }
    }
    lines.truncate(10);
    lines
}

fn line(timeline: &Option<Vec<Happened>>, look: &Look) -> Markup {
    html! {
        section.block aria-labelledby="timeline" {
            h2 id="timeline" { "Timeline" }
            p.sub { "Oldest first. Each row is one entry of the journal." }
            @match timeline {
                None => p.amber-t { "The journal could not be read now. Load the page again." },
                Some(rows) => {
                    ol.tl { @for it in rows { li {
                        span.at { (look.exact(it.at)) }
                        (icon::timeline(dot(&it.kind)))
                        div.b { (told(&it.entry)) @if it.times > 1 { span.hint { (it.times) " times" } } }
                        span.ref { (it.n) }
                    } } }
                    @if rows.len() >= TIMELINE_MAX { p.hint { "More than " (TIMELINE_MAX) " entries: " a href=(look.href(&["journal"])) { "the journal has the rest" } "." } }
                },
            }
        }
    }
}

fn dot(kind: &str) -> Dot {
    match kind {
        "case-opened" | "case-revised" | "drift-seen" => Dot::Outside,
        "effect-began" | "effect-ended" | "overreach-found" => Dot::Taken,
        "judged" | "page-due" | "lease-asked" | "case-marked" => Dot::Waits,
        _ => Dot::Plain,
    }
}

fn contents(view: &View, look: &Look) -> Markup {
    html! {
        div.in {
            h2 { "In this case" }
            ul.ticks {
                @for it in view.overreaches.iter().take(1) { li { (icon::timeline(Dot::Taken)) span {
                    a href=(look.href(&["overreaches", it.id.as_str()])) { "Overreach" } br;
                    span.hint { @if it.acknowledged.is_some() { "acknowledged" } @else { "not acknowledged" } @if it.repaired.is_some() { ", repaired" } }
                } } }
                @for (it, titled) in &view.titled { li { (icon::timeline(if it.state == ProposalState::Held { Dot::Waits } else { Dot::Plain })) span {
                    a href=(look.href(&["proposals", it.id.as_str()])) { (titled.markup()) } br;
                    span.hint { (it.state.as_str().replace('-', " ")) ", by " (outside::plain(&it.principal.label())) }
                } } }
                @for (it, titled) in &view.effects { li { (icon::timeline(Dot::Taken)) span {
                    (words::in_force(it.action)) ": " (titled.on()) br;
                    span.hint { @match it.ended { Some(at) => { "given back " (look.time(at)) }, None => { "in force, made by " (it.origin) ", " a href=(look.href(&["effects"])) { "effects" } } } }
                } } }
                @if view.titled.is_empty() && view.effects.is_empty() { li { span {} span.hint { "Nothing was proposed." } } }
                @if view.same_cause > 0 { li { (icon::timeline(Dot::Plain)) span { a href=(look.href(&["causes", view.case.cause.as_str()])) { (count(view.same_cause, "other case", "other cases")) " of the same cause" } } } }
            }
        }
    }
}

/// What a person can propose on what, here: actions of the table on targets that the case names.
pub fn choices(case: &CaseRecord) -> Vec<(Verb, usize, Target)> {
    let mut targets: Vec<Target> = Vec::new();
    for entity in &case.detection.entities {
        if !targets.contains(&entity.target) {
            targets.push(entity.target.clone());
        }
    }
    let mut all = Vec::new();
    for row in Verb::TABLE {
        // telling people is the host's own; software is allowed by a repair, which knows what was taken
        if matches!(row.effect, Effect::Informs) {
            continue;
        }
        for (n, target) in targets.iter().enumerate().take(16) {
            if row.targets.contains(&target.kind()) {
                all.push((row.verb, n, target.clone()));
            }
        }
    }
    all.sort_by_key(|(verb, ..)| verb.row().intrusiveness);
    all
}

fn by_hand(view: &View, look: &Look) -> Markup {
    let choices = choices(&view.case);
    html! {
        div.in {
            h3 { "Do something by hand" }
            p.hint { "Your proposal goes through the same guards. Proposing is not approving." }
            @if choices.is_empty() { p.hint { "The case names nothing that can be acted on." } } @else {
                form method="get" action=(look.href(&["cases", view.case.id.as_str(), "propose"])) {
                    div.field {
                        label for="what" { "Action" }
                        select id="what" name="what" {
                            @for (verb, n, target) in &choices {
                                option value=(format!("{}.{n}", verb.as_str())) { (words::title(*verb)) ": " (option_text(target)) }
                            }
                        }
                    }
                    button.btn.gap { "See what it would take" }
                }
            }
        }
    }
}

/// LIMIT: an option holds text alone: no marks by colour, so what acts is shown as its code point.
fn option_text(target: &Target) -> String {
    let name = match target {
        Target::Device(it) => called(it).to_owned(),
        other => outside::thing(other),
    };
    crate::model::inert(&name, 60)
}
