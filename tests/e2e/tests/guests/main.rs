//! Every guest, loaded and called as the host does it, and what became of it.
//!
//! One test a guest, named after it: the list of guests and the list of tests are the same list,
//! and a test below says so.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod connectors;
mod load;
mod playbooks;
mod shipped;
mod sources;
mod support;

use std::collections::BTreeSet;

#[test]
fn the_list_of_guests_and_the_list_of_tests_are_the_same_list() {
    let sources = [
        include_str!("connectors.rs"),
        include_str!("load.rs"),
        include_str!("playbooks.rs"),
        include_str!("sources.rs"),
    ];
    let tests: BTreeSet<String> = sources
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(|line| line.trim().strip_prefix("guest!("))
        .map(|rest| rest.trim_matches(['(', ')', ',', '{', ' ', '"']).to_owned())
        .map(|rest| {
            rest.split([',', ' '])
                .next()
                .unwrap_or_default()
                .replace('_', "-")
        })
        .collect();
    let guests: BTreeSet<String> = e2e::guests::names().into_iter().collect();
    assert_eq!(guests, tests);
    assert!(guests.len() > 30, "{}", guests.len());
}
