//! What is read out of a finding, and where one is refused.
use super::*;
use crate::model::{Device, Millis, Rating, Severity, attribute};

#[test]
fn what_selects_comes_from_the_field_that_ocsf_defines_as_that_thing() {
    let it = read(&finding()).unwrap();
    assert_eq!(
        (it.id.as_str(), it.product.as_str(), it.title.as_str()),
        ("f-1", "acme-inc/edr", "Encoded shell")
    );
    assert_eq!(
        (it.severity, it.rating, it.time),
        (Severity::High, Rating::Unknown, Millis(1_773_254_656_158))
    );
    assert_eq!(it.techniques, ["T1059.001"]);
    let device = Device {
        id: "agent-7".into(),
        name: "ws-17.nw.example".into(),
    };
    assert_eq!(it.device(), Some(&device));
    let process = find(&it, |it| matches!(it, Target::Process(_)))[0];
    let Target::Process(target) = &process.target else {
        panic!()
    };
    assert_eq!(
        (&target.device, target.pid, target.started),
        (&device, Some(4711), Some(Millis(1_773_254_650_000)))
    );
    assert_eq!(target.sha256.as_deref(), Some("a".repeat(64).as_str()));
    let of = |name: &str| attribute(&process.attributes, name);
    assert_eq!(of("hashes.sha1"), Some("b".repeat(40).as_str()));
    assert_eq!(
        (of("cmd_line"), of("parent_process.name")),
        (Some("powershell -enc AAAA"), Some("winword.exe"))
    );
    assert_eq!(it.attribute("device.agent.version"), Some("7.1"));
    assert_eq!(it.attribute("metadata.tenant_uid"), Some("t-1"));
}

#[test]
fn observables_name_values_and_not_whose_so_they_select_nothing() {
    let it = read(&finding()).unwrap();
    assert!(!serde_json::to_string(&it).unwrap().contains("192.0.2.66"));
}

#[test]
fn the_place_decides_the_role() {
    let roles = |event: &Value| -> Vec<(String, &'static str)> {
        let it = read(event).unwrap();
        it.entities
            .iter()
            .map(|it| (it.role.clone(), it.target.kind().as_str()))
            .collect()
    };
    let role = |role: &str, kind: &'static str| (role.to_owned(), kind);
    assert_eq!(
        roles(&finding()),
        [
            role("affected", "device"),
            role("actor", "account"),
            role("observed", "process"),
            role("related", "file"),
            role("related", "address"),
            role("observed", "address"),
            role("observed", "domain"),
        ]
    );
    let malware = with(|it| it["malware"] = json!([{"classification_ids": [10], "name": "x"}]));
    let found = roles(&malware);
    assert!(
        found.contains(&role("affected", "process")) && found.contains(&role("affected", "file"))
    );
}

#[test]
fn addresses_and_names_are_canonical() {
    let it = read(&finding()).unwrap();
    let ends = find(&it, |it| matches!(it, Target::Address(_)));
    assert_eq!(ends[1].target, Target::Address("198.51.100.7".into()));
    assert_eq!(
        find(&it, |it| matches!(it, Target::Domain(_)))[0].target,
        Target::Domain("drop.example.net".into())
    );
}

#[test]
fn another_class_is_no_error_of_the_sender() {
    assert_eq!(
        refused(&with(|it| it["class_uid"] = json!(4001))),
        ("not-a-detection".into(), "/class_uid".into())
    );
    for class in [2001, 2003, 2005] {
        assert_eq!(
            refused(&with(|it| it["class_uid"] = json!(class))).0,
            "unsupported"
        );
    }
    assert_eq!(
        refused(&json!({"foo": 1})),
        ("unsupported".into(), "/class_uid".into())
    );
    assert_eq!(refused(&json!([])), ("malformed".into(), "/".into()));
}

#[test]
fn versions_1_1_to_1_8_are_read_and_no_others() {
    let version = |text: &str| read(&with(|it| it["metadata"]["version"] = json!(text)));
    for text in ["1.1.0", "1.2.0", "1.5.0-dev", "1.8.0"] {
        assert!(version(text).is_ok(), "{text}");
    }
    for text in ["1.0.0", "1.9.0", "2.1.0", "one", "1"] {
        assert_eq!(
            version(text).unwrap_err().at.as_deref(),
            Some("/metadata/version"),
            "{text}"
        );
    }
}

