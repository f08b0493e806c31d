//! How long people wait while the host is busy: thousands of open orders, and somebody presses the
//! red button. Figures are printed as ratios against the same request on an idle host, in one run.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

use e2e::alerts::Incident;
use e2e::{ANALYST, LEAD, OPERATOR, Setup, Stack, enforced, until_in};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const DEVICES: usize = 9;

fn number() -> usize {
    let asked = std::env::var("COUNTERSIGN_SOAK_N").ok();
    asked.map_or(1_000, |it| it.parse().unwrap())
}

/// The slowest of some writes and of some reads.
fn waits(stack: &Stack) -> (Duration, Duration) {
    let (mut write, mut read) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..20 {
        let from = Instant::now();
        let page = json!({ "comment": "" });
        stack.api(ANALYST).post("pages/none/acknowledge", &page);
        write = write.max(from.elapsed());
        let from = Instant::now();
        stack.api(ANALYST).get("plugins");
        read = read.max(from.elapsed());
    }
    (write, read)
}

fn halt(stack: &Stack, person: &str, on: bool) -> Duration {
    let from = Instant::now();
    let body = json!({ "on": on, "reason": "what is this?" });
    stack.api(person).post("halt", &body).ok();
    from.elapsed()
}

fn ratio(busy: Duration, idle: Duration) -> String {
    format!("{:.1}x", busy.as_secs_f64() / idle.as_secs_f64().max(1e-6))
}

#[test]
#[ignore = "takes minutes; cargo xtask soak"]
fn people_are_answered_while_thousands_of_orders_wait() {
    let n = number();
    let machines: Vec<Incident> = (0..DEVICES)
        .map(|it| Incident::on_workstation(&format!("WS-{it}")))
        .collect();
    let stack = Setup::new().start();
    stack.import(&enforced(&machines));
    stack.load(&machines);
    let (idle_write, idle_read) = waits(&stack);
    let idle_halt = halt(&stack, ANALYST, true);

    let from = Instant::now();
    for first in (0..n).step_by(50) {
        let batch: Vec<Value> = (first..(first + 50).min(n))
            .map(|it| {
                let mut one = machines[it % DEVICES].clone().hash(&format!("{it:064x}"));
                one.threat = format!("9{it}");
                one.path = format!("C:\\Users\\mia\\Downloads\\{it}.exe");
                one.finding(4)
            })
            .collect();
        stack.api(OPERATOR).post("detections", &json!(batch)).ok();
    }
    let posted = from.elapsed();
    until_in(Duration::from_secs(300), "all is judged", || {
        let cases = stack.api(LEAD).get("health").ok();
        (cases["work"]["evaluating"] == 0).then_some(())
    });
    let judged = from.elapsed();
    let (write, read) = waits(&stack);
    let off = halt(&stack, LEAD, false);
    let (under_way_write, under_way_read) = waits(&stack);
    let on = halt(&stack, ANALYST, true);
    println!(
        "pace: {n} alerts posted in {posted:?}, judged {:.0} a second; slowest of 20 against idle: \
         write {} halted, {} under way; read {} and {}; halt off {}, on {}",
        n as f64 / judged.as_secs_f64(),
        ratio(write, idle_write),
        ratio(under_way_write, idle_write),
        ratio(read, idle_read),
        ratio(under_way_read, idle_read),
        ratio(off, idle_halt),
        ratio(on, idle_halt),
    );
    println!("pace: idle write {idle_write:?}, read {idle_read:?}, halt {idle_halt:?}");
}
