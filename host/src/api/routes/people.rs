//! Who may sign in, and which machines may post.

use super::{Body, listed};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::secret;
use crate::model::{Digest, Person, PersonId, Role, TokenId};
use crate::pipeline::By;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// `GET people`.
pub async fn list(caller: Caller) -> Json<Value> {
    listed(
        "people",
        caller.desk.read(|tenant| {
            tenant
                .people
                .values()
                .map(|it| it.person.clone())
                .collect::<Vec<_>>()
        }),
    )
}

/// A person to be added, or changed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    id: PersonId,
    name: Option<String>,
    #[serde(default)]
    roles: BTreeSet<Role>,
    #[serde(default)]
    operator: bool,
    contact: Option<String>,
}

/// `POST people`: answers a one-time code, shown once.
pub async fn add(
    caller: Caller,
    Body(new): Body<NewPerson>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let by = By::Person(caller.person()?);
    let code = secret::code()?;
    let name = new.name.unwrap_or_else(|| new.id.0.clone());
    let person = Person {
        id: new.id,
        name,
        roles: new.roles,
        operator: new.operator,
        contact: new.contact,
    };
    let (shown, digest) = (person.clone(), Digest::of(code.as_bytes()));
    caller
        .desk
        .ask(move |tx| tx.add_person(person, digest, &by))
        .await??;
    Ok((
        StatusCode::CREATED,
        Json(json!({ "person": shown, "code": code })),
    ))
}

/// `GET tokens`: never their secrets.
pub async fn tokens(caller: Caller) -> Json<Value> {
    let shown = |it: &crate::journal::state::TokenRecord| json!({ "id": it.id, "name": it.name, "made": it.made, "by": it.by, "revoked": it.revoked });
    listed(
        "tokens",
        caller
            .desk
            .read(|tenant| tenant.tokens.values().map(shown).collect::<Vec<_>>()),
    )
}

/// A token to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    name: String,
}

/// `POST tokens`: answers the secret, shown once.
pub async fn create_token(
    caller: Caller,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let person = caller.person()?;
    let secret = secret::token("csm")?;
    let digest = Digest::of(secret.as_bytes());
    let name = new.name.clone();
    let id = caller
        .desk
        .ask(move |tx| tx.create_token(&name, digest, &person))
        .await??;
    Ok((
        StatusCode::CREATED,
        Json(json!({ "id": id, "name": new.name, "token": secret })),
    ))
}

/// `DELETE tokens/{id}`.
pub async fn revoke_token(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let person = caller.person()?;
    caller
        .desk
        .ask(move |tx| tx.revoke_token(&TokenId::new(id), &person))
        .await??;
    Ok(StatusCode::NO_CONTENT)
}
