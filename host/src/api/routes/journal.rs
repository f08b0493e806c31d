//! The journal as it is: entries, and an export that anyone can verify offline.

use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::journal::entry::Entry;
use crate::pipeline::Host;
use crate::pipeline::Refusal;
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// From where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

/// `GET journal?after=n&limit=`: entries in order; `next` is the cursor for more.
pub async fn list(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Query(cursor): Query<Cursor>,
) -> Result<Json<Value>, Problem> {
    let (store, tenant) = (host.store().clone(), caller.desk.tenant().clone());
    let limit = cursor.limit.unwrap_or(100).min(1000);
    let found = tokio::task::spawn_blocking(move || {
        store
            .reader()
            .and_then(|it| it.entries(&tenant, cursor.after, limit))
    })
    .await;
    let found = found
        .map_err(|_| Refusal::unavailable("the journal could not be read"))?
        .map_err(|it| Refusal::unavailable(it.to_string()))?;
    let next = found.last().map(|it| it.n);
    let entries = found.into_iter().map(|it| {
        let body: Option<Value> = it.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
        let what = body.clone().and_then(|body| serde_json::from_value::<Entry>(body).ok()).map(|entry| entry.describe());
        json!({ "n": it.n, "at": it.at, "kind": it.kind, "case": it.case, "what": what, "hash": it.hash, "entry": body })
    });
    let entries: Vec<Value> = entries.collect();
    Ok(Json(json!({ "entries": entries, "next": next })))
}

/// `GET journal/export`: NDJSON; `countersign journal verify` needs nothing else.
pub async fn export(caller: Caller, State(host): State<Arc<Host>>) -> Result<Response, Problem> {
    let (store, tenant, now) = (
        host.store().clone(),
        caller.desk.tenant().clone(),
        caller.desk.now(),
    );
    let written = tokio::task::spawn_blocking(move || {
        let mut out = Vec::new();
        let reader = store.reader().map_err(|it| it.to_string())?;
        crate::journal::export(&reader, &tenant, now, &mut out).map_err(|it| it.to_string())?;
        Ok::<_, String>(out)
    });
    let out = written
        .await
        .map_err(|_| Refusal::unavailable("the export ended unexpectedly"))?
        .map_err(Refusal::unavailable)?;
    Ok((
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from(out),
    )
        .into_response())
}
