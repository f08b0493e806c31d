//! Alerts come in: `POST detections` for what the host reads itself, `POST sources/{source}` for
//! what a source plugin reads.

use super::bytes;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::config::NATIVE_SOURCE;
use crate::intake::read_native;
use crate::model::{Digest, SourceId};
use crate::pipeline::Host;
use crate::pipeline::{Item, Received, Refusal};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use std::sync::Arc;

type Answer = Result<(StatusCode, Json<Received>), Problem>;

/// `POST detections`: OCSF Detection Findings, as object, array or NDJSON.
pub async fn post(
    caller: Caller,
    State(host): State<Arc<Host>>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    host.admit(&caller.desk)?;
    let content_type = content_type(&headers);
    let body = bytes(request, &host).await?;
    let read = read_native(
        &body,
        &content_type,
        host.config().host.intake.detection_bytes_max,
    );
    let items: Vec<Item> = read
        .into_iter()
        .map(|(raw, read)| Item { raw, read })
        .collect();
    let received = caller
        .desk
        .ask(move |tx| tx.deliver(&SourceId::from(NATIVE_SOURCE), &content_type, items))
        .await?;
    host.count_received(&received);
    Ok((StatusCode::ACCEPTED, Json(received)))
}

/// `POST sources/{source}`: a vendor's own bytes.
pub async fn source(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Path((_, source)): Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    host.admit(&caller.desk)?;
    let source = SourceId::new(source);
    let content_type = content_type(&headers);
    let body = bytes(request, &host).await?;
    match caller.desk.book().sources.get(&source) {
        None => return Err(Refusal::not_found("source", source.as_str()).into()),
        Some(None) => {
            let text =
                format!("source {source} has no enrolled plugin; see: countersign plugin enrol");
            return Err(Refusal::conflict("CS-source-01", text).into());
        }
        Some(Some(_)) => {}
    }
    let payload = Digest::of(&body);
    // asked before the step, so that an answer cannot come before somebody waits for it
    let read = host.workers().when_read(caller.desk.tenant(), &payload);
    let known = caller
        .desk
        .ask(move |tx| tx.receive(&source, &content_type, body))
        .await?;
    let received = match known {
        Some(known) => known,
        None => read.await.map_err(|_| {
            Refusal::unavailable(
                "the host went down while it read this; it is kept and read when it is back",
            )
        })?,
    };
    host.count_received(&received);
    Ok((StatusCode::ACCEPTED, Json(received)))
}

fn content_type(headers: &HeaderMap) -> String {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    declared
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}
