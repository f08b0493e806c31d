//! The same hash on forty devices: a bad indicator is as likely as an outbreak. The first few
//! act, the rest is one question to people, and one decision lets it go on.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

use e2e::alerts::Incident;
use e2e::{ANALYST, LEAD, Setup, Stack, enforced, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const DEVICES: usize = 40;
/// Five, or a tenth of the group if that is more.
const LIMIT: usize = 5;

fn incidents() -> Vec<Incident> {
    (0..DEVICES)
        .map(|n| Incident::on_workstation(&format!("WS-{n:03}")))
        .collect()
}

/// Forty alerts, all judged.
fn hit(stack: &Stack, incidents: &[Incident]) -> String {
    stack.import(&enforced(incidents));
    stack.load(incidents);
    let cases: Vec<String> = incidents
        .iter()
        .map(|it| stack.deliver(&it.alert()).swap_remove(0))
        .collect();
    let causes: BTreeSet<String> = cases
        .iter()
        .map(|it| stack.judged_case(it)["cause"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(causes.len(), 1, "one cause: {causes:?}");
    causes.into_iter().next().unwrap()
}

fn proposals(stack: &Stack, cause: &str, state: &str) -> Vec<Value> {
    let path = format!("proposals?cause={cause}&state={state}&limit=1000");
    stack.api(LEAD).get(&path).ok()["proposals"]
        .as_array()
        .unwrap()
        .clone()
}

/// The devices that something was done to, by the range's own log.
fn touched(stack: &Stack) -> BTreeSet<String> {
    let applied = stack.applied().into_iter();
    applied
        .map(|it| it.path.split('/').nth(3).unwrap_or_default().to_owned())
        .collect()
}

fn decision(proposals: &[Value]) -> Value {
    let members = proposals
        .iter()
        .map(|it| json!({ "id": it["id"], "digest": it["judged"]["digest"] }));
    json!({ "proposals": members.collect::<Vec<_>>(), "comment": "it is an outbreak" })
}

#[test]
fn beyond_the_first_few_a_cause_is_held_paged_once_and_decided_at_once() {
    let incidents = incidents();
    let stack = Setup::new().start();
    let cause = hit(&stack, &incidents);
    until("the first few are done", || {
        (proposals(&stack, &cause, "done").len() == 2 * LIMIT).then_some(())
    });
    assert_eq!(touched(&stack).len(), LIMIT, "{:?}", touched(&stack));
    let held = proposals(&stack, &cause, "held");
    assert_eq!(held.len(), 2 * (DEVICES - LIMIT), "the rest waits");
    for proposal in &held {
        let reason = proposal["reason"].as_str().unwrap();
        assert!(reason.contains("[hold-surge]"), "{reason}");
    }
    let pages = || -> Vec<Value> {
        let all = stack.range.pages().into_iter().map(|it| it.body);
        all.filter(|it| it["kind"] == "held").collect()
    };
    until("people are told", || (!pages().is_empty()).then_some(()));
    assert_eq!(pages().len(), 1, "one page for all of it: {:#?}", pages());

    let group = format!("causes/{cause}/approve");
    let some = &held[..10];
    let decided = stack.api(ANALYST).post(&group, &decision(some)).ok();
    for member in decided["proposals"].as_array().unwrap() {
        assert_eq!(
            member["decided"]["state"], "held",
            "an analyst is not enough: {member}"
        );
        assert_eq!(
            member["decided"]["needs"]["roles"],
            json!(["lead"]),
            "{member}"
        );
    }
    let decided = stack.api(LEAD).post(&group, &decision(some)).ok();
    for member in decided["proposals"].as_array().unwrap() {
        assert_eq!(member["decided"]["state"], "ordered", "{member}");
    }
    until("the enumerated ones are done", || {
        (proposals(&stack, &cause, "done").len() == 2 * LIMIT + some.len()).then_some(())
    });
    let rest = proposals(&stack, &cause, "held");
    assert_eq!(
        rest.len(),
        held.len() - some.len(),
        "nothing that was not named"
    );
    assert_eq!(stack.applied().len(), 2 * LIMIT + some.len());
}

#[test]
fn a_group_decision_names_only_what_waits_for_this_cause() {
    let stack = Setup::new().mode("hold").start();
    let one = Incident::on_workstation("WS-1");
    let other = Incident::on_workstation("WS-2").hash(&"dd".repeat(32));
    stack.load(&[one.clone(), other.clone()]);
    let case = stack.deliver(&one.alert()).swap_remove(0);
    let foreign = stack.deliver(&other.alert()).swap_remove(0);
    let cause = stack.judged_case(&case)["cause"]
        .as_str()
        .unwrap()
        .to_owned();
    stack.judged_case(&foreign);
    let wanted = [
        stack.proposal_in(&case, "quarantine-file", &["held"]),
        stack.proposal_in(&foreign, "quarantine-file", &["held"]),
    ];
    let group = format!("causes/{cause}/deny");
    let decided = stack.api(LEAD).post(&group, &decision(&wanted)).ok();
    assert_eq!(
        decided["proposals"][0]["decided"]["state"], "denied",
        "{decided}"
    );
    assert_eq!(
        decided["proposals"][1]["refused"]["code"], "CS-api-04",
        "{decided}"
    );
    stack.proposal_in(&foreign, "quarantine-file", &["held"]);
}
