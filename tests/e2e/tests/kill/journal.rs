//! The journal as the export gives it, read without the host's help: lines of JSON, and what
//! became of each case, proposal and order by them.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An order, from its making to its end.
#[derive(Default)]
pub struct Order {
    /// The idempotency key.
    pub key: String,
    /// Of which proposal.
    pub proposal: String,
    /// What.
    pub action: String,
    /// The product's id of the device that it is directed at; empty for none.
    pub device: String,
    /// The product's reference of the target; empty for none.
    pub reference: String,
    /// Whether it claims to need nobody.
    pub unattended: bool,
    /// When it was made.
    pub made: u64,
    /// Place and time of each dispatch.
    pub dispatched: Vec<(u64, u64)>,
    /// When each answer to a sending came.
    pub answered: Vec<u64>,
    /// When it ended, and how.
    pub ended: Option<(u64, String)>,
    /// Why it ended so.
    pub why: String,
}

/// A proposal.
#[derive(Default)]
pub struct Proposal {
    /// Of which case.
    pub case: String,
    /// The effect that it gives back, if it does.
    pub restores: Option<String>,
    /// Each judgement: its place, and what was found.
    pub judged: Vec<(u64, String)>,
    /// Each state with its place.
    pub states: Vec<(u64, String)>,
    /// Place of each approval.
    pub approved: Vec<u64>,
    /// Whether somebody said no.
    pub denied: bool,
}

impl Proposal {
    /// Where it is.
    pub fn state(&self) -> &str {
        self.states.last().map_or("held", |(_, state)| state)
    }
}

