//! How much one caller may ask: requests a second and open streams, for each credential.
//!
//! One noisy credential must not make the others wait, and a limit that all share would let it.
//! So each credential of each tenant has its own, and who has none is counted by address. Alerts
//! have a limit of their own, far above what people and scripts need: a flood of alerts is what
//! the host is there for.
//!
//! LIMIT: no header says who is behind a proxy; all behind one are counted together. What a proxy
//! forwards is believed by nobody here, because anybody can send the header.

use super::caller::Key;
use super::problem::Problem;
use crate::config::ApiBounds;
use axum::http::StatusCode;
use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// LIMIT: after so many questions, what nobody asked for lately is forgotten.
const FORGET_AFTER: u32 = 4_096;

/// What each caller may ask.
pub struct Rates {
    known: Limiter<Key>,
    alerts: Limiter<Key>,
    strangers: Limiter<IpAddr>,
    vendors: Limiter<IpAddr>,
    streams: Streams,
}

impl Rates {
    /// As the files say.
    pub fn new(bounds: &ApiBounds) -> Self {
        Self {
            known: Limiter::new(bounds.requests),
            alerts: Limiter::new(bounds.detections),
            strangers: Limiter::new(bounds.strangers),
            vendors: Limiter::new(bounds.detections),
            streams: Streams {
                max: bounds.streams_max,
                open: Arc::default(),
            },
        }
    }
    /// A request of a known caller.
    ///
    /// # Errors
    /// CS-api-16: it comes too early.
    pub fn request(&self, key: &Key) -> Result<(), Problem> {
        self.known.take(key)
    }
    /// A delivery of a known caller.
    ///
    /// # Errors
    /// CS-api-16: it comes too early.
    pub fn delivery(&self, key: &Key) -> Result<(), Problem> {
        self.alerts.take(key)
    }
    /// A request of nobody that is known.
    ///
    /// # Errors
    /// CS-api-16: it comes too early.
    pub fn stranger(&self, from: IpAddr) -> Result<(), Problem> {
        self.strangers.take(&network(from))
    }
    /// A delivery of a vendor that proves itself otherwise.
    ///
    /// # Errors
    /// CS-api-16: it comes too early.
    pub fn vendor(&self, from: IpAddr) -> Result<(), Problem> {
        self.vendors.take(&network(from))
    }
    /// A place for one more stream; free again when it is dropped.
    ///
    /// # Errors
    /// CS-api-17: the caller has as many as it may.
    pub fn stream(&self, key: Key) -> Result<Listening, Problem> {
        self.streams.open(key)
    }
}

/// One customer's line has a whole /64 of addresses.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(it) => IpAddr::V4(it),
        IpAddr::V6(it) => IpAddr::V6(Ipv6Addr::from_bits(it.to_bits() & !u128::from(u64::MAX))),
    }
}

struct Limiter<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>,
    clock: DefaultClock,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(rate: crate::config::Rate) -> Self {
        let quota = Quota::per_second(rate.per_s).allow_burst(rate.burst);
        Self {
            limiter: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            asked: AtomicU32::new(0),
        }
    }
    fn take(&self, key: &K) -> Result<(), Problem> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_AFTER == FORGET_AFTER - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(key).map_err(|early| {
            let wait = early.wait_time_from(self.clock.now());
            too_early(wait)
        })
    }
}

fn too_early(wait: Duration) -> Problem {
    let seconds = wait.as_secs().saturating_add(1);
    let text = format!(
        "too many requests with this credential, or from this address; send it again in {seconds} s (limits: [api] in countersign.toml)"
    );
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "CS-api-16", &text).retry_after(seconds)
}

#[derive(Clone)]
struct Streams {
    max: usize,
    open: Arc<Mutex<HashMap<Key, usize>>>,
}

impl Streams {
    fn open(&self, key: Key) -> Result<Listening, Problem> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(key.clone()).or_default();
        if *count >= self.max {
            let text = format!(
                "{count} streams are open with this credential, as many as it may have ([api] streams_max in countersign.toml); close one"
            );
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "CS-api-17",
                &text,
            ));
        }
        *count = count.saturating_add(1);
        Ok(Listening {
            key,
            open: self.open.clone(),
        })
    }
}

/// An open stream's place.
pub struct Listening {
    key: Key,
    open: Arc<Mutex<HashMap<Key, usize>>>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.get(&self.key).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            open.remove(&self.key);
        } else {
            open.insert(self.key.clone(), left);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Rate;
    use crate::model::{Digest, TenantId};

    fn rates() -> Rates {
        let few = Rate::new(1, 3);
        Rates::new(&ApiBounds {
            requests: few,
            detections: Rate::new(1_000, 1_000),
            strangers: few,
            streams_max: 2,
            ..ApiBounds::default()
        })
    }

    fn key(tenant: &str, secret: &str) -> Key {
        (TenantId::from(tenant), Digest::of(secret.as_bytes()))
    }

    #[test]
    fn each_credential_of_each_tenant_has_its_own_limit() {
        let rates = rates();
        let one = key("acme", "one");
        assert_eq!((0..9).filter(|_| rates.request(&one).is_ok()).count(), 3);
        let late = rates.request(&one).unwrap_err();
        assert_eq!((late.status().as_u16(), late.code()), (429, "CS-api-16"));
        for other in [key("acme", "two"), key("other", "one")] {
            assert!(rates.request(&other).is_ok());
        }
        assert!(rates.delivery(&one).is_ok(), "alerts are counted apart");
    }

    #[test]
    fn who_has_no_credential_is_counted_by_address_and_a_network_of_v6_is_one() {
        let rates = rates();
        let from = |text: &str| text.parse::<IpAddr>().unwrap();
        let taken = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4"]
            .map(|it| rates.stranger(from(it)).is_ok());
        assert_eq!(taken, [true, true, true, false]);
        assert!(rates.stranger(from("2001:db8:0:1::1")).is_ok());
        let mapped = ["::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1"]
            .map(|it| rates.stranger(from(it)).is_ok());
        assert_eq!(mapped, [true, true, true, false]);
    }

    #[test]
    fn a_stream_that_ends_makes_room_for_the_next() {
        let rates = rates();
        let one = key("acme", "one");
        let first = rates.stream(one.clone()).unwrap();
        let _second = rates.stream(one.clone()).unwrap();
        let third = rates.stream(one.clone()).err().unwrap();
        assert_eq!((third.status().as_u16(), third.code()), (429, "CS-api-17"));
        assert!(rates.stream(key("acme", "two")).is_ok());
        drop(first);
        assert!(rates.stream(one).is_ok());
    }
}
