//! The incident that this project began with, on a server that nobody tagged.
//!
//! An EDR calls business software malicious, at night. The server stands in a group that is set
//! to `enforce`, with a threshold that would let automation do anything: what holds is that
//! nobody has said what this server is. However the program looks, nothing is taken without
//! people; and what the product took by itself is found, and given back by two.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

use e2e::alerts::Incident;
use e2e::{ANALYST, Hours, LEAD, OWNER, Review, Setup, Sight, Stack, asset, group, stays, until};
use range::state::{FileState, ProcessState};
use serde_json::{Value, json};
use std::time::Duration;

const SERVER: &str = "SRV-9";
const SIGNER: &str = "Autom8 GmbH";
const OLD_HASH: &str = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

/// The five ways in which the program may look.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Signed,
    Unsigned,
    NewHash,
    WithSightings,
    WithNone,
}

impl Look {
    fn incident(self) -> Incident {
        let incident = Incident::on_server(SERVER);
        match self {
            Self::Unsigned => incident,
            _ => incident.signed(SIGNER),
        }
    }

    /// A tenant in which this is known of the program, at night.
    fn stack(self, incident: &Incident) -> Stack {
        let stack = Setup::new().hours(Hours::Never).start();
        stack.import(&json!({
            "groups": [group("production", "enforce")],
            "assets": [asset(incident, &["production"], Review::Unreviewed)],
        }));
        if self != Self::WithNone {
            let mut seen = sight(incident);
            if self == Self::NewHash {
                seen.sha256 = OLD_HASH;
            }
            stack.sight(&[seen]);
        }
        stack
    }

    /// What is known of how long the program has been there.
    fn tenure(self) -> &'static str {
        match self {
            Self::WithNone => "unknown",
            _ => "established",
        }
    }
}

fn sight(incident: &Incident) -> Sight<'_> {
    Sight {
        device: &incident.device,
        path: &incident.path,
        signer: incident.signer.as_deref(),
        sha256: &incident.sha256,
        first_days: 90,
        last_days: 1,
    }
}

/// Nothing is taken, and whoever asks is told why.
fn is_held(look: Look) {
    let incident = look.incident();
    let stack = look.stack(&incident);
    let case = stack.play(&incident);
    let judged = stack.judged_case(&case);
    let proposals = judged["proposals"].as_array().unwrap();
    let actions: Vec<&str> = proposals
        .iter()
        .filter_map(|it| it["proposal"]["action"].as_str())
        .collect();
    assert!(
        actions.contains(&"quarantine-file") && actions.iter().any(|it| it.ends_with("-process")),
        "process and file are proposed: {actions:?}"
    );
    for proposal in proposals {
        assert_explained(&stack, look, proposal);
    }
    assert_eq!(judged["orders"], json!([]), "nothing is ordered");
    if look == Look::NewHash {
        let changed = judged["changed"].to_string();
        assert!(changed.contains("hash"), "what changed is told: {changed}");
    }
    stays("nothing is done", Duration::from_secs(1), || {
        stack.applied().is_empty()
    });
    let device = &stack.range.world().devices[0];
    assert_eq!(device.processes[0].state, ProcessState::Running);
    assert_eq!(device.files[0].state, FileState::Present);
}

fn assert_explained(stack: &Stack, look: Look, proposal: &Value) {
    let state = proposal["state"].as_str().unwrap();
    assert!(["held", "refused"].contains(&state), "{proposal}");
    let asked = json!({ "proposal": proposal["id"] });
    let told = stack.api(ANALYST).post("guards/explain", &asked).ok();
    let against = ids(&told["explanation"]["against"]);
    let mut expected = vec!["hold-unreviewed-server"];
    expected.push(match look.tenure() {
        "established" => "hold-established",
        _ => "hold-unknown-on-server",
    });
    for guard in expected {
        assert!(
            against.iter().any(|it| it == guard),
            "{guard} is named: {against:?}"
        );
    }
    let text = told["text"].as_str().unwrap();
    let tenure = look.tenure();
    for word in ["two people", "owner", "outside working hours", tenure] {
        assert!(
            text.contains(word),
            "the explanation says {word:?}:\n{text}"
        );
    }
    let facts = &told["facts"][0];
    assert_eq!(facts["history"]["tenure"], tenure, "{facts}");
    assert_eq!(
        (&facts["mode"], &facts["reviewed"]),
        (&json!("enforce"), &json!(false))
    );
}

