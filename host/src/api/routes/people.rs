//! Who may sign in, and as what.
//!
//! A person with no role and no operator's rights reads: they are shown as `viewer`, and may be
//! added by that word. It is no role that the guards know, so nothing is held for one.

use super::overreaches::Few;
use super::{Body, Id, part};
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::api::secret;
use crate::api::standing::Standing;
use crate::config::is_person;
use crate::journal::state::PersonRecord;
use crate::model::{Digest, Millis, Person, PersonId, Role, acts};
use crate::pipeline::{By, Joined, Refusal, Tx};
use axum::Json;
use axum::extract::Query;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Somebody who can sign in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonShown {
    /// Who.
    pub id: PersonId,
    /// For people.
    pub name: String,
    /// What holds everywhere: `viewer` where nothing else does.
    pub roles: BTreeSet<Standing>,
    /// Manages people, plugins and tokens; approves nothing by that.
    pub operator: bool,
    /// Where pages go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What somebody asked for them and another person has not confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<AskedShown>,
}

/// What somebody asked for a person.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AskedShown {
    /// As what they would be.
    pub roles: BTreeSet<Standing>,
    /// Whether they would manage.
    pub operator: bool,
    /// Who asked.
    pub by: PersonId,
    /// When.
    pub at: Millis,
}

/// What holds everywhere, without being an operator, which is shown beside it.
fn roles_of(it: &Person) -> BTreeSet<Standing> {
    let mut roles = Standing::of(&it.roles, it.operator);
    roles.remove(&Standing::Operator);
    roles
}

impl From<&Person> for PersonShown {
    fn from(it: &Person) -> Self {
        Self {
            id: it.id.clone(),
            name: it.name.clone(),
            roles: roles_of(it),
            operator: it.operator,
            contact: it.contact.clone(),
            asked: None,
        }
    }
}

impl From<&PersonRecord> for PersonShown {
    fn from(it: &PersonRecord) -> Self {
        let asked = it.asked.as_ref().map(|asked| AskedShown {
            roles: roles_of(&asked.person),
            operator: asked.person.operator,
            by: asked.by.clone(),
            at: asked.at,
        });
        Self {
            asked,
            ..Self::from(&it.person)
        }
    }
}

part! {
    /// People, by id.
    People { people: PersonShown }
}

/// People who may sign in
#[utoipa::path(get, path = "/people", params(Few), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = People)))]
pub async fn list(caller: Caller, Query(few): Query<Few>) -> Result<Json<People>, Problem> {
    let part: Part<PersonId> = few.part(&caller, "people")?;
    let found = caller.desk.read(|tenant| {
        let all = beyond(&tenant.people, part.after.as_ref());
        let people = all.filter(|it| it.removed.is_none());
        part.fill(
            people,
            |it| it.person.id.clone(),
            |it| PersonShown::from(it),
        )
    });
    Ok(People::of(found))
}

/// A person to be added, or changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    id: PersonId,
    name: Option<String>,
    /// `viewer` stands alone, and is what nothing means too; whoever manages is an `operator`.
    #[serde(default)]
    roles: BTreeSet<Standing>,
    /// Manages people, plugins and tokens.
    #[serde(default)]
    operator: bool,
    /// Where pages go.
    contact: Option<String>,
}

/// A person, and how they sign in for the first time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Added {
    person: PersonShown,
    /// One-time, shown once.
    #[schema(example = "ABCD-EFGH-IJKL-MNOP-QRST")]
    code: String,
    /// Another person who decides has to confirm it first.
    waits: bool,
}

/// Add a person, or change what they may
#[utoipa::path(post, path = "/people", security(("person" = ["operator"])), request_body = NewPerson, responses(
    (status = 201, description = "Added, with a one-time code", body = Added),
    (status = 409, description = "CS-api-18"),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn add(
    caller: Caller,
    Body(new): Body<NewPerson>,
) -> Result<(StatusCode, Json<Added>), Problem> {
    let by = By::Person(caller.person()?);
    named(&new.id)?;
    let (roles, operator) = held(&new)?;
    let person = Person {
        name: new.name.unwrap_or_else(|| new.id.0.clone()),
        id: new.id,
        roles,
        operator,
        contact: new.contact,
    };
    let code = secret::code()?;
    let (shown, digest) = (PersonShown::from(&person), Digest::of(code.as_bytes()));
    let joined = caller
        .desk
        .ask(move |tx| {
            alone(tx, &person.id)?;
            tx.add_person(person, digest, &by)
        })
        .await??;
    let added = Added {
        person: shown,
        code,
        waits: joined == Joined::Waits,
    };
    Ok((StatusCode::CREATED, Json(added)))
}

