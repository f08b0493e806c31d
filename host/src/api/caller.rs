//! Who is asking. Two kinds of credential: a person's is short-lived and may decide; a machine's
//! may post detections and read, and can never approve, halt, or loosen anything.
//!
//! A tenant that the caller does not belong to does not exist for them: 404, not 403.

use super::cookie;
use super::problem::Problem;
use crate::model::{Digest, PersonId, Role, TenantId, TokenId};
use crate::pipeline::Host;
use crate::pipeline::{Desk, Refusal};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// Who asks, and the tenant that they ask in.
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

impl Caller {
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
    /// Whether the credential still holds: looked at anew while somebody listens.
    pub fn still_valid(&self) -> bool {
        who(&self.desk, &self.credential).as_ref() == Some(&self.who)
    }
}

impl FromRequestParts<Arc<Host>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, host: &Arc<Host>) -> Result<Self, Problem> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, host)
            .await
            .ok();
        let tenant = path
            .and_then(|it| it.0.get("tenant").cloned())
            .unwrap_or_default();
        let bearer = parts
            .headers
            .get(axum::http::header::AUTHORIZATION)
            .and_then(|it| it.to_str().ok())
            .and_then(|it| it.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, secret)| secret.to_owned());
        let secret = match bearer {
            Some(secret) => secret,
            None => cookie::secret(parts)?.ok_or_else(|| {
                Problem::unauthorized("no credential; send: Authorization: Bearer <token>")
            })?,
        };
        let digest = Digest::of(secret.trim().as_bytes());
        let desk = host.desk(&TenantId::new(tenant));
        let who = desk.as_ref().and_then(|desk| who(desk, &digest));
        match (desk, who) {
            (Some(desk), Some(who)) => Ok(Self {
                desk,
                who,
                credential: digest,
            }),
            // known elsewhere: what is foreign does not exist; known nowhere: sign in
            _ if host.desks().any(|desk| self::who(desk, &digest).is_some()) => {
                Err(Problem::not_found("no such tenant, or not yours"))
            }
            _ => Err(Problem::unauthorized(
                "the credential is unknown, revoked or too old; sign in with: countersign login",
            )),
        }
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
