//! One value of a config file, read into a type that cannot be wrong.
//!
//! Each function takes the parsed item and says, where it does not fit, what it is and what
//! would be right. Nothing behind `config` checks these values again.

use super::error::Code;
use super::nearest::nearest;
use super::section::{Wrong, wrong_type};
use crate::model::{Millis, PersonId, PluginId};
use jiff::tz::TimeZone;
use std::ops::RangeInclusive;
use toml_spanner::{Item, TimeOffset};

/// A text that is not empty, of at most 1,024 characters, without control characters.
pub(super) fn text(item: &Item<'_>) -> Result<String, Wrong> {
    let text = item.as_str().ok_or_else(|| wrong_type(item, "a text"))?;
    if text.trim().is_empty() {
        return Err(Wrong::new(Code::BadValue, "is empty"));
    }
    if text.chars().count() > 1024 {
        return Err(Wrong::new(Code::BadValue, "is longer than 1024 characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(Wrong::new(Code::BadValue, "holds a control character"));
    }
    Ok(text.to_owned())
}

/// A whole number within a range.
pub(super) fn number(range: RangeInclusive<u64>) -> impl Fn(&Item<'_>) -> Result<u64, Wrong> {
    move |item| {
        let wanted = item
            .as_i128()
            .ok_or_else(|| wrong_type(item, "a whole number"))?;
        u64::try_from(wanted)
            .ok()
            .filter(|it| range.contains(it))
            .ok_or_else(|| {
                let bounds = format!("{} to {}", range.start(), range.end());
                Wrong::new(Code::BadValue, format!("is {wanted}"))
                    .label(format!("expected {bounds}"))
            })
    }
}

/// A name of the host's own making: `a-z 0-9 -`, beginning with a letter, at most 64 bytes.
pub(super) fn name(item: &Item<'_>) -> Result<String, Wrong> {
    let name = text(item)?;
    if is_name(&name) {
        return Ok(name);
    }
    Err(Wrong::new(Code::BadValue, format!("is {name:?}"))
        .label("expected 1 to 64 of a-z 0-9 -, beginning with a letter"))
}

/// Whether a text can name a tenant, source or connector: 1 to 64 of `a-z 0-9 -`, beginning with
/// a letter, not ending with a hyphen.
pub fn is_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.len() <= 64
        && text.bytes().all(plain)
        && text.starts_with(|it: char| it.is_ascii_lowercase())
        && !text.ends_with('-')
}

/// A plugin's id, `publisher.name`, as in its manifest.
pub(super) fn plugin(item: &Item<'_>) -> Result<PluginId, Wrong> {
    let id = text(item)?;
    let word = |it: &str| {
        it.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    };
    if id.len() <= 128 && id.contains('.') && id.split('.').all(word) {
        return Ok(PluginId(id));
    }
    Err(Wrong::new(Code::BadValue, format!("is {id:?}"))
        .label("expected the id of a plugin: publisher.name")
        .help("`countersign plugin inspect FILE` prints the id of a plugin"))
}

/// A person's id: an e-mail address or a directory name.
pub(super) fn person(item: &Item<'_>) -> Result<PersonId, Wrong> {
    let id = text(item)?;
    if is_person(&id) {
        return Ok(PersonId(id));
    }
    Err(Wrong::new(Code::BadValue, format!("is {id:?}"))
        .label("expected an e-mail address or a directory name, without spaces"))
}

/// Whether a text can name a person: 1 to 128 bytes without spaces and control characters.
pub fn is_person(text: &str) -> bool {
    let fits = (1..=128).contains(&text.len());
    fits && !text.contains(|it: char| it.is_whitespace() || it.is_control())
}

/// Whether a text is the IANA name of a time zone.
pub fn is_zone(text: &str) -> bool {
    find_zone(text).is_some()
}

// jiff forgives another case; the name is stored and compared, so it must be the real one.
fn find_zone(name: &str) -> Option<TimeZone> {
    let zone = TimeZone::get(name).ok()?;
    (zone.iana_name() == Some(name)).then_some(zone)
}

/// A word of a closed list.
pub(super) fn word<T: Copy>(
    known: &'static [(&'static str, T)],
) -> impl Fn(&Item<'_>) -> Result<T, Wrong> {
    move |item| {
        let word = item.as_str().ok_or_else(|| wrong_type(item, "a word"))?;
        let found = known.iter().find(|(it, _)| *it == word);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = known.iter().map(|(it, _)| *it).collect();
            unknown_word(word, &words)
        })
    }
}

