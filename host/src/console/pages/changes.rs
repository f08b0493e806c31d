//! Changes that wait: what would make protection weaker, and takes a lead and an owner of it; and
//! people who would get to decide, which another person who decides has to confirm.

use super::{ROWS_MAX, refused_page, typed};
use crate::console::answer::{page, see};
use crate::console::frame::{Nav, Shell};
use crate::console::look::Look;
use crate::console::outside;
use crate::console::parts::{Tone, count, icon, notice};
use crate::console::visitor::Visitor;
use crate::journal::state::{ChangeRecord, PersonRecord};
use crate::model::{PersonId, Role};
use crate::pipeline::change_needs;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// `GET changes`.
pub async fn show(visitor: Visitor) -> Response {
    let (shell, (changes, people)) = visitor.read(|tenant| {
        let mut all: Vec<&ChangeRecord> = tenant.changes.values().collect();
        all.sort_by_key(|it| (it.decided.is_some(), std::cmp::Reverse(it.made)));
        let shown = all.into_iter().take(ROWS_MAX);
        let changes = shown.map(|it| (it.clone(), change_needs(tenant, it)));
        let asked = tenant.people.values().filter(|it| it.asked.is_some());
        (
            changes.collect::<Vec<_>>(),
            asked.cloned().collect::<Vec<_>>(),
        )
    });
    page(
        StatusCode::OK,
        shell.page_at(
            Nav::Assets,
            "Changes that wait",
            body(&changes, &people, &shell),
        ),
    )
}

fn body(
    changes: &[(ChangeRecord, Option<String>)],
    people: &[PersonRecord],
    shell: &Shell,
) -> Markup {
    let look = &shell.look;
    html! {
        header.head {
            p.where { a href=(look.href(&["assets"])) { "Assets" } }
            h1 { @if shell.changes == 0 { "No change waits" } @else { (count(shell.changes, "change waits", "changes wait")) } }
            p.why { "Tightening applies at once. What loosens protection waits for a lead and an owner of it, two people at least, and never whoever asked." }
        }
        @if changes.is_empty() { (notice(Tone::Plain, html! { p { "Nobody has asked to loosen anything." } })) }
        @for it in people { (person(it, look)) }
        @for (it, needs) in changes { (one(it, needs.as_deref(), shell, look)) }
    }
}

fn one(it: &ChangeRecord, needs: Option<&str>, shell: &Shell, look: &Look) -> Markup {
    let mine = it.by == look.me;
    let decides =
        shell.roles.contains(&Role::Lead) || it.owners.iter().any(|it| it.contains(&look.me));
    let approved = it.approvals.iter().any(|it| it.person == look.me);
    html! {
        section.block aria-labelledby=(it.id) {
            h2 id=(it.id) { (count(it.loosens.len(), "thing would become weaker", "things would become weaker")) }
            p.sub { "Asked by " (outside::plain(it.by.as_str())) ", " (look.time(it.made)) ". " (count(it.changes.len(), "change", "changes")) " in all." }
            ol.ruled { @for line in it.loosens.iter().take(50) { li { span.r { (outside::plain(line)) } span.is-this.amber-t { "weaker" } } } }
            @if it.loosens.len() > 50 { p.hint { "and " (it.loosens.len() - 50) " more" } }
            @if it.decided.is_none() {
                @for by in &it.approvals { p { "Approved by " (outside::plain(by.person.as_str())) ", " (look.time(by.at)) ". " (outside::quoted(&by.comment)) } }
                @if let Some(needs) = needs { p { "Still needed: " b { (outside::plain(needs)) } "." } }
            }
            @match (&it.decided, it.approved) {
                (Some(by), approved) => p { @if approved == Some(true) { "Approved" } @else { "Denied" } " by " (outside::plain(by.person.as_str())) ", " (look.time(by.at)) ". " @if !by.comment.is_empty() { (outside::quoted(&by.comment)) } },
                (None, _) if !decides => p { b { "You cannot decide this." } " It takes a lead, and an owner of it." },
                (None, _) => form.gap method="post" action=(look.href(&["changes", it.id.as_str(), "decide"])) {
                    button disabled hidden {}
                    @if mine { p.hint { "You asked for this change: somebody else must approve it. You can deny it." } }
                    div.field { p.both { label for=(format!("c-{}", it.id)) { "Comment" } " " span.hint { "required" } } textarea id=(format!("c-{}", it.id)) name="comment" required maxlength="2000" autocomplete="off" {} }
                    div.two.gap {
                        @if !mine && !approved { button.btn name="decision" value="approve" { (icon::tick()) "Approve" } }
                        button.btn name="decision" value="deny" { (icon::cross()) "Deny" }
                    }
                },
            }
        }
    }
}

fn person(it: &PersonRecord, look: &Look) -> Markup {
    let Some(asked) = &it.asked else {
        return html! {};
    };
    let id = asked.person.id.as_str();
    let mut powers: Vec<&str> = asked.person.roles.iter().map(|it| it.as_str()).collect();
    powers.extend(asked.person.operator.then_some("operator"));
    let powers = if powers.is_empty() {
        "viewer".to_owned()
    } else {
        powers.join(", ")
    };
    let mine = asked.by == look.me || asked.person.id == look.me;
    html! {
        section.block aria-labelledby=(format!("person-{id}")) {
            h2 id=(format!("person-{id}")) { (outside::plain(id)) " would sign in as " (powers) }
            p.sub { "Asked by " (outside::plain(asked.by.as_str())) ", " (look.time(asked.at)) ". Nobody gets to decide by an operator's word alone." }
            @if mine { p { b { "Somebody else confirms this." } } } @else {
                form method="post" action=(look.href(&["people", id, "settle"])) {
                    div.two { button.btn name="decision" value="approve" { (icon::tick()) "Confirm" } button.btn name="decision" value="deny" { (icon::cross()) "Decline" } }
                }
            }
        }
    }
}

/// `POST people/{id}/settle`.
pub async fn settle(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<Decision>,
) -> Response {
    let (id, me, back) = (
        PersonId::new(id),
        visitor.me(),
        visitor.look.href(&["changes"]),
    );
    let confirmed = sent.decision == "approve";
    let step = visitor
        .desk()
        .ask(move |tx| tx.settle_person(&id, &me, confirmed))
        .await;
    match step.and_then(|it| it) {
        Ok(()) => see(&back),
        Err(refusal) => refused_page(&visitor.shell(), &refusal, &back, ""),
    }
}

/// Approve or deny, and why.
#[derive(Debug, Deserialize)]
pub struct Decision {
    decision: String,
    #[serde(default)]
    comment: String,
}

/// `POST changes/{id}/decide`.
pub async fn decide(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Form(sent): Form<Decision>,
) -> Response {
    let (me, comment) = (visitor.me(), typed(&sent.comment));
    let (back, said) = (visitor.look.href(&["changes"]), comment.clone());
    let approved = match sent.decision.as_str() {
        "approve" => true,
        "deny" => false,
        _ => return see(&back),
    };
    if comment.is_empty() {
        let refusal = crate::pipeline::Refusal::invalid("CS-api-02", "a comment is required");
        return refused_page(&visitor.shell(), &refusal, &back, "");
    }
    let step = visitor
        .desk()
        .ask(move |tx| tx.decide_change(&id, &me, approved, &said))
        .await;
    match step.and_then(|it| it) {
        Ok(()) => see(&back),
        Err(refusal) => refused_page(&visitor.shell(), &refusal, &back, &comment),
    }
}
