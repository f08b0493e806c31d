//! What is in force, and what a product took.

use super::{Body, listed};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::model::{EffectId, OverreachId};
use axum::Json;
use axum::extract::{Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};

/// Whether what is over is shown too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct All {
    /// What is over, too.
    #[serde(default)]
    pub all: bool,
}

/// `GET effects`: in force; with `?all=true` those that are over, too.
pub async fn list(caller: Caller, Query(all): Query<All>) -> Json<Value> {
    let effects = caller.desk.read(|tenant| {
        tenant
            .effects
            .values()
            .filter(|it| all.all || it.ended.is_none())
            .cloned()
            .collect::<Vec<_>>()
    });
    listed("effects", effects)
}

/// `GET orders`: on their way; with `?all=true` all of them.
pub async fn orders(caller: Caller, Query(all): Query<All>) -> Json<Value> {
    let orders = caller.desk.read(|tenant| {
        tenant
            .orders
            .values()
            .filter(|it| all.all || !it.state.is_final())
            .cloned()
            .collect::<Vec<_>>()
    });
    listed("orders", orders)
}

/// `GET overreaches`: those that nobody has seen, or that are not repaired; `?all=true` all.
pub async fn overreaches(caller: Caller, Query(all): Query<All>) -> Json<Value> {
    let open = |it: &&crate::journal::state::OverreachRecord| {
        all.all || it.acknowledged.is_none() || it.repaired.is_none()
    };
    let found = caller.desk.read(|tenant| {
        tenant
            .overreaches
            .values()
            .filter(open)
            .cloned()
            .collect::<Vec<_>>()
    });
    listed("overreaches", found)
}

/// `GET drifts`.
pub async fn drifts(caller: Caller) -> Json<Value> {
    listed(
        "drifts",
        caller
            .desk
            .read(|tenant| tenant.drifts.values().cloned().collect::<Vec<_>>()),
    )
}

/// How long, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    seconds: u32,
    #[serde(default)]
    comment: String,
}

/// `POST effects/{id}/renew`.
pub async fn renew(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Body(renewal): Body<Renewal>,
) -> Result<Json<Value>, Problem> {
    let (person, id) = (caller.person()?, EffectId::new(id));
    let shown = id.clone();
    caller
        .desk
        .ask(move |tx| tx.renew_effect(&id, &person, renewal.seconds, &renewal.comment))
        .await??;
    Ok(Json(json!(
        caller
            .desk
            .read(|tenant| tenant.effects.get(&shown).cloned())
    )))
}

/// Why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// In words.
    #[serde(default)]
    pub comment: String,
}

/// `POST effects/{id}/end`: proposes the inverse in the person's name.
pub async fn end(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Body(comment): Body<Comment>,
) -> Result<Json<Value>, Problem> {
    let (person, id) = (caller.person()?, EffectId::new(id));
    let proposal = caller
        .desk
        .ask(move |tx| tx.end_effect(&id, &person, &comment.comment))
        .await??;
    Ok(Json(json!(
        caller
            .desk
            .read(|tenant| tenant.proposals.get(&proposal).cloned())
    )))
}

/// `POST overreaches/{id}/acknowledge`.
pub async fn acknowledge(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Body(comment): Body<Comment>,
) -> Result<Json<Value>, Problem> {
    let (person, id) = (caller.person()?, OverreachId::new(id));
    let shown = id.clone();
    caller
        .desk
        .ask(move |tx| tx.acknowledge(&id, &person, &comment.comment))
        .await??;
    Ok(Json(json!(
        caller
            .desk
            .read(|tenant| tenant.overreaches.get(&shown).cloned())
    )))
}
