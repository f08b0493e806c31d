#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! What an alert teaches, and what it must not.

use super::*;
use crate::inventory::canonical::tests::asset;
use crate::model::{Rating, Severity};

const NOW: Millis = Millis(1_800_000_000_000);
const STALE: u64 = 30 * Millis::DAY;

fn alert(id: &str, name: &str, attributes: &[(&str, &str)]) -> Detection {
    let device = Device {
        id: id.into(),
        name: name.into(),
    };
    let attributes = attributes
        .iter()
        .map(|(name, value)| Attribute::new(*name, *value));
    Detection {
        id: "1".into(),
        product: "acme/edr".into(),
        time: NOW,
        title: "x".into(),
        severity: Severity::High,
        rating: Rating::Malicious,
        techniques: Vec::new(),
        entities: vec![Entity {
            role: "affected".into(),
            target: Target::Device(device),
            attributes: attributes.collect(),
        }],
        taken: Vec::new(),
        attributes: Vec::new(),
    }
}

fn put(change: Option<Change>) -> Asset {
    match change {
        Some(Change::PutAsset(asset)) => asset,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_unknown_machine_becomes_an_unreviewed_asset_and_a_server_unless_the_alert_says_otherwise() {
    let all = Inventory::default();
    for (attributes, kind) in [
        (vec![], None),
        (vec![("type", "unknown")], None),
        (vec![("type", "Laptop")], Some(AssetKind::Workstation)),
        (vec![("type", "desktop")], Some(AssetKind::Workstation)),
        (
            vec![("type", "desktop"), ("os.name", "Windows Server 2022")],
            Some(AssetKind::Server),
        ),
        (vec![("type_id", "2")], Some(AssetKind::Workstation)),
        (vec![("type_id", "0")], None),
        (vec![("type_id", "1")], Some(AssetKind::Server)),
        (
            vec![("type_id", "3"), ("type", "server")],
            Some(AssetKind::Server),
        ),
        (vec![("type", "server")], Some(AssetKind::Server)),
        (vec![("type", "kubernetes node")], Some(AssetKind::Server)),
        (vec![("type", "mobile")], Some(AssetKind::Server)),
    ] {
        let alert = alert("77", "SRV-9.corp.example", &attributes);
        let it = put(enrol_from_detection(&alert, &all, NOW, STALE));
        assert_eq!(it.kind, kind, "{attributes:?}");
        assert!(!it.reviewed);
        assert_eq!(
            (it.id.as_str(), it.name.as_str()),
            ("srv-9.corp.example", "srv-9")
        );
        assert_eq!(
            it.vendor_ids.get("acme/edr").map(String::as_str),
            Some("77")
        );
        assert!(it.managed_by.contains("acme/edr"));
        assert!(it.groups.is_empty() && it.protection.is_none());
    }
}

#[test]
fn the_second_alert_teaches_nothing_and_finds_the_asset() {
    let mut all = Inventory::default();
    let alert = alert("77", "SRV-9", &[]);
    all.apply(&enrol_from_detection(&alert, &all, NOW, STALE).unwrap());
    assert_eq!(enrol_from_detection(&alert, &all, NOW, STALE), None);
    let device = alert.device().unwrap();
    assert_eq!(
        all.resolve(device, "acme/edr", NOW, STALE).resolution,
        Resolution::Exact
    );
    let later = NOW.plus(Millis::DAY);
    assert!(matches!(
        enrol_from_detection(&alert, &all, later, STALE),
        Some(Change::Confirm { .. })
    ));
}

#[test]
fn an_ambiguous_or_stale_machine_is_not_enrolled_again() {
    let mut all = Inventory::default();
    all.apply(&Change::PutAsset(asset("dc01")));
    assert_eq!(
        enrol_from_detection(&alert("other", "dc01", &[]), &all, NOW, STALE),
        None
    );
    let later = NOW.plus(STALE + 1);
    assert_eq!(
        enrol_from_detection(&alert("agent-dc01", "dc01", &[]), &all, later, STALE),
        None
    );
}

#[test]
fn the_id_of_a_known_machine_is_learnt_by_its_name_and_not_by_its_address() {
    let mut all = Inventory::default();
    let mut it = asset("erp-01");
    it.vendor_ids.clear();
    it.addresses = ["10.0.0.5".into()].into();
    all.apply(&Change::PutAsset(it));
    let learnt = put(enrol_from_detection(
        &alert("77", "ERP-01", &[]),
        &all,
        NOW,
        STALE,
    ));
    assert_eq!(
        learnt.vendor_ids.get("acme/edr").map(String::as_str),
        Some("77")
    );
    assert!(learnt.reviewed, "what people said stays");
    assert_eq!(
        enrol_from_detection(&alert("77", "10.0.0.5", &[]), &all, NOW, STALE),
        None
    );
}

#[test]
fn a_machine_with_an_unreadable_name_is_enrolled_by_its_id_alone() {
    let all = Inventory::default();
    let it = put(enrol_from_detection(
        &alert("77", "\u{202e}SRV", &[]),
        &all,
        NOW,
        STALE,
    ));
    assert_eq!(it.name, "acme/edr/77");
    assert_eq!(
        enrol_from_detection(&alert("", "\u{202e}SRV", &[]), &all, NOW, STALE),
        None
    );
    assert_eq!(
        enrol_from_detection(&alert("a,b", "", &[]), &all, NOW, STALE),
        None
    );
}

#[test]
fn a_process_names_its_device_where_no_device_is_named() {
    let mut alert = alert("77", "SRV-9", &[]);
    alert.entities[0].target = Target::File(crate::model::File {
        device: Device {
            id: "77".into(),
            name: "SRV-9".into(),
        },
        path: "/a".into(),
        sha256: None,
        reference: None,
    });
    assert_eq!(
        put(enrol_from_detection(
            &alert,
            &Inventory::default(),
            NOW,
            STALE
        ))
        .name,
        "srv-9"
    );
}
