//! What machines ask about the host: `/healthz`, `/readyz`, `/metrics`.
//!
//! Alive and ready are two questions. `/healthz` answers as long as the process serves requests;
//! a supervisor restarts on its silence. `/readyz` says whether work is taken, and what is in the
//! way; a load balancer reads it. Neither needs a credential, so neither tells anything about
//! tenants: metric labels are closed enums of the host.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

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

/// The three routes.
pub fn routes<S: Clone + Send + Sync + 'static>(vitals: Vitals) -> Router<S> {
    let Vitals {
        in_the_way,
        metrics,
    } = vitals;
    Router::new()
        .route("/healthz", get(async || Json(json!({ "alive": true }))))
        .route("/readyz", get(async move || ready(&in_the_way())))
        .route(
            "/metrics",
            get(async move || ([(CONTENT_TYPE, OPENMETRICS)], metrics())),
        )
}

fn ready(in_the_way: &[String]) -> axum::response::Response {
    if in_the_way.is_empty() {
        return Json(json!({ "ready": true })).into_response();
    }
    let detail = format!("not ready: {}", in_the_way.join("; "));
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "CS-api-14", &detail).into_response()
}
