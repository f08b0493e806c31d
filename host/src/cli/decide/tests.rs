#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::super::stand_in::{Asked, StandIn};
use super::*;

const SHOWN: &str = include_str!("../fixtures/proposal.json");
const BUNDLE: &str = include_str!("../fixtures/bundle.json");

fn shown() -> Value {
    serde_json::from_str(SHOWN).unwrap()
}

fn digest() -> String {
    format!("4be1{}", "0".repeat(60))
}

/// A host that shows one proposal and says what became of a decision.
async fn host(shown: Value) -> StandIn {
    StandIn::start(move |asked: &Asked| {
        if asked.what.starts_with("GET") {
            return (200, shown.clone());
        }
        let needs = json!({"count": 1, "roles": ["owner"], "people": [], "emergency": false});
        (
            200,
            json!({ "state": "held", "needs": needs, "reason": "" }),
        )
    })
    .await
}

async fn decided(shown: Value, line: &[&str]) -> (ExitCode, Vec<Asked>) {
    let home = tempfile::tempdir().unwrap();
    let host = host(shown).await;
    let code = host.run(home.path(), line).await;
    (code, host.asked())
}

#[tokio::test]
async fn exactly_what_was_fetched_is_approved() {
    let line = [
        "proposal",
        "approve",
        "prop-0001",
        "--yes",
        "--comment",
        "ok",
    ];
    let (code, asked) = decided(shown(), &line).await;
    assert_eq!(code, ExitCode::SUCCESS);
    assert_eq!(asked[0].what, "GET /v1/tenants/acme/proposals/prop-0001");
    assert_eq!(
        asked[1].what,
        "POST /v1/tenants/acme/proposals/prop-0001/approve"
    );
    let body = json!({ "digest": digest(), "comment": "ok", "emergency": false });
    assert_eq!(asked[1].json(), body);
    assert_eq!(asked[1].content_type, "application/json");
}

#[tokio::test]
async fn nothing_is_approved_where_nobody_can_be_asked() {
    let (code, asked) = decided(shown(), &["proposal", "approve", "prop-0001"]).await;
    assert_eq!((code, asked.len()), (ExitCode::from(2), 1));
}

#[tokio::test]
async fn what_was_seen_elsewhere_must_still_be_there() {
    let seen = digest();
    for (digest, code, asks) in [
        (seen.as_str(), 0, 2),
        (&"0".repeat(64), 1, 1),
        // the short form is for reading, and too short to decide by
        ("4be100000000", 2, 1),
    ] {
        for how in ["approve", "deny"] {
            let line = ["proposal", how, "prop-0001", "--digest", digest];
            let (got, asked) = decided(shown(), &line).await;
            assert_eq!(
                (got, asked.len()),
                (ExitCode::from(code), asks),
                "{how} {digest}"
            );
        }
    }
}

#[tokio::test]
async fn what_waits_for_nobody_is_not_decided() {
    let mut shown = shown();
    shown["state"] = json!("done");
    for line in [
        ["proposal", "approve", "prop-0001", "--yes"],
        ["proposal", "deny", "prop-0001", "--json"],
    ] {
        let (code, asked) = decided(shown.clone(), &line).await;
        assert_eq!((code, asked.len()), (ExitCode::from(1), 1));
    }
}

#[tokio::test]
async fn breaking_the_glass_sends_its_reason() {
    let line = [
        "proposal",
        "approve",
        "p",
        "--emergency",
        "ransomware",
        "--yes",
    ];
    let (_, asked) = decided(shown(), &line).await;
    assert_eq!(asked[1].json()["emergency"], json!(true));
    assert_eq!(asked[1].json()["comment"], json!("ransomware"));
}

#[tokio::test]
async fn a_cause_is_decided_as_what_was_listed_one_for_each_unit() {
    let unit: Value = serde_json::from_str(BUNDLE).unwrap();
    let mut members = unit["unit"].as_array().unwrap().clone();
    members.push(shown());
    let list = json!({ "proposals": members });
    let reply = move |asked: &Asked| {
        if asked.what.starts_with("GET") {
            return (200, list.clone());
        }
        let decided = json!({ "state": "ordered", "needs": null, "reason": "" });
        let refused =
            json!({ "code": "CS-approval-02", "message": "it has changed", "kind": "conflict" });
        let each = json!([{ "id": "prop-0001", "decided": decided }, { "id": "prop-0011", "refused": refused }]);
        (200, json!({ "proposals": each }))
    };
    let home = tempfile::tempdir().unwrap();
    let host = StandIn::start(reply).await;
    let line = ["proposal", "approve", "--cause", "hash:9f2c", "--yes"];
    // one of them was refused: the command says so
    assert_eq!(host.run(home.path(), &line).await, ExitCode::from(1));
    let asked = host.asked();
    assert_eq!(
        asked[0].what,
        "GET /v1/tenants/acme/proposals?limit=1000&state=held&cause=hash%3A9f2c"
    );
    assert_eq!(
        asked[1].what,
        "POST /v1/tenants/acme/causes/hash:9f2c/approve"
    );
    let sent = json!([
        { "id": "prop-0001", "digest": digest() },
        { "id": "prop-0011", "digest": digest() },
    ]);
    assert_eq!(asked[1].json()["proposals"], sent);
    let seen = Digest::of_parts([
        b"prop-0001".as_slice(),
        digest().as_bytes(),
        b"prop-0011",
        digest().as_bytes(),
    ]);
    let line = [
        "proposal",
        "approve",
        "--cause",
        "hash:9f2c",
        "--digest",
        seen.as_str(),
    ];
    assert_eq!(host.run(home.path(), &line).await, ExitCode::from(1));
    assert_eq!(host.lines().len(), 4);
    let line = [
        "proposal",
        "approve",
        "--cause",
        "hash:9f2c",
        "--digest",
        &digest(),
    ];
    assert_eq!(host.run(home.path(), &line).await, ExitCode::from(1));
    assert_eq!(
        host.lines().len(),
        5,
        "another list than was seen is not decided"
    );
}
