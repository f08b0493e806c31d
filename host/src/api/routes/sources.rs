//! A vendor's own bytes: `POST sources/{source}`. Sent with a credential of ours, or by the vendor
//! itself with the proof that `sources.toml` asks for: a token, or an HMAC over the raw bytes.

use super::detections::content_type;
use crate::api::body::whole;
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

/// `POST sources/{source}`.
pub async fn post(
    State(host): State<Arc<Host>>,
    Path((tenant, source)): Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Result<(StatusCode, Json<Received>), Problem> {
    let source = SourceId::new(source);
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &host).await;
    let request = Request::from_parts(parts, body);
    let bytes = whole(request, host.config().host.intake.batch_bytes_max).await?;
    let desk = match caller {
        Ok(caller) => caller.desk,
        Err(problem) => sent_by_vendor(&host, &TenantId::new(tenant), &source, &headers, &bytes)
            .ok_or(problem)?,
    };
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

/// The desk, if the delivery proves that the vendor sent it.
fn sent_by_vendor(
    host: &Host,
    tenant: &TenantId,
    source: &SourceId,
    headers: &HeaderMap,
    bytes: &[u8],
) -> Option<Desk> {
    let config = host.config().tenants.get(tenant)?;
    let webhook = config
        .sources
        .iter()
        .find(|it| it.name.value == *source)?
        .webhook
        .as_ref()?;
    let proven = match webhook {
        Webhook::Token { sha256 } => {
            let (_, token) = headers
                .get("authorization")?
                .to_str()
                .ok()?
                .split_once(' ')?;
            let digest = Digest::of(token.trim().as_bytes());
            bool::from(digest.as_str().as_bytes().ct_eq(sha256.as_str().as_bytes()))
        }
        Webhook::Hmac { secret, header } => {
            let given = headers.get(header.as_str())?.to_str().ok()?;
            let given = hex::decode(given.trim().trim_start_matches("sha256=")).ok()?;
            let secret = secret.read().ok()?;
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
            mac.update(bytes);
            mac.verify_slice(&given).is_ok()
        }
    };
    if proven { host.desk(tenant) } else { None }
}
