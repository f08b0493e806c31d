//! The routes, one file for each noun. A route reads what it was sent, takes one step of the
//! tenant, and shows what came of it; it decides nothing.

mod assets;
mod cases;
mod detections;
mod effects;
mod events;
mod guards;
mod halt;
mod health;
mod journal;
mod login;
mod pages;
mod people;
mod plugins;
mod proposals;
mod sources;

pub use health::{Health, show as health_of};

use super::body;
use super::problem::Problem;
use crate::model::TenantId;
use crate::pipeline::Host;
use axum::Router;
use axum::extract::{FromRequest, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{delete, get, post};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;

/// Every route below `/v1`.
pub fn routes(host: &Arc<Host>) -> Router<Arc<Host>> {
    let intake = Router::new()
        .route("/detections", post(detections::post))
        .route("/sources/{source}", post(sources::post));
    let tenant = Router::new()
        .route("/cases", get(cases::list))
        .route("/cases/{id}", get(cases::show))
        .route("/proposals", get(proposals::list).post(proposals::create))
        .route("/proposals/{id}", get(proposals::show))
        .route("/proposals/{id}/approve", post(proposals::approve))
        .route("/proposals/{id}/deny", post(proposals::deny))
        .route("/proposals/{id}/conclude", post(proposals::conclude))
        .route("/causes/{id}/approve", post(proposals::approve_cause))
        .route("/causes/{id}/deny", post(proposals::deny_cause))
        .route("/effects", get(effects::list))
        .route("/effects/{id}/renew", post(effects::renew))
        .route("/effects/{id}/end", post(effects::end))
        .route("/overreaches", get(effects::overreaches))
        .route("/overreaches/{id}/acknowledge", post(effects::acknowledge))
        .route("/drifts", get(effects::drifts))
        .route("/pages", get(pages::list))
        .route("/pages/{id}/acknowledge", post(pages::acknowledge))
        .route("/orders", get(effects::orders))
        .route("/assets", get(assets::list))
        .route("/assets/{id}", get(assets::show))
        .route("/assets:resolve", get(assets::resolve))
        .route("/assets:import", post(assets::import))
        .route("/changes", get(assets::changes))
        .route("/changes/{id}/approve", post(assets::approve_change))
        .route("/changes/{id}/deny", post(assets::deny_change))
        .route("/sightings", post(assets::sightings))
        .route("/guards", get(guards::show))
        .route("/guards/explain", post(guards::explain_now))
        .route("/plugins", get(plugins::list).post(plugins::enrol))
        .route("/plugins/{id}", get(plugins::show))
        .route("/people", get(people::list).post(people::add))
        .route("/people/{id}", delete(people::remove))
        .route("/people/{id}/confirm", post(people::confirm))
        .route("/people/{id}/decline", post(people::decline))
        .route("/tokens", get(people::tokens).post(people::create_token))
        .route("/tokens/{id}", delete(people::revoke_token))
        .route("/health", get(health::show))
        .route("/halt", get(halt::show).post(halt::set))
        .route("/confirm", post(halt::confirm))
        .route("/journal", get(journal::list))
        .route("/journal/export", get(journal::export))
        .route("/events", get(events::stream))
        .route_layer(from_fn_with_state(host.clone(), durable));
    Router::new()
        .route("/v1/login", post(login::login))
        .nest("/v1/tenants/{tenant}", intake.merge(tenant))
}

/// What a route read of the state is shown once it is durable: a step is in the state before it
/// is on disk, and what was shown must not be taken back by a crash. Steps become durable in
/// their order, so one that does nothing, asked for after reading, is the proof.
pub async fn durable(
    State(host): State<Arc<Host>>,
    Path(path): Path<HashMap<String, String>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let shown = next.run(request).await;
    let tenant = path.get("tenant").map(|it| TenantId::from(it.as_str()));
    if let Some(desk) = tenant.and_then(|it| host.desk(&it)) {
        desk.ask(|_| ()).await?;
    }
    Ok(shown)
}

/// A JSON body, read strictly; a misfit names its place.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Host>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, host: &Arc<Host>) -> Result<Self, Problem> {
        let bytes = bytes(request, host).await?;
        let value = crate::intake::strict::parse(&bytes)
            .map_err(|it| Problem::invalid("CS-api-01", &it.message, it.at.as_deref()))?;
        if !value.is_object() {
            // a list would be read as the fields in their order, whatever they are called
            let detail = "expected an object with named fields";
            return Err(Problem::invalid("CS-api-02", detail, Some("/")));
        }
        serde_json::from_value(value)
            .map(Self)
            .map_err(|error| Problem::invalid("CS-api-02", &error.to_string(), None))
    }
}

/// The whole body, within the limit of a batch.
pub async fn bytes(request: Request, host: &Arc<Host>) -> Result<Vec<u8>, Problem> {
    body::whole(request, host.config().host.intake.batch_bytes_max).await
}

/// A list with its name, so that a field can be added beside it.
fn listed<T: serde::Serialize>(name: &str, items: Vec<T>) -> axum::Json<serde_json::Value> {
    axum::Json(serde_json::json!({ name: items }))
}
