//! What machines ask about the host: `/healthz`, `/readyz`, `/metrics`.
//!
//! Alive and ready are two questions. `/healthz` answers as long as the process serves requests;
//! a supervisor restarts on its silence. `/readyz` says whether work is taken, and what is in the
//! way; a load balancer reads it. Neither needs a credential, so neither tells anything about
//! tenants: metric labels are closed enums of the host.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;

/// What `prometheus-client` writes.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where the answers come from.
#[derive(Clone)]
pub struct Vitals {
    /// What is in the way of taking work, one sentence each; empty when the host is ready.
    pub in_the_way: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
    /// All metrics, as OpenMetrics text.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The three routes; they read [`Vitals`] from the request.
pub fn routes<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::default()
        .routes(routes!(alive))
        .routes(routes!(ready))
        .routes(routes!(metrics))
}

/// The process serves requests.
#[derive(Serialize, ToSchema)]
struct Alive {
    #[schema(example = true)]
    alive: bool,
}

/// Whether the process serves requests
#[utoipa::path(get, path = "/healthz", security(()), responses((status = 200, description = "It does", body = Alive)))]
async fn alive() -> Json<Alive> {
    Json(Alive { alive: true })
}

/// Work is taken.
#[derive(Serialize, ToSchema)]
struct Ready {
    #[schema(example = true)]
    ready: bool,
}

/// Whether work is taken, and what is in the way
#[utoipa::path(get, path = "/readyz", security(()), responses(
    (status = 200, description = "It is", body = Ready),
    (status = 503, description = "CS-api-14"),
))]
async fn ready(Extension(vitals): Extension<Vitals>) -> Result<Json<Ready>, Problem> {
    let in_the_way = (vitals.in_the_way)();
    if in_the_way.is_empty() {
        return Ok(Json(Ready { ready: true }));
    }
    let detail = format!("not ready: {}", in_the_way.join("; "));
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    Err(Problem::new(unavailable, "CS-api-14", &detail))
}

/// Counters and gauges of the host, over all tenants
#[utoipa::path(get, path = "/metrics", security(()), responses(
    (status = 200, description = "OpenMetrics text", body = String, content_type = "application/openmetrics-text"),
))]
async fn metrics(Extension(vitals): Extension<Vitals>) -> impl IntoResponse {
    ([(CONTENT_TYPE, OPENMETRICS)], (vitals.metrics)())
}
