//! The activity stream: revisions of one case, and everything that is none.
use super::*;

fn about(number: u64, data: Value) -> Detection {
    one(&activity(number, Some(THREAT), data))
}

#[test]
fn found_killed_and_quarantined_are_revisions_of_the_threats_case() {
    let mut found = data();
    found["confidenceLevel"] = json!("suspicious");
    let steps = [about(4003, found), about(2001, data()), about(2004, data())];
    let whole = one(&threat("protect", json!([])));
    for step in &steps {
        assert_eq!(step.id, whole.id);
        assert_eq!(step.affected_device(), whole.affected_device());
        assert_eq!(file(step), file(&whole));
        assert_eq!(step.text("countersign.partial"), Some("true"));
    }
    assert_eq!(steps[0].rating, Rating::Suspicious);
    assert_eq!(taken(&steps[1]), [("stop-process", "done", "unknown")]);
    assert_eq!(taken(&steps[2]), [("quarantine-file", "done", "unknown")]);
    assert_eq!(steps[2].taken[0].at, Some(1_773_254_658_331));
}

#[test]
fn a_person_is_said_only_where_the_record_names_one() {
    assert_eq!(
        taken(&about(2014, data())),
        [("quarantine-file", "pending", "unknown")]
    );
    let mut named = data();
    named["username"] = json!("jo@northwind.example");
    let it = about(2014, named);
    assert_eq!(taken(&it), [("quarantine-file", "pending", "person")]);
    assert_eq!(it.taken[0].user(), Some("jo@northwind.example"));
    assert!(
        !it.entities
            .iter()
            .any(|it| matches!(it.target, Target::Account(_))),
        "who works in the console takes no part in the alert"
    );
    assert_eq!(
        taken(&about(2024, data())),
        [("quarantine-file", "done", "policy")]
    );
}

#[test]
fn success_failure_and_waiting_are_told_apart() {
    for (number, expected) in [
        (2006, ("stop-process", "failed", "unknown")),
        (2010, ("contain-device", "failed", "unknown")),
        (2025, ("contain-device", "done", "policy")),
        (2026, ("restore-file", "done", "unknown")),
        (2034, ("quarantine-file", "pending", "unknown")),
    ] {
        assert_eq!(taken(&about(number, data())), [expected], "{number}");
    }
    let mut contradicts = data();
    contradicts["globalStatus"] = json!("failed");
    assert_eq!(about(2001, contradicts).taken[0].state, "unknown");
}

#[test]
fn the_type_itself_can_be_the_claim() {
    assert_eq!(about(19, data()).rating, Rating::Malicious);
    assert_eq!(about(4107, data()).rating, Rating::Suspicious);
    assert_eq!(about(22, data()).rating, Rating::Benign);
    assert_eq!(
        about(4008, data()).rating,
        Rating::Unknown,
        "a status is no rating"
    );
    let mut verdict = data();
    verdict["newAnalystVerdict"] = json!("False_Positive");
    assert_eq!(about(2030, verdict).rating, Rating::Benign);
}

#[test]
fn what_says_nothing_about_a_threat_is_no_detection() {
    for number in [27, 71, 90, 120, 1001, 5126, 5232, 99_999] {
        let it = normalize(&activity(number, None, data())).unwrap_err();
        assert_eq!(it.code, "not-a-detection", "{number}");
        assert!(it.message.ends_with("(at /activityType)"), "{}", it.message);
    }
    for number in [86, 2029, 4020] {
        let it = normalize(&activity(number, Some(THREAT), data())).unwrap_err();
        assert_eq!(it.code, "not-a-detection", "{number}");
    }
}

#[test]
fn a_number_that_is_new_is_read_if_it_names_a_threat() {
    let it = about(99_999, data());
    assert_eq!((it.id.as_str(), it.taken.len()), (THREAT, 0));
}

#[test]
fn an_activity_about_a_threat_that_names_none_is_broken() {
    let it = normalize(&activity(2001, None, data())).unwrap_err();
    assert_eq!(it.code, "malformed");
    assert!(it.message.ends_with("(at /threatId)"), "{}", it.message);
}

#[test]
fn a_stream_is_read_for_the_alerts_in_it() {
    let stream = json!({"data": [
        activity(27, None, data()), activity(2001, Some(THREAT), data()), activity(71, None, data())
    ]});
    assert_eq!(normalize(&stream).unwrap().len(), 1);
    let quiet = json!({"data": [activity(27, None, data()), activity(71, None, data())]});
    let it = normalize(&quiet).unwrap_err();
    assert_eq!(it.code, "not-a-detection");
    assert!(
        it.message.ends_with("(at /data/0/activityType)"),
        "{}",
        it.message
    );
}

#[test]
fn lower_cased_keys_of_a_log_pipeline_are_the_same_record() {
    let lower = json!({
        "activitytype": 2004, "threatid": THREAT, "agentid": AGENT, "createdat": "2026-03-11 18:44:18.331",
        "data": {"computername": "srv-plan-01", "filepath": PATH, "filedisplayname": "planner.exe", "filecontenthash": SHA1}
    });
    let it = one(&lower);
    assert_eq!(it.time, 1_773_254_658_331);
    assert_eq!(file(&it), file(&about(2004, data())));
}
