//! Cases, with everything that became of them.

use super::listed;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::journal::entry::Entry;
use crate::journal::state::{CaseRecord, State as Tenant};
use crate::model::CaseId;
use crate::pipeline::Host;
use crate::pipeline::Refusal;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// LIMIT: entries of one case that are shown; the journal has the rest.
const TIMELINE_MAX: usize = 2000;

/// What a list may be narrowed by.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    state: Option<String>,
    cause: Option<String>,
    limit: Option<usize>,
}

/// `GET cases`, newest first.
pub async fn list(caller: Caller, Query(filter): Query<Filter>) -> Result<Json<Value>, Problem> {
    let cases = caller.desk.read(|tenant| {
        let mut found: Vec<&CaseRecord> = tenant.cases.values().collect();
        found.sort_by_key(|it| std::cmp::Reverse((it.opened, it.id.clone())));
        let wanted = found.into_iter().filter(|it| {
            filter
                .state
                .as_deref()
                .is_none_or(|state| tenant.case_state(it) == state)
                && filter
                    .cause
                    .as_deref()
                    .is_none_or(|cause| it.cause.as_str() == cause)
        });
        wanted
            .take(filter.limit.unwrap_or(100).min(1000))
            .map(|it| brief(tenant, it))
            .collect::<Vec<_>>()
    });
    Ok(listed("cases", cases))
}

fn brief(tenant: &Tenant, case: &CaseRecord) -> Value {
    let open = tenant
        .proposals_of(case)
        .filter(|it| it.state.is_open())
        .count();
    json!({
        "id": case.id, "state": tenant.case_state(case), "title": case.detection.title, "product": case.detection.product,
        "rating": case.detection.rating, "severity": case.detection.severity, "device": case.device, "resolution": case.resolution,
        "cause": case.cause, "opened": case.opened, "updated": case.updated, "revision": case.revision,
        "overreach": case.overreach, "proposals": case.proposals.len(), "open": open, "marks": case.marks,
    })
}

/// `GET cases/{id}`: the case, what was proposed, and its timeline.
pub async fn show(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let id = CaseId::new(id);
    let mut case = caller
        .desk
        .read(|tenant| whole(tenant, &id))
        .ok_or_else(|| Refusal::not_found("case", id.as_str()))?;
    let (store, tenant) = (host.store().clone(), caller.desk.tenant().clone());
    let entries = tokio::task::spawn_blocking(move || {
        store
            .reader()
            .and_then(|reader| reader.case_entries(&tenant, &id, 0, TIMELINE_MAX))
    });
    let entries = entries
        .await
        .map_err(|_| Refusal::unavailable("the journal could not be read"))?;
    let entries = entries.map_err(|error| Refusal::unavailable(error.to_string()))?;
    let timeline = entries.into_iter().map(|it| {
        let entry = it
            .body
            .as_deref()
            .and_then(|body| serde_json::from_slice::<Entry>(body).ok());
        let what = entry.map_or_else(|| "erased".to_owned(), |entry| entry.describe());
        json!({ "n": it.n, "at": it.at, "kind": it.kind, "what": what })
    });
    let timeline: Vec<Value> = timeline.collect();
    if let Some(fields) = case.as_object_mut() {
        fields.insert("timeline".to_owned(), Value::Array(timeline));
    }
    Ok(Json(case))
}

fn whole(tenant: &Tenant, id: &CaseId) -> Option<Value> {
    let case = tenant.cases.get(id)?;
    let mut value = serde_json::to_value(case).ok()?;
    let proposals: Vec<_> = tenant.proposals_of(case).collect();
    let orders: Vec<_> = tenant.orders.values().filter(|it| it.case == *id).collect();
    let effects: Vec<_> = tenant
        .effects
        .values()
        .filter(|it| it.claims.contains(id))
        .collect();
    let overreaches: Vec<_> = tenant
        .overreaches
        .values()
        .filter(|it| it.case == *id)
        .collect();
    let pages: Vec<_> = tenant
        .pages
        .values()
        .filter(|it| it.case.as_ref() == Some(id))
        .collect();
    let rest = json!({ "state": tenant.case_state(case), "proposals": proposals, "orders": orders, "effects": effects, "overreaches": overreaches, "pages": pages });
    if let (Some(fields), Value::Object(rest)) = (value.as_object_mut(), rest) {
        fields.extend(rest);
    }
    Some(value)
}
