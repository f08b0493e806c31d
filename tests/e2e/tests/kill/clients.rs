//! Those who post alerts: at least once, as vendors do, and remembering what was acknowledged.
//!
//! What an answer said is compared at once with what it must say: an alert that was never
//! answered before is accepted, or a duplicate if an earlier attempt got through; one that was
//! acknowledged is a duplicate for ever, whatever happened in between.

use crate::fleet::Item;
use crate::site::{Ask, Life, Site};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

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

/// The queue, opened bit by bit.
pub struct Load {
    /// What there is to send.
    pub items: Vec<Item>,
    next: AtomicUsize,
    /// How many may be taken from the queue.
    pub gate: Semaphore,
    /// What was answered.
    pub known: Mutex<Known>,
}

impl Load {
    /// A queue that is still shut.
    pub fn new(items: Vec<Item>) -> Self {
        Self {
            items,
            next: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            known: Mutex::new(Known::default()),
        }
    }

    /// One client: takes what it may until there is nothing left.
    pub async fn work(&self, site: &Site, token: &str) {
        loop {
            self.gate.acquire().await.unwrap().forget();
            let Some(item) = self.items.get(self.next.fetch_add(1, Ordering::SeqCst)) else {
                return;
            };
            let mut cut = 0;
            for round in 0..item.times {
                let (life, body) = self.deliver(site, token, item, &mut cut).await;
                self.note(item, round, cut, &life, &body);
            }
        }
    }

    /// Until it is acknowledged.
    async fn deliver(&self, site: &Site, token: &str, item: &Item, cut: &mut u32) -> (Life, Value) {
        let path = format!("/v1/tenants/acme{}", item.path);
        loop {
            let life = site.life().await;
            let flying = site.flying(&life);
            let how = Ask {
                token,
                content_type: item.content_type,
                body: &item.body,
            };
            match site.ask(&life, "POST", &path, how).await {
                Ok((202, body)) => {
                    flying.acknowledged(item.alerts.len() as u64);
                    return (life, body);
                }
                Ok((429 | 503, _)) => {
                    flying.acknowledged(0);
                    *cut += 1;
                    self.known.lock().unwrap().later += 1;
                    // as a client does that was told to come again
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok((status, body)) => panic!("POST {path}: {status} {body}"),
                Err(why) => {
                    flying.cut();
                    *cut += 1;
                    assert!(
                        site.ended(&life).await,
                        "POST {path}: {why}, and nobody killed the host in life {}",
                        life.n
                    );
                }
            }
        }
    }

    fn note(&self, item: &Item, round: u32, cut: u32, life: &Life, body: &Value) {
        let mut known = self.known.lock().unwrap();
        let number = |name: &str| body[name].as_u64().unwrap_or(u64::MAX);
        let rejected = body["rejected"].as_array().map_or(usize::MAX, Vec::len);
        let (accepted, duplicates, alerts) = (
            number("accepted"),
            number("duplicates"),
            item.alerts.len() as u64,
        );
        let fits = match (alerts, round, cut) {
            // no alert: rejected, and known again
            (0, 0, 0) => accepted == 0 && rejected == 1,
            (0, ..) => accepted == 0 && (rejected == 1 || duplicates == 1),
            (_, 0, 0) => accepted == alerts && duplicates == 0 && rejected == 0,
            (_, 0, _) => accepted + duplicates == alerts && rejected == 0,
            _ => accepted == 0 && duplicates == alerts && rejected == 0,
        };
        if !fits {
            let text = format!(
                "round {round}, {cut} unanswered before, life {}: {:?} was answered {body}",
                life.n, item.alerts
            );
            known.wrong.push(text);
        }
        if alerts == 0 {
            known.rejected.push(item.body.clone());
        } else {
            known.accepted += accepted;
            known.duplicates += duplicates;
        }
        for alert in &item.alerts {
            known.alerts.entry(alert.clone()).or_insert(life.n);
        }
    }
}
