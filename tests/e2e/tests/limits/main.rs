//! Every limit of the table, set in the config file and seen at work through the API, each by a
//! guest that misbehaves in that one way; and meanwhile another case is judged.
//!
//! The limits that end a call at the same place each time are set together in one file, because
//! each guest reaches its own and no other. What ends by a clock, and the log's bytes behind the
//! log's lines, cannot be seen beside them: they are set in a second file on the same workspace.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod connectors;
mod engine;
mod playbooks;
mod rows;
mod sources;

use countersign::engine::{LimitKind, Limits};

#[test]
fn the_list_of_limits_and_the_list_of_checks_are_the_same_list() {
    for kind in LimitKind::ALL {
        let mut limits: Vec<&str> = Limits::rows(*kind).map(|row| row.name).collect();
        let mut checks: Vec<&str> = rows::of(*kind).map(|row| row.name).collect();
        limits.sort_unstable();
        checks.sort_unstable();
        assert_eq!(limits, checks, "{}", kind.as_str());
    }
}

#[test]
fn every_limit_is_set_lower_than_its_default() {
    for kind in LimitKind::ALL {
        for row in Limits::rows(*kind) {
            let check = rows::of(*kind).find(|it| it.name == row.name).unwrap();
            let default = row.default_of(*kind).unwrap();
            assert!(check.value < default, "{} {}", kind.as_str(), row.name);
        }
    }
}
