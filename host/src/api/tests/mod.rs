//! What holds for every route, seen from outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod conforms;
mod described;
mod events;
mod foreign;
mod limits;
mod lists;
mod matrix;
mod oneself;
mod site;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Query;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;
use health::Vitals;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    #[allow(dead_code)]
    limit: u32,
}

fn routes(in_the_way: Vec<String>) -> Router {
    let vitals = Vitals {
        in_the_way: Arc::new(move || in_the_way.clone()),
        metrics: Arc::new(|| "# EOF\n".to_owned()),
    };
    let routes = Router::new()
        .route("/query", get(async |_: Query<Known>| "fine"))
        .route(
            "/panic",
            get(async || -> &'static str { panic!("secret detail") }),
        )
        .route(
            "/post",
            post(async |request: axum::extract::Request| {
                body::whole(request, 16, std::time::Duration::from_secs(9))
                    .await
                    .map(|bytes| bytes.len().to_string())
            }),
        )
        .merge(health::routes().split_for_parts().0)
        .layer(Extension(vitals));
    finish(routes)
}

async fn ask(router: Router, method: &str, path: &str, body: &str) -> (StatusCode, String, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .body(Body::from(body.to_owned()));
    let (head, body) = router.oneshot(request.unwrap()).await.unwrap().into_parts();
    assert_eq!(
        head.headers.get("x-content-type-options").unwrap(),
        "nosniff"
    );
    assert_eq!(head.headers.get("cache-control").unwrap(), "no-store");
    let bytes = body.collect().await.unwrap().to_bytes();
    let media = head
        .headers
        .get("content-type")
        .map(|it| it.to_str().unwrap().to_owned());
    let value = serde_json::from_slice(&bytes).unwrap_or_default();
    (head.status, media.unwrap_or_default(), value)
}

#[tokio::test]
async fn every_error_is_a_problem_document_with_a_code() {
    for (method, path, body, status, code) in [
        ("GET", "/nowhere", "", 404, "CS-api-07"),
        ("DELETE", "/query", "", 405, "CS-api-08"),
        ("GET", "/query?limit=x", "", 400, "CS-api-02"),
        ("GET", "/query?limit=1&more=2", "", 400, "CS-api-02"),
        ("GET", "/panic", "", 500, "CS-api-12"),
        ("POST", "/post", "seventeen bytes..", 413, "CS-api-05"),
    ] {
        let (got, media, problem) = ask(routes(vec![]), method, path, body).await;
        assert_eq!(
            (got.as_u16(), media.as_str()),
            (status, problem::PROBLEM_JSON),
            "{path}"
        );
        assert_eq!(problem.get("code").unwrap(), code, "{path}");
        assert!(!problem.to_string().contains("secret detail"));
    }
    assert_eq!(
        ask(routes(vec![]), "POST", "/post", "sixteen bytes...")
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn alive_and_ready_are_two_questions() {
    let stuck = || routes(vec!["the store stopped".to_owned()]);
    assert_eq!(ask(stuck(), "GET", "/healthz", "").await.0, 200);
    let (status, _, problem) = ask(stuck(), "GET", "/readyz", "").await;
    assert_eq!(
        (status.as_u16(), problem.get("code").unwrap().as_str()),
        (503, Some("CS-api-14"))
    );
    assert!(problem.to_string().contains("the store stopped"));
    assert_eq!(ask(routes(vec![]), "GET", "/readyz", "").await.0, 200);
    let (_, media, _) = ask(routes(vec![]), "GET", "/metrics", "").await;
    assert!(media.starts_with("application/openmetrics-text"));
}
