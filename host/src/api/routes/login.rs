//! A one-time code is traded for a short-lived credential. Until people have passkeys.

use super::Body;
use crate::api::problem::Problem;
use crate::api::secret;
use crate::model::Digest;
use crate::pipeline::Host;
use crate::pipeline::Refusal;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    code: String,
}

/// `POST /v1/login`.
pub async fn login(
    State(host): State<Arc<Host>>,
    Body(login): Body<Login>,
) -> Result<Json<Value>, Problem> {
    let code = Digest::of(login.code.trim().as_bytes());
    let now = host.now();
    let knows = |desk: &&crate::pipeline::Desk| {
        desk.read(|tenant| {
            tenant
                .people
                .values()
                .any(|it| it.code.as_ref() == Some(&code) && it.code_until > now)
        })
    };
    let desk = host.desks().find(knows).cloned();
    let wrong = || Refusal {
        code: "CS-auth-02",
        ..Refusal::forbidden("the code is wrong, used or too old; ask an operator for a new one")
    };
    let desk = desk.ok_or_else(wrong)?;
    let secret = secret::token("csp")?;
    let digest = Digest::of(secret.as_bytes());
    let (person, until) = desk.ask(move |tx| tx.log_in(&code, digest)).await??;
    Ok(Json(
        json!({ "tenant": desk.tenant(), "person": person, "token": secret, "until": until }),
    ))
}
