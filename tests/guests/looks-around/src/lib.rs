//! Looks for what a program usually finds: environment, arguments, files, network, time, random.
//! All of it is empty, and the same each time.
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

use std::hash::{BuildHasher, RandomState};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

fn evaluate(_case: &Case) -> Result<Plan> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let (start, end) = (Instant::now(), Instant::now());
    let seen = [
        format!("env {}", std::env::vars().count()),
        format!("args {}", std::env::args().count()),
        format!("files {}", std::fs::read_dir("/").is_ok()),
        format!(
            "network {}",
            std::net::TcpStream::connect("127.0.0.1:80").is_ok()
        ),
        format!(
            "names {}",
            std::net::TcpStream::connect("localhost:80").is_ok()
        ),
        format!(
            "listens {}",
            std::net::TcpListener::bind("127.0.0.1:0").is_ok()
        ),
        format!("now {}", now.map_or(0, |it| it.as_millis())),
        format!("moved {}", end.duration_since(start).as_nanos()),
        format!("random {:x}", RandomState::new().hash_one("a")),
    ];
    Ok(Plan::empty(seen.join(", ")))
}
