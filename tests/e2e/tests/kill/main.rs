//! The host is killed again and again while alerts are posted and orders run, and nothing that
//! was acknowledged is lost, nothing runs twice or without being allowed to, and every case ends
//! or waits for a person.
//!
//! The host is the real binary on one workspace; the range, the clients, the people and the
//! killer are threads of this process. `COUNTERSIGN_SEED` runs one again: the same alerts, the
//! same chances, though not the same instants.
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
mod same_target;
mod site;
mod tally;

use clients::Load;
use dice::Dice;
use e2e::{LEAD, LEAD2, OPERATOR, OWNER, Setup, Stack, now_ms};
use fleet::Fleet;
use journal::Journal;
use killer::Toll;
use people::{Decisions, People};
use range::faults::{Mode, Rule};
use site::{Site, ms_since};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Clients that post at the same time.
const CLIENTS: usize = 6;
/// Plugins that this needs.
const PLUGINS: &[&str] = &[
    "sentinelone",
    "contain-malware",
    "connector-range",
    "connector-webhook",
];
/// Everything must have come to rest so long after the last kill: an order that may have been
/// sent is asked about for as long as its effect may take to show, which is half a minute.
const QUIET_WITHIN: Duration = Duration::from_secs(300);

#[test]
fn a_host_that_is_killed_at_any_moment_loses_nothing_and_does_nothing_twice() {
    run(20, 700);
}

#[test]
#[ignore = "takes five minutes; cargo xtask soak"]
fn sixty_kills_under_two_thousand_alerts_lose_nothing_and_do_nothing_twice() {
    let kills = number("COUNTERSIGN_SOAK_N").unwrap_or(60);
    run(kills, kills * 2_000 / 60);
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}

fn run(kills: u64, alerts: u64) {
    let seed = number("COUNTERSIGN_SEED").unwrap_or_else(now_ms);
    println!("kill: {kills} kills, {alerts} alerts, COUNTERSIGN_SEED={seed}");
    let from = Instant::now();
    let mut fleet = Fleet::new(alerts as usize, seed);
    let mut stack = Setup::new().only_plugins(PLUGINS).start();
    stack.range.load(fleet.world.clone());
    stack.import(&fleet.assets(OWNER));
    stack.covered(&fleet.known_devices());
    stack.range.set_faults(faults(seed));

    let load = Load::new(std::mem::take(&mut fleet.items));
    let site = Site::new(kills as usize + 1);
    let (toll, decisions) = play(&mut stack, &site, &load, seed);
    let quiet = until_quiet(&stack);
    let waiting = waiting(&stack);
    let export = stack.api(OPERATOR).get("journal/export").bytes;
    stack.kill();

    let verified = countersign::journal::verify_export(export.as_slice()).unwrap();
    let store = stack.workspace().join("data/journal.db");
    let (differences, compared) = documents::differences(&store);
    let (journal, log) = (Journal::read(&export), stack.range.log());
    let known = load.known.into_inner().unwrap();
    let verdicts = [
        (
            "in a broken chain",
            verified.findings.iter().map(ToString::to_string).collect(),
        ),
        (
            "not as it was acknowledged",
            oracle::lost(&known, &decisions, &journal),
        ),
        ("carried out twice", oracle::repeated(&log)),
        (
            "not authorised",
            oracle::unauthorised(&log, &journal, &decisions, &fleet),
        ),
        ("not at an end", oracle::unfinished(&journal)),
        (
            "in another state than the API says",
            oracle::shown_otherwise(&journal, &waiting),
        ),
        ("still under way", quiet),
        ("not what the entries make", differences),
        ("vacuous", vacuous(&toll, &journal)),
    ];
    println!(
        "{}",
        tally::told(&toll, &site, &known, &decisions, &journal, &log)
    );
    println!(
        "kill: {} entries, {compared} documents, {} s in all",
        journal.entries,
        ms_since(from) / 1000
    );
    let wrong: Vec<String> = verdicts
        .iter()
        .filter(|(_, all)| !all.is_empty())
        .map(shown)
        .collect();
    if !wrong.is_empty() {
        let kept = keep(&stack, &export, &log);
        panic!(
            "seed {seed}; what is left of it is in {}\n{}",
            kept.display(),
            wrong.join("\n")
        );
    }
}

