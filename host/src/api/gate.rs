//! The gate before every route: who may, how often, and that what was shown is durable.
//!
//! Who may do what is said once, beside each route, in what its documentation says of it. The gate
//! is built from that document, so the two cannot differ: what the document does not allow is
//! refused here, before the route was reached or a byte of the body was read, and what is not in
//! the document is not served. The tenant's own rules (who owns this target, who proposed it) are
//! judged behind it, in the step that decides.

use super::caller::{Caller, Unknown, Who, unknown};
use super::document::{Allowed, Document};
use super::problem::Problem;
use super::rates::Rates;
use super::standing::{Standing, one_of};
use crate::model::TenantId;
use crate::pipeline::{Desk, Host, Refusal};
use axum::extract::{ConnectInfo, MatchedPath, Path, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// What the gate knows.
#[derive(Clone)]
pub struct Gate {
    host: Arc<Host>,
    document: Arc<Document>,
    rates: Arc<Rates>,
}

impl Gate {
    /// A gate before the routes of a document.
    pub fn new(host: &Arc<Host>, document: Arc<Document>, rates: Arc<Rates>) -> Self {
        Self {
            host: host.clone(),
            document,
            rates,
        }
    }

    /// Whether only the method is wrong: axum says so, and which it takes.
    fn knows_path(&self, request: &Request) -> bool {
        let path = request.extensions().get::<MatchedPath>();
        path.is_some_and(|it| self.document.knows(it.as_str()))
    }

    fn allowed(&self, request: &Request) -> Option<&Allowed> {
        let path = request.extensions().get::<MatchedPath>()?;
        let method = match request.method() {
            &Method::HEAD => &Method::GET,
            other => other,
        };
        self.document.allowed(method, path.as_str())
    }

    /// Who asks, once they may; `None` where anybody may.
    fn admit(
        &self,
        allowed: &Allowed,
        tenant: &TenantId,
        parts: &mut Parts,
    ) -> Result<Option<Caller>, Problem> {
        let from = address(parts);
        if allowed.anybody {
            if !allowed.vitals {
                self.rates.stranger(from)?;
            }
            return Ok(None);
        }
        let Some(caller) = Caller::of(&self.host, tenant, parts)? else {
            self.stranger(allowed, from, parts)?;
            return Ok(None);
        };
        if allowed.delivery {
            self.rates.delivery(&caller.key())?;
        } else {
            self.rates.request(&caller.key())?;
        }
        may(allowed, &caller)?;
        parts.extensions.insert(caller.clone());
        Ok(Some(caller))
    }

    /// Nobody that is known: told so, unless the route takes another proof, which it looks at.
    fn stranger(&self, allowed: &Allowed, from: IpAddr, parts: &mut Parts) -> Result<(), Problem> {
        if allowed.vendor {
            self.rates.vendor(from)?;
            let why = unknown(&self.host, parts);
            parts.extensions.insert(Unknown(why));
            return Ok(());
        }
        self.rates.stranger(from)?;
        Err(unknown(&self.host, parts))
    }
}

/// Lets through who may; for `from_fn_with_state`, on every route.
pub async fn gate(
    State(gate): State<Gate>,
    path: Option<Path<HashMap<String, String>>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(allowed) = gate.allowed(&request).cloned() else {
        if gate.knows_path(&request) {
            return Ok(next.run(request).await);
        }
        tracing::error!(
            path = request.uri().path(),
            "a route is not in the document"
        );
        return Err(Refusal::forbidden("this route is not in the document, so nobody may").into());
    };
    let tenant = path.and_then(|it| it.0.get("tenant").cloned());
    let tenant = TenantId::new(tenant.unwrap_or_default());
    let (mut parts, body) = request.into_parts();
    let caller = gate.admit(&allowed, &tenant, &mut parts)?;
    let shown = next.run(Request::from_parts(parts, body)).await;
    if let Some(caller) = caller.filter(|_| !allowed.delivery) {
        settled(&caller.desk).await?;
    }
    Ok(shown)
}

/// A step is in the state before it is on disk, and what was shown must not be taken back by a
/// crash. Steps become durable in their order, so one that does nothing, asked for after reading,
/// is the proof.
async fn settled(desk: &Desk) -> Result<(), Refusal> {
    desk.ask(|_| ()).await
}

/// The same for pages, which have a door of their own: what a route read of the state is shown
/// once it is durable.
pub async fn durable(
    State(host): State<Arc<Host>>,
    Path(path): Path<HashMap<String, String>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let shown = next.run(request).await;
    let tenant = path.get("tenant").map(|it| TenantId::from(it.as_str()));
    if let Some(desk) = tenant.and_then(|it| host.desk(&it)) {
        settled(&desk).await?;
    }
    Ok(shown)
}

fn may(allowed: &Allowed, caller: &Caller) -> Result<(), Problem> {
    if let Who::Machine { .. } = caller.who {
        return match allowed.machine {
            true => Ok(()),
            false => caller.person().map(drop),
        };
    }
    if caller.comes_as(&allowed.people) {
        return Ok(());
    }
    Err(Refusal::forbidden(format!("this takes {}", takes(&allowed.people))).into())
}

fn takes(people: &BTreeSet<Standing>) -> String {
    let words = one_of(people);
    let vowel = words.starts_with(['a', 'o']);
    format!("{} {words}", if vowel { "an" } else { "a" })
}

/// Where a request comes from. Without a socket (tests) all come from the same place.
fn address(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |it| it.0.ip())
}
