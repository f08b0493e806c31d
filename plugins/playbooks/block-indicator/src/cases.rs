//! What it wants, case by case.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's failure is a panic"
)]

use super::{evaluate, is_public, is_public_name};
use countersign_sdk::playbook::*;
use countersign_sdk::testing::*;

fn host() -> Host {
    Host::new(include_str!("../plugin.json"))
}

fn address(role: &str, text: &str) -> Entity {
    Entity::new(role, Target::Address(text.into()))
}

fn domain(role: &str, text: &str) -> Entity {
    Entity::new(role, Target::Domain(text.into()))
}

fn indicators() -> CaseBuilder {
    CaseBuilder::new()
        .entity(address("observed", "203.0.113.7"))
        .entity(domain("observed", "c2.evil.example"))
}

fn targets(plan: &Plan) -> Vec<String> {
    let text = |it: &Proposal| match &it.target {
        Target::Address(text) | Target::Domain(text) => text.clone(),
        other => format!("{other:?}"),
    };
    plan.propose.iter().map(text).collect()
}

#[test]
fn what_malware_was_seen_to_use_is_blocked_for_a_day() {
    let plan = host().evaluate(evaluate, &indicators().build()).unwrap();
    assert_eq!(targets(&plan), ["203.0.113.7", "c2.evil.example"]);
    assert_eq!(plan.propose[0].action, "block-address");
    assert_eq!(plan.propose[1].action, "block-domain");
    assert!(plan.propose.iter().all(|it| it.lease == Some(24 * 3600)));
    let short = host().setting("lease-hours", 2);
    let plan = short.evaluate(evaluate, &indicators().build()).unwrap();
    assert!(plan.propose.iter().all(|it| it.lease == Some(2 * 3600)));
}

#[test]
fn only_a_malicious_detection_that_is_no_overreach_blocks() {
    for rating in [Rating::Unknown, Rating::Benign, Rating::Suspicious] {
        let case = indicators()
            .rating(rating)
            .severity(Severity::Fatal)
            .build();
        assert!(
            host().evaluate(evaluate, &case).unwrap().propose.is_empty(),
            "{rating:?}"
        );
    }
    let case = indicators().overreach("established").build();
    assert!(host().evaluate(evaluate, &case).unwrap().propose.is_empty());
}

#[test]
fn a_withdrawn_rating_gives_the_blocks_back_and_a_weaker_one_only_what_is_held() {
    let first = host().evaluate(evaluate, &indicators().build()).unwrap();
    let after = |rating, state| {
        let case = indicators().rating(rating).after(&first, state).build();
        host().evaluate(evaluate, &case).unwrap().withdraw.len()
    };
    assert_eq!(after(Rating::Benign, "done"), 2);
    assert_eq!(after(Rating::Suspicious, "done"), 0);
    assert_eq!(after(Rating::Suspicious, "held"), 2);
}

#[test]
fn an_address_that_can_be_ours_is_never_blocked() {
    for ours in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "203.0.113.0/24",
        "203.0.113.7/32",
        "fe80::1%eth0",
        "N/A",
        "",
    ] {
        assert!(!is_public(ours), "{ours}");
        let case = CaseBuilder::new().entity(address("observed", ours)).build();
        assert!(
            host().evaluate(evaluate, &case).unwrap().propose.is_empty(),
            "{ours}"
        );
    }
    for public in [
        "203.0.113.7",
        "8.8.8.8",
        "2001:db8::7",
        "::ffff:203.0.113.7",
    ] {
        assert!(is_public(public), "{public}");
    }
}

#[test]
fn a_name_of_somebodys_own_network_is_never_blocked() {
    for own in [
        "dc-01.corp",
        "printer.local",
        "nas.home.arpa",
        "7.113.0.203.in-addr.arpa",
        "localhost",
        "wiki",
    ] {
        let case = CaseBuilder::new().entity(domain("observed", own)).build();
        assert!(
            host().evaluate(evaluate, &case).unwrap().propose.is_empty(),
            "{own}"
        );
    }
    assert!(is_public_name("evil.example"));
}

#[test]
fn what_is_affected_or_only_related_is_not_blocked() {
    let case = CaseBuilder::new()
        .entity(address("affected", "203.0.113.8"))
        .entity(domain("related", "update.example.com"))
        .entity(address("actor", "203.0.113.9"))
        .build();
    assert_eq!(
        targets(&host().evaluate(evaluate, &case).unwrap()),
        ["203.0.113.9"]
    );
}

#[test]
fn so_many_and_no_more_are_blocked_and_a_later_revision_does_not_crowd_out_what_is() {
    let many = |from: u8| {
        let addresses = (from..40).map(|n| address("observed", &format!("203.0.113.{n}")));
        addresses.fold(CaseBuilder::new(), CaseBuilder::entity)
    };
    let bounded = host().setting("indicators-max", 3);
    let first = bounded.evaluate(evaluate, &many(20).build()).unwrap();
    assert_eq!(
        targets(&first),
        ["203.0.113.20", "203.0.113.21", "203.0.113.22"]
    );
    assert_eq!(
        first.note,
        "3 proposed, 17 more left to people (indicators-max 3)"
    );
    let later = many(1).after(&first, "done").build();
    assert_eq!(
        targets(&bounded.evaluate(evaluate, &later).unwrap()),
        targets(&first)
    );
}

#[test]
fn one_indicator_seen_twice_is_one_block() {
    let case = indicators().entity(address("actor", "203.0.113.7")).build();
    assert_eq!(host().evaluate(evaluate, &case).unwrap().propose.len(), 2);
}
