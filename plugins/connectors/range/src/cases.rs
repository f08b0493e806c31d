//! What it asks and what it makes of the answers, with a range that is canned.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's failure is a panic"
)]

use super::{execute, status};
use countersign_sdk::connector::*;
use countersign_sdk::testing::*;
use serde_json::json;

fn host(code: u16, body: impl ToString) -> Host {
    let body = body.to_string();
    Host::new(include_str!("../plugin.json"))
        .setting("host", "127.0.0.1")
        .setting("port", 8081)
        .http(move |_| Ok(response(code, body.clone())))
}

/// Method, path with query, and body of the one request that an order makes.
fn asked(order: &Order) -> (String, String, String) {
    let host = host(200, json!({ "state": "?" }));
    let _ = host.call(execute, order);
    let request = host.requests().remove(0);
    let path = request
        .url
        .strip_prefix("http://127.0.0.1:8081")
        .unwrap()
        .to_owned();
    (
        request.method,
        path,
        String::from_utf8(request.body).unwrap(),
    )
}

fn process() -> Process {
    Process {
        reference: Some("77".into()),
        ..Process::on(&device(), "agent.exe")
    }
}

fn file() -> File {
    File {
        reference: Some("77".into()),
        ..File::on(&device(), r"C:\Ops & Co\agent.exe")
    }
}

fn software() -> Software {
    Software {
        sha256: None,
        signer: Some("CN=Ops, O=Ops Inc".into()),
        name: "agent.exe".into(),
        path: None,
        reference: Some("77".into()),
    }
}

fn account() -> Account {
    Account {
        id: "S-1-5/../21".into(),
        name: "mara".into(),
        domain: "corp".into(),
    }
}

fn contain() -> Order {
    order("contain-device", device())
}

#[test]
fn every_action_asks_for_one_state_of_one_resource() {
    let address = Target::Address("203.0.113.0/24".into());
    let domain = Target::Domain("evil.example".into());
    let service = || Service {
        device: device(),
        name: "Print Spooler".into(),
    };
    let cases = [
        (
            order("suspend-process", process()),
            "/edr/devices/dev-1/processes?reference=77",
            "suspended",
        ),
        (
            order("resume-process", process()),
            "/edr/devices/dev-1/processes?reference=77",
            "running",
        ),
        (
            order("stop-process", process()),
            "/edr/devices/dev-1/processes?reference=77",
            "stopped",
        ),
        (
            order("start-process", process()),
            "/edr/devices/dev-1/processes?how=start&reference=77",
            "running",
        ),
        (
            order("quarantine-file", file()),
            "/edr/devices/dev-1/files?path=C%3A%5COps%20%26%20Co%5Cagent.exe&reference=77",
            "quarantined",
        ),
        (
            order("restore-file", file()),
            "/edr/devices/dev-1/files?path=C%3A%5COps%20%26%20Co%5Cagent.exe&reference=77",
            "present",
        ),
        (
            order("delete-file", file()),
            "/edr/devices/dev-1/files?path=C%3A%5COps%20%26%20Co%5Cagent.exe&reference=77",
            "deleted",
        ),
        (contain(), "/edr/devices/dev-1/containment", "on"),
        (
            order("release-device", device()),
            "/edr/devices/dev-1/containment",
            "off",
        ),
        (
            order("block-address", address.clone()),
            "/firewall/addresses/203.0.113.0/24",
            "blocked",
        ),
        (
            order("unblock-address", address),
            "/firewall/addresses/203.0.113.0/24",
            "free",
        ),
        (
            order("block-domain", domain.clone()),
            "/firewall/domains/evil.example",
            "blocked",
        ),
        (
            order("unblock-domain", domain),
            "/firewall/domains/evil.example",
            "free",
        ),
        (
            order("disable-account", account()),
            "/directory/accounts/S-1-5%2F..%2F21",
            "disabled",
        ),
        (
            order("enable-account", account()),
            "/directory/accounts/S-1-5%2F..%2F21",
            "enabled",
        ),
        (
            order("revoke-sessions", account()),
            "/directory/accounts/S-1-5%2F..%2F21/sessions",
            "revoked",
        ),
        (
            order("stop-service", service()),
            "/edr/devices/dev-1/services/Print%20Spooler",
            "stopped",
        ),
        (
            order("start-service", service()),
            "/edr/devices/dev-1/services/Print%20Spooler",
            "running",
        ),
        (
            order("scan-device", device()),
            "/edr/devices/dev-1/scans",
            "finished",
        ),
        (
            order("collect-evidence", device()),
            "/edr/devices/dev-1/collections",
            "finished",
        ),
    ];
    for (order, resource, wanted) in cases {
        let (method, path, body) = asked(&order);
        assert_eq!(
            (method.as_str(), path.as_str()),
            ("POST", resource),
            "{}",
            order.action
        );
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["wanted"], wanted, "{}", order.action);
    }
    let manifest: serde_json::Value = serde_json::from_str(include_str!("../plugin.json")).unwrap();
    assert_eq!(
        manifest["performs"].as_array().unwrap().len(),
        20 + 2,
        "and software, below"
    );
}

