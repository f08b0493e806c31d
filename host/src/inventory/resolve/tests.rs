#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! The table of resolution.

use super::*;
use crate::inventory::Change;
use crate::inventory::canonical::tests::asset;

const NOW: Millis = Millis(1_800_000_000_000);
const STALE: u64 = 30 * Millis::DAY;

/// dc01 (corp), dc01 (lab), ws-17, web-11, an old one, one without a domain, two with one id.
fn inventory() -> Inventory {
    let mut all = Inventory::default();
    let mut put = |asset: Asset| all.apply(&Change::PutAsset(asset));
    put(asset("dc01"));
    let mut lab = asset("dc01-lab");
    lab.name = "dc01".into();
    lab.fqdn = Some("dc01.lab.example".into());
    put(lab);
    let mut ws = asset("ws-17");
    ws.aliases = ["kiosk".into()].into();
    ws.addresses = ["10.0.0.17".into()].into();
    put(ws);
    put(asset("web-11"));
    let mut old = asset("old-1");
    old.confirmed = NOW.minus(STALE + 1);
    put(old);
    let mut plain = asset("plain");
    plain.fqdn = None;
    plain.vendor_ids.clear();
    put(plain);
    for id in ["twin-a", "twin-b"] {
        let mut twin = asset(id);
        twin.vendor_ids = [("acme/edr".to_owned(), "agent-twin".to_owned())].into();
        put(twin);
    }
    all
}

#[test]
fn the_table_of_resolution() {
    use Resolution::{Ambiguous, Exact, Stale, Unresolved};
    let all = inventory();
    for (id, name, resolution, assets, why) in [
        ("agent-ws-17", "", Exact, "ws-17", "id alone"),
        ("agent-ws-17", "WS-17", Exact, "ws-17", "id and name agree"),
        (
            "agent-ws-17",
            "renamed",
            Exact,
            "ws-17",
            "a new name of a known id",
        ),
        (
            "agent-ws-17",
            "web-11",
            Ambiguous,
            "web-11 ws-17",
            "the name is another's",
        ),
        (
            "agent-ws-17",
            "web-11.other.example",
            Ambiguous,
            "web-11 ws-17",
            "the name may be another's",
        ),
        ("", "ws-17", Exact, "ws-17", "name alone"),
        ("", "WS-17.corp.example.", Exact, "ws-17", "FQDN"),
        ("", "KIOSK", Exact, "ws-17", "alias"),
        ("", "10.0.0.17", Exact, "ws-17", "address"),
        ("", "::ffff:10.0.0.17", Exact, "ws-17", "mapped address"),
        (
            "plain",
            "",
            Exact,
            "plain",
            "a product that gives the name as id",
        ),
        (
            "agent-new",
            "ws-17",
            Ambiguous,
            "ws-17",
            "another id of the same product has that name",
        ),
        (
            "agent-new",
            "plain",
            Exact,
            "plain",
            "the product has no id for it yet",
        ),
        (
            "",
            "plain.corp.example",
            Exact,
            "plain",
            "no domain is known of it",
        ),
        (
            "",
            "ws-17.other.example",
            Ambiguous,
            "ws-17",
            "the same name in another domain",
        ),
        ("", "dc01", Ambiguous, "dc01 dc01-lab", "two of that name"),
        (
            "",
            "dc01.lab.example",
            Exact,
            "dc01-lab",
            "the FQDN says which",
        ),
        ("agent-dc01", "dc01", Exact, "dc01", "the id says which"),
        (
            "agent-twin",
            "",
            Ambiguous,
            "twin-a twin-b",
            "one id of two assets",
        ),
        (
            "agent-twin",
            "twin-a",
            Ambiguous,
            "twin-a twin-b",
            "the name does not mend it",
        ),
        ("", "web-l1", Unresolved, "", "plain letters are told apart"),
        (
            "",
            "w\u{435}b-11",
            Ambiguous,
            "web-11",
            "Cyrillic look-alike",
        ),
        (
            "",
            "web\u{200b}-11",
            Ambiguous,
            "web-11",
            "invisible character",
        ),
        (
            "agent-ws-17",
            "w\u{435}b-11",
            Ambiguous,
            "web-11 ws-17",
            "an id with a look-alike of another's name",
        ),
        ("agent-old-1", "", Stale, "old-1", "not confirmed lately"),
        ("", "old-1", Stale, "old-1", "not confirmed lately"),
        ("99", "nowhere", Unresolved, "", "unknown"),
        ("", "", Unresolved, "", "nothing"),
        ("", "*", Unresolved, "", "a pattern"),
        ("", "dc01,ws-17", Unresolved, "", "a list"),
    ] {
        let device = Device {
            id: id.into(),
            name: name.into(),
        };
        let found = all.resolve(&device, "acme/edr", NOW, STALE);
        let got: Vec<&str> = found.assets.iter().map(AssetId::as_str).collect();
        assert_eq!(
            (found.resolution, got.join(" ")),
            (resolution, assets.to_owned()),
            "{why}"
        );
    }
}

#[test]
fn ids_of_another_product_do_not_count() {
    let device = Device {
        id: "agent-ws-17".into(),
        name: String::new(),
    };
    let found = inventory().resolve(&device, "other/edr", NOW, STALE);
    assert_eq!(found.resolution, Resolution::Unresolved);
}

#[test]
fn a_name_shared_with_others_is_reported_beside_an_exact_id() {
    let device = Device {
        id: "agent-dc01".into(),
        name: "dc01".into(),
    };
    let found = inventory().resolve(&device, "acme/edr", NOW, STALE);
    assert_eq!(found.collides, vec![AssetId::from("dc01-lab")]);
}

#[test]
fn a_person_may_type_any_name_of_an_asset() {
    let all = inventory();
    for text in [
        "ws-17",
        "KIOSK",
        "10.0.0.17",
        "agent-ws-17",
        "ws-17.corp.example",
    ] {
        let found = all.resolve_name(text, NOW, STALE);
        assert_eq!(found.sole_asset(), Some(&AssetId::from("ws-17")), "{text}");
    }
    assert_eq!(
        all.resolve_name("nobody", NOW, STALE).resolution,
        Resolution::Unresolved
    );
}

#[test]
fn what_was_removed_or_renamed_is_not_found_by_its_old_names() {
    let mut all = inventory();
    let mut ws = asset("ws-17");
    ws.name = "ws-18".into();
    ws.fqdn = None;
    ws.vendor_ids.clear();
    all.apply(&Change::PutAsset(ws));
    for text in ["KIOSK", "10.0.0.17", "agent-ws-17", "ws-17.corp.example"] {
        assert_eq!(
            all.resolve_name(text, NOW, STALE).resolution,
            Resolution::Unresolved,
            "{text}"
        );
    }
    all.apply(&Change::RemoveAsset("ws-17".into()));
    assert_eq!(
        all.resolve_name("ws-18", NOW, STALE).resolution,
        Resolution::Unresolved
    );
}

#[test]
fn a_confirmed_asset_is_not_stale_any_more() {
    let mut all = inventory();
    all.apply(&Change::Confirm {
        assets: ["old-1".into()].into(),
        at: NOW,
    });
    assert_eq!(
        all.resolve_name("old-1", NOW, STALE).resolution,
        Resolution::Exact
    );
}
