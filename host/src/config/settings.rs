//! What an operator tells a plugin: a flat table of plain values.
//!
//! Which keys there are, and what they may be, says the plugin's manifest, so that is checked
//! when plugin and settings meet; each value keeps its place for it. A plugin sees its settings,
//! so a secret has no business here: what looks like one is refused, and never shown.

use super::error::Code;
use super::place::Placed;
use super::section::{Section, Shape, Wrong, wrong_type};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use toml_spanner::{Item, Value};

pub(super) const SETTINGS: Shape = Shape {
    title: "settings of a plugin",
    keys: &[],
};

/// Settings of one plugin by name: texts, whole numbers, true or false, lists of texts or whole
/// numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(pub BTreeMap<String, Placed<Json>>);

impl Settings {
    /// The settings as the plugin gets them.
    pub fn to_json(&self) -> Json {
        let plain = self
            .0
            .iter()
            .map(|(key, it)| (key.clone(), it.value.clone()));
        Json::Object(plain.collect())
    }

    pub(super) fn read(section: Option<Section<'_, '_>>) -> Self {
        let Some(section) = section else {
            return Self::default();
        };
        let mut all = BTreeMap::new();
        for (key, item) in section.entries() {
            let place = section.place_of(item);
            let value = if looks_secret(key) && item.as_str().is_some() {
                section.file().hide(item.span().range());
                Err(Wrong::new(Code::InlineSecret, "looks like a secret")
                    .label("a plugin sees its settings")
                    .help("give it as a credential, which the host adds after the plugin's last touch"))
            } else {
                setting(item)
            };
            match value {
                Ok(value) => drop(all.insert(key.to_owned(), Placed { value, place })),
                Err(wrong) => section.wrong(&section.dotted(key), place, wrong),
            }
        }
        Self(all)
    }
}

/// Whether a name is one that people give to secrets.
pub(super) fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    [
        "secret",
        "password",
        "passwd",
        "token",
        "api-key",
        "apikey",
        "private-key",
    ]
    .iter()
    .any(|it| name == *it || name.ends_with(&format!("-{it}")))
}

fn setting(item: &Item<'_>) -> Result<Json, Wrong> {
    match item.value() {
        Value::Array(array) => array
            .iter()
            .map(scalar)
            .collect::<Result<_, _>>()
            .map(Json::Array),
        _ => scalar(item),
    }
}

fn scalar(item: &Item<'_>) -> Result<Json, Wrong> {
    let wanted = "a text, a whole number, true or false, or a list of those";
    match item.value() {
        Value::String(text) => Ok(Json::from(*text)),
        Value::Boolean(flag) => Ok(Json::from(*flag)),
        Value::Integer(number) => number.as_i64().map(Json::from).ok_or_else(|| {
            Wrong::new(Code::BadValue, "is too large").label("expected a number of at most 63 bits")
        }),
        Value::Float(_) | Value::DateTime(_) | Value::Table(_) | Value::Array(_) => {
            Err(wrong_type(item, wanted))
        }
    }
}
