#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::super::stand_in::{Asked, StandIn, context, run};
use super::*;

fn health() -> Value {
    json!({
        "tenant": "acme", "in_the_way": [], "problems": [], "halt": null, "dispatch_off": false,
        "mode": "hold", "guards": { "digest": "ab".repeat(32), "policies": 41 },
        "engine": { "allocation": "pooling", "fallback": null }, "journal_entries": 12,
        "work": {
            "cases": 3, "marked": 0, "evaluating": 0, "held": 0, "needs_person": 0, "in_flight": 0,
            "leases_ended": 0, "overreaches_unseen": 0, "overreaches_unrepaired": 0,
        },
        "pages": { "open": 0, "undelivered": 0, "channels": 1 }, "drifts": 0,
        "coverage": { "assets": 4, "reviewed": 4, "grouped": 4, "owned": 4, "managed": 4, "stale": 0 },
    })
}

fn said(health: Value) -> String {
    let home = tempfile::tempdir().unwrap();
    let health: Health = serde_json::from_value(health).unwrap();
    let lines = of_health(&health, &context(home.path()));
    lines
        .iter()
        .map(Finding::to_text)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_healthy_tenant_has_nothing_wrong_and_a_sick_one_is_told_what_to_do() {
    assert!(!said(health()).contains("->"), "{}", said(health()));
    let mut sick = health();
    sick["problems"] = json!([
        "source s1: no version of countersign.sentinelone is enrolled as active; see: countersign plugin enrol"
    ]);
    sick["halt"] = json!({ "on": true, "person": "ana@acme.example", "reason": "console\u{1b} lost", "at": 1_767_805_440_000_u64 });
    sick["engine"]["fallback"] = json!("not enough address space");
    sick["work"] = json!({
        "cases": 9, "marked": 1, "evaluating": 2, "held": 3, "needs_person": 4, "in_flight": 5,
        "leases_ended": 6, "overreaches_unseen": 7, "overreaches_unrepaired": 8,
    });
    sick["pages"] = json!({ "open": 2, "undelivered": 1, "channels": 0 });
    sick["drifts"] = json!(2);
    sick["coverage"]["reviewed"] = json!(1);
    insta::assert_snapshot!(said(sick));
}

#[tokio::test]
async fn what_is_wrong_anywhere_fails_the_command() {
    let home = tempfile::tempdir().unwrap();
    let reply = |asked: &Asked, health: &Value| match asked.what.as_str() {
        "GET /healthz" | "GET /readyz" => (200, json!({})),
        "GET /v1/tenants/acme/health" => (200, health.clone()),
        _ => (500, Value::Null),
    };
    let fine = StandIn::start(move |asked| reply(asked, &health())).await;
    assert_eq!(fine.run(home.path(), &["doctor"]).await, ExitCode::SUCCESS);
    assert_eq!(
        fine.asked()[0].credential,
        "",
        "what needs no credential gets none"
    );
    let mut stuck = health();
    stuck["dispatch_off"] = json!(true);
    let stuck = StandIn::start(move |asked| reply(asked, &stuck)).await;
    assert_eq!(
        stuck.run(home.path(), &["doctor", "--json"]).await,
        ExitCode::from(1)
    );
    let ready = json!({ "title": "Service Unavailable", "status": 503, "code": "CS-api-14", "detail": "not ready: the store stopped" });
    let down = StandIn::start(move |asked| match asked.what.as_str() {
        "GET /readyz" => (503, ready.clone()),
        _ => reply(asked, &health()),
    })
    .await;
    assert_eq!(down.run(home.path(), &["doctor"]).await, ExitCode::from(1));
    let mut nobody = fine.context(home.path());
    nobody.token = None;
    assert_eq!(
        run(&["doctor"], &nobody).await,
        ExitCode::SUCCESS,
        "not known is not wrong"
    );
    drop(fine);
}
