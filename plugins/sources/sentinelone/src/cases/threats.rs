//! Threat objects: what selects, what was taken and on whose wish, ratings, envelopes.
use super::*;

const AT_ONCE: &str = "2026-03-11T18:44:17.111000Z";
const LATER: &str = "2026-03-11T18:44:18.331000Z";
const NEXT_DAY: &str = "2026-03-12T07:10:00.000000Z";

fn killed_and_quarantined() -> Value {
    json!([
        did("quarantine", "success", LATER, 1, 1),
        did("kill", "success", AT_ONCE, 1, 1)
    ])
}

#[test]
fn what_a_protect_policy_did_at_once_is_its_own_in_the_order_it_was_done() {
    let it = one(&threat("protect", killed_and_quarantined()));
    assert_eq!(
        taken(&it),
        [
            ("stop-process", "done", "policy"),
            ("quarantine-file", "done", "policy")
        ]
    );
    assert_eq!(it.taken[0].at, Some(1_773_254_657_111));
    assert_eq!(it.mode_at_detection(), Mode::Protect);
    assert_eq!(it.mode_now(), Mode::Detect);
    let Target::File(taken) = &it.taken[1].target else {
        panic!("a file was quarantined")
    };
    assert_eq!(
        (taken.path.as_str(), taken.reference.as_deref()),
        (PATH, Some(THREAT))
    );
    assert_eq!(
        taken,
        file(&it),
        "the case names the file as what was taken names it"
    );
}

#[test]
fn what_selects_is_exact() {
    let it = one(&threat("protect", json!([])));
    let device = it.affected_device().unwrap();
    assert_eq!(
        (device.id.as_str(), device.name.as_str()),
        (AGENT, "srv-plan-01")
    );
    assert_eq!(file(&it).sha256, None, "a SHA-1 is no SHA-256");
    let of_file = it
        .entities
        .iter()
        .find(|it| matches!(it.target, Target::File(_)))
        .unwrap();
    assert_eq!(
        (of_file.sha1(), of_file.signer()),
        (Some(SHA1), Some("NORTHWIND GMBH"))
    );
    assert_eq!(of_file.signature_state(), Some(1));
    assert_eq!(it.techniques, ["T1053.005", "T1547.001"]);
    assert!(it.entities.iter().any(|it| it.role == "actor"
        && matches!(&it.target, Target::Account(a) if a.name == "svc-plan" && a.domain == "NW" && a.id.is_empty())));
}

#[test]
fn an_invalid_signature_gives_no_lineage() {
    let mut record = threat("protect", json!([]));
    record["threatInfo"]["isValidCertificate"] = json!(false);
    let it = one(&record);
    assert!(it.entities.iter().all(|it| it.signature_state().is_none()));
}

#[test]
fn only_a_protect_policy_and_only_at_once_is_the_policy() {
    let initiative = |mode: &str, at: &str, by: &str, user: Value| {
        let mut record = threat(mode, json!([did("kill", "success", at, 1, 1)]));
        record["threatInfo"]["initiatedBy"] = json!(by);
        record["threatInfo"]["initiatingUsername"] = user;
        one(&record).taken[0].initiative.clone()
    };
    assert_eq!(
        initiative("protect", AT_ONCE, "agent_policy", json!(null)),
        "policy"
    );
    assert_eq!(
        initiative("detect", AT_ONCE, "agent_policy", json!(null)),
        "unknown"
    );
    assert_eq!(
        initiative("protect", NEXT_DAY, "agent_policy", json!(null)),
        "unknown"
    );
    assert_eq!(
        initiative("protect", AT_ONCE, "console_user", json!(null)),
        "unknown"
    );
    assert_eq!(
        initiative("detect", AT_ONCE, "console_user", json!("jo")),
        "person"
    );
    assert_eq!(
        initiative("detect", NEXT_DAY, "console_user", json!("jo")),
        "unknown"
    );
}

#[test]
fn the_seconds_are_a_setting() {
    let record = threat("protect", json!([did("kill", "success", LATER, 1, 1)])).to_string();
    let strict = crate::read(record.as_bytes(), 1).unwrap();
    assert_eq!(strict.detections[0].taken[0].initiative, "unknown");
}

#[test]
fn the_state_of_an_action_is_read_from_status_and_counters() {
    let state = |status: &str, success: u64| {
        let list = json!([did("kill", status, AT_ONCE, success, 12)]);
        one(&threat("protect", list)).taken[0].state.clone()
    };
    assert_eq!(state("success", 12), "done");
    assert_eq!(
        state("failed", 10),
        "done",
        "ten of twelve processes are gone"
    );
    assert_eq!(state("failed", 0), "failed");
    assert_eq!(state("pending_reboot", 0), "pending");
    assert_eq!(state("something new", 0), "unknown");
}

