//! The console: where people look, decide, and are told why.
//!
//! Server-rendered pages over the same steps as the API. Whatever an attacker wrote is on these
//! pages too, beside the button that approves; so every text from outside goes through
//! `outside`, every page through `answer`, and no page needs a script to be read or decided.
//! A page is one file: what it gathers from the state, and how that is shown.

mod answer;
mod files;
mod frame;
mod live;
mod look;
mod outside;
mod pages;
mod parts;
mod sign_in;
mod visitor;
mod waiting;
mod words;

use crate::api::durable;
use crate::pipeline::Host;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use pages::{
    assets, by_hand, case, cases, changes, decision, effects, group, guards, halt, health, held,
    import, journal, overreach, page_list, plugins, proposal,
};
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;
use visitor::Visitor;

/// LIMIT: a form. A comment is a few kilobytes; a pasted list of assets is the largest.
const FORM_BYTES_MAX: usize = 2 * 1024 * 1024;
/// LIMIT: a page that takes longer is not a page. An event stream ends this with its head.
const PAGE_WALL_MAX: Duration = Duration::from_secs(30);

/// The console before the API: what is no page is asked of `api`.
pub fn router(host: &Arc<Host>, api: Router) -> Router {
    let at = |path: &str| format!("/t/{{tenant}}{path}");
    let tenant = Router::new()
        .route(&at("/"), get(held::show))
        .route(&at("/cases"), get(cases::show))
        .route(&at("/cases/{id}"), get(case::show))
        .route(
            &at("/cases/{id}/propose"),
            get(by_hand::show).post(by_hand::propose),
        )
        .route(&at("/proposals/{id}"), get(proposal::show))
        .route(&at("/proposals/{id}/decide"), post(decision::post))
        .route(&at("/proposals/{id}/conclude"), post(decision::conclude))
        .route(&at("/proposals/{id}/look"), post(decision::look))
        .route(&at("/causes/{id}"), get(group::show))
        .route(&at("/causes/{id}/choose"), post(group::choose))
        .route(&at("/causes/{id}/decide"), post(group::decide))
        .route(&at("/overreaches"), get(overreach::list))
        .route(&at("/overreaches/{id}"), get(overreach::show))
        .route(
            &at("/overreaches/{id}/acknowledge"),
            post(overreach::acknowledge),
        )
        .route(&at("/effects"), get(effects::show))
        .route(&at("/effects/{id}/renew"), post(effects::renew))
        .route(&at("/effects/{id}/end"), post(effects::end))
        .route(&at("/causes/{id}/end"), post(effects::end_cause))
        .route(&at("/assets"), get(assets::list))
        .route(&at("/assets/{id}"), get(assets::show))
        .route(&at("/import"), get(import::show).post(import::send))
        .route(&at("/guards"), get(guards::list))
        .route(&at("/guards/explain"), get(guards::explain_now))
        .route(&at("/plugins"), get(plugins::list))
        .route(&at("/plugins/{id}"), get(plugins::show))
        .route(&at("/journal"), get(journal::show))
        .route(&at("/health"), get(health::show))
        .route(&at("/pages"), get(page_list::show))
        .route(&at("/pages/{id}/acknowledge"), post(page_list::acknowledge))
        .route(&at("/changes"), get(changes::show))
        .route(&at("/changes/{id}/decide"), post(changes::decide))
        .route(&at("/people/{id}/settle"), post(changes::settle))
        .route(&at("/halt"), get(halt::show).post(halt::set))
        .route(&at("/confirm"), post(halt::confirm))
        .route(&at("/sign-out"), post(sign_in::sign_out))
        .route(&at("/{*rest}"), get(nothing))
        .route_layer(from_fn_with_state(host.clone(), durable));
    let tenant = tenant.route(&at("/events"), get(live::stream));
    let pages = Router::new()
        .route("/", get(start))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .merge(tenant)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(CsrfLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            PAGE_WALL_MAX,
        ))
        .route("/static/{name}", get(files::serve))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .layer(CatchPanicLayer::new())
        .layer(map_response(answer::rewrite))
        .layer(map_response(answer::headers));
    pages.with_state(host.clone()).fallback_service(api)
}

/// `GET /`: to the tenant, where there is one; who is not signed in is sent on from there.
async fn start(axum::extract::State(host): axum::extract::State<Arc<Host>>) -> Response {
    let mut tenants = host.config().tenants.keys();
    match (tenants.next(), tenants.next()) {
        (Some(only), None) => answer::see(&format!("/t/{only}/")),
        _ => answer::see("/sign-in"),
    }
}

async fn nothing(visitor: Visitor) -> Response {
    visitor.nothing_here()
}

#[cfg(test)]
mod tests;
