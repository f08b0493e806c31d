//! Live events: only the own tenant's, only as long as the credential holds, none missed in silence.

use super::site::{Site, alert};
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::time::Duration;

/// A listener.
struct Ear {
    body: BodyDataStream,
    text: String,
}

impl Ear {
    async fn listen(site: &Site, who: &str, last: Option<&str>) -> Result<Self, u16> {
        let secret = site.credential("acme", who).unwrap();
        let mut request = Request::get("/v1/tenants/acme/events");
        request = request.header("authorization", format!("Bearer {secret}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = site.send(request.body(Body::empty()).unwrap()).await;
        if answer.status() != 200 {
            return Err(answer.status().as_u16());
        }
        Ok(Self {
            body: answer.into_body().into_data_stream(),
            text: String::new(),
        })
    }
    /// The next event as `(id, kind, data)`; `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.clone().split_once("\n\n") {
                self.text = rest.to_owned();
                let field = |name: &str| {
                    let line = event.lines().find_map(|it| it.strip_prefix(name));
                    line.map(|it| it.trim_start_matches(':').trim().to_owned())
                };
                let Some(kind) = field("event") else { continue };
                let data = serde_json::from_str(&field("data").unwrap_or_default());
                return Some((
                    field("id").unwrap_or_default(),
                    kind,
                    data.unwrap_or_default(),
                ));
            }
            let more = tokio::time::timeout(Duration::from_secs(10), self.body.next());
            let more = more.await.expect("something is told within ten seconds")?;
            self.text
                .push_str(std::str::from_utf8(&more.unwrap()).unwrap());
        }
    }
    /// Reads until the stream ends.
    async fn ends(&mut self) -> bool {
        let end = async { while self.next().await.is_some() {} };
        tokio::time::timeout(Duration::from_secs(8), end)
            .await
            .is_ok()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_own_tenants_events_are_told_with_their_place() {
    let site = Site::start().await;
    let mut ear = Ear::listen(&site, "viewer", None).await.unwrap();
    site.post("other", "machine", "detections", &alert("foreign"))
        .await
        .ok();
    let taken = site
        .post("acme", "machine", "detections", &alert("own"))
        .await
        .ok();
    let case = taken["cases"][0].as_str().unwrap();
    let (id, kind, data) = ear.next().await.unwrap();
    assert_ne!(kind, "lagged");
    let all = site.get("acme", "viewer", "journal?limit=1000").await.ok();
    let entry = all["entries"].as_array().unwrap().iter();
    let entry = entry
        .clone()
        .find(|it| it["n"].as_u64() == id.parse().ok())
        .unwrap();
    assert_eq!(
        (entry["kind"].as_str(), entry["at"].clone()),
        (Some(kind.as_str()), data["at"].clone())
    );
    let of_case = data["case"].is_null() || data["case"] == case;
    assert!(of_case, "{data}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_told_what_they_missed_once() {
    let site = Site::start().await;
    let mut ear = Ear::listen(&site, "viewer", None).await.unwrap();
    site.post("acme", "machine", "detections", &alert("one"))
        .await
        .ok();
    let (last, _, _) = ear.next().await.unwrap();
    drop(ear);
    site.post("acme", "machine", "detections", &alert("two"))
        .await
        .ok();
    let end = site.get("acme", "viewer", "health").await.ok()["journal_entries"]
        .as_u64()
        .unwrap();
    let mut ear = Ear::listen(&site, "viewer", Some(&last)).await.unwrap();
    let mut places = Vec::new();
    while places.last().is_none_or(|it| *it < end) {
        let (id, kind, _) = ear.next().await.unwrap();
        assert_ne!(kind, "lagged");
        places.push(id.parse::<u64>().unwrap());
    }
    let first: u64 = last.parse().unwrap();
    let wanted: Vec<u64> = (first + 1..=*places.last().unwrap()).collect();
    assert_eq!(places, wanted, "each once, in order, none left out");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_too_long_is_told_to_read_again() {
    let site = Site::start().await;
    for last in ["999999", "x", "-1"] {
        let mut ear = Ear::listen(&site, "viewer", Some(last)).await.unwrap();
        let (_, kind, data) = ear.next().await.unwrap();
        assert_eq!(
            (kind.as_str(), &data["reload"]),
            ("lagged", &json!(true)),
            "{last}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_credential_that_opened_it() {
    let site = Site::start().await;
    let tokens = site.get("acme", "viewer", "tokens").await.ok();
    let id = tokens["tokens"][0]["id"].as_str().unwrap().to_owned();
    let mut machine = Ear::listen(&site, "machine", None).await.unwrap();
    let mut analyst = Ear::listen(&site, "analyst", None).await.unwrap();
    let mut lead = Ear::listen(&site, "lead", None).await.unwrap();
    let mut viewer = Ear::listen(&site, "viewer", None).await.unwrap();
    let gone = site.ask(
        "DELETE",
        "acme",
        "operator",
        "people/viewer@acme.example",
        Vec::new(),
    );
    assert_eq!(gone.await.status, 204);
    assert!(viewer.ends().await, "who was removed hears on");
    let path = format!("tokens/{id}");
    let revoked = site
        .ask("DELETE", "acme", "operator", &path, Vec::new())
        .await;
    assert_eq!(revoked.status, 204);
    assert!(machine.ends().await, "a revoked token hears on");
    site.change("acme", "operator", "analyst", &["viewer"])
        .await;
    assert!(analyst.ends().await, "who may something else now hears on");
    site.post("acme", "lead", "detections", &alert("still"))
        .await
        .ok();
    assert!(lead.next().await.is_some(), "nobody else is cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_has_so_many_streams() {
    let site = Site::with("[api]\nstreams_max = 2\n").await;
    let first = Ear::listen(&site, "viewer", None).await.unwrap();
    let _second = Ear::listen(&site, "viewer", None).await.unwrap();
    assert_eq!(Ear::listen(&site, "viewer", None).await.err(), Some(429));
    assert!(Ear::listen(&site, "analyst", None).await.is_ok());
    drop(first);
    assert!(Ear::listen(&site, "viewer", None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_in_another_tenant_costs_nobody_an_event() {
    let site = Site::start().await;
    let mut ear = Ear::listen(&site, "viewer", None).await.unwrap();
    let flood: Vec<Value> = (0..700).map(|it| alert(&format!("flood{it}"))).collect();
    let taken = site
        .post("other", "machine", "detections", &json!(flood))
        .await
        .ok();
    assert_eq!(taken["accepted"], 700, "{taken}");
    site.post("acme", "machine", "detections", &alert("own"))
        .await
        .ok();
    let (_, kind, data) = ear.next().await.unwrap();
    assert_ne!(kind, "lagged");
    let all = site.get("acme", "viewer", "journal?limit=1000").await.ok();
    assert!(
        all["entries"]
            .to_string()
            .contains(data["what"].as_str().unwrap())
    );
}
