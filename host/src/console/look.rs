//! Who looks, from where, and when: what every page needs to say a time or to make a link.

use crate::model::{Millis, PersonId, TenantId};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use maud::{Markup, html};

/// One person looking at one tenant.
#[derive(Clone, Debug)]
pub struct Look {
    /// Of which tenant.
    pub tenant: TenantId,
    /// Who.
    pub me: PersonId,
    /// The time of the tenant's clock.
    pub now: Millis,
    /// The zone that times are shown in.
    pub zone: TimeZone,
}

impl Look {
    /// A path of this tenant. Each part becomes one segment, whatever is in it.
    pub fn href(&self, parts: &[&str]) -> String {
        let mut path = format!("/t/{}", segment(self.tenant.as_str()));
        for part in parts {
            path.push('/');
            path.push_str(&segment(part));
        }
        if parts.is_empty() {
            path.push('/');
        }
        path
    }

    /// A moment: the clock, the date where it is not today, and the exact instant on hover.
    pub fn time(&self, at: Millis) -> Markup {
        let Some(there) = self.zoned(at) else {
            return html! { "no time" };
        };
        let text = match self.zoned(self.now) {
            Some(now) if now.date() == there.date() => there.strftime("%H:%M"),
            Some(now) if now.year() == there.year() => there.strftime("%-d %b, %H:%M"),
            _ => there.strftime("%-d %b %Y, %H:%M"),
        };
        self.element(at, &there, text.to_string())
    }

    /// A moment to the millisecond, as the timeline needs it.
    pub fn exact(&self, at: Millis) -> Markup {
        let Some(there) = self.zoned(at) else {
            return html! { "no time" };
        };
        let today = self
            .zoned(self.now)
            .is_some_and(|it| it.date() == there.date());
        let text = if today {
            there.strftime("%H:%M:%S%.3f")
        } else {
            there.strftime("%-d %b %H:%M:%S")
        };
        self.element(at, &there, text.to_string())
    }

    /// A day.
    pub fn day(&self, at: Millis) -> String {
        let there = self.zoned(at);
        let same = there
            .as_ref()
            .zip(self.zoned(self.now))
            .is_some_and(|(a, b)| a.year() == b.year());
        let format = if same { "%-d %b" } else { "%-d %b %Y" };
        there.map_or_else(String::new, |it| it.strftime(format).to_string())
    }

    fn element(&self, at: Millis, there: &ZonedDateTime, text: String) -> Markup {
        let utc = self.at(at).map(|it| it.to_zoned_datetime(TimeZone::UTC));
        let utc = utc.map(|it| it.strftime("%H:%M:%S%.3f").to_string());
        let title = format!(
            "{} ({} UTC)",
            there.strftime("%-d %b %Y, %H:%M:%S%.3f %Z"),
            utc.unwrap_or_default()
        );
        html! { time datetime=(at.rfc3339()) title=(title) { (text) } }
    }

    /// The zone's abbreviation now: `CET`.
    pub fn zone_name(&self) -> String {
        let now = self.zoned(self.now);
        now.map_or_else(String::new, |it| it.strftime("%Z").to_string())
    }

    /// The clock now, to the second.
    pub fn clock(&self) -> Markup {
        match self.zoned(self.now) {
            Some(now) => self.element(self.now, &now, now.strftime("%H:%M:%S").to_string()),
            None => html! {},
        }
    }

    /// `11 min ago`.
    pub fn ago(&self, at: Millis) -> String {
        format!("{} ago", span(self.now.since(at)))
    }

    fn zoned(&self, at: Millis) -> Option<ZonedDateTime> {
        Some(self.at(at)?.to_zoned_datetime(self.zone.clone()))
    }

    fn at(&self, at: Millis) -> Option<Timestamp> {
        Timestamp::from_millisecond(i64::try_from(at.0).ok()?).ok()
    }
}

/// `3 h 50 min`, `8 min`, `40 s`, `12 days`.
pub fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if seconds < 60 => format!("{seconds} s"),
        () if minutes < 60 => format!("{minutes} min"),
        () if hours < 48 && minutes.is_multiple_of(60) => format!("{hours} h"),
        () if hours < 48 => format!("{hours} h {:02} min", minutes % 60),
        () => format!("{days} days"),
    }
}

/// Everything but letters, digits and `-._~` as percent escapes: one segment stays one.
fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(now: &str) -> Look {
        Look {
            tenant: "acme".into(),
            me: "ana".into(),
            now: Millis::parse(now).unwrap_or_default(),
            zone: TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC),
        }
    }

    #[test]
    fn a_time_is_in_the_viewers_zone_with_the_exact_instant_beside_it() {
        let look = look("2026-11-24T19:58:40.112Z");
        let shown = look.time(look.now).into_string();
        assert_eq!(
            shown,
            "<time datetime=\"2026-11-24T19:58:40.112Z\" title=\"24 Nov 2026, 20:58:40.112 CET (19:58:40.112 UTC)\">20:58</time>"
        );
        let yesterday = look.time(look.now.minus(Millis::DAY)).into_string();
        assert!(yesterday.contains(">23 Nov, 20:58<"), "{yesterday}");
    }

    #[test]
    fn whatever_is_in_an_id_it_stays_one_segment_of_a_path() {
        let look = look("2026-11-24T19:58:40Z");
        assert_eq!(look.href(&[]), "/t/acme/");
        assert_eq!(
            look.href(&["causes", "rule:a/b|\"<>\u{e9}"]),
            "/t/acme/causes/rule%3Aa%2Fb%7C%22%3C%3E%C3%A9"
        );
    }

    #[test]
    fn a_span_is_said_as_people_say_it() {
        for (ms, said) in [
            (40_000, "40 s"),
            (480_000, "8 min"),
            (3_600_000, "1 h"),
            (13_800_000, "3 h 50 min"),
            (176 * Millis::DAY, "176 days"),
        ] {
            assert_eq!(span(ms), said);
        }
    }
}