fn ids(reasons: &Value) -> Vec<String> {
    let all = reasons.as_array().unwrap().iter();
    all.filter_map(|it| it["id"].as_str().map(str::to_owned))
        .collect()
}

/// What the product took is found, paged, and given back by two people.
fn is_given_back(look: Look) {
    let incident = look.incident().taken();
    let stack = look.stack(&incident);
    let case = stack.play(&incident);
    let found = stack.judged_case(&case);
    let stood: Vec<&str> = found["overreach"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(stood.contains(&"protection"), "{stood:?}");
    assert_eq!(
        stood.contains(&"established"),
        look.tenure() == "established",
        "{stood:?}"
    );
    until("a page about the overreach is delivered", || {
        let pages = stack.range.pages();
        pages
            .iter()
            .any(|it| it.body["kind"] == "overreach")
            .then_some(())
    });
    let unit: Vec<&str> = found["proposals"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["state"] == "held")
        .filter_map(|it| it["proposal"]["action"].as_str())
        .collect();
    assert_eq!(unit, ["allow-software", "restore-file", "start-process"]);
    assert!(
        stack.applied().is_empty(),
        "nothing is given back without people"
    );

    let first = stack.proposal(&case, "allow-software").unwrap();
    for person in [ANALYST, LEAD] {
        let decided = stack.approve(person, &first).ok();
        assert_eq!(
            decided["state"], "held",
            "without the owner it stays held: {decided}"
        );
    }
    let decided = stack.approve(OWNER, &first).ok();
    assert_eq!(decided["state"], "ordered", "{decided}");
    stack.proposal_in(&case, "start-process", &["done"]);
    assert_whole_again(&stack, &incident);
    until("the overreaches are repaired", || {
        let all = stack.api(LEAD).get("overreaches?all=true&limit=1000").ok();
        let all = all["overreaches"].as_array()?.clone();
        (all.len() == 2 && all.iter().all(|it| !it["repaired"].is_null())).then_some(())
    });
}

fn assert_whole_again(stack: &Stack, incident: &Incident) {
    let world = stack.range.world();
    let device = &world.devices[0];
    assert_eq!(device.files[0].state, FileState::Present);
    let runs =
        |it: &&range::state::Process| it.path == incident.path && it.state == ProcessState::Running;
    assert_eq!(
        device.processes.iter().filter(runs).count(),
        1,
        "it runs once"
    );
    let allowed = &world.allowances;
    assert_eq!(allowed.len(), 1, "{allowed:?}");
    assert_eq!(allowed[0].sha256.as_deref(), Some(incident.sha256.as_str()));
    assert!(
        allowed[0].until_ms.is_some(),
        "allowed for a time, not for good"
    );
    let done: Vec<Option<String>> = stack.applied().into_iter().map(|it| it.wanted).collect();
    assert_eq!(done.len(), 3, "each step once, in order: {done:?}");
}

#[test]
fn signed_software_is_not_taken_from_an_untagged_server() {
    is_held(Look::Signed);
}

#[test]
fn unsigned_software_is_not_taken_from_an_untagged_server() {
    is_held(Look::Unsigned);
}

#[test]
fn the_same_program_under_a_new_hash_is_not_taken_from_an_untagged_server() {
    is_held(Look::NewHash);
}

#[test]
fn software_with_sightings_is_not_taken_from_an_untagged_server() {
    is_held(Look::WithSightings);
}

#[test]
fn software_without_sightings_is_not_taken_from_an_untagged_server() {
    is_held(Look::WithNone);
}

#[test]
fn signed_software_that_was_taken_is_given_back_by_two() {
    is_given_back(Look::Signed);
}

#[test]
fn unsigned_software_that_was_taken_is_given_back_by_two() {
    is_given_back(Look::Unsigned);
}

#[test]
fn the_same_program_under_a_new_hash_that_was_taken_is_given_back_by_two() {
    is_given_back(Look::NewHash);
}

#[test]
fn software_with_sightings_that_was_taken_is_given_back_by_two() {
    is_given_back(Look::WithSightings);
}

#[test]
fn software_without_sightings_that_was_taken_is_given_back_by_two() {
    is_given_back(Look::WithNone);
}