#[test]
fn an_allowance_is_taken_back_where_it_was_made() {
    let allow = Order {
        lease_until: Some(NOW),
        ..order("allow-software", software())
    }
    .with("device.uid", Some("dev-1"));
    let (_, resource, body) = asked(&allow);
    assert_eq!(
        resource,
        "/edr/allowances?signer=CN%3DOps%2C%20O%3DOps%20Inc&name=agent.exe&reference=77&reach=device&device=dev-1"
    );
    assert!(body.contains(&format!("\"until_ms\":{NOW}")), "{body}");

    let host = host(
        200,
        json!({ "state": "allowed", "changed": true, "job": "job-4" }),
    );
    let receipt = host.call(execute, &allow).unwrap();
    assert_eq!(
        (receipt.outcome, receipt.reference.as_deref()),
        (Outcome::Done, Some("job-4"))
    );
    let undoes = Undone {
        order: allow.id,
        reference: receipt.reference,
        attributes: receipt.attributes,
    };
    let back = Order {
        undoes: Some(undoes),
        ..order("unallow-software", software())
    };
    let (_, again, body) = asked(&back);
    assert_eq!(again, resource);
    assert!(body.contains("\"after\":\"job-4\""), "{body}");
}

#[test]
fn an_allowance_without_a_place_is_not_made_everywhere() {
    let host = host(200, json!({ "state": "allowed" }));
    let answer = host.call(execute, &order("allow-software", software()));
    assert!(matches!(answer, Err(Fault::Definite(_))), "{answer:?}");
    assert!(host.requests().is_empty());
}

#[test]
fn a_start_says_what_to_start() {
    let start = order("start-process", process())
        .with("process.file.path", Some(r"C:\Ops\agent.exe"))
        .with("process.cmd_line", Some("agent.exe --serve"));
    let (_, _, body) = asked(&start);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        body,
        json!({ "wanted": "running", "path": r"C:\Ops\agent.exe", "cmd_line": "agent.exe --serve" })
    );
}

#[test]
fn an_execution_is_named_exactly_or_not_by_its_pid() {
    let mut target = Process {
        pid: Some(10),
        started: Some(1000),
        ..process()
    };
    let (_, exact, _) = asked(&order("stop-process", target.clone()));
    assert_eq!(
        exact,
        "/edr/devices/dev-1/processes?pid=10&started=1000&reference=77"
    );
    target.started = None;
    let (_, reused, _) = asked(&order("stop-process", target));
    assert_eq!(reused, "/edr/devices/dev-1/processes?reference=77");
}

#[test]
fn a_name_that_leaves_its_segment_is_refused_before_anything_is_sent() {
    for id in ["", ".", ".."] {
        let host = host(200, json!({ "state": "on" }));
        let answer = host.call(execute, &order("contain-device", Device::new(id, "ws-01")));
        assert!(matches!(answer, Err(Fault::Definite(_))), "{id}");
        assert!(host.requests().is_empty(), "{id}");
    }
}

