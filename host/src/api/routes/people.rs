//! Who may sign in, and which machines may post.

use super::{Body, listed};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::secret;
use crate::journal::state::PersonRecord;
use crate::model::{Digest, Person, PersonId, Role, TokenId};
use crate::pipeline::{By, Joined};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// `GET people`, with what somebody asked for them and nobody has confirmed yet.
pub async fn list(caller: Caller) -> Json<Value> {
    let shown = |it: &PersonRecord| {
        let mut value = json!(it.person);
        if let (Some(fields), Some(asked)) = (value.as_object_mut(), &it.asked) {
            let waits = json!({
                "roles": asked.person.roles, "operator": asked.person.operator,
                "by": asked.by, "at": asked.at,
            });
            fields.insert("asked".to_owned(), waits);
        }
        value
    };
    let people = caller
        .desk
        .read(|tenant| tenant.members().map(shown).collect::<Vec<_>>());
    listed("people", people)
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
    let joined = caller
        .desk
        .ask(move |tx| tx.add_person(person, digest, &by))
        .await??;
    let waits = joined == Joined::Waits;
    Ok((
        StatusCode::CREATED,
        Json(json!({ "person": shown, "code": code, "waits": waits })),
    ))
}

/// `POST people/{id}/confirm`: what was asked for them is so.
pub async fn confirm(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    settle(caller, id, true).await
}

/// `POST people/{id}/decline`: it is not.
pub async fn decline(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    settle(caller, id, false).await
}

async fn settle(caller: Caller, id: String, confirmed: bool) -> Result<Json<Value>, Problem> {
    let (by, person) = (caller.person()?, PersonId::new(id));
    let shown = json!({ "id": person, "confirmed": confirmed });
    caller
        .desk
        .ask(move |tx| tx.settle_person(&person, &by, confirmed))
        .await??;
    Ok(Json(shown))
}

/// `DELETE people/{id}`: they may not sign in any more.
pub async fn remove(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (by, person) = (caller.person()?, PersonId::new(id));
    caller
        .desk
        .ask(move |tx| tx.remove_person(&person, &by))
        .await??;
    Ok(StatusCode::NO_CONTENT)
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
