//! Deciding through the page: by two people, once, by what was seen, and with or without a script.

use crate::scene::{browser, held, overreach, page_of};
use e2e::Review;
use e2e::{ANALYST, Browser, Driver, LEAD, OWNER, asset};
use range::state::{FileState, ProcessState};
use serde_json::json;

#[test]
fn who_is_not_signed_in_is_sent_to_sign_in_and_back_to_where_they_were_going() {
    let (stack, _, case) = held();
    let Some(driver) = Driver::start() else {
        return;
    };
    let browser = Browser::open(&stack, &driver);
    browser.goto(&format!("cases/{case}"));
    assert!(
        browser.path().starts_with("/sign-in?to="),
        "{}",
        browser.path()
    );
    assert!(
        !browser.body().contains("WS-17"),
        "nothing of the case is told"
    );
    browser.fill("#code", "WRONG-CODE");
    browser.click("form button");
    browser.reads("body", "wrong, used or too old");
    browser.fill("#code", &stack.code(ANALYST));
    browser.click("form button");
    e2e::until("they are where they were going", || {
        (browser.path() == format!("/t/acme/cases/{case}")).then_some(())
    });
    browser.goto("/t/globex/");
    browser.reads("body", "There is nothing here");
    browser.goto("");
    browser.click(".out button");
    browser.goto("");
    assert!(
        browser.path().starts_with("/sign-in"),
        "signed out: {}",
        browser.path()
    );
}

#[test]
fn the_incident_is_given_back_by_two_people_in_two_sessions() {
    let (stack, _, case) = overreach();
    let Some(driver) = Driver::start() else {
        return;
    };
    let lead = browser(&stack, &driver, LEAD);
    lead.reads("body", "Taken by another product, against our guards");
    lead.click(".row.taken h3 a");
    lead.reads("h1", "Our guards would have held it");
    lead.click(".ack button");
    lead.reads(".ack", "acknowledged this");
    lead.reads(".steps", "the file is given back");
    lead.fill("#comment", "known software, vendor confirmed");
    lead.click("button[value=approve]");
    lead.reads("body", "You approved at");
    assert!(stack.applied().is_empty(), "one is not enough");

    let owner = browser(&stack, &driver, OWNER);
    owner.click(".row.taken h3 a");
    owner.reads("#approvals", "1 of 2");
    owner.fill("#comment", "it runs the night jobs");
    owner.click("button[value=approve]");
    stack.all_in(
        &case,
        &["allow-software", "restore-file", "start-process"],
        "done",
    );
    let device = &stack.range.world().devices[0];
    let runs = device
        .processes
        .iter()
        .any(|it| it.state == ProcessState::Running);
    assert!(runs, "{:?}", device.processes);
    assert_eq!(device.files[0].state, FileState::Present);
    owner.goto("overreaches");
    owner.reads("body", "repaired");
}

#[test]
fn a_denial_needs_a_comment_and_ends_it() {
    let (stack, _, case) = held();
    let Some(driver) = Driver::start() else {
        return;
    };
    let analyst = browser(&stack, &driver, ANALYST);
    let proposal = stack.proposal(&case, "quarantine-file").unwrap();
    analyst.goto(&page_of(&proposal));
    // the browser itself refuses an empty comment, so ask the server without it
    analyst.run("document.querySelector('#comment').required = false");
    analyst.click("button[value=deny]");
    analyst.reads("body", "a comment is required");
    analyst.fill("#comment", "a tool of ours");
    analyst.click("button[value=deny]");
    analyst.reads("body", "denied this");
    assert_eq!(
        stack.proposal(&case, "quarantine-file").unwrap()["state"],
        "denied"
    );
    analyst.reads("q", "a tool of ours");
    assert!(!analyst.has("button[value=approve]"));
}

