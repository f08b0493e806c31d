//! The playbooks that we ship, through the same door as everybody's.

use crate::support::*;
use countersign::model::{Attribute, Target, Verb};
use countersign::plugin::{Evaluation, Replayed};
use std::sync::Arc;
use std::time::Instant;

fn evaluate_shipped(lookups: Arc<dyn countersign::plugin::Lookups>) -> Evaluation {
    let loaded = load("contain-malware");
    let settings = loaded
        .manifest()
        .settings
        .view(&Default::default())
        .unwrap();
    loaded
        .playbook()
        .unwrap()
        .evaluate(&case(), lookups, &settings)
}

#[test]
fn contain_malware_proposes_on_what_it_was_shown_and_a_replay_gives_the_same() {
    let first = evaluate_shipped(Arc::new(Known));
    let plan = first.result.clone().unwrap();
    let actions: Vec<Verb> = plan.propose.iter().map(|it| it.action).collect();
    assert!(actions.contains(&Verb::QuarantineFile), "{plan:?}");
    assert!(!first.lookups.is_empty() && first.fuel > 10_000);

    let json = serde_json::to_string(&first).unwrap();
    let kept: Evaluation = serde_json::from_str(&json).unwrap();
    let again = evaluate_shipped(Arc::new(Replayed::new(kept.lookups)));
    assert_eq!(again, first, "to the last byte of fuel");
}

#[test]
fn a_replay_without_its_answers_ends_as_the_hosts_failure() {
    let evaluation = evaluate_shipped(Arc::new(Replayed::new(vec![])));
    assert_eq!(refused(&evaluation).0, "CS-run-55");
    assert!(!evaluation.replayable);
}

#[test]
fn every_shipped_plugin_loads_and_says_what_it_wants() {
    for name in ["contain-malware", "restore-overreach", "block-indicator"] {
        let inspection = countersign::plugin::inspect(&e2e::guests::component(name)).unwrap();
        assert!(!inspection.wants.proposes.is_empty(), "{name}");
        assert!(inspection.cannot.contains(&"reach any network".to_owned()));
        load(name);
    }
}

/// Not a gate: prints what a fresh call costs on this machine. Run it with `--run-ignored all`.
#[test]
#[ignore = "a measurement"]
fn what_a_fresh_call_costs() {
    let loaded = load("contain-malware");
    let playbook = loaded.playbook().unwrap();
    let settings = loaded
        .manifest()
        .settings
        .view(&Default::default())
        .unwrap();
    let mut subject = case();
    subject.detection.attributes = (0..20)
        .map(|n| Attribute::new(format!("x.y{n}"), "some value of a plausible length"))
        .collect();
    assert!(matches!(
        subject.detection.entities[0].target,
        Target::Device(_)
    ));
    let mut took: Vec<u128> = (0..2000)
        .map(|_| {
            let started = Instant::now();
            let evaluation = playbook.evaluate(&subject, Arc::new(Known), &settings);
            assert!(evaluation.result.is_ok());
            started.elapsed().as_nanos()
        })
        .collect();
    took.sort_unstable();
    println!(
        "{:?}: min {} us, p25 {} us, p50 {} us",
        engine().allocation(),
        took[0] / 1000,
        took[took.len() / 4] / 1000,
        took[took.len() / 2] / 1000
    );
}
