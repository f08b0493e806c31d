//! Orders on a network that loses, delays and lies: whatever becomes of a request, the outcome is
//! the right one, and by the range's own log nothing happens twice. The range forgets keys here,
//! so that every repetition would show.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

use e2e::alerts::Incident;
use e2e::{
    ANALYST, DEADLINE, LEAD, OWNER, Review, Setup, Stack, asset, enforced, group, stays, until,
    until_in,
};
use range::faults::{Mode, Rule};
use range::state::{Containment, FileState, World};
use serde_json::{Value, json};
use std::time::Duration;

/// What a lost request costs: the range's effects may take half a minute to show.
const SENT_AGAIN: Duration = Duration::from_secs(50);

fn stack(incidents: &[Incident]) -> Stack {
    let stack = Setup::new()
        .limits("[limits.connector]\nwall_ms = 2000")
        .start();
    stack.import(&enforced(incidents));
    stack.range.load(World {
        forgets_keys: true,
        ..Incident::world(incidents)
    });
    stack
}

fn files(incident: &Incident) -> String {
    format!("/edr/devices/{}/files", incident.device_id)
}

/// A rule for changes of the incident's file, once.
fn once(mode: Mode, incident: &Incident) -> Rule {
    Rule::new(mode).on(&files(incident)).method("POST").times(1)
}

/// How often the range was asked to quarantine the incident's file.
fn posts(stack: &Stack, incident: &Incident) -> usize {
    let path = files(incident);
    let log = stack.range.log().into_iter();
    log.filter(|it| it.method == "POST" && it.path.starts_with(&path))
        .count()
}

/// It is quarantined, once, and the order says so.
fn assert_done_once(stack: &Stack, case: &str, deadline: Duration) {
    until_in(deadline, "the order is done", || {
        (stack.order(case, "quarantine-file")?["state"] == "done").then_some(())
    });
    stack.proposal_in(case, "quarantine-file", &["done"]);
    assert!(stack.repeated().is_empty(), "{:#?}", stack.repeated());
    let effect = &stack.effects()["quarantine-file"];
    assert_eq!(effect["origin"], "ours");
}

fn is_done_once_in_spite_of(rule: Rule, incident: &Incident) -> (Stack, String) {
    let stack = stack(std::slice::from_ref(incident));
    stack.range.set_faults(vec![rule]);
    let case = stack.deliver(&incident.alert()).swap_remove(0);
    assert_done_once(&stack, &case, DEADLINE);
    let hit = stack.range.log().iter().any(|it| it.fault.is_some());
    assert!(hit, "the fault was never hit: this proves nothing");
    assert_eq!(
        stack.range.world().devices[0].files[0].state,
        FileState::Quarantined
    );
    (stack, case)
}

