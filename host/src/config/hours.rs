//! Working hours and windows: when people are there, when nothing may change, when it may.
//!
//! Hours are kept as the operator thinks of them, weekday and minutes of local time, and are
//! asked with a zone, because an asset's site may lie in another zone than its tenant.

use super::error::Code;
use super::section::{Key, Section, Shape, Wrong, wrong_type};
use super::value::{Edge, moment, name};
use crate::model::{GroupId, Millis};
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use toml_spanner::Item;

const DAY_MINUTES: u16 = 24 * 60;

pub(super) const HOURS: Shape = Shape {
    title: "tenant.toml [working_hours]",
    keys: &[
        Key {
            name: "monday",
            kind: "hours",
            default: "none",
            doc: "`\"08:00-18:00\"`, or a list of such spans; one that ends before it begins runs into the next day",
        },
        Key {
            name: "tuesday",
            kind: "hours",
            default: "none",
            doc: "the same",
        },
        Key {
            name: "wednesday",
            kind: "hours",
            default: "none",
            doc: "the same",
        },
        Key {
            name: "thursday",
            kind: "hours",
            default: "none",
            doc: "the same",
        },
        Key {
            name: "friday",
            kind: "hours",
            default: "none",
            doc: "the same",
        },
        Key {
            name: "saturday",
            kind: "hours",
            default: "none",
            doc: "the same",
        },
        Key {
            name: "sunday",
            kind: "hours",
            default: "none",
            doc: "the same",
        },
    ],
};

pub(super) const WINDOW: Shape = Shape {
    title: "tenant.toml [[freeze]] and [[change_window]]",
    keys: &[
        Key {
            name: "from",
            kind: "date and time",
            default: "required",
            doc: "when it begins, in the tenant's zone unless it has an offset; a date begins with its first minute",
        },
        Key {
            name: "to",
            kind: "date and time",
            default: "required",
            doc: "when it ends; a date is included",
        },
        Key {
            name: "groups",
            kind: "list of names",
            default: "all groups",
            doc: "the groups it holds for",
        },
    ],
};

/// Minutes of the local day, from `from` up to and without `to`. `to` at or before `from` means
/// that it runs into the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: u16,
    to: u16,
}

/// When people are at work, by weekday of local time. Without any span nobody ever is, which
/// makes acting cost more, never less.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingHours {
    /// Monday first.
    days: [Vec<Span>; 7],
}

impl WorkingHours {
    /// Whether `at` lies within working hours at a site in `zone`.
    pub fn contains(&self, at: Millis, zone: &TimeZone) -> bool {
        let Some(at) = i64::try_from(at.0)
            .ok()
            .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        else {
            return false;
        };
        let local = zone.to_datetime(at);
        let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute()));
        let Ok(minute) = minute else { return false };
        let today = local.weekday();
        let on = |day: Weekday| {
            let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or(usize::MAX);
            self.days.get(index).map(Vec::as_slice).unwrap_or_default()
        };
        let begun_today = on(today)
            .iter()
            .any(|it| it.from <= minute && (minute < it.to || it.to <= it.from));
        let begun_yesterday = on(today.previous())
            .iter()
            .any(|it| it.to <= it.from && minute < it.to);
        begun_today || begun_yesterday
    }

    pub(super) fn read(section: &Section<'_, '_>) -> Self {
        let mut hours = Self::default();
        for (key, day) in HOURS.keys.iter().zip(&mut hours.days) {
            let spans = section.optional(key.name, spans);
            *day = spans.map(|it| it.value).unwrap_or_default();
        }
        hours
    }
}

fn spans(item: &Item<'_>) -> Result<Vec<Span>, Wrong> {
    match item.as_array() {
        Some(array) => array.iter().map(span).collect(),
        None => span(item).map(|it| vec![it]),
    }
}

fn span(item: &Item<'_>) -> Result<Span, Wrong> {
    let text = item
        .as_str()
        .ok_or_else(|| wrong_type(item, "hours such as \"08:00-18:00\""))?;
    let parsed = text.split_once('-').and_then(|(from, to)| {
        let (from, to) = (minutes(from)?, minutes(to)?);
        (from < DAY_MINUTES && from != to).then_some(Span { from, to })
    });
    parsed.ok_or_else(|| {
        Wrong::new(Code::BadTime, format!("is {text:?}"))
            .label("expected hours such as \"08:00-18:00\"")
    })
}

