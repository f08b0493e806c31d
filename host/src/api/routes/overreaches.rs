//! What a product took that the guards would not have allowed, and where it is stricter than we.

use super::orders::All;
use super::{Body, Comment, Id, again, part};
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::journal::state::{DriftRecord, OverreachRecord};
use crate::model::OverreachId;
use axum::Json;
use axum::extract::Query;
use serde::Deserialize;
use utoipa::IntoParams;

part! {
    /// Overreaches, by id.
    Overreaches { overreaches: OverreachRecord }
}

/// Overreaches that nobody has seen or that are not repaired; `?all=true` all
#[utoipa::path(get, path = "/overreaches", params(All), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Overreaches)))]
pub async fn list(caller: Caller, Query(all): Query<All>) -> Result<Json<Overreaches>, Problem> {
    let part: Part<OverreachId> = all.part(&caller, "overreaches")?;
    let open =
        |it: &&OverreachRecord| all.all || it.acknowledged.is_none() || it.repaired.is_none();
    let found = caller.desk.read(|tenant| {
        let wanted = beyond(&tenant.overreaches, part.after.as_ref()).filter(open);
        part.fill(wanted, |it| it.id.clone(), OverreachRecord::clone)
    });
    Ok(Overreaches::of(found))
}

/// Say that you have seen an overreach: the paging stops, the repair does not
#[utoipa::path(post, path = "/overreaches/{id}/acknowledge", security(("person" = ["analyst", "lead", "owner"])), request_body = Comment, responses(
    (status = 200, description = "Acknowledged", body = OverreachRecord),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn acknowledge(
    caller: Caller,
    Id(id): Id<OverreachId>,
    Body(comment): Body<Comment>,
) -> Result<Json<OverreachRecord>, Problem> {
    let (person, shown) = (caller.person()?, id.clone());
    caller
        .desk
        .ask(move |tx| tx.acknowledge(&id, &person, &comment.comment))
        .await??;
    let record = caller.desk.read(|it| it.overreaches.get(&shown).cloned());
    again(record, "overreach")
}

/// How many, and from where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Few {
    /// At most so many.
    pub limit: Option<u32>,
    /// The `next` of the part before.
    pub cursor: Option<String>,
}

impl Few {
    /// The part of a list that this asks for.
    ///
    /// # Errors
    /// The cursor is none of this list.
    pub fn part<P: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        caller: &Caller,
        list: &str,
    ) -> Result<Part<P>, Problem> {
        Part::of(caller, list, &[], self.limit, self.cursor.as_deref())
    }
}

part! {
    /// Drifts, by asset and product.
    Drifts { drifts: DriftRecord }
}

/// Where a product's policy is stricter than ours
#[utoipa::path(get, path = "/drifts", params(Few), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Drifts)))]
pub async fn drifts(caller: Caller, Query(few): Query<Few>) -> Result<Json<Drifts>, Problem> {
    let part: Part<String> = few.part(&caller, "drifts")?;
    let found = caller.desk.read(|tenant| {
        let wanted = beyond(&tenant.drifts, part.after.as_ref());
        part.fill(wanted, |it| it.id.clone(), DriftRecord::clone)
    });
    Ok(Drifts::of(found))
}
