//! What a run came to, in figures: a pass whose figures nobody can see is only a claim.

use crate::clients::Known;
use crate::journal::{Journal, Order};
use crate::killer::Toll;
use crate::oracle::{is_applied, repeated};
use crate::people::Decisions;
use crate::site::Site;
use range::log::Entry;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// What the kills found, over all of them.
#[derive(Default)]
struct Found {
    with_orders: usize,
    open: usize,
    unanswered: usize,
    carried_out: usize,
}

/// The lines that are printed.
pub fn told(
    toll: &Toll,
    site: &Site,
    known: &Known,
    decisions: &Decisions,
    journal: &Journal,
    log: &[Entry],
) -> String {
    let acknowledged: u64 = toll.kills.iter().map(|it| it.acknowledged).sum();
    let flying: u64 = toll.kills.iter().map(|it| it.flying).sum();
    let cut = site.lives().iter().map(|it| it.cut.load(Ordering::SeqCst));
    let cut: u64 = cut.sum();
    let found = found(toll, journal, log);
    let cases = count(
        journal
            .device_of
            .keys()
            .map(|case| journal.case_state(case)),
    );
    let ends = journal.orders.values().map(|it| it.ended.as_ref());
    let orders = count(ends.map(|it| it.map_or("open", |(_, state)| state.as_str())));
    let starts = &toll.starts_ms;
    [
        format!(
            "kill: {} kills, and {} while starting; starts took {} to {} ms",
            toll.kills.len(),
            toll.at_start,
            starts.iter().min().unwrap_or(&0),
            starts.iter().max().unwrap_or(&0),
        ),
        format!(
            "kill: at the kills: acknowledged in that life {acknowledged}, posts in flight {flying} \
             ({cut} never answered); open orders {} at {} kills, sent and unanswered {}, carried out \
             and unanswered {}",
            found.open, found.with_orders, found.unanswered, found.carried_out
        ),
        format!(
            "kill: acknowledged {} alerts ({} answers new, {} duplicate), {} bodies rejected, {} told \
             to come later; people: {} decisions, {} ends, {} cut",
            known.alerts.len(),
            known.accepted,
            known.duplicates,
            known.rejected.len(),
            known.later,
            decisions.answered.len(),
            decisions.ended,
            decisions.cut,
        ),
        format!(
            "kill: applied {}, repeated {}; cases {cases:?}; orders {orders:?}",
            log.iter().filter(is_applied).count(),
            repeated(log).len(),
        ),
        format!("kill: orders that a person must look at: {:?}", for_people(journal)),
    ]
    .join("\n")
}

/// Why orders were left to people.
fn for_people(journal: &Journal) -> BTreeMap<&str, usize> {
    let left = |it: &&Order| {
        it.ended
            .as_ref()
            .is_some_and(|(_, state)| state == "needs-person")
    };
    count(
        journal
            .orders
            .values()
            .filter(left)
            .map(|it| it.why.as_str()),
    )
}

fn found(toll: &Toll, journal: &Journal, log: &[Entry]) -> Found {
    let mut found = Found::default();
    let mut applied: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in log.iter().filter(is_applied) {
        applied
            .entry(entry.key.as_deref().unwrap_or_default())
            .or_insert(entry.at_ms);
    }
    for at in toll.kills.iter().map(|it| it.at_ms) {
        let open: Vec<&Order> = journal.open_at(at).collect();
        let unanswered = open.iter().filter(|it| it.is_unanswered_at(at));
        let done = |it: &&&Order| applied.get(it.key.as_str()).is_some_and(|when| *when <= at);
        found.with_orders += usize::from(!open.is_empty());
        found.open += open.len();
        found.unanswered += unanswered.clone().count();
        found.carried_out += unanswered.filter(done).count();
    }
    found
}

fn count<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counted = BTreeMap::new();
    words.for_each(|it| *counted.entry(it).or_default() += 1);
    counted
}
