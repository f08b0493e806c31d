//! Bad input, through every door: what is sent over HTTP, who sends it, what is offered as a
//! plugin, what stands in the files. Each is answered with a code that has its page, and the host
//! goes on: after each it is ready, and takes a good alert.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod alerts;
mod bodies;
mod callers;
mod codes;
mod components;
mod files;
mod lists;

use e2e::{ANALYST, Answer, Api, Stack, now_ms};
use hyper::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

/// A good alert, another one each time.
pub fn alert() -> Value {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let n = COUNT.fetch_add(1, Ordering::SeqCst);
    json!({
        "class_uid": 2004, "category_uid": 2, "type_uid": 200_401, "activity_id": 1,
        "severity_id": 4, "time": now_ms() - 1_000,
        "metadata": { "version": "1.8.0", "product": { "vendor_name": "acme", "name": "edr" } },
        "finding_info": { "uid": format!("good-{n}"), "title": "a good alert" },
        "device": { "uid": format!("device-{n}"), "hostname": format!("ws-{n}"), "type_id": 2 },
    })
}

/// The host goes on: it is ready, and takes a good alert.
#[track_caller]
pub fn goes_on(stack: &Stack, after: &str) {
    let ready = stack.nobody().get("/readyz");
    assert_eq!(ready.status, 200, "after {after}");
    let taken = stack.api(ANALYST).post("detections", &alert()).ok();
    assert_eq!(taken["accepted"], 1, "after {after}: {taken}");
}

/// Sends bytes as JSON.
pub fn send(api: &Api, path: &str, body: &[u8]) -> Answer {
    api.send(Method::POST, path, "application/json", body.to_vec())
}

/// The answer says no, in a problem document, with this status and code; its text says something.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: &str, what: &str) {
    let body = &answer.body;
    let said = (answer.status, body["code"].as_str().unwrap_or_default());
    assert_eq!(said, (status, code), "{what}: {body}");
    assert_eq!(
        body["type"],
        format!("urn:countersign:error:{code}"),
        "{what}"
    );
    assert!(
        body["detail"].as_str().unwrap().len() > 10,
        "{what}: {body}"
    );
}