/// What became of what was asked for a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Settled {
    id: PersonId,
    confirmed: bool,
}

/// Confirm that a person may decide what another person asked for them
#[utoipa::path(post, path = "/people/{id}/confirm", security(("person" = ["analyst", "lead", "owner"])), responses(
    (status = 200, description = "It is so", body = Settled),
    (status = 403, description = "CS-approval-03"),
))]
pub async fn confirm(caller: Caller, Id(id): Id<PersonId>) -> Result<Json<Settled>, Problem> {
    settle(caller, id, true).await
}

/// Decline what another person asked for a person
#[utoipa::path(post, path = "/people/{id}/decline", security(("person" = ["analyst", "lead", "owner"])), responses(
    (status = 200, description = "It is not so", body = Settled),
))]
pub async fn decline(caller: Caller, Id(id): Id<PersonId>) -> Result<Json<Settled>, Problem> {
    settle(caller, id, false).await
}

async fn settle(caller: Caller, id: PersonId, confirmed: bool) -> Result<Json<Settled>, Problem> {
    let by = caller.person()?;
    let settled = Settled {
        id: id.clone(),
        confirmed,
    };
    caller
        .desk
        .ask(move |tx| tx.settle_person(&id, &by, confirmed))
        .await??;
    Ok(Json(settled))
}

/// Remove a person: they may do nothing any more, and their sign-ins end at once
#[utoipa::path(delete, path = "/people/{id}", security(("person" = ["operator"])), responses((status = 204, description = "They are gone")))]
pub async fn remove(caller: Caller, Id(id): Id<PersonId>) -> Result<StatusCode, Problem> {
    let by = caller.person()?;
    caller
        .desk
        .ask(move |tx| tx.remove_person(&id, &by))
        .await??;
    Ok(StatusCode::NO_CONTENT)
}

/// The roles that are given, and whether they manage.
fn held(new: &NewPerson) -> Result<(BTreeSet<Role>, bool), Problem> {
    let alone = new.roles.len() == 1 && !new.operator;
    if new.roles.contains(&Standing::Viewer) && !alone {
        let text = "`viewer` is who has no other role; give it alone, or leave it out";
        return Err(Problem::invalid("CS-api-02", text, Some("/roles")));
    }
    let role = |it: &Standing| match it {
        Standing::Analyst => Some(Role::Analyst),
        Standing::Lead => Some(Role::Lead),
        Standing::Owner => Some(Role::Owner),
        Standing::Viewer | Standing::Operator => None,
    };
    let operator = new.operator || new.roles.contains(&Standing::Operator);
    Ok((new.roles.iter().filter_map(role).collect(), operator))
}

/// An id that is read as it is written.
fn named(id: &PersonId) -> Result<(), Problem> {
    let text = id.as_str();
    if is_person(text) && !text.chars().any(acts) {
        return Ok(());
    }
    let text = "an id is 1 to 128 bytes, without spaces and characters that cannot be seen";
    Err(Problem::invalid("CS-api-02", text, Some("/id")))
}

/// Nobody else is called so, as people read it: one person under two spellings would be two
/// people who approve.
fn alone(tx: &Tx<'_>, id: &PersonId) -> Result<(), Refusal> {
    let looks = looks_of(id);
    let mut others = tx.state.people.keys().filter(|it| *it != id);
    let Some(other) = others.find(|it| looks_of(it) == looks) else {
        return Ok(());
    };
    let text = format!("{other} is known here and looks the same; one person has one id");
    Err(Refusal::conflict("CS-api-18", text))
}

fn looks_of(id: &PersonId) -> String {
    unicode_security::skeleton(&id.as_str().to_lowercase()).collect()
}
