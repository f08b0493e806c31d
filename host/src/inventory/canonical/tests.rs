#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! Targets as alerts write them, and the one text by which they are the same.

use super::*;
use crate::inventory::{Change, Inventory};
use crate::model::{
    Account, Asset, Device, File, Millis, OtherTarget, Process, Resolution, Service, Software,
    UserAccount,
};
use std::collections::BTreeSet;

const NOW: Millis = Millis(1_800_000_000_000);
const STALE: u64 = 30 * Millis::DAY;

pub(in crate::inventory) fn asset(id: &str) -> Asset {
    Asset {
        id: id.into(),
        name: id.to_uppercase(),
        fqdn: Some(format!("{id}.corp.example")),
        aliases: BTreeSet::new(),
        vendor_ids: [("acme/edr".to_owned(), format!("agent-{id}"))].into(),
        addresses: BTreeSet::new(),
        kind: None,
        reviewed: true,
        groups: BTreeSet::new(),
        protection: None,
        owners: BTreeSet::new(),
        managed_by: BTreeSet::new(),
        zone: None,
        first_seen: NOW,
        confirmed: NOW,
    }
}

fn inventory() -> Inventory {
    let mut all = Inventory::default();
    let mut srv = asset("srv-9");
    srv.addresses = ["10.0.0.5".into(), "10.0.1.0/24".into()].into();
    all.apply(&Change::PutAsset(srv));
    all.apply(&Change::PutAsset(asset("ws-17")));
    all
}

fn canonical(target: Target) -> Result<Canonical, Malformed> {
    inventory().canonical(&target, "acme/edr", NOW, STALE)
}

fn device(id: &str, name: &str) -> Device {
    Device {
        id: id.into(),
        name: name.into(),
    }
}

fn process(device: Device) -> Process {
    Process {
        device,
        id: None,
        pid: None,
        started: None,
        name: "autom8.exe".into(),
        sha256: None,
        reference: None,
    }
}

fn file(device: Device, path: &str, hash: Option<&str>) -> Target {
    let sha256 = hash.map(|it| it.repeat(32));
    Target::File(File {
        device,
        path: path.into(),
        sha256,
        reference: None,
    })
}

#[test]
fn one_machine_under_two_names_is_one_target() {
    let spellings = [
        device("agent-srv-9", "SRV-9"),
        device("", "srv-9.CORP.example."),
        device("AGENT-SRV-9", ""),
        device("", r"CORP\SRV-9$"),
        device("", "10.0.0.5"),
    ];
    for it in spellings {
        let found = canonical(Target::Device(it.clone())).unwrap();
        assert_eq!(found.id, "device|asset:srv-9", "{it:?}");
        assert_eq!(found.covered, 1);
    }
    let unknown = canonical(Target::Device(device("77", "nowhere"))).unwrap();
    assert_eq!(unknown.id, "device|id:acme/edr/77");
    assert_eq!(unknown.resolved.resolution, Resolution::Unresolved);
    assert_eq!(
        canonical(Target::Device(device("", "nowhere"))).unwrap().id,
        "device|name:nowhere"
    );
}

#[test]
fn a_process_is_told_by_start_then_hash_then_reference() {
    let at = || device("agent-srv-9", "srv-9");
    let mut it = process(at());
    assert_eq!(
        canonical(Target::Process(it.clone())).unwrap_err().code,
        "CS-target-02"
    );
    it.pid = Some(7);
    assert!(
        canonical(Target::Process(it.clone())).is_err(),
        "a pid alone is reused"
    );
    it.reference = Some("t-1".into());
    assert_eq!(
        canonical(Target::Process(it.clone())).unwrap().id,
        "process|asset:srv-9|ref:acme/edr/t-1"
    );
    it.sha256 = Some("AB".repeat(32));
    let found = canonical(Target::Process(it.clone())).unwrap();
    assert_eq!(
        found.id,
        format!("process|asset:srv-9|sha256:{}", "ab".repeat(32))
    );
    assert_eq!(found.target.sha256(), Some("ab".repeat(32).as_str()));
    it.started = Some(Millis(5));
    assert_eq!(
        canonical(Target::Process(it)).unwrap().id,
        "process|asset:srv-9|pid:7@5",
        "two processes of one image are two"
    );
}

#[test]
fn a_file_needs_a_whole_path_and_a_hash_or_reference() {
    let at = || device("", "srv-9");
    let one = canonical(file(at(), r"C:\Apps\AUTOM8.exe", Some("aa"))).unwrap();
    let same = canonical(file(
        device("agent-srv-9", ""),
        r"\\?\c:\apps\autom8.EXE",
        Some("AA"),
    ))
    .unwrap();
    assert_eq!(one.id, same.id);
    for (path, hash, code) in [
        (r"C:\Apps\a.exe", None, "CS-target-03"),
        (r"C:\Apps\a.exe:x", Some("aa"), "CS-target-05"),
        ("a.exe", Some("aa"), "CS-target-05"),
        (r"C:\Apps\a.exe", Some("zz"), "CS-target-04"),
    ] {
        assert_eq!(canonical(file(at(), path, hash)).unwrap_err().code, code);
    }
}

