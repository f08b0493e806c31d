//! The rest of the work through the pages: a group, a proposal by hand, giving back, a list of
//! assets, an outcome that nobody knows, and what happens live.

use crate::scene::browser;
use crate::scene_all::all;
use e2e::alerts::Incident;
use e2e::{ANALYST, Driver, LEAD, LEAD2, OWNER, Setup, enforced};
use serde_json::json;
use std::time::Duration;

#[test]
fn a_group_is_chosen_shown_anew_and_decided_once() {
    let scene = all();
    let stack = &scene.stack;
    let Some(driver) = Driver::start() else {
        return;
    };
    let lead = browser(stack, &driver, LEAD);
    lead.goto(&format!("causes/{}", scene.cause));
    lead.reads("#mb", "14 of 14");
    lead.click("[name=member][type=checkbox]");
    lead.reads("[data-members-count]", "13");
    lead.click("fieldset + p button");
    lead.reads("body", "Nothing has been counted");
    lead.reads("button[value=approve]", "Approve 13");
    let held = || {
        let path = format!("proposals?cause={}&state=held&limit=1000", scene.cause);
        stack.api(LEAD2).get(&path).ok()["proposals"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(held(), 14);
    lead.fill("#comment", "an outbreak, confirmed by phone");
    lead.click("button[value=approve]");
    e2e::until("all but one are decided", || (held() == 1).then_some(()));
}

#[test]
fn what_it_would_take_is_shown_before_anything_is_proposed_by_hand() {
    let scene = all();
    let stack = &scene.stack;
    let Some(driver) = Driver::start() else {
        return;
    };
    let analyst = browser(stack, &driver, ANALYST);
    let case = scene.half["case"].as_str().unwrap();
    let count = || stack.case(case)["proposals"].as_array().unwrap().len();
    let before = count();
    analyst.goto(&format!("cases/{case}/propose?what=scan-device.0"));
    analyst.reads("body", "Nothing has been proposed yet");
    assert_eq!(count(), before);
    analyst.fill("#reason", "have a look first");
    analyst.click(".decide button:not([disabled])");
    analyst.reads("h1", "Scan device");
    assert_eq!(count(), before + 1);
}

#[test]
fn what_automation_took_is_given_back_from_the_page() {
    let incident = Incident::on_workstation("WS-17");
    let stack = Setup::new().start();
    stack.import(&enforced(std::slice::from_ref(&incident)));
    stack.load(std::slice::from_ref(&incident));
    let case = stack.deliver_ocsf(&incident.finding(5)).swap_remove(0);
    stack.all_in(&case, &["quarantine-file", "contain-device"], "done");
    let Some(driver) = Driver::start() else {
        return;
    };
    let analyst = browser(&stack, &driver, ANALYST);
    analyst.click(".quiet a.end");
    analyst.reads("h1", "WS-17");
    analyst.goto("effects");
    analyst.click("main details summary");
    analyst.fill(
        "details[open] input[name=comment]",
        "false alarm, a tool of ours",
    );
    analyst.click("details[open] button:not([disabled])");
    let driver_of = browser(&stack, &driver, LEAD);
    e2e::until("all of it is given back or waits for somebody else", || {
        let held = stack.api(LEAD).get("proposals?state=held").ok();
        let held = held["proposals"].as_array().unwrap().clone();
        if let Some(one) = held.first() {
            driver_of.goto(&crate::scene::page_of(one));
            driver_of.fill("#comment", "agreed");
            driver_of.click("button[value=approve]");
        }
        stack.effects().is_empty().then_some(())
    });
}

#[test]
fn a_list_is_compared_before_it_is_stored_and_loosening_waits_for_others() {
    let scene = all();
    let stack = &scene.stack;
    let Some(driver) = Driver::start() else {
        return;
    };
    let lead = browser(stack, &driver, LEAD);
    lead.goto("import");
    lead.fill("#text", "name,kind,reviewed\nNEW-01,server,false\n");
    lead.click("main form button:not([disabled]):not([hidden])");
    lead.reads("#diff", "What would change");
    let known = |name: &str| {
        let found = stack
            .api(LEAD)
            .get(&format!("assets:resolve?name={name}"))
            .ok();
        !found["assets"].as_array().unwrap().is_empty()
    };
    assert!(!known("NEW-01"), "nothing is stored before it was shown");
    lead.reads("body", "Nothing is stored yet");
    lead.click("[name=seen] ~ p button");
    e2e::until("it is stored", || known("NEW-01").then_some(()));
    lead.goto("import");
    lead.fill("#text", "name,kind\nNEW-01,wörkstation\n");
    lead.click("main form button:not([disabled]):not([hidden])");
    lead.reads(".notice", "could not be read");
    // the change that waits takes the owner too
    let second = browser(stack, &driver, LEAD2);
    second.goto("changes");
    second.reads("main", "would become weaker");
    second.fill("form textarea[name=comment]", "agreed");
    second.click("button[value=approve]");
    let owner = browser(stack, &driver, OWNER);
    owner.goto("changes");
    if owner.has("button[value=approve]") {
        owner.fill("form textarea[name=comment]", "agreed");
        owner.click("button[value=approve]");
    }
    e2e::until("it is decided", || {
        let open = stack.api(LEAD).get("changes").ok();
        open["changes"].as_array().unwrap().is_empty().then_some(())
    });
}

#[test]
fn what_happens_is_counted_and_offered_and_nothing_moves() {
    let scene = all();
    let stack = &scene.stack;
    let Some(driver) = Driver::start() else {
        return;
    };
    let lead = browser(stack, &driver, LEAD);
    lead.goto("");
    let before = lead.text("main");
    let wish = json!({ "case": scene.done, "action": "scan-device", "reason": "again",
        "target": { "device": stack.case(&scene.done)["device"] } });
    e2e::until("it is offered", || {
        let _ = stack.api(ANALYST).post("proposals", &wish);
        std::thread::sleep(Duration::from_millis(200));
        lead.has("[data-show]").then_some(())
    });
    lead.reads(".live", "show");
    assert_eq!(lead.text("main"), before, "the page did not move");
}

#[test]
fn what_nothing_here_can_carry_out_is_concluded_by_a_person() {
    let incident = Incident::on_workstation("WS-17");
    let stack = Setup::new()
        .only_plugins(&["sentinelone", "contain-malware"])
        .start();
    stack.import(&json!({
        "groups": [e2e::group("ours", "hold")],
        "assets": [e2e::asset(&incident, &["ours"], e2e::Review::Reviewed)],
    }));
    let case = stack.play(&incident);
    let proposal = stack.proposal_in(&case, "quarantine-file", &["held"]);
    let Some(driver) = Driver::start() else {
        return;
    };
    let lead = browser(&stack, &driver, LEAD);
    lead.goto(&crate::scene::page_of(&proposal));
    lead.reads(".after", "a task for a person");
    lead.fill("#comment", "take it away");
    lead.click("button[value=approve]");
    lead.reads("main", "A person must look");
    lead.goto("");
    lead.reads("#s4", "To be handled by hand");
    lead.goto(&crate::scene::page_of(&proposal));
    lead.fill("#found", "deleted it on the machine myself");
    lead.click("button[name=in_force][value=true]");
    lead.reads("main", "Confirmed in force");
    stack.proposal_in(&case, "quarantine-file", &["done"]);
    lead.goto("effects");
    lead.reads("main", "a person, by hand");
}
