//! What a person reads before deciding.

use super::super::explain::{Asked, explain};
use super::super::impact::{ImpactInput, impact};
use super::{acme, baseline, request};
use crate::model::{AssetKind, Request, Tenure};

/// The row, with an impact that adds up from its own facts.
fn asked(row: &str) -> Asked {
    let mut request: Request = request(row);
    let facts = &request.facts;
    let input = ImpactInput {
        action: request.action,
        asset_kind: facts.asset_kind,
        reviewed: facts.reviewed,
        protection: request.resource.protections().into_iter().max(),
        processes: 0,
        assets_covered: facts.assets_covered,
        tenure: facts.history.tenure,
        fleet_tenure: facts.history.fleet_tenure,
        working_hours: facts.time.working_hours,
        change_window: facts.time.change_window,
        freeze: facts.time.freeze,
        group_under_effect_percent: 0,
    };
    request.facts.impact = impact(&input).total;
    Asked {
        request,
        impact: input,
    }
}

#[test]
fn the_seed_is_explained() {
    insta::assert_snapshot!(explain(&baseline(), &[asked("s01")]));
}

#[test]
fn an_overreach_under_a_tenants_guards_is_explained() {
    insta::assert_snapshot!(explain(&acme(), &[asked("a03")]));
}

#[test]
fn a_floor_is_explained() {
    insta::assert_snapshot!(explain(&baseline(), &[asked("f01")]));
}

#[test]
fn a_hold_against_which_nothing_stands_names_what_people_open() {
    insta::assert_snapshot!(explain(&baseline(), &[asked("h09")]));
}

#[test]
fn a_bundle_is_explained_once() {
    let bundle = [asked("g01"), asked("g02"), asked("g03")];
    insta::assert_snapshot!(explain(&baseline(), &bundle));
}

#[test]
fn what_executes_is_explained_too() {
    insta::assert_snapshot!(explain(&baseline(), &[asked("c02")]));
}

#[test]
fn alternatives_are_asked_with_their_own_impact_strongest_first() {
    let mut it = asked("c24");
    it.request.facts.threshold.alone = 25;
    let explanation = explain(&baseline(), &[it]);
    let told: Vec<(&str, i64)> = explanation
        .alternatives
        .iter()
        .map(|it| (it.action.as_str(), it.impact))
        .collect();
    assert_eq!(told, [("suspend-process", 25), ("collect-evidence", 15)]);
    assert_eq!(
        explanation.without_anybody().unwrap().action.as_str(),
        "suspend-process"
    );
}

#[test]
fn an_explanation_survives_the_journal() {
    let explanation = explain(&acme(), &[asked("b01")]);
    let text = serde_json::to_string(&explanation).unwrap();
    assert_eq!(
        serde_json::from_str::<super::super::Explanation>(&text).unwrap(),
        explanation
    );
    let seed = asked("s05");
    assert_eq!(seed.impact.tenure, Tenure::Unknown);
    assert_eq!(seed.impact.asset_kind, AssetKind::Server);
}