#[test]
fn an_id_that_is_more_than_one_id_is_refused() {
    for id in [
        "a,b",
        "a;b",
        "*",
        "a b",
        "../../v2/admin",
        "a?x=1",
        "a#b",
        "a%2fb",
        "a'b",
        "ID\u{430}",
    ] {
        let found = canonical(Target::Device(device(id, "srv-9")));
        assert_eq!(found.unwrap_err().code, "CS-target-12", "{id}");
    }
    assert!(
        canonical(Target::Device(device("ldt:0ab1:77|2", "")))
            .unwrap()
            .id
            .ends_with("ldt:0ab1:77%7C2")
    );
}

#[test]
fn a_name_that_cannot_be_read_is_nothing_alone_and_harmless_beside_an_id() {
    let odd = "Kay\u{2019}s Mac\u{202e}";
    assert_eq!(
        canonical(Target::Device(device("", odd))).unwrap_err().code,
        "CS-target-01"
    );
    assert_eq!(
        canonical(Target::Device(device("", ""))).unwrap_err().code,
        "CS-target-01"
    );
    let found = canonical(Target::Device(device("agent-srv-9", odd))).unwrap();
    assert_eq!(found.id, "device|asset:srv-9");
    assert_eq!(found.resolved.resolution, Resolution::Exact);
}

#[test]
fn an_address_covers_the_assets_that_it_overlaps() {
    for (text, id, covered) in [
        ("10.0.0.5", "address|10.0.0.5", 1),
        ("::ffff:10.0.0.5", "address|10.0.0.5", 1),
        ("10.0.1.77", "address|10.0.1.77", 1),
        ("0.0.0.0/0", "address|0.0.0.0/0", 1),
        ("203.0.113.9", "address|203.0.113.9", 0),
    ] {
        let found = canonical(Target::Address(text.into())).unwrap();
        assert_eq!((found.id.as_str(), found.covered), (id, covered), "{text}");
    }
    let domain = canonical(Target::Domain("CORP.example.".into())).unwrap();
    assert_eq!(
        (domain.id.as_str(), domain.covered),
        ("domain|corp.example", 2)
    );
    for (name, covered) in [
        ("srv-9.corp.example", 1),
        ("rv-9.corp.example", 0),
        ("srv.corp.example", 0),
    ] {
        assert_eq!(
            canonical(Target::Domain(name.into())).unwrap().covered,
            covered,
            "{name}"
        );
    }
    let url = canonical(Target::Url("https://srv-9.corp.example/x".into())).unwrap();
    assert_eq!(url.covered, 1);
}

#[test]
fn an_account_is_one_whatever_it_is_called_where_its_names_are_known() {
    let mut all = inventory();
    all.apply(&Change::PutAccount(Account {
        id: "S-1-5-21-1-2-3-1104".into(),
        aliases: ["da-admin@corp.example".into(), r"CORP\da-admin".into()].into(),
    }));
    let read = |id: &str, name: &str, domain: &str| {
        let it = UserAccount {
            id: id.into(),
            name: name.into(),
            domain: domain.into(),
        };
        all.canonical(&Target::Account(it), "acme/edr", NOW, STALE)
            .unwrap()
    };
    for found in [
        read("S-1-5-21-1-2-3-1104", "", ""),
        read("", "DA-Admin@Corp.example", ""),
        read("", "da-admin", "corp.example"),
        read("", r"corp\DA-ADMIN", ""),
    ] {
        assert_eq!(found.id, "account|s-1-5-21-1-2-3-1104");
        assert_eq!(found.resolved.resolution, Resolution::Exact);
    }
    assert_eq!(
        read("", "somebody", "").resolved.resolution,
        Resolution::Unresolved
    );
    assert_eq!(
        read("", "somebody", "corp").resolved.resolution,
        Resolution::Exact
    );
}

#[test]
fn software_services_messages_and_the_rest() {
    let software = |sha256: Option<String>, signer: Option<&str>| {
        canonical(Target::Software(Software {
            sha256,
            signer: signer.map(str::to_owned),
            name: "Autom8".into(),
            path: None,
            reference: None,
        }))
    };
    assert!(
        software(Some("AA".repeat(32)), None)
            .unwrap()
            .id
            .starts_with("software|sha256:aa")
    );
    assert_eq!(
        software(None, Some("CN=Autom8 Inc")).unwrap().id,
        "software|signer:autom8 inc|autom8"
    );
    assert_eq!(software(None, None).unwrap_err().code, "CS-target-11");
    let service = |name: &str| {
        canonical(Target::Service(Service {
            device: device("", "srv-9"),
            name: name.into(),
        }))
    };
    assert_eq!(
        service("Spooler ").unwrap().id,
        "service|asset:srv-9|spooler"
    );
    assert_eq!(service("*").unwrap_err().code, "CS-target-09");
    let other = OtherTarget {
        kind: "container".into(),
        id: "c1".into(),
        attributes: Vec::new(),
    };
    assert_eq!(
        canonical(Target::Other(other)).unwrap().id,
        "other|container|c1"
    );
}
