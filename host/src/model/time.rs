//! Time as milliseconds since 1970 (OCSF `timestamp_t`), and where it comes from.
//!
//! Stages take the time as an argument. Only the edge asks a clock, so that a test can hand in
//! the evening of the incident and a replay the time of the recording.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// One day.
    pub const DAY: u64 = 24 * 60 * 60 * 1000;
    /// One hour.
    pub const HOUR: u64 = 60 * 60 * 1000;

    /// This instant plus a number of milliseconds; stops at the end of time instead of wrapping.
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
    /// This instant minus a number of milliseconds; stops at 1970.
    pub fn minus(self, ms: u64) -> Self {
        Self(self.0.saturating_sub(ms))
    }
    /// How many milliseconds ago `earlier` was; 0 if it is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
    /// RFC 3339 in UTC, for people and logs.
    pub fn rfc3339(self) -> String {
        let ms = i64::try_from(self.0).unwrap_or(i64::MAX);
        jiff::Timestamp::from_millisecond(ms).map_or_else(|_| self.0.to_string(), |t| t.to_string())
    }
    /// Reads RFC 3339 with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        let time: jiff::Timestamp = text.trim().parse().ok()?;
        u64::try_from(time.as_millisecond()).ok().map(Self)
    }
}

impl std::fmt::Display for Millis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Where the time comes from: the machine, or a test.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Millis;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let ms = jiff::Timestamp::now().as_millisecond();
        Millis(u64::try_from(ms).unwrap_or(0))
    }
}

/// A clock that a test sets.
#[derive(Debug, Default)]
pub struct FixedClock(std::sync::atomic::AtomicU64);

impl FixedClock {
    /// A clock that stands at `at`.
    pub fn at(at: Millis) -> Self {
        Self(at.0.into())
    }
    /// Moves it.
    pub fn set(&self, at: Millis) {
        self.0.store(at.0, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}
