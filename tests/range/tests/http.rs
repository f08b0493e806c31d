//! The range over a real socket: how answers get lost, and what is in the log when they do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use range::faults::{Mode, Rule};
use range::log::Entry;
use range::state::World;
use range::{Config, Range, RangeHandle};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONTAIN: &str = "/edr/devices/1/containment";

async fn started(config: Config) -> RangeHandle {
    let range = Range::start(config).await.unwrap();
    range.load(world());
    range
}

fn world() -> World {
    serde_json::from_value(json!({ "devices": [{ "id": "1" }] })).unwrap()
}

/// All bytes that come back for one request, until the connection is closed.
async fn raw(addr: SocketAddr, method: &str, path: &str, key: &str, body: &str) -> String {
    let mut connection = TcpStream::connect(addr).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: range\r\nauthorization: Bearer t\r\nidempotency-key: {key}\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn contain(addr: SocketAddr, key: &str) -> String {
    raw(addr, "POST", CONTAIN, key, "{\"wanted\":\"on\"}").await
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn state_is_set_and_read_over_http() {
    let range = started(Config::loopback("t", "s")).await;
    let answer = contain(range.addr, "k").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(body(&answer)["before"], "off");
    assert_eq!(
        body(&raw(range.addr, "GET", CONTAIN, "", "").await)["state"],
        "on"
    );
    range.stop().await.unwrap();
}

#[tokio::test]
async fn a_dropped_answer_is_no_answer_and_the_log_knows_whether_it_happened() {
    let range = started(Config::loopback("t", "s")).await;
    for (mode, applied) in [(Mode::DropBefore, false), (Mode::ApplyThenDrop, true)] {
        range.load(world());
        range.set_faults(vec![Rule::new(mode).times(1)]);
        assert_eq!(contain(range.addr, mode.as_str()).await, "", "{mode:?}");
        let entry = range.log().pop().unwrap();
        assert_eq!((entry.applied, entry.status), (applied, None), "{mode:?}");
    }
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    let range = started(Config::loopback("t", "s")).await;
    range.set_faults(vec![Rule::new(Mode::Truncate).times(1)]);
    let answer = contain(range.addr, "k").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let promised = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert!(body.len() < promised.parse().unwrap(), "{answer}");
}

#[tokio::test]
async fn an_answer_can_be_too_large_and_too_late() {
    let range = started(Config::loopback("t", "s")).await;
    let large = Rule {
        bytes: Some(1 << 20),
        ..Rule::new(Mode::Oversize).times(1)
    };
    let late = Rule {
        delay_ms: 150,
        ..Rule::new(Mode::DelayMs).times(1)
    };
    range.set_faults(vec![large, late]);
    assert!(contain(range.addr, "a").await.len() > 1 << 20);
    let before = Instant::now();
    contain(range.addr, "b").await;
    assert!(before.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_a_whole_entry() {
    let range = started(Config::loopback("t", "s")).await;
    range.set_faults(vec![Rule {
        delay_ms: 60_000,
        ..Rule::new(Mode::DelayMs)
    }]);
    let addr = range.addr;
    let caller = tokio::spawn(async move { contain(addr, "k").await });
    while range.log().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    caller.abort();
    assert!(range.log()[0].applied);
}

#[tokio::test]
async fn log_and_state_outlive_the_range() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        log: Some(folder.path().join("log")),
        state: Some(folder.path().join("state")),
        ..Config::loopback("t", "s")
    };
    let range = started(config.clone()).await;
    contain(range.addr, "k").await;
    range.stop().await.unwrap();

    let line = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let entry: Entry = serde_json::from_str(line.trim_end()).unwrap();
    assert_eq!((entry.key.as_deref(), entry.applied), (Some("k"), true));
    let again = Range::start(config).await.unwrap();
    assert_eq!(
        body(&raw(again.addr, "GET", CONTAIN, "", "").await)["state"],
        "on"
    );
}

#[tokio::test]
async fn tests_of_other_processes_use_the_same_door() {
    let range = started(Config::loopback("t", "s")).await;
    let addr = range.addr;
    let faults = "[{\"mode\":\"fail-5xx\",\"path\":\"/edr\",\"times\":1}]";
    assert!(
        raw(addr, "POST", "/range/faults", "", faults)
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(contain(addr, "k").await.starts_with("HTTP/1.1 503"));
    assert!(
        raw(addr, "DELETE", "/range/faults", "", "")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        raw(
            addr,
            "POST",
            "/range/world",
            "",
            &json!(world()).to_string()
        )
        .await
        .starts_with("HTTP/1.1 200")
    );
    assert_eq!(
        body(&raw(addr, "GET", "/range/state", "", "").await),
        json!(range.world())
    );
    let log = raw(addr, "GET", "/range/log?since=2", "", "").await;
    let entries: Vec<Entry> = log
        .split_once("\r\n\r\n")
        .unwrap()
        .1
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries, range.log()[1..]);
}

#[test]
fn the_program_says_where_it_listens_and_stops_when_asked() {
    use std::io::{BufRead, BufReader, Read};
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_range"))
        .args(["--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let addr: SocketAddr = said["listening"].as_str().unwrap().parse().unwrap();
    let mut connection = std::net::TcpStream::connect(addr).unwrap();
    let request = b"GET /range/pages HTTP/1.1\r\nhost: range\r\nconnection: close\r\n\r\n";
    std::io::Write::write_all(&mut connection, request).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("[]"), "{answer}");
    child.kill().unwrap();
    child.wait().unwrap();
}
