//! The HTTP API: a thin skin over the pipeline.
//!
//! A route reads a request, asks the pipeline, and shows the answer. What has to hold for every
//! route is said once, here: nobody reaches a route past the gate, errors are problem documents, a
//! panic is one request's failure and not the host's, answers are never cached and never guessed
//! at.

pub mod body;
pub mod caller;
pub mod cookie;
mod cursor;
pub mod document;
mod examples;
mod gate;
pub mod health;
mod linger;
pub mod problem;
mod rates;
mod refused;
mod routes;
pub mod secret;
pub mod server;
mod standing;

pub use gate::durable;
pub use routes::{Health, PersonShown, health_of};
pub use standing::Standing;

use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{from_fn_with_state, map_request, map_response};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::pipeline::Host;
use document::Document;
use gate::{Gate, gate};
use health::Vitals;
use problem::rewrite;
use rates::Rates;
use std::sync::Arc;

/// Every route of a host, as a value: a test sends requests to it without a socket.
pub fn router(host: &Arc<Host>) -> Router {
    let (ready, counted) = (host.clone(), host.clone());
    let vitals = Vitals {
        in_the_way: Arc::new(move || ready.in_the_way()),
        metrics: Arc::new(move || counted.render_metrics()),
    };
    let (routes, document) = documented();
    let rates = Arc::new(Rates::new(&host.config().host.api));
    let before = Gate::new(host, document.clone(), rates.clone());
    let routes = routes
        .route_layer(from_fn_with_state(before, gate))
        .layer(Extension(vitals))
        .layer(Extension(document))
        .layer(Extension(rates));
    finish(routes).with_state(host.clone())
}

/// The document of the API: what `/openapi.json` answers.
pub fn document() -> Arc<Document> {
    documented().1
}

/// The routes and the document that they make. One cannot be had without the other, so a route
/// that is not in the document does not exist.
fn documented() -> (Router<Arc<Host>>, Arc<Document>) {
    let (routes, openapi) = routes::routes().merge(health::routes()).split_for_parts();
    (routes, Arc::new(Document::of(&openapi)))
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
