//! Tries every host, port, path and method but the one it was granted, and reports what got through.
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

fn execute(_order: &Order) -> Result<Receipt, Fault> {
    let good = far_side("/api")?;
    let mut tries = vec![
        ("GET", good.url.clone()),
        ("POST", far_side("/admin")?.url),
        ("POST", far_side("/api/../admin")?.url),
        ("POST", far_side("/apis")?.url),
        ("POST", good.url.replace("http:", "https:")),
    ];
    for host in ["169.254.169.254", "localhost", "example.com", "[::1]"] {
        tries.push(("POST", format!("http://{host}/api")));
    }
    let mut through = 0;
    for (method, url) in tries {
        let request = http::Request {
            method: method.into(),
            url,
            ..good.clone()
        };
        through += u32::from(!matches!(http::send(&request), Err(http::Error::Denied(_))));
    }
    Ok(Receipt::new(
        Outcome::Done,
        format!("{through} got through"),
    ))
}
