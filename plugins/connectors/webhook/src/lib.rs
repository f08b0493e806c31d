//! Tells people, through whatever receives webhooks: one signed HTTP POST for each order.
//!
//! The host signs (`x-countersign-signature: t=<unix seconds>,v1=<hex HMAC-SHA-256 of "t.body">`)
//! after this plugin's last touch, so that the secret is never here. The order's key goes along
//! as `idempotency-key` and as `id` in the body: a receiver drops what it has seen (class A), and
//! because a webhook cannot be asked whether it arrived, that is what makes it safe to send again.
//!
//! What people read was written by the host and put into the order's attributes; this plugin adds
//! nothing of its own and interprets nothing of it.

use countersign_sdk::connector::*;
use serde_json::{Map, Value, json};

#[cfg(test)]
mod cases;

countersign_sdk::connector!(execute, status, manifest: "../plugin.json");

/// What the host calls its own words in an order's attributes.
const OURS: &str = "countersign.";

fn execute(order: &Order) -> Result<Receipt, Fault> {
    let body = message(order)?.to_string();
    let answer = send(order, "POST", url()?, &body, "signature")?;
    // What a receiver says is its own affair; many answer `ok`, or nothing.
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    let reference = ["reference", "id"]
        .iter()
        .find_map(|name| answer.get(name)?.as_str().map(str::to_owned));
    Ok(Receipt::new(Outcome::Done, "the receiver took it").reference(reference))
}

/// A webhook cannot be asked. Before the first attempt nothing was sent, and so nothing arrived;
/// after it nobody here can say.
fn status(order: &Order) -> Result<Receipt, Fault> {
    informs(order)?;
    Ok(match order.attempt {
        0 => Receipt::new(Outcome::Absent, "nothing was sent yet"),
        _ => Receipt::new(Outcome::Unknown, "a webhook cannot be asked what arrived"),
    })
}

/// What is posted. `countersign.subject`, `countersign.text`, `countersign.case` and the like
/// become fields of the same name; a name that comes twice becomes a list.
fn message(order: &Order) -> Result<Value, Fault> {
    informs(order)?;
    let mut facts = Map::new();
    for Attribute { name, value } in order.arguments.iter().chain(&order.attributes) {
        let name = name.strip_prefix(OURS).unwrap_or(name);
        match facts.get_mut(name) {
            None => {
                facts.insert(name.to_owned(), json!(value));
            }
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    // Last, so that no attribute can stand in for what says which message this is.
    facts.insert("id".into(), json!(order.idempotency_key));
    facts.insert("order".into(), json!(order.id));
    facts.insert("at_ms".into(), json!(order.now));
    facts.insert("about".into(), about(&order.target));
    Ok(Value::Object(facts))
}

fn informs(order: &Order) -> Result<(), Fault> {
    match order.action.as_str() {
        "notify" => Ok(()),
        other => Err(Fault::unsupported(format!("{other} by webhook"))),
    }
}

/// Whom or what it is about.
fn about(target: &Target) -> Value {
    match target {
        Target::Device(it) => json!({ "kind": "device", "id": it.id, "name": it.name }),
        Target::Account(it) => {
            json!({ "kind": "account", "id": it.id, "name": it.name, "domain": it.domain })
        }
        _ => Value::Null,
    }
}

fn url() -> Result<String, Fault> {
    let text = |name| setting::<String>(name).map_err(Fault::Definite);
    let (scheme, host, path) = (text("scheme")?, text("host")?, text("path")?);
    let port: u16 = setting("port").map_err(Fault::Definite)?;
    Ok(format!("{scheme}://{host}:{port}{path}"))
}
