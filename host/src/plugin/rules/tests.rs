//! Canonical forms and membership in a case, with values; whole plans are tested with guests.
#![allow(clippy::unwrap_used)]

use super::case::occurs;
use super::target::{address, canonical, domain, says_enough};
use crate::model::*;

#[test]
fn one_address_has_one_spelling_and_what_is_no_address_is_refused() {
    let cases = [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7/32", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("10.0.0.0/8", "10.0.0.0/8"),
    ];
    for (text, expected) in cases {
        assert_eq!(address(text).unwrap(), expected, "{text}");
        assert_eq!(address(expected).unwrap(), expected, "a fixed point");
    }
    for text in [
        "",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "fe80::1%eth0",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "*",
        "10.0.0.0-10.0.0.9",
        " 10.0.0.1",
    ] {
        assert!(address(text).is_err(), "{text}");
    }
}

#[test]
fn one_domain_has_one_spelling_and_what_stands_for_many_is_refused() {
    let cases = [
        ("Evil.Example.", "evil.example"),
        ("b\u{fc}cher.example", "xn--bcher-kva.example"),
        ("r3---sn-a.example", "r3---sn-a.example"),
        ("_ldap._tcp.example", "_ldap._tcp.example"),
    ];
    for (text, expected) in cases {
        assert_eq!(domain(text).unwrap(), expected, "{text}");
    }
    for text in [
        "",
        ".",
        "*.example",
        "a..b",
        "a b.example",
        "10.0.0.1",
        "-a.example",
        "http://a.example",
        "a.example:80",
        "a/b",
    ] {
        assert!(domain(text).is_err(), "{text}");
    }
}

fn device() -> Device {
    Device {
        id: "d1".into(),
        name: "ws-01".into(),
    }
}

fn file() -> File {
    File {
        device: device(),
        path: "C:\\Tools\\app.exe".into(),
        sha256: Some("aa".repeat(32)),
        reference: Some("t-1".into()),
    }
}

fn detection() -> Detection {
    let entity = |target, attributes| Entity {
        role: "actor".into(),
        target,
        attributes,
    };
    let signed = vec![
        Attribute::new("signature.certificate.subject", "Acme Ltd"),
        Attribute::new("signature.state_id", "1"),
        Attribute::new("product.name", "Acme Agent"),
    ];
    let process = Process {
        device: device(),
        id: None,
        pid: Some(7),
        started: Some(Millis(1)),
        name: "app.exe".into(),
        sha256: None,
        reference: None,
    };
    Detection {
        id: "a".into(),
        product: "acme/edr".into(),
        time: Millis(1),
        title: String::new(),
        severity: Severity::High,
        rating: Rating::Malicious,
        techniques: vec![],
        entities: vec![
            entity(Target::File(file()), signed),
            entity(
                Target::Process(process),
                vec![Attribute::new("file.path", "/opt/app")],
            ),
            entity(Target::Url("https://evil.example/x".into()), vec![]),
            entity(Target::Address("192.0.2.7".into()), vec![]),
        ],
        taken: vec![],
        attributes: vec![],
    }
}

fn software(change: impl Fn(&mut Software)) -> Target {
    let mut it = Software {
        sha256: Some("aa".repeat(32)),
        signer: Some("Acme Ltd".into()),
        name: "Acme Agent".into(),
        path: None,
        reference: Some("t-1".into()),
    };
    change(&mut it);
    Target::Software(it)
}

#[test]
fn what_belongs_to_an_entity_occurs_in_the_case() {
    let less = File {
        sha256: None,
        ..file()
    };
    let image = File {
        path: "/opt/app".into(),
        sha256: None,
        reference: None,
        ..file()
    };
    for target in [
        Target::Device(device()),
        Target::Device(Device {
            name: String::new(),
            ..device()
        }),
        Target::File(file()),
        Target::File(less),
        Target::File(image),
        software(|_| ()),
        software(|it| it.name = "app.exe".into()),
        software(|it| it.signer = None),
        Target::Domain("evil.example".into()),
        Target::Address("192.0.2.7".into()),
    ] {
        assert_eq!(occurs(&target, &detection()), Ok(()), "{target:?}");
    }
}

#[test]
fn a_field_that_the_case_says_otherwise_is_named_with_both() {
    let other_reference = File {
        reference: Some("t-2".into()),
        ..file()
    };
    let cases = [
        (
            Target::File(other_reference),
            "reference of C:\\Tools\\app.exe on ws-01 is t-2, the case says t-1",
        ),
        (
            Target::Device(Device {
                name: "dc-01".into(),
                ..device()
            }),
            "device name of dc-01 is dc-01, the case says ws-01",
        ),
        (
            software(|it| it.signer = Some("Evil".into())),
            "signer of Acme Agent is Evil, the case says Acme Ltd",
        ),
        (
            software(|it| it.path = Some("/etc/passwd".into())),
            "path of Acme Agent is /etc/passwd, the case says C:\\Tools\\app.exe",
        ),
        (
            Target::Domain("example".into()),
            "example does not occur in the case",
        ),
        (
            Target::Address("192.0.2.0/24".into()),
            "192.0.2.0/24 does not occur in the case",
        ),
    ];
    for (target, expected) in cases {
        assert_eq!(occurs(&target, &detection()).unwrap_err(), expected);
    }
}

#[test]
fn a_signer_counts_only_where_the_signature_is_valid() {
    let mut unsigned = detection();
    if let Some(entity) = unsigned.entities.first_mut() {
        entity
            .attributes
            .retain(|it| it.name != "signature.state_id");
    }
    let text = occurs(&software(|_| ()), &unsigned).unwrap_err();
    assert_eq!(
        text,
        "signer of Acme Agent is Acme Ltd, the case says nothing"
    );
}

#[test]
fn what_does_not_say_which_one_is_refused_with_what_it_has() {
    let vague = Process {
        device: device(),
        id: Some("p".into()),
        pid: Some(7),
        started: None,
        name: "app.exe".into(),
        sha256: None,
        reference: None,
    };
    assert_eq!(
        says_enough(&Target::Process(vague)).unwrap_err(),
        "a process needs its device and one of: pid with started, sha256, reference; it has device, pid"
    );
    let named = software(|it| (it.sha256, it.signer) = (None, None));
    assert_eq!(
        says_enough(&named).unwrap_err(),
        "software needs sha256, or signer with name; it has name"
    );
    let upper = Target::File(File {
        sha256: Some("AA".repeat(32)),
        ..file()
    });
    assert!(canonical(upper).is_err());
}

/// Every code that this module and the engine can give has a section in the documentation.
#[test]
fn every_code_has_its_section() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors");
    let page = |area: &str| std::fs::read_to_string(docs.join(format!("{area}.md"))).unwrap();
    let numbers = |areas: &[std::ops::RangeInclusive<u8>]| -> Vec<u8> {
        areas.iter().flat_map(|range| range.clone()).collect()
    };
    let codes = [
        ("run", numbers(&[1..=12, 20..=20, 40..=55])),
        (
            "load",
            numbers(&[1..=7, 10..=22, 30..=32, 34..=36, 40..=43]),
        ),
        ("engine", numbers(&[1..=8])),
        ("egress", numbers(&[1..=3])),
    ];
    for (area, numbers) in codes {
        let page = page(area);
        for n in numbers {
            let section = format!("## CS-{area}-{n:02}\n");
            assert!(page.contains(&section), "{section}");
        }
    }
}
