//! Keys, faults and the log, without a socket.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::pages;
use serde_json::json;

const NOW_MS: u64 = 1_800_000_000_000;
const CONTAIN: &str = "/edr/devices/1/containment";

fn core() -> Core {
    let mut core = Core::new("t".into(), b"s".to_vec(), Log::default());
    core.load(
        serde_json::from_value(json!({ "devices": [{ "id": "1" }, { "id": "2" }] })).unwrap(),
    );
    core
}

fn post(path: &str, key: &str, wanted: &str) -> Asked {
    Asked {
        method: "POST".into(),
        path: path.into(),
        key: Some(key.into()).filter(|key: &String| !key.is_empty()),
        authorization: Some("Bearer t".into()),
        body: json!({ "wanted": wanted }).to_string().into_bytes(),
        ..Asked::default()
    }
}

fn get(path: &str) -> Asked {
    Asked {
        method: "GET".into(),
        body: Vec::new(),
        ..post(path, "", "")
    }
}

fn state(core: &mut Core) -> Value {
    let reply = core.handle(&get(CONTAIN), NOW_MS);
    serde_json::from_slice::<Value>(&reply.body).unwrap()["state"].clone()
}

fn applied(core: &Core) -> usize {
    core.log.entries(0).filter(|entry| entry.applied).count()
}

fn rule(mode: Mode) -> Rule {
    Rule::new(mode).method("POST").times(1)
}

#[test]
fn one_key_has_one_effect_and_one_answer() {
    let mut core = core();
    let first = core.handle(&post(CONTAIN, "k", "on"), NOW_MS);
    core.world.devices[0].containment = crate::state::Containment::Off; // somebody else
    let second = core.handle(&post(CONTAIN, "k", "on"), NOW_MS);
    assert_eq!(first, second);
    assert_eq!(applied(&core), 1);
    assert_eq!(state(&mut core), "off");
}

#[test]
fn a_key_cannot_be_used_for_another_request() {
    let mut core = core();
    core.handle(&post(CONTAIN, "k", "on"), NOW_MS);
    assert_eq!(core.handle(&post(CONTAIN, "k", "off"), NOW_MS).status, 422);
    assert_eq!(
        core.handle(&post("/edr/devices/2/containment", "k", "on"), NOW_MS)
            .status,
        422
    );
    assert_eq!(core.handle(&post(CONTAIN, "", "off"), NOW_MS).status, 400);
    assert_eq!(state(&mut core), "on");
}

#[test]
fn a_product_without_keys_does_it_again_and_the_log_shows_it() {
    let mut core = core();
    core.world.forgets_keys = true;
    core.handle(&post("/edr/devices/1/scans", "k", "finished"), NOW_MS);
    core.handle(&post("/edr/devices/1/scans", "k", "finished"), NOW_MS);
    assert_eq!((applied(&core), core.world.devices[0].scans), (2, 2));
    let entries: Vec<Entry> = core.log.entries(0).cloned().collect();
    let repeated = crate::log::repeated(&entries);
    assert_eq!(
        repeated.iter().map(|entry| entry.n).collect::<Vec<_>>(),
        [2]
    );
}

#[test]
fn a_refusal_is_not_remembered() {
    let mut core = core();
    assert_eq!(
        core.handle(&post("/edr/devices/3/containment", "k", "on"), NOW_MS)
            .status,
        404
    );
    core.world.devices.push(crate::state::Device {
        id: "3".into(),
        ..Default::default()
    });
    assert_eq!(
        core.handle(&post("/edr/devices/3/containment", "k", "on"), NOW_MS)
            .status,
        200
    );
}

#[test]
fn nobody_acts_without_the_token() {
    let mut core = core();
    let stranger = Asked {
        authorization: Some("Bearer x".into()),
        ..post(CONTAIN, "k", "on")
    };
    assert_eq!(core.handle(&stranger, NOW_MS).status, 401);
    assert_eq!(applied(&core), 0);
    assert_eq!(core.log.entries(0).count(), 1, "and it is in the log");
}

#[test]
fn each_fault_leaves_the_effect_that_its_name_says() {
    let cases = [
        (Mode::Fail4xx, false, Some(403)),
        (Mode::Fail5xx, false, Some(503)),
        (Mode::Refuse429, false, Some(429)),
        (Mode::DropBefore, false, None),
        (Mode::DelayMs, true, Some(200)),
        (Mode::ApplyThenDrop, true, None),
        (Mode::Truncate, true, Some(200)),
        (Mode::Oversize, true, Some(200)),
        (Mode::WrongJson, true, Some(200)),
    ];
    for (mode, happened, status) in cases {
        let mut core = core();
        core.faults.0 = vec![rule(mode)];
        let reply = core.handle(&post(CONTAIN, "k", "on"), NOW_MS);
        assert_eq!(reply.seen(), status, "{mode:?}");
        let entry = core.log.entries(0).last().unwrap().clone();
        assert_eq!(
            (entry.applied, entry.status),
            (happened, status),
            "{mode:?}"
        );
        assert_eq!(entry.fault.as_deref(), Some(mode.as_str()));
        assert_eq!(
            state(&mut core),
            if happened { "on" } else { "off" },
            "{mode:?}"
        );
        // The same order again: it takes effect once, whatever was known of the first attempt.
        assert_eq!(
            core.handle(&post(CONTAIN, "k", "on"), NOW_MS).status,
            200,
            "{mode:?}"
        );
        assert_eq!(applied(&core), 1, "{mode:?}");
    }
}

