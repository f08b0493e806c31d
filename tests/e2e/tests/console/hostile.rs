//! Hostile texts in every text field of an alert and a proposal, on every page: nothing runs, the
//! policy has nothing to report, nothing leaves its place, and what acts is seen.

use crate::scene::browser;
use crate::texts;
use e2e::alerts::Incident;
use e2e::{ANALYST, Browser, Driver, LEAD, Setup, Stack, Width};
use serde_json::{Value, json};

/// Fields by which the host finds and tells apart things, and such that hold no free text.
const KEPT: &[&str] = &[
    "uid",
    "uid_alt",
    "product_uid",
    "version",
    "type",
    "value",
    "algorithm",
    "ip",
    "os",
    "severity",
    "status",
    "class_name",
    "category_name",
    "activity_name",
    "type_name",
    "activity",
];

/// Puts a text into every string of a finding but those that the host must be able to read.
fn infect(value: &mut Value, key: &str, text: &str) {
    match value {
        Value::String(known) if !KEPT.contains(&key) => {
            // a path keeps its shape, or it is no path and names nothing
            *value = if known.starts_with("C:\\") {
                json!(format!("C:\\x\\{}", text.replace(['\\', '/'], "_")))
            } else {
                json!(text)
            };
        }
        Value::Object(fields) => fields
            .iter_mut()
            .for_each(|(key, value)| infect(value, key, text)),
        Value::Array(items) => items.iter_mut().for_each(|it| infect(it, key, text)),
        _ => {}
    }
}

/// An alert with one text everywhere; its device stays known, so that something is proposed.
fn alert(incident: &Incident, text: &str) -> Value {
    let clean = incident.finding(4);
    let mut finding = clean.clone();
    for part in [
        "finding_info",
        "evidences",
        "malware",
        "unmapped",
        "message",
        "comment",
        "status_detail",
        "remediation",
        "actor",
    ] {
        if let Some(value) = finding.get_mut(part) {
            infect(value, part, text);
        }
    }
    if let Some(name) = finding.pointer_mut("/device/desc") {
        *name = json!(text);
    }
    finding["message"] = json!(text);
    finding["finding_info"]["desc"] = json!(text);
    finding
}

/// What is wrong with the page that is open.
fn wrong(page: &Browser, place: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if page.has_dialogue() {
        return vec![format!("{place}: a dialogue is open")];
    }
    let found = page.run(CHECK);
    wrong.extend(
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|it| format!("{place}: {it}")),
    );
    let complaints = page.complaints();
    let told = complaints.into_iter().filter(|it| {
        it.contains("Content Security") || it.contains("Uncaught") || it.contains("Trusted")
    });
    wrong.extend(told.map(|it| format!("{place}: {it}")));
    if page.overflow() > 0 {
        wrong.push(format!("{place}: {} px too wide", page.overflow()));
    }
    wrong
}

