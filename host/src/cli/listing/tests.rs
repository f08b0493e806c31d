#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::super::stand_in::{Asked, StandIn};
use super::*;

/// A host with 2500 cases, a thousand at most in each part.
async fn long() -> StandIn {
    StandIn::start(|asked: &Asked| {
        let number = |name: &str| {
            let (_, rest) = asked.what.split_once(&format!("{name}="))?;
            rest.split('&').next()?.parse::<usize>().ok()
        };
        let (from, limit) = (number("cursor").unwrap_or(0), number("limit").unwrap());
        let end = (from + limit).min(2_500);
        let mut part = json!({ "cases": (from..end).collect::<Vec<_>>(), "beside": from });
        if end < 2_500 {
            part["next"] = json!(end.to_string());
        }
        (200, part)
    })
    .await
}

#[tokio::test]
async fn parts_are_followed_until_there_is_enough() {
    let home = tempfile::tempdir().unwrap();
    let host = long().await;
    let client = Client::of(&host.context(home.path())).unwrap();
    for (most, items, next) in [
        (Some(3), 3, true),
        (Some(1_500), 1_500, true),
        (Some(2_500), 2_500, false),
        (Some(9_000), 2_500, false),
        (None, 2_500, false),
    ] {
        let filter = [("state", "held".to_owned())];
        let whole = listing(&client, &["cases"], &filter, "cases", most);
        let whole = whole.await.unwrap();
        let shown = whole["cases"].as_array().unwrap();
        assert_eq!(shown.len(), items, "{most:?}");
        assert_eq!(shown.last(), Some(&json!(items - 1)));
        assert_eq!(whole.get("next").is_some(), next, "{most:?}");
        assert_eq!(
            whole["beside"], 0,
            "what stands beside the first part stays"
        );
    }
    let asked = host.lines();
    assert_eq!(asked[0], "GET /v1/tenants/acme/cases?limit=3&state=held");
    let second = "GET /v1/tenants/acme/cases?limit=500&state=held&cursor=1000";
    assert_eq!(asked[2], second);
}
