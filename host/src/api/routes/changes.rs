//! Changes of the inventory that loosen protection: they wait for another lead.

use super::overreaches::Few;
use super::{Body, Comment, Id, again, part};
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::inventory::Change;
use crate::journal::state::{ChangeRecord, Denial, State as Tenant};
use crate::model::{Millis, PersonId};
use crate::pipeline::change_needs;
use axum::Json;
use axum::extract::Query;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A change that loosens, and whom it waits for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeShown {
    id: String,
    changes: Vec<Change>,
    /// What becomes weaker.
    loosens: Vec<String>,
    /// Those of whom one has to want it, for each thing that gets weaker.
    owners: BTreeSet<BTreeSet<PersonId>>,
    by: PersonId,
    made: Millis,
    approvals: Vec<Denial>,
    decided: Option<Denial>,
    approved: Option<bool>,
    /// In words; nobody once everybody whom it takes has wanted it.
    needs: Option<String>,
}

fn shown(tenant: &Tenant, it: &ChangeRecord) -> ChangeShown {
    ChangeShown {
        id: it.id.clone(),
        changes: it.changes.clone(),
        loosens: it.loosens.clone(),
        owners: it.owners.clone(),
        by: it.by.clone(),
        made: it.made,
        approvals: it.approvals.clone(),
        decided: it.decided.clone(),
        approved: it.approved,
        needs: change_needs(tenant, it),
    }
}

part! {
    /// Changes that wait, in the order in which they were asked for.
    Changes { changes: ChangeShown }
}

/// Changes that wait for a lead and the owners, and whom they still wait for
#[utoipa::path(get, path = "/changes", params(Few), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Changes)))]
pub async fn list(caller: Caller, Query(few): Query<Few>) -> Result<Json<Changes>, Problem> {
    let part: Part<String> = few.part(&caller, "changes")?;
    let found = caller.desk.read(|tenant| {
        let changes = beyond(&tenant.changes, part.after.as_ref());
        let wanted = changes.filter(|it| it.decided.is_none());
        part.fill(wanted, |it| it.id.clone(), |it| shown(tenant, it))
    });
    Ok(Changes::of(found))
}

/// Let a change through that somebody else asked for
#[utoipa::path(post, path = "/changes/{id}/approve", security(("person" = ["lead", "owner"])), request_body = Comment, responses(
    (status = 200, description = "Applied, or whom it still waits for", body = ChangeShown),
    (status = 403, description = "CS-approval-03"),
    (status = 409, description = "CS-approval-01, CS-asset-13"),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn approve(
    caller: Caller,
    Id(id): Id<String>,
    Body(comment): Body<Comment>,
) -> Result<Json<ChangeShown>, Problem> {
    decide(caller, id, comment, true).await
}

/// End a change that waits
#[utoipa::path(post, path = "/changes/{id}/deny", security(("person" = ["lead", "owner"])), request_body = Comment, responses(
    (status = 200, description = "Ended", body = ChangeShown),
    (status = 409, description = "CS-approval-01"),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn deny(
    caller: Caller,
    Id(id): Id<String>,
    Body(comment): Body<Comment>,
) -> Result<Json<ChangeShown>, Problem> {
    decide(caller, id, comment, false).await
}

async fn decide(
    caller: Caller,
    id: String,
    comment: Comment,
    approved: bool,
) -> Result<Json<ChangeShown>, Problem> {
    let (person, asked) = (caller.person()?, id.clone());
    caller
        .desk
        .ask(move |tx| tx.decide_change(&id, &person, approved, &comment.comment))
        .await??;
    let record = caller
        .desk
        .read(|tenant| tenant.changes.get(&asked).map(|it| shown(tenant, it)));
    again(record, "change")
}
