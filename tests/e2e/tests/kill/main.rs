//! The host is killed again and again while alerts are posted and orders run, and nothing that
//! was acknowledged is lost, nothing runs twice or without being allowed to, and every case ends
//! or waits for a person.
//!
//! The host is the real binary on one workspace; the range, the clients, the people and the
//! killer are this process. `COUNTERSIGN_SOAK=1` is the long form: 60 kills and 2,000 alerts;
//! `COUNTERSIGN_KILLS`, `COUNTERSIGN_ALERTS` and `COUNTERSIGN_SEED` choose another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod clients;
mod dice;
mod documents;
mod fleet;
mod journal;
mod killer;
mod oracle;
mod people;
mod setting;
mod site;

use clients::Load;
use dice::Dice;
use fleet::{Fleet, now_ms};
use journal::Journal;
use killer::Toll;
use people::{Decisions, People};
use range::faults::{Mode, Rule};
use range::{Config, Range, RangeHandle};
use setting::Tokens;
use site::{Ask, Site};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Clients that post at the same time.
const CLIENTS: usize = 6;
/// Everything must have come to rest so long after the last kill: an order that may have been
/// sent is asked about for as long as its effect may take to show, half a minute.
const QUIET_WITHIN: Duration = Duration::from_secs(300);

/// How much of it.
struct Scale {
    kills: usize,
    alerts: usize,
    seed: u64,
}

