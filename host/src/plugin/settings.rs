//! Settings of a plugin: the small schema in its manifest, and a tenant's values against it.
//!
//! A plugin never checks its settings again: what it reads has been validated, defaults are
//! filled in, and there are no floats, references or secrets in it. A credential is named in the
//! configuration of the instance, never read by a guest.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// LIMIT: what a guest is handed in one call.
const DOCUMENT_BYTES_MAX: usize = 64 << 10;
/// LIMIT: a pattern comes from a manifest; its automaton must not be what fills the memory.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// What one setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list of text or of numbers.
    Array,
}

impl SettingType {
    fn as_str(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Integer => "an integer",
            Self::Boolean => "true or false",
            Self::Array => "a list",
        }
    }
}

/// One setting that a plugin has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingRule {
    /// Its type.
    pub r#type: SettingType,
    /// Of a list: the type of its items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<SettingType>,
    /// The only values that it may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#enum: Option<Vec<Value>>,
    /// What it is where nobody set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// Greatest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// Longest text, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// Longest list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u64>,
    /// What a text must match, anywhere in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// The settings that a plugin has; empty where its manifest has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsSchema {
    /// By name.
    pub properties: BTreeMap<String, SettingRule>,
    /// Which must be set.
    pub required: BTreeSet<String>,
}