#[test]
fn a_failure_can_hide_an_effect() {
    let mut core = core();
    core.faults.0 = vec![Rule {
        applies: true,
        ..rule(Mode::Fail5xx)
    }];
    assert_eq!(core.handle(&post(CONTAIN, "k", "on"), NOW_MS).status, 503);
    assert_eq!(state(&mut core), "on");
}

#[test]
fn what_is_pending_happens_after_so_many_questions() {
    let mut core = core();
    core.faults.0 = vec![Rule {
        asks: Some(2),
        ..rule(Mode::Pending)
    }];
    assert_eq!(core.handle(&post(CONTAIN, "k", "on"), NOW_MS).status, 202);
    assert_eq!(applied(&core), 0);
    assert_eq!(
        [state(&mut core), state(&mut core), state(&mut core)],
        ["pending", "pending", "on"]
    );
    assert_eq!(applied(&core), 1);
    assert_eq!(
        core.handle(&post(CONTAIN, "k", "on"), NOW_MS).status,
        200,
        "the key knows it"
    );
    assert_eq!(applied(&core), 1);
}

#[test]
fn what_is_pending_happens_after_its_time() {
    let mut core = core();
    core.faults.0 = vec![Rule {
        delay_ms: 500,
        ..rule(Mode::Pending)
    }];
    core.handle(&post(CONTAIN, "k", "on"), NOW_MS);
    assert_eq!([state(&mut core), state(&mut core)], ["pending", "pending"]);
    let reply = core.handle(&get(CONTAIN), NOW_MS + 500);
    assert_eq!(
        serde_json::from_slice::<Value>(&reply.body).unwrap()["state"],
        "on"
    );
    let settled = core
        .log
        .entries(0)
        .find(|entry| entry.method == "SETTLE")
        .unwrap();
    assert_eq!((settled.key.as_deref(), settled.applied), (Some("k"), true));
}

#[test]
fn a_job_is_found_by_its_key() {
    let mut core = core();
    assert_eq!(core.handle(&get("/edr/jobs/k"), NOW_MS).status, 404);
    core.handle(&post("/edr/devices/1/scans", "k", "finished"), NOW_MS);
    let reply = core.handle(&get("/edr/jobs/k"), NOW_MS);
    assert_eq!(
        serde_json::from_slice::<Value>(&reply.body).unwrap()["state"],
        "finished"
    );
}

#[test]
fn a_rule_hits_what_it_says_and_chance_repeats_itself() {
    let hits = |rule: Rule| {
        let mut faults = Faults(vec![rule]);
        let throw = |_| faults.take("POST", "/edr/devices/1/containment").is_some();
        (0..200).map(throw).collect::<Vec<bool>>()
    };
    let chance = Rule {
        percent: 30,
        seed: 7,
        ..Rule::new(Mode::Fail5xx)
    };
    let count = hits(chance.clone()).into_iter().filter(|hit| *hit).count();
    assert!((40..80).contains(&count), "{count} of 200 at 30 %");
    assert_eq!(hits(chance.clone()), hits(chance));
    assert!(!hits(Rule::new(Mode::Fail5xx).on("/firewall")).contains(&true));
    let later = hits(Rule {
        skip: 3,
        ..Rule::new(Mode::Fail5xx).times(2)
    });
    assert_eq!(later[..6], [false, false, false, true, true, false]);
    let mut everything = Faults(vec![Rule::new(Mode::DropBefore)]);
    assert!(
        everything.take("POST", "/range/pages").is_none(),
        "pages only when named"
    );
    assert!(
        everything.take("GET", "/range/state").is_none(),
        "never the tests' own door"
    );
}

#[test]
fn a_page_is_kept_once_and_only_when_it_is_signed() {
    let mut core = core();
    let body = b"{\"subject\":\"look\"}".to_vec();
    let signature = pages::sign(b"s", &body, NOW_MS / 1000).ok();
    let page = Asked {
        signature,
        body,
        ..post("/range/pages", "p", "")
    };
    assert_eq!(core.handle(&page, NOW_MS).status, 200);
    assert_eq!(core.handle(&page, NOW_MS).status, 200);
    assert_eq!(core.pages.len(), 1);
    assert_eq!(
        core.handle(
            &Asked {
                signature: None,
                ..page
            },
            NOW_MS
        )
        .status,
        401
    );
}

#[test]
fn a_world_comes_back_as_it_was_loaded_and_a_misspelt_one_does_not_load() {
    let mut core = core();
    let load = |body: Value| Asked {
        body: body.to_string().into_bytes(),
        ..post("/range/world", "", "")
    };
    assert_eq!(
        core.handle(&load(json!({ "devces": [] })), NOW_MS).status,
        422
    );
    let world = json!(core.world);
    core.world = World::default();
    assert_eq!(core.handle(&load(world.clone()), NOW_MS).status, 200);
    let reply = core.handle(&get("/range/state"), NOW_MS);
    assert_eq!(serde_json::from_slice::<Value>(&reply.body).unwrap(), world);
}

#[test]
fn an_answer_that_could_not_be_logged_is_not_given() {
    let mut core = core();
    core.log = Log::open(Some(std::path::Path::new("/dev/full"))).unwrap();
    let reply = core.handle(&post(CONTAIN, "k", "on"), NOW_MS);
    assert_eq!(reply.delivery, Delivery::Never);
}
