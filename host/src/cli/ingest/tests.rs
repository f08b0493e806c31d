#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::super::stand_in::{Asked, StandIn};
use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn a_rejected_record_is_told_and_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let host = StandIn::always(202, json!({
        "accepted": 1, "duplicates": 2, "cases": ["case-1"],
        "rejected": [{ "index": 3, "error": { "code": "malformed", "message": "not JSON", "at": "byte 9" } }],
    }))
    .await;
    let (one, two) = (home.path().join("one.json"), home.path().join("two.ndjson"));
    std::fs::write(&one, "[{}]").unwrap();
    std::fs::write(&two, "{}\n{}").unwrap();
    let (one, two) = (one.display().to_string(), two.display().to_string());
    let line = [
        "ingest",
        one.as_str(),
        two.as_str(),
        "--source",
        "sentinelone",
    ];
    assert_eq!(host.run(home.path(), &line).await, ExitCode::SUCCESS);
    let asked = host.asked();
    assert_eq!(asked[0].what, "POST /v1/tenants/acme/sources/sentinelone");
    assert_eq!(asked[0].content_type, "application/json");
    assert_eq!(asked[1].content_type, "application/x-ndjson");
    assert_eq!(
        host.run(home.path(), &["ingest", &one]).await,
        ExitCode::SUCCESS
    );
    assert_eq!(host.lines()[2], "POST /v1/tenants/acme/detections");
}

#[tokio::test]
async fn a_delivery_in_which_nothing_is_an_alert_has_failed() {
    let home = tempfile::tempdir().unwrap();
    let answer = json!({
        "accepted": 0, "duplicates": 0,
        "rejected": [{ "index": 0, "error": { "code": "malformed", "message": "not JSON" } }],
    });
    let host = StandIn::always(202, answer).await;
    let file = home.path().join("one.json");
    std::fs::write(&file, "{").unwrap();
    let line = ["ingest", &file.display().to_string()];
    assert_eq!(host.run(home.path(), &line).await, ExitCode::FAILURE);
}

#[test]
fn a_sum_names_file_place_and_reason_of_each_rejected_record() {
    let rejected = json!({ "code": "malformed", "message": "not\u{1b} JSON", "at": "byte 9" });
    let mut sum = Sum::default();
    for first in [0, 100] {
        let received = json!({ "accepted": 1, "duplicates": 2, "rejected": [{ "index": 3, "error": rejected }] });
        sum.add(serde_json::from_value(received).unwrap(), "a.json", first);
    }
    assert_eq!(
        sum.to_text(),
        "2 accepted, 4 duplicates, 2 rejected\n  \
         rejected a.json[3]: malformed at byte 9: not\\u{1b} JSON\n  \
         rejected a.json[103]: malformed at byte 9: not\\u{1b} JSON"
    );
}

#[tokio::test]
async fn a_busy_host_is_waited_for_and_a_refusal_is_not_repeated() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a.json");
    std::fs::write(&file, "{}").unwrap();
    let file = file.display().to_string();
    let problem = |status: u16| json!({ "title": "x", "status": status, "code": "CS-api-10", "detail": "full" });
    let count = AtomicUsize::new(0);
    let host = StandIn::start(
        move |_: &Asked| match count.fetch_add(1, Ordering::SeqCst) {
            0 => (503, problem(503)),
            1 => (
                202,
                json!({ "accepted": 1, "duplicates": 0, "rejected": [] }),
            ),
            _ => (422, problem(422)),
        },
    )
    .await;
    assert_eq!(
        host.run(home.path(), &["ingest", &file]).await,
        ExitCode::SUCCESS
    );
    assert_eq!(host.lines().len(), 2);
    assert_eq!(
        host.run(home.path(), &["ingest", &file]).await,
        ExitCode::from(1)
    );
    assert_eq!(host.lines().len(), 3);
    assert_eq!(
        host.run(home.path(), &["ingest", "/no/such/file"]).await,
        ExitCode::from(2)
    );
    assert_eq!(host.lines().len(), 3);
}
