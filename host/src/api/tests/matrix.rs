//! Every operation, for everybody, in the own tenant and in a foreign one: refused as the document
//! says, answered as the document says, and never a failure of the host.

use super::described::{Operation, operations};
use super::site::{Answer, STANDINGS, Site};

/// Everybody, and as what they come.
const EVERYBODY: [&str; 7] = [
    "nobody", "machine", "viewer", "analyst", "lead", "owner", "operator",
];

async fn ask(site: &Site, it: &Operation, tenant: &str, secret: Option<&str>) -> Answer {
    let path = it.path.replace("{tenant}", tenant).replace("{id}", "none");
    let path = path.replace("{source}", "none");
    let query = match path.ends_with(":resolve") {
        true => "?name=ws-1",
        false => "",
    };
    let (kind, body) = it.body();
    site.raw(&it.method, &format!("{path}{query}"), secret, &kind, body)
        .await
}

#[track_caller]
fn is_described(it: &Operation, who: &str, answer: &Answer) {
    let told = it.answers(answer.status, answer.code());
    let (method, path, status) = (&it.method, &it.path, answer.status);
    assert!(told, "{method} {path} as {who}: {status} {}", answer.body);
    assert!(status != 500, "{method} {path} as {who}: {}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_in_their_own_tenant_what_the_document_says() {
    let site = Site::start().await;
    let mut refused = 0;
    for it in operations() {
        let allowed = it.who();
        for who in EVERYBODY {
            let answer = ask(&site, &it, "acme", site.credential("acme", who)).await;
            is_described(&it, who, &answer);
            let open = allowed.contains("anybody");
            let may = open || allowed.contains(who);
            let what = format!("{} {} as {who}: {}", it.method, it.path, answer.body);
            match who {
                "nobody" if !open => {
                    assert_eq!(
                        (answer.status, answer.code()),
                        (401, "CS-auth-01"),
                        "{what}"
                    );
                    assert!(answer.headers.contains_key("www-authenticate"), "{what}");
                }
                _ if !may => {
                    assert_eq!((answer.status, answer.code()), (403, "CS-api-03"), "{what}")
                }
                _ => assert_ne!(answer.status, 401, "{what}"),
            }
            refused += usize::from(!may);
        }
    }
    assert!(
        refused > 100,
        "{refused}: the matrix refuses too little to show anything"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_tenant_does_not_exist_for_anybody() {
    let site = Site::start().await;
    for it in operations() {
        if !it.path.contains("{tenant}") {
            continue;
        }
        for who in STANDINGS.iter().chain(&["machine", "first"]) {
            let secret = site.credential("acme", who);
            let foreign = ask(&site, &it, "other", secret).await;
            let unknown = ask(&site, &it, "nowhere", secret).await;
            let what = format!("{} {} as {who}", it.method, it.path);
            assert_eq!(
                (foreign.status, foreign.code()),
                (404, "CS-api-04"),
                "{what}"
            );
            // the same words, so that nobody learns which tenants there are
            assert_eq!(
                (foreign.status, foreign.body),
                (unknown.status, unknown.body),
                "{what}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_by_the_inventory_may_what_owners_may() {
    let mut site = Site::start().await;
    site.add("acme", "carol", &[]).await;
    let halt = serde_json::json!({ "on": true, "reason": "drill" });
    let before = site
        .post("acme", "carol", "proposals/none/approve", &halt)
        .await;
    before.refused(403, "CS-api-03");
    let group =
        serde_json::json!({ "groups": [{ "group": "hers", "owners": ["carol@acme.example"] }] });
    let imported = site
        .post("acme", "lead", "assets:import", &group)
        .await
        .ok();
    let change = imported["imported"]["held"].as_str().map(str::to_owned);
    if let Some(change) = change {
        let path = format!("changes/{change}/approve");
        site.post("acme", "first", &path, &serde_json::json!({}))
            .await
            .ok();
    }
    let digest = serde_json::json!({ "digest": "ab".repeat(32) });
    let after = site
        .post("acme", "carol", "proposals/none/approve", &digest)
        .await;
    after.refused(404, "CS-api-04");
    let people = site.get("acme", "carol", "people").await.ok();
    let all = people["people"].as_array().unwrap();
    let carol = all
        .iter()
        .find(|it| it["id"] == "carol@acme.example")
        .unwrap();
    assert_eq!(carol["roles"], serde_json::json!(["viewer"]));
}
