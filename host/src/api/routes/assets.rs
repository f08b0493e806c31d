//! The inventory: what there is, how exactly a name is known, and how it changes.

use super::{Body, bytes, listed};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::inventory::{confirm_from_sightings, import, place_sightings, read_sightings};
use crate::journal::state::{ChangeRecord, State as Tenant};
use crate::model::AssetId;
use crate::pipeline::Host;
use crate::pipeline::{Refusal, change_needs};
use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET assets`: assets and groups, with how much of it is reviewed.
pub async fn list(caller: Caller) -> Json<Value> {
    let (now, stale_after_ms) = (caller.desk.now(), caller.desk.book().stale_after_ms);
    Json(caller.desk.read(|tenant| {
        let inventory = &tenant.inventory;
        json!({
            "assets": inventory.assets().collect::<Vec<_>>(),
            "groups": inventory.groups().collect::<Vec<_>>(),
            "edges": inventory.edges().collect::<Vec<_>>(),
            "coverage": inventory.coverage(now, stale_after_ms),
        })
    }))
}

/// `GET assets/{id}`.
pub async fn show(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let id = AssetId::new(id);
    let found = caller.desk.read(|tenant| {
        let asset = tenant.inventory.asset(&id)?;
        Some(json!({ "asset": asset, "groups": tenant.inventory.groups_of(&id) }))
    });
    Ok(Json(
        found.ok_or_else(|| Refusal::not_found("asset", id.as_str()))?,
    ))
}

/// A name, address or id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    name: String,
}

/// `GET assets:resolve?name=`.
pub async fn resolve(caller: Caller, Query(named): Query<Named>) -> Json<Value> {
    let (now, stale_after_ms) = (caller.desk.now(), caller.desk.book().stale_after_ms);
    Json(caller.desk.read(|tenant| {
        let found = tenant
            .inventory
            .resolve_name(&named.name, now, stale_after_ms);
        let assets: Vec<_> = found
            .assets
            .iter()
            .filter_map(|id| tenant.inventory.asset(id))
            .collect();
        json!({ "resolution": found.resolution, "by": found.by, "assets": assets })
    }))
}

/// Whether a change is only shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    #[serde(default)]
    dry_run: bool,
}

/// `POST assets:import`: CSV or JSON. Tightening applies at once; loosening waits for a lead.
pub async fn import(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Query(how): Query<Import>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let person = caller.person()?;
    let format = format(&headers);
    let body = bytes(request, &host).await?;
    let document = import::read(&body, format).map_err(|errors| misfits(&errors))?;
    let now = caller.desk.now();
    let diff = caller
        .desk
        .read(|tenant| import::diff(&tenant.inventory, &document, now))
        .map_err(|errors| misfits(&errors))?;
    let shown =
        json!({ "lines": diff.lines, "unchanged": diff.unchanged, "loosens": diff.loosens });
    if how.dry_run {
        return Ok(Json(json!({ "diff": shown })));
    }
    let list = String::from_utf8(body)
        .map_err(|_| Problem::invalid("CS-asset-01", "it is not UTF-8", None))?;
    // compared again in the step: somebody else may have changed the inventory meanwhile
    let imported = caller
        .desk
        .ask(move |tx| tx.import_assets(list, format, &person));
    Ok(Json(json!({ "diff": shown, "imported": imported.await?? })))
}

/// `GET changes`: those that wait, and whom for.
pub async fn changes(caller: Caller) -> Json<Value> {
    let waiting = caller.desk.read(|tenant| {
        let open = tenant.changes.values().filter(|it| it.decided.is_none());
        open.map(|it| shown(tenant, it)).collect::<Vec<_>>()
    });
    listed("changes", waiting)
}

/// A change with whom it waits for, and without the list that it came from.
fn shown(tenant: &Tenant, record: &ChangeRecord) -> Value {
    let mut value = json!(record);
    if let Some(fields) = value.as_object_mut() {
        fields.remove("list");
        fields.insert("needs".to_owned(), json!(change_needs(tenant, record)));
    }
    value
}

/// Why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    #[serde(default)]
    comment: String,
}

/// `POST changes/{id}/approve`.
pub async fn approve_change(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Body(comment): Body<Comment>,
) -> Result<Json<Value>, Problem> {
    decide(caller, id, comment, true).await
}

/// `POST changes/{id}/deny`.
pub async fn deny_change(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Body(comment): Body<Comment>,
) -> Result<Json<Value>, Problem> {
    decide(caller, id, comment, false).await
}

async fn decide(
    caller: Caller,
    id: String,
    comment: Comment,
    approved: bool,
) -> Result<Json<Value>, Problem> {
    let person = caller.person()?;
    let asked = id.clone();
    caller
        .desk
        .ask(move |tx| tx.decide_change(&id, &person, approved, &comment.comment))
        .await??;
    let record = caller
        .desk
        .read(|tenant| tenant.changes.get(&asked).map(|it| shown(tenant, it)));
    Ok(Json(json!(record)))
}

/// `POST sightings`: an application inventory or telemetry, as CSV or JSON.
pub async fn sightings(
    caller: Caller,
    State(host): State<Arc<Host>>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Value>, Problem> {
    // coverage turns `unknown` into `new`, which loosens: a machine's token never does that
    let by = caller.person()?;
    let format = format(&headers);
    let body = bytes(request, &host).await?;
    let now = caller.desk.now();
    let rows = read_sightings(&body, format).map_err(|errors| misfits(&errors))?;
    let answer = caller.desk.ask(move |tx| {
        tx.may_import(&by)?;
        let (seen, unplaced) = place_sightings(&tx.state.inventory, &rows, now);
        let confirm = confirm_from_sightings(&tx.state.inventory, &seen);
        let count = tx.import_sightings(seen, confirm, by.as_str());
        let unplaced: Vec<String> = unplaced.iter().map(ToString::to_string).collect();
        Ok::<_, Refusal>(json!({ "imported": count, "unplaced": unplaced }))
    });
    Ok(Json(answer.await??))
}

fn format(headers: &HeaderMap) -> import::Format {
    let csv = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.contains("csv"));
    if csv {
        import::Format::Csv
    } else {
        import::Format::Json
    }
}

/// All misfits at once: whoever mends a file wants to mend it once.
fn misfits(errors: &[import::ImportError]) -> Problem {
    let code = errors.first().map_or("CS-asset-01", |it| it.code.as_str());
    Problem::invalid(code, &lines(errors), None)
}

fn lines(errors: &[import::ImportError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
