//! The state machine, without a socket.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

const HASH: &str = "aa11";
const PATH: &str = "C:\\Ops\\agent.exe";

fn world(mode: &str) -> World {
    let mut world: World = serde_json::from_value(json!({
        "ratings": { "AA11": "malicious" },
        "devices": [{
            "id": "1", "name": "app-07", "mode": mode,
            "processes": [
                { "pid": 10, "started": 1000, "name": "agent.exe", "path": PATH, "sha256": HASH,
                  "cmd_line": "agent.exe --serve", "signer": "CN=Ops", "reference": "77", "state": "stopped" },
                { "pid": 20, "started": 2000, "name": "other.exe", "path": "C:\\o.exe", "sha256": "bb22" },
            ],
            "files": [{ "path": PATH, "sha256": HASH, "reference": "77", "state": "present" }],
            "services": [{ "name": "spooler" }],
        }],
        "accounts": [{ "id": "u1", "sessions": 3 }],
    }))
    .unwrap();
    world.lower_hashes();
    world
}

fn resource(text: &str) -> Resource {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    Resource::parse(path, query).unwrap()
}

fn set(world: &mut World, target: &str, wanted: &str) -> Result<Change, Refusal> {
    let wanted = Wanted {
        state: wanted.into(),
        ..Wanted::default()
    };
    world.set(&resource(target), &wanted, 5000)
}

fn state(world: &World, target: &str) -> String {
    world.read(&resource(target)).unwrap().state
}

#[test]
fn every_resource_is_what_it_was_set_to_and_says_whether_that_was_new() {
    let cases = [
        ("/edr/devices/1/containment", "off", "on"),
        ("/edr/devices/1/services/spooler", "running", "stopped"),
        (
            "/edr/devices/1/processes?sha256=BB22",
            "running",
            "suspended",
        ),
        (
            "/edr/devices/1/files?path=C:%5COps%5Cagent.exe&sha256=aa11",
            "present",
            "quarantined",
        ),
        (
            "/edr/allowances?sha256=aa11&reach=device&device=1",
            "none",
            "allowed",
        ),
        ("/firewall/addresses/203.0.113.0/24", "free", "blocked"),
        ("/firewall/domains/evil.example", "free", "blocked"),
        ("/directory/accounts/u1", "enabled", "disabled"),
    ];
    for (target, before, after) in cases {
        let mut world = world("detect");
        assert_eq!(state(&world, target), before, "{target}");
        let change = set(&mut world, target, after).unwrap();
        assert_eq!(
            (change.before.as_str(), change.changed),
            (before, true),
            "{target}"
        );
        assert_eq!(state(&world, target), after, "{target}");
        assert!(
            !set(&mut world, target, after).unwrap().changed,
            "{target} again"
        );
        assert!(
            set(&mut world, target, before).unwrap().changed,
            "{target} back"
        );
        assert_eq!(state(&world, target), before, "{target} back");
        assert!(
            matches!(set(&mut world, target, "sideways"), Err(Refusal::Wrong(_))),
            "{target}"
        );
    }
}

#[test]
fn under_protect_a_program_that_nobody_allowed_is_killed_again() {
    let mut world = world("protect");
    let start = "/edr/devices/1/processes?how=start&reference=77";
    let change = set(&mut world, start, "running").unwrap();
    assert_eq!(change.after.state, "stopped");
    assert_eq!(change.after.facts.get("stopped_by"), Some(&json!("policy")));
    assert_eq!(state(&world, start), "stopped");
    let file = "/edr/devices/1/files?path=C:%5COps%5Cagent.exe&reference=77";
    assert_eq!(state(&world, file), "quarantined");
    // It cannot even be started while its file is gone.
    assert!(matches!(
        set(&mut world, start, "running"),
        Err(Refusal::Wrong(_))
    ));
}

#[test]
fn with_an_allowance_of_any_reach_it_runs() {
    let allowances = [
        "/edr/allowances?sha256=AA11&reach=device&device=1",
        "/edr/allowances?signer=CN%3DOps&name=agent.exe&reach=group&device=1",
        "/edr/allowances?reference=77&reach=tenant",
    ];
    for allowance in allowances {
        let mut world = world("protect");
        set(&mut world, allowance, "allowed").unwrap();
        let start = "/edr/devices/1/processes?how=start&pid=10&started=1000";
        assert_eq!(
            set(&mut world, start, "running").unwrap().after.state,
            "running",
            "{allowance}"
        );
        assert_eq!(state(&world, start), "running", "{allowance}");
        assert!(
            !set(&mut world, start, "running").unwrap().changed,
            "once is enough"
        );
        // The execution that was ended is still ended.
        assert_eq!(
            state(&world, "/edr/devices/1/processes?pid=10&started=1000"),
            "stopped"
        );
    }
    let mut world = world("protect");
    world.devices.push(Device {
        id: "2".into(),
        ..Device::default()
    });
    set(
        &mut world,
        "/edr/allowances?sha256=aa11&reach=device&device=2",
        "allowed",
    )
    .unwrap();
    let start = "/edr/devices/1/processes?how=start&pid=10&started=1000";
    assert_eq!(
        set(&mut world, start, "running").unwrap().after.state,
        "stopped",
        "allowed elsewhere"
    );
}

#[test]
fn what_has_ended_cannot_be_resumed_and_what_was_deleted_cannot_come_back() {
    let mut world = world("detect");
    let process = "/edr/devices/1/processes?pid=10&started=1000";
    assert!(matches!(
        set(&mut world, process, "running"),
        Err(Refusal::Wrong(_))
    ));
    let file = "/edr/devices/1/files?path=C:%5COps%5Cagent.exe&sha256=aa11";
    set(&mut world, file, "deleted").unwrap();
    assert!(matches!(
        set(&mut world, file, "present"),
        Err(Refusal::Wrong(_))
    ));
}

#[test]
fn a_selection_that_contradicts_selects_nothing() {
    let world = world("detect");
    let missing = [
        "/edr/devices/1/files?path=C:%5COps%5Cagent.exe&sha256=ffff&reference=77",
        "/edr/devices/1/files?path=C:%5COther.exe&sha256=aa11",
        "/edr/devices/1/processes?pid=10&started=1001",
        "/edr/devices/9/containment",
        "/edr/devices/1/services/none",
        "/directory/accounts/u2",
    ];
    for target in missing {
        let refusal = world.read(&resource(target)).unwrap_err();
        assert!(matches!(refusal, Refusal::Missing(_)), "{target}");
    }
}

#[test]
fn a_request_that_says_too_little_or_too_much_is_refused() {
    let wrong = [
        ("/edr/devices/1/processes", "pid=10"),
        ("/edr/devices/1/files", "path=x"),
        ("/edr/devices/1/files", "path=x&sha256=aa&colour=red"),
        ("/edr/devices/1/files", "path=x&path=y&sha256=aa"),
        ("/edr/allowances", "sha256=aa"),
        ("/edr/allowances", "signer=x&reach=tenant"),
        ("/edr/devices/1/containment", "force=1"),
        ("/edr/nothing", ""),
    ];
    for (path, query) in wrong {
        assert!(Resource::parse(path, query).is_err(), "{path}?{query}");
    }
    assert!(Wanted::parse(b"{\"wanted\":\"on\",\"force\":true}").is_err());
}
