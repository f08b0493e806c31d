//! Who is told when, with a clock that the test moves: no waiting, no timing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::{By, Desk, Host, Joined};
use crate::config::{Config, Surroundings};
use crate::journal::entry::{Audience, Entry, Proposed};
use crate::journal::state::PageRecord;
use crate::model::{
    Device, Digest, FixedClock, Key, Millis, Person, PersonId, Principal, Proposal, ProposalId,
    Role, Target, Verb,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A Wednesday, 10:00 in Berlin and 04:00 in New York.
const MORNING: Millis = Millis(1_795_597_200_000);
const HOUR: u64 = Millis::HOUR;

struct Place {
    clock: Arc<FixedClock>,
    host: Arc<Host>,
    _folder: tempfile::TempDir,
}

impl Place {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tenant = folder.path().join("tenants/acme");
        std::fs::create_dir_all(&tenant).unwrap();
        std::fs::write(folder.path().join("countersign.toml"), "").unwrap();
        let hours = "[working_hours]\nwednesday = \"08:00-18:00\"\n";
        let toml = "name = \"Acme\"\nzone = \"Europe/Berlin\"\ndefault_owner = \"owner@x\"\n";
        std::fs::write(tenant.join("tenant.toml"), format!("{toml}{hours}")).unwrap();
        let config = Config::load(folder.path(), &Surroundings::default()).unwrap();
        let clock = Arc::new(FixedClock::at(MORNING));
        let reactor = tokio::runtime::Handle::current();
        let host = Host::start(config, clock.clone(), reactor).unwrap();
        Self {
            clock,
            host,
            _folder: folder,
        }
    }

    fn desk(&self) -> Desk {
        self.host.desk(&"acme".into()).unwrap()
    }

    async fn person(&self, id: &'static str, role: Role, zone: Option<&str>) {
        let person = Person {
            id: id.into(),
            name: id.to_owned(),
            roles: [role].into(),
            operator: false,
            contact: None,
            zone: zone.map(str::to_owned),
        };
        let added = Entry::PersonAdded {
            person,
            code: Digest::of(id.as_bytes()),
            code_until: MORNING,
            by: "test".to_owned(),
        };
        self.desk().ask(move |tx| tx.record(added)).await.unwrap();
    }

    async fn team(&self) {
        self.person("ana@x", Role::Analyst, None).await;
        let far = Some("America/New_York");
        self.person("ben@x", Role::Analyst, far).await;
        self.person("dan@x", Role::Owner, far).await;
        self.person("lea@x", Role::Lead, far).await;
    }

    /// Who is told of the open page after so much time.
    async fn told(&self, after_ms: u64) -> Vec<String> {
        self.clock.set(MORNING.plus(after_ms));
        let desk = self.desk();
        let told = desk.ask(|tx| {
            let page = tx.state.open_pages().next().unwrap().clone();
            tx.told_now(&page)
        });
        told.await
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    async fn page(&self, deadline: Option<Millis>) -> PageRecord {
        let to = Audience {
            roles: [Role::Analyst].into(),
            owners: BTreeSet::new(),
            deputies: [PersonId::from("dan@x")].into(),
            operators: false,
        };
        let desk = self.desk();
        let paged = desk.ask(move |tx| {
            tx.page_to(
                "held",
                "held:x",
                None,
                ("subject", "text"),
                900,
                (to, deadline),
            );
            tx.state.open_pages().next().unwrap().clone()
        });
        paged.await.unwrap()
    }
}

#[tokio::test]
async fn before_silence_refuses_more_and_more_people_are_asked() {
    let place = Place::start();
    place.team().await;
    place.page(Some(MORNING.plus(4 * HOUR))).await;
    assert_eq!(place.told(0).await, ["ana@x"], "those at work");
    assert_eq!(place.told(HOUR - 1000).await, ["ana@x"]);
    let needed = ["ana@x", "ben@x", "lea@x"];
    assert_eq!(place.told(HOUR).await, needed, "everybody whom it takes");
    let deputies = ["ana@x", "ben@x", "dan@x", "lea@x"];
    assert_eq!(place.told(2 * HOUR).await, deputies);
    assert_eq!(place.told(3 * HOUR).await, deputies);
}

#[tokio::test]
async fn at_night_everybody_whom_it_takes_is_asked_at_once() {
    let place = Place::start();
    place.team().await;
    place.clock.set(MORNING.plus(13 * HOUR));
    place.page(None).await;
    let told = place.told(13 * HOUR).await;
    assert_eq!(told, ["ben@x", "lea@x"], "it is afternoon in New York");
    let told = place.told(20 * HOUR).await;
    assert_eq!(told, ["ana@x", "ben@x", "lea@x"], "nobody is at work");
}

#[tokio::test]
async fn with_nobody_left_the_default_owner_is_told() {
    let place = Place::start();
    place.page(None).await;
    assert_eq!(place.told(0).await, ["owner@x"]);
}

#[tokio::test]
async fn whoever_has_seen_a_hold_is_not_asked_again_and_the_next_step_is_taken() {
    let place = Place::start();
    place.team().await;
    let page = place.page(Some(MORNING.plus(4 * HOUR))).await;
    let desk = place.desk();
    let step = desk.ask(move |tx| {
        tx.acknowledge_page(&page.id, &"ana@x".into(), "on it")
            .unwrap();
        tx.state.pages[&page.id].clone()
    });
    let seen = step.await.unwrap();
    assert_eq!((seen.closed, seen.next), (None, Some(MORNING.plus(HOUR))));
}

fn suspend() -> Proposed {
    Proposed {
        id: "proposal-1".into(),
        case: "case-1".into(),
        principal: Principal::Host {
            tenant: "acme".into(),
        },
        plugin: None,
        proposal: Proposal {
            key: Key::from("k"),
            bundle: None,
            action: Verb::ContainDevice,
            target: Target::Device(Device::default()),
            arguments: Vec::new(),
            rationale: String::new(),
            evidence: Vec::new(),
            lease_s: None,
        },
        canonical: "device|x".into(),
        restores: None,
    }
}

#[tokio::test]
async fn what_was_done_alone_pages_until_somebody_has_looked() {
    let place = Place::start();
    place.team().await;
    let id = ProposalId::from("proposal-1");
    let due = Entry::LookDue {
        proposal: id.clone(),
        until: MORNING.plus(HOUR / 2),
    };
    let desk = place.desk();
    let step = desk.ask(move |tx| {
        tx.record(Entry::Proposed(Box::new(suspend())));
        tx.record(due);
        tx.tick();
        tx.state.open_pages().count()
    });
    assert_eq!(step.await.unwrap(), 0);
    place.clock.set(MORNING.plus(HOUR / 2));
    let desk = place.desk();
    let step = desk.ask(|tx| {
        tx.tick();
        tx.tick();
        let open: Vec<String> = tx.state.open_pages().map(|it| it.about.clone()).collect();
        open
    });
    assert_eq!(step.await.unwrap(), ["look"], "once");
    let desk = place.desk();
    let step = desk.ask(move |tx| {
        let page = tx.state.open_pages().next().unwrap().id.clone();
        let seen = tx.acknowledge_page(&page, &"lea@x".into(), "").unwrap_err();
        tx.look(&id, &"lea@x".into(), "it was malware").unwrap();
        let again = tx.look(&id, &"lea@x".into(), "").unwrap_err();
        tx.tick();
        (seen.code, again.code, tx.state.open_pages().count())
    });
    assert_eq!(step.await.unwrap(), ("CS-page-02", "CS-approval-08", 0));
}

/// What a person who is to be added would be.
fn joining(id: &str, role: Option<Role>) -> Person {
    Person {
        id: id.into(),
        name: id.to_owned(),
        roles: role.into_iter().collect(),
        operator: false,
        contact: None,
        zone: None,
    }
}

#[tokio::test]
async fn a_viewer_who_is_gone_keeps_nobody_from_deciding_and_a_lead_who_is_gone_does() {
    let place = Place::start();
    let first = Person {
        operator: true,
        ..joining("first@x", Some(Role::Lead))
    };
    let desk = place.desk();
    let step = desk.ask(move |tx| {
        let code = || Digest::of(b"code");
        let me = PersonId::from("first@x");
        let by = By::Person(me.clone());
        tx.add_person(first, code(), &By::Host).unwrap();
        let mut add = |id: &str, role| tx.add_person(joining(id, role), code(), &by).unwrap();
        let viewer = add("guest@x", None);
        tx.remove_person(&"guest@x".into(), &me).unwrap();
        let mut add = |id: &str, role| tx.add_person(joining(id, role), code(), &by).unwrap();
        let lead = add("lea@x", Some(Role::Lead));
        tx.remove_person(&"lea@x".into(), &me).unwrap();
        let mut add = |id: &str, role| tx.add_person(joining(id, role), code(), &by).unwrap();
        [viewer, lead, add("sock@x", Some(Role::Lead))]
    });
    let joined = step.await.unwrap();
    assert_eq!(joined, [Joined::Added, Joined::Added, Joined::Waits]);
}
