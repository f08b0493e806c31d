//! The red button, and the question after a database was rolled back.

use super::Body;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::journal::state::HaltRecord;
use crate::pipeline::Host;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// On or off, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Halt {
    /// Off takes a lead.
    on: bool,
    /// Why; it is looked at afterwards.
    reason: String,
}

/// Whether anything is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Acts {
    /// The red button, if it was ever pressed.
    halt: Option<HaltRecord>,
    /// Nothing is sent: the database is not the one that ran here last.
    dispatch_off: bool,
}

/// Whether unattended action is stopped
#[utoipa::path(get, path = "/halt", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "It", body = Acts)))]
pub async fn show(caller: Caller) -> Json<Acts> {
    acts(&caller)
}

fn acts(caller: &Caller) -> Json<Acts> {
    Json(Acts {
        halt: caller.desk.read(|tenant| tenant.halt.clone()),
        dispatch_off: caller.desk.book().dispatch_off,
    })
}

/// Stop unattended action, or let it go on
#[utoipa::path(post, path = "/halt", security(("person" = ["analyst", "lead", "owner"])), request_body = Halt, responses(
    (status = 200, description = "As it is now", body = Acts),
    (status = 422, description = "CS-api-01, CS-api-02, CS-api-06"),
))]
pub async fn set(caller: Caller, Body(halt): Body<Halt>) -> Result<Json<Acts>, Problem> {
    let person = caller.person()?;
    caller
        .desk
        .ask(move |tx| tx.halt(halt.on, &person, &halt.reason))
        .await??;
    Ok(acts(&caller))
}

/// Let a database act though it is not the one that ran here last
#[utoipa::path(post, path = "/confirm", security(("person" = ["lead"])), responses((status = 200, description = "As it is now", body = Acts)))]
pub async fn confirm(caller: Caller, State(host): State<Arc<Host>>) -> Result<Json<Acts>, Problem> {
    let person = caller.person()?;
    caller
        .desk
        .ask(move |tx| tx.confirm_dispatch(&person))
        .await??;
    host.confirm_dispatch(caller.desk.tenant())?;
    Ok(acts(&caller))
}
