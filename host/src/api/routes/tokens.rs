//! Machines' tokens: they deliver alerts and read, and never decide.

use super::overreaches::Few;
use super::{Body, Id, part};
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::api::secret;
use crate::journal::state::TokenRecord;
use crate::model::{Digest, Millis, PersonId, TokenId};
use axum::Json;
use axum::extract::Query;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenShown {
    id: TokenId,
    name: String,
    made: Millis,
    by: PersonId,
    revoked: bool,
}

impl From<&TokenRecord> for TokenShown {
    fn from(it: &TokenRecord) -> Self {
        Self {
            id: it.id.clone(),
            name: it.name.clone(),
            made: it.made,
            by: it.by.clone(),
            revoked: it.revoked,
        }
    }
}

part! {
    /// Tokens, in the order in which they were made.
    Tokens { tokens: TokenShown }
}

/// Machines' tokens, never their secrets
#[utoipa::path(get, path = "/tokens", params(Few), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Tokens)))]
pub async fn list(caller: Caller, Query(few): Query<Few>) -> Result<Json<Tokens>, Problem> {
    let part: Part<TokenId> = few.part(&caller, "tokens")?;
    let found = caller.desk.read(|tenant| {
        let tokens = beyond(&tenant.tokens, part.after.as_ref());
        part.fill(tokens, |it| it.id.clone(), |it| TokenShown::from(it))
    });
    Ok(Tokens::of(found))
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    name: String,
}

/// A token that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenMade {
    id: TokenId,
    name: String,
    /// The secret, shown once.
    token: String,
}

/// Make a machine's token
#[utoipa::path(post, path = "/tokens", security(("person" = ["operator"])), request_body = NewToken, responses(
    (status = 201, description = "The secret, shown once", body = TokenMade),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn create(
    caller: Caller,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<TokenMade>), Problem> {
    let person = caller.person()?;
    let token = secret::token("csm")?;
    let digest = Digest::of(token.as_bytes());
    let name = new.name.clone();
    let id = caller
        .desk
        .ask(move |tx| tx.create_token(&name, digest, &person))
        .await??;
    let made = TokenMade {
        id,
        name: new.name,
        token,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// End a token; it is unknown at once, and its streams end
#[utoipa::path(delete, path = "/tokens/{id}", security(("person" = ["operator"])), responses((status = 204, description = "It is over")))]
pub async fn revoke(caller: Caller, Id(id): Id<TokenId>) -> Result<StatusCode, Problem> {
    let person = caller.person()?;
    caller
        .desk
        .ask(move |tx| tx.revoke_token(&id, &person))
        .await??;
    Ok(StatusCode::NO_CONTENT)
}
