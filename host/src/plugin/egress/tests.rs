//! Egress against a real server on loopback.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::engine::{CallLimits, Limits};
use crate::plugin::manifest::manifest;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const SECRET: &str = "s3cret-token";

/// A far side that answers by path, and remembers what it was sent.
async fn far_side() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let log = log.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| answer(request, log.clone()));
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    (port, seen)
}

async fn answer(
    request: http::Request<Incoming>,
    log: Arc<Mutex<Vec<String>>>,
) -> Result<http::Response<Full<Bytes>>, std::io::Error> {
    let auth = request.headers().get("authorization");
    let auth = auth
        .map(|it| it.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let path = request.uri().path().to_owned();
    let line = format!("{} {} [{auth}]", request.method(), request.uri());
    log.lock().unwrap().push(line);
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let response = http::Response::builder();
    match path.as_str() {
        "/api/echo" => Ok(response
            .header("x-echo", auth.clone())
            .header("set-cookie", "a=b")
            .body(Full::new(Bytes::from(format!("{auth} {body:?}"))))
            .unwrap()),
        "/api/large" => Ok(response.body(Full::new(vec![b'x'; 3000].into())).unwrap()),
        "/api/elsewhere" => Ok(response
            .status(302)
            .header("location", "http://169.254.169.254/")
            .body(Full::default())
            .unwrap()),
        "/api/slow" => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            Ok(response.body(Full::default()).unwrap())
        }
        "/api/hang-up" => Err(std::io::Error::other("gone")),
        _ => Ok(response.status(404).body(Full::default()).unwrap()),
    }
}

fn egress(port: u16, private: &[&str]) -> Egress {
    let text = format!(
        r#"{{"manifest":1,"id":"example.range","version":"1.0.0","publisher":"example","kind":"connector","contract":"0.1.0","title":"t",
        "performs":[{{"action":"notify","targets":["device"],"class":"D"}}],
        "credentials":[{{"name":"api","scheme":"bearer"}}],
        "egress":[{{"host":"{{host}}","scheme":"http","port":{port},"methods":["GET","POST"],"paths":["/api"],"credentials":["api"]}},
                  {{"host":"{{host}}","scheme":"http","port":{port},"methods":["GET"],"paths":["/open"]}}],
        "settings":{{"type":"object","additionalProperties":false,"properties":{{"host":{{"type":"string","default":"127.0.0.1"}}}}}}}}"#
    );
    let manifest = manifest(text.as_bytes()).unwrap();
    let settings = manifest.settings.view(&serde_json::Map::new()).unwrap();
    let secrets = [("api".to_owned(), Secret::new(SECRET.to_owned()))].into();
    let private = private.iter().map(|it| it.parse().unwrap()).collect();
    Egress::new(&manifest, &settings, secrets, private).unwrap()
}

fn request(port: u16, path: &str) -> HttpRequest {
    HttpRequest {
        method: "POST".into(),
        url: format!("http://127.0.0.1:{port}{path}"),
        headers: vec![("accept".into(), "application/json".into())],
        body: b"{}".to_vec(),
        auth: Some("api".into()),
        timeout_ms: None,
    }
}

fn limits() -> CallLimits {
    let mut limits = Limits::default().connector;
    limits.http_body_kib = 2;
    limits
}

async fn send(
    egress: &Egress,
    request: &HttpRequest,
) -> (Result<HttpResponse, HttpError>, RecordedRequest) {
    let ends = Instant::now() + Duration::from_secs(20);
    egress.send(request, &limits(), ends).await
}

#[tokio::test]
async fn the_credential_goes_out_and_never_comes_back() {
    let (port, seen) = far_side().await;
    let egress = egress(port, &["127.0.0.0/8"]);
    let (answer, record) = send(&egress, &request(port, "/api/echo?q=1")).await;
    let answer = answer.unwrap();
    assert_eq!(
        seen.lock().unwrap()[0],
        format!("POST /api/echo?q=1 [Bearer {SECRET}]")
    );
    assert_eq!(answer.body, b"Bearer [credential] b\"{}\"");
    assert!(
        answer
            .headers
            .contains(&("x-echo".into(), "Bearer [credential]".into()))
    );
    assert!(!answer.headers.iter().any(|(name, _)| name == "set-cookie"));
    let record = serde_json::to_string(&record).unwrap();
    assert!(record.contains("\"sent\":true") && record.contains("\"status\":200"));
    assert!(!record.contains(SECRET), "{record}");
}