/// `HH:MM` up to `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |it: &str| it.len() == 2 && it.bytes().all(|b| b.is_ascii_digit());
    if !two(hour) || !two(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let whole = hour * 60 + minute;
    (minute < 60 && whole <= DAY_MINUTES).then_some(whole)
}

/// A span of time, for some groups or for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first moment.
    pub from: Millis,
    /// Its end, which is no longer in it.
    pub to: Millis,
    /// The groups it holds for; empty means all.
    pub groups: BTreeSet<GroupId>,
}

impl Window {
    /// Whether it is open at `at` for something that belongs to `groups`.
    pub fn covers<'a>(&self, at: Millis, groups: impl IntoIterator<Item = &'a GroupId>) -> bool {
        self.from <= at
            && at < self.to
            && (self.groups.is_empty() || groups.into_iter().any(|it| self.groups.contains(it)))
    }

    pub(super) fn read(section: &Section<'_, '_>, zone: &TimeZone) -> Option<Self> {
        let from = section.required("from", moment(zone, Edge::Begin));
        let to = section.required("to", moment(zone, Edge::End));
        let named = section.has("groups");
        let groups = section.list("groups", name);
        let (from, to) = (from?, to?);
        if to.value <= from.value {
            let wrong = Wrong::new(Code::BadTime, "is not after `from`");
            section.wrong(&section.dotted("to"), to.place, wrong);
            return None;
        }
        if named && groups.is_empty() {
            // "for no group" and "for every group" would look alike: say which.
            let wrong = Wrong::new(Code::BadValue, "names no group")
                .help("leave `groups` out to mean all groups");
            section.wrong(&section.dotted("groups"), section.here(), wrong);
            return None;
        }
        Some(Self {
            from: from.value,
            to: to.value,
            groups: groups.into_iter().map(|it| GroupId(it.value)).collect(),
        })
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    fn hours(day: usize, spans: &[&str]) -> WorkingHours {
        let mut hours = WorkingHours::default();
        hours.days[day] = spans
            .iter()
            .map(|it| {
                let (from, to) = it.split_once('-').unwrap();
                Span {
                    from: minutes(from).unwrap(),
                    to: minutes(to).unwrap(),
                }
            })
            .collect();
        hours
    }

    fn at(text: &str) -> Millis {
        Millis::parse(text).unwrap()
    }

    #[test]
    fn hours_are_those_of_the_site_not_of_the_host() {
        // 2026-11-23 is a Monday.
        let office = hours(0, &["08:00-18:00"]);
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        assert!(office.contains(at("2026-11-23T07:00:00Z"), &berlin));
        assert!(!office.contains(at("2026-11-23T06:59:00Z"), &berlin));
        assert!(!office.contains(at("2026-11-23T17:00:00Z"), &berlin));
        assert!(office.contains(at("2026-11-22T23:30:00Z"), &tokyo));
        assert!(!office.contains(at("2026-11-24T07:00:00Z"), &berlin));
    }

    #[test]
    fn a_night_shift_belongs_to_the_day_it_begins_on() {
        let night = hours(0, &["22:00-06:00"]);
        let utc = TimeZone::UTC;
        assert!(night.contains(at("2026-11-23T22:00:00Z"), &utc));
        assert!(night.contains(at("2026-11-24T05:59:00Z"), &utc));
        assert!(!night.contains(at("2026-11-24T06:00:00Z"), &utc));
        assert!(!night.contains(at("2026-11-23T05:00:00Z"), &utc));
    }

    #[test]
    fn without_hours_nobody_is_ever_at_work() {
        assert!(!WorkingHours::default().contains(at("2026-11-23T10:00:00Z"), &TimeZone::UTC));
    }

    #[test]
    fn a_whole_day_can_be_written() {
        let whole = hours(0, &["00:00-24:00"]);
        assert!(whole.contains(at("2026-11-23T23:59:59Z"), &TimeZone::UTC));
        assert_eq!(minutes("24:01"), None);
        assert_eq!(minutes("8:00"), None);
        assert_eq!(minutes("08:60"), None);
    }

    #[test]
    fn a_window_without_groups_covers_everything_while_it_is_open() {
        let all = Window {
            from: Millis(10),
            to: Millis(20),
            groups: BTreeSet::new(),
        };
        let erp = Window {
            groups: [GroupId::new("erp")].into(),
            ..all.clone()
        };
        let groups = [GroupId::new("erp")];
        assert!(all.covers(Millis(10), &[]) && !all.covers(Millis(20), &[]));
        assert!(erp.covers(Millis(10), &groups) && !erp.covers(Millis(10), &[]));
    }
}
