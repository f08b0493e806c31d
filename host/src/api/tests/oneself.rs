//! Approving what is one's own, in every disguise: whoever asks for something is never one of those
//! who let it happen. The uploader of a playbook is in `tests/e2e` (`approvals`), which has plugins.

use super::site::{Answer, Site, escaped};
use serde_json::{Value, json};

async fn held(site: &Site, who: &str) -> Value {
    site.seed("acme").await;
    let cases = site.get("acme", who, "cases").await.ok();
    let case = cases["cases"][0]["id"].as_str().unwrap().to_owned();
    let proposal = site.by_hand("acme", who, &case).await;
    assert_eq!(proposal["state"], "held", "{proposal}");
    proposal
}

async fn approve(site: &Site, who: &str, proposal: &Value, emergency: bool) -> Answer {
    let path = format!("proposals/{}/approve", proposal["id"].as_str().unwrap());
    let digest = &proposal["judged"]["digest"];
    let body = json!({ "digest": digest, "comment": "mine", "emergency": emergency });
    site.post("acme", who, &path, &body).await
}

/// They look at it as it is now, as often as it takes, and are refused because it is their own.
async fn never(site: &Site, who: &str, proposal: &Value) {
    let path = format!("proposals/{}", proposal["id"].as_str().unwrap());
    for emergency in [false, true] {
        let now = site.get("acme", who, &path).await.ok();
        let mut own = approve(site, who, &now, emergency).await;
        if own.code() == "CS-approval-02" {
            let now = site.get("acme", who, &path).await.ok();
            own = approve(site, who, &now, emergency).await;
        }
        own.refused(403, "CS-approval-03");
        let member = json!({ "id": now["id"], "digest": now["judged"]["digest"] });
        let group = json!({ "proposals": [member], "comment": "mine" });
        let cause = escaped(now["cause"].as_str().unwrap());
        let causes = format!("causes/{cause}/approve");
        let group = site.post("acme", who, &causes, &group);
        let group = group.await.ok();
        let refused = &group["proposals"][0]["refused"];
        assert!(
            refused["code"]
                .as_str()
                .unwrap()
                .starts_with("CS-approval-0"),
            "{group}"
        );
    }
    let now = site.get("acme", who, &path).await.ok();
    assert_eq!(
        (&now["state"], &now["approvals"]),
        (&json!("held"), &json!([]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proposer_never_approves_whatever_they_come_as() {
    let mut site = Site::start().await;
    let proposal = held(&site, "lead").await;
    never(&site, "lead", &proposal).await;
    // with more roles, by another sign-in
    let code = site.change("acme", "operator", "lead", &["analyst", "lead", "owner"]);
    let code = code.await;
    site.sign_in("acme", "again", &code).await;
    never(&site, "again", &proposal).await;
    // as the owner by the inventory of the very target
    let mine =
        json!({ "groups": [{ "group": "ours", "mode": "hold", "owners": ["lead@acme.example"] }] });
    let change = site
        .post("acme", "first", "assets:import", &mine)
        .await
        .ok();
    if let Some(change) = change["imported"]["held"].as_str() {
        let path = format!("changes/{change}/approve");
        site.post("acme", "again", &path, &json!({})).await.ok();
    }
    never(&site, "again", &proposal).await;
    // with a machine's token of their own making
    let code = site.change("acme", "operator", "lead", &["lead", "operator"]);
    let code = code.await;
    site.sign_in("acme", "again", &code).await;
    let token = site
        .post("acme", "again", "tokens", &json!({ "name": "mine" }))
        .await
        .ok();
    let path = format!(
        "/v1/tenants/acme/proposals/{}/approve",
        proposal["id"].as_str().unwrap()
    );
    let body = json!({ "digest": proposal["judged"]["digest"] }).to_string();
    let token = token["token"].as_str();
    let machine = site
        .raw("POST", &path, token, "application/json", body.into())
        .await;
    machine.refused(403, "CS-api-03");
    never(&site, "again", &proposal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_under_two_spellings_is_refused() {
    let site = Site::start().await;
    for id in [
        "Lead@acme.example",
        "LEAD@ACME.EXAMPLE",
        "lead@acme.example\u{200b}",
        "l\u{435}ad@acme.example",
    ] {
        let person = json!({ "id": id, "roles": ["lead"] });
        let answer = site.post("acme", "operator", "people", &person).await;
        assert!((400..500).contains(&answer.status), "{id}: {}", answer.body);
    }
    for id in ["", " ", "a b", "a\u{202e}b@acme.example", "a\nb"] {
        let person = json!({ "id": id, "roles": ["lead"] });
        site.post("acme", "operator", "people", &person)
            .await
            .refused(422, "CS-api-02");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_looser_inventory_does_not_let_it_through() {
    let site = Site::start().await;
    site.seed("acme").await;
    let tight = json!({ "assets": [{ "name": "ws-acme", "protection": "critical" }] });
    site.post("acme", "lead", "assets:import", &tight)
        .await
        .ok();
    let loose = json!({ "assets": [{ "name": "ws-acme", "protection": null }] });
    let asked = site
        .post("acme", "lead", "assets:import", &loose)
        .await
        .ok();
    let held = asked["imported"]["held"].as_str();
    let id = held.unwrap_or_else(|| panic!("it is held: {asked}"));
    let path = format!("changes/{id}/approve");
    let own = site.post("acme", "lead", &path, &json!({})).await;
    own.refused(403, "CS-approval-03");
    site.post("acme", "first", &path, &json!({})).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_themselves_more() {
    let site = Site::start().await;
    let more = json!({ "id": "operator@acme.example", "roles": ["lead"], "operator": true });
    let own = site.post("acme", "operator", "people", &more).await;
    own.refused(403, "CS-api-03");
    for who in ["viewer", "analyst", "lead", "owner", "machine"] {
        let more = json!({ "id": format!("{who}@acme.example"), "operator": true });
        let own = site.post("acme", who, "people", &more).await;
        own.refused(403, "CS-api-03");
    }
    for extra in [
        json!({ "approved": true }),
        json!({ "tenant": "other" }),
        json!({ "role": "lead" }),
    ] {
        let mut person = json!({ "id": "eve@acme.example", "roles": [] });
        person
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let answer = site.post("acme", "operator", "people", &person).await;
        answer.refused(422, "CS-api-02");
    }
    let both = json!({ "id": "eve@acme.example", "roles": ["viewer", "lead"] });
    let answer = site.post("acme", "operator", "people", &both).await;
    answer.refused(422, "CS-api-02");
}
