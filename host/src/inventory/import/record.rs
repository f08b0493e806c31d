//! One record of a document, whatever it was written in, and how its fields are read.
//!
//! CSV and JSON say the same things under the same names, so they meet here: a record is a place
//! and named values. A field that is absent changes nothing; one that is empty clears. Reading
//! never stops at the first mistake: a list of a thousand machines is mended once, not a
//! thousand times.

use super::error::{ImportError, Place, nearest, shown};
use std::collections::{BTreeMap, BTreeSet};

/// A value as the document has it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::inventory) enum Value {
    Text(String),
    List(Vec<String>),
    Flag(bool),
    Number(i64),
    Map(BTreeMap<String, String>),
    Empty,
}

/// Named values at a place.
#[derive(Clone, Debug)]
pub(in crate::inventory) struct Record {
    pub(in crate::inventory) place: Place,
    pub(in crate::inventory) values: BTreeMap<String, Value>,
}

/// Reads the fields of one record and collects what is wrong.
pub(in crate::inventory) struct Fields<'a> {
    record: &'a Record,
    errors: &'a mut Vec<ImportError>,
}

impl<'a> Fields<'a> {
    /// Refuses fields that are not `known`; one that starts with `id:` names a product.
    pub(in crate::inventory) fn of(
        record: &'a Record,
        known: &[&str],
        errors: &'a mut Vec<ImportError>,
    ) -> Self {
        for name in record.values.keys() {
            let product = name.starts_with("id:") && known.contains(&"id:");
            if !product && !known.contains(&name.as_str()) {
                let place = record.place.field(name);
                errors.push(unknown_field(place, name, known));
            }
        }
        Self { record, errors }
    }

    pub(in crate::inventory) fn place(&self, name: &str) -> Place {
        self.record.place.field(name)
    }

    pub(in crate::inventory) fn fail(&mut self, error: ImportError) {
        self.errors.push(error);
    }

    fn wrong(&mut self, name: &str, expected: &str) {
        let error = ImportError::new(
            "CS-asset-04",
            self.place(name),
            format!("it is not {expected}"),
        );
        self.errors.push(error);
    }

    /// `None` absent, `Some(None)` empty.
    pub(in crate::inventory) fn text(&mut self, name: &str) -> Option<Option<String>> {
        match self.record.values.get(name)? {
            Value::Empty => Some(None),
            Value::Text(text) if text.trim().is_empty() => Some(None),
            Value::Text(text) => Some(Some(text.trim().to_owned())),
            Value::Number(number) => Some(Some(number.to_string())),
            _ => {
                self.wrong(name, "one text");
                None
            }
        }
    }

    /// A text that must be there.
    pub(in crate::inventory) fn required(&mut self, name: &str) -> Option<String> {
        let found = self.text(name);
        if let Some(Some(text)) = found {
            return Some(text);
        }
        if !self.errors.iter().any(|it| it.place == self.place(name)) {
            let error = ImportError::new(
                "CS-asset-03",
                self.place(name),
                format!("{name} is missing"),
            );
            self.errors.push(error);
        }
        None
    }

    /// Several texts; in CSV separated by `;`.
    pub(in crate::inventory) fn list(&mut self, name: &str) -> Option<BTreeSet<String>> {
        let items: Vec<String> = match self.record.values.get(name)? {
            Value::Empty => Vec::new(),
            Value::Text(text) => text.split(';').map(str::to_owned).collect(),
            Value::List(list) => list.clone(),
            _ => {
                self.wrong(name, "a list of texts");
                return None;
            }
        };
        let items = items.iter().map(|it| it.trim().to_owned());
        Some(items.filter(|it| !it.is_empty()).collect())
    }

