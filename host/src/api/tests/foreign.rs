//! What belongs to one tenant is not there in another, whatever id is given; and the store has the
//! tenant in every key.

use super::described::operations;
use super::site::{Site, escaped};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_one_tenant_is_not_found_in_another() {
    let site = Site::start().await;
    let (ours, theirs) = (site.seed("acme").await, site.seed("other").await);
    let mut asked = BTreeSet::new();
    for it in operations() {
        if !it.path.contains("{id}") {
            continue;
        }
        let below = it.below("{id}").unwrap();
        let (word, _) = below.split_once('/').unwrap();
        let (kind, body) = it.body();
        for (tenant, foreign) in [("acme", &theirs), ("other", &ours)] {
            let id = foreign
                .get(word)
                .unwrap_or_else(|| panic!("nothing is seeded for {below}"));
            let path = format!(
                "/v1/tenants/{tenant}/{}",
                below.replace("{id}", &escaped(id))
            );
            let secret = site.credential(tenant, "first");
            let (body, what) = (of(word, &body, id), format!("{} {path}", it.method));
            let answer = site.raw(&it.method, &path, secret, &kind, body).await;
            if word == "causes" {
                // a cause is the same hash everywhere; its members are each tenant's own
                let each = answer.ok()["proposals"].as_array().unwrap().clone();
                let refused = |it: &Value| it["refused"]["code"] == "CS-api-04";
                assert!(
                    !each.is_empty() && each.iter().all(refused),
                    "{what}: {each:?}"
                );
            } else {
                assert_eq!((answer.status, answer.code()), (404, "CS-api-04"), "{what}");
            }
            asked.insert(word.to_owned());
        }
    }
    let seeded: BTreeSet<String> = ours.keys().map(|it| (*it).to_owned()).collect();
    assert_eq!(asked, seeded, "every kind of id was tried");
    untouched(&site).await;
}

/// A group decision names its members: those of the other tenant.
fn of(word: &str, body: &[u8], _cause: &str) -> Vec<u8> {
    match word {
        "causes" => {
            json!({ "proposals": [{ "id": "proposal-of-the-other", "digest": "ab".repeat(32) }] })
                .to_string()
                .into()
        }
        _ => body.to_vec(),
    }
}

/// Nothing of either tenant was changed by the other.
async fn untouched(site: &Site) {
    for tenant in ["acme", "other"] {
        let held = site.get(tenant, "analyst", "proposals").await.ok();
        assert_eq!(held["proposals"][0]["denied"], Value::Null);
        let effects = site.get(tenant, "analyst", "effects").await.ok();
        assert_eq!(effects["effects"].as_array().unwrap().len(), 1, "{effects}");
        let changes = site.get(tenant, "analyst", "changes").await.ok();
        assert_eq!(changes["changes"].as_array().unwrap().len(), 1);
        let tokens = site.get(tenant, "analyst", "tokens").await.ok();
        assert_eq!(tokens["tokens"][0]["revoked"], false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_shows_anything_of_another_tenant() {
    let site = Site::start().await;
    site.seed("other").await;
    for it in operations() {
        let lists = it.method == "GET" && it.queries().contains("limit");
        let Some(below) = it.below("").filter(|_| lists) else {
            continue;
        };
        let shown = site
            .get("acme", "first", &format!("{below}?limit=1000"))
            .await
            .ok();
        let text = shown.to_string();
        assert!(!text.contains("other"), "{below}: {text}");
    }
}
