#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! The table of the seed: what reads as new, as established, and as neither.

use super::*;
use crate::model::Rating;

const NOW: Millis = Millis(1_800_000_000_000);

fn ago(days: u64) -> Millis {
    NOW.minus(days * Millis::DAY)
}

fn autom8(hash: &str, signer: Option<&str>) -> Software {
    Software {
        sha256: Some(hash.repeat(32)),
        signer: signer.map(str::to_owned),
        name: "Autom8".into(),
        path: Some(r"C:\Apps\Autom8\autom8.exe".into()),
        reference: None,
    }
}

fn with(rows: &[(&Software, &str, u64, u64, bool)]) -> Sightings {
    let mut all = Sightings::default();
    for (software, asset, first, last, covered) in rows {
        for seen in Seen::of(
            software,
            &AssetId::from(*asset),
            ago(*first),
            ago(*last),
            *covered,
        ) {
            all.apply(&seen);
        }
    }
    all
}

#[test]
fn tenure_on_an_asset_is_three_valued() {
    let (it, other) = (autom8("aa", None), autom8("bb", None));
    let mut other = other;
    other.path = Some(r"C:\Apps\Other\other.exe".into());
    other.name = "Other".into();
    let srv: AssetId = "srv-9".into();
    for (rows, expected, why) in [
        (vec![], Tenure::Unknown, "no data"),
        (
            vec![(&it, "srv-9", 90, 0, true)],
            Tenure::Established,
            "seen for months",
        ),
        (
            vec![(&it, "srv-9", 30, 0, true)],
            Tenure::Established,
            "exactly thirty days",
        ),
        (
            vec![(&it, "srv-9", 29, 0, true)],
            Tenure::Unknown,
            "looked at for less than thirty days",
        ),
        (
            vec![(&it, "srv-9", 3, 0, true), (&other, "srv-9", 90, 0, true)],
            Tenure::New,
            "seen lately, looked at for months",
        ),
        (
            vec![(&other, "srv-9", 90, 0, true)],
            Tenure::New,
            "never seen, looked at for months",
        ),
        (
            vec![(&other, "srv-9", 90, 20, true)],
            Tenure::Unknown,
            "nobody has looked for weeks",
        ),
        (
            vec![(&other, "srv-9", 90, 0, false)],
            Tenure::Unknown,
            "only alerts",
        ),
        (
            vec![(&it, "srv-9", 90, 0, false)],
            Tenure::Established,
            "an alert months ago is a sighting",
        ),
        (
            vec![(&other, "ws-1", 90, 0, true)],
            Tenure::Unknown,
            "looked at elsewhere",
        ),
        (
            vec![(&it, "ws-1", 90, 0, true)],
            Tenure::Unknown,
            "established elsewhere only",
        ),
    ] {
        assert_eq!(
            with(&rows).software_tenure(&it, &srv, NOW),
            expected,
            "{why}"
        );
    }
}

#[test]
fn software_without_any_lineage_is_unknown_even_where_somebody_looks() {
    let nothing = Software {
        name: "x".into(),
        ..Software::default()
    };
    let all = with(&[(&autom8("aa", None), "srv-9", 90, 0, true)]);
    assert_eq!(
        all.software_tenure(&nothing, &"srv-9".into(), NOW),
        Tenure::Unknown
    );
    assert_eq!(all.software_fleet_tenure(&nothing, 1, NOW), Tenure::Unknown);
}

#[test]
fn an_update_keeps_its_history_signed_or_not() {
    let srv: AssetId = "srv-9".into();
    for signer in [None, Some("Autom8 Inc")] {
        let all = with(&[(&autom8("aa", signer), "srv-9", 90, 1, true)]);
        let update = autom8("bb", signer);
        assert_eq!(all.software_tenure(&update, &srv, NOW), Tenure::Established);
        let last = all.software_last(&update, &srv).unwrap();
        let what = changed(&LastSeen::sighted(last), &LastSeen::of_software(&update));
        assert_eq!(what, [Changed::Hash]);
    }
}

#[test]
fn an_alert_that_knows_less_than_the_telemetry_finds_the_history() {
    let all = with(&[(&autom8("aa", Some("Autom8 Inc")), "srv-9", 90, 1, true)]);
    let alert = Software {
        path: Some(r"\Device\HarddiskVolume3\Apps\Autom8\autom8.exe".into()),
        name: "autom8.exe".into(),
        ..Software::default()
    };
    assert_eq!(
        all.software_tenure(&alert, &"srv-9".into(), NOW),
        Tenure::Established
    );
}

#[test]
fn the_fleet_is_new_only_where_nine_of_ten_assets_are_looked_at() {
    let (it, mut other) = (autom8("aa", None), autom8("bb", None));
    other.path = Some(r"C:\x\other.exe".into());
    other.name = "Other".into();
    let names: Vec<String> = (0..9).map(|n| format!("ws-{n}")).collect();
    let rows: Vec<_> = names
        .iter()
        .map(|name| (&other, name.as_str(), 60, 1, true))
        .collect();
    let all = with(&rows);
    assert_eq!(all.software_fleet_tenure(&it, 10, NOW), Tenure::New);
    assert_eq!(all.software_fleet_tenure(&it, 11, NOW), Tenure::Unknown);
    assert_eq!(
        all.software_fleet_tenure(&other, 1000, NOW),
        Tenure::Established
    );
    assert_eq!(
        Sightings::default().software_fleet_tenure(&it, 0, NOW),
        Tenure::Unknown
    );
}

#[test]
fn order_of_sightings_does_not_matter() {
    let it = autom8("aa", None);
    let rows = [
        (&it, "srv-9", 90, 80, true),
        (&it, "srv-9", 10, 1, false),
        (&it, "srv-9", 40, 30, true),
    ];
    let forward = with(&rows);
    let backward = with(&rows.iter().rev().copied().collect::<Vec<_>>());
    let srv: AssetId = "srv-9".into();
    assert_eq!(
        forward.software_last(&it, &srv),
        backward.software_last(&it, &srv)
    );
    assert_eq!(forward.span(&it, None), Some((ago(90), ago(1))));
    assert_eq!(forward.software_devices(&it), 1);
    assert_eq!(forward.looking_since(&srv), Some(ago(90)));
}

#[test]
fn only_what_both_sides_know_has_changed() {
    let before = LastSeen {
        rating: Some(Rating::Unknown),
        rule: Some("a".into()),
        agent: Some("1".into()),
        signer: Some("x".into()),
        ..LastSeen::default()
    };
    let now = LastSeen {
        rating: Some(Rating::Malicious),
        rule: Some("b".into()),
        agent: Some("1".into()),
        content: Some("7".into()),
        ..LastSeen::default()
    };
    assert_eq!(changed(&before, &now), [Changed::Rating, Changed::Rule]);
    assert!(changed(&now, &now).is_empty());
}

#[test]
fn a_flip_is_established_software_that_nobody_called_malicious_before() {
    use Rating::{Malicious, Suspicious};
    use Tenure::{Established, New, Unknown};
    assert!(rating_flip(Established, Unknown, None, Malicious));
    assert!(rating_flip(
        Unknown,
        Established,
        Some(Suspicious),
        Malicious
    ));
    assert!(!rating_flip(
        Established,
        Established,
        Some(Malicious),
        Malicious
    ));
    assert!(!rating_flip(New, Unknown, None, Malicious));
    assert!(!rating_flip(Established, Unknown, None, Suspicious));
}
