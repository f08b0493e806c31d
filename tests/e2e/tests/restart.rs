//! SIGKILL at the moments that matter, and then on from there: holds, orders and leases continue
//! where they were, the journal is whole, and what is stored is what its entries make.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

use e2e::alerts::Incident;
use e2e::{
    ANALYST, LEAD, Review, Setup, Stack, TENANT, asset, enforced, group, now_ms, until, until_in,
};
use range::faults::{Mode, Rule};
use range::state::{Containment, FileState};
use serde_json::json;
use std::process::Command;
use std::time::Duration;

#[path = "kill/documents.rs"]
mod documents;

fn enforce(incident: &Incident) -> Stack {
    let stack = Setup::new().start();
    stack.import(&enforced(std::slice::from_ref(incident)));
    stack
}

/// The journal verifies offline, and the documents of the store are what its entries make.
fn assert_whole(stack: &mut Stack) {
    let export = stack.api(LEAD).get("journal/export");
    assert_eq!(export.status, 200);
    let file = stack.workspace().join("export.ndjson");
    std::fs::write(&file, &export.bytes).unwrap();
    let verify = |file: &std::path::Path| {
        let mut command = Command::new(e2e::binary());
        let done = command
            .args(["--json", "journal", "verify"])
            .arg(file)
            .output()
            .unwrap();
        (
            done.status.code(),
            String::from_utf8_lossy(&done.stdout).into_owned(),
        )
    };
    let (code, said) = verify(&file);
    assert_eq!(code, Some(0), "{said}");
    // and a journal in which one word was changed does not
    let text = String::from_utf8(export.bytes).unwrap();
    let forged = text.replacen(e2e::ANALYST, "nobody1@acme.example", 1);
    assert_ne!(forged, text);
    std::fs::write(&file, forged).unwrap();
    assert_eq!(verify(&file).0, Some(1), "a forged journal verifies");

    stack.kill();
    let store = store(stack);
    let (wrong, compared) = documents::differences(&store);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared > 10, "{compared} documents are no proof");
    stack.restart();
}

fn store(stack: &Stack) -> std::path::PathBuf {
    let data = stack.workspace().join("data");
    let all = std::fs::read_dir(&data)
        .unwrap()
        .filter_map(Result::ok)
        .map(|it| it.path());
    let found = all.filter(|it| {
        it.extension()
            .is_some_and(|it| it == "db" || it == "sqlite")
    });
    let found: Vec<_> = found.collect();
    assert_eq!(found.len(), 1, "one store in {}: {found:?}", data.display());
    found[0].clone()
}

#[test]
fn what_waits_for_people_waits_on_after_a_crash() {
    let incident = Incident::on_workstation("WS-17");
    let mut stack = Setup::new().start();
    stack.import(&json!({
        "groups": [group("ours", "hold")],
        "assets": [asset(&incident, &["ours"], Review::Reviewed)],
    }));
    let case = stack.play(&incident);
    let held = stack.proposal_in(&case, "quarantine-file", &["held"]);
    stack.settle();
    stack.kill();
    stack.restart();
    let again = stack.proposal(&case, "quarantine-file").unwrap();
    assert_eq!(again, held, "it is what it was, to the letter");
    assert_eq!(stack.approve(ANALYST, &held).ok()["state"], "ordered");
    stack.proposal_in(&case, "quarantine-file", &["done"]);
    assert_eq!(stack.applied().len(), 1);
    assert_whole(&mut stack);
}

#[test]
fn an_approval_that_was_given_before_a_crash_still_counts() {
    let incident = Incident::on_server("SRV-9").taken();
    let mut stack = Setup::new().start();
    let case = stack.play(&incident);
    let held = stack.proposal_in(&case, "allow-software", &["held"]);
    assert_eq!(stack.approve(LEAD, &held).ok()["state"], "held");
    stack.kill();
    stack.restart();
    stack.approve(LEAD, &held).refused(403, "CS-approval-03");
    assert_eq!(stack.approve(e2e::OWNER, &held).ok()["state"], "ordered");
    stack.kill();
    stack.restart();
    for action in ["allow-software", "restore-file", "start-process"] {
        // what may have been sent is asked about for as long as its effect may take to show
        until_in(Duration::from_secs(120), action, || {
            (stack.proposal(&case, action)?["state"] == "done").then_some(())
        });
    }
    assert!(stack.repeated().is_empty(), "{:#?}", stack.repeated());
    assert_whole(&mut stack);
}

