//! What is in force, and how it ends.

use super::orders::All;
use super::{Body, Comment, Id, again, part};
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::journal::state::{EffectRecord, ProposalRecord};
use crate::model::EffectId;
use axum::Json;
use axum::extract::Query;
use serde::Deserialize;
use utoipa::ToSchema;

part! {
    /// Effects, by id.
    Effects { effects: EffectRecord }
}

/// Effects in force; with `?all=true` those that are over, too
#[utoipa::path(get, path = "/effects", params(All), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Effects)))]
pub async fn list(caller: Caller, Query(all): Query<All>) -> Result<Json<Effects>, Problem> {
    let part: Part<EffectId> = all.part(&caller, "effects")?;
    let found = caller.desk.read(|tenant| {
        let effects = beyond(&tenant.effects, part.after.as_ref());
        let wanted = effects.filter(|it| all.all || it.ended.is_none());
        part.fill(wanted, |it| it.id.clone(), EffectRecord::clone)
    });
    Ok(Effects::of(found))
}

/// How long, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// From now; 60 to 2592000.
    #[schema(example = 86400)]
    seconds: u32,
    /// Why.
    #[serde(default)]
    comment: String,
}

/// Renew a lease
#[utoipa::path(post, path = "/effects/{id}/renew", security(("person" = ["analyst", "lead", "owner"])), request_body = Renewal, responses(
    (status = 200, description = "It lasts longer", body = EffectRecord),
    (status = 409, description = "CS-effect-01"),
    (status = 422, description = "CS-api-01, CS-api-02, CS-effect-03"),
))]
pub async fn renew(
    caller: Caller,
    Id(id): Id<EffectId>,
    Body(renewal): Body<Renewal>,
) -> Result<Json<EffectRecord>, Problem> {
    let (person, shown) = (caller.person()?, id.clone());
    caller
        .desk
        .ask(move |tx| tx.renew_effect(&id, &person, renewal.seconds, &renewal.comment))
        .await??;
    let record = caller.desk.read(|it| it.effects.get(&shown).cloned());
    again(record, "effect")
}

/// End an effect: proposes the inverse in the person's name
#[utoipa::path(post, path = "/effects/{id}/end", security(("person" = ["analyst", "lead", "owner"])), request_body = Comment, responses(
    (status = 200, description = "The proposal that gives it back", body = ProposalRecord),
    (status = 409, description = "CS-effect-01, CS-effect-02"),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn end(
    caller: Caller,
    Id(id): Id<EffectId>,
    Body(comment): Body<Comment>,
) -> Result<Json<ProposalRecord>, Problem> {
    let person = caller.person()?;
    let proposal = caller
        .desk
        .ask(move |tx| tx.end_effect(&id, &person, &comment.comment))
        .await??;
    let record = caller.desk.read(|it| it.proposals.get(&proposal).cloned());
    again(record, "proposal")
}
