//! Who is asking. Two kinds of credential: a person's is short-lived and may decide; a machine's
//! may post detections and read, and can never approve, halt, or loosen anything.
//!
//! A tenant that the caller does not belong to does not exist for them: 404, not 403. A route
//! gets its caller from the gate, which has looked at them before the route was reached.

use super::problem::Problem;
use super::standing::Standing;
use crate::model::{Digest, PersonId, Role, TenantId, TokenId};
use crate::pipeline::Host;
use crate::pipeline::{Desk, Refusal};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::collections::BTreeSet;
use subtle::ConstantTimeEq as _;

/// Who asks, and the tenant that they ask in.
#[derive(Clone)]
pub struct Caller {
    /// The tenant of the path.
    pub desk: Desk,
    /// Who.
    pub who: Who,
    credential: Digest,
}

/// A person or a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person, with the roles that hold everywhere.
    Person {
        /// Who.
        id: PersonId,
        /// As what.
        roles: BTreeSet<Role>,
        /// Whether they manage people and plugins.
        operator: bool,
    },
    /// A machine.
    Machine {
        /// Its token.
        token: TokenId,
    },
}

/// What rates and streams are counted by: a tenant and a credential in it.
pub type Key = (TenantId, Digest);

/// Why the gate knows nobody; for routes that take another proof.
#[derive(Clone)]
pub struct Unknown(pub Problem);

impl Caller {
    /// The caller of a request, where its credential is one of this tenant.
    pub fn of(host: &Host, tenant: &TenantId, headers: &HeaderMap) -> Option<Self> {
        let credential = digest(headers)?;
        let desk = host.desk(tenant)?;
        let who = who(&desk, &credential)?;
        Some(Self {
            desk,
            who,
            credential,
        })
    }
    /// The person who asks.
    ///
    /// # Errors
    /// A machine asks: it never decides.
    pub fn person(&self) -> Result<PersonId, Problem> {
        match &self.who {
            Who::Person { id, .. } => Ok(id.clone()),
            Who::Machine { .. } => Err(Refusal::forbidden(
                "a machine's token never decides; sign in with: countersign login",
            )
            .into()),
        }
    }
    /// Whether they come as one of these. Owning something is looked for last: it takes a walk
    /// through the inventory.
    pub fn comes_as(&self, wanted: &BTreeSet<Standing>) -> bool {
        let Who::Person {
            id,
            roles,
            operator,
        } = &self.who
        else {
            return false;
        };
        !Standing::of(roles, *operator).is_disjoint(wanted)
            || wanted.contains(&Standing::Owner) && owns(&self.desk, id)
    }
    /// What their rates and streams are counted by.
    pub fn key(&self) -> Key {
        (self.desk.tenant().clone(), self.credential.clone())
    }
    /// Whether the credential still holds, for the same person with the same roles: looked at
    /// anew while somebody listens.
    pub fn still_valid(&self) -> bool {
        who(&self.desk, &self.credential).as_ref() == Some(&self.who)
    }
}

/// Why a request has no caller. What is foreign does not exist, so that nobody learns which
/// tenants there are; a credential that is known nowhere is asked for.
pub fn unknown(host: &Host, headers: &HeaderMap) -> Problem {
    let Some(credential) = digest(headers) else {
        return Problem::unauthorized("no credential; send: Authorization: Bearer <token>");
    };
    if host.desks().any(|desk| who(desk, &credential).is_some()) {
        return Problem::not_found("no such tenant, or not yours");
    }
    Problem::unauthorized(
        "the credential is unknown, revoked or too old; sign in with: countersign login",
    )
}

fn digest(headers: &HeaderMap) -> Option<Digest> {
    let (scheme, secret) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let bearer = scheme.eq_ignore_ascii_case("bearer");
    bearer.then(|| Digest::of(secret.trim().as_bytes()))
}

fn owns(desk: &Desk, person: &PersonId) -> bool {
    if desk.book().default_owner.as_ref() == Some(person) {
        return true;
    }
    desk.read(|state| {
        let mut groups = state.inventory.groups();
        groups.any(|it| it.owners.contains(person) || it.deputies.contains(person))
            || state
                .inventory
                .assets()
                .any(|it| it.owners.contains(person))
    })
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let known = parts.extensions.get::<Self>().cloned();
        let unknown = || parts.extensions.get::<Unknown>().map(|it| it.0.clone());
        known.ok_or_else(|| {
            unknown().unwrap_or_else(|| Problem::unauthorized("no credential that is known"))
        })
    }
}

/// Who a secret belongs to. The digest is compared, so that the time it takes says nothing about
/// the secret.
fn who(desk: &Desk, digest: &Digest) -> Option<Who> {
    let now = desk.now();
    desk.read(|state| {
        let credential = state.credentials.get(digest).filter(|it| now < it.until);
        let known = credential.and_then(|it| state.people.get(&it.person));
        if let Some(known) = known.filter(|it| it.removed.is_none()) {
            let (id, roles, operator) = (
                known.person.id.clone(),
                known.person.roles.clone(),
                known.person.operator,
            );
            return Some(Who::Person {
                id,
                roles,
                operator,
            });
        }
        let same = |secret: &Digest| {
            bool::from(secret.as_str().as_bytes().ct_eq(digest.as_str().as_bytes()))
        };
        let token = state
            .tokens
            .values()
            .find(|it| !it.revoked && same(&it.secret))?;
        Some(Who::Machine {
            token: token.id.clone(),
        })
    })
}
