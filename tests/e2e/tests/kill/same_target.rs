//! One order in flight for one target, without a kill: two cases that want the same of one
//! device at the same time have it done once, and both rely on it.
//!
//! The kills found that the second was sent on an answer from before the first was done. Here it
//! happens every time: the first takes long enough for the second to come.

use crate::PLUGINS;
use e2e::{OPERATOR, OWNER, Setup, now_ms, until};
use range::alerts::Alert;
use range::faults::{Mode, Rule};
use range::state::{Device, File, World};
use serde_json::{Value, json};

/// Long enough for the second case to be judged meanwhile.
const SLOW_MS: u64 = 3_000;

fn device() -> Device {
    let file = |n: u8| File {
        path: format!("C:\\Users\\Public\\{n}.exe"),
        sha256: Some(format!("{n:02}").repeat(32)),
        reference: Some(format!("100000000000000000{n}")),
        ..File::default()
    };
    Device {
        id: "700100".into(),
        name: "WS-0100".into(),
        os: "windows".into(),
        kind: "desktop".into(),
        ip: "10.7.0.100".into(),
        files: vec![file(1), file(2)],
        ..Device::default()
    }
}

#[test]
fn two_cases_that_want_the_same_of_one_device_have_it_done_once() {
    let stack = Setup::new().only_plugins(PLUGINS).start();
    let device = device();
    let ids = json!({ "countersign/range": device.id });
    stack.import(&json!({
        "groups": [{ "group": "workstations", "mode": "enforce", "alone": 100, "one_person": 100,
            "owners": [OWNER], "accepted_by": OWNER, "until": "2099-01-01T00:00:00Z" }],
        "assets": [{ "name": device.name, "kind": "workstation", "reviewed": true, "ids": ids,
            "groups": ["workstations"], "managed_by": ["countersign/range"] }],
    }));
    stack.covered(&[&device.name]);
    let slow = Rule::new(Mode::DelayMs).on("/edr/devices/700100/containment");
    stack.range.set_faults(vec![Rule {
        delay_ms: SLOW_MS,
        ..slow.method("POST")
    }]);
    stack.range.load(World {
        devices: vec![device.clone()],
        ..World::default()
    });

    let cases: Vec<String> = device
        .files
        .iter()
        .map(|file| {
            let critical = Alert {
                severity_id: 5,
                ..Alert::about(&device, file, now_ms())
            };
            let received = stack
                .api(OPERATOR)
                .post("detections", &critical.ocsf())
                .ok();
            received["cases"][0]
                .as_str()
                .unwrap_or_else(|| panic!("{received}"))
                .to_owned()
        })
        .collect();

    let contained = |case: &Value| {
        let orders = case["orders"].as_array().unwrap();
        let order = orders.iter().find(|it| it["action"] == "contain-device")?;
        (order["state"] == "done").then(|| order["canonical"].clone())
    };
    let targets: Vec<Value> = cases
        .iter()
        .map(|id| {
            until(&format!("the device of {id} is contained"), || {
                contained(&stack.case(id))
            })
        })
        .collect();
    assert_eq!(targets[0], targets[1], "they do not want the same");
    let sent: Vec<_> = stack
        .applied()
        .into_iter()
        .filter(|it| it.path.ends_with("/containment"))
        .collect();
    assert_eq!(sent.len(), 1, "{sent:?}");
    let effects = stack.api(OPERATOR).get("effects?limit=1000").ok();
    let effect = effects["effects"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["action"] == "contain-device")
        .unwrap();
    let claims = effect["claims"].as_array().unwrap();
    assert!(
        cases.iter().all(|case| claims.contains(&json!(case))),
        "{effect}"
    );
}
