//! Lists in parts: the parts together are the list, and a cursor is good for its own list only.

use super::described::operations;
use super::site::{Site, alert};
use serde_json::Value;

/// The lists, by path, with the name of what is listed.
fn lists() -> Vec<(String, String)> {
    let with = operations()
        .into_iter()
        .filter(|it| it.queries().contains("cursor"));
    let named = with.map(|it| {
        let below = it.below("").unwrap();
        let name = match below.as_str() {
            "journal" => "entries".to_owned(),
            other => other.to_owned(),
        };
        (below, name)
    });
    let all: Vec<(String, String)> = named.collect();
    assert!(all.len() >= 14, "{all:?}");
    all
}

async fn followed(site: &Site, path: &str, name: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{path}?limit={limit}{cursor}");
        let part = site.get("acme", "analyst", &path).await.ok();
        let items = part[name].as_array().unwrap();
        assert!(items.len() <= limit, "{path}");
        all.extend(items.clone());
        match part["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_every_list_are_the_list() {
    let mut site = Site::start().await;
    site.seed("acme").await;
    for n in 0..5 {
        let body = alert(&format!("a{n}"));
        site.post("acme", "machine", "detections", &body).await.ok();
        site.add("acme", &format!("more{n}"), &["analyst"]).await;
    }
    let mut long = 0;
    for (path, name) in lists() {
        let whole = followed(&site, &path, &name, 1_000).await;
        for limit in [1, 3] {
            assert_eq!(
                followed(&site, &path, &name, limit).await,
                whole,
                "{path} by {limit}"
            );
        }
        long += usize::from(whole.len() > 3);
    }
    assert!(long >= 3, "{long}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_meanwhile_neither_shifts_nor_repeats() {
    let site = Site::start().await;
    let post = async |id: &str| {
        let taken = site
            .post("acme", "machine", "detections", &alert(id))
            .await
            .ok();
        taken["cases"][0].as_str().unwrap().to_owned()
    };
    let mut before = Vec::new();
    for n in 0..6 {
        before.push(post(&format!("b{n}")).await);
    }
    before.reverse();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for n in 0..3 {
        let part = site
            .get("acme", "viewer", &format!("cases?limit=2{cursor}"))
            .await
            .ok();
        let ids = part["cases"].as_array().unwrap().iter();
        seen.extend(ids.map(|it| it["id"].as_str().unwrap().to_owned()));
        cursor = format!("&cursor={}", part["next"].as_str().unwrap_or_default());
        post(&format!("later{n}")).await;
    }
    assert_eq!(seen, before, "newest first, as it was at the beginning");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_good_for_its_own_list_filter_and_tenant() {
    let site = Site::start().await;
    for tenant in ["acme", "other"] {
        for n in 0..3 {
            let body = alert(&format!("c{n}"));
            site.post(tenant, "machine", "detections", &body).await.ok();
        }
    }
    let part = site.get("acme", "viewer", "cases?limit=1").await.ok();
    let cursor = part["next"].as_str().unwrap().to_owned();
    for (tenant, path) in [
        ("acme", format!("cases?state=ended&cursor={cursor}")),
        ("acme", format!("journal?cursor={cursor}")),
        ("acme", format!("proposals?cursor={cursor}")),
        ("other", format!("cases?cursor={cursor}")),
    ] {
        let answer = site.get(tenant, "viewer", &path).await;
        answer.refused(400, "CS-api-15");
    }
    assert_eq!(
        site.get("acme", "viewer", &format!("cases?cursor={cursor}"))
            .await
            .status,
        200
    );
    for (path, _) in lists() {
        for bad in ["x", "AAAA", "", "%F0%9F%98%80", "bm90IGEgY3Vyc29y"] {
            let answer = site
                .get("acme", "viewer", &format!("{path}?cursor={bad}"))
                .await;
            answer.refused(400, "CS-api-15");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_narrowed_by_case_kind_and_time() {
    let site = Site::start().await;
    let taken = site
        .post("acme", "machine", "detections", &alert("j1"))
        .await
        .ok();
    let case = taken["cases"][0].as_str().unwrap();
    site.post("acme", "machine", "detections", &alert("j2"))
        .await
        .ok();
    let entries = async |query: &str| {
        let shown = site
            .get("acme", "viewer", &format!("journal?{query}"))
            .await
            .ok();
        shown["entries"].as_array().unwrap().clone()
    };
    let of_case = entries(&format!("case={case}")).await;
    assert!(!of_case.is_empty() && of_case.iter().all(|it| it["case"] == case));
    let opened = entries("kind=case-opened").await;
    assert_eq!(opened.len(), 2, "{opened:?}");
    assert!(opened.iter().all(|it| it["kind"] == "case-opened"));
    assert_eq!(
        entries(&format!("case={case}&kind=case-opened"))
            .await
            .len(),
        1
    );
    let at = opened[1]["at"].as_u64().unwrap();
    let later = entries(&format!("kind=case-opened&from_ms={}", at + 1)).await;
    assert!(later.is_empty(), "{later:?}");
    let before = entries(&format!("until_ms={at}")).await;
    assert!(before.iter().all(|it| it["at"].as_u64().unwrap() < at));
    let n = opened[0]["n"].as_u64().unwrap();
    let after = entries(&format!("after={n}")).await;
    assert_eq!(after[0]["n"], n + 1);
}
