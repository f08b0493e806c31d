//! What it posts, and what it says of it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's failure is a panic"
)]

use super::{execute, status};
use countersign_sdk::connector::*;
use countersign_sdk::testing::*;
use serde_json::{Value, json};

fn host(code: u16, body: &'static str) -> Host {
    Host::new(include_str!("../plugin.json"))
        .setting("host", "pager.example")
        .setting("path", "/hooks/soc")
        .http(move |_| Ok(response(code, body)))
}

fn page() -> Order {
    let mut order = order("notify", device())
        .with("countersign.subject", Some("Overreach on app-07"))
        .with("countersign.text", Some("The EDR took <b>agent.exe</b>"))
        .with("countersign.case", Some("case-1"))
        .with("countersign.id", Some("forged"));
    for name in ["soc", "owner"] {
        let (name, value) = ("recipients".into(), name.into());
        order.arguments.push(Attribute { name, value });
    }
    order
}

#[test]
fn a_page_is_one_signed_post_of_what_the_host_wrote() {
    let host = host(200, "{\"reference\":\"page-1\"}");
    let receipt = host.call(execute, &page()).unwrap();
    assert_eq!(
        (receipt.outcome, receipt.reference.as_deref()),
        (Outcome::Done, Some("page-1"))
    );

    let request = host.requests().remove(0);
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("POST", "https://pager.example:443/hooks/soc")
    );
    assert_eq!(request.auth.as_deref(), Some("signature"));
    let key = request
        .headers
        .iter()
        .find(|it| it.name == "idempotency-key")
        .unwrap();
    assert_eq!(key.value, page().idempotency_key);
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        body,
        json!({
            "id": page().idempotency_key,
            "order": "order-1",
            "at_ms": NOW,
            "about": { "kind": "device", "id": "dev-1", "name": "ws-01" },
            "recipients": ["soc", "owner"],
            "subject": "Overreach on app-07",
            "text": "The EDR took <b>agent.exe</b>",
            "case": "case-1",
        })
    );
}

#[test]
fn a_receiver_may_answer_nothing() {
    for body in ["", "ok", "[1]", "{\"id\":7}"] {
        let receipt = host(204, body).call(execute, &page()).unwrap();
        assert_eq!(
            (receipt.outcome, receipt.reference),
            (Outcome::Done, None),
            "{body}"
        );
    }
}

#[test]
fn what_was_not_taken_is_not_told() {
    let said = |code| host(code, "no").call(execute, &page()).unwrap_err();
    assert!(matches!(said(401), Fault::Definite(_)));
    assert!(matches!(said(429), Fault::NotDone(_)));
    assert!(matches!(said(502), Fault::Unknown(_)));
}

#[test]
fn nothing_is_known_of_a_message_once_it_may_have_left() {
    let asked = |attempt| {
        let host = host(200, "");
        let outcome = host
            .call(status, &Order { attempt, ..page() })
            .unwrap()
            .outcome;
        assert!(host.requests().is_empty(), "asking must not tell");
        outcome
    };
    assert_eq!(asked(0), Outcome::Absent);
    assert_eq!(asked(1), Outcome::Unknown);
}

#[test]
fn it_informs_and_does_nothing_else() {
    let order = order("contain-device", device());
    for call in [execute, status] {
        assert!(matches!(
            host(200, "").call(call, &order),
            Err(Fault::Definite(_))
        ));
    }
}
