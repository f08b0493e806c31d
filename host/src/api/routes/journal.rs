//! The journal as it is: entries, and an export that anyone can verify offline.

use super::part;
use crate::api::caller::Caller;
use crate::api::cursor::Part;
use crate::api::problem::Problem;
use crate::journal::entry::Entry;
use crate::journal::{EntryFilter, StoredEntry};
use crate::model::{CaseId, Digest, Millis};
use crate::pipeline::Host;
use crate::pipeline::Refusal;
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only of this case.
    case: Option<String>,
    /// Only of this kind, such as `judged`.
    kind: Option<String>,
    /// Only from this time on, in milliseconds since 1970.
    from_ms: Option<u64>,
    /// Only before this time.
    until_ms: Option<u64>,
    /// Begin after this place in the chain.
    #[serde(default)]
    #[param(required = false)]
    after: u64,
    /// At most so many.
    limit: Option<u32>,
    /// The `next` of the part before.
    cursor: Option<String>,
}

/// One entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryShown {
    /// Its place in the tenant's chain.
    n: u64,
    at: Millis,
    kind: String,
    case: Option<CaseId>,
    /// In one line; absent where it was erased. May hold text from outside: shown inert.
    what: Option<String>,
    /// Of its header, which holds the hash of the entry before.
    hash: Digest,
    /// As it was written; absent where it was erased.
    entry: Option<Value>,
}

part! {
    /// Entries, in order. A part may be short or empty though there is a next one: a filter looks
    /// at so many entries at once.
    Entries { entries: EntryShown }
}

/// Entries in order, by case, kind and time
#[utoipa::path(get, path = "/journal", params(Filter), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Entries)))]
pub async fn list(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Query(filter): Query<Filter>,
) -> Result<Json<Entries>, Problem> {
    let times = [filter.from_ms, filter.until_ms].map(|it| it.map(|ms| ms.to_string()));
    let [from, until] = times.each_ref().map(|it| it.as_deref());
    let filters = [filter.case.as_deref(), filter.kind.as_deref(), from, until];
    let cursor = filter.cursor.as_deref();
    let part: Part<u64> = Part::of(&caller, "journal", &filters, filter.limit, cursor)?;
    let (store, tenant) = (host.store().clone(), caller.desk.tenant().clone());
    let (after, limit) = (part.after.unwrap_or(filter.after), part.limit);
    let wanted = EntryFilter {
        case: filter.case.map(CaseId::new),
        kind: filter.kind,
        from: filter.from_ms.map(Millis),
        until: filter.until_ms.map(Millis),
    };
    let found = tokio::task::spawn_blocking(move || {
        let reader = store.reader()?;
        reader.entries_where(&tenant, &wanted, after, limit)
    });
    let found = found
        .await
        .map_err(|_| Refusal::unavailable("the journal could not be read"))?;
    let (entries, next) = found.map_err(|it| Refusal::unavailable(it.to_string()))?;
    let next = next.map(|n| part.cursor(&n));
    Ok(Entries::of((
        entries.into_iter().map(shown).collect(),
        next,
    )))
}

fn shown(it: StoredEntry) -> EntryShown {
    let body = it.body.as_deref();
    let entry: Option<Value> = body.and_then(|body| serde_json::from_slice(body).ok());
    let read = entry
        .clone()
        .and_then(|it| serde_json::from_value::<Entry>(it).ok());
    EntryShown {
        n: it.n,
        at: it.at,
        kind: it.kind,
        case: it.case,
        what: read.map(|it| it.describe()),
        hash: it.hash,
        entry,
    }
}

/// The whole journal; `countersign journal verify` needs nothing else
#[utoipa::path(get, path = "/journal/export", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses(
    (status = 200, description = "One JSON object a line", body = String, content_type = "application/x-ndjson"),
))]
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
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((kind, Body::from(out)).into_response())
}
