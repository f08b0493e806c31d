//! Whom the host told of what, and who has seen it.

use super::effects::{All, Comment};
use super::{Body, listed};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::model::PageId;
use axum::Json;
use axum::extract::{Path, Query};
use serde_json::{Value, json};

/// `GET pages`: those that wait for somebody; `?all=true` all.
pub async fn list(caller: Caller, Query(all): Query<All>) -> Json<Value> {
    let pages = caller.desk.read(|tenant| {
        tenant
            .pages
            .values()
            .filter(|it| all.all || it.closed.is_none())
            .cloned()
            .collect::<Vec<_>>()
    });
    listed("pages", pages)
}

/// `POST pages/{id}/acknowledge`: a person has seen it.
pub async fn acknowledge(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Body(comment): Body<Comment>,
) -> Result<Json<Value>, Problem> {
    let (person, id) = (caller.person()?, PageId::new(id));
    let shown = id.clone();
    caller
        .desk
        .ask(move |tx| tx.acknowledge_page(&id, &person, &comment.comment))
        .await??;
    let page = caller.desk.read(|tenant| tenant.pages.get(&shown).cloned());
    Ok(Json(json!(page)))
}