/// What the journal adds up to.
#[derive(Default)]
pub struct Journal {
    /// Entries read.
    pub entries: usize,
    /// Alert to the cases that were opened for it.
    pub cases_of: BTreeMap<String, Vec<String>>,
    /// Case to its device's id.
    pub device_of: BTreeMap<String, String>,
    /// Case to its cause.
    pub cause_of: BTreeMap<String, String>,
    /// Evaluations that are due: case and version.
    pub due: BTreeSet<(String, String)>,
    /// By id.
    pub proposals: BTreeMap<String, Proposal>,
    /// By id.
    pub orders: BTreeMap<String, Order>,
    /// Digests of payloads that were read, and as what: whether anything was rejected.
    pub read: BTreeMap<String, bool>,
    /// Digests of payloads that were kept, in the order of their arrival.
    pub received: Vec<String>,
    /// Cases with an overreach that nobody acknowledged and nothing repaired.
    pub overreaches: BTreeMap<String, String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Journal {
    /// Reads an export.
    pub fn read(export: &[u8]) -> Self {
        let mut journal = Self::default();
        for line in export.split(|it| *it == b'\n').filter(|it| !it.is_empty()) {
            let line: Value = serde_json::from_slice(line).unwrap();
            let Some(header) = line["header"].as_str() else {
                continue;
            };
            let header: Value = serde_json::from_str(header).unwrap();
            let (n, at) = (
                header["n"].as_u64().unwrap(),
                header["at_ms"].as_u64().unwrap(),
            );
            journal.take(n, at, &line["payload"]);
            journal.entries += 1;
        }
        journal
    }

    fn take(&mut self, n: u64, at: u64, it: &Value) {
        match it["entry"].as_str().unwrap_or_default() {
            "payload-received" => self.received.push(text(&it["payload"])),
            "payload-read" => {
                let rejected = it["rejected"].as_array().is_some_and(|all| !all.is_empty());
                self.read.insert(text(&it["payload"]), rejected);
            }
            "case-opened" => {
                let case = text(&it["case"]);
                self.cases_of
                    .entry(text(&it["detection"]["id"]))
                    .or_default()
                    .push(case.clone());
                self.device_of
                    .insert(case.clone(), text(&it["device"]["id"]));
                self.cause_of.insert(case, text(&it["cause"]));
            }
            "evaluation-due" => drop(
                self.due
                    .insert((text(&it["case"]), it["playbook"].to_string())),
            ),
            "evaluated" => drop(
                self.due
                    .remove(&(text(&it["case"]), it["playbook"].to_string())),
            ),
            "overreach-found" => drop(self.overreaches.insert(text(&it["id"]), text(&it["case"]))),
            "overreach-acknowledged" | "overreach-repaired" => {
                drop(self.overreaches.remove(it["overreach"].as_str().unwrap()))
            }
            kind if kind.starts_with("order-") => self.take_order(n, at, kind, it),
            kind => self.take_proposal(n, kind, it),
        }
    }

    fn take_proposal(&mut self, n: u64, kind: &str, it: &Value) {
        let ids = |it: &Value| -> Vec<String> {
            it["proposals"]
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect()
        };
        match kind {
            "proposed" => {
                let known = Proposal {
                    case: text(&it["case"]),
                    restores: it["restores"].as_str().map(str::to_owned),
                    ..Proposal::default()
                };
                self.proposals.insert(text(&it["id"]), known);
            }
            "judged" => {
                let finding = it["finding"].as_str().unwrap_or("hold").to_owned();
                for id in ids(it) {
                    self.proposals
                        .get_mut(&id)
                        .unwrap()
                        .judged
                        .push((n, finding.clone()));
                }
            }
            "proposal-moved" => self
                .proposals
                .get_mut(it["proposal"].as_str().unwrap())
                .unwrap()
                .states
                .push((n, text(&it["state"]))),
            "approved" => ids(it)
                .iter()
                .for_each(|id| self.proposals.get_mut(id).unwrap().approved.push(n)),
            "denied" => {
                for id in ids(it) {
                    let known = self.proposals.get_mut(&id).unwrap();
                    known.denied = true;
                    known.states.push((n, "denied".to_owned()));
                }
            }
            _ => {}
        }
    }

    fn take_order(&mut self, n: u64, at: u64, kind: &str, it: &Value) {
        if kind == "order-made" {
            let target = &it["target"];
            let made = Order {
                key: text(&it["key"]),
                proposal: text(&it["proposal"]),
                action: text(&it["action"]),
                device: find(target, "device").map_or_else(
                    || find(target, "id").map(text).unwrap_or_default(),
                    |it| text(&it["id"]),
                ),
                reference: find(target, "reference").map(text).unwrap_or_default(),
                unattended: it["unattended"].as_bool().unwrap(),
                made: at,
                ..Order::default()
            };
            assert!(
                self.orders.insert(text(&it["id"]), made).is_none(),
                "an order is made twice: {it}"
            );
            return;
        }
        let order = self.orders.get_mut(it["order"].as_str().unwrap()).unwrap();
        match kind {
            "order-dispatched" => order.dispatched.push((n, at)),
            "order-answered" if it["call"] == "execute" => order.answered.push(at),
            "order-ended" => {
                order.ended = Some((at, text(&it["state"])));
                order.why = text(&it["why"]);
            }
            _ => {}
        }
    }

    /// Where a case is, by its proposals: `evaluating`, `acting`, `waiting` or `ended`.
    pub fn case_state(&self, case: &str) -> &'static str {
        let states: Vec<&str> = self
            .proposals
            .values()
            .filter(|it| it.case == case)
            .map(Proposal::state)
            .collect();
        if self.due.iter().any(|(it, _)| it == case) {
            "evaluating"
        } else if states.contains(&"ordered") {
            "acting"
        } else if states
            .iter()
            .any(|it| matches!(*it, "held" | "needs-person"))
            || self.overreaches.values().any(|it| it == case)
        {
            "waiting"
        } else {
            "ended"
        }
    }

    /// Orders that were made and had not ended at a moment.
    pub fn open_at(&self, at: u64) -> impl Iterator<Item = &Order> {
        self.orders.values().filter(move |it| {
            it.made <= at && it.ended.as_ref().is_none_or(|(ended, _)| *ended > at)
        })
    }
}

impl Order {
    /// Whether it may have been sent and nobody knew at a moment.
    pub fn is_unanswered_at(&self, at: u64) -> bool {
        let sent = self.dispatched.iter().filter(|(_, it)| *it <= at).count();
        sent > self.answered.iter().filter(|it| **it <= at).count()
    }
}

/// A field somewhere in a value.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let fields = value.as_object()?;
    fields
        .get(name)
        .filter(|it| !it.is_null())
        .or_else(|| fields.values().find_map(|it| find(it, name)))
}