/// A value that does not fit its setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("settings.{field}: {reason}")]
pub struct SettingsError {
    /// The setting.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The settings that one call sees: validated, with defaults. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SettingsView(std::sync::Arc<BTreeMap<String, Value>>);

impl Default for SettingsView {
    fn default() -> Self {
        Self(BTreeMap::new().into())
    }
}

impl SettingsView {
    /// The whole, as one JSON object with sorted keys.
    pub fn document(&self) -> String {
        // A map of our own, because whether serde_json's is sorted is a feature that any crate in
        // the tree can switch; values are flat, so nothing below needs sorting.
        let fields = self.0.iter();
        let fields = fields.map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }
    /// One setting: text as it is, anything else as JSON.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }
}

impl SettingRule {
    /// What a value must be and is not, if it does not fit.
    pub(crate) fn misfit(&self, value: &Value) -> Option<String> {
        if !is(self.r#type, value) {
            return Some(format!("is not {}", self.r#type.as_str()));
        }
        if let Some(allowed) = &self.r#enum
            && !allowed.contains(value)
        {
            let words: Vec<String> = allowed.iter().map(Value::to_string).collect();
            return Some(format!("is not one of {}", words.join(", ")));
        }
        match value {
            Value::Number(_) => self.misfit_number(value.as_i64()?),
            Value::String(text) => self.misfit_text(text),
            Value::Array(list) => self.misfit_list(list),
            _ => None,
        }
    }
    fn misfit_number(&self, n: i64) -> Option<String> {
        if let Some(least) = self.minimum.filter(|least| n < *least) {
            return Some(format!("is not {least} or more"));
        }
        let most = self.maximum.filter(|most| n > *most)?;
        Some(format!("is not {most} or less"))
    }
    fn misfit_text(&self, text: &str) -> Option<String> {
        let long = self
            .max_length
            .filter(|most| text.chars().count() as u64 > *most);
        if let Some(most) = long {
            return Some(format!("is longer than {most} characters"));
        }
        let pattern = self.pattern.as_deref()?;
        let fits = compile(pattern).is_ok_and(|it| it.is_match(text));
        (!fits).then(|| format!("does not match {pattern}"))
    }
    fn misfit_list(&self, list: &[Value]) -> Option<String> {
        if let Some(most) = self.max_items.filter(|most| list.len() as u64 > *most) {
            return Some(format!("has more than {most} items"));
        }
        let items = self.items?;
        let wrong = list.iter().position(|it| !is(items, it))?;
        Some(format!("item {wrong} is not {}", items.as_str()))
    }
}

/// A pattern of a manifest, bounded.
pub(crate) fn compile(pattern: &str) -> Result<regex::Regex, regex::Error> {
    regex::RegexBuilder::new(pattern)
        .size_limit(PATTERN_BYTES_MAX)
        .build()
}

fn is(kind: SettingType, value: &Value) -> bool {
    match kind {
        SettingType::String => value.is_string(),
        SettingType::Integer => value.is_i64(),
        SettingType::Boolean => value.is_boolean(),
        SettingType::Array => value.is_array(),
    }
}

impl SettingsSchema {
    /// A tenant's values, validated and with defaults filled in.
    ///
    /// # Errors
    /// Every setting that is unknown, missing or does not fit.
    pub fn view(&self, values: &Map<String, Value>) -> Result<SettingsView, Vec<SettingsError>> {
        let mut errors = Vec::new();
        let mut all = BTreeMap::new();
        for (field, value) in values {
            let reason = match self.properties.get(field) {
                None => Some(self.unknown(field)),
                Some(rule) => rule.misfit(value).map(|rule| format!("{value} {rule}")),
            };
            match reason {
                Some(reason) => errors.push(SettingsError {
                    field: field.clone(),
                    reason,
                }),
                None => drop(all.insert(field.clone(), value.clone())),
            }
        }
        for (field, rule) in &self.properties {
            if let (false, Some(default)) = (values.contains_key(field), &rule.default) {
                all.insert(field.clone(), default.clone());
            }
        }
        for field in &self.required {
            if !all.contains_key(field) && !values.contains_key(field) {
                errors.push(SettingsError {
                    field: field.clone(),
                    reason: "is required and not set".to_owned(),
                });
            }
        }
        let view = SettingsView(all.into());
        if errors.is_empty() && view.document().len() > DOCUMENT_BYTES_MAX {
            errors.push(SettingsError {
                field: "*".to_owned(),
                reason: format!("all settings are more than {DOCUMENT_BYTES_MAX} bytes"),
            });
        }
        errors.sort_by(|a, b| a.field.cmp(&b.field));
        if errors.is_empty() {
            Ok(view)
        } else {
            Err(errors)
        }
    }

    fn unknown(&self, field: &str) -> String {
        let known: Vec<&str> = self.properties.keys().map(String::as_str).collect();
        match super::error::nearest(field, &known) {
            Some(near) => format!("no such setting; did you mean {near}"),
            None if known.is_empty() => "no such setting; this plugin has none".to_owned(),
            None => format!("no such setting; known: {}", known.join(", ")),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn schema(text: &str) -> SettingsSchema {
        let mut errors = Vec::new();
        let value = crate::plugin::json::strict(text.as_bytes()).unwrap();
        let schema = crate::plugin::manifest::settings_schema(&value, &mut errors);
        assert_eq!(errors, []);
        schema
    }
    fn map(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).unwrap()
    }
    const SCHEMA: &str = r#"{"type":"object","additionalProperties":false,"required":["host"],"properties":{
        "host":{"type":"string","maxLength":9,"pattern":"^[a-z.]+$"},
        "prevalence-max":{"type":"integer","minimum":0,"maximum":1000,"default":3},
        "regions":{"type":"array","items":{"type":"string"},"maxItems":2}}}"#;

    #[test]
    fn defaults_are_filled_in_and_keys_are_sorted() {
        let view = schema(SCHEMA)
            .view(&map(r#"{"regions":["eu"],"host":"edr.test"}"#))
            .unwrap();
        assert_eq!(
            view.document(),
            r#"{"host":"edr.test","prevalence-max":3,"regions":["eu"]}"#
        );
        assert_eq!(view.get("host").unwrap(), "edr.test");
        assert_eq!(view.get("prevalence-max").unwrap(), "3");
        assert_eq!(view.get("nothing"), None);
    }

    #[test]
    fn every_setting_that_does_not_fit_is_named_with_its_rule() {
        let wrong = r#"{"host":"EDR","prevalence-max":1001,"regions":["eu",3],"regins":[]}"#;
        let errors = schema(SCHEMA).view(&map(wrong)).unwrap_err();
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "settings.host: \"EDR\" does not match ^[a-z.]+$",
                "settings.prevalence-max: 1001 is not 1000 or less",
                "settings.regins: no such setting; did you mean regions",
                "settings.regions: [\"eu\",3] item 1 is not text",
            ]
        );
        let errors = schema(SCHEMA).view(&Map::new()).unwrap_err();
        assert_eq!(errors.first().unwrap().reason, "is required and not set");
    }
}
