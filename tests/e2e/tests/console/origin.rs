//! Another origin attacks every route that changes something, with the browser of somebody who is
//! signed in. A page on another port of the same machine is the same site: `SameSite` does not
//! help there, and the cookie is sent. What must hold it is the origin.

use crate::scene::browser;
use crate::scene_all::all;
use e2e::{Browser, Driver, LEAD, LEAD2, Stack};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

/// What a person does, as the journal tells it.
const DEEDS: &[&str] = &[
    "approved",
    "denied",
    "concluded",
    "overreach-acknowledged",
    "page-acknowledged",
    "change-decided",
    "change-held",
    "halt-set",
    "logged-out",
    "person-added",
    "token-created",
    "plugin-enrolled",
    "inventory-changed",
    "dispatch-confirmed",
];

/// A page that holds nothing, from another port: what it does, the test tells it.
fn other_origin() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
            let _ = stream.read(&mut [0; 4096]);
            let body = "<!doctype html><title>another page</title><p>nothing to see";
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
            let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
        }
    });
    format!("{port}")
}

/// How often people did something.
fn deeds(stack: &Stack) -> usize {
    let mut after = 0;
    let mut count = 0;
    loop {
        let part = stack
            .api(LEAD2)
            .get(&format!("journal?after={after}&limit=1000"))
            .ok();
        let entries = part["entries"].as_array().unwrap();
        count += entries
            .iter()
            .filter(|it| DEEDS.contains(&it["kind"].as_str().unwrap()))
            .count();
        count += entries
            .iter()
            .filter(|it| it["kind"] == "proposed" && it["entry"].to_string().contains("by-hand"))
            .count();
        match part["next"].as_u64() {
            Some(next) => after = next,
            None => return count,
        }
    }
}

