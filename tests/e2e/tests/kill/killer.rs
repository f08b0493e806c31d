//! The killer: SIGKILL at random moments, and only at moments that count.
//!
//! A kill of a host that has nothing to lose proves nothing. So each waits until something was
//! acknowledged in this life and something is on its way, and what it found is written down: a
//! run in which one was vacuous fails. Between two counted kills there may be one more while the
//! host is still starting, which no client notices.

use crate::clients::Load;
use crate::dice::Dice;
use crate::site::{Site, ms_since};
use e2e::{Stack, now_ms};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Milliseconds that a kill waits at most once it may come.
const WAIT_MS_MAX: u64 = 250;
/// In so many of a hundred starts the host is killed while it starts.
const AT_START_PERCENT: u64 = 15;
/// How long something must come about that makes a kill count.
const CHANCE_WITHIN: Duration = Duration::from_secs(90);

/// A counted kill.
pub struct Kill {
    /// In which life.
    pub life: usize,
    /// When it was over, in milliseconds since 1970: what the journal has by then is all of it.
    pub at_ms: u64,
    /// Detections acknowledged in this life.
    pub acknowledged: u64,
    /// Posts on their way.
    pub flying: u64,
}

/// What was done to the host.
#[derive(Default)]
pub struct Toll {
    /// Kills that count.
    pub kills: Vec<Kill>,
    /// Kills while it started.
    pub at_start: u32,
    /// Milliseconds of each start that came to its end.
    pub starts_ms: Vec<u64>,
}

/// Kills so many times, and leaves the host up in a last life with everything let in.
pub fn kill(stack: &mut Stack, site: &Site, load: &Load, kills: usize, mut dice: Dice) -> Toll {
    let mut toll = Toll::default();
    let total = load.items.len();
    let mut granted = 0;
    for life in 0..kills {
        let quota = (total - granted) / (kills - life + 1);
        granted += quota;
        load.gate.open(quota);
        let wanted = 1 + dice.below(quota as u64 / 2);
        chance(site, load, life, wanted, &mut granted);
        std::thread::sleep(Duration::from_millis(dice.below(WAIT_MS_MAX)));
        chance(site, load, life, wanted, &mut granted);
        toll.kills.push(strike(stack, site, life));
        start(stack, &mut toll, &mut dice);
        site.is(Some(life + 1));
    }
    // all the rest, and one for each client to find that nothing is left
    load.gate.open(total - granted + crate::CLIENTS);
    toll
}

/// Waits until a kill counts. Where the queue ran dry it is opened a little more.
fn chance(site: &Site, load: &Load, life: usize, wanted: u64, granted: &mut usize) {
    let counts = site.counts(life);
    let from = Instant::now();
    loop {
        let acknowledged = counts.acknowledged.load(Ordering::SeqCst);
        let flying = counts.flying.load(Ordering::SeqCst);
        if acknowledged >= wanted && flying > 0 {
            return;
        }
        assert!(
            from.elapsed() < CHANCE_WITHIN,
            "life {life} offers nothing to kill: {acknowledged} of {wanted} acknowledged, {flying} on their way"
        );
        if flying == 0 && load.gate.left() == 0 && *granted < load.items.len() {
            *granted += 1;
            load.gate.open(1);
        }
        site.glance();
    }
}

fn strike(stack: &mut Stack, site: &Site, life: usize) -> Kill {
    let counts = site.counts(life);
    let acknowledged = counts.acknowledged.load(Ordering::SeqCst);
    let flying = counts.flying.load(Ordering::SeqCst);
    stack.kill();
    let at_ms = now_ms();
    site.is(None);
    Kill {
        life,
        at_ms,
        acknowledged,
        flying,
    }
}

fn start(stack: &mut Stack, toll: &mut Toll, dice: &mut Dice) {
    if dice.percent(AT_START_PERCENT) {
        let usual = toll.starts_ms.iter().max().copied().unwrap_or(500);
        kill_while_it_starts(stack, Duration::from_millis(dice.below(usual)));
        toll.at_start += 1;
    }
    let from = Instant::now();
    stack.restart();
    toll.starts_ms.push(ms_since(from));
}

/// Nobody waits for its first line, so it is started here and not by the stack.
fn kill_while_it_starts(stack: &Stack, after: Duration) {
    let mut child = Command::new(e2e::binary())
        .arg("--dir")
        .arg(stack.workspace())
        .args(["--json", "serve", "--listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}
