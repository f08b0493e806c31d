//! Every error that leaves the API, in one shape: an RFC 9457 problem document with a stable code.
//!
//! A client that has to guess whether a body is JSON, HTML or a sentence of some library handles
//! none of them. So there is one type, one place that renders it, and [`rewrite`], which turns
//! what axum and its layers answer by themselves (in `text/plain`) into the same shape.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, Limited};
use serde::Serialize;

use crate::plugin::LoadError;

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// LIMIT: of a layer's own text that is passed on, and of one detail.
const DETAIL_BYTES_MAX: usize = 8 * 1024;
/// What a client is told to wait where the host cannot take more.
const RETRY_AFTER_S: &str = "1";

/// An error as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `urn:countersign:error:<code>`.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words, the same for every problem with that status.
    title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16)]
    status: StatusCode,
    /// Stable, with a section in `docs/errors`; match on it and on nothing else.
    code: String,
    /// What happened, why, and what to do.
    detail: String,
    /// Where in what was sent, as a path (`/targets/0/hash`).
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(skip)]
    retry_after_s: Option<u16>,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem with a status, a documented code and a text.
    pub fn new(status: StatusCode, code: &str, detail: &str) -> Self {
        Self {
            kind: format!("urn:countersign:error:{code}"),
            title: status.canonical_reason().unwrap_or("error"),
            status,
            code: code.to_owned(),
            detail: bounded(detail),
            at: None,
            retry_after_s: None,
        }
    }
    /// 422: what was sent makes no sense; `at` is where, if that is known.
    pub fn invalid(code: &str, detail: &str, at: Option<&str>) -> Self {
        let at = at.map(bounded);
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail);
        Self { at, ..problem }
    }
    /// 401: nobody known asks.
    pub fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "CS-auth-01", detail)
    }
    /// 404: there is no such thing, or it belongs to somebody else.
    pub fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "CS-api-04", detail)
    }
    /// 413: the body is larger than `bytes_max`.
    pub fn too_large(bytes_max: usize) -> Self {
        let detail = format!("the body is larger than {bytes_max} bytes; send it in parts");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "CS-api-05", &detail)
    }
    /// 422: a plugin that cannot be loaded, with all that is wrong with it.
    pub fn plugin(errors: &[LoadError]) -> Self {
        let code = errors.first().map_or("CS-load-01", |error| &error.code);
        let lines: Vec<String> = errors
            .iter()
            .map(|error| format!("{}: {}", error.code, error.message))
            .collect();
        Self::invalid(code, &lines.join("\n"), None)
    }
    /// The same, and how long to wait before it is sent again.
    pub fn retry_after(self, seconds: u64) -> Self {
        Self {
            retry_after_s: Some(u16::try_from(seconds).unwrap_or(u16::MAX)),
            ..self
        }
    }
    /// The status it is sent with.
    pub fn status(&self) -> StatusCode {
        self.status
    }
    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        if status.is_server_error() {
            tracing::warn!(
                code = self.code,
                detail = self.detail,
                "answered with a problem"
            );
        }
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        let header = match status {
            StatusCode::UNAUTHORIZED => Some((WWW_AUTHENTICATE, "Bearer")),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Some((RETRY_AFTER, RETRY_AFTER_S))
            }
            _ => None,
        };
        if let Some((name, value)) = header {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// Gives an error that is not a problem document yet the shape of one. For `map_response`, around
/// everything else.
pub async fn rewrite(response: Response) -> Response {
    let (status, headers) = (response.status(), response.headers());
    let is_problem = headers
        .get(CONTENT_TYPE)
        .is_some_and(|it| it == PROBLEM_JSON);
    if !(status.is_client_error() || status.is_server_error()) || is_problem {
        return response;
    }
    let kept = [ALLOW, RETRY_AFTER].map(|name| (headers.get(&name).cloned(), name));
    let text = text(response.into_body()).await;
    let mut response = of_status(status, &text).into_response();
    for (value, name) in kept {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The host's own words for a status that a layer made. The layer's text is passed on only where
/// it says what is wrong with the request; what went wrong inside is for the log.
fn of_status(status: StatusCode, text: &str) -> Problem {
    let (code, detail) = match status {
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => ("CS-api-02", text),
        StatusCode::UNAUTHORIZED => ("CS-auth-01", "no credential that is known"),
        StatusCode::FORBIDDEN => ("CS-api-03", "this caller may not do that"),
        StatusCode::NOT_FOUND => ("CS-api-07", "there is no such path; see /openapi.json"),
        StatusCode::METHOD_NOT_ALLOWED => (
            "CS-api-08",
            "this path does not take that method; see the header allow",
        ),
        StatusCode::REQUEST_TIMEOUT => ("CS-api-11", "the request did not arrive in time"),
        StatusCode::PAYLOAD_TOO_LARGE => ("CS-api-05", "the body is too large; send it in parts"),
        StatusCode::SERVICE_UNAVAILABLE => ("CS-api-09", "the host cannot take this now"),
        status if status.is_server_error() => (
            "CS-api-12",
            "the host failed at this request; its log says how. Nothing was acknowledged",
        ),
        _ => ("CS-api-13", text),
    };
    Problem::new(status, code, detail)
}

async fn text(body: Body) -> String {
    match Limited::new(body, DETAIL_BYTES_MAX).collect().await {
        Ok(whole) => String::from_utf8_lossy(&whole.to_bytes()).into_owned(),
        Err(_) => String::new(),
    }
}

fn bounded(text: &str) -> String {
    if text.len() <= DETAIL_BYTES_MAX {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(DETAIL_BYTES_MAX);
    format!("{}...", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    async fn shown(response: Response) -> (StatusCode, axum::http::HeaderMap, serde_json::Value) {
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (
            head.status,
            head.headers,
            serde_json::from_slice(&bytes).unwrap(),
        )
    }

    #[tokio::test]
    async fn a_problem_is_a_document_with_a_code_and_a_place() {
        let problem = Problem::invalid("CS-api-02", "hash has 3 digits", Some("/target/hash"));
        let (status, headers, body) = shown(rewrite(problem.into_response()).await).await;
        assert_eq!(status, 422);
        assert_eq!(headers.get(CONTENT_TYPE).unwrap(), PROBLEM_JSON);
        let wanted = serde_json::json!({
            "type": "urn:countersign:error:CS-api-02", "title": "Unprocessable Entity",
            "status": 422, "code": "CS-api-02", "detail": "hash has 3 digits", "at": "/target/hash",
        });
        assert_eq!(body, wanted);
    }

    #[tokio::test]
    async fn who_is_unknown_is_asked_for_a_credential_and_who_comes_too_early_to_wait() {
        let (_, headers, _) = shown(Problem::unauthorized("none").into_response()).await;
        assert_eq!(headers.get(WWW_AUTHENTICATE).unwrap(), "Bearer");
        let full = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "CS-api-10", "full");
        let (_, headers, _) = shown(full.into_response()).await;
        assert_eq!(headers.get(RETRY_AFTER).unwrap(), "1");
    }

    #[tokio::test]
    async fn a_text_of_a_layer_becomes_a_problem_and_an_inner_failure_is_not_told() {
        let plain = |status: u16| {
            (
                StatusCode::from_u16(status).unwrap(),
                "thread panicked at secret.rs",
            )
                .into_response()
        };
        for (status, code, tells) in [
            (400, "CS-api-02", true),
            (404, "CS-api-07", false),
            (413, "CS-api-05", false),
            (418, "CS-api-13", true),
            (500, "CS-api-12", false),
            (502, "CS-api-12", false),
            (503, "CS-api-09", false),
        ] {
            let (got, _, body) = shown(rewrite(plain(status)).await).await;
            assert_eq!(
                (got.as_u16(), body.get("code").unwrap().as_str().unwrap()),
                (status, code)
            );
            let detail = body.get("detail").unwrap().as_str().unwrap();
            assert_eq!(detail.contains("secret.rs"), tells, "{status}: {detail}");
        }
        let fine = rewrite("text".into_response()).await;
        assert_eq!(fine.into_body().collect().await.unwrap().to_bytes(), "text");
    }

    #[test]
    fn a_long_detail_is_cut_at_a_character() {
        let problem = Problem::not_found(&"\u{e9}".repeat(10_000));
        assert!(problem.detail.len() <= DETAIL_BYTES_MAX + 3);
    }
}
