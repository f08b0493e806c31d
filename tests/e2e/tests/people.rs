//! Nobody gets to decide by one person's word, and what somebody may is gone with them.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

use e2e::alerts::Incident;
use e2e::{
    ANALYST, Api, LEAD, LEAD2, OPERATOR, OWNER, Review, Setup, Stack, asset, enforced, group,
};
use serde_json::{Value, json};

/// Signs in with a one-time code.
fn sign_in(stack: &Stack, code: &Value) -> e2e::Answer {
    stack.nobody().post("/v1/login", &json!({ "code": code }))
}

fn with(stack: &Stack, code: &Value) -> Api {
    let answer = sign_in(stack, code).ok();
    stack.nobody().with_token(answer["token"].as_str().unwrap())
}

#[test]
fn an_operator_alone_makes_nobody_who_decides_and_takes_over_nobody() {
    let incident = Incident::on_server("SRV-1");
    let stack = Setup::new().start();
    stack.import(&json!({
        "groups": [group("production", "hold")],
        "assets": [asset(&incident, &["production"], Review::Reviewed)],
    }));
    let case = stack.play(&incident);
    let held = stack.proposal_in(&case, "quarantine-file", &["held"]);
    let operator = stack.api(OPERATOR);

    // a puppet signs in, sees, and decides nothing
    let puppet = json!({ "id": "puppet@acme.example", "roles": ["lead", "owner"] });
    let made = operator.post("people", &puppet).ok();
    assert_eq!(made["waits"], true, "{made}");
    let puppet = with(&stack, &made["code"]);
    assert_eq!(puppet.get("people").status, 200);
    let path = format!("proposals/{}/approve", held["id"].as_str().unwrap());
    let yes = json!({ "digest": held["judged"]["digest"], "comment": "yes" });
    puppet.post(&path, &yes).refused(403, "CS-api-03");
    puppet
        .post("people/puppet@acme.example/confirm", &json!({}))
        .refused(403, "CS-api-03");
    operator
        .post("people/puppet@acme.example/confirm", &json!({}))
        .refused(403, "CS-api-03");

    // a new sign-in for the owner is none until somebody else says so, and the old one holds
    let owner = json!({ "id": OWNER, "roles": ["lead", "owner"] });
    let taken = operator.post("people", &owner).ok();
    assert_eq!(taken["waits"], true, "{taken}");
    sign_in(&stack, &taken["code"]).refused(403, "CS-auth-02");
    assert_eq!(stack.api(OWNER).get("people").status, 200);
    let pages = stack.api(LEAD).get("pages").ok().to_string();
    assert!(pages.contains("somebody would get to decide"), "{pages}");
    stack
        .api(LEAD)
        .post("people/owner@acme.example/decline", &json!({}))
        .ok();
    sign_in(&stack, &taken["code"]).refused(403, "CS-auth-02");

    // confirmed by another, the same credential decides
    stack
        .api(LEAD)
        .post("people/puppet@acme.example/confirm", &json!({}))
        .ok();
    let held = stack.proposal_in(&case, "quarantine-file", &["held"]);
    puppet.post(&path, &yes).refused(409, "CS-approval-02");
    let held_now = stack
        .api(LEAD)
        .get(&format!("proposals/{}", held["id"].as_str().unwrap()))
        .ok();
    let yes = json!({ "digest": held_now["judged"]["digest"], "comment": "yes" });
    puppet.post(&path, &yes).ok();
}

#[test]
fn who_is_removed_is_out_at_once_and_stays_out() {
    let stack = Setup::new().start();
    assert_eq!(stack.api(ANALYST).get("cases").status, 200);
    stack.api(OPERATOR).delete(&format!("people/{ANALYST}"));
    assert_eq!(stack.api(ANALYST).get("cases").status, 401);
    let left = stack.api(LEAD).get("people").ok().to_string();
    assert!(!left.contains(ANALYST), "{left}");
    // added again they are new: what was theirs does not come back by itself
    let again = json!({ "id": ANALYST, "roles": ["analyst"] });
    assert_eq!(
        stack.api(OPERATOR).post("people", &again).ok()["waits"],
        true
    );
    assert_eq!(stack.api(ANALYST).get("cases").status, 401);
}

