//! Every route that takes a document, with every body that is none.

use crate::{goes_on, refused, send};
use e2e::{OWNER, Setup};
use serde_json::{Value, json};

/// The routes with a body that each would read.
fn routes() -> Vec<(&'static str, Value)> {
    let digest = "ab".repeat(32);
    let target = json!({ "device": { "id": "1", "name": "a" } });
    vec![
        ("/v1/login", json!({ "code": "AAAA-BBBB" })),
        (
            "proposals",
            json!({ "case": "none", "action": "contain-device", "target": target, "reason": "why" }),
        ),
        (
            "proposals/none/approve",
            json!({ "digest": digest, "comment": "" }),
        ),
        (
            "proposals/none/deny",
            json!({ "digest": digest, "comment": "" }),
        ),
        (
            "causes/none/approve",
            json!({ "proposals": [{ "id": "none", "digest": digest }] }),
        ),
        (
            "causes/none/deny",
            json!({ "proposals": [{ "id": "none", "digest": digest }] }),
        ),
        ("effects/none/renew", json!({ "seconds": 3600 })),
        ("effects/none/end", json!({ "comment": "" })),
        ("overreaches/none/acknowledge", json!({ "comment": "" })),
        ("changes/none/approve", json!({ "comment": "" })),
        ("changes/none/deny", json!({ "comment": "" })),
        ("guards/explain", json!({ "proposal": "none" })),
        (
            "people",
            json!({ "id": "new@acme.example", "roles": ["analyst"] }),
        ),
        ("tokens", json!({ "name": "new" })),
        ("halt", json!({ "on": false, "reason": "why" })),
    ]
}

/// Bodies that are no document at all, for every route.
fn no_documents() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |open: &str, close: &str| {
        let n = 100_000;
        format!("{}1{}", open.repeat(n), close.repeat(n)).into_bytes()
    };
    vec![
        ("nothing", Vec::new()),
        ("half of it", b"{\"comment\":".to_vec()),
        ("words", b"please".to_vec()),
        ("two documents", b"{} {}".to_vec()),
        (
            "bytes that are no UTF-8",
            b"{\"comment\": \"\xff\xfe\"}".to_vec(),
        ),
        (
            "a key twice",
            b"{\"comment\": \"a\", \"comment\": \"b\"}".to_vec(),
        ),
        (
            "a key twice, deep inside",
            b"{\"a\": [{\"b\": 1, \"b\": 2}]}".to_vec(),
        ),
        ("deep objects", deep("{\"a\":", "}")),
        ("deep lists", deep("[", "]")),
        ("a number that is none", b"{\"seconds\": 1e999}".to_vec()),
    ]
}

#[test]
fn a_body_that_is_no_document_is_refused_on_every_route() {
    let stack = Setup::new().start();
    let api = stack.api(OWNER);
    for (path, _) in routes() {
        for (what, body) in no_documents() {
            let what = format!("{path} with {what}");
            refused(&send(api, path, &body), 422, "CS-api-01", &what);
        }
        goes_on(&stack, path);
    }
    let twice = send(api, "halt", b"{\"on\": true, \"on\": false}");
    assert_eq!(twice.body["at"], "/on", "{}", twice.body);
}

#[test]
fn a_body_of_20_megabytes_is_refused_on_every_route() {
    let stack = Setup::new().start();
    let api = stack.api(OWNER);
    let others = [
        "detections",
        "sources/sentinelone",
        "assets:import",
        "sightings",
    ];
    let paths = routes().into_iter().map(|(path, _)| path).chain(others);
    for path in paths {
        let body = vec![b' '; 20 << 20];
        refused(&send(api, path, &body), 413, "CS-api-05", path);
        goes_on(&stack, path);
    }
}

#[test]
fn a_document_of_another_shape_is_refused_on_every_route() {
    let stack = Setup::new().start();
    let api = stack.api(OWNER);
    for (path, good) in routes() {
        for other in [json!([]), json!("text"), json!(7), json!(null), json!(true)] {
            let what = format!("{path} with {other}");
            refused(&api.post(path, &other), 422, "CS-api-02", &what);
        }
        let mut more = good.clone();
        more["surprise"] = json!(1);
        let answer = api.post(path, &more);
        refused(&answer, 422, "CS-api-02", path);
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains("surprise"), "{path}: {detail}");
        for field in good.as_object().unwrap().keys() {
            let mut other = good.clone();
            other[field] = json!({ "of": ["another", "kind"] });
            let what = format!("{path} with another {field}");
            refused(&api.post(path, &other), 422, "CS-api-02", &what);
        }
        goes_on(&stack, path);
    }
}

#[test]
fn values_that_make_no_sense_are_refused_by_name() {
    let stack = Setup::new().start();
    let api = stack.api(OWNER);
    let rows = [
        ("proposals/none/approve", json!({ "digest": "abc" })),
        (
            "proposals/none/approve",
            json!({ "digest": "zz".repeat(32) }),
        ),
        ("effects/none/renew", json!({ "seconds": -1 })),
        ("effects/none/renew", json!({ "seconds": 1.5 })),
        (
            "effects/none/renew",
            json!({ "seconds": 4_294_967_296_u64 }),
        ),
        ("people", json!({ "id": "a@b", "roles": ["king"] })),
        ("guards/explain", json!({})),
        ("guards/explain", json!({ "proposal": "p", "case": "c" })),
    ];
    for (path, body) in rows {
        refused(
            &api.post(path, &body),
            422,
            "CS-api-02",
            &format!("{path} {body}"),
        );
    }
    let halt = api.post("halt", &json!({ "on": true, "reason": " " }));
    refused(&halt, 422, "CS-api-06", "a halt without a reason");
    goes_on(&stack, "values that make no sense");
}

#[test]
fn the_content_type_of_a_document_changes_nothing() {
    let stack = Setup::new().start();
    for content_type in ["text/plain", "application/xml", "", "multipart/form-data"] {
        let body = b"{\"on\": true, \"reason\": \"drill\"}".to_vec();
        let api = stack.api(OWNER);
        let answer = api.send(hyper::Method::POST, "halt", content_type, body);
        assert_eq!(answer.status, 200, "{content_type}: {}", answer.body);
        let bad = api.send(hyper::Method::POST, "halt", content_type, b"<on/>".to_vec());
        refused(&bad, 422, "CS-api-01", content_type);
    }
    goes_on(&stack, "odd content types");
}
