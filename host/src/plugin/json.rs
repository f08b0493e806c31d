//! JSON that says one thing.
//!
//! `{"host":"a","host":"b"}` means `a` to one reader and `b` to the next, and that is how a
//! manifest that a person read becomes another one. So a duplicate key is an error here, floats
//! are kept out where the contract has none, and errors say where they are.

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A value without duplicate keys.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Strict)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, it: bool) -> Result<Value, E> {
        Ok(it.into())
    }
    fn visit_i64<E: Error>(self, it: i64) -> Result<Value, E> {
        Ok(it.into())
    }
    fn visit_u64<E: Error>(self, it: u64) -> Result<Value, E> {
        Ok(it.into())
    }
    fn visit_f64<E: Error>(self, it: f64) -> Result<Value, E> {
        Err(E::custom(format_args!("{it} is not an integer")))
    }
    fn visit_str<E: Error>(self, it: &str) -> Result<Value, E> {
        Ok(it.into())
    }
    fn visit_string<E: Error>(self, it: String) -> Result<Value, E> {
        Ok(it.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("key {key} twice")));
            }
            let Strict(value) = access.next_value()?;
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

/// Where and why a text is not JSON that says one thing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotJson {
    /// From 1.
    pub(crate) line: usize,
    /// From 1.
    pub(crate) column: usize,
    /// Why, without the place.
    pub(crate) reason: String,
}

/// Reads JSON without duplicate keys and without floats.
pub(crate) fn strict(bytes: &[u8]) -> Result<Value, NotJson> {
    serde_json::from_slice(bytes)
        .map(|Strict(value)| value)
        .map_err(|error| {
            let place = format!(" at line {} column {}", error.line(), error.column());
            let reason = error.to_string();
            NotJson {
                line: error.line(),
                column: error.column(),
                reason: reason.strip_suffix(&place).unwrap_or(&reason).to_owned(),
            }
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_key_twice_is_an_error_however_deep() {
        let error = strict(b"{\"a\":\n [{\"b\":1,\"b\":1}]}").unwrap_err();
        assert_eq!((error.line, error.reason.as_str()), (2, "key b twice"));
    }

    #[test]
    fn a_float_is_an_error_and_a_large_integer_survives() {
        assert_eq!(
            strict(b"[1.5]").unwrap_err().reason,
            "1.5 is not an integer"
        );
        let value = strict(b"[9007199254740993]").unwrap();
        assert_eq!(value.to_string(), "[9007199254740993]");
    }
}
