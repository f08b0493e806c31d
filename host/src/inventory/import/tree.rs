//! Records from JSON: an object with lists of objects. A key that stands twice is refused,
//! because readers differ in which of the two they take.

use super::error::{ImportError, Place, shown};
use super::record::{Record, Value};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;

/// JSON without duplicate keys.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::inventory) enum Json {
    Null,
    Flag(bool),
    Number(i64),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

struct Strict;

impl<'de> Visitor<'de> for Strict {
    type Value = Json;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text, a whole number, true, false, null, a list or an object")
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E>(self, it: bool) -> Result<Json, E> {
        Ok(Json::Flag(it))
    }
    fn visit_i64<E>(self, it: i64) -> Result<Json, E> {
        Ok(Json::Number(it))
    }
    fn visit_u64<E: serde::de::Error>(self, it: u64) -> Result<Json, E> {
        i64::try_from(it)
            .map(Json::Number)
            .map_err(|_| E::custom("the number is too large; write ids as text"))
    }
    fn visit_str<E>(self, it: &str) -> Result<Json, E> {
        Ok(Json::Text(it.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(it) = all.next_element()? {
            list.push(it);
        }
        Ok(Json::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Json, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((key, it)) = all.next_entry::<String, Json>()? {
            if object.insert(key, it).is_some() {
                return Err(serde::de::Error::custom("a key stands there twice"));
            }
        }
        Ok(Json::Object(object))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Strict)
    }
}

/// The lists of a document by name, each with its records.
pub(in crate::inventory) type Lists = BTreeMap<String, Vec<Record>>;

/// Reads an object of lists of objects.
pub(in crate::inventory) fn lists(bytes: &[u8]) -> Result<Lists, Vec<ImportError>> {
    let text = super::text_of(bytes)?;
    let json: Json = serde_json::from_str(text).map_err(|error| {
        let place = Place::Line {
            line: error.line() as u64,
            column: error.column().to_string(),
        };
        let what = format!("it cannot be read as JSON: {error}");
        vec![ImportError::new("CS-asset-01", place, what)]
    })?;
    let Json::Object(object) = json else {
        let error = ImportError::new("CS-asset-01", Place::Document, "it is not a JSON object");
        return Err(vec![error.help("write {\"assets\": [...]}")]);
    };
    let mut errors = Vec::new();
    let mut all = Lists::new();
    for (name, list) in object {
        let pointer = format!("/{name}");
        let records = match list {
            Json::List(items) => items
                .into_iter()
                .enumerate()
                .filter_map(|(at, it)| record(format!("{pointer}/{at}"), it, &mut errors))
                .collect(),
            // `remove` is one object of lists.
            it @ Json::Object(_) => record(pointer, it, &mut errors).into_iter().collect(),
            _ => {
                errors.push(ImportError::new(
                    "CS-asset-04",
                    Place::Pointer(pointer),
                    "it is not a list",
                ));
                continue;
            }
        };
        all.insert(name, records);
    }
    let records: usize = all.values().map(Vec::len).sum();
    if records > super::RECORDS_MAX {
        errors.push(super::too_many());
    }
    if errors.is_empty() {
        Ok(all)
    } else {
        Err(errors)
    }
}

fn record(pointer: String, json: Json, errors: &mut Vec<ImportError>) -> Option<Record> {
    let place = Place::Pointer(pointer);
    let Json::Object(object) = json else {
        errors.push(ImportError::new(
            "CS-asset-04",
            place,
            "it is not an object",
        ));
        return None;
    };
    let mut values = BTreeMap::new();
    for (name, it) in object {
        match value(it) {
            Some(value) => {
                values.insert(name, value);
            }
            None => {
                let what = format!(
                    "{} is neither text, number, flag nor a list or object of texts",
                    shown(&name)
                );
                errors.push(ImportError::new("CS-asset-04", place.field(&name), what));
            }
        }
    }
    Some(Record { place, values })
}

fn value(json: Json) -> Option<Value> {
    let text = |it: Json| match it {
        Json::Text(text) => Some(text),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Some(match json {
        Json::Null => Value::Empty,
        Json::Flag(it) => Value::Flag(it),
        Json::Number(it) => Value::Number(it),
        Json::Text(it) => Value::Text(it),
        Json::List(list) => Value::List(list.into_iter().map(text).collect::<Option<_>>()?),
        Json::Object(object) => {
            let all = object.into_iter().map(|(key, it)| Some((key, text(it)?)));
            Value::Map(all.collect::<Option<_>>()?)
        }
    })
}
