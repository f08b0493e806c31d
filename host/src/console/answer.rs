//! How a page leaves: its headers, and one last look at its text.
//!
//! The policy forbids everything that the console does not need: no inline script or style, no
//! frame, no form to anywhere else, no text that becomes markup. So a mistake in a template is an
//! ugly page and not an attack.

use super::frame::bare;
use crate::model::acts;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
require-trusted-types-for 'script'; trusted-types 'none'";

/// What holds for everything that the console answers, errors and redirects too.
pub async fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    fixed(headers, CONTENT_SECURITY_POLICY, POLICY);
    fixed(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    fixed(headers, REFERRER_POLICY, "no-referrer");
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    fixed(headers, opener, "same-origin");
    let resource = HeaderName::from_static("cross-origin-resource-policy");
    fixed(headers, resource, "same-origin");
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn fixed(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// Gives what a layer or an extractor answered by itself, in plain text, the shape of a page. For
/// `map_response`, inside of [`headers`].
pub async fn rewrite(response: Response) -> Response {
    let status = response.status();
    let html = |it: &HeaderValue| it.as_bytes().starts_with(b"text/html");
    let is_page = response.headers().get(CONTENT_TYPE).is_some_and(html);
    if is_page || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (title, text) = match status {
        StatusCode::FORBIDDEN => (
            "Refused",
            "This was not sent by a page of this host. Nothing was done.",
        ),
        StatusCode::NOT_FOUND => ("Not found", "There is nothing here."),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "Too large",
            "What was sent is too large. Nothing was done. Send it in parts.",
        ),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => (
            "Not now",
            "The host cannot do this now. Nothing was acknowledged; try again.",
        ),
        status if status.is_server_error() => (
            "Failed",
            "The host failed at this request; its log says how. Nothing was acknowledged.",
        ),
        _ => (
            "Not understood",
            "What was sent is not a whole form. Nothing was done.",
        ),
    };
    let markup =
        html! { h1 { (title) } p.why { (text) } p.gap { a.btn href="/" { "To the console" } } };
    page(status, bare(title, markup))
}

/// A page.
pub fn page(status: StatusCode, markup: Markup) -> Response {
    let body = Body::from(gate(markup.into_string()));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    (status, [(CONTENT_TYPE, html)], body).into_response()
}

/// After a form: the browser asks for the page that shows what came of it, so that loading it
/// again sends nothing again.
pub fn see(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(place) => (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// INVARIANT: no character that acts leaves in a page. What the templates print themselves is
/// plain text, so one that is left over came from outside and was spliced by mistake: it is shown
/// as its code point, which is safe wherever it stands.
fn gate(page: String) -> String {
    let slips = |char: char| char != '\n' && acts(char);
    if !page.chars().any(slips) {
        return page;
    }
    slipped(&page);
    let mut out = String::with_capacity(page.len());
    for char in page.chars() {
        if slips(char) {
            out.push_str(&format!("[U+{:04X}]", u32::from(char)));
        } else {
            out.push(char);
        }
    }
    out
}

#[cfg(not(test))]
fn slipped(_: &str) {
    tracing::error!("a page carried text from outside that was not made inert; it was marked");
}

#[cfg(test)]
#[allow(
    clippy::panic,
    reason = "a template that splices text from outside fails its test"
)]
fn slipped(page: &str) {
    panic!("spliced without being made inert: {page:?}");
}
