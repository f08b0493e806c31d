//! What it wants, case by case.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's failure is a panic"
)]

use super::evaluate;
use countersign_sdk::playbook::*;
use countersign_sdk::testing::*;

fn process(reference: &str) -> Process {
    Process {
        reference: Some(reference.into()),
        ..Process::on(&device(), "jobrunner.exe")
    }
}

fn file(reference: &str) -> File {
    File {
        reference: Some(reference.into()),
        ..File::on(&device(), format!(r"C:\Acme\{reference}\jobrunner.exe"))
    }
}

fn signed(entity: Entity) -> Entity {
    entity
        .with_signer(Some("CN=Acme"))
        .with_signature_state(Some(1))
}

/// The alert of the seed: no SHA-256, signed, killed and quarantined by the policy.
fn took(state: &str, initiative: &str) -> CaseBuilder {
    shown(signed)
        .taken("stop-process", process("t-1"), state, initiative)
        .taken("quarantine-file", file("t-1"), state, initiative)
}

fn shown(known: fn(Entity) -> Entity) -> CaseBuilder {
    CaseBuilder::new()
        .entity(known(Entity::new("actor", process("t-1"))))
        .entity(known(Entity::new("actor", file("t-1"))))
}

fn evaluated(case: CaseBuilder) -> Plan {
    let host =
        Host::new(include_str!("../plugin.json")).sightings(|_, _| sightings("established", 12));
    host.evaluate(evaluate, &case.build()).unwrap()
}

fn actions(plan: &Plan) -> Vec<&str> {
    plan.propose.iter().map(|it| it.action.as_str()).collect()
}

#[test]
fn what_was_taken_is_given_back_as_one_bundle_the_allowance_first() {
    let plan = evaluated(took("done", "policy").overreach("established"));
    assert_eq!(
        actions(&plan),
        ["allow-software", "restore-file", "start-process"]
    );
    let name = Some(plan.propose[0].key.clone());
    assert!(plan.propose.iter().all(|it| it.bundle == name));
    let allow = &plan.propose[0];
    assert_eq!(allow.lease, Some(168 * 3600));
    assert_eq!(allow.arguments[0].value, "device");
    assert_eq!(allow.evidence[0].finding, "established");
}

#[test]
fn without_the_hosts_judgement_nothing_is_given_back_and_what_is_held_is_let_go() {
    assert!(evaluated(took("done", "policy")).propose.is_empty());
    let first = evaluated(took("done", "policy").overreach("established"));
    let judged_again = evaluated(took("done", "policy").after(&first, "held"));
    assert_eq!(judged_again.withdraw.len(), 3);
}

#[test]
fn only_what_the_product_did_by_itself_and_what_stands_is_given_back() {
    for (state, initiative) in [
        ("done", "person"),
        ("failed", "policy"),
        ("undone", "policy"),
    ] {
        let plan = evaluated(took(state, initiative).overreach("protection"));
        assert!(plan.propose.is_empty(), "{state} {initiative}");
    }
    for (state, initiative) in [("unknown", "policy"), ("done", "unknown")] {
        let plan = evaluated(took(state, initiative).overreach("protection"));
        assert_eq!(plan.propose.len(), 3, "{state} {initiative}");
    }
    let killed = shown(signed).taken("stop-process", process("t-1"), "done", "policy");
    let plan = evaluated(killed.overreach("surge"));
    assert_eq!(actions(&plan), ["allow-software", "start-process"]);
}

#[test]
fn once_somebody_gave_it_back_in_the_product_the_bundle_is_withdrawn() {
    let first = evaluated(took("done", "policy").overreach("established"));
    let undone = took("undone", "policy").overreach("established");
    let plan = evaluated(undone.after(&first, "held"));
    assert!(plan.propose.is_empty());
    let keys: Vec<String> = first.propose.iter().map(|it| it.key.clone()).collect();
    assert_eq!(plan.withdraw, keys);
}

#[test]
fn what_is_left_after_a_person_restored_the_file_is_the_same_bundle_with_fewer_steps() {
    let first = evaluated(took("done", "policy").overreach("established"));
    let restored = took("done", "policy").taken("restore-file", file("t-1"), "done", "person");
    let plan = evaluated(restored.overreach("established").after(&first, "held"));
    assert_eq!(actions(&plan), ["allow-software", "start-process"]);
    assert_eq!(plan.propose[0].bundle, first.propose[0].bundle);
    assert!(
        plan.withdraw.is_empty(),
        "one key would give up the whole bundle"
    );
}

#[test]
fn a_bundle_that_has_begun_is_left_to_its_end() {
    let first = evaluated(took("done", "policy").overreach("established"));
    for state in ["done", "undone"] {
        for progress in ["ordered", "done", "needs-person"] {
            let case = took(state, "policy").overreach("established");
            let plan = evaluated(case.step(&first.propose[0], progress));
            assert!(
                plan.propose.is_empty() && plan.withdraw.is_empty(),
                "{state} {progress}"
            );
        }
    }
}

#[test]
fn software_that_nothing_identifies_is_given_back_without_an_allowance_and_the_note_says_so() {
    let unsigned = shown(|it| it)
        .taken("stop-process", process("t-1"), "done", "policy")
        .taken("quarantine-file", file("t-1"), "done", "policy");
    let plan = evaluated(unsigned.overreach("protection"));
    assert_eq!(actions(&plan), ["restore-file", "start-process"]);
    assert_eq!(plan.propose[1].bundle.as_ref(), Some(&plan.propose[0].key));
    assert!(plan.note.contains("may be taken again"), "{}", plan.note);
}

#[test]
fn two_programs_of_one_alert_are_decided_each_by_itself() {
    let hashed = |mut entity: Entity, hash: &str| {
        if let Target::File(file) = &mut entity.target {
            file.sha256 = Some(hash.repeat(32));
        }
        entity
    };
    let (one, two) = (
        hashed(Entity::new("actor", file("t-1")), "ab"),
        hashed(Entity::new("actor", file("t-2")), "cd"),
    );
    let case = CaseBuilder::new().entity(one.clone()).entity(two.clone());
    let case = case.taken("quarantine-file", one.target, "done", "policy");
    let case = case.taken("quarantine-file", two.target, "done", "policy");
    let plan = evaluated(case.overreach("established"));
    assert_eq!(
        actions(&plan),
        [
            "allow-software",
            "restore-file",
            "allow-software",
            "restore-file"
        ]
    );
    assert_eq!(plan.propose[0].bundle, plan.propose[1].bundle);
    assert_ne!(plan.propose[1].bundle, plan.propose[2].bundle);
}

#[test]
fn what_was_taken_twice_is_given_back_once() {
    let twice = took("done", "policy").taken("quarantine-file", file("t-1"), "done", "policy");
    assert_eq!(evaluated(twice.overreach("established")).propose.len(), 3);
}
