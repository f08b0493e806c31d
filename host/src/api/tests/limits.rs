//! How often, how much and how long one caller may ask.

use super::site::{Site, alert};
use axum::body::Body;
use axum::http::Request;
use futures_util::stream;
use serde_json::json;
use std::time::Duration;

const FEW: &str = "[api]\nrequests_per_s = 1\nrequests_burst = 9\n\
    delivery_requests_per_s = 1\ndelivery_requests_burst = 5\nstreams_max = 2\n";

#[tokio::test(flavor = "multi_thread")]
async fn one_credential_that_asks_too_often_waits_and_the_others_do_not() {
    let site = Site::with(FEW).await;
    let mut late = None;
    for _ in 0..30 {
        let answer = site.get("acme", "viewer", "cases").await;
        late = late.or((answer.status == 429).then_some(answer));
    }
    let late = late.unwrap();
    late.refused(429, "CS-api-16");
    let wait: u64 = late.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    assert_eq!(late.headers["content-type"], "application/problem+json");
    for (tenant, who) in [
        ("acme", "analyst"),
        ("other", "viewer"),
        ("acme", "machine"),
    ] {
        assert_eq!(site.get(tenant, who, "cases").await.status, 200, "{who}");
    }
    // delivering is counted apart, and by itself
    let mut taken = Vec::new();
    for n in 0..9 {
        let body = alert(&format!("n{n}"));
        taken.push(
            site.post("acme", "machine", "detections", &body)
                .await
                .status,
        );
    }
    assert!(
        (5..9).contains(&taken.iter().filter(|it| **it == 202).count()),
        "{taken:?}"
    );
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(site.get("acme", "viewer", "cases").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_credential_is_counted_by_address_and_a_monitor_is_not() {
    let site = Site::with("[api]\naddress_requests_per_s = 1\naddress_requests_burst = 40\n").await;
    let mut codes = Vec::new();
    for _ in 0..50 {
        let guess = site.raw(
            "GET",
            "/v1/tenants/acme/cases",
            Some("csp_guess"),
            "",
            Vec::new(),
        );
        codes.push(guess.await.code().to_owned());
    }
    assert!(codes.contains(&"CS-auth-01".to_owned()) && codes.last().unwrap() == "CS-api-16");
    let login = json!({ "code": "guess" }).to_string().into_bytes();
    let login = site.raw("POST", "/v1/login", None, "application/json", login);
    login.await.refused(429, "CS-api-16");
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(
            site.raw("GET", path, None, "", Vec::new()).await.status,
            200,
            "{path}"
        );
    }
    assert_eq!(site.get("acme", "viewer", "cases").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_a_size_and_a_time() {
    let site = Site::with("[api]\nbody_bytes_max = 2048\nbody_wall_s_max = 1\n").await;
    let large = json!({ "on": true, "reason": "x".repeat(3_000) });
    let answer = site.post("acme", "lead", "halt", &large).await;
    answer.refused(413, "CS-api-05");
    let mut batch = alert("large");
    batch["message"] = json!("x".repeat(3_000));
    let answer = site.post("acme", "machine", "detections", &batch).await;
    assert_eq!(
        answer.status, 202,
        "a batch has a bound of its own: {}",
        answer.body
    );
    let trickle = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some((Ok::<_, std::io::Error>(vec![b' ']), ()))
    });
    let secret = site.credential("acme", "lead").unwrap();
    let request = Request::post("/v1/tenants/acme/halt");
    let request = request.header("authorization", format!("Bearer {secret}"));
    let slow = site
        .send(request.body(Body::from_stream(trickle)).unwrap())
        .await;
    assert_eq!(slow.status().as_u16(), 408);
}
