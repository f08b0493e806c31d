//! Bytes to JSON values, strictly, and a body to its items.
//!
//! Two readers of one document must see the same thing: the one that decides and the one that
//! shows it to people. JSON with a key twice is read differently by almost every pair of
//! libraries, so it is refused at any depth. Depth and size are bounded before anything is built,
//! because whoever can post an alert can post a hostile one.
//!
//! An item keeps its raw bytes: they, and not a second serialisation, are what is journalled.

use crate::model::Rejection;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// LIMIT: a detection. The largest recorded alert of any vendor has 60 KB.
pub const DETECTION_BYTES_MAX: usize = 1024 * 1024;
/// LIMIT: a request body or a file.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;
/// LIMIT: nesting. OCSF needs 8; a stack of 64 frames is nothing.
pub const DEPTH_MAX: usize = 64;
/// LIMIT: items in one batch; 16 MiB of `{}` would otherwise be five million.
pub const BATCH_ITEMS_MAX: usize = 65_536;

/// One alert of a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its place in the body, from 0.
    pub index: usize,
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// What they say.
    pub value: Value,
}

/// Reads one JSON value.
///
/// # Errors
/// `malformed`, with the byte offset of a syntax error or the JSON pointer of a key that stands
/// twice or a value that is too deep.
pub fn parse(bytes: &[u8]) -> Result<Value, Rejection> {
    if bytes.len() > DETECTION_BYTES_MAX {
        return Err(too_large(bytes.len(), DETECTION_BYTES_MAX));
    }
    parse_bounded(bytes)
}

fn parse_bounded(bytes: &[u8]) -> Result<Value, Rejection> {
    let seen = Path::default();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { path: &seen }
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value));
    value.map_err(|error| match seen.fault.borrow_mut().take() {
        Some((at, message)) => malformed(message, at),
        None => malformed(what(&error), byte_of(bytes, error.line(), error.column())),
    })
}

/// Splits a body into its alerts: an object is one, a list is one each, NDJSON is one a line.
/// `content_type` decides; without one that names NDJSON, the first byte does, and more than one
/// value is NDJSON.
///
/// Each item stands for itself: one that is broken is an error in its place, and the others are
/// read. Only a body that cannot be split is a single error.
pub fn split(bytes: &[u8], content_type: &str) -> Vec<Result<Item, Rejection>> {
    let parts = match parts(bytes, content_type) {
        Ok(parts) => parts,
        Err(rejection) => return vec![Err(rejection)],
    };
    parts
        .into_iter()
        .enumerate()
        .map(|(index, raw)| {
            parse(raw).map(|value| Item {
                index,
                raw: raw.to_vec(),
                value,
            })
        })
        .collect()
}

/// The raw parts of a body, not yet read: what is broken keeps its bytes.
///
/// # Errors
/// The body is too large, or cannot be split.
pub fn parts<'a>(bytes: &'a [u8], content_type: &str) -> Result<Vec<&'a [u8]>, Rejection> {
    if bytes.len() > BATCH_BYTES_MAX {
        return Err(too_large(bytes.len(), BATCH_BYTES_MAX));
    }
    let parts = match shape(bytes, content_type) {
        Shape::Lines => lines(bytes),
        Shape::List => elements(bytes)?,
        Shape::One => vec![bytes.trim_ascii()],
    };
    if parts.len() > BATCH_ITEMS_MAX {
        let text = format!(
            "{} items, the limit is {BATCH_ITEMS_MAX}; send smaller batches",
            parts.len()
        );
        return Err(malformed(text, format!("/{BATCH_ITEMS_MAX}")));
    }
    Ok(parts)
}

enum Shape {
    One,
    List,
    Lines,
}

fn shape(bytes: &[u8], content_type: &str) -> Shape {
    let named = content_type.to_ascii_lowercase();
    if ["ndjson", "jsonl", "json-seq", "json-lines"]
        .iter()
        .any(|it| named.contains(it))
    {
        return Shape::Lines;
    }
    match bytes.trim_ascii_start().first() {
        Some(b'[') => Shape::List,
        _ if several_values(bytes) => Shape::Lines,
        _ => Shape::One,
    }
}

/// Whether the first line is a whole value and more follows. A pretty-printed object has no whole
/// value in its first line.
fn several_values(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii();
    let Some(end) = bytes.iter().position(|b| *b == b'\n') else {
        return false;
    };
    let first = bytes.get(..end).unwrap_or_default();
    serde_json::from_slice::<&RawValue>(first).is_ok()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let lines = bytes.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty()).collect()
}

fn elements(bytes: &[u8]) -> Result<Vec<&[u8]>, Rejection> {
    let list: Vec<&RawValue> = serde_json::from_slice(bytes)
        .map_err(|error| malformed(what(&error), byte_of(bytes, error.line(), error.column())))?;
    Ok(list.into_iter().map(|it| it.get().as_bytes()).collect())
}

fn too_large(bytes: usize, bytes_max: usize) -> Rejection {
    malformed(
        format!("{bytes} bytes, the limit is {bytes_max}"),
        format!("byte {bytes_max}"),
    )
}

fn malformed(message: String, at: String) -> Rejection {
    Rejection {
        code: "malformed".into(),
        message,
        at: Some(at),
    }
}

/// The error without the place, which is given in bytes.
fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("not JSON: {text}")
}