/// Answers that take a while, so that orders are on their way, some that never come, and effects
/// that come later than the answer.
fn faults(seed: u64) -> Vec<Rule> {
    let on = |mode| Rule::new(mode).on("/edr").method("POST");
    let lost = Rule {
        percent: 2,
        seed,
        ..on(Mode::ApplyThenDrop)
    };
    let slow = Rule {
        percent: 60,
        seed: seed + 1,
        delay_ms: 80,
        ..on(Mode::DelayMs)
    };
    let later = Rule {
        percent: 5,
        seed: seed + 2,
        delay_ms: 1_500,
        ..on(Mode::Pending)
    };
    vec![lost, later, slow]
}

/// Clients, people and killer, all at once, until everything is sent.
fn play(stack: &mut Stack, site: &Site, load: &Load, seed: u64) -> (Toll, Decisions) {
    let machine = stack.machine("collector");
    let people = People {
        site,
        decides: stack.api(LEAD2).clone(),
        ends: stack.api(LEAD).clone(),
        did: Decisions::default(),
    };
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(|| load.work(site, &machine)))
            .collect();
        let people = scope.spawn(|| people.work(Dice::new(seed, 3), &over));
        let kills = site.lives().len() - 1;
        let toll = killer::kill(stack, site, load, kills, Dice::new(seed, 2));
        clients.into_iter().for_each(|it| it.join().unwrap());
        over.store(true, Ordering::SeqCst);
        (toll, people.join().unwrap())
    })
}

/// Until nothing is under way any more. Says what still is at the deadline.
fn until_quiet(stack: &Stack) -> Vec<String> {
    let from = Instant::now();
    let under_way = [
        ("orders", "orders"),
        ("cases?state=evaluating", "cases"),
        ("cases?state=acting", "cases"),
    ];
    loop {
        let mut busy = Vec::new();
        for (path, name) in under_way {
            let body = stack.api(OPERATOR).get(path).ok();
            let all = body[name].as_array().unwrap();
            busy.extend(
                all.iter()
                    .map(|it| format!("{path} {}: {} {}", it["id"], it["state"], it["why"])),
            );
        }
        if busy.is_empty() || from.elapsed() > QUIET_WITHIN {
            println!(
                "kill: waited {} ms for quiet, {} things are under way",
                ms_since(from),
                busy.len()
            );
            return busy;
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

/// The cases that wait for people, as the API says; a list of it has a thousand at most.
fn waiting(stack: &Stack) -> BTreeSet<String> {
    let body = stack
        .api(OPERATOR)
        .get("cases?state=waiting&limit=1000")
        .ok();
    let all = body["cases"].as_array().unwrap();
    all.iter()
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Kills that prove nothing.
fn vacuous(toll: &Toll, journal: &Journal) -> Vec<String> {
    let nothing = toll
        .kills
        .iter()
        .filter(|it| it.acknowledged == 0 || it.flying == 0);
    let mut wrong: Vec<String> = nothing
        .map(|it| {
            format!(
                "in life {}: {} acknowledged, {} on their way",
                it.life, it.acknowledged, it.flying
            )
        })
        .collect();
    let open = |at| journal.open_at(at);
    let hit: usize = toll.kills.iter().map(|it| open(it.at_ms).count()).sum();
    let sent = |at| open(at).filter(move |it| it.is_unanswered_at(at)).count();
    let unanswered: usize = toll.kills.iter().map(|it| sent(it.at_ms)).sum();
    if toll.kills.is_empty() || unanswered == 0 {
        wrong.push(format!(
            "{} kills hit {hit} open orders, {unanswered} of them unanswered",
            toll.kills.len()
        ));
    }
    wrong
}

/// What is wrong in one way: how often, and the first of it.
fn shown((what, all): &(&str, Vec<String>)) -> String {
    let cut = |it: &String| it.chars().take(1_000).collect::<String>();
    let first: Vec<String> = all.iter().take(6).map(cut).collect();
    format!("{} {what}:\n  {}", all.len(), first.join("\n  "))
}

/// What somebody needs who looks into it.
fn keep(stack: &Stack, export: &[u8], log: &[range::log::Entry]) -> PathBuf {
    let kept = tempfile::tempdir().unwrap().keep();
    let host_log = stack.workspace().join("host.log");
    std::fs::copy(host_log, kept.join("host.log")).unwrap();
    std::fs::write(kept.join("export.ndjson"), export).unwrap();
    std::fs::write(kept.join("range.json"), serde_json::to_vec(log).unwrap()).unwrap();
    kept
}
