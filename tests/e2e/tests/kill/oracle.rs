//! What must be true afterwards, judged by what does not belong to the host: the clients' own
//! list of what was acknowledged, the people's list of what they asked for, the range's log of
//! what was carried out, and the journal as anyone can read it.
//!
//! Each function gives back what is wrong, in words; an empty list is a pass.

use crate::clients::Known;
use crate::fleet::{Fleet, Place, SURGE_LIMIT, place};
use crate::journal::{Journal, Order};
use crate::people::Decisions;
use countersign::model::Digest;
use range::log::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// What each action brings about, in the range's words.
const WANTED: &[(&str, &str)] = &[
    ("suspend-process", "suspended"),
    ("stop-process", "stopped"),
    ("resume-process", "running"),
    ("start-process", "running"),
    ("quarantine-file", "quarantined"),
    ("restore-file", "present"),
    ("contain-device", "on"),
    ("release-device", "off"),
    ("collect-evidence", "finished"),
];

/// Whether a request was about something to act on, and was carried out.
pub fn is_applied(entry: &&Entry) -> bool {
    entry.applied && !entry.path.starts_with("/range/")
}

/// (a) What was acknowledged is there: each alert as one case, each broken body with its reason,
/// each decision of a person.
pub fn lost(known: &Known, decisions: &Decisions, journal: &Journal) -> Vec<String> {
    let mut wrong = known.wrong.clone();
    for (alert, life) in &known.alerts {
        match journal.cases_of.get(alert).map(Vec::len) {
            Some(1) => {}
            Some(n) => wrong.push(format!("alert {alert} opened {n} cases")),
            None => wrong.push(format!(
                "alert {alert} was acknowledged in life {life} and has no case"
            )),
        }
    }
    for body in &known.rejected {
        if journal.read.get(Digest::of(body).as_str()) != Some(&true) {
            wrong.push(format!(
                "{} was acknowledged as rejected and is not in the journal so",
                String::from_utf8_lossy(body)
            ));
        }
    }
    for payload in &journal.received {
        if !journal.read.contains_key(payload) {
            wrong.push(format!("payload {payload} was kept and never read"));
        }
    }
    for (proposal, kind) in &decisions.answered {
        let is_there = journal
            .proposals
            .get(proposal)
            .is_some_and(|it| match *kind {
                "approved" => !it.approved.is_empty(),
                _ => it.denied,
            });
        if !is_there {
            wrong.push(format!(
                "proposal {proposal} was {kind} by a person, and the journal does not say so"
            ));
        }
    }
    wrong
}

/// What leaves no state behind: evidence that two cases each ask for is collected for each.
const STATELESS: &str = "finished";

/// (b) No key is carried out twice, and no target is brought into a state twice in a row.
pub fn repeated(log: &[Entry]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut keys: BTreeMap<&str, &Entry> = BTreeMap::new();
    let mut last: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in log.iter().filter(is_applied) {
        let key = entry.key.as_deref().unwrap_or_default();
        if let Some(first) = keys.insert(key, entry) {
            wrong.push(format!(
                "key {key} was carried out in {} and again in {}: {}",
                first.n, entry.n, entry.path
            ));
        }
        if entry.wanted.as_deref() == Some(STATELESS) {
            continue;
        }
        if let Some(before) = last
            .insert(&entry.path, entry)
            .filter(|it| it.wanted == entry.wanted)
        {
            wrong.push(format!(
                "{} was made {:?} in {} and again in {}",
                entry.path, entry.wanted, before.n, entry.n
            ));
        }
    }
    wrong
}

/// (b) Whatever ran was an order of the journal, judged and dispatched before it ran, for this
/// very target; and nothing ran without a person where only people may let it.
pub fn unauthorised(
    log: &[Entry],
    journal: &Journal,
    decisions: &Decisions,
    fleet: &Fleet,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let orders: BTreeMap<&str, &Order> = journal
        .orders
        .values()
        .map(|it| (it.key.as_str(), it))
        .collect();
    if orders.len() != journal.orders.len() {
        wrong.push("two orders have the same key".to_owned());
    }
    let mut widespread: BTreeSet<&str> = BTreeSet::new();
    for entry in log.iter().filter(is_applied) {
        let Some(order) = entry.key.as_deref().and_then(|key| orders.get(key)) else {
            wrong.push(format!(
                "{} {} was carried out for no order: {:?}",
                entry.path,
                entry.wanted.as_deref().unwrap_or_default(),
                entry.key
            ));
            continue;
        };
        wrong.extend(misdirected(entry, order));
        wrong.extend(undecided(entry, order, journal));
        match alone(order, journal, decisions, fleet) {
            Alone::Allowed => {}
            Alone::Widespread => drop(widespread.insert(&order.device)),
            Alone::Not(why) => wrong.push(format!(
                "{} on {} ran in {}: {why}",
                order.action, order.device, entry.n
            )),
        }
    }
    if widespread.len() > SURGE_LIMIT {
        wrong.push(format!(
            "{} devices were acted upon under one hash without a person, {SURGE_LIMIT} may be",
            widespread.len()
        ));
    }
    wrong
}

