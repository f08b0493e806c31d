//! What is offered as a plugin and is none, or not the one that somebody looked at.

use crate::{goes_on, refused};
use e2e::{Answer, OPERATOR, Setup, Stack};
use hyper::Method;

fn enrol(stack: &Stack, query: &str, bytes: Vec<u8>) -> Answer {
    let path = format!("plugins{query}");
    let api = stack.api(OPERATOR);
    api.send(Method::POST, &path, "application/wasm", bytes)
}

#[test]
fn what_is_no_plugin_is_not_enrolled() {
    let stack = Setup::new().start();
    let good = e2e::guests::component("remembers");
    let half = good[..good.len() / 2].to_vec();
    let mut flipped = good.clone();
    let middle = flipped.len() / 3;
    flipped[middle..middle + 64].fill(0xff);
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", Vec::new(), "CS-load-04"),
        ("a text", b"#!/bin/sh\necho plugin\n".to_vec(), "CS-load-04"),
        ("a core module", b"\0asm\x01\0\0\0".to_vec(), "CS-load-02"),
        ("a program", b"\x7fELF\x02\x01\x01".to_vec(), "CS-load-03"),
        ("half of one", half, "CS-load-04"),
        ("one with a hole", flipped, "CS-load-04"),
        (
            "an empty component",
            b"\0asm\x0d\0\x01\0".to_vec(),
            "CS-load-10",
        ),
        (
            "one without a manifest",
            e2e::guests::component("has-no-manifest"),
            "CS-load-10",
        ),
        (
            "one with two answers",
            e2e::guests::component("says-it-twice"),
            "CS-load-11",
        ),
        (
            "another kind",
            e2e::guests::component("claims-another-kind"),
            "CS-load-31",
        ),
        (
            "one that wants too much",
            e2e::guests::component("imports-too-much"),
            "CS-load-32",
        ),
    ];
    let before = stack.api(OPERATOR).get("plugins").ok();
    for (what, bytes, code) in rows {
        refused(&enrol(&stack, "", bytes), 422, code, what);
        goes_on(&stack, what);
    }
    let large = enrol(&stack, "", vec![0; 40 << 20]);
    refused(&large, 413, "CS-load-01", "40 MB");
    goes_on(&stack, "40 MB");
    assert_eq!(stack.api(OPERATOR).get("plugins").ok(), before);
}

#[test]
fn one_version_is_one_content_and_the_one_that_was_looked_at() {
    let stack = Setup::new().start();
    let good = e2e::guests::component("remembers");
    let other = format!("?digest={}", "ab".repeat(32));
    refused(
        &enrol(&stack, &other, good.clone()),
        409,
        "CS-load-22",
        "another digest",
    );
    for query in [
        "?digest=abc",
        "?stage=king",
        "?stge=active",
        "?stage=active&stage=shadow",
    ] {
        refused(&enrol(&stack, query, good.clone()), 400, "CS-api-02", query);
    }
    refused(
        &enrol(&stack, "?stage=canary", good.clone()),
        422,
        "CS-api-02",
        "canary",
    );
    assert_eq!(enrol(&stack, "", good.clone()).status, 201);
    assert_eq!(
        enrol(&stack, "", good.clone()).status,
        201,
        "the same again changes nothing"
    );
    // a custom section that says nothing, and other bytes for it
    let mut changed = good;
    changed.extend([0, 5, 1, b'x', 1, 2, 3]);
    refused(
        &enrol(&stack, "", changed),
        409,
        "CS-load-19",
        "other content",
    );
    goes_on(&stack, "other content");
}
