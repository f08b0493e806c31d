//! A value of an event and the JSON pointer that leads to it.
//!
//! Reading is strict where OCSF gives a field a type and a target hangs on it: an id that is a
//! list is not "no id", it is an event that nobody should act on. Null and empty are absent,
//! because half of the producers write them for what they do not know.

use crate::model::{Millis, Rejection};
use serde_json::Value;

static NOTHING: Value = Value::Null;

/// LIMIT: below this, `time` cannot be milliseconds of this century, so it is seconds. OCSF says
/// milliseconds; some producers (Prowler) write seconds.
const SECONDS_BELOW: u64 = 100_000_000_000;

/// A place in an event.
#[derive(Clone, Debug)]
pub(super) struct At<'a> {
    pub(super) value: &'a Value,
    path: String,
}

impl<'a> At<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self {
            value,
            path: String::new(),
        }
    }
    /// A member; a missing one is null.
    pub(super) fn get(&self, name: &str) -> At<'a> {
        At {
            value: self.value.get(name).unwrap_or(&NOTHING),
            path: format!(
                "{}/{}",
                self.path,
                name.replace('~', "~0").replace('/', "~1")
            ),
        }
    }
    /// A member of a member.
    pub(super) fn at(&self, path: &str) -> At<'a> {
        path.split('.').fold(self.clone(), |it, name| it.get(name))
    }
    pub(super) fn is_object(&self) -> bool {
        self.value.is_object()
    }
    /// The elements of a list; none if there is none.
    ///
    /// # Errors
    /// `malformed` if something else than a list or null stands here.
    pub(super) fn list(&self) -> Result<Vec<At<'a>>, Rejection> {
        match self.value {
            Value::Null => Ok(Vec::new()),
            Value::Array(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(index, value)| At {
                    value,
                    path: format!("{}/{index}", self.path),
                })
                .collect()),
            _ => Err(self.malformed("expected a list")),
        }
    }
    /// An object, or nothing.
    ///
    /// # Errors
    /// `malformed` if something else stands here.
    pub(super) fn object(&self) -> Result<Option<At<'a>>, Rejection> {
        match self.value {
            Value::Null => Ok(None),
            Value::Object(_) => Ok(Some(self.clone())),
            _ => Err(self.malformed("expected an object")),
        }
    }
    /// Text that says something. An integer is its digits: producers write ids as numbers.
    ///
    /// # Errors
    /// `malformed` for another type, and for numbers that have lost digits.
    pub(super) fn text(&self) -> Result<Option<String>, Rejection> {
        match self.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone()).filter(|it| !it.trim().is_empty())),
            Value::Number(number) if !number.is_f64() => Ok(Some(number.to_string())),
            _ => Err(self.malformed("expected text")),
        }
    }
    /// Text that has to be there.
    ///
    /// # Errors
    /// `malformed` if it is not.
    pub(super) fn required(&self) -> Result<String, Rejection> {
        self.text()?
            .ok_or_else(|| self.malformed("missing or empty"))
    }
    /// An unsigned integer.
    ///
    /// # Errors
    /// `malformed` for another type or a negative number.
    pub(super) fn integer(&self) -> Result<Option<u64>, Rejection> {
        match self.value {
            Value::Null => Ok(None),
            Value::Number(number) => match number.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.malformed("expected an integer of 0 or more")),
            },
            _ => Err(self.malformed("expected an integer")),
        }
    }
    /// A time (`timestamp_t`, else RFC 3339 as in the `_dt` twins).
    ///
    /// # Errors
    /// `malformed` if something stands here that is no time.
    pub(super) fn time(&self) -> Result<Option<Millis>, Rejection> {
        if let Value::String(text) = self.value {
            return match Millis::parse(text) {
                Some(time) => Ok(Some(time)),
                None => Err(self.malformed("not a time")),
            };
        }
        let number = self.integer()?.filter(|it| *it > 0);
        Ok(number.map(|it| match it < SECONDS_BELOW {
            true => Millis(it * 1000),
            false => Millis(it),
        }))
    }
    pub(super) fn malformed(&self, message: &str) -> Rejection {
        self.refuse("malformed", message.to_owned())
    }
    pub(super) fn refuse(&self, code: &str, message: String) -> Rejection {
        let path = if self.path.is_empty() {
            "/"
        } else {
            &self.path
        };
        Rejection {
            code: code.to_owned(),
            message,
            at: Some(path.to_owned()),
        }
    }
}
