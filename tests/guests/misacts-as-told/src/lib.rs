//! Does the one misdeed that the device of its order is called by, as a connector.
#![cfg(target_arch = "wasm32")]

use countersign_sdk::connector::*;

#[path = "../../misdeeds.rs"]
mod misdeeds;

countersign_sdk::connector!(execute, status, manifest: "../plugin.json");

/// Good: what is told is done once it was sent.
fn status(order: &Order) -> Result<Receipt, Fault> {
    let outcome = match order.attempt {
        0 => Outcome::Absent,
        _ => Outcome::Done,
    };
    Ok(Receipt::new(outcome, "as sent"))
}

fn execute(order: &Order) -> Result<Receipt, Fault> {
    let Target::Device(device) = &order.target else {
        return Err(Fault::unsupported("not a device"));
    };
    let mut request = far_side("/api")?;
    match device.name.as_str() {
        "floods-the-far-side" => {
            for _ in 0..1000 {
                http::send(&request)?;
            }
        }
        "posts-too-much" => {
            request.body = vec![b'x'; (1 << 20) + 1];
            http::send(&request)?;
        }
        "heads-too-much" => {
            for n in 0..1000 {
                let (name, value) = (format!("x-{n}"), String::new());
                request.headers.push(http::Header { name, value });
            }
            http::send(&request)?;
        }
        "waits-for-the-far-side" => {
            http::send(&far_side("/api/silent")?)?;
        }
        name => {
            misdeeds::commit(name);
        }
    }
    Ok(Receipt::new(Outcome::Done, "still here"))
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