#[test]
fn who_only_reads_ends_nothing_proposes_nothing_and_teaches_nothing() {
    let incident = Incident::on_workstation("WS-1");
    let mut stack = Setup::new().start();
    stack.add_person("viewer@acme.example", &[]);
    stack.import(&enforced(std::slice::from_ref(&incident)));
    let case = stack.play(&incident);
    stack.proposal_in(&case, "quarantine-file", &["done"]);
    let effect = stack.effects().remove("quarantine-file").unwrap();
    let viewer = stack.api("viewer@acme.example");
    let end = format!("effects/{}/end", effect["id"].as_str().unwrap());
    viewer
        .post(&end, &json!({ "comment": "mine" }))
        .refused(403, "CS-api-03");
    let device = json!({ "device": { "id": incident.device_id, "name": incident.device } });
    let wish = json!({ "case": case, "action": "collect-evidence", "target": device, "reason": "curious" });
    viewer.post("proposals", &wish).refused(403, "CS-api-03");
    let seen = json!({ "sightings": [{ "device": "WS-1", "name": "x", "path": "C:\\x.exe",
        "first_seen": "2026-01-01T00:00:00Z", "last_seen": "2026-11-01T00:00:00Z" }] });
    viewer.post("sightings", &seen).refused(403, "CS-api-03");
    assert_eq!(viewer.get(&format!("cases/{case}")).status, 200);
}

fn protect(stack: &Stack, protection: &str, owner: &str) -> Value {
    let row = json!({ "assets": [{ "name": "ERP-1", "kind": "server", "protection": protection, "owners": [owner] }] });
    stack.import_held(&row)
}

fn approve(stack: &Stack, person: &str, change: &str) -> e2e::Answer {
    let path = format!("changes/{change}/approve");
    stack.api(person).post(&path, &json!({ "comment": "seen" }))
}

#[test]
fn protection_is_lowered_by_a_lead_and_the_owner_together() {
    let stack = Setup::new().start();
    protect(&stack, "important", ANALYST);
    let asked = protect(&stack, "", ANALYST);
    let change = asked["imported"]["held"]
        .as_str()
        .unwrap_or_else(|| panic!("{asked}"));
    approve(&stack, LEAD, change).refused(403, "CS-approval-03");
    let once = approve(&stack, LEAD2, change).ok();
    assert!(
        once["needs"]
            .as_str()
            .is_some_and(|it| it.contains(ANALYST)),
        "{once}"
    );
    approve(&stack, LEAD2, change).refused(403, "CS-approval-03");
    let shown = stack.api(LEAD).get("assets/erp-1").ok();
    assert_eq!(shown["asset"]["protection"], "important", "{shown}");
    approve(&stack, ANALYST, change).ok();
    let shown = stack.api(LEAD).get("assets/erp-1").ok();
    assert_eq!(shown["asset"]["protection"], Value::Null, "{shown}");
}

#[test]
fn a_change_that_waited_never_takes_back_what_was_tightened_since() {
    let stack = Setup::new().start();
    protect(&stack, "important", OWNER);
    let asked = protect(&stack, "", OWNER);
    let change = asked["imported"]["held"]
        .as_str()
        .unwrap_or_else(|| panic!("{asked}"));
    protect(&stack, "never", OWNER);
    approve(&stack, OWNER, change).refused(409, "CS-asset-13");
    let shown = stack.api(LEAD).get("assets/erp-1").ok();
    assert_eq!(shown["asset"]["protection"], "never", "{shown}");
    approve(&stack, OWNER, change).refused(409, "CS-approval-01");
}
