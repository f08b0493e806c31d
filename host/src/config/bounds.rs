//! Bounds that a tenant sets on time and reach: how long people have to answer, and how far one
//! cause may reach before they are asked. Each has a most, so that no file can switch them off.

use super::section::{Key, Section, Shape};
use super::value::number;
use std::time::Duration;

pub(super) const APPROVAL: Shape = Shape {
    title: "tenant.toml [approval]",
    keys: &[
        Key {
            name: "expiry_minutes",
            kind: "number",
            default: "240",
            doc: "minutes until what takes away is refused because nobody answered",
        },
        Key {
            name: "process_expiry_minutes",
            kind: "number",
            default: "15",
            doc: "the same for an action on a process that is not matched by hash",
        },
    ],
};

pub(super) const SURGE: Shape = Shape {
    title: "tenant.toml [surge]",
    keys: &[
        Key {
            name: "devices",
            kind: "number",
            default: "5",
            doc: "devices one cause may reach within the window; for established software it is always 1",
        },
        Key {
            name: "percent",
            kind: "number",
            default: "10",
            doc: "or this share of the group, if that is more devices",
        },
        Key {
            name: "window_minutes",
            kind: "number",
            default: "60",
            doc: "length of the sliding window",
        },
    ],
};

/// How long people have to answer; silence refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalTimes {
    /// For what takes away.
    pub expiry: Duration,
    /// For an action on a process that is not matched by hash.
    pub process_expiry: Duration,
}

/// How many devices one cause may reach before people are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SurgeConfig {
    /// Devices.
    pub devices: u32,
    /// Share of the group, 0 to 100, if that is more devices.
    pub percent: u32,
    /// The sliding window.
    pub window: Duration,
}

impl ApprovalTimes {
    pub(super) fn read(section: Option<Section<'_, '_>>) -> Self {
        let (mut all, mut process) = (240, 15);
        if let Some(section) = section {
            // LIMIT: a week. What nobody answered in a week nobody will.
            all = section.or("expiry_minutes", all, number(1..=7 * 24 * 60));
            process = section.or("process_expiry_minutes", process, number(1..=24 * 60));
        }
        Self {
            expiry: Duration::from_secs(all * 60),
            process_expiry: Duration::from_secs(process.min(all) * 60),
        }
    }
}

impl SurgeConfig {
    pub(super) fn read(section: Option<Section<'_, '_>>) -> Self {
        let (mut devices, mut percent, mut minutes) = (5, 10, 60);
        if let Some(section) = section {
            // LIMIT: above these the surge would no longer hold anything in time.
            devices = section.or("devices", devices, number(1..=100));
            percent = section.or("percent", percent, number(0..=50));
            minutes = section.or("window_minutes", minutes, number(10..=24 * 60));
        }
        Self {
            devices: u32::try_from(devices).unwrap_or(1),
            percent: u32::try_from(percent).unwrap_or(0),
            window: Duration::from_secs(minutes * 60),
        }
    }
}