impl Scale {
    fn of_environment() -> Self {
        let number = |name: &str| {
            std::env::var(name).ok().map(|it| {
                it.parse::<u64>()
                    .unwrap_or_else(|_| panic!("{name} is no number: {it}"))
            })
        };
        let soak = number("COUNTERSIGN_SOAK") == Some(1);
        let (kills, alerts) = if soak { (60, 2_000) } else { (20, 700) };
        Self {
            kills: number("COUNTERSIGN_KILLS").map_or(kills, |it| it as usize),
            alerts: number("COUNTERSIGN_ALERTS").map_or(alerts, |it| it as usize),
            seed: number("COUNTERSIGN_SEED").unwrap_or_else(now_ms),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_is_killed_at_any_moment_loses_nothing_and_does_nothing_twice() {
    let scale = Scale::of_environment();
    println!(
        "kill: seed {} ({} kills, {} alerts); COUNTERSIGN_SEED={} runs the same again",
        scale.seed, scale.kills, scale.alerts, scale.seed
    );
    let began = Instant::now();
    let dir = tempfile::tempdir().unwrap();
    let range = Range::start(Config::loopback("rangetoken", "pagesecret"))
        .await
        .unwrap();
    let mut fleet = Fleet::new(scale.alerts, scale.seed);
    range.load(fleet.world.clone());
    site::workspace(dir.path(), range.addr);

    let site = Site::new(dir.path(), scale.kills + 1);
    let mut process = site.spawn();
    let (first, _) = process.listening().await;
    site.up(0, &first);
    let tokens = setting::set_up(&site, &first, &fleet).await;
    range.set_faults(faults(scale.seed));

    let load = Load::new(std::mem::take(&mut fleet.items));
    let (toll, mut process, decisions) = play(&site, &load, process, &tokens, &scale).await;
    let quiet = until_quiet(&site, &tokens, &range).await;
    let life = site.life().await;
    let export = site
        .ask(
            &life,
            "GET",
            "/v1/tenants/acme/journal/export",
            Ask::get(&tokens.owner),
        )
        .await
        .unwrap()
        .1;
    process.kill();

    let export = export
        .as_str()
        .unwrap_or_else(|| panic!("the export is one JSON value: {export}"))
        .as_bytes();
    let verified = countersign::journal::verify_export(export).unwrap();
    assert!(verified.is_whole(), "{:?}", verified.findings);
    let journal = Journal::read(export);
    let (log, known) = (range.log(), load.known.into_inner().unwrap());
    let (mut wrong, documents) =
        documents::differences(&dir.path().join("data/journal.db"), now_ms());
    wrong.extend(oracle::lost(&known, &decisions, &journal));
    let repeated = oracle::repeated(&log);
    wrong.extend(repeated.iter().cloned());
    wrong.extend(oracle::unauthorised(&log, &journal, &decisions, &fleet));
    wrong.extend(oracle::unfinished(&journal));
    wrong.extend(vacuous(&toll, &journal));
    wrong.extend(quiet);
    println!(
        "{}",
        told(
            &toll,
            &site,
            &known,
            &decisions,
            &journal,
            &log,
            repeated.len()
        )
    );
    println!(
        "kill: {} entries and {documents} documents compared, {} s in all",
        journal.entries,
        began.elapsed().as_secs()
    );
    if !wrong.is_empty() {
        let kept = dir.keep();
        std::fs::write(kept.join("export.ndjson"), export).unwrap();
        std::fs::write(kept.join("range.json"), serde_json::to_vec(&log).unwrap()).unwrap();
        let shown: Vec<_> = wrong
            .iter()
            .take(40)
            .map(|it| it.chars().take(1500).collect::<String>())
            .collect();
        panic!(
            "{} things are wrong (seed {}; the workspace is kept in {}):\n{}",
            wrong.len(),
            scale.seed,
            kept.display(),
            shown.join("\n")
        );
    }
}

/// Answers that take a while, so that orders are on their way, and some that never come.
fn faults(seed: u64) -> Vec<Rule> {
    let lost = Rule {
        percent: 2,
        seed,
        ..Rule::new(Mode::ApplyThenDrop).on("/edr").method("POST")
    };
    let slow = Rule {
        percent: 60,
        seed: seed + 1,
        delay_ms: 80,
        ..Rule::new(Mode::DelayMs).on("/edr").method("POST")
    };
    vec![lost, slow]
}

/// Clients, people and killer, all at once, until everything is sent.
async fn play(
    site: &Site,
    load: &Load,
    process: site::Process,
    tokens: &Tokens,
    scale: &Scale,
) -> (Toll, site::Process, Decisions) {
    let people = People {
        site,
        decides: tokens.second_lead.clone(),
        ends: tokens.lead.clone(),
        decisions: Mutex::new(Decisions::default()),
        done: AtomicBool::new(false),
    };
    let clients = futures_of(CLIENTS, || load.work(site, &tokens.machine));
    let killing = async {
        let ((toll, process), ()) = tokio::join!(
            killer::kill(site, load, process, scale.kills, Dice::new(scale.seed, 2)),
            clients
        );
        people.done.store(true, Ordering::SeqCst);
        (toll, process)
    };
    let ((toll, process), ()) = tokio::join!(killing, people.work(Dice::new(scale.seed, 3)));
    (toll, process, people.decisions.into_inner().unwrap())
}

/// So many of the same, at the same time.
async fn futures_of<F: Future<Output = ()>>(count: usize, make: impl Fn() -> F) {
    futures_util::future::join_all((0..count).map(|_| make())).await;
}

/// Until nothing is under way any more. Says what still is at the deadline.
async fn until_quiet(site: &Site, tokens: &Tokens, range: &RangeHandle) -> Vec<String> {
    let from = Instant::now();
    loop {
        let mut busy = Vec::new();
        for (path, name) in [
            ("/orders", "orders"),
            ("/cases?state=evaluating", "cases"),
            ("/cases?state=acting", "cases"),
        ] {
            let body = site
                .must(
                    "GET",
                    &format!("/v1/tenants/acme{path}"),
                    Ask::get(&tokens.owner),
                )
                .await;
            busy.extend(
                body[name]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|it| format!("{path} {}: {} {}", it["id"], it["state"], it["why"])),
            );
        }
        if busy.is_empty() {
            println!(
                "kill: quiet {} ms after the last alert, {} requests in the range's log",
                from.elapsed().as_millis(),
                range.log().len()
            );
            return busy;
        }
        if from.elapsed() > QUIET_WITHIN {
            busy.insert(
                0,
                format!(
                    "not quiet within {QUIET_WITHIN:?}: {} things are under way",
                    busy.len()
                ),
            );
            return busy;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Kills that prove nothing.
fn vacuous(toll: &Toll, journal: &Journal) -> Vec<String> {
    let mut wrong = Vec::new();
    for kill in &toll.kills {
        if kill.acknowledged == 0 || kill.flying == 0 {
            wrong.push(format!(
                "the kill in life {} was vacuous: {} acknowledged, {} on their way",
                kill.life, kill.acknowledged, kill.flying
            ));
        }
    }
    let open: usize = toll
        .kills
        .iter()
        .map(|it| journal.open_at(it.at_ms.1).count())
        .sum();
    let sent: usize = toll
        .kills
        .iter()
        .map(|it| {
            journal
                .open_at(it.at_ms.1)
                .filter(|order| order.is_unanswered_at(it.at_ms.1))
                .count()
        })
        .sum();
    if toll.kills.is_empty() || open == 0 || sent == 0 {
        wrong.push(format!(
            "{} kills hit {open} open orders, of which {sent} were sent and not answered",
            toll.kills.len()
        ));
    }
    wrong
}

/// The line that is printed.
fn told(
    toll: &Toll,
    site: &Site,
    known: &clients::Known,
    decisions: &Decisions,
    journal: &Journal,
    log: &[range::log::Entry],
    repeated: usize,
) -> String {
    let acknowledged: u64 = toll.kills.iter().map(|it| it.acknowledged).sum();
    let flying: u64 = toll.kills.iter().map(|it| it.flying).sum();
    let cut: u64 = site
        .lives()
        .iter()
        .map(|it| it.cut.load(Ordering::SeqCst))
        .sum();
    let (mut open, mut sent, mut done, mut with_open) = (0, 0, 0, 0);
    let applied = |order: &journal::Order, at: u64| {
        log.iter()
            .any(|it| it.applied && it.at_ms <= at && it.key.as_deref() == Some(order.key.as_str()))
    };
    for kill in &toll.kills {
        let at = kill.at_ms.1;
        let orders: Vec<_> = journal.open_at(at).collect();
        let unanswered: Vec<_> = orders.iter().filter(|it| it.is_unanswered_at(at)).collect();
        with_open += usize::from(!orders.is_empty());
        open += orders.len();
        done += unanswered.iter().filter(|it| applied(it, at)).count();
        sent += unanswered.len();
    }
    let mut cases: BTreeMap<&str, usize> = BTreeMap::new();
    journal
        .device_of
        .keys()
        .for_each(|case| *cases.entry(journal.case_state(case)).or_default() += 1);
    let mut orders: BTreeMap<&str, usize> = BTreeMap::new();
    journal.orders.values().for_each(|it| {
        *orders
            .entry(it.ended.as_ref().map_or("open", |(_, state)| state))
            .or_default() += 1
    });
    let carried_out = log
        .iter()
        .filter(|it| it.applied && !it.path.starts_with("/range/"))
        .count();
    let starts = &toll.starts_ms;
    format!(
        "kill: {} kills (+{} while starting); at the kills: {acknowledged} alerts acknowledged in that life, {flying} posts in flight ({cut} never answered), \
         {open} orders open at {with_open} of the kills, of which {sent} sent and unanswered, {done} of those carried out already\n\
         kill: {} alerts acknowledged ({} new, {} duplicate, {} bodies rejected, {} told to come later), lost 0 unless listed; \
         {carried_out} carried out, repeated {repeated}; cases {cases:?}; orders {orders:?}; \
         people: {} decisions and {} ends answered, {} cut; starts {}..{} ms",
        toll.kills.len(),
        toll.at_start,
        known.alerts.len(),
        known.accepted,
        known.duplicates,
        known.rejected.len(),
        known.later,
        decisions.answered.len(),
        decisions.ended,
        decisions.cut,
        starts.iter().min().unwrap_or(&0),
        starts.iter().max().unwrap_or(&0),
    )
}