#[test]
fn a_page_that_is_older_than_what_it_shows_decides_nothing_and_keeps_the_comment() {
    let (stack, incident, case) = held();
    let Some(driver) = Driver::start() else {
        return;
    };
    let analyst = browser(&stack, &driver, ANALYST);
    let proposal = stack.proposal(&case, "quarantine-file").unwrap();
    analyst.goto(&page_of(&proposal));
    analyst.fill("#comment", "looks like malware");
    let mut changed = asset(&incident, &["ours"], Review::Reviewed);
    changed["protection"] = json!("critical");
    stack.import_held(&json!({ "assets": [changed] }));
    analyst.click("button[value=approve]");
    analyst.reads("body", "what it would do has changed");
    assert_eq!(analyst.value("#comment", "value"), "looks like malware");
    analyst.reads("#approvals", "0 of 2");
    assert!(stack.applied().is_empty());
    analyst.click("button[value=approve]");
    analyst.reads("#approvals", "1 of 2");
    assert!(stack.applied().is_empty(), "the owner is still needed");
}

#[test]
fn a_double_click_and_the_back_button_give_one_decision() {
    let (stack, incident, case) = held();
    let mut changed = asset(&incident, &["ours"], Review::Reviewed);
    changed["protection"] = json!("critical");
    stack.import_held(&json!({ "assets": [changed] }));
    let Some(driver) = Driver::start() else {
        return;
    };
    let lead = browser(&stack, &driver, LEAD);
    let proposal = stack.proposal(&case, "quarantine-file").unwrap();
    lead.goto(&page_of(&proposal));
    lead.fill("#comment", "go");
    let twice = "const f = document.querySelector('#decision'), b = f.querySelector('[value=approve]'); b.click(); b.click();";
    lead.run(twice);
    e2e::until("it was counted", || {
        lead.body().contains("You approved at").then_some(())
    });
    let given = || {
        stack.proposal(&case, "quarantine-file").unwrap()["approvals"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(given(), 1);
    lead.back();
    // the page before is either asked for anew, and has no form, or shown as it was, and counts once
    if lead.has("#comment") {
        lead.fill("#comment", "go again");
        lead.click("button[value=approve]");
    }
    assert_eq!(given(), 1);
    lead.reads("body", "counted once");
    assert!(stack.applied().is_empty());
}

#[test]
fn reading_and_deciding_work_without_a_script() {
    let (stack, _, case) = held();
    let Some(driver) = Driver::start() else {
        return;
    };
    let browser = Browser::without_script(&stack, &driver);
    browser.sign_in(&stack.code(ANALYST));
    e2e::until("Held is shown", || {
        browser.body().contains("wait for you").then_some(())
    });
    browser.click(".row h3 a");
    e2e::until("the proposal is shown", || {
        browser.has("#comment").then_some(())
    });
    browser.click(".digest summary");
    browser.fill("#comment", "malware, no script needed");
    browser.click("button[value=approve]");
    e2e::until("one was decided", || {
        let case = stack.case(&case);
        let all = case["proposals"].as_array()?.clone();
        all.iter().any(|it| it["state"] != "held").then_some(())
    });
}

#[test]
fn enter_decides_nothing() {
    let (stack, _, case) = held();
    let Some(driver) = Driver::start() else {
        return;
    };
    let lead = browser(&stack, &driver, LEAD);
    let proposal = stack.proposal(&case, "quarantine-file").unwrap();
    lead.goto(&page_of(&proposal));
    lead.run("document.body.focus()");
    for key in ["a", "\u{e007}", "\u{e00c}", "d"] {
        lead.press(key);
    }
    // `d` has moved the focus to Deny and pressed nothing; a comment is missing in any case
    assert_eq!(
        stack.proposal(&case, "quarantine-file").unwrap()["state"],
        "held"
    );
    assert_eq!(lead.run("return document.activeElement.value"), "deny");
}

#[test]
fn halting_takes_two_clicks_and_a_reason_and_a_lead_lifts_it() {
    let (stack, _, _) = held();
    let Some(driver) = Driver::start() else {
        return;
    };
    let analyst = browser(&stack, &driver, ANALYST);
    analyst.click("a.halt");
    analyst.reads("h1", "Halt automation");
    analyst.fill("#reason", "too many actions at once");
    analyst.click("button.red");
    analyst.reads("body", "is halted since");
    analyst.reads("body", "takes a lead");
    let lead = browser(&stack, &driver, LEAD);
    lead.goto("halt");
    lead.fill("#reason", "looked at it");
    lead.click(".halting button.btn");
    assert!(!lead.body().contains("is halted since"), "{}", lead.body());
}