/// In the page: did something run, is there an element or address that is not ours, does a
/// character act, does a text from outside stick out of the page.
const CHECK: &str = r#"
const wrong = [];
if (window.pwned) wrong.push('a script ran');
if (document.scripts.length !== 1) wrong.push('scripts: ' + document.scripts.length);
for (const e of document.querySelectorAll('img, iframe, object, embed, base, style, video, math, noscript, template, link:not([rel=stylesheet]), meta[http-equiv]')) wrong.push('element ' + e.outerHTML.slice(0, 120));
for (const e of document.querySelectorAll('*')) for (const a of e.attributes) if (/^on|^style$|^srcdoc$/i.test(a.name)) wrong.push('attribute ' + a.name);
for (const a of document.querySelectorAll('[href], [action], [src]')) { const u = a.getAttribute('href') ?? a.getAttribute('action') ?? a.getAttribute('src'); if (!/^[/?#]/.test(u) || u.startsWith('//')) wrong.push('address ' + u.slice(0, 120)); }
const acts = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/u;
const at = document.documentElement.outerHTML.search(acts);
if (at >= 0) wrong.push('a character acts: ' + escape(document.documentElement.outerHTML.slice(Math.max(0, at - 40), at + 20)));
const wide = document.documentElement.clientWidth + 1;
for (const e of document.querySelectorAll('.x, .a, .cc, bdi, q')) { if (e.closest('.scroll, pre, .vh')) continue; const r = e.getBoundingClientRect(); if (r.right > wide || r.left < -1) wrong.push('sticks out: ' + e.textContent.slice(0, 60)); if (r.height > 900) wrong.push('too high: ' + r.height + ' ' + e.textContent.slice(0, 60)); }
return wrong.slice(0, 8);
"#;

fn attack(texts: &[String]) {
    let stack = Setup::new().start();
    let incidents: Vec<Incident> = (0..texts.len())
        .map(|n| Incident::on_workstation(&format!("WS-{n:03}")).hash(&format!("{n:064x}")))
        .collect();
    stack.load(&incidents);
    let mut cases = Vec::new();
    for (incident, text) in incidents.iter().zip(texts) {
        let answer = stack
            .api(LEAD)
            .post("detections", &alert(incident, text))
            .ok();
        cases.extend(
            answer["cases"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|it| it.as_str().map(str::to_owned)),
        );
    }
    assert!(
        cases.len() * 10 >= texts.len() * 9,
        "most became cases: {} of {}",
        cases.len(),
        texts.len()
    );
    by_hand(&stack, &cases, texts);
    look(&stack, &cases);
}

/// People write too: what an attacker got them to paste.
fn by_hand(stack: &Stack, cases: &[String], texts: &[String]) {
    let device = |case: &str| stack.case(case)["device"].clone();
    for (case, text) in cases.iter().zip(texts).step_by(7) {
        let wish = json!({ "case": case, "action": "contain-device", "reason": text, "target": { "device": device(case) } });
        let answer = stack.api(ANALYST).post("proposals", &wish);
        if answer.status == 201 {
            let comment = json!({ "digest": answer.body["judged"]["digest"], "comment": text });
            let id = answer.body["id"].as_str().unwrap();
            let _ = stack
                .api(LEAD)
                .post(&format!("proposals/{id}/deny"), &comment);
        }
    }
}

fn look(stack: &Stack, cases: &[String]) {
    let Some(driver) = Driver::start() else {
        return;
    };
    let lead = browser(stack, &driver, LEAD);
    let mut places: Vec<String> = [
        "",
        "cases",
        "overreaches",
        "effects",
        "assets",
        "plugins",
        "journal?since=2020-01-01T00:00",
        "health",
        "pages",
        "changes",
        "halt",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut marks = 0;
    for case in cases {
        let shown = stack.judged_or_not(case);
        places.push(format!("cases/{case}"));
        let asset = shown["assets"][0].as_str().map(|it| format!("assets/{it}"));
        places.extend(asset);
        let proposals = shown["proposals"].as_array().cloned().unwrap_or_default();
        places.extend(
            proposals
                .iter()
                .map(|it| format!("proposals/{}", it["id"].as_str().unwrap())),
        );
        places.extend(
            proposals
                .first()
                .map(|it| format!("guards/explain?proposal={}", it["id"].as_str().unwrap())),
        );
        let cause = shown["cause"].as_str().unwrap();
        let cause: String = url::form_urlencoded::byte_serialize(cause.as_bytes()).collect();
        places.push(format!("causes/{}", cause.replace('+', "%20")));
    }
    let mut all = Vec::new();
    for width in [Width::Desk, Width::Phone] {
        lead.look(false, width);
        // a phone shows the same markup: a part of the pages tells whether it fits
        let step = if width == Width::Desk { 1 } else { 4 };
        for place in places.iter().step_by(step) {
            lead.goto(place);
            assert!(lead.has("h1"), "{place} is no page: {}", lead.body());
            all.extend(wrong(&lead, &format!("{place} ({width:?})")));
            marks += usize::from(lead.has(".cc"));
        }
    }
    assert!(
        all.is_empty(),
        "{} findings on {} pages:\n{}",
        all.len(),
        places.len(),
        all.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(
        marks > cases.len() / 4,
        "what acts is seen: {marks} pages with marks"
    );
}

#[test]
fn forty_hostile_texts_do_nothing_on_any_page() {
    attack(&texts::some(40));
}

#[test]
#[ignore = "minutes: cargo xtask soak"]
fn every_hostile_text_does_nothing_on_any_page() {
    attack(&texts::all());
}
