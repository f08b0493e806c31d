//! The two ways to fail open, and what stands in each.

use super::super::error::GuardFile;
use super::super::finding::Finding;
use super::super::naming;
use super::super::question::said;
use super::super::set::Guards;
use super::super::store::{Check, store};
use super::super::{canary, context};
use super::{baseline, everybody, request};
use crate::model::{Approvals, TargetKind, TenantId, Verb};
use cedar_policy::{Authorizer, Decision, Entity};
use std::collections::{HashMap, HashSet};

/// Validates, and overflows: the guard that it is in is skipped.
const OVERFLOWS: &str = r#"
@id("acme-overflows") @reason("r") @advice("a")
forbid (principal, action in Action::"intrusive", resource)
when { context.surge.causeDevices * 9223372036854775807 > 9 };
"#;

#[test]
fn a_skipped_error_check_is_noticed() {
    let guards = Guards::load(&[GuardFile::new("o.cedar", OVERFLOWS)]).unwrap();
    let mut request = request("c02");
    request.facts.surge.cause_devices = 1;
    // without an error the guard speaks
    let refused = guards.answer(std::slice::from_ref(&request));
    assert_eq!(refused.finding, Finding::Refuse);
    assert_eq!(refused.against[0].id, "acme-overflows");
    // with one Cedar skips it, and would allow
    request.facts.surge.cause_devices = 2;
    for answer in [
        guards.answer(std::slice::from_ref(&request)),
        guards.by_definition(std::slice::from_ref(&request)),
        guards.in_emergency(std::slice::from_ref(&request)),
    ] {
        assert_eq!(answer.finding, Finding::Refuse);
        assert!(answer.errors[0].contains("acme-overflows"), "{answer:?}");
    }
    let permit = guards.permits(&[request], &everybody());
    assert!(!permit.allowed, "{permit:?}");
    assert!(permit.errors[0].contains("CS-guard-20"), "{permit:?}");
}

#[test]
fn one_request_that_errs_refuses_its_whole_bundle() {
    let guards = Guards::load(&[GuardFile::new("o.cedar", OVERFLOWS)]).unwrap();
    let mut errs = request("c02");
    errs.facts.surge.cause_devices = 2;
    let answer = guards.answer(&[request("g11"), errs]);
    assert_eq!(answer.finding, Finding::Refuse);
    assert!(!answer.errors.is_empty());
}

#[test]
fn a_response_with_an_error_is_no_permission_though_cedar_says_allow() {
    let (guards, request) = (baseline(), request("c16"));
    let nobody = context::approvals(&Approvals::default(), &request.resource.tenant).unwrap();
    let context = context::facts(&request.facts)
        .unwrap()
        .merge(nobody)
        .unwrap();
    let asked = cedar_policy::Request::new(
        naming::principal(&request.principal).unwrap(),
        naming::action(request.action).unwrap(),
        naming::resource(&request.resource).unwrap(),
        context,
        None,
    )
    .unwrap();
    // who asks and on what are missing from the store: floor-tenant errs and is skipped
    let store = guards.rules.schema.action_entities().unwrap();
    let response = Authorizer::new().is_authorized(&asked, &guards.whole, &store);
    assert_eq!(response.decision(), Decision::Allow);
    assert!(said(&response).unwrap_err()[0].contains("floor-tenant"));
}

#[test]
fn the_action_is_in_every_store_with_the_groups_it_belongs_to() {
    let (guards, request) = (baseline(), request("c02"));
    for row in Verb::TABLE {
        let action = guards.rules.action(row.verb).unwrap();
        let store = store(&request.principal, action, &request.resource, Check::No).unwrap();
        let above = store.ancestors(&action.uid()).unwrap().count();
        assert!(above >= 1, "{}", row.verb);
    }
}

#[test]
fn a_store_without_its_action_opens_the_floors_and_the_canary_notices() {
    let mut guards = baseline();
    canary::sing(&guards).unwrap();
    for action in guards.rules.actions.values_mut() {
        let bare = Entity::new(action.uid(), HashMap::new(), HashSet::new());
        *action = bare.unwrap();
    }
    assert!(canary::sing(&guards).unwrap_err().contains("floor-never"));
}

#[test]
fn a_target_that_no_guard_speaks_of_is_refused_with_the_reason() {
    for kind in [TargetKind::Message, TargetKind::Url, TargetKind::Other] {
        let mut request = request("c02");
        request.resource.kind = kind;
        let answer = baseline().answer(std::slice::from_ref(&request));
        assert_eq!(answer.finding, Finding::Refuse);
        assert!(answer.errors[0].contains(kind.as_str()), "{answer:?}");
        assert!(!baseline().permits(&[request], &everybody()).allowed);
    }
    // and so is a pair that the schema does not have
    let mut request = request("c02");
    request.action = Verb::ContainDevice;
    let answer = baseline().answer(&[request]);
    assert!(answer.errors[0].contains("CS-guard-21"), "{answer:?}");
}

#[test]
fn the_tenants_are_compared_in_rust_as_well() {
    // a baseline whose floor lets one neighbour through would still be stopped
    let text = super::super::schema::baseline_file().text.replace(
        "unless { principal.tenant == resource.tenant };",
        "unless { principal.tenant == resource.tenant || principal.tenant == Tenant::\"globex\" };",
    );
    let guards = Guards::assemble(&GuardFile::new("baseline.cedar", text), &[]).unwrap();
    let answer = guards.answer(&[request("h02")]);
    assert_eq!(answer.finding, Finding::Refuse);
    assert!(answer.errors[0].contains("globex"), "{answer:?}");
}

#[test]
fn a_person_of_another_tenant_is_never_met_by_a_namesake() {
    let text = r#"
@id("acme-globex-duty") @reason("r") @advice("a")
forbid (principal, action in Action::"intrusive", resource)
unless { context.approvals.people.contains(Person::"globex/duty") };
"#;
    let guards = Guards::load(&[GuardFile::new("p.cedar", text)]).unwrap();
    let request = [request("c02")];
    assert_eq!(guards.answer(&request).finding, Finding::Refuse);
    assert_eq!(guards.by_definition(&request).finding, Finding::Refuse);
    let namesakes = Approvals {
        count: 2,
        people: ["duty".into(), "globex/duty".into()].into(),
        ..Approvals::default()
    };
    assert!(!guards.permits(&request, &namesakes).allowed);
    assert_eq!(TenantId::new("acme"), request[0].resource.tenant);
}

#[test]
fn a_device_that_is_said_to_stand_on_itself_is_judged_like_any_other() {
    let (guards, plain) = (baseline(), request("c05"));
    let mut circular = plain.clone();
    let itself = crate::model::Ancestor::Device(circular.resource.id.clone());
    circular.resource.ancestors.insert(itself);
    assert_eq!(guards.answer(&[circular]), guards.answer(&[plain]));
}
