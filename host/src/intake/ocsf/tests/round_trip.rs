//! `read(write(d))` gives back `d`: what a source said survives being shown as OCSF.
use super::*;
use crate::model::{
    Attribute, Device, File, Millis, OtherTarget, Process, Rating, Service, Severity, Software,
    Taken, UserAccount,
};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9\\\\/.: äß_-]{0,12}[a-z0-9]"
}

fn hash() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[0-9a-f]{64}")
}

fn time() -> impl Strategy<Value = Millis> {
    (200_000_000_000u64..4_000_000_000_000).prop_map(Millis)
}

fn device() -> impl Strategy<Value = Device> {
    (text(), text()).prop_map(|(id, name)| Device { id, name })
}

fn process() -> impl Strategy<Value = Target> {
    let parts = (
        device(),
        proptest::option::of(text()),
        proptest::option::of(any::<u32>()),
        proptest::option::of(time()),
    );
    let more = ("|[a-z]{1,9}", hash(), proptest::option::of(text()));
    (parts, more).prop_map(|((device, id, pid, started), (name, sha256, reference))| {
        Target::Process(Process {
            device,
            id,
            pid,
            started,
            name,
            sha256,
            reference,
        })
    })
}

fn file() -> impl Strategy<Value = Target> {
    let parts = (
        device(),
        "|[a-z/\\\\]{1,20}",
        hash(),
        proptest::option::of(text()),
    );
    parts.prop_map(|(device, path, sha256, reference)| {
        Target::File(File {
            device,
            path,
            sha256,
            reference,
        })
    })
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        device().prop_map(Target::Device),
        process(),
        file(),
        (text(), text(), "|[a-z]{1,9}")
            .prop_map(|(id, name, domain)| Target::Account(UserAccount { id, name, domain })),
        (device(), text()).prop_map(|(device, name)| Target::Service(Service { device, name })),
        (hash(), text()).prop_map(|(sha256, name)| Target::Software(Software {
            sha256,
            name,
            ..Software::default()
        })),
        any::<std::net::IpAddr>()
            .prop_map(|it| Target::Address(it.to_canonical().to_string()))
            .prop_filter(
                "selects something",
                |it| !matches!(it, Target::Address(a) if a == "0.0.0.0" || a == "::")
            ),
        Just(Target::Address("198.51.100.0/24".into())),
        "[a-z]{1,9}\\.example".prop_map(Target::Domain),
        "https://[a-z]{1,9}\\.example/[a-z]{0,9}".prop_map(Target::Url),
        ("[a-z-]{1,9}", text()).prop_map(|(kind, id)| Target::Other(OtherTarget {
            kind,
            id,
            attributes: vec![]
        })),
    ]
}

fn entity(role: impl Strategy<Value = String>) -> impl Strategy<Value = Entity> {
    (role, target()).prop_map(|(role, target)| Entity {
        role,
        target,
        attributes: Vec::new(),
    })
}

fn taken() -> impl Strategy<Value = Taken> {
    (
        prop_oneof![Just("stop-process"), Just("remediate")],
        target(),
        proptest::option::of(time()),
    )
        .prop_map(|(action, target, at)| Taken {
            action: action.into(),
            target,
            state: "done".into(),
            initiative: "policy".into(),
            at,
            attributes: vec![Attribute::new("countersign.count", "3")],
        })
}

prop_compose! {
    fn detection()(
        id in text(), product in "[a-z]{1,9}/[a-z]{1,9}", time in time(), title in text(),
        severity in proptest::sample::select(Severity::ALL), rating in proptest::sample::select(Rating::ALL),
        techniques in proptest::sample::subsequence(vec!["T1059", "T1059.001", "T1547.001"], 0..=3),
        first in proptest::option::of(device()),
        rest in proptest::collection::vec(entity("affected|actor|observed|related"), 0..8),
        taken in proptest::collection::vec(taken(), 0..3),
    ) -> Detection {
        let first = first.map(|it| Entity { role: "affected".into(), target: Target::Device(it), attributes: vec![] });
        Detection {
            id, product, time, title, severity, rating, taken,
            techniques: techniques.into_iter().map(str::to_owned).collect(),
            entities: first.into_iter().chain(rest).collect(),
            attributes: vec![Attribute::new("countersign.control.mode_now", "protect"), Attribute::new("finding_info.analytic.name", "a"), Attribute::new("finding_info.analytic.name", "b")],
        }
    }
}

proptest! {
    #[test]
    fn the_typed_core_and_our_attributes_survive_being_written(detection in detection()) {
        let event = write(&detection);
        let mut back = read(&event).unwrap();
        for it in &detection.attributes {
            prop_assert!(back.attributes.contains(it), "{:?} is lost", it);
        }
        // Writing adds what OCSF requires (`type_id`, the name of a file): attributes, not the core.
        back.attributes = detection.attributes.clone();
        for it in &mut back.entities {
            it.attributes.retain(|it| !["name", "type_id", "countersign.side"].contains(&it.name.as_str()));
        }
        prop_assert_eq!(back, detection);
    }
}

#[test]
fn a_finding_of_another_producer_survives_too() {
    let once = read(&finding()).unwrap();
    let twice = read(&write(&once)).unwrap();
    let core = |mut it: Detection| {
        it.attributes.clear();
        it.entities.iter_mut().for_each(|it| it.attributes.sort());
        it
    };
    assert_eq!(core(twice), core(once));
}

#[test]
fn what_ocsf_has_no_place_for_stands_in_the_places_it_leaves_to_producers() {
    let mut detection = read(&finding()).unwrap();
    detection
        .attributes
        .push(Attribute::new("countersign.control.mode_now", "protect"));
    let event = write(&detection);
    let own: Vec<&String> = event["unmapped"].as_object().unwrap().keys().collect();
    assert_eq!(own, ["countersign"]);
    assert_eq!(event["device"]["hostname"], "ws-17.nw.example");
    assert_eq!(
        event["metadata"]["product"]["vendor_name"], "Acme Inc.",
        "the producer's own spelling"
    );
    assert_eq!(
        event["finding_info"]["attacks"][1]["sub_technique"]["uid"],
        "T1059.001"
    );
}
