//! Changes of the inventory that loosen protection: they wait for another lead.

use super::overreaches::Few;
use super::{Body, Comment, Id, again, part};
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::journal::state::ChangeRecord;
use axum::Json;
use axum::extract::Query;

part! {
    /// Changes that wait, in the order in which they were asked for.
    Changes { changes: ChangeRecord }
}

/// Changes that wait for a lead
#[utoipa::path(get, path = "/changes", params(Few), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Changes)))]
pub async fn list(caller: Caller, Query(few): Query<Few>) -> Result<Json<Changes>, Problem> {
    let part: Part<String> = few.part(&caller, "changes")?;
    let found = caller.desk.read(|tenant| {
        let changes = beyond(&tenant.changes, part.after.as_ref());
        let wanted = changes.filter(|it| it.decided.is_none());
        part.fill(wanted, |it| it.id.clone(), ChangeRecord::clone)
    });
    Ok(Changes::of(found))
}

/// Let a change through that somebody else asked for
#[utoipa::path(post, path = "/changes/{id}/approve", security(("person" = ["lead"])), request_body = Comment, responses(
    (status = 200, description = "Applied", body = ChangeRecord),
    (status = 403, description = "CS-approval-03"),
    (status = 409, description = "CS-approval-01"),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn approve(
    caller: Caller,
    Id(id): Id<String>,
    Body(comment): Body<Comment>,
) -> Result<Json<ChangeRecord>, Problem> {
    decide(caller, id, comment, true).await
}

/// End a change that waits
#[utoipa::path(post, path = "/changes/{id}/deny", security(("person" = ["lead"])), request_body = Comment, responses(
    (status = 200, description = "Ended", body = ChangeRecord),
    (status = 409, description = "CS-approval-01"),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn deny(
    caller: Caller,
    Id(id): Id<String>,
    Body(comment): Body<Comment>,
) -> Result<Json<ChangeRecord>, Problem> {
    decide(caller, id, comment, false).await
}

async fn decide(
    caller: Caller,
    id: String,
    comment: Comment,
    approved: bool,
) -> Result<Json<ChangeRecord>, Problem> {
    let (person, shown) = (caller.person()?, id.clone());
    caller
        .desk
        .ask(move |tx| tx.decide_change(&id, &person, approved, &comment.comment))
        .await??;
    let record = caller
        .desk
        .read(|tenant| tenant.changes.get(&shown).cloned());
    again(record, "change")
}
