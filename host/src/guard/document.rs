//! TOML tables of scenarios as plain values, each with the place it was written at.
//!
//! Facts are laid over each other before they are typed, so they are read as values first; what
//! is kept beside each row is the span of its name, for the caret.

use super::error::{GuardError, GuardFile};
use serde_json::{Map, Number, Value};
use std::ops::Range;
use toml_spanner::{Arena, Item, Table, Value as Toml};

/// A named row and where its name stands.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) span: Range<usize>,
}

/// LIMIT: what a person could still review; also bounds the parser.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// The rows at the top of a file.
///
/// # Errors
/// `CS-guard-10`, with the place that the parser names.
pub(super) fn rows(file: &GuardFile) -> Result<Vec<Row>, GuardError> {
    if file.text.len() > FILE_BYTES_MAX {
        let why = format!("the file is larger than {FILE_BYTES_MAX} bytes");
        return Err(GuardError::whole("CS-guard-10", &file.name, why));
    }
    let arena = Arena::new();
    match toml_spanner::parse(&file.text, &arena) {
        Ok(document) => Ok(entries(document.table())),
        Err(e) => Err(GuardError::at(
            "CS-guard-10",
            file,
            e.span().range(),
            e.message(&file.text),
        )),
    }
}

/// The rows of a table that is itself a row.
///
/// # Errors
/// `CS-guard-10` where it is no table.
pub(super) fn tables(file: &GuardFile) -> Result<Vec<(Row, Vec<Row>)>, GuardError> {
    let arena = Arena::new();
    let top = rows(file)?;
    let document = toml_spanner::parse(&file.text, &arena).map_err(|e| {
        GuardError::at("CS-guard-10", file, e.span().range(), e.message(&file.text))
    })?;
    let inside = top.into_iter().map(|row| {
        let table = document.table().get(&row.name).and_then(Item::as_table);
        match table {
            Some(table) => Ok((row, entries(table))),
            None => Err(GuardError::at(
                "CS-guard-10",
                file,
                row.span,
                format!("{} is not a table", row.name),
            )),
        }
    });
    inside.collect()
}

fn entries(table: &Table<'_>) -> Vec<Row> {
    let rows = table.iter().map(|(key, item)| Row {
        name: key.name.to_owned(),
        value: value(item),
        span: key.span.range(),
    });
    rows.collect()
}

fn value(item: &Item<'_>) -> Value {
    match item.value() {
        Toml::String(text) => Value::String((*text).to_owned()),
        Toml::Integer(number) => number
            .as_i64()
            .map_or_else(|| Value::String(number.to_string()), Value::from),
        Toml::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Toml::Boolean(yes) => Value::Bool(*yes),
        Toml::Array(items) => Value::Array(items.iter().map(value).collect()),
        Toml::Table(table) => Value::Object(
            table
                .iter()
                .map(|(key, item)| (key.name.to_owned(), value(item)))
                .collect::<Map<_, _>>(),
        ),
        // no fact is a time of day: what is typed from this says so
        Toml::DateTime(time) => Value::String(format!("{time:?}")),
    }
}

/// Lays values over others: tables are merged, all else is replaced.
pub(super) fn lay(over: &Value, base: &mut Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                lay(value, base.entry(name.clone()).or_insert(Value::Null));
            }
        }
        (base, over) => *base = over.clone(),
    }
}
