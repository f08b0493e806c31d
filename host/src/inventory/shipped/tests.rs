#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! The list can be read, and is not empty where the design says what it must hold.

use super::*;
use crate::inventory::canonical::path;

#[test]
fn every_row_can_be_read_and_says_why() {
    let mut ids = BTreeSet::new();
    for row in ROWS {
        assert!(ids.insert(row.id), "{} twice", row.id);
        assert!(row.why.len() > 20, "{}", row.id);
        let read = |texts: &[&str], ok: &dyn Fn(&str) -> bool| {
            assert!(!texts.is_empty(), "{}", row.id);
            for it in texts {
                assert!(ok(it), "{}: {it}", row.id);
                assert_eq!(*it, it.to_lowercase(), "{}", row.id);
            }
        };
        let place = |it: &str| {
            let it = it
                .strip_suffix('\\')
                .map_or(it.to_owned(), |it| format!("{it}\\x"));
            match it.strip_prefix('\\') {
                Some(tail) => path(&format!("c:\\{tail}")).is_ok(),
                None => it.starts_with('/'),
            }
        };
        match row.subject {
            Subject::Programs(it) | Subject::FilesBelow(it) => read(it, &place),
            Subject::Addresses(it) => read(it, &|it| address(it).is_ok()),
            Subject::Domains(it) | Subject::DomainsAlone(it) => {
                // A public suffix is no target at all; the row is for what is above it.
                read(it, &|it| {
                    domain(it).map_or_else(|e| e.code == "CS-target-13", |to| to == it)
                })
            }
            Subject::Signers(it) => assert!(it.iter().all(|it| !signer_name(it).is_empty())),
            Subject::Services(it) | Subject::HostWords(it) => read(it, &|it| !it.is_empty()),
            Subject::Accounts(it) | Subject::AccountsStarting(it) => read(it, &|it| !it.is_empty()),
        }
    }
}

#[test]
fn host_words_do_not_match_parts_of_words() {
    let shipped = Shipped::default();
    for (name, hit) in [
        ("DC01", true),
        ("fra-dc-2.corp.example", true),
        ("STLDIRDC1", false),
        ("dcx", false),
        ("ws-17", false),
        ("veeam1", true),
    ] {
        assert_eq!(shipped.of_host(name).next().is_some(), hit, "{name}");
    }
}

#[test]
fn a_name_below_a_shared_root_can_be_blocked_and_the_root_cannot() {
    let shipped = Shipped::default();
    let hit = |name: &str| shipped.of_domain(name).next().is_some();
    assert!(hit("windows.net"));
    assert!(!hit("evil.blob.core.windows.net"));
    assert!(hit("login.microsoftonline.com"));
    assert!(hit("ntp.org"), "it covers pool.ntp.org");
    assert!(!hit("evil.example"));
    assert!(!hit("notmicrosoft.com"));
}

#[test]
fn a_host_protects_itself_and_what_it_acts_through() {
    let edges = edges_of_itself(&Itself {
        program: Some("/opt/countersign/countersign".into()),
        sha256: Some("ab".repeat(32)),
        peers: vec![
            "10.1.1.1".into(),
            "edr.corp.example".into(),
            "not a name".into(),
        ],
    });
    assert_eq!(edges.len(), 4);
    assert!(
        edges
            .iter()
            .all(|it| it.protection == Some(Protection::Never))
    );
}
