//! Alerts: a delivery is taken, and what of it is no detection is told in its place; nothing is
//! dropped and the rest is read.

use crate::{alert, goes_on, refused};
use countersign::model::Digest;
use e2e::{ANALYST, Api, OPERATOR, Setup, Stack};
use hyper::Method;
use serde_json::{Value, json};

fn post(api: &Api, path: &str, content_type: &str, body: &[u8]) -> Value {
    let answer = api.send(Method::POST, path, content_type, body.to_vec());
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.body
}

/// What the journal has of these bytes: how often they were received.
fn received(stack: &Stack, bytes: &[u8]) -> usize {
    let digest = Digest::of(bytes);
    let path = "journal?kind=payload-received";
    let entries = stack.api(ANALYST).whole(path, "entries");
    let ours = |it: &&Value| it["entry"].to_string().contains(digest.as_str());
    entries.iter().filter(ours).count()
}

fn no_alerts() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let mut without_id = alert();
    without_id["finding_info"] = json!({ "title": "t" });
    let mut wrong_type = alert();
    wrong_type["severity_id"] = json!({ "high": true });
    let mut other_class = alert();
    other_class["class_uid"] = json!(4001);
    let mut too_new = alert();
    too_new["metadata"]["version"] = json!("9.0.0");
    let bytes = |it: &Value| serde_json::to_vec(it).unwrap();
    vec![
        ("nothing", Vec::new(), "malformed"),
        ("half of it", b"{\"class_uid\": 2004".to_vec(), "malformed"),
        ("a word", b"\"alert\"".to_vec(), "malformed"),
        ("a number", b"7".to_vec(), "malformed"),
        (
            "no UTF-8",
            b"{\"class_uid\": \"\xff\"}".to_vec(),
            "malformed",
        ),
        (
            "a key twice",
            b"{\"class_uid\": 2004, \"class_uid\": 2004}".to_vec(),
            "malformed",
        ),
        (
            "depth",
            [b"{\"a\":".repeat(5_000), b"1".to_vec(), b"}".repeat(5_000)].concat(),
            "malformed",
        ),
        ("no id", bytes(&without_id), "malformed"),
        ("another type", bytes(&wrong_type), "malformed"),
        ("another class", bytes(&other_class), "not-a-detection"),
        ("no OCSF", b"{\"eventType\": \"x\"}".to_vec(), "unsupported"),
        ("a later version", bytes(&too_new), "unsupported"),
        (
            "more than one may be",
            [b"{\"a\": \"".to_vec(), vec![b'x'; 1 << 20], b"\"}".to_vec()].concat(),
            "CS-intake-04",
        ),
    ]
}

#[test]
fn what_is_no_detection_is_told_and_kept() {
    let stack = Setup::new().start();
    for (what, body, code) in no_alerts() {
        let answer = post(stack.api(OPERATOR), "detections", "application/json", &body);
        let rejected = answer["rejected"].as_array().unwrap();
        assert_eq!(
            (rejected.len(), &answer["accepted"]),
            (1, &json!(0)),
            "{what}: {answer}"
        );
        let why = &rejected[0]["error"];
        assert_eq!(why["code"], code, "{what}: {answer}");
        assert!(
            why["message"].as_str().unwrap().len() > 5,
            "{what}: {answer}"
        );
        // what is too large is kept by its beginning
        let kept = &body[..body.len().min(65_536)];
        assert_eq!(
            received(&stack, kept.trim_ascii()),
            1,
            "{what} is not in the journal"
        );
        goes_on(&stack, what);
    }
}

#[test]
fn what_is_bad_in_a_batch_keeps_nothing_from_being_read() {
    let stack = Setup::new().start();
    let line = |it: &Value| format!("{it}\n");
    let body = [
        line(&alert()),
        "{broken\n".into(),
        "\n".into(),
        line(&alert()),
        "{}\n".into(),
    ];
    let answer = post(
        stack.api(OPERATOR),
        "detections",
        "application/x-ndjson",
        body.concat().as_bytes(),
    );
    let rejected = answer["rejected"].as_array().unwrap();
    let places: Vec<&Value> = rejected.iter().map(|it| &it["index"]).collect();
    assert_eq!(
        (&answer["accepted"], places),
        (&json!(2), vec![&json!(1), &json!(3)]),
        "{answer}"
    );
    // a list that is not closed is no list of alerts: one answer for all of it
    let open = format!("[{},", alert());
    let answer = post(
        stack.api(OPERATOR),
        "detections",
        "application/json",
        open.as_bytes(),
    );
    assert_eq!(answer["rejected"].as_array().unwrap().len(), 1, "{answer}");
    goes_on(&stack, "bad batches");
}

#[test]
fn a_source_answers_for_each_body_and_the_host_goes_on() {
    let stack = Setup::new().start();
    for (what, body, _) in no_alerts() {
        let api = stack.api(OPERATOR);
        let answer = post(api, "sources/sentinelone", "application/json", &body);
        let rejected = answer["rejected"].as_array().unwrap();
        assert_eq!(
            (rejected.len(), &answer["accepted"]),
            (1, &json!(0)),
            "{what}: {answer}"
        );
        let why = &rejected[0]["error"];
        assert!(
            why["message"].as_str().unwrap().len() > 5,
            "{what}: {answer}"
        );
        assert_eq!(received(&stack, &body), 1, "{what} is not in the journal");
        goes_on(&stack, what);
    }
    let unknown = stack.api(OPERATOR).post("sources/nobody", &alert());
    refused(&unknown, 404, "CS-api-04", "an unknown source");
    goes_on(&stack, "an unknown source");
}