#[test]
fn a_quarantine_that_was_released_no_longer_stands() {
    let list = json!([
        did("unquarantine", "success", NEXT_DAY, 1, 1),
        did("quarantine", "success", LATER, 1, 1)
    ]);
    let it = one(&threat("protect", list));
    assert_eq!(
        taken(&it),
        [
            ("quarantine-file", "undone", "policy"),
            ("restore-file", "done", "unknown")
        ]
    );
}

#[test]
fn the_word_in_threat_info_is_a_summary_and_the_list_decides() {
    let mut record = threat("protect", json!([]));
    assert_eq!(taken(&one(&record)), [("mitigate", "done", "unknown")]);
    record["threatInfo"]["mitigationStatus"] = json!("not_mitigated");
    assert!(one(&record).taken.is_empty());
    record["mitigationStatus"] = json!("mitigated");
    assert!(
        one(&record).taken.is_empty(),
        "a text at the place of the list is no list"
    );
}

#[test]
fn words_of_the_vendor_without_a_verb_of_ours_are_shown() {
    let list = json!([
        did("rollback-remediation", "success", AT_ONCE, 1, 1),
        did("network-quarantine", "success", AT_ONCE, 1, 1)
    ]);
    let actions: Vec<_> = one(&threat("protect", list))
        .taken
        .into_iter()
        .map(|it| it.action)
        .collect();
    assert_eq!(actions, ["rollback", "contain-device"]);
}

#[test]
fn a_persons_verdict_withdraws_the_alert() {
    let mut record = threat("protect", json!([]));
    assert_eq!(one(&record).rating, Rating::Malicious);
    record["threatInfo"]["analystVerdict"] = json!("false_positive");
    assert_eq!(one(&record).rating, Rating::Benign);
    record["threatInfo"]["analystVerdict"] = json!("undefined");
    record["threatInfo"]["mitigationStatus"] = json!("marked_as_benign");
    assert_eq!(one(&record).rating, Rating::Benign);
}

#[test]
fn one_a_list_and_an_envelope_are_the_same_threats() {
    let one = threat("protect", killed_and_quarantined());
    let alone = normalize(&one).unwrap();
    assert_eq!(normalize(&json!([one])).unwrap(), alone);
    let envelope = json!({"data": [one, one], "pagination": {"nextCursor": null, "totalItems": 2}});
    assert_eq!(
        normalize(&envelope).unwrap(),
        [alone.clone(), alone].concat()
    );
    assert_eq!(normalize(&json!({"data": []})).unwrap(), []);
}

#[test]
fn a_poll_that_changed_nothing_that_matters_changes_nothing() {
    let record = threat("protect", killed_and_quarantined());
    let mut polled = record.clone();
    polled["agentRealtimeInfo"]["activeThreats"] = json!(7);
    polled["agentRealtimeInfo"]["scanStatus"] = json!("started");
    polled["agentRealtimeInfo"]["agentNetworkStatus"] = json!("connecting");
    assert_eq!(one(&polled), one(&record));
}

#[test]
fn what_is_missing_or_broken_is_refused_where_it_stands() {
    let refused = |change: fn(&mut Value)| {
        let mut record = json!({"data": [threat("protect", json!([]))]});
        change(&mut record["data"][0]);
        let text = record.to_string();
        let it = bytes(text.as_bytes()).unwrap_err();
        assert!(it.offset.is_some_and(|at| (at as usize) < text.len()));
        (it.code.clone(), it.message)
    };
    let (code, message) = refused(|it| it["threatInfo"]["identifiedAt"] = json!("yesterday"));
    assert_eq!(code, "malformed");
    assert!(
        message.ends_with("(at /data/0/threatInfo/identifiedAt)"),
        "{message}"
    );
    let (_, message) = refused(|it| it["agentRealtimeInfo"]["agentId"] = json!(["1"]));
    assert!(
        message.ends_with("(at /data/0/agentRealtimeInfo/agentId)"),
        "{message}"
    );
    let (_, message) = refused(|it| it["threatInfo"]["filePath"] = json!({}));
    assert!(
        message.ends_with("(at /data/0/threatInfo/filePath)"),
        "{message}"
    );
    let (_, message) = refused(|it| {
        it["id"] = json!(null);
        it["threatInfo"]["threatId"] = json!("");
    });
    assert!(message.ends_with("(at /data/0/id)"), "{message}");
}