/// A word that is not in its list, with the nearest one that is.
pub(super) fn unknown_word(word: &str, known: &[&str]) -> Wrong {
    let label = nearest(word, known.iter().copied()).map_or_else(
        || "not a word of this list".to_owned(),
        |it| format!("did you mean {it:?}?"),
    );
    Wrong::new(Code::UnknownWord, format!("is {word:?}"))
        .label(label)
        .help(format!("one of: {}", known.join(", ")))
}

/// A time zone by its IANA name.
pub(super) fn zone(item: &Item<'_>) -> Result<TimeZone, Wrong> {
    let name = text(item)?;
    find_zone(&name).ok_or_else(|| {
        let zones: Vec<String> = jiff::tz::db().available().map(|it| it.to_string()).collect();
        let label = nearest(&name, zones.iter().map(String::as_str)).map_or_else(
            || "no zone has this name".to_owned(),
            |it| format!("did you mean {it:?}?"),
        );
        Wrong::new(Code::BadZone, format!("is {name:?}, which is not a time zone"))
            .label(label)
            .help("use the IANA name of a place, such as \"Europe/Berlin\": an abbreviation does not know summer time")
    })
}

/// Which end of a span a date stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// The first moment of the day.
    Begin,
    /// The end of the day: "until 31 January" includes the 31st.
    End,
}

/// A date or date and time, in the tenant's zone unless it has an offset.
pub(super) fn moment(
    zone: &TimeZone,
    edge: Edge,
) -> impl Fn(&Item<'_>) -> Result<Millis, Wrong> + '_ {
    move |item| {
        let example = "a date and time such as 2026-12-24T18:00:00, or a date";
        let written = item
            .as_datetime()
            .ok_or_else(|| wrong_type(item, example).help("without quotation marks"))?;
        let Some(date) = written.date() else {
            return Err(
                Wrong::new(Code::BadTime, "has no date").label(format!("expected {example}"))
            );
        };
        let never = |reason: String| {
            Wrong::new(Code::BadTime, "is not a moment")
                .label(reason)
                .help("write it with its offset: 2026-10-25T02:30:00+01:00")
        };
        let (year, month, day) = (to_i16(date.year), to_i8(date.month), to_i8(date.day));
        let date = jiff::civil::Date::new(year, month, day).map_err(|it| never(it.to_string()))?;
        let at = match (written.time(), edge) {
            (None, Edge::Begin) => zone
                .to_ambiguous_timestamp(date.at(0, 0, 0, 0))
                .compatible(),
            (None, Edge::End) => date
                .tomorrow()
                .and_then(|it| zone.to_ambiguous_timestamp(it.at(0, 0, 0, 0)).compatible()),
            (Some(time), _) => {
                let (hour, minute) = (to_i8(time.hour), to_i8(time.minute));
                // A leap second is the second before it: no window depends on one.
                let second = to_i8(time.second.min(59));
                let local = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0);
                local.and_then(|local| match written.offset() {
                    Some(offset) => fixed(offset)?.to_timestamp(local),
                    None => zone.to_ambiguous_timestamp(local).unambiguous(),
                })
            }
        };
        let at = at.map_err(|it| never(it.to_string()))?;
        u64::try_from(at.as_millisecond())
            .map(Millis)
            .map_err(|_| Wrong::new(Code::BadTime, "lies before 1970"))
    }
}

fn fixed(offset: TimeOffset) -> Result<TimeZone, jiff::Error> {
    let minutes = match offset {
        TimeOffset::Z => 0,
        TimeOffset::Custom { minutes } => i32::from(minutes),
    };
    jiff::tz::Offset::from_seconds(minutes * 60).map(TimeZone::fixed)
}

fn to_i8(value: u8) -> i8 {
    i8::try_from(value).unwrap_or(i8::MAX)
}

fn to_i16(value: u16) -> i16 {
    i16::try_from(value).unwrap_or(i16::MAX)
}
