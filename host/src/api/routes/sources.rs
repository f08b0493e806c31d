//! A vendor's own bytes: `POST sources/{source}`. Sent with a credential of ours, or by the vendor
//! itself with the proof that `sources.toml` asks for: a token, or an HMAC over the raw bytes.

use super::bytes;
use super::detections::content_type;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::config::Webhook;
use crate::model::{Digest, SourceId, TenantId};
use crate::pipeline::{Desk, Host, Received, Refusal};
use axum::Json;
use axum::extract::{FromRequestParts as _, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// Deliver a vendor's own bytes to a source
#[utoipa::path(post, path = "/sources/{source}",
    security(("person" = ["analyst", "lead", "owner", "operator"]), ("machine" = []), ("vendor" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Whatever the source's plugin reads"),
    responses(
        (status = 202, description = "What became of it", body = Received),
        (status = 409, description = "CS-source-01"),
    ))]
pub async fn post(
    State(host): State<Arc<Host>>,
    Path((tenant, source)): Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Result<(StatusCode, Json<Received>), Problem> {
    let source = SourceId::new(source);
    let (mut parts, body) = request.into_parts();
    // whoever proves nothing is sent away before a byte of the body is read
    let proof = match Caller::from_request_parts(&mut parts, &host).await {
        Ok(caller) => Proof::Given(caller.desk),
        Err(problem) => proof(&host, &TenantId::new(tenant), &source, &headers).ok_or(problem)?,
    };
    let request = Request::from_parts(parts, body);
    let bytes = bytes(request, &host).await?;
    let desk = proof.over(&bytes)?;
    host.admit(&desk)?;
    let received = receive(&host, &desk, source, content_type(&headers), bytes).await?;
    host.count_received(&received);
    Ok((StatusCode::ACCEPTED, Json(received)))
}

async fn receive(
    host: &Arc<Host>,
    desk: &Desk,
    source: SourceId,
    content_type: String,
    bytes: Vec<u8>,
) -> Result<Received, Problem> {
    match desk.book().sources.get(&source) {
        None => return Err(Refusal::not_found("source", source.as_str()).into()),
        Some(None) => {
            let text =
                format!("source {source} has no enrolled plugin; see: countersign plugin enrol");
            return Err(Refusal::conflict("CS-source-01", text).into());
        }
        Some(Some(_)) => {}
    }
    let (workers, tenant, payload) = (
        host.workers().clone(),
        desk.tenant().clone(),
        Digest::of(&bytes),
    );
    // whoever waits is noted within the step: the answer cannot come before that
    let step = desk.ask(move |tx| {
        tx.receive(&source, &content_type, bytes)
            .ok_or_else(|| workers.when_read(&tenant, &payload))
    });
    match step.await? {
        Ok(known) => Ok(known),
        Err(read) => read.await.map_err(|_| {
            Refusal::unavailable(
                "the host went down while it read this; it is kept and read when it is back",
            )
            .into()
        }),
    }
}

/// What a delivery proves before its body is read.
enum Proof {
    /// Enough.
    Given(Desk),
    /// That its sender knows the secret, if the signature is over these bytes.
    Signed {
        desk: Desk,
        mac: Hmac<Sha256>,
        signature: Vec<u8>,
    },
}

impl Proof {
    /// The desk, if the proof holds over the body.
    fn over(self, bytes: &[u8]) -> Result<Desk, Problem> {
        match self {
            Self::Given(desk) => Ok(desk),
            Self::Signed {
                desk,
                mut mac,
                signature,
            } => {
                mac.update(bytes);
                let held = mac.verify_slice(&signature).map(|()| desk);
                held.map_err(|_| {
                    Problem::unauthorized("the signature is not over these bytes with the secret")
                })
            }
        }
    }
}

/// The vendor's own proof, as `sources.toml` asks for it.
fn proof(host: &Host, tenant: &TenantId, source: &SourceId, headers: &HeaderMap) -> Option<Proof> {
    let config = host.config().tenants.get(tenant)?;
    let mut sources = config.sources.iter();
    let source = sources.find(|it| it.name.value == *source)?;
    let header = |name: &str| headers.get(name)?.to_str().ok();
    match source.webhook.as_ref()? {
        Webhook::Token { sha256 } => {
            let (_, token) = header("authorization")?.split_once(' ')?;
            let digest = Digest::of(token.trim().as_bytes());
            let same = digest.as_str().as_bytes().ct_eq(sha256.as_str().as_bytes());
            bool::from(same).then(|| host.desk(tenant).map(Proof::Given))?
        }
        Webhook::Hmac {
            secret,
            header: name,
        } => {
            let given = header(name)?.trim();
            let signature = hex::decode(given.trim_start_matches("sha256=")).ok()?;
            let secret = secret.read().ok()?;
            let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
            let desk = host.desk(tenant)?;
            Some(Proof::Signed {
                desk,
                mac,
                signature,
            })
        }
    }
}
