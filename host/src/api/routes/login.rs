//! A one-time code is traded for a short-lived credential. Until people have passkeys.

use super::Body;
use crate::api::problem::Problem;
use crate::api::secret;
use crate::model::{Digest, Millis, PersonId, TenantId};
use crate::pipeline::Host;
use crate::pipeline::Refusal;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// As an operator, or the host at its first start, gave it.
    #[schema(example = "ABCD-EFGH-IJKL-MNOP-QRST")]
    code: String,
}

/// A credential.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedIn {
    /// Where it is good.
    tenant: TenantId,
    /// Whose it is.
    person: PersonId,
    /// The secret, shown once: sent as `Authorization: Bearer`.
    token: String,
    /// Until when.
    until: Millis,
}

/// Trade a one-time code for a person's credential
#[utoipa::path(post, path = "/v1/login", security(()), request_body = Login, responses(
    (status = 200, description = "Signed in", body = LoggedIn),
    (status = 403, description = "CS-auth-02"),
    (status = 422, description = "CS-api-01, CS-api-02"),
    (status = 503, description = "CS-api-09"),
))]
pub async fn login(
    State(host): State<Arc<Host>>,
    Body(login): Body<Login>,
) -> Result<Json<LoggedIn>, Problem> {
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
    Ok(Json(LoggedIn {
        tenant: desk.tenant().clone(),
        person,
        token: secret,
        until,
    }))
}
