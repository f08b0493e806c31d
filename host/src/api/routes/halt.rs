//! The red button, and the question after a database was rolled back.

use super::Body;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::pipeline::Host;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// On or off, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Halt {
    on: bool,
    reason: String,
}

/// `GET halt`.
pub async fn show(caller: Caller) -> Json<Value> {
    Json(
        json!({ "halt": caller.desk.read(|tenant| tenant.halt.clone()), "dispatch_off": caller.desk.book().dispatch_off }),
    )
}

/// `POST halt`.
pub async fn set(caller: Caller, Body(halt): Body<Halt>) -> Result<Json<Value>, Problem> {
    let person = caller.person()?;
    caller
        .desk
        .ask(move |tx| tx.halt(halt.on, &person, &halt.reason))
        .await??;
    Ok(show(caller).await)
}

/// `POST confirm`: this database, though it is not the one that ran here last, may act.
pub async fn confirm(
    caller: Caller,
    State(host): State<Arc<Host>>,
) -> Result<Json<Value>, Problem> {
    let person = caller.person()?;
    caller
        .desk
        .ask(move |tx| tx.confirm_dispatch(&person))
        .await??;
    host.confirm_dispatch(caller.desk.tenant())?;
    Ok(show(caller).await)
}
