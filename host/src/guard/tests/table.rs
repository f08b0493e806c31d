//! The table of the baseline, with and without the example tenant's guards, and bundles.

use super::super::finding::Finding;
use super::super::scenario_run::{Column, run_embedded, run_scenarios, same, written};
use super::super::{GuardError, GuardFile, Guards};
use super::{acme, acme_file, baseline, request};
use crate::model::{Approvals, Request, Role, TenantId};

fn all_hold(guards: &Guards, column: Column) -> Vec<usize> {
    let reports = run_embedded(guards, column).unwrap();
    let failed: Vec<GuardError> = reports.iter().flat_map(|it| it.errors()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    reports.iter().map(|it| it.rows.len()).collect()
}

#[test]
fn every_scenario_comes_out_as_decided() {
    assert_eq!(all_hold(&baseline(), Column::Expect), [172, 4]);
}

#[test]
fn every_scenario_comes_out_as_decided_under_a_tenants_guards() {
    assert_eq!(all_hold(&acme(), Column::Acme), [172]);
}

#[test]
fn the_seed_is_held_however_it_is_told() {
    let guards = baseline();
    let owner = Approvals {
        count: 2,
        roles: [Role::Owner].into(),
        ..Approvals::default()
    };
    for row in ["s01", "s02", "s03", "s04", "s05"] {
        let answer = guards.answer(&[request(row)]);
        assert_eq!(answer.finding, Finding::Hold(owner.clone()), "{row}");
    }
}

#[test]
fn the_repair_of_the_seed_is_one_decision_of_two_people() {
    let guards = baseline();
    let bundle: Vec<Request> = ["g01", "g02", "g03"].iter().map(|it| request(it)).collect();
    let acme = TenantId::new("acme");
    let answer = guards.answer(&bundle);
    assert_eq!(written(&answer.finding, &acme), "hold 2 owner");
    assert!(same(&answer, &guards.by_definition(&bundle)), "{answer:?}");
    let hurry = guards.in_emergency(&bundle);
    assert_eq!(written(&hurry.finding, &acme), "hold 2 lead");
    let one = Approvals {
        count: 1,
        roles: [Role::Lead].into(),
        ..Approvals::default()
    };
    // enough for its first step alone, and not for the bundle
    assert!(guards.permits(&bundle[..1], &one).allowed);
    assert!(!guards.permits(&bundle, &one).allowed);
}

#[test]
fn a_bundle_is_searched_as_the_definition_says() {
    let guards = acme();
    let rows = [
        "c01", "c02", "c07", "c09", "d02", "f09", "g01", "g11", "h11", "h14", "b01", "f01",
    ];
    for (i, first) in rows.iter().enumerate() {
        for second in &rows[i..] {
            let bundle = [request(first), request(second)];
            let (quick, plain) = (guards.answer(&bundle), guards.by_definition(&bundle));
            assert!(
                same(&quick, &plain),
                "{first} with {second}: {quick:?} {plain:?}"
            );
        }
    }
}

#[test]
fn a_bundle_of_two_tenants_is_refused() {
    let mut other = request("c01");
    other.resource.tenant = TenantId::new("globex");
    let answer = baseline().answer(&[request("c01"), other]);
    assert_eq!(answer.finding, Finding::Refuse);
    assert!(answer.errors[0].contains("two tenants"), "{answer:?}");
    assert_eq!(baseline().answer(&[]).finding, Finding::Refuse);
}

#[test]
fn a_tenants_own_table_stands_on_the_embedded_one() {
    let file = GuardFile::new(
        "tenants/contoso/scenarios/own.toml",
        r#"
[world]
"Device::contoso/KIOSK-1" = { in = ["AssetGroup::contoso/kiosks"] }
"AssetGroup::contoso/kiosks" = { in = ["Protection::critical"] }
[facts.busy]
surge = { causeDevices = 40 }
[scenarios]
"a kiosk" = { do = "contain-device", on = "Device::contoso/KIOSK-1", expect = "hold 2 owner" }
"the embedded world is theirs" = { do = "contain-device", on = "Device::contoso/WS-17", facts = ["busy"], expect = "execute" }
"#,
    );
    let report = run_scenarios(&baseline(), &TenantId::new("contoso"), &file).unwrap();
    assert_eq!((report.rows.len(), report.failed), (2, 1));
    assert_eq!(report.rows[0].got, "hold 2 owner");
    assert_eq!(report.rows[1].got, "hold 1 lead");
    let errors = report.errors();
    assert_eq!((errors[0].code, errors[0].line), ("CS-guard-11", 9));
}

#[test]
fn a_set_whose_scenarios_fail_is_not_loaded() {
    let acme = TenantId::new("acme");
    let table = |expect: &str| {
        let row = format!(
            "[scenarios]\n\"board\" = {{ do = \"disable-account\", on = \"Account::acme/ceo\", facts = [\"none\"], expect = \"{expect}\" }}\n"
        );
        [GuardFile::new("own.toml", row)]
    };
    let (guards, reports) =
        Guards::load_checked(&acme, &[acme_file()], &table("hold 2 owner")).unwrap();
    assert_eq!(reports[0].failed, 0);
    assert_eq!(guards.digest(), super::acme().digest());
    let errors = Guards::load_checked(&acme, &[acme_file()], &table("execute")).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].code, errors[0].line), ("CS-guard-11", 2));
    assert!(
        errors[0]
            .message
            .contains("wanted execute, got hold 2 owner"),
        "{}",
        errors[0]
    );
}

#[test]
fn a_table_that_cannot_be_read_names_every_row_that_is_wrong() {
    let acme = TenantId::new("acme");
    let bad = |text: &str| {
        run_scenarios(&baseline(), &acme, &GuardFile::new("t.toml", text)).unwrap_err()
    };
    let rows = bad(r#"[scenarios]
"no such action" = { do = "kill-process", on = "Device::acme/WS-17", expect = "execute" }
"no such fact" = { do = "contain-device", on = "Device::acme/WS-17", with = { confidence = 90 }, expect = "execute" }
"no such word" = { do = "contain-device", on = "Device::acme/WS-17", with = { mode = "enforced" }, expect = "execute" }
"no such target" = { do = "contain-device", on = "Device::acme/WS-99", expect = "execute" }
"no such key" = { do = "contain-device", on = "Device::acme/WS-17", expects = "execute" }
"no such set" = { do = "contain-device", on = "Device::acme/WS-17", facts = ["weekend"], expect = "execute" }
"#);
    let lines: Vec<u32> = rows.iter().map(|it| it.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7], "{rows:#?}");
    assert!(rows.iter().all(|it| it.code == "CS-guard-10"));
    assert_eq!(bad("[scenarios]\n\"a\" = ").first().unwrap().line, 2);
    assert_eq!(bad("[scenario]\n").first().unwrap().code, "CS-guard-10");
}