    /// Several texts, each read into a form; what cannot be read is an error of its own.
    pub(in crate::inventory) fn list_of<T: Ord>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, super::super::Malformed>,
    ) -> Option<BTreeSet<T>> {
        let mut all = BTreeSet::new();
        for item in self.list(name)? {
            all.extend(self.identifier(name, &item, &read));
        }
        Some(all)
    }

    /// One identifier of a target.
    pub(in crate::inventory) fn identifier<T>(
        &mut self,
        name: &str,
        text: &str,
        read: impl Fn(&str) -> Result<T, super::super::Malformed>,
    ) -> Option<T> {
        match read(text) {
            Ok(it) => Some(it),
            Err(it) => {
                let place = self.place(name);
                self.errors
                    .push(ImportError::new(it.code, place, it.to_string()));
                None
            }
        }
    }

    /// One word of a vocabulary; `Some(None)` empty.
    pub(in crate::inventory) fn word<T: Copy>(
        &mut self,
        name: &str,
        words: &[(&str, T)],
    ) -> Option<Option<T>> {
        let Some(text) = self.text(name)? else {
            return Some(None);
        };
        if let Some((_, it)) = words
            .iter()
            .find(|(word, _)| text.eq_ignore_ascii_case(word))
        {
            return Some(Some(*it));
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let what = format!("{} is not one of {}", shown(&text), names.join(", "));
        let mut error = ImportError::new("CS-asset-04", self.place(name), what);
        if let Some(word) = nearest(&text, &names) {
            error = error.help(format!("did you mean {word}?"));
        }
        self.errors.push(error);
        None
    }

    pub(in crate::inventory) fn flag(&mut self, name: &str) -> Option<bool> {
        if let Value::Flag(flag) = self.record.values.get(name)? {
            return Some(*flag);
        }
        let words = [
            ("true", true),
            ("false", false),
            ("yes", true),
            ("no", false),
        ];
        self.word(name, &words)?.or(Some(false))
    }

    pub(in crate::inventory) fn number(&mut self, name: &str) -> Option<Option<i64>> {
        if let Value::Number(number) = self.record.values.get(name)? {
            return Some(Some(*number));
        }
        let Some(text) = self.text(name)? else {
            return Some(None);
        };
        let read = text.parse();
        if read.is_err() {
            self.wrong(name, "a whole number");
        }
        read.ok().map(Some)
    }

    /// RFC 3339, or a date, which lasts until its end in UTC.
    pub(in crate::inventory) fn time(
        &mut self,
        name: &str,
    ) -> Option<Option<crate::model::Millis>> {
        let Some(text) = self.text(name)? else {
            return Some(None);
        };
        let read = crate::model::Millis::parse(&text).or_else(|| {
            let day = crate::model::Millis::parse(&format!("{text}T00:00:00Z"))?;
            Some(day.plus(crate::model::Millis::DAY))
        });
        if read.is_none() {
            let what = format!("{} is no time", shown(&text));
            let error = ImportError::new("CS-asset-08", self.place(name), what);
            self.errors
                .push(error.help("write 2027-03-31 or 2027-03-31T18:00:00Z"));
        }
        read.map(Some)
    }

    /// Ids by product: `id:vendor/product` in CSV, an object `ids` in JSON; `None` clears.
    pub(in crate::inventory) fn products(&mut self) -> BTreeMap<String, Option<String>> {
        let mut all = BTreeMap::new();
        for name in self.record.values.keys() {
            let Some(product) = name.strip_prefix("id:") else {
                continue;
            };
            if let Some(id) = self.text(name) {
                all.insert(product.trim().to_lowercase(), id);
            }
        }
        match self.record.values.get("ids") {
            Some(Value::Map(map)) => {
                let named = map.iter().map(|(product, id)| {
                    let id = Some(id.trim().to_owned()).filter(|it| !it.is_empty());
                    (product.trim().to_lowercase(), id)
                });
                all.extend(named);
            }
            Some(Value::Empty) | None => {}
            Some(_) => self.wrong("ids", "an object of product to id"),
        }
        all
    }
}

fn unknown_field(place: Place, name: &str, known: &[&str]) -> ImportError {
    let what = format!("{} is not a field of this record", shown(name));
    let error = ImportError::new("CS-asset-02", place, what);
    match nearest(name, known) {
        Some(word) => error.help(format!("did you mean {word}?")),
        None => error.help(format!("known are {}", known.join(", "))),
    }
}
