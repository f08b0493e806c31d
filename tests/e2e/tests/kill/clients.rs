//! Those who post alerts: at least once, as vendors do, and remembering what was acknowledged.
//!
//! What an answer said is compared at once with what it must say: an alert that was never
//! answered before is accepted, or a duplicate if an earlier attempt got through; one that was
//! acknowledged is a duplicate for ever, whatever happened in between.

use crate::fleet::Item;
use crate::site::{Gate, Site};
use e2e::Api;
use hyper::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Everything that clients know at the end.
#[derive(Default)]
pub struct Known {
    /// Alerts that were acknowledged, and in which life first.
    pub alerts: BTreeMap<String, usize>,
    /// Bodies that were acknowledged as no alert.
    pub rejected: Vec<Vec<u8>>,
    /// Answers that were not what they must be.
    pub wrong: Vec<String>,
    /// Answers that asked to come again later.
    pub later: u64,
    /// Detections answered as new.
    pub accepted: u64,
    /// Detections answered as known.
    pub duplicates: u64,
}

/// What there is to send, and what came of it.
pub struct Load {
    /// In this order.
    pub items: Vec<Item>,
    next: AtomicUsize,
    /// How many may be taken from the queue.
    pub gate: Gate,
    /// What was answered.
    pub known: Mutex<Known>,
}

impl Load {
    /// A queue that is still shut.
    pub fn new(items: Vec<Item>) -> Self {
        Self {
            items,
            next: AtomicUsize::new(0),
            gate: Gate::default(),
            known: Mutex::default(),
        }
    }

    /// One client: takes what it may until there is nothing left.
    pub fn work(&self, site: &Site, api: &Api) {
        loop {
            self.gate.pass();
            let Some(item) = self.items.get(self.next.fetch_add(1, Ordering::SeqCst)) else {
                return;
            };
            let mut cut = 0;
            for round in 0..item.times {
                let (life, body) = self.deliver(site, api, item, &mut cut);
                self.note(item, round, cut, life, &body);
            }
        }
    }

    /// Until it is acknowledged.
    fn deliver(&self, site: &Site, api: &Api, item: &Item, cut: &mut u32) -> (usize, Value) {
        loop {
            let life = site.life();
            let flying = site.flying(life);
            let answer = api.try_send(
                Method::POST,
                item.path,
                item.content_type,
                item.body.clone(),
            );
            match answer.map(|it| (it.status, it.body)) {
                Ok((202, body)) => {
                    flying.acknowledged(item.alerts.len() as u64);
                    return (life, body);
                }
                Ok((429 | 503, _)) => {
                    flying.acknowledged(0);
                    *cut += 1;
                    self.known.lock().unwrap().later += 1;
                    // as a client does that was told to come again
                    std::thread::sleep(Duration::from_millis(50));
                }
                Ok((status, body)) => panic!("POST {}: {status} {body}", item.path),
                Err(why) => {
                    flying.cut();
                    *cut += 1;
                    let path = item.path;
                    assert!(
                        site.ended(life),
                        "POST {path}: {why}, and nobody killed the host in life {life}"
                    );
                }
            }
        }
    }

    fn note(&self, item: &Item, round: u32, cut: u32, life: usize, body: &Value) {
        let mut known = self.known.lock().unwrap();
        let number = |name: &str| body[name].as_u64().unwrap_or(u64::MAX);
        let rejected = body["rejected"].as_array().map_or(usize::MAX, Vec::len);
        let (accepted, duplicates) = (number("accepted"), number("duplicates"));
        let alerts = item.alerts.len() as u64;
        let fits = match (alerts, round, cut) {
            // no alert: rejected, and known again
            (0, 0, 0) => accepted == 0 && rejected == 1,
            (0, ..) => accepted == 0 && (rejected == 1 || duplicates == 1),
            (_, 0, 0) => accepted == alerts && duplicates == 0 && rejected == 0,
            (_, 0, _) => accepted + duplicates == alerts && rejected == 0,
            _ => accepted == 0 && duplicates == alerts && rejected == 0,
        };
        if !fits {
            let ids = &item.alerts;
            known.wrong.push(format!(
                "round {round}, {cut} unanswered before, life {life}: {ids:?} was answered {body}"
            ));
        }
        if alerts == 0 {
            known.rejected.push(item.body.clone());
        } else {
            known.accepted += accepted;
            known.duplicates += duplicates;
        }
        for alert in &item.alerts {
            known.alerts.entry(alert.clone()).or_insert(life);
        }
    }
}