fn states(stack: &Stack, case: &str, action: &str) -> Vec<String> {
    let order = stack.order(case, action).unwrap();
    let said = order["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["answer"].to_string());
    said.collect()
}

#[test]
fn what_failed_before_it_happened_is_sent_again_and_happens_once() {
    let failed = Incident::on_workstation("WS-1");
    let dropped = Incident::on_workstation("WS-2").hash(&"dd".repeat(32));
    let stack = stack(&[failed.clone(), dropped.clone()]);
    stack.range.set_faults(vec![
        once(Mode::Fail5xx, &failed),
        once(Mode::DropBefore, &dropped),
    ]);
    let both = [&failed, &dropped];
    let cases = both.map(|it| stack.deliver(&it.alert()).swap_remove(0));
    for (incident, case) in both.into_iter().zip(&cases) {
        assert_done_once(&stack, case, SENT_AGAIN);
        assert_eq!(posts(&stack, incident), 2, "sent once more");
        let order = stack.order(case, "quarantine-file").unwrap();
        assert_eq!(order["attempt"], 2, "{order}");
    }
}

#[test]
fn what_was_refused_for_now_is_sent_again_soon() {
    let incident = Incident::on_workstation("WS-1");
    let (stack, _) = is_done_once_in_spite_of(once(Mode::Refuse429, &incident), &incident);
    assert_eq!(posts(&stack, &incident), 2);
}

#[test]
fn what_is_slow_is_waited_for() {
    let incident = Incident::on_workstation("WS-1");
    let slow = Rule {
        delay_ms: 800,
        ..once(Mode::DelayMs, &incident)
    };
    let (stack, _) = is_done_once_in_spite_of(slow, &incident);
    assert_eq!(posts(&stack, &incident), 1);
}

#[test]
fn what_is_slower_than_anybody_waits_is_looked_at_and_not_sent_again() {
    let incident = Incident::on_workstation("WS-1");
    let slow = Rule {
        delay_ms: 6000,
        ..once(Mode::DelayMs, &incident)
    };
    let (stack, _) = is_done_once_in_spite_of(slow, &incident);
    assert_eq!(
        posts(&stack, &incident),
        1,
        "its outcome was read, not repeated"
    );
}

#[test]
fn what_happened_without_an_answer_is_looked_at_and_not_sent_again() {
    let incident = Incident::on_workstation("WS-1");
    let (stack, case) = is_done_once_in_spite_of(once(Mode::ApplyThenDrop, &incident), &incident);
    assert_eq!(posts(&stack, &incident), 1);
    let said = states(&stack, &case, "quarantine-file").join("\n");
    assert!(
        said.contains("unknown"),
        "it was not known in between: {said}"
    );
}

#[test]
fn an_answer_that_breaks_off_or_makes_no_sense_is_looked_at_and_not_believed() {
    for mode in [Mode::Truncate, Mode::WrongJson, Mode::Oversize] {
        let incident = Incident::on_workstation("WS-1");
        let (stack, _) = is_done_once_in_spite_of(once(mode, &incident), &incident);
        assert_eq!(posts(&stack, &incident), 1, "{mode:?}");
    }
}

#[test]
fn what_is_taken_on_is_asked_for_until_it_is_done() {
    let incident = Incident::on_workstation("WS-1");
    let pending = Rule {
        asks: Some(3),
        ..once(Mode::Pending, &incident)
    };
    let (stack, case) = is_done_once_in_spite_of(pending, &incident);
    assert_eq!(posts(&stack, &incident), 1);
    let said = states(&stack, &case, "quarantine-file").join("\n");
    assert!(said.contains("pending"), "{said}");
}

#[test]
fn what_cannot_be_looked_at_for_a_while_is_looked_at_later() {
    let incident = Incident::on_workstation("WS-1");
    let stack = stack(std::slice::from_ref(&incident));
    let blind = Rule {
        skip: 1,
        ..Rule::new(Mode::Fail5xx)
            .on(&files(&incident))
            .method("GET")
            .times(2)
    };
    stack
        .range
        .set_faults(vec![once(Mode::ApplyThenDrop, &incident), blind]);
    let case = stack.deliver(&incident.alert()).swap_remove(0);
    assert_done_once(&stack, &case, DEADLINE);
    assert_eq!(posts(&stack, &incident), 1);
}

#[test]
fn what_cannot_be_looked_at_at_all_is_never_sent_and_goes_to_a_person() {
    let incident = Incident::on_workstation("WS-1");
    let stack = stack(std::slice::from_ref(&incident));
    stack.range.set_faults(vec![
        Rule::new(Mode::Fail5xx).on(&files(&incident)).method("GET"),
    ]);
    let case = stack.deliver(&incident.alert()).swap_remove(0);
    stack.proposal_in(&case, "quarantine-file", &["needs-person"]);
    assert_eq!(posts(&stack, &incident), 0, "nothing is sent blindly");
    until("a person is told", || {
        stack
            .range
            .pages()
            .iter()
            .any(|it| it.body["kind"] == "needs-person")
            .then_some(())
    });
    assert!(!stack.effects().contains_key("quarantine-file"));
}

#[test]
fn what_is_refused_for_good_has_failed_and_is_not_sent_again() {
    let incident = Incident::on_workstation("WS-1");
    let stack = stack(std::slice::from_ref(&incident));
    stack.range.set_faults(vec![
        Rule::new(Mode::Fail4xx)
            .on(&files(&incident))
            .method("POST"),
    ]);
    let case = stack.deliver(&incident.alert()).swap_remove(0);
    stack.proposal_in(&case, "quarantine-file", &["failed"]);
    assert_eq!(posts(&stack, &incident), 1);
    assert!(!stack.effects().contains_key("quarantine-file"));
}

#[test]
fn what_was_so_already_is_no_effect_of_ours() {
    let incident = Incident::on_workstation("WS-1");
    let stack = stack(std::slice::from_ref(&incident));
    let mut world = Incident::world(std::slice::from_ref(&incident));
    world.devices[0].files[0].state = FileState::Quarantined;
    stack.range.load(world);
    let case = stack.deliver(&incident.alert()).swap_remove(0);
    stack.proposal_in(&case, "quarantine-file", &["done"]);
    assert_eq!(posts(&stack, &incident), 0);
    assert!(!stack.effects().contains_key("quarantine-file"));
}

#[test]
fn a_bundle_stops_at_the_first_step_that_fails() {
    let incident = Incident::on_server("SRV-9").taken();
    let stack = Setup::new().start();
    let case = stack.play(&incident);
    stack.range.set_faults(vec![
        Rule::new(Mode::Fail4xx)
            .on(&files(&incident))
            .method("POST"),
    ]);
    let first = stack.proposal_in(&case, "allow-software", &["held"]);
    stack.approve(LEAD, &first).ok();
    stack.approve(OWNER, &first).ok();
    stack.proposal_in(&case, "restore-file", &["failed"]);
    stack.proposal_in(&case, "allow-software", &["done"]);
    stack.proposal_in(&case, "start-process", &["cancelled"]);
    let applied = stack.applied();
    assert_eq!(applied.len(), 1, "{applied:#?}");
    assert!(
        applied[0].path.starts_with("/edr/allowances"),
        "{applied:#?}"
    );
    let open = stack.api(LEAD).get("overreaches").ok();
    assert_eq!(
        open["overreaches"].as_array().unwrap().len(),
        2,
        "nothing is repaired"
    );
}

#[test]
fn halt_stops_what_nobody_approved_until_a_lead_lets_it_go_on() {
    let incident = Incident::on_workstation("WS-1");
    let stack = stack(std::slice::from_ref(&incident));
    stack
        .api(ANALYST)
        .post("halt", &json!({ "on": true, "reason": "what is this?" }))
        .ok();
    let case = stack.deliver(&incident.alert()).swap_remove(0);
    until("the order waits", || {
        (stack.order(&case, "quarantine-file")?["why"] == "halted").then_some(())
    });
    stays("nothing is done", Duration::from_secs(1), || {
        stack.applied().is_empty()
    });
    let off = json!({ "on": false, "reason": "understood" });
    stack
        .api(ANALYST)
        .post("halt", &off)
        .refused(403, "CS-api-03");
    assert!(stack.applied().is_empty());
    stack.api(LEAD).post("halt", &off).ok();
    stack.all_in(&case, &["quarantine-file", "suspend-process"], "done");
    assert!(stack.repeated().is_empty());
}

#[test]
fn halt_stops_what_was_approved_too_and_lets_people_give_back() {
    let incident = Incident::on_workstation("WS-1");
    let held = Incident::on_workstation("WS-2").hash(&"dd".repeat(32));
    let stack = Setup::new().start();
    stack.import(&json!({
        "groups": [group("enforced", "enforce"), group("held", "hold")],
        "assets": [asset(&incident, &["enforced"], Review::Reviewed), asset(&held, &["held"], Review::Reviewed)],
    }));
    stack.load(&[incident.clone(), held.clone()]);
    let case = stack.deliver_ocsf(&incident.finding(5)).swap_remove(0);
    stack.proposal_in(&case, "contain-device", &["done"]);
    let waiting = stack.deliver(&held.alert()).swap_remove(0);
    let proposal = stack.proposal_in(&waiting, "quarantine-file", &["held"]);

    stack
        .api(ANALYST)
        .post("halt", &json!({ "on": true, "reason": "stop" }))
        .ok();
    stack.approve(LEAD, &proposal).ok();
    let effect = stack.effects().remove("contain-device").unwrap();
    let end = format!("effects/{}/end", effect["id"].as_str().unwrap());
    stack
        .api(ANALYST)
        .post(&end, &json!({ "comment": "it works there" }))
        .ok();
    until("the device is free again", || {
        (stack.range.world().devices[0].containment == Containment::Off).then_some(())
    });
    stays("what takes away waits", Duration::from_secs(1), || {
        posts(&stack, &held) == 0
    });
    stack
        .api(LEAD)
        .post("halt", &json!({ "on": false, "reason": "go on" }))
        .ok();
    stack.proposal_in(&waiting, "quarantine-file", &["done"]);
}

#[test]
fn two_orders_for_one_target_are_never_on_their_way_together() {
    let first = Incident::on_workstation("WS-1");
    let second = Incident {
        threat: "9000000000000000002".into(),
        ..first.clone()
    };
    let stack = stack(std::slice::from_ref(&first));
    // the range takes it on and does it later: the first is on its way for a while
    let pending = Rule {
        delay_ms: 2500,
        ..Rule::new(Mode::Pending).on(&files(&first)).method("POST")
    };
    stack.range.set_faults(vec![pending]);
    let cases = [&first, &second].map(|it| stack.deliver(&it.alert()).swap_remove(0));
    assert_ne!(cases[0], cases[1], "two alerts, two cases");
    let mut overlapped = false;
    until("both are done", || {
        let orders = cases
            .each_ref()
            .map(|it| stack.order(it, "quarantine-file"));
        let of = |state: &[&str]| {
            let known = orders.iter().flatten();
            known
                .filter(|it| state.contains(&it["state"].as_str().unwrap_or_default()))
                .count()
        };
        assert!(of(&["dispatched", "confirming"]) <= 1, "{orders:#?}");
        overlapped |= of(&["dispatched", "confirming"]) == 1 && of(&["intent"]) == 1;
        (of(&["done"]) == 2).then_some(())
    });
    assert!(
        overlapped,
        "they never waited for each other: this proves nothing"
    );
    assert!(stack.repeated().is_empty(), "{:#?}", stack.repeated());
    let effect = &stack.effects()["quarantine-file"];
    let claims: Vec<&str> = effect["claims"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(claims.len(), 2, "both cases hold on to it: {effect}");
}
