//! Changes that wait: what would make protection weaker, and takes a lead who did not ask for it.

use super::{ROWS_MAX, refused_page, typed};
use crate::console::answer::{page, see};
use crate::console::frame::{Nav, Shell};
use crate::console::look::Look;
use crate::console::outside;
use crate::console::parts::{Tone, count, icon, notice};
use crate::console::visitor::Visitor;
use crate::journal::state::ChangeRecord;
use crate::model::Role;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// `GET changes`.
pub async fn show(visitor: Visitor) -> Response {
    let (shell, changes) = visitor.read(|tenant| {
        let mut all: Vec<ChangeRecord> = tenant.changes.values().cloned().collect();
        all.sort_by_key(|it| (it.decided.is_some(), std::cmp::Reverse(it.made)));
        all.truncate(ROWS_MAX);
        all
    });
    page(
        StatusCode::OK,
        shell.page_at(Nav::Assets, "Changes that wait", body(&changes, &shell)),
    )
}

fn body(changes: &[ChangeRecord], shell: &Shell) -> Markup {
    let look = &shell.look;
    html! {
        header.head {
            p.where { a href=(look.href(&["assets"])) { "Assets" } }
            h1 { @if shell.changes == 0 { "No change waits" } @else { (count(shell.changes, "change waits", "changes wait")) } }
            p.why { "Tightening applies at once. What loosens protection waits for a lead other than whoever asked." }
        }
        @if changes.is_empty() { (notice(Tone::Plain, html! { p { "Nobody has asked to loosen anything." } })) }
        @for it in changes { (one(it, shell, look)) }
    }
}

fn one(it: &ChangeRecord, shell: &Shell, look: &Look) -> Markup {
    let mine = it.by == look.me;
    let lead = shell.roles.contains(&Role::Lead);
    html! {
        section.block aria-labelledby=(it.id) {
            h2 id=(it.id) { (count(it.loosens.len(), "thing would become weaker", "things would become weaker")) }
            p.sub { "Asked by " (outside::plain(it.by.as_str())) ", " (look.time(it.made)) ". " (count(it.changes.len(), "change", "changes")) " in all." }
            ol.ruled { @for line in it.loosens.iter().take(50) { li { span.r { (outside::plain(line)) } span.is-this.amber-t { "weaker" } } } }
            @if it.loosens.len() > 50 { p.hint { "and " (it.loosens.len() - 50) " more" } }
            @match (&it.decided, it.approved) {
                (Some(by), approved) => p { @if approved == Some(true) { "Approved" } @else { "Denied" } " by " (outside::plain(by.person.as_str())) ", " (look.time(by.at)) ". " @if !by.comment.is_empty() { (outside::quoted(&by.comment)) } },
                (None, _) if !lead => p { b { "You cannot decide this." } " It takes a lead." },
                (None, _) => form.gap method="post" action=(look.href(&["changes", it.id.as_str(), "decide"])) {
                    button disabled hidden {}
                    @if mine { p.hint { "You asked for this change: another lead must approve it. You can deny it." } }
                    div.field { p.both { label for=(format!("c-{}", it.id)) { "Comment" } " " span.hint { "required" } } textarea id=(format!("c-{}", it.id)) name="comment" required maxlength="2000" autocomplete="off" {} }
                    div.two.gap {
                        @if !mine { button.btn name="decision" value="approve" { (icon::tick()) "Approve" } }
                        button.btn name="decision" value="deny" { (icon::cross()) "Deny" }
                    }
                },
            }
        }
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