#[test]
fn a_finding_that_is_broken_is_refused_where_it_is_broken() {
    for (pointer, value) in [
        ("/finding_info/uid", json!(null)),
        ("/finding_info/uid", json!({"x": 1})),
        ("/time", json!(-5)),
        ("/time", json!("soon")),
        ("/severity_id", json!("high")),
        ("/device/uid", json!(["a"])),
        ("/evidences", json!({})),
        ("/evidences/0/process/pid", json!("4711")),
        ("/evidences/0/process/file/path", json!(7.5)),
        ("/evidences/0/dst_endpoint/ip", json!("10.0.0.0/8")),
        ("/metadata/product", json!({})),
    ] {
        let event = with(|it| *it.pointer_mut(pointer).unwrap() = value.clone());
        assert_eq!(
            refused(&event),
            ("malformed".into(), pointer.to_owned()),
            "{value}"
        );
    }
}

#[test]
fn ids_that_came_as_numbers_stay_exact() {
    let it = read(&with(|it| {
        it["device"]["uid"] = json!(9_007_199_254_740_993_u64)
    }))
    .unwrap();
    assert_eq!(it.device().unwrap().id, "9007199254740993");
}

#[test]
fn seconds_are_taken_for_seconds() {
    let it = read(&with(|it| it["time"] = json!(1_773_254_656))).unwrap();
    assert_eq!(it.time, Millis(1_773_254_656_000));
}

#[test]
fn the_verdict_is_the_rating_and_malware_only_without_one() {
    let rating = |verdict: Value, classes: Value| {
        let event = with(|it| {
            it["verdict_id"] = verdict;
            it["malware"] = classes;
        });
        read(&event).unwrap().rating
    };
    let ransomware = json!([{"classification_ids": [10]}]);
    assert_eq!(rating(json!(1), ransomware.clone()), Rating::Benign);
    assert_eq!(rating(json!(4), json!(null)), Rating::Suspicious);
    assert_eq!(rating(json!(0), ransomware), Rating::Malicious);
    assert_eq!(
        rating(json!(0), json!([{"classification_ids": [1]}])),
        Rating::Suspicious
    );
    assert_eq!(rating(json!(0), json!(null)), Rating::Unknown);
}

#[test]
fn a_disposition_names_its_file_only_if_there_is_one() {
    let taken = |files: Value| {
        let event = with(|it| {
            it["disposition_id"] = json!(3);
            it["evidences"] = files;
        });
        let it = read(&event).unwrap();
        assert_eq!(it.taken.len(), 1);
        (
            it.taken[0].action.clone(),
            it.taken[0].target.kind().as_str(),
            it.taken[0].initiative.clone(),
        )
    };
    let file = |path: &str| json!({"file": {"name": "a", "path": path, "type_id": 1}});
    let one = taken(json!([file("/opt/a")]));
    assert_eq!(one, ("quarantine-file".into(), "file", "unknown".into()));
    let two = taken(json!([file("/opt/a"), file("/opt/b")]));
    assert_eq!(two, ("quarantine".into(), "device", "unknown".into()));
}

#[test]
fn a_process_that_stands_nowhere_is_seen_and_cannot_be_acted_on() {
    let event = with(|it| {
        it["device"] = json!(null);
        it["evidences"][0]
            .as_object_mut()
            .unwrap()
            .remove("src_endpoint");
    });
    let it = read(&event).unwrap();
    assert!(find(&it, |it| it.device().is_some()).is_empty());
    let seen = find(&it, |it| matches!(it, Target::Other(_)));
    assert!(
        seen.iter()
            .any(|it| matches!(&it.target, Target::Other(o) if o.kind == "process"))
    );
}

#[test]
fn fields_that_change_with_every_poll_do_not_make_a_revision() {
    let polled = with(|it| {
        it["device"]["last_seen_time"] = json!(1_773_254_999_999_u64);
        it["metadata"]["logged_time"] = json!(1_773_254_999_999_u64);
        it["observables"] = json!([]);
        it["raw_data"] = json!("other");
    });
    assert_eq!(read(&polled).unwrap(), read(&finding()).unwrap());
}

#[test]
fn more_than_64_entities_are_refused_and_not_cut() {
    let many: Vec<Value> = (0..70)
        .map(|n| json!({"file": {"path": format!("/opt/{n}")}}))
        .collect();
    let event = with(|it| it["evidences"] = json!(many));
    assert_eq!(refused(&event), ("unsupported".into(), "/evidences".into()));
}
