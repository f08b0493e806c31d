//! A place in a vendor's record: a value and the JSON pointer that leads to it.
//!
//! Two ways of reading, because two things can be wrong. What only describes an alert is read
//! leniently (`text`, `time`): a field of the wrong type is as good as absent, and an alert is
//! not lost over it. What selects a target is read exactly (`exact`): an agent id that is an
//! object is not "no id", it is a record that nobody should act on, and the rejection says where.
use countersign_sdk::source::milliseconds;
use serde_json::Value;

/// Why a record gives no detection: the code of the contract, a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `malformed`, `unsupported` or `not-a-detection`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// JSON pointer into the payload.
    pub at: String,
}

/// What reading something answers.
pub type Read<T> = Result<T, Refusal>;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    value: &'a Value,
    at: String,
}

static NOTHING: Value = Value::Null;

/// Exact in every language that reads the contract.
const TIME_MAX: u64 = 1 << 53;
/// LIMIT: as in the contract.
const ID_BYTES_MAX: usize = 256;

impl<'a> Node<'a> {
    /// The root of a payload.
    pub fn root(value: &'a Value) -> Self {
        Self {
            value,
            at: String::new(),
        }
    }
    /// The value itself.
    pub fn value(&self) -> &'a Value {
        self.value
    }
    /// A member; a missing one is null. Log pipelines lower-case the keys of activities, so the
    /// lower-case spelling of a name is that name.
    pub fn get(&self, name: &str) -> Node<'a> {
        let member = |name: &str| self.value.get(name).filter(|it| !it.is_null());
        let (name, value) = match (member(name), name.to_ascii_lowercase()) {
            (Some(value), _) => (name.to_owned(), value),
            (None, lower) => match member(&lower) {
                Some(value) => (lower, value),
                None => (name.to_owned(), &NOTHING),
            },
        };
        let name = name.replace('~', "~0").replace('/', "~1");
        Node {
            value,
            at: format!("{}/{name}", self.at),
        }
    }
    /// The first member of these that is there; the first of the list if none is.
    pub fn first(&self, names: &[&str]) -> Node<'a> {
        names
            .iter()
            .map(|name| self.get(name))
            .find(|it| it.is_there())
            .unwrap_or_else(|| self.get(names.first().copied().unwrap_or_default()))
    }
    /// Whether there is anything here but null.
    pub fn is_there(&self) -> bool {
        !self.value.is_null()
    }
    /// Whether there is an object here.
    pub fn is_object(&self) -> bool {
        self.value.is_object()
    }
    /// The elements, if this is a list.
    pub fn list(&self) -> impl Iterator<Item = Node<'a>> + '_ {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(index, value)| Node {
            value,
            at: format!("{}/{index}", self.at),
        })
    }
    /// Text, or an integer as its digits. What says nothing (empty, `N/A`) is absent.
    pub fn text(&self) -> Option<String> {
        match self.value {
            Value::String(text) if says_something(text) => Some(text.clone()),
            Value::Number(number) if !number.is_f64() => Some(number.to_string()),
            _ => None,
        }
    }
    /// Like `text`, but another type than text or integer is an error. Numbers that JSON
    /// readers turn into floats have lost digits already, so they are one too.
    pub fn exact(&self) -> Read<Option<String>> {
        match self.value {
            Value::Null | Value::String(_) => Ok(self.text()),
            Value::Number(number) if !number.is_f64() => Ok(self.text()),
            other => Err(self.malformed(format!("expected text, found {}", kind(other)))),
        }
    }
    /// The id of an alert: like `exact`, within the bound of the contract.
    pub fn id(&self) -> Read<Option<String>> {
        match self.exact()? {
            Some(id) if id.len() > ID_BYTES_MAX => Err(self.malformed(format!(
                "an id of {} bytes, the limit is {ID_BYTES_MAX}",
                id.len()
            ))),
            id => Ok(id),
        }
    }
    /// Like `id`, and it has to be there.
    pub fn required_id(&self) -> Read<String> {
        self.id()?
            .ok_or_else(|| self.malformed("missing or empty".to_owned()))
    }
    /// Lower-case text, for words of the vendor.
    pub fn word(&self) -> Option<String> {
        self.text().map(|text| text.trim().to_ascii_lowercase())
    }
    /// An integer, also when written as text.
    pub fn integer(&self) -> Option<u64> {
        match self.value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
    /// A truth.
    pub fn flag(&self) -> Option<bool> {
        self.value.as_bool()
    }
    /// A time in milliseconds: RFC 3339, the same without a zone (the console writes UTC), or
    /// milliseconds as a number.
    pub fn time(&self) -> Option<u64> {
        match self.value {
            Value::Number(_) => self.integer().filter(|ms| (1..TIME_MAX).contains(ms)),
            Value::String(text) => {
                let text = text.trim();
                milliseconds(text)
                    .or_else(|| milliseconds(&format!("{text}Z")))
                    .or_else(|| self.integer().filter(|ms| (1..TIME_MAX).contains(ms)))
            }
            _ => None,
        }
    }
    /// A time that has to be there.
    pub fn required_time(&self) -> Read<u64> {
        self.time()
            .ok_or_else(|| self.malformed("missing, or not a time".to_owned()))
    }
    /// A refusal of code `malformed` at this place.
    pub fn malformed(&self, message: String) -> Refusal {
        self.refuse("malformed", message)
    }
    /// A refusal at this place.
    pub fn refuse(&self, code: &'static str, message: String) -> Refusal {
        Refusal {
            code,
            message,
            at: self.at.clone(),
        }
    }
}

fn says_something(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.eq_ignore_ascii_case("n/a")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth",
        Value::Number(_) => "a number that is not an integer of 64 bits",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_id_of_another_type_is_refused_where_it_stands() {
        let record = json!({"agent": {"id": {"x": 1}, "float": 12345678901234567890123.0}});
        let agent = Node::root(&record).get("agent");
        let refusal = agent.get("id").required_id().unwrap_err();
        assert_eq!(
            (refusal.code, refusal.at.as_str()),
            ("malformed", "/agent/id")
        );
        assert_eq!(
            agent.get("float").exact().unwrap_err().at,
            "/agent/float",
            "its last digits are gone"
        );
        assert_eq!(agent.get("none").exact().unwrap(), None);
    }

    #[test]
    fn lower_cased_keys_and_large_ids_are_read() {
        let record = json!({"threatid": 1391846352913115209u64, "note": "N/A"});
        let record = Node::root(&record);
        assert_eq!(
            record.get("threatId").text().unwrap(),
            "1391846352913115209"
        );
        assert_eq!(record.get("note").text(), None);
    }

    #[test]
    fn times_with_and_without_a_zone_are_the_same_instant() {
        let record = json!([
            "2022-04-05T09:10:14.913348Z",
            "2022-04-05 09:10:14.913",
            1649149814913u64,
            "soon"
        ]);
        let times: Vec<_> = Node::root(&record).list().map(|it| it.time()).collect();
        assert_eq!(times[0], Some(1_649_149_814_913));
        assert_eq!((times[1], times[2]), (times[0], times[0]));
        assert_eq!(times[3], None);
    }
}
