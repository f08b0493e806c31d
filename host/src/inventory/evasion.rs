#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! Ways around a guard by spelling, as one table: each is refused, or meets the protection that
//! the plain spelling meets. The rows about rules at run time belong to the guards.

use super::canonical::tests::asset;
use super::{Change, Inventory};
use crate::model::{
    Account, Device, Edge, File, Millis, Node, Protection, Service, Target, UserAccount,
};
use std::collections::BTreeSet;

const NOW: Millis = Millis(1_800_000_000_000);

/// dc01 (10.0.0.5, never), account da-admin (never), domain corp.example (never).
fn inventory() -> Inventory {
    let mut all = Inventory::default();
    let mut dc = asset("dc01");
    dc.aliases = ["old-dc".into(), "ldap.corp.example".into()].into();
    dc.addresses = ["10.0.0.5".into(), "10.0.7.5".into()].into();
    dc.protection = Some(Protection::Never);
    all.apply(&Change::PutAsset(dc));
    all.apply(&Change::PutAccount(Account {
        id: "S-1-5-21-1-2-3-1104".into(),
        aliases: ["da-admin@corp.example".into(), r"CORP\da-admin".into()].into(),
    }));
    for node in [
        Node::Account("S-1-5-21-1-2-3-1104".into()),
        Node::Domain("corp.example".into()),
    ] {
        all.apply(&Change::PutEdge(Edge {
            node,
            groups: BTreeSet::new(),
            protection: Some(Protection::Never),
            internal: true,
            privileged: true,
        }));
    }
    all
}

fn name(name: &str) -> Target {
    Target::Device(Device {
        id: String::new(),
        name: name.into(),
    })
}

fn address(text: &str) -> Target {
    Target::Address(text.into())
}

fn domain(text: &str) -> Target {
    Target::Domain(text.into())
}

fn account(id: &str, name: &str, domain: &str) -> Target {
    Target::Account(UserAccount {
        id: id.into(),
        name: name.into(),
        domain: domain.into(),
    })
}

fn file(path: &str, sha256: &str) -> Target {
    Target::File(File {
        device: Device {
            id: String::new(),
            name: "ws-1".into(),
        },
        path: path.into(),
        sha256: Some(sha256.into()),
        reference: None,
    })
}

/// Refused, or never-touch.
fn is_stopped(all: &Inventory, target: &Target) -> bool {
    match all.canonical(target, "acme/edr", NOW, u64::MAX) {
        Err(_) => true,
        Ok(it) => {
            let reach = all.reach(&"acme".into(), &it, None);
            reach.resource.protections().contains(&Protection::Never)
        }
    }
}

#[test]
fn no_spelling_gets_around_a_never() {
    let all = inventory();
    let hash = "ab".repeat(32);
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    #[rustfmt::skip] // one row of the catalogue a line
    let rows: Vec<(u32, Vec<Target>)> = vec![
        (116, ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1"].map(address).into()),
        (117, ["10.0.0.5/8", "10.0.0.99/24"].map(address).into()),
        (118, [
            "::ffff:10.0.0.5", "::ffff:a00:5", "::10.0.0.5", "64:ff9b::a00:5", "2002:a00:5::",
            "2001:0:1:2:3:4:f5ff:fffa",
        ].map(address).into()),
        (119, ["10.0.0.1-10.0.0.9", "10.0.0.5,10.0.0.6", "10.0.0.*", "10.0.0.5/255.0.0.255"].map(address).into()),
        (120, ["010.0.0.5", "0xa.5", "10.5", "167772165"].map(address).into()),
        (121, ["fe80::1%eth0"].map(address).into()),
        (122, ["DC01", "dc01.", "DC01.CORP.EXAMPLE", r"CORP\DC01$", "10.0.0.5"].map(name).into()),
        (123, ["old-dc", "ldap.corp.example", "10.0.7.5", "ldap"].map(name).into()),
        (124, [
            "d\u{441}01", "\u{ff24}\u{ff23}\u{ff10}\u{ff11}", "dc\u{200d}01", "dc\u{ad}01", "dc01\u{301}",
        ].map(name).into()),
        (125, [
            "CORP.example", "x.corp.example.", "corp\u{ff0e}example", "xn--corp-.example",
        ].map(domain).into()),
        (126, vec![
            account("s-1-5-21-1-2-3-1104", "", ""),
            account("", "DA-ADMIN", "corp"),
            account("", " da-admin@CORP.example ", ""),
            account("", "d\u{430}-admin", "corp"),
            account("", "da-admin\u{a0}", "corp"),
        ]),
        (127, ["*", "all", "10.0.0.0/8 10.1.0.0/16", ""].map(address).into()),
        (128, [
            "https://corp.example/../", "https://%63orp.example/", "https://corp.example:443",
            "http://corp.example.", "https://a:b@corp.example/", "https://com/", "https://10.0.0.5/", "https://0xa000005/",
        ].map(|it| Target::Url(it.into())).into()),
        (128, ["com", "*.example", "example.com,corp.example"].map(domain).into()),
        (129, vec![
            file(r"C:\Windows\explorer.exe", &hash),
            file(r"\\?\C:\Windows\explorer.exe", &hash),
            file(r"C:\Windows\x\..\EXPLORER.EXE. ", &hash),
            file(r"C:\Windows\explorer.exe::$DATA", &hash),
            file(r"C:\WINDOW~1\explorer.exe", &hash),
            file(r"C:\PROGRA~1\CROWDS~1\x.sys", &hash),
            file(r"C:\tmp\x.exe", empty),
            file(r"C:\tmp\x.exe", "abab"),
        ]),
        (131, ["a;b", "a,b", "a&host=b"].map(name).into()),
        (132, ["../../v2/admin", "{id}", "%2f", "a?b", "a#b"].map(name).into()),
    ];
    for (row, targets) in rows {
        for target in targets {
            assert!(is_stopped(&all, &target), "row {row}: {target:?}");
        }
    }
}

#[test]
fn what_is_plainly_something_else_is_not_stopped() {
    let all = inventory();
    for target in [
        name("ws-17"),
        address("203.0.113.9"),
        address("10.0.0.6"),
        domain("evil-corp.example"),
        domain("c\u{43e}rp.example"), // blocking a look-alike is what a defender wants
        account("", "jdoe", "corp"),
        file(r"C:\Users\x\dropper.exe", &"ab".repeat(32)),
        Target::Url("https://evil.example/x".into()),
        Target::Service(Service {
            device: Device {
                id: String::new(),
                name: "ws-1".into(),
            },
            name: "updater".into(),
        }),
    ] {
        assert!(!is_stopped(&all, &target), "{target:?}");
    }
}
