//! The HTTP API: a thin skin over the pipeline.
//!
//! A route reads a request, asks the pipeline, and shows the answer. What has to hold for every
//! route is said once, here: errors are problem documents, a panic is one request's failure and
//! not the host's, answers are never cached and never guessed at.

pub mod body;
pub mod caller;
pub mod cookie;
pub mod health;
mod linger;
pub mod problem;
mod refused;
mod routes;
pub mod secret;
pub mod server;

pub use routes::{Health, durable, health_of};

use axum::Router;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{map_request, map_response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::pipeline::Host;
use health::Vitals;
use problem::rewrite;
use std::sync::Arc;

/// Every route of a host, as a value: a test sends requests to it without a socket.
pub fn router(host: &Arc<Host>) -> Router {
    let (ready, counted) = (host.clone(), host.clone());
    let vitals = Vitals {
        in_the_way: Arc::new(move || ready.in_the_way()),
        metrics: Arc::new(move || counted.render_metrics()),
    };
    finish(routes::routes(host).merge(health::routes(vitals))).with_state(host.clone())
}

/// Puts around all routes what holds for all of them. Call it last: it covers what is there.
pub fn finish<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    routes
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(CatchPanicLayer::new())
        .layer(map_request(linger::linger))
        .layer(map_response(rewrite))
        .layer(header(CACHE_CONTROL, "no-store"))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
}

#[cfg(test)]
mod tests;
