//! Lists of assets, groups and protection, from CSV and JSON.
//!
//! The inventory is data, and lists are how people bring it. A list is read whole or not at all,
//! with every mistake at its place; it is compared with what is there and shown before anything
//! changes; bringing it twice changes nothing the second time. What would make a protection
//! weaker is named apart ([`Diff::loosens`]), because that is a held change.

mod diff;
mod document;
mod error;
mod loosens;
mod merge;
mod record;
mod table;
mod tree;

pub use diff::{Diff, DiffLine, diff};
pub use document::Document;
pub use error::{ImportError, Place};
pub use loosens::{Loosened, Weaker};

pub(super) use error::shown;
pub(super) use record::{Fields, Record};
pub(super) use {table::records as table_records, tree::lists as tree_lists};

use document::{ASSET, GROUP, read_list};
use serde::{Deserialize, Serialize};

// LIMIT: 16 MiB, as a batch of detections; some 100,000 assets.
const BYTES_MAX: usize = 16 * 1024 * 1024;
// LIMIT: what a list of that size can hold.
pub(super) const RECORDS_MAX: usize = 200_000;
// LIMIT: nobody reads more; the rest is found at the next try.
pub(super) const ERRORS_MAX: usize = 200;

/// What a list is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A table of assets, or of groups if it has a column `group`.
    Csv,
    /// An object of lists.
    Json,
}

/// Reads a document.
///
/// # Errors
/// Everything that is wrong, each at its place, at most 200.
pub fn read(bytes: &[u8], format: Format) -> Result<Document, Vec<ImportError>> {
    let mut document = Document::default();
    let mut errors = Vec::new();
    match format {
        Format::Csv => {
            let records = table::records(bytes, |names| {
                if names.contains("group") {
                    GROUP
                } else {
                    ASSET
                }
            })?;
            let groups = records.iter().any(|it| it.values.contains_key("group"));
            let list = if groups { "groups" } else { "assets" };
            read_list(list, &records, &mut document, &mut errors);
        }
        Format::Json => {
            let known = [
                "assets",
                "groups",
                "software",
                "accounts",
                "addresses",
                "domains",
                "remove",
            ];
            for (name, records) in tree::lists(bytes)? {
                if known.contains(&name.as_str()) {
                    read_list(&name, &records, &mut document, &mut errors);
                } else {
                    errors.push(unknown_list(&name, &known));
                }
            }
        }
    }
    errors.truncate(ERRORS_MAX);
    if errors.is_empty() {
        Ok(document)
    } else {
        Err(errors)
    }
}

pub(super) fn unknown_list(name: &str, known: &[&str]) -> ImportError {
    let place = Place::Pointer(String::new()).field(name);
    let error = ImportError::new(
        "CS-asset-02",
        place,
        format!("{} is not a known list", shown(name)),
    );
    match error::nearest(name, known) {
        Some(word) => error.help(format!("did you mean {word}?")),
        None => error.help(format!("known are {}", known.join(", "))),
    }
}

/// The text of a document, without a byte order mark.
fn text_of(bytes: &[u8]) -> Result<&str, Vec<ImportError>> {
    let refuse = |code, what: &str| vec![ImportError::new(code, Place::Document, what)];
    if bytes.len() > BYTES_MAX {
        return Err(vec![too_many()]);
    }
    let text = std::str::from_utf8(bytes).map_err(|it| {
        refuse(
            "CS-asset-01",
            &format!("it is not UTF-8 at byte {}", it.valid_up_to()),
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn too_many() -> ImportError {
    let what = "it is larger than 16 MiB, or has more than 200000 records";
    ImportError::new("CS-asset-11", Place::Document, what).help("split it")
}

#[cfg(test)]
mod tests;
