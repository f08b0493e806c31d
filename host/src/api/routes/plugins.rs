//! Plugins: what is enrolled, and pinning another version.

use super::listed;
use crate::api::body::whole;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::model::{PluginId, Stage};
use crate::pipeline::Host;
use crate::pipeline::{By, Refusal};
use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET plugins`.
pub async fn list(caller: Caller) -> Json<Value> {
    listed(
        "plugins",
        caller
            .desk
            .read(|tenant| tenant.plugins.values().cloned().collect::<Vec<_>>()),
    )
}

/// `GET plugins/{id}`: every enrolled version.
pub async fn show(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let id = PluginId::new(id);
    let found = caller.desk.read(|tenant| {
        tenant
            .plugins
            .values()
            .filter(|it| it.plugin.id == id)
            .cloned()
            .collect::<Vec<_>>()
    });
    if found.is_empty() {
        return Err(Refusal::not_found("plugin", id.as_str()).into());
    }
    Ok(listed("versions", found))
}

/// Which stage it gets, and which bytes the person saw.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    #[serde(default = "shadow")]
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
    let body = whole(request, bytes_max).await;
    body.map_err(|problem| match problem.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "CS-load-01",
            &format!("the file is larger than {bytes_max} bytes, the limit (plugin_mib)"),
        ),
        _ => problem,
    })
}

/// `POST plugins?stage=active&digest=…`: the component as body.
pub async fn enrol(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Query(how): Query<Enrol>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
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
    Ok((StatusCode::CREATED, Json(json!(record))))
}
