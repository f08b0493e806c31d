//! Panics after it sent something: nobody knows what happened (CS-run-48, `unknown`).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::connector::*;

countersign_sdk::connector!(execute, status, manifest: "../plugin.json");

fn status(_order: &Order) -> Result<Receipt, Fault> {
    Ok(Receipt::new(Outcome::Unknown, "not asked"))
}

/// Where its manifest lets it post.
fn far_side(path: &str) -> Result<http::Request, Fault> {
    let (host, port): (String, String) = match (setting("host"), setting("port")) {
        (Ok(host), Ok(port)) => (host, port),
        _ => return Err(Fault::unsupported("no host or port")),
    };
    Ok(http::Request {
        method: "POST".into(),
        url: format!("http://{host}:{port}{path}"),
        headers: Vec::new(),
        body: Vec::new(),
        auth: None,
        timeout: None,
    })
}

#[allow(clippy::panic, reason = "that is its behaviour")]
fn execute(_order: &Order) -> Result<Receipt, Fault> {
    http::send(&far_side("/api/contain")?)?;
    panic!("after")
}
