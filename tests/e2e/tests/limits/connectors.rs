//! Connectors: people have a device contained, the connector misbehaves as the device is called,
//! and the order ends with a person who looks; nothing of it is sent twice.

use crate::rows::{self, Row};
use countersign::engine::LimitKind::Connector;
use countersign::model::Digest;
use e2e::{ANALYST, DEADLINE, LEAD, OPERATOR, OWNER, Setup, Stack, now_ms, until_in};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A far side that answers every request and counts it, but for one path that stays silent.
pub fn far_side() -> (SocketAddr, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let count = Arc::new(AtomicU32::new(0));
    let counted = count.clone();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0_u8; 4096];
            let read = stream.read(&mut head).unwrap_or(0);
            counted.fetch_add(1, Ordering::SeqCst);
            if String::from_utf8_lossy(&head[..read]).contains("/api/silent") {
                // kept open: a closed connection would be an answer
                silent.push(stream);
            } else {
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    (addr, count)
}

/// A stack with the connector that misbehaves, for the product of [`contained`].
pub fn stack(addr: SocketAddr, setup: Setup) -> Stack {
    let connector = format!(
        "[[connector]]\nname = \"misacts\"\nplugin = \"guests.misacts-as-told\"\n\
         settings = {{ host = \"127.0.0.1\", port = {} }}\nallow_private = [\"127.0.0.1\"]\n",
        addr.port()
    );
    setup
        .connectors(&connector)
        .plugin("misacts-as-told", "active")
        .start()
}

/// A case about a device of this name.
pub fn alert(stack: &Stack, device: &str) -> String {
    let finding = json!({
        "class_uid": 2004, "category_uid": 2, "type_uid": 200_401, "activity_id": 1,
        "severity_id": 4, "time": now_ms() - 20_000,
        "metadata": { "version": "1.8.0", "product": { "vendor_name": "acme", "name": "edr" } },
        "finding_info": { "uid": format!("alert-{device}"), "title": format!("about {device}") },
        "evidences": [{ "device": { "uid": format!("id-{device}"), "hostname": device, "type_id": 2 },
            "file": { "name": "a.exe", "path": "C:\\a.exe", "type_id": 1, "hashes":
                [{ "algorithm_id": 3, "value": Digest::of(device.as_bytes()).as_str() }] } }],
        "device": { "uid": format!("id-{device}"), "hostname": device, "type_id": 2 },
    });
    let received = stack.api(OPERATOR).post("detections", &finding).ok();
    let case = received["cases"][0].as_str();
    case.unwrap_or_else(|| panic!("{received}")).to_owned()
}

/// A proposal to contain the device, held.
pub fn proposed(stack: &Stack, case: &str) -> Value {
    let device = stack.case(case)["device"].clone();
    let wish = json!({
        "case": case, "action": "contain-device", "target": { "device": device }, "reason": "to see",
    });
    let made = stack.api(ANALYST).post("proposals", &wish).ok();
    assert_eq!(made["state"], "held", "{made:#}");
    made
}

/// Has people approve it until it is an order.
pub fn ordered(stack: &Stack, proposal: &Value) -> String {
    let id = proposal["id"].as_str().unwrap();
    for person in [LEAD, OWNER] {
        let now = stack.api(person).get(&format!("proposals/{id}")).ok();
        if let Some(order) = now["order"].as_str() {
            return order.to_owned();
        }
        stack.approve(person, &now).ok();
    }
    let now = stack.api(LEAD).get(&format!("proposals/{id}")).ok();
    now["order"].as_str().unwrap().to_owned()
}

/// The order, as it is now.
pub fn order(stack: &Stack, id: &str) -> Value {
    let all = stack.api(ANALYST).get("orders?all=true&limit=1000").ok();
    let mut all = all["orders"].as_array().unwrap().iter();
    all.find(|it| it["id"] == id).unwrap().clone()
}

/// The order, once it has ended.
pub fn ended(stack: &Stack, id: &str) -> Value {
    let last = ["done", "failed", "cancelled", "needs-person"];
    // one slot for everybody, and pauses between the tries, take their time
    until_in(4 * DEADLINE, &format!("{id} has ended"), || {
        let order = order(stack, id);
        last.contains(&order["state"].as_str()?).then_some(order)
    })
}

fn seen(stack: &Stack, row: &Row, order: &Value) {
    if row.code.is_empty() {
        let id = order["id"].as_str().unwrap();
        let lines = rows::logged(stack, "order", id);
        return rows::log_shows(row, &lines);
    }
    let answers = order["answers"].as_array().unwrap();
    let executed: Vec<&Value> = answers
        .iter()
        .filter(|it| it["call"] == "execute")
        .collect();
    assert_eq!(executed.len(), 1, "sent once: {order:#}");
    let fault = &executed[0]["answer"]["fault"];
    let why = fault.as_object().and_then(|it| it.values().next());
    let why = why.unwrap_or_else(|| panic!("{row:?}: {order:#}"));
    assert_eq!(why["code"], row.code, "{row:?}: {why}");
    let text = why["message"].as_str().unwrap();
    assert!(text.contains(row.text), "{row:?}: {text}");
    assert_eq!(order["state"], "needs-person", "{row:?}: {order:#}");
}

#[test]
fn a_connector_ends_at_each_of_its_limits() {
    let (addr, requests) = far_side();
    let mut stack = stack(addr, Setup::new());
    rows::restart_with(&mut stack, "", &rows::first_file(Connector));
    let mut done = std::collections::BTreeMap::new();
    for row in rows::first(Connector) {
        let ended = done.entry(row.misdeed).or_insert_with(|| {
            let case = alert(&stack, row.misdeed);
            let order = ordered(&stack, &proposed(&stack, &case));
            ended(&stack, &order)
        });
        seen(&stack, row, ended);
    }
    // two of the flood, one that was never answered; what was too large never left
    assert_eq!(requests.load(Ordering::SeqCst), 3);
}

#[test]
fn a_connector_ends_by_the_clock_and_another_case_is_judged_meanwhile() {
    let (addr, _) = far_side();
    let mut stack = stack(addr, Setup::new());
    rows::restart_with(&mut stack, "", &rows::second_file(Connector));
    for row in rows::second(Connector) {
        let case = alert(&stack, row.misdeed);
        let id = ordered(&stack, &proposed(&stack, &case));
        if row.name == "wall_ms" {
            let other = alert(&stack, "another-device");
            proposed(&stack, &other);
            assert_eq!(
                order(&stack, &id)["state"],
                "dispatched",
                "the guest has ended"
            );
        }
        seen(&stack, row, &ended(&stack, &id));
    }
}
