//! Reading fields of a JSON object by a closed list of names.
//!
//! Each reader takes what it expects, reports what it finds instead with its path, and goes on,
//! so that all mistakes of a manifest are in one answer.

use crate::plugin::error::{LoadError, nearest};
use serde_json::{Map, Value};

/// One object, where it stands, and the findings.
pub(super) struct Fields<'a, 'e> {
    path: String,
    map: &'a Map<String, Value>,
    errors: &'e mut Vec<LoadError>,
}

/// Where a name stands below a path.
pub(super) fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// A finding of the schema (L012).
pub(super) fn misfit(path: &str, reason: &str) -> LoadError {
    let path = if path.is_empty() { "plugin.json" } else { path };
    LoadError::new(12, format!("manifest: {path}: {reason}"))
}

impl<'a, 'e> Fields<'a, 'e> {
    /// The object at `path`; every key that is not in `known` is a finding.
    pub(super) fn of(
        value: &'a Value,
        path: &str,
        known: &[&str],
        errors: &'e mut Vec<LoadError>,
    ) -> Option<Self> {
        let Some(map) = value.as_object() else {
            errors.push(misfit(path, "is not an object"));
            return None;
        };
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let reason = match nearest(key, known) {
                Some(near) => format!("no such key; did you mean {near}"),
                None => format!("no such key; known: {}", known.join(", ")),
            };
            errors.push(misfit(&below(path, key), &reason));
        }
        Some(Self {
            path: path.to_owned(),
            map,
            errors,
        })
    }
    pub(super) fn errors(&mut self) -> &mut Vec<LoadError> {
        self.errors
    }
    pub(super) fn path(&self, name: &str) -> String {
        below(&self.path, name)
    }
    pub(super) fn wrong(&mut self, name: &str, reason: &str) {
        let path = self.path(name);
        self.errors.push(misfit(&path, reason));
    }
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name)
    }
    /// A value that must be there.
    pub(super) fn required(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.map.get(name);
        if value.is_none() {
            self.wrong(name, "is missing");
        }
        value
    }
    /// A text within length bounds (characters), if the field is there.
    pub(super) fn text(&mut self, name: &str, least: usize, most: usize) -> Option<&'a str> {
        let value = self.map.get(name)?;
        let Some(text) = value.as_str() else {
            self.wrong(name, "is not text");
            return None;
        };
        let length = text.chars().count();
        if length < least || length > most {
            self.wrong(
                name,
                &format!("is {length} characters, it must be {least} to {most}"),
            );
            return None;
        }
        Some(text)
    }
    /// A text of a form, if the field is there. `form` says what it must be.
    pub(super) fn formed(
        &mut self,
        name: &str,
        most: usize,
        form: &str,
        fits: impl Fn(&str) -> bool,
    ) -> Option<&'a str> {
        let text = self.text(name, 1, most)?;
        if fits(text) {
            return Some(text);
        }
        self.wrong(name, &format!("{text:?} is not {form}"));
        None
    }
    /// A number within bounds, if the field is there.
    pub(super) fn number(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        let value = self.map.get(name)?;
        match value.as_u64() {
            Some(n) if (least..=most).contains(&n) => Some(n),
            _ => {
                self.wrong(
                    name,
                    &format!("{value} is not a whole number from {least} to {most}"),
                );
                None
            }
        }
    }
    /// The items of a list with count bounds, each with its path; none where the field is not
    /// there or is no list.
    pub(super) fn list(
        &mut self,
        name: &str,
        least: usize,
        most: usize,
    ) -> Vec<(String, &'a Value)> {
        let Some(value) = self.map.get(name) else {
            return Vec::new();
        };
        let Some(list) = value.as_array() else {
            self.wrong(name, "is not a list");
            return Vec::new();
        };
        if list.len() < least || list.len() > most {
            self.wrong(
                name,
                &format!("has {} items, it must have {least} to {most}", list.len()),
            );
            return Vec::new();
        }
        let path = self.path(name);
        let items = list.iter().enumerate();
        items
            .map(|(index, it)| (format!("{path}[{index}]"), it))
            .collect()
    }
    /// A list of distinct words, each put through `parse`; `what` says what a word must be.
    pub(super) fn words<T>(
        &mut self,
        name: &str,
        bounds: (usize, usize),
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut seen: Vec<&str> = Vec::new();
        let mut parsed = Vec::new();
        for (path, item) in self.list(name, bounds.0, bounds.1) {
            let text = item.as_str().unwrap_or_default();
            match parse(text) {
                _ if seen.contains(&text) => {
                    self.errors.push(misfit(&path, &format!("{item} twice")));
                }
                None => self
                    .errors
                    .push(misfit(&path, &format!("{item} is not {what}"))),
                Some(it) => parsed.push(it),
            }
            seen.push(text);
        }
        parsed
    }
}

/// `a-z`, then `a-z 0-9 -`, at most 64.
pub(super) fn is_word(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(is_word_byte)
}

/// Labels of `a-z 0-9`, joined by single dashes.
pub(super) fn is_label(text: &str) -> bool {
    text.split('-').all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

/// `vendor/product`.
pub(super) fn is_product(text: &str) -> bool {
    let part = |it: &str| !it.is_empty() && it.bytes().all(is_word_byte);
    text.len() <= 128
        && text
            .split_once('/')
            .is_some_and(|(vendor, product)| part(vendor) && part(product))
}

fn is_word_byte(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
}

/// Semantic version: three numbers without leading zeros, and perhaps a pre-release.
pub(super) fn is_version(text: &str) -> bool {
    let (core, pre) = text
        .split_once('-')
        .map_or((text, None), |(core, pre)| (core, Some(pre)));
    let parts: Vec<&str> = core.split('.').collect();
    let number = |it: &&str| {
        !it.is_empty()
            && it.bytes().all(|b| b.is_ascii_digit())
            && (it.len() == 1 || !it.starts_with('0'))
    };
    parts.len() == 3
        && parts.iter().all(number)
        && pre.is_none_or(|it| {
            !it.is_empty()
                && it
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        })
}
