//! Plugins: what is enrolled, and pinning another version.

use super::overreaches::Few;
use super::{Id, again, part};
use crate::api::body::whole;
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::journal::state::PluginRecord;
use crate::model::{PluginId, Stage};
use crate::pipeline::Host;
use crate::pipeline::{By, Refusal};
use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

part! {
    /// Enrolled versions, by id and version.
    Plugins { plugins: PluginRecord }
}

/// Enrolled versions
#[utoipa::path(get, path = "/plugins", params(Few), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Plugins)))]
pub async fn list(caller: Caller, Query(few): Query<Few>) -> Result<Json<Plugins>, Problem> {
    let part: Part<(PluginId, String)> = few.part(&caller, "plugins")?;
    let found = caller.desk.read(|tenant| {
        let plugins = beyond(&tenant.plugins, part.after.as_ref());
        let place = |it: &PluginRecord| (it.plugin.id.clone(), it.plugin.version.clone());
        part.fill(plugins, place, PluginRecord::clone)
    });
    Ok(Plugins::of(found))
}

/// The enrolled versions of one plugin.
#[derive(Debug, Serialize, ToSchema)]
pub struct Versions {
    versions: Vec<PluginRecord>,
}

/// The enrolled versions of one plugin, with their manifests
#[utoipa::path(get, path = "/plugins/{id}", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "Every one", body = Versions)))]
pub async fn show(caller: Caller, Id(id): Id<PluginId>) -> Result<Json<Versions>, Problem> {
    let versions: Vec<PluginRecord> = caller.desk.read(|tenant| {
        let all = tenant.plugins.values();
        all.filter(|it| it.plugin.id == id).cloned().collect()
    });
    if versions.is_empty() {
        return Err(Refusal::not_found("plugin", id.as_str()).into());
    }
    Ok(Json(Versions { versions }))
}

/// Which stage it gets, and which bytes the person saw.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// `shadow` where nothing is said, or `active`.
    #[serde(default = "shadow")]
    #[param(required = false)]
    stage: Stage,
    /// The digest that the person saw; what is sent must have it.
    digest: Option<crate::model::Digest>,
}

fn shadow() -> Stage {
    Stage::Shadow
}

/// The component that was sent, if it is not larger than one may be: what is, is not read at all.
async fn component(host: &Host, request: Request) -> Result<Vec<u8>, Problem> {
    let mib = host.config().host.limits.engine.plugin_mib;
    let bytes_max = usize::try_from(mib << 20).unwrap_or(usize::MAX);
    let body = whole(request, bytes_max, host.config().host.api.body_wall).await;
    body.map_err(|problem| match problem.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "CS-load-01",
            &format!("the file is larger than {bytes_max} bytes, the limit (plugin_mib)"),
        ),
        _ => problem,
    })
}

/// Enrol a version: pin the bytes that a person saw
#[utoipa::path(post, path = "/plugins", security(("person" = ["operator"])), params(Enrol),
    request_body(content = Vec<u8>, content_type = "application/wasm", description = "The component"),
    responses(
        (status = 201, description = "Pinned", body = PluginRecord),
        (status = 409, description = "CS-load-19, CS-load-22"),
        (status = 413, description = "CS-load-01"),
        (status = 422, description = "CS-api-02, CS-load-01, CS-load-02, CS-load-03, CS-load-04, CS-load-05, CS-load-06, CS-load-07, CS-load-10, CS-load-11, CS-load-12, CS-load-13, CS-load-14, CS-load-15, CS-load-16, CS-load-17, CS-load-18, CS-load-19, CS-load-20, CS-load-21, CS-load-22, CS-load-30, CS-load-31, CS-load-32, CS-load-34, CS-load-35, CS-load-36, CS-load-40, CS-load-41, CS-load-42, CS-load-43"),
    ))]
pub async fn enrol(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Query(how): Query<Enrol>,
    request: Request,
) -> Result<(StatusCode, Json<PluginRecord>), Problem> {
    let person = caller.person()?;
    let body = component(&host, request).await?;
    let digest = crate::model::Digest::of(&body);
    if how.digest.is_some_and(|seen| seen != digest) {
        let text = format!(
            "what was sent has sha256 {digest}, which is not what you looked at; inspect it again"
        );
        return Err(Refusal::conflict("CS-load-22", text).into());
    }
    if how.stage == Stage::Canary {
        return Err(Refusal::invalid(
            "CS-api-02",
            "canary comes with rollouts; give shadow or active",
        )
        .into());
    }
    // compiling takes seconds: not on the reactor
    let (loader, bytes) = (host.clone(), body.clone());
    let loaded = tokio::task::spawn_blocking(move || loader.load_plugin(&bytes)).await;
    let loaded =
        loaded.map_err(|_| Refusal::unavailable("loading the plugin ended unexpectedly"))?;
    let loaded = loaded.map_err(|errors| Problem::plugin(&errors))?;
    let (plugin, kind) = (loaded.plugin().clone(), loaded.manifest().kind.as_str());
    let manifest = serde_json::to_value(loaded.manifest()).unwrap_or_default();
    let enrolled = plugin.clone();
    caller
        .desk
        .ask(move |tx| {
            tx.enrol(
                enrolled,
                kind,
                how.stage,
                manifest,
                body,
                &By::Person(person),
            )
        })
        .await??;
    host.rebuild(caller.desk.tenant())?;
    let record = caller.desk.read(|tenant| {
        tenant
            .plugins
            .get(&(plugin.id.clone(), plugin.version.clone()))
            .cloned()
    });
    Ok((StatusCode::CREATED, again(record, "plugin")?))
}
