//! Who is asking. Two kinds of credential: a person's is short-lived and may decide; a machine's
//! may post detections and read, and can never approve, halt, or loosen anything.
//!
//! A tenant that the caller does not belong to does not exist for them: 404, not 403. A route
//! gets its caller from the gate, which has looked at them before the route was reached.

use super::cookie;
use super::problem::Problem;
use super::standing::Standing;
use crate::model::{Digest, PersonId, Role, TenantId, TokenId};
use crate::pipeline::Host;
use crate::pipeline::{Desk, Refusal};
use axum::extract::{FromRequestParts, Path};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// Who asks, and the tenant that they ask in.
#[derive(Clone)]
pub struct Caller {
    /// The tenant of the path.
    pub desk: Desk,
    /// Who.
    pub who: Who,
    /// The digest of the secret that was shown.
    pub credential: Digest,
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
    ///
    /// # Errors
    /// There is a credential that may not be used for this request.
    pub fn of(host: &Host, tenant: &TenantId, parts: &Parts) -> Result<Option<Self>, Problem> {
        let credential = secret(parts)?.map(|it| Digest::of(it.trim().as_bytes()));
        let found = credential.zip(host.desk(tenant));
        Ok(found.and_then(|(credential, desk)| {
            let who = who(&desk, &credential)?;
            Some(Self {
                desk,
                who,
                credential,
            })
        }))
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
pub fn unknown(host: &Host, parts: &Parts) -> Problem {
    let secret = match secret(parts) {
        Ok(Some(secret)) => Digest::of(secret.trim().as_bytes()),
        Ok(None) => {
            let text = "no credential; send: Authorization: Bearer <token>";
            return Problem::unauthorized(text);
        }
        Err(problem) => return problem,
    };
    if host.desks().any(|desk| who(desk, &secret).is_some()) {
        return Problem::not_found("no such tenant, or not yours");
    }
    Problem::unauthorized(
        "the credential is unknown, revoked or too old; sign in with: countersign login",
    )
}

/// The secret that a request shows, if it shows one.
fn secret(parts: &Parts) -> Result<Option<String>, Problem> {
    let header = parts.headers.get(AUTHORIZATION);
    let header = header.and_then(|it| it.to_str().ok()?.split_once(' '));
    let bearer = header.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match bearer {
        Some((_, secret)) => Ok(Some(secret.to_owned())),
        None => cookie::secret(parts),
    }
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

impl FromRequestParts<Arc<Host>> for Caller {
    type Rejection = Problem;

    /// As the gate found them; where there is no gate (pages), looked for here.
    async fn from_request_parts(parts: &mut Parts, host: &Arc<Host>) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        if let Some(unknown) = parts.extensions.get::<Unknown>() {
            return Err(unknown.0.clone());
        }
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, host).await;
        let tenant = path.ok().and_then(|it| it.0.get("tenant").cloned());
        let tenant = TenantId::new(tenant.unwrap_or_default());
        Self::of(host, &tenant, parts)?.ok_or_else(|| unknown(host, parts))
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