#[test]
fn an_order_that_is_on_its_way_arrives_once_after_a_crash() {
    let incident = Incident::on_workstation("WS-17");
    let mut stack = enforce(&incident);
    let files = format!("/edr/devices/{}/files", incident.device_id);
    let pending = Rule {
        delay_ms: 3000,
        ..Rule::new(Mode::Pending).on(&files).method("POST")
    };
    stack.load(std::slice::from_ref(&incident));
    stack.range.set_faults(vec![pending]);
    let case = stack.deliver(&incident.alert()).swap_remove(0);
    let sent = until("it is on its way", || {
        let order = stack.order(&case, "quarantine-file")?;
        ["dispatched", "confirming"]
            .contains(&order["state"].as_str()?)
            .then_some(order)
    });
    stack.kill();
    stack.restart();
    stack.all_in(&case, &["quarantine-file", "suspend-process"], "done");
    let done = stack.order(&case, "quarantine-file").unwrap();
    assert_eq!(
        (&done["id"], &done["key"]),
        (&sent["id"], &sent["key"]),
        "the same order"
    );
    assert!(stack.repeated().is_empty(), "{:#?}", stack.repeated());
    assert_eq!(
        stack.range.world().devices[0].files[0].state,
        FileState::Quarantined
    );
    assert_whole(&mut stack);
}

#[test]
fn a_lease_outlives_a_crash_and_can_be_ended() {
    let incident = Incident::on_workstation("WS-17");
    let mut stack = enforce(&incident);
    stack.load(std::slice::from_ref(&incident));
    let case = stack.deliver_ocsf(&incident.finding(5)).swap_remove(0);
    stack.proposal_in(&case, "contain-device", &["done"]);
    stack.settle();
    let before = stack.effects().remove("contain-device").unwrap();
    assert!(
        before["lease_until"]
            .as_u64()
            .is_some_and(|it| it > now_ms()),
        "{before}"
    );
    stack.kill();
    stack.restart();
    let after = stack.effects().remove("contain-device").unwrap();
    assert_eq!(after, before, "it is what it was, to the letter");
    let id = after["id"].as_str().unwrap();
    let renewed = stack
        .api(ANALYST)
        .post(&format!("effects/{id}/renew"), &json!({ "seconds": 7200 }))
        .ok();
    assert_ne!(renewed["lease_until"], before["lease_until"]);
    stack.kill();
    stack.restart();
    assert_eq!(
        stack.effects()["contain-device"]["lease_until"],
        renewed["lease_until"]
    );
    stack
        .api(ANALYST)
        .post(&format!("effects/{id}/end"), &json!({ "comment": "done" }))
        .ok();
    until("it is given back", || {
        (stack.range.world().devices[0].containment == Containment::Off).then_some(())
    });
    assert_whole(&mut stack);
}

#[test]
fn halt_outlives_a_crash() {
    let incident = Incident::on_workstation("WS-17");
    let mut stack = enforce(&incident);
    stack
        .api(ANALYST)
        .post("halt", &json!({ "on": true, "reason": "stop" }))
        .ok();
    let case = stack.play(&incident);
    until("the order waits", || {
        (stack.order(&case, "quarantine-file")?["why"] == "halted").then_some(())
    });
    stack.kill();
    stack.restart();
    let halt = stack.api(ANALYST).get("halt").ok();
    assert_eq!(halt["halt"]["on"], true, "{halt} of {TENANT}");
    e2e::stays("nothing is done", std::time::Duration::from_secs(1), || {
        stack.applied().is_empty()
    });
    stack
        .api(LEAD)
        .post("halt", &json!({ "on": false, "reason": "go on" }))
        .ok();
    stack.proposal_in(&case, "quarantine-file", &["done"]);
}
