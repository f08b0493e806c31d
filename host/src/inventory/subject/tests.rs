#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::model::{Attribute, Millis, Rating, Severity};

const APP: &str = r"C:\Biz\app.exe";

fn device() -> Device {
    Device {
        id: "1".into(),
        name: "WS-1".into(),
    }
}

fn process(pid: u32, name: &str, hash: &str) -> Process {
    Process {
        device: device(),
        id: None,
        pid: Some(pid),
        started: Some(Millis(5)),
        name: name.into(),
        sha256: Some(hash.repeat(32)),
        reference: Some(format!("ref-{name}")),
    }
}

fn file(path: &str, hash: &str) -> File {
    File {
        device: device(),
        path: path.into(),
        sha256: Some(hash.repeat(32)),
        reference: None,
    }
}

/// A dropper that acted, a signed program beside it.
fn detection() -> Detection {
    let signed = |path: &str| {
        vec![
            Attribute::new("file.path", path),
            Attribute::new("signature.state_id", "1"),
            Attribute::new("signature.certificate.subject", "Biz AG"),
        ]
    };
    let entity = |role: &str, target, attributes| Entity {
        role: role.into(),
        target,
        attributes,
    };
    Detection {
        id: "1".into(),
        product: "acme/edr".into(),
        time: Millis(9),
        title: "x".into(),
        severity: Severity::High,
        rating: Rating::Malicious,
        techniques: Vec::new(),
        entities: vec![
            entity(
                "actor",
                Target::Process(process(1, "dropper.exe", "dd")),
                Vec::new(),
            ),
            entity(
                "affected",
                Target::Process(process(2, "app.exe", "aa")),
                signed(APP),
            ),
            entity(
                "affected",
                Target::File(file(r"C:\Biz\other.exe", "bb")),
                Vec::new(),
            ),
        ],
        taken: Vec::new(),
        attributes: Vec::new(),
    }
}

fn signer(target: &Target) -> Option<String> {
    software_at(&detection(), target).and_then(|it| it.signer)
}

#[test]
fn a_target_is_the_same_software_whatever_it_leaves_out() {
    let whole = process(2, "app.exe", "aa");
    let bare = |it: Process| Target::Process(it);
    for target in [
        bare(whole.clone()),
        bare(Process {
            name: String::new(),
            ..whole.clone()
        }),
        bare(Process {
            pid: None,
            started: None,
            ..whole.clone()
        }),
        bare(Process {
            sha256: None,
            ..whole.clone()
        }),
        bare(Process {
            sha256: None,
            pid: None,
            started: None,
            ..whole.clone()
        }),
        bare(Process {
            device: Device {
                id: String::new(),
                name: "ws-1".into(),
            },
            ..whole.clone()
        }),
        bare(Process {
            sha256: whole.sha256.as_ref().map(|it| it.to_uppercase()),
            ..whole
        }),
        Target::File(File {
            sha256: None,
            ..file(&APP.to_lowercase(), "aa")
        }),
    ] {
        assert_eq!(signer(&target).as_deref(), Some("Biz AG"), "{target:?}");
    }
}

#[test]
fn what_matches_nothing_is_itself_and_never_another_program_of_the_alert() {
    let stranger = software_at(&detection(), &Target::File(file(r"C:\x.exe", "ee"))).unwrap();
    assert_eq!(
        (stranger.path.as_deref(), stranger.signer),
        (Some(r"C:\x.exe"), None)
    );
    let other_bytes = Target::File(file(APP, "ee"));
    assert_eq!(
        signer(&other_bytes),
        None,
        "other content under a known path"
    );
    let other_instance = Target::Process(Process {
        pid: Some(3),
        ..process(2, "app.exe", "aa")
    });
    assert_eq!(signer(&other_instance), None);
    let elsewhere = Process {
        device: Device {
            id: "2".into(),
            name: "WS-1".into(),
        },
        ..process(2, "app.exe", "aa")
    };
    assert_eq!(signer(&Target::Process(elsewhere)), None);
}

#[test]
fn what_is_no_software_has_that_of_its_case() {
    let found = software_at(&detection(), &Target::Device(device())).unwrap();
    assert_eq!(found.name, "dropper.exe");
}
