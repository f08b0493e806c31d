//! The table of the baseline, with and without the example tenant's guards.

use super::super::scenario_run::{Column, run_embedded, written};
use super::super::set::Guards;
use super::super::{finding::Finding, scenario, schema::scenarios_file};
use super::{acme, baseline};
use crate::model::Request;

fn all_hold(guards: &Guards, column: Column) -> usize {
    let report = run_embedded(guards, column).unwrap();
    let failed = report.errors(&scenarios_file());
    assert!(failed.is_empty(), "{failed:#?}");
    report.rows.len()
}

#[test]
fn every_scenario_comes_out_as_decided() {
    assert_eq!(all_hold(&baseline(), Column::Expect), 172);
}

#[test]
fn every_scenario_comes_out_as_decided_under_a_tenants_guards() {
    assert_eq!(all_hold(&acme(), Column::Acme), 172);
}
