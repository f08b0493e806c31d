//! The promises that need a process to die: an acknowledged append survives SIGKILL, and a
//! failed write ends the store.
//!
//! The child is this test binary, started again with an environment variable. The oracle is what
//! the child said on its pipe: a line is written only after an acknowledgement. A run in which
//! nothing was acknowledged, or nothing was in flight at the kill, proves nothing and fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::tests::one;
use super::*;

const STORE: &str = "COUNTERSIGN_TEST_CRASH_STORE";
const TENANTS: [&str; 3] = ["a", "b", "c"];
const IN_FLIGHT: u64 = 64;

/// Appends until killed, and says so: `s` when one was sent, `a tenant n hash` when one was
/// acknowledged, `e code` when one was refused.
fn append_until_killed(path: &Path) -> ! {
    let store = Store::open(path).unwrap();
    let settled = Arc::new(AtomicU64::new(0));
    // Bounded, so that a store that never fails ends the test instead of filling the disk.
    for i in 0..20_000_u64 {
        while i - settled.load(Ordering::SeqCst) >= IN_FLIGHT {
            std::thread::sleep(Duration::from_micros(50));
        }
        say("s");
        let tenant = TENANTS[usize::try_from(i % 3).unwrap()];
        let settled = settled.clone();
        store
            .append(one(tenant, &i.to_string()), move |result| {
                match result {
                    Ok(done) => say(&format!(
                        "a {tenant} {} {}",
                        done.places[0].n, done.places[0].hash
                    )),
                    Err(error) => say(&format!("e {}", error.code())),
                }
                settled.fetch_add(1, Ordering::SeqCst);
            })
            .unwrap();
        if let Some(stopped) = store.stopped() {
            say(&format!("stopped {}", stopped.code()));
            std::process::exit(1);
        }
    }
    std::process::exit(0)
}

fn say(line: &str) {
    // One write a line, so that a kill cannot cut one in two within the pipe.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Not a test of its own: what the others start.
#[test]
fn the_child_of_the_crash_tests() {
    if let Some(path) = std::env::var_os(STORE) {
        append_until_killed(Path::new(&path));
    }
}

fn child(path: &Path, mut command: Command) -> Child {
    command
        .args([
            "--exact",
            "journal::crash::the_child_of_the_crash_tests",
            "--nocapture",
        ])
        .env(STORE, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let kills: u64 = std::env::var("COUNTERSIGN_TEST_KILLS").map_or(12, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut acked: HashMap<(String, u64), String> = HashMap::new();
    let mut in_flight_at_kills = 0;
    for kill in 0..kills {
        let mut child = child(&path, Command::new(std::env::current_exe().unwrap()));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // Past a few acknowledgements, then at an instant that differs from kill to kill.
        let (mut sent, mut acknowledged, mut armed) = (0_u64, 0_u64, None::<Instant>);
        let mut killed = false;
        while let Some(Ok(line)) = lines.next() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["s"] => sent += 1,
                ["a", tenant, n, hash] => {
                    acked.insert((tenant.into(), n.parse().unwrap()), hash.into());
                    acknowledged += 1;
                }
                _ => {}
            }
            if acknowledged > 20 && armed.is_none() {
                armed = Some(Instant::now() + Duration::from_micros(kill * 3_571 % 40_000));
            }
            if !killed && armed.is_some_and(|at| Instant::now() >= at) {
                child.kill().unwrap();
                killed = true;
            }
        }
        child.wait().unwrap();
        assert!(
            acknowledged > 0,
            "kill {kill}: nothing was acknowledged, the run proves nothing"
        );
        in_flight_at_kills += u64::from(sent > acknowledged);
        audit(&path, &acked);
    }
    assert!(
        in_flight_at_kills > 0,
        "nothing was in flight at any kill, the run proves nothing"
    );
    eprintln!(
        "{} acknowledged, {in_flight_at_kills} of {kills} kills with something in flight",
        acked.len()
    );
}

/// Everything acknowledged is there, under its hash, in chains that verify; and the mark agrees.
fn audit(path: &Path, acked: &HashMap<(String, u64), String>) {
    let store = Store::open(path).unwrap();
    assert_eq!(store.rolled_back(), None);
    let reader = store.reader().unwrap();
    for report in verify_store(&reader).unwrap() {
        assert!(report.is_whole(), "{report:?}");
    }
    let mut stored = HashMap::new();
    for tenant in TENANTS {
        for entry in reader.entries(&tenant.into(), 0, usize::MAX).unwrap() {
            stored.insert((tenant.to_owned(), entry.n), entry.hash.to_string());
        }
    }
    for (place, hash) in acked {
        assert_eq!(stored.get(place), Some(hash), "{place:?} was acknowledged");
    }
}

/// The file size limit makes the kernel refuse a write in the middle of a commit, as a full disk
/// does, without privileges.
#[test]
fn a_failed_write_stops_the_store_and_leaves_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\""]);
    shell.arg(std::env::current_exe().unwrap());
    let mut child = child(&path, shell);
    let mut acked = HashMap::new();
    let (mut refused, mut stopped) = (0, None);
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["a", tenant, n, hash] => {
                assert_eq!(refused, 0, "acknowledged after a failed write");
                acked.insert((tenant.to_owned(), n.parse().unwrap()), hash.to_owned());
            }
            ["e", code] => {
                assert_eq!(code, "CS-journal-06");
                refused += 1;
            }
            ["stopped", code] => stopped = Some(code.to_owned()),
            _ => {}
        }
    }
    assert!(!child.wait().unwrap().success());
    assert_eq!(stopped.as_deref(), Some("CS-journal-06"));
    assert!(
        !acked.is_empty() && refused > 0,
        "{} acknowledged, {refused} refused",
        acked.len()
    );
    audit(&path, &acked);
}

/// Prints how much grouping is worth here; run it with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a check"]
fn grouped_against_one_entry_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("s.db")).unwrap();
    let rate = |entries: u64, each: &dyn Fn(u64)| {
        let started = Instant::now();
        (0..entries).for_each(each);
        entries as f64 / started.elapsed().as_secs_f64()
    };
    let alone = rate(300, &|i| {
        store.append_blocking(one("a", &i.to_string())).unwrap();
    });
    let grouped = rate(30_000, &|i| {
        while store
            .append(one("a", &i.to_string()), |r| assert!(r.is_ok()))
            .is_err()
        {
            std::thread::sleep(Duration::from_micros(100));
        }
        if i == 29_999 {
            while store.append_blocking(one("a", "last")).is_err() {
                std::thread::sleep(Duration::from_micros(100));
            }
        }
    });
    eprintln!(
        "one a commit {alone:.0}/s, grouped {grouped:.0}/s: {:.0} times",
        grouped / alone
    );
}