#[tokio::test]
async fn what_was_not_granted_sends_nothing() {
    let (port, seen) = far_side().await;
    let egress = egress(port, &["127.0.0.0/8"]);
    let denied: &[(&str, &str)] = &[
        ("POST", "/apis"),
        ("POST", "/"),
        ("DELETE", "/api/echo"),
        ("POST", "/open"),
        ("POST", "/api/../admin"),
        ("POST", "/api/%2e%2e/admin"),
    ];
    for (method, path) in denied {
        let mut it = request(port, path);
        it.method = (*method).to_owned();
        let (answer, record) = send(&egress, &it).await;
        assert!(
            matches!(answer, Err(HttpError::Denied(_))),
            "{path}: {answer:?}"
        );
        assert!(!record.sent);
    }
    let mut it = request(port, "/open");
    it.method = "GET".into();
    let (answer, _) = send(&egress, &it).await;
    assert!(
        matches!(answer, Err(HttpError::Denied(_))),
        "credential on an open path"
    );
    assert_eq!(seen.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn urls_that_look_like_something_else_are_refused() {
    let (port, _) = far_side().await;
    let egress = egress(port, &["127.0.0.0/8"]);
    for url in [
        "http://127.0.0.1:PORT@evil.example/api",
        "http://user:pw@127.0.0.1:PORT/api",
        "http://127.0.0.1:PORT\\@evil.example/api",
        "http://127.0.0.1:PORT/api/..%2fadmin",
        "http://127.0.0.1:PORT/api/%252e%252e/admin",
        "http://127.0.0.1:PORT/api/..;/admin",
        "http://127.0.0.1:PORT//api",
        "http://127.0.0.1:PORT/api#x",
        "http://127.0.0.1:PORT/a\tpi",
        "https://127.0.0.1:PORT/api",
        "http://127.0.0.2:PORT/api",
        "http://localhost:PORT/api",
        "http://127.0.0.1.:PORT2/api",
        "ftp://127.0.0.1:PORT/api",
        "/api",
        "*",
    ] {
        let mut it = request(port, "");
        it.url = url.replace("PORT", &port.to_string());
        let (answer, record) = send(&egress, &it).await;
        let refused = matches!(answer, Err(HttpError::Denied(_) | HttpError::Invalid(_)));
        assert!(refused && !record.sent, "{url}: {answer:?}");
    }
}

#[tokio::test]
async fn headers_of_the_host_and_headers_with_line_ends_are_invalid() {
    let (port, seen) = far_side().await;
    let egress = egress(port, &["127.0.0.0/8"]);
    for (name, value) in [
        ("authorization", "Bearer mine"),
        ("host", "evil.example"),
        ("transfer-encoding", "chunked"),
        ("x-forwarded-for", "1.2.3.4"),
        ("proxy-authorization", "x"),
        ("Accept", "x"),
        ("x y", "x"),
        ("x-a", "b\r\nx-c: d"),
        ("x-a", "\u{2603}"),
    ] {
        let mut it = request(port, "/api/echo");
        it.headers = vec![(name.into(), value.into())];
        let (answer, _) = send(&egress, &it).await;
        assert!(
            matches!(answer, Err(HttpError::Invalid(_))),
            "{name}: {answer:?}"
        );
    }
    let mut it = request(port, "/api/echo");
    it.headers = vec![("x".into(), "y".into()); 65];
    assert!(matches!(
        send(&egress, &it).await.0,
        Err(HttpError::Invalid(_))
    ));
    it.headers.clear();
    it.body = vec![0; 2049];
    assert!(matches!(
        send(&egress, &it).await.0,
        Err(HttpError::Invalid(_))
    ));
    assert_eq!(seen.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_private_address_needs_the_operator() {
    let (port, seen) = far_side().await;
    let (answer, record) = send(&egress(port, &[]), &request(port, "/api/echo")).await;
    let Err(HttpError::Denied(why)) = answer else {
        unreachable!("{answer:?}")
    };
    assert!(why.contains("which the operator did not allow"), "{why}");
    assert!(!record.sent);
    assert_eq!(seen.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn errors_are_sorted_by_what_is_known_of_the_far_side() {
    let (port, _) = far_side().await;
    let egress = egress(port, &["127.0.0.0/8"]);
    let (answer, record) = send(&egress, &request(port, "/api/large")).await;
    assert_eq!(answer, Err(HttpError::TooLarge(2048)));
    assert!(record.sent);
    let (answer, record) = send(&egress, &request(port, "/api/hang-up")).await;
    assert!(
        matches!(answer, Err(HttpError::Interrupted(_))),
        "{answer:?}"
    );
    assert!(record.sent);
    let mut slow = request(port, "/api/slow");
    slow.timeout_ms = Some(100);
    let (answer, record) = send(&egress, &slow).await;
    assert_eq!(answer, Err(HttpError::Timeout));
    assert!(record.sent && record.took_ms < 5000);
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (answer, record) = send(&egress(port, &["127.0.0.0/8"]), &request(port, "/api")).await;
    assert!(
        matches!(answer, Err(HttpError::Connection(_))),
        "{answer:?}"
    );
    assert!(!record.sent);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (port, seen) = far_side().await;
    let egress = egress(port, &["127.0.0.0/8"]);
    let (answer, _) = send(&egress, &request(port, "/api/elsewhere")).await;
    assert_eq!(answer.unwrap().status, 302);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[test]
fn a_missing_and_a_superfluous_secret_are_both_named() {
    let text = r#"{"manifest":1,"id":"example.x","version":"1.0.0","publisher":"example","kind":"connector","contract":"0.1.0","title":"t",
        "performs":[{"action":"notify","targets":["device"],"class":"D"}],
        "credentials":[{"name":"api","scheme":"bearer"}],"egress":[]}"#;
    let manifest = manifest(text.as_bytes()).unwrap();
    let secrets = [("apo".to_owned(), Secret::new(SECRET.to_owned()))].into();
    let errors = Egress::new(&manifest, &SettingsView::default(), secrets, vec![]).unwrap_err();
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "credential api: no secret is configured",
            "credential apo: the manifest has no such credential"
        ]
    );
}
