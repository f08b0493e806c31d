//! The impact: examples that add up, and what must hold whatever the points are.

use super::super::impact::{ImpactInput, impact};
use crate::model::{AssetKind, Protection, Tenure, Verb};
use proptest::prelude::*;

fn plain() -> ImpactInput {
    ImpactInput {
        action: Verb::QuarantineFile,
        asset_kind: AssetKind::Workstation,
        reviewed: true,
        protection: None,
        processes: 0,
        assets_covered: 1,
        tenure: Tenure::New,
        fleet_tenure: Tenure::New,
        working_hours: true,
        change_window: false,
        freeze: false,
        group_under_effect_percent: 0,
    }
}

fn seed() -> ImpactInput {
    ImpactInput {
        action: Verb::StopProcess,
        asset_kind: AssetKind::Server,
        reviewed: false,
        tenure: Tenure::Established,
        fleet_tenure: Tenure::Unknown,
        working_hours: false,
        ..plain()
    }
}

#[test]
fn the_examples_of_the_documentation_add_up() {
    let block = ImpactInput {
        action: Verb::BlockAddress,
        asset_kind: AssetKind::None,
        assets_covered: 40,
        ..plain()
    };
    let tool = ImpactInput {
        action: Verb::ContainDevice,
        tenure: Tenure::Established,
        fleet_tenure: Tenure::Established,
        ..plain()
    };
    let important = ImpactInput {
        action: Verb::ContainDevice,
        protection: Some(Protection::Important),
        ..plain()
    };
    let server = ImpactInput {
        asset_kind: AssetKind::Server,
        ..plain()
    };
    let allow = ImpactInput {
        action: Verb::AllowSoftware,
        asset_kind: AssetKind::None,
        ..plain()
    };
    let critical = ImpactInput {
        reviewed: true,
        protection: Some(Protection::Critical),
        processes: 2,
        ..seed()
    };
    for (points, what) in [
        (15, plain()),
        (
            30,
            ImpactInput {
                action: Verb::StopProcess,
                working_hours: false,
                ..plain()
            },
        ),
        (
            25,
            ImpactInput {
                action: Verb::ContainDevice,
                working_hours: false,
                ..plain()
            },
        ),
        (20, tool),
        (25, server.clone()),
        (
            30,
            ImpactInput {
                working_hours: false,
                ..server
            },
        ),
        (35, important),
        (40, block),
        (75, seed()),
        (100, critical),
        (20, allow.clone()),
        (
            70,
            ImpactInput {
                assets_covered: 4000,
                ..allow
            },
        ),
    ] {
        assert_eq!(impact(&what).total, points, "{what:?}");
    }
}

#[test]
fn the_breakdown_of_the_seed_reads_as_it_adds_up() {
    let lines: Vec<String> = impact(&seed())
        .lines
        .iter()
        .map(|it| format!("{} {}", it.what, it.points))
        .collect();
    assert_eq!(
        lines,
        [
            "intrusiveness: 2 10",
            "loses state 10",
            "a server 10",
            "not reviewed 10",
            "tenure here: established 20",
            "tenure in the fleet: unknown 5",
            "hour: outside working hours 10",
        ]
    );
}

fn inputs() -> impl Strategy<Value = ImpactInput> {
    let verbs: Vec<Verb> = Verb::TABLE.iter().map(|row| row.verb).collect();
    let protection = prop_oneof![
        Just(None),
        proptest::sample::select(Protection::ALL).prop_map(Some)
    ];
    let software = (
        proptest::sample::select(Tenure::ALL),
        proptest::sample::select(Tenure::ALL),
    );
    let hour = (any::<bool>(), any::<bool>(), any::<bool>());
    let numbers = (0..4_i64, 0..200_i64, 0..101_i64);
    let asset = (
        proptest::sample::select(AssetKind::ALL),
        any::<bool>(),
        protection,
    );
    (
        proptest::sample::select(verbs),
        asset,
        software,
        hour,
        numbers,
    )
        .prop_map(|(action, asset, software, hour, numbers)| ImpactInput {
            action,
            asset_kind: asset.0,
            reviewed: asset.1,
            protection: asset.2,
            processes: numbers.0,
            assets_covered: numbers.1,
            tenure: software.0,
            fleet_tenure: software.1,
            working_hours: hour.0,
            change_window: hour.1,
            freeze: hour.2,
            group_under_effect_percent: numbers.2,
        })
}

proptest! {
    #[test]
    fn every_line_costs_and_the_total_is_their_sum_up_to_a_hundred(x in inputs()) {
        let it = impact(&x);
        prop_assert!(it.lines.iter().all(|line| line.points > 0 && !line.what.is_empty()));
        let sum: i64 = it.lines.iter().map(|line| line.points).sum();
        prop_assert_eq!(it.total, sum.min(100));
    }

    #[test]
    fn night_is_never_cheaper_than_day(x in inputs()) {
        let night = ImpactInput { working_hours: false, ..x.clone() };
        let day = ImpactInput { working_hours: true, ..x };
        prop_assert!(impact(&night).total >= impact(&day).total);
    }

    #[test]
    fn one_fact_more_never_makes_it_cheaper(x in inputs(), more in any::<u8>()) {
        let mut y = x.clone();
        match more % 7 {
            0 => y.freeze = true,
            1 => y.change_window = true,
            2 => y.processes += 1,
            3 => y.assets_covered += 60,
            4 => y.group_under_effect_percent = (y.group_under_effect_percent + 20).min(100),
            5 => y.protection = y.protection.max(Some(Protection::Important)),
            _ => y.tenure = y.tenure.max(Tenure::Established),
        }
        prop_assert!(impact(&y).total >= impact(&x).total, "{:?} {:?}", x, y);
    }

    #[test]
    fn what_is_not_known_costs_at_least_what_is_known_to_be_harmless(x in inputs()) {
        let known = ImpactInput { reviewed: true, tenure: Tenure::New, fleet_tenure: Tenure::New, ..x.clone() };
        let unknown = ImpactInput { reviewed: false, tenure: Tenure::Unknown, fleet_tenure: Tenure::Unknown, ..x };
        prop_assert!(impact(&unknown).total >= impact(&known).total);
    }
}
