//! The killer: SIGKILL at random moments, and only at moments that count.
//!
//! A kill of a host that has nothing to lose proves nothing. So each waits until something was
//! acknowledged in this life and something is on its way, and what it found is written down: a
//! run in which one was vacuous fails. Between two counted kills there may be one more while the
//! host is still starting, which no client notices.

use crate::clients::Load;
use crate::dice::Dice;
use crate::fleet::now_ms;
use crate::site::{Process, Site};
use std::sync::atomic::Ordering;
use std::time::Duration;

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
    /// Just before and just after, in milliseconds since 1970.
    pub at_ms: (u64, u64),
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

/// Kills so many times, and leaves the host up in a last life.
pub async fn kill(
    site: &Site,
    load: &Load,
    mut process: Process,
    kills: usize,
    mut dice: Dice,
) -> (Toll, Process) {
    let mut toll = Toll::default();
    let total = load.items.len();
    let mut granted = 0;
    for life in 0..kills {
        let quota = (total - granted) / (kills - life + 1);
        granted += quota;
        load.gate.add_permits(quota);
        let target = 1 + dice.below(quota as u64 / 2);
        chance(site, load, life, target, &mut granted).await;
        tokio::time::sleep(Duration::from_millis(dice.below(WAIT_MS_MAX))).await;
        chance(site, load, life, target, &mut granted).await;
        toll.kills.push(strike(site, &mut process, life));
        process = start(site, life + 1, &mut toll, &mut dice).await;
    }
    load.gate.add_permits(total - granted + 64);
    (toll, process)
}

/// Waits until a kill counts. Where the queue ran dry it is opened a little more.
async fn chance(site: &Site, load: &Load, life: usize, target: u64, granted: &mut usize) {
    let counts = site.counts(life);
    let wait = async {
        loop {
            let told = site.counted.notified();
            let acknowledged = counts.acknowledged.load(Ordering::SeqCst);
            let flying = counts.flying.load(Ordering::SeqCst);
            if acknowledged >= target && flying > 0 {
                return;
            }
            if flying == 0 && load.gate.available_permits() == 0 && *granted < load.items.len() {
                *granted += 1;
                load.gate.add_permits(1);
            }
            let _ = tokio::time::timeout(Duration::from_millis(20), told).await;
        }
    };
    let found = tokio::time::timeout(CHANCE_WITHIN, wait).await;
    assert!(
        found.is_ok(),
        "life {life} offers nothing to kill: acknowledged {}, wanted {target}, flying {}",
        counts.acknowledged.load(Ordering::SeqCst),
        counts.flying.load(Ordering::SeqCst)
    );
}

fn strike(site: &Site, process: &mut Process, life: usize) -> Kill {
    let counts = site.counts(life);
    let (acknowledged, flying) = (
        counts.acknowledged.load(Ordering::SeqCst),
        counts.flying.load(Ordering::SeqCst),
    );
    let before = now_ms();
    process.kill();
    let after = now_ms();
    site.down();
    Kill {
        life,
        at_ms: (before, after),
        acknowledged,
        flying,
    }
}

async fn start(site: &Site, life: usize, toll: &mut Toll, dice: &mut Dice) -> Process {
    if dice.percent(AT_START_PERCENT) {
        let usual = toll.starts_ms.iter().max().copied().unwrap_or(500);
        let mut process = site.spawn();
        tokio::time::sleep(Duration::from_millis(dice.below(usual))).await;
        process.kill();
        toll.at_start += 1;
    }
    let mut process = site.spawn();
    let (first, took) = process.listening().await;
    toll.starts_ms
        .push(u64::try_from(took.as_millis()).unwrap());
    site.up(life, &first);
    process
}