#[test]
fn execute_says_done_only_of_the_state_that_was_wanted() {
    let said = |body: serde_json::Value| {
        host(200, body)
            .call(execute, &contain())
            .map(|it| it.outcome)
    };
    assert_eq!(
        said(json!({ "state": "on", "changed": true })),
        Ok(Outcome::Done)
    );
    assert_eq!(
        said(json!({ "state": "on", "changed": false })),
        Ok(Outcome::Already)
    );
    assert_eq!(said(json!({ "state": "pending" })), Ok(Outcome::Pending));
    assert!(matches!(
        said(json!({ "state": "off" })),
        Err(Fault::Unknown(_))
    ));
    assert!(matches!(
        said(json!({ "status": "ok" })),
        Err(Fault::Unknown(_))
    ));
    assert!(matches!(said(json!(["on"])), Err(Fault::Unknown(_))));
    // What a first attempt may have done is ours.
    let again = Order {
        attempt: 2,
        ..contain()
    };
    let receipt = host(200, json!({ "state": "on", "changed": false })).call(execute, &again);
    assert_eq!(receipt.unwrap().outcome, Outcome::Done);
}

#[test]
fn what_the_policy_ended_again_is_not_done() {
    let body = json!({ "state": "stopped", "stopped_by": "policy", "changed": true });
    let answer = host(200, body).call(execute, &order("start-process", process()));
    assert!(
        matches!(&answer, Err(Fault::Definite(why)) if why.message.contains("allow the software first")),
        "{answer:?}"
    );
}

#[test]
fn a_failed_execute_says_what_is_known_of_the_far_side() {
    let said = |code: u16| host(code, "{}").call(execute, &contain()).unwrap_err();
    assert!(matches!(said(429), Fault::NotDone(_)));
    for code in [400, 401, 403, 404, 422] {
        assert!(matches!(said(code), Fault::Definite(_)), "{code}");
    }
    for code in [408, 409, 500, 502, 503, 504] {
        assert!(matches!(said(code), Fault::Unknown(_)), "{code}");
    }
    for (error, sent) in [
        (http::Error::Connection("refused".into()), false),
        (http::Error::Timeout, true),
        (http::Error::TooLarge(1 << 20), true),
        (http::Error::Interrupted("half".into()), true),
    ] {
        let host = host(200, "").http(move |_| Err(error.clone()));
        let fault = host.call(execute, &contain()).unwrap_err();
        assert_eq!(matches!(fault, Fault::Unknown(_)), sent, "{fault:?}");
    }
}

#[test]
fn status_says_what_is_true_or_that_it_does_not_know() {
    let said = |code: u16, body: serde_json::Value| {
        host(code, body).call(status, &contain()).unwrap().outcome
    };
    assert_eq!(said(200, json!({ "state": "on" })), Outcome::Done);
    assert_eq!(said(200, json!({ "state": "off" })), Outcome::Absent);
    assert_eq!(said(200, json!({ "state": "pending" })), Outcome::Pending);
    assert_eq!(said(404, json!({})), Outcome::Absent);
    for code in [401, 429, 500, 503] {
        assert_eq!(said(code, json!({})), Outcome::Unknown, "{code}");
    }
    assert_eq!(said(200, json!({ "hello": 1 })), Outcome::Unknown);
    let silent = host(200, "").http(|_| Err(http::Error::Connection("refused".into())));
    assert_eq!(
        silent.call(status, &contain()).unwrap().outcome,
        Outcome::Unknown
    );
}

#[test]
fn before_the_first_attempt_a_refusal_ends_the_order() {
    let first = Order {
        attempt: 0,
        ..contain()
    };
    assert!(matches!(
        host(401, "{}").call(status, &first),
        Err(Fault::Definite(_))
    ));
}

#[test]
fn status_only_reads_and_reads_what_has_no_state_by_its_key() {
    let reads = |action: &str, target: Target| {
        let host = host(200, json!({ "state": "finished" }));
        let order = order(action, target);
        let _ = host.call(status, &order);
        let request = host.requests().remove(0);
        assert_eq!(request.method, "GET");
        (request.url, order.idempotency_key)
    };
    let (url, key) = reads("scan-device", device().into());
    assert_eq!(url, format!("http://127.0.0.1:8081/edr/jobs/{key}"));
    let (url, _) = reads("contain-device", device().into());
    assert_eq!(url, "http://127.0.0.1:8081/edr/devices/dev-1/containment");
}