/// Every form of the console and the fields that it would need to do harm.
fn forms(stack: &Stack) -> Vec<(String, Vec<(&'static str, String)>)> {
    let api = stack.api(LEAD2);
    let first = |path: &str, list: &str| api.get(path).ok()[list][0].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let proposals = api.get("proposals?state=held&limit=1000").ok()["proposals"]
        .as_array()
        .unwrap()
        .clone();
    let held = proposals
        .iter()
        .find(|it| it["principal"]["kind"] == "playbook")
        .unwrap()
        .clone();
    let (id, digest, cause, case) = (
        text(&held["id"]),
        text(&held["judged"]["digest"]),
        text(&held["cause"]),
        text(&held["case"]),
    );
    let overreach = text(&first("overreaches", "overreaches")["id"]);
    let effect = text(&first("effects", "effects")["id"]);
    let page = text(&first("pages", "pages")["id"]);
    let change = text(&first("changes", "changes")["id"]);
    let comment = || ("comment", "because".to_owned());
    let decision = |how: &str| ("decision", how.to_owned());
    vec![
        (
            format!("proposals/{id}/decide"),
            vec![("digest", digest.clone()), decision("approve"), comment()],
        ),
        (
            format!("proposals/{id}/decide"),
            vec![("digest", digest.clone()), decision("deny"), comment()],
        ),
        (
            format!("proposals/{id}/conclude"),
            vec![("in_force", "true".into()), comment()],
        ),
        (
            format!("causes/{cause}/decide"),
            vec![
                ("member", format!("{id}.{digest}")),
                decision("approve"),
                comment(),
            ],
        ),
        (
            format!("causes/{cause}/choose"),
            vec![("member", id.clone())],
        ),
        (format!("causes/{cause}/end"), vec![comment()]),
        (
            format!("cases/{case}/propose"),
            vec![
                ("what", "contain-device.0".into()),
                ("reason", "by-hand".into()),
            ],
        ),
        (
            format!("overreaches/{overreach}/acknowledge"),
            vec![comment()],
        ),
        (
            format!("effects/{effect}/renew"),
            vec![("seconds", "3600".into()), comment()],
        ),
        (format!("effects/{effect}/end"), vec![comment()]),
        (
            "import".into(),
            vec![("list", "name,kind\nWS-EVIL,workstation".into())],
        ),
        (format!("pages/{page}/acknowledge"), vec![comment()]),
        (
            format!("changes/{change}/decide"),
            vec![decision("approve"), comment()],
        ),
        (
            "halt".into(),
            vec![("on", "true".into()), ("reason", "attack".into())],
        ),
        ("confirm".into(), vec![]),
        ("sign-out".into(), vec![]),
    ]
}

/// Every route of the API that changes something, with a body that it would read.
fn routes(stack: &Stack) -> Vec<(&'static str, String, Value)> {
    let proposals = stack.api(LEAD2).get("proposals?state=held").ok();
    let held = &proposals["proposals"][0];
    let id = held["id"].as_str().unwrap();
    let decision = json!({ "digest": held["judged"]["digest"], "comment": "because" });
    vec![
        ("POST", format!("proposals/{id}/approve"), decision.clone()),
        ("POST", format!("proposals/{id}/deny"), decision),
        (
            "POST",
            "halt".into(),
            json!({ "on": true, "reason": "attack" }),
        ),
        (
            "POST",
            "people".into(),
            json!({ "id": "eve@acme.example", "roles": ["lead"] }),
        ),
        ("POST", "tokens".into(), json!({ "name": "eve" })),
        (
            "POST",
            "assets:import".into(),
            json!({ "assets": [{ "name": "EVIL", "kind": "workstation" }] }),
        ),
        ("POST", "confirm".into(), json!({})),
        (
            "POST",
            "proposals".into(),
            json!({ "case": held["case"], "action": "contain-device", "reason": "by-hand", "target": { "device": { "id": "1", "name": "a" } } }),
        ),
        ("DELETE", "tokens/none".into(), json!({})),
    ]
}

/// The victim's browser stands on another origin's page and sends the form as that page would.
fn send(victim: &Browser, url: &str, fields: &[(&'static str, String)]) {
    let fields = json!(
        fields
            .iter()
            .map(|(name, value)| json!([name, value]))
            .collect::<Vec<_>>()
    );
    victim.run(&format!(
        "const f = document.createElement('form'); f.method = 'post'; f.action = {url}; \
         for (const [n, v] of {fields}) {{ const i = document.createElement('input'); i.name = n; i.value = v; f.append(i); }} \
         document.body.append(f); f.submit();",
        url = json!(url)
    ));
}

#[test]
fn no_form_and_no_script_of_another_origin_changes_anything() {
    let scene = all();
    let stack = &scene.stack;
    let Some(driver) = Driver::start() else {
        return;
    };
    let victim = browser(stack, &driver, LEAD);
    let port = other_origin();
    let before = deeds(stack);
    let (forms, routes, host) = (forms(stack), routes(stack), stack.nobody().base());
    for name in ["127.0.0.1", "localhost"] {
        let evil = format!("http://{name}:{port}/");
        for (path, fields) in &forms {
            victim.goto(&evil);
            send(&victim, &format!("{host}/t/acme/{path}"), fields);
            e2e::until(&format!("{path} is answered"), || {
                let said = victim.body();
                let refused = [
                    "Nothing was done",
                    "You are not signed in any more",
                    "Sign in",
                ];
                refused.iter().any(|it| said.contains(it)).then_some(())
            });
        }
        victim.goto(&evil);
        for (method, path, body) in &routes {
            let url = format!("{host}/v1/tenants/acme/{path}");
            let script = format!(
                "const done = arguments[arguments.length - 1]; const all = [\
                 fetch({url}, {{ method: {method}, mode: 'no-cors', credentials: 'include', body: {body} }}),\
                 fetch({url}, {{ method: {method}, mode: 'cors', credentials: 'include', headers: {{ 'content-type': 'application/json' }}, body: {body} }})];\
                 Promise.allSettled(all).then(r => done(r.map(x => x.status + ' ' + (x.value ? x.value.type + x.value.status : ''))));",
                url = json!(url),
                method = json!(method),
                body = json!(body.to_string())
            );
            let answered = victim.run_later(&script).to_string();
            assert!(
                !answered.contains("basic") && !answered.contains("cors200"),
                "{path}: {answered}"
            );
        }
        // nor can it read, or put the pages into a frame of its own
        let read = victim.run_later(&format!("const done = arguments[arguments.length - 1]; fetch({}, {{ credentials: 'include' }}).then(r => r.text()).then(t => done('read ' + t.length), e => done('no'))", json!(format!("{host}/t/acme/"))));
        assert_eq!(read, "no");
        let framed = victim.run_later(&format!("const done = arguments[arguments.length - 1]; const f = document.createElement('iframe'); f.onload = () => {{ try {{ done(f.contentDocument ? 'same' : 'blocked') }} catch (e) {{ done('blocked') }} }}; f.src = {}; document.body.append(f);", json!(format!("{host}/t/acme/halt"))));
        assert_eq!(framed, "blocked");
    }
    assert_eq!(deeds(stack), before, "somebody did something");
    victim.goto("");
    assert!(
        victim.body().contains("decisions wait for you"),
        "still signed in: {}",
        victim.body()
    );
    // the same form from the page itself works: it is the origin that was refused, not the form
    victim.goto("halt");
    victim.fill("#reason", "a drill");
    victim.click("button.red");
    victim.reads("body", "is halted since");
}

#[test]
fn looking_at_a_link_decides_nothing() {
    let scene = all();
    let stack = &scene.stack;
    let Some(driver) = Driver::start() else {
        return;
    };
    let lead = browser(stack, &driver, LEAD);
    let before = deeds(stack);
    for (path, fields) in forms(stack) {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields.iter().map(|(name, value)| (*name, value.as_str())));
        lead.goto(&format!("{path}?{}", query.finish()));
    }
    assert_eq!(deeds(stack), before);
}
