//! Whatever comes: an answer, located, and no panic.
use super::*;

#[test]
fn what_is_not_ours_is_named() {
    let it = normalize(&json!({"foo": 1, "bar": 2})).unwrap_err();
    assert_eq!((it.code.as_str(), it.offset), ("unsupported", Some(0)));
    assert!(
        it.message.contains("foo") && it.message.contains("bar"),
        "{}",
        it.message
    );
    let it =
        normalize(&json!({"event.type": "DNS Resolved", "src.process.name": "x"})).unwrap_err();
    assert_eq!(it.code, "not-a-detection");
    assert!(
        it.message.contains("Cloud Funnel") && it.message.contains("/event.type"),
        "{}",
        it.message
    );
    let it = normalize(&json!({"computerName": "a", "machineType": "server", "agentVersion": "1"}))
        .unwrap_err();
    assert_eq!(it.code, "not-a-detection");
    assert_eq!(normalize(&json!(7)).unwrap_err().code, "malformed");
    assert_eq!(bytes(b"{\"a\":").unwrap_err().code, "malformed");
}

#[test]
fn one_broken_record_refuses_the_envelope_and_says_which() {
    let envelope = json!({"data": [threat("protect", json!([])), {"threatInfo": {}}]});
    let it = normalize(&envelope).unwrap_err();
    assert!(it.message.ends_with("(at /data/1/id)"), "{}", it.message);
}

/// Every value of every shape replaced by every kind of JSON, one at a time.
#[test]
fn no_value_of_any_type_at_any_place_makes_it_panic() {
    let shapes = [
        threat(
            "protect",
            json!([did("kill", "success", "2026-03-11T18:44:17Z", 1, 1)]),
        ),
        activity(2001, Some(THREAT), data()),
        activity(
            3608,
            None,
            json!({"alertId": 1, "sourceprocessname": "a", "dstip": "1.2.3.4"}),
        ),
    ];
    let kinds = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}é\\"),
        json!("x".repeat(9000)),
        json!([]),
        json!([[1]]),
        json!({}),
        json!({"a": null}),
    ];
    let (mut tried, mut read) = (0, 0);
    for shape in &shapes {
        for pointer in pointers(shape) {
            for kind in &kinds {
                let mut record = shape.clone();
                *record.pointer_mut(&pointer).unwrap() = kind.clone();
                tried += 1;
                match normalize(&record) {
                    Ok(_) => read += 1,
                    Err(it) => assert!(it.message.contains("(at /"), "{}", it.message),
                }
            }
        }
    }
    assert!(
        tried > 800 && read > tried / 2,
        "{read} of {tried} were read"
    );
}

fn pointers(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(it) => it
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(it) => it
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    let mut found = vec![String::new()];
    for (name, value) in inner {
        found.extend(pointers(value).iter().map(|rest| format!("/{name}{rest}")));
    }
    found
}
