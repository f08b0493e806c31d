//! The shapes, and that they say what the world says.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::state::World;
use serde_json::json;

fn alert() -> Alert {
    let world: World = serde_json::from_value(json!({ "devices": [{
        "id": "1890000000000000001", "name": "app-07", "os": "windows", "kind": "server",
        "ip": "10.20.0.7", "mode": "protect",
        "processes": [{ "pid": 4120, "started": 1_799_000_000_000_u64, "name": "agent.exe",
            "path": "C:\\Ops\\agent.exe", "cmd_line": "agent.exe --serve", "sha256": "ab" }],
        "files": [{ "path": "C:\\Ops\\agent.exe", "sha256": "ab", "sha1": "cd",
            "signer": "CN=Ops", "reference": "1890000000000000777" }],
    }] }))
    .unwrap();
    Alert::in_world(
        &world,
        "1890000000000000001",
        "C:\\Ops\\agent.exe",
        1_800_000_000_123,
    )
    .unwrap()
}

#[test]
fn a_threat_says_what_was_done_in_a_list_and_again_in_a_word() {
    let threat = alert().taken(Taken::KilledAndQuarantined).sentinelone();
    assert_eq!(threat["threatInfo"]["mitigationStatus"], "mitigated");
    let actions: Vec<_> = threat["mitigationStatus"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["action"].clone())
        .collect();
    assert_eq!(actions, ["quarantine", "kill"]);
    assert_eq!(
        threat["mitigationStatus"][1]["mitigationStartedAt"],
        "2027-01-15T08:00:01.073000Z"
    );

    let nothing = alert().sentinelone();
    assert_eq!(nothing["threatInfo"]["mitigationStatus"], "not_mitigated");
    assert_eq!(nothing["mitigationStatus"], json!([]));
}

#[test]
fn a_threat_keeps_its_ids_as_text_and_both_modes_apart() {
    let mut alert = alert();
    alert.mode_now = Mode::Detect;
    let threat = alert.sentinelone();
    assert_eq!(threat["threatInfo"]["threatId"], "1890000000000000777");
    assert_eq!(threat["id"], threat["threatInfo"]["threatId"]);
    assert_eq!(
        threat["agentRealtimeInfo"]["agentId"],
        "1890000000000000001"
    );
    assert_eq!(
        threat["agentDetectionInfo"]["agentMitigationMode"],
        "protect"
    );
    assert_eq!(threat["agentRealtimeInfo"]["agentMitigationMode"], "detect");
}

#[test]
fn an_alert_names_a_signer_only_as_the_product_saw_the_signature() {
    let mut alert = alert();
    assert_eq!(
        alert.sentinelone()["threatInfo"]["isValidCertificate"],
        true
    );
    assert_eq!(
        alert.ocsf()["evidences"][0]["file"]["signature"]["state_id"],
        1
    );
    alert.signature = Signature::None;
    alert.names_sha256 = false;
    assert_eq!(alert.sentinelone()["threatInfo"]["publisherName"], "");
    assert_eq!(alert.sentinelone()["threatInfo"]["sha256"], json!(null));
    assert_eq!(
        alert.ocsf()["evidences"][0]["file"]["signature"],
        json!(null)
    );
    assert_eq!(
        alert.ocsf()["evidences"][0]["file"]["hashes"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_finding_has_what_its_class_requires() {
    let finding = alert().ocsf();
    for name in [
        "activity_id",
        "category_uid",
        "class_uid",
        "finding_info",
        "metadata",
        "severity_id",
        "time",
        "type_uid",
    ] {
        assert!(!finding[name].is_null(), "{name}");
    }
    let (class, activity) = (
        finding["class_uid"].as_u64().unwrap(),
        finding["activity_id"].as_u64().unwrap(),
    );
    assert_eq!(
        finding["type_uid"].as_u64().unwrap(),
        class * 100 + activity
    );
    assert_eq!(finding["evidences"][0]["process"]["pid"], 4120);
}
