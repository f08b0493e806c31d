//! Records from CSV: a header line, then one record a line.

use super::error::{ImportError, Place, nearest, shown};
use super::record::{Record, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Reads all records. Names of columns are lower-cased and checked against `known` once, at the
/// header, so that a slip is one error and not one a line.
pub(in crate::inventory) fn records(
    bytes: &[u8],
    known: impl Fn(&BTreeSet<String>) -> &'static [&'static str],
) -> Result<Vec<Record>, Vec<ImportError>> {
    let text = super::text_of(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|it| vec![broken(&it)])?.clone();
    let names: Vec<String> = header.iter().map(str::to_lowercase).collect();
    check_header(&names, known(&names.iter().cloned().collect()))?;
    let (mut records, mut errors) = (Vec::new(), Vec::new());
    for row in reader.records() {
        match row {
            Ok(row) => records.push(record(&names, &row)),
            Err(error) => errors.push(broken(&error)),
        }
        if records.len() > super::RECORDS_MAX || errors.len() > super::ERRORS_MAX {
            errors.push(super::too_many());
            break;
        }
    }
    if errors.is_empty() {
        Ok(records)
    } else {
        Err(errors)
    }
}

fn record(names: &[String], row: &csv::StringRecord) -> Record {
    let line = row.position().map_or(0, csv::Position::line);
    let values = names.iter().zip(row).map(|(name, cell)| {
        let value = match cell {
            "" => Value::Empty,
            cell => Value::Text(cell.to_owned()),
        };
        (name.clone(), value)
    });
    Record {
        place: Place::Line {
            line,
            column: String::new(),
        },
        values: values.collect::<BTreeMap<_, _>>(),
    }
}

fn check_header(names: &[String], known: &[&str]) -> Result<(), Vec<ImportError>> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    let at = |name: &str| Place::Line {
        line: 1,
        column: name.to_owned(),
    };
    for name in names {
        let product = known.contains(&"id:") && name.strip_prefix("id:").is_some_and(is_product);
        if !seen.insert(name) {
            errors.push(ImportError::new(
                "CS-asset-02",
                at(name),
                "the column is there twice",
            ));
        } else if !product && !known.contains(&name.as_str()) {
            let error = ImportError::new(
                "CS-asset-02",
                at(name),
                format!("{} is not a known column", shown(name)),
            );
            errors.push(match (nearest(name, known), name.contains(';')) {
                (_, true) => error.help("separate columns with commas, and items with semicolons"),
                (Some(word), _) => error.help(format!("did you mean {word}?")),
                _ => error.help(format!("known are {}", known.join(", "))),
            });
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

fn is_product(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(a, b)| !a.trim().is_empty() && !b.trim().is_empty())
}

/// A row that is no row. The message is ours: the library's wording may change.
fn broken(error: &csv::Error) -> ImportError {
    let line = error.position().map_or(0, csv::Position::line);
    let place = Place::Line {
        line,
        column: String::new(),
    };
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("it has {len} columns, the header has {expected_len}")
        }
        _ => "it cannot be read as CSV".to_owned(),
    };
    ImportError::new("CS-asset-01", place, what).help("quote cells that contain a comma")
}