fn byte_of(bytes: &[u8], line: usize, column: usize) -> String {
    let before: usize = bytes
        .split_inclusive(|b| *b == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    format!(
        "byte {}",
        (before + column.saturating_sub(1)).min(bytes.len())
    )
}

/// Where the reader is, and what it found there that JSON itself allows.
#[derive(Default)]
struct Path {
    tokens: RefCell<Vec<String>>,
    fault: RefCell<Option<(String, String)>>,
}

impl Path {
    fn fail<E: serde::de::Error>(&self, message: String) -> E {
        let at: String = self
            .tokens
            .borrow()
            .iter()
            .map(|it| format!("/{it}"))
            .collect();
        let at = if at.is_empty() { "/".into() } else { at };
        *self.fault.borrow_mut() = Some((at, message));
        E::custom("refused")
    }
    fn enter<T, E: serde::de::Error>(
        &self,
        token: &str,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let token = token.replace('~', "~0").replace('/', "~1");
        self.tokens.borrow_mut().push(token);
        if self.tokens.borrow().len() > DEPTH_MAX {
            return Err(self.fail(format!("deeper than {DEPTH_MAX} levels")));
        }
        let value = read()?;
        self.tokens.borrow_mut().pop();
        Ok(value)
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    path: &'a Path,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(Value::Bool(it))
    }
    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(Value::Number(it.into()))
    }
    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(Value::Number(it.into()))
    }
    fn visit_f64<E: serde::de::Error>(self, it: f64) -> Result<Value, E> {
        Number::from_f64(it)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }
    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(Value::String(it.to_owned()))
    }
    fn visit_string<E>(self, it: String) -> Result<Value, E> {
        Ok(Value::String(it))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let token = items.len().to_string();
            match self.path.enter(&token, || list.next_element_seed(self))? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if members.contains_key(&key) {
                return self.path.enter(&key, || {
                    Err(self
                        .path
                        .fail("this key stands twice; which one counts would be a guess".into()))
                });
            }
            let value = self.path.enter(&key, || map.next_value_seed(self))?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (String, String) {
        let it = parse(text.as_bytes()).unwrap_err();
        assert_eq!(it.code, "malformed");
        (it.at.unwrap(), it.message)
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_any_depth() {
        let (at, message) = refused(r#"{"a": [{"b/c": 1}, {"b/c": 1, "x": {}, "b\/c": 2}]}"#);
        assert_eq!(at, "/a/1/b~1c");
        assert!(message.contains("twice"), "{message}");
    }

    #[test]
    fn a_syntax_error_is_located_by_its_byte() {
        assert_eq!(refused("{\"a\": 1,\n \"b\": }").0, "byte 15");
        assert_eq!(refused("{} {}").0, "byte 3");
        assert_eq!(refused("").0, "byte 0");
        assert_eq!(refused("[1e999]").0.split(' ').next(), Some("byte"));
    }

    #[test]
    fn depth_is_bounded_and_a_bomb_ends() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
        let (at, message) = refused(&nested(DEPTH_MAX + 2));
        assert!(message.contains("deeper than 64"), "{message}");
        assert_eq!(at.matches('/').count(), DEPTH_MAX + 1);
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
        assert!(parse("{\"a\":".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn size_is_bounded() {
        let large = format!("\"{}\"", "a".repeat(DETECTION_BYTES_MAX));
        assert_eq!(refused(&large).0, format!("byte {DETECTION_BYTES_MAX}"));
        let body = vec![b' '; BATCH_BYTES_MAX + 1];
        assert_eq!(split(&body, "").len(), 1);
        assert!(split(&body, "")[0].is_err());
    }

    #[test]
    fn numbers_and_text_are_what_serde_json_reads() {
        let text = r#"{"id": 18446744073709551615, "n": -1, "f": 1.5, "t": "a\u00e4\n", "e": [], "x": null, "b": true}"#;
        let plain: Value = serde_json::from_str(text).unwrap();
        assert_eq!(parse(text.as_bytes()).unwrap(), plain);
    }

    #[test]
    fn an_object_a_list_and_lines_are_split_into_their_items() {
        let count = |body: &str, kind: &str| split(body.as_bytes(), kind).len();
        assert_eq!(count("{\"a\":\n 1}", "application/json"), 1);
        assert_eq!(count("[{\"a\":1}, {\"b\":2}]", "application/json"), 2);
        assert_eq!(count("{\"a\":1}\n\n{\"b\":2}\r\n", "application/json"), 2);
        assert_eq!(count("[1]\n[2]\n", "application/x-ndjson"), 2);
        assert_eq!(count("[]", ""), 0);
    }

    #[test]
    fn one_broken_item_does_not_take_the_others_with_it() {
        let items = split(b"[{\"a\":1}, {\"a\":1,\"a\":2}, {\"c\": 3 }]", "");
        assert_eq!(items[0].as_ref().unwrap().raw, b"{\"a\":1}");
        assert_eq!(items[1].as_ref().unwrap_err().at.as_deref(), Some("/a"));
        let last = items[2].as_ref().unwrap();
        assert_eq!(
            (last.index, last.raw.as_slice()),
            (2, b"{\"c\": 3 }".as_slice())
        );
        let lines = split(b"{\"a\":1}\n{\"a\": \n{\"b\":2}\n", "application/x-ndjson");
        assert!(lines[0].is_ok() && lines[1].is_err() && lines[2].is_ok());
    }

    proptest::proptest! {
        #[test]
        fn whatever_bytes_come_reading_them_ends_without_a_panic(bytes: Vec<u8>) {
            for item in split(&bytes, "").into_iter().flatten() {
                proptest::prop_assert_eq!(Some(item.value), serde_json::from_slice(&item.raw).ok());
            }
        }
    }
}
