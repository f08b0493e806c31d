//! How many devices the same cause was attempted on within a sliding hour.
//!
//! Attempts count, not successes, and each device once: forty alerts of one machine are no
//! surge. A device keeps its place in the order of arrival, so that what was judged within the
//! limit is not held afterwards because others came later. Counted per cause and never for the
//! whole tenant, which would be an attacker's off-switch.

use crate::model::{CauseId, Millis};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Attempt {
    first: u64,
    last: Millis,
}

/// Devices attempted, by cause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surge {
    attempts: BTreeMap<CauseId, BTreeMap<String, Attempt>>,
    order: u64,
}

impl Surge {
    /// LIMIT: devices remembered a cause. Above it the count stays at the limit, which holds.
    const DEVICES_MAX: usize = 100_000;

    /// Notes an attempt; what is older than `window_ms` is forgotten.
    pub fn attempt(&mut self, cause: &CauseId, device: &str, at: Millis, window_ms: u64) {
        let devices = self.attempts.entry(cause.clone()).or_default();
        if devices.len() >= Self::DEVICES_MAX {
            devices.retain(|_, it| at.since(it.last) <= window_ms);
        }
        if let Some(known) = devices.get_mut(device) {
            if at.since(known.last) <= window_ms {
                known.last = known.last.max(at);
                return;
            }
        } else if devices.len() >= Self::DEVICES_MAX {
            return;
        }
        self.order = self.order.saturating_add(1);
        devices.insert(
            device.to_owned(),
            Attempt {
                first: self.order,
                last: at,
            },
        );
    }
    /// Which place `device` has among the devices attempted in the window before `now`: the
    /// number of those attempted before it, and itself.
    pub fn place(&self, cause: &CauseId, device: &str, now: Millis, window_ms: u64) -> usize {
        let Some(devices) = self.attempts.get(cause) else {
            return 1;
        };
        let alive = |it: &Attempt| now.since(it.last) <= window_ms;
        let own = devices
            .get(device)
            .filter(|it| alive(it))
            .map_or(u64::MAX, |it| it.first);
        let earlier = devices
            .iter()
            .filter(|(id, it)| id.as_str() != device && alive(it) && it.first < own);
        earlier.count() + 1
    }
    /// Drops causes that nobody attempted within the window.
    pub fn forget(&mut self, now: Millis, window_ms: u64) {
        self.attempts
            .retain(|_, devices| devices.values().any(|it| now.since(it.last) <= window_ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_device_counts_once_keeps_its_place_and_only_within_the_window() {
        let (cause, hour) = (CauseId::from("hash:aa"), Millis::HOUR);
        let mut surge = Surge::default();
        let start = Millis(10 * hour);
        for n in 0..5 {
            surge.attempt(&cause, &format!("d{n}"), start, hour);
            surge.attempt(&cause, &format!("d{n}"), start, hour);
        }
        assert_eq!(surge.place(&cause, "d0", start, hour), 1);
        assert_eq!(surge.place(&cause, "d4", start, hour), 5);
        assert_eq!(surge.place(&cause, "d9", start, hour), 6);
        assert_eq!(surge.place(&CauseId::from("hash:bb"), "d9", start, hour), 1);
        assert_eq!(surge.place(&cause, "d9", start.plus(hour + 1), hour), 1);
    }
}
