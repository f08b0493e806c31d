//! The inventory: what there is, how exactly a name is known, and how it changes.

use super::overreaches::Few;
use super::sightings::{format, misfits};
use super::{Id, bytes, part};
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::inventory::import::DiffLine;
use crate::inventory::{Coverage, ResolvedBy, import};
use crate::model::{Asset, AssetId, Edge, Group, GroupId, Node, Resolution};
use crate::pipeline::Host;
use crate::pipeline::{Imported, Refusal};
use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Assets, by id.
#[derive(Debug, Serialize, ToSchema)]
pub struct Assets {
    assets: Vec<Asset>,
    /// How much of the whole inventory is reviewed; with the first part.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Coverage>,
    /// The cursor for what comes after; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Assets, and how much of the inventory is reviewed
#[utoipa::path(get, path = "/assets", params(Few), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Assets)))]
pub async fn list(caller: Caller, Query(few): Query<Few>) -> Result<Json<Assets>, Problem> {
    let part: Part<AssetId> = few.part(&caller, "assets")?;
    let (now, stale_after_ms) = (caller.desk.now(), caller.desk.book().stale_after_ms);
    Ok(Json(caller.desk.read(|tenant| {
        let inventory = &tenant.inventory;
        let wanted = beyond(inventory.assets_by_id(), part.after.as_ref());
        let (assets, next) = part.fill(wanted, |it| it.id.clone(), Asset::clone);
        let first = part.after.is_none();
        Assets {
            assets,
            coverage: first.then(|| inventory.coverage(now, stale_after_ms)),
            next,
        }
    })))
}

part! {
    /// Groups, by id.
    Groups { groups: Group }
}

/// Groups, with the mode and threshold that were accepted for them
#[utoipa::path(get, path = "/groups", params(Few), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Groups)))]
pub async fn groups(caller: Caller, Query(few): Query<Few>) -> Result<Json<Groups>, Problem> {
    let part: Part<GroupId> = few.part(&caller, "groups")?;
    let found = caller.desk.read(|tenant| {
        let wanted = beyond(tenant.inventory.groups_by_id(), part.after.as_ref());
        part.fill(wanted, |it| it.id.clone(), Group::clone)
    });
    Ok(Groups::of(found))
}

part! {
    /// Edges, by what they start from.
    Edges { edges: Edge }
}

/// What else is protected or belongs to groups: software, accounts, addresses, domains
#[utoipa::path(get, path = "/edges", params(Few), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Edges)))]
pub async fn edges(caller: Caller, Query(few): Query<Few>) -> Result<Json<Edges>, Problem> {
    let part: Part<Node> = few.part(&caller, "edges")?;
    let found = caller.desk.read(|tenant| {
        let wanted = beyond(tenant.inventory.edges_by_node(), part.after.as_ref());
        part.fill(wanted, |it| it.node.clone(), Edge::clone)
    });
    Ok(Edges::of(found))
}

/// An asset, with every group that it is in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetShown {
    asset: Asset,
    /// Groups of groups among them.
    groups: BTreeSet<GroupId>,
}

/// An asset, with every group that it is in
#[utoipa::path(get, path = "/assets/{id}", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "It", body = AssetShown)))]
pub async fn show(caller: Caller, Id(id): Id<AssetId>) -> Result<Json<AssetShown>, Problem> {
    let found = caller.desk.read(|tenant| {
        let asset = tenant.inventory.asset(&id)?.clone();
        let groups = tenant.inventory.groups_of(&id);
        Some(AssetShown { asset, groups })
    });
    let found = found.ok_or_else(|| Refusal::not_found("asset", id.as_str()))?;
    Ok(Json(found))
}

/// A name, address or id.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// As an alert would name it.
    name: String,
}

/// The assets behind a name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resolved {
    resolution: Resolution,
    by: ResolvedBy,
    assets: Vec<Asset>,
}

/// How exactly the inventory knows a name
#[utoipa::path(get, path = "/assets:resolve", params(Named), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "The assets behind it", body = Resolved)))]
pub async fn resolve(caller: Caller, Query(named): Query<Named>) -> Json<Resolved> {
    let (now, stale_after_ms) = (caller.desk.now(), caller.desk.book().stale_after_ms);
    Json(caller.desk.read(|tenant| {
        let inventory = &tenant.inventory;
        let found = inventory.resolve_name(&named.name, now, stale_after_ms);
        let assets = found.assets.iter().filter_map(|id| inventory.asset(id));
        Resolved {
            resolution: found.resolution,
            by: found.by,
            assets: assets.cloned().collect(),
        }
    }))
}

/// Whether a change is only shown.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Show what would change, and change nothing.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
}

/// What an import changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffShown {
    lines: Vec<DiffLine>,
    /// Records that change nothing.
    unchanged: usize,
    /// What becomes weaker.
    loosens: Vec<import::Loosened>,
}

/// What came of an import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportShown {
    diff: DiffShown,
    /// Absent where it was only shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    imported: Option<Imported>,
}

/// Import assets, groups and edges as JSON or CSV; what loosens waits for another lead
#[utoipa::path(post, path = "/assets:import", security(("person" = ["lead", "operator"])), params(Import),
    request_body(content(
        (Value = "application/json", example = json!({ "assets": [] })),
        (String = "text/csv", example = json!("name,kind\nerp-01,server\n")),
    )),
    responses(
        (status = 200, description = "The difference, and what became of it", body = ImportShown),
        (status = 422, description = "CS-asset-01, CS-asset-02, CS-asset-03, CS-asset-04, CS-asset-05, CS-asset-06, CS-asset-07, CS-asset-08, CS-asset-09, CS-asset-10, CS-asset-11, CS-asset-12"),
    ))]
pub async fn import(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Query(how): Query<Import>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<ImportShown>, Problem> {
    let person = caller.person()?;
    let body = bytes(request, &host).await?;
    let format = format(&headers);
    let document = import::read(&body, format).map_err(|it| misfits(&it))?;
    let now = caller.desk.now();
    let diff = caller
        .desk
        .read(|tenant| import::diff(&tenant.inventory, &document, now))
        .map_err(|errors| misfits(&errors))?;
    let diff = DiffShown {
        lines: diff.lines,
        unchanged: diff.unchanged,
        loosens: diff.loosens,
    };
    if how.dry_run {
        let imported = None;
        return Ok(Json(ImportShown { diff, imported }));
    }
    let list = String::from_utf8(body)
        .map_err(|_| Problem::invalid("CS-asset-01", "it is not UTF-8", None))?;
    // compared again in the step: somebody else may have changed the inventory meanwhile
    let imported = caller
        .desk
        .ask(move |tx| tx.import_assets(list, format, &person));
    let imported = Some(imported.await??);
    Ok(Json(ImportShown { diff, imported }))
}
