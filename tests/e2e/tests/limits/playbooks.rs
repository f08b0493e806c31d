//! Playbooks: all guests serve one tenant, so that one alert meets every one of them, beside the
//! playbook that we ship, which is judged as if they were not there.

use crate::rows::{self, Row};
use countersign::engine::LimitKind::Playbook;
use e2e::alerts::Incident;
use e2e::{ANALYST, Setup, Stack, until};
use serde_json::Value;
use std::collections::BTreeSet;

fn guests() -> BTreeSet<&'static str> {
    rows::of(Playbook).map(|row| row.misdeed).collect()
}

fn stack() -> Stack {
    let mut setup = Setup::new().limits(&rows::first_file(Playbook));
    for guest in guests() {
        setup = setup
            .plugin(guest, "active")
            .playbook(&format!("guests.{guest}"));
    }
    setup.start()
}

/// The case, once every guest has ended.
fn met_by_all(stack: &Stack, case: &str) -> Value {
    until(&format!("{case} has met every guest"), || {
        let case = stack.case(case);
        case["due"].as_object()?.is_empty().then_some(case)
    })
}

/// The entry of the journal about a guest's call.
fn evaluated(stack: &Stack, case: &str, guest: &str) -> Value {
    let path = format!("journal?kind=evaluated&case={case}");
    let entries = stack.api(ANALYST).whole(&path, "entries");
    let id = format!("\"guests.{guest}\"");
    let found = entries.into_iter().find(|it| it.to_string().contains(&id));
    found.unwrap_or_else(|| panic!("{case} was not evaluated by {guest}"))
}

fn seen(stack: &Stack, case: &Value, row: &Row) {
    if row.code.is_empty() {
        let entry = evaluated(stack, case["id"].as_str().unwrap(), row.misdeed);
        let text = entry["entry"].to_string();
        let logs = find(&entry["entry"], "logs").unwrap_or_else(|| panic!("{text}"));
        let lines: Vec<String> = serde_json::from_value(logs.clone()).unwrap();
        return rows::log_shows(row, &lines);
    }
    let marks = case["marks"].as_array().unwrap();
    let fits = |it: &&Value| {
        let text = it["text"].as_str().unwrap_or_default();
        it["code"] == row.code
            && text.contains(&format!("guests.{}@", row.misdeed))
            && text.contains(row.text)
    };
    assert_eq!(marks.iter().filter(fits).count(), 1, "{row:?}: {marks:#?}");
    // what is true now is in the timeline once it is durable
    until(&format!("the timeline tells of {row:?}"), || {
        let case = stack.case(case["id"].as_str()?);
        let mut timeline = case["timeline"].as_array()?.iter();
        let told =
            |it: &Value| it["kind"] == "case-marked" && it["what"].to_string().contains(row.code);
        timeline.any(told).then_some(())
    });
}

/// A field, wherever it is.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map
            .get(name)
            .or_else(|| map.values().find_map(|it| find(it, name))),
        Value::Array(list) => list.iter().find_map(|it| find(it, name)),
        _ => None,
    }
}

fn judged_beside(case: &Value) {
    let judged = case["proposals"].as_array().unwrap().iter();
    let ours = judged.filter(|it| it["plugin"]["id"] == "countersign.contain-malware");
    assert!(ours.clone().count() > 0, "{case:#}");
    assert!(ours.clone().all(|it| it["judged"].is_object()));
}

#[test]
fn a_playbook_ends_at_each_of_its_limits() {
    let mut stack = stack();
    let case = stack.play(&Incident::on_workstation("WS-1"));
    let case = met_by_all(&stack, &case);
    for row in rows::first(Playbook) {
        seen(&stack, &case, row);
    }
    judged_beside(&case);

    let threads = "evaluator_threads = 2\n";
    rows::restart_with(&mut stack, threads, &rows::second_file(Playbook));
    let slow = stack.play(&Incident::on_workstation("WS-2").hash(&"c2".repeat(32)));
    let other = stack.play(&Incident::on_workstation("WS-3").hash(&"c3".repeat(32)));
    let quick = until("the other case is judged", || {
        let case = stack.case(&other);
        let judged = case["proposals"].as_array()?.iter();
        judged.clone().next()?["judged"].is_object().then_some(case)
    });
    judged_beside(&quick);
    // The guest's call for the first case has not ended, and the other case has its verdict.
    let due = stack.case(&slow)["due"].clone();
    let still = due.as_object().unwrap().keys();
    assert!(
        still
            .clone()
            .any(|it| it.starts_with("guests.loops-forever")),
        "{due}"
    );
    let case = met_by_all(&stack, &slow);
    for row in rows::second(Playbook) {
        seen(&stack, &case, row);
    }
    met_by_all(&stack, &other);
}
