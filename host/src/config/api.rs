//! Bounds on what a caller of the API may ask: how often, how much, for how long. Each has a most
//! and none is off, because a host that answers everybody at any rate answers nobody at night.

use super::section::{Key, Section, Shape};
use super::value::number;
use std::num::NonZeroU32;
use std::time::Duration;

const MIB: u64 = 1024 * 1024;

pub(super) const API: Shape = Shape {
    title: "countersign.toml [api]",
    keys: &[
        Key {
            name: "requests_per_s",
            kind: "number",
            default: "200",
            doc: "requests a second of one credential, in the long run",
        },
        Key {
            name: "requests_burst",
            kind: "number",
            default: "1000",
            doc: "requests of one credential at once",
        },
        Key {
            name: "delivery_requests_per_s",
            kind: "number",
            default: "10000",
            doc: "requests a second that deliver alerts, of one credential; for a vendor's own deliveries, of one address",
        },
        Key {
            name: "delivery_requests_burst",
            kind: "number",
            default: "20000",
            doc: "the same at once",
        },
        Key {
            name: "address_requests_per_s",
            kind: "number",
            default: "50",
            doc: "requests a second without a credential that is known, of one address (of a /64 in IPv6); all behind one proxy are one",
        },
        Key {
            name: "address_requests_burst",
            kind: "number",
            default: "500",
            doc: "the same at once",
        },
        Key {
            name: "body_bytes_max",
            kind: "number",
            default: "1048576",
            doc: "largest body of a request; batches, imports and plugins have bounds of their own",
        },
        Key {
            name: "body_wall_s_max",
            kind: "number",
            default: "60",
            doc: "seconds until a whole body must have arrived",
        },
        Key {
            name: "streams_max",
            kind: "number",
            default: "16",
            doc: "event streams that one credential may have open",
        },
    ],
};

/// How often: in the long run, and at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// A second.
    pub per_s: NonZeroU32,
    /// At once.
    pub burst: NonZeroU32,
}

impl Rate {
    /// A rate; 0 is 1.
    pub fn new(per_s: u32, burst: u32) -> Self {
        let least = |it| NonZeroU32::new(it).unwrap_or(NonZeroU32::MIN);
        Self {
            per_s: least(per_s),
            burst: least(burst),
        }
    }
    fn read(
        section: &Section<'_, '_>,
        per_s: &'static str,
        burst: &'static str,
        usual: Self,
    ) -> Self {
        // LIMIT: a million a second is more than any host answers
        let number = |key, usual: NonZeroU32| {
            let read = section.or(key, u64::from(usual.get()), number(1..=1_000_000));
            u32::try_from(read).unwrap_or(u32::MAX)
        };
        Self::new(number(per_s, usual.per_s), number(burst, usual.burst))
    }
}

/// What one caller may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiBounds {
    /// Of a credential.
    pub requests: Rate,
    /// Of a credential that delivers alerts.
    pub detections: Rate,
    /// Of an address without a credential.
    pub strangers: Rate,
    /// Largest body, in bytes.
    pub body_bytes_max: usize,
    /// Until a whole body must be there.
    pub body_wall: Duration,
    /// Event streams of a credential.
    pub streams_max: usize,
}

impl Default for ApiBounds {
    fn default() -> Self {
        Self {
            requests: Rate::new(200, 1_000),
            detections: Rate::new(10_000, 20_000),
            strangers: Rate::new(50, 500),
            body_bytes_max: to_usize(MIB),
            body_wall: Duration::from_secs(60),
            streams_max: 16,
        }
    }
}

impl ApiBounds {
    pub(super) fn read(section: Option<Section<'_, '_>>) -> Self {
        let usual = Self::default();
        let Some(section) = section else {
            return usual;
        };
        let rate = |per_s, burst, usual| Rate::read(&section, per_s, burst, usual);
        let bytes = section.or("body_bytes_max", MIB, number(1024..=16 * MIB));
        Self {
            requests: rate("requests_per_s", "requests_burst", usual.requests),
            detections: rate(
                "delivery_requests_per_s",
                "delivery_requests_burst",
                usual.detections,
            ),
            strangers: rate(
                "address_requests_per_s",
                "address_requests_burst",
                usual.strangers,
            ),
            body_bytes_max: to_usize(bytes),
            body_wall: Duration::from_secs(section.or("body_wall_s_max", 60, number(1..=600))),
            streams_max: to_usize(section.or("streams_max", 16, number(1..=1_000))),
        }
    }
}

fn to_usize(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
