//! Who asks: nobody, somebody unknown or of another tenant, a machine that would decide; and what
//! they ask for: what does not exist, or is not there for them.

use crate::{goes_on, refused};
use e2e::{ANALYST, Api, OPERATOR, OWNER, Setup, Stack};
use hyper::Method;
use serde_json::json;

const READS: &[&str] = &[
    "cases",
    "proposals",
    "effects",
    "orders",
    "overreaches",
    "drifts",
    "pages",
    "assets",
    "assets:resolve?name=a",
    "groups",
    "edges",
    "changes",
    "guards",
    "plugins",
    "people",
    "tokens",
    "halt",
    "health",
    "journal",
    "journal/export",
    "events",
];

/// Routes on which people decide, with a body that each would read.
fn decides() -> Vec<(Method, &'static str, String)> {
    let digest = json!({ "digest": "ab".repeat(32) }).to_string();
    let target = json!({ "device": { "id": "1", "name": "a" } });
    let wish = json!({ "case": "c", "action": "contain-device", "target": target, "reason": "r" });
    let post = |path, body: &str| (Method::POST, path, body.to_owned());
    vec![
        post("proposals", &wish.to_string()),
        post("proposals/none/approve", &digest),
        post("proposals/none/deny", &digest),
        post("causes/none/approve", r#"{"proposals": []}"#),
        post("causes/none/deny", r#"{"proposals": []}"#),
        post("effects/none/renew", r#"{"seconds": 3600}"#),
        post("effects/none/end", "{}"),
        post("overreaches/none/acknowledge", "{}"),
        post("assets:import", r#"{"assets": []}"#),
        post("changes/none/approve", "{}"),
        post("changes/none/deny", "{}"),
        post("plugins", "a plugin"),
        post("people", r#"{"id": "eve@acme.example"}"#),
        post("tokens", r#"{"name": "another"}"#),
        post("halt", r#"{"on": true, "reason": "drill"}"#),
        post("confirm", ""),
        (Method::DELETE, "tokens/none", String::new()),
    ]
}

fn ask(api: &Api, method: &Method, path: &str, body: &str) -> e2e::Answer {
    api.send(method.clone(), path, "application/json", body.into())
}

/// Every route of a tenant.
fn everything() -> Vec<(Method, &'static str, String)> {
    let reads = READS.iter().map(|it| (Method::GET, *it, String::new()));
    let taken = [
        "detections",
        "sources/sentinelone",
        "sightings",
        "guards/explain",
    ];
    let taken = taken.map(|it| (Method::POST, it, "{}".to_owned()));
    reads.chain(decides()).chain(taken).collect()
}

#[test]
fn nobody_and_strangers_are_asked_who_they_are_on_every_route() {
    let stack = Setup::new().start();
    let strangers = [
        ("nobody", stack.nobody().clone()),
        ("a stranger", stack.nobody().with_token("csp_unknown")),
        ("an empty credential", stack.nobody().with_token("")),
    ];
    for (who, api) in &strangers {
        for (method, path, body) in everything() {
            let what = format!("{who}: {method} {path}");
            refused(&ask(api, &method, path, &body), 401, "CS-auth-01", &what);
        }
        goes_on(&stack, who);
    }
    let login = stack
        .nobody()
        .post("/v1/login", &json!({ "code": "AAAA-BBBB-CCCC-DDDD-EEEE" }));
    refused(&login, 403, "CS-auth-02", "a code that nobody was given");
    goes_on(&stack, "strangers");
}

#[test]
fn a_tenant_that_is_not_the_callers_does_not_exist_on_any_route() {
    let mut stack = Setup::new().start();
    let (ours, other) = (
        stack.workspace().join("tenants/acme"),
        stack.workspace().join("tenants/other"),
    );
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .args([&ours, &other])
        .status();
    assert!(copied.unwrap().success());
    stack.restart();
    let stranger = stranger(&stack);
    for (method, path, body) in everything() {
        let unknown = ask(&stack.api(OWNER).in_tenant("nobody"), &method, path, &body);
        refused(
            &unknown,
            404,
            "CS-api-04",
            &format!("unknown: {method} {path}"),
        );
        let foreign = ask(&stack.api(OWNER).in_tenant("other"), &method, path, &body);
        refused(
            &foreign,
            404,
            "CS-api-04",
            &format!("foreign: {method} {path}"),
        );
        let into_ours = ask(&stranger.in_tenant("acme"), &method, path, &body);
        refused(
            &into_ours,
            404,
            "CS-api-04",
            &format!("into ours: {method} {path}"),
        );
        // the answers are the same, so that nobody learns which tenants there are
        assert_eq!(unknown.body, foreign.body, "{method} {path}");
    }
    assert_eq!(stranger.get("cases").status, 200);
    goes_on(&stack, "foreigners");
}

/// The first person of the other tenant, in their own.
fn stranger(stack: &Stack) -> Api {
    let codes = stack.host().first["codes"].as_array().unwrap();
    let code = codes.iter().find(|it| it["tenant"] == "other").unwrap();
    let login = stack
        .nobody()
        .post("/v1/login", &json!({ "code": code["code"] }))
        .ok();
    let api = stack.nobody().with_token(login["token"].as_str().unwrap());
    api.in_tenant("other")
}

#[test]
fn a_machine_posts_and_reads_and_never_decides() {
    let stack = Setup::new().start();
    let machine = stack.machine("collector");
    for (method, path, body) in decides() {
        let answer = ask(&machine, &method, path, &body);
        refused(&answer, 403, "CS-api-03", &format!("{method} {path}"));
    }
    assert_eq!(machine.post("detections", &crate::alert()).status, 202);
    for path in READS.iter().filter(|it| **it != "events") {
        assert_eq!(machine.get(path).status, 200, "{path}");
    }
    let people = stack.api(OPERATOR).get("people").ok();
    assert!(!people.to_string().contains("eve@acme.example"), "{people}");
    goes_on(&stack, "a machine that would decide");
}

#[test]
fn a_revoked_token_is_unknown_at_once() {
    let stack = Setup::new().start();
    let made = stack
        .api(OPERATOR)
        .post("tokens", &json!({ "name": "lost" }))
        .ok();
    let lost = stack.nobody().with_token(made["token"].as_str().unwrap());
    assert_eq!(lost.get("cases").status, 200);
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        stack.api(OPERATOR).delete(&format!("tokens/{id}")).status,
        204
    );
    refused(
        &lost.get("cases"),
        401,
        "CS-auth-01",
        "a revoked token reads",
    );
    let posted = lost.post("detections", &crate::alert());
    refused(&posted, 401, "CS-auth-01", "a revoked token posts");
    goes_on(&stack, "a revoked token");
}

#[test]
fn what_a_person_may_not_do_says_what_it_takes() {
    let stack = Setup::new().start();
    let rows = [
        (ANALYST, "people", json!({ "id": "eve@acme.example" })),
        (ANALYST, "tokens", json!({ "name": "more" })),
        (ANALYST, "assets:import", json!({ "assets": [] })),
        (ANALYST, "halt", json!({ "on": false, "reason": "enough" })),
        (OPERATOR, "halt", json!({ "on": true, "reason": "drill" })),
        (ANALYST, "confirm", json!({})),
        // nobody changes what they may do themselves
        (
            OPERATOR,
            "people",
            json!({ "id": OPERATOR, "roles": ["lead"] }),
        ),
    ];
    for (who, path, body) in rows {
        let answer = stack.api(who).post(path, &body);
        refused(&answer, 403, "CS-api-03", &format!("{who} {path}"));
    }
    let bytes = e2e::guests::component("remembers");
    let enrolled = stack
        .api(ANALYST)
        .send(Method::POST, "plugins", "application/wasm", bytes);
    refused(&enrolled, 403, "CS-api-03", "an analyst enrols");
    goes_on(&stack, "people who may not");
}

#[test]
fn what_does_not_exist_is_not_found() {
    let stack = Setup::new().start();
    let api = stack.api(OWNER);
    for path in [
        "cases/none",
        "proposals/none",
        "assets/none",
        "plugins/none",
    ] {
        refused(&api.get(path), 404, "CS-api-04", path);
    }
    let unknown = decides()
        .into_iter()
        .filter(|(_, path, _)| path.contains("none"));
    for (method, path, body) in unknown.filter(|(_, path, _)| !path.starts_with("causes")) {
        refused(&ask(api, &method, path, &body), 404, "CS-api-04", path);
    }
    for path in [
        "case",
        "cases/a/b",
        "/v2/tenants/acme/cases",
        "/v1/tenants/acme",
        "/etc/passwd",
    ] {
        refused(&api.get(path), 404, "CS-api-07", path);
    }
    for (method, path) in [
        (Method::DELETE, "cases"),
        (Method::PUT, "halt"),
        (Method::GET, "detections"),
    ] {
        refused(&ask(api, &method, path, ""), 405, "CS-api-08", path);
    }
    for path in [
        "cases?sate=held",
        "cases?limit=many",
        "journal?after=-1",
        "effects?all=perhaps",
        "assets:resolve",
    ] {
        refused(&api.get(path), 400, "CS-api-02", path);
    }
    for path in [
        "cases/..%2f..%2fetc",
        "cases/%00",
        "cases/%ff",
        "assets/%F0%9F%98%80",
    ] {
        let answer = api.get(path);
        assert!(
            (400..500).contains(&answer.status),
            "{path}: {}",
            answer.body
        );
        assert!(
            answer.body["code"].as_str().unwrap().starts_with("CS-api-"),
            "{path}"
        );
    }
    goes_on(&stack, "what does not exist");
}
