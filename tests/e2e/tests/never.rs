//! An asset that is never touched: nothing is taken away and no evidence is collected there,
//! whoever asks and whoever approves. What somebody else took can be given back.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

use e2e::alerts::Incident;
use e2e::{ANALYST, LEAD, LEAD2, OWNER, Review, Setup, Stack, asset, group, until};
use range::state::{FileState, ProcessState};
use serde_json::{Value, json};

/// A reviewed asset in a group of `enforce`, protected by `never`.
fn stack(incident: &Incident) -> Stack {
    let stack = Setup::new().start();
    let mut protected = asset(incident, &["ours"], Review::Reviewed);
    protected["protection"] = json!("never");
    stack.import(&json!({ "groups": [group("ours", "enforce")], "assets": [protected] }));
    stack
}

fn assert_refused_for_good(stack: &Stack, proposal: &Value) {
    assert_eq!(proposal["state"], "refused", "{proposal}");
    assert!(
        proposal["reason"]
            .as_str()
            .unwrap()
            .contains("[floor-never]"),
        "{proposal}"
    );
    for person in [ANALYST, LEAD, LEAD2, OWNER] {
        stack
            .approve(person, proposal)
            .refused(409, "CS-approval-01");
    }
    let path = format!("proposals/{}/approve", proposal["id"].as_str().unwrap());
    let broken =
        json!({ "digest": proposal["judged"]["digest"], "comment": "now", "emergency": true });
    stack
        .api(LEAD)
        .post(&path, &broken)
        .refused(409, "CS-approval-01");
}

#[test]
fn nothing_is_taken_from_what_is_never_touched_whoever_approves() {
    let incident = Incident::on_workstation("KIOSK-1");
    let stack = stack(&incident);
    let case = stack.play(&incident);
    let judged = stack.judged_case(&case);
    let proposals = judged["proposals"].as_array().unwrap();
    assert!(proposals.len() >= 2, "{proposals:?}");
    for proposal in proposals {
        assert_refused_for_good(&stack, proposal);
    }
    assert!(stack.applied().is_empty());
}

#[test]
fn a_person_cannot_do_it_by_hand_either_nor_collect_evidence() {
    let incident = Incident::on_workstation("KIOSK-1");
    let stack = stack(&incident);
    let case = stack.play(&incident);
    stack.judged_case(&case);
    let device = json!({ "device": { "id": incident.device_id, "name": incident.device } });
    for action in ["contain-device", "collect-evidence", "scan-device"] {
        let wish =
            json!({ "case": case, "action": action, "target": device, "reason": "I say so" });
        let wished = stack.api(OWNER).post("proposals", &wish).ok();
        assert_eq!(wished["state"], "refused", "{action}: {wished}");
        for person in [LEAD, LEAD2] {
            stack
                .approve(person, &wished)
                .refused(409, "CS-approval-01");
        }
    }
    assert!(stack.applied().is_empty());
}

#[test]
fn what_a_product_took_from_it_is_given_back_by_the_owner_and_one_more() {
    let incident = Incident::on_workstation("KIOSK-1").taken();
    let stack = stack(&incident);
    let case = stack.play(&incident);
    let first = stack.proposal_in(&case, "allow-software", &["held"]);
    for person in [LEAD, LEAD2, ANALYST] {
        let decided = stack.approve(person, &first).ok();
        assert_eq!(decided["state"], "held", "not without the owner: {decided}");
    }
    assert!(stack.applied().is_empty());
    let decided = stack.approve(OWNER, &first).ok();
    assert_eq!(decided["state"], "ordered", "{decided}");
    stack.all_in(
        &case,
        &["allow-software", "restore-file", "start-process"],
        "done",
    );
    let device = &stack.range.world().devices[0];
    assert_eq!(device.files[0].state, FileState::Present);
    assert!(
        device
            .processes
            .iter()
            .any(|it| it.state == ProcessState::Running)
    );
    until("the overreach is repaired", || {
        let open = stack.api(LEAD).get("overreaches?all=true&limit=1000").ok();
        let open = open["overreaches"].as_array()?.clone();
        open.iter()
            .all(|it| !it["repaired"].is_null())
            .then_some(())
    });
}

#[test]
fn breaking_the_glass_does_not_reach_it() {
    let incident = Incident::on_workstation("KIOSK-1").taken();
    let stack = stack(&incident);
    let case = stack.play(&incident);
    let first = stack.proposal_in(&case, "allow-software", &["held"]);
    let path = format!("proposals/{}/approve", first["id"].as_str().unwrap());
    for person in [LEAD, LEAD2] {
        let broken = json!({ "digest": first["judged"]["digest"], "comment": "it burns", "emergency": true });
        let decided = stack.api(person).post(&path, &broken).ok();
        assert_eq!(
            decided["state"], "held",
            "only the owner opens never: {decided}"
        );
    }
    assert!(stack.applied().is_empty());
}
