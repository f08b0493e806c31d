//! One alert, told again and again: what is news, what is not, and what it is about by now.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

use e2e::alerts::Incident;
use e2e::{LEAD, OPERATOR, Setup, Stack, enforced, now_ms, until};
use range::state::ProcessState;
use serde_json::{Value, json};

/// The finding with this verdict and this time.
fn finding(incident: &Incident, verdict: u8, at_ms: u64) -> Value {
    let mut finding = incident.finding(4);
    finding["verdict_id"] = json!(verdict);
    finding["time"] = json!(at_ms);
    finding
}

fn post(stack: &Stack, finding: &Value) -> Value {
    stack.api(OPERATOR).post("detections", finding).ok()
}

#[test]
fn a_product_that_changes_its_mind_back_is_heard() {
    let incident = Incident::on_workstation("WS-1");
    let stack = Setup::new().start();
    let now = now_ms();
    let (malicious, benign) = (
        finding(&incident, 2, now - 9),
        finding(&incident, 5, now - 9),
    );
    let case = post(&stack, &malicious)["cases"][0]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(stack.case(&case)["detection"]["rating"], "malicious");
    assert_eq!(post(&stack, &benign)["accepted"], 1);
    assert_eq!(stack.case(&case)["detection"]["rating"], "benign");
    // the same bytes as before are the same delivery, late
    assert_eq!(post(&stack, &malicious)["duplicates"], 1);
    assert_eq!(stack.case(&case)["detection"]["rating"], "benign");
    // the same statement in new bytes is a new one
    let mut again = malicious.clone();
    again["unmapped"] = json!({ "poll": 7 });
    assert_eq!(post(&stack, &again)["accepted"], 1);
    assert_eq!(stack.case(&case)["detection"]["rating"], "malicious");
    assert_eq!(post(&stack, &again)["duplicates"], 1);
}

#[test]
fn an_alert_that_names_another_device_is_judged_and_counted_by_that_one() {
    let (first, mut second) = (
        Incident::on_workstation("WS-6"),
        Incident::on_workstation("WS-7").hash(&"ee".repeat(32)),
    );
    second.threat = first.threat.clone();
    let stack = Setup::new().start();
    stack.import(&enforced(&[first.clone(), second.clone()]));
    let case = post(&stack, &first.finding(4))["cases"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let before = stack.case(&case);
    assert_eq!(post(&stack, &second.finding(4))["cases"][0], case.as_str());
    let after = stack.case(&case);
    assert_eq!(after["device"]["name"], "WS-7", "{after}");
    assert_ne!(after["cause"], before["cause"]);
    assert!(
        after["marks"].to_string().contains("CS-case-03"),
        "{}",
        after["marks"]
    );
}

#[test]
fn an_alert_that_no_playbook_looks_at_waits_is_told_and_is_looked_at_later() {
    let incident = Incident::on_workstation("WS-1");
    let stack = Setup::new()
        .only_plugins(&["connector-webhook", "connector-range"])
        .start();
    let case = post(&stack, &incident.finding(4))["cases"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let waiting = stack.case(&case);
    assert_eq!(waiting["state"], "waiting", "{waiting}");
    assert!(
        waiting["marks"].to_string().contains("CS-case-04"),
        "{waiting}"
    );
    until("people are told", || {
        let pages = stack.range.pages();
        pages
            .iter()
            .any(|it| it.body["kind"] == "unserved")
            .then_some(())
    });
    stack.enrol("contain-malware", "active");
    stack.judged_case(&case);
    let open = stack.api(LEAD).get("pages").ok().to_string();
    assert!(!open.contains("unserved"), "{open}");
}

#[test]
fn two_processes_of_one_image_are_given_back_each() {
    let incident = Incident::on_workstation("WS-1");
    let stack = Setup::new().start();
    stack.import(&enforced(std::slice::from_ref(&incident)));
    let mut world = Incident::world(std::slice::from_ref(&incident));
    let mut twin = world.devices[0].processes[0].clone();
    twin.pid += 4;
    twin.reference = Some("twin".into());
    world.devices[0].processes.push(twin.clone());
    stack.range.load(world);
    let mut finding = incident.finding(4);
    let evidences = finding["evidences"].as_array_mut().unwrap();
    let mut other = evidences
        .iter()
        .find(|it| it["process"].is_object())
        .unwrap()
        .clone();
    other["process"]["pid"] = json!(twin.pid);
    evidences.push(other);
    let case = stack.deliver_ocsf(&finding).swap_remove(0);
    let both = |state: ProcessState| {
        until(&format!("both are {state:?}"), || {
            let processes = stack.range.world().devices[0].processes.clone();
            processes.iter().all(|it| it.state == state).then_some(())
        });
    };
    stack.judged_case(&case);
    both(ProcessState::Suspended);
    let suspended = until("both effects are known", || {
        let effects = stack.api(OPERATOR).get("effects").ok();
        let mut effects = effects["effects"].as_array()?.clone();
        effects.retain(|it| it["action"] == "suspend-process");
        (effects.len() == 2).then_some(effects)
    });
    for effect in suspended {
        let end = format!("effects/{}/end", effect["id"].as_str().unwrap());
        stack
            .api(LEAD)
            .post(&end, &json!({ "comment": "harmless" }))
            .ok();
    }
    both(ProcessState::Running);
}