fn misdirected(entry: &Entry, order: &Order) -> Option<String> {
    let wanted = WANTED
        .iter()
        .find(|(action, _)| *action == order.action)
        .map(|(_, wanted)| *wanted);
    let named = order.reference.is_empty()
        || entry
            .path
            .contains(&format!("reference={}", order.reference));
    let fits = wanted == entry.wanted.as_deref()
        && entry
            .path
            .starts_with(&format!("/edr/devices/{}/", order.device))
        && named;
    (!fits).then(|| {
        format!(
            "{} {:?} is not what the order says: {} on {} ({})",
            entry.path, entry.wanted, order.action, order.device, order.reference
        )
    })
}

/// By the journal: dispatched before it ran, and before that permitted, alone or by people.
fn undecided(entry: &Entry, order: &Order, journal: &Journal) -> Option<String> {
    let Some((n, _)) = order.dispatched.iter().find(|(_, at)| *at <= entry.at_ms) else {
        return Some(format!(
            "{} ran in {} before it was dispatched",
            entry.path, entry.n
        ));
    };
    let proposal = journal.proposals.get(&order.proposal)?;
    let judged = proposal
        .judged
        .iter()
        .rfind(|(at, _)| at < n)
        .map(|(_, finding)| finding.as_str());
    let approved = proposal.approved.iter().any(|at| at < n);
    let permitted = match judged {
        Some("execute") => true,
        Some("hold") => approved && !order.unattended,
        _ => false,
    };
    (!permitted).then(|| {
        format!(
            "{} ran in {}, and was found {judged:?}, approved: {approved}",
            entry.path, entry.n
        )
    })
}

/// Whether something may run without a person.
enum Alone {
    /// It may, or a person asked for it.
    Allowed,
    /// On some devices, and this is one of them.
    Widespread,
    /// It may not.
    Not(&'static str),
}

/// By the test's own knowledge of the fleet and of what people did.
fn alone(order: &Order, journal: &Journal, decisions: &Decisions, fleet: &Fleet) -> Alone {
    let Some(proposal) = journal.proposals.get(&order.proposal) else {
        return Alone::Not("no proposal led to it");
    };
    if let Some(effect) = &proposal.restores {
        let asked = decisions.ending.contains(effect);
        return if asked {
            Alone::Allowed
        } else {
            Alone::Not("nobody asked to give it back")
        };
    }
    let place = place(&order.device);
    if place == Some(Place::Never) {
        return Alone::Not("it is never to be touched");
    }
    if order.action == "collect-evidence" {
        // it changes nothing: what only people may do is to change something
        return Alone::Allowed;
    }
    if decisions.approving.contains(&order.proposal) {
        return Alone::Allowed;
    }
    if place != Some(Place::Enforce) {
        return Alone::Not("people act there, and nobody approved it");
    }
    if fleet.only_suspicious.contains(&order.reference) {
        return Alone::Not("the product only suspects it, and nobody approved it");
    }
    match journal.cause_of.get(&proposal.case) {
        Some(cause) if cause.ends_with(&fleet.surge_hash) => Alone::Widespread,
        _ => Alone::Allowed,
    }
}

/// (c) Everything has come to an end or waits for a person.
pub fn unfinished(journal: &Journal) -> Vec<String> {
    let due = journal
        .due
        .iter()
        .map(|(case, version)| format!("{case} is still to be evaluated by {version}"));
    let orders = journal
        .orders
        .iter()
        .filter(|(_, it)| it.ended.is_none())
        .map(|(id, it)| format!("order {id} ({}) has not ended", it.action));
    let cases = journal
        .device_of
        .keys()
        .map(|case| (case, journal.case_state(case)));
    let cases = cases
        .filter(|(_, state)| !matches!(*state, "ended" | "waiting"))
        .map(|(case, state)| format!("{case} is {state}"));
    due.chain(orders).chain(cases).collect()
}

/// (c) The API says of each case what its entries add up to.
pub fn shown_otherwise(journal: &Journal, waiting: &BTreeSet<String>) -> Vec<String> {
    let by_entries = journal.device_of.keys();
    let by_entries = by_entries.filter(|case| journal.case_state(case) == "waiting");
    let by_entries: BTreeSet<String> = by_entries.cloned().collect();
    let differ = by_entries.symmetric_difference(waiting);
    differ
        .map(|case| format!("{case} is {} by its entries", journal.case_state(case)))
        .collect()
}
